/* Registration: copies, older and newer element sizes, look-up, names, failing memory. */
#include "tests/support/unit.h"

#include "tests/support/allocator.h"
#include "tests/support/sample_job.h"

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    return context;
}

static void tables_are_copied(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct sample sample;
    sample_make(&sample);
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    memset(&sample, 0xff, sizeof sample);
    const fate_protocol *found = registry_find(context, "sample-boosting", FATE_PURPOSE_TRAIN);
    assert_non_null(found);
    assert_int_equal(found->role_count, 2);
    assert_string_equal(found->roles[1].name, "host");
    assert_string_equal(found->roles[0].steps[1].name, "choose");
    assert_string_equal(found->messages[1].name, "sums");
    assert_string_equal(found->parameters[7].name, "key_bits");
    assert_int_equal(registry_role(found, "host"), 1);
    assert_int_equal(registry_role(found, "arbiter"), -1);
    fate_context_free(context);
}

static void purposes_are_told_apart(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct sample sample;
    assert_null(fate_protocol_name(context, 0));
    assert_null(registry_find(context, "sample-boosting", 0));
    sample_make(&sample);
    sample.protocol.purpose = FATE_PURPOSE_PREDICT;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    assert_int_equal(registry_find(context, "sample-boosting", 0)->purpose, FATE_PURPOSE_PREDICT);
    assert_null(registry_find(context, "sample-boosting", FATE_PURPOSE_TRAIN));
    sample.protocol.purpose = FATE_PURPOSE_TRAIN;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    assert_int_equal(registry_find(context, "sample-boosting", 0)->purpose, FATE_PURPOSE_TRAIN);
    assert_int_equal(registry_find(context, "sample-boosting", FATE_PURPOSE_PREDICT)->purpose, FATE_PURPOSE_PREDICT);
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_E_EXISTS);
    sample.protocol.name = "other";
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    assert_string_equal(fate_protocol_name(context, 0), "sample-boosting");
    assert_string_equal(fate_protocol_name(context, 1), "other");
    assert_null(fate_protocol_name(context, 2));
    assert_null(fate_protocol_name(NULL, 0));
    fate_context_free(context);
}

static void children_see_the_roots_protocols(void **state)
{
    (void)state;
    fate_context *context = new_context(), *child = NULL;
    assert_int_equal(context_child(context, &child), FATE_OK);
    struct sample sample;
    sample_make(&sample);
    assert_int_equal(fate_protocol_register(child, &sample.protocol), FATE_OK);
    assert_non_null(registry_find(context, "sample-boosting", 0));
    fate_context_free(context);
    assert_non_null(registry_find(child, "sample-boosting", 0));
    fate_context_free(child);
}

/* A role without save, load and stop, as an older header might have had it, is filled up with NULL; here stop is then missing. */
static void shorter_elements_are_filled_up(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct sample sample;
    sample_make(&sample);
    sample.protocol.struct_size = (uint32_t)offsetof(fate_protocol, check);
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    assert_null(registry_find(context, "sample-boosting", 0)->check);
    sample.protocol.name = "without-parameters";
    sample.protocol.struct_size = (uint32_t)offsetof(fate_protocol, parameters);
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    assert_int_equal(registry_find(context, "without-parameters", 0)->parameter_count, 0);
    sample.protocol.name = "too-short";
    for (uint32_t size = 0; size < offsetof(fate_protocol, parameters); size++) {
        sample.protocol.struct_size = size;
        assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_E_VERSION);
    }
    sample.protocol.struct_size = sizeof sample.protocol;
    sample.protocol.abi_version = FATE_ABI_VERSION + 1;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_E_VERSION);
    fate_context_free(context);
}

static void element_sizes_are_checked(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct sample sample;
    sample_make(&sample);
    uint32_t *const sizes[] = {&sample.protocol.role_size, &sample.protocol.message_size, &sample.protocol.parameter_size,
                               &sample.roles[0].step_size};
    for (size_t i = 0; i < 4; i++) {
        const uint32_t right = *sizes[i];
        *sizes[i] = 4;
        assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_E_VERSION);
        *sizes[i] = 1000000;
        assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_E_VERSION);
        *sizes[i] = right;
    }
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    fate_context_free(context);
}

struct longer_message {
    fate_protocol_message message;
    uint64_t later;
};

static void longer_elements_need_a_zero_tail(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct sample sample;
    sample_make(&sample);
    struct longer_message messages[2] = {{sample.messages[0], 0}, {sample.messages[1], 1}};
    sample.protocol.messages = &messages[0].message;
    sample.protocol.message_size = sizeof messages[0];
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_E_VERSION);
    messages[1].later = 0;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    const fate_protocol *found = registry_find(context, "sample-boosting", 0);
    assert_int_equal(found->message_size, sizeof(fate_protocol_message));
    assert_string_equal(found->messages[1].name, "sums");
    fate_context_free(context);
}

static void tables_must_be_there_and_not_too_long(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct sample sample;
    sample_make(&sample);
    sample.protocol.roles = NULL;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_E_ARGUMENT);
    sample_make(&sample);
    sample.protocol.messages = NULL;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_E_ARGUMENT);
    sample_make(&sample);
    sample.protocol.role_count = UINT32_MAX;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_E_ARGUMENT);
    sample_make(&sample);
    sample.roles[1].step_count = REGISTRY_STEPS + 1;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_E_ARGUMENT);
    assert_int_equal(fate_protocol_register(context, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_protocol_register(NULL, &sample.protocol), FATE_E_ARGUMENT);
    assert_null(fate_protocol_name(context, 0));
    fate_context_free(context);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long k = 1; result != FATE_OK; k++) {
        struct test_allocator counted;
        fate_allocator allocator = test_allocator(&counted, -1);
        fate_context *context = NULL;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        counted.fail = atomic_load(&counted.calls) + k - 1;
        struct sample sample;
        sample_make(&sample);
        result = fate_protocol_register(context, &sample.protocol);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        assert_true((registry_find(context, "sample-boosting", 0) != NULL) == (result == FATE_OK));
        fate_context_free(context);
        assert_int_equal(atomic_load(&counted.live), 0);
        assert_true(k < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_copied),
        cmocka_unit_test(purposes_are_told_apart),
        cmocka_unit_test(children_see_the_roots_protocols),
        cmocka_unit_test(shorter_elements_are_filled_up),
        cmocka_unit_test(element_sizes_are_checked),
        cmocka_unit_test(longer_elements_need_a_zero_tail),
        cmocka_unit_test(tables_must_be_there_and_not_too_long),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
