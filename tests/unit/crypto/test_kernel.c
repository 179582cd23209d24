/* The choice of a kernel, and what it prepares for a modulus when memory is short. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"

#include "src/crypto/kernel.h"

static const char *const names[] = {"plain", "avx2", "avx512"};
enum { NAMES = sizeof names / sizeof names[0] };

static struct test_allocator counted;
static fate_context *context;

static int setup(void **state)
{
    (void)state;
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

static void kernels_are_chosen_by_name(void **state)
{
    (void)state;
    assert_int_equal(fate_context_set_kernel(NULL, "portable"), FATE_E_ARGUMENT);
    assert_int_equal(fate_context_set_kernel(context, "portable"), FATE_OK);
    assert_null(kernel_of(context));
    assert_int_equal(fate_context_set_kernel(context, "abacus"), FATE_E_UNSUPPORTED);
    assert_non_null(strstr(fate_context_error(context), "abacus"));
    assert_null(kernel_of(context));
    assert_int_equal(fate_context_set_kernel(context, "plain"), FATE_OK);
    assert_ptr_equal(kernel_of(context), &kernel_plain);
    for (int i = 0; i < NAMES; i++) {
        bool here = kernel_find(names[i]) != NULL;
        assert_int_equal(fate_context_set_kernel(context, names[i]), here ? FATE_OK : FATE_E_UNSUPPORTED);
        if (here) assert_string_equal(kernel_of(context)->name, names[i]);
    }
    assert_int_equal(fate_context_set_kernel(context, NULL), FATE_OK);
    assert_ptr_not_equal(kernel_of(context), &kernel_plain);
}

/* A number's limbs are whole blocks, with bits to spare; the shorter block is taken where it leaves a quarter of the limbs out. */
static void short_numbers_have_the_shorter_block(void **state)
{
    (void)state;
    static const uint32_t words[] = {1, 3, 7, 11, 16, 22, 32, 64}, expected[] = {7, 7, 10, 14, 20, 30, 40, 80};
    const struct kernel *kernel = &kernel_plain;
    assert_int_equal(kernel->block, 10);
    assert_int_equal(kernel->shorter_block, 7);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct kernel_ring ring, longer;
        kernel_choose_limbs(&ring, kernel, words[i], kernel->shorter_block);
        kernel_choose_limbs(&longer, kernel, words[i], 0);
        assert_int_equal(ring.limbs, expected[i]);
        assert_int_equal(ring.limbs % ring.block, 0);
        assert_true(KERNEL_LIMB_BITS * ring.limbs >= 64 * words[i] + KERNEL_SPARE_BITS);
        assert_int_equal(ring.shift, KERNEL_LIMB_BITS * ring.limbs - 64 * words[i]);
        assert_int_equal(longer.block, kernel->block);
        assert_true(longer.limbs >= ring.limbs);
    }
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    struct test_allocator test;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result != FATE_OK; fail++) {
        mp_limb_t modulus[2] = {12345, 17};
        struct pair_ring ring = {0};
        struct kernel_ring *made = NULL;
        fate_context *failing = crypto_context(&test, -1, 1);
        assert_int_equal(pair_init(&ring, failing, modulus, 2), FATE_OK);
        atomic_store(&test.calls, 0);
        test.fail = fail;
        result = kernel_ring_new(&made, failing, &kernel_plain, &ring, 69);
        if (result != FATE_OK) {
            assert_int_equal(result, FATE_E_MEMORY);
            assert_null(made);
        }
        assert_true(fail < 10);
        kernel_ring_free(made, failing);
        pair_free(&ring, failing);
        fate_context_free(failing);
        assert_true(atomic_load(&test.live) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_are_chosen_by_name),
        cmocka_unit_test(short_numbers_have_the_shorter_block),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
