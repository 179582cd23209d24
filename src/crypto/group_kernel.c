/* What a kernel prepares for a group. */
#include "src/crypto/group_kernel.h"

#include <string.h>

void group_ring_free(struct group_ring *ring, fate_context *context)
{
    if (ring == NULL) return;
    memory_free_secret(context, ring->lanes.memory, ring->lanes.memory_words * sizeof *ring->lanes.memory);
    memory_free(context, ring);
}

static uint64_t limb_at(const mp_limb_t *number, uint32_t words, uint32_t limb)
{
    uint64_t from = (uint64_t)KERNEL_LIMB_BITS * limb;
    return from / 64 >= words ? 0 : limbs_digit(number, 64 * (uint64_t)words, from, KERNEL_LIMB_BITS);
}

static void fill_factors(const struct group_ring *ring, uint64_t *factors, uint32_t count, const mp_limb_t *number, uint32_t words)
{
    for (uint32_t i = 0; i < count; i++) factors[i] = ring->lanes.kernel->factor(limb_at(number, words, i));
}

/* Takes from columns what a product of two numbers of so many limbs adds to them beside its value. */
static void take_bias(const struct group_ring *ring, uint64_t *columns, uint64_t left, uint64_t right)
{
    for (uint64_t i = 0; i < left; i++)
        for (uint64_t j = 0; j < right; j++) {
            columns[i + j] -= ring->lanes.kernel->low_bias;
            columns[i + j + 1] -= ring->lanes.kernel->high_bias;
        }
}

/* The columns of the last block are replaced by its digits, so that what the block's own product adds to them is apart. */
static void fill_starts(struct group_ring *ring, uint64_t *columns)
{
    const uint64_t limbs = ring->lanes.limbs, block = ring->lanes.block, size = 2 * limbs * sizeof *columns;
    memset(ring->leave_start, 0, size);
    memset(columns, 0, size);
    for (uint64_t j = 0; j + block < limbs; j += block) take_bias(ring, ring->leave_start + j + block, block, limbs);
    take_bias(ring, columns + limbs - block, block, limbs);
    memcpy(ring->lanes.block_start, columns + limbs - block, block * sizeof *columns);
    memcpy(ring->lanes.quotient_start, ring->lanes.block_start, block * sizeof *columns);
    for (uint64_t c = limbs; c < 2 * limbs; c++) ring->leave_start[c] += columns[c];
    memcpy(ring->start, ring->leave_start, size);
    take_bias(ring, ring->start, limbs, limbs);
    if (ring->lanes.split != 0) kernel_fill_split(&ring->lanes, ring->outer, ring->middle, ring->leave_start, 1);
}

/* inverse = -n^-1 modulo 2^(52*block), and friendly = (n*inverse + 1) / 2^(52*block). */
static void fill_inverse(struct group_ring *ring, const struct montgomery *montgomery, mp_limb_t *scratch)
{
    enum { MOST_BITS = KERNEL_MOST_BLOCK * KERNEL_LIMB_BITS };
    const mp_size_t size = montgomery->size, bits = (mp_size_t)(KERNEL_LIMB_BITS * ring->lanes.block),
                    words = limbs_for_bits((uint64_t)bits);
    mp_limb_t *inverse = scratch, *odd = inverse + words, *product = odd + words, *room = product + size + words;
    mpn_zero(odd, words);
    mpn_copyi(odd, montgomery->modulus, size < words ? size : words);
    limbs_invert_power(inverse, odd, words, room);
    mpn_neg(inverse, inverse, words);
    if (bits % 64 != 0) inverse[words - 1] &= ((mp_limb_t)1 << (bits % 64)) - 1;
    fill_factors(ring, ring->lanes.inverse, ring->lanes.block, inverse, (uint32_t)words);
    /* Its lowest bits are ones: one more than what lies above them. */
    if (size >= words)
        mpn_sec_mul(product, montgomery->modulus, size, inverse, words, room);
    else
        mpn_sec_mul(product, inverse, words, montgomery->modulus, size, room);
    mp_size_t whole = bits / 64, left = size + words - whole;
    if (bits % 64 != 0)
        mpn_rshift(product, product + whole, left, (unsigned)(bits % 64));
    else
        mpn_copyi(product, product + whole, left);
    mpn_sec_add_1(product, product, left, 1, room);
    fill_factors(ring, ring->friendly, ring->lanes.limbs, product, (uint32_t)left);
}

/* R mod n is the outer R doubled; R^2 the square of that, out of the outer form. */
static void fill_constants(struct group_ring *ring, const struct montgomery *montgomery, mp_limb_t *scratch)
{
    mp_size_t size = montgomery->size;
    mp_limb_t *radix = scratch, *square = radix + size, *room = square + size, ignored;
    mpn_copyi(radix, montgomery->one, size);
    for (uint32_t i = 0; i < ring->lanes.shift; i++) {
        mp_limb_t top = mpn_lshift(radix, radix, size, 1);
        montgomery_take_modulus(montgomery, radix, top, &ignored);
    }
    montgomery_square(montgomery, square, radix, room);
    montgomery_enter(montgomery, square, square, room);
    fill_factors(ring, ring->one, ring->row, radix, (uint32_t)size);
    fill_factors(ring, ring->square, ring->row, square, (uint32_t)size);
}

