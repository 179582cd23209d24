/* Three sessions in an application's own event loop: one thread, epoll, non-blocking sockets, timers.
 *
 * A bank and two partners train together. For the sake of a short example all three live in one process, joined by socket pairs; with
 * sockets to other machines in their place nothing else changes. The library is entered only between two waits of the loop: it is given
 * the frames that came, works for a moment, and its events are carried out. */
#include <errno.h>
#include <fate/fate.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { PARTIES = 3, ROWS = 200, BUDGET = 1, HEAD = 4, LONGEST = (1 << 20) + 4096 };

struct bytes {
    uint8_t *first;
    size_t used, room;
};

/* One end of a connection to a peer. On the stream a frame stands behind its length in four bytes. */
struct connection {
    int descriptor;
    struct bytes in, out;
};

struct party {
    fate_session *session;
    int32_t state; /* what fate_session_run returned last */
    int held;      /* its window was full: frames wait in this program */
    int timer;     /* a timerfd that fires at the session's deadline */
    struct connection to[PARTIES];
};

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static int bytes_append(struct bytes *bytes, const void *more, size_t length)
{
    if (bytes->room - bytes->used < length) {
        size_t room = (bytes->used + length) * 2;
        uint8_t *moved = realloc(bytes->first, room);
        if (moved == NULL) return -1;
        bytes->first = moved;
        bytes->room = room;
    }
    memcpy(bytes->first + bytes->used, more, length);
    bytes->used += length;
    return 0;
}

static void bytes_drop(struct bytes *bytes, size_t length)
{
    bytes->used -= length;
    memmove(bytes->first, bytes->first + length, bytes->used);
}

/* Asks epoll for what a connection waits for: bytes to read, and room to write when there is something to be written. */
static void watch(int epoll, int descriptor, int operation, uint32_t wanted, uint32_t party, uint32_t peer)
{
    struct epoll_event event = {.events = wanted, .data.u32 = party * PARTIES + peer};
    if (epoll_ctl(epoll, operation, descriptor, &event) != 0) perror("epoll_ctl"), exit(1);
}

static void write_out(struct connection *connection)
{
    while (connection->out.used > 0) {
        ssize_t written = write(connection->descriptor, connection->out.first, connection->out.used);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return; /* full: epoll tells when there is room */
        bytes_drop(&connection->out, (size_t)written);
    }
}

/* Puts a frame behind those that wait to be written. How many can wait is limited by the session's window. */
static void send_frame(struct connection *connection, const uint8_t *frame, uint64_t length)
{
    uint8_t head[HEAD] = {(uint8_t)length, (uint8_t)(length >> 8), (uint8_t)(length >> 16), (uint8_t)(length >> 24)};
    size_t before = connection->out.used;
    if (bytes_append(&connection->out, head, HEAD) == 0 && bytes_append(&connection->out, frame, (size_t)length) == 0)
        write_out(connection);
    else
        connection->out.used = before; /* no memory: a frame may be lost, the session sends it again */
}

static void read_in(struct connection *connection)
{
    uint8_t piece[65536];
    ssize_t count = read(connection->descriptor, piece, sizeof piece);
    if (count > 0 && bytes_append(&connection->in, piece, (size_t)count) != 0) fprintf(stderr, "out of memory\n"), exit(1);
}

/* Hands the session every whole frame of a peer. Returns 1 when its window is full: they stay here until it has worked. */
static int hand_over(struct party *party, uint32_t peer)
{
    struct bytes *in = &party->to[peer].in;
    while (in->used >= HEAD) {
        const uint8_t *head = in->first;
        size_t length = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        if (length > LONGEST) fprintf(stderr, "no frame is that long: to a real peer the connection would be closed\n"), exit(1);
        if (in->used - HEAD < length) break;
        if (fate_session_receive(party->session, peer, 0, in->first + HEAD, length) == FATE_AGAIN) return 1;
        bytes_drop(in, HEAD + length);
    }
    return 0;
}

/* Carries out what the session wants. This one keeps no state ("durable" is 0), so it asks for no store. */
static void handle_events(struct party *party, const char *name)
{
    const fate_event *event;
    uint64_t length;
    while (fate_session_next(party->session, &event) == FATE_OK) {
        const uint8_t *bytes = fate_event_bytes(event, &length);
        if (fate_event_kind(event) == FATE_EVENT_SEND) send_frame(&party->to[fate_event_peer(event)], bytes, length);
        if (fate_event_kind(event) == FATE_EVENT_WARNING) printf("%s: %s\n", name, fate_event_text(event));
    }
}

