/* Speaking with peers: messages longer than a part arrive whole; errors name the peer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/boosting/peer.h"
#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {.hosts = 2, .rows = 20, .columns = 2, .parameters = "\"trees\": 1", .seed = 16};

enum { LONG = 2 * FATE_PART_LIMIT + 5 };

/* A message of three parts, and one of exactly one part, before the host's own; the guest reads them in a step of its own. */
static int32_t send_long(fate_turn *turn, void *state)
{
    struct host *host = state;
    struct buffer bytes;
    buffer_init(&bytes, host->context);
    for (uint32_t i = 0; i < LONG; i++) {
        buffer_u8(&bytes, (uint8_t)(i % 251));
    }
    assert_int_equal(peer_send(turn, MESSAGE_COLUMNS, host->guest, &bytes), FATE_OK);
    buffer_free(&bytes);
    return FATE_OK;
}

static uint32_t received;

static int32_t receive_long(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    for (uint32_t party = 1; party < guest->party_count; party++) {
        const uint8_t *bytes;
        uint64_t length;
        assert_int_equal(fate_turn_received(turn, party, &bytes, &length), FATE_OK);
        assert_int_equal(length, LONG);
        for (uint32_t i = 0; i < LONG; i++) {
            assert_true(bytes[i] == i % 251);
        }
        received++;
    }
    assert_int_equal(peer_count(turn, ROLE_HOST), 2);
    assert_int_equal(peer_count(turn, ROLE_GUEST), 1);
    assert_int_equal(peer_next(turn, ROLE_HOST, 0), 1);
    assert_int_equal(peer_next(turn, ROLE_HOST, 2), 2);
    assert_int_equal(peer_next(turn, ROLE_HOST, 3), UINT32_MAX);
    context_fail(guest->context, FATE_E_FORMAT, "the reason");
    assert_int_equal(peer_checked(turn, 2, FATE_E_MEMORY), FATE_E_MEMORY);
    assert_int_equal(peer_checked(turn, 2, FATE_OK), FATE_OK);
    return peer_checked(turn, 2, FATE_E_FORMAT);
}

static void long_messages_arrive_whole_and_errors_name_the_peer(void **state)
{
    (void)state;
    struct hostile_run run;
    struct replacement both[] = {{FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_BIN, send_long},
                                 {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_COMPARE, receive_long}};
    received = 0;
    hostile_begin(&run, hostile_contexts(both, 2), &usual);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_E_PROTOCOL);
    assert_int_equal(received, 2);
    assert_non_null(
        strstr(fate_session_error(fate_simulator_session(run.simulator, 0)), "party2 sent what the protocol does not allow: the reason"));
    hostile_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(long_messages_arrive_whole_and_errors_name_the_peer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
