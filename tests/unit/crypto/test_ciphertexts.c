/* Public functions on ciphertext vectors: arguments and ranges, keys side by side, a whole exchange with every allocation failing. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

static struct test_allocator counted;
static fate_context *context;
static fate_secret_key *key, *other_key;
static fate_public_key *public_key;
static fate_ciphertexts *vector, *before;
static uint8_t seed[RANDOM_KEY];

enum { COUNT = 4, BITS = 128 };

static int setup(void **state)
{
    (void)state;
    const uint64_t values[COUNT] = {1, 2, 3, 4};
    context = crypto_context(&counted, -1, 1);
    key = crypto_key(context, BITS, 1);
    other_key = crypto_key(context, BITS, 2);
    vector = crypto_encrypted(key, values, COUNT, 1);
    before = crypto_encrypted(key, values, COUNT, 1);
    crypto_seed(seed, 1);
    return fate_secret_key_public(key, &public_key);
}

static int teardown(void **state)
{
    (void)state;
    bool unchanged = crypto_same_items(vector, before);
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(before);
    fate_public_key_free(public_key);
    fate_secret_key_free(key);
    fate_secret_key_free(other_key);
    fate_context_free(context);
    return unchanged && atomic_load(&counted.live) == 0 ? 0 : -1;
}

#define REFUSED(call) assert_int_equal(call, FATE_E_ARGUMENT)

static void new_vectors_encrypt_zero(void **state)
{
    (void)state;
    uint64_t back[COUNT] = {9, 9, 9, 9};
    fate_ciphertexts *zero = crypto_vector(key, COUNT), *made = vector;
    assert_int_equal(fate_ciphertexts_count(zero), COUNT);
    assert_int_equal(fate_ciphertexts_count(NULL), 0);
    assert_int_equal(fate_secret_key_decrypt(key, zero, 0, COUNT, back, 1), FATE_OK);
    for (int i = 0; i < COUNT; i++) assert_int_equal(back[i], 0);
    fate_ciphertexts_free(zero);
    REFUSED(fate_ciphertexts_new(public_key, NULL, 1));
    REFUSED(fate_ciphertexts_new(NULL, &made, 1));
    assert_null(made);
    assert_int_equal(fate_ciphertexts_new(public_key, &made, UINT64_MAX), FATE_E_MEMORY);
    assert_int_equal(fate_ciphertexts_new(public_key, &made, UINT64_MAX / 32 + 2), FATE_E_MEMORY);
    assert_null(made);
    assert_int_equal(fate_ciphertexts_new(public_key, &made, 0), FATE_OK);
    fate_ciphertexts_free(made);
    fate_ciphertexts_free(NULL);
}

static void encryption_checks_its_arguments(void **state)
{
    (void)state;
    const uint64_t values[COUNT * 64] = {0};
    const double numbers[COUNT] = {0};
    fate_ciphertexts *foreign = crypto_vector(other_key, COUNT);
    REFUSED(fate_public_key_encrypt(NULL, vector, 0, 1, values, 1, seed));
    REFUSED(fate_public_key_encrypt(public_key, NULL, 0, 1, values, 1, seed));
    REFUSED(fate_public_key_encrypt(public_key, vector, 0, 1, NULL, 1, seed));
    REFUSED(fate_public_key_encrypt(public_key, vector, 0, 1, values, 1, NULL));
    REFUSED(fate_public_key_encrypt(public_key, vector, 0, 1, values, 0, seed));
    REFUSED(fate_public_key_encrypt(public_key, vector, 0, 1, values, 65, seed));
    REFUSED(fate_public_key_encrypt(public_key, vector, 0, COUNT + 1, values, 1, seed));
    REFUSED(fate_public_key_encrypt(public_key, vector, COUNT + 1, 0, values, 1, seed));
    REFUSED(fate_public_key_encrypt(public_key, vector, 2, UINT64_MAX, values, 1, seed));
    REFUSED(fate_public_key_encrypt(public_key, foreign, 0, 1, values, 1, seed));
    REFUSED(fate_secret_key_encrypt(NULL, vector, 0, 1, values, 1, seed));
    REFUSED(fate_secret_key_encrypt(key, foreign, 0, 1, values, 1, seed));
    REFUSED(fate_secret_key_encrypt(key, vector, 1, COUNT, values, 1, seed));
    REFUSED(fate_public_key_encrypt_numbers(NULL, vector, 0, 1, numbers, 1, seed));
    REFUSED(fate_public_key_encrypt_numbers(public_key, vector, 0, 1, NULL, 1, seed));
    REFUSED(fate_public_key_encrypt_numbers(public_key, vector, 0, 1, numbers, 1001, seed));
    REFUSED(fate_secret_key_encrypt_numbers(NULL, vector, 0, 1, numbers, 1, seed));
    REFUSED(fate_secret_key_encrypt_numbers(key, foreign, 0, 1, numbers, 1, seed));
    REFUSED(fate_secret_key_encrypt_numbers(key, vector, 0, 1, numbers, 1001, seed));
    assert_int_equal(fate_public_key_encrypt(public_key, vector, COUNT, 0, NULL, 1, seed), FATE_OK);
    assert_int_equal(fate_public_key_encrypt(public_key, foreign, 0, 0, NULL, 1, seed), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_context_error(context), "another key"));
    fate_ciphertexts_free(foreign);
}

static void values_must_be_below_the_bound(void **state)
{
    (void)state;
    for (uint32_t words = 2; words <= 64; words += EFFORT_STRIDE)
        for (uint32_t bit = 0; bit<64 * words; bit += bit> 140 ? 61 : 1) {
            uint64_t values[2 * 64] = {0}, back[2 * 64];
            values[words + bit / 64] = (uint64_t)1 << bit % 64;
            fate_ciphertexts *own = crypto_vector(key, 2), *zero = crypto_vector(key, 2);
            int32_t wanted = bit < BITS - 1 ? FATE_OK : FATE_E_RANGE;
            assert_int_equal(fate_secret_key_encrypt(key, own, 0, 2, values, words, seed), wanted);
            assert_int_equal(crypto_same_items(own, zero), wanted == FATE_E_RANGE);
            assert_int_equal(fate_public_key_encrypt(public_key, own, 0, 2, values, words, seed), wanted);
            assert_int_equal(fate_secret_key_decrypt(key, own, 0, 2, back, words), FATE_OK);
            if (wanted == FATE_OK) assert_memory_equal(back, values, 2 * words * sizeof back[0]);
            fate_ciphertexts_free(own);
            fate_ciphertexts_free(zero);
        }
}

static void decryption_checks_its_arguments(void **state)
{
    (void)state;
    uint64_t back[COUNT];
    double numbers[COUNT];
    fate_ciphertexts *foreign = crypto_vector(other_key, COUNT);
    REFUSED(fate_secret_key_decrypt(NULL, vector, 0, 1, back, 1));
    REFUSED(fate_secret_key_decrypt(key, NULL, 0, 1, back, 1));
    REFUSED(fate_secret_key_decrypt(key, vector, 0, 1, NULL, 1));
    REFUSED(fate_secret_key_decrypt(key, vector, 0, 1, back, 0));
    REFUSED(fate_secret_key_decrypt(key, vector, 0, 1, back, 65));
    REFUSED(fate_secret_key_decrypt(key, vector, 0, COUNT + 1, back, 1));
    REFUSED(fate_secret_key_decrypt(key, vector, UINT64_MAX, 2, back, 1));
    REFUSED(fate_secret_key_decrypt(key, foreign, 0, 1, back, 1));
    REFUSED(fate_secret_key_decrypt_numbers(NULL, vector, 0, 1, numbers, 1));
    REFUSED(fate_secret_key_decrypt_numbers(key, vector, 0, 1, numbers, 1001));
    REFUSED(fate_secret_key_decrypt_numbers(key, vector, 0, COUNT + 1, numbers, 1));
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, 0, NULL, 1), FATE_OK);
    fate_ciphertexts_free(foreign);
}

static void arithmetic_checks_its_arguments(void **state)
{
    (void)state;
    const uint32_t index[COUNT] = {0, 1, 2, 3}, high[COUNT] = {0, 1, COUNT, 0};
    fate_ciphertexts *foreign = crypto_vector(other_key, COUNT), *shorter = crypto_vector(key, COUNT - 1), *packed = vector;
    REFUSED(fate_ciphertexts_add(NULL, vector));
    REFUSED(fate_ciphertexts_add(vector, NULL));
    REFUSED(fate_ciphertexts_add(vector, foreign));
    REFUSED(fate_ciphertexts_add(vector, shorter));
    REFUSED(fate_ciphertexts_subtract(NULL, vector));
    REFUSED(fate_ciphertexts_subtract(vector, NULL));
    REFUSED(fate_ciphertexts_subtract(vector, foreign));
    REFUSED(fate_ciphertexts_subtract(vector, shorter));
    REFUSED(fate_ciphertexts_negate(NULL));
    REFUSED(fate_ciphertexts_sum(NULL, &packed));
    assert_null(packed);
    REFUSED(fate_ciphertexts_sum(vector, NULL));
    REFUSED(fate_ciphertexts_multiply(NULL, NULL));
    REFUSED(fate_ciphertexts_multiply(vector, NULL));
    REFUSED(fate_ciphertexts_gather_add(NULL, vector, 0, 1, index));
    REFUSED(fate_ciphertexts_gather_add(vector, NULL, 0, 1, index));
    REFUSED(fate_ciphertexts_gather_add(vector, shorter, 0, 1, NULL));
    REFUSED(fate_ciphertexts_gather_add(vector, vector, 0, 1, index));
    REFUSED(fate_ciphertexts_gather_add(vector, foreign, 0, 1, index));
    REFUSED(fate_ciphertexts_gather_add(vector, shorter, 0, COUNT, index));
    REFUSED(fate_ciphertexts_gather_add(vector, shorter, COUNT, 0, index));
    REFUSED(fate_ciphertexts_gather_add(vector, before, 0, COUNT, high));
    assert_non_null(strstr(fate_context_error(context), "index 2 is 4"));
    REFUSED(fate_ciphertexts_gather_add_rows(NULL, shorter, index, index, 1));
    REFUSED(fate_ciphertexts_gather_add_rows(vector, NULL, index, index, 1));
    REFUSED(fate_ciphertexts_gather_add_rows(vector, shorter, NULL, index, 1));
    REFUSED(fate_ciphertexts_gather_add_rows(vector, shorter, index, NULL, 1));
    REFUSED(fate_ciphertexts_gather_add_rows(vector, vector, index, index, 1));
    REFUSED(fate_ciphertexts_gather_add_rows(vector, foreign, index, index, 1));
    REFUSED(fate_ciphertexts_gather_add_rows(vector, before, index, high, COUNT));
    REFUSED(fate_ciphertexts_gather_add_rows(vector, before, high, index, COUNT));
    assert_non_null(strstr(fate_context_error(context), "row 2 is 4"));
    REFUSED(fate_ciphertexts_pack(NULL, &packed, 1, 1));
    assert_null(packed);
    REFUSED(fate_ciphertexts_pack(vector, NULL, 1, 1));
    REFUSED(fate_ciphertexts_pack(vector, &packed, BITS, 1));
    REFUSED(fate_ciphertexts_rerandomise(NULL, seed));
    REFUSED(fate_ciphertexts_rerandomise(vector, NULL));
    fate_ciphertexts_free(foreign);
    fate_ciphertexts_free(shorter);
}

static void bytes_check_their_length(void **state)
{
    (void)state;
    uint8_t bytes[COUNT * BITS / 4];
    REFUSED(fate_ciphertexts_write(NULL, 0, 1, bytes));
    REFUSED(fate_ciphertexts_write(vector, 0, 1, NULL));
    REFUSED(fate_ciphertexts_write(vector, 1, COUNT, bytes));
    assert_int_equal(fate_ciphertexts_write(vector, 0, COUNT, bytes), FATE_OK);
    REFUSED(fate_ciphertexts_read(NULL, 0, 1, bytes, BITS / 4));
    REFUSED(fate_ciphertexts_read(vector, 0, 1, NULL, BITS / 4));
    REFUSED(fate_ciphertexts_read(vector, 1, COUNT, bytes, sizeof bytes));
    for (uint64_t length = 0; length < sizeof bytes; length++)
        assert_int_equal(fate_ciphertexts_read(vector, 0, COUNT, bytes, length), FATE_E_FORMAT);
    assert_int_equal(fate_ciphertexts_read(vector, 0, 1, bytes, UINT64_MAX), FATE_E_FORMAT);
    assert_int_equal(fate_ciphertexts_read(vector, 0, COUNT, bytes, sizeof bytes), FATE_OK);
}

/* Keys of both schemes, of many lengths and on all kernels: none disturbs another, and none takes another's vector. */
static void keys_work_side_by_side(void **state)
{
    (void)state;
    enum { LENGTHS = 5, MOST = LENGTHS * CRYPTO_KERNELS };
    static const uint32_t lengths[LENGTHS] = {66, 128, 192, 384, 1024};
    static const uint64_t values[3] = {1, 20, 300};
    fate_secret_key *keys[MOST];
    fate_ciphertexts *sums[MOST], *ones[MOST];
    int count = 0;
    for (int kernel = 0; kernel < CRYPTO_KERNELS; kernel++) {
        if (fate_context_set_kernel(context, crypto_kernels[kernel]) != FATE_OK) continue;
        for (int i = 0; i < LENGTHS; i++, count++) {
            keys[count] = crypto_scheme_key(context, (i + kernel) % 2 == 0 ? "okamoto-uchiyama" : "paillier", lengths[i], 3);
            ones[count] = crypto_encrypted(keys[count], values, 3, 1);
            sums[count] = crypto_vector(keys[count], 3);
        }
    }
    assert_int_equal(fate_context_set_kernel(context, NULL), FATE_OK);
    assert_true(count >= 2 * LENGTHS); /* portable and plain are everywhere */
    for (int round = 0; round < 3 * count; round++)
        for (int i = 0; i < count; i++)
            assert_int_equal(fate_ciphertexts_add(sums[i], ones[(i + round) % count]), round % count == 0 ? FATE_OK : FATE_E_ARGUMENT);
    for (int i = 0; i < count; i++) {
        double back[3];
        assert_int_equal(fate_secret_key_decrypt_numbers(keys[i], sums[i], 0, 3, back, 0), FATE_OK);
        for (int j = 0; j < 3; j++) assert_true(back[j] == 3 * (double)values[j]);
        fate_ciphertexts_free(sums[i]);
        fate_ciphertexts_free(ones[i]);
        fate_secret_key_free(keys[i]);
    }
}

