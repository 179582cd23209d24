/* Fork and join: every item exactly once, the lowest failure for any number of threads, and work that is done although no thread
 * can be started. */
#include "tests/support/unit.h"

#include "lib/memory.h"
#include "lib/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ITEMS = 1000 };

struct work {
    fate_context *context;
    atomic_uint done[ITEMS];
    uint64_t grain;
    uint64_t failing_from; /* pieces at or after this item fail with minus their first item minus one */
    atomic_uint misplaced;
    atomic_uint busy[256];
};

static int32_t body(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    struct work *work = argument;
    bool wrong = worker >= fate_context_threads(work->context) || end <= first || end > ITEMS || end - first > work->grain;
    if (wrong || first % work->grain != 0 || atomic_fetch_add(&work->busy[worker], 1) != 0) atomic_fetch_add(&work->misplaced, 1);
    for (uint64_t i = first; i < end; i++) atomic_fetch_add(&work->done[i], 1);
    atomic_fetch_sub(&work->busy[worker], 1);
    return first >= work->failing_from ? -1 - (int32_t)first : FATE_OK;
}

static struct work *work_new(uint32_t threads, uint64_t grain)
{
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    struct work *work = memory_zeroed(context, 1, sizeof *work);
    assert_non_null(work);
    work->context = context;
    work->grain = grain;
    work->failing_from = UINT64_MAX;
    assert_int_equal(fate_context_set_threads(context, threads), FATE_OK);
    return work;
}

static void work_free(struct work *work)
{
    fate_context *context = work->context;
    assert_int_equal(atomic_load(&work->misplaced), 0);
    memory_free(context, work);
    fate_context_free(context);
}

static void *nothing(void *argument)
{
    return argument;
}

/* Run in a child process whose address space has no room for a further stack. */
static int compute_without_threads(void)
{
    struct work *work = work_new(8, 10);
    const struct rlimit tight = {1 << 20, 1 << 20};
    pthread_t thread;
    if (setrlimit(RLIMIT_AS, &tight) != 0 || pthread_create(&thread, NULL, nothing, NULL) == 0) return 77;
    if (threads_run(work->context, ITEMS, 10, body, work) != FATE_OK) return 1;
    for (uint32_t i = 0; i < ITEMS; i++)
        if (atomic_load(&work->done[i]) != 1) return 2;
    work_free(work);
    return 0;
}

/* The first test, before the C library keeps stacks of ended threads for the next ones. */
static void work_is_done_when_no_thread_starts(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* sanitizers cannot live in so little memory */
#endif
    if (getenv("UNDER") != NULL) skip(); /* nor can valgrind: tests/run sets this variable */
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(compute_without_threads());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) skip(); /* the limit does not hold on this system */
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void every_item_once(void **state)
{
    (void)state;
    const uint32_t threads[] = {1, 2, 3, 8, 64, 256};
    const uint64_t grains[] = {1, 7, 250, 999, 1000, 5000};
    for (size_t t = 0; t < 6; t++)
        for (size_t g = 0; g < 6; g++) {
            struct work *work = work_new(threads[t], grains[g]);
            assert_int_equal(threads_run(work->context, ITEMS, grains[g], body, work), FATE_OK);
            for (uint32_t i = 0; i < ITEMS; i++) assert_int_equal(atomic_load(&work->done[i]), 1);
            work_free(work);
        }
}

static void the_lowest_failure_is_returned(void **state)
{
    (void)state;
    const uint32_t threads[] = {1, 2, 8};
    for (size_t t = 0; t < 3; t++)
        for (uint64_t failing = 0; failing < ITEMS; failing += 37) {
            struct work *work = work_new(threads[t], 10);
            work->failing_from = failing;
            int32_t lowest = (int32_t)((failing + 9) / 10 * 10);
            int32_t expected = lowest >= ITEMS ? FATE_OK : -1 - lowest;
            assert_int_equal(threads_run(work->context, ITEMS, 10, body, work), expected);
            for (int32_t i = 0; i < lowest && i < ITEMS; i++) assert_int_equal(atomic_load(&work->done[i]), 1);
            work_free(work);
        }
}

static void nothing_to_do_is_done_at_once(void **state)
{
    (void)state;
    struct work *work = work_new(8, 1);
    assert_int_equal(threads_run(work->context, 0, 0, body, work), FATE_OK);
    assert_int_equal(threads_run(work->context, 0, UINT64_MAX, body, work), FATE_OK);
    assert_int_equal(atomic_load(&work->done[0]), 0);
    assert_int_equal(threads_run(work->context, ITEMS, 0, body, work), FATE_OK); /* a grain of 0 counts as 1 */
    assert_int_equal(atomic_load(&work->done[ITEMS - 1]), 1);
    work_free(work);
}

static int32_t count_piece(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    (void)worker;
    assert_true(first < end);
    atomic_fetch_add((atomic_uint *)argument, 1);
    return FATE_OK;
}

static void huge_counts_do_not_wrap(void **state)
{
    (void)state;
    struct work *work = work_new(4, 1);
    atomic_uint pieces = 0;
    assert_int_equal(threads_run(work->context, UINT64_MAX, UINT64_MAX / 4, count_piece, &pieces), FATE_OK);
    assert_int_equal(atomic_load(&pieces), 5);
    work_free(work);
}

static int32_t check_signals(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    (void)first;
    (void)end;
    sigset_t set;
    pthread_sigmask(SIG_SETMASK, NULL, &set);
    bool blocked = sigismember(&set, SIGTERM) == 1 && sigismember(&set, SIGINT) == 1;
    if (blocked != (worker != 0)) atomic_fetch_add((atomic_uint *)argument, 1);
    return FATE_OK;
}

static void signals_stay_with_the_application(void **state)
{
    (void)state;
    struct work *work = work_new(4, 1);
    atomic_uint wrong = 0;
    assert_int_equal(threads_run(work->context, 1000, 1, check_signals, &wrong), FATE_OK);
    assert_int_equal(atomic_load(&wrong), 0);
    sigset_t after;
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&after, SIGTERM), 0);
    work_free(work);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_done_when_no_thread_starts),
        cmocka_unit_test(every_item_once),
        cmocka_unit_test(the_lowest_failure_is_returned),
        cmocka_unit_test(nothing_to_do_is_done_at_once),
        cmocka_unit_test(huge_counts_do_not_wrap),
        cmocka_unit_test(signals_stay_with_the_application),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
