/* Records of kept hints: as bytes, in the store, and compared. */
#include "src/models/boosting/lattice_kept.h"

#include <stdio.h>
#include <string.h>

enum { VERSION = 1, LONGEST = 1 << 28 };

/* ---- bytes ---- */

void lattice_said_write(struct buffer *out, const struct lattice_said *said)
{
    buffer_u8(out, said->holds);
    buffer_append(out, said->seed, LATTICE_SEED);
    buffer_u64(out, said->used);
}

bool lattice_said_read(struct lattice_said *said, const uint8_t *bytes, uint64_t length)
{
    struct reader in;
    reader_init(&in, bytes, length);
    const uint8_t holds = reader_u8(&in), *seed = reader_bytes(&in, LATTICE_SEED);
    const uint64_t used = reader_u64(&in);
    if (!reader_finished(&in) || seed == NULL || holds > 1) return false;
    said->holds = holds == 1;
    said->used = used;
    memcpy(said->seed, seed, LATTICE_SEED);
    return said->holds || (used == 0 && sodium_is_zero(seed, LATTICE_SEED) == 1);
}

void lattice_choice_write(struct buffer *out, const struct lattice_choice *choice)
{
    buffer_u8(out, choice->kept);
    buffer_append(out, choice->seed, LATTICE_SEED);
}

bool lattice_choice_read(struct lattice_choice *choice, const uint8_t *bytes, uint64_t length)
{
    if (length != KEPT_CHOICE || bytes[0] > 1) return false;
    choice->kept = bytes[0] == 1;
    memcpy(choice->seed, bytes + 1, LATTICE_SEED);
    return choice->kept || sodium_is_zero(choice->seed, LATTICE_SEED) == 1;
}

void lattice_record_write(struct buffer *out, const struct lattice_record *record)
{
    buffer_u8(out, VERSION);
    buffer_u8(out, record->guest);
    buffer_u8(out, record->spent);
    buffer_append(out, record->binding, LATTICE_SEED);
    buffer_append(out, record->seed, LATTICE_SEED);
    buffer_u64(out, record->used);
    buffer_u64(out, record->base);
    buffer_append(out, record->run, LATTICE_SEED);
    buffer_append(out, record->made, LATTICE_SEED);
    lattice_said_write(out, &record->said);
    buffer_append(out, record->numbering, LATTICE_SEED);
    buffer_append(out, record->blinding, LATTICE_SEED);
}

static void take_seed(struct reader *in, uint8_t *seed)
{
    const uint8_t *bytes = reader_bytes(in, LATTICE_SEED);
    if (bytes != NULL) memcpy(seed, bytes, LATTICE_SEED);
}

bool lattice_record_read(struct lattice_record *record, bool guest, const uint8_t *bytes, uint64_t length)
{
    struct reader in;
    memset(record, 0, sizeof *record);
    if (length < KEPT_RECORD) return false;
    reader_init(&in, bytes, KEPT_RECORD);
    const uint8_t version = reader_u8(&in), whose = reader_u8(&in), spent = reader_u8(&in);
    take_seed(&in, record->binding);
    take_seed(&in, record->seed);
    record->used = reader_u64(&in);
    record->base = reader_u64(&in);
    take_seed(&in, record->run);
    take_seed(&in, record->made);
    const uint8_t *said = reader_bytes(&in, KEPT_SAID);
    take_seed(&in, record->numbering);
    take_seed(&in, record->blinding);
    record->guest = whose == 1;
    record->spent = spent == 1;
    return reader_finished(&in) && said != NULL && version == VERSION && whose == (guest ? 1 : 0) && spent <= 1 &&
           record->base <= record->used && lattice_said_read(&record->said, said, KEPT_SAID);
}

/* ---- the store ---- */

