/* Gradients by their formulas, rounded to integers; scores; labels that are refused. */
#include "tests/support/boosting.h"
#include "src/models/boosting/objective.h"
#include "lib/mathematics.h"
#include "tests/support/allocator.h"

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

/* Defaults with another objective. */
static const struct boosting_parameters *with(int32_t objective)
{
    static struct boosting_parameters parameters;
    parameters = test_parameters();
    parameters.objective = objective;
    return &parameters;
}

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(objective_find("logistic"), OBJECTIVE_LOGISTIC);
    assert_int_equal(objective_find("tweedie"), OBJECTIVE_TWEEDIE);
    assert_int_equal(objective_find("cubic"), 0);
    for (int32_t objective = 1; objective < OBJECTIVE_END; objective++) {
        assert_int_equal(objective_find(objective_name(objective)), objective);
    }
}

static void test_base(void **state)
{
    (void)state;
    assert_true(objective_base_margin(OBJECTIVE_LOGISTIC, 0.5) == 0);
    assert_true(objective_base_margin(OBJECTIVE_SQUARED, 0.25) == 0.25);
    assert_true(objective_base_margin(OBJECTIVE_POISSON, 1) == 0);
    assert_true(fabs(objective_score(OBJECTIVE_LOGISTIC, objective_base_margin(OBJECTIVE_LOGISTIC, 0.2)) - 0.2) < 1e-15);
    assert_true(fabs(objective_score(OBJECTIVE_GAMMA, objective_base_margin(OBJECTIVE_GAMMA, 7)) - 7) < 1e-14);
    assert_true(objective_score(OBJECTIVE_SQUARED, -3) == -3 && objective_score(OBJECTIVE_QUANTILE, -3) == -3);
    assert_true(objective_base_fits(OBJECTIVE_SQUARED, -1) && !objective_base_fits(OBJECTIVE_SQUARED, (double)NAN));
    assert_true(objective_base_fits(OBJECTIVE_TWEEDIE, 2) && !objective_base_fits(OBJECTIVE_TWEEDIE, 0));
    assert_true(objective_base_fits(OBJECTIVE_LOGISTIC, 0.1) && !objective_base_fits(OBJECTIVE_LOGISTIC, 1));
}

/* g and h of one row without rounding: the greatest of a pair of rows fixes the scale, so that nothing but the last bits is lost. */
static void check_row(const struct boosting_parameters *parameters, double margin, double label, double gradient, double hessian)
{
    struct gradient_pair pair;
    struct gradient_scale scale;
    assert_int_equal(objective_gradients(context, parameters, &pair, &scale, 0, &margin, &label, NULL, NULL, 1), FATE_OK);
    assert_true(fabs(ldexp(pair.gradient, -scale.gradient) - gradient) <= 4e-6 * fabs(gradient));
    assert_true(fabs(ldexp(pair.hessian, -scale.hessian) - hessian) <= 2e-6 * fabs(hessian));
}

/* The formulas, with the C library's exp, on both sides of every bend. */
static void test_derivatives(void **state)
{
    (void)state;
    struct boosting_parameters p = test_parameters();
    p.scale_pos_weight = 2.5;
    p.huber_delta = 0.75;
    p.quantile_alpha = 0.9;
    p.tweedie_power = 1.3;
    check_row(&p, 0, 1, -1.25, 0.625);
    check_row(&p, 0, 0, 0.5, 0.25);
    p.objective = OBJECTIVE_ABSOLUTE;
    check_row(&p, 3, 1, 1, 1);
    check_row(&p, -3, 1, -1, 1);
    check_row(&p, 1, 1, 0, 1);
    p.objective = OBJECTIVE_HUBER;
    check_row(&p, 3, 1, 0.75, 1);
    check_row(&p, -3, 1, -0.75, 1);
    check_row(&p, 1.5, 1, 0.5, 1);
    p.objective = OBJECTIVE_QUANTILE;
    check_row(&p, 3, 1, 0.1, 1);
    check_row(&p, 1, 1, 0.1, 1);
    check_row(&p, -3, 1, -0.9, 1);
    p.objective = OBJECTIVE_POISSON;
    check_row(&p, 0.5, 3, exp(0.5) - 3, exp(1.2));
    p.objective = OBJECTIVE_GAMMA;
    check_row(&p, 0.5, 3, 1 - 3 * exp(-0.5), 3 * exp(-0.5));
    p.objective = OBJECTIVE_TWEEDIE;
    double a = 3 * exp(-0.3 * 0.5), b = exp(0.7 * 0.5);
    check_row(&p, 0.5, 3, b - a, 0.7 * b + 0.3 * a);
}

