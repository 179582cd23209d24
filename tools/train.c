/* fate train: one party of a training job, or with --pooled all of them in one process. */
#include "tools/alignment.h"
#include "tools/announce.h"
#include "tools/commands.h"
#include "tools/inputs.h"
#include "tools/message.h"
#include "tools/pooled.h"
#include "tools/progress.h"
#include "tools/report.h"
#include "tools/session.h"
#include "tools/sets.h"
#include "tools/signals.h"
#include "tools/target.h"

#include <stdio.h>
#include <string.h>

static const struct option options[] = {
    {"job", "FILE", "The job: algorithm, parties, parameters. The same for every party apart from addresses.", 0},
    {"party", "NAME", "Which of the job's parties this is.", 0},
    {"key", "FILE", "This party's key file, from fate keygen.", 0},
    {"table", "FILE", "This party's training table (CSV); an aggregator may have none. With --pooled: NAME=FILE, once for each party.", 1},
    {"model", "FILE", "Where the model is written. With --pooled: a directory, in which NAME.model is written.", 0},
    {"validation", "FILE", "A table that is not trained on, for early stopping; all parties give one or none does.", 1},
    {"from", "FILE", "Goes on from this party's earlier model; trees counts its trees too. With --pooled: NAME=FILE, for each party.", 1},
    {"increasing", "COLUMN", "A column with which scores may only rise; known to the guest by a number. With --pooled: NAME=COLUMN.", 1},
    {"decreasing", "COLUMN", "A column with which scores may only fall. With --pooled: NAME=COLUMN.", 1},
    {"alignment", "FILE", "Takes the order of the rows from this file of fate align: the tables are not aligned anew.", 0},
    {"state", "DIR", "Keeps the state of the job there, so that the same command continues after an interruption.", 0},
    {"sets", "DIR",
     "Keeps there what later jobs use again: stored sets (the job's stored_set), hints (its lattice_vectors); apart from the state of a job.",
     0},
    {"restart", NULL, "Begins anew: discards kept state and replaces the model of this job.", 0},
    {"listen", "ADDRESS", "Listens there instead of at this party's address in the job: host:port or :port.", 0},
    {"threads", "N", "How many processors to use; 0, the default, for all. The model does not depend on it.", 0},
    {"timeout", "SECONDS", "How long to wait for peers: 45 s at first and 10 min after a loss unless given.", 0},
    {"link", "MBIT", "The summary says which cipher would be fastest on a link of so many Mbit/s, on this machine (vertical-boosting).", 0},
    {"delay", "MS", "With --link: how many milliseconds a byte is on its way; 0 unless given.", 0},
    {"ask", NULL, "Waits for a yes on the terminal before anything is sent.", 0},
    {"report", "FILE", "Writes there as JSON, when the job is done, what crossed the network.", 0},
    {"evidence", "FILE", "Keeps there a signed log of what was sent and received, without contents; see fate evidence.", 0},
    {"pooled", NULL, "Trains on all parties' tables in this one process: what a federated run must equal.", 0},
};

struct federated {
    struct inputs inputs;
    fate_table *data;
    fate_table *validation;
    fate_model *from; /* the earlier model that training starts from */
    fate_session *session;
    fate_store *store;
    struct sets sets;
    fate_transport *transport;
    fate_recorder *recorder;
    int present; /* the model of this job is there already, and is not to be replaced */
};

static void federated_close(struct federated *run)
{
    fate_session_free(run->session);
    fate_model_free(run->from);
    fate_transport_free(run->transport);
    fate_recorder_free(run->recorder);
    sets_close(&run->sets);
    fate_store_free(run->store);
    fate_table_free(run->validation);
    fate_table_free(run->data);
    inputs_close(&run->inputs);
}

static int open_session(struct federated *run, const struct arguments *arguments, uint32_t seconds)
{
    fate_context *context = run->inputs.context;
    const char *state = options_text(arguments, "state"), *evidence = options_text(arguments, "evidence");
    int32_t result = fate_session_new(context, &run->session, run->inputs.job, options_text(arguments, "party"), run->inputs.identity,
                                      FATE_PURPOSE_TRAIN);
    if (result == FATE_OK && state) result = fate_directory_store_new(context, &run->store, state);
    if (result == FATE_OK && evidence) result = fate_file_recorder_new(context, &run->recorder, evidence);
    if (result != FATE_OK) return message_context(context, result);
    result = fate_session_set_table(run->session, FATE_TABLE_DATA, run->data);
    if (result == FATE_OK && run->validation) result = fate_session_set_table(run->session, FATE_TABLE_VALIDATION, run->validation);
    if (result == FATE_OK && run->from) {
        result = fate_session_set_model(run->session, run->from);
        if (result != FATE_OK) return message_context(context, result);
    }
    if (result == FATE_OK) result = session_set_timeouts(run->session, seconds);
    if (result == FATE_OK && state) result = fate_session_set_option(run->session, "durable", 1);
    if (result == FATE_OK && state && options_given(arguments, "restart")) result = fate_session_set_option(run->session, "restart", 1);
    return result == FATE_OK ? 0 : message_failed(result, fate_session_error(run->session));
}

