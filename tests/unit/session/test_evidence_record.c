/* Records of evidence as bytes: entries and what is torn of them, the chain, signatures and digests of messages. */
#include "tests/support/unit.h"

#include <sodium.h>

#include "lib/context.h"
#include "src/session/evidence_record.h"

static void append_outcome(struct buffer *log, uint8_t *head, uint64_t number, int32_t result)
{
    Fate__EvidenceRecord record;
    Fate__EvidenceOutcome outcome;
    fate__evidence_record__init(&record);
    fate__evidence_outcome__init(&outcome);
    outcome.result = result;
    record.number = number;
    record.kind_case = FATE__EVIDENCE_RECORD__KIND_OUTCOME;
    record.outcome = &outcome;
    evidence_append(log, head, &record);
}

struct fixture {
    fate_context *context;
    struct buffer log;
    uint8_t head[EVIDENCE_DIGEST];
    uint64_t first; /* length of the first of the two entries */
};

static struct fixture two_entries(void)
{
    struct fixture made = {.head = {0}};
    assert_int_equal(context_new(&made.context, NULL), FATE_OK);
    buffer_init(&made.log, made.context);
    append_outcome(&made.log, made.head, 0, 2);
    made.first = made.log.length;
    append_outcome(&made.log, made.head, 1, -5);
    assert_false(made.log.failed);
    return made;
}

static void fixture_free(struct fixture *made)
{
    buffer_free(&made->log);
    fate_context_free(made->context);
}

static void entries_follow_each_other(void **state)
{
    (void)state;
    struct fixture made = two_entries();
    struct evidence_entry entry;
    uint8_t head[EVIDENCE_DIGEST] = {0};
    assert_int_equal(evidence_entry_next(&entry, made.log.bytes, made.log.length, 0), FATE_OK);
    assert_true(entry.whole && entry.offset == 0 && entry.length == made.first);
    evidence_chain(head, entry.record, entry.record_length);
    assert_memory_equal(head, entry.head, EVIDENCE_DIGEST);
    assert_int_equal(evidence_entry_next(&entry, made.log.bytes, made.log.length, made.first), FATE_OK);
    assert_true(entry.whole && entry.offset == made.first && entry.length == made.log.length - made.first);
    evidence_chain(head, entry.record, entry.record_length);
    assert_memory_equal(head, entry.head, EVIDENCE_DIGEST);
    assert_memory_equal(head, made.head, EVIDENCE_DIGEST);
    assert_int_equal(evidence_entry_next(&entry, made.log.bytes, made.log.length, made.log.length), FATE_EMPTY);
    assert_int_equal(entry.length, 0);
    fixture_free(&made);
}

/* The log is one message of protocol buffers: so says proto/evidence.proto. */
static void any_reader_can_read_it(void **state)
{
    (void)state;
    struct fixture made = two_entries();
    Fate__EvidenceLog *log = fate__evidence_log__unpack(NULL, made.log.length, made.log.bytes);
    assert_non_null(log);
    assert_int_equal(log->n_entry, 2);
    Fate__EvidenceEntry *entry = fate__evidence_entry__unpack(NULL, log->entry[1].len, log->entry[1].data);
    assert_non_null(entry);
    assert_memory_equal(entry->head.data, made.head, EVIDENCE_DIGEST);
    Fate__EvidenceRecord *record = fate__evidence_record__unpack(NULL, entry->record.len, entry->record.data);
    assert_non_null(record);
    assert_int_equal(record->number, 1);
    assert_int_equal(record->outcome->result, -5);
    fate__evidence_record__free_unpacked(record, NULL);
    fate__evidence_entry__free_unpacked(entry, NULL);
    fate__evidence_log__free_unpacked(log, NULL);
    fixture_free(&made);
}

/* Torn anywhere, filled up: again one entry, which is not whole unless nothing but zeros was torn off. */
static void torn_entries_are_filled(void **state)
{
    (void)state;
    struct fixture made = two_entries();
    uint64_t size = made.log.length - made.first;
    for (uint64_t torn = 1; torn < size; torn++) {
        struct evidence_entry entry;
        struct buffer log;
        uint8_t digest[EVIDENCE_DIGEST];
        buffer_init(&log, made.context);
        buffer_append(&log, made.log.bytes, made.first + torn);
        assert_int_equal(evidence_entry_next(&entry, log.bytes, log.length, made.first), FATE_E_FORMAT);
        assert_int_equal(entry.length, torn);
        assert_true(evidence_fill(&log, made.log.bytes + made.first, torn));
        assert_int_equal(evidence_entry_next(&entry, log.bytes, log.length, made.first), FATE_OK);
        assert_int_equal(entry.offset + entry.length, log.length);
        assert_false(entry.whole && memcmp(entry.head, made.head, EVIDENCE_DIGEST) == 0 && torn + 1 < size);
        evidence_digest(digest, made.log.bytes + made.first, torn);
        assert_true(evidence_is_torn(log.bytes + made.first, entry.length, torn, digest));
        assert_false(evidence_is_torn(log.bytes + made.first, entry.length, torn + 1, digest));
        assert_false(evidence_is_torn(log.bytes + made.first, entry.length, 0, digest));
        if (entry.length > torn) {
            log.bytes[log.length - 1] = 1;
            assert_false(evidence_is_torn(log.bytes + made.first, entry.length, torn, digest));
        }
        buffer_free(&log);
    }
    fixture_free(&made);
}

