/* Checking an evidence log: chain, numbers, signatures, messages that stand in it twice, and its end. */
#include "src/session/evidence_verify.h"

#include <stdio.h>
#include <string.h>

typedef unsigned long long number;

enum { FINDINGS_MOST = 1000 }; /* a log may be nothing but damage */

void verdict_add(fate_verdict *verdict, bool wrong, const char *format, ...)
{
    verdict->wrong = verdict->wrong || wrong;
    if (verdict->count >= FINDINGS_MOST) return;
    struct finding *finding = memory_zeroed(verdict->context, 1, sizeof *finding);
    verdict->count++;
    if (finding == NULL) {
        verdict->failed = true;
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->sentence, sizeof finding->sentence, format, arguments);
    va_end(arguments);
    finding->wrong = wrong;
    *verdict->end = finding;
    verdict->end = &finding->next;
}

static const char *name_of(const struct evidence_check *check, uint32_t party)
{
    return check->log->opened->parties[party]->name;
}

/* ---- the chain ---- */

static void broke(struct evidence_check *check)
{
    if (!check->broken) check->good = check->records;
    check->broken = true;
}

static void check_number(struct evidence_check *check, const struct evidence_item *item)
{
    if (item->number == check->records) return;
    broke(check);
    if (item->number > check->records)
        verdict_add(check->verdict, true, "%s's log: after record %lld comes record %llu: records were removed", check->owner,
                    (long long)check->records - 1, (number)item->number);
    else
        verdict_add(check->verdict, true, "%s's log: record %llu stands where record %llu should: records were reordered or repeated",
                    check->owner, (number)item->number, (number)check->records);
}

static void check_chain(struct evidence_check *check, uint64_t place)
{
    const struct evidence_item *item = &check->log->items[place];
    if (item->record == NULL || item->kind == FATE_EVIDENCE_DAMAGED) {
        broke(check);
        verdict_add(check->verdict, true, "%s's log: record %llu was changed: it cannot be read", check->owner, (number)check->records);
        return;
    }
    check_number(check, item);
    if (!item->follows) {
        broke(check);
        verdict_add(check->verdict, true, "%s's log: record %llu does not follow from what stands before it: one of them was changed",
                    check->owner, (number)item->number);
    }
    if (item->record->skipped > 0 && (place == 0 || check->log->items[place - 1].kind != FATE_EVIDENCE_TORN))
        verdict_add(check->verdict, true, "%s's log: the torn record of which record %llu speaks is not there or was changed", check->owner,
                    (number)item->number);
    if (item->kind == FATE_EVIDENCE_OPENED && check->records > 0)
        verdict_add(check->verdict, true, "%s's log: record %llu opens the log a second time", check->owner, (number)item->number);
}

const uint8_t *evidence_check_head_at(const struct evidence_check *check, uint64_t count)
{
    return count == 0 || count > check->records ? NULL : check->log->items[check->places[count - 1]].entry.head;
}

/* ---- messages ---- */

const Fate__EvidenceMessage *evidence_check_message(const struct evidence_check *check, uint32_t peer, bool sent, uint64_t index)
{
    const struct evidence_way *way = &check->ways[2 * (size_t)peer + sent];
    return index < way->count ? check->log->items[way->places[index]].record->message : NULL;
}

static bool equal_messages(const Fate__EvidenceMessage *one, const Fate__EvidenceMessage *other)
{
    return one->first == other->first && one->parts == other->parts && one->bytes == other->bytes && strcmp(one->name, other->name) == 0 &&
           memcmp(one->digest.data, other->digest.data, EVIDENCE_DIGEST) == 0;
}

static void add_to_way(struct evidence_check *check, struct evidence_way *way, uint64_t place)
{
    if (way->count == way->capacity) {
        uint64_t capacity = way->capacity * 2 + 16;
        uint64_t *places = memory_resize(check->log->context, way->places, capacity, sizeof *places);
        if (places == NULL) {
            check->verdict->failed = true;
            return;
        }
        way->places = places;
        way->capacity = capacity;
    }
    way->places[way->count++] = place;
    way->cursor = way->count;
}

