/* Loopback: frames between transports of one process, bounded, also when each is used and freed in a thread of its own. */
#include "tests/support/unit.h"

#include <pthread.h>
#include "src/transport/loopback.h"
#include "tests/support/allocator.h"
#include "tests/support/inbox.h"

enum { PARTIES = 3 };

static fate_context *context;
static struct test_side sides[PARTIES];

static int setup(void **state)
{
    fate_transport *transports[PARTIES];
    (void)state;
    if (context_new(&context, NULL) != FATE_OK || fate_loopback_new(context, transports, PARTIES) != FATE_OK) return -1;
    for (uint32_t i = 0; i < PARTIES; i++) sides[i] = (struct test_side){transports[i], test_inbox_make()};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < PARTIES; i++) {
        fate_transport_free(sides[i].transport);
        test_inbox_free(sides[i].inbox);
    }
    fate_context_free(context);
    return 0;
}

static void frames_reach_their_party(void **state)
{
    (void)state;
    assert_int_equal(test_send(&sides[0], 1, 0, 0, 100), FATE_OK);
    assert_int_equal(test_send(&sides[0], 1, 5, 1, TRANSPORT_FRAME_LIMIT), FATE_OK);
    assert_int_equal(test_send(&sides[2], 0, 0, 0, 1), FATE_OK);
    assert_int_equal(test_wait(&sides[1], UINT64_MAX), FATE_OK);
    for (uint32_t i = 0; i < PARTIES; i++) assert_int_equal(test_poll(&sides[i]), FATE_OK);
    assert_int_equal(sides[1].inbox->frames, 2);
    assert_int_equal(sides[1].inbox->misplaced, 0);
    assert_true(test_is_frame(sides[1].inbox, 1, TRANSPORT_FRAME_LIMIT));
    assert_int_equal(sides[1].inbox->last_peer, 0);
    assert_int_equal(sides[0].inbox->frames, 1);
    assert_int_equal(sides[0].inbox->last_peer, 2);
    assert_int_equal(sides[2].inbox->frames, 0);
}

