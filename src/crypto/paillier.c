/* Paillier encryption and decryption. Constant time in plaintexts and primes; the tables of obfuscators are read at addresses that
 * depend on an exponent which is random and used for one ciphertext only. */
#include "src/crypto/paillier.h"
#include "lib/threads.h"
#include "src/crypto/fixed_point.h"
#include <math.h>
#include <sodium.h>

mp_limb_t *paillier_items(const struct fate_ciphertexts *vector, uint64_t first)
{
    return (mp_limb_t *)vector->items + first * (uint64_t)paillier_key_of(vector->key)->ring.size;
}

int32_t paillier_tables_get(struct paillier_tables *tables, const struct scheme_key *key, const fate_secret_key *secret)
{
    const struct paillier_key *paillier = paillier_key_of(key);
    *tables = (struct paillier_tables){.key = paillier};
    if (secret == NULL)
        return comb_slot_get(paillier->obfuscators, &tables->combs[0], key->context, &paillier->ring, paillier->base,
                             paillier->exponent_bits);
    tables->secret = paillier_secret_of(secret);
    int32_t result = FATE_OK;
    for (int i = 0; i < 2 && result == FATE_OK; i++) {
        const struct paillier_half *half = &tables->secret->halves[i];
        result = comb_slot_get(half->obfuscators, &tables->combs[i], key->context, &half->ring, half->base, paillier->exponent_bits);
    }
    return result;
}

/* The owner works with two squares of primes, each as long as n, give or take the rounding to limbs. */
static mp_size_t longest(const struct paillier_key *key)
{
    return key->ring.size + 2;
}

mp_size_t paillier_power_itch(const struct paillier_key *key)
{
    return 6 * longest(key) + pair_itch(&key->ring);
}

/* out = number mod n^2 from its remainders modulo p^2 and q^2: at_q + q^2 * ((at_p - at_q) * q^-2 mod p^2). at_p is destroyed.
 * scratch: two times longest, and montgomery_itch. */
static void recombine(const struct paillier_secret *secret, mp_limb_t *out, mp_size_t out_size, mp_limb_t *at_p, const mp_limb_t *at_q,
                      mp_limb_t *scratch)
{
    const struct montgomery *p = &secret->halves[0].square, *q = &secret->halves[1].square;
    mp_size_t size = p->size;
    mp_limb_t *product = scratch, *lower = product + 2 * size;
    scratch = lower + 2 * size;
    mp_limb_t borrow = mpn_sub_n(at_p, at_p, at_q, size);
    mpn_cnd_add_n(borrow, at_p, at_p, p->modulus, size);
    montgomery_multiply(p, at_p, at_p, secret->square_inverse, scratch);
    mpn_sec_mul(product, at_p, size, q->modulus, size, scratch);
    mpn_copyi(lower, at_q, size);
    mpn_zero(lower + size, size);
    mpn_add_n(product, product, lower, 2 * size);
    /* Below n^2: what lies higher is zero. */
    mpn_zero(out, out_size);
    mpn_copyi(out, product, out_size < 2 * size ? out_size : 2 * size);
}

void paillier_power(const struct paillier_tables *tables, mp_limb_t *out, const mp_limb_t *exponent, mp_limb_t *scratch)
{
    if (tables->secret == NULL) {
        comb_power(tables->combs[0], out, exponent, scratch);
        return;
    }
    mp_limb_t *remainders[2] = {scratch, scratch + longest(tables->key)};
    scratch += 2 * longest(tables->key);
    for (int i = 0; i < 2; i++) {
        comb_power(tables->combs[i], remainders[i], exponent, scratch);
        pair_leave(&tables->secret->halves[i].ring, remainders[i], remainders[i], scratch);
    }
    recombine(tables->secret, out, tables->key->ring.size, remainders[0], remainders[1], scratch);
    pair_enter(&tables->key->ring, out, out, scratch);
}

struct encryption {
    struct paillier_tables tables;
    const struct scheme_plaintexts *plaintexts; /* NULL: multiply by the obfuscator alone */
    mp_limb_t *items;                           /* of the first one */
    uint64_t first;
    const uint8_t *seed;
    struct scratch scratch;
};

static void load_message(const struct paillier_key *key, const struct scheme_plaintexts *plaintexts, uint64_t item, mp_limb_t *message)
{
    mp_size_t size = key->ring.modulus.size;
    mpn_zero(message, size);
    if (plaintexts->numbers == NULL) {
        for (mp_size_t i = 0; i < size && i < (mp_size_t)plaintexts->words; i++)
            message[i] = plaintexts->values[item * plaintexts->words + (uint64_t)i];
        return;
    }
    /* A negative number -v is n - v: all limbs of n are added to those of 2^(64*size) - v. */
    int64_t value = fixed_point_nearest(plaintexts->numbers[item], plaintexts->scale_bits);
    mp_limb_t negative = (mp_limb_t)value >> 63;
    message[0] = (mp_limb_t)value;
    for (mp_size_t i = 1; i < size; i++) message[i] = 0 - negative;
    mpn_cnd_add_n(negative, message, message, key->ring.modulus.modulus, size);
}

