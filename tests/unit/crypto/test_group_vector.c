/* Arithmetic on ciphertexts of every scheme and kernel: known answers, all pairs of messages of tiny keys, long chains, edges, thread counts,
 * failed allocations. */
#include "tests/support/unit.h"

#include "src/crypto/group_vector.h"
#include "tests/support/okamoto.h"
#include "tests/support/paillier.h"

static struct test_allocator counted;
static fate_context *context;
static struct random_stream stream;

/* p, q, and x or the generator. */
struct tiny {
    uint32_t bits;
    uint64_t p, q, x;
};

/* What the tests need to know of a scheme. */
static const struct tried {
    const char *name;
    void (*open)(struct crypto_vectors *vectors, fate_context *context);
    int sums, differences, products; /* known answers */
    struct tiny tiny[3];             /* bits is 0: there is no further one */
    uint32_t chains[3];              /* lengths of keys for long chains */
    uint32_t least, middle, packing; /* and of others: with few bits, with 100, with 250 for plaintexts */
} schemes[] = {
    {"paillier", paillier_vectors_open, 50, 0, 50, {{10, 19, 31, 3}, {10, 31, 23, 3}}, {128, 256, 512}, 64, 256, 256},
    {"okamoto-uchiyama",
     okamoto_vectors_open,
     50,
     50,
     50,
     {{15, 31, 23, 6}, {17, 59, 31, 6}, {21, 127, 103, 6}},
     {384, 512, 768},
     66,
     768,
     864},
};
static const struct tried *tried;

static bool is_paillier(void)
{
    return tried == &schemes[0];
}

static fate_secret_key *make_key(uint32_t bits, uint64_t number)
{
    return crypto_scheme_key(context, tried->name, bits, number);
}

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 7), 0);
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

static void known_answers_agree(void **state)
{
    (void)state;
    struct crypto_vectors vectors;
    int sums = 0, differences = 0, products = 0;
    tried->open(&vectors, context);
    while (crypto_vectors_next(&vectors)) {
        fate_ciphertexts *one = crypto_vector(vectors.key, 1), *other = crypto_vector(vectors.key, 1);
        if (strcmp(vectors.word, "add") == 0 || strcmp(vectors.word, "subtract") == 0) {
            bool sum = vectors.word[0] == 'a';
            crypto_put(one, 0, vectors.numbers[0]);
            crypto_put(other, 0, vectors.numbers[1]);
            assert_int_equal(sum ? fate_ciphertexts_add(one, other) : fate_ciphertexts_subtract(one, other), FATE_OK);
            crypto_expect(one, 0, vectors.numbers[2]);
            assert_int_equal(sum ? fate_ciphertexts_subtract(one, other) : fate_ciphertexts_add(one, other), FATE_OK);
            crypto_expect(one, 0, vectors.numbers[0]);
            sums += sum;
            differences += !sum;
        } else if (strcmp(vectors.word, "multiply") == 0) {
            crypto_put(one, 0, vectors.numbers[0]);
            assert_int_equal(fate_ciphertexts_multiply(one, &vectors.factor), FATE_OK);
            crypto_expect(one, 0, vectors.numbers[1]);
            products++;
        }
        fate_ciphertexts_free(one);
        fate_ciphertexts_free(other);
    }
    assert_true(sums == tried->sums && differences == tried->differences && products == tried->products);
    crypto_vectors_close(&vectors);
}

enum { MOST_MESSAGES = 31 * 23 };

static fate_secret_key *tiny_key(const struct tiny *tiny)
{
    return is_paillier() ? paillier_test_key(context, tiny->bits, tiny->p, tiny->q, tiny->x)
                         : okamoto_test_key(context, tiny->bits, tiny->p, tiny->q, tiny->x);
}

static uint64_t messages_of(const struct tiny *tiny)
{
    return is_paillier() ? tiny->p * tiny->q : tiny->p;
}

static void decrypt_all(fate_secret_key *key, const fate_ciphertexts *vector, uint64_t *values)
{
    if (is_paillier())
        for (uint64_t i = 0; i < vector->count; i++) values[i] = paillier_test_decrypt_small(key, vector, i);
    else
        okamoto_test_decrypt_all(key, vector, values);
}

