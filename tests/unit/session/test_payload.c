/* What goes to many is kept once, in memory and in stored state, as long as one of them needs it. */
#include "src/session/payload.h"

#include <fate/fate.h>
#include <fate/simulator.h>
#include <string.h>

#include "src/session/simulated_store.h"
#include "src/session/stream.h"
#include "tests/support/allocator.h"
#include "tests/support/rounds_world.h"

enum { STREAMS = 50, LONG = 100000 };

static void held_and_released(void **state)
{
    (void)state;
    struct test_allocator test;
    fate_allocator allocator = test_allocator(&test, -1);
    fate_context *context;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    long long before = atomic_load(&test.live);
    struct payload *payload = payload_new(context, (const uint8_t *)"abc", 3);
    assert_true(payload_is(payload, (const uint8_t *)"abc", 3));
    assert_false(payload_is(payload, (const uint8_t *)"abd", 3));
    assert_false(payload_is(payload, (const uint8_t *)"ab", 2));
    assert_false(payload_is(NULL, NULL, 0));
    assert_true(payload_hold(payload) == payload);
    payload_release(context, payload);
    assert_true(payload_is(payload, (const uint8_t *)"abc", 3));
    payload_release(context, payload);
    assert_int_equal(atomic_load(&test.live), before);
    payload_release(context, NULL);
    fate_context_free(context);
}

/* Many streams with the same long record, and each with one of its own. */
static void fill(struct stream *streams, fate_context *context)
{
    static uint8_t bytes[LONG];
    for (uint32_t i = 0; i < LONG; i++) bytes[i] = (uint8_t)(i * 7);
    struct payload *shared = payload_new(context, bytes, LONG);
    for (uint8_t i = 0; i < STREAMS; i++) {
        struct payload *own = payload_new(context, &i, 1);
        stream_init(&streams[i], context);
        assert_int_equal(stream_push(&streams[i], 1, shared, false), FATE_OK);
        assert_int_equal(stream_push(&streams[i], 1, own, true), FATE_OK);
        payload_release(context, own);
    }
    payload_release(context, shared);
}

static void save(struct stream *streams, fate_context *context, struct buffer *out)
{
    struct payload_book book;
    buffer_clear(out);
    payload_book_init(&book, context);
    for (uint32_t i = 0; i < STREAMS; i++) stream_unplace(&streams[i]);
    for (uint32_t i = 0; i < STREAMS; i++) stream_save(&streams[i], &book, out);
    payload_book_free(&book);
    assert_false(out->failed);
}

/* FATE_OK: all are loaded; they are freed in any case. */
static int32_t load(const struct stream *streams, fate_context *context, const uint8_t *bytes, uint64_t length)
{
    struct stream loaded[STREAMS];
    struct payload_book book;
    struct reader in;
    int32_t result = FATE_OK;
    uint32_t count = 0;
    reader_init(&in, bytes, length);
    payload_book_init(&book, context);
    for (; count < STREAMS && result == FATE_OK; count++) {
        stream_init(&loaded[count], context);
        result = stream_load(&loaded[count], &book, &in);
    }
    payload_book_free(&book);
    for (uint32_t i = 0; i < count; i++) {
        const struct record *first = loaded[i].outgoing.first;
        if (result == FATE_OK) {
            assert_memory_equal(first->payload, streams[i].outgoing.first->payload, LONG);
            assert_true(first->payload == loaded[0].outgoing.first->payload);
            assert_int_equal(first->next->payload[0], i);
            assert_memory_equal(first->next->chain, streams[i].out_chain, STREAM_CHAIN);
        }
    }
    for (uint32_t i = 0; i < count; i++) stream_free(&loaded[i]);
    return result;
}

static void written_once(void **state)
{
    (void)state;
    struct stream streams[STREAMS];
    struct buffer out;
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    fill(streams, context);
    buffer_init(&out, context);
    for (int twice = 0; twice < 2; twice++) {
        save(streams, context, &out);
        assert_true(out.length > LONG && out.length < LONG + STREAMS * 400);
        assert_int_equal(load(streams, context, out.bytes, out.length), FATE_OK);
    }
    for (uint64_t cut = 0; cut < out.length; cut += 1 + cut / 50) assert_int_equal(load(streams, context, out.bytes, cut), FATE_E_FORMAT);
    /* A place that no payload has yet. */
    struct payload_book book;
    struct payload *none;
    struct reader in;
    const uint8_t place[8] = {1};
    payload_book_init(&book, context);
    reader_init(&in, place, sizeof place);
    assert_int_equal(payload_read(&none, &book, &in), FATE_E_FORMAT);
    payload_book_free(&book);
    for (uint32_t i = 0; i < STREAMS; i++) stream_free(&streams[i]);
    buffer_free(&out);
    fate_context_free(context);
}

static void allocations_fail(void **state)
{
    (void)state;
    struct stream streams[STREAMS];
    struct buffer out;
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    fill(streams, context);
    buffer_init(&out, context);
    save(streams, context, &out);
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result == FATE_E_MEMORY; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *own;
        assert_int_equal(context_new(&own, &allocator), FATE_OK);
        test.fail = atomic_load(&test.calls) + fail;
        result = load(streams, own, out.bytes, out.length);
        test.fail = -1;
        fate_context_free(own);
        assert_int_equal(atomic_load(&test.live), 0);
    }
    assert_int_equal(result, FATE_OK);
    for (uint32_t i = 0; i < STREAMS; i++) stream_free(&streams[i]);
    buffer_free(&out);
    fate_context_free(context);
}

/* ---- an aggregator's question to many ---- */

enum { CLIENTS = 40, WEIGHTS = 2000 };

static bool asked(const struct asker *asker)
{
    return asker->out && asker->question == 2;
}

/* Each distinct payload that the aggregator keeps for anybody, in bytes. */
static uint64_t kept(struct rounds_world *world)
{
    const fate_session *session = fate_simulator_session(world->simulator, 0);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < session->peer_count; i++) stream_unplace(&session->peers[i].stream);
    for (uint32_t i = 0; i < session->peer_count; i++)
        for (const struct record *record = session->peers[i].stream.outgoing.first; record != NULL; record = record->next) {
            bytes += record->shared->place == 0 ? record->length : 0;
            record->shared->place = 1;
        }
    return bytes;
}

/* A question is kept once for all clients, in memory and in the state; the aggregator is killed while it is out and goes on. */
static void questions_are_kept_once(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, CLIENTS, "horizontal-custom", ",\"rounds\":3,\"weights\":2000", 0, 9, true);
    fate_simulator_set(world.simulator, "delay_most", 40);
    assert_true(rounds_run_until(&world, asked));
    assert_true(kept(&world) > 4 * WEIGHTS && kept(&world) < 3 * 4 * WEIGHTS);
    for (int tick = 0; tick < 5; tick++) assert_int_equal(fate_simulator_run(world.simulator, 1), FATE_AGAIN);
    const struct simulated_value *value = simulator_store(world.simulator, 0)->values;
    while (value != NULL && strcmp(value->key, "state") != 0) value = value->next;
    assert_non_null(value);
    uint64_t length = value->length;
    assert_true(length > 4 * WEIGHTS && length < CLIENTS * 4 * WEIGHTS); /* it also holds what clients sent */
    assert_int_equal(fate_simulator_restart(world.simulator, 0), FATE_OK);
    rounds_run(&world, 9);
    rounds_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(held_and_released), cmocka_unit_test(written_once),
                                       cmocka_unit_test(allocations_fail), cmocka_unit_test(questions_are_kept_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
