/* What train and predict read before anything else happens: the job, who we are, the key, the tables. */
#include "tools/inputs.h"
#include "tools/message.h"

#include <stdlib.h>
#include <string.h>

int inputs_open(struct inputs *inputs, const struct arguments *arguments)
{
    uint32_t threads = 0;
    memset(inputs, 0, sizeof *inputs);
    int code = options_number(arguments, "threads", 0, 256, &threads);
    if (!code) code = options_address(arguments, "listen");
    if (code) return code;
    int32_t result = fate_context_new(&inputs->context, NULL);
    if (result == FATE_OK) result = fate_context_set_threads(inputs->context, threads);
    if (result == FATE_OK) result = fate_job_read(inputs->context, &inputs->job, options_text(arguments, "job"));
    return result == FATE_OK ? 0 : message_context(inputs->context, result);
}

void inputs_close(struct inputs *inputs)
{
    fate_identity_free(inputs->identity);
    fate_job_free(inputs->job);
    fate_context_free(inputs->context);
    memset(inputs, 0, sizeof *inputs);
}

int inputs_read_party(struct inputs *inputs, const struct arguments *arguments)
{
    int32_t result = fate_job_find_party(inputs->job, options_text(arguments, "party"), &inputs->party);
    if (result != FATE_OK) {
        message_context(inputs->context, result);
        return result == FATE_E_ARGUMENT ? EXIT_USAGE : message_exit_code(result);
    }
    result = fate_identity_read(inputs->context, &inputs->identity, options_text(arguments, "key"));
    if (result == FATE_OK) result = fate_job_check_identity(inputs->job, inputs->party, inputs->identity);
    return result == FATE_OK ? 0 : message_context(inputs->context, result);
}

int inputs_read_table(const struct inputs *inputs, fate_table **table, uint32_t party, int32_t purpose, const char *path)
{
    int32_t result = fate_table_read_csv(inputs->context, table, path, fate_job_schema(inputs->job, party, purpose));
    return result == FATE_OK ? 0 : message_context(inputs->context, result);
}

static int find_party(const struct inputs *inputs, const char *name, size_t length, uint32_t *party)
{
    for (uint32_t i = 0; i < fate_job_party_count(inputs->job); i++) {
        const char *candidate = fate_job_party_name(inputs->job, i);
        if (strlen(candidate) == length && memcmp(candidate, name, length) == 0) {
            *party = i;
            return 0;
        }
    }
    return message_usage("the job has no party \"%.*s\".", (int)(length < 100 ? length : 100), name);
}

static int take_path(const struct inputs *inputs, const char **paths, const char *option, const char *value)
{
    const char *equals = strchr(value, '=');
    uint32_t party = 0;
    if (!equals || equals == value || !equals[1])
        return message_usage("--%s %s: with --pooled it is written --%s NAME=FILE, NAME being a party.", option, value, option);
    int code = find_party(inputs, value, (size_t)(equals - value), &party);
    if (code) return code;
    if (paths[party]) return message_usage("--%s is given twice for %s.", option, fate_job_party_name(inputs->job, party));
    paths[party] = equals + 1;
    return 0;
}

/* The paths of all parties, given with an option that repeats. paths: as many as parties, zeroed. */
static int take_paths(const struct inputs *inputs, const char **paths, const struct arguments *arguments, const char *option)
{
    uint32_t cursor = 0;
    const char *value;
    int code = 0;
    while (!code && (value = options_next(arguments, option, &cursor)) != NULL) code = take_path(inputs, paths, option, value);
    /* Horizontal training may take some of the clients alone. */
    int some = strncmp(fate_job_algorithm(inputs->job), "horizontal-", strlen("horizontal-")) == 0;
    for (uint32_t i = 0; i < fate_job_party_count(inputs->job) && !code && !some; i++)
        if (!paths[i]) code = message_usage("--%s %s=FILE is missing.", option, fate_job_party_name(inputs->job, i));
    return code;
}

int inputs_read_tables(const struct inputs *inputs, fate_table **tables, const struct arguments *arguments, const char *option,
                       int32_t purpose)
{
    uint32_t count = fate_job_party_count(inputs->job);
    const char **paths = calloc(count, sizeof *paths);
    if (!paths) return message_failed(FATE_E_MEMORY, NULL);
    int code = take_paths(inputs, paths, arguments, option);
    for (uint32_t i = 0; i < count && !code; i++)
        if (paths[i]) code = inputs_read_table(inputs, &tables[i], i, purpose, paths[i]);
    free(paths);
    return code;
}

int inputs_read_earlier(const struct inputs *inputs, fate_model **model, uint32_t party, const char *path)
{
    const char *algorithm = fate_job_algorithm(inputs->job);
    if (strcmp(algorithm, "vertical-boosting") != 0 && strncmp(algorithm, "horizontal-", strlen("horizontal-")) != 0)
        return message_usage("--from: the algorithm %s cannot start from an earlier model.", algorithm);
    int32_t result = fate_model_read(inputs->context, model, path);
    if (result != FATE_OK) return message_context(inputs->context, result);
    if (strcmp(fate_model_party(*model), fate_job_party_name(inputs->job, party)) != 0)
        return message_usage("--from %s: this is the model of %s, not of %s.", path, fate_model_party(*model),
                             fate_job_party_name(inputs->job, party));
    return 0;
}

int inputs_read_earlier_of_all(const struct inputs *inputs, fate_model **models, const struct arguments *arguments)
{
    uint32_t count = fate_job_party_count(inputs->job);
    const char **paths = calloc(count, sizeof *paths);
    if (!paths) return message_failed(FATE_E_MEMORY, NULL);
    int code = take_paths(inputs, paths, arguments, "from");
    for (uint32_t i = 0; i < count && !code; i++)
        if (paths[i]) code = inputs_read_earlier(inputs, &models[i], i, paths[i]);
    free(paths);
    return code;
}

static int set_direction(const struct inputs *inputs, fate_table *table, const char *column, int32_t direction)
{
    for (uint32_t i = 0; i < fate_table_columns(table); i++)
        if (strcmp(fate_table_column_name(table, i), column) == 0 && fate_table_direction(table, i) == -direction)
            return message_usage("column %s is named by --increasing and by --decreasing.", column);
    int32_t result = fate_table_set_direction(table, column, direction);
    return result == FATE_OK ? 0 : message_context(inputs->context, result);
}

/* tables: one table; or, when named, one of each party, and values are NAME=COLUMN. */
static int set_directions(const struct inputs *inputs, fate_table *const *tables, int named, const struct arguments *arguments,
                          const char *option, int32_t direction)
{
    uint32_t cursor = 0;
    const char *value;
    int code = 0;
    while (!code && (value = options_next(arguments, option, &cursor)) != NULL) {
        const char *equals = strchr(value, '=');
        uint32_t party = 0;
        if (named && (!equals || equals == value || !equals[1]))
            return message_usage("--%s %s: with --pooled it is written --%s NAME=COLUMN, NAME being a party.", option, value, option);
        if (named) code = find_party(inputs, value, (size_t)(equals - value), &party);
        if (!code) code = set_direction(inputs, tables[party], named ? equals + 1 : value, direction);
    }
    return code;
}

int inputs_set_directions(const struct inputs *inputs, fate_table *const *tables, int named, const struct arguments *arguments)
{
    int code = set_directions(inputs, tables, named, arguments, "increasing", 1);
    return code ? code : set_directions(inputs, tables, named, arguments, "decreasing", -1);
}
