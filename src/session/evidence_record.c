/* Records of an evidence log as bytes and back; see evidence_record.h. */
#include "src/session/evidence_record.h"

#include <sodium.h>
#include <string.h>

static const char chain_label[] = "fate evidence chain 1";
static const char head_label[] = "fate evidence head 1";
static const char seal_label[] = "fate evidence seal 1";
static const char message_label[] = "fate evidence message 1";

enum { TAG_FIRST = 0x0a, TAG_SECOND = 0x12, RECORD_MOST = 1 << 20 };

void evidence_chain(uint8_t *head, const uint8_t *record, uint64_t length)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, EVIDENCE_DIGEST);
    crypto_generichash_update(&state, (const uint8_t *)chain_label, sizeof chain_label);
    crypto_generichash_update(&state, head, EVIDENCE_DIGEST);
    crypto_generichash_update(&state, record, length);
    crypto_generichash_final(&state, head, EVIDENCE_DIGEST);
}

void evidence_digest(uint8_t *digest, const uint8_t *bytes, uint64_t length)
{
    crypto_generichash(digest, EVIDENCE_DIGEST, bytes, length, NULL, 0);
}

/* ---- entries ---- */

static void write_varint(struct buffer *out, uint64_t value)
{
    while (value >= 0x80) {
        buffer_u8(out, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    buffer_u8(out, (uint8_t)value);
}

static uint64_t varint_size(uint64_t value)
{
    uint64_t size = 1;
    for (; value >= 0x80; value >>= 7) size++;
    return size;
}

/* A number below 2^32. *shortest: written with as few bytes as can be. */
static uint64_t read_varint(struct reader *in, bool *shortest)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = reader_u8(in);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *shortest = byte != 0 || shift == 0;
            if (value > UINT32_MAX) in->failed = true;
            return value;
        }
    }
    in->failed = true;
    return 0;
}

void evidence_append(struct buffer *out, uint8_t *head, const Fate__EvidenceRecord *record)
{
    uint64_t size = fate__evidence_record__get_packed_size(record);
    buffer_u8(out, TAG_FIRST);
    write_varint(out, 1 + varint_size(size) + size + 2 + EVIDENCE_DIGEST);
    buffer_u8(out, TAG_FIRST);
    write_varint(out, size);
    if (!buffer_reserve(out, size)) return;
    uint8_t *packed = out->bytes + out->length;
    fate__evidence_record__pack(record, packed);
    evidence_chain(head, packed, size);
    out->length += size;
    buffer_u8(out, TAG_SECOND);
    buffer_u8(out, EVIDENCE_DIGEST);
    buffer_append(out, head, EVIDENCE_DIGEST);
}

/* There is one way to write an entry: what no digest covers must not be alterable. */
static bool read_content(struct evidence_entry *entry, const uint8_t *bytes, uint64_t length)
{
    struct reader in;
    bool shortest = false;
    reader_init(&in, bytes, length);
    if (reader_u8(&in) != TAG_FIRST) return false;
    entry->record_length = read_varint(&in, &shortest);
    entry->record = reader_bytes(&in, entry->record_length);
    if (reader_u8(&in) != TAG_SECOND || reader_u8(&in) != EVIDENCE_DIGEST) return false;
    entry->head = reader_bytes(&in, EVIDENCE_DIGEST);
    return shortest && reader_finished(&in);
}

int32_t evidence_entry_next(struct evidence_entry *entry, const uint8_t *bytes, uint64_t length, uint64_t offset)
{
    struct reader in;
    bool shortest = false;
    memset(entry, 0, sizeof *entry);
    entry->offset = offset;
    entry->length = length - offset;
    if (offset == length) return FATE_EMPTY;
    reader_init(&in, bytes + offset, length - offset);
    uint8_t tag = reader_u8(&in);
    uint64_t size = read_varint(&in, &shortest);
    const uint8_t *content = reader_bytes(&in, size);
    if (tag != TAG_FIRST || content == NULL || in.failed) return FATE_E_FORMAT;
    entry->length = in.position;
    entry->whole = read_content(entry, content, size) && shortest;
    return FATE_OK;
}

bool evidence_is_torn(const uint8_t *bytes, uint64_t length, uint64_t torn, const uint8_t *digest)
{
    uint8_t expected[EVIDENCE_DIGEST];
    if (torn == 0 || torn > length) return false;
    evidence_digest(expected, bytes, torn);
    if (memcmp(expected, digest, EVIDENCE_DIGEST) != 0) return false;
    for (uint64_t i = torn; i < length; i++)
        if (bytes[i] != 0) return false;
    return true;
}

