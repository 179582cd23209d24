/* Streams of ChaCha20 and keys of keyed BLAKE2b, both from libsodium. */
#include "lib/random.h"

#include "lib/bytes.h"

#include <sodium.h>
#include <string.h>

enum { RANDOM_BLOCK = 64 };

void random_stream_init(struct random_stream *stream, const uint8_t *key, uint64_t number)
{
    memset(stream, 0, sizeof *stream);
    memcpy(stream->key, key, RANDOM_KEY);
    stream->number = number;
    stream->used = RANDOM_BLOCK;
}

/* Whole blocks, straight into out. */
static void blocks(struct random_stream *stream, uint8_t *out, uint64_t count)
{
    uint8_t nonce[8];
    bytes_store_u64(nonce, stream->number);
    memset(out, 0, (size_t)(count * RANDOM_BLOCK));
    crypto_stream_chacha20_xor_ic(out, out, count * RANDOM_BLOCK, nonce, stream->block, stream->key);
    stream->block += count;
}

void random_stream_bytes(struct random_stream *stream, void *out, uint64_t length)
{
    uint8_t *to = out;
    while (length > 0) {
        if (stream->used == RANDOM_BLOCK && length >= RANDOM_BLOCK) {
            uint64_t whole = length / RANDOM_BLOCK;
            blocks(stream, to, whole);
            to += whole * RANDOM_BLOCK;
            length -= whole * RANDOM_BLOCK;
            continue;
        }
        if (stream->used == RANDOM_BLOCK) {
            blocks(stream, stream->bytes, 1);
            stream->used = 0;
        }
        uint64_t some = RANDOM_BLOCK - stream->used < length ? RANDOM_BLOCK - stream->used : length;
        memcpy(to, stream->bytes + stream->used, (size_t)some);
        sodium_memzero(stream->bytes + stream->used, (size_t)some);
        stream->used += (uint32_t)some;
        to += some;
        length -= some;
    }
}

uint64_t random_stream_u64(struct random_stream *stream)
{
    uint8_t bytes[8];
    random_stream_bytes(stream, bytes, sizeof bytes);
    return bytes_load_u64(bytes);
}

uint64_t random_stream_below(struct random_stream *stream, uint64_t bound)
{
    uint64_t surplus = (0 - bound) % bound; /* 2^64 mod bound: that many numbers are drawn again */
    uint64_t drawn;
    do {
        drawn = random_stream_u64(stream);
    } while (drawn < surplus);
    return drawn % bound;
}

void random_stream_wipe(struct random_stream *stream)
{
    sodium_memzero(stream, sizeof *stream);
    stream->used = RANDOM_BLOCK;
}

void random_derive(uint8_t *out, const uint8_t *key, const char *label, uint64_t number)
{
    crypto_generichash_state state;
    uint8_t tail[8]; /* of fixed length and last: no two pairs of label and number read the same */
    uint8_t derived[RANDOM_KEY];
    bytes_store_u64(tail, number);
    crypto_generichash_init(&state, key, RANDOM_KEY, sizeof derived);
    crypto_generichash_update(&state, (const uint8_t *)label, strlen(label));
    crypto_generichash_update(&state, tail, sizeof tail);
    crypto_generichash_final(&state, derived, sizeof derived);
    memcpy(out, derived, sizeof derived);
    sodium_memzero(derived, sizeof derived);
    sodium_memzero(&state, sizeof state);
}

void random_system(void *out, uint64_t length)
{
    randombytes_buf(out, (size_t)length);
}
