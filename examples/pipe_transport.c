/* A transport of the application's own, over named pipes: pipe_transport JOB.json PARTY KEY TABLE.csv MODEL DIRECTORY
 *
 * Every party makes, in a directory that all share, a pipe for each of its peers to write to: DIRECTORY/PEER-to-PARTY. The library
 * encrypts and authenticates what goes through, and sends again what was lost: a transport only carries frames. */
#include <errno.h>
#include <fate/fate.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A frame goes through a pipe in pieces: a mark, the length in two bytes, the bytes. A write of at most PIPE_BUF bytes is done whole or not
 * at all, so that a writer that is killed leaves whole pieces, and the next first piece begins a new frame. */
enum {
    FIRST = 1,
    LAST = 2,
    HEAD = 3,
    PIECE = PIPE_BUF - HEAD,
    LONGEST = (1 << 20) + 4096,
    PATH = 1024,
    PIPE_FAILED = FATE_E_APPLICATION - 1
};

struct peer {
    char in_path[PATH], out_path[PATH];
    int in, keep, out; /* keep: our own writing end of the incoming pipe, so that it never reads as ended; -1: not open */
    int opened;        /* the session does not know of it yet */
    int whole;         /* a whole frame waits for the session */
    size_t in_used, out_used, out_done;
    uint8_t in_frame[LONGEST], out_frame[LONGEST];
};

struct pipes {
    uint32_t count;
    struct peer **peers; /* NULL for this party itself and those with which it exchanges no messages */
    struct pollfd *waited;
};

