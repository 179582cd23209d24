/* fate predict: scores rows with a trained model, together with the other parties of the job or with --pooled in one process. */
#include "tools/alignment.h"
#include "tools/announce.h"
#include "tools/commands.h"
#include "tools/inputs.h"
#include "tools/message.h"
#include "tools/pooled.h"
#include "tools/progress.h"
#include "tools/report.h"
#include "tools/session.h"
#include "tools/signals.h"
#include "tools/target.h"

#include <string.h>

static const struct option options[] = {
    {"job", "FILE", "The job that the model was trained for.", 0},
    {"party", "NAME", "Which of the job's parties this is.", 0},
    {"key", "FILE", "This party's key file, from fate keygen.", 0},
    {"table", "FILE", "This party's columns of the rows to score (CSV). With --pooled: NAME=FILE, once for each party.", 1},
    {"model", "FILE", "This party's model. With --pooled: the directory in which all NAME.model are.", 0},
    {"output", "FILE", "Where the scores are written: CSV with the id and the score. A host gets none and writes nothing.", 0},
    {"leaves", NULL, "Adds a column for each tree, leaf_1 and so on: the number of the row's leaf, as fate inspect shows it.", 0},
    {"alignment", "FILE", "Takes the order of the rows from this file of fate align: the tables are not aligned anew.", 0},
    {"sets", "DIR", "Keeps stored sets there (the job's stored_set), which later alignments use again; apart from the state of a job.", 0},
    {"listen", "ADDRESS", "Listens there instead of at this party's address in the job: host:port or :port.", 0},
    {"threads", "N", "How many processors to use; 0, the default, for all.", 0},
    {"timeout", "SECONDS", "How long to wait for peers: 45 s at first and 10 min after a loss unless given.", 0},
    {"ask", NULL, "Waits for a yes on the terminal before anything is sent.", 0},
    {"report", "FILE", "Writes there as JSON, when the rows are scored, what crossed the network.", 0},
    {"evidence", "FILE", "Keeps there a signed log of what was sent and received, without contents; see fate evidence.", 0},
    {"pooled", NULL, "Scores in this one process with all parties' models and tables.", 0},
};

struct federated {
    struct inputs inputs;
    fate_table *data;
    fate_model *model;
    fate_session *session;
    fate_transport *transport;
    fate_recorder *recorder;
    fate_scores *scores;
};

static void federated_close(struct federated *run)
{
    fate_scores_free(run->scores);
    fate_session_free(run->session);
    fate_transport_free(run->transport);
    fate_recorder_free(run->recorder);
    fate_model_free(run->model);
    fate_table_free(run->data);
    inputs_close(&run->inputs);
}

static int is_guest(const struct inputs *inputs)
{
    return strcmp(fate_job_party_role(inputs->job, inputs->party), "guest") == 0;
}

static int write_scores(const struct federated *run, const char *output)
{
    if (!is_guest(&run->inputs)) {
        if (output) message_note("the scores go to the guest; nothing was written to %s.", output);
        return 0;
    }
    int32_t result = fate_scores_write_csv(run->scores, run->data, output);
    return result == FATE_OK ? 0 : message_context(run->inputs.context, result);
}

static int open_session(struct federated *run, const struct arguments *arguments, uint32_t seconds)
{
    struct inputs *inputs = &run->inputs;
    const char *evidence = options_text(arguments, "evidence");
    int32_t result = fate_session_new(inputs->context, &run->session, inputs->job, options_text(arguments, "party"), inputs->identity,
                                      FATE_PURPOSE_PREDICT);
    if (result == FATE_OK)
        result = fate_tcp_for_job(inputs->context, &run->transport, inputs->job, inputs->party, options_text(arguments, "listen"));
    if (result == FATE_OK && evidence) result = fate_file_recorder_new(inputs->context, &run->recorder, evidence);
    if (result != FATE_OK) return message_context(inputs->context, result);
    result = fate_session_set_table(run->session, FATE_TABLE_DATA, run->data);
    if (result == FATE_OK) result = fate_session_set_model(run->session, run->model);
    if (result == FATE_OK) result = session_set_timeouts(run->session, seconds);
    if (result == FATE_OK && options_given(arguments, "leaves")) result = fate_session_set_option(run->session, "leaves", 1);
    return result == FATE_OK ? 0 : message_failed(result, fate_session_error(run->session));
}

