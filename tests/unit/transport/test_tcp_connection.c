/* One connection over a socket pair: what waits to leave is bounded and keeps its order, and its end is noticed. */
#include "tests/support/unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "src/transport/tcp_connection.h"
#include "src/transport/wakeup.h"
#include "tests/support/allocator.h"

static fate_context *context;
static struct test_allocator test;
static struct tcp_connection *connection;
static int other;

static int setup(void **state)
{
    int ends[2];
    fate_allocator allocator = test_allocator(&test, -1);
    (void)state;
    if (context_new(&context, &allocator) != FATE_OK || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || !wakeup_prepare(ends[0]))
        return -1;
    connection = tcp_connection_make(context, ends[0], TCP_OPEN);
    other = ends[1];
    return connection == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    tcp_connection_free(connection);
    close(other);
    fate_context_free(context);
    return atomic_load(&test.live) == 0 ? 0 : -1;
}

enum { LENGTH = 50000 };

static void what_waits_is_bounded_and_keeps_its_order(void **state)
{
    static uint8_t frame[LENGTH], arrived[TCP_LENGTH + LENGTH];
    uint32_t sent = 0;
    (void)state;
    int32_t result;
    do {
        memset(frame, (int)sent, sizeof frame);
        result = tcp_connection_send(connection, frame, sizeof frame);
        if (result == FATE_OK) sent++;
        assert_true(tcp_connection_waiting(connection) <= TCP_OUTPUT_WINDOW);
    } while (result == FATE_OK);
    assert_int_equal(result, FATE_AGAIN);
    for (uint32_t i = 0; i < sent; i++) {
        uint64_t have = 0;
        while (have < sizeof arrived) {
            tcp_connection_write(connection);
            ssize_t count = recv(other, arrived + have, sizeof arrived - have, 0);
            assert_true(count > 0);
            have += (uint64_t)count;
        }
        assert_int_equal(bytes_load_u32(arrived), LENGTH);
        for (int k = 0; k < LENGTH; k++)
            if (arrived[TCP_LENGTH + k] != (uint8_t)i) fail_msg("frame %u, byte %d", i, k);
    }
    assert_int_equal(tcp_connection_waiting(connection), 0);
    assert_true(connection->output.capacity <= 4 * TCP_OUTPUT_WINDOW);
}

static void a_frame_that_finds_nothing_waiting_is_taken(void **state)
{
    static uint8_t frame[TRANSPORT_FRAME_LIMIT];
    (void)state;
    assert_int_equal(tcp_connection_send(connection, frame, sizeof frame), FATE_OK);
    assert_int_equal(tcp_connection_send(connection, frame, sizeof frame), FATE_OK);
    assert_int_equal(tcp_connection_send(connection, frame, sizeof frame), FATE_AGAIN);
}

static void the_end_is_noticed_by_reading(void **state)
{
    uint64_t length;
    (void)state;
    assert_int_equal(tcp_connection_read(connection, 100, &length), FATE_EMPTY);
    assert_int_equal(connection->state, TCP_OPEN);
    assert_int_equal(send(other, "abcdef", 6, 0), 6);
    assert_int_equal(tcp_connection_read(connection, 4, &length), FATE_OK);
    assert_int_equal(length, 4);
    assert_int_equal(tcp_connection_read(connection, 4, &length), FATE_OK);
    assert_int_equal(length, 2);
    shutdown(other, SHUT_WR);
    assert_int_equal(tcp_connection_read(connection, 4, &length), FATE_EMPTY);
    assert_int_equal(connection->state, TCP_CLOSED);
    assert_int_equal(connection->error, 0);
    assert_int_equal(connection->descriptor, -1);
}

static void the_end_is_noticed_by_writing_without_a_signal(void **state)
{
    static uint8_t frame[100];
    uint64_t length;
    (void)state;
    assert_int_equal(send(other, "abcdef", 6, 0), 6);
    close(other);
    other = -1;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tcp_connection_send(connection, frame, sizeof frame), FATE_OK);
        assert_int_equal(connection->broken, EPIPE);
        assert_int_equal(tcp_connection_waiting(connection), 0);
    }
    assert_int_equal(tcp_connection_read(connection, 100, &length), FATE_OK); /* what it said before it went */
    assert_int_equal(length, 6);
    assert_int_equal(tcp_connection_read(connection, 100, &length), FATE_EMPTY);
    assert_int_equal(connection->state, TCP_CLOSED);
    assert_int_equal(connection->error, EPIPE);
}

static void no_memory_leaves_earlier_frames_whole(void **state)
{
    static uint8_t frame[LENGTH], drain[LENGTH];
    (void)state;
    while (tcp_connection_waiting(connection) == 0) assert_int_equal(tcp_connection_send(connection, frame, sizeof frame), FATE_OK);
    uint64_t waiting = tcp_connection_waiting(connection);
    test.fail = atomic_load(&test.calls);
    test.from_then_on = true;
    int32_t result;
    do {
        waiting = tcp_connection_waiting(connection);
        result = tcp_connection_send(connection, frame, sizeof frame);
    } while (result == FATE_OK);
    assert_int_equal(result, FATE_E_MEMORY);
    assert_int_equal(tcp_connection_waiting(connection), waiting);
    test.fail = -1;
    assert_int_equal(tcp_connection_send(connection, frame, sizeof frame), FATE_OK);
    uint64_t count = 0, sent = 0;
    while (tcp_connection_waiting(connection) > 0) {
        ssize_t got = recv(other, drain, sizeof drain, 0);
        assert_true(got > 0);
        count += (uint64_t)got;
        tcp_connection_write(connection);
    }
    for (ssize_t got; (got = recv(other, drain, sizeof drain, MSG_DONTWAIT)) > 0;) count += (uint64_t)got;
    sent = count / (TCP_LENGTH + LENGTH);
    assert_int_equal(count, sent * (TCP_LENGTH + LENGTH));
}

static void no_memory_for_a_connection_closes_its_socket(void **state)
{
    int ends[2];
    char byte;
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    test.fail = atomic_load(&test.calls);
    assert_null(tcp_connection_make(context, ends[0], TCP_OPEN));
    assert_int_equal(recv(ends[1], &byte, 1, 0), 0);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_waits_is_bounded_and_keeps_its_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_frame_that_finds_nothing_waiting_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(the_end_is_noticed_by_reading, setup, teardown),
        cmocka_unit_test_setup_teardown(the_end_is_noticed_by_writing_without_a_signal, setup, teardown),
        cmocka_unit_test_setup_teardown(no_memory_leaves_earlier_frames_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(no_memory_for_a_connection_closes_its_socket, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
