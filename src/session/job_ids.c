/* How a job says what the ids are; see job_ids.h. */
#include "src/session/job_ids.h"

#include <string.h>

#include "lib/bytes.h"
#include "src/data/normalise.h"
#include "src/data/schema.h"
#include "src/session/canonical.h"
#include "src/session/registry.h"

/* "id" or ["phone", "birth"]. */
static int32_t read_columns(struct job_reader *reader, json_t *value)
{
    fate_job *job = reader->job;
    const bool several = json_is_array(value);
    const size_t count = several ? json_array_size(value) : 1;
    if (count == 0 || count > JOB_IDS)
        return context_fail(job->context, FATE_E_JOB, "%s: id must name 1 to %d columns", reader->name, (int)JOB_IDS);
    job->ids = memory_zeroed(job->context, count, sizeof *job->ids);
    if (job->ids == NULL) return context_out_of_memory(job->context);
    for (size_t i = 0; i < count; i++) {
        char place[READER_PLACE] = "id";
        if (several) snprintf(place, sizeof place, "id[%zu]", i);
        const int32_t result = job_reader_text(reader, &job->ids[i].column, several ? json_array_get(value, i) : value, place, "", true);
        if (result != FATE_OK) return result;
        job->id_count++;
    }
    return FATE_OK;
}

static int32_t read_normalisers_of(struct job_reader *reader, struct job_id *id, json_t *value)
{
    if (json_is_string(value) && normalise_read(json_string_value(value), &id->normalise)) return FATE_OK;
    return context_fail(reader->job->context, FATE_E_JOB,
                        "%s: normalise must be some of trim, fold and digits, such as \"trim fold\", or a list of such texts, one for each "
                        "column of the id",
                        reader->name);
}

/* "trim fold" for all columns of the id, or a list with one text for each. */
static int32_t read_normalisers(struct job_reader *reader, json_t *value)
{
    fate_job *job = reader->job;
    if (value == NULL) return FATE_OK;
    if (json_is_array(value) && json_array_size(value) != job->id_count)
        return context_fail(job->context, FATE_E_JOB, "%s: normalise has %zu entries, but the id has %u columns", reader->name,
                            json_array_size(value), (unsigned)job->id_count);
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < job->id_count && result == FATE_OK; i++)
        result = read_normalisers_of(reader, &job->ids[i], json_is_array(value) ? json_array_get(value, i) : value);
    return result;
}

static int32_t read_duplicates(struct job_reader *reader, json_t *value)
{
    fate_job *job = reader->job;
    if (value == NULL) return FATE_OK;
    if (!json_is_string(value) || !schema_read_duplicates(json_string_value(value), &job->duplicates))
        return context_fail(job->context, FATE_E_JOB, "%s: duplicates must be \"error\", \"first\" or \"many\"", reader->name);
    if (job->duplicates == DUPLICATES_MANY && reader->align == NULL && reader->protocol->purpose != FATE_PURPOSE_ALIGN)
        return context_fail(job->context, FATE_E_JOB,
                            "%s: duplicates can be \"many\" only where tables are aligned first (\"align\": \"psi\")", reader->name);
    return FATE_OK;
}

static int32_t make_name(fate_job *job)
{
    struct buffer name;
    uint64_t length;
    buffer_init(&name, job->context);
    for (uint32_t i = 0; i < job->id_count; i++) {
        if (i > 0) buffer_u8(&name, '|');
        buffer_text(&name, job->ids[i].column);
    }
    job->id = (char *)buffer_take(&name, &length);
    buffer_free(&name);
    return job->id == NULL ? context_out_of_memory(job->context) : FATE_OK;
}

int32_t job_ids_read(struct job_reader *reader, json_t *root)
{
    int32_t result = read_columns(reader, json_object_get(root, "id"));
    if (result == FATE_OK) result = read_normalisers(reader, json_object_get(root, "normalise"));
    if (result == FATE_OK) result = read_duplicates(reader, json_object_get(root, "duplicates"));
    return result == FATE_OK ? make_name(reader->job) : result;
}
