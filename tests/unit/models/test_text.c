/* Names and numbers as text. */
#include "tests/support/unit.h"

#include "src/models/text.h"

static void check(void (*write)(struct buffer *, const char *), const char *name, const char *expected)
{
    fate_context *context = NULL;
    struct buffer text;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    buffer_init(&text, context);
    write(&text, name);
    assert_int_equal(text.length, strlen(expected));
    assert_memory_equal(text.bytes, expected, text.length);
    buffer_free(&text);
    fate_context_free(context);
}

static void test_names(void **state)
{
    (void)state;
    check(text_name, "x_1.a-B", "x_1.a-B");
    check(text_name, "", "\"\"");
    check(text_name, "a b", "\"a b\"");
    check(text_quoted, "a", "\"a\"");
    check(text_quoted, "\"\\\n\x7f", "\"\\\"\\\\\\u000a\\u007f\"");
}

static void test_bytes(void **state)
{
    (void)state;
    check(text_quoted, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
    check(text_quoted, "\xff\xc3", "\"\\ufffd\\ufffd\"");
    check(text_quoted, "\xe0\x80\x80", "\"\\ufffd\\ufffd\\ufffd\"");
}

static void number(struct buffer *text, const char *digits)
{
    text_number(text, digits[0] == 'h' ? 0.5 : -3);
}

static void test_numbers(void **state)
{
    (void)state;
    check(number, "half", "0.5");
    check(number, "minus three", "-3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_bytes), cmocka_unit_test(test_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
