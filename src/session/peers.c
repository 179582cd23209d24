/* The network side of a session: hellos, records, acknowledgements, pings, time-outs. */
#include "src/session/session.h"
#include "src/session/job.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    PING_IDLE = 5000,
    PING_MOST = 10000,
    SILENCE = 10000,      /* an initiator tries a new handshake */
    SILENCE_LOST = 15000, /* the application is told */
    UNCONFIRMED_MOST = 3000,
    RESEND_QUIET = 40,
    RUN_BYTES_MOST = 8388608 /* of frames with records in a run: what is sealed is a copy for each peer */
};

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static bool concluded(const fate_session *session)
{
    return session->phase >= PHASE_LINGERING;
}

/* Emits a frame; the buffer is emptied. */
static int32_t emit(fate_session *session, uint32_t party, uint64_t connection, struct buffer *frame)
{
    uint64_t length = frame->length;
    if (frame->failed) return FATE_E_MEMORY;
    struct fate_event *event = event_add_bytes(&session->events, FATE_EVENT_SEND, frame);
    if (event == NULL) return FATE_E_MEMORY;
    event->peer = party;
    event->link = connection;
    session->frames_sent++;
    session->bytes_sent += length;
    session->run_bytes += length;
    return FATE_OK;
}

int32_t peers_send(fate_session *session, uint32_t party, const struct buffer *content)
{
    struct peer *peer = session_peer(session, party);
    struct buffer frame;
    buffer_init(&frame, session->context);
    int32_t result = content->failed ? FATE_E_MEMORY : link_seal(&peer->link, content->bytes, content->length, &frame);
    if (result == FATE_OK) result = emit(session, party, peer->link.connection, &frame);
    buffer_free(&frame);
    return result;
}

/* What the peer may send: beyond the window also all of the message that the present step waits for, so that long messages and
 * short windows never block each other. */
static uint64_t credit_now(const fate_session *session, const struct peer *peer)
{
    uint64_t beyond = 0;
    if (session->phase == PHASE_RUNNING) {
        const fate_protocol_step *step = &session->role->steps[session->step];
        const struct record *head = stream_head(&peer->stream);
        if (step->wait == FATE_WAIT_ALL && head != NULL && head->message == step->message) beyond = stream_head_bytes(&peer->stream);
    }
    return peer->stream.in_bytes_taken + session->window + beyond;
}

uint64_t peers_grant(const fate_session *session, struct peer *peer)
{
    uint64_t credit = credit_now(session, peer);
    if (credit > peer->stream.in_granted) peer->stream.in_granted = credit;
    return peer->stream.in_granted;
}

int32_t peers_tell_abort(fate_session *session, uint32_t party, int32_t code, const char *sentence)
{
    struct buffer content;
    buffer_init(&content, session->context);
    control_write_abort(&content, code, sentence);
    int32_t result = peers_send(session, party, &content);
    buffer_free(&content);
    return result;
}

void peers_abort(fate_session *session, int32_t code, const char *sentence)
{
    for (uint32_t i = 0; i < session->peer_count; i++) {
        struct peer *peer = &session->peers[i];
        uint32_t party = peer->party;
        if (!peer->link.open) continue;
        if (!peer->heard && !peer->ready && hello_send(session, party) != FATE_OK) return;
        if (peers_tell_abort(session, party, code, sentence) != FATE_OK) return; /* best effort: the peer's time-out covers the rest */
    }
}

static int32_t send_acknowledgement(fate_session *session, uint32_t party, uint64_t gap_end)
{
    struct peer *peer = session_peer(session, party);
    struct acknowledgement acknowledgement = {peer->stream.in_next, peer->stream.in_durable, peers_grant(session, peer), gap_end,
                                              concluded(session)};
    struct buffer content;
    buffer_init(&content, session->context);
    control_write_acknowledgement(&content, &acknowledgement);
    int32_t result = peers_send(session, party, &content);
    buffer_free(&content);
    peer->tell = false;
    peer->told = acknowledgement.finished;
    return result;
}

static int32_t send_ping(fate_session *session, uint32_t party)
{
    struct peer *peer = session_peer(session, party);
    struct buffer content;
    buffer_init(&content, session->context);
    /* Records that still wait for credit are not missing. */
    control_write_ping(&content, stream_backlog(&peer->stream) == 0 ? peer->stream.out_next : 0, concluded(session));
    int32_t result = peers_send(session, party, &content);
    buffer_free(&content);
    return result;
}

