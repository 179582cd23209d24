/* Drawing for the lattice cipher: keys by a digest of what they are used for, and numbers from ChaCha20 of libsodium. */
#include "src/crypto/lattice_sample.h"

#include "lib/bytes.h"
#include "lib/memory.h"

#include <sodium.h>
#include <string.h>

enum { STEP = 64 };

/* libsodium wants its state aligned. */
static crypto_onetimeauth_state *state_of(const struct lattice_digest *digest)
{
    return (crypto_onetimeauth_state *)(((uintptr_t)digest->state + STEP - 1) / STEP * STEP);
}

/* Poly1305 under a key that only this use has, then BLAKE2b keyed by the secret over the tag. The tag is never seen, and two contents of up to L
 * bytes have the same one with a chance of L/2^107 at most (Bernstein, FSE 2005), whatever they are: 2^-77 for a gigabyte. */
int32_t lattice_digest_begin(fate_context *context, struct lattice_digest *digest, const uint8_t *secret, const char *label)
{
    uint8_t key[RANDOM_KEY];
    memset(digest, 0, sizeof *digest);
    digest->context = context;
    digest->state = memory_allocate(context, 1, sizeof(crypto_onetimeauth_state) + STEP);
    if (digest->state == NULL) return context_out_of_memory(context);
    random_derive(digest->secret, secret, label, 0);
    random_derive(key, digest->secret, "lattice content", 0);
    crypto_onetimeauth_init(state_of(digest), key);
    sodium_memzero(key, sizeof key);
    return FATE_OK;
}

void lattice_digest_add(struct lattice_digest *digest, const void *bytes, uint64_t length)
{
    crypto_onetimeauth_update(state_of(digest), bytes, length);
    digest->length += length;
}

/* NH of 128 bits (Black, Halevi, Krawczyk, Krovetz and Rogaway, UMAC, CRYPTO 1999) makes 32 bytes of each 1024 before the rest sees them: with
 * four keys that are two words apart, two contents of one length have the same with a chance of 2^-128. What is short is filled with zeros;
 * the count tells those apart. */
uint64_t lattice_digest_add_numbers(struct lattice_digest *digest, const struct lattice_kernel *kernel, const int32_t *numbers,
                                    uint64_t count)
{
    uint64_t sums[LATTICE_HASHES], total = 0;
    uint32_t key[LATTICE_HASH_KEY];
    int32_t last[LATTICE_HASHED] = {0};
    uint8_t bytes[8 * LATTICE_HASHES], secret[RANDOM_KEY];
    struct random_stream stream;
    random_derive(secret, digest->secret, "lattice numbers", 0);
    random_stream_init(&stream, secret, 0);
    for (uint32_t i = 0; i < LATTICE_HASH_KEY; i++) key[i] = (uint32_t)random_stream_u64(&stream);
    for (uint64_t first = 0; first < count; first += LATTICE_HASHED) {
        const uint32_t some = count - first < LATTICE_HASHED ? (uint32_t)(count - first) : LATTICE_HASHED;
        if (some < LATTICE_HASHED) memcpy(last, numbers + first, some * sizeof *last);
        total += kernel->hash(sums, key, some < LATTICE_HASHED ? last : numbers + first, LATTICE_HASHED);
        for (uint32_t i = 0; i < LATTICE_HASHES; i++) bytes_store_u64(bytes + 8 * (size_t)i, sums[i]);
        lattice_digest_add(digest, bytes, sizeof bytes);
    }
    bytes_store_u64(bytes, count);
    lattice_digest_add(digest, bytes, 8);
    sodium_memzero(key, sizeof key);
    sodium_memzero(last, sizeof last);
    sodium_memzero(sums, sizeof sums);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(secret, sizeof secret);
    random_stream_wipe(&stream);
    return total;
}

void lattice_digest_end(struct lattice_digest *digest, uint8_t *key)
{
    uint8_t tag[crypto_onetimeauth_BYTES];
    if (digest->state == NULL) return;
    if (key != NULL) {
        crypto_generichash_state hash;
        uint8_t length[8];
        bytes_store_u64(length, digest->length);
        crypto_onetimeauth_final(state_of(digest), tag);
        crypto_generichash_init(&hash, digest->secret, sizeof digest->secret, RANDOM_KEY);
        crypto_generichash_update(&hash, tag, sizeof tag);
        crypto_generichash_update(&hash, length, sizeof length);
        crypto_generichash_final(&hash, key, RANDOM_KEY);
        sodium_memzero(&hash, sizeof hash);
        sodium_memzero(tag, sizeof tag);
    }
    memory_free_secret(digest->context, digest->state, sizeof(crypto_onetimeauth_state) + STEP);
    sodium_memzero(digest, sizeof *digest);
}

