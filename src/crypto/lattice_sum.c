/* Encrypted rows as limbs, their sums over bins, and the replies that are sent. */
#include "src/crypto/lattice_sum.h"

#include "lib/memory.h"
#include "lib/threads.h"
#include "src/crypto/lattice_sample.h"
#include "src/crypto/lattice_wire.h"

#include <sodium.h>
#include <string.h>

uint32_t lattice_stride(const struct lattice_profile *profile, uint32_t vectors)
{
    return (profile->limbs * vectors + 3) / 4 * 4;
}

int32_t lattice_rows_new(fate_context *context, struct lattice_rows *rows, const struct lattice_plan *plan, uint32_t vectors)
{
    memset(rows, 0, sizeof *rows);
    rows->plan = plan;
    rows->vectors = vectors;
    rows->stride = lattice_stride(plan->profile, vectors);
    const uint64_t numbers = plan->shape.rows * rows->stride;
    rows->rows = lattice_allocate(context, numbers, sizeof *rows->rows);
    rows->planes = lattice_allocate(context, (uint64_t)vectors * plan->profile->planes * plan->profile->degree, sizeof *rows->planes);
    if (rows->rows != NULL && rows->planes != NULL) {
        memset(rows->rows, 0, numbers * sizeof *rows->rows);
        return FATE_OK;
    }
    lattice_rows_free(context, rows);
    return context_out_of_memory(context);
}

void lattice_rows_free(fate_context *context, struct lattice_rows *rows)
{
    lattice_free(context, rows->rows, 0);
    lattice_free(context, rows->planes, 0);
    sodium_memzero(rows, sizeof *rows);
}

/* The profiles' shapes are constants in these two, so that compilers unroll. */
static inline void cut(const struct lattice_profile *profile, uint64_t *limbs, lattice_wide word)
{
    if (profile->limbs == 1) {
        limbs[0] = (uint64_t)word;
        return;
    }
    if (profile->limbs == 2 && profile->limb_bits == 52) {
        const uint64_t mask = ((uint64_t)1 << 52) - 1;
        limbs[0] = (uint64_t)word & mask;
        limbs[1] = (uint64_t)(word >> 52) & mask;
        return;
    }
    for (uint32_t limb = 0; limb < profile->limbs; limb++)
        limbs[limb] = (uint64_t)(word >> limb * profile->limb_bits) & (((uint64_t)1 << profile->limb_bits) - 1);
}

static inline lattice_wide join(const struct lattice_profile *profile, const uint64_t *limbs)
{
    if (profile->limbs == 2 && profile->limb_bits == 52) return ((lattice_wide)limbs[1] << 52) + limbs[0];
    if (profile->limbs == 1) return limbs[0];
    lattice_wide word = 0;
    for (uint32_t limb = profile->limbs; limb-- > 0;) word = (word << profile->limb_bits) + limbs[limb];
    return word;
}

static int32_t derive_flood(fate_context *context, const struct lattice_plan *plan, const struct lattice_blinding *blinding,
                            const struct lattice_sent *vector, uint8_t *flood)
{
    struct lattice_digest digest;
    uint8_t head[LATTICE_HEAD];
    const struct lattice_head what = {LATTICE_REPLY, 0, plan->scale, vector->number, vector->attempt};
    int32_t result = lattice_digest_begin(context, &digest, blinding->seed, "lattice reply");
    if (result != FATE_OK) return result;
    lattice_head_write(plan, head, &what);
    lattice_digest_add(&digest, head, sizeof head);
    lattice_digest_add(&digest, vector->bytes, lattice_items(plan, LATTICE_VECTOR) * plan->profile->bytes);
    lattice_digest_end(&digest, flood);
    return FATE_OK;
}

/* A few rows of all vectors at a time: a row's numbers of all vectors share lines of the cache. */
static void take_rows(struct lattice_rows *rows, const struct lattice_sent *vectors)
{
    enum { PIECE = 64 };
    const struct lattice_profile *profile = rows->plan->profile;
    struct lattice_word words[PIECE];
    for (uint64_t first = 0; first < rows->plan->shape.rows; first += PIECE) {
        uint64_t some = rows->plan->shape.rows - first < PIECE ? rows->plan->shape.rows - first : PIECE;
        for (uint32_t vector = 0; vector < rows->vectors; vector++) {
            uint64_t *to = rows->rows + first * rows->stride + vector * profile->limbs;
            lattice_words_read(profile, words, vectors[vector].bytes + (profile->degree + first) * profile->bytes, some);
            for (uint64_t i = 0; i < some; i++) cut(profile, to + i * rows->stride, lattice_wide_of(words[i]));
        }
    }
}

int32_t lattice_rows_take(fate_context *context, struct lattice_rows *rows, const struct lattice_blinding *blinding,
                          const struct lattice_sent *vectors)
{
    const struct lattice_profile *profile = rows->plan->profile;
    struct lattice_word *words = memory_allocate(context, profile->degree, sizeof *words);
    if (words == NULL) return context_out_of_memory(context);
    int32_t result = FATE_OK;
    for (uint32_t vector = 0; vector < rows->vectors && result == FATE_OK; vector++) {
        result = derive_flood(context, rows->plan, blinding, &vectors[vector], rows->floods[vector]);
        lattice_words_read(profile, words, vectors[vector].bytes, profile->degree);
        lattice_planes(profile, rows->planes + (uint64_t)vector * profile->planes * profile->degree, words);
    }
    memory_free(context, words);
    if (result == FATE_OK) take_rows(rows, vectors);
    return result;
}

