/* Streams: the published ChaCha20 key stream, independence from how it is cut, unbiased numbers; derived keys. */
#include "tests/support/unit.h"

#include "lib/bytes.h"
#include "lib/random.h"

#include <sodium.h>

static const uint8_t zero_key[RANDOM_KEY];

/* draft-agl-tls-chacha20poly1305-04, section 7: key zero, nonces 0 and 1 (first byte). */
static void streams_are_chacha20(void **state)
{
    (void)state;
    static const uint8_t first[] = {0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28,
                                    0xbd, 0xd2, 0x19, 0xb8, 0xa0, 0x8d, 0xed, 0x1a, 0xa8, 0x36, 0xef, 0xcc, 0x8b, 0x77, 0x0d, 0xc7};
    static const uint8_t nonce_one[] = {0xef, 0x3f, 0xdf, 0xd6, 0xc6, 0x15, 0x78, 0xfb, 0xf5, 0xcf, 0x35, 0xbd, 0x3d, 0xd3, 0x3b, 0x80};
    uint8_t bytes[32];
    struct random_stream stream;
    random_stream_init(&stream, zero_key, 0);
    random_stream_bytes(&stream, bytes, sizeof bytes);
    assert_memory_equal(bytes, first, sizeof first);
    random_stream_init(&stream, zero_key, 1);
    random_stream_bytes(&stream, bytes, sizeof nonce_one);
    assert_memory_equal(bytes, nonce_one, sizeof nonce_one);
}

static void cutting_changes_nothing(void **state)
{
    (void)state;
    uint8_t whole[1000], cut[1000];
    struct random_stream stream;
    random_stream_init(&stream, zero_key, 77);
    random_stream_bytes(&stream, whole, sizeof whole);
    for (uint64_t step = 1; step <= 300; step++) {
        random_stream_init(&stream, zero_key, 77);
        for (uint64_t at = 0; at < sizeof cut; at += step)
            random_stream_bytes(&stream, cut + at, sizeof cut - at < step ? sizeof cut - at : step);
        assert_memory_equal(whole, cut, sizeof cut);
    }
    random_stream_init(&stream, zero_key, 77);
    for (uint64_t at = 0; at + 8 <= sizeof whole; at += 8) assert_true(random_stream_u64(&stream) == bytes_load_u64(whole + at));
}

/* Numbers are drawn again below 2^64 mod bound: the same stream read by hand gives the same choices. */
static void below_is_unbiased(void **state)
{
    (void)state;
    const uint64_t bounds[] = {1, 2, 3, 10, 255, UINT64_C(1) << 32, (UINT64_C(1) << 63) + 1, UINT64_C(3) << 62, UINT64_MAX};
    for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++) {
        struct random_stream drawn, by_hand;
        random_stream_init(&drawn, zero_key, b);
        random_stream_init(&by_hand, zero_key, b);
        uint64_t surplus = (UINT64_MAX % bounds[b] + 1) % bounds[b];
        for (int i = 0; i < 500; i++) {
            uint64_t value = random_stream_below(&drawn, bounds[b]);
            uint64_t raw;
            do {
                raw = random_stream_u64(&by_hand);
            } while (raw < surplus);
            assert_true(value < bounds[b]);
            assert_true(value == raw % bounds[b]);
        }
        assert_true(drawn.block == by_hand.block && drawn.used == by_hand.used);
    }
}

/* 60000 draws below 6: each face within six standard deviations of 10000. */
static void below_is_even(void **state)
{
    (void)state;
    uint32_t faces[6] = {0};
    struct random_stream stream;
    random_stream_init(&stream, zero_key, 6);
    for (int i = 0; i < 60000; i++) faces[random_stream_below(&stream, 6)]++;
    for (int i = 0; i < 6; i++) assert_in_range(faces[i], 9450, 10550);
}

static void wiping_leaves_nothing(void **state)
{
    (void)state;
    uint8_t key[RANDOM_KEY];
    memset(key, 0x5a, sizeof key);
    struct random_stream stream;
    random_stream_init(&stream, key, 1);
    random_stream_u64(&stream);
    random_stream_wipe(&stream);
    assert_true(sodium_is_zero(stream.key, sizeof stream.key));
    assert_true(sodium_is_zero(stream.bytes, sizeof stream.bytes));
}

static void derived_keys_are_keyed_blake2b(void **state)
{
    (void)state;
    uint8_t key[RANDOM_KEY], derived[RANDOM_KEY], expected[RANDOM_KEY];
    memset(key, 7, sizeof key);
    static const uint8_t message[] = {'s', 'h', 'u', 'f', 'f', 'l', 'e', 0x02, 0x01, 0, 0, 0, 0, 0, 0};
    random_derive(derived, key, "shuffle", 0x0102);
    crypto_generichash(expected, sizeof expected, message, sizeof message, key, sizeof key);
    assert_memory_equal(derived, expected, sizeof expected);
    random_derive(key, key, "shuffle", 0x0102); /* in place */
    assert_memory_equal(key, expected, sizeof expected);
}

static void other_labels_numbers_and_keys_give_other_keys(void **state)
{
    (void)state;
    static const char *const labels[] = {"", "a", "b", "ab", "ba"};
    uint8_t derived[20][RANDOM_KEY];
    uint8_t keys[2][RANDOM_KEY] = {{0}, {1}};
    size_t count = 0;
    for (size_t k = 0; k < 2; k++)
        for (size_t l = 0; l < 5; l++)
            for (uint64_t number = 0; number < 2; number++) random_derive(derived[count++], keys[k], labels[l], number);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) assert_memory_not_equal(derived[i], derived[j], RANDOM_KEY);
}

static void the_system_gives_bytes(void **state)
{
    (void)state;
    uint8_t one[32] = {0}, other[32] = {0};
    random_system(one, sizeof one);
    random_system(other, sizeof other);
    assert_memory_not_equal(one, other, sizeof one);
}

static int start(void **state)
{
    (void)state;
    return sodium_init() < 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_chacha20),
        cmocka_unit_test(cutting_changes_nothing),
        cmocka_unit_test(below_is_unbiased),
        cmocka_unit_test(below_is_even),
        cmocka_unit_test(wiping_leaves_nothing),
        cmocka_unit_test(derived_keys_are_keyed_blake2b),
        cmocka_unit_test(other_labels_numbers_and_keys_give_other_keys),
        cmocka_unit_test(the_system_gives_bytes),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
