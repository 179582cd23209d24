/* The store hook's own functions: what a reply takes and when, which keys are valid, and free. */
#include "tests/support/unit.h"

#include "tests/support/allocator.h"
#include "tests/support/reply.h"

static fate_context *context;
static struct buffer answer;

static int setup(void **state)
{
    (void)state;
    if (context_new(&context, NULL) != FATE_OK) return -1;
    buffer_init(&answer, context);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buffer_free(&answer);
    fate_context_free(context);
    return 0;
}

static void get_takes_bytes_once(void **state)
{
    fate_reply reply = {.answer = &answer};
    (void)state;
    assert_int_equal(fate_reply_bytes(&reply, NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_reply_name(&reply, "key"), FATE_E_STATE);
    assert_false(reply.answered);
    assert_int_equal(fate_reply_bytes(&reply, (const uint8_t *)"abc", 3), FATE_OK);
    assert_int_equal(fate_reply_bytes(&reply, (const uint8_t *)"abc", 3), FATE_E_STATE);
    assert_true(reply.answered);
    assert_int_equal(answer.length, 3);
    assert_int_equal(fate_reply_bytes(NULL, NULL, 0), FATE_E_ARGUMENT);
}

static void get_takes_an_empty_value(void **state)
{
    fate_reply reply = {.answer = &answer};
    (void)state;
    assert_int_equal(fate_reply_bytes(&reply, NULL, 0), FATE_OK);
    assert_true(reply.answered);
}

static void list_takes_names(void **state)
{
    fate_reply reply = {.answer = &answer, .names = true};
    (void)state;
    assert_int_equal(fate_reply_bytes(&reply, (const uint8_t *)"abc", 3), FATE_E_STATE);
    assert_int_equal(fate_reply_name(&reply, "one"), FATE_OK);
    assert_int_equal(fate_reply_name(&reply, "two"), FATE_OK);
    assert_int_equal(fate_reply_name(&reply, "../three"), FATE_E_ARGUMENT);
    assert_int_equal(fate_reply_name(&reply, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_reply_name(NULL, "one"), FATE_E_ARGUMENT);
    assert_int_equal(answer.length, 8);
    assert_memory_equal(answer.bytes, "one\0two", 8);
}

static void no_memory_for_an_answer(void **state)
{
    struct test_allocator test;
    fate_allocator allocator = test_allocator(&test, -1);
    fate_context *small;
    struct buffer own;
    fate_reply reply = {.answer = &own};
    (void)state;
    assert_int_equal(context_new(&small, &allocator), FATE_OK);
    buffer_init(&own, small);
    test.fail = atomic_load(&test.calls);
    assert_int_equal(fate_reply_bytes(&reply, (const uint8_t *)"abc", 3), FATE_E_MEMORY);
    buffer_clear(&own);
    reply.names = true;
    test.fail = atomic_load(&test.calls);
    assert_int_equal(fate_reply_name(&reply, "abc"), FATE_E_MEMORY);
    buffer_free(&own);
    fate_context_free(small);
    assert_int_equal(atomic_load(&test.live), 0);
}

static void keys(void **state)
{
    static const char *const bad[] = {"", ".", "..", ".lock", ".new-a", "A", "1a", "-a", "a/b", "a b", "a\n", "\xc3\xa4", "aB", "a\\b"};
    char longest[STORE_KEY_LIMIT + 2];
    (void)state;
    for (int c = 1; c < 256; c++) {
        char key[3] = {'k', (char)c, 0};
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        assert_int_equal(store_key_valid(key), good);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(store_key_valid(bad[i]));
    memset(longest, 'a', sizeof longest);
    longest[STORE_KEY_LIMIT + 1] = 0;
    assert_false(store_key_valid(longest));
    longest[STORE_KEY_LIMIT] = 0;
    assert_true(store_key_valid(longest));
    assert_int_equal(store_check_key(context, "a"), FATE_OK);
    assert_int_equal(store_check_key(context, "Ab"), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_context_error(context), "\"Ab\""));
    assert_int_equal(store_check_key(context, NULL), FATE_E_ARGUMENT);
}

static void count_free(void *argument)
{
    ++*(int *)argument;
}

static void free_reaches_the_hook(void **state)
{
    int count = 0;
    fate_store store = {.struct_size = sizeof store, .abi_version = FATE_ABI_VERSION, .context = &count, .free = count_free};
    (void)state;
    fate_store_free(NULL);
    fate_store_free(&store);
    store.struct_size = offsetof(fate_store, free);
    fate_store_free(&store);
    store.struct_size = sizeof store;
    store.free = NULL;
    fate_store_free(&store);
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(get_takes_bytes_once, setup, teardown),
        cmocka_unit_test_setup_teardown(get_takes_an_empty_value, setup, teardown),
        cmocka_unit_test_setup_teardown(list_takes_names, setup, teardown),
        cmocka_unit_test(no_memory_for_an_answer),
        cmocka_unit_test_setup_teardown(keys, setup, teardown),
        cmocka_unit_test(free_reaches_the_hook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
