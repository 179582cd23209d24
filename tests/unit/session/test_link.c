/* Links: handshakes that succeed, are refused, are attacked; frames that are lost or strange. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "lib/context.h"
#include "src/session/control.h"
#include "src/session/link.h"

struct ends {
    fate_context *context;
    fate_identity *identities[3];
    struct link initiator, responder;
    struct buffer answers[2], content;
    enum link_found found;
    uint8_t counter;
};

/* pinned: which identity the responder expects of the initiator; expected: which one the initiator expects of the responder. */
static void ends_open(struct ends *ends, int pinned, int expected)
{
    memset(ends, 0, sizeof *ends);
    assert_int_equal(context_new(&ends->context, NULL), FATE_OK);
    for (int i = 0; i < 3; i++) {
        uint8_t seed[32];
        memset(seed, i + 1, sizeof seed);
        assert_int_equal(identity_from_seed(ends->context, &ends->identities[i], seed), FATE_OK);
    }
    link_init(&ends->initiator, ends->context, true, ends->identities[0]->exchange_secret,
              ends->identities[expected]->public_half.exchange);
    link_init(&ends->responder, ends->context, false, ends->identities[1]->exchange_secret, ends->identities[pinned]->public_half.exchange);
    for (int i = 0; i < 2; i++) buffer_init(&ends->answers[i], ends->context);
    buffer_init(&ends->content, ends->context);
}

static void ends_close(struct ends *ends)
{
    link_free(&ends->initiator);
    link_free(&ends->responder);
    for (int i = 0; i < 2; i++) buffer_free(&ends->answers[i]);
    buffer_free(&ends->content);
    for (int i = 0; i < 3; i++) fate_identity_free(ends->identities[i]);
    fate_context_free(ends->context);
}

static void begin(struct ends *ends, uint64_t id, struct buffer *frame)
{
    uint8_t ephemeral[32];
    memset(ephemeral, 100 + ends->counter++, sizeof ephemeral);
    buffer_init(frame, ends->context);
    assert_int_equal(link_begin(&ends->initiator, 0, 1000, id, ephemeral, frame), FATE_OK);
}

static void hand(struct ends *ends, struct link *to, const struct buffer *frame)
{
    uint8_t ephemeral[32];
    memset(ephemeral, 200 + ends->counter++ % 50, sizeof ephemeral);
    struct buffer copy;
    buffer_init(&copy, ends->context);
    buffer_append(&copy, frame->bytes, frame->length);
    for (int i = 0; i < 2; i++) buffer_clear(&ends->answers[i]);
    buffer_clear(&ends->content);
    assert_int_equal(link_receive(to, 7, 1000, ephemeral, copy.bytes, copy.length, ends->answers, &ends->content, &ends->found), FATE_OK);
    buffer_free(&copy);
}

static void handshake(struct ends *ends, uint64_t id)
{
    struct buffer frame;
    begin(ends, id, &frame);
    hand(ends, &ends->responder, &frame);
    buffer_free(&frame);
    hand(ends, &ends->initiator, &ends->answers[0]);
    if (ends->found == LINK_OPENED) {
        hand(ends, &ends->responder, &ends->answers[0]);
        assert_int_equal(ends->found, LINK_OPENED);
    }
}

static void say(struct ends *ends, struct link *from, struct link *to, const char *text)
{
    struct buffer frame;
    buffer_init(&frame, ends->context);
    assert_int_equal(link_seal(from, (const uint8_t *)text, strlen(text), &frame), FATE_OK);
    hand(ends, to, &frame);
    buffer_free(&frame);
}

static void both_ways(void **state)
{
    (void)state;
    struct ends ends;
    ends_open(&ends, 0, 1);
    struct buffer none;
    buffer_init(&none, ends.context);
    assert_int_equal(link_seal(&ends.initiator, (const uint8_t *)"x", 1, &none), FATE_E_STATE);
    handshake(&ends, 5);
    say(&ends, &ends.initiator, &ends.responder, "there");
    assert_int_equal(ends.found, LINK_CONTENT);
    assert_memory_equal(ends.content.bytes, "there", 5);
    assert_false(ends.initiator.confirmed);
    say(&ends, &ends.responder, &ends.initiator, "back");
    assert_memory_equal(ends.content.bytes, "back", 4);
    assert_true(ends.initiator.confirmed);
    /* A new handshake replaces the channel. */
    handshake(&ends, 6);
    say(&ends, &ends.responder, &ends.initiator, "again");
    assert_int_equal(ends.found, LINK_CONTENT);
    buffer_free(&none);
    ends_close(&ends);
}

static void repeats_and_changes(void **state)
{
    (void)state;
    struct ends ends;
    ends_open(&ends, 0, 1);
    handshake(&ends, 5);
    struct buffer frame;
    buffer_init(&frame, ends.context);
    assert_int_equal(link_seal(&ends.initiator, (const uint8_t *)"once", 4, &frame), FATE_OK);
    for (uint64_t i = 0; i < frame.length; i++) {
        frame.bytes[i] ^= 4;
        hand(&ends, &ends.responder, &frame);
        assert_int_not_equal(ends.found, LINK_CONTENT);
        frame.bytes[i] ^= 4;
    }
    for (uint64_t length = 0; length < frame.length; length++) {
        struct buffer shorter = frame;
        shorter.length = length;
        hand(&ends, &ends.responder, &shorter);
        assert_int_not_equal(ends.found, LINK_CONTENT);
    }
    hand(&ends, &ends.responder, &frame);
    assert_int_equal(ends.found, LINK_CONTENT);
    hand(&ends, &ends.responder, &frame);
    assert_int_equal(ends.found, LINK_NOTHING);
    assert_int_equal(ends.responder.repeated, 1);
    buffer_free(&frame);
    ends_close(&ends);
}

