/* Makes and frees the structures of a Paillier key pair. */
#include "src/crypto/paillier_key.h"
#include "src/crypto/prime.h"
#include "src/crypto/units.h"

const struct paillier_key *paillier_key_of(const struct scheme_key *key)
{
    return (const struct paillier_key *)key;
}

const struct paillier_secret *paillier_secret_of(const fate_secret_key *secret)
{
    return (const struct paillier_secret *)secret;
}

int32_t paillier_check_bits(fate_context *context, uint32_t bits)
{
    bool offered = bits == 2048 || bits == 3072 || bits == 4096;
#ifdef FATE_TEST_BUILD
    offered = offered || (context->accepts_small_keys && bits >= 10 && bits < 2048 && bits % 2 == 0);
#endif
    if (offered) return FATE_OK;
    return context_fail(context, FATE_E_KEY, "paillier keys have 2048, 3072 or 4096 bits, not %lu", (unsigned long)bits);
}

/* Half of n's: the published assumption. */
uint32_t paillier_obfuscator_default(uint32_t bits)
{
    return bits / 2;
}

/* Four times the security level: twice what a kangaroo needs. */
uint32_t paillier_obfuscator_least(uint32_t bits)
{
    return bits >= 2048 ? 4 * scheme_security(bits) : 1;
}

void paillier_choose(struct scheme_key *key, uint32_t obfuscator_bits, bool scan_tables)
{
    ((struct paillier_key *)key)->exponent_bits = obfuscator_bits;
    key->obfuscator_bits = obfuscator_bits;
    key->scan_tables = scan_tables;
}

void paillier_key_free(struct scheme_key *key, fate_context *context)
{
    struct paillier_key *paillier = (struct paillier_key *)key;
    comb_free(slot_look(paillier->obfuscators), context);
    slot_free(paillier->obfuscators, context);
    comb_free(slot_look(paillier->few), context);
    slot_free(paillier->few, context);
    kernel_ring_free(paillier->lanes, context);
    pair_free(&paillier->ring, context);
    memory_free(context, paillier->square);
    memory_free(context, paillier);
}

static int32_t fill_key(struct paillier_key *key, fate_context *context, const mp_limb_t *modulus, const mp_limb_t *base)
{
    int32_t result = pair_init(&key->ring, context, modulus, limbs_for_bits(key->head.bits));
    if (result == FATE_OK) result = kernel_ring_new(&key->lanes, context, kernel_of(context), &key->ring, key->head.bits);
    if (result == FATE_OK) {
        pair_group_make(&key->group, &key->ring, key->lanes);
        group_of_montgomery(&key->numbers, &key->ring.modulus);
    }
    if (result == FATE_OK) result = slot_new(&key->obfuscators, context);
    if (result == FATE_OK) result = slot_new(&key->few, context);
    struct scratch scratch;
    if (result == FATE_OK) result = scratch_new(&scratch, context, 1, pair_itch(&key->ring));
    if (result != FATE_OK) return result;
    mp_size_t size = key->ring.size, base_size = limbs_for_bits(2 * (uint64_t)key->head.bits);
    key->square = memory_allocate(context, 2 * (uint64_t)size, sizeof *key->square);
    if (key->square == NULL) {
        result = context_out_of_memory(context);
    } else {
        key->base = key->square + size;
        mpn_sqr(key->square, modulus, key->ring.modulus.size);
        mpn_zero(key->base, size);
        mpn_copyi(key->base, base, base_size);
        pair_enter(&key->ring, key->base, key->base, scratch.limbs);
    }
    scratch_free(&scratch);
    return result;
}

