/* Buffers that grow, readers that stop at the end. */
#include "lib/bytes.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BUFFER_FIRST = 64 };

void buffer_init(struct buffer *buffer, fate_context *context)
{
    memset(buffer, 0, sizeof *buffer);
    buffer->context = context;
}

void buffer_free(struct buffer *buffer)
{
    if (buffer->secret)
        memory_free_secret(buffer->context, buffer->bytes, buffer->capacity);
    else
        memory_free(buffer->context, buffer->bytes);
    buffer->bytes = NULL;
    buffer->length = 0;
    buffer->capacity = 0;
}

void buffer_clear(struct buffer *buffer)
{
    if (buffer->secret && buffer->bytes != NULL) sodium_memzero(buffer->bytes, (size_t)buffer->length);
    buffer->length = 0;
    buffer->failed = false;
}

static uint8_t *buffer_grown(struct buffer *buffer, uint64_t capacity)
{
    if (!buffer->secret) return memory_resize(buffer->context, buffer->bytes, capacity, 1);
    uint8_t *grown = memory_allocate(buffer->context, capacity, 1);
    if (grown == NULL) return NULL;
    if (buffer->length != 0) memcpy(grown, buffer->bytes, (size_t)buffer->length);
    memory_free_secret(buffer->context, buffer->bytes, buffer->capacity);
    return grown;
}

bool buffer_reserve(struct buffer *buffer, uint64_t more)
{
    if (buffer->failed) return false;
    if (more <= buffer->capacity - buffer->length) return true;
    if (more > UINT64_MAX / 2 - buffer->length) {
        buffer->failed = true;
        return false;
    }
    uint64_t capacity = buffer->capacity < BUFFER_FIRST ? BUFFER_FIRST : buffer->capacity + buffer->capacity / 2;
    if (capacity < buffer->length + more) capacity = buffer->length + more;
    uint8_t *grown = buffer_grown(buffer, capacity);
    if (grown == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = grown;
    buffer->capacity = capacity;
    return true;
}

void buffer_append(struct buffer *buffer, const void *bytes, uint64_t length)
{
    if (!buffer_reserve(buffer, length) || length == 0) return;
    memcpy(buffer->bytes + buffer->length, bytes, (size_t)length);
    buffer->length += length;
}

static void store(uint8_t *bytes, uint64_t value, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) bytes[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t load(const uint8_t *bytes, uint32_t count)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < count; i++) value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static void buffer_integer(struct buffer *buffer, uint64_t value, uint32_t count)
{
    uint8_t bytes[8];
    store(bytes, value, count);
    buffer_append(buffer, bytes, count);
    if (buffer->secret) sodium_memzero(bytes, sizeof bytes);
}

void buffer_u8(struct buffer *buffer, uint8_t value)
{
    buffer_integer(buffer, value, 1);
}

void buffer_u16(struct buffer *buffer, uint16_t value)
{
    buffer_integer(buffer, value, 2);
}

void buffer_u32(struct buffer *buffer, uint32_t value)
{
    buffer_integer(buffer, value, 4);
}

void buffer_u64(struct buffer *buffer, uint64_t value)
{
    buffer_integer(buffer, value, 8);
}

void buffer_float(struct buffer *buffer, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    buffer_u32(buffer, bits);
}

void buffer_double(struct buffer *buffer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    buffer_u64(buffer, bits);
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        buffer->failed = true;
        return;
    }
    if (!buffer_reserve(buffer, (uint64_t)length + 1)) return;
    va_start(arguments, format);
    vsnprintf((char *)buffer->bytes + buffer->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (uint64_t)length;
}

uint8_t *buffer_take(struct buffer *buffer, uint64_t *length)
{
    if (!buffer_reserve(buffer, 1)) return NULL;
    uint8_t *taken = buffer->bytes;
    taken[buffer->length] = 0;
    *length = buffer->length;
    buffer->bytes = NULL;
    buffer->length = 0;
    buffer->capacity = 0;
    return taken;
}

void reader_init(struct reader *reader, const uint8_t *bytes, uint64_t length)
{
    reader->bytes = bytes;
    reader->length = length;
    reader->position = 0;
    reader->failed = false;
}

static uint64_t reader_integer(struct reader *reader, uint32_t count)
{
    const uint8_t *bytes = reader_bytes(reader, count);
    return bytes == NULL ? 0 : load(bytes, count);
}

uint8_t reader_u8(struct reader *reader)
{
    return (uint8_t)reader_integer(reader, 1);
}

uint16_t reader_u16(struct reader *reader)
{
    return (uint16_t)reader_integer(reader, 2);
}

uint32_t reader_u32(struct reader *reader)
{
    return (uint32_t)reader_integer(reader, 4);
}

uint64_t reader_u64(struct reader *reader)
{
    return reader_integer(reader, 8);
}

float reader_float(struct reader *reader)
{
    uint32_t bits = reader_u32(reader);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double reader_double(struct reader *reader)
{
    uint64_t bits = reader_u64(reader);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

const uint8_t *reader_bytes(struct reader *reader, uint64_t length)
{
    static const uint8_t none[1] = {0};
    if (reader->failed || length > reader->length - reader->position) {
        reader->failed = true;
        return NULL;
    }
    if (reader->bytes == NULL) return none;
    const uint8_t *bytes = reader->bytes + reader->position;
    reader->position += length;
    return bytes;
}

uint64_t reader_left(const struct reader *reader)
{
    return reader->failed ? 0 : reader->length - reader->position;
}

bool reader_finished(const struct reader *reader)
{
    return !reader->failed && reader->position == reader->length;
}
