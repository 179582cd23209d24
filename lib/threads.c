/* Fork and join on POSIX threads. Pieces are taken in order, so every piece before a failing one has been started: the failing
 * piece with the lowest first is the same for every number of threads. */
#include "lib/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

enum { THREADS_MOST = 256 };

struct range {
    threads_body body;
    void *argument;
    uint64_t count;
    uint64_t grain;
    uint64_t pieces;
    pthread_mutex_t mutex; /* guards what follows */
    uint64_t next;         /* the first piece that nobody has taken */
    uint64_t failed;       /* the lowest failed piece; pieces: none */
    int32_t result;
    atomic_uint finished; /* threads other than the caller's that have nothing left to do */
};

struct worker {
    struct range *range;
    uint32_t number;
    pthread_t thread;
};

static bool range_take(struct range *range, uint64_t *piece)
{
    pthread_mutex_lock(&range->mutex);
    bool taken = range->failed == range->pieces && range->next < range->pieces;
    if (taken) *piece = range->next++;
    pthread_mutex_unlock(&range->mutex);
    return taken;
}

static void range_fail(struct range *range, uint64_t piece, int32_t result)
{
    pthread_mutex_lock(&range->mutex);
    if (piece < range->failed) {
        range->failed = piece;
        range->result = result;
    }
    pthread_mutex_unlock(&range->mutex);
}

static int32_t range_piece(const struct range *range, uint32_t worker, uint64_t piece)
{
    uint64_t first = piece * range->grain;
    uint64_t end = range->count - first > range->grain ? first + range->grain : range->count;
    return range->body(range->argument, worker, first, end);
}

static void worker_run(const struct worker *worker)
{
    uint64_t piece;
    while (range_take(worker->range, &piece)) {
        int32_t result = range_piece(worker->range, worker->number, piece);
        if (result != FATE_OK) range_fail(worker->range, piece, result);
    }
}

static void *worker_thread(void *argument)
{
    const struct worker *worker = argument;
    worker_run(worker);
    atomic_fetch_add(&worker->range->finished, 1);
    return NULL;
}

/* A thread that sleeps until others have finished wakes up late, by tens of microseconds on a virtual machine: so the caller first looks for
 * about so long whether they have, and then leaves them the moment that a thread takes to end. It gives its processor to who wants it. */
static void workers_await(struct range *range, uint32_t others)
{
    enum { LOOKS = 600, LOOKS_AT_END = 12 };
    for (int i = 0; i < LOOKS && atomic_load(&range->finished) < others; i++) sched_yield();
    if (atomic_load(&range->finished) < others) return;
    for (int i = 0; i < LOOKS_AT_END; i++) sched_yield();
}

/* Threads of the library take no signals: they go to the application's own. */
static uint32_t workers_start(struct worker *workers, uint32_t wanted)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) return 1;
    uint32_t started = 1;
    while (started < wanted && pthread_create(&workers[started].thread, NULL, worker_thread, &workers[started]) == 0) started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static int32_t run_alone(const struct range *range)
{
    for (uint64_t piece = 0; piece < range->pieces; piece++) {
        int32_t result = range_piece(range, 0, piece);
        if (result != FATE_OK) return result;
    }
    return FATE_OK;
}

int32_t threads_run(const fate_context *context, uint64_t count, uint64_t grain, threads_body body, void *argument)
{
    struct range range = {.body = body, .argument = argument, .count = count, .grain = grain == 0 ? 1 : grain};
    range.pieces = count / range.grain + (count % range.grain != 0);
    range.failed = range.pieces;
    range.result = FATE_OK;
    atomic_init(&range.finished, 0);
    uint32_t wanted = context->threads < THREADS_MOST ? context->threads : THREADS_MOST;
    if (wanted > range.pieces) wanted = (uint32_t)range.pieces;
    if (wanted <= 1 || pthread_mutex_init(&range.mutex, NULL) != 0) return run_alone(&range);
    struct worker workers[THREADS_MOST];
    for (uint32_t i = 0; i < wanted; i++) workers[i] = (struct worker){.range = &range, .number = i};
    uint32_t started = workers_start(workers, wanted);
    worker_run(&workers[0]);
    workers_await(&range, started - 1);
    for (uint32_t i = 1; i < started; i++) pthread_join(workers[i].thread, NULL);
    pthread_mutex_destroy(&range.mutex);
    return range.result;
}
