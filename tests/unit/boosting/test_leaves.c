/* Of a level's splits those with the greatest gains. */
#include "src/models/boosting/leaves.h"
#include "tests/support/allocator.h"
#include "tests/support/boosting.h"

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static void test_room(void **state)
{
    (void)state;
    assert_int_equal(leaves_room(0, 101), UINT32_MAX);
    assert_int_equal(leaves_room(2, 1), 1);
    assert_int_equal(leaves_room(5, 5), 2);
    assert_int_equal(leaves_room(5, 9), 0);
    assert_int_equal(leaves_room(4, 9), 0);
}

static void test_greatest(void **state)
{
    (void)state;
    static const double gains[6] = {2, 9, 3, 3, 100, 3};
    static const uint8_t expected[6][6] = {
        {0, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0}, {0, 1, 1, 0, 0, 0}, {0, 1, 1, 1, 0, 0}, {0, 1, 1, 1, 0, 1}, {1, 1, 1, 1, 0, 1},
    };
    for (uint32_t room = 0; room < 8; room++) {
        uint8_t split[6] = {1, 1, 1, 1, 0, 1};
        assert_int_equal(leaves_limit(context, split, gains, 6, room == 7 ? UINT32_MAX : room), FATE_OK);
        assert_memory_equal(split, expected[room > 5 ? 5 : room], 6);
    }
    assert_int_equal(leaves_limit(context, NULL, NULL, 0, 3), FATE_OK);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct test_allocator memory;
    fate_allocator allocator = test_allocator(&memory, -1);
    fate_context *poor = NULL;
    uint8_t split = 1;
    double gain = 1;
    assert_int_equal(context_new(&poor, &allocator), FATE_OK);
    memory.fail = memory.calls;
    assert_int_equal(leaves_limit(poor, &split, &gain, 1, 1), FATE_E_MEMORY);
    fate_context_free(poor);
    assert_int_equal(memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_room), cmocka_unit_test(test_greatest), cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
