/* Numbers to text and back: round trips, shortest text, correct rounding at halfway points, what is no number, and a process whose
 * locale writes a comma. */
#include "tests/support/unit.h"

#include "lib/number.h"
#include "lib/random.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static const struct {
    double value;
    const char *text;
} written[] = {
    {0.0, "0"},
    {-0.0, "-0"},
    {1.0, "1"},
    {-1.0, "-1"},
    {0.1, "0.1"},
    {0.5, "0.5"},
    {1.0 / 3.0, "0.3333333333333333"},
    {2.0 / 3.0, "0.6666666666666666"},
    {0.30000000000000004, "0.30000000000000004"},
    {123456.789, "123456.789"},
    {1e-3, "0.001"},
    {1e-4, "0.0001"},
    {1e-5, "1e-05"},
    {1e-7, "1e-07"},
    {1.5e-7, "1.5e-07"},
    {1e15, "1000000000000000"},
    {9007199254740993.0, "9007199254740992"},
    {1e16, "1e+16"},
    {1.25e17, "1.25e+17"},
    {1e22, "1e+22"},
    {1e23, "1e+23"},
    {1e100, "1e+100"},
    {5e-324, "5e-324"},
    {-5e-324, "-5e-324"},
    {1.5e-323, "1.5e-323"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {2.225073858507201e-308, "2.225073858507201e-308"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {-1.2345678901234568e-300, "-1.2345678901234568e-300"},
    {-0.00012345678901234567, "-0.00012345678901234567"},
    {5e-310, "5e-310"},
    {0x1p-44, "5.684341886080802e-14"}, /* the nearest of 16 digits, ...801, is the neighbour below */
    {0x1p-1017, "7.120236347223045e-307"},
};

static void texts_are_the_shortest(void **state)
{
    (void)state;
    char text[NUMBER_TEXT];
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
        number_write(text, written[i].value);
        assert_string_equal(text, written[i].text);
    }
    number_write(text, NAN);
    assert_string_equal(text, "nan");
    number_write(text, -NAN);
    assert_string_equal(text, "nan");
    number_write(text, INFINITY);
    assert_string_equal(text, "inf");
    number_write(text, -INFINITY);
    assert_string_equal(text, "-inf");
}

static void check_round_trip(double value)
{
    char text[NUMBER_TEXT];
    double back;
    memset(text, 'x', sizeof text);
    number_write(text, value);
    assert_non_null(memchr(text, 0, sizeof text));
    assert_true(number_read(text, strlen(text), &back));
    assert_memory_equal(&back, &value, sizeof value);
}

static void all_kinds_of_doubles_come_back(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {3};
    struct random_stream stream;
    random_stream_init(&stream, key, 0);
    for (int i = 0; i < 100000; i++) {
        double any = from_bits(random_stream_u64(&stream));
        if (isfinite(any)) check_round_trip(any);
        check_round_trip((double)random_stream_below(&stream, 1000000) / 1000.0);
        check_round_trip((double)(int64_t)random_stream_u64(&stream));
    }
    for (uint64_t exponent = 0; exponent < 2047; exponent++) /* every power of two and both of its neighbours */
        for (uint64_t offset = 0; offset < 3; offset++)
            if ((exponent << 52) + offset > 0) check_round_trip(from_bits((exponent << 52) + offset - 1));
    check_round_trip(DBL_MAX);
}

/* No text with fewer digits reads back: every shorter decimal next to the value is tried. */
static void no_shorter_text_comes_back(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {4};
    struct random_stream stream;
    random_stream_init(&stream, key, 0);
    for (int i = 0; i < 20000; i++) {
        double value = fabs(from_bits(random_stream_u64(&stream)));
        if (!isfinite(value) || value < DBL_MIN) continue;
        char text[NUMBER_TEXT], shorter[64];
        number_write(text, value);
        int digits = 0;
        for (const char *at = text; *at != 0 && *at != 'e'; at++) digits += *at >= '0' && *at <= '9';
        if (digits < 2 || strchr(text, 'e') == NULL) continue;
        snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
        double back;
        assert_true(!number_read(shorter, strlen(shorter), &back) || back != value);
    }
}

static void reading_rounds_correctly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"1", 1.0},
        {"+1.50", 1.5},
        {" \t-2e3\t ", -2000.0},
        {".5", 0.5},
        {"5.", 5.0},
        {"0005", 5.0},
        {"1E2", 100.0},
        {"1e+02", 100.0},
        {"-0", -0.0},
        {"0e999999999999999999999", 0.0},
        {"0.000e-5", 0.0},
        {"9007199254740993", 9007199254740992.0}, /* halfway: to even */
        {"9007199254740993.0000000000000000000001", 9007199254740994.0},
        {"9007199254740995", 9007199254740996.0},
        {"1.00000000000000011102230246251565404236316680908203125", 1.0}, /* 1 + 2^-53 exactly */
        {"1.00000000000000011102230246251565404236316680908203126", 1.0 + DBL_EPSILON},
        {"2.4703282292062327208e-324", 0.0}, /* just below half of the smallest */
        {"2.4703282292062327209e-324", 5e-324},
        {"2.2250738585072011e-308", 2.2250738585072011e-308}, /* hung some well-known readers */
        {"1.7976931348623158e308", DBL_MAX},
        {"1e-400", 0.0},
        {"1e-99999999999999999999", 0.0},
        {"8.5e22", 8.5e22},
        {"123456789012345e22", 123456789012345e22},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double value = 12345.0;
        assert_true(number_read(cases[i].text, strlen(cases[i].text), &value));
        assert_memory_equal(&value, &cases[i].value, sizeof value);
    }
}

