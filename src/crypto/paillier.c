/* Paillier encryption and decryption. Constant time in plaintexts and primes; the tables of obfuscators are read at addresses that
 * depend on an exponent which is random and used for one ciphertext only. */
#include "src/crypto/paillier.h"
#include "lib/threads.h"
#include "src/crypto/fixed_point.h"
#include "src/crypto/group_vector.h"
#include <math.h>
#include <sodium.h>

uint64_t paillier_item_limbs(const struct paillier_key *key)
{
    return (uint64_t)key->group.row;
}

mp_limb_t *paillier_items(const struct fate_ciphertexts *vector, uint64_t first)
{
    return group_items(vector->key->group, vector, first);
}

void paillier_set_one(const struct paillier_key *key, mp_limb_t *item)
{
    mpn_copyi(item, key->group.one, key->group.row);
}

mp_size_t paillier_pairs_itch(const struct paillier_key *key)
{
    return kernel_itch(key->lanes) + (mp_size_t)paillier_item_limbs(key);
}

void paillier_from_pairs(const struct paillier_key *key, mp_limb_t *const *items, const mp_limb_t *const *pairs, uint64_t count,
                         mp_limb_t *scratch)
{
    if (key->lanes == NULL) {
        for (uint64_t i = 0; i < count; i++) mpn_copyi(items[i], pairs[i], key->ring.size);
        return;
    }
    mp_limb_t *rows[KERNEL_MOST_LANES], *nowhere = scratch + kernel_itch(key->lanes);
    const mp_limb_t *from[KERNEL_MOST_LANES];
    for (uint32_t lane = 0; lane < key->lanes->kernel->lanes; lane++) {
        rows[lane] = lane < count ? items[lane] : nowhere;
        from[lane] = pairs[lane < count ? lane : 0];
    }
    key->lanes->kernel->enter(key->lanes, rows, from, scratch);
}

void paillier_to_pairs(const struct paillier_key *key, mp_limb_t *const *pairs, const mp_limb_t *const *items, uint64_t count,
                       mp_limb_t *scratch)
{
    if (key->lanes == NULL) {
        for (uint64_t i = 0; i < count; i++) mpn_copyi(pairs[i], items[i], key->ring.size);
        return;
    }
    mp_limb_t *to[KERNEL_MOST_LANES], *nowhere = scratch + kernel_itch(key->lanes);
    const mp_limb_t *rows[KERNEL_MOST_LANES];
    for (uint32_t lane = 0; lane < key->lanes->kernel->lanes; lane++) {
        to[lane] = lane < count ? pairs[lane] : nowhere;
        rows[lane] = items[lane < count ? lane : 0];
    }
    key->lanes->kernel->leave(key->lanes, to, rows, scratch);
}

enum { FEW_IN_ALL = 4096, FEW_MOST = 128 }; /* powers at a time that are not worth large tables: 35 megabytes for keys of 2048 bits */

int32_t paillier_tables_get(struct paillier_tables *tables, const struct scheme_key *key, const fate_secret_key *secret, uint64_t count)
{
    const struct paillier_key *paillier = paillier_key_of(key);
    *tables = (struct paillier_tables){.key = paillier};
    struct comb_source source = {.ring = &paillier->ring,
                                 .lanes = paillier->lanes,
                                 .base = paillier->base,
                                 .bits = paillier->exponent_bits,
                                 .scanned = key->scan_tables};
    if (secret == NULL) {
        source.few = !key->scan_tables && count <= FEW_MOST && slot_look(paillier->obfuscators) == NULL &&
                     slot_use(paillier->few, count) <= FEW_IN_ALL;
        return comb_get(source.few ? paillier->few : paillier->obfuscators, &tables->combs[0], key->context, &source);
    }
    tables->secret = paillier_secret_of(secret);
    int32_t result = FATE_OK;
    source.halved = true;
    for (int i = 0; i < 2 && result == FATE_OK; i++) {
        const struct paillier_half *half = &tables->secret->halves[i];
        source.ring = &half->ring;
        source.lanes = half->lanes;
        source.base = half->base;
        result = comb_get(half->obfuscators, &tables->combs[i], key->context, &source);
    }
    return result;
}

