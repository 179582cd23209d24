/* Sums by bin. Rows are put in the order of their bins and cut into segments of equal length, so that lanes and threads share them evenly
 * however full single bins are. */
#include "src/crypto/paillier_gather.h"
#include "lib/threads.h"

enum { MOST_STEPS = 32 }; /* rows that a lane adds before bins are looked at again */

struct gather {
    struct fate_ciphertexts *bins;
    const struct fate_ciphertexts *values;
    const uint32_t *index;
    const uint32_t *source; /* of each row, its value; NULL: they follow each other from first */
    uint64_t first;
    const struct paillier_key *key;
    const struct kernel_ring *lanes; /* NULL: one number at a time */
    uint64_t *rows;                  /* items, sorted by bin */
    uint64_t *starts;                /* of each bin in rows, and the end */
    uint64_t total;                  /* rows */
    uint64_t segment;                /* rows in one, the last has less */
    mp_limb_t *partials;             /* one a segment: what it adds to a bin that began in an earlier segment */
    struct scratch scratch;
};

static mp_limb_t *bin_item(const struct gather *gather, uint64_t bin)
{
    return paillier_items(gather->bins, bin);
}

static const mp_limb_t *row_item(const struct gather *gather, uint64_t row)
{
    return paillier_items(gather->values, gather->source == NULL ? gather->first + row : gather->source[row]);
}

/* sum += item: on lanes, with nothing in the other ones. */
static void add_alone(const struct gather *gather, mp_limb_t *sum, const mp_limb_t *item)
{
    mp_limb_t *nowhere = gather->scratch.limbs, *sums[KERNEL_MOST_LANES];
    const mp_limb_t *items[KERNEL_MOST_LANES];
    if (gather->lanes == NULL) {
        pair_multiply_public(&gather->key->ring, sum, sum, item, nowhere);
        return;
    }
    for (int lane = 0; lane < KERNEL_MOST_LANES; lane++) {
        sums[lane] = lane == 0 ? sum : nowhere;
        items[lane] = lane == 0 ? item : gather->lanes->radix;
    }
    paillier_set_one(gather->key, nowhere);
    gather->lanes->kernel->multiply(gather->lanes, sums, (const mp_limb_t *const *)sums, items, nowhere + gather->lanes->row);
}

static void gather_alone(const struct gather *gather, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (gather->index[i] != UINT32_MAX) add_alone(gather, bin_item(gather, gather->index[i]), row_item(gather, i));
}

/* Where the segment's rows of this bin are summed. */
static mp_limb_t *sum_of(const struct gather *gather, uint64_t segment, uint32_t bin)
{
    return gather->starts[bin] < segment * gather->segment ? gather->partials + segment * paillier_item_limbs(gather->key)
                                                           : bin_item(gather, bin);
}

static uint64_t segment_end(const struct gather *gather, uint64_t segment)
{
    uint64_t end = (segment + 1) * gather->segment;
    return end < gather->total ? end : gather->total;
}

static int32_t sum_segments(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct gather *gather = argument;
    for (uint64_t segment = first; segment < end; segment++)
        for (uint64_t at = segment * gather->segment; at < segment_end(gather, segment); at++) {
            mp_limb_t *sum = sum_of(gather, segment, gather->index[gather->rows[at]]);
            pair_multiply_public(&gather->key->ring, sum, sum, row_item(gather, gather->rows[at]), scratch_of(&gather->scratch, worker));
        }
    return FATE_OK;
}

/* One segment in each lane. */
struct walk {
    uint64_t at[KERNEL_MOST_LANES], end[KERNEL_MOST_LANES];
    mp_limb_t *sums[KERNEL_MOST_LANES];
};

/* How many rows the lanes can go without a change of bin; sets sums. 0: none is left. */
static uint64_t next_steps(const struct gather *gather, struct walk *walk, uint64_t first, mp_limb_t *nowhere)
{
    uint64_t steps = MOST_STEPS + 1;
    for (uint32_t lane = 0; lane < gather->lanes->kernel->lanes; lane++) {
        walk->sums[lane] = nowhere;
        if (walk->at[lane] >= walk->end[lane]) continue;
        uint32_t bin = gather->index[gather->rows[walk->at[lane]]];
        uint64_t end = gather->starts[bin + 1] < walk->end[lane] ? gather->starts[bin + 1] : walk->end[lane];
        if (end - walk->at[lane] < steps) steps = end - walk->at[lane];
        walk->sums[lane] = sum_of(gather, first + lane, bin);
        if (steps > MOST_STEPS) steps = MOST_STEPS;
    }
    return steps > MOST_STEPS ? 0 : steps;
}