static int32_t encrypt_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct encryption *encryption = argument;
    const struct paillier_key *key = encryption->tables.key;
    mp_size_t size = key->ring.size, half = key->ring.modulus.size;
    mp_limb_t *exponent = scratch_of(&encryption->scratch, worker), *power = exponent + half;
    mp_limb_t *message = power + size, *scratch = message + half;
    for (uint64_t i = first; i < end; i++) {
        mp_limb_t *item = encryption->items + i * (uint64_t)size;
        struct random_stream stream;
        random_stream_init(&stream, encryption->seed, encryption->first + i);
        limbs_random(exponent, limbs_for_bits(key->exponent_bits), key->exponent_bits, &stream);
        random_stream_wipe(&stream);
        paillier_power(&encryption->tables, power, exponent, scratch);
        if (encryption->plaintexts == NULL) {
            pair_multiply_public(&key->ring, item, item, power, scratch);
        } else {
            load_message(key, encryption->plaintexts, i, message);
            pair_shift(&key->ring, item, power, message, scratch);
        }
    }
    return FATE_OK;
}

static int32_t run_encryption(struct encryption *encryption, const struct scheme_key *key, const fate_secret_key *secret, uint64_t count)
{
    if (count == 0) return FATE_OK;
    int32_t result = paillier_tables_get(&encryption->tables, key, secret);
    const struct paillier_key *paillier = paillier_key_of(key);
    mp_size_t each = 2 * paillier->ring.size + paillier_power_itch(paillier);
    if (result == FATE_OK) result = scratch_new(&encryption->scratch, key->context, fate_context_threads(key->context), each);
    if (result != FATE_OK) return result;
    result = threads_run(key->context, count, 8, encrypt_items, encryption);
    scratch_free(&encryption->scratch);
    return result;
}

int32_t paillier_encrypt(const fate_secret_key *secret, struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                         const struct scheme_plaintexts *plaintexts, const uint8_t *seed)
{
    if (plaintexts->numbers != NULL) {
        /* Keys of tests may be shorter than a number. */
        double bound = vector->key->bits > 64 ? 0x1p62 : ldexp(1, (int)vector->key->bits - 2) - 0.5;
        int32_t result = fixed_point_check(vector->key->context, plaintexts->numbers, count, plaintexts->scale_bits, bound);
        if (result != FATE_OK) return result;
    }
    struct encryption encryption = {.plaintexts = plaintexts, .items = paillier_items(vector, first), .first = first, .seed = seed};
    return run_encryption(&encryption, vector->key, secret, count);
}

int32_t paillier_rerandomise(struct fate_ciphertexts *vector, const uint8_t *seed)
{
    struct encryption encryption = {.items = paillier_items(vector, 0), .seed = seed};
    return run_encryption(&encryption, vector->key, NULL, vector->count);
}

mp_size_t paillier_decrypt_itch(const struct paillier_secret *secret)
{
    const struct pair_ring *ring = &paillier_key_of(secret->head.key)->ring;
    mp_size_t power = pair_power_itch(&secret->halves[0].ring), leave = pair_itch(ring);
    return 2 * ring->size + 8 * secret->halves[0].ring.size + (leave > power ? leave : power);
}

/* The plaintext modulo one prime, from a plain number below n^2. item^(p-1) = 1 + L*p is the pair (1, L). */
static void decrypt_half(const struct paillier_half *half, uint64_t prime_bits, mp_limb_t *out, const mp_limb_t *item, mp_size_t item_size,
                         mp_limb_t *scratch)
{
    const struct pair_ring *ring = &half->ring;
    mp_limb_t *power = scratch;
    scratch = power + ring->size;
    mpn_zero(power, ring->size);
    mpn_zero(scratch, 2 * half->square.size);
    mpn_copyi(scratch, item, item_size); /* below n^2 = p^2 * q^2 < p^2 * R */
    montgomery_remainder(&half->square, power, scratch, scratch + 2 * half->square.size);
    pair_enter(ring, power, power, scratch);
    pair_power(ring, power, power, half->minus_one, prime_bits, scratch);
    pair_plain(ring, power, power, scratch);
    montgomery_multiply(&ring->modulus, out, power + ring->modulus.size, half->factor, scratch);
}

