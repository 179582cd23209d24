/* Handshake messages: the first byte chooses the side and how far a good handshake went before the rest comes as a message. Without the
 * other side's keys nothing but the first message is ever accepted. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/session/noise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static void start(struct noise *sides)
{
    uint8_t secret[4][NOISE_KEY];
    for (size_t i = 0; i < 4; i++) memset(secret[i], (int)(i + 1), NOISE_KEY);
    noise_start(&sides[0], true, (const uint8_t *)"p", 1, secret[0], secret[1]);
    noise_start(&sides[1], false, (const uint8_t *)"p", 1, secret[2], secret[3]);
}

/* The good message number sides[m].step of a handshake, read by the other side when wanted. */
static void step(struct noise *sides, uint32_t message, struct buffer *bytes, bool deliver)
{
    struct buffer payload;
    buffer_init(&payload, bytes->context);
    buffer_clear(bytes);
    require(noise_write(&sides[message % 2], (const uint8_t *)"hello", 5, bytes) == FATE_OK);
    if (deliver) require(noise_read(&sides[(message + 1) % 2], bytes->bytes, bytes->length, &payload) == FATE_OK);
    buffer_free(&payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context = NULL;
    struct noise sides[2];
    struct buffer good, payload;
    if (size == 0) return 0;
    require(context_new(&context, NULL) == FATE_OK);
    buffer_init(&good, context);
    buffer_init(&payload, context);
    start(sides);
    const uint32_t messages = data[0] % NOISE_MESSAGES;
    for (uint32_t m = 0; m < messages; m++) step(sides, m, &good, true);
    step(sides, messages, &good, false);
    struct noise *reader = &sides[(messages + 1) % 2];
    const bool same = good.length == size - 1 && memcmp(good.bytes, data + 1, size - 1) == 0;
    const int32_t result = noise_read(reader, data + 1, size - 1, &payload);
    if (messages > 0 || size - 1 < NOISE_KEY)
        require(result == (same ? FATE_OK : FATE_E_FORMAT));
    else
        require(result == FATE_OK && payload.length == size - 1 - NOISE_KEY);
    require(result == FATE_OK || (payload.length == 0 && reader->step == NOISE_DEAD));
    buffer_free(&good);
    buffer_free(&payload);
    fate_context_free(context);
    return 0;
}
