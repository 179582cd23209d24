/* Okamoto-Uchiyama encryption and decryption. Constant time in plaintexts and primes; for the tables of powers see okamoto_ring.c. */
#include "src/crypto/okamoto.h"
#include "lib/threads.h"
#include "src/crypto/fixed_point.h"
#include "src/crypto/group_vector.h"
#include <math.h>
#include <sodium.h>

mp_limb_t *okamoto_items(const struct fate_ciphertexts *vector, uint64_t first)
{
    return group_items(vector->key->group, vector, first);
}

struct encryption {
    const struct okamoto_key *key;
    struct okamoto_tables tables;      /* without an owner */
    const struct okamoto_owner *owner; /* NULL: from the public half */
    struct okamoto_owner_tables owner_tables;
    const struct scheme_plaintexts *plaintexts; /* NULL: multiply by the obfuscator alone */
    uint64_t message_bits;
    struct fate_ciphertexts *vector;
    uint64_t begin; /* of what is encrypted */
    const uint8_t *seed;
    struct scratch scratch;
};

static void load_message(const struct encryption *encryption, uint64_t item, mp_limb_t *message)
{
    const struct scheme_plaintexts *plaintexts = encryption->plaintexts;
    if (plaintexts->numbers != NULL) {
        int64_t number = fixed_point_nearest(plaintexts->numbers[item], plaintexts->scale_bits);
        message[0] = (mp_limb_t)number + ((mp_limb_t)1 << OKAMOTO_NUMBER_BITS);
        return;
    }
    for (mp_size_t i = 0; i < limbs_for_bits(encryption->message_bits); i++)
        message[i] = plaintexts->values[item * plaintexts->words + (uint64_t)i];
}

static void draw_exponent(const struct encryption *encryption, uint64_t item, mp_limb_t *exponent)
{
    const uint32_t bits = encryption->key->head.obfuscator_bits;
    struct random_stream stream;
    random_stream_init(&stream, encryption->seed, encryption->begin + item);
    limbs_random(exponent, limbs_for_bits(bits), bits, &stream);
    random_stream_wipe(&stream);
}

/* Room of a worker for the numbers and bundles that follow. */
struct room {
    mp_limb_t *exponents[GROUP_MOST_LANES], *messages[GROUP_MOST_LANES], *numbers[GROUP_MOST_LANES];
    mp_limb_t *power, *item, *scratch;
};

static mp_size_t room_itch(const struct encryption *encryption)
{
    const struct group *group = encryption->key->head.group;
    mp_size_t itch = okamoto_power_itch(&encryption->key->ring),
              owner = encryption->owner == NULL ? 0 : okamoto_owner_itch(encryption->owner);
    return 3 * (mp_size_t)group->lanes * group->words + GROUP_ALIGNMENT + 2 * group->bundle + (itch > owner ? itch : owner);
}

static struct room room_in(const struct group *group, mp_limb_t *limbs)
{
    struct room room;
    for (uint32_t lane = 0; lane < group->lanes; lane++, limbs += 3 * group->words) {
        room.exponents[lane] = limbs;
        room.messages[lane] = limbs + group->words;
        room.numbers[lane] = limbs + 2 * group->words;
    }
    room.power = group_align(limbs);
    room.item = room.power + group->bundle;
    room.scratch = room.item + group->bundle;
    return room;
}

/* The bundle of ciphertexts with these exponents. */
static void encrypt_powers(const struct encryption *encryption, const struct room *room, const struct okamoto_exponents *exponents)
{
    const struct group *group = encryption->key->head.group;
    if (encryption->owner == NULL) {
        okamoto_power(&encryption->tables, room->power, exponents, room->scratch);
        return;
    }
    okamoto_owner_power(&encryption->owner_tables, room->numbers, exponents, room->scratch);
    group->enter(group->ring, room->power, (const mp_limb_t *const *)room->numbers, group_align(room->scratch));
}

/* The bundle of items from i on, of those before end: lanes beyond do the first one's work once more. */
static void encrypt_bundle(const struct encryption *encryption, const struct room *room, uint64_t i, uint64_t end)
{
    const struct okamoto_key *key = encryption->key;
    const struct group *group = key->head.group;
    const struct scheme_plaintexts *plaintexts = encryption->plaintexts;
    const struct okamoto_exponents exponents = {(const mp_limb_t *const *)room->messages, (const mp_limb_t *const *)room->exponents,
                                                encryption->message_bits, plaintexts != NULL && plaintexts->numbers != NULL};
    for (uint32_t lane = 0; lane < group->lanes; lane++) {
        uint64_t item = i + lane < end ? i + lane : i;
        draw_exponent(encryption, item, room->exponents[lane]);
        if (plaintexts != NULL) load_message(encryption, item, room->messages[lane]);
    }
    if (plaintexts == NULL) {
        powers_raise(encryption->tables.obfuscators, room->power, exponents.obfuscators, key->head.obfuscator_bits, room->scratch);
        group_load_items(group, room->item, encryption->vector, encryption->begin + i, encryption->begin + end);
        group->multiply(group->ring, room->power, room->power, room->item, room->scratch);
    } else {
        encrypt_powers(encryption, room, &exponents);
    }
    group_store_items(group, encryption->vector, encryption->begin + i, encryption->begin + end, room->power, room->scratch);
}

