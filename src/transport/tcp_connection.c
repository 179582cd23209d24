/* One TCP connection: a socket, what has arrived on it and what must still leave. */
#include "src/transport/tcp_connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "src/transport/wakeup.h"

/* A dead peer is noticed after about a minute, whether we wait for it or send to it. */
enum { KEEPALIVE_IDLE = 30, KEEPALIVE_INTERVAL = 10, KEEPALIVE_COUNT = 3, UNACKNOWLEDGED_LIMIT = 60000 };

static void set_option(int descriptor, int level, int name, int value)
{
    /* Every option only makes a connection better: one that the system refuses is no reason to do without the connection. */
    (void)setsockopt(descriptor, level, name, &value, sizeof value);
}

static void set_options(int descriptor)
{
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE);
#endif
#ifdef TCP_KEEPINTVL
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL);
#endif
#ifdef TCP_KEEPCNT
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT);
#endif
#ifdef TCP_USER_TIMEOUT
    set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_LIMIT);
#endif
}

struct tcp_connection *tcp_connection_make(fate_context *context, int descriptor, enum tcp_connection_state state)
{
    struct tcp_connection *connection = memory_zeroed(context, 1, sizeof *connection);
    if (connection == NULL) {
        close(descriptor);
        return NULL;
    }
    connection->context = context;
    connection->descriptor = descriptor;
    connection->state = state;
    connection->peer = UINT32_MAX;
    tcp_input_init(&connection->input, context);
    buffer_init(&connection->output, context);
    set_options(descriptor);
    return connection;
}

void tcp_connection_close(struct tcp_connection *connection, int error)
{
    if (connection->state == TCP_CLOSED) return;
    close(connection->descriptor);
    connection->descriptor = -1;
    connection->state = TCP_CLOSED;
    connection->error = error;
    tcp_input_free(&connection->input);
    buffer_free(&connection->output);
    buffer_init(&connection->output, connection->context);
    connection->written = 0;
}

/* Nothing more can be sent. What the other side sent before it went, its last sentence perhaps, is still to be read; then comes the end. */
static void break_off(struct tcp_connection *connection, int error)
{
    connection->broken = error;
    (void)shutdown(connection->descriptor, SHUT_RDWR);
    buffer_free(&connection->output);
    buffer_init(&connection->output, connection->context);
    connection->written = 0;
}

void tcp_connection_free(struct tcp_connection *connection)
{
    if (connection == NULL) return;
    tcp_connection_close(connection, 0);
    memory_free(connection->context, connection);
}

void tcp_connection_finish_dial(struct tcp_connection *connection)
{
    struct pollfd polled = {.fd = connection->descriptor, .events = POLLOUT};
    int error = 0;
    socklen_t length = sizeof error;
    if (connection->state != TCP_CONNECTING || poll(&polled, 1, 0) <= 0) return;
    if (getsockopt(connection->descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
    if (error != 0)
        tcp_connection_close(connection, error);
    else
        connection->state = TCP_OPEN;
}

uint64_t tcp_connection_waiting(const struct tcp_connection *connection)
{
    return connection->output.length - connection->written;
}

/* Moves what is waiting to the front once more has left than waits, so that the buffer is bounded and each byte moves at most once. */
static void tidy_output(struct tcp_connection *connection)
{
    uint64_t waiting = tcp_connection_waiting(connection);
    if (connection->written < waiting || connection->written == 0) return;
    if (waiting > 0) memmove(connection->output.bytes, connection->output.bytes + connection->written, waiting);
    connection->output.length = waiting;
    connection->written = 0;
}

int32_t tcp_connection_greet(struct tcp_connection *connection, const uint8_t *bytes, uint64_t length)
{
    buffer_append(&connection->output, bytes, length);
    return connection->output.failed ? FATE_E_MEMORY : FATE_OK;
}

int32_t tcp_connection_send(struct tcp_connection *connection, const uint8_t *bytes, uint64_t length)
{
    if (connection->broken != 0) return FATE_OK;
    uint64_t waiting = tcp_connection_waiting(connection);
    if (waiting > 0 && waiting + TCP_LENGTH + length > TCP_OUTPUT_WINDOW) return FATE_AGAIN;
    tidy_output(connection);
    if (!buffer_reserve(&connection->output, TCP_LENGTH + length)) {
        connection->output.failed = false; /* nothing was appended: the frames before it are whole */
        return FATE_E_MEMORY;
    }
    buffer_u32(&connection->output, (uint32_t)length);
    buffer_append(&connection->output, bytes, length);
    tcp_connection_write(connection);
    return FATE_OK;
}

void tcp_connection_write(struct tcp_connection *connection)
{
    while (connection->state == TCP_OPEN && tcp_connection_waiting(connection) > 0) {
        ssize_t sent =
            send(connection->descriptor, connection->output.bytes + connection->written, tcp_connection_waiting(connection), MSG_NOSIGNAL);
        if (sent >= 0)
            connection->written += (uint64_t)sent;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            break;
        else if (errno != EINTR)
            break_off(connection, errno);
    }
    tidy_output(connection);
}

int32_t tcp_connection_read(struct tcp_connection *connection, uint64_t most, uint64_t *length)
{
    uint8_t *room;
    uint64_t size;
    *length = 0;
    int32_t result = tcp_input_room(&connection->input, &room, &size);
    if (result != FATE_OK) return result;
    if (size > most) size = most;
    ssize_t count;
    do count = recv(connection->descriptor, room, size, 0);
    while (count < 0 && errno == EINTR);
    if (count > 0) {
        tcp_input_filled(&connection->input, (uint64_t)count);
        *length = (uint64_t)count;
        return FATE_OK;
    }
    if (count == 0)
        tcp_connection_close(connection, connection->broken);
    else if (errno != EAGAIN && errno != EWOULDBLOCK)
        tcp_connection_close(connection, errno);
    return FATE_EMPTY;
}
