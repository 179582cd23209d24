/* Exported keys: what is written is read, and every malformed key is refused for its own reason. */
#include "tests/support/unit.h"

#include "src/crypto/paillier_bytes.h"
#include "tests/support/crypto.h"
#include "tests/support/paillier.h"

enum { BITS = 256, HEAD = 4 + 1 + 1 + 1 + 1 + 8 + 4, MODULUS = BITS / 8, BASE = 2 * BITS / 8, PRIME = BITS / 16 };

static struct test_allocator counted;
static fate_context *context;
static fate_secret_key *key;
static uint8_t *public_bytes, *secret_bytes;
static uint64_t public_length, secret_length;

static int setup(void **state)
{
    (void)state;
    context = crypto_context(&counted, -1, 1);
    key = crypto_key(context, BITS, 1);
    fate_public_key *public_key;
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    assert_int_equal(fate_public_key_export(public_key, &public_bytes, &public_length), FATE_OK);
    assert_int_equal(fate_secret_key_export(key, &secret_bytes, &secret_length), FATE_OK);
    fate_public_key_free(public_key);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_free(context, public_bytes);
    fate_free(context, secret_bytes);
    fate_secret_key_free(key);
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

static void keys_survive(void **state)
{
    (void)state;
    assert_int_equal(public_length, HEAD + MODULUS + BASE);
    assert_int_equal(secret_length, HEAD + 2 * PRIME + BASE);
    fate_public_key *public_key;
    fate_secret_key *secret;
    uint8_t *again;
    uint64_t length;
    assert_int_equal(fate_public_key_import(context, &public_key, public_bytes, public_length), FATE_OK);
    assert_true(scheme_key_same(public_key->key, key->key));
    assert_int_equal(fate_public_key_export(public_key, &again, &length), FATE_OK);
    assert_int_equal(length, public_length);
    assert_memory_equal(again, public_bytes, length);
    fate_free(context, again);
    assert_int_equal(fate_secret_key_import(context, &secret, secret_bytes, secret_length), FATE_OK);
    assert_true(scheme_key_same(secret->key, key->key));
    assert_int_equal(fate_secret_key_export(secret, &again, &length), FATE_OK);
    assert_int_equal(length, secret_length);
    assert_memory_equal(again, secret_bytes, length);
    fate_free(context, again);
    fate_public_key_free(public_key);
    fate_secret_key_free(secret);
}

static void keys_of_all_lengths_survive(void **state)
{
    (void)state;
    for (uint32_t bits = 16; bits <= 300; bits += 2) {
        fate_secret_key *own = crypto_key(context, bits, 5), *back;
        uint8_t *bytes;
        uint64_t length;
        assert_int_equal(fate_secret_key_export(own, &bytes, &length), FATE_OK);
        assert_int_equal(fate_secret_key_import(context, &back, bytes, length), FATE_OK);
        assert_true(scheme_key_same(own->key, back->key));
        fate_free(context, bytes);
        fate_secret_key_free(own);
        fate_secret_key_free(back);
    }
}

/* Imports a changed copy; the sentence must name the reason. */
static void refused(bool secret, const uint8_t *bytes, uint64_t length, int32_t wanted, const char *reason)
{
    fate_public_key *public_key = NULL;
    fate_secret_key *secret_key = NULL;
    int32_t result =
        secret ? fate_secret_key_import(context, &secret_key, bytes, length) : fate_public_key_import(context, &public_key, bytes, length);
    assert_int_equal(result, wanted);
    assert_null(public_key);
    assert_null(secret_key);
    if (strstr(fate_context_error(context), reason) == NULL) fail_msg("\"%s\" does not say \"%s\"", fate_context_error(context), reason);
}

static void damaged_heads_are_refused(void **state)
{
    (void)state;
    for (int secret = 0; secret < 2; secret++) {
        uint8_t bytes[HEAD + MODULUS + BASE + 1] = {0};
        uint64_t length = secret ? secret_length : public_length;
        const uint8_t *good = secret ? secret_bytes : public_bytes;
        memcpy(bytes, good, length);
        for (uint64_t cut = 0; cut < length; cut++)
            refused(secret, bytes, cut, FATE_E_FORMAT, cut < 5 ? "not an encryption key" : "truncated");
        refused(secret, bytes, length + 1, FATE_E_FORMAT, "too long");
        refused(!secret, bytes, length, FATE_E_FORMAT, "is needed here");
        bytes[0] = 'f';
        refused(secret, bytes, length, FATE_E_FORMAT, "not an encryption key");
        bytes[0] = 'F';
        bytes[5] = 3;
        refused(secret, bytes, length, FATE_E_VERSION, "version 3");
        bytes[5] = 1;
        bytes[8] = 'P';
        refused(secret, bytes, length, FATE_E_KEY, "scheme");
        bytes[8] = 'p';
        bytes[16] = 1;
        refused(secret, bytes, length, FATE_E_KEY, "2048, 3072 or 4096");
        bytes[16] = 0;
        bytes[18] = 1; /* a length that must not be believed */
        refused(secret, bytes, length, FATE_E_KEY, "2048, 3072 or 4096");
        bytes[18] = 0;
        bytes[6] = 9; /* a higher minor version is accepted */
        if (!secret) {
            fate_public_key *public_key;
            assert_int_equal(fate_public_key_import(context, &public_key, bytes, length), FATE_OK);
            fate_public_key_free(public_key);
        }
    }
}

static void bad_public_numbers_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[HEAD + MODULUS + BASE];
    mp_limb_t limbs[BASE / 8];
    mpz_t number;
    mpz_init(number);
    memcpy(bytes, public_bytes, sizeof bytes);
    bytes[HEAD] ^= 1;
    refused(false, bytes, sizeof bytes, FATE_E_KEY, "even");
    memcpy(bytes, public_bytes, sizeof bytes);
    bytes[HEAD + MODULUS - 1] = 0;
    refused(false, bytes, sizeof bytes, FATE_E_KEY, "stated number of bits");
    memset(bytes + HEAD, 0, MODULUS);
    bytes[HEAD] = 3;
    bytes[HEAD + MODULUS - 1] = 0xc0; /* 3 * (2^254 + 1) */
    refused(false, bytes, sizeof bytes, FATE_E_KEY, "small factor");
    mpz_ui_pow_ui(number, 2, 128);
    mpz_sub_ui(number, number, 159); /* the largest prime of 128 bits, squared */
    mpz_mul(number, number, number);
    crypto_from_mpz(limbs, MODULUS / 8, number);
    limbs_store(bytes + HEAD, MODULUS, limbs, MODULUS / 8);
    refused(false, bytes, sizeof bytes, FATE_E_KEY, "power");
    memcpy(bytes, public_bytes, sizeof bytes);
    memset(bytes + HEAD + MODULUS, 0xff, BASE);
    refused(false, bytes, sizeof bytes, FATE_E_KEY, "below the square");
    memset(bytes + HEAD + MODULUS, 0, BASE);
    refused(false, bytes, sizeof bytes, FATE_E_KEY, "not a unit");
    memcpy(bytes + HEAD + MODULUS, secret_bytes + HEAD, PRIME); /* p itself */
    refused(false, bytes, sizeof bytes, FATE_E_KEY, "not a unit");
    memset(bytes + HEAD + MODULUS, 0, BASE);
    bytes[HEAD + MODULUS] = 1;
    refused(false, bytes, sizeof bytes, FATE_E_KEY, "hides nothing");
    mpz_clear(number);
}

