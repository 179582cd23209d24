/* Makes and frees the structures of an Okamoto-Uchiyama key pair. */
#include "src/crypto/okamoto_key.h"
#include "src/crypto/prime.h"
#include "src/crypto/units.h"

/* Plaintexts leave so many bits of p unused: an answer for a plaintext of p or more would give p away, and whoever makes one without
 * knowing p ends above the bound but with a chance of 2^-128. */
enum { UNUSED_BITS = 128 };

const struct okamoto_key *okamoto_key_of(const struct scheme_key *key)
{
    return (const struct okamoto_key *)key;
}

const struct okamoto_secret *okamoto_secret_of(const fate_secret_key *secret)
{
    return (const struct okamoto_secret *)secret;
}

int32_t okamoto_check_bits(fate_context *context, uint32_t bits)
{
    bool offered = bits == 2048 || bits == 3072 || bits == 4096;
#ifdef FATE_TEST_BUILD
    offered = offered || (context->accepts_small_keys && bits >= 12 && bits < 2048);
#endif
    if (offered) return FATE_OK;
    return context_fail(context, FATE_E_KEY, "okamoto-uchiyama keys have 2048, 3072 or 4096 bits, not %lu", (unsigned long)bits);
}

/* q is never longer than p, so p cannot divide q-1. */
uint32_t okamoto_prime_bits(uint32_t bits)
{
    return (bits + 2) / 3;
}

uint32_t okamoto_other_bits(uint32_t bits)
{
    return bits - 2 * okamoto_prime_bits(bits);
}

/* p is at least 2^(its bits - 1). Keys of tests are shorter than what would be left unused. */
static uint32_t plaintext_bits(uint32_t bits)
{
    uint32_t below = okamoto_prime_bits(bits) - 1;
    return bits >= 2048 ? below - UNUSED_BITS : below - below / 8;
}

/* Twice the security level: a kangaroo finds an exponent of b bits in 2^(b/2) steps. */
uint32_t okamoto_obfuscator_default(uint32_t bits)
{
    return bits >= 2048 ? 2 * scheme_security(bits) : (bits + 1) / 2;
}

uint32_t okamoto_obfuscator_least(uint32_t bits)
{
    return bits >= 2048 ? okamoto_obfuscator_default(bits) : 1;
}

void okamoto_choose(struct scheme_key *key, uint32_t obfuscator_bits, bool scan_tables)
{
    key->obfuscator_bits = obfuscator_bits;
    key->scan_tables = scan_tables;
}

void okamoto_key_free(struct scheme_key *key, fate_context *context)
{
    struct okamoto_key *okamoto = (struct okamoto_key *)key;
    okamoto_ring_free(&okamoto->ring, context);
    montgomery_free(&okamoto->modulus, context);
    memory_free(context, okamoto->limbs);
    memory_free(context, okamoto);
}

/* g, h = g^n and g^-(2^62). */
static void fill_powers(struct okamoto_key *key, const mp_limb_t *generator, mp_limb_t *scratch)
{
    const struct montgomery *modulus = &key->modulus;
    mp_limb_t *base = key->base, *lift = key->lift;
    mpn_copyi(key->generator, generator, modulus->size);
    montgomery_enter(modulus, base, generator, scratch);
    montgomery_invert(modulus, lift, base, scratch);
    montgomery_power(modulus, base, base, modulus->modulus, key->head.bits, scratch);
    montgomery_leave(modulus, base, base, scratch);
    for (int i = 0; i < OKAMOTO_NUMBER_BITS; i++) montgomery_square(modulus, lift, lift, scratch);
    montgomery_leave(modulus, lift, lift, scratch);
}

static struct okamoto_numbers numbers_of(const struct okamoto_key *key)
{
    return (struct okamoto_numbers){key->generator, key->base, key->lift};
}

static mp_size_t most(mp_size_t one, mp_size_t other)
{
    return one > other ? one : other;
}

static int32_t fill_key(struct okamoto_key *key, fate_context *context, const mp_limb_t *modulus, const mp_limb_t *generator)
{
    const mp_size_t size = limbs_for_bits(key->head.bits);
    int32_t result = montgomery_init(&key->modulus, context, modulus, size);
    if (result != FATE_OK) return result;
    key->limbs = memory_allocate(context, 3 * (uint64_t)size, sizeof *key->limbs);
    if (key->limbs == NULL) return context_out_of_memory(context);
    key->generator = key->limbs;
    key->base = key->generator + size;
    key->lift = key->base + size;
    struct scratch scratch;
    result = scratch_new(&scratch, context, 1, most(montgomery_power_itch(&key->modulus), montgomery_invert_itch(&key->modulus)));
    if (result != FATE_OK) return result;
    fill_powers(key, generator, scratch.limbs);
    scratch_free(&scratch);
    const struct okamoto_numbers numbers = numbers_of(key);
    return okamoto_ring_init(&key->ring, context, &key->modulus, &numbers);
}

