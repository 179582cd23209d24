/* Streams of records: order, repeats, gaps, credit, acknowledgements, and going on after a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "lib/context.h"
#include "src/session/stream.h"
#include "tests/support/allocator.h"

static fate_context *context;

static int setup(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static int32_t push_bytes(struct stream *stream, uint32_t message, const void *bytes, uint64_t length, bool last)
{
    struct payload *payload = payload_new(stream->context, bytes, length);
    int32_t result = payload == NULL ? FATE_E_MEMORY : stream_push(stream, message, payload, last);
    payload_release(stream->context, payload);
    return result;
}

static void push(struct stream *stream, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t value = stream->out_next * 3;
        assert_int_equal(push_bytes(stream, 1, &value, sizeof value, true), FATE_OK);
    }
}

/* Hands everything that may be sent from one to the other; numbers in lose (a bit mask) vanish. */
static void carry(struct stream *from, struct stream *to, uint64_t lose)
{
    struct record *record;
    while ((record = stream_sendable(from)) != NULL) {
        stream_sent(from, record, 0);
        if (record->number < 64 && (lose >> record->number & 1) != 0) continue;
        assert_int_equal(stream_receive(to, record->number, record->message, record->last, record->payload, record->length), FATE_OK);
    }
}

static void open_pair(struct stream *from, struct stream *to, uint64_t credit)
{
    stream_init(from, context);
    stream_init(to, context);
    from->credit = to->in_granted = credit;
}

static void close_pair(struct stream *from, struct stream *to)
{
    stream_free(from);
    stream_free(to);
}

static void take_all(struct stream *stream, uint64_t expected)
{
    for (; stream_head(stream) != NULL; expected++) {
        const struct record *head = stream_head(stream);
        uint64_t value;
        memcpy(&value, head->payload, sizeof value);
        assert_int_equal(head->number, expected);
        assert_int_equal(value, expected * 3);
        stream_take(stream);
    }
}

static void in_order(void **state)
{
    (void)state;
    struct stream from, to;
    open_pair(&from, &to, 100000);
    push(&from, 20);
    carry(&from, &to, 0);
    assert_int_equal(to.in_next, 20);
    assert_memory_equal(from.out_chain, to.in_chain, STREAM_CHAIN);
    take_all(&to, 0);
    assert_memory_equal(from.out_chain, to.in_taken_chain, STREAM_CHAIN);
    assert_true(stream_acknowledged(&from, 20, 0, 100000));
    assert_null(from.outgoing.first);
    close_pair(&from, &to);
}

/* Every set of lost records out of eight is healed by one round of gaps. */
static void gaps_are_sent_again(void **state)
{
    (void)state;
    for (uint64_t lose = 0; lose < 256; lose++) {
        struct stream from, to;
        open_pair(&from, &to, 100000);
        push(&from, 8);
        carry(&from, &to, lose);
        for (int round = 0; to.in_next < 8 && round < 9; round++) {
            uint64_t end = stream_gap_end(&to);
            stream_resend(&from, to.in_next, end > to.in_next ? end : 8, 100, 50);
            carry(&from, &to, 0);
        }
        assert_int_equal(to.in_next, 8);
        assert_memory_equal(from.out_chain, to.in_chain, STREAM_CHAIN);
        take_all(&to, 0);
        close_pair(&from, &to);
    }
}

static void repeats_are_dropped(void **state)
{
    (void)state;
    struct stream from, to;
    uint64_t value = 0;
    open_pair(&from, &to, 100000);
    assert_int_equal(stream_receive(&to, 2, 1, true, (const uint8_t *)&value, 8), FATE_OK);
    assert_int_equal(stream_receive(&to, 2, 1, true, (const uint8_t *)&value, 8), FATE_EMPTY);
    assert_int_equal(stream_receive(&to, 0, 1, true, (const uint8_t *)&value, 8), FATE_OK);
    assert_int_equal(stream_receive(&to, 0, 1, true, (const uint8_t *)&value, 8), FATE_EMPTY);
    assert_int_equal(to.in_next, 1);
    assert_int_equal(stream_gap_end(&to), 2);
    close_pair(&from, &to);
}