static int32_t broke_protocol(fate_session *session, uint32_t party, const char *what)
{
    snprintf(session->turn.for_peers, sizeof session->turn.for_peers, "%s sent what the protocol does not allow",
             session_name(session, party));
    return vanish_fault(session, FATE_E_PROTOCOL, party, "%s %s", session_name(session, party), what);
}

static int32_t receive_record(fate_session *session, uint32_t party, const uint8_t *bytes, uint64_t length)
{
    struct peer *peer = session_peer(session, party);
    uint64_t number, payload_length;
    uint32_t message;
    bool last;
    const uint8_t *payload;
    if (!control_read_record(bytes, length, &number, &message, &last, &payload, &payload_length))
        return broke_protocol(session, party, "sent a malformed record");
    if (message >= session->protocol->message_count)
        return broke_protocol(session, party, "sent a message that the protocol does not have");
    const fate_protocol_message *declared = &session->protocol->messages[message];
    if (declared->receiver != session->role_index || declared->sender != fate_turn_role(&session->turn, party))
        return broke_protocol(session, party, "sent a message that its role may not send to this one");
    if (payload_length > FATE_PART_LIMIT) return broke_protocol(session, party, "sent a part that is too long");
    int32_t result = stream_receive(&peer->stream, number, message, last, payload, payload_length);
    peer->tell = true;
    if (result == FATE_E_PROTOCOL) return broke_protocol(session, party, "sent more than it was given credit for");
    if (result == FATE_EMPTY) return FATE_OK;
    if (result == FATE_OK) {
        session_count(peer, message, false, payload_length, last);
        result = evidence_received(session, party);
    }
    return result;
}

static int32_t receive_acknowledgement(fate_session *session, uint32_t party, const uint8_t *bytes, uint64_t length)
{
    struct peer *peer = session_peer(session, party);
    struct acknowledgement told;
    if (!control_read_acknowledgement(bytes, length, &told)) return broke_protocol(session, party, "sent a malformed acknowledgement");
    if (!stream_acknowledged(&peer->stream, told.received, told.durable, told.credit))
        return broke_protocol(session, party, "acknowledged what was never sent");
    if (told.gap_end > told.received)
        session->records_resent += stream_resend(&peer->stream, told.received, told.gap_end, session->now, RESEND_QUIET);
    if (told.finished) peer->finished = true;
    return FATE_OK;
}

static int32_t receive_ping(fate_session *session, uint32_t party, const uint8_t *bytes, uint64_t length)
{
    struct peer *peer = session_peer(session, party);
    uint64_t made;
    bool finished;
    if (!control_read_ping(bytes, length, &made, &finished)) return broke_protocol(session, party, "sent a malformed ping");
    if (finished) peer->finished = true;
    if (finished && made == peer->stream.in_next) peer->over = true;
    /* Everything after in_next has been lost: say so as a gap that ends behind the last one. */
    peer->tell = true;
    if (made > peer->stream.in_next && stream_gap_end(&peer->stream) == peer->stream.in_next)
        return send_acknowledgement(session, party, made);
    return FATE_OK;
}

/* What a peer said when it ended, or the code's general sentence without its full stop. */
static const char *told(char text[CONTROL_SENTENCE], int32_t code, const char *sentence)
{
    snprintf(text, CONTROL_SENTENCE, "%s", sentence[0] != 0 ? sentence : fate_result_text(code));
    const size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '.') text[length - 1] = 0;
    return text;
}

/* It may come back. */
static int32_t peer_left(fate_session *session, uint32_t party, int32_t code, const char *sentence)
{
    struct peer *peer = session_peer(session, party);
    peer->apart = true;
    session->departed = true;
    char text[CONTROL_SENTENCE];
    return session_emit_warning(session, "%s has ended its part in the job: %s (%s)", session_name(session, party),
                                told(text, code, sentence), fate_result_name(code));
}

static int32_t receive_abort(fate_session *session, uint32_t party, const uint8_t *bytes, uint64_t length)
{
    char sentence[CONTROL_SENTENCE], text[CONTROL_SENTENCE];
    int32_t code;
    int32_t result = control_read_abort(session->context, &code, sentence, bytes, length);
    if (result == FATE_E_FORMAT) return broke_protocol(session, party, "sent a malformed abort");
    if (result == FATE_OK && session_peer(session, party)->may_vanish) return peer_left(session, party, code, sentence);
    if (result != FATE_OK || concluded(session)) return result;
    int32_t ours = code == FATE_E_JOB_DIFFERS || code == FATE_E_ROWS_DIFFER ? code : FATE_E_PEER;
    snprintf(session->turn.for_peers, sizeof session->turn.for_peers, "%s ended the job (%s)", session_name(session, party),
             fate_result_name(code));
    return session_fail_with(session, ours, party, "%s ended the job: %s (%s)", session_name(session, party), told(text, code, sentence),
                             fate_result_name(code));
}