int32_t okamoto_key_new(fate_context *context, struct scheme_key **key, uint32_t bits, const mp_limb_t *modulus, const mp_limb_t *generator)
{
    struct okamoto_key *made = memory_zeroed(context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(context);
    atomic_init(&made->head.references, 1);
    atomic_init(&made->head.retired, false);
    made->head.scheme = &scheme_okamoto_uchiyama;
    made->head.group = &made->ring.group;
    made->head.bits = bits;
    made->head.plaintext_bits = plaintext_bits(bits);
    made->head.ciphertext_bytes = (bits + 7) / 8;
    made->head.obfuscator_bits = okamoto_obfuscator_default(bits);
    int32_t result = fill_key(made, context, modulus, generator);
    if (result != FATE_OK) {
        okamoto_key_free(&made->head, context);
        return result;
    }
    context_hold(context);
    made->head.context = context;
    *key = &made->head;
    return FATE_OK;
}

bool okamoto_same(const struct scheme_key *left, const struct scheme_key *right)
{
    const struct okamoto_key *one = okamoto_key_of(left), *other = okamoto_key_of(right);
    mp_size_t size = one->modulus.size;
    return one->ring.group.load == other->ring.group.load && mpn_cmp(one->modulus.modulus, other->modulus.modulus, size) == 0 &&
           mpn_cmp(one->generator, other->generator, size) == 0;
}

void okamoto_units(const struct scheme_key *key, struct units *units)
{
    const struct okamoto_key *okamoto = okamoto_key_of(key);
    units->group = &okamoto->ring.group;
    units->bound = okamoto->modulus.modulus;
    units->bound_name = "the modulus";
    units->size = okamoto->modulus.size;
}

static uint64_t secret_limbs(const struct okamoto_secret *secret)
{
    return 2 * (uint64_t)secret->ring.modulus.size + (uint64_t)secret->other_size;
}

void okamoto_secret_free(fate_secret_key *secret, fate_context *context)
{
    struct okamoto_secret *okamoto = (struct okamoto_secret *)secret;
    memory_free_secret(context, okamoto->limbs, secret_limbs(okamoto) * sizeof(mp_limb_t));
    okamoto_owner_free(okamoto->owner, context);
    fermat_free(okamoto->fermat, context);
    kernel_ring_free(okamoto->lanes, context);
    pair_free(&okamoto->ring, context);
    montgomery_free(&okamoto->square, context);
    memory_free_secret(context, okamoto, sizeof *okamoto);
}

static int32_t secret_allocate(struct okamoto_secret *secret, fate_context *context, uint32_t bits, const mp_limb_t *p, const mp_limb_t *q)
{
    mp_size_t size = limbs_for_bits(okamoto_prime_bits(bits)), square_size = limbs_for_bits(2 * (uint64_t)okamoto_prime_bits(bits));
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, 2 * size + mpn_sec_sqr_itch(size));
    if (result != FATE_OK) return result;
    mpn_sec_sqr(scratch.limbs, p, size, scratch.limbs + 2 * size);
    result = pair_init(&secret->ring, context, p, size);
    if (result == FATE_OK) result = montgomery_init(&secret->square, context, scratch.limbs, square_size);
    if (result == FATE_OK) result = kernel_ring_new(&secret->lanes, context, kernel_of(context), &secret->ring, okamoto_prime_bits(bits));
    if (result == FATE_OK) result = fermat_new(&secret->fermat, context, secret->lanes, &secret->ring, okamoto_prime_bits(bits));
    scratch_free(&scratch);
    if (result != FATE_OK) return result;
    secret->other_size = limbs_for_bits(okamoto_other_bits(bits));
    secret->limbs = memory_allocate(context, secret_limbs(secret), sizeof *secret->limbs);
    if (secret->limbs == NULL) return context_out_of_memory(context);
    secret->minus_one = secret->limbs;
    secret->factor = secret->minus_one + size;
    secret->other = secret->factor + size;
    mpn_copyi(secret->minus_one, p, size);
    secret->minus_one[0] -= 1; /* p is odd: no borrow */
    mpn_copyi(secret->other, q, secret->other_size);
    return FATE_OK;
}

static uint32_t lanes_of(const struct okamoto_secret *secret)
{
    return secret->head.key->group->lanes;
}

mp_size_t okamoto_logarithm_itch(const struct okamoto_secret *secret)
{
    mp_size_t power = most(pair_power_itch(&secret->ring), fermat_itch(secret->lanes));
    return GROUP_MOST_LANES * secret->ring.size + most(power, 2 * secret->square.size + montgomery_itch(&secret->square));
}

