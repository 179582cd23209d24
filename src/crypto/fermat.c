/* What a kernel prepares for the powers p-1 modulo squares of primes. In constant time: primes are secret. */
#include "src/crypto/fermat.h"

void fermat_free(struct fermat *fermat, fate_context *context)
{
    if (fermat == NULL) return;
    memory_free_secret(context, fermat->memory, fermat->memory_words * sizeof *fermat->memory);
    memory_free(context, fermat);
}

mp_size_t fermat_itch(const struct kernel_ring *ring)
{
    if (ring == NULL) return 0;
    return kernel_itch(ring) + (mp_size_t)((2 * FERMAT_ENTRIES + 2) * ring->limbs * ring->kernel->lanes);
}

/* number = the sum of 2^position over the windows of the exponent that have this digit, modulo p: a window's lowest bit for each, so that a number
 * below 2^bits comes out without a carry. */
static void sum_positions(const struct fermat *fermat, const struct montgomery *prime, mp_limb_t *number, uint64_t digit)
{
    mp_limb_t taken;
    mpn_zero(number, prime->size);
    for (uint64_t from = 0; from < fermat->bits; from += FERMAT_WINDOW) {
        uint64_t width = fermat->bits - from < FERMAT_WINDOW ? fermat->bits - from : FERMAT_WINDOW;
        mp_limb_t other = limbs_digit(fermat->exponent, fermat->bits, from, width) ^ digit;
        number[from / 64] |= ((other - 1) >> 63) << from % 64;
    }
    montgomery_take_modulus(prime, number, 0, &taken);
}

/* number, below p, times R for the kernel's limbs. pair, scratch: room. */
static void enter(const struct kernel_ring *ring, const struct pair_ring *pair, mp_limb_t *number, mp_limb_t *room, mp_limb_t *scratch)
{
    const mp_size_t size = pair->modulus.size;
    mpn_zero(room, pair->size);
    montgomery_enter(&pair->modulus, room, number, scratch);
    for (uint32_t i = 0; i < ring->shift; i++) {
        pair_twice(pair, room);
        mpn_zero(room + size, size);
    }
    mpn_copyi(number, room, size);
}

static void fill_weights(struct fermat *fermat, const struct pair_ring *pair, mp_limb_t *scratch)
{
    const struct kernel_ring *ring = fermat->ring;
    const struct montgomery *prime = &pair->modulus;
    const mp_size_t size = prime->size;
    mp_limb_t *number = scratch, *room = number + size;
    scratch = room + pair->size;
    for (uint64_t digit = 2; digit < FERMAT_ENTRIES; digit++) {
        sum_positions(fermat, prime, number, digit);
        enter(ring, pair, number, room, scratch);
        kernel_factors(ring, fermat->weights + digit * ring->limbs, number);
    }
    /* x^(p-1) = a^(p-1) * (1 - (b/a)*p). */
    mpn_zero(number, size);
    number[0] = 1;
    enter(ring, pair, number, room, scratch);
    mpn_sub_n(number, prime->modulus, number, size);
    kernel_factors(ring, fermat->weights + ring->limbs, number);
}

/* R = r0 + r1*p stands for 1 with r0 alone, which lacks 1 + (r1/R)*p: times R, and as often as digit 0 weighs, that is the weight times r1. */
static void fill_constant(struct fermat *fermat, const struct pair_ring *pair, mp_limb_t *scratch)
{
    const struct montgomery *prime = &pair->modulus;
    const mp_size_t size = prime->size;
    mp_limb_t *number = scratch, *radix = number + size;
    scratch = radix + pair->size;
    sum_positions(fermat, prime, number, 0);
    montgomery_enter(prime, number, number, scratch);
    mpn_copyi(radix, pair->one, pair->size);
    for (uint32_t i = 0; i < fermat->ring->shift; i++) pair_twice(pair, radix);
    montgomery_multiply(prime, number, number, radix + size, scratch);
    kernel_limbs(fermat->ring, fermat->constant, number);
}

static int32_t fill(struct fermat *fermat, fate_context *context, const struct pair_ring *pair)
{
    const struct kernel_ring *ring = fermat->ring;
    const mp_size_t size = pair->modulus.size;
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, size + pair->size + pair_itch(pair));
    if (result != FATE_OK) return result;
    mpn_copyi(fermat->exponent, pair->modulus.modulus, size);
    mpn_sec_sub_1(fermat->exponent, fermat->exponent, size, 2, scratch.limbs);
    for (uint32_t c = 0; c < 2 * ring->limbs; c++) fermat->start[c] = ring->straight_start[c] + ring->product_start[c];
    fill_weights(fermat, pair, scratch.limbs);
    fill_constant(fermat, pair, scratch.limbs);
    scratch_free(&scratch);
    return FATE_OK;
}

int32_t fermat_new(struct fermat **made, fate_context *context, const struct kernel_ring *ring, const struct pair_ring *pair, uint64_t bits)
{
    *made = NULL;
    if (ring == NULL) return FATE_OK;
    struct fermat *fermat = memory_zeroed(context, 1, sizeof *fermat);
    if (fermat == NULL) return context_out_of_memory(context);
    fermat->ring = ring;
    fermat->bits = bits;
    fermat->memory_words = ring->words + (uint64_t)(FERMAT_ENTRIES + 3) * ring->limbs;
    fermat->memory = memory_allocate(context, fermat->memory_words, sizeof *fermat->memory);
    int32_t result = FATE_OK;
    if (fermat->memory == NULL) {
        result = context_out_of_memory(context);
    } else {
        fermat->weights = fermat->memory;
        fermat->constant = fermat->weights + (uint64_t)FERMAT_ENTRIES * ring->limbs;
        fermat->start = fermat->constant + ring->limbs;
        fermat->exponent = (mp_limb_t *)(void *)(fermat->start + 2 * (uint64_t)ring->limbs);
        result = fill(fermat, context, pair);
    }
    if (result == FATE_OK)
        *made = fermat;
    else
        fermat_free(fermat, context);
    return result;
}
