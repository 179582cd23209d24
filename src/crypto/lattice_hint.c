/* The hint of the lattice cipher: for each bin the sum over blocks of x(1/X) a, blinded by r a' + e1. */
#include "src/crypto/lattice_sum.h"

#include "lib/memory.h"
#include "lib/threads.h"
#include "src/crypto/lattice_sample.h"
#include "src/crypto/lattice_wire.h"

#include <sodium.h>
#include <string.h>

/* Bins whose sums a worker keeps, and blocks that go into one after the other: a compromise of caches. */
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
    uint64_t *sorted;      /* of each worker: the column whose rows it has sorted, from 1, as columns are numbered through all groups */
};

/* What a worker has. Polynomials of a bin: one for each digit. */
struct work {
    uint64_t *sums;        /* of PASS_BINS bins: transformed */
    int64_t *totals;       /* of PASS_BINS bins: what has left its transform, below 2^34 LATTICE_MOST_ROWS + 2^46 */
    int64_t *integers;     /* of a bin: what leaves its transform */
    uint64_t *transformed; /* LATTICE_MOST_PRODUCTS polynomials that wait for being multiplied */
    uint32_t blocks[LATTICE_MOST_PRODUCTS], waiting;
    double shares[PASS_BINS]; /* of what the sums of a bin may hold */
    int8_t *small, *noise;
    uint32_t *members;        /* all rows, by bins of a column */
    uint32_t *starts;         /* of each bin in members, and their end */
    uint32_t next[PASS_BINS]; /* where in members each bin is */
};

static uint32_t most_bins(const struct making *making)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < making->group_count; i++)
        for (uint32_t column = 0; column < making->groups[i].columns; column++) {
            const uint32_t bins = making->groups[i].starts[column + 1] - making->groups[i].starts[column];
            if (bins > most) most = bins;
        }
    return most;
}

static uint64_t work_words(const struct making *making)
{
    const struct lattice_plan *plan = making->public_part->plan;
    const uint64_t digits = plan->profile->digits, numbers = plan->shape.rows + most_bins(making) + 2;
    return plan->profile->degree * ((2 * PASS_BINS + 1) * digits + LATTICE_MOST_PRODUCTS) + plan->profile->degree / 4 + (numbers + 1) / 2;
}

static void work_begin(struct work *work, const struct making *making, uint32_t worker)
{
    const struct lattice_profile *profile = making->public_part->plan->profile;
    const uint64_t degree = profile->degree;
    const uint64_t one = degree * profile->digits;
    work->sums = making->memory + worker * making->memory_words;
    work->totals = (int64_t *)(work->sums + PASS_BINS * one); /* signed and unsigned forms of a type may stand for each other */
    work->integers = work->totals + PASS_BINS * one;
    work->transformed = (uint64_t *)(work->integers + one);
    work->waiting = 0;
    work->small = (int8_t *)(work->transformed + LATTICE_MOST_PRODUCTS * degree);
    work->noise = work->small + degree;
    work->members = (uint32_t *)(void *)(work->noise + degree);
    work->starts = work->members + making->public_part->plan->shape.rows;
}

/* All rows, sorted by bin. */
static void sort_members(struct work *work, const struct making *making, const struct lattice_group *group, uint32_t column)
{
    const uint64_t rows = making->public_part->plan->shape.rows;
    const uint32_t first_bin = group->starts[column], bins = group->starts[column + 1] - first_bin;
    const uint16_t *index = group->index + column;
    uint32_t *ends =
        work->starts + 1; /* each bin's end is counted up to from its start, which is where the end of the one before it will be */
    memset(work->starts, 0, (bins + 2) * sizeof *work->starts);
    for (uint64_t row = 0; row < rows; row++) ends[index[row * group->columns] - first_bin + 1]++;
    for (uint32_t bin = 0; bin < bins; bin++) ends[bin + 1] += ends[bin];
    for (uint64_t row = 0; row < rows; row++) work->members[ends[index[row * group->columns] - first_bin]++] = (uint32_t)row;
}

