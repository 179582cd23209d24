/* The queue of events, and what its accessors say of each kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "lib/context.h"
#include "src/session/event.h"
#include "tests/support/allocator.h"

static void accessors(void **state)
{
    (void)state;
    fate_context *context;
    struct event_queue queue;
    struct buffer bytes;
    uint64_t length;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    event_queue_init(&queue, context);
    buffer_init(&bytes, context);
    buffer_text(&bytes, "frame");
    struct fate_event *event = event_add_bytes(&queue, FATE_EVENT_SEND, &bytes);
    event->peer = 3;
    event->link = 4;
    assert_int_equal(fate_event_kind(event), FATE_EVENT_SEND);
    assert_int_equal(fate_event_peer(event), 3);
    assert_int_equal(fate_event_link(event), 4);
    assert_memory_equal(fate_event_bytes(event, &length), "frame", 5);
    assert_int_equal(length, 5);
    assert_null(fate_event_key(event));
    assert_null(fate_event_text(event));
    fate_progress progress = {.struct_size = sizeof progress};
    assert_int_equal(fate_event_progress(event, &progress), FATE_E_ARGUMENT);
    event = event_add(&queue, FATE_EVENT_METRIC);
    strcpy(event->text, "auc");
    event->round = 2;
    event->value = 0.5;
    assert_string_equal(fate_event_text(event), "auc");
    assert_int_equal(fate_event_round(event), 2);
    assert_true(fate_event_value(event) == 0.5);
    event = event_add(&queue, FATE_EVENT_PUT);
    strcpy(event->text, "state");
    event->identifier = 9;
    assert_string_equal(fate_event_key(event), "state");
    assert_int_equal(fate_event_identifier(event), 9);
    assert_int_equal(fate_event_kind(NULL), 0);
    assert_null(fate_event_bytes(NULL, &length));
    buffer_free(&bytes);
    event_queue_free(&queue);
    fate_context_free(context);
}

/* A caller with an older, shorter struct gets what fits. */
static void progress_of_every_size(void **state)
{
    (void)state;
    fate_context *context;
    struct event_queue queue;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    event_queue_init(&queue, context);
    struct fate_event *event = event_add(&queue, FATE_EVENT_PROGRESS);
    memset(&event->progress, 7, sizeof event->progress);
    for (uint32_t size = 0; size <= sizeof(fate_progress); size++) {
        union {
            fate_progress progress;
            uint8_t bytes[sizeof(fate_progress)];
        } given;
        memset(&given, 0, sizeof given);
        given.progress.struct_size = size;
        int32_t result = fate_event_progress(event, &given.progress);
        assert_int_equal(result, size < 4 ? FATE_E_ARGUMENT : FATE_OK);
        if (result != FATE_OK) continue;
        assert_int_equal(given.progress.struct_size, size);
        for (uint32_t i = 4; i < sizeof given.bytes; i++) assert_int_equal(given.bytes[i], i < size ? 7 : 0);
    }
    event_queue_free(&queue);
    fate_context_free(context);
}

static void allocations_fail(void **state)
{
    (void)state;
    for (long long fail = 0; fail < 2; fail++) {
        struct test_allocator counter;
        fate_allocator allocator = test_allocator(&counter, -1);
        fate_context *context;
        struct event_queue queue;
        struct buffer bytes;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        event_queue_init(&queue, context);
        buffer_init(&bytes, context);
        buffer_text(&bytes, "frame");
        counter.fail = atomic_load(&counter.calls);
        counter.from_then_on = fail == 1;
        assert_null(event_add_bytes(&queue, FATE_EVENT_SEND, &bytes));
        buffer_free(&bytes);
        event_queue_free(&queue);
        fate_context_free(context);
        assert_int_equal(atomic_load(&counter.live), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(accessors), cmocka_unit_test(progress_of_every_size),
                                       cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
