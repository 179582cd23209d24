/* Keyed generators: from one secret key, streams and further keys that are the same after a restart. */
#ifndef LIB_RANDOM_H
#define LIB_RANDOM_H

#include <stdint.h>

enum { RANDOM_KEY = 32 };

/* A stream of bytes from a key (ChaCha20 of libsodium, 64-bit nonce `number`, block counter from 0). */
struct random_stream {
    uint8_t key[RANDOM_KEY];
    uint64_t number;
    uint64_t block;
    uint8_t bytes[64];
    uint32_t used; /* of bytes; 64: none left */
};

void random_stream_init(struct random_stream *stream, const uint8_t *key, uint64_t number);
void random_stream_bytes(struct random_stream *stream, void *out, uint64_t length);
uint64_t random_stream_u64(struct random_stream *stream);
/* Uniform below bound (bound > 0), without bias. */
uint64_t random_stream_below(struct random_stream *stream, uint64_t bound);
void random_stream_wipe(struct random_stream *stream);

/* out = BLAKE2b(key; label, number): one key for each use. out may be key. */
void random_derive(uint8_t *out, const uint8_t *key, const char *label, uint64_t number);

/* From the system, through libsodium. */
void random_system(void *out, uint64_t length);

#endif
