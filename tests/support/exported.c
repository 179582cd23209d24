/* A key pair and its exported bytes for tests of key formats; see exported.h. */
#include "tests/support/unit.h"

#include "tests/support/exported.h"

enum { VERSION = 5, MINOR = 6, SCHEME = 8, LENGTH_BYTES = 4, MOST_BYTES = 1024 };

uint64_t exported_head(const char *scheme)
{
    return SCHEME + strlen(scheme) + LENGTH_BYTES;
}

void exported_begin(struct exported *exported, const char *scheme, uint32_t bits)
{
    exported->context = crypto_context(&exported->counted, -1, 1);
    exported->scheme = scheme;
    exported->key = crypto_scheme_key(exported->context, scheme, bits, 1);
    fate_public_key *public_key;
    assert_int_equal(fate_secret_key_public(exported->key, &public_key), FATE_OK);
    assert_int_equal(fate_public_key_export(public_key, &exported->bytes[0], &exported->lengths[0]), FATE_OK);
    assert_int_equal(fate_secret_key_export(exported->key, &exported->bytes[1], &exported->lengths[1]), FATE_OK);
    fate_public_key_free(public_key);
}

int exported_end(struct exported *exported)
{
    for (int i = 0; i < 2; i++) fate_free(exported->context, exported->bytes[i]);
    fate_secret_key_free(exported->key);
    fate_context_free(exported->context);
    return atomic_load(&exported->counted.live) == 0 ? 0 : -1;
}

void exported_refused(const struct exported *exported, bool secret, const uint8_t *bytes, uint64_t length, int32_t wanted,
                      const char *reason)
{
    fate_public_key *public_key = NULL;
    fate_secret_key *secret_key = NULL;
    int32_t result = secret ? fate_secret_key_import(exported->context, &secret_key, bytes, length)
                            : fate_public_key_import(exported->context, &public_key, bytes, length);
    const char *sentence = fate_context_error(exported->context);
    assert_int_equal(result, wanted);
    assert_null(public_key);
    assert_null(secret_key);
    if (strstr(sentence, reason) == NULL) fail_msg("\"%s\" does not say \"%s\"", sentence, reason);
}

static void assert_written(const struct exported *exported, bool secret, uint8_t *bytes, uint64_t length)
{
    assert_int_equal(length, exported->lengths[secret]);
    assert_memory_equal(bytes, exported->bytes[secret], length);
    fate_free(exported->context, bytes);
}

void exported_survives(const struct exported *exported)
{
    fate_public_key *public_key;
    fate_secret_key *secret;
    uint8_t *again;
    uint64_t length;
    assert_int_equal(fate_public_key_import(exported->context, &public_key, exported->bytes[0], exported->lengths[0]), FATE_OK);
    assert_true(scheme_key_same(public_key->key, exported->key->key));
    assert_int_equal(fate_public_key_export(public_key, &again, &length), FATE_OK);
    assert_written(exported, false, again, length);
    assert_int_equal(fate_secret_key_import(exported->context, &secret, exported->bytes[1], exported->lengths[1]), FATE_OK);
    assert_true(scheme_key_same(secret->key, exported->key->key));
    assert_int_equal(fate_secret_key_export(secret, &again, &length), FATE_OK);
    assert_written(exported, true, again, length);
    fate_public_key_free(public_key);
    fate_secret_key_free(secret);
}

void exported_lengths_survive(const struct exported *exported, uint32_t first, uint32_t last, uint32_t step)
{
    for (uint32_t bits = first; bits <= last; bits += step) {
        fate_secret_key *own = crypto_scheme_key(exported->context, exported->scheme, bits, 5), *back;
        uint8_t *bytes;
        uint64_t length;
        assert_int_equal(fate_secret_key_export(own, &bytes, &length), FATE_OK);
        assert_int_equal(fate_secret_key_import(exported->context, &back, bytes, length), FATE_OK);
        assert_true(scheme_key_same(own->key, back->key));
        fate_free(exported->context, bytes);
        fate_secret_key_free(own);
        fate_secret_key_free(back);
    }
}

