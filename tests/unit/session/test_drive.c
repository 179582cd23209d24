/* Driving sessions through hooks: over loopback and TCP, with stores, observers, cancels, and hooks that fail. */
#include "tests/support/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "tests/support/allocator.h"
#include "tests/support/party.h"

enum { ROUNDS = 4, PARTS = 20 };

static struct party parties[PARTY_MOST];
static fate_transport *transports[PARTY_MOST];
static uint32_t count;

/* Joins that many parties over loopback. */
static void begin(uint32_t number)
{
    count = number;
    assert_true(parties_open(parties, count));
    assert_int_equal(fate_loopback_new(parties[0].context, transports, count), FATE_OK);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(party_join(parties, count, i, ROUNDS, PARTS, NULL), FATE_OK);
        parties[i].transport = transports[i];
    }
}

static int teardown(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < count; i++) fate_transport_free(transports[i]);
    parties_close(parties, count);
    count = 0;
    return 0;
}

static void assert_finished(void)
{
    for (uint32_t i = 0; i < count; i++) {
        if (parties[i].result != FATE_OK) fail_msg("%s: %s", party_name(i), fate_session_error(parties[i].session));
        assert_true(party_sum(&parties[i]) == rounds_expected(count - 1, ROUNDS, PARTS));
    }
}

/* ---- an observer that counts ---- */

struct watch {
    struct party *party;
    int progress, ticks, changes, warnings;
    double fraction;
    int32_t stop; /* what progress returns, once it has been called that often: */
    int stop_after;
    int32_t entered[4]; /* what entering the session again gave */
};

static int32_t watch_progress(void *context, const fate_progress *progress)
{
    struct watch *watch = context;
    watch->progress++;
    watch->fraction = progress->fraction;
    return watch->stop != FATE_OK && watch->progress >= watch->stop_after ? watch->stop : FATE_OK;
}

static int32_t watch_warning(void *context, const char *sentence)
{
    struct watch *watch = context;
    watch->warnings += sentence[0] != 0;
    return FATE_OK;
}

static int32_t watch_peer(void *context, uint32_t peer, int32_t state)
{
    struct watch *watch = context;
    (void)peer;
    watch->changes += state == 1;
    return FATE_OK;
}

static int32_t watch_tick(void *context)
{
    struct watch *watch = context;
    const fate_event *event;
    watch->ticks++;
    if (watch->party == NULL) return FATE_OK;
    fate_session *session = watch->party->session;
    watch->entered[0] = fate_drive(session, watch->party->transport, NULL, NULL);
    watch->entered[1] = fate_session_run(session, 0, 0);
    watch->entered[2] = fate_session_next(session, &event);
    watch->entered[3] = fate_session_receive(session, watch->party->transport == transports[0] ? 1 : 0, 0, (const uint8_t *)"x", 1);
    return FATE_OK;
}

static fate_observer observer_of(struct watch *watch)
{
    return (fate_observer){.struct_size = sizeof(fate_observer),
                           .abi_version = FATE_ABI_VERSION,
                           .context = watch,
                           .progress = watch_progress,
                           .warning = watch_warning,
                           .peer_changed = watch_peer,
                           .tick = watch_tick};
}

/* ---- a transport around another one, which fails or hesitates when told ---- */

enum { SEND, POLL, WAIT, FUNCTIONS };

struct wrapped {
    const fate_transport *inner;
    int32_t code; /* what the call returns instead */
    int fails_in; /* which function */
    int at;       /* at its call of this number, from 0 */
    int calls[FUNCTIONS];
    int hesitates; /* send: FATE_AGAIN in all but every such call; 0: never */
};

static bool fails(struct wrapped *wrapped, int function)
{
    int call = wrapped->calls[function]++;
    return wrapped->code != FATE_OK && wrapped->fails_in == function && call == wrapped->at;
}

static int32_t wrapped_send(void *context, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    struct wrapped *wrapped = context;
    if (fails(wrapped, SEND)) return wrapped->code;
    if (wrapped->hesitates > 0 && wrapped->calls[SEND] % wrapped->hesitates != 0) return FATE_AGAIN;
    return wrapped->inner->send(wrapped->inner->context, peer, link, bytes, length);
}