static int drive(struct federated *run, const struct arguments *arguments, uint32_t seconds)
{
    struct progress progress;
    fate_observer observer;
    const char *report = options_text(arguments, "report");
    int code = open_session(run, arguments, seconds);
    if (code) return code;
    code = alignment_before(&run->inputs, arguments, seconds, run->session, FATE_TABLE_DATA, &run->data, run->transport, NULL);
    if (code) return code;
    progress_begin(&progress, &observer, run->inputs.job);
    observer.recorder = run->recorder;
    int32_t result = fate_drive(run->session, run->transport, NULL, &observer);
    progress_hide(&progress);
    if (result == FATE_E_CANCELLED) return message_failed(result, "cancelled; no scores were written.");
    if (result == FATE_OK) result = fate_session_scores(run->session, &run->scores);
    if (result != FATE_OK) return session_message(run->session, run->inputs.context, result);
    code = write_scores(run, options_text(arguments, "output"));
    return code || !report ? code : report_write(report, run->inputs.job, run->session, progress_elapsed(&progress));
}

static int read_model(struct federated *run, const char *path)
{
    int32_t result = fate_model_read(run->inputs.context, &run->model, path);
    if (result == FATE_OK) result = fate_model_check(run->model, run->inputs.job, run->inputs.party);
    return result == FATE_OK ? 0 : message_context(run->inputs.context, result);
}

static int is_whole(const struct inputs *inputs)
{
    return strncmp(fate_job_algorithm(inputs->job), "horizontal-", strlen("horizontal-")) == 0;
}

/* Sums, counts and alignments are results, not models that say something of new rows. */
static int check_scores(const struct inputs *inputs)
{
    char *text = NULL;
    if (is_whole(inputs)) return 0;
    int32_t result = fate_job_describe(inputs->job, 0, FATE_PURPOSE_PREDICT, &text);
    fate_free(inputs->context, text);
    if (result != FATE_E_UNSUPPORTED) return result == FATE_OK ? 0 : message_context(inputs->context, result);
    message_error("there is nothing to predict with: a job of %s makes no model that scores rows. fate inspect shows what it found.",
                  fate_job_algorithm(inputs->job));
    return EXIT_INPUT;
}

/* Every party has the whole model: no other one is asked. */
static int predict_alone(struct federated *run, const struct arguments *arguments)
{
    static const char *const sending[] = {"alignment", "listen", "timeout", "leaves", "ask", "report", "evidence", NULL};
    static const char *const required[] = {"output", NULL};
    const char *output = options_text(arguments, "output");
    uint32_t party = 0;
    for (size_t i = 0; sending[i] != NULL; i++)
        if (options_given(arguments, sending[i]))
            return message_usage("--%s: models of %s are whole at every party, which scores alone; nothing is sent.", sending[i],
                                 fate_job_algorithm(run->inputs.job));
    int code = options_require(arguments, required);
    if (!code) code = target_check_writable(output);
    if (code) return code;
    int32_t result = fate_model_read(run->inputs.context, &run->model, options_text(arguments, "model"));
    if (result == FATE_OK && fate_job_find_party(run->inputs.job, fate_model_party(run->model), &party) != FATE_OK) party = 0;
    if (result != FATE_OK) return message_context(run->inputs.context, result);
    code = inputs_read_table(&run->inputs, &run->data, party, FATE_PURPOSE_PREDICT, options_text(arguments, "table"));
    if (code) return code;
    result = fate_predict_alone(run->inputs.context, &run->scores, run->inputs.job, run->model, run->data);
    if (result == FATE_OK) result = fate_scores_write_csv(run->scores, run->data, output);
    return result == FATE_OK ? 0 : message_context(run->inputs.context, result);
}

