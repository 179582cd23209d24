/* A job: parsed, completed with schemas, canonical form and digest; and its facts. */
#include "src/session/job.h"

#include <sodium.h>
#include <string.h>

#include "lib/file.h"
#include "src/data/normalise.h"
#include "src/data/schema.h"
#include "src/session/canonical.h"
#include "src/session/job_reader.h"
#include "src/session/registry.h"

enum job_schema { JOB_SCHEMA_SCORE = 0, JOB_SCHEMA_TRAIN = 1, JOB_SCHEMA_ALIGN = 2 };

enum { JOB_SCHEMAS = 6 };

static const char digest_domain[] = "fate job 1";

const fate_protocol *job_protocol(const fate_job *job, int32_t purpose)
{
    if (purpose == FATE_PURPOSE_ALIGN_VALIDATION) purpose = FATE_PURPOSE_ALIGN;
    return registry_find(job->context, purpose == FATE_PURPOSE_ALIGN && job->align != NULL ? job->align : job->algorithm, purpose);
}

int32_t job_role(const fate_job *job, const fate_protocol *protocol, uint32_t party)
{
    return registry_role(protocol, job->parties[party].role);
}

static void party_free(fate_context *context, struct job_party *party)
{
    memory_free(context, party->name);
    memory_free(context, party->role);
    memory_free(context, party->key);
    memory_free(context, party->address);
}

void fate_job_free(fate_job *job)
{
    if (job == NULL) return;
    fate_context *context = job->context;
    for (uint32_t i = 0; i < job->party_count; i++) party_free(context, &job->parties[i]);
    for (uint32_t i = 0; i < job->parameter_count; i++) parameter_free(context, &job->parameters[i].value);
    for (uint32_t i = 0; i < job->categorical_count; i++) memory_free(context, job->categorical[i]);
    for (int i = 0; i < JOB_SCHEMAS; i++) fate_schema_free(job->schemas[i / 3][i % 3]);
    for (uint32_t i = 0; i < job->id_count; i++) memory_free(context, job->ids[i].column);
    memory_free(context, job->ids);
    memory_free(context, job->align);
    memory_free(context, job->parties);
    memory_free(context, job->parameters);
    memory_free(context, job->categorical);
    memory_free(context, job->algorithm);
    memory_free(context, job->id);
    memory_free(context, job->label);
    memory_free(context, job->weight);
    memory_free(context, job->canonical);
    memory_free(context, job);
    fate_context_free(context);
}

static bool has_label(const fate_job *job, const struct job_party *party)
{
    const char *role = job_protocol(job, 0)->label_role;
    return role != NULL && strcmp(party->role, role) == 0;
}

static int32_t set_ids(const fate_job *job, fate_schema *schema, bool guest)
{
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < job->id_count && result == FATE_OK; i++) {
        char normalisers[NORMALISE_TEXT];
        normalise_write(normalisers, job->ids[i].normalise);
        result = fate_schema_add_id(schema, job->ids[i].column, normalisers);
    }
    /* Of the rule "many" only the guest may make use. */
    schema->duplicates = job->duplicates == DUPLICATES_MANY && !guest ? DUPLICATES_ERROR : job->duplicates;
    return result;
}

/* A row to score needs neither label nor weight; a weight that its table has all the same is then a column that no model asks for. */
static int32_t make_schema(const fate_job *job, fate_schema **schema, bool labels, enum job_schema use)
{
    const bool training = use == JOB_SCHEMA_TRAIN;
    int32_t result = fate_schema_new(job->context, schema);
    if (result == FATE_OK) result = set_ids(job, *schema, labels);
    if (result != FATE_OK || use == JOB_SCHEMA_ALIGN) {
        return result == FATE_OK ? fate_schema_set_ids_only(*schema, 1) : result;
    }
    if (result == FATE_OK && labels && job->label != NULL) result = fate_schema_set_label(*schema, job->label, training ? 1 : 0);
    if (result == FATE_OK && labels && training && job->weight != NULL) result = fate_schema_set_weight(*schema, job->weight);
    for (uint32_t i = 0; result == FATE_OK && i < job->categorical_count; i++) {
        result = fate_schema_add_categorical(*schema, job->categorical[i]);
    }
    return result;
}

