/* How a column's values become bins: what numbers and categories have in common, and the assignment. */
#include "src/data/binning.h"
#include "src/data/binning_cuts.h"
#include "src/data/order.h"
#include "src/data/quote.h"
#include <math.h>
#include <string.h>

void binning_free(struct column_bins *bins)
{
    if (!bins || !bins->context) return;
    memory_free(bins->context, bins->upper);
    for (uint32_t i = 0; i < bins->category_count && bins->categories; i++) memory_free(bins->context, bins->categories[i]);
    memory_free(bins->context, bins->categories);
    memory_free(bins->context, bins->category_bin);
    memset(bins, 0, sizeof *bins);
}

/* Between a < b: x <= threshold for a, and not for b. */
static double threshold(double a, double b)
{
    double middle = 0.5 * a + 0.5 * b; /* halves first: the sum of two large ones would be infinite */
    return middle >= a && middle < b ? middle : a;
}

/* The keys of the values that are not missing, ascending, and their number; NULL: out of memory. */
static uint64_t *sorted_keys(fate_context *context, const fate_table *table, uint32_t column, uint64_t *count)
{
    const double *values = fate_table_numbers(table, column);
    uint64_t *keys = memory_allocate(context, fate_table_rows(table), sizeof *keys);
    *count = 0;
    if (!keys) return NULL;
    for (uint64_t row = 0; row < fate_table_rows(table); row++)
        if (!isnan(values[row])) keys[(*count)++] = order_key(values[row]);
    if (!order_keys(context, keys, *count)) {
        memory_free(context, keys);
        return NULL;
    }
    return keys;
}

/* Decides on the bin of missing values, once there are value bins of these numbers of rows. */
static void place_missing(struct column_bins *bins, const uint64_t *rows, bool own)
{
    uint32_t fullest = 0;
    for (uint32_t bin = 1; bin < bins->value_bins; bin++)
        if (rows[bin] > rows[fullest]) fullest = bin;
    bins->missing_bin = own ? bins->value_bins : fullest;
    bins->bins = bins->value_bins + own;
}

/* Whether missing values have a bin of their own. */
static bool missing_alone(uint64_t values, uint64_t missing, uint64_t smallest)
{
    return missing > 0 && missing >= smallest && values > 0 && values >= smallest;
}

static bool make_numbers(struct column_bins *bins, const fate_table *table, uint32_t column, uint32_t most_bins, uint64_t smallest)
{
    struct binning_cuts cuts;
    uint64_t count;
    uint64_t *keys = sorted_keys(bins->context, table, column, &count);
    if (!keys) return false;
    bool own = missing_alone(count, fate_table_rows(table) - count, smallest);
    bool done = binning_cut(bins->context, &cuts, keys, count, most_bins - own, smallest);
    memory_free(bins->context, keys);
    if (!done) return false;
    bins->upper = memory_allocate(bins->context, cuts.count - 1, sizeof *bins->upper);
    if (bins->upper) {
        for (uint32_t bin = 0; bin + 1 < cuts.count; bin++) bins->upper[bin] = threshold(cuts.last[bin], cuts.first[bin + 1]);
        bins->value_bins = cuts.count;
        place_missing(bins, cuts.rows, own);
    }
    binning_cuts_free(&cuts);
    return bins->upper != NULL;
}

/* Categories by falling number of rows; those equally full are in bytewise order already. */
static int32_t compare_rows(const void *argument, uint32_t left, uint32_t right)
{
    const uint64_t *rows = argument;
    return rows[left] > rows[right] ? -1 : rows[left] < rows[right];
}

/* How many categories, from the fullest on, have a bin of their own. */
static uint32_t count_alone(const uint64_t *rows, const uint32_t *order, uint32_t seen, uint32_t most, uint64_t smallest)
{
    uint32_t alone = 0;
    while (alone < seen && alone < most && rows[order[alone]] >= smallest) alone++;
    return alone < seen && alone == most ? alone - 1 : alone;
}