/* On a new channel what came too early is forgotten, and what it held of the credit. */
static void early_records_are_dropped(void **state)
{
    (void)state;
    struct stream from, to;
    open_pair(&from, &to, 100000);
    push(&from, 8);
    carry(&from, &to, 0x34); /* 2, 4 and 5 are lost */
    const uint64_t joined = to.in_next;
    assert_true(joined > 0 && joined < 8 && stream_gap_end(&to) > joined);
    stream_drop_early(&to);
    assert_int_equal(stream_gap_end(&to), joined);
    assert_int_equal(to.in_held_bytes, joined * (8 + STREAM_OVERHEAD));
    assert_int_equal(to.in_next, joined);
    stream_resend(&from, joined, 8, 100, 0);
    carry(&from, &to, 0);
    assert_int_equal(to.in_next, 8);
    assert_memory_equal(from.out_chain, to.in_chain, STREAM_CHAIN);
    take_all(&to, 0);
    stream_drop_early(&to);
    assert_int_equal(to.in_held_bytes, 0);
    close_pair(&from, &to);
}

static void credit_bounds_both_sides(void **state)
{
    (void)state;
    struct stream from, to;
    open_pair(&from, &to, 3 * (8 + STREAM_OVERHEAD));
    push(&from, 10);
    carry(&from, &to, 0);
    assert_int_equal(to.in_next, 3);
    assert_int_equal(stream_backlog(&from), 7 * (8 + STREAM_OVERHEAD));
    uint64_t value = 9;
    assert_int_equal(stream_receive(&to, 3, 1, true, (const uint8_t *)&value, 8), FATE_E_PROTOCOL);
    take_all(&to, 0);
    to.in_granted += 3 * (8 + STREAM_OVERHEAD);
    assert_true(stream_acknowledged(&from, 3, 0, to.in_granted));
    carry(&from, &to, 0);
    assert_int_equal(to.in_next, 6);
    close_pair(&from, &to);
}

static void impossible_acknowledgements(void **state)
{
    (void)state;
    struct stream from, to;
    open_pair(&from, &to, 100000);
    push(&from, 4);
    assert_false(stream_acknowledged(&from, 5, 0, 0));
    assert_false(stream_acknowledged(&from, 2, 3, 0));
    assert_false(stream_acknowledged(&from, UINT64_MAX, 0, 0));
    assert_true(stream_acknowledged(&from, 4, 4, 0));
    assert_true(stream_acknowledged(&from, 1, 0, 0)); /* an old one, overtaken */
    assert_int_equal(from.out_acknowledged, 4);
    close_pair(&from, &to);
}

/* Records stay until a durable peer will never ask for them again. */
static void durable_peers(void **state)
{
    (void)state;
    struct stream from, to;
    open_pair(&from, &to, 100000);
    from.peer_durable = true;
    push(&from, 6);
    carry(&from, &to, 0);
    assert_true(stream_acknowledged(&from, 6, 2, 100000));
    assert_int_equal(from.outgoing.first->number, 2);
    /* The peer comes back with the two records that it keeps: the same two make the same chain. */
    struct stream back, again;
    uint8_t chain[STREAM_CHAIN];
    open_pair(&again, &back, 100000);
    back.in_next = back.in_taken = 2;
    push(&again, 2);
    memcpy(chain, again.out_chain, STREAM_CHAIN);
    assert_int_equal(stream_reopen(&from, 2, chain, 2, 100000), FATE_OK);
    carry(&from, &back, 0);
    assert_int_equal(back.in_next, 6);
    assert_int_equal(stream_reopen(&from, 1, chain, 1, 100000), FATE_E_STORE); /* behind what it acknowledged */
    chain[0] ^= 1;
    assert_int_equal(stream_reopen(&from, 6, chain, 2, 100000), FATE_E_STORE); /* other records */
    close_pair(&from, &to);
    close_pair(&again, &back);
}

/* A party that comes back from an older state makes records again; they must be the same. */
static void rebuilt_records_must_be_the_same(void **state)
{
    (void)state;
    for (int same = 0; same < 2; same++) {
        struct stream whole, rebuilt;
        open_pair(&whole, &rebuilt, 100000);
        push(&whole, 3);
        assert_int_equal(stream_reopen(&rebuilt, 3, whole.out_chain, 0, 100000), FATE_OK);
        push(&rebuilt, 2);
        uint64_t value = same ? 6 : 7;
        assert_int_equal(push_bytes(&rebuilt, 1, &value, 8, true), same ? FATE_OK : FATE_E_STORE);
        assert_null(stream_sendable(&rebuilt)); /* the peer has all of them */
        close_pair(&whole, &rebuilt);
    }
}

