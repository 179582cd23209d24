/* The aggregator's side of training: early stopping, examples that nobody has, warm start. */
#include "tests/support/rounds_world.h"

/* The loss of the tests' own training is lowest where the first weight is the mean of the clients' numbers. */
static void early_stopping(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-custom", ",\"rounds\":1000,\"weights\":2,\"early_stopping_rounds\":3", 0, 1, true);
    rounds_run(&world, 1);
    uint64_t count;
    assert_true(world.tasks < 3 * 2 * 500);
    assert_true(fabs(rounds_weights(&world, 0, &count)[0] - 2) < 0.01);
    rounds_close(&world);
}

/* Rows whose labels are the opposite of those of the clients' own. */
static fate_table *opposite_table(fate_context *context)
{
    enum { ROWS = 40 };
    fate_table *table;
    uint64_t offsets[ROWS + 1] = {0};
    char ids[2 * ROWS + 1];
    double values[3][ROWS];
    for (uint32_t row = 0; row < ROWS; row++) {
        snprintf(ids + 2 * (size_t)row, 3, "%02u", row % 100);
        offsets[row + 1] = 2 * (uint64_t)(row + 1);
        double x = rounds_noise(row) * 2 - 1, y = rounds_noise(row + 1000) * 2 - 1;
        values[0][row] = 1000 + 50 * x;
        values[1][row] = 0.001 * y;
        values[2][row] = x + 2 * y <= 0.2;
    }
    assert_int_equal(fate_table_new(context, &table, ROWS), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, (const uint8_t *)ids, offsets), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "x", values[0]), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "y", values[1]), FATE_OK);
    assert_int_equal(fate_table_set_label(table, values[2]), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    return table;
}

/* How many questions a job with early stopping takes whose first so many clients have validation tables that say the opposite of their rows. */
static uint64_t questions_with(uint32_t validating, double *first)
{
    struct rounds_world world = {0};
    fate_table *opposite[4] = {NULL};
    uint64_t count;
    rounds_open(&world, 3, "horizontal-linear", ",\"rounds\":12,\"early_stopping_rounds\":3", 60, 1, validating == 2);
    for (uint32_t party = 1; party <= validating; party++) {
        opposite[party] = opposite_table(world.context);
        fate_session *session = fate_simulator_session(world.simulator, party);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_VALIDATION, opposite[party]), FATE_OK);
    }
    rounds_run(&world, validating);
    uint64_t questions = rounds_asker(&world)->question;
    *first = rounds_weights(&world, 1, &count)[0];
    rounds_close(&world);
    for (uint32_t party = 0; party < 4; party++) fate_table_free(opposite[party]);
    return questions;
}

/* The loss that decides is that of validation tables, and of the own rows of a client that has none; the weights are those of the best round. */
static void validation_tables(void **state)
{
    (void)state;
    double without, weight;
    uint64_t questions = questions_with(0, &without);
    for (uint32_t validating = 2; validating <= 3; validating++) {
        uint64_t fewer = questions_with(validating, &weight);
        print_message("%llu questions, %g; with validation %llu, %g\n", (unsigned long long)questions, without, (unsigned long long)fewer,
                      weight);
        assert_true(fewer + 4 < questions);
        assert_true(fabs(weight) < fabs(without) / 2);
    }
}

static const fate_model *model_of(struct rounds_world *world, uint32_t party, fate_model **model)
{
    assert_int_equal(fate_session_model(fate_simulator_session(world->simulator, party), model), FATE_OK);
    return *model;
}

/* Two rounds, and two more from their model, are four rounds where nothing is remembered between rounds. */
static void warm_start(void **state)
{
    (void)state;
    struct rounds_world whole = {0}, one = {0}, other = {0};
    const char *const job = ",\"rounds\":2,\"weights\":3";
    uint64_t count;
    rounds_open(&whole, 3, "horizontal-custom", ",\"rounds\":4,\"weights\":3", 0, 1, false);
    rounds_run(&whole, 1);
    rounds_open(&one, 3, "horizontal-custom", job, 0, 1, false);
    rounds_run(&one, 2);
    fate_model *models[4];
    rounds_open(&other, 3, "horizontal-custom", job, 0, 1, false);
    for (uint32_t party = 0; party < 4; party++)
        assert_int_equal(fate_session_set_model(fate_simulator_session(other.simulator, party), model_of(&one, party, &models[party])),
                         FATE_OK);
    rounds_run(&other, 3);
    const double *weights = rounds_weights(&other, 0, &count), *expected = rounds_weights(&whole, 0, &count);
    for (uint64_t i = 0; i < count; i++) assert_true(fabs(weights[i] - expected[i]) < 1e-6);
    rounds_close(&other);
    for (uint32_t party = 0; party < 4; party++) fate_model_free(models[party]);
    rounds_close(&one);
    rounds_close(&whole);
}

static bool third_question(const struct asker *asker)
{
    return asker->question == 3 && asker->aggregator.stage == STAGE_UPLOAD;
}

/* Stored state that was cut anywhere is refused by name. */
static void damaged_state(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-linear", ",\"rounds\":3,\"early_stopping_rounds\":2,\"method\":\"adam\"", 20, 2, false);
    assert_true(rounds_run_until(&world, third_question));
    fate_session *session = fate_simulator_session(world.simulator, 0);
    struct buffer saved;
    buffer_init(&saved, session->context);
    session->turn.save = &saved;
    assert_int_equal(asker_save(&session->turn, session->state), FATE_OK);
    session->turn.save = NULL;
    for (uint64_t length = 0; length <= saved.length; length += length + 9 < saved.length ? 9 : 1) {
        void *fresh = NULL;
        session->phase = 0;
        assert_int_equal(asker_start(&session->turn, &fresh), FATE_OK);
        assert_int_equal(asker_load(&session->turn, fresh, saved.bytes, length), length == saved.length ? FATE_OK : FATE_E_STORE);
        asker_stop(session->context, fresh);
    }
    buffer_free(&saved);
    rounds_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(early_stopping), cmocka_unit_test(validation_tables), cmocka_unit_test(warm_start),
                                       cmocka_unit_test(damaged_state)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