static int32_t make_schemas(fate_job *job)
{
    int32_t result = FATE_OK;
    for (int i = 0; i < JOB_SCHEMAS && result == FATE_OK; i++)
        result = make_schema(job, &job->schemas[i / 3][i % 3], i / 3 == 1, (enum job_schema)(i % 3));
    return result;
}

static int32_t make_canonical(fate_job *job)
{
    struct buffer buffer;
    uint64_t length = 0;
    buffer_init(&buffer, job->context);
    canonical_write(&buffer, job);
    job->canonical = (char *)buffer_take(&buffer, &length);
    buffer_free(&buffer);
    if (job->canonical == NULL) return context_out_of_memory(job->context);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, JOB_DIGEST);
    crypto_generichash_update(&state, (const uint8_t *)digest_domain, sizeof digest_domain);
    crypto_generichash_update(&state, (const uint8_t *)job->canonical, length);
    crypto_generichash_final(&state, job->digest, JOB_DIGEST);
    return FATE_OK;
}

static int32_t run_checks(const fate_job *job)
{
    const fate_protocol *protocols[] = {job_protocol(job, 0), job->align == NULL ? NULL : job_protocol(job, FATE_PURPOSE_ALIGN)};
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < 2 && result == FATE_OK; i++)
        if (protocols[i] != NULL && protocols[i]->check != NULL) result = protocols[i]->check(job->context, job);
    return result;
}

static int32_t run_check(fate_job *job, const char *name)
{
    const int32_t result = run_checks(job);
    if (result == FATE_OK || result == FATE_E_MEMORY) return result;
    char sentence[CONTEXT_SENTENCE];
    snprintf(sentence, sizeof sentence, "%s", fate_context_error(job->context));
    return context_fail(job->context, result, "%s: %s", name, sentence);
}

