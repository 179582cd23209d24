/* Allocation: sizes that overflow, zero sizes, copies, wiping, and the public pair fate_allocate and fate_free. */
#include "tests/support/unit.h"

#include "lib/memory.h"
#include "tests/support/allocator.h"

#include <fate/protocol.h>

static struct test_allocator counted;
static fate_context *context;

static int setup(void **state)
{
    (void)state;
    fate_allocator allocator = test_allocator(&counted, -1);
    return context_new(&context, &allocator);
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

static void products_that_overflow_are_refused(void **state)
{
    (void)state;
    const uint64_t half = UINT64_C(1) << 32;
    assert_null(memory_allocate(context, half, half));
    assert_null(memory_allocate(context, UINT64_MAX, 2));
    assert_null(memory_zeroed(context, 3, UINT64_MAX / 2));
    char *old = memory_text(context, "kept");
    assert_null(memory_resize(context, old, half, half));
    assert_string_equal(old, "kept");
    memory_free(context, old);
    assert_int_equal(atomic_load(&counted.calls), 2); /* the context and the text: nothing else was asked for */
}

static void nothing_is_a_valid_pointer(void **state)
{
    (void)state;
    void *pointers[] = {memory_allocate(context, 0, 8), memory_zeroed(context, 8, 0), memory_copy(context, NULL, 0),
                        memory_resize(context, NULL, 0, 0), fate_allocate(context, 0)};
    for (size_t i = 0; i < sizeof pointers / sizeof pointers[0]; i++) {
        assert_non_null(pointers[i]);
        memory_free(context, pointers[i]);
    }
    memory_free(context, NULL);
    memory_free_secret(context, NULL, 100);
    fate_free(context, NULL);
    fate_free(NULL, NULL);
    assert_null(fate_allocate(NULL, 1));
}

static void zeroed_copied_and_resized(void **state)
{
    (void)state;
    uint32_t *numbers = memory_zeroed(context, 100, sizeof *numbers);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(numbers[i], 0);
        numbers[i] = i;
    }
    uint32_t *copy = memory_copy(context, numbers, 100 * sizeof *numbers);
    numbers = memory_resize(context, numbers, 1000, sizeof *numbers);
    assert_memory_equal(numbers, copy, 100 * sizeof *numbers);
    memory_free(context, numbers);
    memory_free(context, copy);
    uint8_t *bytes = fate_allocate(context, 10);
    for (uint32_t i = 0; i < 10; i++) assert_int_equal(bytes[i], 0);
    fate_free(context, bytes);
}

static bool wiped;
static void check_and_release(void *ignored, void *old)
{
    (void)ignored;
    const uint8_t *bytes = old;
    wiped = true;
    for (uint32_t i = 0; old != NULL && i < 64; i++) wiped = wiped && bytes[i] == 0;
}

static void *hand_out(void *memory, size_t size)
{
    (void)size;
    return memory;
}

static void secrets_are_wiped_before_they_are_released(void **state)
{
    (void)state;
    uint8_t memory[64];
    memset(memory, 0xaa, sizeof memory);
    fate_context holder = {.allocator = {sizeof(fate_allocator), FATE_ABI_VERSION, memory, hand_out, NULL, check_and_release}};
    uint8_t *secret = memory_allocate(&holder, 64, 1);
    memory_free(&holder, secret);
    assert_false(wiped);
    memory_free_secret(&holder, secret, 64);
    assert_true(wiped);
}

static void a_failing_allocator_gives_null(void **state)
{
    (void)state;
    counted.fail = 0;
    counted.from_then_on = true;
    atomic_store(&counted.calls, 1);
    assert_null(memory_allocate(context, 1, 1));
    assert_null(memory_zeroed(context, 1, 1));
    assert_null(memory_resize(context, NULL, 1, 1));
    assert_null(memory_copy(context, "x", 1));
    assert_null(memory_text(context, "x"));
    assert_null(fate_allocate(context, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(products_that_overflow_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_a_valid_pointer, setup, teardown),
        cmocka_unit_test_setup_teardown(zeroed_copied_and_resized, setup, teardown),
        cmocka_unit_test(secrets_are_wiped_before_they_are_released),
        cmocka_unit_test_setup_teardown(a_failing_allocator_gives_null, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
