/* X25519 of many coordinates: the vectors of RFC 7748, points of small order, allocations that fail. */
#include "tests/support/unit.h"

#include "tests/support/allocator.h"

#include "src/crypto/x25519.h"
#include <sodium.h>

static void read_hex(uint8_t *bytes, const char *text)
{
    size_t length = 0;
    assert_int_equal(sodium_hex2bin(bytes, X25519_BYTES, text, strlen(text), NULL, &length, NULL), 0);
    assert_int_equal(length, X25519_BYTES);
}

static void vectors_of_the_standard(void **state)
{
    (void)state;
    static const char *const vectors[][3] = {
        {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
         "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
         "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
        {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
         "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
         "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
    };
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (uint32_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t scalar[X25519_BYTES], u[X25519_BYTES], product[X25519_BYTES];
        uint64_t first_zero = 5;
        read_hex(scalar, vectors[i][0]);
        read_hex(u, vectors[i][1]);
        assert_int_equal(x25519_multiply_many(context, u, u, 1, scalar, &first_zero), FATE_OK);
        read_hex(product, vectors[i][2]);
        assert_memory_equal(u, product, X25519_BYTES);
        assert_int_equal(first_zero, 1);
    }
    fate_context_free(context);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    struct test_allocator test;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result != FATE_OK; fail++) {
        uint8_t u[3 * X25519_BYTES] = {9}, scalar[X25519_BYTES] = {1};
        uint64_t first_zero = 0;
        fate_context *context = NULL;
        fate_allocator allocator = test_allocator(&test, -1);
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        atomic_store(&test.calls, 0);
        test.fail = fail;
        result = x25519_multiply_many(context, u, u, 3, scalar, &first_zero);
        if (result != FATE_OK)
            assert_int_equal(result, FATE_E_MEMORY);
        else
            assert_int_equal(first_zero, 1);
        assert_true(fail < 5);
        fate_context_free(context);
        assert_true(atomic_load(&test.live) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_standard),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
