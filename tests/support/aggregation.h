/* Worlds of secure aggregation: clients with small tables in the simulator; party 0 is the aggregator. */
#ifndef TESTS_SUPPORT_AGGREGATION_H
#define TESTS_SUPPORT_AGGREGATION_H

#include <fate/fate.h>
#include <fate/simulator.h>
#include <math.h>
#include <stdlib.h>

#include "src/models/aggregation/sum.h"
#include "src/session/session.h"
#include "tests/support/allocator.h"
#include "tests/support/unit.h"

enum { CLIENTS_MOST = 1000, ROWS = 3, COLUMNS = 2 };

struct world {
    fate_context *context;
    fate_simulator *simulator;
    fate_table *tables[CLIENTS_MOST + 1];
    uint32_t clients;
};

static inline double number(uint32_t client, uint32_t column, uint32_t row)
{
    return ldexp((double)((int)((client * 37 + column * 11 + row * 5) % 2001) - 1000), -6);
}

static inline double weight(uint32_t client, uint32_t row)
{
    return 1.0 + (client + row) % 5;
}

static inline fate_table *make_table(fate_context *context, uint32_t client, bool weighted)
{
    fate_table *table;
    const uint64_t offsets[ROWS + 1] = {0, 1, 2, 3};
    double values[ROWS];
    assert_int_equal(fate_table_new(context, &table, ROWS), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, (const uint8_t *)"abc", offsets), FATE_OK);
    for (uint32_t column = 0; column < COLUMNS; column++) {
        for (uint32_t row = 0; row < ROWS; row++) values[row] = number(client, column, row);
        assert_int_equal(fate_table_add_numbers(table, column == 0 ? "x" : "y", values), FATE_OK);
    }
    for (uint32_t row = 0; row < ROWS; row++) values[row] = weight(client, row);
    if (weighted) assert_int_equal(fate_table_add_numbers(table, "weight", values), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    return table;
}

/* world: all zero, or with a context, which is then the world's. */
static inline void open_world(struct world *world, uint32_t clients, const char *algorithm, const char *parameters, uint64_t seed,
                              bool durable)
{
    static char text[64 * (CLIENTS_MOST + 16)];
    size_t used = (size_t)snprintf(text, sizeof text,
                                   "{\"algorithm\":\"%s\",\"id\":\"id\",\"parties\":[{\"name\":\"a\",\"role\":\"aggregator\"}", algorithm);
    for (uint32_t i = 1; i <= clients; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",{\"name\":\"c%u\",\"role\":\"client\"}", i);
    snprintf(text + used, sizeof text - used, "],\"parameters\":{\"bound\":100%s}}", parameters);
    fate_context *given = world->context;
    memset(world, 0, sizeof *world);
    world->clients = clients;
    world->context = given;
    if (given == NULL) assert_int_equal(fate_context_new(&world->context, NULL), FATE_OK);
    int32_t result = fate_simulator_new(world->context, &world->simulator, text, FATE_PURPOSE_TRAIN, seed);
    if (result != FATE_OK) print_error("%s\n", fate_context_error(world->context));
    assert_int_equal(result, FATE_OK);
    for (uint32_t party = 0; party <= clients; party++) {
        fate_session *session = fate_simulator_session(world->simulator, party);
        assert_int_equal(fate_session_set_option(session, "durable", durable), FATE_OK);
        assert_int_equal(fate_session_set_option(session, "loss_timeout", 100000), FATE_OK);
        world->tables[party] = make_table(world->context, party, strcmp(algorithm, "secure-mean") == 0);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, world->tables[party]), FATE_OK);
    }
}

static inline void close_world(struct world *world)
{
    fate_simulator_free(world->simulator);
    for (uint32_t party = 0; party <= world->clients; party++) fate_table_free(world->tables[party]);
    fate_context_free(world->context);
}

static inline const double *values_of(struct world *world, uint32_t party, const char *name)
{
    const double *values;
    uint64_t count;
    assert_int_equal(fate_session_result(fate_simulator_session(world->simulator, party), name, &values, &count), FATE_OK);
    return values;
}

/* there[client]: is in the sum. */
static inline void check_sums(struct world *world, uint32_t party, const bool *there)
{
    for (uint32_t column = 0; column < COLUMNS; column++)
        for (uint32_t row = 0; row < ROWS; row++) {
            double sum = 0;
            for (uint32_t client = 1; client <= world->clients; client++) sum += there[client] ? number(client, column, row) : 0;
            assert_true(values_of(world, party, column == 0 ? "x" : "y")[row] == sum);
        }
}

static inline void run_world(struct world *world, uint64_t what)
{
    int32_t result = fate_simulator_run(world->simulator, 1000000);
    if (result != FATE_FINISHED) print_error("%llu: %d %s\n", (unsigned long long)what, (int)result, fate_context_error(world->context));
    assert_int_equal(result, FATE_FINISHED);
}

/* Runs tick by tick until a condition holds of the aggregator; false: the run ended first. */
static inline bool run_until(struct world *world, bool (*holds)(const struct aggregator *aggregator))
{
    for (int tick = 0; tick < 200000; tick++) {
        int32_t result = fate_simulator_run(world->simulator, 1);
        const struct aggregator *aggregator = fate_simulator_session(world->simulator, 0)->state;
        if (aggregator != NULL && holds(aggregator)) return true;
        if (result != FATE_AGAIN) return false;
    }
    return false;
}

static inline struct aggregator *aggregator_of(struct world *world)
{
    return fate_simulator_session(world->simulator, 0)->state;
}

static inline struct client *client_of(struct world *world, uint32_t party)
{
    return fate_simulator_session(world->simulator, party)->state;
}

static inline const char *sentence_of(struct world *world, uint32_t party)
{
    return fate_session_error(fate_simulator_session(world->simulator, party));
}

#endif
