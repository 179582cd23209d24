/* Evidence logs that were tampered with: every changed byte, every removed, reordered, repeated or foreign record, every cut is found. */
#include "tests/support/unit.h"

#include <stdlib.h>

#include "lib/context.h"
#include "src/session/evidence.h"
#include "src/session/session.h"
#include "tests/support/allocator.h"
#include "tests/support/evidence.h"
#include "tests/support/rounds.h"

struct fixture {
    fate_context *context;
    fate_simulator *simulator;
    fate_evidence *log, *peer;
    fate_identity *identity; /* of the log's party */
};

static struct fixture finished_run(void)
{
    struct fixture made = {.context = evidence_context()};
    struct evidence_run_of run = {.workers = 1, .rounds = 2, .parts = 3, .durable = true};
    made.simulator = evidence_simulator(made.context, &run);
    evidence_run_to_end(made.simulator, 0);
    made.log = evidence_of(made.context, made.simulator, 0);
    made.peer = evidence_of(made.context, made.simulator, 1);
    made.identity = fate_simulator_session(made.simulator, 0)->identity;
    return made;
}

static void fixture_free(struct fixture *made)
{
    fate_evidence_free(made->log);
    fate_evidence_free(made->peer);
    fate_simulator_free(made->simulator);
    fate_context_free(made->context);
}

/* What becomes of a log of those bytes: 1 holds, 0 does not, -1 cannot be read; found: a text that a wrong finding must hold. */
static int judge(const struct fixture *made, const struct buffer *bytes, bool with_peer, const char *found)
{
    fate_evidence *log;
    fate_verdict *verdict;
    int32_t result = fate_evidence_parse(made->context, &log, NULL, bytes->bytes, bytes->length);
    if (result != FATE_OK) {
        assert_int_equal(result, FATE_E_FORMAT);
        return -1;
    }
    assert_int_equal(fate_evidence_verify(log, &verdict, with_peer ? made->peer : NULL, NULL), FATE_OK);
    int good = fate_verdict_good(verdict);
    if (found != NULL && !evidence_found(verdict, true, found)) {
        evidence_print(verdict);
        fail_msg("nothing is said of: %s", found);
    }
    fate_verdict_free(verdict);
    fate_evidence_free(log);
    return good;
}

/* Bytes at the end of a log that are no whole entry. */
static bool has_tail(const struct fixture *made, const struct buffer *bytes)
{
    fate_evidence *log;
    assert_int_equal(fate_evidence_parse(made->context, &log, NULL, bytes->bytes, bytes->length), FATE_OK);
    bool tail = log->tail > 0;
    fate_evidence_free(log);
    return tail;
}

static struct buffer copy_of(const struct fixture *made)
{
    struct buffer copy;
    buffer_init(&copy, made->context);
    buffer_append(&copy, made->log->bytes, made->log->length);
    return copy;
}

static void the_log_holds(void **state)
{
    (void)state;
    struct fixture made = finished_run();
    struct buffer copy = copy_of(&made);
    assert_int_equal(judge(&made, &copy, true, NULL), 1);
    buffer_free(&copy);
    fixture_free(&made);
}

/* Where the last signature of the party itself ends: behind it stand signatures of peers alone. */
static uint64_t signed_end(const struct fixture *made)
{
    uint64_t end = 0;
    for (uint64_t place = 0; place < made->log->count; place++) {
        const struct evidence_item *item = &made->log->items[place];
        if (item->kind == FATE_EVIDENCE_SIGNED) end = item->entry.offset + item->entry.length;
    }
    assert_true(end > made->log->length / 2 && end < made->log->length);
    return end;
}

/* Behind the last signature a changed length makes the rest look torn: that is said, and what a peer has signed is missing then. */
static void every_changed_byte_is_found(void **state)
{
    (void)state;
    struct fixture made = finished_run();
    struct buffer copy = copy_of(&made);
    uint64_t end = signed_end(&made);
    for (uint64_t i = 0; i < copy.length; i++) {
        for (uint8_t change = 1; change != 0; change = (uint8_t)(change << 3)) {
            copy.bytes[i] ^= change;
            assert_true(judge(&made, &copy, false, NULL) != 1 || (i >= end && has_tail(&made, &copy)));
            copy.bytes[i] ^= change;
        }
    }
    buffer_free(&copy);
    fixture_free(&made);
}

static void append_item(struct buffer *to, const struct fixture *made, uint64_t place)
{
    const struct evidence_entry *entry = &made->log->items[place].entry;
    buffer_append(to, made->log->bytes + entry->offset, entry->length);
}

static void every_removed_record_is_found(void **state)
{
    (void)state;
    struct fixture made = finished_run();
    for (uint64_t removed = 0; removed + 1 < made.log->count; removed++) {
        struct buffer log;
        buffer_init(&log, made.context);
        for (uint64_t place = 0; place < made.log->count; place++)
            if (place != removed) append_item(&log, &made, place);
        assert_int_equal(judge(&made, &log, false, removed == 0 ? NULL : "records were removed"), removed == 0 ? -1 : 0);
        buffer_free(&log);
    }
    fixture_free(&made);
}

