/* fate cross-validate: how well a job would do on rows that it was not trained on, with the other parties or with --pooled in one process. */
#include "tools/alignment.h"
#include "tools/announce.h"
#include "tools/commands.h"
#include "tools/folds.h"
#include "tools/inputs.h"
#include "tools/message.h"
#include "tools/progress.h"
#include "tools/signals.h"
#include "tools/target.h"

#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"job", "FILE", "The job, whose parameter \"folds\" says into how many parts the rows are dealt.", 0},
    {"party", "NAME", "Which of the job's parties this is.", 0},
    {"key", "FILE", "This party's key file, from fate keygen.", 0},
    {"table", "FILE", "This party's training table (CSV). With --pooled: NAME=FILE, once for each party.", 1},
    {"increasing", "COLUMN", "A column with which scores may only rise; known to the guest by a number. With --pooled: NAME=COLUMN.", 1},
    {"decreasing", "COLUMN", "A column with which scores may only fall, likewise.", 1},
    {"output", "FILE", "Where the scores of held-out rows are written, with the fold of each: CSV. A host gets none.", 0},
    {"json", NULL, "Prints JSON instead of text.", 0},
    {"state", "DIR", "Keeps the state of the job there, so that the same command continues after an interruption.", 0},
    {"listen", "ADDRESS", "Listens there instead of at this party's address in the job: host:port or :port.", 0},
    {"threads", "N", "How many processors to use; 0, the default, for all.", 0},
    {"ask", NULL, "Waits for a yes on the terminal before anything is sent.", 0},
    {"pooled", NULL, "Runs on all parties' tables in this one process.", 0},
};

struct run {
    struct inputs inputs;
    fate_table **tables; /* one, or with --pooled one of each party */
    uint32_t table_count;
    fate_transport *transport;
    fate_store *store;
    fate_scores *scores;
    struct progress progress;
    fate_observer observer;
};

static void run_close(struct run *run)
{
    for (uint32_t i = 0; i < run->table_count; i++) fate_table_free(run->tables[i]);
    free(run->tables);
    fate_scores_free(run->scores);
    fate_transport_free(run->transport);
    fate_store_free(run->store);
    inputs_close(&run->inputs);
}

static int make_tables(struct run *run, uint32_t count)
{
    run->tables = calloc(count, sizeof *run->tables);
    run->table_count = run->tables ? count : 0;
    return run->tables ? 0 : message_failed(FATE_E_MEMORY, NULL);
}

/* The table that has the labels; NULL: this party has none. */
static const fate_table *find_labels(const struct run *run)
{
    for (uint32_t i = 0; i < run->table_count; i++)
        if (fate_table_label(run->tables[i])) return run->tables[i];
    return NULL;
}

static int finish(struct run *run, const struct arguments *arguments, int32_t result)
{
    const char *output = options_text(arguments, "output");
    const fate_table *labels = find_labels(run);
    progress_hide(&run->progress);
    if (result == FATE_E_CANCELLED) return message_failed(result, "cancelled; nothing was written.");
    if (result != FATE_OK) return message_context(run->inputs.context, result);
    if (!labels) {
        message_note("the measures go to the guest.");
        return 0;
    }
    if (output) result = fate_scores_write_csv(run->scores, labels, output);
    return result == FATE_OK ? folds_print(run->inputs.context, run->inputs.job, run->scores, labels, options_given(arguments, "json"))
                             : message_context(run->inputs.context, result);
}

static int run_pooled(struct run *run, const struct arguments *arguments)
{
    static const char *const forbidden[] = {"party", "key", "state", "listen", "ask", NULL};
    int code = options_forbid(arguments, forbidden, "with --pooled");
    if (!code) code = inputs_open(&run->inputs, arguments);
    if (!code) code = make_tables(run, fate_job_party_count(run->inputs.job));
    if (!code) code = inputs_read_tables(&run->inputs, run->tables, arguments, "table", FATE_PURPOSE_TRAIN);
    if (!code) code = inputs_set_directions(&run->inputs, run->tables, 1, arguments);
    if (!code) code = alignment_pooled(&run->inputs, run->tables);
    if (code) return code;
    signals_install();
    progress_begin(&run->progress, &run->observer, run->inputs.job);
    int32_t result = fate_cross_validate_pooled(run->inputs.context, &run->scores, run->inputs.job, (const fate_table *const *)run->tables,
                                                &run->observer);
    return finish(run, arguments, result);
}

