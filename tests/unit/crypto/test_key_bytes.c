/* What key formats share: fields, perfect powers, primes. */
#include "tests/support/unit.h"

#include "src/crypto/key_bytes.h"
#include "tests/support/crypto.h"

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

static void powers_are_recognised(void **state)
{
    (void)state;
    enum { BOUND = 1 << 14 };
    static bool is_power[BOUND];
    for (uint32_t root = 3; root * root < BOUND; root += 2)
        for (uint32_t power = root * root; power < BOUND; power *= root) is_power[power] = true;
    for (mp_limb_t number = 3; number < BOUND; number += 2) {
        bool power;
        assert_int_equal(key_is_perfect_power(context, &power, &number, (uint32_t)limbs_bits(&number, 1)), FATE_OK);
        assert_int_equal(power, is_power[number]);
    }
}

static bool power_of(const mpz_t number)
{
    mp_limb_t limbs[48];
    bool power;
    crypto_from_mpz(limbs, 48, number);
    assert_int_equal(key_is_perfect_power(context, &power, limbs, (uint32_t)mpz_sizeinbase(number, 2)), FATE_OK);
    return power;
}

static void long_powers_are_recognised(void **state)
{
    (void)state;
    static const unsigned long roots[] = {8209, 16381, 1000003, 0xfffffffb};
    mpz_t root, power;
    mpz_inits(root, power, NULL);
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
        for (unsigned long exponent = 2; exponent < 3072 / 14; exponent += exponent < 20 ? 1 : 23) {
            mpz_ui_pow_ui(power, roots[i], exponent);
            if (mpz_sizeinbase(power, 2) > 3072) break;
            assert_true(power_of(power));
            mpz_add_ui(power, power, 2);
            assert_int_equal(power_of(power), mpz_perfect_power_p(power) != 0);
        }
    for (unsigned long bits = 100; bits <= 1024; bits += 308) { /* p^2 and p^3 for long primes, the attacks that matter */
        mpz_ui_pow_ui(root, 2, bits - 1);
        mpz_nextprime(root, root);
        mpz_mul(power, root, root);
        assert_true(power_of(power));
        mpz_mul(power, power, root);
        assert_true(power_of(power));
        mpz_sub_ui(power, power, 2);
        assert_false(power_of(power));
    }
    mpz_clears(root, power, NULL);
}

static void fields_are_little_endian_and_of_full_length(void **state)
{
    (void)state;
    static const uint8_t wanted[] = {8, 7, 6, 5, 4, 3, 2, 1, 9, 0, 0};
    const mp_limb_t limbs[2] = {UINT64_C(0x0102030405060708), 9};
    struct buffer buffer;
    buffer_init(&buffer, context);
    key_append(&buffer, limbs, 2, sizeof wanted);
    assert_int_equal(buffer.length, sizeof wanted);
    assert_memory_equal(buffer.bytes, wanted, sizeof wanted);
    buffer_free(&buffer);
    assert_int_equal(key_field_bytes(1), 1);
    assert_int_equal(key_field_bytes(8), 1);
    assert_int_equal(key_field_bytes(683), 86);
}

static void only_primes_of_the_right_form_pass(void **state)
{
    (void)state;
    const mp_limb_t prime = 1019, composite = 1007, wrong_form = 1021; /* 19 * 53; 1 modulo 4 */
    assert_int_equal(key_check_prime(context, "test", &prime, 10), FATE_OK);
    assert_int_equal(key_check_prime(context, "test", &prime, 11), FATE_E_KEY);
    assert_int_equal(key_check_prime(context, "test", &composite, 10), FATE_E_KEY);
    assert_int_equal(key_check_prime(context, "test", &wrong_form, 10), FATE_E_KEY);
    assert_non_null(strstr(fate_context_error(context), "the test key is malformed"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_are_recognised),
        cmocka_unit_test(long_powers_are_recognised),
        cmocka_unit_test(fields_are_little_endian_and_of_full_length),
        cmocka_unit_test(only_primes_of_the_right_form_pass),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
