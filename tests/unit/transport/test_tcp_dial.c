/* Pauses between attempts: they grow, stay within bounds, and are the same for the same parties. */
#include "tests/support/unit.h"

#include "tests/support/tcp.h"

static void pauses_grow_within_bounds(void **state)
{
    (void)state;
    for (uint32_t party = 0; party < 8; party++) {
        for (uint32_t failures = 1; failures < 100; failures++) {
            uint64_t whole = failures < 6 ? (uint64_t)TCP_PAUSE_LEAST << (failures - 1) : TCP_PAUSE_MOST;
            if (whole > TCP_PAUSE_MOST) whole = TCP_PAUSE_MOST;
            uint64_t pause = tcp_dial_pause(party, 9, failures);
            assert_true(pause <= whole);
            assert_true(pause >= whole - whole / 8);
            assert_int_equal(pause, tcp_dial_pause(party, 9, failures));
        }
    }
    assert_true(tcp_dial_pause(1, 0, UINT32_MAX) <= TCP_PAUSE_MOST);
}

static void parties_do_not_stay_in_step(void **state)
{
    uint32_t equal = 0;
    (void)state;
    for (uint32_t failures = 1; failures < 50; failures++) equal += tcp_dial_pause(1, 0, failures) == tcp_dial_pause(2, 0, failures);
    assert_true(equal < 10);
}

static void a_dial_that_takes_too_long_is_given_up(void **state)
{
    fate_context *context;
    struct test_side side = {NULL, test_inbox_make()};
    (void)state;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_tcp_new(context, &side.transport, 1, NULL), FATE_OK);
    /* An address for documentation (RFC 5737): nobody answers, or the system knows no way to it. */
    assert_int_equal(fate_tcp_add_peer(side.transport, 0, "bank", "192.0.2.1:9"), FATE_OK);
    assert_int_equal(test_poll(&side), FATE_OK);
    struct tcp *tcp = test_tcp(&side);
    if (tcp->connection_count == 1) {
        assert_int_equal(tcp->connections[0]->state, TCP_CONNECTING);
        assert_true(tcp->connections[0]->deadline <= transport_now() + TCP_DIAL_TIME);
        tcp->connections[0]->deadline = 0;
        assert_int_equal(test_wait(&side, UINT64_MAX), FATE_OK);
        assert_int_equal(test_poll(&side), FATE_OK);
    }
    assert_int_equal(tcp->connection_count, 0);
    assert_int_equal(side.inbox->notices, 0); /* it may only be late */
    assert_int_equal(tcp->peers[0].failures, 1);
    fate_transport_free(side.transport);
    test_inbox_free(side.inbox);
    fate_context_free(context);
}

static void a_name_that_is_unknown_is_told_of(void **state)
{
    fate_context *context;
    struct test_side side = {NULL, test_inbox_make()};
    (void)state;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_tcp_new(context, &side.transport, 1, NULL), FATE_OK);
    assert_int_equal(fate_tcp_add_peer(side.transport, 0, "bank", "999.1.1.1.:9"), FATE_OK);
    assert_int_equal(test_poll(&side), FATE_OK);
    assert_int_equal(side.inbox->notices, 0);
    struct tcp_peer *peer = &test_tcp(&side)->peers[0];
    peer->failing_since -= TCP_PATIENCE;
    for (int again = 0; again < 2; again++) {
        peer->dial_at = 0;
        assert_int_equal(test_poll(&side), FATE_OK);
        assert_int_equal(side.inbox->notices, 1);
    }
    assert_int_equal(peer->failures, 3);
    assert_non_null(strstr(side.inbox->notice, "999.1.1.1.:9"));
    assert_true(test_tcp(&side)->peers[0].dial_at > 0);
    fate_transport_free(side.transport);
    test_inbox_free(side.inbox);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_grow_within_bounds),
        cmocka_unit_test(parties_do_not_stay_in_step),
        cmocka_unit_test(a_dial_that_takes_too_long_is_given_up),
        cmocka_unit_test(a_name_that_is_unknown_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