static int report_failure(const struct federated *run, int32_t result, int kept)
{
    if (result == FATE_E_CANCELLED)
        return message_failed(result, kept ? "cancelled; no model was written. The same command continues the job."
                                           : "cancelled; no model was written.");
    return session_message(run->session, run->inputs.context, result);
}

static void print_summary(const struct federated *run, const struct progress *progress, const char *path)
{
    uint64_t sent = 0, received = 0, elapsed = progress_elapsed(progress);
    char sent_text[32], received_text[32];
    fate_session_counter(run->session, "bytes_sent", &sent);
    fate_session_counter(run->session, "bytes_received", &received);
    progress_format_bytes(sent_text, sent);
    progress_format_bytes(received_text, received);
    message_note("done in %u.%u s; sent %s, received %s; the model is in %s.", (unsigned)(elapsed / 1000), (unsigned)(elapsed / 100 % 10),
                 sent_text, received_text, path);
}

static int write_results(const struct federated *run, const struct arguments *arguments, const struct progress *progress)
{
    const char *path = options_text(arguments, "model"), *report = options_text(arguments, "report");
    uint64_t elapsed = progress_elapsed(progress);
    fate_model *model = NULL;
    int32_t result = fate_session_model(run->session, &model);
    if (result == FATE_EMPTY)
        message_note("this algorithm makes no model for %s; nothing was written to %s.", options_text(arguments, "party"), path);
    if (result < 0) return message_context(run->inputs.context, result);
    int write = result == FATE_OK && !run->present;
    int code = write ? target_write_model(run->inputs.context, model, path) : 0;
    fate_model_free(model);
    if (write && !code) print_summary(run, progress, path);
    int reported = report ? report_write(report, run->inputs.job, run->session, elapsed) : 0;
    return code ? code : reported;
}

static int drive(struct federated *run, const struct arguments *arguments, uint32_t seconds)
{
    struct progress progress;
    fate_observer observer;
    int32_t result =
        fate_tcp_for_job(run->inputs.context, &run->transport, run->inputs.job, run->inputs.party, options_text(arguments, "listen"));
    if (result != FATE_OK) return message_context(run->inputs.context, result);
    int code = alignment_before(&run->inputs, arguments, seconds, run->session, FATE_TABLE_DATA, &run->data, run->transport, run->store);
    if (!code)
        code = alignment_before(&run->inputs, arguments, seconds, run->session, FATE_TABLE_VALIDATION, &run->validation, run->transport,
                                run->store);
    const fate_store *store = run->store;
    if (!code) code = sets_open_hint(&run->sets, &run->inputs, arguments, &store);
    if (code) return code;
    if (store != NULL) result = fate_session_set_option(run->session, "durable", 1);
    if (result != FATE_OK) return message_context(run->inputs.context, result);
    progress_begin(&progress, &observer, run->inputs.job);
    observer.recorder = run->recorder;
    result = fate_drive(run->session, run->transport, store, &observer);
    progress_hide(&progress);
    if (result != FATE_OK) return report_failure(run, result, run->store != NULL);
    return write_results(run, arguments, &progress);
}

static int read_tables(struct federated *run, const struct arguments *arguments)
{
    const char *validation = options_text(arguments, "validation");
    const char *table = options_text(arguments, "table");
    /* An aggregator can do without. */
    if (!table && strcmp(fate_job_party_role(run->inputs.job, run->inputs.party), "aggregator") != 0)
        return message_usage("--table FILE is missing.");
    int code = table ? inputs_read_table(&run->inputs, &run->data, run->inputs.party, FATE_PURPOSE_TRAIN, table) : 0;
    if (!code && table) code = inputs_set_directions(&run->inputs, &run->data, 0, arguments);
    if (!code && table && options_given(arguments, "alignment"))
        code = alignment_apply_file(&run->inputs, &run->data, options_text(arguments, "alignment"));
    if (!code && validation) code = inputs_read_table(&run->inputs, &run->validation, run->inputs.party, FATE_PURPOSE_TRAIN, validation);
    if (!code && options_given(arguments, "from"))
        code = inputs_read_earlier(&run->inputs, &run->from, run->inputs.party, options_text(arguments, "from"));
    return code;
}

