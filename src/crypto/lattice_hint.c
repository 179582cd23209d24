/* The hint of the lattice cipher: for each bin the sum over blocks of x(1/X) a, blinded by r a' + e1. */
#include "src/crypto/lattice_sum.h"

#include "lib/memory.h"
#include "lib/threads.h"
#include "src/crypto/lattice_sample.h"
#include "src/crypto/lattice_wire.h"

#include <sodium.h>
#include <string.h>

/* Bins whose sums a worker keeps, and blocks whose members it sorts at once: a compromise of caches. */
enum { PASS_BINS = 16, PASS_BLOCKS = 4 };

struct making {
    const struct lattice_public *public_part;
    const struct lattice_group *groups;
    uint32_t group_count;
    const struct lattice_blinding *blinding;
    uint64_t first, end; /* bins that are made */
    uint8_t *bytes;      /* of bin `first` and those behind it */
    uint64_t *memory;
    uint64_t memory_words; /* of each worker */
};

/* What a worker has. */
struct work {
    uint64_t *sums; /* PASS_BINS * digits * degree: transformed */
    struct lattice_word *words;
    int64_t *integers;
    uint64_t *transformed;
    int32_t *noise;
    uint32_t *members;                      /* PASS_BLOCKS * degree: rows of the pass, by bin and block */
    uint32_t ends[PASS_BINS * PASS_BLOCKS]; /* of each list in members */
    double shares[PASS_BINS];               /* of what the sums of a bin may hold */
};

static uint64_t work_words(const struct lattice_profile *profile)
{
    return (uint64_t)profile->degree * (PASS_BINS * (profile->digits + 2) + 2 + 1 + PASS_BLOCKS);
}

static void work_begin(struct work *work, const struct making *making, uint32_t worker)
{
    const struct lattice_profile *profile = making->public_part->plan->profile;
    const uint64_t degree = profile->degree;
    work->sums = making->memory + worker * making->memory_words;
    work->words = (struct lattice_word *)(void *)(work->sums + PASS_BINS * profile->digits * degree);
    work->integers = (int64_t *)(void *)(work->words + PASS_BINS * degree);
    work->transformed = (uint64_t *)(void *)(work->integers + degree);
    work->noise = (int32_t *)(void *)(work->transformed + degree);
    work->members = (uint32_t *)(void *)(work->transformed + 2 * degree);
}

/* The rows of up to PASS_BLOCKS blocks from first on, sorted by bin and block. */
static void sort_members(struct work *work, const struct making *making, const struct lattice_group *group, uint32_t column,
                         uint32_t first_bin, uint32_t bins, uint64_t first, uint64_t end)
{
    const uint32_t log_degree = making->public_part->plan->profile->log_degree;
    uint32_t starts[PASS_BINS * PASS_BLOCKS + 1] = {0};
    for (uint64_t row = first; row < end; row++) {
        uint32_t bin = group->index[row * group->columns + column] - first_bin;
        if (bin < bins) starts[bin * PASS_BLOCKS + ((row - first) >> log_degree) + 1]++;
    }
    for (uint32_t i = 0; i < bins * PASS_BLOCKS; i++) starts[i + 1] += starts[i];
    memcpy(work->ends, starts, sizeof work->ends);
    for (uint64_t row = first; row < end; row++) {
        uint32_t bin = group->index[row * group->columns + column] - first_bin;
        if (bin < bins) work->members[work->ends[bin * PASS_BLOCKS + ((row - first) >> log_degree)]++] = (uint32_t)(row - first);
    }
}

static void multiply(const struct making *making, struct work *work, uint32_t bin, uint32_t block, double share)
{
    const struct lattice_public *public_part = making->public_part;
    const struct lattice_profile *profile = public_part->plan->profile;
    const uint64_t degree = profile->degree, *factors = lattice_public_block(public_part, block);
    uint64_t *sums = work->sums + bin * profile->digits * degree;
    if (work->shares[bin] + share > 1) {
        lattice_public_join(profile, work->words + bin * degree, lattice_public_leave(public_part, sums), 0, profile->degree);
        memset(sums, 0, profile->digits * degree * sizeof *sums);
        work->shares[bin] = 0;
    }
    work->shares[bin] += share;
    for (uint32_t digit = 0; digit < profile->digits; digit++)
        public_part->ring.kernel->accumulate(&public_part->ring, sums + digit * degree, factors + digit * degree, work->transformed);
}

