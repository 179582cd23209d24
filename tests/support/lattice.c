/* Jobs of the lattice cipher for tests. */
#include "tests/support/lattice.h"

#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "src/crypto/lattice_wire.h"

static void draw_column(struct lattice_job *job, struct lattice_group *group, uint32_t column, uint32_t most_bins)
{
    uint16_t *index = job->index + (group->index - job->index);
    uint32_t *starts = job->starts + (group->starts - job->starts);
    uint32_t bins = 1 + (uint32_t)random_stream_below(&job->random, most_bins);
    bool skewed = random_stream_below(&job->random, 2) == 0;
    starts[column + 1] = starts[column] + bins;
    for (uint64_t row = 0; row < job->plan.shape.rows; row++) {
        uint64_t bin = random_stream_below(&job->random, bins);
        if (skewed) bin = random_stream_below(&job->random, bin + 1);
        index[row * group->columns + column] = (uint16_t)(starts[column] + bin);
    }
}

static void draw_groups(struct lattice_job *job, uint32_t columns, uint32_t most_bins)
{
    uint16_t *index = job->index;
    uint32_t *starts = job->starts;
    job->plan.shape.bins = 0;
    job->group_count = 0;
    for (uint32_t left = columns; left > 0; job->group_count++) {
        struct lattice_group *group = &job->groups[job->group_count];
        group->columns = left < LATTICE_JOB_GROUP ? left : LATTICE_JOB_GROUP;
        group->index = index;
        group->starts = starts;
        group->first_bin = job->plan.shape.bins;
        starts[0] = 0;
        for (uint32_t column = 0; column < group->columns; column++) draw_column(job, group, column, most_bins);
        job->plan.shape.bins += starts[group->columns];
        index += job->plan.shape.rows * group->columns;
        starts += group->columns + 1;
        left -= group->columns;
    }
}

static int32_t toss(struct lattice_job *job, const struct lattice_kernel *kernel)
{
    uint8_t subject[LATTICE_SEED] = {1}, nonces[2 * LATTICE_SEED], commitment[LATTICE_SEED], seed[LATTICE_SEED];
    random_stream_bytes(&job->random, nonces, sizeof nonces);
    for (uint32_t party = 0; party < 2; party++) {
        lattice_coin_commit(commitment, nonces + party * LATTICE_SEED, subject, party);
        int32_t result = lattice_coin_check(job->context, commitment, nonces + party * LATTICE_SEED, subject, party);
        if (result != FATE_OK) return result;
    }
    lattice_coin_seed(seed, nonces, 2, subject);
    return lattice_public_make(job->context, &job->public_part, &job->plan, seed, kernel);
}

static int32_t exchange_hint(struct lattice_job *job)
{
    int32_t result = lattice_blinding_make(job->context, &job->public_part, job->host_seed, job->groups, job->group_count, &job->blinding);
    if (result == FATE_OK)
        result = lattice_hint_make(job->context, &job->public_part, job->groups, job->group_count, &job->blinding, 0, job->plan.shape.bins,
                                   job->hint_bytes);
    if (result == FATE_OK) result = lattice_hint_new(job->context, &job->hint, &job->plan);
    return result == FATE_OK ? lattice_hint_take(job->context, &job->hint, &job->plan, 0, job->plan.shape.bins, job->hint_bytes) : result;
}

int32_t lattice_job_make_with(struct lattice_job *job, fate_context *context, const struct lattice_profile *profile, uint64_t rows,
                              uint32_t columns, uint32_t most_bins, uint32_t bits, uint64_t seed, const struct lattice_kernel *kernel,
                              void (*change)(struct lattice_plan *plan))
{
    const uint8_t key[RANDOM_KEY] = {7};
    memset(job, 0, sizeof *job);
    job->context = context;
    random_stream_init(&job->random, key, seed);
    random_stream_bytes(&job->random, job->guest_seed, sizeof job->guest_seed);
    random_stream_bytes(&job->random, job->host_seed, sizeof job->host_seed);
    job->plan.shape.rows = rows;
    job->groups = calloc(columns, sizeof *job->groups);
    job->index = calloc(rows * columns, sizeof *job->index);
    job->starts = calloc(2 * (size_t)columns, sizeof *job->starts);
    if (job->groups == NULL || job->index == NULL || job->starts == NULL) return FATE_E_MEMORY;
    draw_groups(job, columns, most_bins);
    const struct lattice_shape shape = {rows, columns, job->plan.shape.bins, 1000, bits};
    int32_t result = lattice_plan_make(context, &job->plan, profile, &shape);
    if (result == FATE_OK && change != NULL) change(&job->plan);
    if (result != FATE_OK) return result;
    job->hint_bytes = calloc(shape.bins, lattice_item_bytes(&job->plan, LATTICE_HINT));
    result = job->hint_bytes == NULL ? FATE_E_MEMORY : toss(job, kernel);
    return result == FATE_OK ? exchange_hint(job) : result;
}

int32_t lattice_job_make(struct lattice_job *job, fate_context *context, const struct lattice_profile *profile, uint64_t rows,
                         uint32_t columns, uint32_t most_bins, uint32_t bits, uint64_t seed, const struct lattice_kernel *kernel)
{
    return lattice_job_make_with(job, context, profile, rows, columns, most_bins, bits, seed, kernel, NULL);
}

void lattice_job_free(struct lattice_job *job)
{
    lattice_blinding_free(job->context, &job->blinding);
    lattice_hint_free(job->context, &job->hint);
    lattice_public_free(job->context, &job->public_part);
    free(job->hint_bytes);
    free(job->groups);
    free(job->index);
    free(job->starts);
}

