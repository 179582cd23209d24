/* Reads a job: every field is checked, unknown ones are errors, and each sentence names the field. While it reads, jansson keeps the values
 * in memory of malloc: its allocator is one for the whole process, so that a library must not set it. */
#include "src/session/job_reader.h"

#include <stdlib.h>
#include <string.h>

#include "src/session/canonical.h"
#include "src/session/job_ids.h"
#include "src/session/nearest.h"
#include "src/session/registry.h"

bool job_reader_is_name(const char *text)
{
    const size_t length = strnlen(text, JOB_NAME + 1);
    if (length == 0 || length > JOB_NAME) return false;
    return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == length;
}

static const char *const root_keys[] = {"algorithm", "id",         "label", "weight",    "categorical",
                                        "parties",   "parameters", "align", "normalise", "duplicates"};

enum { ROOT_KEYS = sizeof root_keys / sizeof *root_keys };

static bool is_root_key(const char *key)
{
    for (uint32_t i = 0; i < ROOT_KEYS; i++)
        if (strcmp(key, root_keys[i]) == 0) return true;
    return false;
}

static int32_t unknown_key(struct job_reader *reader, const char *place, const char *key, const char *const *known, uint32_t count)
{
    char shown[READER_SHOWN], nearest[READER_PLACE];
    canonical_show(shown, sizeof shown, key);
    if (strcmp(place, "parameters.") == 0 && is_root_key(key))
        return context_fail(reader->job->context, FATE_E_JOB, "%s: parameters.%s is no parameter: \"%s\" stands beside \"parameters\"",
                            reader->name, shown, shown);
    nearest_names(nearest, sizeof nearest, key, known, count);
    return context_fail(reader->job->context, FATE_E_JOB, "%s: %s%s is unknown; %s%s", reader->name, place, shown,
                        count == 0 ? "there are none here" : "the nearest known: ", nearest);
}

static bool is_parameter(const fate_protocol *protocol, const char *key)
{
    for (uint32_t i = 0; protocol != NULL && i < protocol->parameter_count; i++)
        if (strcmp(key, protocol->parameters[i].name) == 0) return true;
    return false;
}

/* A key of the job itself. What is a parameter of its algorithm, or of that of "align", was put into the wrong place. */
static int32_t check_root_keys(struct job_reader *reader, json_t *root)
{
    const char *key, *algorithm = json_string_value(json_object_get(root, "algorithm")),
                     *align = json_string_value(json_object_get(root, "align"));
    const fate_context *context = reader->job->context;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        if (is_root_key(key)) continue;
        if (is_parameter(algorithm == NULL ? NULL : registry_find(context, algorithm, 0), key) ||
            is_parameter(align == NULL ? NULL : registry_find(context, align, FATE_PURPOSE_ALIGN), key))
            return context_fail(reader->job->context, FATE_E_JOB, "%s: %s is a parameter: it stands in \"parameters\"", reader->name, key);
        return unknown_key(reader, "", key, root_keys, ROOT_KEYS);
    }
    return FATE_OK;
}

static int32_t check_keys(struct job_reader *reader, json_t *object, const char *place, const char *const *known, uint32_t count)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        bool found = false;
        for (uint32_t i = 0; i < count && !found; i++) found = strcmp(key, known[i]) == 0;
        if (!found) return unknown_key(reader, place, key, known, count);
    }
    return FATE_OK;
}

int32_t job_reader_text(struct job_reader *reader, char **copy, json_t *value, const char *place, const char *key, bool required)
{
    fate_context *context = reader->job->context;
    if (value == NULL && !required) return FATE_OK;
    if (value == NULL) return context_fail(context, FATE_E_JOB, "%s: %s%s is missing", reader->name, place, key);
    if (!json_is_string(value)) return context_fail(context, FATE_E_JOB, "%s: %s%s must be a text in quotes", reader->name, place, key);
    const size_t length = json_string_length(value);
    if (length == 0) return context_fail(context, FATE_E_JOB, "%s: %s%s is empty", reader->name, place, key);
    if (length > JOB_TEXT) {
        return context_fail(context, FATE_E_JOB, "%s: %s%s is longer than %d bytes", reader->name, place, key, (int)JOB_TEXT);
    }
    *copy = memory_text(context, json_string_value(value));
    return *copy == NULL ? context_out_of_memory(context) : FATE_OK;
}

