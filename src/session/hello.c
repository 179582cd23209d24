/* Hellos: what two parties tell each other first on every channel: the job, the run, and how far each has come. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "src/session/job.h"
#include "src/session/registry.h"
#include "src/session/session.h"

/* A longer job is not told word by word: its digest says whether it is the same. */
enum { JOB_TOLD_MOST = 65536 };

int32_t hello_send(fate_session *session, uint32_t party)
{
    struct peer *peer = session_peer(session, party);
    struct hello hello;
    memset(&hello, 0, sizeof hello);
    hello.purpose = session->purpose;
    memcpy(hello.job_digest, session->job_digest, CONTROL_DIGEST);
    const char *canonical = fate_job_canonical(session->job);
    hello.job = (const uint8_t *)canonical;
    hello.job_length = strlen(canonical) <= JOB_TOLD_MOST ? strlen(canonical) : 0;
    hello.run_known = session->run_known && session->run_stored;
    memcpy(hello.run, session->run, CONTROL_RUN);
    memcpy(hello.run_secret, session->run_secret, CONTROL_SECRET);
    memcpy(hello.incarnation, session->incarnation, CONTROL_RUN);
    hello.durable = session->durable;
    hello.evidence = session->evidence.on;
    hello.heard = peer->ready;
    hello.received = peer->stream.in_next;
    memcpy(hello.chain, peer->stream.in_chain, STREAM_CHAIN);
    hello.credit = peers_grant(session, peer);
    hello.durable_received = peer->stream.in_durable;
    struct buffer content;
    buffer_init(&content, session->context);
    content.secret = true;
    control_write_hello(&content, &hello);
    sodium_memzero(&hello, sizeof hello);
    int32_t result = peers_send(session, party, &content);
    buffer_free(&content);
    peer->run_told = session->run_known && session->run_stored;
    bool settled = peer->ready && peer->heard && peer->run_told;
    peer->hello_due = settled ? UINT64_MAX : session->now + peer->hello_pause;
    peer->hello_pause = peer->hello_pause * 2 < HELLO_PAUSE_MOST ? peer->hello_pause * 2 : HELLO_PAUSE_MOST;
    return result;
}

/* Where a session stands in a job that aligns: the tables, then the validation tables, then what they are for. */
static int stage_of(int32_t purpose)
{
    return purpose == FATE_PURPOSE_ALIGN ? 0 : purpose == FATE_PURPOSE_ALIGN_VALIDATION ? 1 : 2;
}

static int32_t jobs_differ(fate_session *session, uint32_t party, const struct hello *hello)
{
    char *sentence = NULL;
    int32_t result;
    if (session->purpose == FATE_PURPOSE_ALIGN_VALIDATION && hello->purpose == FATE_PURPOSE_TRAIN)
        return vanish_fault(session, FATE_E_JOB_DIFFERS, party, "%s trains without a validation table: all parties give one, or none does",
                            session_name(session, party));
    if (stage_of(hello->purpose) < stage_of(session->purpose) && session->job->align != NULL)
        return vanish_fault(
            session, FATE_E_STORE, party,
            "%s has begun anew, without the state of this run: start all parties anew; with state (fate train --state) a party goes on",
            session_name(session, party));
    if (hello->purpose != session->purpose)
        return vanish_fault(session, FATE_E_JOB_DIFFERS, party, "%s runs this job for another purpose (%s, here %s)",
                            session_name(session, party), registry_purpose((uint32_t)hello->purpose),
                            registry_purpose((uint32_t)session->purpose));
    if (hello->job_length == 0)
        return vanish_fault(session, FATE_E_JOB_DIFFERS, party, "the jobs differ: this party and %s do not have the same job file",
                            session_name(session, party));
    result = job_difference(session->context, fate_job_canonical(session->job), session_name(session, party), hello->job, hello->job_length,
                            &sentence);
    if (result != FATE_OK) return session_fail(session, result, party);
    snprintf(session->turn.for_peers, sizeof session->turn.for_peers, "seen from %s: %s", session_name(session, session->party), sentence);
    result = vanish_fault(session, FATE_E_JOB_DIFFERS, party, "the jobs differ: %s; all parties need the same job file", sentence);
    memory_free(session->context, sentence);
    return result;
}