void lattice_kept_name(char *name, const fate_turn *turn, bool guest)
{
    static const char label[] = "libfate lattice hint 1";
    const fate_job *job = fate_turn_job(turn);
    crypto_generichash_state state;
    uint8_t digest[8];
    char hex[2 * sizeof digest + 1];
    uint8_t whose = guest, all[LATTICE_SEED];
    crypto_generichash_init(&state, NULL, 0, sizeof all);
    crypto_generichash_update(&state, (const uint8_t *)label, sizeof label);
    crypto_generichash_update(&state, &whose, 1);
    for (uint32_t party = 0; party < fate_job_party_count(job); party++) {
        const char *key = fate_job_party_key(job, party);
        crypto_generichash_update(&state, (const uint8_t *)key, strlen(key) + 1);
    }
    crypto_generichash_final(&state, all, sizeof all);
    memcpy(digest, all, sizeof digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    snprintf(name, KEPT_NAME, "lattice-hint-%s", hex);
}

static int32_t begin(fate_turn *turn, struct lattice_kept *kept, bool guest)
{
    if (kept->context != NULL) return FATE_OK;
    fate_context *context = fate_turn_context(turn);
    if (fate_turn_keeps(turn) == 0)
        return context_fail(
            context, FATE_E_ARGUMENT,
            "a job with parameters.lattice_vectors keeps the hint in a store, and there is none: give one (fate train --sets)");
    kept->context = context;
    buffer_init(&kept->rest, context);
    lattice_kept_name(kept->name, turn, guest);
    return fate_turn_common_seed(turn, "lattice run", kept->run);
}

int32_t lattice_kept_find(fate_turn *turn, struct lattice_kept *kept, bool guest)
{
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = begin(turn, kept, guest);
    if (result != FATE_OK || kept->looked) return result;
    result = fate_turn_get(turn, kept->name, &bytes, &length);
    if (result != FATE_OK && result != FATE_EMPTY) return result;
    kept->looked = true;
    kept->there = result == FATE_OK && length <= LONGEST && lattice_record_read(&kept->record, guest, bytes, length);
    if (!kept->there) memset(&kept->record, 0, sizeof kept->record);
    if (kept->there) buffer_append(&kept->rest, bytes + KEPT_RECORD, length - KEPT_RECORD);
    return kept->rest.failed ? context_out_of_memory(kept->context) : FATE_OK;
}

void lattice_kept_free(struct lattice_kept *kept)
{
    if (kept->context == NULL) return;
    buffer_free(&kept->rest);
    sodium_memzero(kept, sizeof *kept);
}

int32_t lattice_kept_put(fate_turn *turn, struct lattice_kept *kept)
{
    struct buffer bytes;
    buffer_init(&bytes, kept->context);
    bytes.secret = true;
    lattice_record_write(&bytes, &kept->record);
    buffer_append(&bytes, kept->rest.bytes, kept->rest.length);
    int32_t result = bytes.failed ? context_out_of_memory(kept->context) : fate_turn_put(turn, kept->name, bytes.bytes, bytes.length);
    buffer_free(&bytes);
    kept->there = true;
    return result;
}

int32_t lattice_kept_settle(fate_turn *turn, struct lattice_kept *kept, bool guest, const uint8_t *seed, uint64_t used)
{
    int32_t result = lattice_kept_find(turn, kept, guest);
    if (result != FATE_OK || !kept->there || memcmp(kept->record.seed, seed, LATTICE_SEED) != 0) return result;
    kept->record.used = used < kept->record.base ? kept->record.base : used;
    return lattice_kept_put(turn, kept);
}

/* ---- what is compared ---- */

struct lattice_said lattice_kept_holds(const struct lattice_kept *kept, const uint8_t *binding)
{
    const struct lattice_record *record = &kept->record;
    const struct lattice_said none = {.holds = false};
    const bool again = kept->there && memcmp(record->run, kept->run, LATTICE_SEED) == 0;
    if (!kept->there || record->spent || memcmp(record->binding, binding, LATTICE_SEED) != 0) return none;
    if (again && !record->guest) return record->said;
    if (memcmp(record->made, kept->run, LATTICE_SEED) == 0) return none;
    struct lattice_said said = {.holds = true, .used = again ? record->base : record->used};
    memcpy(said.seed, record->seed, LATTICE_SEED);
    return said;
}

int32_t lattice_kept_bind(fate_turn *turn, crypto_generichash_state *state, const struct lattice_terms *terms, const fate_table *table)
{
    static const char label[] = "libfate lattice binding 1";
    const uint8_t key[LATTICE_SEED] = {1};
    uint8_t ids[LATTICE_SEED], numbers[4 + 4 + 4 + 8];
    const fate_job *job = fate_turn_job(turn);
    int32_t result = fate_table_id_digest(table, ids, key);
    if (result != FATE_OK) return result;
    bytes_store_u32(numbers, fate_turn_party(turn));
    bytes_store_u32(numbers + 4, terms->profile.number);
    bytes_store_u32(numbers + 8, terms->profile.degree);
    bytes_store_u64(numbers + 12, terms->rows);
    crypto_generichash_init(state, NULL, 0, LATTICE_SEED);
    crypto_generichash_update(state, (const uint8_t *)label, sizeof label);
    crypto_generichash_update(state, numbers, sizeof numbers);
    crypto_generichash_update(state, ids, sizeof ids);
    for (uint32_t party = 0; party < fate_job_party_count(job); party++) {
        const char *party_key = fate_job_party_key(job, party);
        crypto_generichash_update(state, (const uint8_t *)party_key, strlen(party_key) + 1);
    }
    return FATE_OK;
}
