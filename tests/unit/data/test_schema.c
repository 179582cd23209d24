/* The schema: setters copy, refuse nonsense, and survive failing allocations. */
#include "tests/support/data.h"

#include "src/data/schema.h"

static void names_are_copied_and_replaced(void **state)
{
    (void)state;
    char name[] = "key";
    assert_int_equal(fate_schema_set_id(schema, name), FATE_OK);
    name[0] = 'x';
    assert_string_equal(schema->ids[0].column, "key");
    assert_int_equal(fate_schema_set_label(schema, NULL, 0), FATE_OK);
    assert_null(schema->label);
    assert_int_equal(fate_schema_set_label(schema, "target", 1), FATE_OK);
    assert_true(schema->label_required);
    assert_int_equal(fate_schema_set_weight(schema, NULL), FATE_OK);
    assert_null(schema->weight);
    assert_true(schema_lists_categorical(schema, "c"));
    assert_false(schema_lists_categorical(schema, "cc"));
    assert_int_equal(fate_schema_add_categorical(schema, "c"), FATE_OK);
    assert_int_equal(schema->categorical_count, 2);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    fate_schema *made;
    assert_int_equal(fate_schema_new(NULL, &made), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_new(context, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_set_id(NULL, "id"), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_set_id(schema, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_set_id(schema, ""), FATE_E_ARGUMENT);
    assert_string_equal(fate_context_error(context), "the name of the id column is empty");
    assert_int_equal(fate_schema_set_label(NULL, "y", 0), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_set_label(schema, "", 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_set_weight(NULL, "w"), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_add_categorical(NULL, "c"), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_add_categorical(schema, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_add_categorical(schema, ""), FATE_E_ARGUMENT);
    fate_schema_free(NULL);
}

static void id_label_and_weight_are_three_columns(void **state)
{
    (void)state;
    assert_int_equal(schema_check(context, schema), FATE_OK);
    assert_int_equal(fate_schema_set_weight(schema, "y"), FATE_OK);
    assert_int_equal(schema_check(context, schema), FATE_E_ARGUMENT);
    assert_string_equal(fate_context_error(context), "id, label and weight must be different columns; \"y\" is named for two of them");
    assert_int_equal(fate_schema_set_weight(schema, "id"), FATE_OK);
    assert_int_equal(schema_check(context, schema), FATE_E_ARGUMENT);
    assert_string_equal(fate_context_error(context), "id, label and weight must be different columns; \"id\" is named for two of them");
    fate_schema *empty;
    assert_int_equal(fate_schema_new(context, &empty), FATE_OK);
    assert_int_equal(schema_check(context, empty), FATE_E_ARGUMENT);
    fate_schema_free(empty);
}

static int32_t build(void)
{
    fate_schema *made;
    int32_t result = fate_schema_new(context, &made);
    if (result != FATE_OK) {
        assert_null(made);
        return result;
    }
    result = fate_schema_set_id(made, "id");
    if (result == FATE_OK) result = fate_schema_set_label(made, "y", 1);
    if (result == FATE_OK) result = fate_schema_set_weight(made, "w");
    for (char name[] = "a"; result == FATE_OK && name[0] < 'e'; name[0]++) result = fate_schema_add_categorical(made, name);
    fate_schema_free(made);
    return result;
}

static void failing_allocations(void **state)
{
    (void)state;
    data_fail_allocations(build);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_are_copied_and_replaced, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(id_label_and_weight_are_three_columns, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(failing_allocations, data_setup, data_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
