/* Ciphertexts of both schemes as bytes, on every kernel: canonical, the same for every thread count, and no bad one passes. */
#include "tests/support/unit.h"

#include "tests/support/okamoto.h"
#include "tests/support/paillier.h"

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

/* A key whose ciphertexts are few enough to try all numbers of their length; LENGTH: bytes of one of the larger keys. */
enum { COUNT = 200, BITS = 256, LENGTH = 2 * BITS / 8 };

static bool paillier;

static fate_secret_key *make_key(uint64_t number)
{
    return paillier ? crypto_key(context, BITS, number) : okamoto_key(context, 2 * BITS, number);
}

/* Of 10 bits: 20 bits are on the wire in three bytes. Of 15 bits: in two. */
static void exactly_the_units_below_the_bound_are_read(void **state)
{
    (void)state;
    const uint32_t p = paillier ? 19 : 31, q = paillier ? 31 : 23, n = paillier ? p * q : p * p * q, bound = paillier ? n * n : n;
    const uint32_t length = paillier ? 3 : 2, highest = paillier ? 1 << 20 : 1 << 16, step = (uint32_t)crypto_stride(7);
    uint32_t read = 0;
    fate_secret_key *key = paillier ? paillier_test_key(context, 10, p, q, 2) : okamoto_test_key(context, 15, p, q, 6);
    fate_ciphertexts *vector = crypto_vector(key, 1);
    assert_int_equal(key->key->ciphertext_bytes, length);
    for (uint32_t number = 0; number < highest; number += step) {
        const uint8_t bytes[3] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16)};
        uint8_t back[3];
        bool good = number < bound && number % p != 0 && number % q != 0;
        assert_int_equal(fate_ciphertexts_read(vector, 0, 1, bytes, length), good ? FATE_OK : FATE_E_FORMAT);
        if (!good) continue;
        assert_int_equal(fate_ciphertexts_write(vector, 0, 1, back), FATE_OK);
        assert_memory_equal(back, bytes, length);
        read++;
    }
    if (step == 1) assert_int_equal(read, paillier ? 18 * 30 * 589 : 31 * 30 * 22);
    const uint8_t high[3] = {1, 0xff, 0xff};
    assert_int_equal(fate_ciphertexts_read(vector, 0, 1, high, length), FATE_E_FORMAT);
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
}

static fate_ciphertexts *some(fate_secret_key *key)
{
    uint64_t values[COUNT];
    for (uint64_t i = 0; i < COUNT; i++) values[i] = i;
    return crypto_encrypted(key, values, COUNT, 1);
}

static void vectors_survive(void **state)
{
    (void)state;
    fate_secret_key *key = make_key(1);
    fate_ciphertexts *vector = some(key);
    uint8_t bytes[COUNT * LENGTH], again[COUNT * LENGTH];
    assert_int_equal(fate_ciphertexts_write(vector, 0, COUNT, bytes), FATE_OK);
    for (uint32_t threads = 1; threads <= 4; threads++) {
        context->threads = threads;
        fate_ciphertexts *back = crypto_vector(key, COUNT);
        assert_int_equal(fate_ciphertexts_read(back, 0, 150, bytes, 150 * LENGTH), FATE_OK);
        assert_int_equal(fate_ciphertexts_read(back, 150, COUNT - 150, bytes + 150 * LENGTH, (COUNT - 150) * LENGTH), FATE_OK);
        assert_int_equal(fate_ciphertexts_read(back, COUNT, 0, NULL, 0), FATE_OK);
        assert_true(crypto_same_items(vector, back));
        assert_int_equal(fate_ciphertexts_write(back, 0, COUNT, again), FATE_OK);
        assert_memory_equal(again, bytes, sizeof bytes);
        assert_int_equal(fate_ciphertexts_write(back, 70, 60, again), FATE_OK);
        assert_memory_equal(again, bytes + 70 * LENGTH, 60 * LENGTH);
        fate_ciphertexts_free(back);
    }
    context->threads = 1;
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
}

/* What a hostile peer may put where a ciphertext belongs. */
enum bad { ZERO, MODULUS, PRIME, MULTIPLE, OTHER, ABOVE, BADS };

static void store(uint8_t *bytes, const struct montgomery *number)
{
    limbs_store(bytes, LENGTH, number->modulus, number->size);
}

