/* Identities: the same from the same seed, public text and key file altered in every place, file modes, small-order keys. */
#include "tests/support/unit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/session/identity.h"
#include "tests/support/allocator.h"

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    return context;
}

static fate_identity *from_byte(fate_context *context, uint8_t byte)
{
    fate_identity *identity = NULL;
    uint8_t seed[IDENTITY_KEY];
    memset(seed, byte, sizeof seed);
    assert_int_equal(identity_from_seed(context, &identity, seed), FATE_OK);
    return identity;
}

static void a_seed_gives_one_identity(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_identity *one = from_byte(context, 1), *same = from_byte(context, 1), *other = from_byte(context, 2), *copy = NULL;
    /* Known answer, computed apart with another implementation of both curves: format and derivation never change. */
    assert_string_equal(fate_identity_public(one), "fate1-Ajjrqf-HoBUY04dxuJ5G-0Pi71hHMbzvCTz7vJtet3cc"
                                                   "6jwwok6oCKhPUFXhxSqc_j2ret1XDNztZo8ECnYOB2KTinc");
    assert_string_equal(one->text, same->text);
    assert_string_not_equal(one->text, other->text);
    assert_int_equal(identity_copy(context, &copy, other), FATE_OK);
    assert_memory_equal(copy->exchange_secret, other->exchange_secret, IDENTITY_KEY);
    assert_memory_equal(copy->sign_secret, other->sign_secret, IDENTITY_SIGN_SECRET);
    assert_memory_not_equal(one->exchange_secret, one->sign_secret, IDENTITY_KEY);
    fate_identity_free(one);
    fate_identity_free(same);
    fate_identity_free(other);
    fate_identity_free(copy);
    fate_identity_free(NULL);
    assert_null(fate_identity_public(NULL));
    fate_context_free(context);
}

static void the_halves_belong_together(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_identity *identity = NULL, *other = NULL;
    assert_int_equal(fate_identity_generate(context, &identity), FATE_OK);
    assert_int_equal(fate_identity_generate(context, &other), FATE_OK);
    assert_string_not_equal(identity->text, other->text);
    uint8_t signature[crypto_sign_BYTES], one[32], two[32];
    crypto_sign_detached(signature, NULL, (const uint8_t *)"m", 1, identity->sign_secret);
    assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)"m", 1, identity->public_half.sign), 0);
    assert_int_equal(crypto_scalarmult(one, identity->exchange_secret, other->public_half.exchange), 0);
    assert_int_equal(crypto_scalarmult(two, other->exchange_secret, identity->public_half.exchange), 0);
    assert_memory_equal(one, two, 32);
    fate_identity_free(identity);
    fate_identity_free(other);
    fate_context_free(context);
}

static void public_text_is_read_strictly(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_identity *identity = from_byte(context, 3);
    struct public_identity parsed;
    assert_true(identity_parse_public(&parsed, identity->text));
    assert_memory_equal(&parsed, &identity->public_half, sizeof parsed);
    const size_t length = strlen(identity->text);
    char text[200];
    for (size_t i = 0; i < length; i++) {
        snprintf(text, sizeof text, "%s", identity->text);
        text[i] = text[i] == 'A' ? 'B' : 'A';
        assert_false(identity_parse_public(&parsed, text));
        text[i] = '\0';
        assert_false(identity_parse_public(&parsed, text));
    }
    static const char *const endings[] = {" ", "=", "\n", "A", "AA", "AAAA"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(text, sizeof text, "%s%s", identity->text, endings[i]);
        assert_false(identity_parse_public(&parsed, text));
        snprintf(text, sizeof text, "%s%s", endings[i], identity->text);
        assert_false(identity_parse_public(&parsed, text));
    }
    fate_identity_free(identity);
    fate_context_free(context);
}

