/* What the steps of both roles need to speak with peers: sending long messages, and errors that name the peer. */
#ifndef SRC_MODELS_BOOSTING_PEER_H
#define SRC_MODELS_BOOSTING_PEER_H

#include "src/models/boosting/messages.h"
#include <fate/protocol.h>

/* Sends a whole message, in as many parts as it needs. */
int32_t peer_send(fate_turn *turn, uint32_t message, uint32_t party, const struct buffer *bytes);
/* Encodes and sends. */
int32_t peer_send_message(fate_turn *turn, uint32_t message, uint32_t party, const ProtobufCMessage *content);

/* FATE_E_PROTOCOL: party sent what the protocol does not allow. what: a sentence's rest after the party's name, without private data:
 * peers get it too. */
int32_t peer_violation(fate_turn *turn, uint32_t party, const char *what);
/* Passes on the result of a decoder or check: FATE_E_PROTOCOL, FATE_E_FORMAT, FATE_E_KEY, FATE_E_RANGE and FATE_E_VERSION become a violation with the context's
 * sentence; all else is returned as it is. */
int32_t peer_checked(fate_turn *turn, uint32_t party, int32_t result);

/* FATE_E_ROWS_DIFFER, naming both parties. table: "training table", "validation table" or "table". */
int32_t peer_rows_differ(fate_turn *turn, uint32_t party, const char *table, uint64_t own_rows, uint64_t their_rows);

/* FATE_E_LIMIT when a table has more rows than messages can tell of; FATE_E_TABLE when it has none. NULL is accepted. what: "training table",
 * "validation table". */
int32_t peer_check_rows(fate_context *context, const fate_table *table, const char *what);

/* The keyed digest of a table's ids: equal at all parties whose tables hold the same rows. label: of fate_turn_common_seed. */
int32_t peer_id_digest(fate_turn *turn, const fate_table *table, const char *label, uint8_t *digest);

/* How many parties have a role; the first such party whose number is at least from, UINT32_MAX when there is none. */
uint32_t peer_count(const fate_turn *turn, uint32_t role);
uint32_t peer_next(const fate_turn *turn, uint32_t role, uint32_t from);

#endif
