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

void lattice_binomial(const struct lattice_kernel *kernel, int32_t *out, uint32_t count, const uint8_t *key, uint64_t number)
{
    enum { PIECE = 1024, BYTES = 6 };
    struct random_stream stream;
    uint8_t bytes[PIECE * BYTES];
    random_stream_init(&stream, key, number);
    for (uint32_t first = 0; first < count; first += PIECE) {
        uint32_t some = count - first < PIECE ? count - first : PIECE;
        random_stream_bytes(&stream, bytes, (uint64_t)some * BYTES);
        kernel->binomial(out + first, bytes, some);
    }
    sodium_memzero(bytes, sizeof bytes);
    random_stream_wipe(&stream);
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
