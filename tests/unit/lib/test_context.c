/* Contexts: bad allocators, reference counts, children, the registry's life, threads and sentences. */
#include "tests/support/unit.h"

#include "lib/memory.h"
#include "tests/support/allocator.h"

#include <fate/protocol.h>
#include <pthread.h>
#include <math.h>
#include <stdio.h>

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    assert_int_equal(context_new(NULL, NULL), FATE_E_ARGUMENT);
    struct test_allocator counted;
    for (int member = 0; member < 3; member++) {
        fate_allocator allocator = test_allocator(&counted, -1);
        if (member == 0) allocator.allocate = NULL;
        if (member == 1) allocator.resize = NULL;
        if (member == 2) allocator.release = NULL;
        fate_context *context = (fate_context *)&counted;
        assert_int_equal(context_new(&context, &allocator), FATE_E_ARGUMENT);
        assert_null(context);
    }
    fate_allocator allocator = test_allocator(&counted, -1);
    fate_context *context;
    allocator.struct_size -= 1;
    assert_int_equal(context_new(&context, &allocator), FATE_E_VERSION);
    allocator.struct_size += 1;
    allocator.abi_version += 1;
    assert_int_equal(context_new(&context, &allocator), FATE_E_VERSION);
    allocator = test_allocator(&counted, 0);
    assert_int_equal(context_new(&context, &allocator), FATE_E_MEMORY);
    assert_null(context);
}

static void null_is_accepted_where_it_is_said(void **state)
{
    (void)state;
    fate_context_free(NULL);
    assert_int_equal(fate_context_threads(NULL), 0);
    assert_int_equal(fate_context_set_threads(NULL, 1), FATE_E_ARGUMENT);
    assert_string_equal(fate_context_error(NULL), "");
    assert_int_equal(fate_context_fail(NULL, FATE_E_TABLE, "x"), FATE_E_TABLE);
}

static void links_that_are_none(void **state)
{
    (void)state;
    static const double bad[][3] = {{0, 1, 1}, {-1, 1, 1},  {2e6, 1, 1}, {1, -1, 1}, {1, 2e6, 1},
                                    {1, 1, 0}, {1, 1, 2e6}, {NAN, 1, 1}, {1, NAN, 1}};
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_true(context->link.megabits == 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(fate_context_set_link(context, bad[i][0], bad[i][1], bad[i][2]), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_context_error(context), "fate_context_set_link"));
    assert_true(context->link.megabits == 0);
    assert_int_equal(fate_context_set_link(context, 100, 0, 1), FATE_OK);
    assert_true(context->link.megabits == 100);
    assert_int_equal(fate_context_set_link(NULL, 100, 0, 1), FATE_E_ARGUMENT);
    fate_context_free(context);
}

static void the_last_hold_frees(void **state)
{
    (void)state;
    struct test_allocator counted;
    fate_allocator allocator = test_allocator(&counted, -1);
    fate_context *context;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    assert_ptr_equal(context_hold(context), context);
    assert_ptr_equal(context_hold(context), context);
    fate_context_free(context);
    fate_context_free(context);
    assert_int_equal(atomic_load(&counted.live), 1);
    fate_context_free(context);
    assert_int_equal(atomic_load(&counted.live), 0);
}

static int freed;
static void free_object(fate_context *context, void *object)
{
    memory_free(context, object);
    freed++;
}

static void children_share_and_keep_their_parent_alive(void **state)
{
    (void)state;
    struct test_allocator counted;
    fate_allocator allocator = test_allocator(&counted, -1);
    fate_context *root, *child, *grandchild;
    assert_int_equal(context_new(&root, &allocator), FATE_OK);
    assert_int_equal(fate_context_set_threads(root, 7), FATE_OK);
    assert_int_equal(context_child(root, &child), FATE_OK);
    assert_int_equal(context_child(child, &grandchild), FATE_OK);
    assert_int_equal(fate_context_threads(grandchild), 7);
    assert_ptr_equal(context_registry(grandchild), context_registry(root));
    context_registry(child)->object = memory_text(root, "protocols");
    context_registry(child)->free_object = free_object;

    freed = 0;
    fate_context_free(root);
    fate_context_free(child);
    assert_int_equal(freed, 0);
    assert_string_equal(context_registry(grandchild)->object, "protocols");
    fate_context_free(grandchild);
    assert_int_equal(freed, 1);
    assert_int_equal(atomic_load(&counted.live), 0);
}

