/* Learning rates by rounds. */
#include "tests/support/network.h"

#include "src/models/horizontal/schedule.h"

static void test_rates(void **state)
{
    (void)state;
    struct schedule schedule = {.kind = SCHEDULE_CONSTANT, .rate = 0.5};
    assert_true(schedule_rate(&schedule, 0) == 0.5 && schedule_rate(&schedule, UINT32_MAX) == 0.5);
    schedule = (struct schedule){.kind = SCHEDULE_STEP, .rate = 1, .rounds = 3, .factor = 0.5};
    assert_true(schedule_rate(&schedule, 0) == 1 && schedule_rate(&schedule, 2) == 1 && schedule_rate(&schedule, 3) == 0.5);
    assert_true(schedule_rate(&schedule, 5) == 0.5 && schedule_rate(&schedule, 6) == 0.25);
    schedule.rounds = 1;
    assert_true(schedule_rate(&schedule, UINT32_MAX) == 0);
    schedule = (struct schedule){.kind = SCHEDULE_COSINE, .rate = 2, .rounds = 101, .factor = 0.1};
    for (uint32_t round = 0; round <= 100; round++)
        assert_near(schedule_rate(&schedule, round), 2 * (0.1 + 0.9 * (1 + cos(3.14159265358979323846 * round / 100)) / 2), 1e-14);
    assert_near(schedule_rate(&schedule, 5000), 0.2, 1e-14);
    schedule.rounds = 1;
    assert_true(schedule_rate(&schedule, 0) == 2);
    schedule = (struct schedule){.kind = SCHEDULE_INVERSE, .rate = 1, .factor = 0.5};
    assert_true(schedule_rate(&schedule, 0) == 1 && schedule_rate(&schedule, 2) == 0.5);
}

static void test_names(void **state)
{
    (void)state;
    for (int32_t kind = SCHEDULE_CONSTANT; kind <= SCHEDULE_INVERSE; kind++) assert_int_equal(schedule_find(schedule_name(kind)), kind);
    assert_null(schedule_name(SCHEDULE_INVERSE + 1));
    assert_int_equal(schedule_find("linear"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rates), cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
