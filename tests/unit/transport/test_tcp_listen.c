/* Strangers on the port: whatever they send or withhold, their number and memory is bounded and no peer is disturbed. */
#include "tests/support/unit.h"

#include <sys/resource.h>
#include "tests/support/tcp.h"

static fate_context *context;
static struct test_side bank, telecom;
static uint32_t port;

static int setup(void **state)
{
    (void)state;
    bank.inbox = test_inbox_make();
    telecom.inbox = test_inbox_make();
    if (context_new(&context, NULL) != FATE_OK || test_tcp_listener(context, &bank, "127.0.0.1:0") != FATE_OK) return -1;
    port = fate_tcp_port(bank.transport);
    if (test_tcp_dialler(context, &telecom, "127.0.0.1", port) != FATE_OK) return -1;
    return test_until(&bank, &telecom, &bank.inbox->up, 1) ? 0 : -1;
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

/* The real connection is the first one still, and frames pass both ways. */
static void assert_undisturbed(void)
{
    uint64_t heard = telecom.inbox->frames, taken = bank.inbox->frames;
    assert_int_equal(telecom.inbox->down, 0);
    assert_int_equal(test_send(&telecom, 0, 0, 0, 100), FATE_OK);
    assert_true(test_until(&bank, &telecom, &bank.inbox->frames, taken + 1));
    assert_int_equal(bank.inbox->last_link, bank.inbox->links[0]);
    assert_int_equal(test_send(&bank, 1, bank.inbox->links[0], 0, 100), FATE_OK);
    assert_true(test_until(&bank, &telecom, &telecom.inbox->frames, heard + 1));
}

static void assert_sends_away(const void *bytes, uint64_t length)
{
    int stranger = test_stranger(port);
    assert_true(stranger >= 0);
    assert_int_equal(send(stranger, bytes, length, MSG_NOSIGNAL), length);
    assert_true(test_is_sent_away(&bank, stranger));
    close(stranger);
}

static void garbage(void **state)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: bank\r\n\r\n";
    uint8_t bytes[100000];
    (void)state;
    memset(bytes, 0xff, sizeof bytes);
    assert_sends_away(request, sizeof request - 1);
    assert_int_equal(bank.inbox->notices, 1);
    assert_non_null(strstr(bank.inbox->notice, "127.0.0.1:"));
    assert_sends_away(bytes, sizeof bytes);
    assert_sends_away("x", 1);
    assert_int_equal(bank.inbox->notices, 1); /* further ones are not told of: a flood would fill a person's screen */
    assert_int_equal(bank.inbox->up, 1);
    assert_undisturbed();
}

static void preambles_that_do_not_fit(void **state)
{
    static const char version[TCP_PREAMBLE] = {'F', 'A', 'T', 'E', 2, 0, 0, 0, 1};
    (void)state;
    int other_party = test_impostor(port, 1, 7), no_peer = test_impostor(port, 3, 0), myself = test_impostor(port, 0, 0);
    assert_true(test_is_sent_away(&bank, other_party));
    assert_true(test_is_sent_away(&bank, no_peer));
    assert_true(test_is_sent_away(&bank, myself));
    assert_sends_away(version, sizeof version);
    assert_int_equal(bank.inbox->up, 1);
    assert_undisturbed();
    close(other_party);
    close(no_peer);
    close(myself);
}

static void bad_lengths_after_a_good_preamble(void **state)
{
    static const uint8_t lengths[][4] = {{0, 0, 0, 0}, {1, 16, 16, 0}, {255, 255, 255, 255}};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        int impostor = test_impostor(port, 1, 0);
        assert_int_equal(send(impostor, lengths[i], sizeof lengths[i], MSG_NOSIGNAL), 4);
        assert_true(test_is_sent_away(&bank, impostor));
        close(impostor);
    }
    assert_int_equal(bank.inbox->down, 3);
    assert_undisturbed();
}

static void who_says_nothing_is_sent_away_in_time(void **state)
{
    (void)state;
    int stranger = test_stranger(port);
    struct tcp *tcp = test_tcp(&bank);
    for (int round = 0; round < TEST_ROUNDS && tcp->connection_count < 2; round++) {
        assert_int_equal(test_poll(&bank), FATE_OK);
        test_wait(&bank, 1);
    }
    assert_int_equal(tcp->connection_count, 2);
    assert_true(tcp->connections[1]->deadline <= transport_now() + TCP_GREETING_TIME);
    tcp->connections[1]->deadline = 0;
    assert_int_equal(test_wait(&bank, UINT64_MAX), FATE_OK);
    assert_true(test_is_sent_away(&bank, stranger));
    assert_non_null(strstr(bank.inbox->notice, "did not say"));
    assert_undisturbed();
    close(stranger);
}

