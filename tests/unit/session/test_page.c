/* Wrapped text: widths, labels, characters of several bytes, control characters. */
#include "tests/support/unit.h"

#include <stdlib.h>

#include "src/session/page.h"

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int end(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static void check_paragraph(uint32_t label_column, const char *label, uint32_t text_column, const char *text, const char *expected)
{
    struct buffer page;
    buffer_init(&page, context);
    page_paragraph(&page, label_column, label, text_column, text);
    buffer_u8(&page, 0);
    assert_string_equal((const char *)page.bytes, expected);
    buffer_free(&page);
}

static void labels_and_text_stand_in_columns(void **state)
{
    (void)state;
    check_paragraph(2, "host", 8, "one  or\nmore", "  host  one or more\n");
    check_paragraph(0, "", 4, "text", "    text\n");
    check_paragraph(2, "a longer label", 6, "text", "  a longer label\n      text\n");
    check_paragraph(2, "h\xc3\xb6st", 8, "x", "  h\xc3\xb6st  x\n");
    check_paragraph(0, "", 0, "a\x1b[2Jb\x7f", "a [2Jb\n");
}

static void no_line_is_wider_than_the_page(void **state)
{
    (void)state;
    struct buffer page;
    buffer_init(&page, context);
    char text[3000];
    size_t used = 0, words = 0;
    for (uint32_t i = 1; used < sizeof text - 80; i++, words++) {
        for (uint32_t letter = 0; letter < i % 23 + 1; letter++) text[used++] = 'x';
        text[used++] = ' ';
    }
    text[used] = '\0';
    page_paragraph(&page, 2, "label", 12, text);
    uint32_t column = 0, widest = 0;
    size_t found = 0;
    for (uint64_t i = 0; i < page.length; i++) {
        const bool word_ends = page.bytes[i] == 'x' && page.bytes[i + 1] != 'x';
        found += word_ends ? 1 : 0;
        column = page.bytes[i] == '\n' ? 0 : column + 1;
        widest = column > widest ? column : widest;
    }
    assert_int_equal(found, words);
    assert_true(widest <= PAGE_WIDTH);
    assert_true(widest > PAGE_WIDTH - 24);
    buffer_free(&page);
}

static void a_word_of_exactly_the_width_fits(void **state)
{
    (void)state;
    char word[PAGE_WIDTH + 2], expected[2 * PAGE_WIDTH + 8];
    memset(word, 'y', PAGE_WIDTH - 2);
    word[PAGE_WIDTH - 2] = '\0';
    memcpy(expected, "a ", 2);
    memcpy(expected + 2, word, PAGE_WIDTH - 2);
    memcpy(expected + PAGE_WIDTH, "\n", 2);
    char text[PAGE_WIDTH + 4] = "a ";
    memcpy(text + 2, word, PAGE_WIDTH - 1);
    check_paragraph(0, "", 0, text, expected);
    /* One more letter moves it to the next line; a word longer than a line is not cut. */
    memset(text + 2, 'y', PAGE_WIDTH + 1);
    text[PAGE_WIDTH + 3] = '\0';
    memcpy(expected, "a\n", 2);
    memset(expected + 2, 'y', PAGE_WIDTH + 1);
    memcpy(expected + PAGE_WIDTH + 3, "\n", 2);
    check_paragraph(0, "", 0, text, expected);
}

static void titles_have_an_empty_line_before_them(void **state)
{
    (void)state;
    struct buffer page;
    buffer_init(&page, context);
    page_title(&page, 0, "First");
    page_title(&page, 2, "Second");
    buffer_u8(&page, 0);
    assert_string_equal((const char *)page.bytes, "First\n\n  Second\n");
    buffer_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_and_text_stand_in_columns),
        cmocka_unit_test(no_line_is_wider_than_the_page),
        cmocka_unit_test(a_word_of_exactly_the_width_fits),
        cmocka_unit_test(titles_have_an_empty_line_before_them),
    };
    return cmocka_run_group_tests(tests, start, end);
}