static void what_is_no_entry(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[12];
        uint64_t length;
        int32_t result; /* FATE_OK: framed, but not whole */
    } cases[] = {
        {{0x12, 0}, 2, FATE_E_FORMAT},                               /* another field */
        {{0x0a}, 1, FATE_E_FORMAT},                                  /* no length */
        {{0x0a, 5, 1}, 3, FATE_E_FORMAT},                            /* too short */
        {{0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0}, 7, FATE_E_FORMAT}, /* a length that does not end */
        {{0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f}, 6, FATE_E_FORMAT},    /* above 2^32 */
        {{0x0a, 0}, 2, FATE_OK},                                     /* empty */
        {{0x0a, 2, 0x0a, 0}, 4, FATE_OK},                            /* no head */
        {{0x0a, 4, 0x0a, 0, 0x12, 0x20}, 6, FATE_OK},                /* half a head */
        {{0x0a, 3, 0x0a, 0x80, 0}, 5, FATE_OK},                      /* a length in more bytes than it needs */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct evidence_entry entry;
        assert_int_equal(evidence_entry_next(&entry, cases[i].bytes, cases[i].length, 0), cases[i].result);
        assert_false(entry.whole);
    }
    fate_context *context;
    struct buffer out;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    buffer_init(&out, context);
    assert_false(evidence_fill(&out, cases[0].bytes, 2));
    assert_false(evidence_fill(&out, cases[3].bytes, 7));
    assert_false(evidence_fill(&out, cases[4].bytes, 6));
    assert_false(evidence_fill(&out, NULL, 0));
    buffer_free(&out);
    fate_context_free(context);
}

/* An entry that is written otherwise, with the same content, is not one. */
static void one_way_to_write_an_entry(void **state)
{
    (void)state;
    struct fixture made = two_entries();
    struct buffer log;
    struct evidence_entry entry;
    buffer_init(&log, made.context);
    buffer_u8(&log, 0x0a);
    buffer_u8(&log, (uint8_t)(made.log.bytes[1] | 0x80));
    buffer_u8(&log, 0);
    buffer_append(&log, made.log.bytes + 2, made.first - 2);
    assert_int_equal(evidence_entry_next(&entry, log.bytes, log.length, 0), FATE_OK);
    assert_int_equal(entry.length, log.length);
    assert_false(entry.whole);
    buffer_free(&log);
    fixture_free(&made);
}

static void signatures_hold_for_what_was_signed(void **state)
{
    (void)state;
    uint8_t key[32], secret[64], other_key[32], run[EVIDENCE_RUN] = {7}, head[EVIDENCE_DIGEST] = {9}, signature[EVIDENCE_SIGNATURE];
    static const uint8_t seed[32] = {1}, other_seed[32] = {2};
    assert_true(sodium_init() >= 0);
    crypto_sign_seed_keypair(other_key, secret, other_seed);
    crypto_sign_seed_keypair(key, secret, seed);
    evidence_sign_head(signature, secret, run, 1, 5, head);
    assert_true(evidence_check_head(signature, key, run, 1, 5, head));
    assert_false(evidence_check_head(signature, other_key, run, 1, 5, head));
    assert_false(evidence_check_head(signature, key, run, 2, 5, head));
    assert_false(evidence_check_head(signature, key, run, 1, 6, head));
    assert_false(evidence_check_head(signature, key, head, 1, 5, head));
    assert_false(evidence_check_head(signature, key, run, 1, 5, other_key));
    assert_false(evidence_check_seal(signature, key, run, 1, 5, 5, head));
    evidence_sign_seal(signature, secret, run, 1, 2, 5, head);
    assert_true(evidence_check_seal(signature, key, run, 1, 2, 5, head));
    assert_false(evidence_check_seal(signature, key, run, 2, 1, 5, head));
    assert_false(evidence_check_seal(signature, key, run, 1, 2, 4, head));
    assert_false(evidence_check_seal(signature, other_key, run, 1, 2, 5, head));
    assert_false(evidence_check_head(signature, key, run, 1, 5, head));
}

static void digests_of_messages(void **state)
{
    (void)state;
    static const uint8_t key[EVIDENCE_KEY] = {3}, other_key[EVIDENCE_KEY] = {4};
    uint8_t one[EVIDENCE_DIGEST], other[EVIDENCE_DIGEST];
    evidence_message_begin(one, key, 0, 1, 7, "sums");
    static const struct {
        const uint8_t *key;
        uint32_t sender, receiver;
        uint64_t first;
        const char *name;
    } others[] = {{other_key, 0, 1, 7, "sums"}, {key, 1, 0, 7, "sums"}, {key, 0, 1, 8, "sums"}, {key, 0, 1, 7, "sum"}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        evidence_message_begin(other, others[i].key, others[i].sender, others[i].receiver, others[i].first, others[i].name);
        assert_memory_not_equal(one, other, sizeof one);
    }
    memcpy(other, one, sizeof one);
    evidence_message_part(one, key, (const uint8_t *)"ab", 2);
    evidence_message_part(other, key, (const uint8_t *)"a", 1);
    assert_memory_not_equal(one, other, sizeof one);
    evidence_message_part(other, key, (const uint8_t *)"b", 1);
    assert_memory_not_equal(one, other, sizeof one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_follow_each_other), cmocka_unit_test(any_reader_can_read_it),
        cmocka_unit_test(torn_entries_are_filled),   cmocka_unit_test(what_is_no_entry),
        cmocka_unit_test(one_way_to_write_an_entry), cmocka_unit_test(signatures_hold_for_what_was_signed),
        cmocka_unit_test(digests_of_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
