/* One curve kernel against the vectors of the RFCs and, item by item, against libsodium: hashes, elements that are good and bad, coordinates
 * of the curve and its twist, every count of items up to three times what a kernel takes side by side. */
#include "tests/support/unit.h"

#include "tests/support/curve_vectors.h"
#include "tests/support/curves.h"

#include "src/crypto/ristretto.h"
#include "src/crypto/x25519.h"
#include <sodium.h>

enum { MOST = 2 * CURVE_BATCH + 17, SIDE_BY_SIDE = 16 };
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct curve_kernel *kernel; /* NULL: this machine lacks it */
static bool slow;                         /* in plain C: fewer items */
static fate_context *context;

static uint8_t hashes[MOST * RISTRETTO_HASH], elements[MOST * CURVE_BYTES], out[MOST * CURVE_BYTES], expected[MOST * CURVE_BYTES];
static uint64_t bad, expected_bad;

static int setup(void **state)
{
    (void)state;
    if (context_new(&context, NULL) != FATE_OK) return -1;
    context->kernel = kernel == NULL ? NULL : kernel->name;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static void read_hex(uint8_t *bytes, const char *text)
{
    size_t length = 0;
    assert_int_equal(sodium_hex2bin(bytes, strlen(text) / 2, text, strlen(text), NULL, &length, NULL), 0);
    assert_int_equal(length, strlen(text) / 2);
}

static void fill(uint8_t *bytes, uint64_t length, uint8_t number)
{
    uint8_t seed[randombytes_SEEDBYTES] = {number};
    randombytes_buf_deterministic(bytes, length, seed);
}

/* What libsodium says. */
#define WITH_LIBSODIUM(call)             \
    do {                                 \
        context->kernel = "portable";    \
        assert_int_equal(call, FATE_OK); \
        context->kernel = kernel->name;  \
    } while (0)

static void multiples_of_the_generator(void **state)
{
    (void)state;
    if (kernel == NULL) skip();
    for (uint8_t k = 1; k < COUNT(curve_multiples); k++) {
        uint8_t scalar[CURVE_BYTES] = {k};
        uint32_t count = (COUNT(curve_multiples) - 1) / k;
        for (uint32_t i = 0; i < count; i++) {
            read_hex(elements + i * CURVE_BYTES, curve_multiples[i + 1]);
            read_hex(expected + i * CURVE_BYTES, curve_multiples[(i + 1) * k]);
        }
        assert_int_equal(ristretto_multiply_many(context, elements, elements, count, scalar, &bad), FATE_OK);
        assert_memory_equal(elements, expected, count * CURVE_BYTES);
        assert_int_equal(bad, count);
    }
}

static void bad_encodings(void **state)
{
    (void)state;
    if (kernel == NULL) skip();
    static const uint8_t scalar[CURVE_BYTES] = {3};
    const uint32_t count = COUNT(curve_bad_encodings);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < 3; k++) read_hex(elements + k * CURVE_BYTES, k == i % 3 ? curve_bad_encodings[i] : curve_multiples[k + 1]);
        assert_int_equal(ristretto_check_many(context, elements, 3, true, &bad), FATE_OK);
        assert_int_equal(bad, i % 3);
    }
    for (uint32_t i = 0; i < 2 * count; i++)
        read_hex(elements + i * CURVE_BYTES, i % 2 ? curve_bad_encodings[i / 2] : curve_multiples[1 + i / 2 % 15]);
    assert_int_equal(ristretto_multiply_many(context, out, elements, 2 * count, scalar, &bad), FATE_OK);
    assert_int_equal(bad, 1);
    for (uint32_t i = 0; i < 2 * count; i++) assert_int_equal(sodium_is_zero(out + i * CURVE_BYTES, CURVE_BYTES), i % 2);
}

static void hashes_of_the_standard(void **state)
{
    (void)state;
    if (kernel == NULL) skip();
    for (uint32_t i = 0; i < COUNT(curve_hashes); i++) {
        read_hex(hashes + i * RISTRETTO_HASH, curve_hashes[i][0]);
        read_hex(expected + i * CURVE_BYTES, curve_hashes[i][1]);
    }
    assert_int_equal(ristretto_hash_many(context, out, hashes, COUNT(curve_hashes)), FATE_OK);
    assert_memory_equal(out, expected, COUNT(curve_hashes) * CURVE_BYTES);
}