/* How many of the strangers' connections are still open at our end. */
static uint32_t count_strangers(void)
{
    const struct tcp *tcp = test_tcp(&bank);
    uint32_t count = 0;
    for (uint32_t i = 0; i < tcp->connection_count; i++) count += tcp->connections[i]->state != TCP_CLOSED && !tcp->connections[i]->proved;
    return count;
}

enum { THOUSAND = 1000, HELD = 300 };

/* Opens a thousand connections, of which the latest HELD stay open at the strangers' end. */
static void flood(bool claims)
{
    static int held[HELD];
    for (int i = 0; i < HELD; i++) held[i] = -1;
    for (int i = 0; i < THOUSAND; i++) {
        if (held[i % HELD] >= 0) close(held[i % HELD]);
        held[i % HELD] = claims ? test_impostor(port, 1, 0) : test_stranger(port);
        assert_int_equal(test_poll(&bank), FATE_OK);
        assert_true(count_strangers() <= TCP_STRANGERS);
    }
    for (int round = 0; round < 100; round++) assert_int_equal(test_poll(&bank), FATE_OK);
    assert_true(count_strangers() <= (claims ? TCP_STRANGERS_OF_A_PEER : TCP_STRANGERS));
    assert_true(test_tcp(&bank)->connection_capacity <= 256);
    assert_undisturbed();
    for (int i = 0; i < HELD; i++) close(held[i]);
}

static void a_thousand_half_open_connections(void **state)
{
    (void)state;
    assert_undisturbed();
    flood(false);
}

static void a_thousand_impostors(void **state)
{
    (void)state;
    bank.transport->proved(bank.transport->context, 1, bank.inbox->links[0]);
    flood(true);
}

static void a_peer_gets_in_among_strangers(void **state)
{
    static int strangers[2 * TCP_STRANGERS];
    (void)state;
    for (int i = 0; i < 2 * TCP_STRANGERS; i++) strangers[i] = test_stranger(port);
    bank.transport->close(bank.transport->context, 1, bank.inbox->links[0]);
    assert_true(test_until(&bank, &telecom, &bank.inbox->up, 2));
    uint64_t taken = bank.inbox->frames;
    assert_true(test_until(&bank, &telecom, &telecom.inbox->up, 2));
    assert_int_equal(test_send(&telecom, 0, 0, 0, 100), FATE_OK);
    assert_true(test_until(&bank, &telecom, &bank.inbox->frames, taken + 1));
    for (int i = 0; i < 2 * TCP_STRANGERS; i++) close(strangers[i]);
}

static void proved_connections_of_a_peer_are_few(void **state)
{
    int own[TCP_PROVED_OF_A_PEER + 2];
    (void)state;
    bank.transport->proved(bank.transport->context, 1, bank.inbox->links[0]);
    for (uint64_t i = 0; i < TCP_PROVED_OF_A_PEER + 2; i++) {
        own[i] = test_impostor(port, 1, 0);
        assert_true(test_until(&bank, &telecom, &bank.inbox->up, i + 2));
        bank.transport->proved(bank.transport->context, 1, bank.inbox->links[i + 1]);
    }
    assert_int_equal(test_poll(&bank), FATE_OK);
    assert_int_equal(test_tcp(&bank)->connection_count, TCP_PROVED_OF_A_PEER);
    for (int i = 0; i < TCP_PROVED_OF_A_PEER + 2; i++) close(own[i]);
}

/* A process without descriptors cannot accept: it goes on, and does not spin. */
static void no_descriptors_left(void **state)
{
    struct rlimit limit, none;
    (void)state;
    int stranger = test_stranger(port);
    getrlimit(RLIMIT_NOFILE, &limit);
    none = limit;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    int32_t result = test_poll(&bank);
    bool paused = test_tcp(&bank)->accept_at > transport_now();
    setrlimit(RLIMIT_NOFILE, &limit);
    assert_int_equal(result, FATE_OK);
    assert_true(paused);
    test_tcp(&bank)->accept_at = 0;
    close(stranger);
    assert_true(test_is_sent_away(&bank, test_impostor(port, 9, 0)));
    assert_undisturbed();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(garbage, setup, teardown),
        cmocka_unit_test_setup_teardown(preambles_that_do_not_fit, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_lengths_after_a_good_preamble, setup, teardown),
        cmocka_unit_test_setup_teardown(who_says_nothing_is_sent_away_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(a_thousand_half_open_connections, setup, teardown),
        cmocka_unit_test_setup_teardown(a_thousand_impostors, setup, teardown),
        cmocka_unit_test_setup_teardown(a_peer_gets_in_among_strangers, setup, teardown),
        cmocka_unit_test_setup_teardown(proved_connections_of_a_peer_are_few, setup, teardown),
        cmocka_unit_test_setup_teardown(no_descriptors_left, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
