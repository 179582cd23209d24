/* Sequences of records between two parties; see stream.h. */
#include "src/session/stream.h"

#include <sodium.h>
#include <string.h>

static void record_free(fate_context *context, struct record *record)
{
    if (record != NULL) payload_release(context, record->shared);
    memory_free(context, record);
}

/* Holds the payload. */
static struct record *record_new(fate_context *context, uint64_t number, uint32_t message, bool last, struct payload *payload)
{
    struct record *record = memory_zeroed(context, 1, sizeof *record);
    if (record == NULL) return NULL;
    record->number = number;
    record->message = message;
    record->last = last;
    record->length = payload->length;
    record->shared = payload_hold(payload);
    record->payload = payload->bytes;
    return record;
}

static void list_append(struct record_list *list, struct record *record)
{
    record->next = NULL;
    if (list->first == NULL)
        list->first = record;
    else
        list->end->next = record;
    list->end = record;
}

static struct record *list_shift(struct record_list *list)
{
    struct record *record = list->first;
    list->first = record->next;
    if (list->first == NULL) list->end = NULL;
    return record;
}

static void list_free(fate_context *context, struct record_list *list)
{
    while (list->first != NULL) record_free(context, list_shift(list));
}

/* chain' = BLAKE2b(chain, number, message, last, payload) */
static void chain_next(uint8_t *chain, const struct record *record)
{
    uint8_t head[13];
    bytes_store_u64(head, record->number);
    bytes_store_u32(head + 8, record->message);
    head[12] = record->last;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, STREAM_CHAIN);
    crypto_generichash_update(&state, chain, STREAM_CHAIN);
    crypto_generichash_update(&state, head, sizeof head);
    crypto_generichash_update(&state, record->payload, record->length);
    crypto_generichash_final(&state, chain, STREAM_CHAIN);
}

void stream_init(struct stream *stream, fate_context *context)
{
    memset(stream, 0, sizeof *stream);
    stream->context = context;
    stream->out_kept = UINT64_MAX;
    stream->out_held = UINT64_MAX;
}

void stream_free(struct stream *stream)
{
    list_free(stream->context, &stream->outgoing);
    list_free(stream->context, &stream->incoming);
}

/* Once the peer will not ask again, a record need not be kept. */
static void outgoing_trim(struct stream *stream)
{
    uint64_t safe = stream->peer_durable ? stream->out_durable : stream->out_acknowledged;
    while (stream->outgoing.first != NULL && stream->outgoing.first->number < safe) {
        struct record *record = list_shift(&stream->outgoing);
        if (!record->sent) stream->out_unsent_bytes -= record->length + STREAM_OVERHEAD;
        record_free(stream->context, record);
    }
}

int32_t stream_push(struct stream *stream, uint32_t message, struct payload *payload, bool last)
{
    uint64_t length = payload->length;
    struct record *record = record_new(stream->context, stream->out_next, message, last, payload);
    if (record == NULL) return FATE_E_MEMORY;
    stream->out_bytes += length + STREAM_OVERHEAD;
    record->bytes_after = stream->out_bytes;
    chain_next(stream->out_chain, record);
    memcpy(record->chain, stream->out_chain, STREAM_CHAIN);
    stream->out_next++;
    /* A restarted party makes records again that the peer already has. */
    record->sent = record->number < stream->out_acknowledged;
    if (!record->sent) stream->out_unsent_bytes += length + STREAM_OVERHEAD;
    list_append(&stream->outgoing, record);
    if (stream->check_number != 0 && stream->check_number == stream->out_next) {
        stream->check_number = 0;
        if (memcmp(stream->check_chain, stream->out_chain, STREAM_CHAIN) != 0) return FATE_E_STORE;
    }
    outgoing_trim(stream);
    return FATE_OK;
}

struct record *stream_sendable(struct stream *stream)
{
    struct record *record = stream->outgoing.first;
    if (stream->out_unsent_bytes == 0) return NULL;
    while (record != NULL && record->sent) record = record->next;
    if (record == NULL || record->number >= stream->out_held || record->bytes_after > stream->credit ||
        (record->last && record->number >= stream->out_kept))
        return NULL;
    return record;
}

void stream_sent(struct stream *stream, struct record *record, uint64_t now)
{
    record->sent = true;
    record->sent_at = now;
    stream->out_unsent_bytes -= record->length + STREAM_OVERHEAD;
}

uint64_t stream_backlog(const struct stream *stream)
{
    return stream->out_unsent_bytes;
}

