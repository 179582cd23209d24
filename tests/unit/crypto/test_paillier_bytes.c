/* Exported keys: what is written is read, and every malformed key is refused for its own reason. */
#include "tests/support/unit.h"

#include "src/crypto/paillier_bytes.h"
#include "tests/support/exported.h"

enum { BITS = 256, HEAD = 4 + 1 + 1 + 1 + 1 + 8 + 4, MODULUS = BITS / 8, BASE = 2 * BITS / 8, PRIME = BITS / 16 };

static struct exported pair;

static int setup(void **state)
{
    (void)state;
    exported_begin(&pair, "paillier", BITS);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    return exported_end(&pair);
}

static void keys_survive(void **state)
{
    (void)state;
    assert_int_equal(exported_head("paillier"), HEAD);
    assert_int_equal(pair.lengths[0], HEAD + MODULUS + BASE);
    assert_int_equal(pair.lengths[1], HEAD + 2 * PRIME + BASE);
    exported_survives(&pair);
}

static void keys_of_all_lengths_survive(void **state)
{
    (void)state;
    exported_lengths_survive(&pair, 16, 300, 2);
}

static void damaged_heads_are_refused(void **state)
{
    (void)state;
    exported_heads_are_checked(&pair);
}

/* Of the key's full length, for a reason that the sentence names. */
static void refused(bool secret, const uint8_t *bytes, const char *reason)
{
    exported_refused(&pair, secret, bytes, pair.lengths[secret], FATE_E_KEY, reason);
}

static void bad_public_numbers_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[HEAD + MODULUS + BASE];
    mp_limb_t limbs[BASE / 8];
    mpz_t number;
    mpz_init(number);
    memcpy(bytes, pair.bytes[0], sizeof bytes);
    bytes[HEAD] ^= 1;
    refused(false, bytes, "even");
    memcpy(bytes, pair.bytes[0], sizeof bytes);
    bytes[HEAD + MODULUS - 1] = 0;
    refused(false, bytes, "stated number of bits");
    memset(bytes + HEAD, 0, MODULUS);
    bytes[HEAD] = 3;
    bytes[HEAD + MODULUS - 1] = 0xc0; /* 3 * (2^254 + 1) */
    refused(false, bytes, "small factor");
    mpz_ui_pow_ui(number, 2, 128);
    mpz_sub_ui(number, number, 159); /* the largest prime of 128 bits, squared */
    mpz_mul(number, number, number);
    crypto_from_mpz(limbs, MODULUS / 8, number);
    limbs_store(bytes + HEAD, MODULUS, limbs, MODULUS / 8);
    refused(false, bytes, "power");
    memcpy(bytes, pair.bytes[0], sizeof bytes);
    memset(bytes + HEAD + MODULUS, 0xff, BASE);
    refused(false, bytes, "below the square");
    memset(bytes + HEAD + MODULUS, 0, BASE);
    refused(false, bytes, "not a unit");
    memcpy(bytes + HEAD + MODULUS, pair.bytes[1] + HEAD, PRIME); /* p itself */
    refused(false, bytes, "not a unit");
    memset(bytes + HEAD + MODULUS, 0, BASE);
    bytes[HEAD + MODULUS] = 1;
    refused(false, bytes, "hides nothing");
    mpz_clear(number);
}

static void bad_secret_numbers_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[HEAD + 2 * PRIME + BASE];
    memcpy(bytes, pair.bytes[1], sizeof bytes);
    memcpy(bytes + HEAD, pair.bytes[1] + HEAD + PRIME, PRIME);
    memcpy(bytes + HEAD + PRIME, pair.bytes[1] + HEAD, PRIME);
    refused(true, bytes, "descending");
    memcpy(bytes + HEAD + PRIME, bytes + HEAD, PRIME);
    refused(true, bytes, "descending");
    memcpy(bytes, pair.bytes[1], sizeof bytes);
    bytes[HEAD + 5] ^= 0x10;
    refused(true, bytes, "none");
    memcpy(bytes, pair.bytes[1], sizeof bytes);
    bytes[HEAD] ^= 2;
    refused(true, bytes, "length or form");
    memcpy(bytes, pair.bytes[1], sizeof bytes);
    bytes[HEAD + 2 * PRIME - 1] = 0;
    refused(true, bytes, "length or form");
    memcpy(bytes, pair.bytes[1], sizeof bytes);
    bytes[HEAD + 2 * PRIME] ^= 1;
    refused(true, bytes, "does not belong");
    memset(bytes + HEAD + 2 * PRIME, 0xff, BASE);
    refused(true, bytes, "below the square");
}

static void failed_allocations_leave_nothing(void **state)
{
    (void)state;
    exported_allocations_fail(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_survive),
        cmocka_unit_test(keys_of_all_lengths_survive),
        cmocka_unit_test(damaged_heads_are_refused),
        cmocka_unit_test(bad_public_numbers_are_refused),
        cmocka_unit_test(bad_secret_numbers_are_refused),
        cmocka_unit_test(failed_allocations_leave_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
