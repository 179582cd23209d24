/* A client's side of statistics: what a lying aggregator asks is refused. */
#include "src/models/rounds/statistics.h"

#include "tests/support/rounds_world.h"

static bool begun(const struct asker *asker)
{
    return asker->question > 0;
}

static int32_t hear(struct rounds_world *world, const uint8_t *bytes, uint64_t length)
{
    fate_session *session = fate_simulator_session(world->simulator, 1);
    const struct answerer *answerer = session->state;
    uint64_t count;
    return statistics_answerer.hear(&session->turn, answerer->state, bytes, length, &count);
}

static void malformed_questions(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    uint8_t bytes[120] = {0};
    /* Two columns, five targets: minimum, three quantiles, maximum. */
    const uint64_t lengths[] = {0, 1, 9, 25, 85, 33};
    rounds_open(&world, 2, "horizontal-statistics", ",\"resolution\":20", 20, 2, false);
    assert_true(rounds_run_until(&world, begun));
    for (uint8_t kind = 0; kind < 8; kind++)
        for (uint64_t length = 0; length < sizeof bytes; length++) {
            bytes[0] = kind;
            bytes[1] = kind == STATISTICS_RANKS ? 64 : 0;
            bool good = kind > 0 && kind < 6 && length == lengths[kind];
            assert_int_equal(hear(&world, bytes, length), good ? FATE_OK : FATE_E_FORMAT);
        }
    bytes[0] = STATISTICS_RANKS;
    for (int open = 0; open < 100; open++) { /* no finer than the job's resolution */
        bytes[1] = (uint8_t)open;
        assert_int_equal(hear(&world, bytes, 85), open >= 48 && open <= 64 && open % 4 == 0 ? FATE_OK : FATE_E_FORMAT);
    }
    bytes[0] = STATISTICS_MEANS;
    bytes[1] = 129;
    assert_int_equal(hear(&world, bytes, 9), FATE_E_FORMAT);
    rounds_close(&world);
}

/* A mean that nobody came to: the sum does not fit. */
static void false_mean(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 2, "horizontal-statistics", "", 20, 2, false);
    assert_true(rounds_run_until(&world, begun));
    fate_session *session = fate_simulator_session(world.simulator, 1);
    const struct answerer *answerer = session->state;
    struct buffer question;
    uint8_t values[64];
    buffer_init(&question, session->context);
    buffer_u8(&question, STATISTICS_SPREADS);
    for (int i = 0; i < 2; i++) {
        buffer_u32(&question, 0);
        buffer_double(&question, 1e30);
    }
    assert_int_equal(hear(&world, question.bytes, question.length), FATE_OK);
    assert_int_equal(statistics_answerer.answer(&session->turn, answerer->state, values), FATE_E_PROTOCOL);
    buffer_free(&question);
    rounds_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(malformed_questions), cmocka_unit_test(false_mean)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