/* Writes the text of any two keys, with a right checksum. */
static void public_text_of(char *text, const uint8_t *keys)
{
    uint8_t bytes[68], digest[32];
    crypto_generichash_state state;
    memcpy(bytes, keys, 64);
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    crypto_generichash_update(&state, (const uint8_t *)"fate public identity 1", 23);
    crypto_generichash_update(&state, bytes, 64);
    crypto_generichash_final(&state, digest, sizeof digest);
    memcpy(bytes + 64, digest, 4);
    memcpy(text, "fate1-", 6);
    sodium_bin2base64(text + 6, 150, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void bad_points_are_refused(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_identity *identity = from_byte(context, 4);
    struct public_identity parsed;
    uint8_t keys[64];
    char text[160];
    memcpy(keys, &identity->public_half, 64);
    public_text_of(text, keys);
    assert_string_equal(text, identity->text);
    memset(keys + 32, 0, 32); /* exchange key of order one */
    public_text_of(text, keys);
    assert_false(identity_parse_public(&parsed, text));
    memcpy(keys, &identity->public_half, 64);
    memset(keys, 0, 32); /* a signature key of order four */
    public_text_of(text, keys);
    assert_false(identity_parse_public(&parsed, text));
    fate_identity_free(identity);
    fate_context_free(context);
}

static void every_altered_byte_of_a_key_file_is_found(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_identity *identity = from_byte(context, 5), *read = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    assert_int_equal(fate_identity_export(identity, &bytes, &length), FATE_OK);
    assert_int_equal(fate_identity_import(context, &read, bytes, length), FATE_OK);
    assert_memory_equal(read->exchange_secret, identity->exchange_secret, IDENTITY_KEY);
    fate_identity_free(read);
    assert_int_equal(fate_identity_import(context, &read, bytes, length - 1), FATE_OK); /* without the last line's end */
    fate_identity_free(read);
    for (uint64_t i = 0; i < length; i++) {
        bytes[i] ^= 1;
        const int32_t result = fate_identity_import(context, &read, bytes, length);
        assert_true(result == FATE_E_FORMAT || result == FATE_E_VERSION);
        assert_null(read);
        bytes[i] ^= 1;
    }
    for (uint64_t i = 0; i + 1 < length; i++) {
        const int32_t result = fate_identity_import(context, &read, bytes, i);
        assert_true(result == FATE_E_FORMAT || result == FATE_E_VERSION);
        assert_null(read);
    }
    static const char later[] = "libfate secret key, version 2\nanything";
    assert_int_equal(fate_identity_import(context, &read, (const uint8_t *)later, sizeof later - 1), FATE_E_VERSION);
    assert_int_equal(fate_identity_import(context, &read, NULL, 0), FATE_E_FORMAT);
    assert_int_equal(fate_identity_import(context, &read, NULL, 1), FATE_E_ARGUMENT);
    fate_free(context, bytes);
    fate_identity_free(identity);
    fate_context_free(context);
}

static void files_are_private_and_never_overwritten(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_identity *identity = from_byte(context, 6), *read = NULL;
    char path[] = "/tmp/fate-identity-XXXXXX", file[64];
    assert_non_null(mkdtemp(path));
    snprintf(file, sizeof file, "%s/bank.key", path);
    assert_int_equal(fate_identity_read(context, &read, file), FATE_E_FILE);
    assert_int_equal(fate_identity_write(identity, file), FATE_OK);
    struct stat status;
    assert_int_equal(stat(file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(fate_identity_write(identity, file), FATE_E_EXISTS);
    assert_int_equal(fate_identity_read(context, &read, file), FATE_OK);
    assert_string_equal(fate_identity_public(read), fate_identity_public(identity));
    fate_identity_free(read);
    FILE *stream = fopen(file, "a");
    for (int i = 0; i < 5000; i++) fputc('x', stream);
    fclose(stream);
    assert_int_equal(fate_identity_read(context, &read, file), FATE_E_FORMAT);
    assert_null(strstr(fate_context_error(context), "secret: "));
    unlink(file);
    rmdir(path);
    assert_int_equal(fate_identity_write(identity, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_identity_write(NULL, file), FATE_E_ARGUMENT);
    assert_int_equal(fate_identity_read(context, &read, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_identity_read(NULL, &read, file), FATE_E_ARGUMENT);
    assert_int_equal(fate_identity_generate(context, NULL), FATE_E_ARGUMENT);
    fate_identity_free(identity);
    fate_context_free(context);
}

static int32_t use_all(fate_context *context)
{
    fate_identity *identity = NULL, *read = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    int32_t result = fate_identity_generate(context, &identity);
    if (result == FATE_OK) result = fate_identity_export(identity, &bytes, &length);
    if (result == FATE_OK) result = fate_identity_import(context, &read, bytes, length);
    fate_free(context, bytes);
    fate_identity_free(identity);
    fate_identity_free(read);
    return result;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long k = 0; result != FATE_OK; k++) {
        struct test_allocator counted;
        fate_allocator allocator = test_allocator(&counted, -1);
        fate_context *context = NULL;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        counted.fail = atomic_load(&counted.calls) + k;
        result = use_all(context);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        fate_context_free(context);
        assert_int_equal(atomic_load(&counted.live), 0);
        assert_true(k < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_one_identity),
        cmocka_unit_test(the_halves_belong_together),
        cmocka_unit_test(public_text_is_read_strictly),
        cmocka_unit_test(bad_points_are_refused),
        cmocka_unit_test(every_altered_byte_of_a_key_file_is_found),
        cmocka_unit_test(files_are_private_and_never_overwritten),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
