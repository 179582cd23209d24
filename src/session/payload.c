/* The bytes of records; see payload.h. */
#include "src/session/payload.h"

#include <string.h>

struct payload *payload_new(fate_context *context, const uint8_t *bytes, uint64_t length)
{
    if (length > UINT64_MAX / 2) return NULL;
    struct payload *payload = memory_allocate(context, sizeof *payload + length + 1, 1);
    if (payload == NULL) return NULL;
    payload->references = 1;
    payload->length = length;
    payload->place = 0;
    if (length > 0) memcpy(payload->bytes, bytes, length);
    return payload;
}

struct payload *payload_hold(struct payload *payload)
{
    payload->references++;
    return payload;
}

void payload_release(fate_context *context, struct payload *payload)
{
    if (payload != NULL && --payload->references == 0) memory_free(context, payload);
}

bool payload_is(const struct payload *payload, const uint8_t *bytes, uint64_t length)
{
    return payload != NULL && payload->length == length && (length == 0 || memcmp(payload->bytes, bytes, length) == 0);
}

void payload_book_init(struct payload_book *book, fate_context *context)
{
    memset(book, 0, sizeof *book);
    book->context = context;
}

void payload_book_free(struct payload_book *book)
{
    for (uint64_t i = 0; book->items != NULL && i < book->count; i++) payload_release(book->context, book->items[i]);
    memory_free(book->context, book->items);
}

void payload_write(struct payload *payload, struct payload_book *book, struct buffer *out)
{
    buffer_u64(out, payload->place);
    if (payload->place > 0) return;
    payload->place = ++book->count;
    buffer_u64(out, payload->length);
    buffer_append(out, payload->bytes, payload->length);
}

static int32_t keep(struct payload_book *book, struct payload *payload)
{
    if (book->count == book->room) {
        uint64_t room = book->room == 0 ? 16 : 2 * book->room;
        struct payload **items = memory_resize(book->context, book->items, room, sizeof *items);
        if (items == NULL) return FATE_E_MEMORY;
        book->items = items;
        book->room = room;
    }
    book->items[book->count++] = payload_hold(payload);
    return FATE_OK;
}

int32_t payload_read(struct payload **payload, struct payload_book *book, struct reader *in)
{
    uint64_t place = reader_u64(in);
    if (in->failed || place > book->count) return FATE_E_FORMAT;
    if (place > 0) {
        *payload = payload_hold(book->items[place - 1]);
        return FATE_OK;
    }
    uint64_t length = reader_u64(in);
    const uint8_t *bytes = reader_bytes(in, length);
    if (bytes == NULL) return FATE_E_FORMAT;
    struct payload *made = payload_new(book->context, bytes, length);
    if (made == NULL) return FATE_E_MEMORY;
    int32_t result = keep(book, made);
    if (result == FATE_OK)
        *payload = made;
    else
        payload_release(book->context, made);
    return result;
}
