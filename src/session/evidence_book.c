/* The evidence that a session keeps: records of what happens, handed to the application before anything depends on them. */
#include "src/session/evidence_book.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "src/session/evidence.h"
#include "src/session/job.h"
#include "src/session/session.h"

static const char key_label[] = "fate evidence key 1";

/* protobuf-c knows no const; packing only reads. */
static ProtobufCBinaryData binary(const void *bytes, size_t length)
{
    union {
        const void *given;
        uint8_t *bytes;
    } members = {bytes};
    return (ProtobufCBinaryData){length, members.bytes};
}

static char *text(const char *given)
{
    union {
        const char *given;
        char *text;
    } members = {given};
    return members.text;
}

void evidence_init(fate_session *session)
{
    buffer_init(&session->evidence.given, session->context);
    buffer_init(&session->evidence.pending, session->context);
    buffer_init(&session->evidence.put_bytes, session->context);
}

void evidence_free(fate_session *session)
{
    buffer_free(&session->evidence.given);
    buffer_free(&session->evidence.pending);
    buffer_free(&session->evidence.put_bytes);
    for (uint32_t i = 0; i < session->peer_count; i++) sodium_memzero(session->peers[i].evidence.key, EVIDENCE_KEY);
}

int32_t fate_session_set_evidence(fate_session *session, const uint8_t *log, uint64_t length)
{
    if (session == NULL) return FATE_E_ARGUMENT;
    if (log == NULL && length > 0) return context_bad_argument(session->context, "fate_session_set_evidence: log is NULL");
    if (session->has_run)
        return context_fail(session->context, FATE_E_STATE, "evidence is asked for before the first run of a session, not later");
    struct evidence_book *book = &session->evidence;
    buffer_clear(&book->given);
    buffer_append(&book->given, log, length);
    if (book->given.failed) return context_out_of_memory(session->context);
    book->on = true;
    for (uint32_t i = 0; i < session->peer_count; i++) session->peers[i].stream.out_kept = 0;
    return FATE_OK;
}

/* ---- records ---- */

int32_t evidence_write(fate_session *session, Fate__EvidenceRecord *record)
{
    struct evidence_book *book = &session->evidence;
    record->number = book->count;
    if (book->skipped > 0) {
        record->skipped = book->skipped;
        record->skipped_digest = binary(book->skipped_digest, EVIDENCE_DIGEST);
    }
    evidence_append(&book->pending, book->head, record);
    if (book->pending.failed) return FATE_E_MEMORY;
    book->skipped = 0;
    book->count++;
    return FATE_OK;
}

static int32_t write_opening(fate_session *session)
{
    fate_context *context = session->context;
    uint32_t count = session->party_count;
    Fate__EvidenceParty *parties = memory_allocate(context, count, sizeof *parties);
    Fate__EvidenceParty **list = memory_allocate(context, count, sizeof *list);
    int32_t result = parties == NULL || list == NULL ? FATE_E_MEMORY : FATE_OK;
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) {
        list[i] = &parties[i];
        fate__evidence_party__init(&parties[i]);
        parties[i].name = text(fate_job_party_name(session->job, i));
        parties[i].role = text(fate_job_party_role(session->job, i));
        parties[i].key = text(fate_job_party_key(session->job, i));
    }
    if (result == FATE_OK) {
        Fate__EvidenceRecord record;
        Fate__EvidenceOpened opened;
        fate__evidence_record__init(&record);
        fate__evidence_opened__init(&opened);
        opened.version = EVIDENCE_VERSION;
        opened.library = text(fate_version());
        opened.algorithm = text(session->protocol->name);
        opened.purpose = (uint32_t)session->purpose;
        opened.run = binary(session->run, CONTROL_RUN);
        opened.job_digest = binary(session->job_digest, CONTROL_DIGEST);
        opened.party = session->party;
        opened.parties = list;
        opened.n_parties = count;
        record.kind_case = FATE__EVIDENCE_RECORD__KIND_OPENED;
        record.opened = &opened;
        result = evidence_write(session, &record);
    }
    memory_free(context, list);
    memory_free(context, parties);
    return result;
}

