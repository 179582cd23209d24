/* Whole files: limits, errors with their sentence, replacing, and secrets that are never overwritten. */
#include "tests/support/unit.h"

#include "lib/file.h"
#include "tests/support/allocator.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static fate_context *context;
static char directory[64];
static char path[512];

static const char *in_directory(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static int setup(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/fate-test-file-XXXXXX");
    return mkdtemp(directory) == NULL ? -1 : context_new(&context, NULL);
}

static int count_and_remove(void)
{
    int files = 0;
    DIR *open = opendir(directory);
    for (struct dirent *entry; open != NULL && (entry = readdir(open)) != NULL;)
        if (entry->d_name[0] != '.') {
            files++;
            unlink(in_directory(entry->d_name));
        }
    closedir(open);
    return files;
}

static int teardown(void **state)
{
    (void)state;
    count_and_remove();
    fate_context_free(context);
    return rmdir(directory);
}

static void assert_holds(const char *file, const void *bytes, uint64_t length)
{
    struct buffer buffer;
    buffer_init(&buffer, context);
    assert_int_equal(file_read(context, &buffer, file, length), FATE_OK);
    assert_int_equal(buffer.length, length);
    assert_memory_equal(buffer.bytes, bytes, length);
    buffer_free(&buffer);
}

static void files_of_many_lengths_come_back(void **state)
{
    (void)state;
    static uint8_t bytes[200001];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7 + i / 256);
    const uint64_t lengths[] = {0, 1, 65535, 65536, 65537, 131072, 200001, 3};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        assert_int_equal(file_replace(context, in_directory("data"), bytes, lengths[i]), FATE_OK);
        assert_holds(path, bytes, lengths[i]);
    }
    assert_int_equal(count_and_remove(), 1); /* nothing was left beside it */
}

static void reading_appends_and_obeys_its_limit(void **state)
{
    (void)state;
    assert_int_equal(file_replace(context, in_directory("data"), "0123456789", 10), FATE_OK);
    struct buffer buffer;
    buffer_init(&buffer, context);
    buffer_text(&buffer, "before ");
    assert_int_equal(file_read(context, &buffer, path, 10), FATE_OK);
    assert_memory_equal(buffer.bytes, "before 0123456789", 17);
    for (uint64_t limit = 0; limit < 10; limit++) {
        buffer_clear(&buffer);
        assert_int_equal(file_read(context, &buffer, path, limit), FATE_E_LIMIT);
        assert_non_null(strstr(fate_context_error(context), "/data\""));
    }
    buffer_clear(&buffer);
    assert_int_equal(file_read(context, &buffer, path, UINT64_MAX), FATE_OK);
    buffer_free(&buffer);
}

static void errors_name_the_file_and_the_reason(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, context);
    assert_int_equal(file_read(context, &buffer, in_directory("missing"), 10), FATE_E_FILE);
    assert_non_null(strstr(fate_context_error(context), "/missing\""));
    assert_non_null(strstr(fate_context_error(context), "No such file"));
    assert_int_equal(file_read(context, &buffer, directory, 10), FATE_E_FILE);
    assert_non_null(strstr(fate_context_error(context), "read"));
    buffer_free(&buffer);
    assert_int_equal(file_replace(context, in_directory("missing/data"), "x", 1), FATE_E_FILE);
    assert_int_equal(file_replace(context, directory, "x", 1), FATE_E_FILE); /* a directory cannot be replaced by a file */
    char beside[80];
    snprintf(beside, sizeof beside, "%s.new", directory);
    assert_int_not_equal(access(beside, F_OK), 0);
    assert_int_equal(file_create_secret(context, in_directory("missing/key"), "x", 1), FATE_E_FILE);
}