static void check_message(struct evidence_check *check, const struct evidence_item *item, uint64_t place)
{
    const Fate__EvidenceMessage *message = item->record->message, *last;
    bool sent = message->sent != 0;
    struct evidence_way *way = &check->ways[2 * (size_t)message->peer + sent];
    check->ended = false;
    if (way->cursor < way->count) { /* repeated since the party was started again */
        last = evidence_check_message(check, message->peer, sent, way->cursor);
        if (!equal_messages(last, message))
            verdict_add(check->verdict, true, "%s's log: record %llu contradicts record %llu: the message \"%s\" %s %s was another one",
                        check->owner, (number)item->number, (number)check->log->items[way->places[way->cursor]].number, message->name,
                        sent ? "to" : "from", name_of(check, message->peer));
        way->cursor++;
        return;
    }
    last = way->count > 0 ? evidence_check_message(check, message->peer, sent, way->count - 1) : NULL;
    uint64_t expected = last == NULL ? 0 : last->first + last->parts;
    if (message->first != expected)
        verdict_add(check->verdict, true,
                    "%s's log: record %llu, the message \"%s\" %s %s, begins with part %llu where part %llu should come", check->owner,
                    (number)item->number, message->name, sent ? "to" : "from", name_of(check, message->peer), (number)message->first,
                    (number)expected);
    add_to_way(check, way, place);
}

/* Sets the cursor on the message that begins with a part. */
static bool seek(const struct evidence_check *check, uint32_t peer, bool sent, uint64_t first)
{
    struct evidence_way *way = &check->ways[2 * (size_t)peer + sent];
    uint64_t low = 0, high = way->count, end = 0;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (evidence_check_message(check, peer, sent, middle)->first < first)
            low = middle + 1;
        else
            high = middle;
    }
    way->cursor = low;
    if (low < way->count) return evidence_check_message(check, peer, sent, low)->first == first;
    const Fate__EvidenceMessage *last = low > 0 ? evidence_check_message(check, peer, sent, low - 1) : NULL;
    if (last != NULL) end = last->first + last->parts;
    return first == end;
}

static void check_resumption(struct evidence_check *check, const struct evidence_item *item)
{
    const Fate__EvidenceResumed *resumed = item->record->resumed;
    bool good = resumed->checkpoint <= item->number;
    for (size_t i = 0; i < resumed->n_positions; i++) {
        const Fate__EvidencePosition *position = resumed->positions[i];
        good = seek(check, position->peer, true, position->sent) && good;
        good = seek(check, position->peer, false, position->received) && good;
    }
    check->ended = false;
    if (!good)
        verdict_add(check->verdict, true, "%s's log: record %llu goes on from a place that the log before it does not have", check->owner,
                    (number)item->number);
    else
        verdict_add(check->verdict, false, "%s was started again at record %llu and went on from its checkpoint", check->owner,
                    (number)item->number);
}

/* ---- signatures ---- */

static void covers(struct evidence_check *check, uint32_t party, uint64_t count)
{
    if ((!check->broken || count <= check->good) && count > check->sealed[party]) check->sealed[party] = count;
}

static void check_own_signature(struct evidence_check *check, const struct evidence_item *item)
{
    const fate_evidence *log = check->log;
    const Fate__EvidenceHead *head = item->record->signed_;
    const uint8_t *at = evidence_check_head_at(check, head->count);
    uint32_t party = log->opened->party;
    bool good =
        head->peer == party && head->count == item->number && at != NULL && memcmp(at, head->head.data, EVIDENCE_DIGEST) == 0 &&
        evidence_check_head(head->signature.data, log->keys[party].sign, log->opened->run.data, party, head->count, head->head.data);
    if (good) {
        covers(check, party, head->count);
        check->signed_end = check->ended;
    } else {
        verdict_add(check->verdict, true, "%s's log: the signature of %s in record %llu does not fit the records before it", check->owner,
                    check->owner, (number)item->number);
    }
}

