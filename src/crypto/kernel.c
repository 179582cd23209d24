/* Which kernel a key uses, and what a kernel prepares for a modulus. */
#include "src/crypto/kernel.h"

#include <fate/encryption.h>
#include <string.h>

static const struct kernel *const kernels[] = {
#ifdef __x86_64__
    &kernel_avx512, &kernel_avx512_split, &kernel_avx2,
#endif
    &kernel_plain, /* on request alone */
};

enum { KERNELS = sizeof kernels / sizeof kernels[0] };

const struct kernel *kernel_find(const char *name)
{
    for (int i = 0; i < KERNELS; i++)
        if (strcmp(kernels[i]->name, name) == 0 && kernels[i]->available() && kernels[i]->suits()) return kernels[i];
    return NULL;
}

const struct kernel *kernel_of(const fate_context *context)
{
    if (context->kernel != NULL) return kernel_find(context->kernel);
    for (int i = 0; i + 1 < KERNELS; i++)
        if (kernels[i]->available() && kernels[i]->suits()) return kernels[i];
    return NULL;
}

int32_t fate_context_set_kernel(fate_context *context, const char *name)
{
    if (context == NULL) return FATE_E_ARGUMENT;
    const struct kernel *kernel = name == NULL ? NULL : kernel_find(name);
    if (name != NULL && kernel == NULL && strcmp(name, "portable") != 0)
        return context_fail(
            context, FATE_E_UNSUPPORTED,
            "there is no kernel \"%.32s\" here: of \"avx512\", \"avx2\", \"portable\" and \"plain\" the last two are everywhere", name);
    context->kernel = name == NULL ? NULL : kernel == NULL ? "portable" : kernel->name;
    return FATE_OK;
}

void kernel_ring_free(struct kernel_ring *ring, fate_context *context)
{
    if (ring == NULL) return;
    memory_free_secret(context, ring->memory, ring->memory_words * sizeof *ring->memory);
    memory_free(context, ring);
}

static uint64_t limb_at(const mp_limb_t *number, uint32_t words, uint32_t limb)
{
    uint64_t from = (uint64_t)KERNEL_LIMB_BITS * limb;
    return from / 64 >= words ? 0 : limbs_digit(number, 64 * (uint64_t)words, from, KERNEL_LIMB_BITS);
}

/* Terms that columns get: lows and highs. */
struct terms {
    uint64_t low, high;
};

static uint64_t bias(const struct kernel_ring *ring, struct terms terms)
{
    return terms.low * ring->kernel->low_bias + terms.high * ring->kernel->high_bias;
}

/* Of column c in a product of two numbers of so many limbs. */
static struct terms product_terms(uint64_t limbs, uint64_t c)
{
    struct terms terms = {c < limbs ? c + 1 : 2 * limbs - 1 - c, c <= limbs ? c : 2 * limbs - c};
    if (c >= 2 * limbs) terms.low = 0;
    return terms;
}

/* What all blocks of a reduction add to column c beyond their own columns. Limb m of the quotient meets limb c-m of n. */
static struct terms reduction_terms(uint64_t limbs, uint64_t block, uint64_t c)
{
    struct terms terms = {0, 0};
    for (uint64_t m = 0; m < limbs; m++) {
        if (c < (m / block + 1) * block) break;
        if (c - m < limbs) terms.low++;
        if (c - m - 1 < limbs) terms.high++;
    }
    return terms;
}

/* The same for the reduction of the mixed products: all blocks but the last add multiples of `friendly` above themselves. */
static struct terms mixed_terms(uint64_t limbs, uint64_t block, uint64_t c)
{
    struct terms terms = {0, 0};
    for (uint64_t m = 0; m < limbs; m++) {
        bool last = m >= limbs - block;
        uint64_t from = last ? m : m + block; /* the column of its product with limb 0 */
        if (c < (last ? limbs : from)) continue;
        if (c - from < limbs) terms.low++;
        if (c > from && c - from - 1 < limbs) terms.high++;
    }
    return terms;
}