static void every_reordered_or_repeated_record_is_found(void **state)
{
    (void)state;
    struct fixture made = finished_run();
    for (uint64_t first = 1; first + 1 < made.log->count; first++) {
        struct buffer log, repeated;
        buffer_init(&log, made.context);
        buffer_init(&repeated, made.context);
        for (uint64_t place = 0; place < made.log->count; place++) {
            append_item(&log, &made, place == first ? first + 1 : place == first + 1 ? first : place);
            append_item(&repeated, &made, place);
            if (place == first) append_item(&repeated, &made, place);
        }
        assert_int_equal(judge(&made, &log, false, "removed"), 0);
        assert_int_equal(judge(&made, &repeated, false, "reordered or repeated"), 0);
        buffer_free(&log);
        buffer_free(&repeated);
    }
    fixture_free(&made);
}

/* Up to the last signature of the party itself a cut is found in the log alone; after that only seals can be missing. With the peer's
 * log it is found as long as the peer has something signed that is gone. */
static void every_cut_is_found(void **state)
{
    (void)state;
    struct fixture made = finished_run();
    struct buffer copy = copy_of(&made);
    uint64_t end = signed_end(&made), whole = copy.length;
    for (uint64_t length = 0; length < whole; length++) {
        copy.length = length;
        if (length < end)
            assert_int_not_equal(judge(&made, &copy, false, NULL), 1);
        else
            assert_int_equal(judge(&made, &copy, false, NULL), 1);
        if (length >= made.log->items[0].entry.length && length < whole / 2) assert_int_equal(judge(&made, &copy, true, "was cut off"), 0);
    }
    buffer_free(&copy);
    fixture_free(&made);
}

/* ---- who can make new heads ---- */

/* Writes the log again, with one record changed by the function, and all heads made anew. */
static void rewrite(struct buffer *out, const struct fixture *made, void (*change)(Fate__EvidenceRecord *record), bool sign)
{
    uint8_t head[EVIDENCE_DIGEST] = {0};
    buffer_init(out, made->context);
    for (uint64_t place = 0; place < made->log->count; place++) {
        Fate__EvidenceRecord *record = made->log->items[place].record;
        uint8_t *own = record->kind_case == FATE__EVIDENCE_RECORD__KIND_SIGNED ? record->signed_->head.data : NULL;
        if (own != NULL && sign) {
            memcpy(own, head, EVIDENCE_DIGEST);
            evidence_sign_head(record->signed_->signature.data, made->identity->sign_secret, made->log->opened->run.data, 0,
                               record->signed_->count, head);
        }
        change(record);
        evidence_append(out, head, record);
    }
    assert_false(out->failed);
}

static void change_nothing(Fate__EvidenceRecord *record)
{
    (void)record;
}

static void change_digest(Fate__EvidenceRecord *record)
{
    if (record->kind_case == FATE__EVIDENCE_RECORD__KIND_MESSAGE && record->message->sent) record->message->digest.data[0] ^= 1;
}

static void change_size(Fate__EvidenceRecord *record)
{
    if (record->kind_case == FATE__EVIDENCE_RECORD__KIND_MESSAGE) record->message->bytes++;
}

static void change_position(Fate__EvidenceRecord *record)
{
    if (record->kind_case == FATE__EVIDENCE_RECORD__KIND_MESSAGE && record->message->first > 0) record->message->first++;
}

static void change_peer(Fate__EvidenceRecord *record)
{
    if (record->kind_case == FATE__EVIDENCE_RECORD__KIND_WITNESSED) record->witnessed->count++;
}

static void change_skipped(Fate__EvidenceRecord *record)
{
    if (record->kind_case == FATE__EVIDENCE_RECORD__KIND_OUTCOME) record->skipped = 5;
}