/* out = a plain number below n as a pair mod p^2. */
static void reduce_number(const struct okamoto_secret *secret, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch)
{
    mpn_zero(out, secret->ring.size);
    mpn_zero(scratch, 2 * secret->square.size);
    mpn_copyi(scratch, number, limbs_for_bits(secret->head.key->bits)); /* below n = p^2*q < p^2*R */
    montgomery_remainder(&secret->square, out, scratch, scratch + 2 * secret->square.size);
    pair_enter(&secret->ring, out, out, scratch);
}

void okamoto_logarithms(const struct okamoto_secret *secret, mp_limb_t *const *out, const mp_limb_t *const *numbers, mp_limb_t *scratch)
{
    const struct pair_ring *ring = &secret->ring;
    const uint64_t bits = okamoto_prime_bits(secret->head.key->bits);
    mp_limb_t *powers[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < lanes_of(secret); lane++, scratch += ring->size) powers[lane] = scratch;
    for (uint32_t lane = 0; lane < lanes_of(secret); lane++) reduce_number(secret, powers[lane], numbers[lane], scratch);
    if (secret->lanes != NULL) {
        secret->lanes->kernel->fermat(secret->fermat, out, (const mp_limb_t *const *)powers, scratch);
        return;
    }
    pair_power(ring, powers[0], powers[0], secret->minus_one, bits, scratch);
    pair_plain(ring, powers[0], powers[0], scratch);
    mpn_copyi(out[0], powers[0] + ring->modulus.size, ring->modulus.size);
}

static int32_t fill_factor(struct okamoto_secret *secret, fate_context *context, const mp_limb_t *generator)
{
    const struct montgomery *prime = &secret->ring.modulus;
    struct scratch scratch;
    mp_size_t itch = most(okamoto_logarithm_itch(secret), montgomery_invert_itch(prime));
    int32_t result = scratch_new(&scratch, context, 1, prime->size + itch);
    if (result != FATE_OK) return result;
    mp_limb_t *outs[GROUP_MOST_LANES], *nowhere = scratch.limbs;
    const mp_limb_t *generators[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < lanes_of(secret); lane++) {
        outs[lane] = lane == 0 ? secret->factor : nowhere;
        generators[lane] = generator;
    }
    okamoto_logarithms(secret, outs, generators, nowhere + prime->size);
    montgomery_enter(prime, secret->factor, secret->factor, nowhere + prime->size);
    if (!montgomery_invert(prime, secret->factor, secret->factor, nowhere + prime->size))
        result = context_fail(context, FATE_E_KEY, "the okamoto-uchiyama key is malformed: its generator does not belong to its primes");
    scratch_free(&scratch);
    return result;
}

static int32_t owner_new(struct okamoto_secret *secret, fate_context *context)
{
    const struct okamoto_key *key = okamoto_key_of(secret->head.key);
    const struct okamoto_numbers numbers = numbers_of(key);
    const struct okamoto_owner_source source = {&secret->square, secret->other, okamoto_other_bits(key->head.bits), &numbers,
                                                key->modulus.size};
    return okamoto_owner_new(&secret->owner, context, &source);
}

/* The public half is made, and taken over. */
static int32_t secret_new(fate_context *context, fate_secret_key **secret, struct scheme_key *key, const mp_limb_t *p, const mp_limb_t *q,
                          const mp_limb_t *generator)
{
    struct okamoto_secret *made = memory_zeroed(context, 1, sizeof *made);
    int32_t result = made == NULL ? context_out_of_memory(context) : secret_allocate(made, context, key->bits, p, q);
    if (result == FATE_OK) {
        made->head.key = key;
        result = fill_factor(made, context, generator);
    }
    if (result == FATE_OK) result = owner_new(made, context);
    if (result == FATE_OK) {
        *secret = &made->head;
        return FATE_OK;
    }
    if (made != NULL) okamoto_secret_free(&made->head, context);
    scheme_key_free(key);
    return result;
}

/* modulus = p^2*q, of 2*size + other_size limbs; false unless it has so many bits. */
static bool make_modulus(mp_limb_t *modulus, uint32_t bits, const mp_limb_t *p, const mp_limb_t *q, mp_limb_t *scratch)
{
    mp_size_t size = limbs_for_bits(okamoto_prime_bits(bits)), other_size = limbs_for_bits(okamoto_other_bits(bits));
    mp_limb_t *square = scratch;
    scratch += 2 * size;
    mpn_sec_sqr(square, p, size, scratch);
    mpn_sec_mul(modulus, square, 2 * size, q, other_size, scratch);
    return limbs_bits(modulus, 2 * size + other_size) == bits;
}