static int32_t encrypt_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct encryption *encryption = argument;
    const struct group *group = encryption->key->head.group;
    struct room room = room_in(group, scratch_of(&encryption->scratch, worker));
    for (uint64_t i = first; i < end; i += group->lanes) encrypt_bundle(encryption, &room, i, end);
    return FATE_OK;
}

static int32_t run_encryption(struct encryption *encryption, uint64_t count)
{
    if (count == 0) return FATE_OK;
    const struct scheme_key *key = encryption->vector->key;
    encryption->key = okamoto_key_of(key);
    int32_t result = encryption->owner == NULL ? okamoto_tables_get(&encryption->tables, &encryption->key->ring, key)
                                               : okamoto_owner_tables_get(&encryption->owner_tables, encryption->owner, key);
    if (result == FATE_OK)
        result = scratch_new(&encryption->scratch, key->context, fate_context_threads(key->context), room_itch(encryption));
    if (result != FATE_OK) return result;
    result = threads_run(key->context, count, GROUP_MOST_LANES, encrypt_items, encryption);
    scratch_free(&encryption->scratch);
    return result;
}

int32_t okamoto_encrypt(const fate_secret_key *secret, struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                        const struct scheme_plaintexts *plaintexts, const uint8_t *seed)
{
    const struct scheme_key *key = vector->key;
    struct encryption encryption = {.plaintexts = plaintexts, .vector = vector, .begin = first, .seed = seed};
    const struct okamoto_owner *owner = secret == NULL ? NULL : okamoto_secret_of(secret)->owner;
    if (owner != NULL && okamoto_owner_pays(owner, key->group)) encryption.owner = owner;
    if (plaintexts->numbers != NULL) {
        /* Keys of tests may be shorter than a number. */
        double bound = key->plaintext_bits > OKAMOTO_NUMBER_BITS ? 0x1p62 : ldexp(1, (int)key->plaintext_bits - 1) - 0.5;
        int32_t result = fixed_point_check(key->context, plaintexts->numbers, count, plaintexts->scale_bits, bound);
        if (result != FATE_OK) return result;
        encryption.message_bits = OKAMOTO_LIFTED_BITS;
    } else {
        uint64_t given = 64 * (uint64_t)plaintexts->words;
        encryption.message_bits = given < key->plaintext_bits ? given : key->plaintext_bits;
    }
    return run_encryption(&encryption, count);
}

int32_t okamoto_rerandomise(struct fate_ciphertexts *vector, const uint8_t *seed)
{
    struct encryption encryption = {.vector = vector, .seed = seed};
    return run_encryption(&encryption, vector->count);
}

mp_size_t okamoto_decrypt_itch(const struct okamoto_secret *secret)
{
    const struct group *group = secret->head.key->group;
    mp_size_t logarithm = okamoto_logarithm_itch(secret), leave = group->bundle + group->itch + GROUP_ALIGNMENT;
    return GROUP_MOST_LANES * group->words + (logarithm > leave ? logarithm : leave);
}

void okamoto_decrypt_items(const struct okamoto_secret *secret, mp_limb_t *const *messages, const mp_limb_t *const *items,
                           mp_limb_t *scratch)
{
    const struct group *group = secret->head.key->group;
    mp_limb_t *plain[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < group->lanes; lane++, scratch += group->words) plain[lane] = scratch;
    mp_limb_t *bundle = group_align(scratch);
    group->load(group->ring, bundle, items);
    group->leave(group->ring, plain, bundle, bundle + group->bundle);
    okamoto_logarithms(secret, messages, (const mp_limb_t *const *)plain, scratch);
    for (uint32_t lane = 0; lane < group->lanes; lane++)
        montgomery_multiply(&secret->ring.modulus, messages[lane], messages[lane], secret->factor, scratch);
}

struct decryption {
    const struct okamoto_secret *secret;
    const struct fate_ciphertexts *vector;
    uint64_t begin;   /* of what is decrypted */
    uint64_t *values; /* or numbers */
    uint32_t words;
    double *numbers;
    double unit;        /* 2^-scale_bits: the product is exact, and takes no longer for one number than for another */
    atomic_bool above;  /* a plaintext needs more room */
    atomic_bool beyond; /* a plaintext is beyond the key's bound */
    struct scratch scratch;
};

/* Not zero when a number is 2^bits or more. */
static mp_limb_t reaches(const mp_limb_t *number, mp_size_t size, uint64_t bits)
{
    mp_limb_t above = 0;
    for (mp_size_t i = (mp_size_t)(bits / 64); i < size; i++) above |= i == (mp_size_t)(bits / 64) ? number[i] >> (bits % 64) : number[i];
    return above;
}