int32_t paillier_key_new(fate_context *context, struct scheme_key **key, uint32_t bits, const mp_limb_t *modulus, const mp_limb_t *base)
{
    struct paillier_key *made = memory_zeroed(context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(context);
    atomic_init(&made->head.references, 1);
    atomic_init(&made->head.retired, false);
    made->head.scheme = &scheme_paillier;
    made->head.group = &made->group;
    made->head.bits = bits;
    made->head.plaintext_bits = bits - 1; /* n has exactly `bits` bits, so 2^(bits-1) < n */
    made->head.ciphertext_bytes = (2 * bits + 7) / 8;
    paillier_choose(&made->head, paillier_obfuscator_default(bits), false);
    int32_t result = fill_key(made, context, modulus, base);
    if (result != FATE_OK) {
        paillier_key_free(&made->head, context);
        return result;
    }
    made->head.context = context_hold(context);
    *key = &made->head;
    return FATE_OK;
}

bool paillier_same(const struct scheme_key *left, const struct scheme_key *right)
{
    const struct paillier_key *one = paillier_key_of(left), *other = paillier_key_of(right);
    /* Kernels keep items in layouts of their own. */
    const struct kernel *kernel = one->lanes == NULL ? NULL : one->lanes->kernel;
    if (kernel != (other->lanes == NULL ? NULL : other->lanes->kernel)) return false;
    return mpn_cmp(one->square, other->square, one->ring.size) == 0 && mpn_cmp(one->base, other->base, one->ring.size) == 0;
}

void paillier_units(const struct scheme_key *key, struct units *units)
{
    const struct paillier_key *paillier = paillier_key_of(key);
    units->group = &paillier->numbers;
    units->pairs = paillier->lanes;
    units->bound = paillier->square;
    units->bound_name = "the square of the modulus";
    units->size = paillier->ring.size;
}

static uint64_t half_limbs(const struct paillier_half *half)
{
    return 2 * (uint64_t)half->ring.modulus.size + (uint64_t)half->ring.size;
}

static void half_free(struct paillier_half *half, fate_context *context)
{
    comb_free(slot_look(half->obfuscators), context);
    slot_free(half->obfuscators, context);
    memory_free_secret(context, half->limbs, half_limbs(half) * sizeof(mp_limb_t));
    fermat_free(half->fermat, context);
    kernel_ring_free(half->lanes, context);
    pair_free(&half->ring, context);
    montgomery_free(&half->square, context);
}

static uint64_t secret_limbs(const struct paillier_secret *secret)
{
    return (uint64_t)secret->halves[0].ring.modulus.size + (uint64_t)secret->halves[0].square.size;
}

void paillier_secret_free(fate_secret_key *secret, fate_context *context)
{
    struct paillier_secret *paillier = (struct paillier_secret *)secret;
    memory_free_secret(context, paillier->limbs, secret_limbs(paillier) * sizeof(mp_limb_t));
    paillier_join_free(paillier->join, context);
    half_free(&paillier->halves[0], context);
    half_free(&paillier->halves[1], context);
    memory_free_secret(context, paillier, sizeof *paillier);
}

/* Scratch for everything below. */
static mp_size_t making_itch(const struct paillier_half *half)
{
    mp_size_t itch = pair_itch(&half->ring), invert = montgomery_invert_itch(&half->square);
    itch = invert > itch ? invert : itch;
    return 2 * half->square.size + itch + montgomery_itch(&half->square);
}

static int32_t half_allocate(struct paillier_half *half, fate_context *context, const mp_limb_t *prime, uint32_t prime_bits)
{
    mp_size_t size = limbs_for_bits(prime_bits), square_size = limbs_for_bits(2 * (uint64_t)prime_bits);
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, 2 * size + mpn_sec_sqr_itch(size));
    if (result != FATE_OK) return result;
    mpn_sec_sqr(scratch.limbs, prime, size, scratch.limbs + 2 * size);
    result = pair_init(&half->ring, context, prime, size);
    if (result == FATE_OK) result = kernel_ring_new(&half->lanes, context, kernel_of(context), &half->ring, prime_bits);
    if (result == FATE_OK) result = fermat_new(&half->fermat, context, half->lanes, &half->ring, prime_bits);
    if (result == FATE_OK) result = montgomery_init(&half->square, context, scratch.limbs, square_size);
    scratch_free(&scratch);
    if (result == FATE_OK) result = slot_new(&half->obfuscators, context);
    if (result != FATE_OK) return result;
    half->limbs = memory_allocate(context, half_limbs(half), sizeof *half->limbs);
    if (half->limbs == NULL) return context_out_of_memory(context);
    half->minus_one = half->limbs;
    half->factor = half->minus_one + size;
    half->base = half->factor + size;
    return FATE_OK;
}