/* A peer that began anew while this party did not cannot be answered with what it has already seen. */
static int32_t check_incarnation(fate_session *session, uint32_t party, const struct hello *hello)
{
    struct peer *peer = session_peer(session, party);
    bool same = sodium_memcmp(peer->incarnation, hello->incarnation, CONTROL_RUN) == 0;
    bool begun = peer->stream.in_next > 0 || peer->stream.out_acknowledged > 0 || peer->stream.in_taken > 0;
    int32_t result = FATE_OK;
    if (peer->contacted && !same && begun && peer->may_vanish)
        result = vanish_renew(session, peer);
    else if (peer->contacted && !same && begun)
        return vanish_fault(
            session, FATE_E_STORE, party,
            "%s has begun anew, without the state of this run: start all parties anew, with the option \"restart\" where state is kept (fate train --restart)",
            session_name(session, party));
    memcpy(peer->incarnation, hello->incarnation, CONTROL_RUN);
    return result;
}

static int32_t check_run(fate_session *session, uint32_t party, const struct hello *hello)
{
    if (!hello->run_known) return FATE_OK;
    if (!session->run_known) {
        memcpy(session->run, hello->run, CONTROL_RUN);
        memcpy(session->run_secret, hello->run_secret, CONTROL_SECRET);
        session->run_known = true;
        return FATE_OK;
    }
    if (sodium_memcmp(session->run, hello->run, CONTROL_RUN) == 0) return FATE_OK;
    return vanish_fault(
        session, FATE_E_STORE, party,
        "the state kept here and that of %s belong to different runs: start all parties anew with the option \"restart\" (fate train --restart)",
        session_name(session, party));
}

static int32_t reopen_stream(fate_session *session, uint32_t party, const struct hello *hello)
{
    struct peer *peer = session_peer(session, party);
    peer->durable = hello->durable;
    peer->evidence.keeps = hello->evidence;
    peer->stream.peer_durable = hello->durable;
    if (stream_reopen(&peer->stream, hello->received, hello->chain, hello->durable_received, hello->credit) != FATE_OK)
        return vanish_fault(session, FATE_E_STORE, party,
                            "the state of %s does not follow from this run (restored from an older copy?): start all parties anew",
                            session_name(session, party));
    peer->ready = true;
    peer->contacted = true;
    peer->lost = false;
    peer->tell = session->phase >= PHASE_LINGERING;
    peer->ping_pause = PING_PAUSE;
    peer->ping_due = session->now + PING_PAUSE;
    struct fate_event *event = event_add(&session->events, FATE_EVENT_CONNECTED);
    if (event == NULL) return FATE_E_MEMORY;
    event->peer = party;
    event->link = peer->link.connection;
    return FATE_OK;
}

/* Parties do not pass from an alignment to what follows it at one moment. Who is done with the alignment and waits for others hears the next
 * session of a party that waits no longer; and that one hears who is still there. Neither is an answer to the other. */
static bool is_of_neighbour(fate_session *session, struct peer *peer, const struct hello *hello)
{
    if (session->job->align == NULL || hello->purpose == session->purpose) return false;
    int own = stage_of(session->purpose), theirs = stage_of(hello->purpose);
    if (own < theirs && session->phase >= PHASE_LINGERING) {
        peer->finished = peer->told = true;
        return true;
    }
    /* A party that was started again with its state goes through the alignment, which is done, to where it was. */
    return theirs < own && (session->phase <= PHASE_CONNECTING || hello->durable);
}

int32_t hello_receive(fate_session *session, uint32_t party, const uint8_t *bytes, uint64_t length)
{
    struct peer *peer = session_peer(session, party);
    struct hello hello;
    int32_t result = control_read_hello(session->context, &hello, bytes, length);
    if (result == FATE_E_VERSION)
        result = vanish_fault(session, result, party, "%s uses an incompatible version of the library", session_name(session, party));
    else if (result == FATE_E_FORMAT)
        result = vanish_fault(session, FATE_E_PROTOCOL, party, "%s sent a malformed hello", session_name(session, party));
    if (result == FATE_OK && is_of_neighbour(session, peer, &hello)) {
        hello_free(session->context, &hello);
        return FATE_OK;
    }
    if (result == FATE_OK && (hello.purpose != session->purpose || memcmp(hello.job_digest, session->job_digest, CONTROL_DIGEST) != 0))
        result = jobs_differ(session, party, &hello);
    if (result == FATE_OK) result = check_incarnation(session, party, &hello);
    if (result == FATE_OK) result = check_run(session, party, &hello);
    if (result == FATE_OK && !peer->ready) result = reopen_stream(session, party, &hello);
    if (result == FATE_OK) {
        peer->heard = hello.heard;
        /* Answer only what needs an answer: two parties that both wait for the run must not answer each other for ever. */
        bool asks = !hello.heard || (!hello.run_known && session->run_known && session->run_stored);
        if (asks) {
            peer->hello_pause = HELLO_PAUSE;
            peer->hello_due = session->now;
        } else if (peer->run_told) {
            peer->hello_due = UINT64_MAX;
        }
    }
    hello_free(session->context, &hello);
    return result;
}