static int32_t read_algorithm(struct job_reader *reader, json_t *root)
{
    fate_job *job = reader->job;
    const int32_t result = job_reader_text(reader, &job->algorithm, json_object_get(root, "algorithm"), "", "algorithm", true);
    if (result != FATE_OK) return result;
    reader->protocol = registry_find(job->context, job->algorithm, 0);
    if (reader->protocol != NULL) return FATE_OK;
    const char *known[64];
    uint32_t count = 0;
    for (; count < 64; count++) {
        known[count] = fate_protocol_name(job->context, count);
        if (known[count] == NULL) break;
    }
    char shown[READER_SHOWN], nearest[READER_PLACE];
    canonical_show(shown, sizeof shown, job->algorithm);
    nearest_names(nearest, sizeof nearest, job->algorithm, known, count);
    return context_fail(job->context, FATE_E_UNSUPPORTED, "%s: algorithm \"%s\" is unknown; %s%s", reader->name, shown,
                        count == 0 ? "no protocol is registered" : "the nearest known: ", nearest);
}

/* A training job whose tables are aligned first: the parameters of that protocol are the job's, too. */
static int32_t read_align(struct job_reader *reader, json_t *root)
{
    fate_job *job = reader->job;
    char shown[READER_SHOWN];
    const int32_t result = job_reader_text(reader, &job->align, json_object_get(root, "align"), "", "align", false);
    if (result != FATE_OK || job->align == NULL) return result;
    reader->align = registry_find(job->context, job->align, FATE_PURPOSE_ALIGN);
    canonical_show(shown, sizeof shown, job->align);
    if (reader->align == NULL)
        return context_fail(job->context, FATE_E_UNSUPPORTED,
                            "%s: align is \"%s\", which is no algorithm that aligns tables: write \"psi\"", reader->name, shown);
    if (reader->protocol->purpose == FATE_PURPOSE_ALIGN)
        return context_fail(job->context, FATE_E_JOB, "%s: align is for jobs that train; %s aligns by itself", reader->name,
                            job->algorithm);
    return FATE_OK;
}

static int compare_texts(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;
    return strcmp(*left, *right);
}

static int32_t read_categorical(struct job_reader *reader, json_t *list)
{
    fate_job *job = reader->job;
    if (list == NULL) return FATE_OK;
    if (!json_is_array(list)) return context_fail(job->context, FATE_E_JOB, "%s: categorical must be a list of column names", reader->name);
    const size_t count = json_array_size(list);
    if (count > JOB_CATEGORICAL) return context_fail(job->context, FATE_E_JOB, "%s: categorical has too many columns", reader->name);
    job->categorical = memory_zeroed(job->context, count, sizeof *job->categorical);
    if (job->categorical == NULL) return context_out_of_memory(job->context);
    for (size_t i = 0; i < count; i++) {
        char place[READER_PLACE];
        snprintf(place, sizeof place, "categorical[%zu]", i);
        const int32_t result = job_reader_text(reader, &job->categorical[i], json_array_get(list, i), place, "", true);
        if (result != FATE_OK) return result;
        job->categorical_count++;
    }
    qsort(job->categorical, count, sizeof *job->categorical, compare_texts);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(job->categorical[i - 1], job->categorical[i]) != 0) continue;
        char shown[READER_SHOWN];
        canonical_show(shown, sizeof shown, job->categorical[i]);
        return context_fail(job->context, FATE_E_JOB, "%s: categorical names column \"%s\" twice", reader->name, shown);
    }
    return FATE_OK;
}