static int32_t write_resumption(fate_session *session)
{
    fate_context *context = session->context;
    uint32_t count = session->peer_count;
    Fate__EvidencePosition *positions = memory_allocate(context, (uint64_t)count + 1, sizeof *positions);
    Fate__EvidencePosition **list = memory_allocate(context, (uint64_t)count + 1, sizeof *list);
    Fate__EvidenceRecord record;
    Fate__EvidenceResumed resumed;
    fate__evidence_record__init(&record);
    fate__evidence_resumed__init(&resumed);
    resumed.checkpoint = session->evidence.checkpoint;
    int32_t result = positions == NULL || list == NULL ? FATE_E_MEMORY : FATE_OK;
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) {
        const struct peer *peer = &session->peers[i];
        Fate__EvidencePosition *position = &positions[resumed.n_positions];
        list[resumed.n_positions++] = position;
        fate__evidence_position__init(position);
        position->peer = peer->party;
        position->sent = peer->evidence.sent.first;
        position->received = peer->evidence.received.first;
    }
    resumed.positions = list;
    record.kind_case = FATE__EVIDENCE_RECORD__KIND_RESUMED;
    record.resumed = &resumed;
    if (result == FATE_OK) result = evidence_write(session, &record);
    memory_free(context, list);
    memory_free(context, positions);
    return result;
}

static int32_t write_message(fate_session *session, uint32_t party, uint32_t message, const struct evidence_run *run, bool sent)
{
    Fate__EvidenceRecord record;
    Fate__EvidenceMessage content;
    fate__evidence_record__init(&record);
    fate__evidence_message__init(&content);
    content.sent = sent;
    content.peer = party;
    content.name = text(session->protocol->messages[message].name);
    content.first = run->first;
    content.parts = run->next - run->first;
    content.bytes = run->bytes;
    content.digest = binary(run->digest, EVIDENCE_DIGEST);
    record.kind_case = FATE__EVIDENCE_RECORD__KIND_MESSAGE;
    record.message = &content;
    return evidence_write(session, &record);
}

/* ---- what happened ---- */

static int32_t add_part(fate_session *session, uint32_t party, uint32_t message, const uint8_t *part, uint64_t length, bool last, bool sent)
{
    struct evidence_peer *peer = &session_peer(session, party)->evidence;
    struct evidence_run *run = sent ? &peer->sent : &peer->received;
    uint32_t from = sent ? session->party : party, to = sent ? party : session->party;
    if (run->next == run->first)
        evidence_message_begin(run->digest, peer->key, from, to, run->first, session->protocol->messages[message].name);
    evidence_message_part(run->digest, peer->key, part, length);
    run->next++;
    run->bytes += length;
    if (!last) return FATE_OK;
    int32_t result = write_message(session, party, message, run, sent);
    run->first = run->next;
    run->bytes = 0;
    return result;
}

int32_t evidence_sent(fate_session *session, uint32_t party, uint32_t message, const uint8_t *part, uint64_t length, bool last)
{
    return session->evidence.opened ? add_part(session, party, message, part, length, last, true) : FATE_OK;
}

/* Records of the stream that have joined up since the last time. Those that come before the log is open are looked at when it is. */
int32_t evidence_received(fate_session *session, uint32_t party)
{
    const struct stream *stream = &session_peer(session, party)->stream;
    struct evidence_run *run = &session_peer(session, party)->evidence.received;
    if (!session->evidence.opened || session->phase >= PHASE_LINGERING) return FATE_OK;
    for (const struct record *record = stream->incoming.first; record != NULL && record->number < stream->in_next; record = record->next) {
        if (record->number < run->next) continue;
        int32_t result = add_part(session, party, record->message, record->payload, record->length, record->last, false);
        if (result != FATE_OK) return result;
    }
    return FATE_OK;
}