/* Paillier's least key has hundreds of messages: all of them in pairs without a kernel, with one all with every seventh. */
static uint64_t message_step(void)
{
    return is_paillier() && strcmp(crypto_kernel, "portable") != 0 ? 7 * crypto_stride(5) : 1;
}

/* Every message of a tiny key once, with varying random parts. */
static fate_ciphertexts *all_messages(fate_secret_key *key, const struct tiny *tiny)
{
    const uint64_t count = messages_of(tiny), n = tiny->p * tiny->p * tiny->q;
    uint64_t values[MOST_MESSAGES];
    fate_ciphertexts *vector = crypto_vector(key, count);
    for (uint64_t message = 0; message < count; message++) {
        if (is_paillier()) {
            paillier_test_encrypt_small(key, 0, vector, message, message, message % 32);
            continue;
        }
        uint64_t number = 1, base = tiny->x;
        for (uint64_t exponent = message + n * (message % 29); exponent != 0; exponent >>= 1, base = base * base % n)
            if (exponent & 1) number = number * base % n;
        okamoto_test_put_small(vector, message, number);
    }
    decrypt_all(key, vector, values);
    for (uint64_t message = 0; message < count; message++) assert_true(values[message] == message);
    return vector;
}

static void check_message(fate_secret_key *key, const fate_ciphertexts *all, uint64_t message)
{
    const uint64_t count = all->count;
    uint64_t values[MOST_MESSAGES];
    fate_ciphertexts *sums = crypto_vector(key, count), *one = crypto_vector(key, count);
    crypto_copy_items(sums, 0, all, 0, count);
    for (uint64_t i = 0; i < count; i++) crypto_copy_items(one, i, all, message, 1);
    assert_int_equal(fate_ciphertexts_add(sums, one), FATE_OK);
    decrypt_all(key, sums, values);
    for (uint64_t i = 0; i < count; i++) assert_true(values[i] == (i + message) % count);
    assert_int_equal(fate_ciphertexts_subtract(sums, one), FATE_OK);
    assert_true(crypto_same_items(sums, all));
    assert_int_equal(fate_ciphertexts_subtract(sums, one), FATE_OK);
    if (message % 7 == 0) decrypt_all(key, sums, values);
    for (uint64_t i = 0; i < count && message % 7 == 0; i++) assert_true(values[i] == (i + count - message) % count);
    fate_ciphertexts_free(sums);
    fate_ciphertexts_free(one);
}

static void all_sums_and_differences_of_tiny_keys(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3 && tried->tiny[k].bits != 0; k++) {
        fate_secret_key *key = tiny_key(&tried->tiny[k]);
        fate_ciphertexts *all = all_messages(key, &tried->tiny[k]);
        for (uint64_t message = 0; message < all->count; message += message_step()) check_message(key, all, message);
        fate_ciphertexts_free(all);
        fate_secret_key_free(key);
    }
}

static void all_multiples_of_a_tiny_key(void **state)
{
    (void)state;
    const struct tiny *tiny = &tried->tiny[0];
    const int64_t count = (int64_t)messages_of(tiny), most = is_paillier() ? count : 3 * count;
    int64_t factors[MOST_MESSAGES];
    uint64_t values[MOST_MESSAGES];
    fate_secret_key *key = tiny_key(tiny);
    fate_ciphertexts *all = all_messages(key, tiny), *products = crypto_vector(key, (uint64_t)count);
    for (int64_t factor = -most; factor <= most; factor += (int64_t)message_step()) {
        crypto_copy_items(products, 0, all, 0, (uint64_t)count);
        for (int64_t i = 0; i < count; i++) factors[i] = factor;
        assert_int_equal(fate_ciphertexts_multiply(products, factors), FATE_OK);
        decrypt_all(key, products, values);
        for (int64_t i = 0; i < count; i++) assert_true(values[i] == (uint64_t)((factor * i % count + count) % count));
    }
    fate_ciphertexts_free(all);
    fate_ciphertexts_free(products);
    fate_secret_key_free(key);
}

