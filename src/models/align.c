/* Alignments in an application's hands: of all parties in one process, applied to tables and to CSV files. */
#include <fate/align.h>

#include <string.h>

#include "src/data/csv_rows.h"
#include "src/models/psi/alignment.h"
#include "src/models/psi/plain.h"
#include "src/session/job.h"
#include "src/session/model.h"

enum { CSV_PIECE = 128 << 20 };

/* ---- in one process ---- */

static bool align_does(const fate_job *job)
{
    const char *name = fate_job_align(job);
    return name != NULL && strcmp(name, "psi") == 0;
}

static int32_t make_model(fate_context *context, fate_model **model, const struct alignment *alignment, const fate_job *job, uint32_t party)
{
    struct buffer body;
    buffer_init(&body, context);
    alignment_write(alignment, &body);
    int32_t result = body.failed ? context_out_of_memory(context)
                                 : model_new(context, model, fate_job_align(job), fate_job_party_name(job, party),
                                             fate_job_party_role(job, party), job->digest, body.bytes, body.length);
    buffer_free(&body);
    return result;
}

static int32_t align_all(fate_context *context, fate_model **models, const fate_job *job, const struct psi_parameters *parameters,
                         const fate_table *const *tables, uint32_t guest)
{
    uint32_t count = fate_job_party_count(job);
    struct alignment *alignments = memory_zeroed(context, count, sizeof *alignments);
    if (alignments == NULL) return context_out_of_memory(context);
    int32_t result = plain_align(context, alignments, parameters, tables, count, guest);
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) result = make_model(context, &models[i], &alignments[i], job, i);
    for (uint32_t i = 0; i < count; i++) alignment_free(&alignments[i]);
    for (uint32_t i = 0; i < count && result != FATE_OK; i++) {
        fate_model_free(models[i]);
        models[i] = NULL;
    }
    memory_free(context, alignments);
    return result;
}

int32_t fate_align_pooled(fate_context *context, fate_model **alignments, const fate_job *job, const fate_table *const *tables)
{
    struct psi_parameters parameters;
    uint32_t guest = 0;
    if (context == NULL || alignments == NULL || job == NULL || tables == NULL)
        return context_bad_argument(context, "fate_align_pooled: alignments, job or tables is NULL");
    for (uint32_t i = 0; i < fate_job_party_count(job); i++) alignments[i] = NULL;
    if (!align_does(job)) return context_fail(context, FATE_E_UNSUPPORTED, "the job does not align tables: it needs \"align\": \"psi\"");
    for (uint32_t i = 0; i < fate_job_party_count(job); i++) {
        if (tables[i] == NULL)
            return context_fail(context, FATE_E_ARGUMENT, "a pooled run needs the table of every party: that of %s is missing",
                                fate_job_party_name(job, i));
        if (strcmp(fate_job_party_role(job, i), "guest") == 0) guest = i;
    }
    int32_t result = psi_parameters_read(context, &parameters, job);
    return result == FATE_OK ? align_all(context, alignments, job, &parameters, tables, guest) : result;
}

/* ---- used ---- */

static int32_t read_alignment(fate_context *context, struct alignment *alignment, const fate_model *model)
{
    const uint8_t *body = NULL;
    uint64_t length = 0;
    memset(alignment, 0, sizeof *alignment);
    if (strcmp(fate_model_algorithm(model), "psi") != 0)
        return context_fail(context, FATE_E_MODEL, "the file is a model of %s, not an alignment", fate_model_algorithm(model));
    int32_t result = fate_model_body(model, &body, &length);
    return result == FATE_OK ? alignment_read(alignment, context, body, length) : result;
}

int32_t fate_table_align(const fate_table *table, fate_table **aligned, const fate_model *alignment)
{
    struct alignment read;
    if (aligned != NULL) *aligned = NULL;
    if (table == NULL) return FATE_E_ARGUMENT;
    if (alignment == NULL || aligned == NULL) return context_bad_argument(table->context, "fate_table_align: alignment or aligned is NULL");
    int32_t result = read_alignment(table->context, &read, alignment);
    if (result == FATE_OK) result = alignment_check(&read, table);
    if (result == FATE_OK) result = table_pick(table, read.rows, read.count, read.left ? read.tag : NULL, aligned);
    if (result == FATE_OK) (*aligned)->aligned = true;
    alignment_free(&read);
    return result;
}

int32_t fate_alignment_fact(const fate_model *alignment, const char *name, uint64_t *value)
{
    struct alignment read;
    if (alignment == NULL || name == NULL || value == NULL) return FATE_E_ARGUMENT;
    int32_t result = read_alignment(model_context(alignment), &read, alignment);
    const struct {
        const char *name;
        uint64_t value;
    } facts[] = {{"rows", read.count}, {"intersection", read.intersection}, {"own", read.own}, {"peer", read.peer}};
    int32_t found = FATE_E_ARGUMENT;
    for (uint32_t i = 0; i < 4 && result == FATE_OK; i++) {
        if (strcmp(facts[i].name, name) != 0) continue;
        *value = facts[i].value;
        found = FATE_OK;
    }
    alignment_free(&read);
    return result == FATE_OK ? found : result;
}

int32_t fate_alignment_write_csv(const fate_model *alignment, const fate_table *table, const char *from, const char *to)
{
    struct alignment read;
    if (table == NULL) return FATE_E_ARGUMENT;
    if (alignment == NULL || from == NULL || to == NULL)
        return context_bad_argument(table->context, "fate_alignment_write_csv: alignment, from or to is NULL");
    if (table->source == NULL)
        return context_fail(table->context, FATE_E_ARGUMENT,
                            "fate_alignment_write_csv: read the table with the job's schema for FATE_PURPOSE_ALIGN");
    int32_t result = read_alignment(table->context, &read, alignment);
    if (result == FATE_OK) result = alignment_check(&read, table);
    if (result == FATE_OK) {
        for (uint64_t i = 0; i < read.count; i++)
            if (read.rows[i] != TABLE_NO_ROW) read.rows[i] = table->source[read.rows[i]];
        result = csv_rows_write(table->context, from, to, read.rows, read.count, read.left, CSV_PIECE);
    }
    alignment_free(&read);
    return result;
}
