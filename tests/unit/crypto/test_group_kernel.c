/* Groups on the lanes of every kernel that this machine has; and what is prepared for a modulus when memory is short. */
#include "tests/support/unit.h"

#include "src/crypto/group_kernel.h"
#include "tests/support/crypto.h"
#include "tests/support/groups.h"

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    struct test_allocator test;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result != FATE_OK; fail++) {
        mp_limb_t modulus[2] = {12345, 17};
        struct montgomery montgomery;
        struct group_ring *made = NULL;
        struct group group;
        fate_context *failing = crypto_context(&test, -1, 1);
        assert_int_equal(montgomery_init(&montgomery, failing, modulus, 2), FATE_OK);
        atomic_store(&test.calls, 0);
        test.fail = fail;
        result = group_ring_new(&made, &group, failing, &kernel_plain, &montgomery);
        assert_int_equal(result, fail < 3 ? FATE_E_MEMORY : FATE_OK);
        assert_int_equal(made != NULL, result == FATE_OK);
        group_ring_free(made, failing);
        montgomery_free(&montgomery, failing);
        fate_context_free(failing);
        assert_true(atomic_load(&test.live) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(failed_allocations_are_errors)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + groups_test("plain") + groups_test("avx2") + groups_test("avx512");
}