/* offset: a multiple of n from R to 2R, in limbs that are each at least 2^52 - 1, but for the highest. */
static void fill_offset(struct kernel_ring *ring, uint64_t *offset, const mp_limb_t *modulus, uint64_t bits)
{
    const uint64_t shift = (uint64_t)KERNEL_LIMB_BITS * ring->limbs - bits + 1, one = (uint64_t)1 << KERNEL_LIMB_BITS;
    uint32_t whole = (uint32_t)(shift / KERNEL_LIMB_BITS), part = (uint32_t)(shift % KERNEL_LIMB_BITS);
    uint64_t below = 0;
    for (uint32_t i = 0; i <= ring->limbs; i++) {
        uint64_t limb = i < whole ? 0 : limb_at(modulus, ring->words, i - whole);
        offset[i] = ((limb << part) | below) & (one - 1);
        below = part == 0 ? 0 : limb >> (KERNEL_LIMB_BITS - part);
    }
    for (uint32_t i = 0; i < ring->limbs; i++) {
        offset[i] += one;
        offset[i + 1] -= 1;
    }
}

/* What a column of a product of two halves gets beyond its terms when they are split: columns may be negative, so each is raised by 2^62, and
 * the next one by as much less. A column of parts of d limbs has at most 2*d terms of up to 2^52; joined, two of these are added and two
 * subtracted at each of at most two levels. With two products of 80 limbs in parts of 20 that is below 8 * 40 * 2^52 < 2^61 both ways. */
static uint64_t lift(const struct kernel_ring *ring, uint64_t c)
{
    const uint64_t height = (uint64_t)1 << 62;
    return (c + 1 < 2 * (uint64_t)ring->limbs ? height : 0) - (c > 0 ? height >> KERNEL_LIMB_BITS : 0);
}

/* Halves of so many limbs, and of how many the lower part has; products whose terms are in these columns, and whether these have biases or
 * are joined from others that have. */
struct split_shape {
    uint64_t limbs, split, times;
    bool biased;
};

/* outer may be wanted. */
static void fill_split(const struct kernel_ring *ring, uint64_t *outer, uint64_t *middle, const uint64_t *wanted,
                       const struct split_shape *shape)
{
    const uint64_t split = shape->split, rest = shape->limbs - split, columns = 2 * shape->limbs, times = shape->biased ? shape->times : 0;
    for (uint64_t i = 0; i < 2 * split; i++) {
        uint64_t own = split + i, other = i < split ? i : own + split;
        uint64_t start = wanted[own] + (other < columns ? wanted[other] : 0);
        middle[i] = start - times * bias(ring, product_terms(split, i)) - (i < split ? 0 : 2 * shape->times * ring->kernel->low_bias);
    }
    for (uint64_t c = 0; c < columns; c++) {
        bool lower = c < 2 * split, kept = c < split || c >= 3 * split;
        uint64_t terms = bias(ring, lower ? product_terms(split, c) : product_terms(rest, c - 2 * split));
        outer[c] = (kept ? wanted[c] : 0) - times * terms;
    }
}

void kernel_fill_split(const struct kernel_ring *ring, uint64_t *outer, uint64_t *middle, const uint64_t *wanted, uint64_t times)
{
    const struct split_shape shape = {ring->limbs, ring->split, times, true};
    for (uint64_t c = 0; c < 2 * shape.limbs; c++) outer[c] = wanted[c] + lift(ring, c);
    fill_split(ring, outer, middle, outer, &shape);
}

void kernel_fill_deep(const struct kernel_ring *ring, uint64_t *starts, const uint64_t *wanted, uint64_t times)
{
    const struct split_shape shape = {ring->limbs, ring->split, times, false}, part = {ring->split, ring->deep, times, true};
    uint64_t *middle = starts + 2 * shape.limbs, *inner = middle + 2 * shape.split;
    for (uint64_t c = 0; c < 2 * shape.limbs; c++) starts[c] = wanted[c] + lift(ring, c);
    fill_split(ring, starts, middle, starts, &shape);
    for (uint64_t i = 0; i < 3; i++) /* lower, upper, sum */
        fill_split(ring, starts + i * 2 * part.limbs, inner + i * 2 * part.split, starts + i * 2 * part.limbs, &part);
}

