/* A decision engine: scores one applicant after the other, each in one round trip, in a session that stays open. The guest reads CSV lines
 * from standard input, the first one being the names of the columns; a host answers from its table until the guest ends.
 * decide JOB PARTY KEY MODEL [TABLE]: with a table as a host, without as the guest. */
#include <fate/fate.h>
#include <stdio.h>
#include <string.h>

enum { LINE = 4096 };

struct engine {
    fate_context *context;
    fate_job *job;
    fate_identity *identity;
    fate_model *model;
    fate_table *table;
    fate_transport *transport;
    fate_session *session;
    uint32_t party;
};

static int32_t open_engine(struct engine *engine, char **words, int count)
{
    int32_t result = fate_context_new(&engine->context, NULL);
    if (result == FATE_OK) result = fate_job_read(engine->context, &engine->job, words[1]);
    if (result == FATE_OK) result = fate_job_find_party(engine->job, words[2], &engine->party);
    if (result == FATE_OK) result = fate_identity_read(engine->context, &engine->identity, words[3]);
    if (result == FATE_OK) result = fate_model_read(engine->context, &engine->model, words[4]);
    if (result == FATE_OK) result = fate_tcp_for_job(engine->context, &engine->transport, engine->job, engine->party, NULL);
    if (result == FATE_OK)
        result = fate_session_new(engine->context, &engine->session, engine->job, words[2], engine->identity, FATE_PURPOSE_SERVE);
    if (result == FATE_OK) result = fate_session_set_model(engine->session, engine->model);
    if (result == FATE_OK && count > 5) {
        const fate_schema *schema = fate_job_schema(engine->job, engine->party, FATE_PURPOSE_SERVE);
        result = fate_table_read_csv(engine->context, &engine->table, words[5], schema);
        if (result == FATE_OK) result = fate_session_set_table(engine->session, FATE_TABLE_DATA, engine->table);
    }
    return result;
}

static void close_engine(struct engine *engine)
{
    fate_session_free(engine->session);
    fate_transport_free(engine->transport);
    fate_table_free(engine->table);
    fate_model_free(engine->model);
    fate_identity_free(engine->identity);
    fate_job_free(engine->job);
    fate_context_free(engine->context);
}

/* One applicant: a table of one row, and the score of the model that the parties hold together. */
static int32_t decide(struct engine *engine, const char *names, const char *line)
{
    char text[2 * LINE];
    fate_table *row = NULL;
    const double *scores;
    uint64_t count, length;
    snprintf(text, sizeof text, "%s%s", names, line);
    int32_t result = fate_table_parse_csv(engine->context, &row, "standard input", (const uint8_t *)text, strlen(text),
                                          fate_job_schema(engine->job, engine->party, FATE_PURPOSE_SERVE));
    if (result == FATE_OK) result = fate_ask(engine->session, engine->transport, NULL, row, &scores, &count);
    const uint8_t *id = fate_table_row_id(row, 0, &length);
    if (result == FATE_OK) printf("%.*s,%.17g\n", (int)length, (const char *)id, scores[0]);
    if (result == FATE_EMPTY) printf("%.*s,not known to all parties\n", (int)length, (const char *)id);
    fate_table_free(row);
    return result == FATE_EMPTY ? FATE_OK : result;
}

static int32_t decide_all(struct engine *engine)
{
    char names[LINE], line[LINE];
    const double *scores;
    uint64_t count;
    int32_t result = FATE_OK;
    if (fgets(names, sizeof names, stdin) == NULL) return FATE_OK;
    while (result == FATE_OK && fgets(line, sizeof line, stdin) != NULL) result = decide(engine, names, line);
    if (result == FATE_OK) result = fate_ask(engine->session, engine->transport, NULL, NULL, &scores, &count); /* no more */
    return result;
}

int main(int argc, char **argv)
{
    struct engine engine = {0};
    if (argc < 5) {
        fprintf(stderr, "usage: decide JOB PARTY KEY MODEL [TABLE]\n");
        return 2;
    }
    int32_t result = open_engine(&engine, argv, argc);
    if (result == FATE_OK) result = engine.table != NULL ? fate_drive(engine.session, engine.transport, NULL, NULL) : decide_all(&engine);
    if (result != FATE_OK) {
        const char *sentence = engine.session != NULL ? fate_session_error(engine.session) : "";
        fprintf(stderr, "%s\n", sentence[0] != 0 ? sentence : fate_context_error(engine.context));
    }
    close_engine(&engine);
    return result == FATE_OK ? 0 : 1;
}