/* Every rounded number is within half a unit of the exact one unless it is the greatest possible, and the greatest uses all bits but what rounding may take. */
static void check_rounding(int32_t objective, const double *margins, const double *labels, const double *weights, const uint8_t *sampled,
                           uint32_t rows)
{
    struct gradient_pair pairs[512];
    struct gradient_scale scale;
    int32_t most_gradient = 0;
    int32_t most_hessian = 0;
    assert_int_equal(objective_gradients(context, with(objective), pairs, &scale, 0, margins, labels, weights, sampled, rows), FATE_OK);
    for (uint32_t row = 0; row < rows; row++) {
        double weight = weights == NULL ? 1 : weights[row];
        double score = objective_score(objective, margins[row]);
        double gradient = ldexp(weight * (score - labels[row]), scale.gradient);
        double hessian = ldexp(objective == OBJECTIVE_LOGISTIC ? weight * (score * (1 - score)) : weight, scale.hessian);
        if (sampled != NULL && !sampled[row]) {
            assert_int_equal(pairs[row].gradient, 0);
            assert_int_equal(pairs[row].hessian, 0);
            continue;
        }
        assert_true(fabs(pairs[row].gradient - gradient) <= 0.5 || abs(pairs[row].gradient) == (1 << (OBJECTIVE_BITS - 1)) - 1);
        assert_true(fabs(pairs[row].hessian - hessian) <= 0.5 || pairs[row].hessian == (1 << OBJECTIVE_BITS) - 1);
        assert_true(abs(pairs[row].gradient) < 1 << (OBJECTIVE_BITS - 1));
        assert_true(pairs[row].hessian >= 0 && pairs[row].hessian < 1 << OBJECTIVE_BITS);
        most_gradient = abs(pairs[row].gradient) > most_gradient ? abs(pairs[row].gradient) : most_gradient;
        most_hessian = pairs[row].hessian > most_hessian ? pairs[row].hessian : most_hessian;
    }
    assert_true(most_gradient >= 1 << (OBJECTIVE_BITS - 2));
    assert_true(most_hessian >= 1 << (OBJECTIVE_BITS - 1));
}

static void test_rounding(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (uint32_t round = 0; round < 200; round++) {
        double margins[512], labels[512], weights[512];
        uint8_t sampled[512];
        double stretch = ldexp(1, (int)test_below(&random, 60) - 30);
        for (uint32_t row = 0; row < 512; row++) {
            margins[row] = test_unit(&random) * 8 - 4;
            labels[row] = test_below(&random, 2);
            weights[row] = test_unit(&random) * stretch;
            sampled[row] = test_below(&random, 2) != 0;
        }
        check_rounding(OBJECTIVE_LOGISTIC, margins, labels, round % 2 ? weights : NULL, round % 3 ? sampled : NULL, 512);
        check_rounding(OBJECTIVE_SQUARED, margins, labels, round % 2 ? weights : NULL, round % 3 ? sampled : NULL, 512);
    }
}

static void test_edges(void **state)
{
    (void)state;
    struct gradient_pair pairs[2];
    struct gradient_scale scale;
    double margins[2] = {5, 7};
    double labels[2] = {5, 7};
    double weights[2] = {1, 0};
    /* Nothing is left to learn. */
    assert_int_equal(objective_gradients(context, with(OBJECTIVE_SQUARED), pairs, &scale, 0, margins, labels, weights, NULL, 2), FATE_OK);
    assert_int_equal(pairs[0].gradient, 0);
    assert_int_equal(pairs[0].hessian, 1 << (OBJECTIVE_BITS - 1));
    assert_int_equal(pairs[1].hessian, 0);
    /* A hair below a power of two is kept within the bits. */
    labels[0] = 4 + 0x1p-50;
    assert_int_equal(objective_gradients(context, with(OBJECTIVE_SQUARED), pairs, &scale, 0, margins, labels, NULL, NULL, 2), FATE_OK);
    assert_int_equal(pairs[0].gradient, (1 << (OBJECTIVE_BITS - 1)) - 1);
    assert_int_equal(scale.gradient, OBJECTIVE_BITS - 1);
    /* Halves are rounded away from zero, on both sides: the greatest, 2, fixes the scale at 2^(bits-3). */
    double halves[3] = {1, ldexp(-2.5, -(OBJECTIVE_BITS - 3)), ldexp(2.5, -(OBJECTIVE_BITS - 3))};
    double zeros[3] = {-1, 0, 0};
    struct gradient_pair three[3];
    assert_int_equal(objective_gradients(context, with(OBJECTIVE_SQUARED), three, &scale, 0, halves, zeros, NULL, NULL, 3), FATE_OK);
    assert_int_equal(scale.gradient, OBJECTIVE_BITS - 3);
    assert_int_equal(three[1].gradient, -3);
    assert_int_equal(three[2].gradient, 3);
    /* Tiny and huge numbers. */
    weights[0] = 1e-310;
    labels[0] = 4;
    assert_int_equal(objective_gradients(context, with(OBJECTIVE_SQUARED), pairs, &scale, 0, margins, labels, weights, NULL, 2), FATE_OK);
    margins[0] = (double)INFINITY;
    assert_int_equal(objective_gradients(context, with(OBJECTIVE_SQUARED), pairs, &scale, 0, margins, labels, NULL, NULL, 2), FATE_E_RANGE);
    margins[0] = (double)NAN;
    assert_int_equal(objective_gradients(context, with(OBJECTIVE_LOGISTIC), pairs, &scale, 0, margins, labels, NULL, NULL, 2),
                     FATE_E_RANGE);
    assert_non_null(strstr(fate_context_error(context), "learning_rate"));
}

