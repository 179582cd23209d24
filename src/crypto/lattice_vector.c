/* Encryption of vectors with fresh secrets, and the opening of replies by rounding. */
#include "src/crypto/lattice_vector.h"

#include "lib/bytes.h"
#include "lib/memory.h"
#include "lib/threads.h"
#include "src/crypto/lattice_sample.h"
#include "src/crypto/lattice_wire.h"

#include <sodium.h>
#include <string.h>

/* What the workers of one encryption share, and the scratch of each. */
struct encryption {
    const struct lattice_public *public_part;
    const int32_t *values;
    uint8_t *bytes;
    uint8_t noise_key[RANDOM_KEY];
    uint64_t *transformed; /* s */
    uint64_t *memory;
    uint64_t memory_words; /* of each worker */
};

struct scratch {
    int64_t *integers;     /* digits * degree */
    uint64_t *transformed; /* digits * degree */
    int8_t *noise;
};

static uint64_t scratch_words(const struct lattice_profile *profile)
{
    return (uint64_t)profile->degree * 2 * profile->digits + profile->degree / 8;
}

static struct scratch scratch_of(const struct encryption *encryption, uint32_t worker)
{
    const struct lattice_profile *profile = encryption->public_part->plan->profile;
    struct scratch scratch;
    scratch.integers = (int64_t *)(encryption->memory + worker * encryption->memory_words); /* signed and unsigned may alias */
    scratch.transformed = (uint64_t *)(scratch.integers + (uint64_t)profile->digits * profile->degree);
    scratch.noise = (int8_t *)(scratch.transformed + (uint64_t)profile->digits * profile->degree);
    return scratch;
}

/* a s + e + D v of one block, or b' where the block is the last. */
static void encrypt_block(const struct encryption *encryption, struct scratch *scratch, uint32_t block)
{
    const struct lattice_public *public_part = encryption->public_part;
    const struct lattice_kernel *kernel = public_part->ring.kernel;
    const struct lattice_plan *plan = public_part->plan;
    const struct lattice_profile *profile = plan->profile;
    const uint32_t degree = profile->degree;
    const uint64_t first = (uint64_t)block * degree, *factors = lattice_public_block(public_part, block);
    const bool last = block == plan->blocks;
    const uint32_t count = last || plan->shape.rows - first > degree ? degree : (uint32_t)(plan->shape.rows - first);
    if (profile->declared)
        lattice_binomial_short(kernel, scratch->noise, degree, encryption->noise_key, block);
    else
        lattice_binomial(kernel, scratch->noise, degree, encryption->noise_key, block);
    kernel->multiply(&public_part->ring, scratch->integers, scratch->transformed, factors, encryption->transformed, profile->digits);
    uint8_t *bytes = encryption->bytes + (last ? 0 : degree + first) * profile->bytes;
    kernel->write(profile, plan->scale, bytes, scratch->integers, scratch->noise, last ? NULL : encryption->values + first, count);
}

static int32_t encrypt_blocks(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    struct scratch scratch = scratch_of(argument, worker);
    for (uint64_t block = first; block < end; block++) encrypt_block(argument, &scratch, (uint32_t)block);
    return FATE_OK;
}

/* That numbers are out of range shows. A function of its own, for tests/constant_time. */
static __attribute__((noinline)) int32_t check_range(fate_context *context, const struct lattice_plan *plan, uint64_t excess)
{
    if (excess == 0) return FATE_OK;
    return context_fail(context, FATE_E_RANGE, "lattice: the numbers of a vector can add up to more than the %u bits that were planned",
                        (unsigned)plan->shape.bits);
}

static int32_t derive(fate_context *context, const struct lattice_public *public_part, const uint8_t *secret_seed, uint64_t number,
                      uint32_t attempt, const int32_t *values, uint8_t *key)
{
    struct lattice_digest digest;
    uint8_t head[LATTICE_HEAD];
    const struct lattice_head what = {LATTICE_VECTOR, 0, public_part->plan->scale, number, attempt};
    int32_t result = lattice_digest_begin(context, &digest, secret_seed, "lattice vector");
    if (result != FATE_OK) return result;
    lattice_head_write(public_part->plan, head, &what);
    lattice_digest_add(&digest, head, sizeof head);
    lattice_digest_add(&digest, public_part->seed, sizeof public_part->seed);
    const uint64_t total = lattice_digest_add_numbers(&digest, public_part->ring.kernel, values, public_part->plan->shape.rows);
    lattice_digest_end(&digest, key);
    return check_range(context, public_part->plan,
                       total >> public_part->plan->shape.bits); /* not 0 when sums of some of them can reach 2^bits */
}

