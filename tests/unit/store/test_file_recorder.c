/* The recorder that appends to a file. */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/context.h"
#include "src/store/file_recorder.h"
#include "src/store/store.h"

static char directory[] = "/tmp/fate-recorder-XXXXXX";
static char path[64];

static int make_directory(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL) return -1;
    snprintf(path, sizeof path, "%s/log", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(directory);
}

static int32_t read_log(const fate_recorder *recorder, struct buffer *answer)
{
    fate_reply reply = {.answer = answer};
    buffer_clear(answer);
    return recorder->read(recorder->context, &reply);
}

static void appends(void **state)
{
    (void)state;
    fate_context *context;
    fate_recorder *recorder, *second;
    struct buffer answer;
    struct stat about;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    buffer_init(&answer, context);
    assert_int_equal(fate_file_recorder_new(context, &recorder, path), FATE_OK);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(read_log(recorder, &answer), FATE_EMPTY);
    assert_int_equal(recorder->append(recorder->context, (const uint8_t *)"one", 3), FATE_OK);
    assert_int_equal(recorder->append(recorder->context, (const uint8_t *)"two", 3), FATE_OK);
    assert_int_equal(recorder->append(recorder->context, NULL, 0), FATE_OK);
    assert_int_equal(recorder->append(recorder->context, NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_file_recorder_new(context, &second, path), FATE_E_EXISTS);
    assert_null(second);
    assert_non_null(strstr(fate_context_error(context), path));
    assert_int_equal(read_log(recorder, &answer), FATE_OK);
    assert_int_equal(answer.length, 6);
    assert_memory_equal(answer.bytes, "onetwo", 6);
    fate_recorder_free(recorder);
    assert_int_equal(fate_file_recorder_new(context, &recorder, path), FATE_OK);
    assert_int_equal(recorder->append(recorder->context, (const uint8_t *)"!", 1), FATE_OK);
    assert_int_equal(read_log(recorder, &answer), FATE_OK);
    assert_memory_equal(answer.bytes, "onetwo!", 7);
    fate_recorder_free(recorder);
    fate_recorder_free(NULL);
    buffer_free(&answer);
    fate_context_free(context);
}

/* What cannot be written whole is taken back. */
static void a_full_disk(void **state)
{
    (void)state;
    fate_context *context;
    fate_recorder *recorder;
    struct rlimit before, limit;
    struct stat about;
    static uint8_t bytes[5000];
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_file_recorder_new(context, &recorder, path), FATE_OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 1000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int32_t result = recorder->append(recorder->context, bytes, sizeof bytes);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(result, FATE_E_FILE);
    assert_non_null(strstr(file_recorder_sentence(recorder), "cannot append to"));
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_size, 7);
    fate_recorder_free(recorder);
    fate_context_free(context);
}

static int32_t nothing(void *context, const uint8_t *bytes, uint64_t length)
{
    (void)context;
    (void)bytes;
    (void)length;
    return FATE_OK;
}

static void errors(void **state)
{
    (void)state;
    fate_context *context;
    fate_recorder *recorder;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_file_recorder_new(NULL, &recorder, path), FATE_E_ARGUMENT);
    assert_int_equal(fate_file_recorder_new(context, NULL, path), FATE_E_ARGUMENT);
    assert_int_equal(fate_file_recorder_new(context, &recorder, ""), FATE_E_ARGUMENT);
    assert_int_equal(fate_file_recorder_new(context, &recorder, "/nowhere/at/all"), FATE_E_FILE);
    assert_int_equal(fate_file_recorder_new(context, &recorder, directory), FATE_E_FILE);
    assert_int_equal(fate_file_recorder_new(context, &recorder, "/dev/null"), FATE_E_FILE);
    assert_null(recorder);
    fate_recorder other = {.struct_size = sizeof other, .append = nothing};
    assert_string_equal(file_recorder_sentence(&other), "");
    fate_recorder_free(&other);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(appends), cmocka_unit_test(a_full_disk), cmocka_unit_test(errors)};
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
