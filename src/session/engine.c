/* The phases of a run, and the step tables. */
#include "src/session/session.h"

#include "src/session/registry.h"

#include <stdio.h>
#include <string.h>

/* ---- steps ---- */

/* The peer's first record must belong to the message that is waited for. */
static int32_t check_head(fate_session *session, uint32_t party, uint32_t message)
{
    const struct record *head = stream_head(&session_peer(session, party)->stream);
    if (head == NULL || head->message == message) return FATE_OK;
    const fate_protocol_message *messages = session->protocol->messages;
    snprintf(session->turn.for_peers, sizeof session->turn.for_peers, "%s sent what the protocol does not allow",
             session_name(session, party));
    return session_fail_with(session, FATE_E_PROTOCOL, party, "%s sent the message \"%s\" where \"%s\" was expected",
                             session_name(session, party), messages[head->message].name, messages[message].name);
}

static uint64_t message_limit(const fate_protocol_message *message)
{
    return message->limit == 0 ? (uint64_t)64 << 20 : message->limit;
}

static int32_t check_limit(fate_session *session, uint32_t party, const fate_protocol_message *message)
{
    if (stream_head_bytes(&session_peer(session, party)->stream) <= message_limit(message) + FATE_PART_LIMIT) return FATE_OK;
    return session_fail_with(session, FATE_E_PROTOCOL, party, "%s sent a message \"%s\" of more than %llu bytes",
                             session_name(session, party), message->name, (unsigned long long)message_limit(message));
}

/* Joins the records of a whole message; one record is shown as it lies. */
static int32_t gather(fate_session *session, uint32_t party, uint64_t records, uint64_t length)
{
    struct peer *peer = session_peer(session, party);
    struct received_message *received = &peer->received;
    const struct record *record = stream_head(&peer->stream);
    received->records = records;
    received->length = length;
    received->bytes = record->payload;
    if (records == 1) return FATE_OK;
    received->joined = memory_allocate(session->context, length + 1, 1);
    if (received->joined == NULL) return FATE_E_MEMORY;
    uint64_t at = 0;
    for (uint64_t i = 0; i < records; i++, record = record->next) {
        memcpy(received->joined + at, record->payload, record->length);
        at += record->length;
    }
    received->bytes = received->joined;
    return FATE_OK;
}

/* *ready: a whole message of every sender is there. */
static int32_t await_all(fate_session *session, const fate_protocol_step *step, bool *ready)
{
    const fate_protocol_message *message = &session->protocol->messages[step->message];
    *ready = true;
    for (uint32_t i = 0; i < session->peer_count; i++) {
        const struct peer *peer = &session->peers[i];
        uint32_t party = peer->party;
        if (peer->role != message->sender || peer->received.records > 0) continue;
        int32_t result = check_head(session, party, step->message);
        if (result == FATE_OK) result = check_limit(session, party, message);
        if (result != FATE_OK) return result;
        uint64_t length, records = stream_whole(&peer->stream, &length);
        if (records == 0) {
            *ready = false;
            continue;
        }
        result = gather(session, party, records, length);
        if (result != FATE_OK) return result;
    }
    return FATE_OK;
}

/* The part that the next step sees. */
static void hand_over(struct fate_turn *turn, struct peer *peer, const struct record *head)
{
    turn->from = peer->party;
    turn->last = head->last;
    peer->received.bytes = head->payload;
    peer->received.length = head->length;
    peer->received.records = 1;
}

/* *ready: a part of some sender is there. *over: all senders' last parts have been taken. */
static int32_t await_part(fate_session *session, const fate_protocol_step *step, bool *ready, bool *over)
{
    struct fate_turn *turn = &session->turn;
    const fate_protocol_message *message = &session->protocol->messages[step->message];
    *ready = turn->from >= 0;
    *over = true;
    for (uint32_t i = 0; i < session->peer_count && !*ready; i++) {
        struct peer *peer = &session->peers[i];
        if (peer->role != message->sender || peer->part_done) continue;
        *over = false;
        int32_t result = check_head(session, peer->party, step->message);
        if (result != FATE_OK) return result;
        const struct record *head = stream_head(&peer->stream);
        if (head == NULL) continue;
        hand_over(turn, peer, head);
        *ready = true;
    }
    if (*ready) *over = false;
    return FATE_OK;
}

