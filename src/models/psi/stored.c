/* A stored set as bytes; see stored.h. */
#include "src/models/psi/stored.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "src/session/job.h"

enum { VERSION = 1, PART_HEAD = STORED_ID + 8, DAY = 86400, PART_NAME = STORED_NAME + 24 };

static void write_head(struct buffer *out, bool flag, const uint8_t *id)
{
    buffer_u8(out, VERSION);
    buffer_u8(out, flag);
    buffer_append(out, id, STORED_ID);
}

static void read_bytes(struct reader *in, uint8_t *to, uint64_t length)
{
    const uint8_t *bytes = reader_bytes(in, length);
    if (bytes != NULL) memcpy(to, bytes, (size_t)length);
}

/* false: another version, or a flag that is none. */
static bool read_head(struct reader *in, const uint8_t *bytes, uint64_t length, bool *flag, uint8_t *id)
{
    reader_init(in, bytes, length);
    uint8_t version = reader_u8(in), read = reader_u8(in);
    *flag = read == 1;
    read_bytes(in, id, STORED_ID);
    return !in->failed && version == VERSION && read <= 1;
}

void stored_owned_write(const struct stored_owned *owned, struct buffer *out)
{
    write_head(out, owned->complete, owned->id);
    buffer_append(out, owned->key, EXCHANGE_KEY);
    buffer_append(out, owned->domain, EXCHANGE_KEY);
    buffer_append(out, owned->ids, ALIGNMENT_DIGEST);
    buffer_u64(out, owned->count);
    buffer_u64(out, owned->queries);
    buffer_u64(out, owned->made);
    buffer_u64(out, owned->parts);
}

bool stored_owned_read(struct stored_owned *owned, const uint8_t *bytes, uint64_t length)
{
    struct reader in;
    memset(owned, 0, sizeof *owned);
    if (!read_head(&in, bytes, length, &owned->complete, owned->id)) return false;
    read_bytes(&in, owned->key, EXCHANGE_KEY);
    read_bytes(&in, owned->domain, EXCHANGE_KEY);
    read_bytes(&in, owned->ids, ALIGNMENT_DIGEST);
    owned->count = reader_u64(&in);
    owned->queries = reader_u64(&in);
    owned->made = reader_u64(&in);
    owned->parts = reader_u64(&in);
    return reader_finished(&in) && owned->count <= table_most_rows && owned->parts <= stored_parts(table_most_rows);
}

void stored_held_write(const struct stored_held *held, struct buffer *out)
{
    write_head(out, held->complete, held->id);
    buffer_append(out, held->domain, EXCHANGE_KEY);
    buffer_u64(out, held->count);
    buffer_u64(out, held->taken);
    buffer_u64(out, held->parts);
}

bool stored_held_read(struct stored_held *held, const uint8_t *bytes, uint64_t length)
{
    struct reader in;
    memset(held, 0, sizeof *held);
    if (!read_head(&in, bytes, length, &held->complete, held->id)) return false;
    read_bytes(&in, held->domain, EXCHANGE_KEY);
    held->count = reader_u64(&in);
    held->taken = reader_u64(&in);
    held->parts = reader_u64(&in);
    return reader_finished(&in) && held->count <= table_most_rows && held->parts <= stored_parts(table_most_rows);
}

void stored_said_write(const struct stored_said *said, struct buffer *out)
{
    write_head(out, said->holds, said->id);
}

bool stored_said_read(struct stored_said *said, const uint8_t *bytes, uint64_t length)
{
    struct reader in;
    memset(said, 0, sizeof *said);
    if (!read_head(&in, bytes, length, &said->holds, said->id)) return false;
    return reader_finished(&in) && (said->holds || sodium_is_zero(said->id, STORED_ID));
}

void stored_offer_write(const struct stored_offer *offer, struct buffer *out)
{
    write_head(out, offer->fresh, offer->id);
    buffer_append(out, offer->domain, EXCHANGE_KEY);
    buffer_u64(out, offer->count);
}

