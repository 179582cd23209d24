/* What kernels prepare for powers p-1 when memory is short. That these are right is in the tests of each kernel. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"

#include "src/crypto/fermat.h"

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    struct test_allocator test;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result != FATE_OK; fail++) {
        mp_limb_t modulus[2] = {13, 1}; /* 2^64 + 13 is prime */
        struct pair_ring ring = {0};
        struct kernel_ring *lanes = NULL;
        struct fermat *made = NULL;
        fate_context *failing = crypto_context(&test, -1, 1);
        assert_int_equal(pair_init(&ring, failing, modulus, 2), FATE_OK);
        assert_int_equal(kernel_ring_new(&lanes, failing, &kernel_plain, &ring, 65), FATE_OK);
        atomic_store(&test.calls, 0);
        test.fail = fail;
        result = fermat_new(&made, failing, lanes, &ring, 65);
        if (result != FATE_OK) {
            assert_int_equal(result, FATE_E_MEMORY);
            assert_null(made);
        }
        assert_true(fail < 10);
        fermat_free(made, failing);
        kernel_ring_free(lanes, failing);
        pair_free(&ring, failing);
        fate_context_free(failing);
        assert_true(atomic_load(&test.live) == 0);
    }
}

static void there_is_none_without_a_kernel(void **state)
{
    (void)state;
    struct test_allocator test;
    mp_limb_t modulus = 61;
    struct pair_ring ring = {0};
    struct fermat *made = (struct fermat *)(void *)&modulus;
    fate_context *context = crypto_context(&test, -1, 1);
    assert_int_equal(pair_init(&ring, context, &modulus, 1), FATE_OK);
    assert_int_equal(fermat_new(&made, context, NULL, &ring, 6), FATE_OK);
    assert_null(made);
    assert_true(fermat_itch(NULL) == 0);
    pair_free(&ring, context);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failed_allocations_are_errors),
        cmocka_unit_test(there_is_none_without_a_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
