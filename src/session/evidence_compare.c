/* Two evidence logs of one run held against each other, and a log against its job. */
#include <stdio.h>
#include <string.h>

#include "src/session/evidence_verify.h"

typedef unsigned long long number;

static bool same_opening(const Fate__EvidenceOpened *one, const Fate__EvidenceOpened *other)
{
    bool same = memcmp(one->run.data, other->run.data, EVIDENCE_RUN) == 0 &&
                memcmp(one->job_digest.data, other->job_digest.data, EVIDENCE_DIGEST) == 0 && one->purpose == other->purpose &&
                one->n_parties == other->n_parties;
    for (size_t i = 0; same && i < one->n_parties; i++)
        same = strcmp(one->parties[i]->name, other->parties[i]->name) == 0 && strcmp(one->parties[i]->key, other->parties[i]->key) == 0;
    return same;
}

/* What differs between a message as it was sent and as it was received; NULL: nothing. */
static const char *difference(const Fate__EvidenceMessage *sent, const Fate__EvidenceMessage *received)
{
    if (sent->first != received->first || sent->parts != received->parts) return "numbers of parts";
    if (strcmp(sent->name, received->name) != 0) return "names";
    if (sent->bytes != received->bytes) return "sizes";
    return memcmp(sent->digest.data, received->digest.data, EVIDENCE_DIGEST) != 0 ? "digests" : NULL;
}

/* Messages that one sent and the other received. */
static void compare_way(const struct evidence_check *sender, const struct evidence_check *receiver)
{
    uint32_t from = sender->log->opened->party, to = receiver->log->opened->party;
    fate_verdict *verdict = sender->verdict;
    for (uint64_t i = 0;; i++) {
        const Fate__EvidenceMessage *sent = evidence_check_message(sender, to, true, i);
        const Fate__EvidenceMessage *received = evidence_check_message(receiver, from, false, i);
        if (sent == NULL && received == NULL) return;
        if (received == NULL) {
            bool wrong = receiver->outcome == FATE_FINISHED && receiver->ended;
            verdict_add(verdict, wrong, "%s sent message %llu to %s (\"%s\"), which is not in %s's log%s", sender->owner, (number)i,
                        receiver->owner, sent->name, receiver->owner, wrong ? "" : ": it may not have arrived before the end");
            return;
        }
        if (sent == NULL) {
            verdict_add(verdict, true, "%s received message %llu from %s (\"%s\"), which is not in %s's log", receiver->owner, (number)i,
                        sender->owner, received->name, sender->owner);
            return;
        }
        const char *what = difference(sent, received);
        if (what == NULL) continue;
        verdict_add(verdict, true, "message %llu from %s to %s (\"%s\"): the logs hold different %s", (number)i, sender->owner,
                    receiver->owner, sent->name, what);
    }
}

/* What a party signed for another must be what its own log says. */
static void compare_witnessed(const struct evidence_check *witness, const struct evidence_check *owner)
{
    uint32_t party = owner->log->opened->party;
    for (uint64_t place = 0; place < witness->log->count; place++) {
        const struct evidence_item *item = &witness->log->items[place];
        if (item->kind != FATE_EVIDENCE_WITNESSED || item->record->witnessed->peer != party) continue;
        const Fate__EvidenceHead *head = item->record->witnessed;
        const uint8_t *at = evidence_check_head_at(owner, head->count);
        if (at != NULL && memcmp(at, head->head.data, EVIDENCE_DIGEST) == 0) continue;
        if (at == NULL)
            verdict_add(owner->verdict, true, "%s's log was cut off: %s holds %s's signature over %llu records, and there are %llu",
                        owner->owner, witness->owner, owner->owner, (number)head->count, (number)owner->records);
        else
            verdict_add(owner->verdict, true, "%s's log was changed: its first %llu records are not those that %s signed for %s",
                        owner->owner, (number)head->count, owner->owner, witness->owner);
        return;
    }
}

void evidence_compare(const struct evidence_check *one, const struct evidence_check *other)
{
    if (!same_opening(one->log->opened, other->log->opened)) {
        verdict_add(one->verdict, true, "the two logs are of different runs or jobs, or name different keys");
        return;
    }
    if (one->log->opened->party == other->log->opened->party) {
        verdict_add(one->verdict, true, "both logs are %s's: give the log of another party", one->owner);
        return;
    }
    compare_way(one, other);
    compare_way(other, one);
    compare_witnessed(one, other);
    compare_witnessed(other, one);
}

void evidence_compare_job(const struct evidence_check *check, const fate_job *job)
{
    const Fate__EvidenceOpened *opened = check->log->opened;
    uint8_t digest[EVIDENCE_DIGEST];
    uint32_t count = fate_job_party_count(job);
    bool same = fate_job_digest(job, digest) == FATE_OK && memcmp(digest, opened->job_digest.data, EVIDENCE_DIGEST) == 0;
    if (!same) verdict_add(check->verdict, true, "%s's log is of another job", check->owner);
    same = count == opened->n_parties;
    for (uint32_t party = 0; same && party < count; party++)
        same = strcmp(fate_job_party_name(job, party), opened->parties[party]->name) == 0 &&
               strcmp(fate_job_party_key(job, party), opened->parties[party]->key) == 0;
    if (!same) verdict_add(check->verdict, true, "%s's log names other parties or keys than the job", check->owner);
}