static int32_t receive_content(fate_session *session, uint32_t party, const struct buffer *content)
{
    struct peer *peer = session_peer(session, party);
    if (content->length == 0) return broke_protocol(session, party, "sent an empty frame");
    const uint8_t *bytes = content->bytes + 1;
    uint64_t length = content->length - 1;
    uint8_t kind = content->bytes[0];
    const char *wrong;
    peer->last_heard = session->now;
    peer->apart = false;
    if (peer->lost) {
        peer->lost = false;
        struct fate_event *event = event_add(&session->events, FATE_EVENT_CONNECTED);
        if (event == NULL) return FATE_E_MEMORY;
        event->peer = party;
        event->link = peer->link.connection;
    }
    if (kind == CONTROL_HELLO) return hello_receive(session, party, bytes, length);
    if (kind == CONTROL_ABORT) return receive_abort(session, party, bytes, length);
    if (kind == CONTROL_REFUSAL && !concluded(session))
        return vanish_fault(session, FATE_E_REFUSED, party,
                            "%s refuses the key of this party: its job pins another one for \"%s\"; compare the job files",
                            session_name(session, party), session_name(session, session->party));
    if (!peer->ready) return FATE_OK; /* overtook the hello: it will come again */
    peer->heard = true;               /* only who has our hello sends these */
    if (peer->run_told) peer->hello_due = UINT64_MAX;
    /* While something is not acknowledged, what the peer says must not put off the ping that finds out why. */
    peer->ping_pause = PING_PAUSE;
    bool missing = peer->stream.out_acknowledged < peer->stream.out_next;
    peer->ping_due = missing ? sooner(peer->ping_due, session->now + PING_PAUSE) : session->now + PING_IDLE;
    switch (kind) {
    case CONTROL_RECORD: return receive_record(session, party, bytes, length);
    case CONTROL_ACKNOWLEDGEMENT: return receive_acknowledgement(session, party, bytes, length);
    case CONTROL_PING: return receive_ping(session, party, bytes, length);
    }
    int32_t result = evidence_receive(session, party, kind, bytes, length, &wrong);
    return wrong != NULL ? broke_protocol(session, party, wrong) : result;
}

static void opened(fate_session *session, struct peer *peer)
{
    peer->ready = false;
    peer->told = false;
    peer->heard = false;
    peer->run_told = false;
    stream_drop_early(&peer->stream);
    peer->hello_pause = HELLO_PAUSE;
    peer->hello_due = session->now;
    peer->last_heard = session->now;
}

static int32_t found_stranger(fate_session *session, uint32_t party, uint64_t connection, enum link_found found)
{
    struct peer *peer = session_peer(session, party);
    if (found == LINK_REFUSE) {
        peer->link.next_attempt = session->now + HELLO_PAUSE_MOST;
        return session_emit_warning(session, "somebody speaks for %s with a key that the job does not pin for it: refused",
                                    session_name(session, party));
    }
    if (connection == 0 || (peer->link.open && peer->link.connection == connection)) return FATE_OK;
    struct fate_event *event = event_add(&session->events, FATE_EVENT_CLOSE);
    if (event == NULL) return FATE_E_MEMORY;
    event->peer = party;
    event->link = connection;
    return FATE_OK;
}

static int32_t receive_frame(fate_session *session, uint32_t party, const struct waiting_frame *frame)
{
    struct peer *peer = session_peer(session, party);
    struct buffer answers[2], content;
    buffer_init(&answers[0], session->context);
    buffer_init(&answers[1], session->context);
    buffer_init(&content, session->context);
    content.secret = true;
    uint8_t ephemeral[NOISE_KEY];
    if (frame->length > 0 && frame->bytes[0] == FRAME_FIRST)
        session_random(session, ephemeral, sizeof ephemeral);
    else
        memset(ephemeral, 0, sizeof ephemeral);
    enum link_found found = LINK_NOTHING;
    int32_t result =
        link_receive(&peer->link, frame->link, session->now, ephemeral, frame->bytes, frame->length, answers, &content, &found);
    sodium_memzero(ephemeral, sizeof ephemeral);
    for (int i = 0; i < 2 && result == FATE_OK; i++)
        if (answers[i].length > 0) result = emit(session, party, frame->link, &answers[i]);
    if (result == FATE_OK && found == LINK_OPENED) opened(session, peer);
    if (result == FATE_OK && found == LINK_CONTENT) result = receive_content(session, party, &content);
    if (result == FATE_OK && (found == LINK_REFUSE || found == LINK_CLOSE)) result = found_stranger(session, party, frame->link, found);
    buffer_free(&answers[0]);
    buffer_free(&answers[1]);
    buffer_free(&content);
    return result == FATE_EMPTY ? FATE_OK : result; /* an expelled peer's */
}

