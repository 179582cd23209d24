/* Worlds of training over rounds: clients with tables that a simple rule makes, in the simulator; party 0 is the aggregator. */
#ifndef TESTS_SUPPORT_ROUNDS_WORLD_H
#define TESTS_SUPPORT_ROUNDS_WORLD_H

#include <fate/fate.h>

#include <math.h>
#include <stdlib.h>

#include "lib/mathematics.h"
#include "src/models/rounds/answerer.h"
#include "src/models/rounds/asker.h"
#include "src/models/rounds/learning.h"
#include "src/session/session.h"
#include "tests/support/allocator.h"
#include "tests/support/unit.h"

enum { ROUNDS_CLIENTS_MOST = 1000 };

struct rounds_world {
    fate_context *context;
    fate_simulator *simulator;
    fate_table *tables[ROUNDS_CLIENTS_MOST + 1];
    uint32_t clients;
    uint64_t tasks; /* done by rounds_world_task */
};

/* Numbers that look random: from 0 to below 1. */
static inline double rounds_noise(uint64_t number)
{
    uint64_t mixed = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
    return ldexp((double)((mixed ^ (mixed >> 32)) >> 11), -53);
}

/* Rows of two columns on scales of their own; the label says on which side of a line a row lies, but for some noise. */
static inline fate_table *rounds_table(fate_context *context, uint32_t client, uint32_t rows)
{
    fate_table *table;
    uint64_t *offsets = calloc(rows + 1, sizeof *offsets);
    double *values = calloc((size_t)rows * 3, sizeof *values);
    char *ids = calloc(rows, 8);
    for (uint32_t row = 0; row < rows; row++) {
        double x = rounds_noise(client * 1000003u + row * 3u) * 2 - 1, y = rounds_noise(client * 1000003u + row * 3u + 1) * 2 - 1;
        offsets[row + 1] = 7 * (uint64_t)(row + 1);
        snprintf(ids + 7 * (size_t)row, 8, "%07u", (unsigned)row % 10000000u);
        values[row] = 1000 + 50 * x;
        values[rows + row] = 0.001 * y;
        values[2 * rows + row] = x + 2 * y + 0.5 * (rounds_noise(client * 1000003u + row * 3u + 2) - 0.5) > 0.2;
    }
    assert_int_equal(fate_table_new(context, &table, rows), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, (const uint8_t *)ids, offsets), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, client % 2 == 0 ? "x" : "y", values + (client % 2 == 0 ? 0 : rows)), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, client % 2 == 0 ? "y" : "x", values + (client % 2 == 0 ? rows : 0)), FATE_OK);
    assert_int_equal(fate_table_set_label(table, values + 2 * (size_t)rows), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    free(offsets);
    free(values);
    free(ids);
    return table;
}

/* The own training of "horizontal-custom" in tests: weights are pulled towards the number of the party, a tenth of the way. */
static inline int32_t rounds_world_task(void *context, uint32_t party, const fate_task *task, fate_task_result *done)
{
    static float values[1 << 16];
    struct rounds_world *world = context;
    world->tasks++;
    if (world->tasks % 3 == 1) return FATE_AGAIN; /* in pieces */
    if (task->kind == FATE_TASK_FIRST)
        for (uint64_t i = 0; i < task->count; i++) values[i] = (float)i;
    if (task->kind == FATE_TASK_TRAIN)
        for (uint64_t i = 0; i < task->count; i++) values[i] = ((float)party - task->weights[i]) / 10;
    done->values = task->kind == FATE_TASK_MEASURE ? NULL : values;
    done->count = task->kind == FATE_TASK_MEASURE ? 0 : task->count;
    done->examples = 1;
    if (task->kind == FATE_TASK_FIRST) return FATE_OK;
    done->measured = 1;
    done->loss = fabs((double)party - (double)task->weights[0]);
    return FATE_OK;
}

/* parameters: JSON, begins with a comma or is empty. rows: of the first client; the others have one more each. 0: no tables. */
static inline void rounds_open(struct rounds_world *world, uint32_t clients, const char *algorithm, const char *parameters, uint32_t rows,
                               uint64_t seed, bool durable)
{
    static char text[64 * (ROUNDS_CLIENTS_MOST + 32)];
    size_t used = (size_t)snprintf(
        text, sizeof text, "{\"algorithm\":\"%s\",\"id\":\"id\",%s\"parties\":[{\"name\":\"a\",\"role\":\"aggregator\"}", algorithm,
        strcmp(algorithm, "horizontal-linear") == 0 || strcmp(algorithm, "horizontal-neural") == 0 ? "\"label\":\"label\"," : "");
    for (uint32_t i = 1; i <= clients; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",{\"name\":\"c%u\",\"role\":\"client\"}", i);
    snprintf(text + used, sizeof text - used, "],\"parameters\":{\"patience\":8%s}}", parameters);
    fate_context *given = world->context;
    memset(world, 0, sizeof *world);
    world->clients = clients;
    world->context = given;
    if (given == NULL) assert_int_equal(fate_context_new(&world->context, NULL), FATE_OK);
    int32_t result = fate_simulator_new(world->context, &world->simulator, text, FATE_PURPOSE_TRAIN, seed);
    if (result != FATE_OK) print_error("%s\n", fate_context_error(world->context));
    assert_int_equal(result, FATE_OK);
    assert_int_equal(fate_simulator_set_task(world->simulator, world, rounds_world_task), FATE_OK);
    for (uint32_t party = 0; party <= clients; party++) {
        fate_session *session = fate_simulator_session(world->simulator, party);
        assert_int_equal(fate_session_set_option(session, "durable", durable), FATE_OK);
        assert_int_equal(fate_session_set_option(session, "loss_timeout", 100000), FATE_OK);
        if (party == 0 || rows == 0) continue;
        world->tables[party] = rounds_table(world->context, party, rows + party - 1);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, world->tables[party]), FATE_OK);
    }
}

static inline void rounds_close(struct rounds_world *world)
{
    fate_simulator_free(world->simulator);
    for (uint32_t party = 0; party <= world->clients; party++) fate_table_free(world->tables[party]);
    fate_context_free(world->context);
}

static inline void rounds_run(struct rounds_world *world, uint64_t what)
{
    int32_t result = fate_simulator_run(world->simulator, 10000000);
    if (result != FATE_FINISHED) print_error("%llu: %d %s\n", (unsigned long long)what, (int)result, fate_context_error(world->context));
    assert_int_equal(result, FATE_FINISHED);
}

static inline const double *rounds_weights(struct rounds_world *world, uint32_t party, uint64_t *count)
{
    const double *values;
    assert_int_equal(fate_session_result(fate_simulator_session(world->simulator, party), "weights", &values, count), FATE_OK);
    return values;
}

static inline struct asker *rounds_asker(struct rounds_world *world)
{
    return fate_simulator_session(world->simulator, 0)->state;
}

static inline struct answerer *rounds_answerer(struct rounds_world *world, uint32_t party)
{
    return fate_simulator_session(world->simulator, party)->state;
}

/* Runs tick by tick until a condition holds of the aggregator; false: the run ended first. */
static inline bool rounds_run_until(struct rounds_world *world, bool (*holds)(const struct asker *asker))
{
    for (int tick = 0; tick < 1000000; tick++) {
        int32_t result = fate_simulator_run(world->simulator, 1);
        const struct asker *asker = rounds_asker(world);
        if (asker != NULL && holds(asker)) return true;
        if (result != FATE_AGAIN) return false;
    }
    return false;
}

#endif
