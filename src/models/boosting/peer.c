/* What the steps of both roles need to speak with peers. */
#include "src/models/boosting/peer.h"
#include "src/data/table.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

int32_t peer_send(fate_turn *turn, uint32_t message, uint32_t party, const struct buffer *bytes)
{
    if (bytes->failed) {
        return context_out_of_memory(fate_turn_context(turn));
    }
    uint64_t sent = 0;
    for (;;) {
        uint64_t length = bytes->length - sent < FATE_PART_LIMIT ? bytes->length - sent : FATE_PART_LIMIT;
        bool last = sent + length == bytes->length;
        int32_t result = fate_turn_send(turn, message, party, length == 0 ? NULL : bytes->bytes + sent, length, last);
        if (result != FATE_OK || last) {
            return result;
        }
        sent += length;
    }
}

int32_t peer_send_message(fate_turn *turn, uint32_t message, uint32_t party, const ProtobufCMessage *content)
{
    struct buffer bytes;
    buffer_init(&bytes, fate_turn_context(turn));
    int32_t result = message_encode(fate_turn_context(turn), content, &bytes);
    if (result == FATE_OK) {
        result = peer_send(turn, message, party, &bytes);
    }
    buffer_free(&bytes);
    return result;
}

int32_t peer_violation(fate_turn *turn, uint32_t party, const char *what)
{
    char sentence[CONTEXT_SENTENCE];
    snprintf(sentence, sizeof sentence, "%.200s sent what the protocol does not allow: %s", fate_job_party_name(fate_turn_job(turn), party),
             what);
    return fate_turn_fail(turn, FATE_E_PROTOCOL, sentence, sentence);
}

int32_t peer_checked(fate_turn *turn, uint32_t party, int32_t result)
{
    if (result != FATE_E_PROTOCOL && result != FATE_E_FORMAT && result != FATE_E_KEY && result != FATE_E_RANGE &&
        result != FATE_E_VERSION) {
        return result;
    }
    char reason[CONTEXT_SENTENCE - 300];
    snprintf(reason, sizeof reason, "%s", fate_context_error(fate_turn_context(turn)));
    return peer_violation(turn, party, reason);
}

int32_t peer_rows_differ(fate_turn *turn, uint32_t party, const char *table, uint64_t own_rows, uint64_t their_rows)
{
    const fate_job *job = fate_turn_job(turn);
    const char *own = fate_job_party_name(job, fate_turn_party(turn)), *other = fate_job_party_name(job, party);
    char sentence[CONTEXT_SENTENCE];
    if (own_rows != their_rows) {
        snprintf(sentence, sizeof sentence,
                 "the %s of %.200s has %" PRIu64 " rows and that of %.200s has %" PRIu64
                 ": give all parties tables with the same ids, or say \"align\": \"psi\" in the job",
                 table, own, own_rows, other, their_rows);
    } else {
        snprintf(sentence, sizeof sentence,
                 "the %ss of %.200s and %.200s have the same number of rows but not the same ids: give all "
                 "parties tables with the same ids, or say \"align\": \"psi\" in the job",
                 table, own, other);
    }
    return fate_turn_fail(turn, FATE_E_ROWS_DIFFER, sentence, sentence);
}

int32_t peer_check_rows(fate_context *context, const fate_table *table, const char *what)
{
    if (table == NULL) return FATE_OK;
    if (fate_table_rows(table) == 0 && table->aligned)
        return context_fail(context, FATE_E_TABLE,
                            "the parties' tables have no id in common: compare the ids, and the job's id and normalise");
    if (fate_table_rows(table) == 0) return context_fail(context, FATE_E_TABLE, "the %s has no rows", what);
    if (fate_table_rows(table) > MESSAGE_ROWS_MOST) {
        return context_fail(context, FATE_E_LIMIT, "the %s has %" PRIu64 " rows: vertical boosting takes at most %d", what,
                            fate_table_rows(table), (int)MESSAGE_ROWS_MOST);
    }
    return FATE_OK;
}

int32_t peer_id_digest(fate_turn *turn, const fate_table *table, const char *label, uint8_t *digest)
{
    uint8_t key[32];
    int32_t result = fate_turn_common_seed(turn, label, key);
    if (result == FATE_OK) {
        result = fate_table_id_digest(table, digest, key);
    }
    sodium_memzero(key, sizeof key);
    return result;
}

uint32_t peer_next(const fate_turn *turn, uint32_t role, uint32_t from)
{
    uint32_t count = fate_job_party_count(fate_turn_job(turn));
    for (uint32_t party = from; party < count; party++) {
        if (fate_turn_role(turn, party) == role) {
            return party;
        }
    }
    return UINT32_MAX;
}

uint32_t peer_count(const fate_turn *turn, uint32_t role)
{
    uint32_t count = 0;
    for (uint32_t party = peer_next(turn, role, 0); party != UINT32_MAX; party = peer_next(turn, role, party + 1)) {
        count++;
    }
    return count;
}