/* The responder pins another key: it says so under seal, and only the key's holder can read it. */
static void the_initiator_is_refused(void **state)
{
    (void)state;
    struct ends ends;
    ends_open(&ends, 2, 1);
    struct buffer frame;
    begin(&ends, 5, &frame);
    hand(&ends, &ends.responder, &frame);
    buffer_free(&frame);
    hand(&ends, &ends.initiator, &ends.answers[0]);
    assert_int_equal(ends.found, LINK_OPENED);
    hand(&ends, &ends.responder, &ends.answers[0]);
    assert_int_equal(ends.found, LINK_REFUSE);
    assert_false(ends.responder.open);
    hand(&ends, &ends.initiator, &ends.answers[0]);
    assert_int_equal(ends.found, LINK_CONTENT);
    assert_int_equal(ends.content.bytes[0], CONTROL_REFUSAL);
    ends_close(&ends);
}

static void the_responder_is_refused(void **state)
{
    (void)state;
    struct ends ends;
    ends_open(&ends, 0, 2);
    struct buffer frame;
    begin(&ends, 5, &frame);
    hand(&ends, &ends.responder, &frame);
    buffer_free(&frame);
    hand(&ends, &ends.initiator, &ends.answers[0]);
    assert_int_equal(ends.found, LINK_REFUSE);
    assert_false(ends.initiator.open);
    struct buffer refusal = ends.answers[1];
    buffer_init(&ends.answers[1], ends.context);
    hand(&ends, &ends.responder, &ends.answers[0]);
    assert_int_equal(ends.found, LINK_OPENED);
    hand(&ends, &ends.responder, &refusal);
    assert_int_equal(ends.found, LINK_CONTENT);
    assert_int_equal(ends.content.bytes[0], CONTROL_REFUSAL);
    buffer_free(&refusal);
    ends_close(&ends);
}

/* First messages from anybody cost no memory and no channel. */
static void a_flood_of_handshakes(void **state)
{
    (void)state;
    struct ends ends;
    ends_open(&ends, 0, 1);
    handshake(&ends, 5);
    for (uint64_t id = 100; id < 200; id++) {
        struct buffer frame;
        begin(&ends, id, &frame);
        hand(&ends, &ends.responder, &frame);
        buffer_free(&frame);
    }
    say(&ends, &ends.responder, &ends.initiator, "still here");
    assert_int_equal(ends.found, LINK_CONTENT);
    handshake(&ends, 300);
    say(&ends, &ends.initiator, &ends.responder, "and again");
    assert_int_equal(ends.found, LINK_CONTENT);
    ends_close(&ends);
}

/* A wrong second or third message does not spoil the right one that follows. */
static void forged_handshake_messages(void **state)
{
    (void)state;
    struct ends ends;
    ends_open(&ends, 0, 1);
    struct buffer frame, second, third;
    begin(&ends, 5, &frame);
    hand(&ends, &ends.responder, &frame);
    second = ends.answers[0];
    buffer_init(&ends.answers[0], ends.context);
    second.bytes[60] ^= 1;
    hand(&ends, &ends.initiator, &second);
    assert_int_equal(ends.found, LINK_CLOSE);
    second.bytes[60] ^= 1;
    hand(&ends, &ends.initiator, &second);
    assert_int_equal(ends.found, LINK_OPENED);
    third = ends.answers[0];
    buffer_init(&ends.answers[0], ends.context);
    third.bytes[20] ^= 1;
    hand(&ends, &ends.responder, &third);
    assert_int_equal(ends.found, LINK_CLOSE);
    third.bytes[20] ^= 1;
    hand(&ends, &ends.responder, &third);
    assert_int_equal(ends.found, LINK_OPENED);
    buffer_free(&frame);
    buffer_free(&second);
    buffer_free(&third);
    ends_close(&ends);
}

/* A restarted responder does not know the channel: its hint makes the initiator want a new handshake, and no more than that. */
static void unknown_channels_are_hinted_at(void **state)
{
    (void)state;
    struct ends ends;
    ends_open(&ends, 0, 1);
    handshake(&ends, 5);
    struct link restarted;
    link_init(&restarted, ends.context, false, ends.identities[1]->exchange_secret, ends.identities[0]->public_half.exchange);
    say(&ends, &ends.initiator, &restarted, "hello?");
    assert_int_equal(ends.answers[0].length, FRAME_HEADER);
    assert_int_equal(ends.answers[0].bytes[0], FRAME_UNKNOWN);
    struct buffer hint = ends.answers[0];
    buffer_init(&ends.answers[0], ends.context);
    hand(&ends, &ends.initiator, &hint);
    assert_true(ends.initiator.wanted);
    assert_true(ends.initiator.open);
    say(&ends, &ends.initiator, &restarted, "hello?"); /* not more than one a second */
    assert_int_equal(ends.answers[0].length, 0);
    buffer_free(&hint);
    link_free(&restarted);
    ends_close(&ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(repeats_and_changes),
        cmocka_unit_test(the_initiator_is_refused),
        cmocka_unit_test(the_responder_is_refused),
        cmocka_unit_test(a_flood_of_handshakes),
        cmocka_unit_test(forged_handshake_messages),
        cmocka_unit_test(unknown_channels_are_hinted_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
