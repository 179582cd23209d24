/* Sums of items by bin. The rows are sorted by bin and cut into as many segments of equal length as there are lanes in all pieces; each lane
 * goes through its own. A bin that began in an earlier segment is summed apart, and added in the end. */
#include "src/crypto/group_gather.h"
#include "lib/threads.h"

struct gather {
    const struct group *group;
    struct fate_ciphertexts *bins;
    const struct fate_ciphertexts *values;
    const uint32_t *index;
    const uint32_t *source; /* of each row, its value; NULL: they follow each other from first */
    uint64_t first;
    uint64_t *rows;   /* of the values, sorted by bin */
    uint64_t *starts; /* of each bin in rows, and the end */
    uint64_t total;
    uint64_t segment; /* rows of one */
    uint64_t segments;
    mp_limb_t *partials; /* one a segment: what it adds to a bin that began in an earlier one */
    struct scratch scratch;
};

static mp_limb_t *bin_item(const struct gather *gather, uint64_t bin)
{
    return group_items(gather->group, gather->bins, bin);
}

static const mp_limb_t *row_item(const struct gather *gather, uint64_t at)
{
    uint64_t row = gather->rows[at];
    return group_items(gather->group, gather->values, gather->source == NULL ? gather->first + row : gather->source[row]);
}

static mp_limb_t *partial_item(const struct gather *gather, uint64_t segment)
{
    return gather->partials + segment * (uint64_t)gather->group->row;
}

/* One segment in each lane. */
struct walk {
    uint64_t at[GROUP_MOST_LANES], end[GROUP_MOST_LANES];
    mp_limb_t *sums[GROUP_MOST_LANES]; /* where the lane's next rows are added up */
};

static void walk_begin(const struct gather *gather, struct walk *walk, uint64_t first)
{
    for (uint32_t lane = 0; lane < gather->group->lanes; lane++) {
        uint64_t at = (first + lane) * gather->segment, end = at + gather->segment;
        walk->at[lane] = at < gather->total ? at : gather->total;
        walk->end[lane] = end < gather->total ? end : gather->total;
    }
}

/* How many rows the lanes can go without a change of bin, lanes at their ends left aside; sets sums. 0: none is left. */
static uint64_t walk_steps(const struct gather *gather, struct walk *walk, uint64_t first, mp_limb_t *nowhere)
{
    uint64_t steps = 0;
    for (uint32_t lane = 0; lane < gather->group->lanes; lane++) {
        walk->sums[lane] = nowhere;
        if (walk->at[lane] >= walk->end[lane]) continue;
        uint32_t bin = gather->index[gather->rows[walk->at[lane]]];
        uint64_t end = gather->starts[bin + 1] < walk->end[lane] ? gather->starts[bin + 1] : walk->end[lane], left = end - walk->at[lane];
        if (steps == 0 || left < steps) steps = left;
        bool earlier = gather->starts[bin] < (first + lane) * gather->segment;
        walk->sums[lane] = earlier ? partial_item(gather, first + lane) : bin_item(gather, bin);
    }
    return steps;
}

/* The next rows of all lanes, and those after them. */
static void walk_load(const struct gather *gather, struct walk *walk, struct group_ahead *ahead, mp_limb_t *item, const mp_limb_t *nowhere)
{
    const struct group *group = gather->group;
    const mp_limb_t *rows[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < group->lanes; lane++)
        rows[lane] = walk->sums[lane] == nowhere ? group->one : row_item(gather, walk->at[lane]++);
    group->load(group->ring, item, rows);
    for (uint32_t lane = 0; lane < group->lanes; lane++)
        if (walk->at[lane] < walk->end[lane]) ahead->rows[ahead->count++] = row_item(gather, walk->at[lane]);
}