static int32_t wrapped_poll(void *context, fate_inbox *inbox)
{
    struct wrapped *wrapped = context;
    return fails(wrapped, POLL) ? wrapped->code : wrapped->inner->poll(wrapped->inner->context, inbox);
}

static int32_t wrapped_wait(void *context, uint64_t milliseconds)
{
    struct wrapped *wrapped = context;
    if (fails(wrapped, WAIT)) return wrapped->code;
    if (wrapped->hesitates > 0 && milliseconds > 1) milliseconds = 1;
    return wrapped->inner->wait(wrapped->inner->context, milliseconds);
}

static uint64_t wrapped_now(void *context)
{
    struct wrapped *wrapped = context;
    return wrapped->inner->now(wrapped->inner->context);
}

/* Only what a transport must have. */
static fate_transport transport_of(struct wrapped *wrapped)
{
    return (fate_transport){.struct_size = sizeof(fate_transport),
                            .abi_version = FATE_ABI_VERSION,
                            .context = wrapped,
                            .send = wrapped_send,
                            .poll = wrapped_poll,
                            .wait = wrapped_wait,
                            .now = wrapped_now};
}

/* ---- tests ---- */

static void three_parties_over_loopback(void **state)
{
    struct watch watch = {.party = NULL};
    fate_observer observer = observer_of(&watch);
    (void)state;
    begin(3);
    parties[0].observer = &observer;
    assert_true(parties_run(parties, count));
    assert_finished();
    assert_int_equal(watch.progress, ROUNDS + 1); /* one for each round, and one that says that all is done */
    assert_true(watch.changes >= 2);
    assert_true(watch.ticks > 0);
    assert_int_equal(watch.warnings, 0);
}

static void two_parties_over_tcp(void **state)
{
    char address[64];
    fate_transport *tcp[2] = {NULL, NULL};
    (void)state;
    begin(2);
    assert_int_equal(party_join(parties, 2, 0, ROUNDS, PARTS, "127.0.0.1:9"), FATE_OK);
    assert_int_equal(fate_tcp_for_job(parties[0].context, &tcp[0], parties[0].job, 0, "127.0.0.1:0"), FATE_OK);
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)fate_tcp_port(tcp[0]));
    assert_int_equal(party_join(parties, 2, 1, ROUNDS, PARTS, address), FATE_OK); /* addresses are no part of what must be equal */
    assert_int_equal(fate_tcp_for_job(parties[1].context, &tcp[1], parties[1].job, 1, NULL), FATE_OK);
    parties[0].transport = tcp[0];
    parties[1].transport = tcp[1];
    assert_true(parties_run(parties, count));
    assert_finished();
    fate_transport_free(tcp[0]);
    fate_transport_free(tcp[1]);
}

static void with_stores(void **state)
{
    fate_store *stores[2];
    (void)state;
    begin(2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(fate_memory_store_new(parties[i].context, &stores[i]), FATE_OK);
        parties[i].store = stores[i];
    }
    assert_true(parties_run(parties, count));
    assert_finished();
    for (uint32_t i = 0; i < 2; i++) fate_store_free(stores[i]);
}

static void an_observer_ends_the_job_of_all(void **state)
{
    struct watch watch = {.stop = -1500, .stop_after = 2};
    fate_observer observer = observer_of(&watch);
    (void)state;
    begin(3);
    parties[0].observer = &observer;
    assert_true(parties_run(parties, count));
    assert_int_equal(parties[0].result, -1500);
    assert_int_equal(watch.progress, 2); /* once it has said stop it hears no more */
    assert_int_equal(parties[1].result, FATE_E_PEER);
    assert_int_equal(parties[2].result, FATE_E_PEER);
    assert_int_equal(fate_session_error_party(parties[1].session), 0);
}

static void an_observer_that_cancels(void **state)
{
    struct watch watch = {.stop = FATE_E_CANCELLED, .stop_after = 1};
    fate_observer observer = observer_of(&watch);
    (void)state;
    begin(2);
    parties[0].observer = &observer;
    assert_true(parties_run(parties, count));
    assert_int_equal(parties[0].result, FATE_E_CANCELLED);
    assert_int_equal(parties[1].result, FATE_E_PEER);
}