bool stream_acknowledged(struct stream *stream, uint64_t received, uint64_t durable, uint64_t credit)
{
    uint64_t most = stream->out_next > stream->out_acknowledged ? stream->out_next : stream->out_acknowledged;
    if (received > most || durable > received) return false;
    if (received > stream->out_acknowledged) stream->out_acknowledged = received;
    if (durable > stream->out_durable) stream->out_durable = durable;
    if (credit > stream->credit) stream->credit = credit;
    for (struct record *record = stream->outgoing.first; record != NULL && record->number < received; record = record->next)
        if (!record->sent) stream_sent(stream, record, record->sent_at);
    outgoing_trim(stream);
    return true;
}

uint64_t stream_resend(struct stream *stream, uint64_t from, uint64_t to, uint64_t now, uint64_t quiet)
{
    uint64_t count = 0;
    for (struct record *record = stream->outgoing.first; record != NULL && record->number < to; record = record->next) {
        if (record->number < from || !record->sent || now - record->sent_at < quiet) continue;
        record->sent = false;
        stream->out_unsent_bytes += record->length + STREAM_OVERHEAD;
        count++;
    }
    return count;
}

/* The chain after `received` records, as far as it can still be told. */
static const uint8_t *chain_at(const struct stream *stream, uint64_t received)
{
    if (received == stream->out_next) return stream->out_chain;
    for (const struct record *record = stream->outgoing.first; record != NULL; record = record->next)
        if (record->number + 1 == received) return record->chain;
    return NULL;
}

int32_t stream_reopen(struct stream *stream, uint64_t received, const uint8_t *chain, uint64_t durable, uint64_t credit)
{
    uint64_t oldest = stream->outgoing.first != NULL ? stream->outgoing.first->number : stream->out_next;
    if (received < stream->out_durable || received < oldest || durable > received) return FATE_E_STORE;
    if (received > stream->out_next) {
        stream->check_number = received;
        memcpy(stream->check_chain, chain, STREAM_CHAIN);
    } else {
        const uint8_t *own = chain_at(stream, received);
        if (own != NULL && memcmp(own, chain, STREAM_CHAIN) != 0) return FATE_E_STORE;
    }
    stream->out_acknowledged = received;
    if (durable > stream->out_durable) stream->out_durable = durable;
    stream->credit = credit;
    stream->out_unsent_bytes = 0;
    for (struct record *record = stream->outgoing.first; record != NULL; record = record->next) {
        record->sent = record->number < received;
        if (!record->sent) stream->out_unsent_bytes += record->length + STREAM_OVERHEAD;
    }
    outgoing_trim(stream);
    return FATE_OK;
}

/* Extends in_next and its chain over records that now join up. */
static void incoming_join(struct stream *stream)
{
    for (struct record *record = stream->incoming.first; record != NULL; record = record->next) {
        if (record->number < stream->in_next) continue;
        if (record->number > stream->in_next) break;
        chain_next(stream->in_chain, record);
        memcpy(record->chain, stream->in_chain, STREAM_CHAIN);
        stream->in_next++;
    }
}

int32_t stream_receive(struct stream *stream, uint64_t number, uint32_t message, bool last, const uint8_t *payload, uint64_t length)
{
    if (number < stream->in_next) return FATE_EMPTY;
    uint64_t size = length + STREAM_OVERHEAD;
    if (stream->in_bytes_taken + stream->in_held_bytes + size > stream->in_granted) return FATE_E_PROTOCOL;
    struct record **place = &stream->incoming.first;
    while (*place != NULL && (*place)->number < number) place = &(*place)->next;
    if (*place != NULL && (*place)->number == number) return FATE_EMPTY;
    struct payload *kept = payload_new(stream->context, payload, length);
    struct record *record = kept == NULL ? NULL : record_new(stream->context, number, message, last, kept);
    payload_release(stream->context, kept);
    if (record == NULL) return FATE_E_MEMORY;
    record->next = *place;
    *place = record;
    if (record->next == NULL) stream->incoming.end = record;
    stream->in_held_bytes += size;
    if (number == stream->in_next) incoming_join(stream);
    return FATE_OK;
}

void stream_drop_early(struct stream *stream)
{
    struct record *joined = NULL, *record = stream->incoming.first;
    while (record != NULL && record->number < stream->in_next) {
        joined = record;
        record = record->next;
    }
    if (joined != NULL) joined->next = NULL;
    if (joined == NULL) stream->incoming.first = NULL;
    stream->incoming.end = joined;
    while (record != NULL) {
        struct record *next = record->next;
        stream->in_held_bytes -= record->length + STREAM_OVERHEAD;
        record_free(stream->context, record);
        record = next;
    }
}

uint64_t stream_gap_end(const struct stream *stream)
{
    for (const struct record *record = stream->incoming.first; record != NULL; record = record->next)
        if (record->number > stream->in_next) return record->number;
    return stream->in_next;
}