int32_t *lattice_job_values(struct lattice_job *job, uint32_t vectors)
{
    uint64_t rows = job->plan.shape.rows, most = (((uint64_t)1 << job->plan.shape.bits) - 1) / rows;
    int32_t *values = calloc(rows * vectors, sizeof *values);
    if (most > INT32_MAX) most = INT32_MAX;
    for (uint32_t vector = 0; vector < vectors && values != NULL; vector++) {
        uint64_t way = random_stream_below(&job->random, 4);
        for (uint64_t row = 0; row < rows; row++) {
            uint64_t drawn = random_stream_below(&job->random, 2 * most + 1);
            int64_t value = way == 0 ? (int64_t)most : way == 1 ? -(int64_t)most : (int64_t)drawn - (int64_t)most;
            values[vector * rows + row] = (int32_t)value;
        }
    }
    return values;
}

void lattice_job_expected(const struct lattice_job *job, const int32_t *values, uint32_t vectors, int64_t *sums)
{
    const uint64_t rows = job->plan.shape.rows, bins = job->plan.shape.bins;
    memset(sums, 0, vectors * bins * sizeof *sums);
    for (uint32_t vector = 0; vector < vectors; vector++)
        for (uint32_t i = 0; i < job->group_count; i++) {
            const struct lattice_group *group = &job->groups[i];
            for (uint64_t cell = 0; cell < rows * group->columns; cell++)
                sums[vector * bins + group->first_bin + group->index[cell]] += values[vector * rows + cell / group->columns];
        }
}

static int32_t host_part(struct lattice_job *job, struct lattice_round *round, uint64_t number)
{
    const struct lattice_kernel *kernel = job->public_part.ring.kernel;
    int32_t result = lattice_rows_new(job->context, &round->rows, &job->plan, round->vectors);
    struct lattice_sent sent[LATTICE_MOST_VECTORS];
    for (uint32_t vector = 0; vector < round->vectors; vector++)
        sent[vector] = (struct lattice_sent){number + vector, 0, round->bytes + vector * round->length};
    if (result == FATE_OK) result = lattice_rows_take(job->context, &round->rows, &job->blinding, sent);
    if (result == FATE_OK) result = lattice_add(job->context, &round->rows, kernel, job->groups, job->group_count, round->sums);
    if (result != FATE_OK) return result;
    return lattice_reply(job->context, &round->rows, kernel, &job->blinding, round->sums, round->bins, NULL, job->plan.shape.bins,
                         round->replies);
}

int32_t lattice_round_make(struct lattice_job *job, struct lattice_round *round, const int32_t *values, uint32_t vectors, uint64_t number)
{
    const uint64_t bins = job->plan.shape.bins;
    int32_t result = FATE_OK;
    memset(round, 0, sizeof *round);
    round->vectors = vectors;
    round->length = lattice_items(&job->plan, LATTICE_VECTOR) * job->plan.profile->bytes;
    round->bytes = calloc(vectors, round->length);
    round->replies = calloc(vectors * bins, job->plan.reply_bytes);
    round->sums = calloc(bins, lattice_stride(job->plan.profile, vectors) * sizeof *round->sums);
    round->bins = calloc(bins, sizeof *round->bins);
    round->pads = calloc(vectors * bins, sizeof *round->pads);
    if (round->bytes == NULL || round->replies == NULL || round->sums == NULL || round->bins == NULL || round->pads == NULL)
        return FATE_E_MEMORY;
    for (uint32_t vector = 0; vector < vectors && result == FATE_OK; vector++)
        result = lattice_encrypt(job->context, &job->public_part, job->guest_seed, number + vector, 0,
                                 values + vector * job->plan.shape.rows, round->bytes + vector * round->length, &round->secrets[vector]);
    for (uint64_t bin = 0; bin < bins; bin++) round->bins[bin] = bin;
    if (result == FATE_OK) result = host_part(job, round, number);
    if (result != FATE_OK) return result;
    return lattice_pads(job->context, &job->public_part, &job->hint, round->secrets, vectors, round->bins, bins, round->pads);
}

void lattice_round_free(struct lattice_job *job, struct lattice_round *round)
{
    lattice_rows_free(job->context, &round->rows);
    for (uint32_t vector = 0; vector < LATTICE_MOST_VECTORS; vector++) lattice_secret_free(job->context, &round->secrets[vector]);
    free(round->bytes);
    free(round->replies);
    free(round->sums);
    free(round->bins);
    free(round->pads);
}

int32_t lattice_job_sum(struct lattice_job *job, const int32_t *values, uint32_t vectors, uint64_t number, int64_t *sums)
{
    struct lattice_round round;
    int32_t result = lattice_round_make(job, &round, values, vectors, number);
    if (result == FATE_OK) result = lattice_open(job->context, &job->plan, round.pads, round.replies, vectors * job->plan.shape.bins, sums);
    lattice_round_free(job, &round);
    return result;
}

const struct lattice_profile *lattice_small_of(const char *name)
{
    static struct lattice_profile smalls[3];
    const struct lattice_profile *profile = lattice_profile_find(name);
    struct lattice_profile *small = &smalls[profile->number - 1];
    *small = *profile;
    small->name = "small";
    small->log_degree = 6;
    small->degree = 64;
    return small;
}

const struct lattice_profile *lattice_small(void)
{
    return lattice_small_of("B");
}
