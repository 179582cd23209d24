/* Cuts of sorted numbers: worked examples of the rule, and what must hold on random columns. */
#include "tests/support/data.h"

#include "src/data/binning_cuts.h"
#include "src/data/order.h"

enum { MOST_ROWS = 400 };

/* values ascending; the rows of the bins that come out, up to 0. */
static void expect(const double *values, uint32_t count, uint32_t most, uint64_t smallest, const uint64_t *rows)
{
    uint64_t keys[MOST_ROWS];
    struct binning_cuts cuts;
    uint32_t bin = 0;
    for (uint32_t i = 0; i < count; i++) keys[i] = order_key(values[i]);
    assert_true(binning_cut(context, &cuts, keys, count, most, smallest));
    for (; rows[bin]; bin++) {
        assert_true(bin < cuts.count);
        assert_int_equal(cuts.rows[bin], rows[bin]);
    }
    assert_int_equal(cuts.count, bin);
    binning_cuts_free(&cuts);
}

static void worked_examples(void **state)
{
    (void)state;
    static const double ten[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    static const double heavy_middle[] = {1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 5, 6, 7, 8, 9};
    static const double heavy_ends[] = {1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 6, 6};
    expect(ten, 10, 10, 1, (const uint64_t[]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0});
    expect(ten, 10, 65535, 0, (const uint64_t[]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0});
    expect(ten, 10, 5, 1, (const uint64_t[]){2, 2, 2, 2, 2, 0});
    expect(ten, 10, 3, 1, (const uint64_t[]){3, 4, 3, 0});    /* 10/3: 3 is nearest; then 7/2: the fuller of 3 and 4 */
    expect(ten, 10, 4, 1, (const uint64_t[]){3, 2, 3, 2, 0}); /* 10/4, 7/3, 5/2, 2 */
    expect(ten, 10, 1, 1, (const uint64_t[]){10, 0});
    /* smallest: 2+2+2 from below, then what is left joins the last */
    expect(ten, 10, 5, 3, (const uint64_t[]){4, 6, 0});
    expect(ten, 10, 5, 11, (const uint64_t[]){10, 0});
    expect(ten, 1, 5, 3, (const uint64_t[]){1, 0});
    /* a value with n/k rows stands alone, and the others share what remains */
    expect(heavy_middle, 16, 3, 1, (const uint64_t[]){4, 8, 4, 0});
    expect(heavy_middle, 16, 5, 1, (const uint64_t[]){2, 2, 8, 2, 2, 0});
    expect(heavy_ends, 12, 3, 1, (const uint64_t[]){4, 4, 4, 0});
    /* without a bin for them, values join the next heavy one, or the last bin */
    expect(heavy_middle, 16, 2, 1, (const uint64_t[]){4, 12, 0});
}

static void no_values_are_one_bin(void **state)
{
    (void)state;
    struct binning_cuts cuts;
    assert_true(binning_cut(context, &cuts, NULL, 0, 7, 5));
    assert_int_equal(cuts.count, 1);
    assert_int_equal(cuts.rows[0], 0);
    binning_cuts_free(&cuts);
}

/* Rows of random values with random ties, some very frequent. */
static uint32_t random_keys(uint64_t *chance, uint64_t *keys)
{
    uint32_t count = 1 + data_below(chance, MOST_ROWS), distinct = 1 + data_below(chance, count), heavy = data_below(chance, 4);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t value = data_below(chance, distinct);
        if (heavy && data_below(chance, 3) == 0) value = data_below(chance, heavy) * distinct / heavy;
        keys[i] = order_key((double)value - 3);
    }
    assert_true(order_keys(context, keys, count));
    return count;
}

static void check(const struct binning_cuts *cuts, const uint64_t *keys, uint32_t count, uint32_t most, uint64_t smallest)
{
    uint64_t at = 0, distinct = 1;
    assert_true(cuts->count >= 1 && cuts->count <= most);
    for (uint32_t bin = 0; bin < cuts->count; bin++) {
        assert_true(cuts->rows[bin] > 0);
        assert_true(cuts->count == 1 || cuts->rows[bin] >= smallest);
        assert_true(order_value(keys[at]) == cuts->first[bin]); /* so ties are not split: the first of a bin is a new value */
        at += cuts->rows[bin];
        assert_true(order_value(keys[at - 1]) == cuts->last[bin]);
        assert_true(bin == 0 || cuts->last[bin - 1] < cuts->first[bin]);
    }
    assert_int_equal(at, count);
    for (uint32_t i = 1; i < count; i++) distinct += keys[i] != keys[i - 1];
    if (smallest <= 1 && distinct <= most) assert_int_equal(cuts->count, distinct);
}

static void what_holds_on_random_columns(void **state)
{
    (void)state;
    uint64_t chance = 21, keys[MOST_ROWS];
    for (uint32_t round = 0; round < 20000; round++) {
        struct binning_cuts cuts;
        uint32_t count = random_keys(&chance, keys), most = 1 + data_below(&chance, 40);
        uint64_t smallest = data_below(&chance, 2) ? data_below(&chance, 12) : 0;
        assert_true(binning_cut(context, &cuts, keys, count, most, smallest));
        check(&cuts, keys, count, most, smallest);
        binning_cuts_free(&cuts);
    }
}

/* Without ties, bins differ by at most one row: as good as quantiles can be. */
static void without_ties_bins_are_even(void **state)
{
    (void)state;
    uint64_t keys[MOST_ROWS];
    for (uint32_t count = 1; count <= MOST_ROWS; count++) {
        keys[count - 1] = order_key(count);
        for (uint32_t most = 1; most <= 64; most++) {
            struct binning_cuts cuts;
            assert_true(binning_cut(context, &cuts, keys, count, most, 0));
            assert_int_equal(cuts.count, count < most ? count : most);
            for (uint32_t bin = 0; bin < cuts.count; bin++)
                assert_true(cuts.rows[bin] >= count / cuts.count && cuts.rows[bin] <= (count + cuts.count - 1) / cuts.count);
            binning_cuts_free(&cuts);
        }
    }
}

static int32_t cut_once(void)
{
    struct binning_cuts cuts;
    const uint64_t keys[] = {1, 2, 3};
    if (!binning_cut(context, &cuts, keys, 3, 2, 0)) return FATE_E_MEMORY;
    binning_cuts_free(&cuts);
    return FATE_OK;
}

static void failing_allocations(void **state)
{
    (void)state;
    data_fail_allocations(cut_once);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_examples),
        cmocka_unit_test(no_values_are_one_bin),
        cmocka_unit_test(what_holds_on_random_columns),
        cmocka_unit_test(without_ties_bins_are_even),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
