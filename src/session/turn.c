/* What a step of a protocol may do. See fate/protocol.h. */
#include "src/session/session.h"

#include "src/session/registry.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* Forgets what the last step received and asked for. */
void turn_reset(fate_session *session)
{
    struct fate_turn *turn = &session->turn;
    for (uint32_t i = 0; i < session->peer_count; i++) {
        struct received_message *received = &session->peers[i].received;
        memory_free(session->context, received->joined);
        memset(received, 0, sizeof *received);
    }
    payload_release(session->context, turn->recent);
    turn->recent = NULL;
    turn->in_step = false;
    turn->from = -1;
    turn->woken = turn->timed = false;
    vanish_clear(session);
}

void turn_begin(fate_session *session)
{
    struct fate_turn *turn = &session->turn;
    turn->go_to = -1;
    turn->finish = false;
    turn->checkpoint = false;
    turn->checkpoint_first = false;
    session->pieces++;
    turn->in_step = true;
    turn->for_peers[0] = 0;
}

fate_context *fate_turn_context(fate_turn *turn)
{
    return turn == NULL ? NULL : turn->session->context;
}

const fate_job *fate_turn_job(const fate_turn *turn)
{
    return turn == NULL ? NULL : turn->session->job;
}

uint32_t fate_turn_party(const fate_turn *turn)
{
    return turn == NULL ? UINT32_MAX : turn->session->party;
}

uint32_t fate_turn_role(const fate_turn *turn, uint32_t party)
{
    if (turn == NULL || party >= turn->session->party_count) return UINT32_MAX;
    return (uint32_t)registry_role(turn->session->protocol, fate_job_party_role(turn->session->job, party));
}

int32_t fate_turn_purpose(const fate_turn *turn)
{
    return turn == NULL ? 0 : turn->session->purpose;
}

const fate_table *fate_turn_table(const fate_turn *turn, int32_t use)
{
    if (turn == NULL || (use != FATE_TABLE_DATA && use != FATE_TABLE_VALIDATION)) return NULL;
    return turn->session->tables[use];
}

const fate_model *fate_turn_model(const fate_turn *turn)
{
    return turn == NULL ? NULL : turn->session->model;
}

int32_t fate_turn_option(const fate_turn *turn, const char *name, int64_t *value)
{
    if (turn == NULL || name == NULL || value == NULL || strcmp(name, "leaves") != 0) {
        return FATE_E_ARGUMENT;
    }
    *value = turn->session->leaves;
    return FATE_OK;
}

/* May this party send that message at all, now? */
static int32_t check_message(fate_session *session, uint32_t message)
{
    fate_context *context = session->context;
    if (!session->turn.in_step) return context_fail(context, FATE_E_STATE, "only a step may send");
    if (message >= session->protocol->message_count) return context_fail(context, FATE_E_ARGUMENT, "there is no such message");
    if (session->protocol->messages[message].sender == session->role_index) return FATE_OK;
    return context_fail(context, FATE_E_ARGUMENT, "the role \"%s\" may not send the message \"%s\"", session->role->name,
                        session->protocol->messages[message].name);
}

static int32_t check_send(fate_session *session, uint32_t message, uint32_t party, uint64_t length)
{
    fate_context *context = session->context;
    const fate_protocol *protocol = session->protocol;
    int32_t result = check_message(session, message);
    if (result != FATE_OK) return result;
    const fate_protocol_message *declared = &protocol->messages[message];
    const struct peer *peer = session_peer(session, party);
    if (peer == NULL || declared->receiver != peer->role)
        return context_fail(context, FATE_E_ARGUMENT, "the message \"%s\" is not declared for being sent to %s", declared->name,
                            session_name(session, party));
    if (length > FATE_PART_LIMIT)
        return context_fail(context, FATE_E_ARGUMENT, "a part of the message \"%s\" has %llu bytes, more than %d", declared->name,
                            (unsigned long long)length, (int)FATE_PART_LIMIT);
    int64_t open = peer->open_message;
    if (open >= 0 && open != (int64_t)message)
        return context_fail(context, FATE_E_ARGUMENT, "the message \"%s\" to %s is not finished yet", protocol->messages[open].name,
                            session_name(session, party));
    return FATE_OK;
}

/* What goes to many parties one after the other is kept once. */
static struct payload *payload_of(fate_turn *turn, const uint8_t *bytes, uint64_t length)
{
    if (payload_is(turn->recent, bytes, length)) return turn->recent;
    payload_release(turn->session->context, turn->recent);
    turn->recent = payload_new(turn->session->context, bytes, length);
    return turn->recent;
}