/* Looks whether the job was done before. *done: 1 when nothing is left to do. With kept state there is: peers that stopped before
 * they were done may need to hear once more what this party sent. */
static int look_for_model(struct federated *run, const struct arguments *arguments, int *done)
{
    const char *model = options_text(arguments, "model");
    int present = 0;
    int code = target_check_model(run->inputs.context, model, run->inputs.job, run->inputs.party, &present);
    run->present = present && !options_given(arguments, "restart");
    if (code || !run->present) return code;
    *done = !target_has_state(options_text(arguments, "state"));
    message_note("%s is the model of this job already; %s --restart trains again.", model,
                 *done ? "nothing to do." : "this party stays reachable for a while for peers that are not done.");
    return 0;
}

/* Jobs that end without a model, for which there are other commands. */
static int check_trains(const fate_job *job)
{
    int64_t folds = 0;
    if (strcmp(fate_job_algorithm(job), "psi") == 0) {
        message_error("a job of the algorithm psi finds common rows and trains nothing: fate align runs it.");
        return EXIT_INPUT;
    }
    if (fate_job_integer(job, "folds", &folds) == FATE_OK && folds > 0) {
        message_error(
            "parameters.folds asks for a cross-validation, which makes no model: fate cross-validate runs it; set it to 0 to train.");
        return EXIT_INPUT;
    }
    return 0;
}

/* Everything that can be checked alone is checked before anything is sent or listened to. */
static int train_federated(struct federated *run, const struct arguments *arguments, uint32_t seconds)
{
    int done = 0;
    int code = inputs_open(&run->inputs, arguments);
    if (!code) code = check_trains(run->inputs.job);
    if (!code) code = inputs_read_party(&run->inputs, arguments);
    if (!code) code = announce_link(&run->inputs, arguments);
    if (!code) code = look_for_model(run, arguments, &done);
    if (done) return 0;
    if (!code) code = target_check_writable(options_text(arguments, "report"));
    if (!code) code = read_tables(run, arguments);
    if (!code) code = open_session(run, arguments, seconds);
    signals_install();
    if (!code) code = announce_job(&run->inputs, arguments, FATE_PURPOSE_TRAIN);
    return code ? code : drive(run, arguments, seconds);
}

static int train_run(const struct arguments *arguments)
{
    static const char *const required[] = {"job", "party", "key", "model", NULL};
    static const char *const once[] = {"table", "validation", "from", NULL};
    uint32_t seconds = 0;
    if (options_given(arguments, "pooled")) return pooled_train(arguments);
    int code = options_require(arguments, required);
    if (!code) code = options_once(arguments, once, "without --pooled");
    if (!code) code = options_number(arguments, "timeout", 1, 2000000, &seconds);
    if (!code) code = announce_check(arguments);
    if (code) return code;
    struct federated run = {0};
    code = train_federated(&run, arguments, seconds);
    federated_close(&run);
    return code;
}

const struct command command_train = {
    "train",
    "trains a model together with the other parties of a job",
    "fate train --job FILE --party NAME --key FILE [--table FILE] --model FILE [--validation FILE]\n"
    "                  [--from FILE] [--increasing COLUMN ...] [--decreasing COLUMN ...]\n"
    "                  [--alignment FILE] [--state DIR] [--sets DIR] [--restart] [--listen ADDRESS]\n"
    "                  [--threads N] [--timeout SECONDS] [--link MBIT] [--delay MS] [--ask] [--report FILE] [--evidence FILE]\n"
    "       fate train --pooled --job FILE --table NAME=FILE ... [--validation NAME=FILE ...] --model DIR\n"
    "                  [--from NAME=FILE ...] [--increasing NAME=COLUMN ...] [--decreasing NAME=COLUMN ...]\n"
    "                  [--restart] [--threads N]",
    options,
    sizeof options / sizeof options[0],
    0,
    "Before anything is sent it says who the peers are, what will leave this party and what each party\n"
    "will learn. The job, the key, the tables and the place of the model are checked before that.\n"
    "A job that says \"align\": \"psi\" first finds which rows the parties share; evidence of that is kept in\n"
    "FILE.align. Validation tables must hold the same rows as they are.\n"
    "When the model of this job is there already, the command does nothing and ends with 0.\n",
    train_run,
};
