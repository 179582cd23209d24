/* The bytewise order of random strings, and of strings that are alike at their beginning. */
#include "src/models/psi/sort.h"
#include "lib/memory.h"
#include "tests/support/boosting.h"

static void check(uint64_t count, uint32_t size, uint8_t mask)
{
    fate_context *context;
    uint64_t seed = count + size;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    uint8_t *bytes = memory_allocate(context, count + 1, size);
    for (uint64_t i = 0; i < count * size; i++) bytes[i] = (uint8_t)(test_random(&seed) & mask);
    uint32_t *order = psi_sort(context, bytes, count, size);
    uint8_t *seen = memory_zeroed(context, count + 1, 1);
    assert_non_null(order);
    for (uint64_t i = 0; i < count; i++) {
        assert_true(order[i] < count && !seen[order[i]]);
        seen[order[i]] = 1;
        if (i > 0) assert_true(memcmp(bytes + order[i - 1] * (uint64_t)size, bytes + order[i] * (uint64_t)size, size) <= 0);
    }
    memory_free(context, bytes);
    memory_free(context, order);
    memory_free(context, seen);
    fate_context_free(context);
}

static void strings_come_in_order(void **state)
{
    (void)state;
    static const uint64_t counts[] = {0, 1, 2, 3, 17, 1000, 20000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        check(counts[i], 8, 0xff);
        check(counts[i], 16, 0xfe);
        check(counts[i], 32, 0xff);
    }
    check(500, 16, 1);
    check(50, 32, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(strings_come_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