static void whole_messages(void **state)
{
    (void)state;
    struct stream from, to;
    uint64_t length;
    open_pair(&from, &to, 100000);
    assert_int_equal(stream_whole(&to, &length), 0);
    assert_int_equal(push_bytes(&from, 1, "ab", 2, false), FATE_OK);
    assert_int_equal(push_bytes(&from, 1, NULL, 0, false), FATE_OK);
    assert_int_equal(push_bytes(&from, 1, "c", 1, true), FATE_OK);
    assert_int_equal(push_bytes(&from, 2, "d", 1, true), FATE_OK);
    carry(&from, &to, 4);
    assert_int_equal(stream_whole(&to, &length), 0);
    assert_int_equal(stream_head_bytes(&to), 2 + 2 * STREAM_OVERHEAD);
    stream_resend(&from, 2, 3, 100, 0);
    carry(&from, &to, 0);
    assert_int_equal(stream_whole(&to, &length), 3);
    assert_int_equal(length, 3);
    close_pair(&from, &to);
}

static void saved_and_loaded(void **state)
{
    (void)state;
    struct stream from, to, loaded;
    struct buffer bytes;
    struct payload_book book;
    open_pair(&from, &to, 100000);
    from.peer_durable = true;
    push(&from, 5);
    buffer_init(&bytes, context);
    payload_book_init(&book, context);
    stream_unplace(&from);
    stream_save(&from, &book, &bytes);
    for (uint64_t length = 0; length <= bytes.length; length++) {
        struct reader reader;
        stream_init(&loaded, context);
        reader_init(&reader, bytes.bytes, length);
        payload_book_init(&book, context);
        int32_t result = stream_load(&loaded, &book, &reader);
        payload_book_free(&book);
        assert_int_equal(result, length == bytes.length ? FATE_OK : FATE_E_FORMAT);
        if (result == FATE_OK) {
            loaded.credit = 100000;
            assert_int_equal(stream_reopen(&loaded, 0, loaded.in_chain, 0, 100000), FATE_OK);
            carry(&loaded, &to, 0);
            take_all(&to, 0);
            assert_int_equal(to.in_taken, 5);
        }
        stream_free(&loaded);
    }
    buffer_free(&bytes);
    close_pair(&from, &to);
}

static void allocations_fail(void **state)
{
    (void)state;
    for (long long fail = 0; fail < 8; fail++) {
        struct test_allocator counter;
        fate_allocator allocator = test_allocator(&counter, -1);
        fate_context *own;
        struct stream stream;
        assert_int_equal(context_new(&own, &allocator), FATE_OK);
        stream_init(&stream, own);
        stream.in_granted = 1000;
        counter.fail = atomic_load(&counter.calls) + fail;
        int32_t pushed = push_bytes(&stream, 0, "a", 1, true);
        int32_t received = stream_receive(&stream, 0, 0, true, (const uint8_t *)"a", 1);
        assert_true(pushed == FATE_OK || (pushed == FATE_E_MEMORY && stream.out_next == 0));
        assert_true(received == FATE_OK || (received == FATE_E_MEMORY && stream.in_next == 0));
        assert_true(fail > 3 || pushed != FATE_OK || received != FATE_OK);
        stream_free(&stream);
        fate_context_free(own);
        assert_int_equal(atomic_load(&counter.live), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order),
        cmocka_unit_test(gaps_are_sent_again),
        cmocka_unit_test(repeats_are_dropped),
        cmocka_unit_test(early_records_are_dropped),
        cmocka_unit_test(credit_bounds_both_sides),
        cmocka_unit_test(impossible_acknowledgements),
        cmocka_unit_test(durable_peers),
        cmocka_unit_test(rebuilt_records_must_be_the_same),
        cmocka_unit_test(whole_messages),
        cmocka_unit_test(saved_and_loaded),
        cmocka_unit_test(allocations_fail),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
