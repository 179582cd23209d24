/* The decoders of jobs over rounds: names of columns, vectors of floats, scalings, a client's questions and results, stored state of both sides. */
#include <fate/fate.h>
#include <fate/simulator.h>

#include "src/models/rounds/answerer.h"
#include "src/models/rounds/asker.h"
#include "src/models/rounds/floats.h"
#include "src/models/rounds/learning.h"
#include "src/models/horizontal/names.h"
#include "src/models/rounds/statistics.h"
#include "src/session/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const jobs[] = {
    "{\"algorithm\":\"horizontal-linear\",\"id\":\"id\",\"label\":\"l\",\"parties\":[{\"name\":\"a\",\"role\":"
    "\"aggregator\"},{\"name\":\"b\",\"role\":\"client\"},{\"name\":\"c\",\"role\":\"client\"}],\"parameters\":{"
    "\"method\":\"scaffold\",\"early_stopping_rounds\":1}}",
    "{\"algorithm\":\"horizontal-statistics\",\"id\":\"id\",\"parties\":[{\"name\":\"a\",\"role\":"
    "\"aggregator\"},{\"name\":\"b\",\"role\":\"client\"},{\"name\":\"c\",\"role\":\"client\"}]}"};

static fate_table *make_table(fate_context *context)
{
    fate_table *table = NULL;
    const uint64_t offsets[] = {0, 1, 2};
    const double values[] = {1, 0};
    if (fate_table_new(context, &table, 2) != FATE_OK) return NULL;
    (void)fate_table_set_ids(table, (const uint8_t *)"ab", offsets);
    (void)fate_table_add_numbers(table, "x", values);
    (void)fate_table_set_label(table, values);
    (void)fate_table_finish(table);
    return table;
}

/* A question or a result, and stored state, at a client that has just begun; stored state at an aggregator. */
static void at_parties(fate_context *context, const char *job, const fate_table *table, const uint8_t *data, size_t size)
{
    fate_simulator *simulator = NULL;
    if (fate_simulator_new(context, &simulator, job, FATE_PURPOSE_TRAIN, 1) != FATE_OK) return;
    for (uint32_t party = 0; party < 2; party++) {
        fate_session *session = fate_simulator_session(simulator, party);
        void *state = NULL;
        uint64_t count;
        if (party == 1) (void)fate_session_set_table(session, FATE_TABLE_DATA, table);
        if (party == 0 && asker_start(&session->turn, &state) == FATE_OK) {
            struct asker *asker = state;
            if (asker->inquiry->settle(&session->turn, asker->state, data, size) != FATE_OK)
                (void)asker_load(&session->turn, state, data, size);
        }
        if (party == 1 && answerer_start(&session->turn, &state) == FATE_OK) {
            struct answerer *answerer = state;
            (void)answerer->inquiry->hear(&session->turn, answerer->state, data, size, &count);
            (void)answerer->inquiry->end(&session->turn, answerer->state, data, size);
            (void)answerer_load(&session->turn, state, data, size);
        }
        if (party == 0) asker_stop(session->context, state);
        if (party == 1) answerer_stop(session->context, state);
    }
    fate_simulator_free(simulator);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context;
    struct reader in;
    float values[16];
    if (size > 4096 || fate_context_new(&context, NULL) != FATE_OK) return 0;
    struct scaling scaling = {.context = context};
    (void)names_split(data, size, NULL);
    reader_init(&in, data, size);
    (void)floats_read(&in, values, 16);
    reader_init(&in, data, size);
    (void)scaling_read(&scaling, &in, 3);
    scaling_free(&scaling);
    fate_table *table = make_table(context);
    for (int i = 0; i < 2 && table != NULL; i++) at_parties(context, jobs[i], table, data, size);
    fate_table_free(table);
    fate_context_free(context);
    return 0;
}