int32_t fate_job_parse(fate_context *context, fate_job **job, const char *name, const uint8_t *text, uint64_t length)
{
    if (job != NULL) *job = NULL;
    if (context == NULL || job == NULL || (text == NULL && length > 0))
        return context_bad_argument(context, "fate_job_parse: job or text is NULL");
    fate_job *made = memory_zeroed(context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(context);
    made->context = context_hold(context);
    const char *shown = name == NULL ? "job" : name;
    int32_t result = job_reader_run(made, shown, text, length);
    if (result == FATE_OK) result = make_schemas(made);
    if (result == FATE_OK) result = make_canonical(made);
    if (result == FATE_OK) result = run_check(made, shown);
    if (result == FATE_OK) {
        *job = made;
    } else {
        fate_job_free(made);
    }
    return result;
}

int32_t fate_job_read(fate_context *context, fate_job **job, const char *path)
{
    if (job != NULL) *job = NULL;
    if (context == NULL || job == NULL || path == NULL) return context_bad_argument(context, "fate_job_read: job or path is NULL");
    struct buffer buffer;
    buffer_init(&buffer, context);
    int32_t result = file_read(context, &buffer, path, JOB_FILE);
    if (result == FATE_E_LIMIT) result = context_fail(context, FATE_E_JOB, "%s: longer than %d bytes: this is no job", path, (int)JOB_FILE);
    if (result == FATE_OK) result = fate_job_parse(context, job, path, buffer.bytes, buffer.length);
    buffer_free(&buffer);
    return result;
}

const char *fate_job_algorithm(const fate_job *job)
{
    return job == NULL ? NULL : job->algorithm;
}

const char *fate_job_align(const fate_job *job)
{
    const fate_protocol *protocol = job == NULL ? NULL : job_protocol(job, FATE_PURPOSE_ALIGN);
    return protocol == NULL ? NULL : protocol->name;
}

uint32_t fate_job_party_count(const fate_job *job)
{
    return job == NULL ? 0 : job->party_count;
}

static const struct job_party *party_of(const fate_job *job, uint32_t party)
{
    return job == NULL || party >= job->party_count ? NULL : &job->parties[party];
}

const char *fate_job_party_name(const fate_job *job, uint32_t party)
{
    const struct job_party *row = party_of(job, party);
    return row == NULL ? NULL : row->name;
}

const char *fate_job_party_role(const fate_job *job, uint32_t party)
{
    const struct job_party *row = party_of(job, party);
    return row == NULL ? NULL : row->role;
}

const char *fate_job_party_key(const fate_job *job, uint32_t party)
{
    const struct job_party *row = party_of(job, party);
    return row == NULL ? NULL : row->key;
}

const char *fate_job_party_address(const fate_job *job, uint32_t party)
{
    const struct job_party *row = party_of(job, party);
    return row == NULL ? NULL : row->address;
}

static int32_t no_such_party(const fate_job *job, const char *name)
{
    char shown[100], names[512];
    size_t used = 0;
    canonical_show(shown, sizeof shown, name);
    names[0] = '\0';
    for (uint32_t i = 0; i < job->party_count && used + JOB_NAME + 8 < sizeof names; i++) {
        const int written = snprintf(names + used, sizeof names - used, "%s%s", i == 0 ? "" : ", ", job->parties[i].name);
        used += written < 0 ? 0 : (size_t)written;
    }
    return context_fail(job->context, FATE_E_ARGUMENT, "the job has no party named \"%s\"; its parties: %s", shown, names);
}

int32_t fate_job_find_party(const fate_job *job, const char *name, uint32_t *party)
{
    if (job == NULL) return FATE_E_ARGUMENT;
    if (name == NULL || party == NULL) return context_bad_argument(job->context, "fate_job_find_party: name or party is NULL");
    for (uint32_t i = 0; i < job->party_count; i++) {
        if (strcmp(job->parties[i].name, name) != 0) continue;
        *party = i;
        return FATE_OK;
    }
    return no_such_party(job, name);
}

static bool roles_talk(const fate_job *job, const fate_protocol *protocol, uint32_t party, uint32_t other)
{
    const int32_t one = job_role(job, protocol, party), two = job_role(job, protocol, other);
    if (one < 0 || two < 0) return false;
    for (uint32_t i = 0; i < protocol->message_count; i++) {
        const uint32_t sender = protocol->messages[i].sender, receiver = protocol->messages[i].receiver;
        if ((sender == (uint32_t)one && receiver == (uint32_t)two) || (sender == (uint32_t)two && receiver == (uint32_t)one)) return true;
    }
    return false;
}

int32_t fate_job_parties_talk(const fate_job *job, uint32_t party, uint32_t other)
{
    if (party_of(job, party) == NULL || party_of(job, other) == NULL || party == other) return 0;
    for (int32_t purpose = FATE_PURPOSE_TRAIN; purpose <= FATE_PURPOSE_SERVE; purpose++) {
        const fate_protocol *protocol = job_protocol(job, purpose);
        if (protocol != NULL && roles_talk(job, protocol, party, other)) return 1;
    }
    return 0;
}

int32_t fate_job_party_dials(const fate_job *job, uint32_t party, uint32_t other)
{
    const struct job_party *one = party_of(job, party), *two = party_of(job, other);
    if (one == NULL || two == NULL || party == other) return 0;
    const bool one_listens = one->address != NULL, two_listens = two->address != NULL;
    if (one_listens != two_listens) return two_listens ? 1 : 0;
    return party > other ? 1 : 0;
}

int32_t fate_job_check_identity(const fate_job *job, uint32_t party, const fate_identity *identity)
{
    const struct job_party *row = party_of(job, party);
    if (job == NULL) return FATE_E_ARGUMENT;
    if (row == NULL || identity == NULL)
        return context_bad_argument(job->context, "fate_job_check_identity: there is no such party, or identity is NULL");
    if (sodium_memcmp(&row->identity, &identity->public_half, sizeof row->identity) == 0) return FATE_OK;
    return context_fail(job->context, FATE_E_IDENTITY,
                        "the job pins %s to the key %s, but the identity given is %s: use %s's key file, or correct the job on every side",
                        row->name, row->key, identity->text, row->name);
}

const fate_schema *fate_job_schema(const fate_job *job, uint32_t party, int32_t purpose)
{
    const struct job_party *row = party_of(job, party);
    if (row == NULL) return NULL;
    static const enum job_schema uses[] = {[FATE_PURPOSE_TRAIN] = JOB_SCHEMA_TRAIN,
                                           [FATE_PURPOSE_PREDICT] = JOB_SCHEMA_SCORE,
                                           [FATE_PURPOSE_ALIGN] = JOB_SCHEMA_ALIGN,
                                           [FATE_PURPOSE_SERVE] = JOB_SCHEMA_SCORE,
                                           [FATE_PURPOSE_ALIGN_VALIDATION] = JOB_SCHEMA_ALIGN};
    if (purpose < FATE_PURPOSE_TRAIN || purpose > FATE_PURPOSE_ALIGN_VALIDATION) return NULL;
    const bool guest = uses[purpose] == JOB_SCHEMA_ALIGN ? strcmp(row->role, "guest") == 0 : has_label(job, row);
    return job->schemas[guest ? 1 : 0][uses[purpose]];
}

static int32_t find_parameter(const fate_job *job, const char *name, uint32_t kind, const void *value, const struct parameter_value **found)
{
    static const char *const names[] = {
        [FATE_PARAMETER_INTEGER] = "integer", [FATE_PARAMETER_NUMBER] = "number", [FATE_PARAMETER_TEXT] = "text"};
    if (job == NULL) return FATE_E_ARGUMENT;
    if (name == NULL || value == NULL)
        return context_fail(job->context, FATE_E_ARGUMENT, "fate_job_%s: name or value is NULL", names[kind]);
    for (uint32_t i = 0; i < job->parameter_count; i++) {
        const struct job_parameter *parameter = &job->parameters[i];
        if (strcmp(parameter->declared->name, name) != 0) continue;
        if (parameter->declared->kind != kind)
            return context_fail(job->context, FATE_E_ARGUMENT, "the parameter \"%s\" is read by fate_job_%s, not by fate_job_%s", name,
                                names[parameter->declared->kind], names[kind]);
        *found = &parameter->value;
        return FATE_OK;
    }
    return context_fail(job->context, FATE_E_ARGUMENT, "%s has no parameter \"%.64s\"", job->algorithm, name);
}

int32_t fate_job_integer(const fate_job *job, const char *name, int64_t *value)
{
    const struct parameter_value *found = NULL;
    const int32_t result = find_parameter(job, name, FATE_PARAMETER_INTEGER, value, &found);
    if (result == FATE_OK) *value = found->integer;
    return result;
}

int32_t fate_job_number(const fate_job *job, const char *name, double *value)
{
    const struct parameter_value *found = NULL;
    const int32_t result = find_parameter(job, name, FATE_PARAMETER_NUMBER, value, &found);
    if (result == FATE_OK) *value = found->number;
    return result;
}

int32_t fate_job_text(const fate_job *job, const char *name, const char **value)
{
    const struct parameter_value *found = NULL;
    const int32_t result = find_parameter(job, name, FATE_PARAMETER_TEXT, value, &found);
    if (result == FATE_OK) *value = found->text;
    return result;
}

int32_t fate_job_digest(const fate_job *job, uint8_t *digest)
{
    if (job == NULL) return FATE_E_ARGUMENT;
    if (digest == NULL) return context_bad_argument(job->context, "fate_job_digest: digest is NULL");
    memcpy(digest, job->digest, JOB_DIGEST);
    return FATE_OK;
}

const char *fate_job_canonical(const fate_job *job)
{
    return job == NULL ? NULL : job->canonical;
}