static int32_t check_columns(struct job_reader *reader)
{
    fate_job *job = reader->job;
    struct {
        const char *key, *column;
    } uses[JOB_IDS + 2];
    const uint32_t count = job->id_count + 2;
    for (uint32_t i = 0; i < job->id_count; i++) {
        uses[i].key = "id";
        uses[i].column = job->ids[i].column;
    }
    uses[job->id_count].key = "label";
    uses[job->id_count].column = job->label;
    uses[job->id_count + 1].key = "weight";
    uses[job->id_count + 1].column = job->weight;
    for (uint32_t i = 0; i < count; i++) {
        if (uses[i].column == NULL) continue;
        for (uint32_t j = i + 1; j < count; j++) {
            if (uses[j].column != NULL && strcmp(uses[i].column, uses[j].column) == 0) {
                return context_fail(job->context, FATE_E_JOB, "%s: %s and %s name the same column", reader->name, uses[i].key, uses[j].key);
            }
        }
        for (uint32_t c = 0; c < job->categorical_count; c++) {
            if (strcmp(uses[i].column, job->categorical[c]) == 0) {
                return context_fail(job->context, FATE_E_JOB, "%s: categorical names the %s column", reader->name, uses[i].key);
            }
        }
    }
    return FATE_OK;
}

static int32_t read_columns(struct job_reader *reader, json_t *root)
{
    fate_job *job = reader->job;
    int32_t result = job_ids_read(reader, root);
    const bool has_label = reader->protocol->label_role != NULL;
    if (result == FATE_OK) result = job_reader_text(reader, &job->label, json_object_get(root, "label"), "", "label", has_label);
    if (result == FATE_OK) result = job_reader_text(reader, &job->weight, json_object_get(root, "weight"), "", "weight", false);
    if (result == FATE_OK) result = read_categorical(reader, json_object_get(root, "categorical"));
    return result != FATE_OK ? result : check_columns(reader);
}

static int32_t bad_role(struct job_reader *reader, const char *place, const char *role)
{
    const char *known[REGISTRY_ROLES];
    char shown[READER_SHOWN], nearest[READER_PLACE];
    for (uint32_t i = 0; i < reader->protocol->role_count; i++) known[i] = reader->protocol->roles[i].name;
    nearest_names(nearest, sizeof nearest, role, known, reader->protocol->role_count);
    canonical_show(shown, sizeof shown, role);
    return context_fail(reader->job->context, FATE_E_JOB, "%s: %srole is \"%s\", but a party of %s is %s", reader->name, place, shown,
                        reader->protocol->name, nearest);
}

/* "host:port", or "[IPv6]:port", with a port from 1 to 65535 and no blanks. */
static bool is_address(const char *text)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || strpbrk(text, " \t\r\n") != NULL) return false;
    const size_t digits = strspn(colon + 1, "0123456789");
    if (digits == 0 || digits > 5 || colon[1 + digits] != '\0') return false;
    const long port = strtol(colon + 1, NULL, 10);
    const bool bracketed = text[0] == '[' && colon[-1] == ']';
    return port >= 1 && port <= 65535 && (bracketed || strchr(text, ':') == colon);
}

static int32_t check_party(struct job_reader *reader, struct job_party *party, const char *place)
{
    fate_context *context = reader->job->context;
    char shown[READER_SHOWN];
    if (!job_reader_is_name(party->name)) {
        canonical_show(shown, sizeof shown, party->name);
        return context_fail(context, FATE_E_JOB, "%s: %sname is \"%s\", but must be 1 to %d of the characters A-Z a-z 0-9 . _ -",
                            reader->name, place, shown, (int)JOB_NAME);
    }
    if (registry_role(reader->protocol, party->role) < 0) return bad_role(reader, place, party->role);
    if (!identity_parse_public(&party->identity, party->key)) {
        return context_fail(context, FATE_E_JOB, "%s: %skey of %s is not a public identity: copy the whole line that `fate keygen` printed",
                            reader->name, place, party->name);
    }
    if (party->address != NULL && !is_address(party->address)) {
        canonical_show(shown, sizeof shown, party->address);
        return context_fail(context, FATE_E_JOB,
                            "%s: %saddress is \"%s\", but must be host:port, a port from 1 to 65535, with an IPv6 host in brackets",
                            reader->name, place, shown);
    }
    return FATE_OK;
}