/* The next part of this peer, if any. FATE_EMPTY: it was expelled. */
static int32_t show_part(fate_session *session, struct peer *peer)
{
    struct fate_turn *turn = &session->turn;
    const struct record *head = stream_head(&peer->stream);
    if (head == NULL) return FATE_OK;
    const fate_protocol_message *message = &session->protocol->messages[head->message];
    if (peer->message_bytes + head->length > message_limit(message)) {
        snprintf(turn->for_peers, sizeof turn->for_peers, "%s sent a message that is too long", session_name(session, peer->party));
        return vanish_fault(session, FATE_E_PROTOCOL, peer->party, "%s sent a message \"%s\" of more than %llu bytes",
                            session_name(session, peer->party), message->name, (unsigned long long)message_limit(message));
    }
    hand_over(turn, peer, head);
    turn->message = head->message;
    turn->first = !peer->in_message;
    return FATE_OK;
}

/* What came in time goes before the end of time; not for ever. */
static bool time_is_over(const fate_session *session)
{
    return session->now >= session->wake_at && session->overtime >= 64 + 16 * (uint64_t)session->peer_count;
}

/* All others are done, and nothing more comes from them: a party that may vanish waits in vain. */
static int32_t check_left_behind(fate_session *session)
{
    for (uint32_t i = 0; i < session->peer_count; i++)
        if (!session->peers[i].over) return FATE_OK;
    return session_fail_with(session, FATE_E_PEER, UINT32_MAX,
                             "the others have finished the job without this party: it came, or came back, too late");
}

static int32_t await_any(fate_session *session, bool *ready)
{
    struct fate_turn *turn = &session->turn;
    for (uint32_t i = 0; i < session->peer_count && turn->from < 0 && !turn->woken && !time_is_over(session); i++) {
        struct peer *peer = &session->peers[session->any_next++ % session->peer_count];
        session->any_next %= session->peer_count;
        if (peer->expelled || peer->held) continue;
        int32_t result = show_part(session, peer);
        if (result != FATE_OK && result != FATE_EMPTY) return result;
    }
    if (turn->from < 0 && !turn->woken && (session->departed || session->now >= session->wake_at)) {
        turn->woken = true;
        session->departed = false;
        turn->timed = session->now >= session->wake_at;
        if (turn->timed) session->wake_at = UINT64_MAX;
    }
    *ready = turn->from >= 0 || turn->woken;
    return *ready || !session->role->may_vanish ? FATE_OK : check_left_behind(session);
}

/* After a step has taken a part: it stays, unless it said otherwise. */
static void take_any(fate_session *session)
{
    struct fate_turn *turn = &session->turn;
    if (turn->go_to < 0) turn->go_to = (int64_t)session->step;
    if (turn->from < 0) return;
    struct peer *peer = session_peer(session, (uint32_t)turn->from);
    peer->message_bytes = turn->last ? 0 : peer->message_bytes + peer->received.length;
    peer->in_message = !turn->last;
    if (session->now >= session->wake_at) session->overtime++;
}

static bool parts_over(const fate_session *session, uint32_t role)
{
    for (uint32_t i = 0; i < session->peer_count; i++)
        if (session->peers[i].role == role && !session->peers[i].part_done) return false;
    return true;
}

/* Steps wait while more is queued for sending than a peer's window: memory stays bounded. Not for those that may be gone. */
static bool outgoing_full(const fate_session *session)
{
    for (uint32_t i = 0; i < session->peer_count; i++)
        if (!session->peers[i].may_vanish && stream_backlog(&session->peers[i].stream) > session->window) return true;
    return false;
}

static void take_received(fate_session *session)
{
    for (uint32_t i = 0; i < session->peer_count; i++) {
        struct peer *peer = &session->peers[i];
        for (uint64_t record = 0; record < peer->received.records; record++) stream_take(&peer->stream);
    }
}

/* first: what that call of a step has sent waits until the state is stored. */
static int32_t take_checkpoint(fate_session *session, bool first, uint64_t piece)
{
    struct buffer application;
    int32_t result = evidence_sign(session);
    if (result != FATE_OK || !session->durable) return result;
    buffer_init(&application, session->context);
    application.secret = true;
    session->turn.save = &application;
    result = session->role->save(&session->turn, session->state);
    session->turn.save = NULL;
    if (result == FATE_OK) result = state_store(session, PHASE_STORING, &application);
    for (uint32_t i = 0; first && i < session->peer_count; i++) {
        struct stream *stream = &session->peers[i].stream;
        if (stream->out_piece == piece) stream->out_held = stream->out_piece_first;
    }
    buffer_free(&application);
    if (result == FATE_OK) session->phase = PHASE_STORING;
    return result;
}

