/* Signatures over evidence logs, exchanged with peers: each tells the head of its log under its own signature; the other keeps that in
 * its own log and answers with a seal, its signature over the same head. Nobody waits for a seal; what was lost is told again. */
#include <sodium.h>
#include <string.h>

#include "src/session/evidence_book.h"
#include "src/session/session.h"

enum { TELL_PAUSE = 500, TELL_PAUSE_MOST = 8000 };

static int32_t write_head(fate_session *session, uint32_t party, struct signed_head *told, Fate__EvidenceRecord__KindCase kind)
{
    Fate__EvidenceRecord record;
    Fate__EvidenceHead head;
    fate__evidence_record__init(&record);
    fate__evidence_head__init(&head);
    head.peer = party;
    head.count = told->count;
    head.head.data = told->head;
    head.head.len = EVIDENCE_DIGEST;
    head.signature.data = told->signature;
    head.signature.len = EVIDENCE_SIGNATURE;
    record.kind_case = kind;
    record.signed_ = &head;
    return evidence_write(session, &record);
}

static int32_t receive_head(fate_session *session, uint32_t party, const uint8_t *bytes, uint64_t length, const char **wrong)
{
    struct evidence_book *book = &session->evidence;
    struct evidence_peer *peer = &session_peer(session, party)->evidence;
    struct signed_head told;
    if (!control_read_head(bytes, length, &told)) {
        *wrong = "sent a malformed head of its evidence";
        return FATE_OK;
    }
    /* Early, late, or faster than its heads can be kept: it will say it again. */
    if ((book->on && !book->opened) || !session->run_known || peer->answer || told.count < peer->witnessed_count) return FATE_OK;
    if (!evidence_check_head(told.signature, peer->sign_key, session->run, party, told.count, told.head)) {
        *wrong = "sent a head of its evidence that it has not signed";
        return FATE_OK;
    }
    if (told.count == peer->witnessed_count && memcmp(told.head, peer->witnessed_head, EVIDENCE_DIGEST) != 0) {
        *wrong = "signed two different logs of evidence";
        return FATE_OK;
    }
    peer->final = told.final;
    peer->answer = true;
    if (told.count == peer->witnessed_count) return FATE_OK;
    peer->witnessed_count = told.count;
    memcpy(peer->witnessed_head, told.head, EVIDENCE_DIGEST);
    if (!book->on) return FATE_OK;
    peer->witnessed_at = book->count;
    return write_head(session, party, &told, FATE__EVIDENCE_RECORD__KIND_WITNESSED);
}

static int32_t receive_seal(fate_session *session, uint32_t party, const uint8_t *bytes, uint64_t length, const char **wrong)
{
    struct evidence_peer *peer = &session_peer(session, party)->evidence;
    struct signed_head seal;
    if (!control_read_seal(bytes, length, &seal)) {
        *wrong = "sent a malformed seal";
        return FATE_OK;
    }
    /* Of a head that it was told again since, or before this party was started again. */
    if (seal.count != peer->told_count || seal.count <= peer->sealed_count || memcmp(seal.head, peer->told_head, EVIDENCE_DIGEST) != 0)
        return FATE_OK;
    if (!evidence_check_seal(seal.signature, peer->sign_key, session->run, session->party, party, seal.count, seal.head)) {
        *wrong = "sent a seal that it has not signed";
        return FATE_OK;
    }
    peer->sealed_count = seal.count;
    return write_head(session, party, &seal, FATE__EVIDENCE_RECORD__KIND_SEALED);
}

int32_t evidence_receive(fate_session *session, uint32_t party, uint8_t kind, const uint8_t *bytes, uint64_t length, const char **wrong)
{
    *wrong = NULL;
    if (kind == CONTROL_HEAD) return receive_head(session, party, bytes, length, wrong);
    if (kind == CONTROL_SEAL) return receive_seal(session, party, bytes, length, wrong);
    *wrong = "sent a content of an unknown kind";
    return FATE_OK;
}

/* Our last signature is kept here, and the peer has not sealed it. */
static bool to_be_told(const fate_session *session, const struct evidence_peer *peer)
{
    const struct evidence_book *book = &session->evidence;
    return book->signed_count > peer->sealed_count && book->kept > book->signed_count;
}

/* Not before what was told last is sealed, or lost. */
static uint64_t tell_due(const struct evidence_peer *peer)
{
    return peer->told_count > peer->sealed_count ? peer->told_due : 0;
}

static void tell(fate_session *session, struct evidence_peer *peer, struct buffer *content)
{
    const struct evidence_book *book = &session->evidence;
    struct signed_head head = {.count = book->signed_count, .final = book->final};
    memcpy(head.head, book->signed_head, EVIDENCE_DIGEST);
    memcpy(head.signature, book->signature, EVIDENCE_SIGNATURE);
    control_write_head(content, &head);
    bool again = peer->told_count == book->signed_count;
    peer->told_pause = again && peer->told_pause < TELL_PAUSE_MOST ? peer->told_pause * 2 : again ? TELL_PAUSE_MOST : TELL_PAUSE;
    peer->told_due = session->now + peer->told_pause;
    peer->told_count = book->signed_count;
    memcpy(peer->told_head, book->signed_head, EVIDENCE_DIGEST);
}

static void answer(fate_session *session, uint32_t party, struct buffer *content)
{
    struct evidence_peer *peer = &session_peer(session, party)->evidence;
    struct signed_head seal = {.count = peer->witnessed_count};
    memcpy(seal.head, peer->witnessed_head, EVIDENCE_DIGEST);
    evidence_sign_seal(seal.signature, session->identity->sign_secret, session->run, party, session->party, seal.count, seal.head);
    control_write_seal(content, &seal);
    peer->answer = false;
}

int32_t evidence_transmit(fate_session *session, uint32_t party)
{
    const struct evidence_book *book = &session->evidence;
    struct evidence_peer *peer = &session_peer(session, party)->evidence;
    struct buffer content;
    int32_t result = FATE_OK;
    buffer_init(&content, session->context);
    if (peer->answer && (!book->on || book->kept > peer->witnessed_at)) {
        answer(session, party, &content);
        result = peers_send(session, party, &content);
    }
    if (result == FATE_OK && to_be_told(session, peer) && session->now >= tell_due(peer)) {
        buffer_clear(&content);
        tell(session, peer, &content);
        result = peers_send(session, party, &content);
    }
    buffer_free(&content);
    return result;
}

uint64_t evidence_deadline(const fate_session *session, uint32_t party)
{
    const struct evidence_peer *peer = &session_peer(session, party)->evidence;
    return to_be_told(session, peer) ? tell_due(peer) : UINT64_MAX;
}

bool evidence_settled_with(const fate_session *session, uint32_t party)
{
    const struct evidence_book *book = &session->evidence;
    const struct evidence_peer *peer = &session_peer(session, party)->evidence;
    bool told = !book->on || peer->sealed_count >= book->signed_count;
    return told && !peer->answer && (!peer->keeps || peer->final);
}
