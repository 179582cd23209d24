/* Reading evidence logs: entries, the chain that they form, and their facts; see evidence.h and fate/evidence.h. */
#include "src/session/evidence.h"

#include <fate/model.h>
#include <sodium.h>
#include <string.h>

#include "lib/file.h"
#include "src/session/protobuf.h"
#include "src/session/registry.h"

enum { NAME_MOST = 256, PARTIES_MOST = 1024 };

/* ---- what a record may hold ---- */

/* Text that can be shown as it is, also within quotation marks. */
static bool is_plain(const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\') return false;
    return length > 0 && length < NAME_MOST;
}

static bool is_good_opening(const Fate__EvidenceOpened *opened)
{
    bool good = opened->run.len == EVIDENCE_RUN && opened->job_digest.len == EVIDENCE_DIGEST && is_plain(opened->library) &&
                is_plain(opened->algorithm) && opened->n_parties <= PARTIES_MOST && opened->party < opened->n_parties &&
                opened->purpose >= FATE_PURPOSE_TRAIN && opened->purpose <= FATE_PURPOSE_ALIGN_VALIDATION;
    for (size_t i = 0; good && i < opened->n_parties; i++) {
        const Fate__EvidenceParty *party = opened->parties[i];
        struct public_identity key;
        good = is_plain(party->name) && is_plain(party->role) && identity_parse_public(&key, party->key);
    }
    return good;
}

static bool is_good_head(const Fate__EvidenceHead *head, size_t parties)
{
    return head->peer < parties && head->head.len == EVIDENCE_DIGEST && head->signature.len == EVIDENCE_SIGNATURE;
}

static bool is_good_resumption(const Fate__EvidenceResumed *resumed, size_t parties)
{
    for (size_t i = 0; i < resumed->n_positions; i++)
        if (resumed->positions[i]->peer >= parties) return false;
    return true;
}

/* The kind of a record, FATE_EVIDENCE_DAMAGED when it does not hold what its kind needs. */
static int32_t kind_of(const Fate__EvidenceRecord *record, const Fate__EvidenceOpened *opened)
{
    size_t parties = opened == NULL ? 0 : opened->n_parties;
    const Fate__EvidenceMessage *message = record->message;
    switch (record->kind_case) {
    case FATE__EVIDENCE_RECORD__KIND_OPENED: return is_good_opening(record->opened) ? FATE_EVIDENCE_OPENED : FATE_EVIDENCE_DAMAGED;
    case FATE__EVIDENCE_RECORD__KIND_MESSAGE:
        if (message->peer >= parties || message->digest.len != EVIDENCE_DIGEST || !is_plain(message->name) || message->parts == 0 ||
            message->first > UINT64_MAX - message->parts)
            return FATE_EVIDENCE_DAMAGED;
        return message->sent ? FATE_EVIDENCE_SENT : FATE_EVIDENCE_RECEIVED;
    case FATE__EVIDENCE_RECORD__KIND_SIGNED: return is_good_head(record->signed_, parties) ? FATE_EVIDENCE_SIGNED : FATE_EVIDENCE_DAMAGED;
    case FATE__EVIDENCE_RECORD__KIND_WITNESSED:
        return is_good_head(record->witnessed, parties) ? FATE_EVIDENCE_WITNESSED : FATE_EVIDENCE_DAMAGED;
    case FATE__EVIDENCE_RECORD__KIND_SEALED: return is_good_head(record->sealed, parties) ? FATE_EVIDENCE_SEALED : FATE_EVIDENCE_DAMAGED;
    case FATE__EVIDENCE_RECORD__KIND_RESUMED:
        return is_good_resumption(record->resumed, parties) ? FATE_EVIDENCE_RESUMED : FATE_EVIDENCE_DAMAGED;
    case FATE__EVIDENCE_RECORD__KIND_OUTCOME: return parties > 0 ? FATE_EVIDENCE_OUTCOME : FATE_EVIDENCE_DAMAGED;
    default: return FATE_EVIDENCE_DAMAGED;
    }
}