static void cancel_from_another_thread(void **state)
{
    (void)state;
    begin(2);
    /* The other party never comes: only the cancel can end this. */
    assert_int_equal(pthread_create(&parties[0].thread, NULL, party_run, &parties[0]), 0);
    fate_session_cancel(parties[0].session);
    transports[0]->wake(transports[0]->context);
    pthread_join(parties[0].thread, NULL);
    assert_int_equal(parties[0].result, FATE_E_CANCELLED);
}

static fate_session *signalled;

static void on_signal(int number)
{
    (void)number;
    fate_session_cancel(signalled);
}

static int32_t raise_in_tick(void *context)
{
    int *ticks = context;
    if (++*ticks == 1) raise(SIGUSR1);
    return FATE_OK;
}

static void cancel_from_a_signal_handler(void **state)
{
    struct sigaction action = {.sa_handler = on_signal}, before;
    int ticks = 0;
    fate_observer observer = {.struct_size = sizeof observer, .abi_version = FATE_ABI_VERSION, .context = &ticks, .tick = raise_in_tick};
    (void)state;
    begin(2);
    signalled = parties[0].session;
    sigaction(SIGUSR1, &action, &before);
    assert_int_equal(fate_drive(parties[0].session, transports[0], NULL, &observer), FATE_E_CANCELLED);
    sigaction(SIGUSR1, &before, NULL);
    assert_true(ticks >= 1);
}

static void entering_again_from_a_hook(void **state)
{
    struct watch watch = {.party = &parties[0]};
    fate_observer observer = observer_of(&watch);
    (void)state;
    begin(2);
    parties[0].observer = &observer;
    assert_true(parties_run(parties, count));
    assert_finished(); /* and nothing was disturbed */
    for (int i = 0; i < 4; i++) assert_int_equal(watch.entered[i], FATE_E_REENTERED);
}

static void a_hesitating_transport_loses_nothing(void **state)
{
    struct wrapped wrapped = {.hesitates = 3};
    fate_transport transport = transport_of(&wrapped);
    (void)state;
    begin(3);
    wrapped.inner = transports[0];
    parties[0].transport = &transport;
    assert_true(parties_run(parties, count));
    assert_finished();
}

static void *drive_until_finished(void *argument)
{
    struct party *party = argument;
    struct wrapped *wrapped = party->transport->context;
    do party->result = fate_drive(party->session, party->transport, party->store, party->observer);
    while (party->result == wrapped->code);
    return NULL;
}

/* A transport that fails ends the drive with its code and not the session, which is driven on. */
static void a_failing_transport(void **state)
{
    (void)state;
    for (int function = 0; function < FUNCTIONS; function++) {
        for (int at = 0; at < 8; at++) {
            struct wrapped wrapped = {.code = -1777, .fails_in = function, .at = at};
            fate_transport transport = transport_of(&wrapped);
            begin(2);
            wrapped.inner = transports[1];
            parties[1].transport = &transport;
            assert_int_equal(pthread_create(&parties[0].thread, NULL, party_run, &parties[0]), 0);
            assert_int_equal(pthread_create(&parties[1].thread, NULL, drive_until_finished, &parties[1]), 0);
            pthread_join(parties[0].thread, NULL);
            pthread_join(parties[1].thread, NULL);
            assert_finished();
            teardown(state);
        }
    }
}

static void a_failing_transport_returns_its_code(void **state)
{
    struct wrapped wrapped = {.code = -1777, .fails_in = POLL};
    fate_transport transport = transport_of(&wrapped);
    (void)state;
    begin(2);
    wrapped.inner = transports[0];
    assert_int_equal(fate_drive(parties[0].session, &transport, NULL, NULL), -1777);
    assert_non_null(strstr(fate_session_error(parties[0].session), "-1777"));
}

/* ---- a store around another one, which fails at its k-th call ---- */

struct failing_store {
    const fate_store *inner;
    int at, calls;
};

