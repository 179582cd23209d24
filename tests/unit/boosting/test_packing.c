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

static bool write_one(const struct packing *packing, int64_t g, int64_t h, uint64_t *words)
{
    const struct gradient_pair pair = {(int32_t)g, (int32_t)h};
    return packing_write(packing, &pair, words);
}

static void widths_hold_the_largest_sums(void **state)
{
    (void)state;
    struct packing packing;
    const uint64_t rows[] = {1, 2, 3, 255, 256, 1000};
    const uint32_t bits[] = {1, 12, 20, 31};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        for (size_t b = 0; b < sizeof bits / sizeof *bits; b++) {
            assert_true(packing_make(&packing, bits[b], 1, rows[r], 2047));
            int64_t most_g = (INT64_C(1) << (bits[b] - 1)) - 1, most_h = (INT64_C(1) << bits[b]) - 1;
            for (int sign = -1; sign <= 1; sign++) {
                uint64_t sum[WORDS] = {0}, row[WORDS] = {0};
                assert_true(write_one(&packing, sign * most_g, most_h, row));
                for (uint64_t i = 0; i < rows[r]; i++) {
                    add(sum, row, packing.pair_words);
                }
                uint64_t packed[WORDS] = {0};
                for (uint32_t p = 0; p < packing.pairs; p++) {
                    place(packed, sum, packing.pair_words, p * packing.pair_bits);
                }
                uint32_t counts[2048];
                struct bin_sum sums[2048];
                for (uint32_t p = 0; p < packing.pairs; p++) {
                    counts[p] = (uint32_t)rows[r];
                }
                assert_true(packing_read(&packing, packed, packing.pairs, counts, sums));
                for (uint32_t p = 0; p < packing.pairs; p++) {
                    assert_int_equal(sums[p].gradient, sign * most_g * (int64_t)rows[r]);
                    assert_int_equal(sums[p].hessian, most_h * (int64_t)rows[r]);
                }
            }
        }
    }
}

static void widths_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct packing packing;
    assert_true(packing_make(&packing, 30, 1, UINT32_MAX, 2047));
    assert_int_equal(packing.sum_bits, 62);
    assert_false(packing_make(&packing, 31, 1, UINT32_MAX, 2047));
    assert_false(packing_make(&packing, 62, 1, 1, 2047));
    assert_false(packing_make(&packing, 0, 1, 1, 2047));
    assert_false(packing_make(&packing, UINT32_MAX, 1, 1, 2047));
    assert_false(packing_make(&packing, 30, 1, 1000, 79));
    assert_true(packing_make(&packing, 30, 1, 1000, 80));
    assert_int_equal(packing.pairs, 1);
}

/* As many bins, columns and nodes as a level can have: the count of ciphertexts is exact, and no width or number of words runs over. */
static void the_most_cells_of_a_level(void **state)
{
    (void)state;
    struct packing packing;
    const uint64_t most_bins = 65535, most_columns = 65535, most_nodes = UINT64_C(1) << 15;
    assert_true(packing_make(&packing, 20, 1, UINT32_MAX, 2047));
    assert_int_equal(packing.pair_bits, 104);
    assert_int_equal(packing.pairs, 19);
    assert_int_equal(packing_ciphertexts(&packing, most_bins), 3450);
    assert_int_equal(packing_ciphertexts(&packing, most_bins - 1), 3450);
    assert_int_equal(packing_ciphertexts(&packing, 19 * 3449), 3449);
    uint64_t cells = most_bins * most_columns * most_nodes, count = packing_ciphertexts(&packing, cells);
    assert_true(count * packing.pairs >= cells && (count - 1) * packing.pairs < cells);
    assert_true(packing_make(&packing, 20, 19, UINT32_MAX, 2047)); /* one row's outputs fill the plaintext */
    assert_int_equal(packing.pairs, 1);
    assert_int_equal(packing.row_ciphertexts, 1);
    assert_int_equal(packing_ciphertexts(&packing, most_bins), most_bins);
    assert_false(packing_make(&packing, 20, 20, UINT32_MAX, 2047)); /* two a row: too many to be numbered */
    assert_true(packing_make(&packing, 20, 21, UINT32_MAX / 2, 2047));
    assert_int_equal(packing.row_ciphertexts, 2);
    assert_int_equal(packing.part_outputs, 11);
    assert_int_equal(packing.pairs, 1);
    assert_int_equal(packing_ciphertexts(&packing, most_bins), 2 * most_bins);
    assert_false(packing_make(&packing, 20, 21, UINT32_MAX / 2 + 1, 2047));
}