/* ---- entries ---- */

static void free_record(fate_evidence *evidence, Fate__EvidenceRecord *record)
{
    struct protobuf_memory memory;
    protobuf_memory_init(&memory, evidence->context);
    if (record != NULL) fate__evidence_record__free_unpacked(record, &memory.allocator);
}

/* Where the chain is while a log is read. */
struct chain {
    uint8_t head[EVIDENCE_DIGEST]; /* of the last entry */
    uint8_t good[EVIDENCE_DIGEST]; /* of the last one that follows */
};

uint64_t evidence_sound(const fate_evidence *evidence)
{
    uint64_t place = evidence->count;
    while (place > 0 && !evidence->items[place - 1].follows) place--;
    return place;
}

/* Entries of which their follower says that they were torn do not count. */
static void take_back_torn(fate_evidence *evidence, struct chain *chain, const Fate__EvidenceRecord *record, uint64_t offset)
{
    uint64_t place = evidence_sound(evidence);
    if (record->skipped == 0 || place == evidence->count || record->skipped_digest.len != EVIDENCE_DIGEST) return;
    uint64_t start = evidence->items[place].entry.offset;
    if (!evidence_is_torn(evidence->bytes + start, offset - start, record->skipped, record->skipped_digest.data)) return;
    memcpy(chain->head, chain->good, EVIDENCE_DIGEST);
    for (; place < evidence->count; place++) {
        struct evidence_item *torn = &evidence->items[place];
        free_record(evidence, torn->record);
        torn->record = NULL;
        torn->kind = FATE_EVIDENCE_TORN;
        evidence->records--;
    }
}

static void follow(struct evidence_item *item, struct chain *chain)
{
    evidence_chain(chain->head, item->entry.record, item->entry.record_length);
    item->follows = memcmp(chain->head, item->entry.head, EVIDENCE_DIGEST) == 0;
    memcpy(chain->head, item->entry.head, EVIDENCE_DIGEST);
    if (item->follows) memcpy(chain->good, chain->head, EVIDENCE_DIGEST);
}

static bool reserve_item(fate_evidence *evidence)
{
    if (evidence->count < evidence->capacity) return true;
    uint64_t capacity = evidence->capacity * 2 + 64;
    struct evidence_item *items = memory_resize(evidence->context, evidence->items, capacity, sizeof *items);
    if (items == NULL) return false;
    evidence->items = items;
    evidence->capacity = capacity;
    return true;
}

static int32_t add_item(fate_evidence *evidence, struct chain *chain, const struct evidence_entry *entry)
{
    struct evidence_item item = {.entry = *entry};
    struct protobuf_memory memory;
    protobuf_memory_init(&memory, evidence->context);
    if (!reserve_item(evidence)) return FATE_E_MEMORY;
    if (entry->whole) {
        item.record = fate__evidence_record__unpack(&memory.allocator, entry->record_length, entry->record);
        if (memory.failed) return FATE_E_MEMORY;
        if (item.record != NULL) take_back_torn(evidence, chain, item.record, entry->offset);
        follow(&item, chain);
    }
    item.number = item.record != NULL ? item.record->number : evidence->records;
    if (item.record != NULL) {
        item.kind = kind_of(item.record, evidence->opened);
        if (item.kind == FATE_EVIDENCE_OPENED && evidence->records == 0 && item.follows) evidence->opened = item.record->opened;
    }
    evidence->items[evidence->count++] = item;
    evidence->records++;
    return FATE_OK;
}

static int32_t read_entries(fate_evidence *evidence)
{
    struct chain chain = {{0}, {0}};
    for (uint64_t offset = 0;;) {
        struct evidence_entry entry;
        int32_t result = evidence_entry_next(&entry, evidence->bytes, evidence->length, offset);
        evidence->tail = entry.length;
        if (result != FATE_OK) return FATE_OK;
        result = add_item(evidence, &chain, &entry);
        if (result != FATE_OK) return result;
        offset += entry.length;
    }
}