static void a_child_that_cannot_be_made_says_so(void **state)
{
    (void)state;
    struct test_allocator counted;
    fate_allocator allocator = test_allocator(&counted, 1);
    fate_context *root, *child;
    assert_int_equal(context_new(&root, &allocator), FATE_OK);
    assert_int_equal(context_child(root, &child), FATE_E_MEMORY);
    assert_null(child);
    assert_string_not_equal(fate_context_error(root), "");
    fate_context_free(root);
    assert_int_equal(atomic_load(&counted.live), 0);
}

static void *hold_and_free(void *context)
{
    for (int i = 0; i < 20000; i++) fate_context_free(context_hold(context));
    fate_context_free(context);
    return NULL;
}

static void holds_may_come_from_several_threads(void **state)
{
    (void)state;
    struct test_allocator counted;
    fate_allocator allocator = test_allocator(&counted, -1);
    fate_context *context;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, hold_and_free, context_hold(context)), 0);
    fate_context_free(context);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&counted.live), 0);
}

static void threads_have_bounds(void **state)
{
    (void)state;
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_context_threads(context), 1);
    assert_int_equal(fate_context_set_threads(context, 256), FATE_OK);
    assert_int_equal(fate_context_set_threads(context, 257), FATE_E_ARGUMENT);
    assert_int_equal(fate_context_set_threads(context, UINT32_MAX), FATE_E_ARGUMENT);
    assert_int_equal(fate_context_threads(context), 256);
    assert_non_null(strstr(fate_context_error(context), "4294967295"));
    assert_int_equal(fate_context_set_threads(context, 0), FATE_OK);
    assert_in_range(fate_context_threads(context), 1, 256);
    fate_context_free(context);
}

static void sentences_are_kept_and_cut(void **state)
{
    (void)state;
    fate_context *context, *other;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(context_new(&other, NULL), FATE_OK);
    assert_string_equal(fate_context_error(context), "");
    assert_int_equal(context_fail(context, FATE_E_TABLE, "row %d", 7), FATE_E_TABLE);
    context_fail(context, FATE_E_TABLE, "in a.csv: %s", fate_context_error(context));
    assert_string_equal(fate_context_error(context), "in a.csv: row 7");
    context_copy_sentence(other, context);
    context_copy_sentence(other, other);
    assert_string_equal(fate_context_error(other), "in a.csv: row 7");
    assert_int_equal(fate_context_fail(other, -2000, NULL), -2000);
    assert_string_equal(fate_context_error(other), "");
    assert_int_equal(fate_context_fail(other, -2000, "100% mine"), -2000);
    assert_string_equal(fate_context_error(other), "100% mine");
    assert_int_equal(context_out_of_memory(other), FATE_E_MEMORY);
    assert_string_not_equal(fate_context_error(other), "100% mine");
    fate_context_free(context);
    fate_context_free(other);
}

/* A cut falls on every byte of a sentence of three-byte characters. */
static void a_cut_leaves_whole_characters(void **state)
{
    (void)state;
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (size_t blanks = 0; blanks < 3; blanks++) {
        char text[3 * CONTEXT_SENTENCE];
        memset(text, ' ', blanks);
        for (size_t i = blanks; i + 4 <= sizeof text; i += 3) memcpy(text + i, "\xe2\x82\xac", 4);
        fate_context_fail(context, FATE_E_JOB, text);
        size_t length = strlen(fate_context_error(context));
        assert_in_range(length, CONTEXT_SENTENCE - 4, CONTEXT_SENTENCE - 1);
        assert_int_equal((length - blanks) % 3, 0);
        assert_memory_equal(fate_context_error(context), text, length);
    }
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(null_is_accepted_where_it_is_said),
        cmocka_unit_test(links_that_are_none),
        cmocka_unit_test(the_last_hold_frees),
        cmocka_unit_test(children_share_and_keep_their_parent_alive),
        cmocka_unit_test(a_child_that_cannot_be_made_says_so),
        cmocka_unit_test(holds_may_come_from_several_threads),
        cmocka_unit_test(threads_have_bounds),
        cmocka_unit_test(sentences_are_kept_and_cut),
        cmocka_unit_test(a_cut_leaves_whole_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
