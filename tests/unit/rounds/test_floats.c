/* Vectors of floats as bytes. */
#include "src/models/rounds/floats.h"

#include <float.h>
#include <math.h>

#include "lib/context.h"
#include "tests/support/unit.h"

static void there_and_back(void **state)
{
    (void)state;
    fate_context *context;
    struct buffer out;
    struct reader in;
    const float values[] = {0.0f, -1.5f, FLT_MAX, FLT_MIN / 4, 3e-20f};
    float back[5];
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    buffer_init(&out, context);
    floats_write(&out, values, 5);
    assert_true(out.length == 20);
    for (uint64_t length = 0; length <= 20; length++) {
        reader_init(&in, out.bytes, length);
        assert_true(floats_read(&in, back, 5) == (length == 20));
    }
    assert_memory_equal(values, back, sizeof values);
    const float wrong[] = {1.0f, NAN, -INFINITY};
    for (int i = 1; i < 3; i++) {
        buffer_clear(&out);
        floats_write(&out, wrong + i, 1);
        reader_init(&in, out.bytes, 4);
        assert_false(floats_read(&in, back, 1));
    }
    buffer_free(&out);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(there_and_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
