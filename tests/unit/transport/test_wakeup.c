/* A wakeup ends a wait, from this thread, another one or a signal handler, and is never lost. */
#include "tests/support/unit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include "src/transport/wakeup.h"

static struct wakeup wakeup;

static int setup(void **state)
{
    (void)state;
    return wakeup_open(&wakeup) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    wakeup_close(&wakeup);
    return 0;
}

static void signal_before_wait(void **state)
{
    (void)state;
    wakeup_signal(&wakeup);
    wakeup_wait(&wakeup, UINT64_MAX);
    wakeup_wait(&wakeup, 0);
}

static void *signal_once(void *argument)
{
    (void)argument;
    wakeup_signal(&wakeup);
    return NULL;
}

static void signal_from_a_thread(void **state)
{
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, signal_once, NULL), 0);
    wakeup_wait(&wakeup, UINT64_MAX);
    pthread_join(thread, NULL);
}

static volatile sig_atomic_t kept;

static void on_signal(int number)
{
    (void)number;
    errno = EDOM;
    wakeup_signal(&wakeup);
    kept = errno;
}

static void signal_from_a_handler(void **state)
{
    struct sigaction action = {.sa_handler = on_signal}, before;
    (void)state;
#ifdef __SANITIZE_THREAD__
    skip(); /* this sanitizer puts handlers off */
#endif
    sigaction(SIGUSR1, &action, &before);
    raise(SIGUSR1);
    wakeup_wait(&wakeup, UINT64_MAX);
    assert_int_equal(kept, EDOM);
    sigaction(SIGUSR1, &before, NULL);
}

static void more_signals_than_the_pipe_holds(void **state)
{
    (void)state;
    for (int i = 0; i < 100000; i++) wakeup_signal(&wakeup);
    wakeup_wait(&wakeup, UINT64_MAX);
    wakeup_signal(&wakeup);
    wakeup_wait(&wakeup, UINT64_MAX);
}

static void no_descriptors_left(void **state)
{
    struct rlimit limit, none;
    struct wakeup other;
    (void)state;
    getrlimit(RLIMIT_NOFILE, &limit);
    none = limit;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    bool opened = wakeup_open(&other);
    setrlimit(RLIMIT_NOFILE, &limit);
    assert_false(opened);
    assert_int_equal(other.reader, -1);
    assert_int_equal(other.writer, -1);
    wakeup_close(&other);
}

static void long_times_fit_poll(void **state)
{
    (void)state;
    assert_int_equal(wakeup_timeout(0), 0);
    assert_int_equal(wakeup_timeout(5), 5);
    assert_true(wakeup_timeout(UINT64_MAX) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(signal_before_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(signal_from_a_thread, setup, teardown),
        cmocka_unit_test_setup_teardown(signal_from_a_handler, setup, teardown),
        cmocka_unit_test_setup_teardown(more_signals_than_the_pipe_holds, setup, teardown),
        cmocka_unit_test(no_descriptors_left),
        cmocka_unit_test(long_times_fit_poll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