static int32_t failing_put(void *context, const char *key, const uint8_t *bytes, uint64_t length)
{
    struct failing_store *store = context;
    return store->calls++ == store->at ? -1888 : store->inner->put(store->inner->context, key, bytes, length);
}

static int32_t failing_get(void *context, const char *key, fate_reply *reply)
{
    struct failing_store *store = context;
    return store->calls++ == store->at ? -1888 : store->inner->get(store->inner->context, key, reply);
}

static int32_t failing_delete(void *context, const char *key)
{
    struct failing_store *store = context;
    return store->calls++ == store->at ? -1888 : store->inner->delete_(store->inner->context, key);
}

static int32_t failing_list(void *context, const char *prefix, fate_reply *reply)
{
    struct failing_store *store = context;
    return store->calls++ == store->at ? -1888 : store->inner->list(store->inner->context, prefix, reply);
}

static void a_failing_store_returns_its_code(void **state)
{
    bool reached = true;
    (void)state;
    for (int at = 0; reached; at++) {
        fate_store *memory;
        struct failing_store failing = {.at = at};
        fate_store store = {.struct_size = sizeof store,
                            .abi_version = FATE_ABI_VERSION,
                            .context = &failing,
                            .put = failing_put,
                            .get = failing_get,
                            .delete_ = failing_delete,
                            .list = failing_list};
        begin(2);
        assert_int_equal(fate_memory_store_new(parties[0].context, &memory), FATE_OK);
        assert_int_equal(fate_session_set_option(parties[1].session, "contact_timeout", 200), FATE_OK);
        assert_int_equal(fate_session_set_option(parties[1].session, "linger_timeout", 100), FATE_OK);
        failing.inner = memory;
        parties[0].store = &store;
        assert_true(parties_run(parties, count));
        reached = failing.calls > at;
        assert_int_equal(parties[0].result, reached ? -1888 : FATE_OK);
        if (!reached) assert_finished();
        fate_store_free(memory);
        teardown(state);
    }
}

static int32_t answers_nothing(void *context, const char *key, fate_reply *reply)
{
    (void)context;
    (void)key;
    (void)reply;
    return FATE_OK;
}

static void a_store_that_breaks_its_rules(void **state)
{
    fate_store *memory;
    (void)state;
    begin(2);
    assert_int_equal(fate_memory_store_new(parties[0].context, &memory), FATE_OK);
    fate_store store = *memory;
    store.get = answers_nothing;
    assert_int_equal(fate_drive(parties[0].session, transports[0], &store, NULL), FATE_E_STORE);
    fate_store_free(memory);
}

static void the_sentence_of_a_directory_store(void **state)
{
    char directory[] = "/tmp/fate-test-drive-XXXXXX", path[100];
    fate_store *store;
    (void)state;
    begin(2);
    assert_non_null(mkdtemp(directory));
    assert_int_equal(fate_directory_store_new(parties[0].context, &store, directory), FATE_OK);
    snprintf(path, sizeof path, "%s/state", directory);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("no such thing", file);
    fclose(file);
    assert_int_equal(fate_drive(parties[0].session, transports[0], store, NULL), FATE_E_STORE);
    assert_non_null(strstr(fate_session_error(parties[0].session), path));
    fate_store_free(store);
    unlink(path);
    snprintf(path, sizeof path, "%s/.lock", directory);
    unlink(path);
    assert_int_equal(rmdir(directory), 0);
}

