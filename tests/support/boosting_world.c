/* Jobs of vertical boosting in the simulator, held against the pooled run. */
#include "tests/support/boosting_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/context.h"

void world_make(struct world *world, const struct boosting_case *from, uint32_t guest, uint32_t threads)
{
    memset(world, 0, sizeof *world);
    world->from = from;
    world->guest = guest;
    world->count = from->hosts + 1;
    assert_int_equal(fate_context_new(&world->context, NULL), FATE_OK);
    world->context->accepts_small_keys = true;
    assert_int_equal(fate_context_set_threads(world->context, threads), FATE_OK);
    int32_t chosen = fate_context_set_kernel(world->context, from->kernel);
    assert_true(chosen == FATE_OK || chosen == FATE_E_UNSUPPORTED);
    boosting_job(world->text, from, guest);
    for (uint32_t party = 0; party < world->count; party++) {
        world->tables[party] = boosting_table(world->context, from, party, party == guest, FATE_TABLE_DATA);
        if (from->validation_rows > 0) {
            world->validations[party] = boosting_table(world->context, from, party, party == guest, FATE_TABLE_VALIDATION);
        }
    }
}

void world_free(struct world *world)
{
    for (uint32_t party = 0; party < world->count; party++) {
        fate_table_free(world->tables[party]);
        fate_table_free(world->validations[party]);
        fate_model_free(world->pooled[party]);
        fate_model_free(world->models[party]);
    }
    fate_context_free(world->context);
}

void world_equip(fate_simulator *simulator, const struct world *world, uint32_t party, int32_t purpose, bool durable)
{
    fate_session *session = fate_simulator_session(simulator, party);
    if (purpose == FATE_PURPOSE_TRAIN) {
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, world->tables[party]), FATE_OK);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_VALIDATION, world->validations[party]), FATE_OK);
    } else {
        fate_table *table = world->validations[party] != NULL ? world->validations[party] : world->tables[party];
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, table), FATE_OK);
        assert_int_equal(fate_session_set_model(session, world->models[party]), FATE_OK);
        assert_int_equal(fate_session_set_option(session, "leaves", 1), FATE_OK);
    }
    assert_int_equal(fate_session_set_option(session, "durable", durable), FATE_OK);
}

fate_simulator *world_simulate(const struct world *world, int32_t purpose, struct network network, bool durable)
{
    fate_simulator *simulator = NULL;
    int32_t result = fate_simulator_new(world->context, &simulator, world->text, purpose, world->from->seed);
    if (result != FATE_OK) {
        print_error("%s\n", fate_context_error(world->context));
    }
    assert_int_equal(result, FATE_OK);
    fate_simulator_set(simulator, "delay_most", network.delay_most);
    fate_simulator_set(simulator, "loss", network.loss);
    fate_simulator_set(simulator, "repeat", network.repeat);
    fate_simulator_set(simulator, "reconnect", network.reconnect);
    for (uint32_t party = 0; party < world->count; party++) {
        world_equip(simulator, world, party, purpose, durable);
    }
    return simulator;
}

void world_finish(fate_simulator *simulator, const struct world *world)
{
    int32_t result = fate_simulator_run(simulator, 100000000);
    for (uint32_t party = 0; party < world->count && result != FATE_FINISHED; party++) {
        print_error("seed %llu, party %u: %s: %s\n", (unsigned long long)world->from->seed, party, fate_result_name(result),
                    fate_session_error(fate_simulator_session(simulator, party)));
    }
    assert_int_equal(result, FATE_FINISHED);
}

static void assert_models_equal(const fate_model *one, const fate_model *other)
{
    uint8_t *first = NULL, *second = NULL;
    uint64_t first_length = 0, second_length = 0;
    assert_int_equal(fate_model_export(one, &first, &first_length), FATE_OK);
    assert_int_equal(fate_model_export(other, &second, &second_length), FATE_OK);
    assert_int_equal(first_length, second_length);
    assert_memory_equal(first, second, first_length);
    free(first);
    free(second);
}