static void make_secret(const struct encryption *encryption, struct lattice_secret *secret, int8_t *numbers, const uint8_t *key)
{
    const uint32_t degree = secret->degree;
    lattice_ternary(secret->reversed, degree, key, 0);
    lattice_reverse(numbers, secret->reversed, degree);
    encryption->public_part->ring.kernel->forward_small(&encryption->public_part->ring, encryption->transformed, numbers);
}

int32_t lattice_encrypt(fate_context *context, const struct lattice_public *public_part, const uint8_t *secret_seed, uint64_t number,
                        uint32_t attempt, const int32_t *values, uint8_t *bytes, struct lattice_secret *secret)
{
    const struct lattice_plan *plan = public_part->plan;
    const uint32_t degree = plan->profile->degree;
    struct encryption encryption = {.public_part = public_part, .values = values, .bytes = bytes};
    uint8_t key[RANDOM_KEY], secret_key[RANDOM_KEY];
    memset(secret, 0, sizeof *secret);
    if (number >= plan->shape.vectors)
        return context_fail(context, FATE_E_LIMIT, "lattice: %llu vectors were planned for this hint, and all are used: make a new one",
                            (unsigned long long)plan->shape.vectors);
    int32_t result = derive(context, public_part, secret_seed, number, attempt, values, key);
    if (result != FATE_OK) return result;
    encryption.memory_words = scratch_words(plan->profile);
    encryption.memory = lattice_allocate(context, context->threads, encryption.memory_words * sizeof(uint64_t));
    encryption.transformed = lattice_allocate(context, degree, sizeof(uint64_t));
    secret->degree = degree;
    secret->reversed = lattice_allocate(context, degree, 1);
    if (encryption.memory == NULL || encryption.transformed == NULL || secret->reversed == NULL) {
        result = context_out_of_memory(context);
    } else {
        random_derive(secret_key, key, "lattice secret", 0);
        random_derive(encryption.noise_key, key, "lattice noise", 0);
        make_secret(&encryption, secret, scratch_of(&encryption, 0).noise, secret_key);
        result = threads_run(context, (uint64_t)plan->blocks + 1, 1, encrypt_blocks, &encryption);
        sodium_memzero(secret_key, sizeof secret_key);
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(encryption.noise_key, sizeof encryption.noise_key);
    lattice_free(context, encryption.memory, context->threads * encryption.memory_words * sizeof(uint64_t));
    lattice_free(context, encryption.transformed, degree * sizeof(uint64_t));
    if (result != FATE_OK) lattice_secret_free(context, secret);
    return result;
}

void lattice_secret_free(fate_context *context, struct lattice_secret *secret)
{
    lattice_free(context, secret->reversed, secret->degree);
    secret->reversed = NULL;
}

int32_t lattice_hint_new(fate_context *context, struct lattice_hint *hint, const struct lattice_plan *plan)
{
    const struct lattice_profile *profile = plan->profile;
    hint->bins = plan->shape.bins;
    const uint64_t bytes = (uint64_t)profile->planes * profile->degree * sizeof *hint->planes;
    hint->planes = lattice_allocate(context, hint->bins, bytes);
    if (hint->planes == NULL) return context_out_of_memory(context);
    memset(hint->planes, 0, hint->bins * bytes);
    return FATE_OK;
}

void lattice_hint_free(fate_context *context, struct lattice_hint *hint)
{
    lattice_free(context, hint->planes, 0);
    hint->planes = NULL;
}

int32_t lattice_hint_take(fate_context *context, struct lattice_hint *hint, const struct lattice_plan *plan, uint64_t first, uint64_t count,
                          const uint8_t *body)
{
    const struct lattice_profile *profile = plan->profile;
    struct lattice_word *words = memory_allocate(context, profile->degree, sizeof *words);
    if (words == NULL) return context_out_of_memory(context);
    for (uint64_t bin = first; bin < first + count; bin++, body += lattice_item_bytes(plan, LATTICE_HINT)) {
        lattice_words_read(profile, words, body, profile->degree);
        lattice_planes(profile, hint->planes + bin * profile->planes * profile->degree, words);
    }
    memory_free(context, words);
    return FATE_OK;
}

struct padding {
    const struct lattice_public *public_part;
    const struct lattice_hint *hint;
    const struct lattice_secret *secrets;
    uint32_t vectors;
    const uint64_t *bins;
    uint64_t count;
    struct lattice_word *pads;
};

/* Of one bin, for all vectors. */
static void pad_bin(const struct padding *padding, uint64_t item)
{
    const struct lattice_profile *profile = padding->public_part->plan->profile;
    const uint32_t planes = profile->planes, degree = profile->degree, chunk = lattice_chunk(profile);
    const int16_t *hint = padding->hint->planes + padding->bins[item] * planes * degree;
    for (uint32_t begin = 0; begin < padding->vectors; begin += LATTICE_MOST_VECTORS) {
        uint32_t count = padding->vectors - begin < LATTICE_MOST_VECTORS ? padding->vectors - begin : LATTICE_MOST_VECTORS;
        int32_t sums[LATTICE_MOST_VECTORS][LATTICE_MOST_PLANES] = {{0}};
        for (uint32_t first = 0; first < degree; first += chunk)
            for (uint32_t i = 0; i < count; i++)
                padding->public_part->ring.kernel->inner(sums[i], padding->secrets[begin + i].reversed + first, hint + first * planes,
                                                         planes, chunk);
        for (uint32_t i = 0; i < count; i++)
            padding->pads[(begin + i) * padding->count + item] = lattice_word_of(lattice_planes_join(sums[i], planes));
        sodium_memzero(sums, sizeof sums);
    }
}

static int32_t make_pads(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    (void)worker;
    for (uint64_t item = first; item < end; item++) pad_bin(argument, item);
    return FATE_OK;
}

int32_t lattice_pads(fate_context *context, const struct lattice_public *public_part, const struct lattice_hint *hint,
                     const struct lattice_secret *secrets, uint32_t vectors, const uint64_t *bins, uint64_t count,
                     struct lattice_word *pads)
{
    struct padding padding = {public_part, hint, secrets, vectors, bins, count, pads};
    return threads_run(context, count, 16, make_pads, &padding);
}

/* Rounds one reply; returns 0, or another number when a bound is broken. */
static uint64_t open_reply(const struct lattice_plan *plan, lattice_wide difference, int64_t *sum)
{
    const uint32_t spare = 128 - plan->profile->bits;
    lattice_wide step = (lattice_wide)1 << plan->scale, bound = lattice_flood_bound(plan) + plan->noise + lattice_cut_bound(plan);
    /* Shifted up, the top bit is the sign; half a step is added, so that shifting down rounds. */
    lattice_wide shifted = (difference + step / 2) << spare, sign = 0 - (shifted >> 127);
    lattice_wide rounded = (shifted >> (spare + plan->scale)) | (sign & ~(~(lattice_wide)0 >> (spare + plan->scale)));
    lattice_wide left = lattice_reduce(difference - (rounded << plan->scale) + bound, plan->profile->bits);
    *sum = (int64_t)(uint64_t)rounded;
    /* Of the k - scale = bits + 1 bits of a rounded number only the least one is no sum. */
    uint64_t least = (uint64_t)(rounded + ((lattice_wide)1 << plan->shape.bits) == 0);
    return least | (uint64_t)((2 * bound - left) >> 127);
}

/* That a reply breaks a bound shows. */
static __attribute__((noinline)) int32_t check_bounds(fate_context *context, uint64_t bad)
{
    if (bad == 0) return FATE_OK;
    return context_fail(
        context, FATE_E_PROTOCOL,
        "lattice: a reply is not one that the protocol makes: it, the hint or a vector was altered, or was made under another seed");
}

int32_t lattice_open(fate_context *context, const struct lattice_plan *plan, const struct lattice_word *pads, const uint8_t *replies,
                     uint64_t count, int64_t *sums)
{
    const uint32_t bits = plan->profile->bits, bytes = plan->reply_bytes;
    uint64_t bad = 0;
    for (uint64_t i = 0; i < count; i++) {
        lattice_wide reply = 0;
        for (uint32_t j = bytes; j-- > 0;) reply = reply << 8 | replies[i * bytes + j];
        /* What was cut off is taken to be half of what it can be. */
        reply = reply << (bits - 8 * bytes) | (((lattice_wide)1 << (bits - 8 * bytes)) >> 1);
        bad |= open_reply(plan, reply - lattice_wide_of(pads[i]), &sums[i]);
    }
    int32_t result = check_bounds(context, bad);
    if (result != FATE_OK) sodium_memzero(sums, count * sizeof *sums);
    return result;
}
