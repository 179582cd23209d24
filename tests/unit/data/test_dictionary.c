/* The dictionary: numbers in the order of appearance, for any bytes and many entries. */
#include "tests/support/data.h"

#include "src/data/dictionary.h"

static void equal_bytes_have_one_number(void **state)
{
    (void)state;
    struct dictionary dictionary;
    uint32_t code;
    static const struct {
        const char *bytes;
        uint64_t length;
        uint32_t code;
    } cases[] = {{"b", 1, 0}, {"a", 1, 1}, {"b", 1, 0}, {"", 0, 2}, {"a\0", 2, 3}, {"ab", 2, 4}, {"", 0, 2}, {"a\0", 2, 3}};
    dictionary_init(&dictionary, context);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(dictionary_code(&dictionary, cases[i].bytes, cases[i].length, &code));
        assert_int_equal(code, cases[i].code);
    }
    assert_int_equal(dictionary.count, 5);
    assert_string_equal(dictionary_text(&dictionary, 4), "ab");
    dictionary_free(&dictionary);
}

static int32_t fill(void)
{
    struct dictionary dictionary;
    bool done = true;
    dictionary_init(&dictionary, context);
    for (uint32_t i = 0; i < 3000 && done; i++) {
        char text[16];
        uint32_t code = 0;
        snprintf(text, sizeof text, "%u", i % 1000);
        done = dictionary_code(&dictionary, text, strlen(text), &code);
        if (done) {
            assert_int_equal(code, i % 1000);
            assert_string_equal(dictionary_text(&dictionary, code), text);
        }
    }
    dictionary_free(&dictionary);
    return done ? FATE_OK : FATE_E_MEMORY;
}

static void many_entries_and_failing_allocations(void **state)
{
    (void)state;
    data_fail_allocations(fill);
}

static void one_that_was_never_begun_can_be_freed(void **state)
{
    (void)state;
    struct dictionary dictionary;
    memset(&dictionary, 0, sizeof dictionary);
    dictionary_free(&dictionary);
    assert_null(dictionary.slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_bytes_have_one_number),
        cmocka_unit_test(many_entries_and_failing_allocations),
        cmocka_unit_test(one_that_was_never_begun_can_be_freed),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