static void check_refused(int32_t objective, const double *labels, const double *weights, uint64_t rows, const char *word)
{
    static const uint8_t ids[] = "ab";
    static const uint64_t offsets[] = {0, 1, 2};
    fate_table *table = NULL;
    fate_schema *schema = NULL;
    assert_int_equal(fate_schema_new(context, &schema), FATE_OK);
    assert_int_equal(fate_schema_set_label(schema, "y", 1), FATE_OK);
    assert_int_equal(fate_table_new(context, &table, rows), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, ids, offsets), FATE_OK);
    if (labels != NULL) assert_int_equal(fate_table_set_label(table, labels), FATE_OK);
    if (weights != NULL) assert_int_equal(fate_table_set_weight(table, weights), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    int32_t result = objective_check(context, with(objective), table, schema, "table");
    if (word == NULL) {
        assert_int_equal(result, FATE_OK);
    } else {
        assert_int_equal(result, FATE_E_TABLE);
        assert_non_null(strstr(fate_context_error(context), word));
    }
    fate_table_free(table);
    fate_schema_free(schema);
}

static void test_check(void **state)
{
    (void)state;
    const double good[2] = {0, 1};
    const double two[2] = {0, 2};
    const double negative[2] = {0, -1};
    const double huge[2] = {0, 1e31};
    const double zero[2] = {0, 0};
    check_refused(OBJECTIVE_LOGISTIC, good, NULL, 2, NULL);
    check_refused(OBJECTIVE_LOGISTIC, good, good, 2, NULL);
    check_refused(OBJECTIVE_LOGISTIC, two, NULL, 2, "the table has the label 2 in the row with the id \"b\", column \"y\": the objective");
    check_refused(OBJECTIVE_SQUARED, two, NULL, 2, NULL);
    check_refused(OBJECTIVE_POISSON, negative, NULL, 2, "label -1 in the row with the id \"b\"");
    check_refused(OBJECTIVE_TWEEDIE, negative, NULL, 2, "not below 0");
    check_refused(OBJECTIVE_POISSON, two, NULL, 2, NULL);
    check_refused(OBJECTIVE_TWEEDIE, two, NULL, 2, NULL);
    check_refused(OBJECTIVE_GAMMA, two, NULL, 2, "\"gamma\" needs numbers above 0");
    check_refused(OBJECTIVE_ABSOLUTE, negative, NULL, 2, NULL);
    check_refused(OBJECTIVE_SQUARED, huge, NULL, 2, "1e30");
    check_refused(OBJECTIVE_SQUARED, good, huge, 2, "in the row with the id \"b\": 0 to 1e30 is possible");
    check_refused(OBJECTIVE_SQUARED, good, zero, 2, "every weight");
    check_refused(OBJECTIVE_SQUARED, NULL, NULL, 2, "no label");
    check_refused(OBJECTIVE_SQUARED, good, NULL, 0, "no rows");
}

static void test_no_memory(void **state)
{
    (void)state;
    struct test_allocator memory;
    fate_allocator allocator = test_allocator(&memory, -1);
    fate_context *poor = NULL;
    struct gradient_pair pair;
    struct gradient_scale scale;
    const double number = 1;
    assert_int_equal(context_new(&poor, &allocator), FATE_OK);
    memory.fail = memory.calls;
    assert_int_equal(objective_gradients(poor, with(OBJECTIVE_SQUARED), &pair, &scale, 0, &number, &number, NULL, NULL, 1), FATE_E_MEMORY);
    fate_context_free(poor);
    assert_int_equal(memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),       cmocka_unit_test(test_base),  cmocka_unit_test(test_rounding),  cmocka_unit_test(test_edges),
        cmocka_unit_test(test_derivatives), cmocka_unit_test(test_check), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
