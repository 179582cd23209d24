/* The TCP transport between two parties: frames, addresses, loss and return of connections, back-pressure, waking, flushing. */
#include "tests/support/unit.h"

#include <pthread.h>
#include "tests/support/allocator.h"
#include "tests/support/tcp.h"

static fate_context *context;
static struct test_side bank, telecom;

static int setup(void **state)
{
    (void)state;
    bank.inbox = test_inbox_make();
    telecom.inbox = test_inbox_make();
    if (context_new(&context, NULL) != FATE_OK || test_tcp_listener(context, &bank, "127.0.0.1:0") != FATE_OK) return -1;
    return test_tcp_dialler(context, &telecom, "127.0.0.1", fate_tcp_port(bank.transport));
}

static int teardown(void **state)
{
    (void)state;
    fate_transport_free(telecom.transport);
    fate_transport_free(bank.transport);
    test_inbox_free(bank.inbox);
    test_inbox_free(telecom.inbox);
    fate_context_free(context);
    return 0;
}

static void connect_both(void)
{
    assert_true(test_until(&bank, &telecom, &bank.inbox->up, bank.inbox->down + 1));
    assert_true(test_until(&bank, &telecom, &telecom.inbox->up, telecom.inbox->down + 1));
}

static void frames_both_ways(void **state)
{
    static const uint64_t lengths[] = {8, 100, 65536, TRANSPORT_FRAME_LIMIT, 9};
    (void)state;
    assert_int_equal(test_send(&bank, 1, 0, 77, 8), FATE_OK); /* nobody there yet: dropped */
    connect_both();
    for (uint64_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_int_equal(test_send(&telecom, 0, 0, i, lengths[i]), FATE_OK);
        assert_true(test_until(&bank, &telecom, &bank.inbox->frames, i + 1));
        assert_true(test_is_frame(bank.inbox, i, lengths[i]));
        assert_int_equal(bank.inbox->last_peer, 1);
        assert_int_equal(test_send(&bank, 1, bank.inbox->last_link, i, lengths[i]), FATE_OK);
        assert_true(test_until(&bank, &telecom, &telecom.inbox->frames, i + 1));
        assert_true(test_is_frame(telecom.inbox, i, lengths[i]));
        assert_int_equal(telecom.inbox->last_peer, 0);
    }
    assert_int_equal(bank.inbox->misplaced + telecom.inbox->misplaced, 0);
    assert_int_equal(bank.inbox->notices + telecom.inbox->notices, 0);
}

static void over_six(void **state)
{
    struct test_side six = {NULL, bank.inbox};
    (void)state;
    if (test_tcp_listener(context, &six, "[::1]:0") != FATE_OK) {
        print_message("this machine has no IPv6: %s\n", fate_context_error(context));
        skip();
    }
    fate_transport_free(bank.transport);
    fate_transport_free(telecom.transport);
    bank.transport = six.transport;
    assert_int_equal(test_tcp_dialler(context, &telecom, "[::1]", fate_tcp_port(bank.transport)), FATE_OK);
    connect_both();
    assert_int_equal(test_send(&telecom, 0, 0, 0, 50), FATE_OK);
    assert_true(test_until(&bank, &telecom, &bank.inbox->frames, 1));
}

static void every_address_of_this_machine(void **state)
{
    (void)state;
    fate_transport_free(bank.transport);
    fate_transport_free(telecom.transport);
    telecom.transport = NULL;
    assert_int_equal(test_tcp_listener(context, &bank, ":0"), FATE_OK);
    assert_true(fate_tcp_port(bank.transport) > 0);
    assert_int_equal(test_tcp_dialler(context, &telecom, "localhost", fate_tcp_port(bank.transport)), FATE_OK);
    connect_both();
}

static void bad_addresses(void **state)
{
    fate_transport *other = NULL;
    char address[64];
    (void)state;
    assert_int_equal(fate_tcp_new(context, &other, 0, "127.0.0.1"), FATE_E_NETWORK);
    assert_non_null(strstr(fate_context_error(context), "\"127.0.0.1\""));
    assert_int_equal(fate_tcp_new(context, &other, 0, "192.0.2.1:0"), FATE_E_NETWORK); /* not of this machine (RFC 5737) */
    assert_non_null(strstr(fate_context_error(context), "192.0.2.1:0"));
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)fate_tcp_port(bank.transport));
    assert_int_equal(fate_tcp_new(context, &other, 0, address), FATE_E_NETWORK);
    assert_non_null(strstr(fate_context_error(context), address));
    assert_non_null(strstr(fate_context_error(context), "in use"));
    assert_null(other);
    assert_int_equal(fate_tcp_add_peer(bank.transport, 5, "shop", "10.0.0.1"), FATE_E_NETWORK);
    assert_non_null(strstr(fate_context_error(context), "shop"));
    assert_int_equal(fate_tcp_add_peer(bank.transport, 5, "shop", ":80"), FATE_E_NETWORK);
    assert_int_equal(fate_tcp_add_peer(bank.transport, 5, "shop", "10.0.0.1:0"), FATE_E_NETWORK);
}

