/* Plaintexts taken apart: what pack put together, every width and number of words, and what is out of range. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"

static struct test_allocator counted;
static fate_context *context;
static struct random_stream stream;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 40), 0);
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

enum { PACKED_WORDS = 4, MOST_COUNT = 64, MOST_VALUE_WORDS = 5 };

/* Bit by bit, as the header says. */
static void put(uint64_t *packed, const uint64_t *value, uint64_t slot, uint32_t slot_bits)
{
    for (uint64_t bit = 0; bit < slot_bits; bit++)
        if (value[bit / 64] >> bit % 64 & 1) packed[(slot * slot_bits + bit) / 64] |= (uint64_t)1 << (slot * slot_bits + bit) % 64;
}

static void check_layout(uint32_t slot_bits, uint32_t slots, uint64_t count, uint32_t words)
{
    uint64_t values[MOST_COUNT * MOST_VALUE_WORDS] = {0}, back[MOST_COUNT * MOST_VALUE_WORDS], packed[MOST_COUNT * PACKED_WORDS] = {0};
    for (uint64_t i = 0; i < count; i++) {
        for (uint64_t bit = 0; bit < slot_bits; bit++)
            values[i * words + bit / 64] |= (random_stream_u64(&stream) & 1 || i % 5 == 0) ? (uint64_t)1 << bit % 64 : 0;
        put(packed + i / slots * PACKED_WORDS, values + i * words, i % slots, slot_bits);
    }
    memset(back, 0xee, sizeof back);
    assert_int_equal(fate_plaintexts_unpack(context, back, count, words, packed, PACKED_WORDS, slot_bits, slots, NULL), FATE_OK);
    assert_memory_equal(back, values, count * words * sizeof values[0]);
    /* One bit above the last slot of the last plaintext. */
    uint64_t end = ((count - 1) % slots + 1) * slot_bits;
    if (end == 64 * PACKED_WORDS) return;
    end += random_stream_below(&stream, 64 * PACKED_WORDS - end);
    packed[(count - 1) / slots * PACKED_WORDS + end / 64] |= (uint64_t)1 << end % 64;
    assert_int_equal(fate_plaintexts_unpack(context, back, count, words, packed, PACKED_WORDS, slot_bits, slots, NULL), FATE_E_RANGE);
    for (uint64_t i = 0; i < count * words; i++) assert_true(back[i] == 0);
}

static void every_layout_is_taken_apart(void **state)
{
    (void)state;
    for (uint32_t slot_bits = 1; slot_bits <= 64 * PACKED_WORDS; slot_bits++)
        for (uint32_t slots = 1; slots * slot_bits <= 64 * PACKED_WORDS && slots <= 20; slots++)
            for (uint64_t count = 1; count <= MOST_COUNT; count += count < 3 ? 1 : 13)
                check_layout(slot_bits, slots, count, (slot_bits + 63) / 64 + slot_bits % 2);
}

static void it_is_the_inverse_of_pack(void **state)
{
    (void)state;
    static const char *const schemes[] = {"paillier", "okamoto-uchiyama"};
    enum { COUNT = 10, SLOTS = 4, SLOT_BITS = 13, SUMMED = 7 };
    for (int scheme = 0; scheme < 2; scheme++) {
        fate_secret_key *key = crypto_scheme_key(context, schemes[scheme], 256, 1);
        uint64_t values[COUNT], packed_values[(COUNT + SLOTS - 1) / SLOTS], back[COUNT];
        const uint64_t most = SUMMED * 1023;
        for (uint64_t i = 0; i < COUNT; i++) values[i] = random_stream_below(&stream, 1024);
        fate_ciphertexts *vector = crypto_encrypted(key, values, COUNT, 1), *sum = crypto_vector(key, COUNT), *packed = NULL;
        for (int i = 0; i < SUMMED; i++) assert_int_equal(fate_ciphertexts_add(sum, vector), FATE_OK);
        assert_int_equal(fate_ciphertexts_pack(sum, &packed, SLOT_BITS, SLOTS), FATE_OK);
        assert_int_equal(fate_secret_key_decrypt(key, packed, 0, packed->count, packed_values, 1), FATE_OK);
        assert_int_equal(fate_plaintexts_unpack(context, back, COUNT, 1, packed_values, 1, SLOT_BITS, SLOTS, &most), FATE_OK);
        for (uint64_t i = 0; i < COUNT; i++) assert_true(back[i] == SUMMED * values[i]);
        fate_ciphertexts_free(vector);
        fate_ciphertexts_free(sum);
        fate_ciphertexts_free(packed);
        fate_secret_key_free(key);
    }
}

