/* Contents of sealed frames; see control.h. */
#include "src/session/control.h"

#include "proto/session.pb-c.h"
#include "src/session/protobuf.h"

#include <fate/session.h>
#include <sodium.h>
#include <string.h>

static ProtobufCBinaryData binary(const uint8_t *bytes, size_t length)
{
    ProtobufCBinaryData data = {length, NULL};
    /* protobuf-c has no const in its structs; packing only reads. */
    memcpy(&data.data, &bytes, sizeof bytes);
    return data;
}

static void pack(struct buffer *out, uint8_t kind, const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    buffer_u8(out, kind);
    if (!buffer_reserve(out, size)) return;
    protobuf_c_message_pack(message, out->bytes + out->length);
    out->length += size;
}

void control_write_hello(struct buffer *out, const struct hello *hello)
{
    Fate__Hello message;
    fate__hello__init(&message);
    message.version = 1;
    message.purpose = (uint32_t)hello->purpose;
    message.job_digest = binary(hello->job_digest, CONTROL_DIGEST);
    message.job = binary(hello->job, hello->job_length);
    if (hello->run_known) {
        message.run = binary(hello->run, CONTROL_RUN);
        message.run_secret = binary(hello->run_secret, CONTROL_SECRET);
    }
    message.incarnation = binary(hello->incarnation, CONTROL_RUN);
    message.durable = hello->durable;
    message.evidence = hello->evidence;
    message.heard = hello->heard;
    message.received = hello->received;
    message.chain = binary(hello->chain, STREAM_CHAIN);
    message.credit = hello->credit;
    message.durable_received = hello->durable_received;
    pack(out, CONTROL_HELLO, &message.base);
}

static bool take(uint8_t *to, uint64_t length, const ProtobufCBinaryData *from)
{
    if (from->len != length) return false;
    memcpy(to, from->data, length);
    return true;
}

static bool hello_members(struct hello *hello, const Fate__Hello *message)
{
    hello->run_known = message->run.len != 0;
    if (hello->run_known &&
        !(take(hello->run, CONTROL_RUN, &message->run) && take(hello->run_secret, CONTROL_SECRET, &message->run_secret)))
        return false;
    if (message->purpose > INT32_MAX) return false;
    hello->purpose = (int32_t)message->purpose;
    hello->durable = message->durable;
    hello->evidence = message->evidence;
    hello->heard = message->heard;
    hello->received = message->received;
    hello->credit = message->credit;
    hello->durable_received = message->durable_received;
    hello->job = message->job.data;
    hello->job_length = message->job.len;
    return take(hello->job_digest, CONTROL_DIGEST, &message->job_digest) && take(hello->incarnation, CONTROL_RUN, &message->incarnation) &&
           take(hello->chain, STREAM_CHAIN, &message->chain);
}

int32_t control_read_hello(fate_context *context, struct hello *hello, const uint8_t *bytes, uint64_t length)
{
    memset(hello, 0, sizeof *hello);
    struct protobuf_memory memory;
    protobuf_memory_init(&memory, context);
    Fate__Hello *message = fate__hello__unpack(&memory.allocator, length, bytes);
    if (message == NULL) return memory.failed ? FATE_E_MEMORY : FATE_E_FORMAT;
    hello->owner = message;
    if (message->version != 1) return FATE_E_VERSION;
    return hello_members(hello, message) ? FATE_OK : FATE_E_FORMAT;
}

void hello_free(fate_context *context, struct hello *hello)
{
    struct protobuf_memory memory;
    protobuf_memory_init(&memory, context);
    if (hello->owner != NULL) {
        Fate__Hello *message = hello->owner;
        if (message->run_secret.data != NULL) sodium_memzero(message->run_secret.data, message->run_secret.len);
        fate__hello__free_unpacked(message, &memory.allocator);
    }
    sodium_memzero(hello, sizeof *hello);
}

void control_write_abort(struct buffer *out, int32_t code, const char *sentence)
{
    Fate__Abort message;
    fate__abort__init(&message);
    char text[CONTROL_SENTENCE];
    size_t length = strlen(sentence);
    if (length >= sizeof text) length = sizeof text - 1;
    memcpy(text, sentence, length);
    text[length] = 0;
    message.code = code;
    message.sentence = text;
    pack(out, CONTROL_ABORT, &message.base);
}