static int32_t read_opening(fate_evidence *evidence)
{
    const Fate__EvidenceOpened *opened = evidence->opened;
    if (opened == NULL) return FATE_OK;
    evidence->keys = memory_zeroed(evidence->context, opened->n_parties, sizeof *evidence->keys);
    if (evidence->keys == NULL) return FATE_E_MEMORY;
    for (size_t i = 0; i < opened->n_parties; i++) (void)identity_parse_public(&evidence->keys[i], opened->parties[i]->key);
    sodium_bin2hex(evidence->run, sizeof evidence->run, opened->run.data, EVIDENCE_RUN);
    sodium_bin2hex(evidence->job_digest, sizeof evidence->job_digest, opened->job_digest.data, EVIDENCE_DIGEST);
    return FATE_OK;
}

int32_t evidence_load(fate_context *context, fate_evidence **evidence, const char *name, const uint8_t *bytes, uint64_t length)
{
    fate_evidence *made = memory_zeroed(context, 1, sizeof *made);
    *evidence = NULL;
    if (made == NULL) return FATE_E_MEMORY;
    made->context = context_hold(context);
    made->name = memory_text(context, name);
    made->bytes = memory_allocate(context, length + 1, 1);
    made->length = length;
    int32_t result = made->name == NULL || made->bytes == NULL ? FATE_E_MEMORY : FATE_OK;
    if (result == FATE_OK && length > 0) memcpy(made->bytes, bytes, length);
    if (result == FATE_OK) result = read_entries(made);
    if (result == FATE_OK) result = read_opening(made);
    if (result == FATE_OK)
        *evidence = made;
    else
        fate_evidence_free(made);
    return result;
}

void fate_evidence_free(fate_evidence *evidence)
{
    if (evidence == NULL) return;
    fate_context *context = evidence->context;
    for (uint64_t i = 0; i < evidence->count; i++) free_record(evidence, evidence->items[i].record);
    memory_free(context, evidence->items);
    memory_free(context, evidence->keys);
    memory_free(context, evidence->bytes);
    memory_free(context, evidence->name);
    memory_free(context, evidence);
    fate_context_free(context);
}

/* ---- the public calls ---- */

int32_t fate_evidence_parse(fate_context *context, fate_evidence **evidence, const char *name, const uint8_t *bytes, uint64_t length)
{
    if (evidence != NULL) *evidence = NULL;
    if (context == NULL || evidence == NULL || (bytes == NULL && length > 0))
        return context_bad_argument(context, "fate_evidence_parse: evidence or bytes is NULL");
    if (name == NULL) name = "evidence";
    if (length > EVIDENCE_LOG_LIMIT) return context_fail(context, FATE_E_LIMIT, "%s: longer than 1 GiB", name);
    fate_evidence *made = NULL;
    int32_t result = evidence_load(context, &made, name, bytes, length);
    if (result != FATE_OK) return context_out_of_memory(context);
    if (made->opened == NULL)
        result = context_fail(context, FATE_E_FORMAT, "%s: not an evidence log, or its first record was changed or removed", name);
    else if (made->opened->version != EVIDENCE_VERSION)
        result = context_fail(context, FATE_E_VERSION, "%s: the log has version %u, and this library reads %d: use a newer library", name,
                              (unsigned)made->opened->version, (int)EVIDENCE_VERSION);
    if (result == FATE_OK)
        *evidence = made;
    else
        fate_evidence_free(made);
    return result;
}

int32_t fate_evidence_read(fate_context *context, fate_evidence **evidence, const char *path)
{
    if (evidence != NULL) *evidence = NULL;
    if (context == NULL || evidence == NULL || path == NULL)
        return context_bad_argument(context, "fate_evidence_read: evidence or path is NULL");
    struct buffer file;
    buffer_init(&file, context);
    int32_t result = file_read(context, &file, path, EVIDENCE_LOG_LIMIT);
    if (result == FATE_OK) result = fate_evidence_parse(context, evidence, path, file.bytes, file.length);
    buffer_free(&file);
    return result;
}

