/* Scoring row by row: the scores of a pooled prediction, bit for bit, in one session that stays open; rows that hosts do not have; the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/context.h"
#include "src/data/table.h"
#include "src/session/session.h"
#include "tests/support/boosting_hostile.h"
#include "tests/support/boosting_world.h"

/* Asks for one row, and runs until the answer is there. */
static int32_t ask(fate_simulator *simulator, const struct world *world, const fate_table *row, const double **values, uint64_t *count)
{
    fate_session *guest = fate_simulator_session(simulator, world->guest);
    assert_int_equal(fate_session_ask(guest, row), FATE_OK);
    assert_int_equal(fate_session_ask(guest, row), FATE_E_STATE);
    for (uint32_t i = 0; i < 100000; i++) { /* ticks */
        int32_t result = fate_simulator_run(simulator, 1);
        if (!guest->question.asked) return fate_session_answer(guest, values, count);
        if (result != FATE_AGAIN) return result;
    }
    return FATE_E_TIMEOUT;
}

/* One row of a table under another id, or under its own. */
static fate_table *pick(const fate_table *table, uint32_t row)
{
    fate_table *picked = NULL;
    assert_int_equal(table_pick(table, &row, 1, NULL, &picked), FATE_OK);
    return picked;
}

static fate_table *stranger(const struct world *world)
{
    fate_table *table = NULL;
    assert_int_equal(fate_table_new(world->context, &table, 1), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, (const uint8_t *)"nobody", (const uint64_t[]){0, 6}), FATE_OK);
    const fate_table *own = world->tables[world->guest];
    for (uint32_t i = 0; i < fate_table_columns(own); i++) {
        const char *name = fate_table_column_name(own, i);
        if (fate_table_column_kind(own, i) == FATE_COLUMN_NUMBER) {
            assert_int_equal(fate_table_add_numbers(table, name, (const double[]){0.5}), FATE_OK);
        } else {
            assert_int_equal(fate_table_add_categories(table, name, (const uint32_t[]){0}, (const char *const[]){"red"}, 1), FATE_OK);
        }
    }
    assert_int_equal(fate_table_finish(table), FATE_OK);
    return table;
}

static void end(fate_simulator *simulator, const struct world *world)
{
    assert_int_equal(fate_session_ask(fate_simulator_session(simulator, world->guest), NULL), FATE_OK);
    assert_int_equal(fate_simulator_run(simulator, 1000000), FATE_FINISHED);
    fate_simulator_free(simulator);
}

static void serve(const struct boosting_case *from, uint32_t guest)
{
    struct world world;
    fate_scores *pooled = NULL;
    const double *values;
    uint64_t count;
    world_make(&world, from, guest, 1);
    world_train(&world, network_good);
    fate_simulator *simulator = world_simulate(&world, FATE_PURPOSE_SERVE, network_good, false);
    assert_int_equal(fate_predict_pooled(world.context, &pooled, fate_simulator_job(simulator), (const fate_model *const *)world.pooled,
                                         (const fate_table *const *)world.tables),
                     FATE_OK);
    fate_table *other = stranger(&world);
    for (uint32_t row = 0; row < 12; row++) {
        fate_table *question = pick(world.tables[guest], row * 3);
        assert_int_equal(ask(simulator, &world, question, &values, &count), FATE_OK);
        assert_int_equal(count, fate_scores_columns(pooled));
        for (uint32_t i = 0; i < count; i++) assert_true(values[i] == fate_scores_values(pooled, i)[row * 3]);
        fate_table_free(question);
        if (row == 5 && from->hosts > 0) assert_int_equal(ask(simulator, &world, other, &values, &count), FATE_EMPTY);
    }
    fate_table_free(other);
    end(simulator, &world);
    fate_scores_free(pooled);
    world_free(&world);
}

static void answers_equal_pooled_scores(void **state)
{
    (void)state;
    struct boosting_case from = {
        .hosts = 2, .rows = 60, .columns = 4, .categories = true, .missing = true, .parameters = "\"trees\": 3, \"depth\": 4", .seed = 70};
    serve(&from, 0);
    serve(&from, 2);
    from.hosts = 0;
    serve(&from, 0);
    from.hosts = 1;
    from.squared = true;
    serve(&from, 1);
}

