/* The simulated store: what is durable when, and what a crash loses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "lib/context.h"
#include "src/session/event.h"
#include "src/session/session.h"
#include "src/session/simulated_store.h"
#include "tests/support/hostile.h"

/* Asks for an access as the engine does, and answers it. */
static void ask(struct simulated_store *store, fate_session *session, int32_t kind, const char *key, const char *value, uint64_t due,
                bool failing)
{
    const fate_event *event;
    struct buffer bytes;
    buffer_init(&bytes, session->context);
    buffer_text(&bytes, value);
    assert_int_equal(session_ask_store(session, kind, key, &bytes), FATE_OK);
    assert_int_equal(fate_session_next(session, &event), FATE_OK);
    assert_int_equal(simulated_store_event(store, session, event, due, failing), FATE_OK);
    buffer_free(&bytes);
}

static void puts_become_durable(void **state)
{
    (void)state;
    struct hostile hostile;
    struct simulated_store store;
    bool done;
    assert_int_equal(hostile_open(&hostile), FATE_OK);
    fate_session *session = hostile.session;
    simulated_store_init(&store, hostile.context);
    ask(&store, session, FATE_EVENT_PUT, "a", "old", 5, false);
    assert_int_equal(simulated_store_settle(&store, session, 4, &done), FATE_OK);
    assert_false(done);
    assert_false(session->store_done);
    assert_int_equal(simulated_store_settle(&store, session, 5, &done), FATE_OK);
    assert_true(done && session->store_done);
    ask(&store, session, FATE_EVENT_PUT, "a", "new", 9, false);
    simulated_store_crash(&store, 0);
    ask(&store, session, FATE_EVENT_GET, "a", "", 0, false);
    assert_int_equal(session->store_result, FATE_OK);
    assert_int_equal(session->store_bytes.length, 3);
    assert_memory_equal(session->store_bytes.bytes, "old", 3);
    ask(&store, session, FATE_EVENT_LIST, "", "", 0, false);
    assert_int_equal(session->store_bytes.length, 2);
    ask(&store, session, FATE_EVENT_LIST, "b", "", 0, false);
    assert_int_equal(session->store_bytes.length, 0);
    ask(&store, session, FATE_EVENT_DELETE, "a", "", 0, false);
    ask(&store, session, FATE_EVENT_GET, "a", "", 0, false);
    assert_int_equal(session->store_result, FATE_EMPTY);
    ask(&store, session, FATE_EVENT_PUT, "a", "x", 0, true);
    assert_int_equal(session->store_result, FATE_E_FILE);
    session->store_kind = 0;
    simulated_store_free(&store);
    hostile_close(&hostile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(puts_become_durable)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