/* What waits is added to the sums of a bin. */
static void add_products(const struct making *making, struct work *work, uint32_t bin)
{
    const struct lattice_public *public_part = making->public_part;
    const uint64_t degree = public_part->ring.degree, one = public_part->plan->profile->digits * degree;
    const uint64_t *left[LATTICE_MOST_PRODUCTS], *right[LATTICE_MOST_PRODUCTS];
    if (work->waiting == 0) return;
    for (uint64_t at = 0; at < one; at += degree) {
        for (uint32_t i = 0; i < work->waiting; i++) {
            left[i] = lattice_public_block(public_part, work->blocks[i]) + at;
            right[i] = work->transformed + i * degree;
        }
        public_part->ring.kernel->accumulate(&public_part->ring, work->sums + bin * one + at, left, right, work->waiting);
    }
    work->waiting = 0;
}

/* The sums of a bin leave their transform. */
static void leave(const struct making *making, struct work *work, uint32_t bin)
{
    const struct lattice_profile *profile = making->public_part->plan->profile;
    const uint64_t one = (uint64_t)profile->digits * profile->degree;
    lattice_public_leave(making->public_part, work->integers, work->sums + bin * one);
    for (uint64_t i = 0; i < one; i++) work->totals[bin * one + i] += work->integers[i];
    memset(work->sums + bin * one, 0, one * sizeof *work->sums);
    work->shares[bin] = 0;
}

/* The product of a block with what is in `small` waits to be added to a bin. */
static void multiply(const struct making *making, struct work *work, uint32_t bin, uint32_t block, double share)
{
    const struct lattice_ring *ring = &making->public_part->ring;
    const bool full = work->shares[bin] + share > 1;
    if (full || work->waiting == LATTICE_MOST_PRODUCTS) add_products(making, work, bin);
    if (full) leave(making, work, bin);
    work->shares[bin] += share;
    ring->kernel->forward_small(ring, work->transformed + work->waiting * (uint64_t)ring->degree, work->small);
    work->blocks[work->waiting++] = block;
}

/* x(1/X) a of one bin over blocks up to `end`: X^-i is -X^(n-i). */
static void add_blocks(const struct making *making, struct work *work, uint32_t bin, uint32_t members_end, uint32_t end)
{
    const struct lattice_ring *ring = &making->public_part->ring;
    uint32_t next = work->next[bin];
    while (next < members_end && work->members[next] >> ring->log_degree < end) {
        const uint32_t block = work->members[next] >> ring->log_degree, first = next;
        memset(work->small, 0, ring->degree);
        for (; next < members_end && work->members[next] >> ring->log_degree == block; next++) {
            uint32_t at = work->members[next] & (ring->degree - 1);
            work->small[at == 0 ? 0 : ring->degree - at] = at == 0 ? 1 : -1;
        }
        multiply(making, work, bin, block, ring->kernel->share(making->public_part->plan->profile, next - first, next - first));
    }
    work->next[bin] = next;
    add_products(making, work, bin);
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
    const struct lattice_plan *plan = making->public_part->plan;
    const struct lattice_profile *profile = plan->profile;
    const uint64_t degree = profile->degree;
    const double share = draw_noise(making, work, number);
    if (lattice_unblinded(plan)) memset(work->noise, 0, degree);
    lattice_reverse(work->small, making->blinding->reversed + number * degree, profile->degree);
    multiply(making, work, bin, plan->blocks, share);
    add_products(making, work, bin);
    leave(making, work, bin);
    making->public_part->ring.kernel->write(profile, 0, making->bytes + (number - making->first) * degree * profile->bytes,
                                            work->totals + bin * profile->digits * degree, work->noise, NULL, profile->degree);
}