static void make_bad(uint8_t *bytes, const fate_secret_key *key, enum bad bad)
{
    const struct paillier_secret *secret = paillier_secret_of(key);
    const struct okamoto_secret *okamoto = okamoto_secret_of(key);
    const struct paillier_key *public_half = paillier_key_of(key->key);
    memset(bytes, bad == ABOVE ? 0xff : 0, LENGTH);
    if (bad == MODULUS) store(bytes, paillier ? &public_half->ring.modulus : &okamoto_key_of(key->key)->modulus);
    if (bad == PRIME) store(bytes, paillier ? &secret->halves[1].ring.modulus : &okamoto->ring.modulus);
    if (bad == MULTIPLE) store(bytes, paillier ? &secret->halves[0].square : &okamoto->square);
    if (bad == OTHER && paillier) limbs_store(bytes, LENGTH, public_half->square, public_half->ring.size);
    if (bad == OTHER && !paillier) limbs_store(bytes, LENGTH, okamoto->other, okamoto->other_size);
}

static void expect_refused(fate_ciphertexts *vector, const fate_ciphertexts *before, const uint8_t *bytes, uint64_t item)
{
    char name[40];
    snprintf(name, sizeof name, "ciphertext %llu is ", (unsigned long long)item);
    for (uint32_t threads = 1; threads <= 3; threads++) {
        context->threads = threads;
        assert_int_equal(fate_ciphertexts_read(vector, 0, COUNT, bytes, COUNT * LENGTH), FATE_E_FORMAT);
        assert_non_null(strstr(fate_context_error(context), name));
        assert_true(crypto_same_items(vector, before));
    }
    context->threads = 1;
}

static void the_first_bad_item_is_named(void **state)
{
    (void)state;
    static const uint64_t places[] = {0, 1, 63, 64, 100, 127, 198, 199};
    fate_secret_key *key = make_key(2);
    fate_ciphertexts *vector = some(key), *zero = crypto_vector(key, COUNT);
    uint8_t good[COUNT * LENGTH], bytes[COUNT * LENGTH];
    assert_int_equal(fate_ciphertexts_write(vector, 0, COUNT, good), FATE_OK);
    for (enum bad bad = ZERO; bad < BADS; bad++)
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            memcpy(bytes, good, sizeof bytes);
            make_bad(bytes + places[i] * LENGTH, key, bad);
            expect_refused(zero, zero, bytes, places[i]);
            make_bad(bytes + (COUNT - 1) * LENGTH, key, (bad + 3) % BADS); /* a second one does not hide the first */
            expect_refused(zero, zero, bytes, places[i]);
        }
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(zero);
    fate_secret_key_free(key);
}

static void failed_allocations_leave_vectors_as_they_were(void **state)
{
    (void)state;
    fate_secret_key *key = make_key(3);
    fate_ciphertexts *vector = some(key), *other = crypto_vector(key, COUNT), *zero = crypto_vector(key, COUNT);
    uint8_t bytes[COUNT * LENGTH];
    assert_int_equal(fate_ciphertexts_write(vector, 0, COUNT, bytes), FATE_OK);
    for (int write = 0; write < 2; write++)
        for (long long fail = 0; fail < 3; fail++) {
            atomic_store(&counted.calls, 0);
            counted.fail = fail;
            int32_t result =
                write ? fate_ciphertexts_write(vector, 0, COUNT, bytes) : fate_ciphertexts_read(other, 0, COUNT, bytes, sizeof bytes);
            counted.fail = -1;
            assert_int_equal(result, write && fail > 0 ? FATE_OK : FATE_E_MEMORY);
            assert_true(crypto_same_items(other, zero));
        }
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(other);
    fate_ciphertexts_free(zero);
    fate_secret_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_the_units_below_the_bound_are_read),
        cmocka_unit_test(vectors_survive),
        cmocka_unit_test(the_first_bad_item_is_named),
        cmocka_unit_test(failed_allocations_leave_vectors_as_they_were),
    };
    int failed = 0;
    for (int scheme = 0; scheme < 2; scheme++)
        for (int i = 0; i < CRYPTO_KERNELS; i++) {
            paillier = scheme == 0;
            if (crypto_choose_kernel(crypto_kernels[i])) failed += cmocka_run_group_tests_name(crypto_kernels[i], tests, setup, teardown);
        }
    return failed;
}