const char *fate_evidence_fact(const fate_evidence *evidence, const char *name)
{
    if (evidence == NULL || name == NULL) return NULL;
    const Fate__EvidenceOpened *opened = evidence->opened;
    if (strcmp(name, "library") == 0) return opened->library;
    if (strcmp(name, "algorithm") == 0) return opened->algorithm;
    if (strcmp(name, "purpose") == 0) return registry_purpose(opened->purpose);
    if (strcmp(name, "run") == 0) return evidence->run;
    if (strcmp(name, "job_digest") == 0) return evidence->job_digest;
    return NULL;
}

uint32_t fate_evidence_party_count(const fate_evidence *evidence)
{
    return evidence == NULL ? 0 : (uint32_t)evidence->opened->n_parties;
}

uint32_t fate_evidence_party(const fate_evidence *evidence)
{
    return evidence == NULL ? UINT32_MAX : evidence->opened->party;
}

static const Fate__EvidenceParty *party_at(const fate_evidence *evidence, uint32_t party)
{
    return party < fate_evidence_party_count(evidence) ? evidence->opened->parties[party] : NULL;
}

const char *fate_evidence_party_name(const fate_evidence *evidence, uint32_t party)
{
    const Fate__EvidenceParty *found = party_at(evidence, party);
    return found == NULL ? NULL : found->name;
}

const char *fate_evidence_party_role(const fate_evidence *evidence, uint32_t party)
{
    const Fate__EvidenceParty *found = party_at(evidence, party);
    return found == NULL ? NULL : found->role;
}

const char *fate_evidence_party_key(const fate_evidence *evidence, uint32_t party)
{
    const Fate__EvidenceParty *found = party_at(evidence, party);
    return found == NULL ? NULL : found->key;
}

uint64_t fate_evidence_count(const fate_evidence *evidence)
{
    return evidence == NULL ? 0 : evidence->count;
}

static void show_head(fate_evidence_entry *shown, const Fate__EvidenceHead *head)
{
    shown->peer = head->peer;
    shown->count = head->count;
    shown->digest = head->head.data;
}

static void show_record(fate_evidence_entry *shown, const Fate__EvidenceRecord *record)
{
    const Fate__EvidenceMessage *message = record->message;
    switch (shown->kind) {
    case FATE_EVIDENCE_SENT:
    case FATE_EVIDENCE_RECEIVED:
        shown->peer = message->peer;
        shown->message = message->name;
        shown->first = message->first;
        shown->parts = message->parts;
        shown->bytes = message->bytes;
        shown->digest = message->digest.data;
        break;
    case FATE_EVIDENCE_SIGNED: show_head(shown, record->signed_); break;
    case FATE_EVIDENCE_WITNESSED: show_head(shown, record->witnessed); break;
    case FATE_EVIDENCE_SEALED: show_head(shown, record->sealed); break;
    case FATE_EVIDENCE_RESUMED: shown->count = record->resumed->checkpoint; break;
    case FATE_EVIDENCE_OUTCOME: shown->result = record->outcome->result; break;
    default: break;
    }
}

int32_t fate_evidence_entry_at(const fate_evidence *evidence, uint64_t place, fate_evidence_entry *entry)
{
    if (evidence == NULL) return FATE_E_ARGUMENT;
    if (entry == NULL || place >= evidence->count || entry->struct_size < sizeof entry->struct_size)
        return context_bad_argument(evidence->context,
                                    "fate_evidence_entry_at: entry is NULL or has no struct_size, or place is too large");
    const struct evidence_item *item = &evidence->items[place];
    uint32_t size = entry->struct_size;
    fate_evidence_entry shown = {.kind = item->kind, .number = item->number, .peer = UINT32_MAX};
    if (item->record != NULL) show_record(&shown, item->record);
    memcpy(entry, &shown, size < sizeof shown ? size : sizeof shown);
    entry->struct_size = size;
    return FATE_OK;
}