/* *number times three modulo 2^128: what it is above, 0, 1 or 2. */
static uint32_t third(lattice_wide *number)
{
    lattice_wide low = (lattice_wide)(uint64_t)*number * 3, high = (lattice_wide)(uint64_t)(*number >> 64) * 3 + (low >> 64);
    *number = high << 64 | (uint64_t)low;
    return (uint32_t)(high >> 64);
}

void lattice_ternary(int8_t *out, uint32_t count, const uint8_t *key, uint64_t number)
{
    struct random_stream stream;
    struct lattice_word words[STEP];
    random_stream_init(&stream, key, number);
    for (uint32_t first = 0; first < count; first += 4 * STEP) {
        uint32_t some = count - first < 4 * STEP ? (count - first) / 4 : STEP;
        lattice_wide drawn;
        random_stream_bytes(&stream, words, some * sizeof *words);
        for (uint32_t i = 0; i < some; i++) {
            const uint8_t *bytes = (const uint8_t *)&words[i];
            drawn = (lattice_wide)bytes_load_u64(bytes + 8) << 64 | bytes_load_u64(bytes);
            for (uint32_t j = 0; j < 4; j++) out[first + 4 * i + j] = (int8_t)((int32_t)third(&drawn) - 1);
        }
        sodium_memzero(&drawn, sizeof drawn);
    }
    sodium_memzero(words, sizeof words);
    random_stream_wipe(&stream);
}

void lattice_binomial(const struct lattice_kernel *kernel, int8_t *out, uint32_t count, const uint8_t *key, uint64_t number)
{
    enum {
        GROUPS = 16,
        PIECE = GROUPS * LATTICE_BINOMIAL_GROUP,
        BYTES = GROUPS * LATTICE_BINOMIAL_BYTES
    }; /* 21 times eight blocks of ChaCha20 */
    struct random_stream stream;
    uint8_t bytes[BYTES];
    random_stream_init(&stream, key, number);
    for (uint32_t first = 0; first < count; first += PIECE) {
        const uint32_t some = count - first < PIECE ? count - first : PIECE;
        const uint32_t groups = (some + LATTICE_BINOMIAL_GROUP - 1) / LATTICE_BINOMIAL_GROUP;
        random_stream_bytes(&stream, bytes, (uint64_t)groups * LATTICE_BINOMIAL_BYTES);
        kernel->binomial(out + first, bytes, some);
    }
    sodium_memzero(bytes, sizeof bytes);
    random_stream_wipe(&stream);
}

const uint64_t lattice_gaussian_table[LATTICE_WIDEST] = {
    459949134171707314,  1372688697396578407, 2264284671412254085, 3121724140052364367, 3933531512558360747, 4690219187787039395,
    5384594830533759561, 6011910946666568185, 6569857450233408550, 7058411732710952263, 7479571849394504307, 7837005798043887748,
    8135653040580250605, 8381313561362894742, 8580255513832707736, 8738865867077530470, 8863360559772656035, 8959562601963492195,
    9032749256263642639, 9087563527608020700, 9127981036764512733, 9157321001947532085, 9178289329470673647, 9193042390461263735,
    9203261537139825820, 9210230389702328800, 9214909055980612106, 9218001465559574443, 9220013734851207479, 9221302842953966885,
    9222115873243232793, 9222620695229668029, 9222929286720169481, 9223115000350430334, 9223225032034908080, 9223289212948153730,
    9223326068945846170, 9223346905437688682, 9223358502691909873, 9223364857462882227, 9223368285604681939, 9223370106277048467,
    9223371058237645254, 9223371548264964937, 9223371796598723987, 9223371920497033429, 9223371981353838335, 9223372010782266278,
    9223372024792298272, 9223372031358668112, 9223372034388550018, 9223372035764935909, 9223372036380493755, 9223372036651520206,
    9223372036769001477, 9223372036819136329, 9223372036840199561, 9223372036848911692, 9223372036852459319, 9223372036853881535,
    9223372036854442851, 9223372036854660955, 9223372036854744387,
};

/* Whether it must be drawn again. */
static bool is_long(const struct lattice_kernel *kernel, const int8_t *numbers, uint32_t count, uint64_t most, uint64_t most_squares)
{
    const struct lattice_lengths lengths = kernel->lengths(numbers, count);
    return ((most - lengths.positive) | (most - lengths.negative) | (most_squares - lengths.squares)) >> 63 != 0;
}