static void fill_starts(struct kernel_ring *ring, const mp_limb_t *modulus, uint64_t bits)
{
    uint64_t columns = 2 * (uint64_t)ring->limbs, *offset = ring->twice_start;
    memset(offset, 0, (size_t)columns * sizeof *offset);
    fill_offset(ring, offset, modulus, bits);
    for (uint64_t c = 0; c < columns; c++) {
        /* A column of a square has half of one limb's square; products of two limbs are made once and doubled. */
        struct terms all = product_terms(ring->limbs, c), own = {c % 2 == 0, c % 2};
        struct terms mixed = {(all.low - own.low) / 2, (all.high - own.high) / 2};
        uint64_t product = bias(ring, all);
        uint64_t reduction = bias(ring, reduction_terms(ring->limbs, ring->block, c));
        uint64_t other = bias(ring, mixed_terms(ring->limbs, ring->block, c));
        ring->product_start[c] = 0 - product;
        ring->straight_start[c] = 0 - product - reduction;
        ring->cross_start[c] = offset[c] - 2 * product - other;
        ring->twice_start[c] = offset[c] - other;
        ring->reduced_start[c] = 0 - reduction;
        ring->single_start[c] = ring->twice_start[c] - product;
        ring->mixed_start[c] = 0 - bias(ring, mixed) - (bias(ring, own) + reduction) / 2; /* biases are even */
    }
    if (ring->split != 0) {
        kernel_fill_split(ring, ring->straight_outer, ring->straight_middle, ring->reduced_start, 1);
        kernel_fill_split(ring, ring->cross_outer, ring->cross_middle, ring->twice_start, 2);
        kernel_fill_split(ring, ring->single_start, ring->single_start + columns, ring->twice_start, 1);
    }
    if (ring->deep != 0) {
        kernel_fill_deep(ring, ring->straight_deep, ring->reduced_start, 1);
        kernel_fill_deep(ring, ring->cross_deep, ring->twice_start, 2);
    }
    for (uint64_t i = 0; i < ring->block; i++) ring->block_start[i] = ring->quotient_start[i] = 0 - bias(ring, (struct terms){i + 1, i});
}

/* pair doubled so many times. */
static void twice(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, uint64_t times)
{
    mpn_copyi(out, pair, ring->size);
    for (uint64_t i = 0; i < times; i++) pair_twice(ring, out);
}

void kernel_limbs(const struct kernel_ring *ring, uint64_t *limbs, const mp_limb_t *number)
{
    for (uint32_t i = 0; i < ring->limbs; i++) limbs[i] = limb_at(number, ring->words, i);
}

void kernel_factors(const struct kernel_ring *ring, uint64_t *factors, const mp_limb_t *number)
{
    for (uint32_t i = 0; i < ring->limbs; i++) factors[i] = ring->kernel->factor(limb_at(number, ring->words, i));
}

/* factors of start doubled so many times. */
static void fill_pair(const struct kernel_ring *ring, const struct pair_ring *pair, uint64_t *factors, const mp_limb_t *start,
                      uint64_t times, mp_limb_t *scratch)
{
    twice(pair, scratch, start, times);
    kernel_factors(ring, factors, scratch);
    kernel_factors(ring, factors + ring->limbs, scratch + ring->words);
}