static int connect_party(struct run *run, const struct arguments *arguments)
{
    const char *state = options_text(arguments, "state");
    int32_t result =
        fate_tcp_for_job(run->inputs.context, &run->transport, run->inputs.job, run->inputs.party, options_text(arguments, "listen"));
    if (result == FATE_OK && state) result = fate_directory_store_new(run->inputs.context, &run->store, state);
    return result == FATE_OK ? 0 : message_context(run->inputs.context, result);
}

/* Where the job says so, brings the table into the order that it shares with the others'. */
static int align_table(struct run *run, const struct arguments *arguments)
{
    struct alignment_run alignment = {0};
    if (!alignment_wanted(&run->inputs, arguments)) return 0;
    int code = alignment_run(&alignment, &run->inputs, arguments, 0, FATE_PURPOSE_ALIGN, run->tables[0], run->transport, run->store, "");
    if (!code) code = alignment_apply(&run->inputs, &run->tables[0], alignment.model);
    alignment_close(&alignment);
    return code;
}

static int run_federated(struct run *run, const struct arguments *arguments)
{
    static const char *const required[] = {"party", "key", NULL};
    static const char *const once[] = {"table", NULL};
    int code = options_require(arguments, required);
    if (!code) code = options_once(arguments, once, "without --pooled");
    if (!code) code = announce_check(arguments);
    if (!code) code = inputs_open(&run->inputs, arguments);
    if (!code) code = inputs_read_party(&run->inputs, arguments);
    if (!code) code = make_tables(run, 1);
    if (!code) code = inputs_read_table(&run->inputs, run->tables, run->inputs.party, FATE_PURPOSE_TRAIN, options_text(arguments, "table"));
    if (!code) code = inputs_set_directions(&run->inputs, run->tables, 0, arguments);
    signals_install();
    if (!code) code = announce_job(&run->inputs, arguments, FATE_PURPOSE_TRAIN);
    if (!code) code = connect_party(run, arguments);
    if (!code) code = align_table(run, arguments);
    if (code) return code;
    progress_begin(&run->progress, &run->observer, run->inputs.job);
    int32_t result = fate_cross_validate(run->inputs.context, &run->scores, run->inputs.job, options_text(arguments, "party"),
                                         run->inputs.identity, run->tables[0], run->transport, run->store, &run->observer);
    return finish(run, arguments, result);
}

static int cross_validate_run(const struct arguments *arguments)
{
    static const char *const required[] = {"job", "table", NULL};
    struct run run = {.table_count = 0};
    int code = options_require(arguments, required);
    if (!code) code = target_check_writable(options_text(arguments, "output"));
    if (!code) code = options_given(arguments, "pooled") ? run_pooled(&run, arguments) : run_federated(&run, arguments);
    run_close(&run);
    return code;
}

const struct command command_cross_validate = {
    "cross-validate",
    "measures how well a job does on rows that were held out",
    "fate cross-validate --job FILE --party NAME --key FILE --table FILE [--increasing COLUMN ...]\n"
    "                  [--decreasing COLUMN ...] [--output FILE] [--json] [--state DIR] [--listen ADDRESS]\n"
    "                  [--threads N] [--ask]\n"
    "       fate cross-validate --pooled --job FILE --table NAME=FILE ... [--increasing NAME=COLUMN ...]\n"
    "                  [--decreasing NAME=COLUMN ...] [--output FILE] [--json] [--threads N]",
    options,
    sizeof options / sizeof options[0],
    0,
    "The job's parameter \"folds\" deals the rows, by its seed. Each fold is scored by trees that were grown\n"
    "on the others; the guest prints the measures of each fold, their mean and their standard deviation.\n"
    "A job that says \"align\": \"psi\" first finds which rows the parties share, and measures on these.\n"
    "No model is written.\n",
    cross_validate_run,
};