/* Both sides of a pair derive the same key, and nobody else can. */
static void derive_key(fate_session *session, uint32_t party)
{
    struct peer *peer = session_peer(session, party);
    uint8_t shared[IDENTITY_KEY], under[RANDOM_KEY];
    crypto_generichash_state state;
    /* It fails for keys of small order alone, and a job holds none. */
    if (crypto_scalarmult(shared, session->identity->exchange_secret, peer->link.peer_key) != 0) sodium_memzero(shared, sizeof shared);
    random_derive(under, session->run_secret, "evidence", 0);
    crypto_generichash_init(&state, under, sizeof under, EVIDENCE_KEY);
    crypto_generichash_update(&state, (const uint8_t *)key_label, sizeof key_label);
    crypto_generichash_update(&state, shared, sizeof shared);
    crypto_generichash_final(&state, peer->evidence.key, EVIDENCE_KEY);
    sodium_memzero(shared, sizeof shared);
    sodium_memzero(under, sizeof under);
    sodium_memzero(&state, sizeof state);
}

int32_t evidence_open(fate_session *session)
{
    struct evidence_book *book = &session->evidence;
    if (!book->on || book->opened) return FATE_OK;
    for (uint32_t i = 0; i < session->peer_count; i++) derive_key(session, session->peers[i].party);
    int32_t result = book->count == 0 ? write_opening(session) : write_resumption(session);
    book->opened = result == FATE_OK;
    for (uint32_t i = 0; i < session->peer_count && result == FATE_OK; i++) result = evidence_received(session, session->peers[i].party);
    return result;
}

int32_t evidence_sign(fate_session *session)
{
    struct evidence_book *book = &session->evidence;
    Fate__EvidenceRecord record;
    Fate__EvidenceHead head;
    if (!book->opened) return FATE_OK;
    book->signed_count = book->count;
    memcpy(book->signed_head, book->head, EVIDENCE_DIGEST);
    evidence_sign_head(book->signature, session->identity->sign_secret, session->run, session->party, book->count, book->head);
    fate__evidence_record__init(&record);
    fate__evidence_head__init(&head);
    head.peer = session->party;
    head.count = book->signed_count;
    head.head = binary(book->signed_head, EVIDENCE_DIGEST);
    head.signature = binary(book->signature, EVIDENCE_SIGNATURE);
    record.kind_case = FATE__EVIDENCE_RECORD__KIND_SIGNED;
    record.signed_ = &head;
    return evidence_write(session, &record);
}

int32_t evidence_conclude(fate_session *session, int32_t outcome)
{
    struct evidence_book *book = &session->evidence;
    Fate__EvidenceRecord record;
    Fate__EvidenceOutcome content;
    if (!book->opened || book->ended || book->broken) return FATE_OK;
    fate__evidence_record__init(&record);
    fate__evidence_outcome__init(&content);
    content.result = outcome;
    record.kind_case = FATE__EVIDENCE_RECORD__KIND_OUTCOME;
    record.outcome = &content;
    int32_t result = evidence_write(session, &record);
    if (result == FATE_OK) result = evidence_sign(session);
    book->ended = true;
    book->final = outcome == FATE_FINISHED;
    return result;
}

/* ---- with the application ---- */

bool evidence_kept(const fate_session *session)
{
    return session->evidence.kept == session->evidence.count;
}

int32_t evidence_hold_put(fate_session *session, const char *key, struct buffer *bytes)
{
    struct evidence_book *book = &session->evidence;
    book->put_held = true;
    book->put_needs = book->count;
    snprintf(book->put_key, sizeof book->put_key, "%s", key);
    buffer_clear(&book->put_bytes);
    buffer_append(&book->put_bytes, bytes->bytes, bytes->length);
    buffer_clear(bytes);
    return book->put_bytes.failed ? FATE_E_MEMORY : FATE_OK;
}

static int32_t ask_held_put(fate_session *session)
{
    struct evidence_book *book = &session->evidence;
    if (!book->put_held || book->kept < book->put_needs) return FATE_OK;
    struct fate_event *event = event_add_bytes(&session->events, FATE_EVENT_PUT, &book->put_bytes);
    if (event == NULL) return FATE_E_MEMORY;
    event->identifier = session->store_identifier;
    snprintf(event->text, sizeof event->text, "%s", book->put_key);
    book->put_held = false;
    return FATE_OK;
}

