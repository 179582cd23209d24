/* Unpacking through a context's allocator tells lack of memory from bad bytes. */
#include "tests/support/unit.h"

#include "proto/model.pb-c.h"
#include "src/session/protobuf.h"
#include "tests/support/allocator.h"

static void memory_comes_from_the_context(void **state)
{
    (void)state;
    static const uint8_t good[] = {0x0a, 3, 'a', 'b', 'c', 0x12, 1, 'd'}, bad[] = {0x0a, 9, 'a'};
    struct test_allocator counted;
    fate_allocator allocator = test_allocator(&counted, -1);
    fate_context *context = NULL;
    struct protobuf_memory memory;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    const long long before = atomic_load(&counted.live);
    protobuf_memory_init(&memory, context);
    Fate__ModelContent *content = fate__model_content__unpack(&memory.allocator, sizeof good, good);
    assert_non_null(content);
    assert_true(atomic_load(&counted.live) > before);
    assert_string_equal(content->algorithm, "abc");
    fate__model_content__free_unpacked(content, &memory.allocator);
    assert_int_equal(atomic_load(&counted.live), before);
    assert_null(fate__model_content__unpack(&memory.allocator, sizeof bad, bad));
    assert_false(memory.failed);
    for (long long k = 0; k < 3; k++) {
        protobuf_memory_init(&memory, context);
        counted.fail = atomic_load(&counted.calls) + k;
        assert_null(fate__model_content__unpack(&memory.allocator, sizeof good, good));
        assert_true(memory.failed);
        assert_int_equal(atomic_load(&counted.live), before);
    }
    counted.fail = -1;
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_comes_from_the_context)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