static int32_t read_party(struct job_reader *reader, struct job_party *party, json_t *value, const char *place)
{
    static const char *const known[] = {"name", "role", "key", "address"};
    if (!json_is_object(value)) {
        return context_fail(reader->job->context, FATE_E_JOB, "%s: parties must be a list of objects with name, role and key",
                            reader->name);
    }
    int32_t result = check_keys(reader, value, place, known, 4);
    if (result == FATE_OK) result = job_reader_text(reader, &party->name, json_object_get(value, "name"), place, "name", true);
    if (result == FATE_OK) result = job_reader_text(reader, &party->role, json_object_get(value, "role"), place, "role", true);
    if (result == FATE_OK) result = job_reader_text(reader, &party->key, json_object_get(value, "key"), place, "key", true);
    if (result == FATE_OK) result = job_reader_text(reader, &party->address, json_object_get(value, "address"), place, "address", false);
    return result != FATE_OK ? result : check_party(reader, party, place);
}

static int32_t check_unique(struct job_reader *reader, uint32_t last)
{
    const struct job_party *parties = reader->job->parties;
    for (uint32_t i = 0; i < last; i++) {
        if (strcmp(parties[i].name, parties[last].name) == 0) {
            return context_fail(reader->job->context, FATE_E_JOB, "%s: two parties are named %s", reader->name, parties[i].name);
        }
        const struct public_identity *one = &parties[i].identity, *other = &parties[last].identity;
        if (memcmp(one->sign, other->sign, IDENTITY_KEY) == 0 || memcmp(one->exchange, other->exchange, IDENTITY_KEY) == 0) {
            return context_fail(reader->job->context, FATE_E_JOB, "%s: %s and %s have the same key: each party needs one of its own",
                                reader->name, parties[i].name, parties[last].name);
        }
    }
    return FATE_OK;
}

static int32_t check_role_counts(struct job_reader *reader, const fate_protocol *protocol)
{
    const fate_job *job = reader->job;
    for (uint32_t r = 0; r < protocol->role_count; r++) {
        const fate_protocol_role *role = &protocol->roles[r];
        uint32_t count = 0;
        for (uint32_t p = 0; p < job->party_count; p++) count += strcmp(job->parties[p].role, role->name) == 0 ? 1 : 0;
        if (count < role->minimum) {
            return context_fail(job->context, FATE_E_JOB, "%s: parties: %u have the role %s, but %s needs at least %u", reader->name,
                                (unsigned)count, role->name, protocol->name, (unsigned)role->minimum);
        }
        if (count > role->maximum) {
            return context_fail(job->context, FATE_E_JOB, "%s: parties: %u have the role %s, but %s allows at most %u", reader->name,
                                (unsigned)count, role->name, protocol->name, (unsigned)role->maximum);
        }
    }
    return FATE_OK;
}

static int32_t read_parties(struct job_reader *reader, json_t *list)
{
    fate_job *job = reader->job;
    if (!json_is_array(list)) return context_fail(job->context, FATE_E_JOB, "%s: parties is missing or not a list", reader->name);
    const size_t count = json_array_size(list);
    if (count == 0 || count > JOB_PARTIES) {
        return context_fail(job->context, FATE_E_JOB, "%s: parties has %zu entries, but must have 1 to %d", reader->name, count,
                            (int)JOB_PARTIES);
    }
    job->parties = memory_zeroed(job->context, count, sizeof *job->parties);
    if (job->parties == NULL) return context_out_of_memory(job->context);
    for (uint32_t i = 0; i < count; i++) {
        char place[READER_PLACE];
        snprintf(place, sizeof place, "parties[%u].", (unsigned)i);
        job->party_count++;
        int32_t result = read_party(reader, &job->parties[i], json_array_get(list, i), place);
        if (result == FATE_OK) result = check_unique(reader, i);
        if (result != FATE_OK) return result;
    }
    const int32_t result = check_role_counts(reader, reader->protocol);
    return result == FATE_OK && reader->align != NULL ? check_role_counts(reader, reader->align) : result;
}

static int compare_parameters(const void *a, const void *b)
{
    const struct job_parameter *left = a, *right = b;
    return strcmp(left->declared->name, right->declared->name);
}

static int32_t read_parameter(struct job_reader *reader, struct job_parameter *parameter, json_t *given)
{
    fate_context *context = reader->job->context;
    char place[READER_PLACE];
    snprintf(place, sizeof place, "%.200s: parameters.", reader->name);
    if (given != NULL) return parameter_read(context, &parameter->value, parameter->declared, given, FATE_E_JOB, place);
    if (parameter->declared->preset != NULL) {
        return parameter_read_preset(context, &parameter->value, parameter->declared, FATE_E_JOB, place);
    }
    return context_fail(context, FATE_E_JOB, "%s%s is missing and has no default: %s", place, parameter->declared->name,
                        parameter->declared->help);
}

