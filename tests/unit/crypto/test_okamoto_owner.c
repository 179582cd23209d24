/* Powers modulo p^2 and q joined are the powers modulo n: primes of all shapes, edge exponents, every kernel. */
#include "tests/support/unit.h"

#include "tests/support/okamoto.h"
#include <math.h>

static struct test_allocator counted;
static fate_context *context;
static struct random_stream stream;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 50), 0);
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

static void draw(mp_limb_t *limbs, uint64_t bits, int kind)
{
    mpn_zero(limbs, OKAMOTO_TEST_LIMBS);
    if (kind > 1) limbs_random(limbs, OKAMOTO_TEST_LIMBS, bits, &stream);
    for (uint64_t bit = 0; kind == 1 && bit < bits; bit++) limbs[bit / 64] |= (mp_limb_t)1 << bit % 64;
}

/* Exponents of zeros, of ones, and random ones. */
static void check_key(uint32_t bits, uint64_t number)
{
    fate_secret_key *key = okamoto_key(context, bits, number);
    fate_ciphertexts *own = crypto_vector(key, 1), *other = crypto_vector(key, 1);
    for (int kind = 0; kind < 5; kind++) {
        mp_limb_t message[OKAMOTO_TEST_LIMBS], exponent[OKAMOTO_TEST_LIMBS];
        draw(message, key->key->plaintext_bits, kind % 3);
        draw(exponent, key->key->obfuscator_bits, kind / 2);
        okamoto_test_encrypt_limbs(key, true, own, 0, message, exponent);
        okamoto_test_encrypt_limbs(key, false, other, 0, message, exponent);
        assert_true(crypto_same_items(own, other));
    }
    fate_ciphertexts_free(own);
    fate_ciphertexts_free(other);
    fate_secret_key_free(key);
}

static void both_ways_agree_for_all_lengths(void **state)
{
    (void)state;
    for (uint32_t bits = 24; bits <= 460; bits += bits < 210 ? (uint32_t)crypto_stride(5) : 37)
        for (uint64_t number = 0; number < 3; number++) check_key(bits, number);
}

static void both_ways_agree_for_keys_of_practice(void **state)
{
    (void)state;
    if (crypto_is_slow()) skip();
    for (uint32_t bits = 2048; bits <= 4096; bits += 1024) check_key(bits, 1);
}

/* Whole encryption, of values and of numbers, whichever way the key chooses. */
static void numbers_are_lifted_in_both_rings(void **state)
{
    (void)state;
    static const double numbers[] = {0, -1, 1, 0x1p61, -0x1p61, 12345.5, -0.5};
    enum { NUMBERS = sizeof numbers / sizeof numbers[0] };
    fate_secret_key *key = okamoto_key(context, 768, 1);
    const struct okamoto_owner *owner = okamoto_secret_of(key)->owner;
    const struct group *group = key->key->group;
    static mp_limb_t limbs[OKAMOTO_TEST_ITCH], plain[GROUP_MOST_LANES][OKAMOTO_TEST_LIMBS];
    mp_limb_t exponent[OKAMOTO_TEST_LIMBS], *power = group_align(limbs), *scratch = power + group->bundle, *out[GROUP_MOST_LANES];
    struct okamoto_owner_tables tables;
    fate_ciphertexts *vector = crypto_vector(key, 1);
    assert_int_equal(okamoto_owner_tables_get(&tables, owner, key->key), FATE_OK);
    draw(exponent, key->key->obfuscator_bits, 2);
    for (int i = 0; i < NUMBERS; i++) {
        const mp_limb_t message = (mp_limb_t)(int64_t)(numbers[i] * 2) + ((mp_limb_t)1 << OKAMOTO_NUMBER_BITS);
        const mp_limb_t *messages[GROUP_MOST_LANES], *exponents[GROUP_MOST_LANES];
        double back;
        for (uint32_t lane = 0; lane < group->lanes; lane++) {
            messages[lane] = &message;
            exponents[lane] = exponent;
            out[lane] = plain[lane];
        }
        const struct okamoto_exponents powers = {messages, exponents, OKAMOTO_LIFTED_BITS, true};
        okamoto_owner_power(&tables, out, &powers, scratch);
        group->enter(group->ring, power, (const mp_limb_t *const *)out, scratch);
        group_store_items(group, vector, 0, 1, power, scratch);
        int32_t result = fate_secret_key_decrypt_numbers(key, vector, 0, 1, &back, 1);
        assert_int_equal(result, fabs(numbers[i]) < 0x1p61 ? FATE_OK : FATE_E_RANGE);
        if (result == FATE_OK) assert_true(back == numbers[i]);
    }
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
}

/* Without a kernel the two shorter moduli are always less work. */
static void it_pays_for_keys_of_practice(void **state)
{
    (void)state;
    if (crypto_kernel == NULL || strcmp(crypto_kernel, "portable") != 0) skip();
    for (uint32_t bits = 2048; bits <= 4096; bits += 1024) {
        fate_secret_key *key = okamoto_key(context, bits, 2);
        assert_true(okamoto_owner_pays(okamoto_secret_of(key)->owner, key->key->group));
        fate_secret_key_free(key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_agree_for_all_lengths),
        cmocka_unit_test(both_ways_agree_for_keys_of_practice),
        cmocka_unit_test(numbers_are_lifted_in_both_rings),
        cmocka_unit_test(it_pays_for_keys_of_practice),
    };
    int failed = 0;
    for (int i = 0; i < CRYPTO_KERNELS; i++)
        if (crypto_choose_kernel(crypto_kernels[i])) failed += cmocka_run_group_tests_name(crypto_kernels[i], tests, setup, teardown);
    return failed;
}