/* base: the key's base mod n^2 as a plain number of base_size limbs; other: the other prime. */
static void half_fill(struct paillier_half *half, const mp_limb_t *other, const mp_limb_t *base, mp_size_t base_size, mp_limb_t *scratch)
{
    const struct montgomery *prime = &half->ring.modulus;
    mp_size_t size = prime->size;
    mpn_copyi(half->minus_one, prime->modulus, size);
    half->minus_one[0] -= 1; /* the prime is odd: no borrow */
    /* -other mod p: both have equally many bits, so one subtraction brings other below p. */
    mp_limb_t borrow = mpn_sub_n(half->factor, other, prime->modulus, size);
    mpn_cnd_add_n(borrow, half->factor, half->factor, prime->modulus, size);
    mpn_sub_n(half->factor, prime->modulus, half->factor, size);
    montgomery_enter(prime, half->factor, half->factor, scratch);
    montgomery_invert(prime, half->factor, half->factor, scratch);
    mpn_zero(half->base, half->ring.size);
    mpn_zero(scratch, 2 * half->square.size);
    mpn_copyi(scratch, base, base_size); /* below n^2 < p^2 * R */
    montgomery_remainder(&half->square, half->base, scratch, scratch + 2 * half->square.size);
    pair_enter(&half->ring, half->base, half->base, scratch);
}

static void secret_fill(struct paillier_secret *secret, mp_limb_t *scratch)
{
    const struct montgomery *prime = &secret->halves[0].ring.modulus, *square = &secret->halves[0].square;
    montgomery_enter(prime, secret->prime_inverse, secret->halves[1].ring.modulus.modulus, scratch); /* q < p */
    montgomery_invert(prime, secret->prime_inverse, secret->prime_inverse, scratch);
    montgomery_enter(square, secret->square_inverse, secret->halves[1].square.modulus, scratch);
    montgomery_invert(square, secret->square_inverse, secret->square_inverse, scratch);
}

int32_t paillier_secret_new(fate_context *context, fate_secret_key **secret, struct scheme_key *key, const mp_limb_t *p, const mp_limb_t *q,
                            const mp_limb_t *base)
{
    struct paillier_secret *made = memory_zeroed(context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(context);
    mp_size_t base_size = limbs_for_bits(2 * (uint64_t)key->bits);
    struct scratch scratch = {.context = context};
    int32_t result = half_allocate(&made->halves[0], context, p, key->bits / 2);
    if (result == FATE_OK) result = half_allocate(&made->halves[1], context, q, key->bits / 2);
    if (result == FATE_OK) result = scratch_new(&scratch, context, 1, making_itch(&made->halves[0]));
    if (result == FATE_OK) {
        made->limbs = memory_allocate(context, secret_limbs(made), sizeof *made->limbs);
        if (made->limbs == NULL) result = context_out_of_memory(context);
    }
    if (result == FATE_OK) {
        made->prime_inverse = made->limbs;
        made->square_inverse = made->limbs + made->halves[0].ring.modulus.size;
        half_fill(&made->halves[0], q, base, base_size, scratch.limbs);
        half_fill(&made->halves[1], p, base, base_size, scratch.limbs);
        secret_fill(made, scratch.limbs);
        result = paillier_join_new(&made->join, context, paillier_key_of(key), made);
    }
    if (result == FATE_OK) {
        made->head.key = scheme_key_hold(key);
        *secret = &made->head;
    } else {
        paillier_secret_free(&made->head, context);
    }
    scratch_free(&scratch);
    return result;
}

/* base = (-x^2)^n mod n^2 as a plain number. FATE_E_KEY when x is no unit. */
static int32_t make_base(fate_context *context, mp_limb_t *base, const mp_limb_t *modulus, const mp_limb_t *x, uint32_t bits)
{
    mp_size_t size = limbs_for_bits(bits);
    struct pair_ring ring = {0};
    struct scratch scratch = {.context = context};
    int32_t result = pair_init(&ring, context, modulus, size);
    if (result == FATE_OK) result = scratch_new(&scratch, context, 1, 3 * size + pair_power_itch(&ring) + limbs_invert_itch(size));
    if (result == FATE_OK && !limbs_invert(scratch.limbs, x, modulus, size, scratch.limbs + size))
        result = context_fail(context, FATE_E_KEY, "the key's random number is not a unit: make another key");
    if (result == FATE_OK) {
        /* (-(x^2))^n = -(x^2)^n, since n is odd. */
        mp_limb_t *square = scratch.limbs, *free_limbs = square + 2 * size;
        mpn_zero(base, 2 * size);
        mpn_copyi(base, x, size);
        pair_enter(&ring, base, base, free_limbs);
        pair_square(&ring, base, base, free_limbs);
        pair_power(&ring, base, base, modulus, bits, free_limbs);
        pair_leave(&ring, base, base, free_limbs);
        mpn_sqr(square, modulus, size);
        mpn_sub_n(base, square, base, 2 * size);
    }
    scratch_free(&scratch);
    pair_free(&ring, context);
    return result;
}

int32_t paillier_secret_from_primes(fate_context *context, fate_secret_key **secret, uint32_t bits, const mp_limb_t *p, const mp_limb_t *q,
                                    const mp_limb_t *x)
{
    mp_size_t half_size = limbs_for_bits(bits / 2), size = 2 * half_size;
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, 3 * size + mpn_sec_mul_itch(half_size, half_size));
    if (result != FATE_OK) return result;
    mp_limb_t *modulus = scratch.limbs, *base = modulus + size;
    if (limbs_less(p, q, half_size)) { /* which of the two came first is no secret worth keeping */
        const mp_limb_t *larger = q;
        q = p;
        p = larger;
    }
    mpn_sec_mul(modulus, p, half_size, q, half_size, base);
    struct scheme_key *key = NULL;
    if (limbs_bits(modulus, size) != bits)
        result = context_fail(context, FATE_E_KEY, "the product of the primes does not have %lu bits", (unsigned long)bits);
    if (result == FATE_OK) result = make_base(context, base, modulus, x, bits);
    if (result == FATE_OK) result = paillier_key_new(context, &key, bits, modulus, base);
    if (result == FATE_OK) result = paillier_secret_new(context, secret, key, p, q, base);
    scheme_key_free(key);
    scratch_free(&scratch);
    return result;
}

