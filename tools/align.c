/* fate align: finds which rows the parties share and writes this party's in the common order. */
#include "tools/alignment.h"
#include "tools/announce.h"
#include "tools/commands.h"
#include "tools/message.h"
#include "tools/report.h"
#include "tools/signals.h"
#include "tools/target.h"

#include <stdio.h>

static const struct option options[] = {
    {"job", "FILE", "The job: of the algorithm psi, or one that says \"align\": \"psi\".", 0},
    {"party", "NAME", "Which of the job's parties this is.", 0},
    {"key", "FILE", "This party's key file, from fate keygen.", 0},
    {"table", "FILE", "This party's table (CSV); only the columns of the id are looked at.", 0},
    {"output", "FILE", "Where the rows are written in the common order: CSV, all columns as they are.", 0},
    {"alignment", "FILE", "Where the alignment itself is written, for fate train --alignment.", 0},
    {"state", "DIR", "Keeps the state of the job there, so that the same command continues after an interruption.", 0},
    {"sets", "DIR", "Keeps stored sets there (the job's stored_set), which later alignments use again; apart from the state of a job.", 0},
    {"restart", NULL, "Begins anew: discards kept state.", 0},
    {"listen", "ADDRESS", "Listens there instead of at this party's address in the job: host:port or :port.", 0},
    {"threads", "N", "How many processors to use; 0, the default, for all.", 0},
    {"timeout", "SECONDS", "How long to wait for peers: 45 s at first and 10 min after a loss unless given.", 0},
    {"ask", NULL, "Waits for a yes on the terminal before anything is sent.", 0},
    {"report", "FILE", "Writes there as JSON, when the tables are aligned, what crossed the network.", 0},
    {"evidence", "FILE", "Keeps there a signed log of what was sent and received, without contents; see fate evidence.", 0},
};

struct aligning {
    struct inputs inputs;
    fate_table *table;
    fate_store *store;
    fate_transport *transport;
    struct alignment_run run;
};

static int print_facts(const struct aligning *aligning)
{
    static const char *const names[] = {"own", "peer", "intersection", "rows"};
    for (int i = 0; i < 4; i++) {
        uint64_t value = 0;
        int32_t result = fate_alignment_fact(aligning->run.model, names[i], &value);
        if (result != FATE_OK) return message_context(aligning->inputs.context, result);
        printf("%-12s %llu\n", names[i], (unsigned long long)value);
    }
    return 0;
}

static int write_results(const struct aligning *aligning, const struct arguments *arguments)
{
    const char *output = options_text(arguments, "output"), *file = options_text(arguments, "alignment");
    const char *report = options_text(arguments, "report");
    int32_t result = file ? fate_model_write(aligning->run.model, file) : FATE_OK;
    if (result == FATE_OK && output) {
        result = fate_alignment_write_csv(aligning->run.model, aligning->table, options_text(arguments, "table"), output);
        if (result == FATE_E_MODEL) {
            message_note("%s learns no rows in this job; nothing was written to %s.", options_text(arguments, "party"), output);
            result = FATE_OK;
        }
    }
    if (result != FATE_OK) return message_context(aligning->inputs.context, result);
    int code = print_facts(aligning);
    return code || !report ? code : report_write(report, aligning->inputs.job, aligning->run.session, aligning->run.elapsed);
}

static int open_hooks(struct aligning *aligning, const struct arguments *arguments)
{
    const char *state = options_text(arguments, "state");
    fate_context *context = aligning->inputs.context;
    int32_t result = state ? fate_directory_store_new(context, &aligning->store, state) : FATE_OK;
    if (result == FATE_OK)
        result = fate_tcp_for_job(context, &aligning->transport, aligning->inputs.job, aligning->inputs.party,
                                  options_text(arguments, "listen"));
    return result == FATE_OK ? 0 : message_context(context, result);
}

static int check_job(const struct aligning *aligning)
{
    if (fate_job_align(aligning->inputs.job)) return 0;
    message_error("the job aligns no tables: its algorithm must be psi, or it must say \"align\": \"psi\".");
    return EXIT_INPUT;
}

static int align(struct aligning *aligning, const struct arguments *arguments, uint32_t seconds)
{
    struct inputs *inputs = &aligning->inputs;
    int code = inputs_open(inputs, arguments);
    if (!code) code = check_job(aligning);
    if (!code) code = inputs_read_party(inputs, arguments);
    if (!code) code = target_check_writable(options_text(arguments, "output"));
    if (!code) code = target_check_writable(options_text(arguments, "alignment"));
    if (!code) code = target_check_writable(options_text(arguments, "report"));
    if (!code) code = inputs_read_table(inputs, &aligning->table, inputs->party, FATE_PURPOSE_ALIGN, options_text(arguments, "table"));
    signals_install();
    if (!code) code = announce_job(inputs, arguments, FATE_PURPOSE_ALIGN);
    if (!code) code = open_hooks(aligning, arguments);
    if (!code)
        code = alignment_run(&aligning->run, inputs, arguments, seconds, FATE_PURPOSE_ALIGN, aligning->table, aligning->transport,
                             aligning->store, "");
    return code ? code : write_results(aligning, arguments);
}

static int align_run(const struct arguments *arguments)
{
    static const char *const required[] = {"job", "party", "key", "table", NULL};
    uint32_t seconds = 0;
    int code = options_require(arguments, required);
    if (!code) code = options_number(arguments, "timeout", 1, 2000000, &seconds);
    if (!code) code = announce_check(arguments);
    if (code) return code;
    struct aligning aligning = {0};
    code = align(&aligning, arguments, seconds);
    alignment_close(&aligning.run);
    fate_transport_free(aligning.transport);
    fate_store_free(aligning.store);
    fate_table_free(aligning.table);
    inputs_close(&aligning.inputs);
    return code;
}

const struct command command_align = {
    "align",
    "finds which rows the parties share and puts them into one order",
    "fate align --job FILE --party NAME --key FILE --table FILE [--output FILE] [--alignment FILE]\n"
    "                  [--state DIR] [--sets DIR] [--restart] [--listen ADDRESS] [--threads N]\n"
    "                  [--timeout SECONDS] [--ask] [--report FILE] [--evidence FILE]",
    options,
    sizeof options / sizeof options[0],
    0,
    "It prints how many different ids this party has, how many the other party has, how many are common,\n"
    "and how many rows the common order has. Files that --output and --alignment name are replaced.\n"
    "A training job that says \"align\": \"psi\" does the same before it trains.\n",
    align_run,
};
