/* Parties that may vanish: what one of them does wrong ends its own part in the job, and one that comes back without its state begins
 * new sequences. */
#include "src/session/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void drop_frames(fate_session *session, struct peer *peer)
{
    while (peer->frames != NULL) {
        struct waiting_frame *gone = peer->frames;
        peer->frames = gone->next;
        memory_free(session->context, gone);
    }
    peer->frames_end = &peer->frames;
    peer->frame_bytes = 0;
}

/* What a step holds of the peer's is borrowed until the step is over: the sequences themselves are emptied then. */
int32_t vanish_expel(fate_session *session, struct peer *peer, int32_t code, const char *sentence, const char *for_peer)
{
    if (peer->expelled) return FATE_OK;
    int32_t result = session_emit_warning(session, "%s; the job goes on without it", sentence);
    if (result == FATE_OK && peer->link.open) result = peers_tell_abort(session, peer->party, code, for_peer);
    drop_frames(session, peer);
    peer->expelled = true;
    peer->ready = false;
    session->departed = true;
    return result;
}

int32_t vanish_fault(fate_session *session, int32_t code, uint32_t party, const char *format, ...)
{
    char sentence[CONTROL_SENTENCE + 200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    struct peer *peer = session_peer(session, party);
    if (!peer->may_vanish) return session_fail_with(session, code, party, "%s", sentence);
    char for_peer[CONTROL_SENTENCE];
    memcpy(for_peer, session->turn.for_peers, sizeof for_peer);
    session->turn.for_peers[0] = 0;
    int32_t result = vanish_expel(session, peer, code, sentence, for_peer);
    return result == FATE_OK ? FATE_EMPTY : result;
}

/* Sequences that begin at 0 again; what was granted and acknowledged before is forgotten. */
static void renew_stream(fate_session *session, struct peer *peer)
{
    uint64_t kept = peer->stream.out_kept, held = peer->stream.out_held;
    stream_free(&peer->stream);
    stream_init(&peer->stream, session->context);
    peer->stream.out_kept = kept;
    peer->stream.out_held = held == UINT64_MAX ? held : 0;
    peer->open_message = -1;
    peer->message_bytes = 0;
    peer->in_message = false;
}

int32_t vanish_renew(fate_session *session, struct peer *peer)
{
    if (session->evidence.on)
        return vanish_fault(session, FATE_E_STORE, peer->party,
                            "%s has begun anew without its state, which a run with evidence does not allow",
                            session_name(session, peer->party));
    renew_stream(session, peer);
    peer->finished = false;
    return FATE_OK;
}

void vanish_clear(fate_session *session)
{
    for (uint32_t i = 0; i < session->peer_count; i++) {
        struct peer *peer = &session->peers[i];
        if (peer->expelled && (peer->stream.incoming.first != NULL || peer->stream.outgoing.first != NULL)) renew_stream(session, peer);
    }
}

int32_t fate_turn_expel(fate_turn *turn, uint32_t party, const char *sentence)
{
    if (turn == NULL || sentence == NULL) return FATE_E_ARGUMENT;
    fate_session *session = turn->session;
    struct peer *peer = session_peer(session, party);
    if (peer == NULL || !peer->may_vanish)
        return context_fail(session->context, FATE_E_ARGUMENT, "%s is no peer whose role may vanish", session_name(session, party));
    char whole[CONTROL_SENTENCE + 200], for_peer[CONTROL_SENTENCE];
    snprintf(whole, sizeof whole, "%s %.599s", session_name(session, party), sentence);
    snprintf(for_peer, sizeof for_peer, "this party %.580s", sentence);
    return vanish_expel(session, peer, FATE_E_PROTOCOL, whole, for_peer);
}