/* Numbers the bins of categories; bin_rows, with room for most bins, receives the rows of each. */
static void number_bins(struct column_bins *bins, uint32_t *bin_of, uint64_t *bin_rows, const uint64_t *rows, const uint32_t *order,
                        uint32_t categories, uint32_t alone, uint64_t smallest)
{
    uint64_t other_rows = 0;
    uint32_t bin = 0;
    for (uint32_t i = 0; i < categories; i++) bin_of[i] = UINT32_MAX;
    for (uint32_t i = 0; i < alone; i++) bin_of[order[i]] = 0;
    for (uint32_t i = 0; i < categories; i++) {
        if (bin_of[i] == UINT32_MAX) {
            other_rows += rows[i];
            continue;
        }
        bin_rows[bin] = rows[i];
        bin_of[i] = bin++;
    }
    bool own_other = other_rows > 0 && (other_rows >= smallest || alone == 0);
    if (own_other || bin == 0) bin_rows[bin++] = other_rows;
    bins->value_bins = bin;
    uint32_t other = own_other ? bin - 1 : alone > 0 ? bin_of[order[0]] : 0;
    if (!own_other) bin_rows[other] += other_rows;
    for (uint32_t i = 0; i < categories; i++)
        if (bin_of[i] == UINT32_MAX) bin_of[i] = other;
    bins->other_bin = other_rows > 0 ? other : UINT32_MAX; /* UINT32_MAX: that of missing values */
}

/* The names of the categories that occur, and their bins. */
static bool keep_names(struct column_bins *bins, const fate_table *table, uint32_t column, const uint32_t *bin_of, const uint64_t *rows,
                       uint32_t seen)
{
    bins->categories = memory_zeroed(bins->context, seen, sizeof *bins->categories);
    bins->category_bin = memory_allocate(bins->context, seen, sizeof *bins->category_bin);
    if (!bins->categories || !bins->category_bin) return false;
    for (uint32_t i = 0; bins->category_count < seen; i++) {
        if (rows[i] == 0) continue;
        bins->categories[bins->category_count] = memory_text(bins->context, fate_table_category(table, column, i));
        if (!bins->categories[bins->category_count]) return false;
        bins->category_bin[bins->category_count++] = bin_of[i];
    }
    return true;
}

/* The rows of each category, and the number of categories that occur and of rows that have one. */
static void count_categories(const fate_table *table, uint32_t column, uint64_t *rows, uint32_t *seen, uint64_t *values)
{
    const uint32_t *codes = fate_table_codes(table, column);
    for (uint64_t row = 0; row < fate_table_rows(table); row++) {
        if (codes[row] == UINT32_MAX) continue;
        *seen += rows[codes[row]]++ == 0;
        (*values)++;
    }
}

static bool make_categories(struct column_bins *bins, const fate_table *table, uint32_t column, uint32_t most_bins, uint64_t smallest)
{
    uint32_t count = fate_table_category_count(table, column), seen = 0;
    uint64_t values = 0;
    uint64_t *rows = memory_zeroed(bins->context, count, sizeof *rows);
    uint64_t *bin_rows = memory_zeroed(bins->context, most_bins, sizeof *bin_rows);
    uint32_t *bin_of = memory_allocate(bins->context, count, sizeof *bin_of);
    uint32_t *order = NULL;
    if (rows && bin_rows && bin_of) {
        count_categories(table, column, rows, &seen, &values);
        order = order_new(bins->context, count, compare_rows, rows);
    }
    bool done = order != NULL;
    if (done) {
        bool own = missing_alone(values, fate_table_rows(table) - values, smallest);
        uint32_t alone = count_alone(rows, order, seen, most_bins - own, smallest);
        number_bins(bins, bin_of, bin_rows, rows, order, count, alone, smallest);
        place_missing(bins, bin_rows, own);
        if (bins->other_bin == UINT32_MAX) bins->other_bin = bins->missing_bin;
        done = keep_names(bins, table, column, bin_of, rows, seen);
    }
    memory_free(bins->context, rows);
    memory_free(bins->context, bin_rows);
    memory_free(bins->context, bin_of);
    memory_free(bins->context, order);
    return done;
}

