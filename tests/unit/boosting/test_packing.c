/* Packing: sums of packed rows come back exactly, at the limits of every width, and impossible sums are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/boosting/packing.h"

enum { WORDS = 40 };

/* words += other, as the encryption adds plaintexts. */
static void add(uint64_t *words, const uint64_t *other, uint32_t count)
{
    unsigned carry = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t sum = words[i] + other[i];
        unsigned over = sum < words[i];
        words[i] = sum + carry;
        carry = over | (words[i] < sum);
    }
}

/* words |= pair << bits */
static void place(uint64_t *words, const uint64_t *pair, uint32_t pair_words, uint32_t bits)
{
    for (uint32_t i = 0; i < pair_words * 64; i++) {
        uint64_t bit = (pair[i / 64] >> (i % 64)) & 1;
        words[(bits + i) / 64] |= bit << ((bits + i) % 64);
    }
}

static void widths_hold_the_largest_sums(void **state)
{
    (void)state;
    struct packing packing;
    const uint64_t rows[] = {1, 2, 3, 255, 256, 1000};
    const uint32_t bits[] = {1, 20, 32, 50};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        for (size_t b = 0; b < sizeof bits / sizeof *bits; b++) {
            assert_true(packing_make(&packing, bits[b], rows[r], 2047));
            int64_t most_g = (INT64_C(1) << (bits[b] - 1)) - 1, most_h = (INT64_C(1) << bits[b]) - 1;
            for (int sign = -1; sign <= 1; sign++) {
                uint64_t sum[WORDS] = {0}, row[WORDS] = {0};
                assert_true(packing_write(&packing, sign * most_g, most_h, row));
                for (uint64_t i = 0; i < rows[r]; i++) {
                    add(sum, row, packing.pair_words);
                }
                uint64_t packed[WORDS] = {0};
                for (uint32_t p = 0; p < packing.pairs; p++) {
                    place(packed, sum, packing.pair_words, p * packing.pair_bits);
                }
                uint32_t counts[2048];
                int64_t g[2048], h[2048];
                for (uint32_t p = 0; p < packing.pairs; p++) {
                    counts[p] = (uint32_t)rows[r];
                }
                assert_true(packing_read(&packing, packed, packing.pairs, counts, g, h));
                for (uint32_t p = 0; p < packing.pairs; p++) {
                    assert_int_equal(g[p], sign * most_g * (int64_t)rows[r]);
                    assert_int_equal(h[p], most_h * (int64_t)rows[r]);
                }
            }
        }
    }
}

static void widths_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct packing packing;
    assert_true(packing_make(&packing, 30, UINT32_MAX, 2047));
    assert_int_equal(packing.sum_bits, 62);
    assert_false(packing_make(&packing, 31, UINT32_MAX, 2047));
    assert_false(packing_make(&packing, 62, 1, 2047));
    assert_false(packing_make(&packing, 0, 1, 2047));
    assert_false(packing_make(&packing, UINT32_MAX, 1, 2047));
    assert_false(packing_make(&packing, 30, 1000, 79));
    assert_true(packing_make(&packing, 30, 1000, 80));
    assert_int_equal(packing.pairs, 1);
}

static void rows_outside_their_bounds_are_refused(void **state)
{
    (void)state;
    struct packing packing;
    uint64_t words[WORDS];
    assert_true(packing_make(&packing, 10, 100, 255));
    assert_true(packing_write(&packing, 511, 1023, words));
    assert_true(packing_write(&packing, -511, 0, words));
    assert_false(packing_write(&packing, 512, 0, words));
    assert_false(packing_write(&packing, -512, 0, words));
    assert_false(packing_write(&packing, 0, 1024, words));
    assert_false(packing_write(&packing, 0, -1, words));
}

static void impossible_sums_are_refused(void **state)
{
    (void)state;
    struct packing packing;
    assert_true(packing_make(&packing, 10, 100, 255));
    uint64_t words[WORDS] = {0};
    int64_t g[16], h[16];
    uint32_t counts[16] = {1};
    assert_true(packing_write(&packing, 511, 1023, words));
    assert_true(packing_read(&packing, words, 1, counts, g, h));
    counts[0] = 0; /* an empty bin holds nothing */
    assert_false(packing_read(&packing, words, 1, counts, g, h));
    counts[0] = 128; /* more rows than the widths were made for */
    assert_false(packing_read(&packing, words, 1, counts, g, h));
    counts[0] = 1;
    words[0] += 1; /* g above its bound */
    assert_false(packing_read(&packing, words, 1, counts, g, h));
    assert_true(packing_write(&packing, -511, 0, words));
    assert_true(packing_read(&packing, words, 1, counts, g, h));
    words[0] -= 1; /* g below its bound */
    assert_false(packing_read(&packing, words, 1, counts, g, h));
    assert_true(packing_write(&packing, 0, 0, words));
    for (uint32_t bit = packing.pair_bits; bit < packing.plaintext_words * 64; bit++) {
        uint64_t altered[WORDS];
        memcpy(altered, words, sizeof altered);
        for (uint32_t i = packing.pair_words; i < WORDS; i++) {
            altered[i] = 0;
        }
        altered[bit / 64] |= UINT64_C(1) << (bit % 64);
        assert_false(packing_read(&packing, altered, 1, counts, g, h));
    }
    assert_false(packing_read(&packing, words, packing.pairs + 1, counts, g, h));
}

static void ciphertexts_are_counted(void **state)
{
    (void)state;
    struct packing packing;
    assert_true(packing_make(&packing, 30, 1000, 2047));
    assert_int_equal(packing.pairs, 25);
    assert_int_equal(packing_ciphertexts(&packing, 0), 0);
    assert_int_equal(packing_ciphertexts(&packing, 1), 1);
    assert_int_equal(packing_ciphertexts(&packing, 25), 1);
    assert_int_equal(packing_ciphertexts(&packing, 26), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_hold_the_largest_sums),
        cmocka_unit_test(widths_that_do_not_fit_are_refused),
        cmocka_unit_test(rows_outside_their_bounds_are_refused),
        cmocka_unit_test(impossible_sums_are_refused),
        cmocka_unit_test(ciphertexts_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
