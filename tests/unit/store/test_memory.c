/* The store in memory. */
#include "tests/support/unit.h"

#include "tests/support/allocator.h"
#include "tests/support/reply.h"

static void values_come_and_go(void **state)
{
    fate_context *context;
    fate_store *store;
    (void)state;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_memory_store_new(context, &store), FATE_OK);
    assert_true(test_holds(context, store, "a", NULL));
    assert_int_equal(test_put(store, "a", "one"), FATE_OK);
    assert_int_equal(test_put(store, "a.b", "two"), FATE_OK);
    assert_int_equal(test_put(store, "b", ""), FATE_OK);
    assert_int_equal(test_put(store, "a", "another"), FATE_OK);
    assert_true(test_holds(context, store, "a", "another"));
    assert_true(test_holds(context, store, "a.b", "two"));
    assert_true(test_holds(context, store, "b", ""));
    assert_int_equal(test_count(context, store, ""), 3);
    assert_int_equal(test_count(context, store, "a"), 2);
    assert_int_equal(test_count(context, store, "x"), 0);
    assert_int_equal(store->delete_(store->context, "a"), FATE_OK);
    assert_int_equal(store->delete_(store->context, "a"), FATE_OK);
    assert_true(test_holds(context, store, "a", NULL));
    assert_int_equal(test_count(context, store, "a"), 1);
    fate_store_free(store);
    fate_context_free(context);
}

static void wrong_arguments(void **state)
{
    fate_context *context;
    fate_store *store;
    struct buffer answer;
    (void)state;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_memory_store_new(NULL, &store), FATE_E_ARGUMENT);
    assert_int_equal(fate_memory_store_new(context, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_memory_store_new(context, &store), FATE_OK);
    buffer_init(&answer, context);
    assert_int_equal(test_put(store, "A", "x"), FATE_E_ARGUMENT);
    assert_int_equal(store->put(store->context, "a", NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(test_get(store, "A", &answer), FATE_E_ARGUMENT);
    assert_int_equal(store->delete_(store->context, "A"), FATE_E_ARGUMENT);
    assert_int_equal(test_count(context, store, ""), 0);
    fate_store_free(store);
    fate_context_free(context);
}

static void every_allocation_fails_once(void **state)
{
    bool succeeded = false;
    (void)state;
    for (long long k = 0; !succeeded; k++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *context, *other;
        fate_store *store;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        assert_int_equal(context_new(&other, NULL), FATE_OK);
        test.fail = atomic_load(&test.calls) + k;
        int32_t result = fate_memory_store_new(context, &store), put = FATE_E_MEMORY;
        if (result == FATE_OK) {
            put = test_put(store, "a", "one");
            if (put == FATE_OK) result = test_put(store, "a", "two");
            /* After a failure the old value is there still. */
            assert_true(test_holds(other, store, "a", put != FATE_OK ? NULL : result == FATE_OK ? "two" : "one"));
        }
        succeeded = result == FATE_OK && put == FATE_OK;
        if (!succeeded) assert_true(result == FATE_E_MEMORY || put == FATE_E_MEMORY);
        fate_store_free(store);
        fate_context_free(context);
        fate_context_free(other);
        assert_int_equal(atomic_load(&test.live), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_and_go),
        cmocka_unit_test(wrong_arguments),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