/* Refused with one byte of the head changed. */
static void byte_refused(const struct exported *exported, bool secret, uint64_t at, uint8_t value, int32_t wanted, const char *reason)
{
    uint8_t bytes[MOST_BYTES];
    memcpy(bytes, exported->bytes[secret], exported->lengths[secret]);
    bytes[at] = value;
    exported_refused(exported, secret, bytes, exported->lengths[secret], wanted, reason);
}

static void head_is_checked(const struct exported *exported, bool secret)
{
    uint8_t bytes[MOST_BYTES + 1] = {0};
    const uint64_t length = exported->lengths[secret], bits = exported_head(exported->scheme) - LENGTH_BYTES;
    assert_true(length <= MOST_BYTES);
    memcpy(bytes, exported->bytes[secret], length);
    for (uint64_t cut = 0; cut < length; cut++)
        exported_refused(exported, secret, bytes, cut, FATE_E_FORMAT, cut < VERSION ? "not an encryption key" : "truncated");
    exported_refused(exported, secret, bytes, length + 1, FATE_E_FORMAT, "too long");
    exported_refused(exported, !secret, bytes, length, FATE_E_FORMAT, "is needed here");
    byte_refused(exported, secret, 0, 'f', FATE_E_FORMAT, "not an encryption key");
    byte_refused(exported, secret, VERSION, 3, FATE_E_VERSION, "version 3");
    byte_refused(exported, secret, SCHEME, 'X', FATE_E_KEY, "scheme");
    byte_refused(exported, secret, bits + 1, 0x0a, FATE_E_KEY, "2048, 3072 or 4096");
    byte_refused(exported, secret, bits + 2, 1, FATE_E_KEY, "2048, 3072 or 4096"); /* a length that must not be believed */
}

void exported_heads_are_checked(const struct exported *exported)
{
    for (int secret = 0; secret < 2; secret++) head_is_checked(exported, secret);
    uint8_t bytes[MOST_BYTES];
    memcpy(bytes, exported->bytes[0], exported->lengths[0]);
    bytes[MINOR] = 9; /* a higher minor version is accepted */
    fate_public_key *public_key;
    assert_int_equal(fate_public_key_import(exported->context, &public_key, bytes, exported->lengths[0]), FATE_OK);
    fate_public_key_free(public_key);
}

/* Imports and exports in a context whose given allocation fails. */
static int32_t read_and_write(const struct exported *exported, bool secret, long long fail)
{
    struct test_allocator own;
    fate_context *failing = crypto_context(&own, fail, 1);
    fate_public_key *public_key = NULL;
    fate_secret_key *secret_key = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 1;
    int32_t result = secret ? fate_secret_key_import(failing, &secret_key, exported->bytes[1], exported->lengths[1])
                            : fate_public_key_import(failing, &public_key, exported->bytes[0], exported->lengths[0]);
    if (result == FATE_OK)
        result = secret ? fate_secret_key_export(secret_key, &bytes, &length) : fate_public_key_export(public_key, &bytes, &length);
    assert_true(result == FATE_OK || result == FATE_E_MEMORY);
    assert_int_equal(bytes != NULL, result == FATE_OK);
    fate_free(failing, bytes);
    fate_secret_key_free(secret_key);
    fate_public_key_free(public_key);
    fate_context_free(failing);
    assert_int_equal(atomic_load(&own.live), 0);
    return result;
}

void exported_allocations_fail(const struct exported *exported)
{
    for (int secret = 0; secret < 2; secret++) {
        long long fail = 0;
        while (read_and_write(exported, secret, fail) == FATE_E_MEMORY) {
            fail++;
            assert_true(fail < 1000);
        }
        assert_true(fail > 0);
    }
}