/* Numbers at the edges: 0 to 7, around p, around 2^255 and 2^256. */
static void edge_number(uint8_t *bytes, uint32_t number)
{
    static const uint8_t starts[] = {0, 0xe6, 0xf8}; /* p - 7, 2^255 - 8 */
    memset(bytes, number / 8 % 3 == 0 ? 0 : 0xff, CURVE_BYTES);
    bytes[CURVE_BYTES - 1] &= 127;
    bytes[0] = (uint8_t)(starts[number / 8 % 3] + number % 8);
    if (number >= 24) bytes[CURVE_BYTES - 1] |= 128;
}

static void edges_of_the_field(void **state)
{
    (void)state;
    if (kernel == NULL) skip();
    uint8_t scalar[CURVE_BYTES];
    ristretto_scalar_from_seed(scalar, (const uint8_t[RISTRETTO_SEED]){4});
    for (uint32_t first = 0; first < 48; first += slow ? 16 : 1) {
        for (uint32_t i = 0; i < 48; i++) {
            edge_number(hashes + i * RISTRETTO_HASH, first);
            edge_number(hashes + i * RISTRETTO_HASH + CURVE_BYTES, i);
            edge_number(elements + i * CURVE_BYTES, i);
        }
        WITH_LIBSODIUM(ristretto_hash_many(context, expected, hashes, 48));
        assert_int_equal(ristretto_hash_many(context, out, hashes, 48), FATE_OK);
        assert_memory_equal(out, expected, 48 * CURVE_BYTES);
    }
    WITH_LIBSODIUM(ristretto_multiply_many(context, expected, elements, 48, scalar, &expected_bad));
    assert_int_equal(ristretto_multiply_many(context, out, elements, 48, scalar, &bad), FATE_OK);
    assert_memory_equal(out, expected, 48 * CURVE_BYTES);
    assert_int_equal(bad, expected_bad);
    WITH_LIBSODIUM(x25519_multiply_many(context, expected, elements, 48, scalar, &expected_bad));
    assert_int_equal(x25519_multiply_many(context, out, elements, 48, scalar, &bad), FATE_OK);
    assert_memory_equal(out, expected, 48 * CURVE_BYTES);
    assert_int_equal(bad, expected_bad);
}

/* Elements of which some are no encodings, one is the identity; from the hashes. */
static void make_elements(uint64_t count, uint8_t number)
{
    fill(hashes, count * RISTRETTO_HASH, number);
    for (uint64_t i = 0; i < count; i++) crypto_core_ristretto255_from_hash(elements + i * CURVE_BYTES, hashes + i * RISTRETTO_HASH);
    for (uint64_t i = 5; i < count; i += 7) elements[i * CURVE_BYTES + i % CURVE_BYTES] ^= (uint8_t)(1 << i % 8);
    if (count > 11) memset(elements + 11 * CURVE_BYTES, 0, CURVE_BYTES);
}

static void compare_all(uint64_t count, const uint8_t *scalar)
{
    static uint8_t copy[MOST * CURVE_BYTES + 1];
    WITH_LIBSODIUM(ristretto_hash_many(context, expected, hashes, count));
    assert_int_equal(ristretto_hash_many(context, out, hashes, count), FATE_OK);
    assert_memory_equal(out, expected, count * CURVE_BYTES);
    WITH_LIBSODIUM(ristretto_hash_multiply_many(context, expected, hashes, count, scalar));
    assert_int_equal(ristretto_hash_multiply_many(context, out, hashes, count, scalar), FATE_OK);
    assert_memory_equal(out, expected, count * CURVE_BYTES);
    for (int accepts = 0; accepts < 2; accepts++) {
        WITH_LIBSODIUM(ristretto_check_many(context, elements, count, accepts, &expected_bad));
        assert_int_equal(ristretto_check_many(context, elements, count, accepts, &bad), FATE_OK);
        assert_int_equal(bad, expected_bad);
    }
    WITH_LIBSODIUM(ristretto_multiply_many(context, expected, elements, count, scalar, &expected_bad));
    memcpy(copy + 1, elements, count * CURVE_BYTES); /* in place, and at odd addresses */
    assert_int_equal(ristretto_multiply_many(context, copy + 1, copy + 1, count, scalar, &bad), FATE_OK);
    assert_memory_equal(copy + 1, expected, count * CURVE_BYTES);
    assert_int_equal(bad, expected_bad);
    WITH_LIBSODIUM(x25519_multiply_many(context, expected, hashes, count, scalar, &expected_bad));
    memcpy(copy + 1, hashes, count * CURVE_BYTES);
    assert_int_equal(x25519_multiply_many(context, copy + 1, copy + 1, count, scalar, &bad), FATE_OK);
    assert_memory_equal(copy + 1, expected, count * CURVE_BYTES);
    assert_int_equal(bad, expected_bad);
}