static void hook_tables_are_checked(void **state)
{
    struct wrapped wrapped = {.code = FATE_OK};
    fate_transport transport = transport_of(&wrapped);
    fate_observer observer = {.struct_size = sizeof observer, .abi_version = FATE_ABI_VERSION};
    fate_store store = {.struct_size = sizeof store, .abi_version = FATE_ABI_VERSION};
    (void)state;
    begin(2);
    fate_session *session = parties[0].session;
    assert_int_equal(fate_drive(NULL, &transport, NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_drive(session, NULL, NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_drive(session, &transport, &store, NULL), FATE_E_ARGUMENT);
    transport.wait = NULL;
    assert_int_equal(fate_drive(session, &transport, NULL, NULL), FATE_E_ARGUMENT);
    transport = transport_of(&wrapped);
    for (uint32_t size = 0; size <= offsetof(fate_transport, now); size++) {
        transport.struct_size = size;
        int32_t result = fate_drive(session, &transport, NULL, NULL);
        assert_true(result == FATE_E_VERSION || result == FATE_E_ARGUMENT);
    }
    transport = transport_of(&wrapped);
    transport.abi_version = FATE_ABI_VERSION + 1;
    assert_int_equal(fate_drive(session, &transport, NULL, NULL), FATE_E_VERSION);
    transport = transport_of(&wrapped);
    observer.struct_size = 3;
    assert_int_equal(fate_drive(session, &transport, NULL, &observer), FATE_E_VERSION);
    store.abi_version = 0;
    assert_int_equal(fate_drive(session, &transport, &store, NULL), FATE_E_VERSION);
    assert_int_equal(wrapped.calls[SEND] + wrapped.calls[POLL] + wrapped.calls[WAIT], 0);
}

/* A table of an older header ends before the newer members. */
static void a_shorter_table_works(void **state)
{
    struct wrapped wrapped = {.code = FATE_OK};
    fate_transport transport = transport_of(&wrapped);
    (void)state;
    begin(2);
    wrapped.inner = transports[0];
    transport.struct_size = offsetof(fate_transport, close);
    memset((uint8_t *)&transport + transport.struct_size, 0xff, sizeof transport - transport.struct_size);
    parties[0].transport = &transport;
    assert_true(parties_run(parties, count));
    assert_finished();
}

/* The k-th allocation of one party fails, for a growing choice of k: that party says so, and nothing is left behind. */
static void allocations_fail(void **state)
{
    bool succeeded = false;
    (void)state;
    for (long long k = 0; !succeeded; k += 1 + k / 8) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        count = 2;
        assert_true(parties_open_with(parties, count, &allocator));
        assert_int_equal(fate_loopback_new(parties[0].context, transports, count), FATE_OK);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(party_join(parties, count, i, ROUNDS, PARTS, NULL), FATE_OK);
            assert_int_equal(fate_session_set_option(parties[i].session, "contact_timeout", 300), FATE_OK);
            assert_int_equal(fate_session_set_option(parties[i].session, "loss_timeout", 1000), FATE_OK);
            assert_int_equal(fate_session_set_option(parties[i].session, "linger_timeout", 100), FATE_OK);
            parties[i].transport = transports[i];
        }
        test.fail = atomic_load(&test.calls) + k;
        assert_true(parties_run(parties, count));
        succeeded = parties[1].result == FATE_OK;
        if (!succeeded) assert_int_equal(parties[1].result, FATE_E_MEMORY);
        if (!succeeded) assert_non_null(strstr(fate_session_error(parties[1].session), "memory"));
        if (succeeded) assert_finished();
        teardown(state);
        assert_int_equal(atomic_load(&test.live), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(three_parties_over_loopback, teardown),
        cmocka_unit_test_teardown(two_parties_over_tcp, teardown),
        cmocka_unit_test_teardown(with_stores, teardown),
        cmocka_unit_test_teardown(an_observer_ends_the_job_of_all, teardown),
        cmocka_unit_test_teardown(an_observer_that_cancels, teardown),
        cmocka_unit_test_teardown(cancel_from_another_thread, teardown),
        cmocka_unit_test_teardown(cancel_from_a_signal_handler, teardown),
        cmocka_unit_test_teardown(entering_again_from_a_hook, teardown),
        cmocka_unit_test_teardown(a_hesitating_transport_loses_nothing, teardown),
        cmocka_unit_test_teardown(a_failing_transport, teardown),
        cmocka_unit_test_teardown(a_failing_transport_returns_its_code, teardown),
        cmocka_unit_test_teardown(a_failing_store_returns_its_code, teardown),
        cmocka_unit_test_teardown(a_store_that_breaks_its_rules, teardown),
        cmocka_unit_test_teardown(the_sentence_of_a_directory_store, teardown),
        cmocka_unit_test_teardown(hook_tables_are_checked, teardown),
        cmocka_unit_test_teardown(a_shorter_table_works, teardown),
        cmocka_unit_test_teardown(allocations_fail, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
