/* The store in a directory: what it holds after a restart, after a crash in between, on a full disk and in damaged files. */
#include "tests/support/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "src/store/directory.h"
#include "tests/support/allocator.h"
#include "tests/support/reply.h"

static fate_context *context;
static fate_store *store;
static char parent[64], directory[128], path[400];

static const char *in_directory(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static int setup(void **state)
{
    (void)state;
    snprintf(parent, sizeof parent, "/tmp/fate-test-directory-XXXXXX");
    if (mkdtemp(parent) == NULL || context_new(&context, NULL) != FATE_OK) return -1;
    snprintf(directory, sizeof directory, "%s/state", parent);
    return fate_directory_store_new(context, &store, directory);
}

static int teardown(void **state)
{
    static const char *const names[] = {".lock", "a", "a.b", "b", "large", ".new-a", "Strange"};
    (void)state;
    fate_store_free(store);
    fate_context_free(context);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlink(in_directory(names[i]));
    rmdir(in_directory("folder"));
    if (rmdir(directory) != 0) return -1;
    return rmdir(parent);
}

/* As after the end of the process. */
static void open_again(void)
{
    fate_store_free(store);
    assert_int_equal(fate_directory_store_new(context, &store, directory), FATE_OK);
}

static void write_file(const char *name, const void *bytes, size_t length)
{
    FILE *file = fopen(in_directory(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static size_t read_file(const char *name, uint8_t *bytes, size_t size)
{
    FILE *file = fopen(in_directory(name), "rb");
    assert_non_null(file);
    size_t length = fread(bytes, 1, size, file);
    fclose(file);
    return length;
}

static void values_outlive_the_store(void **state)
{
    (void)state;
    assert_true(test_holds(context, store, "a", NULL));
    assert_int_equal(test_put(store, "a", "one"), FATE_OK);
    assert_int_equal(test_put(store, "a.b", "two"), FATE_OK);
    assert_int_equal(test_put(store, "b", ""), FATE_OK);
    assert_int_equal(test_put(store, "a", "another"), FATE_OK);
    open_again();
    assert_true(test_holds(context, store, "a", "another"));
    assert_true(test_holds(context, store, "a.b", "two"));
    assert_true(test_holds(context, store, "b", ""));
    assert_int_equal(test_count(context, store, ""), 3);
    assert_int_equal(test_count(context, store, "a"), 2);
    assert_int_equal(store->delete_(store->context, "a"), FATE_OK);
    assert_int_equal(store->delete_(store->context, "a"), FATE_OK);
    open_again();
    assert_true(test_holds(context, store, "a", NULL));
    assert_int_equal(test_count(context, store, ""), 2);
}

static void only_the_owner_may_look(void **state)
{
    struct stat status;
    (void)state;
    assert_int_equal(test_put(store, "a", "one"), FATE_OK);
    assert_int_equal(stat(directory, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(stat(in_directory("a"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_large_value(void **state)
{
    uint64_t length = 5000000;
    uint8_t *bytes = malloc(length);
    struct buffer answer;
    (void)state;
    for (uint64_t i = 0; i < length; i++) bytes[i] = (uint8_t)(i * 131 >> 3);
    buffer_init(&answer, context);
    assert_int_equal(store->put(store->context, "large", bytes, length), FATE_OK);
    assert_int_equal(test_get(store, "large", &answer), FATE_OK);
    assert_int_equal(answer.length, length);
    assert_memory_equal(answer.bytes, bytes, length);
    buffer_free(&answer);
    free(bytes);
}

static void one_store_at_a_time(void **state)
{
    fate_store *second = NULL;
    int ready[2];
    char byte;
    (void)state;
    assert_int_equal(fate_directory_store_new(context, &second, directory), FATE_E_EXISTS);
    assert_null(second);
    assert_non_null(strstr(fate_context_error(context), directory));
    fate_store_free(store);
    store = NULL;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        int32_t result = fate_directory_store_new(context, &second, directory);
        if (result == FATE_OK) (void)!write(ready[1], "x", 1);
        close(ready[1]);
        for (;;) pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(fate_directory_store_new(context, &second, directory), FATE_E_EXISTS);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready[0]);
    assert_int_equal(fate_directory_store_new(context, &store, directory), FATE_OK); /* a crash gives the lock up */
}

static void a_crash_before_the_rename_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(test_put(store, "a", "old"), FATE_OK);
    write_file(".new-a", "half of the new v", 17);
    open_again();
    assert_int_equal(access(in_directory(".new-a"), F_OK), -1);
    assert_true(test_holds(context, store, "a", "old"));
}

static void other_files_are_none_of_its_business(void **state)
{
    (void)state;
    write_file("Strange", "x", 1);
    assert_int_equal(mkdir(in_directory("folder"), 0700), 0);
    open_again();
    assert_int_equal(access(in_directory("Strange"), F_OK), 0);
    assert_int_equal(test_count(context, store, ""), 1); /* the folder has the name of a key */
    struct buffer answer;
    buffer_init(&answer, context);
    assert_int_equal(test_get(store, "folder", &answer), FATE_E_FILE);
    assert_non_null(strstr(fate_context_error(context), "folder"));
}

static void expect_damaged(void)
{
    struct buffer answer;
    buffer_init(&answer, context);
    assert_int_equal(test_get(store, "a", &answer), FATE_E_STORE);
    assert_non_null(strstr(fate_context_error(context), in_directory("a")));
    assert_string_equal(directory_sentence(store), fate_context_error(context));
    assert_int_equal(answer.length, 0);
    buffer_free(&answer);
}

static void every_damage_is_noticed(void **state)
{
    uint8_t good[200], bad[200];
    (void)state;
    assert_int_equal(test_put(store, "a", "a value of some length"), FATE_OK);
    size_t length = read_file("a", good, sizeof good);
    assert_int_equal(length, DIRECTORY_HEADER + 22);
    for (size_t i = 0; i < length; i++) {
        write_file("a", good, i);
        expect_damaged();
        memcpy(bad, good, length);
        bad[i] ^= 1;
        write_file("a", bad, length);
        expect_damaged();
    }
    memcpy(bad, good, length);
    bad[length] = 0;
    write_file("a", bad, length + 1);
    expect_damaged();
    write_file("a", good, length);
    assert_true(test_holds(context, store, "a", "a value of some length"));
    assert_int_equal(test_put(store, "b", "b's value"), FATE_OK);
    length = read_file("b", bad, sizeof bad);
    write_file("a", bad, length); /* a file of another key */
    expect_damaged();
    assert_int_equal(test_put(store, "a", "new"), FATE_OK);
    assert_true(test_holds(context, store, "a", "new"));
}

/* In a child, whose files may not grow: what a full disk does to a write. */
static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    assert_int_equal(test_put(store, "a", "old"), FATE_OK);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {100, 100};
        char large[1000];
        memset(large, 'x', sizeof large - 1);
        large[sizeof large - 1] = 0;
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        int32_t result = test_put(store, "a", large);
        bool reason =
            strstr(fate_context_error(context), "cannot write \"") != NULL && strstr(fate_context_error(context), "/a\": ") != NULL;
        bool kept = test_holds(context, store, "a", "old") && access(in_directory(".new-a"), F_OK) != 0;
        _exit(result == FATE_E_FILE && reason && kept ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_true(test_holds(context, store, "a", "old"));
    assert_int_equal(test_put(store, "a", "new"), FATE_OK);
}

static void wrong_arguments(void **state)
{
    fate_store *other = NULL;
    struct buffer answer;
    (void)state;
    buffer_init(&answer, context);
    assert_int_equal(fate_directory_store_new(NULL, &other, directory), FATE_E_ARGUMENT);
    assert_int_equal(fate_directory_store_new(context, NULL, directory), FATE_E_ARGUMENT);
    assert_int_equal(fate_directory_store_new(context, &other, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_directory_store_new(context, &other, ""), FATE_E_ARGUMENT);
    assert_int_equal(fate_directory_store_new(context, &other, in_directory("no/such/parent")), FATE_E_FILE);
    assert_non_null(strstr(fate_context_error(context), "no/such/parent"));
    assert_int_equal(fate_directory_store_new(context, &other, in_directory(".lock")), FATE_E_FILE); /* a file, no directory */
    assert_null(other);
    assert_int_equal(test_put(store, "../a", "x"), FATE_E_ARGUMENT);
    assert_int_equal(store->put(store->context, "a", NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(test_get(store, ".lock", &answer), FATE_E_ARGUMENT);
    assert_int_equal(store->delete_(store->context, ".lock"), FATE_E_ARGUMENT);
    assert_int_equal(fate_memory_store_new(context, &other), FATE_OK);
    assert_string_equal(directory_sentence(other), "");
    fate_store_free(other);
}

static int32_t whole_life(fate_context *small, struct buffer *answer)
{
    fate_store *own;
    int32_t result = fate_directory_store_new(small, &own, directory);
    if (result != FATE_OK) return result;
    result = test_put(own, "a", "one");
    if (result == FATE_OK) result = test_get(own, "a", answer);
    if (result == FATE_OK) {
        buffer_clear(answer);
        result = test_list(own, "", answer);
    }
    fate_store_free(own);
    return result;
}

static void every_allocation_fails_once(void **state)
{
    bool succeeded = false;
    (void)state;
    fate_store_free(store);
    store = NULL;
    for (long long k = 0; !succeeded; k++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *small;
        struct buffer answer;
        assert_int_equal(context_new(&small, &allocator), FATE_OK);
        buffer_init(&answer, small);
        test.fail = atomic_load(&test.calls) + k;
        int32_t result = whole_life(small, &answer);
        succeeded = result == FATE_OK;
        if (!succeeded) assert_int_equal(result, FATE_E_MEMORY);
        buffer_free(&answer);
        fate_context_free(small);
        assert_int_equal(atomic_load(&test.live), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_outlive_the_store, setup, teardown),
        cmocka_unit_test_setup_teardown(only_the_owner_may_look, setup, teardown),
        cmocka_unit_test_setup_teardown(a_large_value, setup, teardown),
        cmocka_unit_test_setup_teardown(one_store_at_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown(a_crash_before_the_rename_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(other_files_are_none_of_its_business, setup, teardown),
        cmocka_unit_test_setup_teardown(every_damage_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_loses_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_arguments, setup, teardown),
        cmocka_unit_test_setup_teardown(every_allocation_fails_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