/* A pipe can be opened for writing only while somebody reads it; until then the peer is not connected. */
static void open_out(struct peer *peer)
{
    peer->out = open(peer->out_path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    peer->opened = peer->out >= 0;
    peer->out_used = 0;
}

/* Writes as many pieces of the kept frame as there is room for. A reader that has gone takes the rest of the frame with it. */
static void write_out(struct peer *peer)
{
    uint8_t piece[PIPE_BUF];
    while (peer->out >= 0 && peer->out_used > 0) {
        size_t left = peer->out_used - peer->out_done, length = left < PIECE ? left : PIECE;
        piece[0] = (uint8_t)((peer->out_done == 0 ? FIRST : 0) | (length == left ? LAST : 0));
        piece[1] = (uint8_t)length;
        piece[2] = (uint8_t)(length >> 8);
        memcpy(piece + HEAD, peer->out_frame + peer->out_done, length);
        ssize_t written = write(peer->out, piece, HEAD + length);
        if (written < 0 && errno == EAGAIN) return;
        if (written < 0 && errno != EINTR) {
            close(peer->out);
            peer->out = -1;
            return;
        }
        if (written > 0) peer->out_done += length;
        if (peer->out_done == peer->out_used) peer->out_used = 0;
    }
}

static int32_t pipes_send(void *context, uint32_t number, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    struct peer *peer = ((struct pipes *)context)->peers[number];
    (void)link;
    write_out(peer);
    if (peer->out < 0) return FATE_OK;         /* not connected: the frame is lost, which a session expects */
    if (peer->out_used > 0) return FATE_AGAIN; /* the one before is not through yet */
    memcpy(peer->out_frame, bytes, (size_t)length);
    peer->out_used = (size_t)length;
    peer->out_done = 0;
    write_out(peer);
    return FATE_OK;
}

/* Reads pieces until a frame is whole: returns 1; or until there is none: returns 0. */
static int read_frame(struct peer *peer)
{
    uint8_t head[HEAD];
    while (!peer->whole && read(peer->in, head, HEAD) == HEAD) {
        size_t length = (size_t)head[1] | (size_t)head[2] << 8;
        if (head[0] & FIRST) peer->in_used = 0;
        if (length > PIECE || peer->in_used + length > LONGEST) peer->in_used = 0;
        if (read(peer->in, peer->in_frame + peer->in_used, length) != (ssize_t)length) return 0;
        peer->in_used += length;
        peer->whole = (head[0] & LAST) != 0;
    }
    return peer->whole;
}

static int32_t pipes_poll(void *context, fate_inbox *inbox)
{
    const struct pipes *pipes = context;
    int32_t result = FATE_OK;
    for (uint32_t number = 0; number < pipes->count; number++) {
        struct peer *peer = pipes->peers[number];
        if (peer == NULL) continue;
        if (peer->out < 0) open_out(peer);
        if (peer->opened) result = fate_inbox_connected(inbox, number, 0);
        peer->opened = 0;
        write_out(peer);
        while (result == FATE_OK && read_frame(peer)) {
            result = fate_inbox_frame(inbox, number, 0, peer->in_frame, peer->in_used);
            if (result == FATE_OK) peer->whole = 0;
        }
        if (result < 0) return result;
        result = FATE_OK; /* the session's window is full: the frame stays here, and those behind it in the pipe, until the next poll */
    }
    return FATE_OK;
}

static int32_t pipes_wait(void *context, uint64_t milliseconds)
{
    const struct pipes *pipes = context;
    nfds_t count = 0;
    int timeout = milliseconds < 1000 ? (int)milliseconds : 1000;
    for (uint32_t number = 0; number < pipes->count; number++) {
        const struct peer *peer = pipes->peers[number];
        if (peer == NULL) continue;
        pipes->waited[count++] = (struct pollfd){.fd = peer->in, .events = POLLIN};
        if (peer->out >= 0 && peer->out_used > 0) pipes->waited[count++] = (struct pollfd){.fd = peer->out, .events = POLLOUT};
        if (peer->out < 0 && timeout > 50) timeout = 50; /* nothing tells when a reader comes: look again soon */
    }
    return poll(pipes->waited, count, timeout) < 0 && errno != EINTR ? PIPE_FAILED : FATE_OK;
}

static uint64_t pipes_now(void *context)
{
    struct timespec time;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* Waits until what was taken is written. That a peer has read it too is not needed here: what stays in a pipe it can still read. */
static int32_t pipes_flush(void *context, uint64_t milliseconds)
{
    const struct pipes *pipes = context;
    uint64_t end = pipes_now(context) + milliseconds;
    for (;;) {
        int waiting = 0;
        for (uint32_t number = 0; number < pipes->count; number++) {
            if (pipes->peers[number] == NULL) continue;
            write_out(pipes->peers[number]);
            waiting |= pipes->peers[number]->out >= 0 && pipes->peers[number]->out_used > 0;
        }
        if (!waiting || pipes_now(context) >= end) return FATE_OK;
        if (pipes_wait(context, 10) != FATE_OK) return PIPE_FAILED;
    }
}

static void pipes_free(void *context)
{
    struct pipes *pipes = context;
    for (uint32_t number = 0; pipes->peers != NULL && number < pipes->count; number++) {
        struct peer *peer = pipes->peers[number];
        if (peer == NULL) continue;
        if (peer->in >= 0) close(peer->in), unlink(peer->in_path);
        if (peer->keep >= 0) close(peer->keep);
        if (peer->out >= 0) close(peer->out);
        free(peer);
    }
    free(pipes->peers);
    free(pipes->waited);
}

/* A new pipe, so that nothing of an earlier run is in it: who still writes to the old one is told that its reader has gone. */
static struct peer *make_peer(const char *directory, const char *own, const char *other)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL) return NULL;
    snprintf(peer->in_path, PATH, "%s/%s-to-%s", directory, other, own);
    snprintf(peer->out_path, PATH, "%s/%s-to-%s", directory, own, other);
    unlink(peer->in_path);
    if (mkfifo(peer->in_path, 0600) != 0) fprintf(stderr, "%s: %s\n", peer->in_path, strerror(errno));
    peer->in = open(peer->in_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    peer->keep = open(peer->in_path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    peer->out = -1;
    return peer;
}

static int make_pipes(struct pipes *pipes, const fate_job *job, uint32_t party, const char *directory)
{
    pipes->count = fate_job_party_count(job);
    pipes->peers = calloc(pipes->count, sizeof *pipes->peers);
    pipes->waited = calloc(2 * (size_t)pipes->count, sizeof *pipes->waited);
    if (pipes->peers == NULL || pipes->waited == NULL) return 0;
    for (uint32_t other = 0; other < pipes->count; other++) {
        if (!fate_job_parties_talk(job, party, other)) continue;
        pipes->peers[other] = make_peer(directory, fate_job_party_name(job, party), fate_job_party_name(job, other));
        if (pipes->peers[other] == NULL || pipes->peers[other]->in < 0 || pipes->peers[other]->keep < 0) return 0;
    }
    return 1;
}

int main(int argc, char **argv)
{
    struct pipes pipes = {0, NULL, NULL};
    const fate_transport transport = {.struct_size = sizeof transport,
                                      .abi_version = FATE_ABI_VERSION,
                                      .context = &pipes,
                                      .send = pipes_send,
                                      .poll = pipes_poll,
                                      .wait = pipes_wait,
                                      .now = pipes_now,
                                      .flush = pipes_flush};
    fate_context *context;
    fate_job *job = NULL;
    fate_identity *identity = NULL;
    fate_table *table = NULL;
    fate_model *model = NULL;
    uint32_t party = 0;
    if (argc != 7) return fprintf(stderr, "usage: pipe_transport JOB.json PARTY KEY TABLE.csv MODEL DIRECTORY\n"), 2;
    signal(SIGPIPE, SIG_IGN); /* the application's business: the library sets no signal handler */
    if (fate_context_new(&context, NULL) != FATE_OK) return 1;
    int32_t result = fate_job_read(context, &job, argv[1]);
    if (result == FATE_OK) result = fate_job_find_party(job, argv[2], &party);
    if (result == FATE_OK) result = fate_identity_read(context, &identity, argv[3]);
    if (result == FATE_OK) result = fate_table_read_csv(context, &table, argv[4], fate_job_schema(job, party, FATE_PURPOSE_TRAIN));
    if (result == FATE_OK && !make_pipes(&pipes, job, party, argv[6])) result = PIPE_FAILED;
    if (result == FATE_OK) result = fate_train(context, &model, job, argv[2], identity, table, NULL, &transport, NULL, NULL);
    if (result == FATE_OK) result = fate_model_write(model, argv[5]);
    if (result == PIPE_FAILED)
        fprintf(stderr, "a pipe in %s cannot be made or read\n", argv[6]);
    else if (result != FATE_OK)
        fprintf(stderr, "%s: %s\n", fate_result_name(result), fate_context_error(context));
    pipes_free(&pipes);
    fate_model_free(model);
    fate_table_free(table);
    fate_identity_free(identity);
    fate_job_free(job);
    fate_context_free(context);
    return result == FATE_OK ? 0 : 1;
}