int32_t fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last)
{
    if (turn == NULL || (bytes == NULL && length > 0)) return FATE_E_ARGUMENT;
    fate_session *session = turn->session;
    int32_t result = check_send(session, message, party, length);
    if (result != FATE_OK) return result;
    struct peer *peer = session_peer(session, party);
    if (peer->expelled) return FATE_OK;
    if (peer->stream.out_piece != session->pieces) {
        peer->stream.out_piece = session->pieces;
        peer->stream.out_piece_first = peer->stream.out_next;
    }
    struct payload *payload = payload_of(turn, bytes, length);
    result = payload == NULL ? FATE_E_MEMORY : stream_push(&peer->stream, message, payload, last != 0);
    if (result == FATE_E_MEMORY) return context_out_of_memory(session->context);
    if (result != FATE_OK)
        return context_fail(session->context, result, "%s has already received other records of this run: start all parties anew",
                            session_name(session, party));
    if (evidence_sent(session, party, message, bytes, length, last != 0) != FATE_OK) return context_out_of_memory(session->context);
    peer->open_message = last != 0 ? -1 : (int64_t)message;
    session_count(peer, message, true, length, last != 0);
    return FATE_OK;
}

int32_t fate_turn_send_all(fate_turn *turn, uint32_t message, const uint8_t *bytes, uint64_t length, int32_t last)
{
    if (turn == NULL) return FATE_E_ARGUMENT;
    fate_session *session = turn->session;
    int32_t result = check_message(session, message);
    for (uint32_t i = 0; i < session->peer_count && result == FATE_OK; i++) {
        const struct peer *peer = &session->peers[i];
        if (peer->role == session->protocol->messages[message].receiver)
            result = fate_turn_send(turn, message, peer->party, bytes, length, last);
    }
    return result;
}

int32_t fate_turn_received(fate_turn *turn, uint32_t party, const uint8_t **bytes, uint64_t *length)
{
    if (turn == NULL || bytes == NULL || length == NULL) return FATE_E_ARGUMENT;
    const struct peer *peer = session_peer(turn->session, party);
    if (peer == NULL || peer->received.records == 0)
        return context_fail(turn->session->context, FATE_E_ARGUMENT, "that party sent nothing for this step");
    *bytes = peer->received.bytes;
    *length = peer->received.length;
    return FATE_OK;
}

uint32_t fate_turn_from(const fate_turn *turn)
{
    return turn == NULL || turn->from < 0 ? UINT32_MAX : (uint32_t)turn->from;
}

int32_t fate_turn_last(const fate_turn *turn)
{
    return turn != NULL && turn->last;
}

uint32_t fate_turn_message(const fate_turn *turn)
{
    return turn == NULL || turn->from < 0 ? UINT32_MAX : turn->message;
}

int32_t fate_turn_first(const fate_turn *turn)
{
    return turn != NULL && turn->first;
}

int32_t fate_turn_time_over(const fate_turn *turn)
{
    return turn != NULL && turn->timed;
}

int32_t fate_turn_wake(fate_turn *turn, uint64_t milliseconds)
{
    if (turn == NULL) return FATE_E_ARGUMENT;
    fate_session *session = turn->session;
    session->wake_at = milliseconds < UINT64_MAX - session->now ? session->now + milliseconds : UINT64_MAX;
    session->overtime = 0;
    return FATE_OK;
}

int32_t fate_turn_hold(fate_turn *turn, uint32_t party, int32_t hold)
{
    struct peer *peer = turn == NULL ? NULL : session_peer(turn->session, party);
    if (peer == NULL) return FATE_E_ARGUMENT;
    peer->held = hold != 0;
    return FATE_OK;
}

int32_t fate_turn_window(fate_turn *turn, uint64_t bytes)
{
    if (turn == NULL) return FATE_E_ARGUMENT;
    fate_session *session = turn->session;
    if (session->phase >= PHASE_CONNECTING) return context_fail(session->context, FATE_E_STATE, "the window is named in start, not later");
    uint64_t wanted = bytes < WINDOW_LEAST ? WINDOW_LEAST : bytes;
    if (wanted < session->window) session->window = wanted;
    return FATE_OK;
}

int32_t fate_turn_present(const fate_turn *turn, uint32_t party)
{
    const struct peer *peer = turn == NULL ? NULL : session_peer(turn->session, party);
    /* Not only while there is a channel: after a restart of this party, and while two agree on a new one, nobody has gone. */
    return peer != NULL && peer->contacted && !peer->lost && !peer->apart && !peer->expelled;
}