static void wrong_arguments(void **state)
{
    fate_transport *other[2];
    uint8_t byte = 0;
    (void)state;
    assert_int_equal(fate_tcp_new(NULL, other, 0, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_tcp_new(context, NULL, 0, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_tcp_add_peer(NULL, 1, "x", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_tcp_add_peer(bank.transport, 0, "bank", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_tcp_add_peer(bank.transport, 1, "telecom", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_tcp_add_peer(bank.transport, 2, NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_tcp_port(NULL), 0);
    assert_int_equal(fate_tcp_port(telecom.transport), 0);
    assert_int_equal(fate_loopback_new(context, other, 2), FATE_OK);
    assert_int_equal(fate_tcp_add_peer(other[0], 1, "x", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_tcp_port(other[0]), 0);
    fate_transport_free(other[0]);
    fate_transport_free(other[1]);
    assert_int_equal(test_send(&bank, 9, 0, 0, 8), FATE_E_ARGUMENT);
    assert_int_equal(test_send(&bank, 1, 0, 0, TRANSPORT_FRAME_LIMIT + 1), FATE_E_LIMIT);
    assert_int_equal(bank.transport->send(bank.transport->context, 1, 0, &byte, 0), FATE_E_ARGUMENT);
}

static void a_cut_connection_comes_back(void **state)
{
    (void)state;
    connect_both();
    uint64_t first = bank.inbox->links[0];
    assert_int_equal(test_send(&bank, 1, 0, 0, 8), FATE_OK);
    assert_true(test_until(&bank, &telecom, &telecom.inbox->frames, 1));
    for (uint64_t cut = 1; cut < 4; cut++) {
        bank.transport->close(bank.transport->context, 1, bank.inbox->links[cut - 1]);
        assert_true(test_until(&bank, &telecom, &telecom.inbox->down, cut));
        connect_both();
        assert_int_equal(bank.inbox->up, cut + 1);
        assert_true(bank.inbox->links[cut] > bank.inbox->links[cut - 1]);
        assert_int_equal(test_send(&bank, 1, first, 99, 8), FATE_OK); /* over a link that is gone: dropped */
        assert_int_equal(test_send(&bank, 1, 0, cut, 8), FATE_OK);
        assert_true(test_until(&bank, &telecom, &telecom.inbox->frames, cut + 1));
    }
    assert_int_equal(telecom.inbox->misplaced, 0);
    assert_int_equal(telecom.inbox->notices, 0); /* each came back at the first attempt */
}

static void an_absent_peer_is_told_of_once(void **state)
{
    char address[64];
    (void)state;
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)fate_tcp_port(bank.transport));
    fate_transport_free(bank.transport);
    bank.transport = NULL;
    struct tcp_peer *peer = &test_tcp(&telecom)->peers[0];
    for (uint32_t failures = 1; failures <= 3; failures++) {
        for (int round = 0; round < TEST_ROUNDS && peer->failures < failures; round++) {
            assert_int_equal(test_poll(&telecom), FATE_OK);
            test_wait(&telecom, 50);
        }
        assert_int_equal(peer->failures, failures);
        assert_int_equal(telecom.inbox->notices, failures > 1); /* the first is forgiven */
        peer->failing_since -= TCP_PATIENCE;
    }
    assert_non_null(strstr(telecom.inbox->notice, address));
    assert_non_null(strstr(telecom.inbox->notice, "bank"));
    assert_int_equal(test_tcp_listener(context, &bank, address), FATE_OK);
    connect_both();
    assert_int_equal(telecom.inbox->notices, 1); /* a frame has to come before that is news */
    assert_int_equal(test_send(&bank, 1, 0, 0, 8), FATE_OK);
    assert_true(test_until(&bank, &telecom, &telecom.inbox->frames, 1));
    assert_int_equal(telecom.inbox->notices, 2);
    assert_non_null(strstr(telecom.inbox->notice, "is reached"));
    assert_int_equal(peer->failures, 0);
}

static void back_pressure_loses_nothing(void **state)
{
    uint64_t sent = 0;
    int32_t result = FATE_OK;
    (void)state;
    connect_both();
    bank.inbox->refuses = true;
    /* The system's buffers differ: fill until nothing is taken in many rounds. */
    for (int idle = 0; idle < 100;) {
        result = test_send(&telecom, 0, 0, sent, 100000);
        if (result == FATE_OK) sent++;
        idle = result == FATE_OK ? 0 : idle + 1;
        assert_int_equal(test_poll(&telecom), FATE_OK);
        assert_int_equal(test_poll(&bank), FATE_OK);
    }
    assert_int_equal(result, FATE_AGAIN);
    assert_int_equal(bank.inbox->frames, 0);
    assert_true(test_tcp(&bank)->connections[0]->input.capacity <= TCP_LENGTH + TRANSPORT_FRAME_LIMIT);
    assert_int_equal(test_wait(&bank, 0), FATE_OK);
    bank.inbox->refuses = false;
    assert_true(test_until(&bank, &telecom, &bank.inbox->frames, sent));
    assert_int_equal(test_send(&telecom, 0, 0, sent, 100000), FATE_OK);
    assert_true(test_until(&bank, &telecom, &bank.inbox->frames, sent + 1));
    assert_int_equal(bank.inbox->misplaced, 0);
}

static void an_error_of_the_inbox_comes_back(void **state)
{
    (void)state;
    connect_both();
    assert_int_equal(test_send(&telecom, 0, 0, 0, 8), FATE_OK);
    bank.inbox->fails = -4321;
    int32_t result = FATE_OK;
    for (int round = 0; round < TEST_ROUNDS && result == FATE_OK; round++) {
        test_wait(&bank, 5);
        result = test_poll(&bank);
    }
    assert_int_equal(result, -4321);
    bank.inbox->fails = FATE_OK;
    assert_true(test_until(&bank, &telecom, &bank.inbox->frames, 1));
}

static void *wake_once(void *argument)
{
    const fate_transport *transport = argument;
    transport->wake(transport->context);
    return NULL;
}

static void wake_ends_a_wait(void **state)
{
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, wake_once, bank.transport), 0);
    assert_int_equal(test_wait(&bank, UINT64_MAX), FATE_OK);
    pthread_join(thread, NULL);
    bank.transport->wake(bank.transport->context);
    assert_int_equal(test_wait(&bank, UINT64_MAX), FATE_OK);
    assert_true(bank.transport->now(bank.transport->context) > 0);
}

enum { FLUSHED = 30, FLUSHED_LENGTH = 60000 };

static void *receive_flushed(void *argument)
{
    struct test_side *side = argument;
    struct test_side nobody = {NULL, NULL};
    return test_until(side, &nobody, &side->inbox->frames, FLUSHED) ? argument : NULL;
}

static void what_was_taken_arrives_before_the_end(void **state)
{
    pthread_t thread;
    void *received;
    (void)state;
    connect_both();
    for (uint64_t i = 0; i < FLUSHED; i++) assert_int_equal(test_send(&telecom, 0, 0, i, FLUSHED_LENGTH), FATE_OK);
    /* Unread bytes on the side that closes would make the system drop what is still to be read on the other. */
    assert_int_equal(test_send(&bank, 1, 0, 0, 1000), FATE_OK);
    assert_int_equal(pthread_create(&thread, NULL, receive_flushed, &bank), 0);
    assert_int_equal(telecom.transport->flush(telecom.transport->context, 600000), FATE_OK);
    fate_transport_free(telecom.transport);
    telecom.transport = NULL;
    pthread_join(thread, &received);
    assert_non_null(received);
    assert_int_equal(bank.inbox->misplaced, 0);
}

/* Who is at work while the other side ends, and then sends before it reads, still hears the last frame. */
static void last_words_are_heard_by_who_sends_first(void **state)
{
    (void)state;
    connect_both();
    assert_int_equal(test_send(&telecom, 0, 0, 7, 5000), FATE_OK);
    assert_int_equal(telecom.transport->flush(telecom.transport->context, 600000), FATE_OK);
    fate_transport_free(telecom.transport);
    telecom.transport = NULL;
    struct tcp_connection *connection = test_tcp(&bank)->connections[0];
    for (int i = 0; i < TEST_ROUNDS && connection->broken == 0; i++) assert_int_equal(test_send(&bank, 1, 0, 0, 1000), FATE_OK);
    assert_int_not_equal(connection->broken, 0);
    assert_true(test_until(&bank, &telecom, &bank.inbox->down, 1));
    assert_true(test_is_frame(bank.inbox, 7, 5000));
}

static void flush_ends_with_its_time(void **state)
{
    (void)state;
    connect_both();
    for (int idle = 0; idle < 50;) idle = test_send(&telecom, 0, 0, 0, 100000) == FATE_OK ? 0 : idle + 1;
    assert_int_equal(telecom.transport->flush(telecom.transport->context, 5), FATE_OK);
    assert_true(tcp_connection_waiting(test_tcp(&telecom)->connections[0]) > 0);
}

static void link_zero_goes_where_the_peer_is(void **state)
{
    uint8_t frame[TCP_LENGTH + 8] = {8};
    (void)state;
    connect_both();
    uint64_t real = bank.inbox->links[0];
    int impostor = test_impostor(fate_tcp_port(bank.transport), 1, 0);
    assert_true(impostor >= 0);
    assert_true(test_until(&bank, &telecom, &bank.inbox->up, 2));
    assert_int_equal(test_send(&telecom, 0, 0, 0, 8), FATE_OK);
    assert_true(test_until(&bank, &telecom, &bank.inbox->frames, 1));
    assert_int_equal(bank.inbox->last_link, real);
    assert_int_equal(test_send(&bank, 1, 0, 0, 8), FATE_OK); /* the other one is newer, this one was heard */
    assert_true(test_until(&bank, &telecom, &telecom.inbox->frames, 1));
    assert_int_equal(test_send(&bank, 1, 0, 99, 8), FATE_OK); /* none is proved: now it is the other's turn */
    uint8_t heard[TCP_LENGTH + 8];
    assert_int_equal(recv(impostor, heard, sizeof heard, MSG_WAITALL), sizeof heard);
    uint64_t number;
    memcpy(&number, heard + TCP_LENGTH, sizeof number); /* as test_send wrote it */
    assert_int_equal(number, 99);
    bank.transport->proved(bank.transport->context, 1, real);
    assert_int_equal(send(impostor, frame, sizeof frame, MSG_NOSIGNAL), sizeof frame);
    assert_true(test_until(&bank, &telecom, &bank.inbox->frames, 2));
    assert_true(bank.inbox->last_link != real);
    assert_int_equal(test_send(&bank, 1, 0, 1, 8), FATE_OK); /* heard later, but not proved */
    assert_true(test_until(&bank, &telecom, &telecom.inbox->frames, 2));
    close(impostor);
}

/* Connects two parties, exchanges two frames and cuts the connection. */
static int32_t whole_life(fate_context *small, struct test_side *one, struct test_side *other)
{
    int32_t result = test_tcp_listener(small, one, "127.0.0.1:0");
    if (result == FATE_OK) result = test_tcp_dialler(small, other, "127.0.0.1", fate_tcp_port(one->transport));
    uint64_t sent = 0;
    for (int round = 0; round < TEST_ROUNDS && result == FATE_OK && one->inbox->frames < 2; round++) {
        result = test_poll(one);
        if (result == FATE_OK) result = test_poll(other);
        if (result == FATE_OK && other->inbox->up > 0 && sent < 2) result = test_send(other, 0, 0, sent++, 10000);
        test_wait(one, 1);
    }
    if (result == FATE_OK && one->inbox->frames < 2) result = FATE_E_TIMEOUT;
    return result;
}

static void every_allocation_fails_once(void **state)
{
    bool succeeded = false;
    (void)state;
    for (long long k = 0; !succeeded; k++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *small;
        struct test_side one = {NULL, test_inbox_make()}, other = {NULL, test_inbox_make()};
        assert_int_equal(context_new(&small, &allocator), FATE_OK);
        test.fail = atomic_load(&test.calls) + k;
        int32_t result = whole_life(small, &one, &other);
        succeeded = result == FATE_OK;
        if (!succeeded) assert_int_equal(result, FATE_E_MEMORY);
        if (!succeeded) assert_non_null(strstr(fate_context_error(small), "memory"));
        fate_transport_free(other.transport);
        fate_transport_free(one.transport);
        test_inbox_free(one.inbox);
        test_inbox_free(other.inbox);
        fate_context_free(small);
        assert_int_equal(atomic_load(&test.live), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_both_ways, setup, teardown),
        cmocka_unit_test_setup_teardown(over_six, setup, teardown),
        cmocka_unit_test_setup_teardown(every_address_of_this_machine, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_arguments, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cut_connection_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(an_absent_peer_is_told_of_once, setup, teardown),
        cmocka_unit_test_setup_teardown(back_pressure_loses_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(an_error_of_the_inbox_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(wake_ends_a_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_taken_arrives_before_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(last_words_are_heard_by_who_sends_first, setup, teardown),
        cmocka_unit_test_setup_teardown(flush_ends_with_its_time, setup, teardown),
        cmocka_unit_test_setup_teardown(link_zero_goes_where_the_peer_is, setup, teardown),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