static void mixed_factors_do_not_disturb_each_other(void **state)
{
    (void)state;
    static const int64_t factors[] = {0, 1, -1, 2, -2, INT64_MAX, INT64_MIN, INT64_MIN + 1, 12345, -54321, 1 << 30, -(1 << 30)};
    enum { COUNT = sizeof factors / sizeof factors[0] };
    uint64_t values[COUNT];
    double back[COUNT];
    fate_secret_key *key = make_key(tried->middle, 1);
    for (int i = 0; i < COUNT; i++) values[i] = i < 5 || i > 7 ? 1000 + (uint64_t)i : 0;
    fate_ciphertexts *vector = crypto_encrypted(key, values, COUNT, 1), *alone = crypto_encrypted(key, values, COUNT, 1);
    assert_int_equal(fate_ciphertexts_multiply(vector, factors), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 0, COUNT, back, 0), FATE_OK);
    for (int i = 0; i < COUNT; i++) {
        assert_true(back[i] == (double)values[i] * (double)factors[i]);
        fate_ciphertexts *single = crypto_vector(key, 1); /* other lengths of factors, the same product */
        crypto_copy_items(single, 0, alone, (uint64_t)i, 1);
        assert_int_equal(fate_ciphertexts_multiply(single, &factors[i]), FATE_OK);
        assert_true(crypto_same_item(single, 0, vector, (uint64_t)i));
        fate_ciphertexts_free(single);
    }
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(alone);
    fate_secret_key_free(key);
}

static void chains_of_thousands_of_additions_are_exact(void **state)
{
    (void)state;
    enum { CHAIN = 5000 };
    for (size_t i = 0; i < 3; i++) {
        fate_secret_key *key = make_key(tried->chains[i], 2);
        uint64_t values[2] = {UINT64_C(0xffffffffffffffff), 1}, back[4];
        fate_ciphertexts *one = crypto_encrypted(key, values, 2, 1), *sum = crypto_vector(key, 2);
        for (int j = 0; j < CHAIN; j++) assert_int_equal(fate_ciphertexts_add(sum, one), FATE_OK);
        assert_int_equal(fate_secret_key_decrypt(key, sum, 0, 2, back, 2), FATE_OK);
        assert_true(back[0] == 0 - (uint64_t)CHAIN && back[1] == CHAIN - 1);
        assert_true(back[2] == CHAIN && back[3] == 0);
        for (int j = 0; j < CHAIN; j++) assert_int_equal(fate_ciphertexts_subtract(sum, one), FATE_OK);
        fate_ciphertexts *zero = crypto_vector(key, 2);
        assert_true(crypto_same_items(sum, zero));
        fate_ciphertexts_free(zero);
        fate_ciphertexts_free(one);
        fate_ciphertexts_free(sum);
        fate_secret_key_free(key);
    }
}

static void a_vector_may_meet_itself(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    fate_secret_key *key = make_key(tried->chains[0], 3);
    uint64_t values[COUNT], back[COUNT];
    for (uint64_t i = 0; i < COUNT; i++) values[i] = i;
    fate_ciphertexts *vector = crypto_encrypted(key, values, COUNT, 1), *zero = crypto_vector(key, COUNT);
    assert_int_equal(fate_ciphertexts_add(vector, vector), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, COUNT, back, 1), FATE_OK);
    for (uint64_t i = 0; i < COUNT; i++) assert_true(back[i] == 2 * i);
    assert_int_equal(fate_ciphertexts_subtract(vector, vector), FATE_OK);
    assert_true(crypto_same_items(vector, zero));
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(zero);
    fate_secret_key_free(key);
}

/* Buckets of the weights 1..heaviest for so many sums, against the numbers themselves; two numbers of threads. */
static void check_weigh(fate_secret_key *key, uint64_t count, uint64_t heaviest)
{
    enum { MOST = 200 };
    uint64_t values[MOST], wanted[MOST] = {0}, back[MOST];
    assert_true(count * heaviest <= MOST);
    for (uint64_t i = 0; i < count * heaviest; i++) {
        values[i] = random_stream_u64(&stream) >> 44;
        wanted[i % count] += (i / count + 1) * values[i];
    }
    fate_ciphertexts *buckets = crypto_encrypted(key, values, count * heaviest, 5);
    fate_ciphertexts *sums = crypto_vector(key, count), *again = crypto_vector(key, count);
    assert_int_equal(key->key->scheme->weigh(sums, buckets), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt(key, sums, 0, count, back, 1), FATE_OK);
    assert_memory_equal(back, wanted, count * sizeof back[0]);
    context->threads = 3;
    assert_int_equal(key->key->scheme->weigh(again, buckets), FATE_OK);
    context->threads = 1;
    assert_true(crypto_same_items(sums, again));
    fate_ciphertexts_free(buckets);
    fate_ciphertexts_free(sums);
    fate_ciphertexts_free(again);
}

