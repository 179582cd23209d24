/* The law on struct_size: every size of a table from nothing to more than this library knows. */
#include "tests/support/unit.h"

#include "lib/hooks.h"

#include <fate/base.h>

enum { OWN = 40, LEAST = 16, LARGE = 80 };

static void fill(uint8_t *table, uint32_t size, uint32_t version)
{
    for (uint32_t i = 0; i < LARGE; i++) table[i] = i < size ? (uint8_t)(i + 1) : 0;
    memcpy(table, &size, sizeof size);
    memcpy(table + 4, &version, sizeof version);
}

static void every_prefix_is_filled_up_with_zeros(void **state)
{
    (void)state;
    for (uint32_t size = 0; size <= OWN; size++) {
        uint8_t given[LARGE], own[OWN];
        memset(own, 0xee, sizeof own);
        fill(given, size, FATE_ABI_VERSION);
        assert_int_equal(hooks_copy(own, OWN, given, LEAST), size >= LEAST);
        if (size < LEAST) continue;
        uint32_t own_size;
        memcpy(&own_size, own, sizeof own_size);
        assert_int_equal(own_size, OWN);
        assert_memory_equal(own + 4, given + 4, size - 4);
        for (uint32_t i = size; i < OWN; i++) assert_int_equal(own[i], 0);
    }
}

static void longer_tables_need_a_zero_tail(void **state)
{
    (void)state;
    for (uint32_t size = OWN + 1; size <= LARGE; size++) {
        uint8_t given[LARGE], own[OWN];
        fill(given, size, FATE_ABI_VERSION);
        memset(given + OWN, 0, LARGE - OWN);
        assert_true(hooks_copy(own, OWN, given, LEAST));
        for (uint32_t i = OWN; i < size; i++) {
            given[i] = 1;
            assert_false(hooks_copy(own, OWN, given, LEAST));
            given[i] = 0;
        }
    }
}

static void refused_tables_leave_own_alone(void **state)
{
    (void)state;
    uint8_t given[LARGE], own[OWN], before[OWN];
    memset(own, 0xee, sizeof own);
    memset(before, 0xee, sizeof before);
    const uint32_t versions[] = {0, FATE_ABI_VERSION + 1, UINT32_MAX};
    for (size_t i = 0; i < 3; i++) {
        fill(given, OWN, versions[i]);
        assert_false(hooks_copy(own, OWN, given, LEAST));
    }
    fill(given, UINT32_MAX, FATE_ABI_VERSION);
    assert_false(hooks_copy(own, OWN, given, LEAST));
    fill(given, 4, FATE_ABI_VERSION);
    assert_false(hooks_copy(own, OWN, given, 0));
    assert_memory_equal(own, before, OWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_prefix_is_filled_up_with_zeros),
        cmocka_unit_test(longer_tables_need_a_zero_tail),
        cmocka_unit_test(refused_tables_leave_own_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
