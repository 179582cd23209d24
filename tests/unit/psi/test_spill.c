/* The plan of what is spilled: as bytes and back, and which sets follow from it. */
#include "tests/support/unit.h"

#include "src/models/psi/spill.h"

static fate_context *context;

static int setup(void **state)
{
    (void)state;
    return fate_context_new(&context, NULL) == FATE_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static const struct spill_plan plan = {.memory = 5000, .own = 70, .peers = 2, .counts = {900, 30}};

static void plans_are_read_as_written(void **state)
{
    struct spill_plan read;
    struct buffer bytes;
    (void)state;
    buffer_init(&bytes, context);
    spill_plan_write(&plan, &bytes);
    assert_true(spill_plan_read(&read, bytes.bytes, bytes.length));
    assert_memory_equal(&read, &plan, sizeof plan);
    for (uint64_t length = 0; length < bytes.length; length++) assert_false(spill_plan_read(&read, bytes.bytes, length));
    buffer_u8(&bytes, 0);
    assert_false(spill_plan_read(&read, bytes.bytes, bytes.length));
    bytes.length--;
    bytes.bytes[0] = 2; /* another version */
    assert_false(spill_plan_read(&read, bytes.bytes, bytes.length));
    bytes.bytes[0] = 1;
    bytes_store_u32(bytes.bytes + 17, 10); /* more peers than there can be */
    assert_false(spill_plan_read(&read, bytes.bytes, bytes.length));
    bytes_store_u32(bytes.bytes + 17, 2);
    bytes_store_u64(bytes.bytes + 9, UINT64_MAX); /* more ids */
    assert_false(spill_plan_read(&read, bytes.bytes, bytes.length));
    buffer_free(&bytes);
}

static void sets_follow_from_the_plan(void **state)
{
    static const uint64_t totals[] = {70, 900, 70, 30, 30};
    static const uint32_t sizes[] = {36, 20, 4, 20, 4};
    static const char *const names[] = {"s-own", "s-peer0", "s-match0", "s-peer1", "s-match1"};
    (void)state;
    assert_int_equal(spill_plan_sets(&plan), 5);
    for (uint32_t set = 0; set < 5; set++) {
        struct buckets buckets;
        assert_int_equal(spill_plan_set(&plan, set, &buckets, context, "s"), FATE_OK);
        assert_int_equal(buckets.total, totals[set]);
        assert_int_equal(buckets.size, sizes[set]);
        assert_string_equal(buckets.name, names[set]);
        buckets_free(&buckets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_are_read_as_written),
        cmocka_unit_test(sets_follow_from_the_plan),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
