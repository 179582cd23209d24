/* Frames that a transport could not take: order within a link, no waiting of one link for another, bounds, and the hook's errors. */
#include "tests/support/unit.h"

#include "src/session/outgoing.h"
#include "tests/support/allocator.h"

enum { TAKEN_MOST = 20000 };

/* A transport that takes frames of some links only. */
struct gate {
    uint64_t closed_from; /* links from this number on take nothing */
    int32_t fails;
    uint32_t count;
    uint64_t taken[TAKEN_MOST]; /* link * 1000000 + first byte */
};

static int32_t gate_send(void *context, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    struct gate *gate = context;
    (void)peer;
    (void)length;
    if (gate->fails != FATE_OK) return gate->fails;
    if (link >= gate->closed_from) return FATE_AGAIN;
    gate->taken[gate->count++ % TAKEN_MOST] = link * 1000000 + bytes[0];
    return FATE_OK;
}

static struct gate gate;
static fate_transport transport;
static fate_context *context;
static struct outgoing outgoing;

static int setup(void **state)
{
    (void)state;
    memset(&gate, 0, sizeof gate);
    gate.closed_from = UINT64_MAX;
    transport = (fate_transport){.struct_size = sizeof transport, .abi_version = FATE_ABI_VERSION, .context = &gate, .send = gate_send};
    if (context_new(&context, NULL) != FATE_OK) return -1;
    outgoing_init(&outgoing, context);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    outgoing_free(&outgoing);
    fate_context_free(context);
    return 0;
}

static int32_t send_one(uint64_t link, uint8_t number)
{
    return outgoing_send(&outgoing, &transport, 0, link, &number, 1);
}

static void what_is_taken_is_not_kept(void **state)
{
    (void)state;
    assert_int_equal(send_one(1, 5), FATE_OK);
    assert_int_equal(gate.count, 1);
    assert_null(outgoing.first);
}

static void order_within_a_link(void **state)
{
    (void)state;
    gate.closed_from = 2;
    for (uint8_t i = 0; i < 10; i++) {
        assert_int_equal(send_one(1, i), FATE_OK);
        assert_int_equal(send_one(2, i), FATE_OK);
    }
    assert_int_equal(gate.count, 10); /* link 1 did not wait for link 2 */
    assert_int_equal(outgoing_offer(&outgoing, &transport), FATE_OK);
    assert_int_equal(gate.count, 10);
    assert_int_equal(outgoing.count, 10);
    gate.closed_from = 3;
    assert_int_equal(send_one(2, 10), FATE_OK); /* behind those that wait, though the way is free now */
    assert_int_equal(gate.count, 10);
    assert_int_equal(outgoing_offer(&outgoing, &transport), FATE_OK);
    assert_int_equal(gate.count, 21);
    for (uint8_t i = 0; i <= 10; i++) assert_int_equal(gate.taken[10 + i], 2000000 + i);
    assert_null(outgoing.first);
    assert_null(outgoing.last);
    assert_int_equal(outgoing.bytes, 0);
    assert_int_equal(outgoing.count, 0);
}

static void many_links_that_take_nothing(void **state)
{
    (void)state;
    gate.closed_from = 100;
    for (uint64_t link = 100; link < 100 + 3 * OUTGOING_BLOCKED; link++) assert_int_equal(send_one(link, 1), FATE_OK);
    assert_int_equal(outgoing_offer(&outgoing, &transport), FATE_OK);
    assert_int_equal(outgoing.count, 3 * OUTGOING_BLOCKED);
    gate.closed_from = UINT64_MAX;
    assert_int_equal(outgoing_offer(&outgoing, &transport), FATE_OK);
    assert_int_equal(gate.count, 3 * OUTGOING_BLOCKED);
}

static void too_much_is_dropped(void **state)
{
    static uint8_t large[1 << 20];
    (void)state;
    gate.closed_from = 0;
    for (int i = 0; i < 2 * OUTGOING_FRAMES; i++) assert_int_equal(send_one(1, 1), FATE_OK);
    assert_int_equal(outgoing.count, OUTGOING_FRAMES);
    outgoing_free(&outgoing);
    for (int i = 0; i < 20; i++) assert_int_equal(outgoing_send(&outgoing, &transport, 0, 1, large, sizeof large), FATE_OK);
    assert_int_equal(outgoing.bytes, OUTGOING_BYTES);
}

static void errors_of_the_hook_come_back(void **state)
{
    (void)state;
    gate.closed_from = 0;
    assert_int_equal(send_one(1, 1), FATE_OK);
    gate.fails = -3000;
    assert_int_equal(send_one(2, 1), -3000);
    assert_int_equal(outgoing_offer(&outgoing, &transport), -3000);
    assert_int_equal(outgoing.count, 1); /* kept for a transport that works */
}

static void no_memory(void **state)
{
    struct test_allocator test;
    fate_allocator allocator = test_allocator(&test, -1);
    fate_context *small;
    struct outgoing own;
    uint8_t byte = 1;
    (void)state;
    assert_int_equal(context_new(&small, &allocator), FATE_OK);
    outgoing_init(&own, small);
    gate.closed_from = 0;
    test.fail = atomic_load(&test.calls);
    assert_int_equal(outgoing_send(&own, &transport, 0, 1, &byte, 1), FATE_E_MEMORY);
    assert_int_equal(outgoing_send(&own, &transport, 0, 1, &byte, 1), FATE_OK);
    assert_int_equal(own.count, 1);
    outgoing_free(&own);
    fate_context_free(small);
    assert_int_equal(atomic_load(&test.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_taken_is_not_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(order_within_a_link, setup, teardown),
        cmocka_unit_test_setup_teardown(many_links_that_take_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(too_much_is_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_of_the_hook_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(no_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