/* x(1/X) a of one bin and block: X^-i is -X^(n-i). */
static void add_block(const struct making *making, struct work *work, uint32_t bin, uint32_t block, const uint32_t *members, uint32_t count)
{
    const struct lattice_ring *ring = &making->public_part->ring;
    memset(work->integers, 0, ring->degree * sizeof *work->integers);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = members[i] & (ring->degree - 1);
        work->integers[at == 0 ? 0 : ring->degree - at] = at == 0 ? 1 : -1;
    }
    ring->kernel->forward(ring, work->transformed, work->integers);
    multiply(making, work, bin, block, ring->kernel->share(making->public_part->plan->profile, count, count));
}

/* Draws e1, and returns the share of r in a sum of products: what is known of every r that can be drawn. */
static double draw_noise(const struct making *making, struct work *work, uint64_t number)
{
    const struct lattice_kernel *kernel = making->public_part->ring.kernel;
    const struct lattice_profile *profile = making->public_part->plan->profile;
    const uint64_t degree = profile->degree;
    if (!profile->declared) {
        lattice_binomial(kernel, work->noise, profile->degree, making->blinding->noise_key, number);
        return kernel->share(profile, degree, degree);
    }
    lattice_gaussian_short(kernel, work->noise, profile->degree, making->blinding->noise_key, number);
    return kernel->share(profile, 9 * degree, 80 * degree); /* absolute values add up to sqrt(80) n at most */
}

/* Adds r a' + e1 and writes the bin's hint. */
static void finish_bin(const struct making *making, struct work *work, uint32_t bin, uint64_t number)
{
    const struct lattice_public *public_part = making->public_part;
    const struct lattice_profile *profile = public_part->plan->profile;
    const uint32_t degree = profile->degree;
    const int8_t *reversed = making->blinding->reversed + number * degree;
    struct lattice_word *words = work->words + (uint64_t)bin * degree;
    const double share = draw_noise(making, work, number);
    work->integers[0] = reversed[0];
    for (uint32_t i = 1; i < degree; i++) work->integers[i] = -reversed[degree - i];
    public_part->ring.kernel->forward(&public_part->ring, work->transformed, work->integers);
    multiply(making, work, bin, public_part->plan->blocks, share);
    lattice_public_join(profile, words, lattice_public_leave(public_part, work->sums + (uint64_t)bin * profile->digits * degree), 0,
                        profile->degree);
    for (uint32_t i = 0; i < degree && !lattice_unblinded(public_part->plan); i++)
        words[i] = lattice_word_of(lattice_wide_of(words[i]) + lattice_signed(work->noise[i]));
    lattice_words_write(profile, making->bytes + (number - making->first) * degree * profile->bytes, words, degree);
}

static void make_bins(const struct making *making, struct work *work, const struct lattice_group *group, uint32_t column,
                      uint32_t first_bin, uint32_t bins)
{
    const struct lattice_plan *plan = making->public_part->plan;
    const struct lattice_profile *profile = plan->profile;
    memset(work->sums, 0, (uint64_t)bins * profile->digits * profile->degree * sizeof *work->sums);
    memset(work->words, 0, (uint64_t)bins * profile->degree * sizeof *work->words);
    memset(work->shares, 0, sizeof work->shares);
    for (uint32_t block = 0; block < plan->blocks; block += PASS_BLOCKS) {
        uint64_t first = (uint64_t)block * profile->degree, end = first + (uint64_t)PASS_BLOCKS * profile->degree;
        if (end > plan->shape.rows) end = plan->shape.rows;
        sort_members(work, making, group, column, first_bin, bins, first, end);
        for (uint32_t i = 0, start = 0; i < bins * PASS_BLOCKS; start = work->ends[i], i++)
            if (work->ends[i] > start)
                add_block(making, work, i / PASS_BLOCKS, block + i % PASS_BLOCKS, work->members + start, work->ends[i] - start);
    }
    for (uint32_t bin = 0; bin < bins; bin++) finish_bin(making, work, bin, group->first_bin + first_bin + bin);
}

