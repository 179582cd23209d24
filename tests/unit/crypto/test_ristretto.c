/* Many elements of ristretto255: scalars, multiplications, what is refused, allocations that fail. */
#include "tests/support/unit.h"

#include "tests/support/allocator.h"

#include "src/crypto/ristretto.h"
#include <sodium.h>

enum { ITEMS = 5 };

static int setup(void **state)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    *state = context;
    return 0;
}

static int teardown(void **state)
{
    fate_context_free(*state);
    return 0;
}

static void fill(uint8_t *bytes, uint64_t length, uint8_t number)
{
    uint8_t seed[randombytes_SEEDBYTES] = {number};
    randombytes_buf_deterministic(bytes, length, seed);
}

static void scalars_follow_from_seeds(void **state)
{
    (void)state;
    static const uint8_t one[RISTRETTO_SEED] = {1}, two[RISTRETTO_SEED] = {2};
    uint8_t first[RISTRETTO_SCALAR], again[RISTRETTO_SCALAR], other[RISTRETTO_SCALAR], reduced[RISTRETTO_SCALAR], wide[64] = {0};
    ristretto_scalar_from_seed(first, one);
    ristretto_scalar_from_seed(again, one);
    ristretto_scalar_from_seed(other, two);
    assert_memory_equal(first, again, RISTRETTO_SCALAR);
    assert_memory_not_equal(first, other, RISTRETTO_SCALAR);
    memcpy(wide, first, RISTRETTO_SCALAR);
    crypto_core_ristretto255_scalar_reduce(reduced, wide);
    assert_memory_equal(first, reduced, RISTRETTO_SCALAR);
    ristretto_scalar_random(again);
    ristretto_scalar_random(other);
    assert_memory_not_equal(again, other, RISTRETTO_SCALAR);
}

/* What two parties do: the order of the scalars does not matter. */
static void multiplications_commute(void **state)
{
    fate_context *context = *state;
    uint8_t hashes[ITEMS * RISTRETTO_HASH], left[ITEMS * RISTRETTO_BYTES], right[ITEMS * RISTRETTO_BYTES];
    uint8_t a[RISTRETTO_SCALAR], b[RISTRETTO_SCALAR];
    uint64_t bad = 0;
    fill(hashes, sizeof hashes, 7);
    ristretto_scalar_random(a);
    ristretto_scalar_random(b);
    assert_int_equal(ristretto_hash_multiply_many(context, left, hashes, ITEMS, a), FATE_OK);
    assert_int_equal(ristretto_multiply_many(context, left, left, ITEMS, b, &bad), FATE_OK);
    assert_int_equal(bad, ITEMS);
    assert_int_equal(ristretto_hash_many(context, right, hashes, ITEMS), FATE_OK);
    assert_int_equal(ristretto_multiply_many(context, right, right, ITEMS, b, &bad), FATE_OK);
    assert_memory_not_equal(left, right, sizeof left);
    assert_int_equal(ristretto_multiply_many(context, right, right, ITEMS, a, &bad), FATE_OK);
    assert_memory_equal(left, right, sizeof left);
}

static void bad_elements_are_found(void **state)
{
    fate_context *context = *state;
    uint8_t hashes[ITEMS * RISTRETTO_HASH], elements[ITEMS * RISTRETTO_BYTES], out[ITEMS * RISTRETTO_BYTES], scalar[RISTRETTO_SCALAR];
    uint64_t bad = 0;
    fill(hashes, sizeof hashes, 8);
    ristretto_scalar_random(scalar);
    assert_int_equal(ristretto_hash_many(context, elements, hashes, ITEMS), FATE_OK);
    assert_int_equal(ristretto_check_many(context, elements, ITEMS, false, &bad), FATE_OK);
    assert_int_equal(bad, ITEMS);
    memset(elements + 3 * RISTRETTO_BYTES, 0, RISTRETTO_BYTES); /* the identity */
    assert_int_equal(ristretto_check_many(context, elements, ITEMS, true, &bad), FATE_OK);
    assert_int_equal(bad, ITEMS);
    assert_int_equal(ristretto_check_many(context, elements, ITEMS, false, &bad), FATE_OK);
    assert_int_equal(bad, 3);
    assert_int_equal(ristretto_multiply_many(context, out, elements, ITEMS, scalar, &bad), FATE_OK);
    assert_int_equal(bad, 3);
    assert_true(sodium_is_zero(out + 3 * RISTRETTO_BYTES, RISTRETTO_BYTES));
    assert_false(sodium_is_zero(out + 4 * RISTRETTO_BYTES, RISTRETTO_BYTES));
    elements[RISTRETTO_BYTES] ^= 1; /* negative */
    assert_int_equal(ristretto_check_many(context, elements, ITEMS, true, &bad), FATE_OK);
    assert_int_equal(bad, 1);
    assert_int_equal(ristretto_multiply_many(context, out, elements, ITEMS, scalar, &bad), FATE_OK);
    assert_int_equal(bad, 1);
    elements[RISTRETTO_BYTES - 1] |= 128; /* above 2^255 */
    assert_int_equal(ristretto_check_many(context, elements, ITEMS, true, &bad), FATE_OK);
    assert_int_equal(bad, 0);
    assert_int_equal(ristretto_multiply_many(context, out, elements, ITEMS, scalar, &bad), FATE_OK);
    assert_int_equal(bad, 0);
    assert_int_equal(ristretto_check_many(context, elements, 0, true, &bad), FATE_OK);
    assert_int_equal(bad, 0);
}

static int32_t all_functions(fate_context *context)
{
    static const uint8_t scalar[RISTRETTO_SCALAR] = {5};
    uint8_t hashes[RISTRETTO_HASH] = {3}, element[RISTRETTO_BYTES];
    uint64_t bad = 0;
    int32_t result = ristretto_hash_many(context, element, hashes, 1);
    if (result == FATE_OK) result = ristretto_multiply_many(context, element, element, 1, scalar, &bad);
    if (result == FATE_OK) result = ristretto_check_many(context, element, 1, false, &bad);
    if (result == FATE_OK) result = ristretto_hash_multiply_many(context, element, hashes, 1, scalar);
    return result;
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    struct test_allocator test;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result != FATE_OK; fail++) {
        fate_context *context = NULL;
        fate_allocator allocator = test_allocator(&test, -1);
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        atomic_store(&test.calls, 0);
        test.fail = fail;
        result = all_functions(context);
        if (result != FATE_OK) assert_int_equal(result, FATE_E_MEMORY);
        assert_true(fail < 20);
        fate_context_free(context);
        assert_true(atomic_load(&test.live) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_follow_from_seeds),
        cmocka_unit_test(multiplications_commute),
        cmocka_unit_test(bad_elements_are_found),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