static void rows_outside_their_bounds_are_refused(void **state)
{
    (void)state;
    struct packing packing;
    uint64_t words[WORDS];
    assert_true(packing_make(&packing, 10, 1, 100, 255));
    assert_true(write_one(&packing, 511, 1023, words));
    assert_true(write_one(&packing, -511, 0, words));
    assert_false(write_one(&packing, 512, 0, words));
    assert_false(write_one(&packing, -512, 0, words));
    assert_false(write_one(&packing, 0, 1024, words));
    assert_false(write_one(&packing, 0, -1, words));
}

static void impossible_sums_are_refused(void **state)
{
    (void)state;
    struct packing packing;
    assert_true(packing_make(&packing, 10, 1, 100, 255));
    uint64_t words[WORDS] = {0};
    struct bin_sum sums[16];
    uint32_t counts[16] = {1};
    assert_true(write_one(&packing, 511, 1023, words));
    assert_true(packing_read(&packing, words, 1, counts, sums));
    counts[0] = 0; /* an empty bin holds nothing */
    assert_false(packing_read(&packing, words, 1, counts, sums));
    counts[0] = 128; /* more rows than the widths were made for */
    assert_false(packing_read(&packing, words, 1, counts, sums));
    counts[0] = 1;
    words[0] += 1; /* g above its bound */
    assert_false(packing_read(&packing, words, 1, counts, sums));
    assert_true(write_one(&packing, -511, 0, words));
    assert_true(packing_read(&packing, words, 1, counts, sums));
    words[0] -= 1; /* g below its bound */
    assert_false(packing_read(&packing, words, 1, counts, sums));
    assert_true(write_one(&packing, 0, 0, words));
    for (uint32_t bit = packing.pair_bits; bit < packing.plaintext_words * 64; bit++) {
        uint64_t altered[WORDS];
        memcpy(altered, words, sizeof altered);
        for (uint32_t i = packing.pair_words; i < WORDS; i++) {
            altered[i] = 0;
        }
        altered[bit / 64] |= UINT64_C(1) << (bit % 64);
        assert_false(packing_read(&packing, altered, 1, counts, sums));
    }
    assert_false(packing_read(&packing, words, packing.pairs + 1, counts, sums));
}

/* Several outputs: a row's pairs side by side; sums of rows and of packed cells come back, output by output. */
static void several_outputs(void **state)
{
    (void)state;
    enum { OUTPUTS = 5, ROWS_OF_A_CELL = 3, CELLS = 2 };
    struct packing packing;
    uint64_t packed[WORDS] = {0};
    const uint32_t counts[CELLS] = {ROWS_OF_A_CELL, ROWS_OF_A_CELL};
    struct bin_sum expected[CELLS * OUTPUTS] = {{0, 0, 0}}, sums[CELLS * OUTPUTS];
    assert_true(packing_make(&packing, 20, OUTPUTS, 100, 1023));
    assert_int_equal(packing.pair_bits, OUTPUTS * 2 * 27);
    assert_int_equal(packing.pairs, 3);
    for (uint32_t cell = 0; cell < CELLS; cell++) {
        uint64_t sum[WORDS] = {0};
        for (uint32_t row = 0; row < ROWS_OF_A_CELL; row++) {
            struct gradient_pair pairs[OUTPUTS];
            uint64_t words[WORDS] = {0};
            for (uint32_t i = 0; i < OUTPUTS; i++) {
                pairs[i] = (struct gradient_pair){(int32_t)(i * 1000 + row * 77 + cell) * (row % 2 ? 1 : -100), (int32_t)(row * 99999 + i)};
                expected[cell * OUTPUTS + i].gradient += pairs[i].gradient;
                expected[cell * OUTPUTS + i].hessian += pairs[i].hessian;
                expected[cell * OUTPUTS + i].count++;
            }
            assert_true(packing_write(&packing, pairs, words));
            add(sum, words, packing.pair_words);
        }
        place(packed, sum, packing.pair_words, cell * packing.pair_bits);
    }
    assert_true(packing_read(&packing, packed, CELLS, counts, sums));
    assert_memory_equal(sums, expected, sizeof sums);
    assert_false(packing_read(&packing, packed, 1, counts, sums));
    const struct gradient_pair outside[OUTPUTS] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}, {1 << 19, 0}};
    assert_false(packing_write(&packing, outside, packed));
    assert_false(packing_make(&packing, 20, OUTPUTS, 100, 2 * 27 - 1));
    assert_false(packing_make(&packing, 20, 0, 100, 1023));
    assert_false(packing_make(&packing, 20, UINT32_MAX, 100, 1023));
}

