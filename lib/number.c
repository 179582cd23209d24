/* Numbers as text. The C library converts, but never sees a decimal point, the only thing that a locale changes: reading hands it
 * "314e-2", writing takes the digits out of "%e" whatever stands between them. */
#include "lib/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_DIGITS = 17,      /* enough for every double */
    NUMBER_SIGNIFICANT = 800 /* halfway points between doubles have at most 767 digits; what follows matters only by not being zero */
};

/* Digits without leading zeros; the value is 0.DIGITS times ten to the power of point. */
struct decimal {
    bool negative;
    int64_t point;
    uint32_t count;
    char digits[NUMBER_SIGNIFICANT + 1];
};

struct cursor {
    const char *at;
    const char *end;
};

static bool is_digit(struct cursor *cursor)
{
    return cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
}

static bool accept(struct cursor *cursor, char one, char other)
{
    if (cursor->at == cursor->end || (*cursor->at != one && *cursor->at != other)) return false;
    cursor->at++;
    return true;
}

static void skip_blanks(struct cursor *cursor)
{
    while (accept(cursor, ' ', '\t')) continue;
}

static void add_digit(struct decimal *decimal, char digit)
{
    if (decimal->count < NUMBER_SIGNIFICANT)
        decimal->digits[decimal->count++] = digit;
    else if (digit != '0')
        decimal->digits[NUMBER_SIGNIFICANT - 1] = '1'; /* stands for all that follow: a place no halfway point reaches */
}

/* false when there is no digit at all. */
static bool read_digits(struct cursor *cursor, struct decimal *decimal)
{
    bool any = false;
    for (; is_digit(cursor); cursor->at++, any = true) {
        if (decimal->count == 0 && *cursor->at == '0') continue;
        add_digit(decimal, *cursor->at);
        decimal->point++;
    }
    if (!accept(cursor, '.', '.')) return any;
    for (; is_digit(cursor); cursor->at++, any = true) {
        if (decimal->count == 0 && *cursor->at == '0')
            decimal->point--;
        else
            add_digit(decimal, *cursor->at);
    }
    return any;
}

static bool read_exponent(struct cursor *cursor, int64_t *exponent)
{
    *exponent = 0;
    if (!accept(cursor, 'e', 'E')) return true;
    bool negative = accept(cursor, '-', '-');
    if (!negative) accept(cursor, '+', '+');
    if (!is_digit(cursor)) return false;
    for (; is_digit(cursor); cursor->at++)
        if (*exponent < INT64_C(1000000000000000)) *exponent = *exponent * 10 + (*cursor->at - '0');
    if (negative) *exponent = -*exponent;
    return true;
}

/* Up to 15 digits times or over a power of ten that is a double itself: one rounding, so it is the right one (Clinger 1990). */
static bool convert_exactly(const struct decimal *decimal, double *value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t exponent = decimal->point - decimal->count;
    if (decimal->count > 15 || exponent < -22 || exponent > 22) return false;
    int64_t integer = 0;
    for (uint32_t i = 0; i < decimal->count; i++) integer = integer * 10 + (decimal->digits[i] - '0');
    *value = exponent < 0 ? (double)integer / powers[-exponent] : (double)integer * powers[exponent];
    return true;
}

/* The value without its sign; infinite when it is too large. */
static double convert(const struct decimal *decimal)
{
    double value;
    if (decimal->count == 0 || decimal->point < -400) return 0.0;
    if (decimal->point > 400) return HUGE_VAL;
    if (convert_exactly(decimal, &value)) return value;
    char text[NUMBER_SIGNIFICANT + NUMBER_TEXT];
    memcpy(text, decimal->digits, decimal->count);
    snprintf(text + decimal->count, NUMBER_TEXT, "e%d", (int)(decimal->point - decimal->count));
    return strtod(text, NULL);
}