int32_t evidence_hand_over(fate_session *session)
{
    struct evidence_book *book = &session->evidence;
    if (book->pending.length == 0 || (book->in_flight && session->phase != PHASE_FAILED)) return FATE_OK;
    struct fate_event *event = event_add_bytes(&session->events, FATE_EVENT_EVIDENCE, &book->pending);
    if (event == NULL) {
        book->broken = true; /* records are lost: no later one may be kept in their place */
        return FATE_E_MEMORY;
    }
    book->earlier = book->in_flight ? book->identifier : 0;
    book->in_flight = true;
    book->completed = false;
    book->identifier = event->identifier = ++session->store_next;
    book->handed = book->count;
    for (uint32_t i = 0; i < session->peer_count; i++) session->peers[i].evidence.handed = session->peers[i].stream.out_next;
    return FATE_OK;
}

bool evidence_complete(fate_session *session, uint64_t identifier, int32_t result)
{
    struct evidence_book *book = &session->evidence;
    if (session->phase == PHASE_FAILED && identifier > 0 && identifier == book->earlier) return true;
    if (!book->in_flight || book->completed || identifier != book->identifier) return false;
    book->completed = true;
    book->result = result;
    return true;
}

int32_t evidence_settle(fate_session *session)
{
    struct evidence_book *book = &session->evidence;
    if (!book->completed) return FATE_OK;
    book->completed = book->in_flight = false;
    if (book->result < 0) {
        book->broken = true;
        return session_fail_with(session, book->result, UINT32_MAX, "the evidence cannot be kept: %s", fate_result_text(book->result));
    }
    book->kept = book->handed;
    for (uint32_t i = 0; i < session->peer_count; i++) session->peers[i].stream.out_kept = session->peers[i].evidence.handed;
    return ask_held_put(session);
}

/* ---- a log that is there already ---- */

int32_t evidence_begin(fate_session *session)
{
    struct evidence_book *book = &session->evidence;
    if (!book->on || book->given.length == 0) return FATE_OK;
    return session_fail_with(session, FATE_E_EXISTS, UINT32_MAX,
                             "the evidence log holds an earlier run, and this one begins anew: move it away, or give another file");
}

static int32_t refuse(fate_session *session, const char *what)
{
    return session_fail_with(
        session, FATE_E_STORE, UINT32_MAX,
        "%s; give the log that the run was begun with, or discard the stored state with the option \"restart\" (fate train --restart)",
        what);
}

/* What peers have signed so far. */
static void take_signature(fate_session *session, const struct evidence_item *item)
{
    if (item->kind != FATE_EVIDENCE_SEALED && item->kind != FATE_EVIDENCE_WITNESSED) return;
    const Fate__EvidenceHead *head = item->kind == FATE_EVIDENCE_SEALED ? item->record->sealed : item->record->witnessed;
    struct peer *from = session_peer(session, head->peer);
    if (from == NULL) return;
    struct evidence_peer *peer = &from->evidence;
    if (item->kind == FATE_EVIDENCE_SEALED) {
        if (head->count > peer->sealed_count) peer->sealed_count = head->count;
    } else {
        peer->witnessed_count = head->count;
        peer->witnessed_at = item->number;
        memcpy(peer->witnessed_head, head->head.data, EVIDENCE_DIGEST);
    }
}

/* Takes over the records of the log up to those that a crash tore. */
static int32_t follow_log(fate_session *session, const fate_evidence *log)
{
    struct evidence_book *book = &session->evidence;
    uint64_t sound = evidence_sound(log);
    for (uint64_t place = 0; place < sound; place++) {
        const struct evidence_item *item = &log->items[place];
        if (item->kind == FATE_EVIDENCE_TORN) continue;
        if (!item->follows || item->kind == FATE_EVIDENCE_DAMAGED || item->number != book->count)
            return refuse(session, "the evidence log was changed");
        book->count++;
        memcpy(book->head, item->entry.head, EVIDENCE_DIGEST);
        if (book->count == book->checkpoint && memcmp(book->head, book->checkpoint_head, EVIDENCE_DIGEST) != 0)
            return refuse(session, "the evidence log is not the one that the stored state belongs to");
        take_signature(session, item);
    }
    book->kept = book->handed = book->count;
    return book->count < book->checkpoint ? refuse(session, "the evidence log ends before the stored state: it was cut off") : FATE_OK;
}