static int32_t fill_constants(struct kernel_ring *ring, fate_context *context, const struct pair_ring *pair)
{
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, pair->size);
    if (result != FATE_OK) return result;
    mp_limb_t *number = scratch.limbs;
    fill_pair(ring, pair, ring->one, pair->one, 0, number);
    fill_pair(ring, pair, ring->radix, pair->one, ring->shift, number);
    for (uint32_t i = 2 * ring->limbs; i < ring->row; i++) ring->radix[i] = 0;
    fill_pair(ring, pair, ring->enter, pair->one, 2 * (uint64_t)ring->shift, number);
    fill_pair(ring, pair, ring->cube, pair->cube, 3 * (uint64_t)ring->shift, number);
    twice(pair, number, pair->square, 2 * (uint64_t)ring->shift);
    mpn_sub_n(number, pair->modulus.modulus, number, (mp_size_t)ring->words);
    kernel_factors(ring, ring->minus_square, number);
    scratch_free(&scratch);
    return FATE_OK;
}

enum { INVERSE_WORDS = (KERNEL_MOST_BLOCK * KERNEL_LIMB_BITS + 63) / 64 };

/* inverse and friendly. */
static int32_t fill_inverse(struct kernel_ring *ring, fate_context *context, const mp_limb_t *modulus)
{
    const uint32_t bits = KERNEL_LIMB_BITS * ring->block, words = ring->words, whole = bits / 64;
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, 3 * INVERSE_WORDS + words + limbs_invert_power_itch(INVERSE_WORDS));
    if (result != FATE_OK) return result;
    mp_limb_t *inverse = scratch.limbs, *odd = inverse + INVERSE_WORDS, *product = odd + INVERSE_WORDS;
    mpn_zero(odd, INVERSE_WORDS);
    mpn_copyi(odd, modulus, words < INVERSE_WORDS ? (mp_size_t)words : INVERSE_WORDS);
    limbs_invert_power(inverse, odd, INVERSE_WORDS, product);
    mpn_neg(inverse, inverse, INVERSE_WORDS);
    for (uint32_t i = whole; i < INVERSE_WORDS; i++) inverse[i] &= i > whole ? 0 : ((mp_limb_t)1 << bits % 64) - 1;
    for (uint32_t i = 0; i < ring->block; i++) ring->inverse[i] = ring->kernel->factor(limb_at(inverse, INVERSE_WORDS, i));
    mpn_zero(product, (mp_size_t)words + INVERSE_WORDS);
    product[0] = 1;
    for (uint32_t i = 0; i < words; i++) product[i + INVERSE_WORDS] = mpn_addmul_1(product + i, inverse, INVERSE_WORDS, modulus[i]);
    for (uint32_t i = 0; i < ring->limbs; i++)
        ring->friendly[i] = ring->kernel->factor(limb_at(product, words + INVERSE_WORDS, i + ring->block));
    scratch_free(&scratch);
    return FATE_OK;
}

static int32_t fill(struct kernel_ring *ring, fate_context *context, const struct pair_ring *pair, uint64_t bits)
{
    const mp_limb_t *modulus = pair->modulus.modulus;
    int32_t result = fill_inverse(ring, context, modulus);
    if (result != FATE_OK) return result;
    kernel_limbs(ring, ring->modulus, modulus);
    kernel_factors(ring, ring->modulus_factor, modulus);
    fill_starts(ring, modulus, bits);
    return fill_constants(ring, context, pair);
}

static uint64_t deep_starts(const struct kernel_ring *ring)
{
    return ring->deep == 0 ? 0 : 2 * (uint64_t)ring->limbs + 5 * (uint64_t)ring->split;
}