static int32_t sum_segments(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct gather *gather = argument;
    const struct group *group = gather->group;
    mp_limb_t *sum = group_align(scratch_of(&gather->scratch, worker)), *item = sum + group->bundle, *nowhere = item + group->bundle;
    mp_limb_t *scratch = group_align(nowhere + group->row);
    struct walk walk;
    for (; first < end; first += group->lanes) {
        walk_begin(gather, &walk, first);
        for (uint64_t steps; mpn_copyi(nowhere, group->one, group->row), (steps = walk_steps(gather, &walk, first, nowhere)) != 0;) {
            group->load(group->ring, sum, (const mp_limb_t *const *)walk.sums);
            for (; steps > 0; steps--) {
                struct group_ahead ahead = {.count = 0};
                walk_load(gather, &walk, &ahead, item, nowhere);
                group->multiply_ahead(group->ring, sum, sum, item, &ahead, scratch);
            }
            group->store(group->ring, walk.sums, sum);
        }
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

/* Whether a segment adds to a bin that began in an earlier one. */
static bool continues(const struct gather *gather, uint64_t segment, uint64_t *bin)
{
    *bin = gather->index[gather->rows[segment * gather->segment]];
    return gather->starts[*bin] < segment * gather->segment;
}

/* The next partials of each lane, which goes through segments of its own, and the bins they belong to; a lane whose bin is another's waits.
 * Returns false when none is left. */
static bool next_partials(const struct gather *gather, uint64_t *at, const uint64_t *end, mp_limb_t **sums, const mp_limb_t **partials)
{
    const uint32_t lanes = gather->group->lanes;
    uint64_t bins[GROUP_MOST_LANES];
    uint32_t used = 0;
    for (uint32_t lane = 0; lane < lanes; lane++) {
        uint64_t bin = 0;
        while (at[lane] < end[lane] && !continues(gather, at[lane], &bin)) at[lane]++;
        if (at[lane] == end[lane]) continue;
        uint32_t other = 0;
        while (other < used && bins[other] != bin) other++;
        if (other < used) continue;
        bins[used] = bin;
        sums[used] = bin_item(gather, bin);
        partials[used++] = partial_item(gather, at[lane]++);
    }
    return used != 0;
}

static void add_partials(const struct gather *gather)
{
    const struct group *group = gather->group;
    mp_limb_t *sum = group_align(gather->scratch.limbs), *item = sum + group->bundle, *nowhere = item + group->bundle;
    mp_limb_t *scratch = group_align(nowhere + group->row), *sums[GROUP_MOST_LANES];
    const mp_limb_t *partials[GROUP_MOST_LANES];
    const uint64_t used = (gather->total + gather->segment - 1) / gather->segment, each = (used + group->lanes - 1) / group->lanes;
    uint64_t at[GROUP_MOST_LANES], end[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < group->lanes; lane++) {
        at[lane] = lane * each < used ? lane * each : used;
        end[lane] = used - at[lane] < each ? used : at[lane] + each;
    }
    for (;;) {
        mpn_copyi(nowhere, group->one, group->row);
        for (uint32_t lane = 0; lane < group->lanes; lane++) {
            sums[lane] = nowhere;
            partials[lane] = group->one;
        }
        if (!next_partials(gather, at, end, sums, partials)) return;
        group->load(group->ring, sum, (const mp_limb_t *const *)sums);
        group->load(group->ring, item, partials);
        group->multiply_public(group->ring, sum, sum, item, scratch);
        group->store(group->ring, sums, sum);
    }
}

static int32_t gather_sorted(struct gather *gather, fate_context *context, uint64_t count)
{
    const struct group *group = gather->group;
    int32_t result = FATE_OK;
    gather->rows = memory_allocate(context, count, sizeof *gather->rows);
    gather->starts = memory_zeroed(context, gather->bins->count + 1, sizeof *gather->starts);
    gather->partials = memory_allocate(context, gather->segments * (uint64_t)group->row, sizeof *gather->partials);
    if (gather->rows == NULL || gather->starts == NULL || gather->partials == NULL) {
        result = context_out_of_memory(context);
    } else {
        sort_rows(gather, count);
        gather->segment = gather->total / gather->segments + 1;
        for (uint64_t i = 0; i < gather->segments; i++) mpn_copyi(partial_item(gather, i), group->one, group->row);
        threads_run(context, gather->segments, group->lanes, sum_segments, gather);
        add_partials(gather);
    }
    memory_free(context, gather->rows);
    memory_free(context, gather->starts);
    memory_free(context, gather->partials);
    return result;
}

/* One element a bundle, and one thread: rows are added where they fall, in their order. */
static int32_t gather_straight(const struct gather *gather, uint64_t count)
{
    const struct group *group = gather->group;
    for (uint64_t i = 0; i < count; i++) {
        if (gather->index[i] == UINT32_MAX) continue;
        const uint64_t row = gather->source == NULL ? gather->first + i : gather->source[i];
        mp_limb_t *bin = bin_item(gather, gather->index[i]);
        group->multiply_public(group->ring, bin, bin, group_items(group, gather->values, row), gather->scratch.limbs);
    }
    return FATE_OK;
}

int32_t group_gather_add(struct fate_ciphertexts *bins, const struct fate_ciphertexts *values, const uint32_t *source, uint64_t first,
                         uint64_t count, const uint32_t *index)
{
    const struct group *group = bins->key->group;
    enum { PIECES_A_THREAD = 4, WORTH_SHARING = 64 };
    fate_context *context = bins->key->context;
    uint64_t threads = fate_context_threads(context), pieces = threads == 1 || count < WORTH_SHARING ? 1 : threads * PIECES_A_THREAD;
    struct gather gather = {.group = group,
                            .bins = bins,
                            .values = values,
                            .index = index,
                            .source = source,
                            .first = first,
                            .segments = pieces * group->lanes};
    mp_size_t each = 2 * group->bundle + group->row + group->itch + 2 * GROUP_ALIGNMENT;
    int32_t result = scratch_new(&gather.scratch, context, threads, each);
    if (result != FATE_OK) return result;
    result = gather.segments == 1 ? gather_straight(&gather, count) : gather_sorted(&gather, context, count);
    scratch_free(&gather.scratch);
    return result;
}
