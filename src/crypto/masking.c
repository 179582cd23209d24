/* Masks over vectors of numbers; see masking.h. */
#include "src/crypto/masking.h"

#include <sodium.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/threads.h"

/* Bytes of a piece: its stream stays in the processor's nearest cache. Each piece has a nonce of its own. */
enum { PIECE = 8192 };

struct masking {
    uint8_t *values;
    uint64_t bytes;
    uint32_t width;
    const struct mask *masks;
    uint32_t mask_count;
};

static uint32_t number32(const uint8_t *bytes)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t number;
    memcpy(&number, bytes, sizeof number);
    return number;
#else
    return bytes_load_u32(bytes);
#endif
}

static uint64_t number64(const uint8_t *bytes)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t number;
    memcpy(&number, bytes, sizeof number);
    return number;
#else
    return bytes_load_u64(bytes);
#endif
}

static void store32(uint8_t *bytes, uint32_t number)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(bytes, &number, sizeof number);
#else
    bytes_store_u32(bytes, number);
#endif
}

static void store64(uint8_t *bytes, uint64_t number)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(bytes, &number, sizeof number);
#else
    bytes_store_u64(bytes, number);
#endif
}

void masking_add(uint8_t *to, const uint8_t *values, uint64_t count, uint32_t width)
{
    if (width == 4)
        for (uint64_t i = 0; i < count; i++) store32(to + 4 * i, number32(to + 4 * i) + number32(values + 4 * i));
    else
        for (uint64_t i = 0; i < count; i++) store64(to + 8 * i, number64(to + 8 * i) + number64(values + 8 * i));
}

static void subtract(uint8_t *to, const uint8_t *values, uint64_t count, uint32_t width)
{
    if (width == 4)
        for (uint64_t i = 0; i < count; i++) store32(to + 4 * i, number32(to + 4 * i) - number32(values + 4 * i));
    else
        for (uint64_t i = 0; i < count; i++) store64(to + 8 * i, number64(to + 8 * i) - number64(values + 8 * i));
}

static int32_t mask_pieces(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct masking *masking = argument;
    uint8_t stream[PIECE], nonce[crypto_stream_chacha20_NONCEBYTES];
    (void)worker;
    for (uint64_t piece = first; piece < end; piece++) {
        uint8_t *values = masking->values + piece * PIECE;
        uint64_t left = masking->bytes - piece * PIECE, bytes = left < PIECE ? left : PIECE;
        bytes_store_u64(nonce, piece);
        for (uint32_t i = 0; i < masking->mask_count; i++) {
            const struct mask *mask = &masking->masks[i];
            crypto_stream_chacha20(stream, bytes, nonce, mask->seed);
            if (mask->subtracted)
                subtract(values, stream, bytes / masking->width, masking->width);
            else
                masking_add(values, stream, bytes / masking->width, masking->width);
        }
    }
    sodium_memzero(stream, sizeof stream);
    return FATE_OK;
}

int32_t masking_apply(const fate_context *context, uint8_t *values, uint64_t count, uint32_t width, const struct mask *masks,
                      uint32_t mask_count)
{
    struct masking masking = {values, count * width, width, masks, mask_count};
    return threads_run(context, (masking.bytes + PIECE - 1) / PIECE, 4, mask_pieces, &masking);
}