static void bad_secret_numbers_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[HEAD + 2 * PRIME + BASE];
    memcpy(bytes, secret_bytes, sizeof bytes);
    memcpy(bytes + HEAD, secret_bytes + HEAD + PRIME, PRIME);
    memcpy(bytes + HEAD + PRIME, secret_bytes + HEAD, PRIME);
    refused(true, bytes, sizeof bytes, FATE_E_KEY, "descending");
    memcpy(bytes + HEAD + PRIME, bytes + HEAD, PRIME);
    refused(true, bytes, sizeof bytes, FATE_E_KEY, "descending");
    memcpy(bytes, secret_bytes, sizeof bytes);
    bytes[HEAD + 5] ^= 0x10;
    refused(true, bytes, sizeof bytes, FATE_E_KEY, "none");
    memcpy(bytes, secret_bytes, sizeof bytes);
    bytes[HEAD] ^= 2;
    refused(true, bytes, sizeof bytes, FATE_E_KEY, "length or form");
    memcpy(bytes, secret_bytes, sizeof bytes);
    bytes[HEAD + 2 * PRIME - 1] = 0;
    refused(true, bytes, sizeof bytes, FATE_E_KEY, "length or form");
    memcpy(bytes, secret_bytes, sizeof bytes);
    bytes[HEAD + 2 * PRIME] ^= 1;
    refused(true, bytes, sizeof bytes, FATE_E_KEY, "does not belong");
    memset(bytes + HEAD + 2 * PRIME, 0xff, BASE);
    refused(true, bytes, sizeof bytes, FATE_E_KEY, "below the square");
}

static void failed_allocations_leave_nothing(void **state)
{
    (void)state;
    for (int secret = 0; secret < 2; secret++) {
        int32_t result = FATE_E_MEMORY;
        for (long long fail = 0; result == FATE_E_MEMORY; fail++) {
            struct test_allocator own;
            fate_context *failing = crypto_context(&own, fail, 1);
            fate_public_key *public_key = NULL;
            fate_secret_key *secret_key = NULL;
            uint8_t *bytes = NULL;
            uint64_t length = 1;
            if (secret)
                result = fate_secret_key_import(failing, &secret_key, secret_bytes, secret_length);
            else
                result = fate_public_key_import(failing, &public_key, public_bytes, public_length);
            if (result == FATE_OK)
                result = secret ? fate_secret_key_export(secret_key, &bytes, &length) : fate_public_key_export(public_key, &bytes, &length);
            assert_true(result == FATE_OK || result == FATE_E_MEMORY);
            assert_int_equal(bytes != NULL, result == FATE_OK);
            assert_true(fail < 1000);
            fate_free(failing, bytes);
            fate_secret_key_free(secret_key);
            fate_public_key_free(public_key);
            fate_context_free(failing);
            assert_int_equal(atomic_load(&own.live), 0);
        }
    }
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