int32_t binning_make(fate_context *context, struct column_bins *bins, const fate_table *table, uint32_t column, uint32_t most_bins,
                     uint64_t smallest)
{
    memset(bins, 0, sizeof *bins);
    if (most_bins < 2 || most_bins > 65535 || column >= fate_table_columns(table))
        return context_fail(context, FATE_E_ARGUMENT, "column %u of %u cannot be binned into %u bins; 2 to 65535 bins are possible", column,
                            fate_table_columns(table), most_bins);
    bins->context = context;
    bins->kind = fate_table_column_kind(table, column);
    bool done = bins->kind == FATE_COLUMN_NUMBER ? make_numbers(bins, table, column, most_bins, smallest)
                                                 : make_categories(bins, table, column, most_bins, smallest);
    if (done) return FATE_OK;
    binning_free(bins);
    return context_out_of_memory(context);
}

/* The first bin whose threshold is not below value. */
static uint32_t find_bin(const struct column_bins *bins, double value)
{
    uint32_t first = 0, count = bins->value_bins - 1;
    while (count > 0) {
        uint32_t half = count / 2;
        bool above = bins->upper[first + half] < value;
        first = above ? first + half + 1 : first;
        count = above ? count - half - 1 : half;
    }
    return first;
}

static uint32_t find_category(const struct column_bins *bins, const char *category)
{
    uint32_t first = 0, count = bins->category_count;
    while (count > 0) {
        uint32_t half = count / 2;
        int order = strcmp(bins->categories[first + half], category);
        if (order == 0) return bins->category_bin[first + half];
        first = order < 0 ? first + half + 1 : first;
        count = order < 0 ? count - half - 1 : half;
    }
    return bins->other_bin;
}

static int32_t assign_categories(const struct column_bins *bins, const fate_table *table, uint32_t column, uint16_t *out)
{
    uint32_t count = fate_table_category_count(table, column);
    const uint32_t *codes = fate_table_codes(table, column);
    uint16_t *bin_of = memory_allocate(bins->context, count, sizeof *bin_of);
    if (!bin_of) return context_out_of_memory(bins->context);
    for (uint32_t i = 0; i < count; i++) bin_of[i] = (uint16_t)find_category(bins, fate_table_category(table, column, i));
    for (uint64_t row = 0; row < fate_table_rows(table); row++)
        out[row] = codes[row] == UINT32_MAX ? (uint16_t)bins->missing_bin : bin_of[codes[row]];
    memory_free(bins->context, bin_of);
    return FATE_OK;
}

int32_t binning_assign(const struct column_bins *bins, const fate_table *table, uint32_t column, uint16_t *out)
{
    char name[QUOTE_TEXT];
    int32_t kind = fate_table_column_kind(table, column);
    if (kind != bins->kind) {
        const char *here = kind == FATE_COLUMN_NUMBER ? "numbers" : kind == FATE_COLUMN_CATEGORY ? "categories" : "nothing";
        const char *there = bins->kind == FATE_COLUMN_NUMBER ? "numbers" : "categories";
        return context_fail(bins->context, FATE_E_TABLE,
                            "column %s holds %s, but held %s in the table that the bins were made from; read both with the same "
                            "\"categorical\" list",
                            quote_text(name, fate_table_column_name(table, column)), here, there);
    }
    if (kind == FATE_COLUMN_CATEGORY) return assign_categories(bins, table, column, out);
    const double *values = fate_table_numbers(table, column);
    for (uint64_t row = 0; row < fate_table_rows(table); row++)
        out[row] = (uint16_t)(isnan(values[row]) ? bins->missing_bin : find_bin(bins, values[row]));
    return FATE_OK;
}