static void lay_out(struct kernel_ring *ring)
{
    const uint64_t columns = 2 * (uint64_t)ring->limbs, deep = deep_starts(ring);
    ring->modulus = ring->memory;
    ring->modulus_factor = ring->modulus + ring->limbs;
    ring->friendly = ring->modulus_factor + ring->limbs;
    ring->inverse = ring->friendly + ring->limbs;
    ring->straight_start = ring->inverse + ring->block;
    ring->cross_start = ring->straight_start + columns;
    ring->product_start = ring->cross_start + columns;
    ring->twice_start = ring->product_start + columns;
    ring->mixed_start = ring->twice_start + columns;
    ring->single_start = ring->mixed_start + columns;
    ring->reduced_start = ring->single_start + columns + 2 * ring->split;
    ring->straight_outer = ring->reduced_start + columns;
    ring->cross_outer = ring->straight_outer + columns;
    ring->straight_middle = ring->cross_outer + columns;
    ring->cross_middle = ring->straight_middle + 2 * ring->split;
    ring->straight_deep = ring->cross_middle + 2 * ring->split;
    ring->cross_deep = ring->straight_deep + deep;
    ring->block_start = ring->cross_deep + deep;
    ring->quotient_start = ring->block_start + ring->block;
    ring->one = ring->quotient_start + ring->block;
    ring->radix = ring->one + columns;
    ring->enter = ring->radix + ring->row;
    ring->cube = ring->enter + columns;
    ring->minus_square = ring->cube + columns;
}

static uint32_t blocks_of(uint32_t limbs, uint32_t block)
{
    return (limbs + block - 1) / block * block;
}

void kernel_choose_limbs(struct kernel_ring *ring, const struct kernel *kernel, uint32_t words, uint32_t shorter)
{
    const uint32_t least = (64 * words + KERNEL_SPARE_BITS + KERNEL_LIMB_BITS - 1) / KERNEL_LIMB_BITS;
    /* A shorter block is a little slower. */
    const bool fewer = shorter != 0 && 4 * blocks_of(least, shorter) <= 3 * blocks_of(least, kernel->block);
    ring->kernel = kernel;
    ring->words = words;
    ring->block = fewer ? shorter : kernel->block;
    ring->limbs = blocks_of(least, ring->block);
    ring->shift = KERNEL_LIMB_BITS * ring->limbs - 64 * words;
}

int32_t kernel_ring_new(struct kernel_ring **made, fate_context *context, const struct kernel *kernel, const struct pair_ring *pair,
                        uint64_t bits)
{
    *made = NULL;
    if (kernel == NULL) return FATE_OK;
    struct kernel_ring *ring = memory_zeroed(context, 1, sizeof *ring);
    if (ring == NULL) return context_out_of_memory(context);
    kernel_choose_limbs(ring, kernel, (uint32_t)pair->modulus.size, kernel->shorter_block);
    ring->row = (2 * ring->limbs + KERNEL_MOST_LANES - 1) / KERNEL_MOST_LANES * KERNEL_MOST_LANES;
    if (kernel->least_split != 0 && ring->limbs >= kernel->least_split) ring->split = (ring->limbs / ring->block + 1) / 2 * ring->block;
    /* Parts are split again where they, and theirs, are equally long. */
    if (ring->split != 0 && ring->split >= kernel->least_split && ring->split % (2 * ring->block) == 0 && ring->limbs == 2 * ring->split)
        ring->deep = ring->split / 2;
    ring->memory_words =
        28 * (uint64_t)ring->limbs + 6 * (uint64_t)ring->split + 3 * (uint64_t)ring->block + ring->row + 2 * deep_starts(ring);
    ring->memory = memory_allocate(context, ring->memory_words, sizeof *ring->memory);
    int32_t result = FATE_OK;
    if (ring->memory == NULL) {
        result = context_out_of_memory(context);
    } else {
        lay_out(ring);
        result = fill(ring, context, pair, bits);
    }
    if (result == FATE_OK)
        *made = ring;
    else
        kernel_ring_free(ring, context);
    return result;
}

mp_size_t kernel_itch(const struct kernel_ring *ring)
{
    if (ring == NULL) return 0;
    uint64_t vectors = 6 * (uint64_t)ring->limbs + (ring->deep == 0 ? 6 : 19) * (uint64_t)ring->split + 2 * (uint64_t)ring->row +
                       2 * KERNEL_MOST_BLOCK + 2 * (uint64_t)ring->words + 8;
    return (mp_size_t)(vectors * ring->kernel->lanes + 8);
}
