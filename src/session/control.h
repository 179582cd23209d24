/* The contents of sealed frames: hello, record, acknowledgement, ping, abort and refusal, to bytes and back.
 *
 * The first byte is enum control_kind. Fixed layouts, little-endian:
 *   record           number u64, message u32, last u8, payload
 *   acknowledgement  received u64, durable u64, credit u64, gap end u64, flags u8 (1: finished)
 *   ping             records made so far u64, flags u8 (1: finished)
 *   head             count u64, head, signature of its owner, flags u8 (1: the last): of the sender's evidence
 *   seal             count u64, head, signature of the sender: of the receiver's evidence
 * hello and abort are protobuf (proto/session.proto); a refusal is empty. */
#ifndef SRC_SESSION_CONTROL_H
#define SRC_SESSION_CONTROL_H

#include "lib/bytes.h"
#include "src/session/stream.h"

enum control_kind {
    CONTROL_HELLO = 1,
    CONTROL_RECORD = 2,
    CONTROL_ACKNOWLEDGEMENT = 3,
    CONTROL_PING = 4,
    CONTROL_ABORT = 5,
    CONTROL_REFUSAL = 6,
    CONTROL_HEAD = 7,
    CONTROL_SEAL = 8
};

enum { CONTROL_RUN = 16, CONTROL_SECRET = 32, CONTROL_DIGEST = 32, CONTROL_SENTENCE = 600, CONTROL_SIGNATURE = 64 };

struct hello {
    int32_t purpose;
    uint8_t job_digest[CONTROL_DIGEST];
    uint8_t run[CONTROL_RUN];
    uint8_t run_secret[CONTROL_SECRET];
    bool run_known;
    uint8_t incarnation[CONTROL_RUN];
    bool durable;
    bool evidence;
    bool heard;
    uint64_t received;
    uint8_t chain[STREAM_CHAIN];
    uint64_t credit;
    uint64_t durable_received;
    const uint8_t *job; /* borrowed when written; when read, inside the memory of `owner` */
    uint64_t job_length;
    void *owner;
};

void control_write_hello(struct buffer *out, const struct hello *hello);
/* FATE_OK; FATE_E_FORMAT; FATE_E_VERSION; FATE_E_MEMORY. hello_free afterwards, whatever the result. */
int32_t control_read_hello(fate_context *context, struct hello *hello, const uint8_t *bytes, uint64_t length);
void hello_free(fate_context *context, struct hello *hello);

void control_write_abort(struct buffer *out, int32_t code, const char *sentence);
/* sentence: CONTROL_SENTENCE bytes, made printable. FATE_OK; FATE_E_FORMAT; FATE_E_MEMORY. */
int32_t control_read_abort(fate_context *context, int32_t *code, char *sentence, const uint8_t *bytes, uint64_t length);

void control_write_record(struct buffer *out, const struct record *record);
bool control_read_record(const uint8_t *bytes, uint64_t length, uint64_t *number, uint32_t *message, bool *last, const uint8_t **payload,
                         uint64_t *payload_length);

struct acknowledgement {
    uint64_t received, durable, credit, gap_end;
    bool finished;
};
void control_write_acknowledgement(struct buffer *out, const struct acknowledgement *acknowledgement);
bool control_read_acknowledgement(const uint8_t *bytes, uint64_t length, struct acknowledgement *acknowledgement);

void control_write_ping(struct buffer *out, uint64_t made, bool finished);
bool control_read_ping(const uint8_t *bytes, uint64_t length, uint64_t *made, bool *finished);

struct signed_head {
    uint64_t count;
    uint8_t head[CONTROL_DIGEST];
    uint8_t signature[CONTROL_SIGNATURE];
    bool final;
};
void control_write_head(struct buffer *out, const struct signed_head *head);
bool control_read_head(const uint8_t *bytes, uint64_t length, struct signed_head *head);
void control_write_seal(struct buffer *out, const struct signed_head *seal);
bool control_read_seal(const uint8_t *bytes, uint64_t length, struct signed_head *seal);

#endif
