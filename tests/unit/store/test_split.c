/* A store of two others: which keys go where, the date, tables that are none, failing allocations. */
#include "tests/support/unit.h"

#include <unistd.h>
#include "src/store/split.h"
#include "tests/support/allocator.h"
#include "tests/support/reply.h"

static uint64_t some_date(void *context)
{
    (void)context;
    return 77;
}

static void keys_go_to_their_store(void **state)
{
    fate_context *context;
    fate_store *jobs, *kept, *both;
    (void)state;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_memory_store_new(context, &jobs), FATE_OK);
    assert_int_equal(fate_memory_store_new(context, &kept), FATE_OK);
    assert_int_equal(fate_split_store_new(context, &both, jobs, kept), FATE_OK);
    assert_int_equal(test_put(both, "state", "s"), FATE_OK);
    assert_int_equal(test_put(both, "kept-a", "a"), FATE_OK);
    assert_int_equal(test_put(both, "kept-b", "b"), FATE_OK);
    assert_int_equal(test_put(both, "keptb", "j"), FATE_OK);
    assert_true(test_holds(context, jobs, "state", "s") && test_holds(context, kept, "state", NULL));
    assert_true(test_holds(context, kept, "kept-a", "a") && test_holds(context, jobs, "kept-a", NULL));
    assert_true(test_holds(context, both, "state", "s") && test_holds(context, both, "kept-b", "b"));
    assert_int_equal(test_count(context, both, ""), 4);
    assert_int_equal(test_count(context, both, "kept"), 3);
    assert_int_equal(test_count(context, both, "kept-"), 2);
    assert_int_equal(test_count(context, both, "kept-b"), 1);
    assert_int_equal(test_count(context, both, "st"), 1);
    assert_int_equal(both->delete_(both->context, "kept-a"), FATE_OK);
    assert_true(test_holds(context, kept, "kept-a", NULL) && test_holds(context, jobs, "keptb", "j"));
    fate_store_free(both);
    assert_true(test_holds(context, kept, "kept-b", "b")); /* the two go on */
    fate_store_free(jobs);
    fate_store_free(kept);
    fate_context_free(context);
}

static void the_date_is_one_of_theirs(void **state)
{
    fate_context *context;
    fate_store *jobs, *kept, *both;
    (void)state;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_memory_store_new(context, &jobs), FATE_OK);
    assert_int_equal(fate_memory_store_new(context, &kept), FATE_OK);
    assert_true(kept->date(kept->context) > 1500000000);
    fate_store own = *jobs, dateless = *kept;
    own.date = some_date;
    dateless.date = NULL;
    assert_int_equal(fate_split_store_new(context, &both, &own, &dateless), FATE_OK);
    assert_int_equal(both->date(both->context), 77);
    fate_store_free(both);
    assert_int_equal(fate_split_store_new(context, &both, &dateless, &own), FATE_OK);
    assert_int_equal(both->date(both->context), 77);
    fate_store_free(both);
    assert_int_equal(fate_split_store_new(context, &both, &dateless, &dateless), FATE_OK);
    assert_int_equal(both->date(both->context), 0);
    fate_store_free(both);
    fate_store_free(jobs);
    fate_store_free(kept);
    fate_context_free(context);
}

static void what_is_no_store_is_refused(void **state)
{
    fate_context *context;
    fate_store *jobs, *both;
    (void)state;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_memory_store_new(context, &jobs), FATE_OK);
    assert_int_equal(fate_split_store_new(NULL, &both, jobs, jobs), FATE_E_ARGUMENT);
    assert_int_equal(fate_split_store_new(context, NULL, jobs, jobs), FATE_E_ARGUMENT);
    assert_int_equal(fate_split_store_new(context, &both, NULL, jobs), FATE_E_ARGUMENT);
    assert_int_equal(fate_split_store_new(context, &both, jobs, NULL), FATE_E_ARGUMENT);
    fate_store bad = *jobs;
    bad.abi_version++;
    assert_int_equal(fate_split_store_new(context, &both, jobs, &bad), FATE_E_VERSION);
    assert_null(both);
    bad = *jobs;
    bad.get = NULL;
    assert_int_equal(fate_split_store_new(context, &both, &bad, jobs), FATE_E_VERSION);
    bad = *jobs;
    bad.struct_size = (uint32_t)offsetof(fate_store, date); /* of a version without dates */
    assert_int_equal(fate_split_store_new(context, &both, &bad, &bad), FATE_OK);
    assert_int_equal(both->date(both->context), 0);
    fate_store_free(both);
    fate_store_free(jobs);
    fate_context_free(context);
}

static void errors_of_a_directory_keep_their_words(void **state)
{
    char path[] = "/tmp/test-split-XXXXXX", lock[64];
    fate_context *context;
    fate_store *jobs, *kept, *both;
    (void)state;
    assert_non_null(mkdtemp(path));
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_memory_store_new(context, &jobs), FATE_OK);
    assert_int_equal(fate_directory_store_new(context, &kept, path), FATE_OK);
    assert_int_equal(fate_split_store_new(context, &both, jobs, kept), FATE_OK);
    assert_string_equal(split_sentence(jobs), "");
    assert_int_equal(test_put(kept, "kept-?", "x"), FATE_E_ARGUMENT);
    assert_non_null(strstr(split_sentence(both), "kept-?"));
    assert_string_equal(split_sentence(kept), split_sentence(both));
    fate_store_free(both);
    fate_store_free(jobs);
    fate_store_free(kept);
    fate_context_free(context);
    snprintf(lock, sizeof lock, "%s/.lock", path);
    (void)unlink(lock);
    (void)rmdir(path);
}

static void allocations_may_fail(void **state)
{
    static struct test_allocator counted;
    fate_context *context;
    fate_store *jobs, *both = NULL;
    fate_allocator allocator = test_allocator(&counted, -1);
    (void)state;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    assert_int_equal(fate_memory_store_new(context, &jobs), FATE_OK);
    counted.fail = atomic_load(&counted.calls);
    assert_int_equal(fate_split_store_new(context, &both, jobs, jobs), FATE_E_MEMORY);
    assert_null(both);
    counted.fail = -1;
    assert_int_equal(fate_split_store_new(context, &both, jobs, jobs), FATE_OK);
    fate_store_free(both);
    fate_store_free(jobs);
    fate_context_free(context);
    assert_int_equal(atomic_load(&counted.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_go_to_their_store),      cmocka_unit_test(the_date_is_one_of_theirs),
        cmocka_unit_test(what_is_no_store_is_refused), cmocka_unit_test(errors_of_a_directory_keep_their_words),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