bool number_read(const char *text, uint64_t length, double *value)
{
    struct cursor cursor = {text, text + length};
    struct decimal decimal = {.negative = false};
    int64_t exponent;
    skip_blanks(&cursor);
    decimal.negative = accept(&cursor, '-', '-');
    if (!decimal.negative) accept(&cursor, '+', '+');
    if (!read_digits(&cursor, &decimal) || !read_exponent(&cursor, &exponent)) return false;
    skip_blanks(&cursor);
    if (cursor.at != cursor.end) return false;
    decimal.point += exponent;
    double magnitude = convert(&decimal);
    *value = decimal.negative ? -magnitude : magnitude;
    return isfinite(magnitude) != 0;
}

/* The nearest decimal of count digits, trailing zeros taken off. magnitude is finite and not negative. */
static void nearest_decimal(struct decimal *decimal, double magnitude, int count)
{
    char text[64];
    snprintf(text, sizeof text, "%.*e", count - 1, magnitude);
    const char *at = text;
    decimal->count = 0;
    for (; *at != 'e'; at++)
        if (*at >= '0' && *at <= '9') decimal->digits[decimal->count++] = *at;
    decimal->point = strtol(at + 1, NULL, 10) + 1;
    while (decimal->count > 1 && decimal->digits[decimal->count - 1] == '0') decimal->count--;
}

/* The decimal of count digits after the given one, which is not all nines. */
static void next_decimal(struct decimal *decimal, uint32_t count)
{
    while (decimal->count < count) decimal->digits[decimal->count++] = '0';
    while (decimal->digits[decimal->count - 1] == '9') decimal->count--;
    decimal->digits[decimal->count - 1]++;
}

/* The shortest digits that convert back; of those the nearest. Up to 15 digits survive the way through a normal double, so fewer need
 * not be tried. A power of two is nearer to the double below it than to the one above: there the nearest decimal may be too low
 * while the next one converts back. */
static void shortest_decimal(struct decimal *decimal, double magnitude)
{
    int exponent;
    bool power = frexp(magnitude, &exponent) == 0.5;
    for (int count = magnitude < 0x1p-1022 ? 1 : 15; count <= NUMBER_DIGITS; count++) {
        nearest_decimal(decimal, magnitude, count);
        if (convert(decimal) == magnitude) return;
        if (!power || count == 1) continue;
        next_decimal(decimal, (uint32_t)count);
        if (convert(decimal) == magnitude) return;
    }
}

static char *put(char *text, const char *digits, int64_t count)
{
    memcpy(text, digits, (size_t)count);
    return text + count;
}

static char *put_zeros(char *text, int64_t count)
{
    memset(text, '0', (size_t)count);
    return text + count;
}

static void write_with_exponent(char *text, const struct decimal *decimal)
{
    *text++ = decimal->digits[0];
    if (decimal->count > 1) {
        *text++ = '.';
        text = put(text, decimal->digits + 1, decimal->count - 1);
    }
    snprintf(text, 8, "e%+03d", (int)(decimal->point - 1));
}

static void write_plainly(char *text, const struct decimal *decimal)
{
    int64_t count = decimal->count;
    int64_t point = decimal->point;
    if (point <= 0) {
        text = put(text, "0.", 2);
        text = put_zeros(text, -point);
        text = put(text, decimal->digits, count);
    } else if (point >= count) {
        text = put(text, decimal->digits, count);
        text = put_zeros(text, point - count);
    } else {
        text = put(text, decimal->digits, point);
        *text++ = '.';
        text = put(text, decimal->digits + point, count - point);
    }
    *text = 0;
}

void number_write(char *text, double value)
{
    if (isnan(value)) {
        memcpy(text, "nan", 4);
        return;
    }
    if (signbit(value)) *text++ = '-';
    double magnitude = fabs(value);
    if (isinf(magnitude)) {
        memcpy(text, "inf", 4);
        return;
    }
    struct decimal decimal;
    shortest_decimal(&decimal, magnitude);
    if (decimal.point < -3 || decimal.point > 16)
        write_with_exponent(text, &decimal);
    else
        write_plainly(text, &decimal);
}