/* Returns what does not fit. */
static mp_limb_t store_value(const struct decryption *decryption, uint64_t item, const mp_limb_t *message, mp_size_t size)
{
    uint64_t *value = decryption->values + item * decryption->words;
    for (uint32_t i = 0; i < decryption->words; i++) value[i] = i < (uint64_t)size ? message[i] : 0;
    return reaches(message, size, 64 * (uint64_t)decryption->words);
}

/* A negative number -x is p - x. message becomes x. */
static mp_limb_t store_number(const struct decryption *decryption, uint64_t item, mp_limb_t *message, mp_limb_t *opposite)
{
    const struct montgomery *prime = &decryption->secret->ring.modulus;
    mpn_sub_n(opposite, prime->modulus, message, prime->size);
    mp_limb_t negative = limbs_less(opposite, message, prime->size);
    mpn_cnd_swap(negative, message, opposite, prime->size);
    int64_t size = (int64_t)(message[0] & (((mp_limb_t)1 << OKAMOTO_NUMBER_BITS) - 1));
    int64_t number = (size ^ -(int64_t)negative) + (int64_t)negative;
    decryption->numbers[item] = (double)number * decryption->unit;
    return reaches(message, prime->size, OKAMOTO_NUMBER_BITS);
}

static int32_t decrypt_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    struct decryption *decryption = argument;
    const struct okamoto_secret *secret = decryption->secret;
    const struct group *group = secret->head.key->group;
    mp_size_t size = secret->ring.modulus.size;
    mp_limb_t *messages[GROUP_MOST_LANES], *scratch = scratch_of(&decryption->scratch, worker);
    const mp_limb_t *items[GROUP_MOST_LANES];
    mp_limb_t above = 0, beyond = 0;
    for (uint32_t lane = 0; lane < group->lanes; lane++, scratch += size) messages[lane] = scratch;
    for (; first < end; first += group->lanes) {
        for (uint32_t lane = 0; lane < group->lanes; lane++)
            items[lane] = first + lane < end ? group_items(group, decryption->vector, decryption->begin + first + lane) : group->one;
        okamoto_decrypt_items(secret, messages, items, scratch);
        for (uint64_t i = first; i < end && i < first + group->lanes; i++) {
            mp_limb_t *message = messages[i - first];
            above |=
                decryption->numbers == NULL ? store_value(decryption, i, message, size) : store_number(decryption, i, message, scratch);
            beyond |= reaches(message, size, secret->head.key->plaintext_bits);
        }
    }
    if (above != 0) atomic_store(&decryption->above, true);
    if (beyond != 0) atomic_store(&decryption->beyond, true);
    return FATE_OK;
}

/* FATE_E_RANGE without a sentence. */
static int32_t run_decryption(struct decryption *decryption, uint64_t count)
{
    struct scheme_key *key = decryption->secret->head.key;
    mp_size_t each = GROUP_MOST_LANES * decryption->secret->ring.modulus.size + okamoto_decrypt_itch(decryption->secret);
    atomic_init(&decryption->above, false);
    atomic_init(&decryption->beyond, false);
    int32_t result = scratch_new(&decryption->scratch, key->context, fate_context_threads(key->context), each);
    if (result != FATE_OK) return result;
    result = threads_run(key->context, count, key->group->lanes, decrypt_items, decryption);
    scratch_free(&decryption->scratch);
    if (result != FATE_OK) return result;
    if (!atomic_load(&decryption->beyond)) return atomic_load(&decryption->above) ? FATE_E_RANGE : FATE_OK;
    atomic_store(&key->retired, true);
    return context_fail(
        key->context, FATE_E_KEY,
        "a decrypted plaintext is not below 2^%lu, the bound of this key: a sum has left its range, or the ciphertext was made "
        "to learn the key; the key is retired and decrypts no more",
        (unsigned long)key->plaintext_bits);
}

int32_t okamoto_decrypt(const fate_secret_key *secret, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                        uint64_t *values, uint32_t words)
{
    struct decryption decryption = {
        .secret = okamoto_secret_of(secret), .vector = vector, .begin = first, .values = values, .words = words};
    int32_t result = run_decryption(&decryption, count);
    if (result != FATE_OK) sodium_memzero(values, (size_t)(count * words * sizeof *values));
    if (result != FATE_E_RANGE) return result;
    return context_fail(
        secret->key->context, result,
        "a decrypted number needs more than %lu words of 64 bits: a sum has overflowed its bound, or the ciphertexts were not made as agreed",
        (unsigned long)words);
}

int32_t okamoto_decrypt_numbers(const fate_secret_key *secret, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                double *values, uint32_t scale_bits)
{
    struct decryption decryption = {
        .secret = okamoto_secret_of(secret), .vector = vector, .begin = first, .numbers = values, .unit = ldexp(1, -(int)scale_bits)};
    int32_t result = run_decryption(&decryption, count);
    if (result != FATE_OK) sodium_memzero(values, (size_t)(count * sizeof *values));
    if (result != FATE_E_RANGE) return result;
    return context_fail(
        secret->key->context, result,
        "a decrypted number is outside 62 bits: a sum has overflowed its bound, or the ciphertexts were not made as agreed");
}