static void check_witnessed(struct evidence_check *check, const struct evidence_item *item)
{
    const fate_evidence *log = check->log;
    const Fate__EvidenceHead *head = item->record->witnessed;
    if (head->peer != log->opened->party && evidence_check_head(head->signature.data, log->keys[head->peer].sign, log->opened->run.data,
                                                                head->peer, head->count, head->head.data))
        return;
    verdict_add(check->verdict, true, "%s's log: record %llu holds a signature that is not that of %s", check->owner, (number)item->number,
                name_of(check, head->peer));
}

static void check_seal(struct evidence_check *check, const struct evidence_item *item)
{
    const fate_evidence *log = check->log;
    const Fate__EvidenceHead *head = item->record->sealed;
    const char *peer = name_of(check, head->peer);
    const uint8_t *at = evidence_check_head_at(check, head->count);
    if (head->peer == log->opened->party || !evidence_check_seal(head->signature.data, log->keys[head->peer].sign, log->opened->run.data,
                                                                 log->opened->party, head->peer, head->count, head->head.data))
        verdict_add(check->verdict, true, "%s's log: the seal in record %llu is not signed by %s", check->owner, (number)item->number,
                    peer);
    else if (at == NULL || memcmp(at, head->head.data, EVIDENCE_DIGEST) != 0)
        verdict_add(check->verdict, true, "%s's log: what %s sealed in record %llu is another log: the first %llu records were changed",
                    check->owner, peer, (number)item->number, (number)head->count);
    else
        covers(check, head->peer, head->count);
}

/* ---- the whole ---- */

static void check_item(struct evidence_check *check, uint64_t place)
{
    const struct evidence_item *item = &check->log->items[place];
    if (item->kind == FATE_EVIDENCE_TORN) {
        verdict_add(check->verdict, false, "%s's log: a crash tore the entry before record %llu", check->owner, (number)check->records);
        return;
    }
    check_chain(check, place);
    switch (item->kind) {
    case FATE_EVIDENCE_SENT:
    case FATE_EVIDENCE_RECEIVED: check_message(check, item, place); break;
    case FATE_EVIDENCE_SIGNED: check_own_signature(check, item); break;
    case FATE_EVIDENCE_WITNESSED: check_witnessed(check, item); break;
    case FATE_EVIDENCE_SEALED: check_seal(check, item); break;
    case FATE_EVIDENCE_RESUMED: check_resumption(check, item); break;
    case FATE_EVIDENCE_OUTCOME:
        check->ended = true;
        check->signed_end = false;
        check->outcome = item->record->outcome->result;
        break;
    default: break;
    }
    check->places[check->records++] = place;
}

static void check_end(struct evidence_check *check)
{
    const char *owner = check->owner;
    uint32_t own = check->log->opened->party;
    number last = (number)check->records - 1;
    if (check->log->tail > 0)
        verdict_add(check->verdict, false,
                    "%s's log: the last %llu bytes are the beginning of a record: a crash tore it, or it was cut off", owner,
                    (number)check->log->tail);
    if (!check->ended)
        verdict_add(check->verdict, true, "%s's log has no end after record %llu: the job was not finished, or the log was cut off", owner,
                    last);
    else if (!check->signed_end)
        verdict_add(check->verdict, true, "%s's log: the end is not signed by %s: the log was cut off after record %llu", owner, owner,
                    last);
    else if (check->outcome != FATE_FINISHED)
        verdict_add(check->verdict, false, "%s's job ended with an error: %s", owner, fate_result_name(check->outcome));
    for (uint32_t party = 0; check->ended && party < check->log->opened->n_parties; party++) {
        bool talked = check->ways[2 * (size_t)party].count > 0 || check->ways[2 * (size_t)party + 1].count > 0;
        if (party == own || !talked || check->sealed[party] >= check->sealed[own]) continue;
        verdict_add(check->verdict, false, "%s's log: %s sealed only the first %llu of %llu signed records", owner, name_of(check, party),
                    (number)check->sealed[party], (number)check->sealed[own]);
    }
}