struct record *stream_head(const struct stream *stream)
{
    struct record *record = stream->incoming.first;
    return record != NULL && record->number < stream->in_next ? record : NULL;
}

uint64_t stream_whole(const struct stream *stream, uint64_t *length)
{
    uint64_t count = 0;
    *length = 0;
    for (const struct record *record = stream_head(stream); record != NULL && record->number < stream->in_next; record = record->next) {
        count++;
        *length += record->length;
        if (record->last) return count;
    }
    return 0;
}

uint64_t stream_head_bytes(const struct stream *stream)
{
    uint64_t bytes = 0;
    for (const struct record *record = stream_head(stream); record != NULL && record->number < stream->in_next; record = record->next) {
        bytes += record->length + STREAM_OVERHEAD;
        if (record->last) break;
    }
    return bytes;
}

void stream_take(struct stream *stream)
{
    struct record *record = list_shift(&stream->incoming);
    uint64_t size = record->length + STREAM_OVERHEAD;
    stream->in_taken = record->number + 1;
    stream->in_bytes_taken += size;
    stream->in_held_bytes -= size;
    memcpy(stream->in_taken_chain, record->chain, STREAM_CHAIN);
    record_free(stream->context, record);
}

void stream_unplace(struct stream *stream)
{
    for (struct record *record = stream->outgoing.first; record != NULL; record = record->next) record->shared->place = 0;
}

void stream_save(const struct stream *stream, struct payload_book *book, struct buffer *out)
{
    buffer_u64(out, stream->out_durable);
    buffer_u64(out, stream->out_next);
    buffer_u64(out, stream->out_bytes);
    buffer_append(out, stream->out_chain, STREAM_CHAIN);
    buffer_u64(out, stream->in_taken);
    buffer_u64(out, stream->in_bytes_taken);
    buffer_append(out, stream->in_taken_chain, STREAM_CHAIN);
    uint64_t count = 0;
    for (const struct record *record = stream->outgoing.first; record != NULL; record = record->next) count++;
    buffer_u64(out, count);
    for (const struct record *record = stream->outgoing.first; record != NULL; record = record->next) {
        buffer_u64(out, record->number);
        buffer_u64(out, record->bytes_after);
        buffer_u32(out, record->message);
        buffer_u8(out, record->last);
        buffer_append(out, record->chain, STREAM_CHAIN);
        payload_write(record->shared, book, out);
    }
}

static bool read_chain(struct reader *in, uint8_t *chain)
{
    const uint8_t *bytes = reader_bytes(in, STREAM_CHAIN);
    if (bytes != NULL) memcpy(chain, bytes, STREAM_CHAIN);
    return bytes != NULL;
}

static int32_t load_record(struct stream *stream, struct payload_book *book, struct reader *in)
{
    uint64_t number = reader_u64(in), bytes_after = reader_u64(in);
    uint32_t message = reader_u32(in);
    bool last = reader_u8(in) != 0;
    uint8_t chain[STREAM_CHAIN];
    if (!read_chain(in, chain)) return FATE_E_FORMAT;
    if (number >= stream->out_next) return FATE_E_FORMAT;
    if (stream->outgoing.end != NULL && stream->outgoing.end->number + 1 != number) return FATE_E_FORMAT;
    struct payload *payload = NULL;
    int32_t result = payload_read(&payload, book, in);
    if (result != FATE_OK) return result;
    struct record *record = record_new(stream->context, number, message, last, payload);
    payload_release(stream->context, payload);
    if (record == NULL) return FATE_E_MEMORY;
    record->bytes_after = bytes_after;
    memcpy(record->chain, chain, STREAM_CHAIN);
    stream->out_unsent_bytes += record->length + STREAM_OVERHEAD;
    list_append(&stream->outgoing, record);
    return FATE_OK;
}

int32_t stream_load(struct stream *stream, struct payload_book *book, struct reader *in)
{
    stream->out_durable = reader_u64(in);
    stream->out_acknowledged = stream->out_durable;
    stream->out_next = reader_u64(in);
    stream->out_bytes = reader_u64(in);
    if (!read_chain(in, stream->out_chain)) return FATE_E_FORMAT;
    stream->in_taken = stream->in_next = stream->in_durable = reader_u64(in);
    stream->in_bytes_taken = reader_u64(in);
    if (!read_chain(in, stream->in_taken_chain)) return FATE_E_FORMAT;
    memcpy(stream->in_chain, stream->in_taken_chain, STREAM_CHAIN);
    uint64_t count = reader_u64(in);
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        int32_t result = load_record(stream, book, in);
        if (result != FATE_OK) return result;
    }
    return in->failed ? FATE_E_FORMAT : FATE_OK;
}