/* `bins` of a column, from first_bin of it on. */
static void make_bins(const struct making *making, struct work *work, const struct lattice_group *group, uint32_t column,
                      uint32_t first_bin, uint32_t bins)
{
    const struct lattice_plan *plan = making->public_part->plan;
    const uint64_t words = (uint64_t)bins * plan->profile->digits * plan->profile->degree;
    memset(work->sums, 0, words * sizeof *work->sums);
    memset(work->totals, 0, words * sizeof *work->totals);
    memset(work->shares, 0, sizeof work->shares);
    memcpy(work->next, work->starts + first_bin, bins * sizeof *work->next);
    for (uint32_t block = 0; block < plan->blocks; block += PASS_BLOCKS)
        for (uint32_t bin = 0; bin < bins; bin++) add_blocks(making, work, bin, work->starts[first_bin + bin + 1], block + PASS_BLOCKS);
    for (uint32_t bin = 0; bin < bins; bin++) finish_bin(making, work, bin, group->first_bin + group->starts[column] + first_bin + bin);
}

/* A piece of work is up to PASS_BINS bins of a column, of those that are made. */
static int32_t make_passes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct making *making = argument;
    struct work work;
    uint64_t number = 0, columns = 0;
    work_begin(&work, making, worker);
    for (uint32_t i = 0; i < making->group_count; i++) {
        const struct lattice_group *group = &making->groups[i];
        for (uint32_t column = 0; column < group->columns; column++, columns++) {
            const uint64_t begin = group->first_bin + group->starts[column], behind = group->first_bin + group->starts[column + 1];
            const uint64_t last = behind < making->end ? behind : making->end;
            for (uint64_t bin = begin > making->first ? begin : making->first; bin < last; bin += PASS_BINS, number++) {
                uint32_t bins = last - bin < PASS_BINS ? (uint32_t)(last - bin) : PASS_BINS;
                if (number < first || number >= end) continue;
                if (making->sorted[worker] != columns + 1) sort_members(&work, making, group, column);
                making->sorted[worker] = columns + 1;
                make_bins(making, &work, group, column, (uint32_t)(bin - begin), bins);
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
};

/* r of each bin. */
static int32_t draw_blinding(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct drawing *drawing = argument;
    const struct lattice_kernel *kernel = drawing->public_part->ring.kernel;
    const struct lattice_plan *plan = drawing->public_part->plan;
    const uint32_t degree = plan->profile->degree;
    (void)worker;
    for (uint64_t bin = first; bin < end; bin++) {
        int8_t *reversed = drawing->blinding->reversed + bin * degree;
        if (lattice_unblinded(plan)) {
            memset(reversed, 0, degree);
        } else if (plan->profile->declared) {
            lattice_gaussian_short(kernel, reversed, degree, drawing->key, bin);
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
    struct drawing drawing = {public_part, blinding, key};
    memset(blinding, 0, sizeof *blinding);
    int32_t result = derive(context, public_part, secret_seed, groups, group_count, blinding, key);
    blinding->bins = plan->shape.bins;
    blinding->degree = plan->profile->degree;
    if (result == FATE_OK) {
        blinding->reversed = lattice_allocate(context, blinding->bins, degree);
        if (blinding->reversed == NULL)
            result = context_out_of_memory(context);
        else
            result = threads_run(context, blinding->bins, PASS_BINS, draw_blinding, &drawing);
    }
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
                            .bytes = bytes};
    making.memory_words = work_words(&making);
    making.memory = lattice_allocate(context, context->threads, making.memory_words * sizeof(uint64_t));
    making.sorted = memory_zeroed(context, context->threads, sizeof *making.sorted);
    int32_t result = making.memory != NULL && making.sorted != NULL ? FATE_OK : context_out_of_memory(context);
    if (result == FATE_OK) result = threads_run(context, count_passes(&making), 1, make_passes, &making);
    lattice_free(context, making.memory, context->threads * making.memory_words * sizeof(uint64_t));
    memory_free(context, making.sorted);
    return result;
}

void lattice_blinding_free(fate_context *context, struct lattice_blinding *blinding)
{
    lattice_free(context, blinding->reversed, blinding->bins * blinding->degree);
    sodium_memzero(blinding, sizeof *blinding);
}