static void secrets_are_private_and_never_overwritten(void **state)
{
    (void)state;
    assert_int_equal(file_create_secret(context, in_directory("key"), "secret", 6), FATE_OK);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(file_create_secret(context, path, "xyzzy", 5), FATE_E_EXISTS);
    assert_null(strstr(fate_context_error(context), "xyzzy"));
    assert_holds(path, "secret", 6);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_int_equal(file_create_secret(context, path, "xyzzy", 5), FATE_E_EXISTS);
    assert_int_not_equal(access(in_directory("elsewhere"), F_OK), 0);
}

static int mode_of(const char *name)
{
    struct stat status;
    return stat(in_directory(name), &status) == 0 ? (int)(status.st_mode & 0777) : -1;
}

static void private_files_have_mode_0600(void **state)
{
    (void)state;
    const mode_t before = umask(022);
    assert_int_equal(file_replace(context, in_directory("open"), "all may read", 12), FATE_OK);
    assert_int_equal(mode_of("open"), 0644);
    assert_int_equal(file_replace(context, in_directory("open.new"), "left by a crash", 15), FATE_OK);
    assert_int_equal(file_replace_private(context, in_directory("open"), "confidential", 12), FATE_OK);
    assert_int_equal(mode_of("open"), 0600);
    assert_holds(in_directory("open"), "confidential", 12);
    assert_int_equal(mode_of("open.new"), -1);
    umask(before);
}

static void names_without_a_directory_are_of_the_current_one(void **state)
{
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(directory), 0);
    assert_int_equal(file_replace(context, "plain", "abc", 3), FATE_OK);
    assert_holds("plain", "abc", 3);
    assert_int_equal(chdir(before), 0);
}

/* A disk that is full, as far as a process can make one: files may not grow beyond 100 bytes. */
static int write_beyond_the_limit(void)
{
    const struct rlimit tight = {100, 100};
    static const uint8_t bytes[1000];
    signal(SIGXFSZ, SIG_IGN);
    if (file_replace(context, in_directory("data"), "old", 3) != FATE_OK || setrlimit(RLIMIT_FSIZE, &tight) != 0) return 1;
    if (file_replace(context, path, bytes, sizeof bytes) != FATE_E_FILE || strstr(fate_context_error(context), "/data\"") == NULL) return 2;
    struct buffer buffer;
    buffer_init(&buffer, context);
    if (file_read(context, &buffer, path, 3) != FATE_OK || memcmp(buffer.bytes, "old", 3) != 0) return 3;
    buffer_free(&buffer);
    if (access(in_directory("data.new"), F_OK) == 0) return 4;
    if (file_create_secret(context, in_directory("key"), bytes, sizeof bytes) != FATE_E_FILE || access(path, F_OK) == 0) return 5;
    return 0;
}

static void a_failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(write_beyond_the_limit());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const uint8_t bytes[70000];
    int32_t result = FATE_E_MEMORY;
    for (long long k = 1; result != FATE_OK; k++) {
        struct test_allocator counted;
        fate_allocator allocator = test_allocator(&counted, k);
        fate_context *failing;
        assert_int_equal(context_new(&failing, &allocator), FATE_OK);
        struct buffer buffer;
        buffer_init(&buffer, failing);
        result = file_replace(failing, in_directory("data"), bytes, sizeof bytes);
        if (result == FATE_OK) result = file_read(failing, &buffer, path, sizeof bytes);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        if (result != FATE_OK) assert_non_null(strstr(fate_context_error(failing), "memory"));
        buffer_free(&buffer);
        fate_context_free(failing);
        assert_int_equal(atomic_load(&counted.live), 0);
        assert_true(k < 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_of_many_lengths_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(reading_appends_and_obeys_its_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_name_the_file_and_the_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(secrets_are_private_and_never_overwritten, setup, teardown),
        cmocka_unit_test_setup_teardown(private_files_have_mode_0600, setup, teardown),
        cmocka_unit_test_setup_teardown(names_without_a_directory_are_of_the_current_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_write_leaves_the_old_file, setup, teardown),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
