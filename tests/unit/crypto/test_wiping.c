/* No memory goes back to the allocator with a secret in it: whatever is released is searched for primes, plaintexts, seeds and exponents, in each
 * form that a kernel keeps them in, also when an allocation fails half-way. */
#include "tests/support/unit.h"

#include "tests/support/okamoto.h"
#include "tests/support/paillier.h"
#include <sodium.h>

enum { BITS = 384, ITEMS = 9, MOST_WORDS = 1000, HEAD = 16, SCALE = 30 };

static const char *const schemes[] = {"paillier", "okamoto-uchiyama"};

/* Eight bytes each, as they would lie in memory. */
static struct {
    uint64_t words[MOST_WORDS];
    int count;
    bool found;
    long long searched;
} secrets;

static void watch_for(uint64_t word)
{
    if (word < UINT64_C(1) << 40) return; /* other numbers could be the same by chance */
    assert_true(secrets.count < MOST_WORDS);
    secrets.words[secrets.count++] = word;
}

/* As limbs of 64 bits, of 52 bits, and those as doubles. */
static void watch_for_number(const mp_limb_t *limbs, mp_size_t size)
{
    for (mp_size_t i = 0; i < size; i++) watch_for(limbs[i]);
    for (uint64_t from = 0; from + 52 <= 64 * (uint64_t)size; from += 52) {
        uint64_t limb = limbs_digit(limbs, 64 * (uint64_t)size, from, 52), bits;
        double factor = (double)limb;
        memcpy(&bits, &factor, sizeof bits);
        watch_for(limb);
        watch_for(bits);
    }
}

static void search(const uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at + 8 <= size; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word);
        for (int i = 0; i < secrets.count; i++) secrets.found |= word == secrets.words[i];
    }
    secrets.searched += (long long)size;
}

/* ---- an allocator that looks at what it gets back ---- */

static void *watched_allocate(void *test, size_t size)
{
    uint8_t *block = test_allocate(test, size + HEAD);
    if (block == NULL) return NULL;
    memcpy(block, &size, sizeof size);
    return block + HEAD;
}

static void watched_release(void *test, void *old)
{
    if (old == NULL) return;
    uint8_t *block = (uint8_t *)old - HEAD;
    size_t size;
    memcpy(&size, block, sizeof size);
    search(old, size);
    test_release(test, block);
}

static void *watched_resize(void *test, void *old, size_t size)
{
    uint8_t *grown = watched_allocate(test, size);
    if (old == NULL || grown == NULL) return grown;
    size_t before;
    memcpy(&before, (uint8_t *)old - HEAD, sizeof before);
    memcpy(grown, old, before < size ? before : size);
    watched_release(test, old);
    return grown;
}

static fate_context *watched_context(struct test_allocator *test, long long fail)
{
    fate_allocator allocator = test_allocator(test, -1);
    fate_context *context;
    allocator.allocate = watched_allocate;
    allocator.resize = watched_resize;
    allocator.release = watched_release;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    context->accepts_small_keys = true;
    context->kernel = crypto_kernel;
    context->threads = 2;
    atomic_store(&test->calls, 0);
    test->fail = fail;
    return context;
}

/* ---- what is secret ---- */

static uint8_t key_seed[RANDOM_KEY], seed[RANDOM_KEY];
static uint64_t values[ITEMS];
static double numbers[ITEMS];

static void watch_for_key(const fate_secret_key *key)
{
    if (strcmp(key->key->scheme->name, schemes[0]) == 0) {
        for (int i = 0; i < 2; i++) {
            const struct paillier_half *half = &paillier_secret_of(key)->halves[i];
            watch_for_number(half->ring.modulus.modulus, half->ring.modulus.size);
            watch_for_number(half->square.modulus, half->square.size);
            watch_for_number(half->minus_one, half->ring.modulus.size);
            watch_for_number(half->factor, half->ring.modulus.size);
        }
        return;
    }
    const struct okamoto_secret *secret = okamoto_secret_of(key);
    watch_for_number(secret->ring.modulus.modulus, secret->ring.modulus.size);
    watch_for_number(secret->square.modulus, secret->square.size);
    watch_for_number(secret->minus_one, secret->ring.modulus.size);
    watch_for_number(secret->factor, secret->ring.modulus.size);
    watch_for_number(secret->other, secret->other_size);
}

static void watch_for_exponents(const struct scheme_key *key)
{
    for (uint64_t item = 0; item < ITEMS; item++) {
        struct random_stream stream;
        mp_limb_t exponent[BITS / 64];
        random_stream_init(&stream, seed, item);
        limbs_random(exponent, BITS / 64, key->obfuscator_bits, &stream);
        watch_for_number(exponent, limbs_for_bits(key->obfuscator_bits));
    }
}