/* The owner works with two squares of primes, each as long as n, give or take the rounding to limbs. */
static mp_size_t longest(const struct paillier_key *key)
{
    return key->ring.size + 2;
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

/* By both primes, without lanes. */
static void owner_powers(const struct paillier_tables *tables, mp_limb_t *const *out, const mp_limb_t *const *exponents,
                         const mp_limb_t *const *messages, uint32_t count, mp_limb_t *scratch)
{
    const struct pair_ring *ring = &tables->key->ring;
    mp_limb_t *remainders[2][COMB_TOGETHER];
    for (uint32_t i = 0; i < 2 * count; i++, scratch += longest(tables->key)) remainders[i % 2][i / 2] = scratch;
    for (int half = 0; half < 2; half++) {
        comb_powers(tables->combs[half], remainders[half], exponents, NULL, count, scratch);
        for (uint32_t i = 0; i < count; i++)
            pair_leave(&tables->secret->halves[half].ring, remainders[half][i], remainders[half][i], scratch);
    }
    for (uint32_t i = 0; i < count; i++) {
        recombine(tables->secret, out[i], ring->size, remainders[0][i], remainders[1][i], scratch);
        pair_enter(ring, out[i], out[i], scratch);
        if (messages != NULL) pair_shift(ring, out[i], out[i], messages[i], scratch);
    }
}

uint32_t paillier_batch(const struct paillier_key *key)
{
    return key->lanes == NULL ? COMB_TOGETHER : key->lanes->kernel->lanes;
}

/* Limbs that hold the digits of a batch's exponents. */
static mp_size_t digits_itch(const struct paillier_key *key)
{
    return (mp_size_t)((comb_rows(key->exponent_bits, key->head.scan_tables) * paillier_batch(key) * sizeof(uint32_t) + 7) / 8);
}

mp_size_t paillier_powers_itch(const struct paillier_key *key)
{
    mp_size_t one = (4 + 2 * COMB_TOGETHER) * longest(key) + comb_itch(&key->ring), lanes = digits_itch(key) + comb_lanes_itch(key->lanes);
    return one > lanes ? one : lanes;
}

void paillier_powers(const struct paillier_tables *tables, mp_limb_t *const *out, const mp_limb_t *const *exponents,
                     const mp_limb_t *const *messages, uint32_t count, mp_limb_t *scratch)
{
    const struct paillier_key *key = tables->key;
    if (key->lanes != NULL) {
        const struct kernel_comb *combs[2] = {comb_for_lanes(tables->combs[0])};
        uint32_t *digits = (uint32_t *)(void *)scratch;
        comb_digits(tables->combs[0], digits, exponents);
        if (tables->secret != NULL) combs[1] = comb_for_lanes(tables->combs[1]);
        key->lanes->kernel->comb(combs, tables->secret == NULL ? NULL : paillier_join_of(tables->secret->join), out, digits, messages,
                                 scratch + digits_itch(key));
    } else if (tables->secret == NULL) {
        comb_powers(tables->combs[0], out, exponents, messages, count, scratch);
    } else {
        owner_powers(tables, out, exponents, messages, count, scratch);
    }
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

static void make_exponent(const struct encryption *encryption, uint64_t item, mp_limb_t *exponent)
{
    const struct paillier_key *key = encryption->tables.key;
    struct random_stream stream;
    random_stream_init(&stream, encryption->seed, encryption->first + item);
    limbs_random(exponent, limbs_for_bits(key->exponent_bits), key->exponent_bits, &stream);
    random_stream_wipe(&stream);
}

/* What one batch needs beside the powers' scratch, for each lane: an exponent, a message, an item. */
static mp_size_t batch_itch(const struct paillier_key *key)
{
    return 2 * key->ring.modulus.size + (mp_size_t)paillier_item_limbs(key);
}

/* items[i] *= powers[i]. */
static void multiply_items(const struct paillier_key *key, mp_limb_t *const *items, mp_limb_t *const *powers, uint32_t count,
                           mp_limb_t *scratch)
{
    const mp_limb_t *const *factors = (const mp_limb_t *const *)powers;
    for (uint32_t i = 0; key->lanes == NULL && i < count; i++) pair_multiply_public(&key->ring, items[i], items[i], powers[i], scratch);
    if (key->lanes != NULL) key->lanes->kernel->multiply(key->lanes, items, (const mp_limb_t *const *)items, factors, scratch);
}

static int32_t encrypt_batches(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct encryption *encryption = argument;
    const struct paillier_key *key = encryption->tables.key;
    const bool fresh = encryption->plaintexts != NULL;
    const uint32_t batch = paillier_batch(key);
    const mp_size_t half = key->ring.modulus.size;
    mp_limb_t *scratch = scratch_of(&encryption->scratch, worker), *exponents[KERNEL_MOST_LANES], *messages[KERNEL_MOST_LANES],
              *powers[KERNEL_MOST_LANES], *items[KERNEL_MOST_LANES];
    for (uint32_t lane = 0; lane < batch; lane++, scratch += batch_itch(key)) {
        exponents[lane] = scratch;
        messages[lane] = scratch + half;
        powers[lane] = scratch + 2 * half;
    }
    for (uint64_t i = first; i < end; i += batch) {
        const uint32_t count = end - i < batch ? (uint32_t)(end - i) : batch;
        for (uint32_t lane = 0; lane < batch; lane++) {
            if (key->lanes == NULL && lane == count) break;
            /* Lanes beyond the last item do the first one's work once more. */
            uint64_t at = i + lane < end ? i + lane : i;
            items[lane] = i + lane < end ? encryption->items + at * paillier_item_limbs(key) : powers[lane];
            make_exponent(encryption, at, exponents[lane]);
            if (fresh) load_message(key, encryption->plaintexts, at, messages[lane]);
        }
        paillier_powers(&encryption->tables, fresh ? items : powers, (const mp_limb_t *const *)exponents,
                        fresh ? (const mp_limb_t *const *)messages : NULL, count, scratch);
        if (!fresh) multiply_items(key, items, powers, count, scratch);
    }
    return FATE_OK;
}

static int32_t run_encryption(struct encryption *encryption, const struct scheme_key *key, const fate_secret_key *secret, uint64_t count)
{
    if (count == 0) return FATE_OK;
    const struct paillier_key *paillier = paillier_key_of(key);
    int32_t result = paillier_tables_get(&encryption->tables, key, secret, count);
    if (result == FATE_OK)
        result = scratch_new(&encryption->scratch, key->context, fate_context_threads(key->context),
                             (mp_size_t)paillier_batch(paillier) * batch_itch(paillier) + paillier_powers_itch(paillier));
    if (result != FATE_OK) return result;
    result = threads_run(key->context, count, 8, encrypt_batches, encryption);
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
    const struct paillier_key *key = paillier_key_of(secret->head.key);
    mp_size_t power = pair_power_itch(&secret->halves[0].ring), leave = pair_itch(&key->ring) + paillier_pairs_itch(key);
    return 2 * key->ring.size + 8 * secret->halves[0].ring.size + (leave > power ? leave : power);
}

/* The plaintext modulo one prime, from a plain number below n^2: item^(p-1) = 1 + L*p is the pair (1, L). First the number as a pair mod p^2,
 * last what is made of the power. */
static void half_enter(const struct paillier_half *half, mp_limb_t *out, const mp_limb_t *item, mp_size_t item_size, mp_limb_t *scratch)
{
    mpn_zero(out, half->ring.size);
    mpn_zero(scratch, 2 * half->square.size);
    mpn_copyi(scratch, item, item_size); /* below n^2 = p^2 * q^2 < p^2 * R */
    montgomery_remainder(&half->square, out, scratch, scratch + 2 * half->square.size);
    pair_enter(&half->ring, out, out, scratch);
}

static void half_leave(const struct paillier_half *half, mp_limb_t *power, mp_limb_t *scratch)
{
    const struct montgomery *prime = &half->ring.modulus;
    pair_plain(&half->ring, power, power, scratch);
    montgomery_multiply(prime, power, power + prime->size, half->factor, scratch);
}

/* message from what it is modulo p and q; at_p is destroyed. */
static void combine(const struct paillier_secret *secret, mp_limb_t *message, mp_limb_t *at_p, const mp_limb_t *at_q, mp_limb_t *scratch)
{
    const struct montgomery *p = &secret->halves[0].ring.modulus, *q = &secret->halves[1].ring.modulus;
    mp_size_t size = p->size;
    mp_limb_t *lower = scratch;
    scratch = lower + 2 * size;
    mp_limb_t borrow = mpn_sub_n(at_p, at_p, at_q, size); /* at_q < q < p */
    mpn_cnd_add_n(borrow, at_p, at_p, p->modulus, size);
    montgomery_multiply(p, at_p, at_p, secret->prime_inverse, scratch);
    mpn_sec_mul(message, at_p, size, q->modulus, size, scratch);
    mpn_copyi(lower, at_q, size);
    mpn_zero(lower + size, size);
    mpn_add_n(message, message, lower, 2 * size);
}

/* message from what it is modulo the primes, or modulo p alone: then the upper half is zero. at_p is destroyed. */
static void take_message(const struct paillier_secret *secret, mp_limb_t *message, mp_limb_t *at_p, const mp_limb_t *at_q, int primes,
                         mp_limb_t *scratch)
{
    const mp_size_t size = secret->halves[0].ring.modulus.size;
    if (primes == 2) {
        combine(secret, message, at_p, at_q, scratch);
    } else {
        mpn_copyi(message, at_p, size);
        mpn_zero(message + size, size);
    }
}

void paillier_decrypt_item(const struct paillier_secret *secret, mp_limb_t *message, const mp_limb_t *item, int primes, mp_limb_t *scratch)
{
    const struct paillier_key *key = paillier_key_of(secret->head.key);
    mp_size_t size = secret->halves[0].ring.size, item_size = limbs_for_bits(2 * (uint64_t)secret->head.key->bits);
    mp_limb_t *plain = scratch, *powers[2] = {plain + key->ring.size, plain + key->ring.size + size};
    scratch = powers[1] + size;
    paillier_to_pairs(key, &plain, &item, 1, scratch);
    pair_leave(&key->ring, plain, plain, scratch);
    for (int i = 0; i < primes; i++) {
        const struct paillier_half *half = &secret->halves[i];
        half_enter(half, powers[i], plain, item_size, scratch);
        pair_power(&half->ring, powers[i], powers[i], half->minus_one, secret->head.key->bits / 2, scratch);
        half_leave(half, powers[i], scratch);
    }
    take_message(secret, message, powers[0], powers[1], primes, scratch);
}

/* How many primes a plaintext of so many bits needs. One that is known to be below 2^bits, half as long as p, is what it is modulo p, and takes
 * half the time. Were m not below, though m modulo p is, then m and n would have p as an approximate common divisor that is found in
 * polynomial time, errors being below n^(1/4) (Howgrave-Graham, Approximate integer common divisors, CaLC 2001): who can make such a
 * plaintext can factor n. All others are out of range modulo p too. */
static int primes_for(const struct paillier_secret *secret, uint64_t bits)
{
    return bits <= secret->head.key->bits / 4 ? 1 : 2;
}

enum { NUMBER_BITS = 63 }; /* of a number that is decrypted, with its sign */

struct decryption {
    const struct paillier_secret *secret;
    int primes;
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
    const struct paillier_secret *secret = decryption->secret;
    const struct montgomery *n = &paillier_key_of(secret->head.key)->ring.modulus, *p = &secret->halves[0].ring.modulus;
    const struct montgomery *modulus = decryption->primes == 1 ? p : n;
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

static mp_limb_t store_message(const struct decryption *decryption, uint64_t item, const mp_limb_t *message, mp_size_t size,
                               mp_limb_t *scratch)
{
    return decryption->numbers == NULL ? store_value(decryption, item, message, size) : store_number(decryption, item, message, scratch);
}

static int32_t decrypt_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct decryption *decryption = argument;
    const struct paillier_secret *secret = decryption->secret;
    const uint64_t item_limbs = paillier_item_limbs(paillier_key_of(secret->head.key));
    mp_size_t size = 2 * secret->halves[0].ring.modulus.size;
    mp_limb_t *message = scratch_of(&decryption->scratch, worker), *scratch = message + size;
    mp_limb_t above = 0;
    for (uint64_t i = first; i < end; i++) {
        paillier_decrypt_item(secret, message, decryption->items + i * item_limbs, decryption->primes, scratch);
        above |= store_message(decryption, i, message, size, scratch);
    }
    return above == 0 ? FATE_OK : FATE_E_RANGE;
}

/* powers[half][lane] = what the items i.. are modulo the primes; lanes beyond the last item do the first one's work once more. */
static void decrypt_lanes(const struct decryption *decryption, mp_limb_t *const powers[2][KERNEL_MOST_LANES], uint64_t i, uint64_t used,
                          mp_limb_t *scratch)
{
    const struct paillier_secret *secret = decryption->secret;
    const struct paillier_key *key = paillier_key_of(secret->head.key);
    const uint32_t bits = secret->head.key->bits, lanes = key->lanes->kernel->lanes;
    const mp_limb_t *rows[KERNEL_MOST_LANES];
    mp_limb_t *plain[KERNEL_MOST_LANES];
    for (uint32_t lane = 0; lane < lanes; lane++, scratch += key->ring.size) {
        rows[lane] = decryption->items + (lane < used ? i + lane : i) * (uint64_t)key->lanes->row;
        plain[lane] = scratch;
    }
    key->lanes->kernel->write(key->lanes, plain, rows, scratch);
    for (uint32_t lane = 0; lane < lanes; lane++)
        for (int k = 0; k < decryption->primes; k++)
            half_enter(&secret->halves[k], powers[k][lane], plain[lane], limbs_for_bits(2 * (uint64_t)bits), scratch);
    for (int k = 0; k < decryption->primes; k++) {
        const struct paillier_half *half = &secret->halves[k];
        half->lanes->kernel->fermat(half->fermat, powers[k], (const mp_limb_t *const *)powers[k], scratch);
        for (uint32_t lane = 0; lane < used; lane++)
            montgomery_multiply(&half->ring.modulus, powers[k][lane], powers[k][lane], half->factor, scratch);
    }
}

static int32_t decrypt_batches(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct decryption *decryption = argument;
    const struct paillier_secret *secret = decryption->secret;
    const uint32_t lanes = secret->halves[0].lanes->kernel->lanes;
    mp_size_t half_size = secret->halves[0].ring.size;
    mp_limb_t *message = scratch_of(&decryption->scratch, worker), *scratch = message + half_size, *powers[2][KERNEL_MOST_LANES];
    mp_limb_t above = 0;
    for (uint32_t lane = 0; lane < lanes; lane++)
        for (int k = 0; k < 2; k++, scratch += half_size) powers[k][lane] = scratch;
    for (uint64_t i = first; i < end; i += lanes) {
        uint64_t used = end - i < lanes ? end - i : lanes;
        decrypt_lanes(decryption, powers, i, used, scratch);
        for (uint64_t lane = 0; lane < used; lane++) {
            take_message(secret, message, powers[0][lane], powers[1][lane], decryption->primes, scratch);
            above |= store_message(decryption, i + lane, message, half_size, scratch);
        }
    }
    return above == 0 ? FATE_OK : FATE_E_RANGE;
}

static int32_t run_decryption(struct decryption *decryption, uint64_t count)
{
    fate_context *context = decryption->secret->head.key->context;
    const struct kernel_ring *lanes = decryption->secret->halves[0].lanes;
    const struct paillier_key *key = paillier_key_of(decryption->secret->head.key);
    mp_size_t power = fermat_itch(lanes), write = kernel_itch(key->lanes);
    mp_size_t each = (2 * KERNEL_MOST_LANES + 1) * decryption->secret->halves[0].ring.size + paillier_decrypt_itch(decryption->secret) +
                     KERNEL_MOST_LANES * key->ring.size + (power > write ? power : write);
    int32_t result = scratch_new(&decryption->scratch, context, fate_context_threads(context), each);
    if (result != FATE_OK) return result;
    if (lanes == NULL || count == 1)
        result = threads_run(context, count, 1, decrypt_items, decryption);
    else
        result = threads_run(context, count, lanes->kernel->lanes, decrypt_batches, decryption);
    scratch_free(&decryption->scratch);
    return result;
}

int32_t paillier_decrypt(const fate_secret_key *secret, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                         uint64_t *values, uint32_t words)
{
    struct decryption decryption = {.secret = paillier_secret_of(secret),
                                    .primes = primes_for(paillier_secret_of(secret), 64 * (uint64_t)words),
                                    .items = paillier_items(vector, first),
                                    .values = values,
                                    .words = words};
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
                                    .primes = primes_for(paillier_secret_of(secret), NUMBER_BITS),
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
