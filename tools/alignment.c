/* What align, train and predict do alike to bring a table into the common order; see alignment.h. */
#include "tools/alignment.h"

#include "tools/message.h"
#include "tools/progress.h"
#include "tools/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int alignment_wanted(const struct inputs *inputs, const struct arguments *arguments)
{
    return fate_job_align(inputs->job) != NULL && !options_given(arguments, "alignment");
}

static int32_t open_recorder(struct alignment_run *run, fate_context *context, const char *path, const char *suffix)
{
    if (!path) return FATE_OK;
    size_t length = strlen(path) + strlen(suffix) + 1;
    char *name = malloc(length);
    if (!name) return FATE_E_MEMORY;
    snprintf(name, length, "%s%s", path, suffix);
    int32_t result = fate_file_recorder_new(context, &run->recorder, name);
    free(name);
    return result;
}

static int32_t open_session(struct alignment_run *run, const struct inputs *inputs, const struct arguments *arguments, uint32_t seconds,
                            int32_t purpose, const fate_table *table, int durable)
{
    int32_t result =
        fate_session_new(inputs->context, &run->session, inputs->job, options_text(arguments, "party"), inputs->identity, purpose);
    if (result != FATE_OK) return result;
    result = fate_session_set_table(run->session, FATE_TABLE_DATA, table);
    if (result == FATE_OK) result = session_set_timeouts(run->session, seconds);
    if (result == FATE_OK && durable) result = fate_session_set_option(run->session, "durable", 1);
    if (result == FATE_OK && durable && options_given(arguments, "restart")) result = fate_session_set_option(run->session, "restart", 1);
    return result;
}

int alignment_run(struct alignment_run *run, const struct inputs *inputs, const struct arguments *arguments, uint32_t seconds,
                  int32_t purpose, const fate_table *table, const fate_transport *transport, const fate_store *store, const char *suffix)
{
    struct progress progress;
    fate_observer observer;
    int code = sets_open(&run->sets, inputs, arguments, &store);
    if (code) return code;
    int32_t result = open_session(run, inputs, arguments, seconds, purpose, table, store != NULL);
    if (result == FATE_OK) result = open_recorder(run, inputs->context, options_text(arguments, "evidence"), suffix);
    if (result != FATE_OK) return message_context(inputs->context, result);
    progress_begin(&progress, &observer, inputs->job);
    observer.recorder = run->recorder;
    result = fate_drive(run->session, transport, store, &observer);
    progress_hide(&progress);
    run->elapsed = progress_elapsed(&progress);
    if (result == FATE_E_CANCELLED) return message_failed(result, "cancelled while tables were aligned; nothing was written.");
    if (result == FATE_OK) result = fate_session_model(run->session, &run->model);
    return result == FATE_OK ? 0 : session_message(run->session, inputs->context, result);
}

void alignment_close(struct alignment_run *run)
{
    fate_model_free(run->model);
    fate_session_free(run->session);
    fate_recorder_free(run->recorder);
    sets_close(&run->sets);
    memset(run, 0, sizeof *run);
}

int alignment_apply(const struct inputs *inputs, fate_table **table, const fate_model *alignment)
{
    fate_table *aligned = NULL;
    int32_t result = fate_table_align(*table, &aligned, alignment);
    if (result != FATE_OK) return message_context(inputs->context, result);
    fate_table_free(*table);
    *table = aligned;
    return 0;
}

int alignment_apply_file(const struct inputs *inputs, fate_table **table, const char *path)
{
    fate_model *alignment = NULL;
    int32_t result = fate_model_read(inputs->context, &alignment, path);
    int code = result == FATE_OK ? alignment_apply(inputs, table, alignment) : message_context(inputs->context, result);
    fate_model_free(alignment);
    return code;
}

int alignment_before(const struct inputs *inputs, const struct arguments *arguments, uint32_t seconds, fate_session *session, int32_t use,
                     fate_table **table, const fate_transport *transport, const fate_store *store)
{
    struct alignment_run run = {0};
    int validation = use == FATE_TABLE_VALIDATION;
    if (!alignment_wanted(inputs, arguments) && options_given(arguments, "sets") && !sets_keep_hint(inputs->job)) {
        message_error("--sets: no tables are aligned here, so that no set is stored.");
        return EXIT_INPUT;
    }
    if (!*table || !alignment_wanted(inputs, arguments)) return 0;
    int code = alignment_run(&run, inputs, arguments, seconds, validation ? FATE_PURPOSE_ALIGN_VALIDATION : FATE_PURPOSE_ALIGN, *table,
                             transport, store, validation ? ".align-validation" : ".align");
    fate_session_set_table(session, use, NULL);
    if (!code) code = alignment_apply(inputs, table, run.model);
    if (!code) fate_session_set_table(session, use, *table);
    alignment_close(&run);
    return code;
}

int alignment_pooled(const struct inputs *inputs, fate_table **tables)
{
    uint32_t count = fate_job_party_count(inputs->job);
    if (!fate_job_align(inputs->job)) return 0;
    fate_model **alignments = calloc(count, sizeof *alignments);
    if (!alignments) return message_failed(FATE_E_MEMORY, NULL);
    int32_t result = fate_align_pooled(inputs->context, alignments, inputs->job, (const fate_table *const *)tables);
    int code = result == FATE_OK ? 0 : message_context(inputs->context, result);
    for (uint32_t i = 0; i < count && !code; i++) code = alignment_apply(inputs, &tables[i], alignments[i]);
    for (uint32_t i = 0; i < count; i++) fate_model_free(alignments[i]);
    free(alignments);
    return code;
}