int32_t control_read_abort(fate_context *context, int32_t *code, char *sentence, const uint8_t *bytes, uint64_t length)
{
    struct protobuf_memory memory;
    protobuf_memory_init(&memory, context);
    if (length > 2 * CONTROL_SENTENCE) return FATE_E_FORMAT;
    Fate__Abort *message = fate__abort__unpack(&memory.allocator, length, bytes);
    if (message == NULL) return memory.failed ? FATE_E_MEMORY : FATE_E_FORMAT;
    *code = message->code;
    size_t size = strlen(message->sentence);
    if (size >= CONTROL_SENTENCE) size = CONTROL_SENTENCE - 1;
    for (size_t i = 0; i < size; i++) {
        char byte = message->sentence[i];
        sentence[i] = byte >= 32 && byte < 127 ? byte : '?';
    }
    sentence[size] = 0;
    fate__abort__free_unpacked(message, &memory.allocator);
    return FATE_OK;
}

void control_write_record(struct buffer *out, const struct record *record)
{
    buffer_u8(out, CONTROL_RECORD);
    buffer_u64(out, record->number);
    buffer_u32(out, record->message);
    buffer_u8(out, record->last);
    buffer_append(out, record->payload, record->length);
}

bool control_read_record(const uint8_t *bytes, uint64_t length, uint64_t *number, uint32_t *message, bool *last, const uint8_t **payload,
                         uint64_t *payload_length)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    *number = reader_u64(&reader);
    *message = reader_u32(&reader);
    uint8_t flag = reader_u8(&reader);
    if (reader.failed || flag > 1 || *number == UINT64_MAX) return false;
    *last = flag == 1;
    *payload_length = reader_left(&reader);
    *payload = reader_bytes(&reader, *payload_length);
    return true;
}

void control_write_acknowledgement(struct buffer *out, const struct acknowledgement *acknowledgement)
{
    buffer_u8(out, CONTROL_ACKNOWLEDGEMENT);
    buffer_u64(out, acknowledgement->received);
    buffer_u64(out, acknowledgement->durable);
    buffer_u64(out, acknowledgement->credit);
    buffer_u64(out, acknowledgement->gap_end);
    buffer_u8(out, acknowledgement->finished);
}

bool control_read_acknowledgement(const uint8_t *bytes, uint64_t length, struct acknowledgement *acknowledgement)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    acknowledgement->received = reader_u64(&reader);
    acknowledgement->durable = reader_u64(&reader);
    acknowledgement->credit = reader_u64(&reader);
    acknowledgement->gap_end = reader_u64(&reader);
    uint8_t flags = reader_u8(&reader);
    acknowledgement->finished = flags == 1;
    return reader_finished(&reader) && flags <= 1;
}

void control_write_ping(struct buffer *out, uint64_t made, bool finished)
{
    buffer_u8(out, CONTROL_PING);
    buffer_u64(out, made);
    buffer_u8(out, finished);
}

bool control_read_ping(const uint8_t *bytes, uint64_t length, uint64_t *made, bool *finished)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    *made = reader_u64(&reader);
    uint8_t flags = reader_u8(&reader);
    *finished = flags == 1;
    return reader_finished(&reader) && flags <= 1;
}

static void write_signed(struct buffer *out, const struct signed_head *head)
{
    buffer_u64(out, head->count);
    buffer_append(out, head->head, CONTROL_DIGEST);
    buffer_append(out, head->signature, CONTROL_SIGNATURE);
}

static void read_signed(struct reader *reader, struct signed_head *head)
{
    memset(head, 0, sizeof *head);
    head->count = reader_u64(reader);
    const uint8_t *digest = reader_bytes(reader, CONTROL_DIGEST), *signature = reader_bytes(reader, CONTROL_SIGNATURE);
    if (digest != NULL) memcpy(head->head, digest, CONTROL_DIGEST);
    if (signature != NULL) memcpy(head->signature, signature, CONTROL_SIGNATURE);
}

void control_write_head(struct buffer *out, const struct signed_head *head)
{
    buffer_u8(out, CONTROL_HEAD);
    write_signed(out, head);
    buffer_u8(out, head->final);
}

bool control_read_head(const uint8_t *bytes, uint64_t length, struct signed_head *head)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    read_signed(&reader, head);
    uint8_t flags = reader_u8(&reader);
    head->final = flags == 1;
    return reader_finished(&reader) && flags <= 1 && head->count > 0;
}

void control_write_seal(struct buffer *out, const struct signed_head *seal)
{
    buffer_u8(out, CONTROL_SEAL);
    write_signed(out, seal);
}

bool control_read_seal(const uint8_t *bytes, uint64_t length, struct signed_head *seal)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    read_signed(&reader, seal);
    return reader_finished(&reader) && seal->count > 0;
}