/* Against subtraction from zero and additions one by one: equal bytes for any number of threads. */
static void check_sum_and_negation(fate_context *own, fate_secret_key *secret, uint64_t count)
{
    enum { MOST = 600 };
    uint64_t values[MOST + 1];
    uint32_t index[MOST + 1];
    double back = 0, wanted = 0;
    for (uint64_t i = 0; i <= count; i++) {
        values[i] = i * i + 3;
        index[i] = 0;
        wanted -= i < count ? (double)values[i] : 0;
    }
    fate_ciphertexts *negative = crypto_encrypted(secret, values, count, 1), *same = crypto_encrypted(secret, values, count, 1);
    fate_ciphertexts *difference = crypto_vector(secret, count), *bin = crypto_vector(secret, 1), *sum = NULL, *again = NULL;
    assert_int_equal(fate_ciphertexts_subtract(difference, negative), FATE_OK);
    assert_int_equal(fate_ciphertexts_negate(negative), FATE_OK);
    assert_true(crypto_same_items(negative, difference));
    assert_int_equal(fate_ciphertexts_gather_add(bin, negative, 0, count, index), FATE_OK);
    assert_int_equal(fate_ciphertexts_sum(negative, &sum), FATE_OK);
    assert_int_equal(fate_ciphertexts_count(sum), 1);
    assert_true(crypto_same_items(sum, bin));
    assert_int_equal(fate_secret_key_decrypt_numbers(secret, sum, 0, 1, &back, 0), FATE_OK);
    assert_true(back == wanted);
    own->threads = 3;
    assert_int_equal(fate_ciphertexts_sum(negative, &again), FATE_OK);
    assert_true(crypto_same_items(sum, again));
    assert_int_equal(fate_ciphertexts_negate(negative), FATE_OK);
    assert_true(crypto_same_items(negative, same));
    own->threads = 1;
    fate_ciphertexts_free(negative);
    fate_ciphertexts_free(same);
    fate_ciphertexts_free(difference);
    fate_ciphertexts_free(bin);
    fate_ciphertexts_free(sum);
    fate_ciphertexts_free(again);
}