int32_t evidence_check_log(struct evidence_check *check, const fate_evidence *log, fate_verdict *verdict)
{
    uint64_t parties = log->opened->n_parties;
    memset(check, 0, sizeof *check);
    check->log = log;
    check->verdict = verdict;
    check->owner = log->opened->parties[log->opened->party]->name;
    check->places = memory_zeroed(log->context, log->count, sizeof *check->places);
    check->ways = memory_zeroed(log->context, 2 * parties, sizeof *check->ways);
    check->sealed = memory_zeroed(log->context, parties, sizeof *check->sealed);
    if (check->places == NULL || check->ways == NULL || check->sealed == NULL) return FATE_E_MEMORY;
    for (uint64_t place = 0; place < log->count; place++) check_item(check, place);
    check_end(check);
    return verdict->failed ? FATE_E_MEMORY : FATE_OK;
}

void evidence_check_free(struct evidence_check *check)
{
    if (check->log == NULL) return;
    fate_context *context = check->log->context;
    for (uint64_t i = 0; check->ways != NULL && i < 2 * check->log->opened->n_parties; i++) memory_free(context, check->ways[i].places);
    memory_free(context, check->ways);
    memory_free(context, check->places);
    memory_free(context, check->sealed);
}

static int32_t verify(fate_verdict *verdict, const fate_evidence *log, const fate_evidence *peer_log, const fate_job *job)
{
    struct evidence_check own = {0}, peer = {0};
    int32_t result = evidence_check_log(&own, log, verdict);
    if (result == FATE_OK && peer_log != NULL) result = evidence_check_log(&peer, peer_log, verdict);
    if (result == FATE_OK && peer_log != NULL) evidence_compare(&own, &peer);
    if (result == FATE_OK && job != NULL) evidence_compare_job(&own, job);
    if (result == FATE_OK) {
        verdict->sealed = own.sealed;
        own.sealed = NULL;
    }
    evidence_check_free(&own);
    evidence_check_free(&peer);
    return result == FATE_OK && verdict->failed ? FATE_E_MEMORY : result;
}

int32_t fate_evidence_verify(const fate_evidence *log, fate_verdict **verdict, const fate_evidence *peer_log, const fate_job *job)
{
    if (verdict != NULL) *verdict = NULL;
    if (log == NULL) return FATE_E_ARGUMENT;
    if (verdict == NULL) return context_bad_argument(log->context, "fate_evidence_verify: verdict is NULL");
    fate_verdict *made = memory_zeroed(log->context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(log->context);
    made->context = context_hold(log->context);
    made->end = &made->first;
    made->party_count = (uint32_t)log->opened->n_parties;
    int32_t result = verify(made, log, peer_log, job);
    if (result == FATE_OK)
        *verdict = made;
    else
        fate_verdict_free(made);
    return result == FATE_E_MEMORY ? context_out_of_memory(log->context) : result;
}

void fate_verdict_free(fate_verdict *verdict)
{
    if (verdict == NULL) return;
    fate_context *context = verdict->context;
    while (verdict->first != NULL) {
        struct finding *gone = verdict->first;
        verdict->first = gone->next;
        memory_free(context, gone);
    }
    memory_free(context, verdict->sealed);
    memory_free(context, verdict);
    fate_context_free(context);
}

int32_t fate_verdict_good(const fate_verdict *verdict)
{
    return verdict != NULL && !verdict->wrong;
}

const char *fate_verdict_finding(const fate_verdict *verdict, uint32_t place, int32_t *wrong)
{
    const struct finding *finding = verdict == NULL ? NULL : verdict->first;
    for (; finding != NULL && place > 0; place--) finding = finding->next;
    if (finding != NULL && wrong != NULL) *wrong = finding->wrong;
    return finding == NULL ? NULL : finding->sentence;
}

uint64_t fate_verdict_sealed(const fate_verdict *verdict, uint32_t party)
{
    return verdict == NULL || party >= verdict->party_count ? 0 : verdict->sealed[party];
}
