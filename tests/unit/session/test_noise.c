/* The handshake: published vectors in both directions, every altered byte, wrong turns, small-order keys, failing memory. */
#include "tests/support/unit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/session/noise.h"
#include "tests/support/allocator.h"

enum { MESSAGES = 12, BYTES = 512 };

struct bytes {
    uint8_t at[BYTES];
    uint64_t length;
};

struct vector {
    struct bytes init_prologue, init_static, init_ephemeral, resp_prologue, resp_static, resp_ephemeral, handshake_hash;
    struct bytes payload[MESSAGES], ciphertext[MESSAGES];
    uint32_t messages;
};

static void read_hex(struct bytes *bytes, const char *hex)
{
    size_t length = 0;
    assert_int_equal(sodium_hex2bin(bytes->at, BYTES, hex, strlen(hex), NULL, &length, NULL), 0);
    bytes->length = length;
}

static void read_member(struct vector *vector, const char *key, const char *hex)
{
    const struct {
        const char *key;
        struct bytes *bytes;
    } members[] = {
        {"init_prologue", &vector->init_prologue},   {"init_static", &vector->init_static}, {"init_ephemeral", &vector->init_ephemeral},
        {"resp_prologue", &vector->resp_prologue},   {"resp_static", &vector->resp_static}, {"resp_ephemeral", &vector->resp_ephemeral},
        {"handshake_hash", &vector->handshake_hash},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (strcmp(key, members[i].key) == 0) {
            read_hex(members[i].bytes, hex);
            return;
        }
    }
    assert_true(vector->messages < MESSAGES);
    if (strcmp(key, "payload") == 0) {
        read_hex(&vector->payload[vector->messages], hex);
    } else {
        assert_string_equal(key, "ciphertext");
        read_hex(&vector->ciphertext[vector->messages++], hex);
    }
}

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    return context;
}

static void start_both(const struct vector *vector, struct noise *initiator, struct noise *responder)
{
    noise_start(initiator, true, vector->init_prologue.at, vector->init_prologue.length, vector->init_static.at, vector->init_ephemeral.at);
    noise_start(responder, false, vector->resp_prologue.at, vector->resp_prologue.length, vector->resp_static.at,
                vector->resp_ephemeral.at);
}

static void check_transport(const struct vector *vector, uint32_t message, const uint8_t *key, uint64_t counter)
{
    uint8_t nonce[12] = {0}, sealed[BYTES + 16];
    unsigned long long length = 0;
    bytes_store_u64(nonce + 4, counter);
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed, &length, vector->payload[message].at, vector->payload[message].length, NULL, 0, NULL,
                                              nonce, key);
    assert_int_equal(length, vector->ciphertext[message].length);
    assert_memory_equal(sealed, vector->ciphertext[message].at, length);
}

static void check_vector(fate_context *context, const struct vector *vector)
{
    struct noise sides[2];
    start_both(vector, &sides[0], &sides[1]);
    for (uint32_t m = 0; m < NOISE_MESSAGES; m++) {
        struct buffer message, payload;
        buffer_init(&message, context);
        buffer_init(&payload, context);
        assert_int_equal(noise_write(&sides[m % 2], vector->payload[m].at, vector->payload[m].length, &message), FATE_OK);
        assert_int_equal(message.length, vector->ciphertext[m].length);
        assert_memory_equal(message.bytes, vector->ciphertext[m].at, message.length);
        assert_int_equal(noise_read(&sides[(m + 1) % 2], message.bytes, message.length, &payload), FATE_OK);
        assert_int_equal(payload.length, vector->payload[m].length);
        assert_memory_equal(payload.bytes, vector->payload[m].at, payload.length);
        buffer_free(&message);
        buffer_free(&payload);
    }
    assert_memory_equal(sides[0].hash, sides[1].hash, NOISE_HASH);
    assert_memory_equal(sides[0].remote_static, sides[1].static_public, NOISE_KEY);
    assert_memory_equal(sides[1].remote_static, sides[0].static_public, NOISE_KEY);
    if (vector->handshake_hash.length > 0) assert_memory_equal(sides[0].hash, vector->handshake_hash.at, NOISE_HASH);
    uint8_t send[2][NOISE_KEY], receive[2][NOISE_KEY];
    for (int s = 0; s < 2; s++) assert_int_equal(noise_split(&sides[s], send[s], receive[s]), FATE_OK);
    assert_memory_equal(send[0], receive[1], NOISE_KEY);
    assert_memory_equal(send[1], receive[0], NOISE_KEY);
    /* The fourth message is the responder's first of transport. */
    uint64_t counters[2] = {0, 0};
    for (uint32_t m = NOISE_MESSAGES; m < vector->messages; m++) check_transport(vector, m, send[m % 2], counters[m % 2]++);
}