/* A piece of work is up to PASS_BINS bins of a column, of those that are made. */
static int32_t make_passes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct making *making = argument;
    struct work work;
    uint64_t number = 0;
    work_begin(&work, making, worker);
    for (uint32_t i = 0; i < making->group_count; i++) {
        const struct lattice_group *group = &making->groups[i];
        for (uint32_t column = 0; column < group->columns; column++) {
            const uint64_t begin = group->first_bin + group->starts[column], behind = group->first_bin + group->starts[column + 1];
            const uint64_t last = behind < making->end ? behind : making->end;
            for (uint64_t bin = begin > making->first ? begin : making->first; bin < last; bin += PASS_BINS, number++) {
                uint32_t bins = last - bin < PASS_BINS ? (uint32_t)(last - bin) : PASS_BINS;
                if (number >= first && number < end) make_bins(making, &work, group, column, (uint32_t)(bin - group->first_bin), bins);
            }
        }
    }
    return FATE_OK;
}

static uint64_t count_passes(const struct making *making)
{
    uint64_t passes = 0;
    for (uint32_t i = 0; i < making->group_count; i++)
        for (uint32_t column = 0; column < making->groups[i].columns; column++) {
            const struct lattice_group *group = &making->groups[i];
            const uint64_t begin = group->first_bin + group->starts[column], behind = group->first_bin + group->starts[column + 1];
            const uint64_t from = begin > making->first ? begin : making->first, to = behind < making->end ? behind : making->end;
            if (from < to) passes += (to - from + PASS_BINS - 1) / PASS_BINS;
        }
    return passes;
}

/* Whether each row's bins are of their columns; the bins go into the digest. */
static bool take_group(struct lattice_digest *digest, const struct lattice_group *group, uint64_t rows)
{
    uint8_t bytes[1024];
    uint32_t held = 0;
    bool good = true;
    for (uint64_t row = 0; row < rows; row++)
        for (uint32_t column = 0; column < group->columns; column++) {
            uint16_t bin = group->index[row * group->columns + column];
            good &= bin >= group->starts[column] && bin < group->starts[column + 1];
            bytes[held++] = (uint8_t)bin;
            bytes[held++] = (uint8_t)(bin >> 8);
            if (held == sizeof bytes) {
                lattice_digest_add(digest, bytes, held);
                held = 0;
            }
        }
    lattice_digest_add(digest, bytes, held);
    sodium_memzero(bytes, sizeof bytes);
    return good;
}

static bool take_groups(struct lattice_digest *digest, const struct lattice_plan *plan, const struct lattice_group *groups,
                        uint32_t group_count)
{
    uint64_t bins = 0, columns = 0;
    bool good = true;
    for (uint32_t i = 0; i < group_count && good; i++) {
        const struct lattice_group *group = &groups[i];
        good = group->columns > 0 && group->starts[0] == 0 && group->first_bin == bins;
        for (uint32_t column = 0; column < group->columns && good; column++) {
            uint8_t bytes[4];
            good = group->starts[column] < group->starts[column + 1];
            bytes_store_u32(bytes, group->starts[column + 1]);
            lattice_digest_add(digest, bytes, sizeof bytes);
        }
        good = good && take_group(digest, group, plan->shape.rows);
        bins += good ? group->starts[group->columns] : 0;
        columns += group->columns;
    }
    return good && bins == plan->shape.bins && columns == plan->shape.columns;
}

/* The keys of r, of e1 and of floods. */
static int32_t derive(fate_context *context, const struct lattice_public *public_part, const uint8_t *secret_seed,
                      const struct lattice_group *groups, uint32_t group_count, struct lattice_blinding *blinding, uint8_t *blinding_key)
{
    struct lattice_digest digest;
    uint8_t key[RANDOM_KEY], head[LATTICE_HEAD];
    const struct lattice_head what = {LATTICE_HINT, group_count, public_part->plan->shape.rows, 0, 0};
    int32_t result = lattice_digest_begin(context, &digest, secret_seed, "lattice hint");
    if (result != FATE_OK) return result;
    lattice_head_write(public_part->plan, head, &what);
    lattice_digest_add(&digest, head, sizeof head);
    lattice_digest_add(&digest, public_part->seed, LATTICE_SEED);
    bool good = take_groups(&digest, public_part->plan, groups, group_count);
    lattice_digest_end(&digest, key);
    random_derive(blinding_key, key, "lattice blinding", 0);
    random_derive(blinding->noise_key, key, "lattice noise", 0);
    random_derive(blinding->seed, key, "lattice flood", 0);
    sodium_memzero(key, sizeof key);
    if (good) return FATE_OK;
    return context_fail(context, FATE_E_ARGUMENT,
                        "lattice: the groups of a hint are not the plan's columns and bins, or a row is in no bin");
}