static void the_bound_of_values_is_exact(void **state)
{
    (void)state;
    static const uint64_t tried[] = {0, 1, 2, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63, (UINT64_C(1) << 63) - 1};
    enum { TRIED = sizeof tried / sizeof tried[0] };
    for (int i = 0; i < TRIED * TRIED; i++)
        for (int j = 0; j < TRIED * TRIED; j++) {
            const uint64_t value[2] = {tried[i % TRIED], tried[i / TRIED]}, most[2] = {tried[j % TRIED], tried[j / TRIED]};
            bool above = value[1] > most[1] || (value[1] == most[1] && value[0] > most[0]);
            uint64_t back[2];
            assert_int_equal(fate_plaintexts_unpack(context, back, 1, 2, value, 2, 128, 1, most), above ? FATE_E_RANGE : FATE_OK);
            assert_true(back[0] == (above ? 0 : value[0]) && back[1] == (above ? 0 : value[1]));
        }
}

static void values_that_need_more_words_are_refused(void **state)
{
    (void)state;
    const uint64_t packed[2] = {5, 1};
    uint64_t back[2] = {9, 9};
    assert_int_equal(fate_plaintexts_unpack(context, back, 1, 1, packed, 2, 65, 1, NULL), FATE_E_RANGE);
    assert_non_null(strstr(fate_context_error(context), "overflowed"));
    assert_true(back[0] == 0 && back[1] == 9);
    assert_int_equal(fate_plaintexts_unpack(context, back, 1, 2, packed, 2, 65, 1, NULL), FATE_OK);
    assert_true(back[0] == 5 && back[1] == 1);
}

#define REFUSED(call) assert_int_equal(call, FATE_E_ARGUMENT)

static void arguments_are_checked(void **state)
{
    (void)state;
    const uint64_t packed[64] = {0};
    uint64_t back[64];
    REFUSED(fate_plaintexts_unpack(NULL, back, 1, 1, packed, 1, 1, 1, NULL));
    REFUSED(fate_plaintexts_unpack(context, NULL, 1, 1, packed, 1, 1, 1, NULL));
    REFUSED(fate_plaintexts_unpack(context, back, 1, 1, NULL, 1, 1, 1, NULL));
    REFUSED(fate_plaintexts_unpack(context, back, 1, 0, packed, 1, 1, 1, NULL));
    REFUSED(fate_plaintexts_unpack(context, back, 1, 65, packed, 1, 1, 1, NULL));
    REFUSED(fate_plaintexts_unpack(context, back, 1, 1, packed, 0, 1, 1, NULL));
    REFUSED(fate_plaintexts_unpack(context, back, 1, 1, packed, 65, 1, 1, NULL));
    REFUSED(fate_plaintexts_unpack(context, back, 1, 1, packed, 1, 0, 1, NULL));
    REFUSED(fate_plaintexts_unpack(context, back, 1, 1, packed, 1, 1, 0, NULL));
    REFUSED(fate_plaintexts_unpack(context, back, 1, 1, packed, 1, 65, 1, NULL));
    REFUSED(fate_plaintexts_unpack(context, back, 1, 1, packed, 1, UINT32_MAX, UINT32_MAX, NULL));
    assert_int_equal(fate_plaintexts_unpack(context, NULL, 0, 1, NULL, 1, 1, 1, NULL), FATE_OK);
    assert_int_equal(fate_plaintexts_unpack(context, back, 1, 64, packed, 64, 64 * 64, 1, NULL), FATE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_is_taken_apart),  cmocka_unit_test(it_is_the_inverse_of_pack),
        cmocka_unit_test(the_bound_of_values_is_exact), cmocka_unit_test(values_that_need_more_words_are_refused),
        cmocka_unit_test(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