/* Who shows progress sees it end. */
static int32_t tell_progress(fate_session *session)
{
    const fate_progress *last = &session->progress;
    if (last->rounds == 0) return FATE_OK;
    int32_t result = fate_turn_progress(&session->turn, last->rounds, last->rounds, last->levels, last->levels, last->rows);
    if (result == FATE_OK) session->events.end->progress.fraction = 1.0;
    return result;
}

static int32_t conclude(fate_session *session)
{
    int32_t result = tell_progress(session);
    if (result == FATE_OK) result = evidence_conclude(session, FATE_FINISHED);
    if (result != FATE_OK) return result;
    if (!session->durable) {
        session->phase = PHASE_LINGERING;
        session->concluded = session->now;
        return FATE_OK;
    }
    result = state_store(session, PHASE_CONCLUDING, NULL);
    if (result == FATE_OK) session->phase = PHASE_CONCLUDING;
    return result;
}

/* After a step that is done: the following row, or where it said. */
static int32_t advance(fate_session *session)
{
    struct fate_turn *turn = &session->turn;
    session->step = turn->go_to >= 0 ? (uint32_t)turn->go_to : session->step + 1;
    for (uint32_t i = 0; i < session->peer_count; i++) session->peers[i].part_done = false;
    bool finish = turn->finish, checkpoint = turn->checkpoint, checkpoint_first = turn->checkpoint_first;
    uint64_t piece = session->pieces;
    turn_reset(session);
    turn_begin(session);
    turn->in_step = false;
    if (finish) return conclude(session);
    if (session->step >= session->role->step_count)
        return session_fail_with(session, FATE_E_INTERNAL, UINT32_MAX, "the step table of the role \"%s\" ends without finishing",
                                 session->role->name);
    if (checkpoint) return take_checkpoint(session, checkpoint_first, piece);
    return FATE_OK;
}

/* Within a step: it goes on when the state is stored. */
static int32_t checkpoint_here(fate_session *session)
{
    struct fate_turn *turn = &session->turn;
    if (!turn->checkpoint || session->value.asked) return FATE_OK;
    turn->checkpoint = false;
    return take_checkpoint(session, turn->checkpoint_first, session->pieces);
}

/* Runs one step, or a piece of one. *worked: something was done. */
static int32_t run_step(fate_session *session, bool *worked)
{
    const fate_protocol_step *step = &session->role->steps[session->step];
    struct fate_turn *turn = &session->turn;
    bool ready = true, over = false;
    int32_t result = FATE_OK;
    *worked = false;
    if (session->value.asked) return FATE_OK;
    if (outgoing_full(session)) {
        result = peers_transmit(session);
        if (result != FATE_OK || outgoing_full(session)) return result;
    }
    if (step->wait == FATE_WAIT_ALL) result = await_all(session, step, &ready);
    if (step->wait == FATE_WAIT_PART) result = await_part(session, step, &ready, &over);
    if (step->wait == FATE_WAIT_ANY) result = await_any(session, &ready);
    if (step->wait == FATE_WAIT_QUESTION) ready = session->question.asked;
    if (result != FATE_OK || (!ready && !over)) return result;
    *worked = true;
    if (over) return advance(session);
    turn_begin(session);
    result = step->run(turn, session->state);
    turn->in_step = false;
    if (result == FATE_AGAIN) return checkpoint_here(session);
    if (result > 0)
        return session_fail_with(session, FATE_E_INTERNAL, UINT32_MAX, "the step \"%s\" returned %d, which means nothing", step->name,
                                 (int)result);
    if (result != FATE_OK) return result;
    if (session->value.asked)
        return session_fail_with(session, FATE_E_INTERNAL, UINT32_MAX, "the step \"%s\" asked for a value and did not return FATE_AGAIN",
                                 step->name);
    if (step->wait == FATE_WAIT_ANY) take_any(session);
    take_received(session);
    if (step->wait == FATE_WAIT_PART) {
        session_peer(session, (uint32_t)turn->from)->part_done = turn->last;
        bool done = parts_over(session, session->protocol->messages[step->message].sender);
        if (!done && !turn->finish) {
            turn_reset(session);
            return checkpoint_here(session);
        }
    }
    return advance(session);
}