static void sums_and_negations_agree_on_every_kernel(void **state)
{
    (void)state;
    static const uint64_t counts[] = {0, 1, 2, 7, 9, 16, 17, 130, 257, 600};
    static const char *const schemes[] = {"paillier", "okamoto-uchiyama"};
    int checked = 0;
    for (int kernel = 0; kernel < CRYPTO_KERNELS; kernel++) {
        if (!crypto_choose_kernel(crypto_kernels[kernel])) continue;
        for (int scheme = 0; scheme < 2; scheme++) {
            struct test_allocator allocator;
            fate_context *own = crypto_context(&allocator, -1, 1);
            fate_secret_key *secret = crypto_scheme_key(own, schemes[scheme], 768, 4);
            for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) check_sum_and_negation(own, secret, counts[i]);
            fate_secret_key_free(secret);
            fate_context_free(own);
            assert_int_equal(atomic_load(&allocator.live), 0);
            checked++;
        }
    }
    crypto_kernel = NULL;
    assert_true(checked >= 4); /* portable and plain are everywhere */
}

/* Everything that two parties do; each step only after the one before. */
static int32_t exchange(fate_context *own)
{
    const uint64_t values[COUNT] = {5, 6, 7, 8};
    const uint32_t index[COUNT] = {0, 1, 0, UINT32_MAX};
    const double numbers[2] = {1.5, -2.25};
    fate_secret_key *secret = NULL;
    fate_public_key *guest = NULL, *host = NULL;
    fate_ciphertexts *sent = NULL, *bins = NULL, *packed = NULL;
    uint8_t *bytes = NULL, wire[COUNT * 16];
    uint64_t length = 0, back[1] = {0};
    double numbers_back[2] = {0};
    int32_t result = fate_secret_key_generate(own, &secret, "paillier", 64, seed);
    result = result == FATE_OK ? fate_secret_key_public(secret, &guest) : result;
    result = result == FATE_OK ? fate_public_key_export(guest, &bytes, &length) : result;
    result = result == FATE_OK ? fate_public_key_import(own, &host, bytes, length) : result;
    result = result == FATE_OK ? fate_ciphertexts_new(guest, &sent, COUNT) : result;
    result = result == FATE_OK ? fate_secret_key_encrypt(secret, sent, 0, COUNT, values, 1, seed) : result;
    result = result == FATE_OK ? fate_ciphertexts_write(sent, 0, COUNT, wire) : result;
    result = result == FATE_OK ? fate_ciphertexts_read(sent, 0, COUNT, wire, sizeof wire) : result;
    result = result == FATE_OK ? fate_ciphertexts_new(host, &bins, 2) : result;
    result = result == FATE_OK ? fate_ciphertexts_gather_add(bins, sent, 0, COUNT, index) : result;
    result = result == FATE_OK ? fate_ciphertexts_pack(bins, &packed, 20, 2) : result;
    result = result == FATE_OK ? fate_ciphertexts_rerandomise(packed, seed) : result;
    result = result == FATE_OK ? fate_secret_key_decrypt(secret, packed, 0, 1, back, 1) : result;
    result = result == FATE_OK ? fate_public_key_encrypt_numbers(host, bins, 0, 2, numbers, 8, seed) : result;
    result = result == FATE_OK ? fate_secret_key_decrypt_numbers(secret, bins, 0, 2, numbers_back, 8) : result;
    if (result == FATE_OK) {
        assert_true(back[0] == 12 + (6 << 20));
        assert_true(numbers_back[0] == 1.5 && numbers_back[1] == -2.25);
    }
    fate_free(own, bytes);
    fate_ciphertexts_free(sent);
    fate_ciphertexts_free(bins);
    fate_ciphertexts_free(packed);
    fate_public_key_free(guest);
    fate_public_key_free(host);
    fate_secret_key_free(secret);
    return result;
}