bool evidence_fill(struct buffer *out, const uint8_t *torn, uint64_t length)
{
    static const uint8_t zeros[256];
    struct reader in;
    bool shortest = false;
    if (length == 0 || torn[0] != TAG_FIRST) return false;
    reader_init(&in, torn + 1, length - 1);
    uint64_t size = read_varint(&in, &shortest), position = in.position;
    if (in.failed && (length > 5 || reader_left(&in) > 0)) return false;
    if (in.failed) { /* the length itself was torn: one zero byte ends it */
        size = 0;
        for (uint64_t i = 1; i < length; i++) size |= (uint64_t)(torn[i] & 0x7f) << (7 * (i - 1));
        buffer_u8(out, 0);
        position = length - 1;
    }
    uint64_t there = length - 1 - position;
    if (size > RECORD_MOST || there > size) return false;
    for (uint64_t left = size - there; left > 0;) {
        uint64_t some = left < sizeof zeros ? left : sizeof zeros;
        buffer_append(out, zeros, some);
        left -= some;
    }
    return true;
}

/* ---- signatures ---- */

static uint64_t statement(uint8_t *out, const char *label, uint64_t label_size, const uint8_t *run, uint32_t owner, const uint32_t *peer,
                          uint64_t count)
{
    uint64_t at = label_size;
    memcpy(out, label, label_size);
    memcpy(out + at, run, EVIDENCE_RUN);
    at += EVIDENCE_RUN;
    bytes_store_u32(out + at, owner);
    at += 4;
    if (peer != NULL) {
        bytes_store_u32(out + at, *peer);
        at += 4;
    }
    bytes_store_u64(out + at, count);
    return at + 8;
}

static uint64_t head_statement(uint8_t *out, const uint8_t *run, uint32_t owner, uint64_t count, const uint8_t *head)
{
    uint64_t at = statement(out, head_label, sizeof head_label, run, owner, NULL, count);
    memcpy(out + at, head, EVIDENCE_DIGEST);
    return at + EVIDENCE_DIGEST;
}

static uint64_t seal_statement(uint8_t *out, const uint8_t *run, uint32_t owner, uint32_t peer, uint64_t count, const uint8_t *head)
{
    uint64_t at = statement(out, seal_label, sizeof seal_label, run, owner, &peer, count);
    memcpy(out + at, head, EVIDENCE_DIGEST);
    return at + EVIDENCE_DIGEST;
}

enum { STATEMENT_MOST = sizeof seal_label + EVIDENCE_RUN + 16 + EVIDENCE_DIGEST };

void evidence_sign_head(uint8_t *signature, const uint8_t *secret, const uint8_t *run, uint32_t owner, uint64_t count, const uint8_t *head)
{
    uint8_t text[STATEMENT_MOST];
    uint64_t length = head_statement(text, run, owner, count, head);
    crypto_sign_detached(signature, NULL, text, length, secret);
}

bool evidence_check_head(const uint8_t *signature, const uint8_t *key, const uint8_t *run, uint32_t owner, uint64_t count,
                         const uint8_t *head)
{
    uint8_t text[STATEMENT_MOST];
    uint64_t length = head_statement(text, run, owner, count, head);
    return crypto_sign_verify_detached(signature, text, length, key) == 0;
}

void evidence_sign_seal(uint8_t *signature, const uint8_t *secret, const uint8_t *run, uint32_t owner, uint32_t peer, uint64_t count,
                        const uint8_t *head)
{
    uint8_t text[STATEMENT_MOST];
    uint64_t length = seal_statement(text, run, owner, peer, count, head);
    crypto_sign_detached(signature, NULL, text, length, secret);
}

bool evidence_check_seal(const uint8_t *signature, const uint8_t *key, const uint8_t *run, uint32_t owner, uint32_t peer, uint64_t count,
                         const uint8_t *head)
{
    uint8_t text[STATEMENT_MOST];
    uint64_t length = seal_statement(text, run, owner, peer, count, head);
    return crypto_sign_verify_detached(signature, text, length, key) == 0;
}

/* ---- messages ---- */

void evidence_message_begin(uint8_t *digest, const uint8_t *key, uint32_t sender, uint32_t receiver, uint64_t first, const char *name)
{
    uint8_t numbers[16];
    bytes_store_u32(numbers, sender);
    bytes_store_u32(numbers + 4, receiver);
    bytes_store_u64(numbers + 8, first);
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, EVIDENCE_KEY, EVIDENCE_DIGEST);
    crypto_generichash_update(&state, (const uint8_t *)message_label, sizeof message_label);
    crypto_generichash_update(&state, numbers, sizeof numbers);
    crypto_generichash_update(&state, (const uint8_t *)name, strlen(name) + 1);
    crypto_generichash_final(&state, digest, EVIDENCE_DIGEST);
    sodium_memzero(&state, sizeof state);
}

void evidence_message_part(uint8_t *digest, const uint8_t *key, const uint8_t *part, uint64_t length)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, EVIDENCE_KEY, EVIDENCE_DIGEST);
    crypto_generichash_update(&state, digest, EVIDENCE_DIGEST);
    crypto_generichash_update(&state, part, length);
    crypto_generichash_final(&state, digest, EVIDENCE_DIGEST);
    sodium_memzero(&state, sizeof state);
}