static int predict_federated(struct federated *run, const struct arguments *arguments, uint32_t seconds)
{
    static const char *const guest_required[] = {"output", NULL};
    int code = inputs_open(&run->inputs, arguments);
    if (!code) code = check_scores(&run->inputs);
    if (!code) code = inputs_read_party(&run->inputs, arguments);
    if (!code && is_whole(&run->inputs)) return predict_alone(run, arguments);
    if (!code && is_guest(&run->inputs)) code = options_require(arguments, guest_required);
    if (!code && is_guest(&run->inputs)) code = target_check_writable(options_text(arguments, "output"));
    if (!code) code = target_check_writable(options_text(arguments, "report"));
    if (!code) code = read_model(run, options_text(arguments, "model"));
    if (!code)
        code = inputs_read_table(&run->inputs, &run->data, run->inputs.party, FATE_PURPOSE_PREDICT, options_text(arguments, "table"));
    if (!code && options_given(arguments, "alignment"))
        code = alignment_apply_file(&run->inputs, &run->data, options_text(arguments, "alignment"));
    signals_install();
    if (!code) code = announce_job(&run->inputs, arguments, FATE_PURPOSE_PREDICT);
    return code ? code : drive(run, arguments, seconds);
}

/* Without a name and a key: only where no other party is asked. */
static int predict_without_party(struct federated *run, const struct arguments *arguments)
{
    static const char *const required[] = {"job", "table", "model", NULL}, *const party[] = {"party", "key", NULL};
    int code = options_require(arguments, required);
    if (!code) code = inputs_open(&run->inputs, arguments);
    if (!code) code = check_scores(&run->inputs);
    if (code) return code;
    return is_whole(&run->inputs) ? predict_alone(run, arguments) : options_require(arguments, party);
}

static int predict_run(const struct arguments *arguments)
{
    static const char *const required[] = {"job", "party", "key", "table", "model", NULL};
    static const char *const once[] = {"table", NULL};
    uint32_t seconds = 0;
    if (options_given(arguments, "pooled")) return pooled_predict(arguments);
    int without = !options_given(arguments, "party") && !options_given(arguments, "key");
    int code = without ? 0 : options_require(arguments, required);
    if (!code) code = options_once(arguments, once, "without --pooled");
    if (!code) code = options_number(arguments, "timeout", 1, 2000000, &seconds);
    if (!code) code = announce_check(arguments);
    if (code) return code;
    struct federated run = {0};
    code = without ? predict_without_party(&run, arguments) : predict_federated(&run, arguments, seconds);
    federated_close(&run);
    return code;
}

const struct command command_predict = {
    "predict",
    "scores rows with a model, together with the other parties",
    "fate predict --job FILE --party NAME --key FILE --table FILE --model FILE [--output FILE]\n"
    "                    [--alignment FILE] [--sets DIR] [--listen ADDRESS] [--threads N] [--timeout SECONDS]\n"
    "                    [--leaves] [--ask] [--report FILE] [--evidence FILE]\n"
    "       fate predict --job FILE --table FILE --model FILE --output FILE [--threads N]\n"
    "       fate predict --pooled --job FILE --table NAME=FILE ... --model DIR --output FILE [--leaves]\n"
    "                    [--threads N]",
    options,
    sizeof options / sizeof options[0],
    0,
    "A job that says \"align\": \"psi\" first finds which rows the parties share, and scores these.\n"
    "Models of horizontal training are whole at every party: the second form scores with one alone, and sends nothing.\n"
    "The label column may be missing. Scores are probabilities (objective logistic; softmax: one column a class)\n"
    "or values (all others).\n"
    "A file that --output names is replaced.\n",
    predict_run,
};