/* Outputs that do not fit one plaintext: the sums of each part come back, and an alteration of any bit above a part's pairs is refused. */
static void several_ciphertexts(void **state)
{
    (void)state;
    enum { OUTPUTS = 7, ROOM = 3 };
    struct packing packing;
    uint64_t sum[3][WORDS] = {{0}}, row[3 * WORDS], words[3 * WORDS] = {0};
    const uint32_t count = 4;
    struct bin_sum sums[OUTPUTS], expected[OUTPUTS] = {{0, 0, 0}};
    assert_true(packing_make(&packing, 20, OUTPUTS, 100, ROOM * 2 * 27 + 1));
    assert_int_equal(packing.row_ciphertexts, 3);
    assert_int_equal(packing.part_outputs, 3);
    assert_int_equal(packing.pairs, 1);
    for (uint32_t r = 0; r < count; r++) {
        struct gradient_pair pairs[OUTPUTS];
        for (uint32_t i = 0; i < OUTPUTS; i++) {
            pairs[i] = (struct gradient_pair){(int32_t)(i * 70001 + r) * (r % 2 ? 1 : -1), (int32_t)(r * 99999 + 31 * i)};
            expected[i].gradient += pairs[i].gradient;
            expected[i].hessian += pairs[i].hessian;
            expected[i].count++;
        }
        assert_true(packing_write(&packing, pairs, row));
        for (uint32_t part = 0; part < 3; part++) {
            add(sum[part], row + part * packing.pair_words, packing.pair_words);
        }
    }
    for (uint32_t part = 0; part < 3; part++) {
        memcpy(words + part * packing.plaintext_words, sum[part], packing.plaintext_words * sizeof *words);
    }
    assert_true(packing_read(&packing, words, 1, &count, sums));
    assert_memory_equal(sums, expected, sizeof sums);
    for (uint32_t part = 0; part < 3; part++) {
        uint32_t used = (part < 2 ? 3U : 1U) * 2 * packing.sum_bits;
        for (uint32_t bit = used; bit < packing.plaintext_words * 64; bit++) {
            uint64_t *word = &words[part * packing.plaintext_words + bit / 64];
            *word ^= UINT64_C(1) << bit % 64;
            assert_false(packing_read(&packing, words, 1, &count, sums));
            *word ^= UINT64_C(1) << bit % 64;
        }
    }
    assert_false(packing_read(&packing, words, 2, (const uint32_t[]){4, 4}, sums));
}

static void ciphertexts_are_counted(void **state)
{
    (void)state;
    struct packing packing;
    assert_true(packing_make(&packing, 30, 1, 1000, 2047));
    assert_int_equal(packing.pairs, 25);
    assert_int_equal(packing_ciphertexts(&packing, 0), 0);
    assert_int_equal(packing_ciphertexts(&packing, 1), 1);
    assert_int_equal(packing_ciphertexts(&packing, 25), 1);
    assert_int_equal(packing_ciphertexts(&packing, 26), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_hold_the_largest_sums), cmocka_unit_test(widths_that_do_not_fit_are_refused),
        cmocka_unit_test(the_most_cells_of_a_level),    cmocka_unit_test(rows_outside_their_bounds_are_refused),
        cmocka_unit_test(impossible_sums_are_refused),  cmocka_unit_test(several_outputs),
        cmocka_unit_test(several_ciphertexts),          cmocka_unit_test(ciphertexts_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