static void published_vectors_pass(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct vector *vector = calloc(1, sizeof *vector);
    char line[2 * BYTES + 64], key[32], hex[2 * BYTES + 1];
    uint32_t vectors = 0;
    FILE *file = fopen("tests/vectors/noise.txt", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "vector ", 7) == 0) {
            memset(vector, 0, sizeof *vector);
        } else if (strcmp(line, "end\n") == 0) {
            check_vector(context, vector);
            vectors++;
        } else if (line[0] != '#' && sscanf(line, "%31s %1024s", key, hex) == 2) {
            read_member(vector, key, hex);
        }
    }
    fclose(file);
    free(vector);
    assert_int_equal(vectors, 2);
    fate_context_free(context);
}

/* Two sides with fixed keys and a common prologue. */
static void start_pair(struct noise *sides)
{
    uint8_t secret[4][NOISE_KEY];
    for (size_t i = 0; i < 4; i++) memset(secret[i], (int)(i + 1), NOISE_KEY);
    noise_start(&sides[0], true, (const uint8_t *)"p", 1, secret[0], secret[1]);
    noise_start(&sides[1], false, (const uint8_t *)"p", 1, secret[2], secret[3]);
}

static void run_until(fate_context *context, struct noise *sides, uint32_t messages)
{
    for (uint32_t m = 0; m < messages; m++) {
        struct buffer message, payload;
        buffer_init(&message, context);
        buffer_init(&payload, context);
        assert_int_equal(noise_write(&sides[m % 2], (const uint8_t *)"hello", 5, &message), FATE_OK);
        assert_int_equal(noise_read(&sides[(m + 1) % 2], message.bytes, message.length, &payload), FATE_OK);
        buffer_free(&message);
        buffer_free(&payload);
    }
}

static void every_altered_byte_of_sealed_messages_is_found(void **state)
{
    (void)state;
    fate_context *context = new_context();
    for (uint32_t m = 1; m < NOISE_MESSAGES; m++) {
        struct noise sides[2], copy;
        struct buffer message, payload;
        buffer_init(&message, context);
        buffer_init(&payload, context);
        start_pair(sides);
        run_until(context, sides, m);
        assert_int_equal(noise_write(&sides[m % 2], (const uint8_t *)"hello", 5, &message), FATE_OK);
        for (uint64_t i = 0; i < message.length; i++) {
            copy = sides[(m + 1) % 2];
            message.bytes[i] ^= 0x40;
            assert_int_equal(noise_read(&copy, message.bytes, message.length, &payload), FATE_E_FORMAT);
            message.bytes[i] ^= 0x40;
            assert_int_equal(payload.length, 0);
            assert_int_equal(noise_read(&copy, message.bytes, message.length, &payload), FATE_E_STATE);
            assert_int_equal(noise_write(&copy, NULL, 0, &payload), FATE_E_STATE);
        }
        for (uint64_t length = 0; length < message.length; length++) {
            copy = sides[(m + 1) % 2];
            assert_int_equal(noise_read(&copy, message.bytes, length, &payload), FATE_E_FORMAT);
        }
        buffer_free(&message);
        buffer_free(&payload);
    }
    fate_context_free(context);
}

static void the_first_message_binds_what_follows(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct noise sides[2];
    struct buffer message, payload;
    buffer_init(&message, context);
    buffer_init(&payload, context);
    start_pair(sides);
    assert_int_equal(noise_write(&sides[0], (const uint8_t *)"hello", 5, &message), FATE_OK);
    message.bytes[NOISE_KEY] ^= 1; /* the payload of the first message is in the clear */
    assert_int_equal(noise_read(&sides[1], message.bytes, message.length, &payload), FATE_OK);
    buffer_clear(&message);
    assert_int_equal(noise_write(&sides[1], NULL, 0, &message), FATE_OK);
    assert_int_equal(noise_read(&sides[0], message.bytes, message.length, &payload), FATE_E_FORMAT);
    buffer_free(&message);
    buffer_free(&payload);
    fate_context_free(context);
}

static void another_prologue_fails(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct noise sides[2];
    struct buffer message, payload;
    uint8_t secret[NOISE_KEY] = {9}, ephemeral[NOISE_KEY] = {7};
    buffer_init(&message, context);
    buffer_init(&payload, context);
    start_pair(sides);
    noise_start(&sides[1], false, (const uint8_t *)"q", 1, secret, ephemeral);
    run_until(context, sides, 1);
    assert_int_equal(noise_write(&sides[1], NULL, 0, &message), FATE_OK);
    assert_int_equal(noise_read(&sides[0], message.bytes, message.length, &payload), FATE_E_FORMAT);
    buffer_free(&message);
    buffer_free(&payload);
    fate_context_free(context);
}