static void very_long_numbers_are_read(void **state)
{
    (void)state;
    static char text[6000];
    double value;
    /* 2^53 + 1 is a halfway point; only the last of thousands of digits says on which side the number lies */
    memset(text, '0', sizeof text);
    memcpy(text, "9007199254740993.", 17);
    assert_true(number_read(text, sizeof text, &value) && value == 9007199254740992.0);
    text[sizeof text - 1] = '1';
    assert_true(number_read(text, sizeof text, &value) && value == 9007199254740994.0);
    memset(text, '0', sizeof text); /* thousands of zeros that the exponent takes back */
    text[1] = '.';
    memcpy(text + sizeof text - 8, "12e+5992", 8);
    assert_true(number_read(text, sizeof text, &value));
    assert_true(value == 1.2 * 10.0 * 100.0 || value == 1.2 * 10.0);
    memset(text, '9', sizeof text);
    assert_false(number_read(text, sizeof text, &value));
    memcpy(text + sizeof text - 6, "e-5993", 6);
    assert_true(number_read(text, sizeof text, &value) && value == 10.0);
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",      " ",   "+",   "-",        ".",     "e5",   "1e",   "1e+",   "--1",
                                        "+-1",   "1 2", "1,5", "nan",      "inf",   "-inf", "0x10", "0x1p3", "1.2.3",
                                        "1e5.5", "1d5", "1f",  "infinity", "1_000", "- 1",  "1e 5", "\n1",   "NA"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double value = 7.0;
        assert_false(number_read(texts[i], strlen(texts[i]), &value));
        assert_true(value == 7.0);
    }
    const char *large[] = {"1e309", "-1e309", "1.7976931348623159e308", "1e99999999999999999999"};
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        double infinite = 7.0;
        assert_false(number_read(large[i], strlen(large[i]), &infinite));
        assert_true(infinite == (large[i][0] == '-' ? -INFINITY : INFINITY));
    }
    double value;
    assert_false(number_read("1\0002", 3, &value));
    assert_false(number_read("1\0", 2, &value));
}

/* Exactly length bytes are read: the text has no zero byte behind it. */
static void reading_stops_at_its_length(void **state)
{
    (void)state;
    static const char text[] = "12345.678e+12";
    for (size_t length = 0; length < sizeof text; length++) {
        char *exact = malloc(length + 1);
        memcpy(exact, text, length);
        exact[length] = '9';
        double value = -1.0, expected;
        bool complete = length > 0 && length != 10 && length != 11;
        assert_int_equal(number_read(exact, length, &value), complete);
        exact[length] = 0;
        expected = strtod(exact, NULL);
        assert_true(!complete || value == expected);
        free(exact);
    }
}

static void a_comma_locale_changes_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "fr_FR.utf8"};
    setenv("LOCPATH", "build/locale", 1);
    const char *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && found == NULL; i++) found = setlocale(LC_ALL, names[i]);
    unsetenv("LOCPATH");
    /* Neither is such a locale installed nor could the build make one; or, as with musl, the C library writes a point whatever the locale. */
    if (found == NULL || strcmp(localeconv()->decimal_point, ",") != 0) {
        setlocale(LC_ALL, "C");
        skip();
    }
    texts_are_the_shortest(state);
    reading_rounds_correctly(state);
    what_is_no_number_is_refused(state);
    for (int i = -300; i < 300; i++) check_round_trip(1.2345678 * pow(10.0, i));
    setlocale(LC_ALL, "C");
}

static int start(void **state)
{
    (void)state;
    return sodium_init() < 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_the_shortest),      cmocka_unit_test(all_kinds_of_doubles_come_back),
        cmocka_unit_test(no_shorter_text_comes_back),  cmocka_unit_test(reading_rounds_correctly),
        cmocka_unit_test(very_long_numbers_are_read),  cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(reading_stops_at_its_length), cmocka_unit_test(a_comma_locale_changes_nothing),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
