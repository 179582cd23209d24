/* Growing byte buffers, and readers that never read past the end. Integers are little-endian. */
#ifndef LIB_BYTES_H
#define LIB_BYTES_H

#include "lib/memory.h"

/* A buffer remembers that memory ran out: append as often as you like, then ask buffer_failed once. */
struct buffer {
    fate_context *context;
    uint8_t *bytes;
    uint64_t length;
    uint64_t capacity;
    bool failed;
    bool secret; /* wiped when it grows or is freed */
};

void buffer_init(struct buffer *buffer, fate_context *context);
void buffer_free(struct buffer *buffer);
void buffer_clear(struct buffer *buffer);                  /* length 0, keeps the memory, clears failed */
bool buffer_reserve(struct buffer *buffer, uint64_t more); /* room for `more` further bytes */
void buffer_append(struct buffer *buffer, const void *bytes, uint64_t length);
void buffer_u8(struct buffer *buffer, uint8_t value);
void buffer_u16(struct buffer *buffer, uint16_t value);
void buffer_u32(struct buffer *buffer, uint32_t value);
void buffer_u64(struct buffer *buffer, uint64_t value);
void buffer_float(struct buffer *buffer, float value);     /* its 32 bits */
void buffer_double(struct buffer *buffer, double value);   /* its 64 bits */
void buffer_text(struct buffer *buffer, const char *text); /* without the zero byte */
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Hands the bytes over to the caller, who frees them with memory_free; a zero byte stands behind them. NULL when failed. */
uint8_t *buffer_take(struct buffer *buffer, uint64_t *length);

/* A reader remembers that it ran over: read all, then ask reader_failed (or reader_finished: nothing left either). */
struct reader {
    const uint8_t *bytes;
    uint64_t length;
    uint64_t position;
    bool failed;
};

void reader_init(struct reader *reader, const uint8_t *bytes, uint64_t length);
uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
float reader_float(struct reader *reader);
double reader_double(struct reader *reader);
const uint8_t *reader_bytes(struct reader *reader, uint64_t length); /* NULL and failed when too short; borrowed */
uint64_t reader_left(const struct reader *reader);
bool reader_finished(const struct reader *reader); /* nothing left and never failed */

/* Written out, so that a compiler makes one access of each. */
static inline uint32_t bytes_load_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline uint64_t bytes_load_u64(const uint8_t *bytes)
{
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 | (uint64_t)bytes[3] << 24 | (uint64_t)bytes[4] << 32 |
           (uint64_t)bytes[5] << 40 | (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

static inline void bytes_store_u32(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
    bytes[2] = (uint8_t)(value >> 16);
    bytes[3] = (uint8_t)(value >> 24);
}

static inline void bytes_store_u64(uint8_t *bytes, uint64_t value)
{
    bytes_store_u32(bytes, (uint32_t)value);
    bytes_store_u32(bytes + 4, (uint32_t)(value >> 32));
}

#endif