static int32_t read_parameters_of(struct job_reader *reader, const fate_protocol *protocol, json_t *object)
{
    fate_job *job = reader->job;
    int32_t result = FATE_OK;
    for (uint32_t i = 0; protocol != NULL && i < protocol->parameter_count && result == FATE_OK; i++) {
        struct job_parameter *parameter = &job->parameters[job->parameter_count++];
        parameter->declared = &protocol->parameters[i];
        result = read_parameter(reader, parameter, object == NULL ? NULL : json_object_get(object, parameter->declared->name));
    }
    return result;
}

static int32_t read_parameters(struct job_reader *reader, json_t *object)
{
    fate_job *job = reader->job;
    const fate_protocol *const protocols[] = {reader->protocol, reader->align};
    const char *known[2 * REGISTRY_PARAMETERS];
    uint32_t count = 0;
    if (object != NULL && !json_is_object(object)) {
        return context_fail(job->context, FATE_E_JOB, "%s: parameters must be an object, {\"name\": value, ...}", reader->name);
    }
    for (uint32_t p = 0; p < 2; p++)
        for (uint32_t i = 0; protocols[p] != NULL && i < protocols[p]->parameter_count; i++)
            known[count++] = protocols[p]->parameters[i].name;
    int32_t result = object == NULL ? FATE_OK : check_keys(reader, object, "parameters.", known, count);
    if (result != FATE_OK) return result;
    job->parameters = memory_zeroed(job->context, count, sizeof *job->parameters);
    if (job->parameters == NULL) return context_out_of_memory(job->context);
    for (uint32_t p = 0; p < 2 && result == FATE_OK; p++) result = read_parameters_of(reader, protocols[p], object);
    if (job->parameter_count > 1) qsort(job->parameters, job->parameter_count, sizeof *job->parameters, compare_parameters);
    for (uint32_t i = 1; i < job->parameter_count && result == FATE_OK; i++)
        if (compare_parameters(&job->parameters[i - 1], &job->parameters[i]) == 0)
            result = context_fail(job->context, FATE_E_UNSUPPORTED, "%s: %s and %s both have a parameter %s", reader->name, job->algorithm,
                                  job->align, job->parameters[i].declared->name);
    return result;
}

static int32_t read_root(struct job_reader *reader, json_t *root)
{
    if (!json_is_object(root))
        return context_fail(reader->job->context, FATE_E_JOB, "%s: a job must be a JSON object, {...}", reader->name);
    int32_t result = check_root_keys(reader, root);
    if (result == FATE_OK) result = read_algorithm(reader, root);
    if (result == FATE_OK) result = read_align(reader, root);
    if (result == FATE_OK) result = read_columns(reader, root);
    if (result == FATE_OK) result = read_parties(reader, json_object_get(root, "parties"));
    return result != FATE_OK ? result : read_parameters(reader, json_object_get(root, "parameters"));
}

int32_t job_reader_run(fate_job *job, const char *name, const uint8_t *text, uint64_t length)
{
    struct job_reader reader = {job, name, NULL, NULL};
    json_error_t error;
    if (length > JOB_FILE) return context_fail(job->context, FATE_E_JOB, "%s: longer than %d bytes: this is no job", name, (int)JOB_FILE);
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* the byte order mark that some editors write */
        text += 3;
        length -= 3;
    }
    if (length == 0) return context_fail(job->context, FATE_E_JOB, "%s: the text is empty; a job is a JSON object, {...}", name);
    json_t *root = json_loadb((const char *)text, (size_t)length, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL && json_error_code(&error) == json_error_out_of_memory) return context_out_of_memory(job->context);
    if (root == NULL) {
        char shown[JSON_ERROR_TEXT_LENGTH * 2];
        canonical_show(shown, sizeof shown, error.text);
        return context_fail(job->context, FATE_E_JOB, "%s: line %d, column %d: %s", name, error.line, error.column, shown);
    }
    const int32_t result = read_root(&reader, root);
    json_decref(root);
    return result;
}