static void buckets_count_by_their_weight(void **state)
{
    (void)state;
    fate_secret_key *key = make_key(tried->packing, 6);
    for (uint64_t count = 1; count <= 20; count += 3)
        for (uint64_t heaviest = 1; heaviest <= 10; heaviest += heaviest < 4 ? 1 : 3) check_weigh(key, count, heaviest);
    fate_secret_key_free(key);
}

static void check_pack(fate_secret_key *key, uint64_t count, uint32_t slot_bits, uint32_t slots)
{
    uint64_t values[32], back[16 * 4], wanted[16 * 4] = {0};
    for (uint64_t i = 0; i < count; i++) {
        values[i] = random_stream_u64(&stream) >> (64 - slot_bits);
        uint64_t at = i % slots * slot_bits, *word = wanted + i / slots * 4;
        word[at / 64] |= values[i] << at % 64;
        if (at % 64 + slot_bits > 64) word[at / 64 + 1] |= values[i] >> (64 - at % 64);
    }
    fate_ciphertexts *vector = crypto_encrypted(key, values, count, 5), *packed = NULL, *again = NULL;
    assert_int_equal(fate_ciphertexts_pack(vector, &packed, slot_bits, slots), FATE_OK);
    uint64_t length = (count + slots - 1) / slots;
    assert_int_equal(fate_ciphertexts_count(packed), length);
    assert_int_equal(fate_secret_key_decrypt(key, packed, 0, length, back, 4), FATE_OK);
    assert_memory_equal(back, wanted, length * 4 * sizeof back[0]);
    context->threads = 3;
    assert_int_equal(fate_ciphertexts_pack(vector, &again, slot_bits, slots), FATE_OK);
    context->threads = 1;
    assert_true(crypto_same_items(packed, again));
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(packed);
    fate_ciphertexts_free(again);
}

static void packing_puts_each_value_into_its_slot(void **state)
{
    (void)state;
    fate_secret_key *key = make_key(tried->packing, 6); /* 255 or 252 bits of plaintext */
    const uint32_t bits = key->key->plaintext_bits;
    for (uint64_t count = 0; count <= 13; count++) {
        check_pack(key, count, 1, 2);
        check_pack(key, count, bits / 5, 5);
        check_pack(key, count, 64, 3);
        check_pack(key, count, bits / 15, 15);
        check_pack(key, count, 60, 1);
    }
    fate_ciphertexts *vector = crypto_vector(key, 2), *packed = vector;
    assert_int_equal(fate_ciphertexts_pack(vector, &packed, 64, 4), FATE_E_ARGUMENT);
    assert_null(packed);
    assert_int_equal(fate_ciphertexts_pack(vector, &packed, UINT32_MAX, UINT32_MAX), FATE_E_ARGUMENT);
    assert_int_equal(fate_ciphertexts_pack(vector, &packed, 0, 4), FATE_E_ARGUMENT);
    assert_int_equal(fate_ciphertexts_pack(vector, &packed, 4, 0), FATE_E_ARGUMENT);
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
}