static void turns_are_kept(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct noise sides[2];
    struct buffer out;
    uint8_t key[NOISE_KEY], bytes[200] = {0};
    buffer_init(&out, context);
    start_pair(sides);
    for (uint32_t m = 0; m <= NOISE_MESSAGES; m++) {
        start_pair(sides);
        run_until(context, sides, m);
        assert_int_equal(noise_write(&sides[(m + 1) % 2], NULL, 0, &out), FATE_E_STATE);
        assert_int_equal(noise_read(&sides[m % 2], bytes, sizeof bytes, &out), FATE_E_STATE);
        assert_int_equal(noise_split(&sides[0], key, key), m == NOISE_MESSAGES ? FATE_OK : FATE_E_STATE);
    }
    assert_int_equal(noise_write(&sides[0], NULL, 0, &out), FATE_E_STATE);
    assert_int_equal(noise_write(&sides[1], NULL, 0, &out), FATE_E_STATE);
    assert_int_equal(out.length, 0);
    buffer_free(&out);
    fate_context_free(context);
}

/* Encodings of points of small order on the curve, from RFC 7748's security considerations and libsodium's list. */
static void small_order_keys_are_refused(void **state)
{
    (void)state;
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    fate_context *context = new_context();
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        struct noise sides[2];
        struct buffer payload, out;
        struct bytes point;
        buffer_init(&payload, context);
        buffer_init(&out, context);
        start_pair(sides);
        read_hex(&point, points[i]);
        assert_int_equal(noise_read(&sides[1], point.at, NOISE_KEY, &payload), FATE_OK);
        assert_int_equal(noise_write(&sides[1], NULL, 0, &out), FATE_E_FORMAT);
        assert_int_equal(out.length, 0);
        assert_int_equal(sides[1].step, NOISE_DEAD);
        uint8_t reply[NOISE_KEY + NOISE_KEY + 2 * NOISE_TAG] = {0};
        memcpy(reply, point.at, NOISE_KEY);
        run_until(context, sides, 0);
        start_pair(sides);
        assert_int_equal(noise_write(&sides[0], NULL, 0, &out), FATE_OK);
        assert_int_equal(noise_read(&sides[0], reply, sizeof reply, &payload), FATE_E_FORMAT);
        buffer_free(&payload);
        buffer_free(&out);
    }
    fate_context_free(context);
}

static void lengths_are_limited(void **state)
{
    (void)state;
    fate_context *context = new_context();
    uint8_t *payload = calloc(1, NOISE_MESSAGE);
    for (uint32_t m = 0; m < NOISE_MESSAGES; m++) {
        struct noise sides[2];
        struct buffer out, read;
        const uint64_t most = NOISE_MESSAGE - (m == 0 ? 32u : m == 1 ? 96u : 64u);
        buffer_init(&out, context);
        buffer_init(&read, context);
        start_pair(sides);
        run_until(context, sides, m);
        assert_int_equal(noise_write(&sides[m % 2], payload, most + 1, &out), FATE_E_LIMIT);
        assert_int_equal(noise_write(&sides[m % 2], payload, UINT64_MAX, &out), FATE_E_LIMIT);
        assert_int_equal(noise_write(&sides[m % 2], payload, most, &out), FATE_OK);
        assert_int_equal(out.length, NOISE_MESSAGE);
        assert_int_equal(noise_read(&sides[(m + 1) % 2], out.bytes, out.length, &read), FATE_OK);
        assert_int_equal(read.length, most);
        buffer_free(&out);
        buffer_free(&read);
    }
    free(payload);
    fate_context_free(context);
}

static void failing_memory_leaves_the_handshake_as_it_was(void **state)
{
    (void)state;
    struct test_allocator counted;
    fate_allocator allocator = test_allocator(&counted, -1);
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    struct noise sides[2];
    start_pair(sides);
    for (uint32_t m = 0; m < NOISE_MESSAGES; m++) {
        struct buffer out, read;
        buffer_init(&out, context);
        buffer_init(&read, context);
        counted.fail = atomic_load(&counted.calls);
        assert_int_equal(noise_write(&sides[m % 2], (const uint8_t *)"x", 1, &out), FATE_E_MEMORY);
        buffer_clear(&out);
        assert_int_equal(noise_write(&sides[m % 2], (const uint8_t *)"x", 1, &out), FATE_OK);
        counted.fail = atomic_load(&counted.calls);
        assert_int_equal(noise_read(&sides[(m + 1) % 2], out.bytes, out.length, &read), FATE_E_MEMORY);
        buffer_clear(&read);
        assert_int_equal(noise_read(&sides[(m + 1) % 2], out.bytes, out.length, &read), FATE_OK);
        buffer_free(&out);
        buffer_free(&read);
    }
    noise_wipe(&sides[0]);
    assert_true(sodium_is_zero((const uint8_t *)&sides[0], sizeof sides[0]));
    fate_context_free(context);
    assert_int_equal(atomic_load(&counted.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors_pass),
        cmocka_unit_test(every_altered_byte_of_sealed_messages_is_found),
        cmocka_unit_test(the_first_message_binds_what_follows),
        cmocka_unit_test(another_prologue_fails),
        cmocka_unit_test(turns_are_kept),
        cmocka_unit_test(small_order_keys_are_refused),
        cmocka_unit_test(lengths_are_limited),
        cmocka_unit_test(failing_memory_leaves_the_handshake_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