struct adding {
    const struct lattice_rows *rows;
    const struct lattice_kernel *kernel;
    const struct lattice_group *groups;
    uint64_t *sums;
};

static void carry(const struct lattice_rows *rows, uint64_t *sums, uint64_t bins)
{
    const struct lattice_profile *profile = rows->plan->profile;
    for (uint64_t bin = 0; bin < bins; bin++)
        for (uint32_t vector = 0; vector < rows->vectors; vector++) {
            uint64_t *limbs = sums + bin * rows->stride + vector * profile->limbs;
            cut(profile, limbs, join(profile, limbs));
        }
}

/* A limb below 2^52 and 4095 more of them stay below 2^64; numbers modulo 2^64 need no carries. */
static int32_t add_groups(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    enum { CHUNK = 4095 };
    const struct adding *adding = argument;
    const uint64_t row_count = adding->rows->plan->shape.rows;
    const uint32_t stride = adding->rows->stride;
    (void)worker;
    for (uint64_t i = first; i < end; i++) {
        const struct lattice_group *group = &adding->groups[i];
        uint64_t *sums = adding->sums + group->first_bin * stride, bins = group->starts[group->columns];
        memset(sums, 0, bins * stride * sizeof *sums);
        for (uint64_t row = 0; row < row_count; row += CHUNK) {
            uint64_t some = row_count - row < CHUNK ? row_count - row : CHUNK;
            adding->kernel->add_rows(sums, adding->rows->rows + row * stride, group->index + row * group->columns, some, group->columns,
                                     stride);
            if (adding->rows->plan->profile->limbs > 1) carry(adding->rows, sums, bins);
        }
    }
    return FATE_OK;
}

int32_t lattice_add(fate_context *context, const struct lattice_rows *rows, const struct lattice_kernel *kernel,
                    const struct lattice_group *groups, uint32_t group_count, uint64_t *sums)
{
    struct adding adding = {rows, kernel, groups, sums};
    return threads_run(context, group_count, 1, add_groups, &adding);
}

struct replying {
    const struct lattice_rows *rows;
    const struct lattice_kernel *kernel;
    const struct lattice_blinding *blinding;
    const uint64_t *sums;
    const uint64_t *bins, *places;
    uint64_t count;
    uint8_t *bytes;
};

enum { BATCH = 16 }; /* bins for which a chunk of b' is read once */

/* The constant coefficients of r b' of up to BATCH bins. */
static void blind(const struct replying *replying, lattice_wide *words, const uint64_t *bins, uint32_t count, uint32_t vector)
{
    const struct lattice_profile *profile = replying->rows->plan->profile;
    const uint32_t chunk = lattice_chunk(profile), planes = profile->planes, degree = profile->degree;
    int32_t sums[BATCH][LATTICE_MOST_PLANES] = {{0}};
    for (uint32_t first = 0; first < degree; first += chunk)
        for (uint32_t i = 0; i < count; i++)
            replying->kernel->inner(sums[i], replying->blinding->reversed + bins[i] * degree + first,
                                    replying->rows->planes + ((uint64_t)vector * degree + first) * planes, planes, chunk);
    for (uint32_t i = 0; i < count; i++) words[i] = lattice_planes_join(sums[i], planes);
    sodium_memzero(sums, sizeof sums);
}

static lattice_wide flood_of(const struct replying *replying, uint64_t bin, uint32_t vector)
{
    const struct lattice_plan *plan = replying->rows->plan;
    const uint8_t *key = replying->rows->floods[vector];
    return plan->profile->declared ? lattice_flood_gaussian(replying->kernel, key, bin, plan->scale) : lattice_flood(key, bin, plan->scale);
}

static void reply(const struct replying *replying, uint64_t item, uint32_t count, uint32_t vector)
{
    const struct lattice_rows *rows = replying->rows;
    const struct lattice_profile *profile = rows->plan->profile;
    const uint64_t *bins = replying->bins + item, *places = replying->places + item;
    const uint32_t bytes = rows->plan->reply_bytes, shift = profile->bits - 8 * bytes;
    uint8_t *to = replying->bytes + (vector * replying->count + item) * bytes;
    lattice_wide words[BATCH];
    blind(replying, words, bins, count, vector);
    for (uint32_t i = 0; i < count; i++, to += bytes) {
        words[i] += join(profile, replying->sums + places[i] * rows->stride + vector * profile->limbs);
        if (!lattice_unflooded(rows->plan)) words[i] += flood_of(replying, bins[i], vector);
        for (uint32_t j = 0; j < bytes; j++) to[j] = (uint8_t)(words[i] >> (shift + 8 * j));
    }
    sodium_memzero(words, sizeof words);
}

static int32_t reply_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct replying *replying = argument;
    (void)worker;
    for (uint64_t item = first; item < end; item += BATCH)
        for (uint32_t vector = 0; vector < replying->rows->vectors; vector++)
            reply(replying, item, end - item < BATCH ? (uint32_t)(end - item) : BATCH, vector);
    return FATE_OK;
}

int32_t lattice_reply(fate_context *context, const struct lattice_rows *rows, const struct lattice_kernel *kernel,
                      const struct lattice_blinding *blinding, const uint64_t *sums, const uint64_t *bins, const uint64_t *places,
                      uint64_t count, uint8_t *bytes)
{
    struct replying replying = {rows, kernel, blinding, sums, bins, places == NULL ? bins : places, count, bytes};
    return threads_run(context, count, BATCH, reply_items, &replying);
}