static mp_size_t modulus_itch(uint32_t bits)
{
    mp_size_t size = limbs_for_bits(okamoto_prime_bits(bits)), other_size = limbs_for_bits(okamoto_other_bits(bits));
    mp_size_t square = mpn_sec_sqr_itch(size), multiply = mpn_sec_mul_itch(2 * size, other_size);
    return 2 * size + (square > multiply ? square : multiply);
}

int32_t okamoto_secret_from_primes(fate_context *context, fate_secret_key **secret, uint32_t bits, const mp_limb_t *p, const mp_limb_t *q,
                                   const mp_limb_t *generator)
{
    mp_size_t full = 3 * limbs_for_bits(okamoto_prime_bits(bits));
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, full + modulus_itch(bits));
    if (result != FATE_OK) return result;
    struct scheme_key *key = NULL;
    if (!make_modulus(scratch.limbs, bits, p, q, scratch.limbs + full))
        result = context_fail(context, FATE_E_KEY, "the primes do not make a key of %lu bits", (unsigned long)bits);
    if (result == FATE_OK) result = okamoto_key_new(context, &key, bits, scratch.limbs, generator);
    if (result == FATE_OK) result = secret_new(context, secret, key, p, q, generator);
    scratch_free(&scratch);
    return result;
}

/* Two primes that agree in their highest limb would make n easier to factor; short ones, of tests, need only differ. */
static bool are_close(const mp_limb_t *p, const mp_limb_t *q, uint32_t bits)
{
    if (okamoto_prime_bits(bits) != okamoto_other_bits(bits)) return false;
    mp_size_t size = limbs_for_bits(okamoto_prime_bits(bits)), compared = bits >= 2048 ? 1 : size;
    return limbs_equal(p + size - compared, q + size - compared, compared) != 0;
}

/* p is at least 3/4 of its longest, so a q that makes n long enough exists. modulus is room for n. */
static int32_t generate_primes(fate_context *context, mp_limb_t *p, mp_limb_t *q, mp_limb_t *modulus, uint32_t bits, const uint8_t *seed)
{
    struct random_stream stream;
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, modulus_itch(bits));
    if (result != FATE_OK) return result;
    random_stream_init(&stream, seed, 1);
    result = prime_generate(context, p, okamoto_prime_bits(bits), &stream);
    do {
        if (result == FATE_OK) result = prime_generate(context, q, okamoto_other_bits(bits), &stream);
    } while (result == FATE_OK && (!make_modulus(modulus, bits, p, q, scratch.limbs) || are_close(p, q, bits)));
    random_stream_wipe(&stream);
    scratch_free(&scratch);
    return result;
}

/* generator = a random square mod n. n has `bits` bits: bits-1 random bits are below it. false when it is no unit. */
static bool draw_generator(mp_limb_t *generator, const mp_limb_t *modulus, uint32_t bits, struct random_stream *stream, mp_limb_t *scratch)
{
    mp_size_t size = limbs_for_bits(bits);
    mp_limb_t *root = scratch, *square = root + size;
    scratch = square + 2 * size;
    limbs_random(root, size, bits - 1, stream);
    mpn_sqr(square, root, size);
    limbs_modulo(generator, square, 2 * size, modulus, size, scratch);
    return limbs_invert(root, generator, modulus, size, scratch) != 0;
}

static mp_size_t generator_itch(uint32_t bits)
{
    mp_size_t size = limbs_for_bits(bits), modulo = limbs_modulo_itch(2 * size, size), invert = limbs_invert_itch(size);
    return 3 * size + (modulo > invert ? modulo : invert);
}

int32_t okamoto_generate(fate_context *context, fate_secret_key **secret, uint32_t bits, const uint8_t *seed)
{
    enum { FEWEST_BITS = 24 };
    int32_t result = okamoto_check_bits(context, bits);
    if (result != FATE_OK) return result;
    if (bits < FEWEST_BITS) return context_fail(context, FATE_E_KEY, "there are too few primes for a key of %u bits", (unsigned)bits);
    mp_size_t size = limbs_for_bits(okamoto_prime_bits(bits)), full = 3 * size;
    struct scratch scratch;
    result = scratch_new(&scratch, context, 1, 2 * size + 2 * full + generator_itch(bits));
    if (result != FATE_OK) return result;
    mp_limb_t *p = scratch.limbs, *q = p + size, *modulus = q + size, *generator = modulus + full;
    result = generate_primes(context, p, q, modulus, bits, seed);
    struct random_stream stream;
    random_stream_init(&stream, seed, 2);
    if (result == FATE_OK) {
        do /* what is no unit, or has the wrong order mod p^2, happens with the tiny keys of tests alone */
            result = draw_generator(generator, modulus, bits, &stream, generator + full)
                         ? okamoto_secret_from_primes(context, secret, bits, p, q, generator)
                         : FATE_E_KEY;
        while (result == FATE_E_KEY);
    }
    random_stream_wipe(&stream);
    scratch_free(&scratch);
    return result;
}
