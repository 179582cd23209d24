/* Two logs of one run, and of different runs; a log and its job. */
#include "tests/support/unit.h"

#include "lib/context.h"
#include "src/session/evidence.h"
#include "src/session/session.h"
#include "tests/support/evidence.h"
#include "tests/support/rounds.h"

struct pair {
    fate_context *context;
    fate_simulator *simulator;
    fate_evidence *logs[2];
};

static struct pair run(uint64_t seed, uint32_t rounds)
{
    struct pair made = {.context = evidence_context()};
    struct evidence_run_of run = {.workers = 1, .rounds = rounds, .parts = 3, .seed = seed};
    made.simulator = evidence_simulator(made.context, &run);
    evidence_run_to_end(made.simulator, seed);
    for (uint32_t party = 0; party < 2; party++) made.logs[party] = evidence_of(made.context, made.simulator, party);
    return made;
}

static void pair_free(struct pair *made)
{
    fate_evidence_free(made->logs[0]);
    fate_evidence_free(made->logs[1]);
    fate_simulator_free(made->simulator);
    fate_context_free(made->context);
}

static void expect(const fate_evidence *log, const fate_evidence *peer, const fate_job *job, const char *wrong)
{
    fate_verdict *verdict;
    assert_int_equal(fate_evidence_verify(log, &verdict, peer, job), FATE_OK);
    if (wrong != NULL && !evidence_found(verdict, true, wrong)) evidence_print(verdict);
    assert_int_equal(fate_verdict_good(verdict), wrong == NULL);
    assert_true(wrong == NULL || evidence_found(verdict, true, wrong));
    fate_verdict_free(verdict);
}

static void logs_that_do_not_belong_together(void **state)
{
    (void)state;
    struct pair one = run(1, 2), other = run(2, 2), longer = run(1, 3);
    expect(one.logs[0], one.logs[1], fate_simulator_job(one.simulator), NULL);
    expect(one.logs[1], one.logs[0], fate_simulator_job(one.simulator), NULL);
    expect(one.logs[0], other.logs[1], NULL, "different runs");
    expect(one.logs[0], one.logs[0], NULL, "both logs are");
    expect(one.logs[0], NULL, fate_simulator_job(other.simulator), "other parties or keys");
    expect(one.logs[0], NULL, fate_simulator_job(longer.simulator), "another job");
    pair_free(&one);
    pair_free(&other);
    pair_free(&longer);
}

/* Writes a log again as its own party could: one message changed, left out or added, all its own signatures made anew and those of
 * peers, which it cannot make, left out. */
struct forgery {
    int32_t kind;      /* of the messages that are changed */
    uint64_t which;    /* the first, the second, ... */
    int change;        /* 0: another digest; 1: another size; 2: left out; 3: another name */
    const char *wrong; /* what is found */
};

static fate_evidence *forge(struct pair *made, uint32_t party, const struct forgery *forgery)
{
    const fate_evidence *log = made->logs[party];
    const fate_identity *identity = fate_simulator_session(made->simulator, party)->identity;
    struct buffer bytes;
    uint8_t head[EVIDENCE_DIGEST] = {0};
    uint64_t number = 0, seen = 0;
    fate_evidence *forged;
    buffer_init(&bytes, made->context);
    for (uint64_t place = 0; place < log->count; place++) {
        const struct evidence_item *item = &log->items[place];
        Fate__EvidenceRecord *record = item->record;
        bool chosen = item->kind == forgery->kind && seen++ == forgery->which;
        if (item->kind == FATE_EVIDENCE_SEALED || item->kind == FATE_EVIDENCE_WITNESSED || (chosen && forgery->change == 2)) continue;
        if (chosen && forgery->change == 0) record->message->digest.data[31] ^= 0x80;
        if (chosen && forgery->change == 1) record->message->bytes--;
        if (chosen && forgery->change == 3) record->message->name[0] ^= 1;
        record->number = number++;
        if (item->kind == FATE_EVIDENCE_SIGNED) {
            record->signed_->count = record->number;
            memcpy(record->signed_->head.data, head, EVIDENCE_DIGEST);
            evidence_sign_head(record->signed_->signature.data, identity->sign_secret, log->opened->run.data, party, record->number, head);
        }
        evidence_append(&bytes, head, record);
    }
    assert_int_equal(fate_evidence_parse(made->context, &forged, NULL, bytes.bytes, bytes.length), FATE_OK);
    buffer_free(&bytes);
    return forged;
}

/* What a party can do to its own log is found by the log of its peer. */
static void forged_logs(void **state)
{
    (void)state;
    static const struct forgery forgeries[] = {
        {FATE_EVIDENCE_SENT, 1, 0, "different digests"},  {FATE_EVIDENCE_RECEIVED, 0, 0, "different digests"},
        {FATE_EVIDENCE_SENT, 0, 1, "different sizes"},    {FATE_EVIDENCE_RECEIVED, 1, 3, "different names"},
        {FATE_EVIDENCE_SENT, 1, 2, "is not in leader's"}, {FATE_EVIDENCE_RECEIVED, 1, 2, "is not in leader's"},
        {FATE_EVIDENCE_SENT, 0, 2, "different numbers"},
    };
    for (size_t i = 0; i < sizeof forgeries / sizeof forgeries[0]; i++) {
        struct pair made = run(3, 2);
        fate_evidence *forged = forge(&made, 0, &forgeries[i]);
        expect(forged, made.logs[1], NULL, forgeries[i].wrong);
        expect(made.logs[1], forged, NULL, forgeries[i].wrong);
        expect(forged, made.logs[1], NULL, "leader's log was ");
        if (forgeries[i].change < 2) expect(forged, NULL, NULL, NULL); /* alone it holds: nobody else has signed it */
        fate_evidence_free(forged);
        pair_free(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(logs_that_do_not_belong_together), cmocka_unit_test(forged_logs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
