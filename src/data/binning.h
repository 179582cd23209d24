/* Binning: a column's values become small numbers, by exact unweighted quantiles or by category. */
#ifndef SRC_DATA_BINNING_H
#define SRC_DATA_BINNING_H

#include <fate/table.h>
#include "lib/memory.h"

/* How one column is binned; made from training data, used on it and on any later table.
 * Bins 0 .. value_bins-1 hold values, in ascending order for numbers. A bin for missing values of its own, when there are at least
 * `smallest` of them, is bin value_bins; else missing_bin is the fullest value bin. So bins == value_bins or value_bins+1. */
struct column_bins {
    fate_context *context; /* borrowed: the owner of the bins holds it */
    int32_t kind;          /* enum fate_column_kind */
    uint32_t bins;         /* all bins, at least 1 */
    uint32_t value_bins;
    uint32_t missing_bin;
    double *upper;           /* numbers: value_bins-1 ascending thresholds; x is in the first bin b with x <= upper[b], else in the last */
    uint32_t category_count; /* categories: names in bytewise order and the bin of each */
    char **categories;
    uint32_t *category_bin;
    uint32_t other_bin; /* categories that training did not see: the bin of merged rare ones, else missing_bin */
};

/* Makes the bins of a column: at most most_bins (2 to 65535, missing's own included); value bins with fewer than `smallest` rows are
 * merged with a neighbour (numbers) or with each other into an "other" bin (categories; if that is still too small, with the fullest).
 * When all values together are fewer than `smallest` there is one bin, missing values in it.
 * Thresholds lie midway between neighbouring distinct values a < b (a when the midpoint rounds to b). A column without values
 * has one bin.
 *
 * Numbers: every distinct value has a bin of its own when there are enough bins. Else, of n rows with a value and k value bins, each value
 * with n/k rows or more has its own; the R rows of all others are dealt out to the B bins that remain, from the smallest value up: a bin
 * takes distinct values whole and ends where its count is nearest to R/B (the fuller bin on a tie), or before a value that has its
 * own; then R and B are those that remain. When no bin remains, values join the next value that has its own, or the last bin.
 * Then, from the smallest up, a bin below `smallest` takes the next one in; the last takes in the one before.
 * Categories: the k fullest (bytewise order on a tie) have their own; with more than k, the k-1 fullest, and the last value bin is "other".
 * FATE_OK, FATE_E_ARGUMENT, FATE_E_MEMORY. Sets the sentence: not for worker threads. */
int32_t binning_make(fate_context *context, struct column_bins *bins, const fate_table *table, uint32_t column, uint32_t most_bins,
                     uint64_t smallest);
void binning_free(struct column_bins *bins);

/* out[row] = bin of the row's value. The table may be another one than that of binning_make: its column must have the same kind
 * (FATE_E_TABLE names it). Its categories are matched by name. */
int32_t binning_assign(const struct column_bins *bins, const fate_table *table, uint32_t column, uint16_t *out);

#endif