static bool fits_opening(const fate_session *session, const Fate__EvidenceOpened *opened)
{
    return opened->party == session->party && opened->n_parties == session->party_count && session->run_known &&
           opened->purpose == (uint32_t)session->purpose && memcmp(opened->run.data, session->run, CONTROL_RUN) == 0 &&
           memcmp(opened->job_digest.data, session->job_digest, CONTROL_DIGEST) == 0;
}

/* What a crash tore is filled up, so that the log can be read on. */
static int32_t fill_torn(fate_session *session, struct buffer *log)
{
    struct evidence_book *book = &session->evidence;
    fate_evidence *before = NULL;
    int32_t result = evidence_load(session->context, &before, "evidence", log->bytes, log->length);
    if (result != FATE_OK) return result;
    uint64_t tail = before->tail;
    fate_evidence_free(before);
    if (tail == 0) return FATE_OK;
    if (!evidence_fill(&book->pending, log->bytes + log->length - tail, tail))
        return refuse(session, "the evidence log ends in bytes that are no record");
    buffer_append(log, book->pending.bytes, book->pending.length);
    return log->failed || book->pending.failed ? FATE_E_MEMORY : FATE_OK;
}

/* The zeros may have made the last record whole after all; else the next record says what was torn. */
static int32_t continue_log(fate_session *session, const fate_evidence *log, uint64_t length)
{
    struct evidence_book *book = &session->evidence;
    if (log->opened != NULL && !fits_opening(session, log->opened)) return refuse(session, "the evidence log is of another run");
    uint64_t sound = evidence_sound(log);
    if (sound < log->count) {
        uint64_t start = log->items[sound].entry.offset;
        book->skipped = length - start;
        evidence_digest(book->skipped_digest, log->bytes + start, book->skipped);
    }
    return follow_log(session, log);
}

int32_t evidence_resume(fate_session *session)
{
    struct evidence_book *book = &session->evidence;
    fate_evidence *log = NULL;
    if (!book->on) return FATE_OK;
    uint64_t length = book->given.length;
    int32_t result = fill_torn(session, &book->given);
    if (result == FATE_OK) result = evidence_load(session->context, &log, "evidence", book->given.bytes, book->given.length);
    if (result == FATE_OK) result = continue_log(session, log, length);
    fate_evidence_free(log);
    buffer_free(&book->given);
    for (uint32_t i = 0; i < session->peer_count; i++) {
        struct peer *peer = &session->peers[i];
        peer->stream.out_kept = peer->stream.out_next;
        peer->evidence.received.first = peer->evidence.received.next = peer->stream.in_taken;
    }
    return result;
}

/* ---- stored state ---- */

void evidence_save(const fate_session *session, struct buffer *out)
{
    const struct evidence_book *book = &session->evidence;
    buffer_u8(out, book->on);
    if (!book->on) return;
    buffer_u64(out, book->count);
    buffer_append(out, book->head, EVIDENCE_DIGEST);
    for (uint32_t i = 0; i < session->peer_count; i++) {
        const struct evidence_run *run = &session->peers[i].evidence.sent;
        buffer_u64(out, run->next);
        buffer_u64(out, run->first);
        buffer_u64(out, run->bytes);
        buffer_append(out, run->digest, EVIDENCE_DIGEST);
    }
}

int32_t evidence_restore(fate_session *session, struct reader *in)
{
    struct evidence_book *book = &session->evidence;
    bool on = reader_u8(in) == 1;
    if (on && !book->on) return refuse(session, "this run keeps evidence");
    if (!on && book->on) return refuse(session, "this run was begun without evidence");
    if (!on) return FATE_OK;
    book->checkpoint = reader_u64(in);
    const uint8_t *bytes = reader_bytes(in, EVIDENCE_DIGEST);
    if (bytes != NULL) memcpy(book->checkpoint_head, bytes, EVIDENCE_DIGEST);
    for (uint32_t i = 0; i < session->peer_count; i++) {
        struct evidence_run *run = &session->peers[i].evidence.sent;
        run->next = reader_u64(in);
        run->first = reader_u64(in);
        run->bytes = reader_u64(in);
        bytes = reader_bytes(in, EVIDENCE_DIGEST);
        if (bytes != NULL) memcpy(run->digest, bytes, EVIDENCE_DIGEST);
    }
    return in->failed ? FATE_E_FORMAT : FATE_OK;
}
