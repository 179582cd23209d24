/* The tables of a pooled run: order of columns, bins, margins, and checks. */
#include "tests/support/boosting_models.h"
#include "src/models/boosting/pooled_data.h"

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

static void test_columns(void **state)
{
    (void)state;
    struct test_parties set;
    struct boosting_parameters parameters = test_parameters();
    parameters.base_score = 0.25;
    assert_int_equal(test_parties_make(context, &set, test_mixed_shape(2, 100), test_cuts, 3, 1, 40), FATE_OK);
    struct pooled_data data = {.context = context, .parameters = &parameters, .parties = set.parties, .party_count = 3};
    assert_int_equal(pooled_data_make(&data), FATE_OK);
    assert_int_equal(data.guest, 1);
    assert_int_equal(data.column_count, 9);
    assert_true(data.has_validation && data.training.count == 100 && data.validation.count == 40);
    uint64_t offset = 0;
    uint32_t most = 0;
    for (uint32_t i = 0; i < 9; i++) {
        const struct pooled_column *column = &data.columns[i];
        uint16_t bins[100];
        assert_int_equal(column->party, i / 3);
        assert_int_equal(column->number, i % 3);
        assert_int_equal(column->offset, offset);
        assert_true(gain_shape_valid(&column->shape, parameters.bins));
        assert_int_equal(binning_assign(&column->bins, set.parties[i / 3].table, i % 3, bins), FATE_OK);
        assert_memory_equal(bins, column->rows, sizeof bins);
        assert_int_equal(binning_assign(&column->bins, set.parties[i / 3].validation, i % 3, bins), FATE_OK);
        assert_memory_equal(bins, column->validation, 40 * sizeof *bins);
        offset += column->shape.bins;
        most = column->shape.bins > most ? column->shape.bins : most;
    }
    assert_int_equal(data.total_bins, offset);
    assert_int_equal(data.most_bins, most);
    double base = objective_base_margin(OBJECTIVE_LOGISTIC, 0.25);
    assert_true(data.training.margins.values[99] == base && data.validation.margins.values[39] == base);
    pooled_data_free(&data);
    test_parties_free(&set);
}

static void check_refused(const struct test_parties *set, const struct boosting_parameters *parameters, int32_t expected, const char *word)
{
    struct pooled_data data = {.context = context, .parameters = parameters, .parties = set->parties, .party_count = set->count};
    assert_int_equal(pooled_data_make(&data), expected);
    assert_non_null(strstr(fate_context_error(context), word));
    pooled_data_free(&data);
}

static void test_refused(void **state)
{
    (void)state;
    struct test_parties set, wide;
    struct boosting_parameters parameters = test_parameters();
    static const uint32_t wider[3] = {3, 4, 0};
    assert_int_equal(test_parties_make(context, &set, test_mixed_shape(2, 30), test_cuts, 2, 0, 10), FATE_OK);
    assert_int_equal(test_parties_make(context, &wide, test_mixed_shape(2, 30), wider, 2, 0, 11), FATE_OK);
    struct test_parties mixed = set;
    mixed.parties[1].table = NULL;
    check_refused(&mixed, &parameters, FATE_E_ARGUMENT, "no table");
    mixed = set;
    mixed.parties[1].validation = NULL;
    check_refused(&mixed, &parameters, FATE_E_ARGUMENT, "validation tables");
    mixed = set;
    mixed.parties[1].validation = wide.parties[1].validation;
    check_refused(&mixed, &parameters, FATE_E_ROWS_DIFFER, "10 and 11 rows");
    mixed = wide;
    mixed.parties[0] = set.parties[0];
    mixed.parties[1].validation = set.parties[1].validation;
    check_refused(&mixed, &parameters, FATE_E_TABLE, "no column x6");
    test_parties_free(&set);
    test_parties_free(&wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_columns), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, start, stop);
}