static int32_t fill(struct group_ring *ring, fate_context *context)
{
    enum { MOST_WORDS = (KERNEL_MOST_BLOCK * KERNEL_LIMB_BITS + 63) / 64 };
    const struct montgomery *montgomery = ring->modulus;
    const mp_size_t size = montgomery->size, more = size > MOST_WORDS ? size : MOST_WORDS, less = size > MOST_WORDS ? MOST_WORDS : size;
    mp_size_t inverse = 4 * MOST_WORDS + size + mpn_sec_mul_itch(more, less) + mpn_sec_add_1_itch(size + MOST_WORDS),
              constants = 2 * size + montgomery_itch(montgomery);
    mp_size_t columns = 2 * (mp_size_t)ring->lanes.limbs, itch = inverse > constants ? inverse : constants;
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, itch > columns ? itch : columns);
    if (result != FATE_OK) return result;
    for (uint32_t i = 0; i < ring->lanes.limbs; i++) ring->lanes.modulus[i] = limb_at(montgomery->modulus, ring->lanes.words, i);
    fill_factors(ring, ring->lanes.modulus_factor, ring->lanes.limbs, montgomery->modulus, ring->lanes.words);
    fill_starts(ring, scratch.limbs);
    fill_inverse(ring, montgomery, scratch.limbs);
    fill_constants(ring, montgomery, scratch.limbs);
    scratch_free(&scratch);
    return FATE_OK;
}

static void lay_out(struct group_ring *ring)
{
    const uint64_t limbs = ring->lanes.limbs, block = ring->lanes.block;
    ring->lanes.modulus = ring->lanes.memory;
    ring->lanes.modulus_factor = ring->lanes.modulus + limbs;
    ring->lanes.inverse = ring->lanes.modulus_factor + limbs;
    ring->lanes.block_start = ring->lanes.inverse + block;
    ring->lanes.quotient_start = ring->lanes.block_start + block;
    ring->friendly = ring->lanes.quotient_start + block;
    ring->start = ring->friendly + limbs;
    ring->leave_start = ring->start + 2 * limbs;
    ring->outer = ring->leave_start + 2 * limbs;
    ring->middle = ring->outer + 2 * limbs;
    ring->one = ring->middle + 2 * ring->lanes.split;
    ring->square = ring->one + ring->row;
}

static int32_t ring_fill(struct group_ring *ring, fate_context *context, const struct kernel *kernel, const struct montgomery *montgomery)
{
    kernel_choose_limbs(&ring->lanes, kernel, (uint32_t)montgomery->size, 0);
    ring->modulus = montgomery;
    if (kernel->least_split != 0 && ring->lanes.limbs >= kernel->least_split)
        ring->lanes.split = (ring->lanes.limbs / ring->lanes.block + 1) / 2 * ring->lanes.block;
    ring->row = (ring->lanes.limbs + kernel->lanes - 1) / kernel->lanes * kernel->lanes;
    ring->lanes.memory_words =
        9 * (uint64_t)ring->lanes.limbs + 2 * (uint64_t)ring->lanes.split + 3 * (uint64_t)ring->lanes.block + 2 * (uint64_t)ring->row;
    ring->lanes.memory = memory_allocate(context, ring->lanes.memory_words, sizeof *ring->lanes.memory);
    if (ring->lanes.memory == NULL) return context_out_of_memory(context);
    lay_out(ring);
    return fill(ring, context);
}

int32_t group_ring_new(struct group_ring **made, struct group *group, fate_context *context, const struct kernel *kernel,
                       const struct montgomery *montgomery)
{
    *made = NULL;
    struct group_ring *ring = memory_zeroed(context, 1, sizeof *ring);
    int32_t result = ring == NULL ? context_out_of_memory(context) : ring_fill(ring, context, kernel, montgomery);
    if (result != FATE_OK) {
        group_ring_free(ring, context);
        return result;
    }
    *group = *kernel->group;
    group->ring = ring;
    group->one_lane = montgomery;
    group->lanes = kernel->lanes;
    group->row = (mp_size_t)ring->row;
    group->bundle = (mp_size_t)(ring->row * kernel->lanes);
    group->words = montgomery->size;
    group->one = ring->one;
    group->itch =
        (mp_size_t)((4 * (uint64_t)ring->row + 4 * (uint64_t)ring->lanes.split + 2 * (uint64_t)ring->lanes.limbs + ring->lanes.words + 40) *
                    kernel->lanes);
    group_set_single(group);
    *made = ring;
    return FATE_OK;
}