int32_t peers_receive(fate_session *session)
{
    if (session->phase < PHASE_CONNECTING) return FATE_OK;
    for (uint32_t i = 0; i < session->peer_count; i++) {
        struct peer *peer = &session->peers[i];
        while (peer->frames != NULL) {
            struct waiting_frame *frame = peer->frames;
            peer->frames = frame->next;
            if (peer->frames == NULL) peer->frames_end = &peer->frames;
            peer->frame_bytes -= frame->length + sizeof *frame;
            int32_t result = peer->expelled ? FATE_OK : receive_frame(session, peer->party, frame);
            memory_free(session->context, frame);
            if (result != FATE_OK) return result;
        }
    }
    return FATE_OK;
}

static int32_t begin_handshake(fate_session *session, uint32_t party)
{
    struct peer *peer = session_peer(session, party);
    struct buffer frame;
    uint8_t ephemeral[NOISE_KEY];
    uint64_t id;
    session_random(session, ephemeral, sizeof ephemeral);
    session_random(session, &id, sizeof id);
    buffer_init(&frame, session->context);
    if (peer->link.pause == 0) peer->link.pause = HELLO_PAUSE;
    int32_t result = link_begin(&peer->link, 0, session->now, id, ephemeral, &frame);
    sodium_memzero(ephemeral, sizeof ephemeral);
    if (result == FATE_OK) result = emit(session, party, 0, &frame);
    buffer_free(&frame);
    return result;
}

/* The third message may have been lost: without it the responder cannot read anything. */
static int32_t repeat_third(fate_session *session, uint32_t party)
{
    struct link *link = &session_peer(session, party)->link;
    struct buffer frame;
    buffer_init(&frame, session->context);
    buffer_append(&frame, link->third.bytes, link->third.length);
    int32_t result = emit(session, party, link->connection, &frame);
    buffer_free(&frame);
    return result;
}

static int32_t maintain_channel(fate_session *session, uint32_t party)
{
    struct peer *peer = session_peer(session, party);
    struct link *link = &peer->link;
    uint64_t silence = session->now - peer->last_heard;
    int32_t result = FATE_OK;
    if (link->initiator) {
        if (link->open && ((!link->confirmed && silence > UNCONFIRMED_MOST) || silence > SILENCE)) link->wanted = true;
        if ((!link->open || link->wanted) && session->now >= link->next_attempt) result = begin_handshake(session, party);
    }
    if (result == FATE_OK && link->open && session->now >= peer->hello_due) {
        if (link->third.length > 0) result = repeat_third(session, party);
        if (result == FATE_OK) result = hello_send(session, party);
    }
    return result;
}

static int32_t maintain_liveness(fate_session *session, uint32_t party)
{
    struct peer *peer = session_peer(session, party);
    uint64_t silence = session->now - peer->last_heard;
    if (peer->ready && session->now >= peer->ping_due) {
        peer->ping_due = session->now + peer->ping_pause;
        peer->ping_pause = sooner(peer->ping_pause * 2, PING_MOST);
        int32_t result = send_ping(session, party);
        if (result != FATE_OK) return result;
    }
    if (concluded(session)) return FATE_OK;
    if (!peer->contacted && !peer->may_vanish) {
        if (session->now - session->started < session->contact_timeout) return FATE_OK;
        return session_fail_with(session, FATE_E_TIMEOUT, party, "no contact with %s within %llu s: %s", session_name(session, party),
                                 (unsigned long long)((session->contact_timeout + 999) / 1000),
                                 peer->link.refused_peer ? "who answers for it has a key that the job does not pin; compare the job files"
                                                         : "see that it runs, and that its address in the job can be reached");
    }
    if (silence >= session->loss_timeout && !peer->may_vanish)
        return session_fail_with(
            session, FATE_E_TIMEOUT, party,
            "nothing has been heard of %s for %llu s: see whether it still runs; where both keep state, the same commands go on",
            session_name(session, party), (unsigned long long)((session->loss_timeout + 999) / 1000));
    if (silence >= SILENCE_LOST && peer->contacted && !peer->lost) {
        peer->lost = true;
        session->departed = true;
        struct fate_event *event = event_add(&session->events, FATE_EVENT_LOST);
        if (event == NULL) return FATE_E_MEMORY;
        event->peer = party;
    }
    return FATE_OK;
}

