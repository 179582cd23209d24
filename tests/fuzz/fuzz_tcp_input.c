/* The bytes of a TCP connection: the first byte says how they are cut, the rest is what a stranger sends. Frames must come out the same
 * however the bytes are cut, within the limits. */
#include <stdlib.h>
#include <string.h>
#include "src/transport/tcp_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes out everything that has arrived. false when the connection would be closed. */
static bool take_all(struct tcp_input *input, bool *greeted, uint64_t *frames)
{
    struct tcp_preamble preamble;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = *greeted ? FATE_OK : tcp_input_preamble(input, &preamble);
    if (result == FATE_OK) *greeted = true;
    if (!*greeted) return result == FATE_EMPTY;
    while ((result = tcp_input_frame(input, &bytes, &length)) == FATE_OK) {
        if (length == 0 || length > TRANSPORT_FRAME_LIMIT) abort();
        for (uint64_t i = 0; i < length; i++) *frames = *frames * 31 + bytes[i];
        tcp_input_drop(input);
    }
    return result == FATE_EMPTY;
}

/* Returns a number that stands for all frames, and whether the connection stayed open. */
static uint64_t run(fate_context *context, const uint8_t *data, size_t size, size_t cut, bool *open)
{
    struct tcp_input input;
    bool greeted = false;
    uint64_t frames = 0;
    *open = true;
    tcp_input_init(&input, context);
    while (*open && size > 0) {
        uint8_t *room;
        uint64_t length;
        if (tcp_input_room(&input, &room, &length) != FATE_OK) break;
        if (length > cut) length = cut;
        if (length > size) length = size;
        memcpy(room, data, length);
        tcp_input_filled(&input, length);
        data += length;
        size -= length;
        *open = take_all(&input, &greeted, &frames);
    }
    tcp_input_free(&input);
    return frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context;
    bool open, whole_open;
    if (size == 0 || context_new(&context, NULL) != FATE_OK) return 0;
    uint64_t frames = run(context, data + 1, size - 1, (size_t)data[0] + 1, &open);
    uint64_t whole = run(context, data + 1, size - 1, size, &whole_open);
    if (open != whole_open || frames != whole) abort();
    fate_context_free(context);
    return 0;
}
