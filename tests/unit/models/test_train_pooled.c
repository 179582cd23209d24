/* The public pooled calls: from a job and tables to model files and scores. */
#include "tests/support/allocator.h"
#include "tests/support/boosting.h"

#include <fate/simulator.h>
#include <fate/train.h>

enum { ROWS = 80 };

static const char job_text[] =
    "{\"algorithm\": \"vertical-boosting\", \"id\": \"number\", \"label\": \"y\", \"parties\": [{\"name\": \"telecom\", \"role\": \"host\"}, "
    "{\"name\": \"bank\", \"role\": \"guest\", \"address\": \"127.0.0.1:1\"}], \"parameters\": {\"trees\": 3, \"depth\": 2}}";

struct setting {
    fate_context *context;
    fate_simulator *simulator;
    const fate_job *job;
    const fate_table *tables[2];
};

static void free_setting(struct setting *setting)
{
    for (uint32_t i = 0; i < 2; i++) {
        fate_table *table = (fate_table *)(uintptr_t)setting->tables[i];
        fate_table_free(table);
    }
    fate_simulator_free(setting->simulator);
    fate_context_free(setting->context);
}

static void make_setting(struct setting *setting, const fate_allocator *allocator)
{
    memset(setting, 0, sizeof *setting);
    assert_int_equal(fate_context_new(&setting->context, allocator), FATE_OK);
    assert_int_equal(fate_simulator_new(setting->context, &setting->simulator, job_text, FATE_PURPOSE_TRAIN, 5), FATE_OK);
    setting->job = fate_simulator_job(setting->simulator);
    for (uint32_t i = 0; i < 2; i++) {
        const struct test_shape shape = {.seed = 4, .rows = ROWS, .first_column = 3 * i, .columns = 3, .kinds = 0x24, .label = i == 1};
        fate_table *table = NULL;
        assert_int_equal(test_table(setting->context, &table, &shape), FATE_OK);
        setting->tables[i] = table;
    }
}

static void test_calls(void **state)
{
    (void)state;
    struct setting setting;
    fate_model *models[2] = {NULL, NULL};
    fate_scores *scores = NULL;
    char *text = NULL;
    make_setting(&setting, NULL);
    assert_int_equal(fate_train_pooled(setting.context, models, setting.job, setting.tables, NULL, NULL), FATE_OK);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(fate_model_check(models[i], setting.job, i), FATE_OK);
        assert_string_equal(fate_model_algorithm(models[i]), "vertical-boosting");
    }
    const fate_model *both[2] = {models[0], models[1]};
    assert_int_equal(fate_predict_pooled(setting.context, &scores, setting.job, both, setting.tables), FATE_OK);
    assert_int_equal(fate_scores_rows(scores), ROWS);
    assert_int_equal(fate_scores_columns(scores), 1);
    assert_string_equal(fate_scores_column_name(scores, 0), "score");
    const double *labels = fate_table_label(setting.tables[1]);
    uint32_t right = 0;
    for (uint32_t row = 0; row < ROWS; row++) right += (fate_scores_values(scores, 0)[row] > 0.5) == (labels[row] > 0);
    assert_true(right > ROWS * 3 / 4);
    assert_int_equal(fate_model_dump(setting.context, both, 2, "text", &text), FATE_OK);
    assert_non_null(strstr(text, "telecom x"));
    assert_null(strstr(text, "telecom column"));
    fate_free(setting.context, text);
    /* Models in the wrong places, or one missing. */
    const fate_model *swapped[2] = {models[1], models[0]};
    fate_scores *none = NULL;
    assert_int_equal(fate_predict_pooled(setting.context, &none, setting.job, swapped, setting.tables), FATE_E_MODEL);
    swapped[1] = NULL;
    swapped[0] = models[0];
    assert_int_equal(fate_predict_pooled(setting.context, &none, setting.job, swapped, setting.tables), FATE_E_ARGUMENT);
    assert_null(none);
    fate_scores_free(scores);
    fate_model_free(models[0]);
    fate_model_free(models[1]);
    free_setting(&setting);
}

static void test_refused(void **state)
{
    (void)state;
    struct setting setting;
    fate_model *models[2] = {NULL, NULL};
    make_setting(&setting, NULL);
    const fate_table *half[2] = {setting.tables[0], NULL};
    assert_int_equal(fate_train_pooled(setting.context, models, setting.job, half, NULL, NULL), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_context_error(setting.context), "bank"));
    assert_int_equal(fate_train_pooled(setting.context, models, setting.job, setting.tables, half, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_train_pooled(setting.context, models, NULL, setting.tables, NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_train_pooled(NULL, models, setting.job, setting.tables, NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_predict_pooled(setting.context, NULL, setting.job, NULL, setting.tables), FATE_E_ARGUMENT);
    assert_int_equal(fate_predict_pooled(NULL, NULL, setting.job, NULL, setting.tables), FATE_E_ARGUMENT);
    assert_null(models[0]);
    assert_null(models[1]);
    free_setting(&setting);
}

static int32_t train_and_predict(const struct setting *setting)
{
    fate_model *models[2] = {NULL, NULL};
    fate_scores *scores = NULL;
    int32_t result = fate_train_pooled(setting->context, models, setting->job, setting->tables, NULL, NULL);
    if (result != FATE_OK) {
        assert_null(models[0]);
        assert_null(models[1]);
        return result;
    }
    const fate_model *both[2] = {models[0], models[1]};
    result = fate_predict_pooled(setting->context, &scores, setting->job, both, setting->tables);
    assert_true((result == FATE_OK) == (scores != NULL));
    fate_scores_free(scores);
    fate_model_free(models[0]);
    fate_model_free(models[1]);
    return result;
}

static void test_no_memory(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long call = 0; result == FATE_E_MEMORY; call++) {
        struct test_allocator memory;
        struct setting setting;
        fate_allocator allocator = test_allocator(&memory, -1);
        make_setting(&setting, &allocator);
        memory.fail = memory.calls + call;
        result = train_and_predict(&setting);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        free_setting(&setting);
        assert_int_equal(memory.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_calls), cmocka_unit_test(test_refused), cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