/* Lets a session work for a moment, and sets its timer. */
static void work(struct party *party, const char *name)
{
    party->held = 0;
    for (uint32_t peer = 0; peer < PARTIES; peer++) party->held |= hand_over(party, peer);
    party->state = fate_session_run(party->session, now(), BUDGET);
    handle_events(party, name);
    if (party->state < 0) fprintf(stderr, "%s: %s\n", name, fate_session_error(party->session)), exit(1);
    uint64_t deadline = fate_session_deadline(party->session);
    struct itimerspec when = {{0, 0}, {0, 0}}; /* zero switches the timer off */
    if (party->state == FATE_OK && deadline != UINT64_MAX) {
        when.it_value.tv_sec = (time_t)(deadline / 1000);
        when.it_value.tv_nsec = (long)(deadline % 1000) * 1000000 + 1;
    }
    timerfd_settime(party->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* The loop: no session is ever waited for, and the application could do other things in it. */
static void run(int epoll, struct party *parties, const fate_job *job)
{
    struct epoll_event ready[PARTIES * PARTIES];
    uint64_t expirations;
    int finished = 0, again = 1;
    while (finished < PARTIES) {
        int count = epoll_wait(epoll, ready, PARTIES * PARTIES, again ? 0 : -1);
        if (count < 0 && errno != EINTR) perror("epoll_wait"), exit(1);
        for (int i = 0; i < count; i++) {
            struct party *party = &parties[ready[i].data.u32 / PARTIES];
            struct connection *connection = &party->to[ready[i].data.u32 % PARTIES];
            if (connection == &party->to[party - parties]) { /* the place of the party itself holds its timer */
                if (read(party->timer, &expirations, sizeof expirations) < 0) continue;
            } else {
                if (ready[i].events & EPOLLIN) read_in(connection);
                if (ready[i].events & EPOLLOUT) write_out(connection);
            }
        }
        finished = again = 0;
        for (uint32_t i = 0; i < PARTIES; i++) {
            if (parties[i].state != FATE_FINISHED) work(&parties[i], fate_job_party_name(job, i));
            if (parties[i].state == FATE_FINISHED)
                finished++;
            else if (parties[i].state == FATE_AGAIN || parties[i].held)
                again = 1;
            for (uint32_t peer = 0; peer < PARTIES; peer++) {
                const struct connection *connection = &parties[i].to[peer];
                uint32_t wanted = connection->in.used <= LONGEST ? (uint32_t)EPOLLIN : 0;
                if (connection->out.used > 0) wanted |= EPOLLOUT;
                if (peer != i) watch(epoll, connection->descriptor, EPOLL_CTL_MOD, wanted, i, peer);
            }
        }
    }
}

static int connect_all(struct party *parties)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC), pair[2];
    for (uint32_t i = 0; i < PARTIES; i++) {
        parties[i].timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        watch(epoll, parties[i].timer, EPOLL_CTL_ADD, EPOLLIN, i, i);
        for (uint32_t peer = i + 1; peer < PARTIES; peer++) {
            if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) perror("socketpair"), exit(1);
            for (int end = 0; end < 2; end++) fcntl(pair[end], F_SETFL, O_NONBLOCK);
            watch(epoll, parties[i].to[peer].descriptor = pair[0], EPOLL_CTL_ADD, EPOLLIN, i, peer);
            watch(epoll, parties[peer].to[i].descriptor = pair[1], EPOLL_CTL_ADD, EPOLLIN, peer, i);
        }
    }
    return epoll;
}

/* ---- the job: what an application has anyway ---- */

static void check(int32_t result, const fate_context *context)
{
    if (result != FATE_OK) fprintf(stderr, "%s: %s\n", fate_result_name(result), fate_context_error(context)), exit(1);
}

/* A job with a bank and two partners, and an identity for each. Really every party makes its own, and shows the others its public line. */
static fate_job *make_job(fate_context *context, fate_identity **identities)
{
    static const char form[] = "{\"algorithm\": \"vertical-boosting\", \"id\": \"id\", \"label\": \"y\", \"parties\": ["
                               "{\"name\": \"bank\", \"role\": \"guest\", \"key\": \"%s\", \"address\": \"192.0.2.1:9001\"},"
                               "{\"name\": \"shop\", \"role\": \"host\", \"key\": \"%s\"},"
                               "{\"name\": \"telephone\", \"role\": \"host\", \"key\": \"%s\"}],"
                               "\"parameters\": {\"trees\": 2, \"depth\": 3, \"bins\": 8}}";
    fate_job *job;
    char text[2048];
    for (int i = 0; i < PARTIES; i++) check(fate_identity_generate(context, &identities[i]), context);
    int length = snprintf(text, sizeof text, form, fate_identity_public(identities[0]), fate_identity_public(identities[1]),
                          fate_identity_public(identities[2]));
    check(fate_job_parse(context, &job, NULL, (const uint8_t *)text, (uint64_t)length), context);
    return job;
}

