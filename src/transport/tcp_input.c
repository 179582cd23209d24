/* The bytes of a TCP connection taken apart as they arrive. */
#include "src/transport/tcp_input.h"

#include <string.h>
#include "lib/bytes.h"

enum { FIRST_CAPACITY = 4096, GREATEST_CAPACITY = TCP_LENGTH + TRANSPORT_FRAME_LIMIT };

static const uint8_t magic[8] = {'F', 'A', 'T', 'E', TCP_VERSION, 0, 0, 0};

void tcp_input_init(struct tcp_input *input, fate_context *context)
{
    memset(input, 0, sizeof *input);
    input->context = context;
}

void tcp_input_free(struct tcp_input *input)
{
    memory_free(input->context, input->bytes);
    tcp_input_init(input, input->context);
}

static bool grow(struct tcp_input *input)
{
    uint64_t capacity = input->capacity == 0 ? FIRST_CAPACITY : 2 * input->capacity;
    if (capacity > GREATEST_CAPACITY) capacity = GREATEST_CAPACITY;
    uint8_t *bytes = memory_resize(input->context, input->bytes, capacity, 1);
    if (bytes == NULL) return false;
    input->bytes = bytes;
    input->capacity = capacity;
    return true;
}

int32_t tcp_input_room(struct tcp_input *input, uint8_t **room, uint64_t *length)
{
    if (input->start > 0 && input->capacity - input->end <= input->capacity / 2) {
        memmove(input->bytes, input->bytes + input->start, input->end - input->start);
        input->end -= input->start;
        input->start = 0;
    }
    /* A full buffer of the greatest capacity holds a whole frame or a bad length, and neither is asked to grow. */
    if (input->end == input->capacity && !grow(input)) return FATE_E_MEMORY;
    *room = input->bytes + input->end;
    *length = input->capacity - input->end;
    return FATE_OK;
}

void tcp_input_filled(struct tcp_input *input, uint64_t length)
{
    input->end += length;
}

static void take(struct tcp_input *input, uint64_t length)
{
    input->start += length;
    if (input->start == input->end) input->start = input->end = 0;
}

int32_t tcp_input_preamble(struct tcp_input *input, struct tcp_preamble *preamble)
{
    uint64_t length = input->end - input->start;
    if (length == 0) return FATE_EMPTY;
    const uint8_t *bytes = input->bytes + input->start;
    if (memcmp(bytes, magic, length < 4 ? length : 4) != 0) return FATE_E_FORMAT;
    if (length < TCP_PREAMBLE) return FATE_EMPTY;
    if (bytes[4] != TCP_VERSION) return FATE_E_VERSION;
    if (memcmp(bytes, magic, sizeof magic) != 0) return FATE_E_FORMAT;
    preamble->from = bytes_load_u32(bytes + 8);
    preamble->to = bytes_load_u32(bytes + 12);
    take(input, TCP_PREAMBLE);
    return FATE_OK;
}

int32_t tcp_input_frame(const struct tcp_input *input, const uint8_t **bytes, uint64_t *length)
{
    uint64_t there = input->end - input->start;
    if (there < TCP_LENGTH) return FATE_EMPTY;
    uint64_t announced = bytes_load_u32(input->bytes + input->start);
    if (announced == 0 || announced > TRANSPORT_FRAME_LIMIT) return FATE_E_FORMAT;
    if (there - TCP_LENGTH < announced) return FATE_EMPTY;
    *bytes = input->bytes + input->start + TCP_LENGTH;
    *length = announced;
    return FATE_OK;
}

void tcp_input_drop(struct tcp_input *input)
{
    take(input, TCP_LENGTH + (uint64_t)bytes_load_u32(input->bytes + input->start));
}

void tcp_preamble_write(uint8_t *bytes, const struct tcp_preamble *preamble)
{
    memcpy(bytes, magic, sizeof magic);
    bytes_store_u32(bytes + 8, preamble->from);
    bytes_store_u32(bytes + 12, preamble->to);
}
