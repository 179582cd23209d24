/* The coin toss and the public polynomials of the lattice cipher. */
#include "src/crypto/lattice_public.h"

#include "src/crypto/lattice_sample.h"
#include "tests/support/allocator.h"
#include "tests/support/lattice.h"
#include "tests/support/unit.h"

static const struct lattice_shape shape = {200, 2, 8, 10, 20};

static void a_nonce_opens_its_commitment_alone(void **state)
{
    (void)state;
    fate_context *context = NULL;
    uint8_t nonce[LATTICE_SEED] = {1}, subject[LATTICE_SEED] = {2}, commitment[LATTICE_SEED];
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    lattice_coin_commit(commitment, nonce, subject, 3);
    assert_int_equal(lattice_coin_check(context, commitment, nonce, subject, 3), FATE_OK);
    assert_int_equal(lattice_coin_check(context, commitment, nonce, subject, 2), FATE_E_PROTOCOL);
    assert_non_null(strstr(fate_context_error(context), "party 2"));
    nonce[31] ^= 1;
    assert_int_equal(lattice_coin_check(context, commitment, nonce, subject, 3), FATE_E_PROTOCOL);
    nonce[31] ^= 1;
    subject[0] ^= 1;
    assert_int_equal(lattice_coin_check(context, commitment, nonce, subject, 3), FATE_E_PROTOCOL);
    fate_context_free(context);
}

static void every_nonce_counts(void **state)
{
    (void)state;
    uint8_t nonces[3 * LATTICE_SEED] = {1}, subject[LATTICE_SEED] = {2}, seed[LATTICE_SEED], other[LATTICE_SEED];
    lattice_coin_seed(seed, nonces, 3, subject);
    for (uint32_t i = 0; i < sizeof nonces; i += 7) {
        nonces[i] ^= 1;
        lattice_coin_seed(other, nonces, 3, subject);
        assert_memory_not_equal(seed, other, sizeof seed);
        nonces[i] ^= 1;
    }
    lattice_coin_seed(other, nonces, 2, subject);
    assert_memory_not_equal(seed, other, sizeof seed);
}

static void polynomials_follow_from_the_seed(void **state)
{
    (void)state;
    uint64_t bytes = 0;
    for (uint8_t first = 0; first < 2; first++) {
        fate_context *one = NULL, *three = NULL;
        struct lattice_plan plan;
        struct lattice_public made, again, other;
        const uint8_t seed[LATTICE_SEED] = {first}, another[LATTICE_SEED] = {9};
        assert_int_equal(context_new(&one, NULL), FATE_OK);
        assert_int_equal(context_new(&three, NULL), FATE_OK);
        three->threads = 3;
        assert_int_equal(lattice_plan_make(one, &plan, lattice_small(), &shape), FATE_OK);
        bytes = (plan.blocks + 1) * (uint64_t)plan.profile->digits * plan.profile->degree * 8;
        assert_int_equal(plan.blocks, 4);
        assert_int_equal(lattice_public_make(one, &made, &plan, seed, NULL), FATE_OK);
        assert_int_equal(lattice_public_make(three, &again, &plan, seed, NULL), FATE_OK);
        assert_int_equal(lattice_public_make(one, &other, &plan, another, NULL), FATE_OK);
        assert_memory_equal(made.transformed, again.transformed, bytes);
        assert_memory_not_equal(made.transformed, other.transformed, bytes);
        assert_memory_not_equal(lattice_public_block(&made, 0), lattice_public_block(&made, 4), 64 * 8);
        lattice_public_free(one, &made);
        lattice_public_free(three, &again);
        lattice_public_free(one, &other);
        fate_context_free(one);
        fate_context_free(three);
    }
}

/* a times 1 is a. */
static void what_leaves_is_the_product(void **state)
{
    (void)state;
    fate_context *context = NULL;
    struct lattice_plan plan;
    struct lattice_public made;
    const uint8_t seed[LATTICE_SEED] = {5};
    int64_t one[64] = {1};
    uint64_t transformed[64], scratch[3 * 64];
    int64_t integers[3 * 64];
    struct lattice_word words[64] = {{0, 0}}, expected[64];
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(lattice_plan_make(context, &plan, lattice_small(), &shape), FATE_OK);
    assert_int_equal(lattice_public_make(context, &made, &plan, seed, NULL), FATE_OK);
    made.ring.kernel->forward(&made.ring, transformed, one);
    made.ring.kernel->multiply(&made.ring, integers, scratch, lattice_public_block(&made, 2), transformed, 3);
    lattice_public_join(plan.profile, words, integers, 0, 64);
    lattice_uniform(expected, 64, made.seed, 2);
    for (int i = 0; i < 64; i++) assert_true(lattice_reduce(lattice_wide_of(words[i]) - lattice_wide_of(expected[i]), 104) == 0);
    lattice_public_free(context, &made);
    fate_context_free(context);
}

static void allocations_fail(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    const uint8_t seed[LATTICE_SEED] = {5};
    for (long long fail = 0; result != FATE_OK; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *context = NULL;
        struct lattice_plan plan;
        struct lattice_public made;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        assert_int_equal(lattice_plan_make(context, &plan, lattice_small(), &shape), FATE_OK);
        test.fail = atomic_load(&test.calls) + fail;
        result = lattice_public_make(context, &made, &plan, seed, NULL);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        if (result == FATE_OK) lattice_public_free(context, &made);
        fate_context_free(context);
        assert_int_equal(atomic_load(&test.live), 0);
        assert_true(fail < 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_nonce_opens_its_commitment_alone), cmocka_unit_test(every_nonce_counts),
                                       cmocka_unit_test(polynomials_follow_from_the_seed), cmocka_unit_test(what_leaves_is_the_product),
                                       cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
