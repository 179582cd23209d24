/* By the Chinese remainder theorem: a mod p^2 and b mod q^2 are left by a*E + b*(1-E) mod n^2, with E = q^2 * (q^-2 mod p^2). */
#include "src/crypto/paillier_join.h"
#include "src/crypto/paillier_key.h"

struct paillier_join {
    struct kernel_join lanes;
    uint64_t *memory;
    uint64_t words; /* of memory */
};

static void twice(const struct pair_ring *ring, mp_limb_t *pair, uint64_t times)
{
    for (uint64_t i = 0; i < times; i++) pair_twice(ring, pair);
}

/* first[0] and first[1]: E and n^2 + 1 - E as pairs, times R^2 = 2^shift. A number is times 2^(64*words) when it has entered. scratch:
 * making_itch. */
static void fill_first(const struct paillier_key *key, const struct paillier_secret *secret, uint64_t *const *first, uint64_t shift,
                       mp_limb_t *scratch)
{
    const struct montgomery *p = &secret->halves[0].square, *q = &secret->halves[1].square;
    const mp_size_t size = key->ring.size, half = key->ring.modulus.size;
    mp_limb_t *numbers[2] = {scratch, scratch + size}, *inverse = scratch + 2 * size, *product = inverse + p->size;
    scratch = product + 2 * p->size;
    montgomery_leave(p, inverse, secret->square_inverse, scratch);
    mpn_sec_mul(product, inverse, p->size, q->modulus, q->size, scratch); /* below n^2: the rest is zero */
    mpn_zero(numbers[0], size);
    mpn_copyi(numbers[0], product, size < 2 * p->size ? size : 2 * p->size);
    mpn_sub_n(numbers[1], key->square, numbers[0], size);
    mpn_sec_add_1(numbers[1], numbers[1], size, 1, scratch);
    for (int k = 0; k < 2; k++) {
        pair_enter(&key->ring, numbers[k], numbers[k], scratch);
        twice(&key->ring, numbers[k], shift - 64 * (uint64_t)half);
        kernel_factors(key->lanes, first[k], numbers[k]);
        kernel_factors(key->lanes, first[k] + key->lanes->limbs, numbers[k] + half);
    }
}

/* second[0]: p*E = n * (q * (q^-2 mod p)), so the second half of a pair whose first one is zero; second[1] likewise. */
static void fill_second(const struct paillier_key *key, const struct paillier_secret *secret, uint64_t *const *second, uint64_t shift,
                        mp_limb_t *scratch)
{
    const mp_size_t size = key->ring.size, half = key->ring.modulus.size;
    mp_limb_t *pair = scratch;
    for (int k = 0; k < 2; k++) {
        const struct montgomery *prime = &secret->halves[k].ring.modulus, *other = &secret->halves[1 - k].ring.modulus;
        mp_limb_t *inverse = pair + size, *product = inverse + prime->size;
        scratch = product + 2 * prime->size;
        montgomery_multiply(prime, inverse, secret->halves[k].factor, secret->halves[k].factor, scratch);
        montgomery_leave(prime, inverse, inverse, scratch);
        mpn_sec_mul(product, inverse, prime->size, other->modulus, other->size, scratch);
        mpn_zero(pair, size);
        mpn_copyi(pair + half, product, half < 2 * prime->size ? half : 2 * prime->size);
        twice(&key->ring, pair, shift);
        kernel_factors(key->lanes, second[k], pair + half);
    }
}

static void fill_radix_square(const struct paillier_key *key, uint64_t *radix_square, uint64_t shift, mp_limb_t *pair)
{
    mpn_zero(pair, key->ring.size);
    pair[0] = 1;
    twice(&key->ring, pair, shift);
    kernel_factors(key->lanes, radix_square, pair);
}

static mp_size_t making_itch(const struct paillier_key *key, const struct paillier_secret *secret)
{
    const struct montgomery *square = &secret->halves[0].square;
    mp_size_t multiply = mpn_sec_mul_itch(square->size, square->size), add = mpn_sec_add_1_itch(key->ring.size),
              pair = pair_itch(&key->ring);
    mp_size_t most = multiply > pair ? multiply : pair;
    return 2 * key->ring.size + 5 * square->size + (most > add ? most : add);
}

/* part: limbs of the halves' ring. Six products of a constant with a half, whose limbs are filled up to a block, and one of whole
 * numbers. */
static void fill_starts(uint64_t *straight, uint64_t *cross, const struct kernel_ring *ring, uint32_t part)
{
    const uint64_t low = ring->kernel->low_bias, high = ring->kernel->high_bias;
    const uint32_t whole = (part + ring->block - 1) / ring->block * ring->block;
    for (uint32_t c = 0; c < 2 * ring->limbs; c++) {
        straight[c] = ring->straight_start[c] - ring->product_start[c];
        cross[c] = ring->twice_start[c] + ring->product_start[c];
    }
    for (uint32_t i = 0; i < ring->limbs; i++)
        for (uint32_t u = 0; u < whole; u++) {
            straight[i + u] -= 2 * low;
            cross[i + u] -= 4 * low;
            straight[i + u + 1] -= 2 * high;
            cross[i + u + 1] -= 4 * high;
        }
}

int32_t paillier_join_new(struct paillier_join **made, fate_context *context, const struct paillier_key *key,
                          const struct paillier_secret *secret)
{
    *made = NULL;
    const struct kernel_ring *lanes = key->lanes;
    if (lanes == NULL) return FATE_OK;
    struct paillier_join *join = memory_zeroed(context, 1, sizeof *join);
    if (join == NULL) return context_out_of_memory(context);
    const uint64_t limbs = lanes->limbs, shift = 2 * KERNEL_LIMB_BITS * limbs;
    join->words = 11 * limbs;
    join->memory = memory_allocate(context, join->words, sizeof *join->memory);
    struct scratch scratch = {.context = context};
    int32_t result = join->memory == NULL ? context_out_of_memory(context) : scratch_new(&scratch, context, 1, making_itch(key, secret));
    if (result != FATE_OK) {
        paillier_join_free(join, context);
        return result;
    }
    uint64_t *first[2] = {join->memory, join->memory + 2 * limbs}, *second[2] = {first[1] + 2 * limbs, first[1] + 3 * limbs};
    uint64_t *radix_square = second[1] + limbs, *straight = radix_square + limbs, *cross = straight + 2 * limbs;
    fill_first(key, secret, first, shift, scratch.limbs);
    fill_second(key, secret, second, shift, scratch.limbs);
    fill_radix_square(key, radix_square, shift, scratch.limbs);
    fill_starts(straight, cross, lanes, secret->halves[0].lanes->limbs);
    scratch_free(&scratch);
    join->lanes = (struct kernel_join){lanes, straight, cross, {first[0], first[1]}, {second[0], second[1]}, radix_square};
    *made = join;
    return FATE_OK;
}

void paillier_join_free(struct paillier_join *join, fate_context *context)
{
    if (join == NULL) return;
    if (join->memory != NULL) memory_free_secret(context, join->memory, join->words * sizeof *join->memory);
    memory_free(context, join);
}

const struct kernel_join *paillier_join_of(const struct paillier_join *join)
{
    return &join->lanes;
}