#ifdef __x86_64__
/* An exchange by a caller who rounds upwards, on the kernel that rounds in its own direction: that of the caller stays, whatever fails. */
static int32_t exchange_rounding_up(fate_context *own)
{
    unsigned others = _mm_getcsr(), mine = (others & ~(unsigned)_MM_ROUND_MASK) | _MM_ROUND_UP;
    if (kernel_find("avx2") != NULL) own->kernel = "avx2";
    _mm_setcsr(mine);
    int32_t result = exchange(own);
    unsigned after = _mm_getcsr();
    _mm_setcsr(others);
    assert_int_equal(after & (unsigned)_MM_ROUND_MASK, (unsigned)_MM_ROUND_UP);
    return result;
}
#else
static int32_t exchange_rounding_up(fate_context *own)
{
    return exchange(own);
}
#endif

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (int from_then_on = 0; from_then_on < 2; from_then_on++) {
        int32_t result = FATE_E_MEMORY;
        long long fail = 0;
        for (; result != FATE_OK; fail++) {
            struct test_allocator own;
            fate_context *failing = crypto_context(&own, fail, 2);
            own.from_then_on = from_then_on;
            result = from_then_on ? exchange(failing) : exchange_rounding_up(failing);
            if (result != FATE_OK) assert_int_equal(result, FATE_E_MEMORY);
            fate_context_free(failing);
            assert_int_equal(atomic_load(&own.live), 0);
        }
        assert_true(fail > 60);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_vectors_encrypt_zero),        cmocka_unit_test(encryption_checks_its_arguments),
        cmocka_unit_test(values_must_be_below_the_bound),  cmocka_unit_test(decryption_checks_its_arguments),
        cmocka_unit_test(arithmetic_checks_its_arguments), cmocka_unit_test(bytes_check_their_length),
        cmocka_unit_test(keys_work_side_by_side),          cmocka_unit_test(sums_and_negations_agree_on_every_kernel),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
