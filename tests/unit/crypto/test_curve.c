/* The choice of a curve kernel, and items shared between threads. */
#include "tests/support/unit.h"

#include "tests/support/allocator.h"

#include "src/crypto/curve.h"
#include <fate/encryption.h>

static const char *const names[] = {"portable", "plain", "avx2", "avx512"};
enum { NAMES = sizeof names / sizeof names[0] };

static void kernels_are_chosen_by_name(void **state)
{
    (void)state;
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_null(curve_kernel_find("abacus"));
    for (int i = 0; i < NAMES; i++) {
        const struct curve_kernel *kernel = curve_kernel_find(names[i]);
        if (kernel == NULL) continue;
        assert_int_equal(fate_context_set_kernel(context, names[i]), FATE_OK);
        assert_string_equal(curve_kernel_of(context)->name, names[i]);
    }
    assert_int_equal(fate_context_set_kernel(context, NULL), FATE_OK);
    assert_true(curve_kernel_of(context)->available());
    fate_context_free(context);
}

/* Each item becomes twice its byte. */
static void twice(const struct curve_batch *batch)
{
    assert_in_range(batch->count, 1, CURVE_BATCH);
    for (uint32_t i = 0; i < batch->count; i++) batch->out[i] = (uint8_t)(2 * batch->in[2 * i]);
}

static void all_items_are_worked_on(void **state)
{
    (void)state;
    static const uint64_t counts[] = {0, 1, CURVE_BATCH - 1, CURVE_BATCH, CURVE_BATCH + 1, 10 * CURVE_BATCH + 7};
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (uint32_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        uint8_t in[22 * CURVE_BATCH] = {0}, out[11 * CURVE_BATCH] = {0};
        struct curve_batch whole = {.out = out, .in = in};
        for (uint32_t i = 0; i < sizeof in; i++) in[i] = (uint8_t)(i % 101 + 1);
        context->threads = c % 4 + 1;
        assert_int_equal(curve_run(context, twice, &whole, counts[c], 2, 1), FATE_OK);
        for (uint32_t i = 0; i < sizeof out; i++) assert_int_equal(out[i], i < counts[c] ? 2 * in[2 * i] : 0);
    }
    fate_context_free(context);
}

static void the_first_zero_is_found(void **state)
{
    (void)state;
    uint8_t elements[4 * CURVE_BYTES] = {0};
    for (uint32_t i = 0; i < 4; i++) elements[CURVE_BYTES * i + 9 * i] = 128;
    assert_int_equal(curve_first_zero(elements, 4), 4);
    elements[3 * CURVE_BYTES + 27] = 0;
    assert_int_equal(curve_first_zero(elements, 4), 3);
    elements[CURVE_BYTES + 9] = 0;
    assert_int_equal(curve_first_zero(elements, 4), 1);
    assert_int_equal(curve_first_zero(elements, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_are_chosen_by_name),
        cmocka_unit_test(all_items_are_worked_on),
        cmocka_unit_test(the_first_zero_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
