/* The messages as bytes: whole, cut off, too long, out of order. */
#include "src/models/psi/messages.h"
#include "lib/context.h"
#include "tests/support/unit.h"

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static void numbers_and_results(void **state)
{
    (void)state;
    struct buffer bytes;
    struct psi_result result;
    uint64_t number;
    buffer_init(&bytes, context);
    psi_result_write(&bytes, (struct psi_result){9, 7});
    assert_int_equal(bytes.length, PSI_RESULT);
    assert_true(psi_result_read(bytes.bytes, PSI_RESULT, &result) && result.rows == 9 && result.pairs == 7);
    assert_true(psi_number_read(bytes.bytes, PSI_NUMBER, &number) && number == 9);
    assert_false(psi_result_read(bytes.bytes, PSI_RESULT - 1, &result));
    assert_false(psi_number_read(bytes.bytes, PSI_RESULT, &number));
    bytes.bytes[PSI_NUMBER] = 10; /* more pairs than rows */
    assert_false(psi_result_read(bytes.bytes, PSI_RESULT, &result));
    bytes.bytes[5] = 1; /* more than any table has */
    assert_false(psi_number_read(bytes.bytes, PSI_NUMBER, &number));
    bytes.bytes[5] = 0;
    bytes.bytes[0] = 2;
    assert_false(psi_number_read(bytes.bytes, PSI_NUMBER, &number));
    buffer_free(&bytes);
}

static void parts(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {3, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 0};
    struct psi_part part;
    assert_true(psi_part_read(&part, bytes, 14, 3, 6, 2));
    assert_int_equal(part.count, 3);
    assert_true(psi_part_ascends(&part, 2, NULL));
    assert_true(psi_part_ascends(&part, 2, (const uint8_t *)"\1\0"));
    assert_false(psi_part_ascends(&part, 2, (const uint8_t *)"\1\1"));
    assert_false(psi_part_ascends(&part, 1, NULL));
    assert_false(psi_part_read(&part, bytes, 14, 3, 5, 2));
    assert_false(psi_part_read(&part, bytes, 14, 2, 6, 2));
    assert_false(psi_part_read(&part, bytes, 13, 3, 6, 2));
    assert_false(psi_part_read(&part, bytes, 7, 3, 6, 2));
    assert_true(psi_part_read(&part, bytes, 8, 3, 3, 2) && part.count == 0 && psi_part_ascends(&part, 2, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_and_results), cmocka_unit_test(parts)};
    return cmocka_run_group_tests(tests, start, stop);
}
