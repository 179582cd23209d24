/* Quoted bytes: readable, short, and valid UTF-8 whatever goes in. */
#include "tests/support/unit.h"

#include "src/data/quote.h"

static void texts_stand_in_quotes(void **state)
{
    (void)state;
    char out[QUOTE_TEXT];
    assert_string_equal(quote_text(out, "income"), "\"income\"");
    assert_string_equal(quote_text(out, ""), "\"\"");
    assert_string_equal(quote_text(out, NULL), "\"\"");
    assert_string_equal(quote_text(out, "Größe €5 𝄞"), "\"Größe €5 𝄞\"");
}

static void other_bytes_are_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint64_t length;
        const char *text;
    } cases[] = {
        {"a\0b", 3, "\"a\\x00b\""},
        {"\n\t\x7f", 3, "\"\\x0a\\x09\\x7f\""},
        {"\xc3", 1, "\"\\xc3\""},
        {"\xc0\x80", 2, "\"\\xc0\\x80\""},
        {"\xe0\x80\x80", 3, "\"\\xe0\\x80\\x80\""},
        {"\xed\xa0\x80", 3, "\"\\xed\\xa0\\x80\""},
        {"\xf4\x90\x80\x80", 4, "\"\\xf4\\x90\\x80\\x80\""},
        {"\xf0\x8f\xbf\xbf", 4, "\"\\xf0\\x8f\\xbf\\xbf\""},
        {"\xff\xe2\x82x", 4, "\"\\xff\\xe2\\x82x\""},
        {"\xf4\x8f\xbf\xbf", 4, "\"\xf4\x8f\xbf\xbf\""},
    };
    char out[QUOTE_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(quote_bytes(out, cases[i].bytes, cases[i].length), cases[i].text);
}

static void every_length_fits(void **state)
{
    (void)state;
    static const char *const units[] = {"a", "\n", "€", "𝄞", "\xff"};
    for (size_t unit = 0; unit < sizeof units / sizeof units[0]; unit++) {
        char bytes[400];
        size_t used = 0;
        while (used + 4 < sizeof bytes) {
            memcpy(bytes + used, units[unit], strlen(units[unit]));
            used += strlen(units[unit]);
            struct {
                char out[QUOTE_TEXT];
                char guard;
            } room = {.guard = 'g'};
            quote_bytes(room.out, bytes, used);
            size_t length = strlen(room.out);
            assert_true(length < QUOTE_TEXT);
            assert_int_equal(room.guard, 'g');
            assert_int_equal(room.out[length - 1], '"');
            if (used > QUOTE_TEXT) assert_memory_equal(room.out + length - 4, "...\"", 4);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_stand_in_quotes),
        cmocka_unit_test(other_bytes_are_escaped),
        cmocka_unit_test(every_length_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