/* A row without the model's columns ends the session, by name of the column. */
static void rows_that_do_not_fit(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 1, .rows = 60, .columns = 2, .parameters = "\"trees\": 4", .seed = 71};
    struct world world;
    const double *values;
    uint64_t count;
    world_make(&world, &from, 0, 1);
    world_train(&world, network_good);
    fate_simulator *simulator = world_simulate(&world, FATE_PURPOSE_SERVE, network_good, false);
    fate_table *bare = NULL;
    assert_int_equal(fate_table_new(world.context, &bare, 1), FATE_OK);
    assert_int_equal(fate_table_set_ids(bare, (const uint8_t *)"r00001", (const uint64_t[]){0, 6}), FATE_OK);
    assert_int_equal(fate_table_finish(bare), FATE_OK);
    assert_int_equal(ask(simulator, &world, bare, &values, &count), FATE_E_TABLE);
    fate_simulator_free(simulator);
    fate_table_free(bare);
    world_free(&world);
}

static int32_t reply(fate_turn *turn, const void *bytes, uint64_t length)
{
    int32_t result = hostile_send(turn, MESSAGE_POSSIBLE, 0, bytes, length);
    return result == FATE_OK ? fate_turn_go_to(turn, SERVING_REPLY) : result;
}

static int32_t no_leaves(fate_turn *turn, void *state)
{
    (void)state;
    return reply(turn, "", 0);
}

static int32_t short_leaves(fate_turn *turn, void *state)
{
    (void)state;
    return reply(turn, "\x01", 1);
}

static int32_t long_refusal(fate_turn *turn, void *state)
{
    (void)state;
    return reply(turn, "\x00\x01", 2);
}

static int32_t every_leaf(fate_turn *turn, void *state)
{
    (void)state;
    uint8_t bytes[5];
    memset(bytes, 255, sizeof bytes);
    bytes[0] = 0x01;
    return reply(turn, bytes, sizeof bytes);
}

static int32_t other_shapes(fate_turn *turn, void *state)
{
    (void)state;
    const uint8_t digest[32] = {1};
    return hostile_send(turn, MESSAGE_READY, 0, digest, sizeof digest);
}

static int32_t short_shapes(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_READY, 0, "x", 1);
}

/* A host that answers otherwise: what the guest says of it. */
static void refused(struct world *world, uint32_t step, fate_step_function run, int32_t expected, const char *part)
{
    const double *values;
    uint64_t count;
    struct world hostile = *world;
    hostile.context = hostile_context((struct replacement){FATE_PURPOSE_SERVE, ROLE_HOST, step, run});
    fate_simulator *simulator = world_simulate(&hostile, FATE_PURPOSE_SERVE, network_good, false);
    fate_table *question = pick(world->tables[0], 3);
    assert_int_equal(ask(simulator, &hostile, question, &values, &count), expected);
    assert_non_null(strstr(fate_session_error(fate_simulator_session(simulator, 0)), part));
    fate_table_free(question);
    fate_simulator_free(simulator);
    fate_context_free(hostile.context);
}

static void answers_are_checked(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 1, .rows = 60, .columns = 2, .parameters = "\"trees\": 4, \"depth\": 2", .seed = 72};
    struct world world;
    world_make(&world, &from, 0, 1);
    world_train(&world, network_good);
    refused(&world, SERVING_REPLY, no_leaves, FATE_E_PROTOCOL, "leaves of a wrong length");
    refused(&world, SERVING_REPLY, short_leaves, FATE_E_PROTOCOL, "leaves of a wrong length");
    refused(&world, SERVING_REPLY, long_refusal, FATE_E_PROTOCOL, "leaves of a wrong length");
    refused(&world, SERVING_REPLY, every_leaf, FATE_E_PROTOCOL, "");
    refused(&world, SERVING_AGREE, other_shapes, FATE_E_MODEL, "trees of different shapes");
    refused(&world, SERVING_AGREE, short_shapes, FATE_E_PROTOCOL, "digest of a wrong length");
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_equal_pooled_scores), cmocka_unit_test(rows_that_do_not_fit),
                                       cmocka_unit_test(answers_are_checked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