enum { ATTEMPT = 56 }; /* the bit of a stream's number from which on attempts are counted */

void lattice_binomial_short(const struct lattice_kernel *kernel, int8_t *out, uint32_t count, const uint8_t *key, uint64_t number)
{
    uint64_t attempt = 0;
    do lattice_binomial(kernel, out, count, key, number + (attempt++ << ATTEMPT));
    while (is_long(kernel, out, count, (uint64_t)count * 13 / 8, 16 * (uint64_t)count));
}

static void draw_gaussian(const struct lattice_kernel *kernel, int8_t *out, uint32_t count, struct random_stream *stream)
{
    enum { PIECE = 512 };
    uint8_t bytes[PIECE * 8];
    for (uint32_t first = 0; first < count; first += PIECE) {
        uint32_t some = count - first < PIECE ? count - first : PIECE;
        random_stream_bytes(stream, bytes, (uint64_t)some * 8);
        kernel->gaussian(out + first, bytes, some);
    }
    sodium_memzero(bytes, sizeof bytes);
}

void lattice_gaussian_short(const struct lattice_kernel *kernel, int8_t *out, uint32_t count, const uint8_t *key, uint64_t number)
{
    uint64_t attempt = 0;
    do {
        struct random_stream stream;
        random_stream_init(&stream, key, number + (attempt++ << ATTEMPT));
        draw_gaussian(kernel, out, count, &stream);
        random_stream_wipe(&stream);
    } while (is_long(kernel, out, count, (uint64_t)count * LATTICE_WIDEST, 80 * (uint64_t)count));
}

/* The variance of 4^0, ..., 4^(l-1) is 64 (16^l - 1)/15. Above them stand 3 * 4^(l-1), or 4^(l-1) and twice the half of it: together D/20.1 or D/20.0. */
lattice_wide lattice_flood_gaussian(const struct lattice_kernel *kernel, const uint8_t *key, uint64_t number, uint32_t scale)
{
    enum { MOST = 32, BLOCKS = MOST * 8 / 64 };
    const uint32_t top = scale % 2 == 1 ? scale - 9 : scale - 8, levels = top / 2 + 1, count = (levels + 3 + 7) / 8 * 8;
    struct random_stream stream;
    int8_t drawn[MOST];
    random_stream_init(&stream, key, 0);
    stream.block = number * BLOCKS;
    draw_gaussian(kernel, drawn, count, &stream);
    int64_t sum = scale % 2 == 1 ? ((int64_t)3 << top) * drawn[levels]
                                 : ((int64_t)1 << top) * drawn[levels] + ((int64_t)1 << top >> 1) * (drawn[levels + 1] + drawn[levels + 2]);
    for (uint32_t i = 0; i < levels; i++) sum += ((int64_t)1 << 2 * i) * drawn[i];
    const uint64_t bound = (uint64_t)(((lattice_wide)11 << scale) / 40), sign = 0 - ((uint64_t)sum >> 63),
                   size = ((uint64_t)sum ^ sign) - sign;
    const uint64_t beyond = 0 - ((bound - size) >> 63), kept = (size & ~beyond) | (size / 4 & beyond);
    sodium_memzero(drawn, sizeof drawn);
    random_stream_wipe(&stream);
    return lattice_signed((int64_t)((kept ^ sign) - sign));
}

void lattice_uniform(struct lattice_word *out, uint32_t count, const uint8_t *key, uint64_t number)
{
    struct random_stream stream;
    random_stream_init(&stream, key, number);
    random_stream_bytes(&stream, out, count * sizeof *out);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *bytes = (const uint8_t *)&out[i];
        uint64_t low = bytes_load_u64(bytes), high = bytes_load_u64(bytes + 8);
        out[i].low = low;
        out[i].high = high;
    }
    random_stream_wipe(&stream);
}

lattice_wide lattice_flood(const uint8_t *key, uint64_t number, uint32_t scale)
{
    struct random_stream stream;
    uint8_t bytes[3 * 16];
    lattice_wide width = (lattice_wide)1 << (scale - 2), sum = 0;
    random_stream_init(&stream, key, 0);
    stream.block = number; /* a block of 64 bytes each */
    random_stream_bytes(&stream, bytes, sizeof bytes);
    for (uint32_t i = 0; i < 3; i++) {
        lattice_wide drawn = (lattice_wide)bytes_load_u64(bytes + 16 * (size_t)i + 8) << 64 | bytes_load_u64(bytes + 16 * (size_t)i);
        sum += (drawn & (width - 1)) - width / 2;
    }
    sodium_memzero(bytes, sizeof bytes);
    random_stream_wipe(&stream);
    return sum;
}