struct drawing {
    const struct lattice_public *public_part;
    const struct lattice_blinding *blinding;
    const uint8_t *key;
    int32_t *numbers; /* degree for each worker */
};

/* r of each bin. */
static int32_t draw_blinding(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct drawing *drawing = argument;
    const struct lattice_kernel *kernel = drawing->public_part->ring.kernel;
    const struct lattice_plan *plan = drawing->public_part->plan;
    const uint32_t degree = plan->profile->degree;
    int32_t *numbers = drawing->numbers + (uint64_t)worker * degree;
    for (uint64_t bin = first; bin < end; bin++) {
        int8_t *reversed = drawing->blinding->reversed + bin * degree;
        if (lattice_unblinded(plan)) {
            memset(reversed, 0, degree);
        } else if (plan->profile->declared) {
            lattice_gaussian_short(kernel, numbers, degree, drawing->key, bin);
            for (uint32_t i = 0; i < degree; i++) reversed[i] = (int8_t)numbers[i];
        } else {
            lattice_ternary(reversed, degree, drawing->key, bin);
        }
    }
    return FATE_OK;
}

int32_t lattice_blinding_make(fate_context *context, const struct lattice_public *public_part, const uint8_t *secret_seed,
                              const struct lattice_group *groups, uint32_t group_count, struct lattice_blinding *blinding)
{
    const struct lattice_plan *plan = public_part->plan;
    const uint64_t degree = plan->profile->degree;
    uint8_t key[RANDOM_KEY];
    struct drawing drawing = {public_part, blinding, key, NULL};
    memset(blinding, 0, sizeof *blinding);
    int32_t result = derive(context, public_part, secret_seed, groups, group_count, blinding, key);
    blinding->bins = plan->shape.bins;
    blinding->degree = plan->profile->degree;
    if (result == FATE_OK) {
        blinding->reversed = lattice_allocate(context, blinding->bins, degree);
        drawing.numbers = lattice_allocate(context, context->threads, degree * sizeof *drawing.numbers);
        if (blinding->reversed == NULL || drawing.numbers == NULL)
            result = context_out_of_memory(context);
        else
            result = threads_run(context, blinding->bins, PASS_BINS, draw_blinding, &drawing);
    }
    lattice_free(context, drawing.numbers, context->threads * degree * sizeof *drawing.numbers);
    sodium_memzero(key, sizeof key);
    if (result != FATE_OK) lattice_blinding_free(context, blinding);
    return result;
}

int32_t lattice_hint_make(fate_context *context, const struct lattice_public *public_part, const struct lattice_group *groups,
                          uint32_t group_count, const struct lattice_blinding *blinding, uint64_t first, uint64_t count, uint8_t *bytes)
{
    struct making making = {.public_part = public_part,
                            .groups = groups,
                            .group_count = group_count,
                            .blinding = blinding,
                            .first = first,
                            .end = first + count,
                            .bytes = bytes,
                            .memory_words = work_words(public_part->plan->profile)};
    making.memory = lattice_allocate(context, context->threads, making.memory_words * sizeof(uint64_t));
    if (making.memory == NULL) return context_out_of_memory(context);
    int32_t result = threads_run(context, count_passes(&making), 1, make_passes, &making);
    lattice_free(context, making.memory, context->threads * making.memory_words * sizeof(uint64_t));
    return result;
}

void lattice_blinding_free(fate_context *context, struct lattice_blinding *blinding)
{
    lattice_free(context, blinding->reversed, blinding->bins * blinding->degree);
    sodium_memzero(blinding, sizeof *blinding);
}
