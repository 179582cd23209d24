/* Masks: what one adds another takes away, whatever the length, the width and the threads; the stream is ChaCha20's. */
#include "src/crypto/masking.h"

#include <sodium.h>
#include <stdlib.h>

#include "lib/bytes.h"
#include "lib/random.h"
#include "tests/support/unit.h"

enum { LONGEST = 5000 };

static struct mask mask_of(uint8_t number, bool subtracted)
{
    struct mask mask = {{number, 1}, subtracted};
    return mask;
}

static void fill(uint8_t *values, uint64_t bytes)
{
    for (uint64_t i = 0; i < bytes; i++) values[i] = (uint8_t)(i * 7 + 3);
}

static void masks_cancel(void **state)
{
    (void)state;
    fate_context *context;
    uint8_t *values = malloc(8 * LONGEST), *before = malloc(8 * LONGEST);
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (uint32_t threads = 1; threads <= 3; threads++)
        for (uint32_t width = 4; width <= 8; width += 4)
            for (uint64_t count = 0; count <= LONGEST; count = count * 3 + 1) {
                const struct mask masks[] = {mask_of(1, false), mask_of(2, true), mask_of(3, false)};
                const struct mask back[] = {mask_of(3, true), mask_of(1, true), mask_of(2, false)};
                context->threads = threads;
                fill(values, count * width);
                fill(before, count * width);
                assert_int_equal(masking_apply(context, values, count, width, masks, 3), FATE_OK);
                if (count > 3) assert_memory_not_equal(values, before, count * width);
                assert_int_equal(masking_apply(context, values, count, width, back, 3), FATE_OK);
                assert_memory_equal(values, before, count * width);
            }
    free(values);
    free(before);
    fate_context_free(context);
}

/* A piece of 8192 bytes has its number as nonce. */
static void the_stream(void **state)
{
    (void)state;
    fate_context *context;
    uint8_t *values = calloc(8192 + 8, 1), *expected = malloc(8192);
    const uint8_t nonces[2][8] = {{0}, {1}};
    const struct mask mask = mask_of(9, false);
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(masking_apply(context, values, 1025, 8, &mask, 1), FATE_OK);
    crypto_stream_chacha20(expected, 8192, nonces[0], mask.seed);
    assert_memory_equal(values, expected, 8192);
    crypto_stream_chacha20(expected, 8, nonces[1], mask.seed);
    assert_memory_equal(values + 8192, expected, 8);
    free(values);
    free(expected);
    fate_context_free(context);
}

static void sums_wrap_round(void **state)
{
    (void)state;
    uint8_t small[8], small_more[8], large[8], large_more[8];
    bytes_store_u32(small, UINT32_MAX);
    bytes_store_u32(small + 4, 5);
    bytes_store_u32(small_more, 3);
    bytes_store_u32(small_more + 4, 6);
    masking_add(small, small_more, 2, 4);
    assert_int_equal(bytes_load_u32(small), 2);
    assert_int_equal(bytes_load_u32(small + 4), 11);
    bytes_store_u64(large, UINT64_MAX - 1);
    bytes_store_u64(large_more, 4);
    masking_add(large, large_more, 1, 8);
    assert_true(bytes_load_u64(large) == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(masks_cancel), cmocka_unit_test(the_stream), cmocka_unit_test(sums_wrap_round)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