static int32_t run_steps(fate_session *session, uint64_t budget, bool *more)
{
    *more = false;
    for (uint64_t used = 0; session->phase == PHASE_RUNNING; used++) {
        bool worked = false;
        if (used == budget) {
            *more = true;
            return FATE_OK;
        }
        if (atomic_load(&session->cancelled)) {
            *more = true; /* the next run says so */
            return FATE_OK;
        }
        int32_t result = run_step(session, &worked);
        if (result != FATE_OK || !worked) return result;
    }
    return FATE_OK;
}

/* ---- phases ---- */

static int32_t begin_connecting(fate_session *session)
{
    for (uint32_t i = 0; i < session->peer_count; i++) {
        session->peers[i].last_heard = session->now;
        session->peers[i].hello_due = UINT64_MAX;
    }
    session->started = session->now;
    session->phase = PHASE_CONNECTING;
    return FATE_OK;
}

/* The protocol's own state is made, and all is checked that can be checked alone. */
static int32_t make_state(fate_session *session)
{
    turn_begin(session);
    session->turn.in_step = false;
    int32_t result = session->role->start(&session->turn, &session->state);
    session->state_made = result == FATE_OK || session->state != NULL;
    return result;
}

static bool leads(const fate_session *session)
{
    for (uint32_t party = 0; party < session->party; party++) {
        uint32_t role = fate_turn_role(&session->turn, party);
        if (role >= session->protocol->role_count || !session->protocol->roles[role].may_vanish) return session->peer_count == 0;
    }
    return !session->role->may_vanish || session->peer_count == 0;
}

/* A new run: the secret from which all randomness follows is stored before anything is sent. */
static int32_t seed_run(fate_session *session)
{
    session_random(session, session->secret, sizeof session->secret);
    session_random(session, session->incarnation, sizeof session->incarnation);
    if (leads(session)) {
        session_random(session, session->run, sizeof session->run);
        session_random(session, session->run_secret, sizeof session->run_secret);
        session->run_known = session->run_stored = true;
    }
    int32_t result = evidence_begin(session);
    if (result == FATE_OK) result = make_state(session);
    if (result != FATE_OK) return result;
    if (!session->durable) return begin_connecting(session);
    result = state_store(session, PHASE_SEEDING, NULL);
    if (result == FATE_OK) session->phase = PHASE_SEEDING;
    return result;
}

static int32_t enter(fate_session *session)
{
    if (session->role->save == NULL || session->role->load == NULL) session->durable = false;
    for (int use = 0; use < 2 && session->durable; use++) {
        if (session->tables[use] == NULL) continue;
        int32_t result = fate_table_digest(session->tables[use], session->table_digest[use]);
        if (result != FATE_OK) return result;
    }
    if (!session->durable || session->restart) return seed_run(session);
    session->phase = PHASE_LOADING;
    return session_ask_store(session, FATE_EVENT_GET, state_name(session), NULL);
}

static int32_t loaded(fate_session *session)
{
    if (session->store_result == FATE_EMPTY) return seed_run(session);
    enum phase phase = PHASE_NEW;
    struct buffer application;
    buffer_init(&application, session->context);
    application.secret = true;
    int32_t result = state_load(session, session->store_bytes.bytes, session->store_bytes.length, &phase, &application);
    buffer_clear(&session->store_bytes);
    if (result == FATE_OK) result = evidence_resume(session);
    if (result == FATE_OK && phase != PHASE_CONCLUDING) result = make_state(session);
    if (result == FATE_OK && phase == PHASE_STORING)
        result = session->role->load(&session->turn, session->state, application.bytes, application.length);
    buffer_free(&application);
    if (result != FATE_OK) return result;
    begin_connecting(session);
    if (phase == PHASE_CONCLUDING) {
        session->phase = PHASE_LINGERING;
        session->concluded = session->now;
        result = evidence_open(session);
        if (result == FATE_OK) result = evidence_conclude(session, FATE_FINISHED);
    }
    return result;
}

/* All that was taken by steps before this point is part of stored state: peers need not keep it. */
static void durable_up_to_here(fate_session *session)
{
    for (uint32_t i = 0; i < session->peer_count; i++) {
        struct peer *peer = &session->peers[i];
        peer->stream.in_durable = peer->stream.in_taken;
        peer->stream.out_held = UINT64_MAX;
        peer->tell = peer->ready;
    }
}