uint64_t fate_turn_backlog(const fate_turn *turn, uint32_t party)
{
    const struct peer *peer = turn == NULL ? NULL : session_peer(turn->session, party);
    return peer == NULL ? 0 : stream_backlog(&peer->stream);
}

int32_t fate_turn_go_to(fate_turn *turn, uint32_t step)
{
    if (turn == NULL) return FATE_E_ARGUMENT;
    if (step >= turn->session->role->step_count)
        return context_fail(turn->session->context, FATE_E_ARGUMENT, "the role \"%s\" has no step %u", turn->session->role->name, step);
    turn->go_to = step;
    return FATE_OK;
}

int32_t fate_turn_finish(fate_turn *turn)
{
    if (turn == NULL) return FATE_E_ARGUMENT;
    turn->finish = true;
    return FATE_OK;
}

int32_t fate_turn_checkpoint(fate_turn *turn)
{
    if (turn == NULL) return FATE_E_ARGUMENT;
    turn->checkpoint = true;
    return FATE_OK;
}

int32_t fate_turn_checkpoint_first(fate_turn *turn)
{
    if (turn == NULL) return FATE_E_ARGUMENT;
    turn->checkpoint = turn->checkpoint_first = true;
    return FATE_OK;
}

int32_t fate_turn_save(fate_turn *turn, const uint8_t *bytes, uint64_t length)
{
    if (turn == NULL || (bytes == NULL && length > 0)) return FATE_E_ARGUMENT;
    if (turn->save == NULL) return context_fail(turn->session->context, FATE_E_STATE, "only save may store state");
    buffer_append(turn->save, bytes, length);
    return turn->save->failed ? context_out_of_memory(turn->session->context) : FATE_OK;
}

int32_t fate_turn_seed(fate_turn *turn, const char *label, uint64_t number, uint8_t *seed)
{
    if (turn == NULL || label == NULL || seed == NULL) return FATE_E_ARGUMENT;
    random_derive(seed, turn->session->secret, label, number);
    return FATE_OK;
}

int32_t fate_turn_common_seed(fate_turn *turn, const char *label, uint8_t *seed)
{
    if (turn == NULL || label == NULL || seed == NULL) return FATE_E_ARGUMENT;
    if (!turn->session->run_known) return context_fail(turn->session->context, FATE_E_STATE, "the run is not known before the first step");
    random_derive(seed, turn->session->run_secret, label, 0);
    return FATE_OK;
}

enum { STATEMENT = 16 + crypto_generichash_BYTES_MAX };

/* What is signed: a fixed head, and the digest of run, label and bytes. */
static void write_statement(const fate_session *session, const char *label, const uint8_t *bytes, uint64_t length, uint8_t *statement)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, crypto_generichash_BYTES_MAX);
    crypto_generichash_update(&state, session->run, CONTROL_RUN);
    crypto_generichash_update(&state, (const uint8_t *)label, strlen(label) + 1);
    crypto_generichash_update(&state, bytes, length);
    memcpy(statement, "fate statement 1", 16);
    crypto_generichash_final(&state, statement + 16, crypto_generichash_BYTES_MAX);
}

int32_t fate_turn_sign(fate_turn *turn, const char *label, const uint8_t *bytes, uint64_t length, uint8_t *signature)
{
    if (turn == NULL || label == NULL || (bytes == NULL && length > 0) || signature == NULL) return FATE_E_ARGUMENT;
    const fate_session *session = turn->session;
    uint8_t statement[STATEMENT];
    if (!session->run_known) return context_fail(session->context, FATE_E_STATE, "the run is not known before the first step");
    write_statement(session, label, bytes, length, statement);
    crypto_sign_detached(signature, NULL, statement, sizeof statement, session->identity->sign_secret);
    return FATE_OK;
}

int32_t fate_turn_verify(fate_turn *turn, uint32_t party, const char *label, const uint8_t *bytes, uint64_t length,
                         const uint8_t *signature)
{
    if (turn == NULL || label == NULL || (bytes == NULL && length > 0) || signature == NULL) return FATE_E_ARGUMENT;
    const fate_session *session = turn->session;
    struct public_identity key;
    uint8_t statement[STATEMENT];
    const char *text = fate_job_party_key(session->job, party);
    if (text == NULL || !identity_parse_public(&key, text))
        return context_fail(session->context, FATE_E_ARGUMENT, "the job has no party %u", party);
    if (!session->run_known) return context_fail(session->context, FATE_E_STATE, "the run is not known before the first step");
    write_statement(session, label, bytes, length, statement);
    if (crypto_sign_verify_detached(signature, statement, sizeof statement, key.sign) == 0) return FATE_OK;
    return context_fail(session->context, FATE_E_PROTOCOL, "%s has not signed that", session_name(session, party));
}