/* What all that follows must not leave behind. */
static void choose_secrets(const char *scheme)
{
    struct test_allocator counted;
    fate_context *context = crypto_context(&counted, -1, 1);
    fate_secret_key *key = NULL;
    secrets.count = 0;
    secrets.found = false;
    secrets.searched = 0;
    for (int i = 0; i < RANDOM_KEY; i++) {
        key_seed[i] = (uint8_t)(31 * i + 7);
        seed[i] = (uint8_t)(97 * i + 3);
    }
    assert_int_equal(fate_secret_key_generate(context, &key, scheme, BITS, key_seed), FATE_OK);
    watch_for_key(key);
    watch_for_exponents(key->key);
    for (int i = 0; i < RANDOM_KEY; i += 8) {
        watch_for(bytes_load_u64(key_seed + i));
        watch_for(bytes_load_u64(seed + i));
    }
    for (uint64_t i = 0; i < ITEMS; i++) {
        values[i] = UINT64_C(0x1badc0de12345678) + i * UINT64_C(0x0101010101010101);
        numbers[i] = 123456789.125 + (double)i;
        int64_t whole = (int64_t)(numbers[i] * (double)(1 << SCALE));
        watch_for(values[i]);
        watch_for((uint64_t)whole);
        watch_for((uint64_t)whole + (UINT64_C(1) << 62));
    }
    fate_secret_key_free(key);
    fate_context_free(context);
}

/* ---- a key's whole life ---- */

static int32_t reread(fate_context *context, fate_secret_key **key)
{
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    fate_secret_key *again = NULL;
    int32_t result = fate_secret_key_export(*key, &bytes, &length);
    if (result == FATE_OK) result = fate_secret_key_import(context, &again, bytes, length);
    if (bytes != NULL) sodium_memzero(bytes, length); /* as the header asks */
    fate_free(context, bytes);
    if (result != FATE_OK) return result;
    fate_secret_key_free(*key);
    *key = again;
    return FATE_OK;
}

static int32_t use(fate_secret_key *key, fate_public_key *public_key, fate_ciphertexts *vector)
{
    uint64_t back[ITEMS];
    double numbers_back[ITEMS];
    int32_t result = fate_secret_key_encrypt(key, vector, 0, ITEMS, values, 1, seed);
    if (result == FATE_OK) result = fate_secret_key_decrypt(key, vector, 0, ITEMS, back, 1);
    if (result == FATE_OK) assert_memory_equal(back, values, sizeof values);
    if (result == FATE_OK) result = fate_public_key_encrypt(public_key, vector, 0, ITEMS, values, 1, seed);
    if (result == FATE_OK) result = fate_ciphertexts_rerandomise(vector, seed);
    if (result == FATE_OK) result = fate_public_key_encrypt_numbers(public_key, vector, 0, ITEMS, numbers, SCALE, seed);
    if (result == FATE_OK) result = fate_secret_key_decrypt_numbers(key, vector, 0, ITEMS, numbers_back, SCALE);
    if (result == FATE_OK) assert_memory_equal(numbers_back, numbers, sizeof numbers);
    if (result == FATE_OK) result = fate_secret_key_encrypt_numbers(key, vector, 0, ITEMS, numbers, SCALE, seed);
    return result;
}

static int32_t live(const char *scheme, long long fail)
{
    struct test_allocator counted;
    fate_context *context = watched_context(&counted, fail);
    fate_secret_key *key = NULL;
    fate_public_key *public_key = NULL;
    fate_ciphertexts *vector = NULL;
    int32_t result = fate_secret_key_generate(context, &key, scheme, BITS, key_seed);
    if (result == FATE_OK) result = reread(context, &key);
    if (result == FATE_OK) result = fate_secret_key_public(key, &public_key);
    if (result == FATE_OK) result = fate_ciphertexts_new(public_key, &vector, ITEMS);
    if (result == FATE_OK) result = use(key, public_key, vector);
    fate_ciphertexts_free(vector);
    fate_public_key_free(public_key);
    fate_secret_key_free(key);
    fate_context_free(context);
    assert_int_equal(atomic_load(&counted.live), 0);
    if (secrets.found) fail_msg("%s: memory with a secret in it was released (allocation %lld failing)", scheme, fail);
    return result;
}

static void nothing_secret_is_released(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        choose_secrets(schemes[i]);
        assert_int_equal(live(schemes[i], -1), FATE_OK);
        assert_true(secrets.searched > 100000);
    }
}

static void nor_when_an_allocation_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        int32_t result = FATE_E_MEMORY;
        long long fail = 0;
        choose_secrets(schemes[i]);
        for (; result == FATE_E_MEMORY; fail += (long long)crypto_stride(7)) result = live(schemes[i], fail);
        assert_int_equal(result, FATE_OK);
        assert_true(fail > 30);
    }
}

/* The search finds what it should: in limbs, and in a block that has grown. */
static void a_secret_is_seen(void **state)
{
    (void)state;
    struct test_allocator counted;
    choose_secrets(schemes[0]);
    fate_context *context = watched_context(&counted, -1);
    uint64_t *block = memory_allocate(context, 5, sizeof *block);
    memset(block, 0, 5 * sizeof *block);
    block = memory_resize(context, block, 50, sizeof *block);
    assert_false(secrets.found);
    block[3] = values[2];
    block = memory_resize(context, block, 500, sizeof *block);
    assert_true(secrets.found);
    secrets.found = false;
    memory_free(context, block);
    assert_true(secrets.found);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_seen),
        cmocka_unit_test(nothing_secret_is_released),
        cmocka_unit_test(nor_when_an_allocation_fails),
    };
    int failed = 0;
    for (int i = 0; i < CRYPTO_KERNELS; i++)
        if (crypto_choose_kernel(crypto_kernels[i])) failed += cmocka_run_group_tests_name(crypto_kernels[i], tests, NULL, NULL);
    return failed;
}