static void wrong_arguments(void **state)
{
    fate_transport *transports[1] = {NULL};
    (void)state;
    assert_int_equal(test_send(&sides[0], 0, 0, 0, 8), FATE_E_ARGUMENT);
    assert_int_equal(test_send(&sides[0], PARTIES, 0, 0, 8), FATE_E_ARGUMENT);
    assert_int_equal(test_send(&sides[0], 1, 0, 0, TRANSPORT_FRAME_LIMIT + 1), FATE_E_LIMIT);
    assert_int_equal(sides[0].transport->send(sides[0].transport->context, 1, 0, NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_loopback_new(NULL, transports, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_loopback_new(context, NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_loopback_new(context, transports, 0), FATE_E_ARGUMENT);
    assert_int_equal(fate_loopback_new(context, transports, LOOPBACK_PARTIES + 1), FATE_E_ARGUMENT);
    assert_null(transports[0]);
}

static void a_refused_frame_stays(void **state)
{
    (void)state;
    sides[1].inbox->refuses = true;
    assert_int_equal(test_send(&sides[0], 1, 0, 0, 50), FATE_OK);
    assert_int_equal(test_poll(&sides[1]), FATE_OK);
    assert_int_equal(test_poll(&sides[1]), FATE_OK);
    sides[1].inbox->refuses = false;
    sides[1].inbox->fails = -2000;
    assert_int_equal(test_poll(&sides[1]), -2000);
    sides[1].inbox->fails = FATE_OK;
    assert_int_equal(test_poll(&sides[1]), FATE_OK);
    assert_int_equal(sides[1].inbox->frames, 1);
    assert_true(test_is_frame(sides[1].inbox, 0, 50));
}

static void a_full_way_says_so_and_wakes_its_sender(void **state)
{
    uint64_t sent = 0;
    (void)state;
    while (test_send(&sides[0], 1, 0, sent, 100000) == FATE_OK) sent++;
    assert_int_equal(sent, LOOPBACK_WINDOW / 100000);
    assert_int_equal(test_send(&sides[0], 1, 0, sent, 100000), FATE_AGAIN);
    assert_int_equal(test_send(&sides[0], 2, 0, 0, 100000), FATE_OK); /* other ways are free */
    assert_int_equal(test_poll(&sides[1]), FATE_OK);
    assert_int_equal(test_wait(&sides[0], UINT64_MAX), FATE_OK);
    assert_int_equal(test_send(&sides[0], 1, 0, sent, 100000), FATE_OK);
    assert_int_equal(test_poll(&sides[1]), FATE_OK);
    assert_int_equal(sides[1].inbox->frames, sent + 1);
    assert_int_equal(sides[1].inbox->misplaced, 0);
}

static void frames_to_a_freed_party_are_dropped(void **state)
{
    (void)state;
    assert_int_equal(test_send(&sides[0], 2, 0, 0, 10), FATE_OK);
    fate_transport_free(sides[2].transport);
    sides[2].transport = NULL;
    for (int i = 0; i < 100; i++) assert_int_equal(test_send(&sides[0], 2, 0, 0, 1000000), FATE_OK);
}

static void wake_ends_a_wait(void **state)
{
    (void)state;
    sides[0].transport->wake(sides[0].transport->context);
    assert_int_equal(test_wait(&sides[0], UINT64_MAX), FATE_OK);
    assert_int_equal(test_wait(&sides[0], 0), FATE_OK);
    assert_true(sides[0].transport->now(sides[0].transport->context) > 0);
}

enum { EXCHANGED = 3000 };

/* Sends EXCHANGED frames to each other party and takes as many from each. */
static void *exchange(void *argument)
{
    uint32_t party = (uint32_t)(uintptr_t)argument;
    const struct test_side *side = &sides[party];
    uint64_t sent[PARTIES] = {0};
    for (;;) {
        uint64_t done = side->inbox->frames;
        for (uint32_t peer = 0; peer < PARTIES; peer++) {
            if (peer == party) continue;
            while (sent[peer] < EXCHANGED && test_send(side, peer, 0, sent[peer], 8 + 997 * (sent[peer] % 7)) == FATE_OK) sent[peer]++;
            done += sent[peer];
        }
        if (done == 2 * (PARTIES - 1) * (uint64_t)EXCHANGED) return NULL;
        test_wait(side, 1000);
        if (test_poll(side) != FATE_OK) return NULL;
    }
}

static void each_in_its_thread(void **state)
{
    pthread_t threads[PARTIES];
    (void)state;
    for (uintptr_t i = 0; i < PARTIES; i++) assert_int_equal(pthread_create(&threads[i], NULL, exchange, (void *)i), 0);
    for (uint32_t i = 0; i < PARTIES; i++) pthread_join(threads[i], NULL);
    for (uint32_t i = 0; i < PARTIES; i++) assert_int_equal(sides[i].inbox->frames, (PARTIES - 1) * EXCHANGED);
}

static void *free_one(void *argument)
{
    test_send(argument, 0, 0, 0, 100);
    fate_transport_free(((struct test_side *)argument)->transport);
    ((struct test_side *)argument)->transport = NULL;
    return NULL;
}

static void freed_in_threads(void **state)
{
    pthread_t threads[PARTIES];
    (void)state;
    for (uint32_t i = 0; i < PARTIES; i++) assert_int_equal(pthread_create(&threads[i], NULL, free_one, &sides[i]), 0);
    for (uint32_t i = 0; i < PARTIES; i++) pthread_join(threads[i], NULL);
}

static void every_allocation_fails_once(void **state)
{
    bool succeeded = false;
    (void)state;
    for (long long k = 0; !succeeded; k++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *small;
        fate_transport *transports[2];
        assert_int_equal(context_new(&small, &allocator), FATE_OK);
        test.fail = atomic_load(&test.calls) + k;
        int32_t result = fate_loopback_new(small, transports, 2);
        if (result == FATE_OK) result = transports[0]->send(transports[0]->context, 1, 0, (const uint8_t *)"x", 1);
        succeeded = result == FATE_OK;
        if (!succeeded) assert_int_equal(result, FATE_E_MEMORY);
        fate_transport_free(transports[0]);
        fate_transport_free(transports[1]);
        fate_context_free(small);
        assert_int_equal(atomic_load(&test.live), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_reach_their_party, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_arguments, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refused_frame_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_way_says_so_and_wakes_its_sender, setup, teardown),
        cmocka_unit_test_setup_teardown(frames_to_a_freed_party_are_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(wake_ends_a_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(each_in_its_thread, setup, teardown),
        cmocka_unit_test_setup_teardown(freed_in_threads, setup, teardown),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