static int32_t sum_lanes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct gather *gather = argument;
    const uint32_t lanes = gather->lanes->kernel->lanes;
    const mp_limb_t *factors[MOST_STEPS * KERNEL_MOST_LANES];
    mp_limb_t *nowhere = scratch_of(&gather->scratch, worker), *scratch = nowhere + gather->lanes->row;
    struct walk walk = {{0}, {0}, {NULL}};
    for (uint32_t lane = 0; lane < lanes && first + lane < end; lane++) {
        walk.at[lane] = (first + lane) * gather->segment;
        walk.end[lane] = segment_end(gather, first + lane);
    }
    paillier_set_one(gather->key, nowhere);
    for (uint64_t steps; (steps = next_steps(gather, &walk, first, nowhere)) != 0;) {
        for (uint32_t lane = 0; lane < lanes; lane++)
            for (uint64_t i = 0; i < steps; i++)
                factors[i * lanes + lane] =
                    walk.sums[lane] == nowhere ? gather->lanes->radix : row_item(gather, gather->rows[walk.at[lane]++]);
        gather->lanes->kernel->sum(gather->lanes, walk.sums, factors, (uint32_t)steps, scratch);
    }
    return FATE_OK;
}

/* Counting sort; starts has room for one more than there are bins. */
static void sort_rows(struct gather *gather, uint64_t count)
{
    uint64_t bins = gather->bins->count, total = 0;
    for (uint64_t i = 0; i < count; i++)
        if (gather->index[i] != UINT32_MAX) gather->starts[gather->index[i]]++;
    for (uint64_t bin = 0; bin <= bins; bin++) {
        uint64_t rows = gather->starts[bin];
        gather->starts[bin] = total;
        total += rows;
    }
    for (uint64_t i = 0; i < count; i++)
        if (gather->index[i] != UINT32_MAX) gather->rows[gather->starts[gather->index[i]]++] = i;
    for (uint64_t bin = bins; bin > 0; bin--) /* each start has moved to the next bin's */
        gather->starts[bin] = gather->starts[bin - 1];
    gather->starts[0] = 0;
    gather->total = total;
}

static void gather_together(struct gather *gather, fate_context *context, uint64_t segments)
{
    gather->segment = gather->total / segments + (gather->total % segments != 0);
    segments = gather->total / gather->segment + (gather->total % gather->segment != 0);
    for (uint64_t i = 0; i < segments; i++) paillier_set_one(gather->key, gather->partials + i * paillier_item_limbs(gather->key));
    if (gather->lanes == NULL)
        threads_run(context, segments, 1, sum_segments, gather);
    else
        threads_run(context, segments, gather->lanes->kernel->lanes, sum_lanes, gather);
    for (uint64_t i = 1; i < segments; i++) {
        uint32_t bin = gather->index[gather->rows[i * gather->segment]];
        if (gather->starts[bin] < i * gather->segment)
            add_alone(gather, bin_item(gather, bin), gather->partials + i * paillier_item_limbs(gather->key));
    }
}

static int32_t gather_sorted(struct gather *gather, fate_context *context, uint64_t count, uint64_t segments)
{
    int32_t result = FATE_OK;
    gather->rows = memory_allocate(context, count, sizeof *gather->rows);
    gather->starts = memory_zeroed(context, gather->bins->count + 1, sizeof *gather->starts);
    gather->partials = memory_allocate(context, segments * paillier_item_limbs(gather->key), sizeof *gather->partials);
    if (gather->rows == NULL || gather->starts == NULL || gather->partials == NULL) {
        result = context_out_of_memory(context);
    } else {
        sort_rows(gather, count);
        if (gather->total != 0) gather_together(gather, context, segments);
    }
    memory_free(context, gather->rows);
    memory_free(context, gather->starts);
    memory_free(context, gather->partials);
    return result;
}

int32_t paillier_gather_add(struct fate_ciphertexts *bins, const struct fate_ciphertexts *values, const uint32_t *source, uint64_t first,
                            uint64_t count, const uint32_t *index)
{
    enum { PIECES_A_THREAD = 4, WORTH_SORTING = 64 };
    fate_context *context = bins->key->context;
    const struct paillier_key *key = paillier_key_of(bins->key);
    uint32_t threads = fate_context_threads(context);
    struct gather gather = {
        .bins = bins, .values = values, .index = index, .source = source, .first = first, .key = key, .lanes = key->lanes};
    mp_size_t lanes = kernel_itch(key->lanes) + (mp_size_t)paillier_item_limbs(key), one = pair_itch(&key->ring);
    int32_t result = scratch_new(&gather.scratch, context, threads, lanes > one ? lanes : one);
    if (result != FATE_OK) return result;
    uint64_t segments = (threads == 1 ? 1 : (uint64_t)threads * PIECES_A_THREAD) * (key->lanes == NULL ? 1 : key->lanes->kernel->lanes);
    if (segments == 1 || count < WORTH_SORTING)
        gather_alone(&gather, count);
    else
        result = gather_sorted(&gather, context, count, segments);
    scratch_free(&gather.scratch);
    return result;
}