/* Two different primes of one length never divide each other less one, so gcd(n, phi(n)) is 1: p | q-1 needs q-1 >= 2p. */
static int32_t generate_primes(fate_context *context, mp_limb_t *p, mp_limb_t *q, uint32_t bits, const uint8_t *seed)
{
    struct random_stream stream;
    random_stream_init(&stream, seed, 1);
    mp_size_t size = limbs_for_bits(bits / 2);
    int32_t result = prime_generate(context, p, bits / 2, &stream);
    /* Primes that agree in their highest limb would make n easier to factor; short ones, of tests, need only differ. */
    mp_size_t compared = bits >= 2048 ? 1 : size;
    do {
        if (result == FATE_OK) result = prime_generate(context, q, bits / 2, &stream);
    } while (result == FATE_OK && limbs_equal(p + size - compared, q + size - compared, compared));
    random_stream_wipe(&stream);
    return result;
}

int32_t paillier_generate(fate_context *context, fate_secret_key **secret, uint32_t bits, const uint8_t *seed)
{
    int32_t result = paillier_check_bits(context, bits);
    if (result != FATE_OK) return result;
    if (bits < 16) return context_fail(context, FATE_E_KEY, "there are too few primes for a key of %u bits", (unsigned)bits);
    mp_size_t size = limbs_for_bits(bits), half_size = limbs_for_bits(bits / 2);
    struct scratch scratch;
    result = scratch_new(&scratch, context, 1, 2 * half_size + size);
    if (result != FATE_OK) return result;
    mp_limb_t *p = scratch.limbs, *q = p + half_size, *x = q + half_size;
    result = generate_primes(context, p, q, bits, seed);
    struct random_stream stream;
    random_stream_init(&stream, seed, 2);
    /* n has `bits` bits, the highest at least 9/16 of them: bits-1 random bits are below n. x = 0 or a multiple of a prime
     * happens with the tiny keys of tests alone. */
    if (result == FATE_OK) {
        do {
            limbs_random(x, size, bits - 1, &stream);
            result = limbs_is_zero(x, size) ? FATE_E_KEY : paillier_secret_from_primes(context, secret, bits, p, q, x);
        } while (result == FATE_E_KEY);
    }
    random_stream_wipe(&stream);
    scratch_free(&scratch);
    return result;
}