int32_t fate_turn_progress(fate_turn *turn, uint32_t round, uint32_t rounds, uint32_t level, uint32_t levels, uint64_t rows)
{
    if (turn == NULL) return FATE_E_ARGUMENT;
    fate_session *session = turn->session;
    struct fate_event *event = event_add(&session->events, FATE_EVENT_PROGRESS);
    if (event == NULL) return context_out_of_memory(session->context);
    fate_progress *progress = &event->progress;
    progress->struct_size = sizeof *progress;
    progress->round = round;
    progress->rounds = rounds;
    progress->level = level;
    progress->levels = levels;
    progress->rows = rows;
    progress->bytes_sent = session->bytes_sent;
    progress->bytes_received = session->bytes_received;
    double done = round > 0 ? (double)(round - 1) : 0.0;
    if (levels > 0 && level > 0) done += (double)(level - 1) / (double)levels;
    progress->fraction = rounds > 0 ? done / (double)rounds : 0.0;
    session->progress = *progress;
    return FATE_OK;
}

int32_t fate_turn_metric(fate_turn *turn, const char *name, uint32_t round, double value)
{
    if (turn == NULL || name == NULL) return FATE_E_ARGUMENT;
    struct fate_event *event = event_add(&turn->session->events, FATE_EVENT_METRIC);
    if (event == NULL) return context_out_of_memory(turn->session->context);
    snprintf(event->text, sizeof event->text, "%s", name);
    event->round = round;
    event->value = value;
    return FATE_OK;
}

int32_t fate_turn_warn(fate_turn *turn, const char *sentence)
{
    if (turn == NULL || sentence == NULL) return FATE_E_ARGUMENT;
    if (session_emit_warning(turn->session, "%s", sentence) != FATE_OK) return context_out_of_memory(turn->session->context);
    return FATE_OK;
}

int32_t fate_turn_fail(fate_turn *turn, int32_t result, const char *sentence, const char *for_peers)
{
    if (turn == NULL) return FATE_E_ARGUMENT;
    snprintf(turn->for_peers, sizeof turn->for_peers, "%s", for_peers == NULL ? "" : for_peers);
    if (sentence != NULL) context_fail(turn->session->context, result, "%s", sentence);
    return result;
}

int32_t fate_turn_set_model(fate_turn *turn, const uint8_t *body, uint64_t length)
{
    if (turn == NULL || (body == NULL && length > 0)) return FATE_E_ARGUMENT;
    fate_session *session = turn->session;
    uint8_t *copy = memory_allocate(session->context, length + 1, 1);
    if (copy == NULL) return context_out_of_memory(session->context);
    if (length > 0) memcpy(copy, body, length);
    memory_free(session->context, session->model_body);
    session->model_body = copy;
    session->model_length = length;
    session->model_made = true;
    return FATE_OK;
}

int32_t fate_turn_set_result(fate_turn *turn, const char *name, const double *values, uint64_t count)
{
    if (turn == NULL || name == NULL || (values == NULL && count > 0)) return FATE_E_ARGUMENT;
    fate_context *context = turn->session->context;
    struct session_result *result = memory_zeroed(context, 1, sizeof *result);
    if (result != NULL) {
        result->name = memory_text(context, name);
        result->values = memory_allocate(context, count + 1, sizeof *values);
        result->count = count;
    }
    if (result == NULL || result->name == NULL || result->values == NULL) {
        if (result != NULL) {
            memory_free(context, result->name);
            memory_free(context, result->values);
        }
        memory_free(context, result);
        return context_out_of_memory(context);
    }
    if (count > 0) memcpy(result->values, values, count * sizeof *values);
    struct session_result **end = &turn->session->results;
    while (*end != NULL && strcmp((*end)->name, name) != 0) end = &(*end)->next;
    if (*end != NULL) { /* a second result of one name replaces the first */
        struct session_result *old = *end;
        result->next = old->next;
        memory_free(context, old->name);
        memory_free(context, old->values);
        memory_free(context, old);
    }
    *end = result;
    return FATE_OK;
}
