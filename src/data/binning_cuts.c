/* Cuts sorted numbers into bins of nearly equal counts without splitting equal ones; the rule stands in binning.h. */
#include "src/data/binning_cuts.h"
#include "src/data/order.h"
#include <string.h>

/* Rows that have one distinct value. */
struct run {
    double value;
    uint64_t rows;
    bool heavy; /* n/k rows or more: has a bin of its own */
};

enum open_bin { OPEN_NONE, OPEN_HEAVY, OPEN_LIGHT, OPEN_WAITING };

/* What is known on the way from the smallest value to the largest. */
struct cutter {
    struct binning_cuts *cuts;
    int32_t open;          /* enum open_bin: what the last bin is; a waiting one is shared with the next heavy value */
    uint64_t light_values; /* distinct values, rows and bins that remain; heavy ones do not count */
    uint64_t light_rows;
    uint64_t light_bins;
    uint64_t heavy_values; /* that remain */
    uint64_t target_rows;  /* R and B of the rule when the open bin began */
    uint64_t target_bins;
    bool each; /* enough bins remain: every value has its own */
};

void binning_cuts_free(struct binning_cuts *cuts)
{
    memory_free(cuts->context, cuts->first);
    memory_free(cuts->context, cuts->last);
    memory_free(cuts->context, cuts->rows);
    memset(cuts, 0, sizeof *cuts);
}

static bool allocate_cuts(fate_context *context, struct binning_cuts *cuts, uint64_t capacity)
{
    cuts->context = context;
    cuts->count = 0;
    cuts->first = memory_zeroed(context, capacity, sizeof *cuts->first);
    cuts->last = memory_zeroed(context, capacity, sizeof *cuts->last);
    cuts->rows = memory_zeroed(context, capacity, sizeof *cuts->rows);
    if (cuts->first && cuts->last && cuts->rows) return true;
    binning_cuts_free(cuts);
    return false;
}

/* The run of equal keys that begins at position, which moves behind it. */
static struct run next_run(const uint64_t *keys, uint64_t count, uint64_t *position, uint32_t most)
{
    uint64_t first = *position;
    while (*position < count && keys[*position] == keys[first]) (*position)++;
    uint64_t rows = *position - first;
    return (struct run){order_value(keys[first]), rows, rows * most >= count}; /* both below 2^32: no overflow */
}

static void measure(struct cutter *cutter, const uint64_t *keys, uint64_t count, uint32_t most)
{
    for (uint64_t position = 0; position < count;) {
        struct run run = next_run(keys, count, &position, most);
        cutter->heavy_values += run.heavy;
        cutter->light_values += !run.heavy;
        cutter->light_rows += run.heavy ? 0 : run.rows;
    }
    /* heavy values are at most `most`, and as many only when there are no others */
    cutter->each = cutter->light_values + cutter->heavy_values <= most;
    cutter->light_bins = cutter->each ? cutter->light_values : most - cutter->heavy_values;
}

/* Whether a light run begins a new bin. An open light bin always has a successor in the budget when it is full: with one bin
 * left its target is all that remains. */
static bool starts_light(const struct cutter *cutter, const struct run *run)
{
    if (cutter->open == OPEN_NONE) return true;
    if (cutter->open == OPEN_HEAVY) return cutter->light_bins > 0 || cutter->heavy_values > 0;
    if (cutter->open == OPEN_WAITING) return false;
    uint64_t filled = cutter->cuts->rows[cutter->cuts->count - 1];
    return cutter->each || (2 * filled + run->rows) * cutter->target_bins > 2 * cutter->target_rows;
}

static void open_light(struct cutter *cutter)
{
    if (cutter->light_bins == 0) {
        cutter->open = OPEN_WAITING;
        return;
    }
    cutter->open = OPEN_LIGHT;
    cutter->target_rows = cutter->light_rows;
    cutter->target_bins = cutter->light_bins;
    cutter->each = cutter->light_values <= cutter->light_bins;
    cutter->light_bins--;
}

static void take_run(struct cutter *cutter, const struct run *run)
{
    struct binning_cuts *cuts = cutter->cuts;
    bool starts = run->heavy ? cutter->open != OPEN_WAITING : starts_light(cutter, run);
    if (starts) {
        cuts->first[cuts->count++] = run->value;
        if (!run->heavy) open_light(cutter);
    }
    if (run->heavy) {
        cutter->open = OPEN_HEAVY;
        cutter->heavy_values--;
    } else {
        cutter->light_values--;
        cutter->light_rows -= run->rows;
    }
    cuts->last[cuts->count - 1] = run->value;
    cuts->rows[cuts->count - 1] += run->rows;
}

static void join_to_previous(struct binning_cuts *cuts, uint32_t previous, uint32_t bin)
{
    cuts->last[previous] = cuts->last[bin];
    cuts->rows[previous] += cuts->rows[bin];
}

static void merge_small(struct binning_cuts *cuts, uint64_t smallest)
{
    uint32_t kept = 0;
    for (uint32_t bin = 0; bin < cuts->count; bin++) {
        if (kept > 0 && cuts->rows[kept - 1] < smallest) {
            join_to_previous(cuts, kept - 1, bin);
            continue;
        }
        cuts->first[kept] = cuts->first[bin];
        cuts->last[kept] = cuts->last[bin];
        cuts->rows[kept++] = cuts->rows[bin];
    }
    if (kept > 1 && cuts->rows[kept - 1] < smallest) {
        join_to_previous(cuts, kept - 2, kept - 1);
        kept--;
    }
    cuts->count = kept;
}

bool binning_cut(fate_context *context, struct binning_cuts *cuts, const uint64_t *keys, uint64_t count, uint32_t most, uint64_t smallest)
{
    struct cutter cutter = {.cuts = cuts};
    measure(&cutter, keys, count, most);
    uint64_t capacity = cutter.heavy_values + cutter.light_bins;
    if (!allocate_cuts(context, cuts, capacity > 0 ? capacity : 1)) return false;
    for (uint64_t position = 0; position < count;) {
        struct run run = next_run(keys, count, &position, most);
        take_run(&cutter, &run);
    }
    if (cuts->count == 0) cuts->count = 1;
    merge_small(cuts, smallest);
    return true;
}