/* Each operation, with the allocation number `fail` failing in it: the vector is as before, or the result is right. */
static bool failing_operation(int operation, long long fail)
{
    enum { COUNT = 100 };
    struct test_allocator own;
    fate_context *failing = crypto_context(&own, -1, 2);
    fate_secret_key *key = crypto_scheme_key(failing, tried->name, tried->least, 7);
    uint64_t values[COUNT];
    int64_t factors[COUNT];
    uint32_t index[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        values[i] = i;
        factors[i] = (int64_t)i - 50;
        index[i] = i % 3;
    }
    fate_ciphertexts *vector = crypto_encrypted(key, values, COUNT, 1), *before = crypto_encrypted(key, values, COUNT, 1);
    fate_ciphertexts *other = crypto_encrypted(key, values, COUNT, 2), *packed = NULL;
    atomic_store(&own.calls, 0);
    own.fail = fail;
    int32_t result = operation == 0   ? fate_ciphertexts_add(vector, other)
                     : operation == 1 ? fate_ciphertexts_subtract(vector, other)
                     : operation == 2 ? fate_ciphertexts_multiply(vector, factors)
                     : operation == 3 ? fate_ciphertexts_gather_add(vector, other, 0, COUNT, index)
                     : operation == 4 ? fate_ciphertexts_pack(other, &packed, 3, 4)
                     : operation == 5 ? fate_ciphertexts_sum(other, &packed)
                                      : fate_ciphertexts_negate(vector);
    own.fail = -1;
    assert_true(result == FATE_OK || result == FATE_E_MEMORY);
    if (result == FATE_E_MEMORY) assert_string_not_equal(fate_context_error(failing), "");
    bool makes = operation == 4 || operation == 5; /* another vector */
    assert_int_equal(crypto_same_items(vector, before), result == FATE_E_MEMORY || makes);
    assert_int_equal(packed != NULL, result == FATE_OK && makes);
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(before);
    fate_ciphertexts_free(other);
    fate_ciphertexts_free(packed);
    fate_secret_key_free(key);
    fate_context_free(failing);
    assert_int_equal(atomic_load(&own.live), 0);
    return result == FATE_OK;
}

/* One key, read twice: items of one layout are no operands for the other. Their bytes pass. */
static void kernels_do_not_mix(void **state)
{
    (void)state;
    fate_secret_key *key = make_key(tried->chains[0], 5), *twin = NULL;
    uint8_t *bytes, wire[2048];
    uint64_t length, back;
    const uint64_t value = 1234;
    assert_int_equal(fate_secret_key_export(key, &bytes, &length), FATE_OK);
    assert_int_equal(fate_context_set_kernel(context, kernel_of(context) == &kernel_plain ? "portable" : "plain"), FATE_OK);
    assert_int_equal(fate_secret_key_import(context, &twin, bytes, length), FATE_OK);
    fate_free(context, bytes);
    fate_ciphertexts *vector = crypto_encrypted(key, &value, 1, 1), *other = crypto_encrypted(twin, &value, 1, 1);
    assert_int_equal(fate_ciphertexts_add(vector, other), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_decrypt(key, other, 0, 1, &back, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_ciphertexts_write(other, 0, 1, wire), FATE_OK);
    assert_int_equal(fate_ciphertexts_read(vector, 0, 1, wire, key->key->ciphertext_bytes), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, 1, &back, 1), FATE_OK);
    assert_true(back == value);
    context->kernel = crypto_kernel;
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(other);
    fate_secret_key_free(key);
    fate_secret_key_free(twin);
}

static void failed_allocations_leave_vectors_as_they_were(void **state)
{
    (void)state;
    for (int operation = 0; operation < 7; operation++) {
        long long fail = 0;
        while (!failing_operation(operation, fail)) fail++;
        assert_true(fail > 0 && fail < 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers_agree),
        cmocka_unit_test(all_sums_and_differences_of_tiny_keys),
        cmocka_unit_test(all_multiples_of_a_tiny_key),
        cmocka_unit_test(mixed_factors_do_not_disturb_each_other),
        cmocka_unit_test(chains_of_thousands_of_additions_are_exact),
        cmocka_unit_test(a_vector_may_meet_itself),
        cmocka_unit_test(buckets_count_by_their_weight),
        cmocka_unit_test(packing_puts_each_value_into_its_slot),
        cmocka_unit_test(kernels_do_not_mix),
        cmocka_unit_test(failed_allocations_leave_vectors_as_they_were),
    };
    int failed = 0;
    for (size_t scheme = 0; scheme < sizeof schemes / sizeof schemes[0]; scheme++)
        for (int i = 0; i < CRYPTO_KERNELS; i++) {
            char name[64];
            tried = &schemes[scheme];
            if (!crypto_choose_kernel(crypto_kernels[i])) continue;
            snprintf(name, sizeof name, "%s, %s", tried->name, crypto_kernels[i]);
            failed += cmocka_run_group_tests_name(name, tests, setup, teardown);
        }
    return failed;
}
