/* Rows of tables as floats: places of columns, standardisation, what is refused. */
#include "tests/support/network.h"

#include "tests/support/allocator.h"

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return fate_context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

/* Three rows: numbers a and b, categories c; the label is given. */
static fate_table *make(fate_context *from, const double *label, const double *weight)
{
    static const uint8_t ids[] = "123";
    static const uint64_t offsets[] = {0, 1, 2, 3};
    static const double a[] = {1, 2, 3};
    static const uint32_t codes[] = {0, 0, 0};
    static const char *const names[] = {"x"};
    const double b[] = {10, (double)NAN, -10};
    fate_table *table = NULL;
    assert_int_equal(fate_table_new(from, &table, 3), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, ids, offsets), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "a", a), FATE_OK);
    assert_int_equal(fate_table_add_categories(table, "c", codes, names, 1), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "b", b), FATE_OK);
    if (label != NULL) assert_int_equal(fate_table_set_label(table, label), FATE_OK);
    if (weight != NULL) assert_int_equal(fate_table_set_weight(table, weight), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    return table;
}

static const double labels[] = {0, 1, 1};
static const struct examples_column columns[] = {{"b", 5, 0.5}, {"a", 0, 1}};

static void test_rows(void **state)
{
    (void)state;
    const struct network network = {.loss = NETWORK_LOGISTIC, .inputs = 2, .outputs = 1};
    const double weights[] = {1, 2, 0};
    const float expected[] = {2.5f, 1, 0, 2, -7.5f, 3};
    struct examples examples;
    fate_table *table = make(context, labels, weights);
    assert_int_equal(examples_make(context, &examples, table, columns, 2, &network, true), FATE_OK);
    assert_int_equal(examples.rows, 3);
    assert_memory_equal(examples.inputs, expected, sizeof expected);
    assert_true(examples.labels[0] == 0 && examples.labels[2] == 1 && examples.weights[1] == 2);
    examples_free(&examples);
    assert_int_equal(examples_make(context, &examples, table, columns, 2, &network, false), FATE_OK);
    assert_null(examples.labels);
    assert_null(examples.weights);
    examples_free(&examples);
    fate_table_free(table);
}

static void refused(const double *label, const struct examples_column *column, int32_t loss, const char *sentence)
{
    const struct network network = {.loss = loss, .inputs = 1, .outputs = loss == NETWORK_SOFTMAX ? 2 : 1};
    struct examples examples;
    fate_table *table = make(context, label, NULL);
    assert_int_equal(examples_make(context, &examples, table, column, 1, &network, true), FATE_E_TABLE);
    if (strstr(fate_context_error(context), sentence) == NULL) fail_msg("%s", fate_context_error(context));
    assert_null(examples.inputs);
    fate_table_free(table);
}

static void test_refusals(void **state)
{
    (void)state;
    const struct examples_column a = {"a", 0, 1}, c = {"c", 0, 1}, d = {"d", 0, 1}, huge = {"a", 0, 1e16}, none = {"a", 0, (double)NAN};
    const double wrong[] = {0, 1, 2};
    refused(labels, &d, NETWORK_LOGISTIC, "no column \"d\"");
    refused(labels, &c, NETWORK_LOGISTIC, "column \"c\" holds categories");
    refused(labels, &huge, NETWORK_LOGISTIC, "the row with the id \"1\": the number in column \"a\" is too large");
    refused(labels, &none, NETWORK_LOGISTIC, "too large");
    refused(NULL, &a, NETWORK_LOGISTIC, "no label");
    refused(wrong, &a, NETWORK_LOGISTIC, "the row with the id \"3\": the label 2 does not fit the loss logistic, which takes 0 and 1");
    refused(wrong, &a, NETWORK_SOFTMAX, "the label 2 does not fit the loss softmax, which takes 0, 1, 2, ... below parameters.classes");
}

static void test_memory(void **state)
{
    (void)state;
    const struct network network = {.loss = NETWORK_LOGISTIC, .inputs = 2, .outputs = 1};
    const double weights[] = {1, 2, 3};
    for (long long fail = 0; fail < 4; fail++) {
        struct test_allocator test;
        struct examples examples;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *own = NULL;
        assert_int_equal(context_new(&own, &allocator), FATE_OK);
        fate_table *table = make(own, labels, weights);
        long long live = atomic_load(&test.live);
        test.fail = atomic_load(&test.calls) + fail;
        assert_int_equal(examples_make(own, &examples, table, columns, 2, &network, true), fail < 3 ? FATE_E_MEMORY : FATE_OK);
        if (fail == 3) examples_free(&examples);
        assert_true(atomic_load(&test.live) == live);
        fate_table_free(table);
        fate_context_free(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_refusals), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