int32_t peers_maintain(fate_session *session)
{
    if (session->phase < PHASE_CONNECTING) return FATE_OK;
    for (uint32_t i = 0; i < session->peer_count; i++) {
        uint32_t party = session->peers[i].party;
        if (session->peers[i].expelled) continue;
        int32_t result = maintain_channel(session, party);
        if (result == FATE_OK) result = maintain_liveness(session, party);
        if (result != FATE_OK) return result;
    }
    return FATE_OK;
}

static int32_t transmit_to(fate_session *session, uint32_t party)
{
    struct peer *peer = session_peer(session, party);
    struct record *record;
    if (!peer->run_told && session->run_known && session->run_stored && peer->link.open) {
        int32_t result = hello_send(session, party);
        if (result != FATE_OK) return result;
    }
    if (!peer->ready) return FATE_OK;
    while ((record = stream_sendable(&peer->stream)) != NULL && session->run_bytes < RUN_BYTES_MOST) {
        struct buffer content;
        buffer_init(&content, session->context);
        control_write_record(&content, record);
        int32_t result = peers_send(session, party, &content);
        buffer_free(&content);
        if (result != FATE_OK) return result;
        stream_sent(&peer->stream, record, session->now);
        peer->ping_due = sooner(peer->ping_due, session->now + peer->ping_pause);
    }
    uint64_t credit = credit_now(session, peer);
    if (credit > peer->stream.in_granted && credit - peer->stream.in_granted >= session->window / 4) peer->tell = true;
    int32_t result = peer->tell ? send_acknowledgement(session, party, stream_gap_end(&peer->stream)) : FATE_OK;
    return result == FATE_OK ? evidence_transmit(session, party) : result;
}

int32_t peers_transmit(fate_session *session)
{
    if (session->phase < PHASE_CONNECTING || session->phase >= PHASE_FINISHED) return FATE_OK;
    for (uint32_t i = 0; i < session->peer_count; i++) {
        int32_t result = session->peers[i].expelled ? FATE_OK : transmit_to(session, session->peers[i].party);
        if (result != FATE_OK) return result;
    }
    return FATE_OK;
}

static uint64_t peer_deadline(const fate_session *session, const struct peer *peer)
{
    const struct link *link = &peer->link;
    uint64_t deadline = UINT64_MAX;
    if (peer->expelled) return deadline;
    if (link->initiator && (!link->open || link->wanted)) deadline = sooner(deadline, link->next_attempt);
    if (link->initiator && link->open && !link->wanted)
        deadline = sooner(deadline, peer->last_heard + (link->confirmed ? SILENCE : UNCONFIRMED_MOST) + 1);
    if (link->open) deadline = sooner(deadline, peer->hello_due);
    if (peer->ready) deadline = sooner(deadline, sooner(peer->ping_due, evidence_deadline(session, peer->party)));
    if (concluded(session)) return deadline;
    if (!peer->contacted) return peer->may_vanish ? deadline : sooner(deadline, session->started + session->contact_timeout);
    if (!peer->may_vanish) deadline = sooner(deadline, peer->last_heard + session->loss_timeout);
    return peer->lost ? deadline : sooner(deadline, peer->last_heard + SILENCE_LOST);
}

uint64_t peers_deadline(const fate_session *session)
{
    uint64_t deadline = UINT64_MAX;
    if (session->phase < PHASE_CONNECTING) return session->store_kind != 0 && !session->store_done ? UINT64_MAX : session->now;
    for (uint32_t i = 0; i < session->peer_count; i++) deadline = sooner(deadline, peer_deadline(session, &session->peers[i]));
    if (session->phase == PHASE_LINGERING) deadline = sooner(deadline, engine_linger_end(session));
    if (session->phase == PHASE_RUNNING && session->role->steps[session->step].wait == FATE_WAIT_ANY)
        deadline = sooner(deadline, session->wake_at);
    return deadline;
}

bool peers_cut_short(const fate_session *session)
{
    return session->run_bytes >= RUN_BYTES_MOST;
}

bool peers_ready(const fate_session *session)
{
    for (uint32_t i = 0; i < session->peer_count; i++)
        if (!session->peers[i].may_vanish && !(session->peers[i].ready && session->peers[i].run_told)) return false;
    return true;
}