static void train_pooled(struct world *world, const fate_job *job)
{
    int32_t result = fate_train_pooled(world->context, world->pooled, job, (const fate_table *const *)world->tables,
                                       world->from->validation_rows > 0 ? (const fate_table *const *)world->validations : NULL, NULL);
    if (result != FATE_OK) {
        print_error("%s\n", fate_context_error(world->context));
    }
    assert_int_equal(result, FATE_OK);
}

void world_take_models(struct world *world, fate_simulator *simulator)
{
    train_pooled(world, fate_simulator_job(simulator));
    for (uint32_t party = 0; party < world->count; party++) {
        assert_int_equal(fate_session_model(fate_simulator_session(simulator, party), &world->models[party]), FATE_OK);
        assert_models_equal(world->models[party], world->pooled[party]);
    }
}

void world_train(struct world *world, struct network network)
{
    fate_simulator *simulator = world_simulate(world, FATE_PURPOSE_TRAIN, network, false);
    world_finish(simulator, world);
    world_take_models(world, simulator);
    fate_simulator_free(simulator);
}

void world_predict(struct world *world, struct network network)
{
    const double *values;
    uint64_t count;
    fate_scores *pooled = NULL;
    fate_simulator *simulator = world_simulate(world, FATE_PURPOSE_PREDICT, network, false);
    const fate_table *const *tables = (const fate_table *const *)(world->from->validation_rows > 0 ? world->validations : world->tables);
    world_finish(simulator, world);
    assert_int_equal(fate_predict_pooled_leaves(world->context, &pooled, fate_simulator_job(simulator),
                                                (const fate_model *const *)world->pooled, tables),
                     FATE_OK);
    for (uint32_t i = 0; i < fate_scores_columns(pooled); i++) {
        const char *name = fate_scores_column_name(pooled, i);
        assert_int_equal(fate_session_result(fate_simulator_session(simulator, world->guest), name, &values, &count), FATE_OK);
        assert_int_equal(count, fate_scores_rows(pooled));
        assert_memory_equal(values, fate_scores_values(pooled, i), count * sizeof *values);
    }
    for (uint32_t party = 0; party < world->count; party++) {
        if (party != world->guest) {
            assert_null(fate_session_result_name(fate_simulator_session(simulator, party), 0));
        }
    }
    fate_scores_free(pooled);
    fate_simulator_free(simulator);
}

const struct network network_good = {1, 0, 0, 0};

void world_check(const struct boosting_case *from, uint32_t guest, uint32_t threads, struct network network)
{
    struct world world;
    world_make(&world, from, guest, threads);
    world_train(&world, network);
    world_predict(&world, network);
    world_free(&world);
}

void world_train_killed(struct world *world, uint32_t step)
{
    fate_simulator *simulator = world_simulate(world, FATE_PURPOSE_TRAIN, network_good, true);
    for (uint32_t kill = 0; kill < 6 && fate_simulator_run(simulator, step) == FATE_AGAIN; kill++) {
        uint32_t party = (kill + step) % world->count;
        assert_int_equal(fate_simulator_restart(simulator, party), FATE_OK);
        world_equip(simulator, world, party, FATE_PURPOSE_TRAIN, true);
    }
    world_finish(simulator, world);
    world_take_models(world, simulator);
    fate_simulator_free(simulator);
}

void world_check_killed(const struct boosting_case *from, uint32_t first, uint32_t end, uint32_t stride)
{
    struct world world;
    world_make(&world, from, 0, 1);
    for (uint32_t step = first; step < end; step += stride) {
        world_train_killed(&world, step);
        for (uint32_t party = 0; party < world.count; party++) {
            fate_model_free(world.models[party]);
            fate_model_free(world.pooled[party]);
            world.models[party] = world.pooled[party] = NULL;
        }
    }
    world_free(&world);
}