/* Rows with the same ids for everyone, two columns a party, and labels at the bank. */
static fate_table *make_table(fate_context *context, int party)
{
    fate_table *table;
    uint8_t ids[ROWS * 4];
    uint64_t offsets[ROWS + 1];
    double columns[2][ROWS], label[ROWS];
    for (int row = 0; row <= ROWS; row++) offsets[row] = (uint64_t)row * 4;
    for (int row = 0; row < ROWS; row++) {
        ids[4 * row] = 'r';
        for (int digit = 3, left = row; digit > 0; digit--, left /= 10) ids[4 * row + digit] = (uint8_t)('0' + left % 10);
        columns[0][row] = (row * (37 + 16 * party)) % 101;
        columns[1][row] = (row * (53 - 12 * party)) % 89;
        label[row] = row * 37 % 101 + row * 53 % 101 > 100;
    }
    check(fate_table_new(context, &table, ROWS), context);
    check(fate_table_set_ids(table, ids, offsets), context);
    check(fate_table_add_numbers(table, "one", columns[0]), context);
    check(fate_table_add_numbers(table, "two", columns[1]), context);
    if (party == 0) check(fate_table_set_label(table, label), context);
    check(fate_table_finish(table), context);
    return table;
}

/* What only an example can do: it has all tables, so it can compare with the run that nobody is allowed to do. */
static void compare(fate_context *context, const fate_job *job, const fate_table *const *tables, fate_model *const *models)
{
    fate_model *pooled[PARTIES];
    uint8_t *ours, *theirs;
    uint64_t our_length, their_length;
    check(fate_train_pooled(context, pooled, job, tables, NULL, NULL), context);
    for (uint32_t i = 0; i < PARTIES; i++) {
        check(fate_model_export(models[i], &ours, &our_length), context);
        check(fate_model_export(pooled[i], &theirs, &their_length), context);
        int equal = our_length == their_length && memcmp(ours, theirs, (size_t)our_length) == 0;
        printf("%s: a model of %d bytes, %s the pooled run's\n", fate_job_party_name(job, i), (int)our_length, equal ? "equal to" : "NOT");
        if (!equal) exit(1);
        fate_free(context, ours);
        fate_free(context, theirs);
        fate_model_free(pooled[i]);
    }
}

static void close_all(struct party *parties, int epoll)
{
    for (int i = 0; i < PARTIES; i++) {
        fate_session_free(parties[i].session);
        close(parties[i].timer);
        for (int peer = 0; peer < PARTIES; peer++) {
            if (peer != i) close(parties[i].to[peer].descriptor);
            free(parties[i].to[peer].in.first);
            free(parties[i].to[peer].out.first);
        }
    }
    close(epoll);
}

int main(void)
{
    struct party parties[PARTIES];
    fate_context *context;
    fate_identity *identities[PARTIES];
    const fate_table *tables[PARTIES];
    fate_model *models[PARTIES];
    memset(parties, 0, sizeof parties);
    if (fate_context_new(&context, NULL) != FATE_OK) return 1;
    fate_job *job = make_job(context, identities);
    for (int i = 0; i < PARTIES; i++) {
        struct party *party = &parties[i];
        const char *name = fate_job_party_name(job, (uint32_t)i);
        tables[i] = make_table(context, i);
        check(fate_session_new(context, &party->session, job, name, identities[i], FATE_PURPOSE_TRAIN), context);
        check(fate_session_set_table(party->session, FATE_TABLE_DATA, tables[i]), context);
    }
    int epoll = connect_all(parties);
    run(epoll, parties, job);
    for (int i = 0; i < PARTIES; i++) check(fate_session_model(parties[i].session, &models[i]), context);
    close_all(parties, epoll);
    compare(context, job, tables, models);
    for (int i = 0; i < PARTIES; i++) {
        fate_model_free(models[i]);
        fate_identity_free(identities[i]);
        fate_table_free((fate_table *)tables[i]);
    }
    fate_job_free(job);
    fate_context_free(context);
    return 0;
}