static int32_t stored(fate_session *session)
{
    switch (session->phase) {
    case PHASE_SEEDING: return begin_connecting(session);
    case PHASE_CONNECTING: session->run_stored = true; return FATE_OK;
    case PHASE_STORING:
        durable_up_to_here(session);
        session->phase = PHASE_RUNNING;
        return FATE_OK;
    case PHASE_CONCLUDING:
        durable_up_to_here(session);
        session->phase = PHASE_LINGERING;
        session->concluded = session->now;
        return FATE_OK;
    default: return session_fail_with(session, FATE_E_INTERNAL, UINT32_MAX, "a store access was completed that nobody waits for");
    }
}

/* Goes on after a store access. *worked: there was one. */
static int32_t continue_store(fate_session *session, bool *worked)
{
    *worked = session->store_kind != 0 && session->store_done;
    if (!*worked) return FATE_OK;
    int32_t kind = session->store_kind, result = session->store_result;
    session->store_kind = 0;
    if (session->value.asked) return value_complete(session, kind, result);
    if (result < 0)
        return session_fail_with(session, result, UINT32_MAX, "the store failed to %s the state: %s (%d)",
                                 kind == FATE_EVENT_GET ? "read" : "keep", fate_result_text(result), (int)result);
    return kind == FATE_EVENT_GET ? loaded(session) : stored(session);
}

static int32_t connecting(fate_session *session, bool *worked)
{
    if (session->store_kind != 0) return FATE_OK;
    if (session->run_known && !session->run_stored) {
        if (!session->durable) {
            session->run_stored = true;
            *worked = true;
            return FATE_OK;
        }
        return state_store(session, PHASE_CONNECTING, NULL);
    }
    if (!session->run_known || !peers_ready(session)) return FATE_OK;
    session->phase = PHASE_RUNNING;
    *worked = true;
    return evidence_open(session);
}

uint64_t engine_linger_end(const fate_session *session)
{
    uint64_t end = session->concluded + session->linger_timeout;
    if (!evidence_kept(session)) return UINT64_MAX;
    for (uint32_t i = 0; i < session->peer_count; i++) {
        const struct peer *peer = &session->peers[i];
        if (peer->finished || peer->expelled || !peer->contacted) continue;
        uint64_t silent = peer->last_heard + session->linger_timeout;
        if (peer->stream.out_acknowledged < peer->stream.out_next && silent > end) end = silent;
    }
    return end;
}

/* A party that is done leaves when all peers are done and know it of this one, or after a while; not while a live peer still misses
 * records. A peer that is not told would wait for its whole time of lingering. */
bool engine_may_leave(const fate_session *session)
{
    bool all_finished = true;
    for (uint32_t i = 0; i < session->peer_count; i++) {
        const struct peer *peer = &session->peers[i];
        if (peer->expelled || (peer->may_vanish && (peer->lost || peer->apart || !peer->contacted))) continue;
        if (!peer->finished || !peer->told || !evidence_settled_with(session, peer->party)) all_finished = false;
    }
    return evidence_kept(session) && (all_finished || session->now >= engine_linger_end(session));
}

/* Peers are told once, and then by every acknowledgement and ping. */
static void tell_finished(fate_session *session)
{
    for (uint32_t i = 0; i < session->peer_count; i++) {
        struct peer *peer = &session->peers[i];
        peer->tell = peer->ready;
        peer->ping_pause = 500;
        peer->ping_due = session->now + peer->ping_pause;
    }
}

int32_t engine_run(fate_session *session, uint64_t budget, bool *more)
{
    bool worked = true;
    *more = false;
    while (worked && session->phase < PHASE_FINISHED) {
        enum phase before = session->phase;
        worked = false;
        int32_t result = continue_store(session, &worked);
        if (result == FATE_OK && session->phase == PHASE_NEW) {
            result = enter(session);
            worked = true;
        }
        if (result == FATE_OK && session->phase == PHASE_CONNECTING) result = connecting(session, &worked);
        if (result == FATE_OK && session->phase == PHASE_RUNNING) {
            result = run_steps(session, budget, more);
            if (*more) return result;
        }
        if (result != FATE_OK) return result;
        if (session->phase == PHASE_LINGERING && before != PHASE_LINGERING) {
            tell_finished(session);
            result = peers_transmit(session);
            if (result != FATE_OK) return result;
        }
        if (session->phase == PHASE_LINGERING && engine_may_leave(session)) session->phase = PHASE_FINISHED;
    }
    return FATE_OK;
}
