/* Sums by bin. Rows are put in the order of their bins and cut into segments of equal length, so that lanes and threads share them evenly
 * however full single bins are. */
#include "src/crypto/paillier_gather.h"
#include "lib/threads.h"

struct gather {
    struct fate_ciphertexts *bins;
    const struct fate_ciphertexts *values;
    const uint32_t *index;
    uint64_t first;
    const struct pair_ring *ring;
    const struct kernel_ring *lanes; /* NULL: one number at a time */
    uint64_t *rows;                  /* sorted by bin */
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
    return paillier_items(gather->values, gather->first + row);
}

static void gather_alone(const struct gather *gather, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (gather->index[i] == UINT32_MAX) continue;
        mp_limb_t *bin = bin_item(gather, gather->index[i]);
        pair_multiply_public(gather->ring, bin, bin, row_item(gather, i), gather->scratch.limbs);
    }
}

/* Where the segment's rows of this bin are summed. */
static mp_limb_t *sum_of(const struct gather *gather, uint64_t segment, uint32_t bin)
{
    return gather->starts[bin] < segment * gather->segment ? gather->partials + segment * (uint64_t)gather->ring->size
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
            pair_multiply_public(gather->ring, sum, sum, row_item(gather, gather->rows[at]), scratch_of(&gather->scratch, worker));
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
    uint64_t steps = KERNEL_MOST_SUM + 1;
    for (uint32_t lane = 0; lane < gather->lanes->kernel->lanes; lane++) {
        walk->sums[lane] = nowhere;
        if (walk->at[lane] >= walk->end[lane]) continue;
        uint32_t bin = gather->index[gather->rows[walk->at[lane]]];
        uint64_t end = gather->starts[bin + 1] < walk->end[lane] ? gather->starts[bin + 1] : walk->end[lane];
        if (end - walk->at[lane] < steps) steps = end - walk->at[lane];
        walk->sums[lane] = sum_of(gather, first + lane, bin);
        if (steps > KERNEL_MOST_SUM) steps = KERNEL_MOST_SUM;
    }
    return steps > KERNEL_MOST_SUM ? 0 : steps;
}

static int32_t sum_lanes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct gather *gather = argument;
    const uint32_t lanes = gather->lanes->kernel->lanes;
    const mp_limb_t *factors[KERNEL_MOST_SUM * KERNEL_MOST_LANES];
    mp_limb_t *nowhere = scratch_of(&gather->scratch, worker), *scratch = nowhere + gather->ring->size;
    struct walk walk = {{0}, {0}, {NULL}};
    for (uint32_t lane = 0; lane < lanes && first + lane < end; lane++) {
        walk.at[lane] = (first + lane) * gather->segment;
        walk.end[lane] = segment_end(gather, first + lane);
    }
    mpn_copyi(nowhere, gather->ring->one, gather->ring->size);
    for (uint64_t steps; (steps = next_steps(gather, &walk, first, nowhere)) != 0;) {
        for (uint32_t lane = 0; lane < lanes; lane++)
            for (uint64_t i = 0; i < steps; i++)
                factors[i * lanes + lane] =
                    walk.sums[lane] == nowhere ? gather->ring->one : row_item(gather, gather->rows[walk.at[lane]++]);
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
    const struct pair_ring *ring = gather->ring;
    gather->segment = gather->total / segments + (gather->total % segments != 0);
    segments = gather->total / gather->segment + (gather->total % gather->segment != 0);
    for (uint64_t i = 0; i < segments; i++) mpn_copyi(gather->partials + i * (uint64_t)ring->size, ring->one, ring->size);
    if (gather->lanes == NULL)
        threads_run(context, segments, 1, sum_segments, gather);
    else
        threads_run(context, segments, gather->lanes->kernel->lanes, sum_lanes, gather);
    for (uint64_t i = 1; i < segments; i++) {
        uint32_t bin = gather->index[gather->rows[i * gather->segment]];
        mp_limb_t *sum = bin_item(gather, bin);
        if (gather->starts[bin] < i * gather->segment)
            pair_multiply_public(ring, sum, sum, gather->partials + i * (uint64_t)ring->size, gather->scratch.limbs);
    }
}

static int32_t gather_sorted(struct gather *gather, fate_context *context, uint64_t count, uint64_t segments)
{
    int32_t result = FATE_OK;
    gather->rows = memory_allocate(context, count, sizeof *gather->rows);
    gather->starts = memory_zeroed(context, gather->bins->count + 1, sizeof *gather->starts);
    gather->partials = memory_allocate(context, segments * (uint64_t)gather->ring->size, sizeof *gather->partials);
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

int32_t paillier_gather_add(struct fate_ciphertexts *bins, const struct fate_ciphertexts *values, uint64_t first, uint64_t count,
                            const uint32_t *index)
{
    enum { PIECES_A_THREAD = 4, WORTH_SORTING = 64 };
    fate_context *context = bins->key->context;
    const struct paillier_key *key = paillier_key_of(bins->key);
    uint32_t threads = fate_context_threads(context);
    struct gather gather = {.bins = bins, .values = values, .index = index, .first = first, .ring = &key->ring, .lanes = key->lanes};
    mp_size_t itch = kernel_itch(key->lanes) + key->ring.size;
    int32_t result = scratch_new(&gather.scratch, context, threads, itch > pair_itch(&key->ring) ? itch : pair_itch(&key->ring));
    if (result != FATE_OK) return result;
    uint64_t segments = (threads == 1 ? 1 : (uint64_t)threads * PIECES_A_THREAD) * (key->lanes == NULL ? 1 : key->lanes->kernel->lanes);
    if (segments == 1 || count < WORTH_SORTING)
        gather_alone(&gather, count);
    else
        result = gather_sorted(&gather, context, count, segments);
    scratch_free(&gather.scratch);
    return result;
}