void paillier_decrypt_item(const struct paillier_secret *secret, mp_limb_t *message, const mp_limb_t *item, mp_limb_t *scratch)
{
    const struct pair_ring *ring = &paillier_key_of(secret->head.key)->ring;
    const struct montgomery *p = &secret->halves[0].ring.modulus, *q = &secret->halves[1].ring.modulus;
    mp_size_t size = p->size, item_size = limbs_for_bits(2 * (uint64_t)secret->head.key->bits);
    mp_limb_t *plain = scratch, *at_p = plain + ring->size, *at_q = at_p + size, *lower = at_q + size;
    scratch = lower + 2 * size;
    pair_leave(ring, plain, item, scratch);
    decrypt_half(&secret->halves[0], secret->head.key->bits / 2, at_p, plain, item_size, scratch);
    decrypt_half(&secret->halves[1], secret->head.key->bits / 2, at_q, plain, item_size, scratch);
    mp_limb_t borrow = mpn_sub_n(at_p, at_p, at_q, size); /* at_q < q < p */
    mpn_cnd_add_n(borrow, at_p, at_p, p->modulus, size);
    montgomery_multiply(p, at_p, at_p, secret->prime_inverse, scratch);
    mpn_sec_mul(message, at_p, size, q->modulus, size, scratch);
    mpn_copyi(lower, at_q, size);
    mpn_zero(lower + size, size);
    mpn_add_n(message, message, lower, 2 * size);
}

struct decryption {
    const struct paillier_secret *secret;
    const mp_limb_t *items;
    uint64_t *values; /* or numbers */
    uint32_t words;
    double *numbers;
    double unit; /* 2^-scale_bits: the product is exact, and takes no longer for one number than for another */
    struct scratch scratch;
};

/* Returns what does not fit. */
static mp_limb_t store_value(const struct decryption *decryption, uint64_t item, const mp_limb_t *message, mp_size_t size)
{
    uint64_t *value = decryption->values + item * decryption->words;
    mp_limb_t above = 0;
    for (uint32_t i = 0; i < decryption->words; i++) value[i] = i < (uint64_t)size ? message[i] : 0;
    for (mp_size_t i = (mp_size_t)decryption->words; i < size; i++) above |= message[i];
    return above;
}

static mp_limb_t store_number(const struct decryption *decryption, uint64_t item, const mp_limb_t *message, mp_limb_t *opposite)
{
    const struct montgomery *modulus = &paillier_key_of(decryption->secret->head.key)->ring.modulus;
    mp_size_t size = modulus->size;
    mpn_sub_n(opposite, modulus->modulus, message, size);
    mp_limb_t negative = limbs_less(opposite, message, size), above = 0, mask = 0 - negative;
    for (mp_size_t i = 1; i < size; i++) above |= (message[i] & ~mask) | (opposite[i] & mask);
    int64_t value = (int64_t)((message[0] & ~mask) | (opposite[0] & mask));
    above |= (mp_limb_t)value >> 62;
    int64_t signed_value = (value ^ -(int64_t)negative) + (int64_t)negative;
    decryption->numbers[item] = (double)signed_value * decryption->unit;
    return above;
}

static int32_t decrypt_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct decryption *decryption = argument;
    const struct paillier_secret *secret = decryption->secret;
    mp_size_t item_size = paillier_key_of(secret->head.key)->ring.size, size = 2 * secret->halves[0].ring.modulus.size;
    mp_limb_t *message = scratch_of(&decryption->scratch, worker), *scratch = message + size;
    mp_limb_t above = 0;
    for (uint64_t i = first; i < end; i++) {
        paillier_decrypt_item(secret, message, decryption->items + i * (uint64_t)item_size, scratch);
        above |= decryption->numbers == NULL ? store_value(decryption, i, message, size) : store_number(decryption, i, message, scratch);
    }
    return above == 0 ? FATE_OK : FATE_E_RANGE;
}

static int32_t run_decryption(struct decryption *decryption, uint64_t count)
{
    fate_context *context = decryption->secret->head.key->context;
    mp_size_t each = decryption->secret->halves[0].ring.size + paillier_decrypt_itch(decryption->secret);
    int32_t result = scratch_new(&decryption->scratch, context, fate_context_threads(context), each);
    if (result != FATE_OK) return result;
    result = threads_run(context, count, 1, decrypt_items, decryption);
    scratch_free(&decryption->scratch);
    return result;
}

int32_t paillier_decrypt(const fate_secret_key *secret, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                         uint64_t *values, uint32_t words)
{
    struct decryption decryption = {
        .secret = paillier_secret_of(secret), .items = paillier_items(vector, first), .values = values, .words = words};
    int32_t result = run_decryption(&decryption, count);
    if (result != FATE_E_RANGE) return result;
    sodium_memzero(values, (size_t)(count * words * sizeof *values));
    return context_fail(secret->key->context, result,
                        "a decrypted number needs more than %lu words of 64 bits: a sum has overflowed "
                        "its bound, or the ciphertexts were not made as agreed",
                        (unsigned long)words);
}

int32_t paillier_decrypt_numbers(const fate_secret_key *secret, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                 double *values, uint32_t scale_bits)
{
    struct decryption decryption = {.secret = paillier_secret_of(secret),
                                    .items = paillier_items(vector, first),
                                    .numbers = values,
                                    .unit = ldexp(1, -(int)scale_bits)};
    int32_t result = run_decryption(&decryption, count);
    if (result != FATE_E_RANGE) return result;
    sodium_memzero(values, (size_t)(count * sizeof *values));
    return context_fail(secret->key->context, result,
                        "a decrypted number is outside 62 bits: a sum has overflowed its bound, or the "
                        "ciphertexts were not made as agreed");
}
