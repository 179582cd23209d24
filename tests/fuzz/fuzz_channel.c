/* Frames: nothing is accepted but what was sealed, and that once. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/session/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t header[] = {1, 2, 3};
    uint8_t a[32], b[32];
    fate_context *context = NULL;
    struct channel one, other;
    struct buffer good, content;
    memset(a, 1, sizeof a);
    memset(b, 2, sizeof b);
    channel_start(&one, a, b);
    channel_start(&other, b, a);
    require(context_new(&context, NULL) == FATE_OK);
    buffer_init(&good, context);
    buffer_init(&content, context);
    require(channel_seal(&one, header, sizeof header, (const uint8_t *)"forty-two", 9, &good) == FATE_OK);
    const bool same = good.length == size && memcmp(good.bytes, data, size) == 0;
    require(channel_open(&other, header, sizeof header, data, size, &content) == (same ? FATE_OK : FATE_E_FORMAT));
    require(content.length == (same ? 9 : 0));
    /* What was refused has not moved the window; what was taken is taken once. */
    require(channel_open(&other, header, sizeof header, good.bytes, good.length, &content) == (same ? FATE_EMPTY : FATE_OK));
    require(content.length == 9 && memcmp(content.bytes, "forty-two", 9) == 0);
    buffer_free(&good);
    buffer_free(&content);
    fate_context_free(context);
    return 0;
}
