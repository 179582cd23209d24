/* One ring's powers of g and h against GMP's, for exponents of edge values; and what memory running out leaves. */
#include "tests/support/unit.h"

#include "tests/support/okamoto.h"

enum { SIZE = 5, MESSAGE_BITS = 100, OBFUSCATOR_BITS = 130 };

static struct test_allocator counted;
static fate_context *context;
static struct random_stream stream;
static struct montgomery modulus;
static mp_limb_t plain[3][SIZE]; /* g, h and the lift: any numbers here */
static const struct okamoto_numbers numbers = {plain[0], plain[1], plain[2]};

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    mp_limb_t limbs[SIZE];
    random_stream_init(&stream, crypto_seed(seed, 51), 0);
    context = crypto_context(&counted, -1, 1);
    limbs_random(limbs, SIZE, 64 * SIZE, &stream);
    limbs[0] |= 1;
    limbs[SIZE - 1] |= (mp_limb_t)1 << 63;
    for (int i = 0; i < 3; i++) limbs_random(plain[i], SIZE, 64 * SIZE - 1, &stream);
    return montgomery_init(&modulus, context, limbs, SIZE);
}

static int teardown(void **state)
{
    (void)state;
    montgomery_free(&modulus, context);
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

/* What okamoto_tables_get looks at. */
static const struct scheme_key *key_like(struct scheme_key *key, bool scanned)
{
    *key =
        (struct scheme_key){.context = context, .plaintext_bits = MESSAGE_BITS, .obfuscator_bits = OBFUSCATOR_BITS, .scan_tables = scanned};
    return key;
}

static void power_of(mpz_t out, const mp_limb_t *base, const mp_limb_t *exponent, uint64_t bits)
{
    mpz_t number, n, times;
    mpz_inits(number, n, times, NULL);
    crypto_to_mpz(number, base, SIZE);
    crypto_to_mpz(n, modulus.modulus, SIZE);
    crypto_to_mpz(times, exponent, limbs_for_bits(bits));
    mpz_powm(number, number, times, n);
    mpz_mul(out, out, number);
    mpz_mod(out, out, n);
    mpz_clears(number, n, times, NULL);
}

static void check_powers(const struct okamoto_ring *ring, bool scanned, int kind)
{
    static mp_limb_t limbs[OKAMOTO_TEST_ITCH], rows[GROUP_MOST_LANES][OKAMOTO_TEST_LIMBS];
    const struct group *group = &ring->group;
    mp_limb_t message[2], obfuscator[3], one = 1;
    struct scheme_key key;
    struct okamoto_tables tables;
    mpz_t wanted, found;
    mpz_init_set_ui(wanted, 1);
    mpz_init(found);
    limbs_random(message, 2, kind == 0 ? 0 : MESSAGE_BITS, &stream);
    limbs_random(obfuscator, 3, kind == 1 ? 0 : OBFUSCATOR_BITS, &stream);
    power_of(wanted, plain[0], message, MESSAGE_BITS);
    power_of(wanted, plain[1], obfuscator, OBFUSCATOR_BITS);
    if (kind % 2 == 1) power_of(wanted, plain[2], &one, 1);
    const mp_limb_t *messages[GROUP_MOST_LANES], *obfuscators[GROUP_MOST_LANES];
    mp_limb_t *out = group_align(limbs), *stored[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < group->lanes; lane++) {
        messages[lane] = message;
        obfuscators[lane] = obfuscator;
        stored[lane] = rows[lane];
    }
    const struct okamoto_exponents exponents = {messages, obfuscators, MESSAGE_BITS, kind % 2 == 1};
    assert_int_equal(okamoto_tables_get(&tables, ring, key_like(&key, scanned)), FATE_OK);
    okamoto_power(&tables, out, &exponents, out + group->bundle);
    group->store(group->ring, stored, out);
    for (uint32_t lane = 0; lane < group->lanes; lane++) {
        okamoto_test_row(found, group, rows[lane]);
        assert_int_equal(mpz_cmp(found, wanted), 0);
    }
    mpz_clears(wanted, found, NULL);
}

static void powers_are_those_of_gmp(void **state)
{
    (void)state;
    for (int scanned = 0; scanned < 2; scanned++) {
        struct okamoto_ring ring = {0};
        assert_int_equal(okamoto_ring_init(&ring, context, &modulus, &numbers), FATE_OK);
        for (int kind = 0; kind < 6; kind++) check_powers(&ring, scanned, kind);
        okamoto_ring_free(&ring, context);
    }
}

static void failed_allocations_leave_nothing(void **state)
{
    (void)state;
    const long long live = atomic_load(&counted.live);
    int32_t result = FATE_E_MEMORY;
    long long fail = 0;
    for (; result == FATE_E_MEMORY; fail++) {
        struct okamoto_ring ring = {0};
        struct okamoto_tables tables;
        struct scheme_key key;
        atomic_store(&counted.calls, 0);
        counted.fail = fail;
        result = okamoto_ring_init(&ring, context, &modulus, &numbers);
        if (result == FATE_OK) result = okamoto_tables_get(&tables, &ring, key_like(&key, false));
        counted.fail = -1;
        okamoto_ring_free(&ring, context);
        assert_int_equal(atomic_load(&counted.live), live);
    }
    assert_int_equal(result, FATE_OK);
    assert_true(fail > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_are_those_of_gmp),
        cmocka_unit_test(failed_allocations_leave_nothing),
    };
    int failed = 0;
    for (int i = 0; i < CRYPTO_KERNELS; i++)
        if (crypto_choose_kernel(crypto_kernels[i])) failed += cmocka_run_group_tests_name(crypto_kernels[i], tests, setup, teardown);
    return failed;
}