bool stored_offer_read(struct stored_offer *offer, const uint8_t *bytes, uint64_t length)
{
    struct reader in;
    memset(offer, 0, sizeof *offer);
    if (!read_head(&in, bytes, length, &offer->fresh, offer->id)) return false;
    read_bytes(&in, offer->domain, EXCHANGE_KEY);
    offer->count = reader_u64(&in);
    return reader_finished(&in) && offer->count <= table_most_rows;
}

/* A store keeps one set of each pair of parties and way to make ids: a change of the table takes the place of the set before. */
void stored_name(char *name, const fate_job *job, uint32_t peer, bool owner, bool validation)
{
    crypto_generichash_state state;
    uint8_t digest[16];
    char hex[2 * sizeof digest + 1];
    const char *key = fate_job_party_key(job, peer);
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    crypto_generichash_update(&state, (const uint8_t *)key, strlen(key) + 1);
    for (uint32_t i = 0; i < job->id_count; i++) {
        uint8_t normalise[4];
        bytes_store_u32(normalise, job->ids[i].normalise);
        crypto_generichash_update(&state, normalise, sizeof normalise);
        crypto_generichash_update(&state, (const uint8_t *)job->ids[i].column, strlen(job->ids[i].column) + 1);
    }
    crypto_generichash_final(&state, digest, sizeof digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    snprintf(name, STORED_NAME, "psi-%s-%s%s", owner ? "owned" : "held", validation ? "v-" : "", hex);
}

uint64_t stored_parts(uint64_t count)
{
    return count / STORED_ITEMS + (count % STORED_ITEMS != 0);
}

static void part_name(char *full, const char *name, uint64_t number)
{
    snprintf(full, PART_NAME, "%s.%llu", name, (unsigned long long)number);
}

int32_t stored_put_part(fate_turn *turn, const char *name, const uint8_t *id, uint64_t number, const uint8_t *items, uint64_t count,
                        uint32_t size)
{
    char full[PART_NAME];
    struct buffer part;
    part_name(full, name, number);
    buffer_init(&part, fate_turn_context(turn));
    buffer_append(&part, id, STORED_ID);
    buffer_u64(&part, number);
    buffer_append(&part, items, count * size);
    int32_t result = part.failed ? context_out_of_memory(part.context) : fate_turn_put(turn, full, part.bytes, part.length);
    buffer_free(&part);
    return result;
}

int32_t stored_get_part(fate_turn *turn, const char *name, const uint8_t *id, uint64_t number, uint64_t count, uint32_t size,
                        const uint8_t **items)
{
    char full[PART_NAME];
    const uint8_t *bytes;
    uint64_t length;
    part_name(full, name, number);
    int32_t result = fate_turn_get(turn, full, &bytes, &length);
    if (result != FATE_OK && result != FATE_EMPTY) return result;
    if (result == FATE_EMPTY || length != PART_HEAD + count * size || memcmp(bytes, id, STORED_ID) != 0 ||
        bytes_load_u64(bytes + STORED_ID) != number)
        return context_fail(fate_turn_context(turn), FATE_E_STORE,
                            "a part of the stored set is missing or belongs to another: delete \"kept-%s\" from the store, and the next "
                            "alignment stores the set anew",
                            name);
    *items = bytes + PART_HEAD;
    return FATE_OK;
}

int32_t stored_delete_parts(fate_turn *turn, const char *name, uint64_t *number, uint64_t parts)
{
    while (*number < parts) {
        char full[PART_NAME];
        part_name(full, name, *number);
        int32_t result = fate_turn_delete(turn, full);
        if (result != FATE_OK) return result;
        ++*number;
    }
    return FATE_OK;
}

int32_t stored_put_record(fate_turn *turn, const char *name, const struct buffer *record)
{
    return record->failed ? context_out_of_memory(record->context) : fate_turn_put(turn, name, record->bytes, record->length);
}

bool stored_is_old(uint64_t kept, uint64_t now, uint64_t days)
{
    return days > 0 && (now < kept || now - kept >= days * DAY);
}
