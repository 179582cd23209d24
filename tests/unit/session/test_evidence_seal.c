/* Heads and seals that peers exchange: what is answered, what is ignored, what breaks the protocol. */
#include "tests/support/unit.h"

#include "lib/context.h"
#include "src/session/evidence.h"
#include "src/session/session.h"
#include "tests/support/evidence.h"
#include "tests/support/rounds.h"

struct fixture {
    fate_context *context;
    fate_simulator *simulator;
    fate_session *session;       /* party 0 */
    const fate_identity *theirs; /* of party 1 */
};

/* A leader in the middle of a run with one worker. */
static struct fixture running(bool without)
{
    struct fixture made = {.context = evidence_context()};
    struct evidence_run_of run = {.workers = 1, .rounds = 50, .parts = 3, .last_without = without};
    made.simulator = evidence_simulator(made.context, &run);
    assert_int_equal(fate_simulator_run(made.simulator, 40), FATE_AGAIN);
    made.session = fate_simulator_session(made.simulator, without ? 1 : 0);
    made.theirs = fate_simulator_session(made.simulator, without ? 0 : 1)->identity;
    assert_int_equal(made.session->phase, PHASE_RUNNING);
    return made;
}

static void fixture_free(struct fixture *made)
{
    fate_simulator_free(made->simulator);
    fate_context_free(made->context);
}

static uint32_t peer_of(const fate_session *session)
{
    return 1 - session->party;
}

/* Hands a content to the session; returns what is wrong with it, "" when nothing. */
static const char *hand(fate_session *session, const struct buffer *content)
{
    const char *wrong;
    assert_int_equal(evidence_receive(session, peer_of(session), content->bytes[0], content->bytes + 1, content->length - 1, &wrong),
                     FATE_OK);
    return wrong == NULL ? "" : wrong;
}

static const char *hand_head(const struct fixture *made, uint64_t count, uint8_t byte, bool spoiled)
{
    struct signed_head head = {.count = count, .head = {byte}};
    struct buffer content;
    buffer_init(&content, made->context);
    evidence_sign_head(head.signature, made->theirs->sign_secret, made->session->run, peer_of(made->session), count, head.head);
    if (spoiled) head.signature[3] ^= 1;
    control_write_head(&content, &head);
    const char *wrong = hand(made->session, &content);
    buffer_free(&content);
    return wrong;
}

static void heads(void **state)
{
    (void)state;
    for (int without = 0; without < 2; without++) {
        struct fixture made = running(without == 1);
        struct evidence_peer *peer = &session_peer(made.session, peer_of(made.session))->evidence;
        uint64_t count = made.session->evidence.count;
        peer->answer = false;
        assert_string_equal(hand_head(&made, 1000, 1, true), "sent a head of its evidence that it has not signed");
        assert_string_equal(hand_head(&made, 1000, 1, false), "");
        assert_true(peer->answer && peer->witnessed_count == 1000);
        assert_int_equal(made.session->evidence.count, count + (without == 0 ? 1 : 0));
        assert_string_equal(hand_head(&made, 1001, 2, false), ""); /* the answer to the one before is still due */
        assert_int_equal(peer->witnessed_count, 1000);
        peer->answer = false;
        assert_string_equal(hand_head(&made, 999, 2, false), ""); /* late */
        assert_false(peer->answer);
        assert_string_equal(hand_head(&made, 1000, 1, false), ""); /* again: the answer was lost */
        assert_true(peer->answer);
        assert_int_equal(made.session->evidence.count, count + (without == 0 ? 1 : 0));
        peer->answer = false;
        assert_string_equal(hand_head(&made, 1000, 3, false), "signed two different logs of evidence");
        fixture_free(&made);
    }
}

static void seals(void **state)
{
    (void)state;
    struct fixture made = running(false);
    struct evidence_peer *peer = &session_peer(made.session, 1)->evidence;
    struct buffer content;
    struct signed_head seal = {.count = 77};
    uint64_t count = made.session->evidence.count;
    buffer_init(&content, made.context);
    peer->told_count = 77;
    peer->sealed_count = 70;
    memset(peer->told_head, 5, sizeof peer->told_head);
    memset(seal.head, 5, sizeof seal.head);
    for (int round = 0; round < 5; round++) {
        buffer_clear(&content);
        seal.count = round == 0 ? 76 : 77;
        seal.head[0] = round == 1 ? 6 : 5;
        evidence_sign_seal(seal.signature, made.theirs->sign_secret, made.session->run, 0, 1, seal.count, seal.head);
        if (round == 2) seal.signature[0] ^= 1;
        control_write_seal(&content, &seal);
        assert_string_equal(hand(made.session, &content), round == 2 ? "sent a seal that it has not signed" : "");
        assert_int_equal(peer->sealed_count, round < 3 ? 70 : 77);
        assert_int_equal(made.session->evidence.count, count + (round < 3 ? 0 : 1)); /* the fifth is a repeat */
    }
    buffer_free(&content);
    fixture_free(&made);
}

static void malformed(void **state)
{
    (void)state;
    struct fixture made = running(false);
    static const uint8_t kinds[] = {CONTROL_HEAD, CONTROL_SEAL, 99};
    static const char *const wrong[] = {"sent a malformed head of its evidence", "sent a malformed seal",
                                        "sent a content of an unknown kind"};
    for (int i = 0; i < 3; i++) {
        struct buffer content;
        buffer_init(&content, made.context);
        buffer_u8(&content, kinds[i]);
        buffer_u64(&content, 5);
        assert_string_equal(hand(made.session, &content), wrong[i]);
        buffer_free(&content);
    }
    fixture_free(&made);
}

/* One party keeps no evidence, and seals the log of the one that does. */
static void one_sided(void **state)
{
    (void)state;
    fate_context *context = evidence_context();
    struct evidence_run_of run = {.workers = 1, .rounds = 3, .parts = 2, .last_without = true};
    fate_simulator *simulator = evidence_simulator(context, &run);
    uint64_t length;
    evidence_run_to_end(simulator, 0);
    assert_null(fate_simulator_evidence(simulator, 1, &length));
    assert_int_equal(length, 0);
    fate_evidence *log = evidence_of(context, simulator, 0);
    fate_verdict *verdict;
    assert_int_equal(fate_evidence_verify(log, &verdict, NULL, fate_simulator_job(simulator)), FATE_OK);
    assert_int_equal(fate_verdict_good(verdict), 1);
    assert_null(fate_verdict_finding(verdict, 0, NULL));
    assert_true(fate_verdict_sealed(verdict, 1) > 0);
    assert_int_equal(fate_verdict_sealed(verdict, 1), fate_verdict_sealed(verdict, 0));
    fate_verdict_free(verdict);
    fate_evidence_free(log);
    fate_simulator_free(simulator);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(heads), cmocka_unit_test(seals), cmocka_unit_test(malformed),
                                       cmocka_unit_test(one_sided)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