static void heads_made_anew_do_not_help(void **state)
{
    (void)state;
    static const struct {
        void (*change)(Fate__EvidenceRecord *record);
        bool sign;
        const char *found;
        int good; /* without the peer's log */
    } cases[] = {
        {change_nothing, false, NULL, 1},
        {change_nothing, true, NULL, 1},
        {change_digest, false, "the signature of", 0}, /* a stranger cannot sign */
        {change_digest, true, "sealed", 0},            /* the party itself can, but not for its peer */
        {change_size, true, "sealed", 0},
        {change_position, true, "begins with part", 0},
        {change_peer, true, "a signature that is not", 0},
        {change_skipped, true, "the torn record", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture made = finished_run();
        struct buffer log;
        rewrite(&log, &made, cases[i].change, cases[i].sign);
        assert_int_equal(judge(&made, &log, false, cases[i].found), cases[i].good);
        assert_int_equal(judge(&made, &log, true, cases[i].good == 1 ? NULL : "log was changed"), cases[i].good);
        buffer_free(&log);
        fixture_free(&made);
    }
}

/* ---- a party that was started again ---- */

static void contradictions_are_found(void **state)
{
    (void)state;
    struct fixture made = finished_run();
    struct buffer log;
    uint8_t head[EVIDENCE_DIGEST] = {0};
    uint64_t number = 0, message = 0;
    for (bool contradicts = false;; contradicts = true) {
        buffer_init(&log, made.context);
        memset(head, 0, sizeof head);
        number = message = 0;
        for (uint64_t place = 0; place < made.log->count; place++) { /* as it was, up to the end of the second message */
            if (made.log->items[place].kind == FATE_EVIDENCE_SENT) message = place;
            made.log->items[place].record->number = number++;
            evidence_append(&log, head, made.log->items[place].record);
            if (message > 0) break;
        }
        Fate__EvidenceRecord record;
        Fate__EvidenceResumed resumed;
        Fate__EvidencePosition position, *positions[1] = {&position};
        fate__evidence_record__init(&record);
        fate__evidence_resumed__init(&resumed);
        fate__evidence_position__init(&position);
        position.peer = 1;
        position.received = 3;
        resumed.positions = positions;
        resumed.n_positions = 1;
        record.number = number++;
        record.kind_case = FATE__EVIDENCE_RECORD__KIND_RESUMED;
        record.resumed = &resumed;
        evidence_append(&log, head, &record);
        Fate__EvidenceRecord *again = made.log->items[message].record;
        again->number = number;
        again->message->digest.data[5] ^= contradicts ? 1 : 0;
        evidence_append(&log, head, again);
        fate_evidence *read;
        fate_verdict *verdict;
        assert_int_equal(fate_evidence_parse(made.context, &read, NULL, log.bytes, log.length), FATE_OK);
        assert_int_equal(fate_evidence_verify(read, &verdict, NULL, NULL), FATE_OK);
        assert_int_equal(evidence_found(verdict, true, "contradicts record"), contradicts);
        assert_true(evidence_found(verdict, false, "was started again"));
        assert_true(evidence_found(verdict, true, "has no end"));
        fate_verdict_free(verdict);
        fate_evidence_free(read);
        buffer_free(&log);
        if (contradicts) break;
    }
    fixture_free(&made);
}

static void arguments(void **state)
{
    (void)state;
    struct fixture made = finished_run();
    fate_verdict *verdict;
    assert_int_equal(fate_evidence_verify(NULL, &verdict, NULL, NULL), FATE_E_ARGUMENT);
    assert_null(verdict);
    assert_int_equal(fate_evidence_verify(made.log, NULL, NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_evidence_verify(made.log, &verdict, NULL, NULL), FATE_OK);
    assert_int_equal(fate_verdict_sealed(verdict, 2), 0);
    assert_null(fate_verdict_finding(verdict, 1000, NULL));
    assert_int_equal(fate_verdict_good(NULL), 0);
    assert_null(fate_verdict_finding(NULL, 0, NULL));
    assert_int_equal(fate_verdict_sealed(NULL, 0), 0);
    fate_verdict_free(verdict);
    fate_verdict_free(NULL);
    fixture_free(&made);
}

/* Every allocation of reading and verifying fails in turn. */
static void allocations_that_fail(void **state)
{
    (void)state;
    struct fixture made = finished_run();
    bool done = false;
    for (long long fail = 0; !done; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, fail);
        fate_context *context = NULL;
        fate_evidence *log = NULL, *peer = NULL;
        fate_verdict *verdict = NULL;
        int32_t result = context_new(&context, &allocator);
        if (result == FATE_OK) result = fate_evidence_parse(context, &log, NULL, made.log->bytes, made.log->length);
        if (result == FATE_OK) result = fate_evidence_parse(context, &peer, NULL, made.peer->bytes, made.peer->length - 1);
        if (result == FATE_OK) result = fate_evidence_verify(log, &verdict, peer, NULL);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        assert_true((result == FATE_OK) == (verdict != NULL));
        done = atomic_load(&test.calls) <= fail;
        assert_true(!done || result == FATE_OK);
        fate_verdict_free(verdict);
        fate_evidence_free(log);
        fate_evidence_free(peer);
        fate_context_free(context);
        assert_int_equal(atomic_load(&test.live), 0);
    }
    fixture_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_holds),
        cmocka_unit_test(every_changed_byte_is_found),
        cmocka_unit_test(every_removed_record_is_found),
        cmocka_unit_test(every_reordered_or_repeated_record_is_found),
        cmocka_unit_test(every_cut_is_found),
        cmocka_unit_test(heads_made_anew_do_not_help),
        cmocka_unit_test(contradictions_are_found),
        cmocka_unit_test(arguments),
        cmocka_unit_test(allocations_that_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