static void every_count_of_items(void **state)
{
    (void)state;
    if (kernel == NULL) skip();
    uint8_t scalar[CURVE_BYTES];
    for (uint64_t count = 0; count <= 3 * SIDE_BY_SIDE + 1; count += slow && count > 1 ? 15 : 1) {
        ristretto_scalar_from_seed(scalar, (const uint8_t[RISTRETTO_SEED]){(uint8_t)count, 1});
        make_elements(count, (uint8_t)count);
        context->threads = 1 + (uint32_t)(count % 3);
        compare_all(count, scalar);
    }
    if (slow) return;
    context->threads = 2;
    make_elements(MOST, 77);
    compare_all(MOST, scalar);
}

/* The group's order less 2, and more; the last is no scalar of the group but all bits. */
static void edges_of_scalars(void **state)
{
    (void)state;
    if (kernel == NULL) skip();
    static const char *const scalars[] = {"0100000000000000000000000000000000000000000000000000000000000000",
                                          "0200000000000000000000000000000000000000000000000000000000000000",
                                          "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
                                          "ebd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
                                          "f6e97a2e8d31092c6bce7b51ef7c6f0a00000000000000000000000000000008",
                                          "8888888888888888888888888888888888888888888888888888888888888808",
                                          "7777777777777777777777777777777777777777777777777777777777777707",
                                          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
    uint8_t scalar[CURVE_BYTES];
    make_elements(SIDE_BY_SIDE, 5);
    for (uint32_t i = 0; i < COUNT(scalars); i += slow ? 3 : 1) {
        read_hex(scalar, scalars[i]);
        compare_all(slow ? 2 : SIDE_BY_SIDE, scalar);
    }
}

static void products_of_the_standard(void **state)
{
    (void)state;
    if (kernel == NULL) skip();
    for (uint32_t i = 0; i < COUNT(curve_products); i++) {
        uint8_t scalar[CURVE_BYTES];
        read_hex(scalar, curve_products[i][0]);
        read_hex(elements, curve_products[i][1]);
        read_hex(expected, curve_products[i][2]);
        assert_int_equal(x25519_multiply_many(context, out, elements, 1, scalar, &bad), FATE_OK);
        assert_memory_equal(out, expected, CURVE_BYTES);
        assert_int_equal(bad, 1);
    }
}

/* RFC 7748, 5.2: the product becomes the scalar, the scalar the coordinate. */
static void iterated_products(void **state)
{
    (void)state;
    if (kernel == NULL) skip();
    uint8_t scalar[CURVE_BYTES] = {9}, u[CURVE_BYTES] = {9}, product[CURVE_BYTES];
    for (int round = 1; round <= (slow ? 20 : 1000); round++) {
        assert_int_equal(x25519_multiply_many(context, product, u, 1, scalar, &bad), FATE_OK);
        memcpy(u, scalar, sizeof u);
        memcpy(scalar, product, sizeof scalar);
        if (round != 1 && round != 1000) continue;
        read_hex(expected, round == 1 ? curve_once : curve_thousand_times);
        assert_memory_equal(scalar, expected, CURVE_BYTES);
    }
}

/* All give zero, with and without the highest bit, which is ignored. */
static void points_of_small_order(void **state)
{
    (void)state;
    if (kernel == NULL) skip();
    uint8_t scalar[CURVE_BYTES];
    fill(scalar, sizeof scalar, 3);
    for (uint32_t i = 0; i < 2 * COUNT(curve_small_order); i++) {
        memset(elements, 9, 4 * CURVE_BYTES);
        read_hex(elements + CURVE_BYTES, curve_small_order[i / 2]);
        elements[2 * CURVE_BYTES - 1] |= (uint8_t)(i % 2 << 7);
        assert_int_equal(x25519_multiply_many(context, out, elements, 4, scalar, &bad), FATE_OK);
        assert_int_equal(bad, 1);
        assert_true(sodium_is_zero(out + CURVE_BYTES, CURVE_BYTES));
        assert_false(sodium_is_zero(out + 2 * CURVE_BYTES, CURVE_BYTES));
    }
}

int curves_test(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multiples_of_the_generator), cmocka_unit_test(bad_encodings),        cmocka_unit_test(hashes_of_the_standard),
        cmocka_unit_test(edges_of_the_field),         cmocka_unit_test(every_count_of_items), cmocka_unit_test(edges_of_scalars),
        cmocka_unit_test(products_of_the_standard),   cmocka_unit_test(iterated_products),    cmocka_unit_test(points_of_small_order),
    };
    kernel = curve_kernel_find(name);
    slow = kernel != NULL && strncmp(name, "plain", 5) == 0;
    return cmocka_run_group_tests_name(name, tests, setup, teardown);
}
