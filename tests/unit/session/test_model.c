/* Model files: round trips, equal bytes, every altered and missing byte, versions, unknown fields, what belongs to which job. */
#include "tests/support/unit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/model.pb-c.h"
#include "src/session/model.h"
#include "tests/support/allocator.h"
#include "tests/support/sample_job.h"

enum { FILE_BYTES = 1024 };

static const uint8_t digest[MODEL_DIGEST] = {1, 2, 3};
static const uint8_t body[] = "the body";

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    return context;
}

static fate_model *sample_model(fate_context *context)
{
    fate_model *model = NULL;
    assert_int_equal(model_new(context, &model, "sample-boosting", "bank", "guest", digest, body, sizeof body), FATE_OK);
    return model;
}

static void check_facts(const fate_model *model)
{
    uint8_t found[MODEL_DIGEST];
    const uint8_t *bytes = NULL;
    uint64_t length = 0;
    assert_string_equal(fate_model_algorithm(model), "sample-boosting");
    assert_string_equal(fate_model_party(model), "bank");
    assert_string_equal(fate_model_role(model), "guest");
    assert_int_equal(fate_model_job_digest(model, found), FATE_OK);
    assert_memory_equal(found, digest, MODEL_DIGEST);
    assert_int_equal(fate_model_body(model, &bytes, &length), FATE_OK);
    assert_int_equal(length, sizeof body);
    assert_memory_equal(bytes, body, length);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_model *model = sample_model(context), *again = NULL;
    char folder[] = "/tmp/fate-model-XXXXXX", path[64];
    uint8_t *one = NULL, *two = NULL;
    uint64_t one_length = 0, two_length = 0;
    check_facts(model);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/bank.model", folder);
    assert_int_equal(fate_model_read(context, &again, path), FATE_E_FILE);
    assert_int_equal(fate_model_write(model, path), FATE_OK);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(fate_model_read(context, &again, path), FATE_OK);
    check_facts(again);
    assert_int_equal(fate_model_export(model, &one, &one_length), FATE_OK);
    assert_int_equal(fate_model_export(again, &two, &two_length), FATE_OK);
    assert_int_equal(one_length, two_length);
    assert_memory_equal(one, two, one_length);
    fate_model_free(again);
    assert_int_equal(model_copy(context, &again, model), FATE_OK);
    check_facts(again);
    fate_model_free(again);
    FILE *file = fopen(path, "w");
    fclose(file);
    assert_int_equal(fate_model_read(context, &again, path), FATE_E_FORMAT);
    assert_non_null(strstr(fate_context_error(context), path));
    unlink(path);
    rmdir(folder);
    assert_int_equal(fate_model_write(model, path), FATE_E_FILE);
    fate_free(context, one);
    fate_free(context, two);
    fate_model_free(model);
    fate_context_free(context);
}

static void every_altered_or_missing_byte_is_found(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_model *model = sample_model(context), *again = NULL;
    uint8_t *bytes = NULL, longer[FILE_BYTES];
    uint64_t length = 0;
    assert_int_equal(fate_model_export(model, &bytes, &length), FATE_OK);
    for (uint64_t i = 0; i < length; i++) {
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (uint8_t)(1 << bit);
            const int32_t result = fate_model_import(context, &again, bytes, length);
            assert_true(result == FATE_E_FORMAT || result == FATE_E_VERSION);
            assert_null(again);
            bytes[i] ^= (uint8_t)(1 << bit);
        }
    }
    for (uint64_t i = 0; i < length; i++) assert_int_equal(fate_model_import(context, &again, bytes, i), FATE_E_FORMAT);
    /* Fields that no checksum covers: an unknown one behind, and a known one twice. */
    static const uint8_t tails[][2] = {{0x30, 1}, {0x18, 0}, {0x10, 1}, {0x2a, 0}};
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        memcpy(longer, bytes, length);
        memcpy(longer + length, tails[i], 2);
        assert_int_equal(fate_model_import(context, &again, longer, length + 2), FATE_E_FORMAT);
    }
    fate_free(context, bytes);
    fate_model_free(model);
    fate_context_free(context);
}

/* Builds a file of any version around any content, with a right checksum, as another program would. */
static uint64_t build_file(uint8_t *file, uint32_t major, uint32_t minor, uint8_t *content, size_t length)
{
    static char kind[] = "libfate model";
    uint8_t sum[MODEL_DIGEST], version[8];
    crypto_generichash_state state;
    bytes_store_u32(version, major);
    bytes_store_u32(version + 4, minor);
    crypto_generichash_init(&state, NULL, 0, sizeof sum);
    crypto_generichash_update(&state, (const uint8_t *)"fate model file 1", 18);
    crypto_generichash_update(&state, version, sizeof version);
    crypto_generichash_update(&state, content, length);
    crypto_generichash_final(&state, sum, sizeof sum);
    Fate__ModelFile message;
    fate__model_file__init(&message);
    message.kind = kind;
    message.major = major;
    message.minor = minor;
    message.checksum.data = sum;
    message.checksum.len = sizeof sum;
    message.content.data = content;
    message.content.len = length;
    return fate__model_file__pack(&message, file);
}

static size_t build_content(uint8_t *bytes, char *party, size_t digest_length)
{
    static char algorithm[] = "sample-boosting", role[] = "guest";
    uint8_t copy[MODEL_DIGEST], text[sizeof body];
    memcpy(copy, digest, sizeof copy);
    memcpy(text, body, sizeof body);
    Fate__ModelContent content;
    fate__model_content__init(&content);
    content.algorithm = algorithm;
    content.party = party;
    content.role = role;
    content.job_digest.data = copy;
    content.job_digest.len = digest_length;
    content.body.data = text;
    content.body.len = sizeof text;
    return fate__model_content__pack(&content, bytes);
}

static void versions_are_told_apart(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_model *model = NULL;
    char party[] = "bank";
    uint8_t content[FILE_BYTES], file[2 * FILE_BYTES], *exported = NULL;
    size_t length = build_content(content, party, MODEL_DIGEST);
    uint64_t exported_length = 0;
    content[length] = 0x78; /* field 15, of a later version */
    content[length + 1] = 5;
    uint64_t file_length = build_file(file, MODEL_MAJOR, MODEL_MINOR + 7, content, length + 2);
    assert_int_equal(fate_model_import(context, &model, file, file_length), FATE_OK);
    check_facts(model);
    assert_int_equal(fate_model_export(model, &exported, &exported_length), FATE_OK);
    assert_int_equal(exported_length, file_length);
    assert_memory_equal(exported, file, file_length);
    fate_free(context, exported);
    fate_model_free(model);
    file_length = build_file(file, MODEL_MAJOR + 1, 0, content, length);
    assert_int_equal(fate_model_import(context, &model, file, file_length), FATE_E_VERSION);
    file_length = build_file(file, 0, 0, content, length);
    assert_int_equal(fate_model_import(context, &model, file, file_length), FATE_E_FORMAT);
    fate_context_free(context);
}

static void bad_content_is_refused(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_model *model = NULL;
    char party[] = "bank", escape[] = "ba\x1bk", none[] = "";
    uint8_t content[FILE_BYTES], file[2 * FILE_BYTES];
    uint64_t length = build_file(file, 1, 0, content, build_content(content, party, MODEL_DIGEST - 1));
    assert_int_equal(fate_model_import(context, &model, file, length), FATE_E_FORMAT);
    length = build_file(file, 1, 0, content, build_content(content, escape, MODEL_DIGEST));
    assert_int_equal(fate_model_import(context, &model, file, length), FATE_E_FORMAT);
    length = build_file(file, 1, 0, content, build_content(content, none, MODEL_DIGEST));
    assert_int_equal(fate_model_import(context, &model, file, length), FATE_E_FORMAT);
    length = build_file(file, 1, 0, content, 0);
    assert_int_equal(fate_model_import(context, &model, file, length), FATE_E_FORMAT);
    memset(content, 0xff, 16);
    length = build_file(file, 1, 0, content, 16);
    assert_int_equal(fate_model_import(context, &model, file, length), FATE_E_FORMAT);
    fate_context_free(context);
}

static void a_model_belongs_to_its_job(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_job *job = NULL;
    fate_model *model = sample_model(context), *right = NULL;
    assert_int_equal(sample_register(context), FATE_OK);
    assert_int_equal(sample_parse(context, &job, SAMPLE_JOB), FATE_OK);
    assert_int_equal(model_new(context, &right, "sample-boosting", "bank", "guest", job->digest, NULL, 0), FATE_OK);
    assert_int_equal(fate_model_check(right, job, 0), FATE_OK);
    assert_int_equal(fate_model_check(right, job, 1), FATE_E_MODEL);
    assert_string_equal(fate_context_error(context), "the model is the one of party bank, not of telecom");
    assert_int_equal(fate_model_check(model, job, 0), FATE_E_MODEL);
    assert_non_null(strstr(fate_context_error(context), "made by another job"));
    fate_model_free(right);
    assert_int_equal(model_new(context, &right, "linear", "bank", "guest", job->digest, NULL, 0), FATE_OK);
    assert_int_equal(fate_model_check(right, job, 0), FATE_E_MODEL);
    fate_model_free(right);
    assert_int_equal(model_new(context, &right, "sample-boosting", "bank", "host", job->digest, NULL, 0), FATE_OK);
    assert_int_equal(fate_model_check(right, job, 0), FATE_E_MODEL);
    assert_int_equal(fate_model_check(right, job, 2), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_check(right, NULL, 0), FATE_E_ARGUMENT);
    fate_model_free(right);
    fate_model_free(model);
    fate_job_free(job);
    fate_context_free(context);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_model *model = sample_model(context), *none = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    assert_null(fate_model_algorithm(NULL));
    assert_null(fate_model_party(NULL));
    assert_null(fate_model_role(NULL));
    assert_int_equal(fate_model_body(NULL, NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_job_digest(model, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_export(model, NULL, &length), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_export(NULL, &bytes, &length), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_import(context, &none, NULL, 3), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_import(context, NULL, body, 3), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_import(NULL, &none, body, 3), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_read(context, &none, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_write(model, NULL), FATE_E_ARGUMENT);
    assert_int_equal(model_new(context, &none, "a", "b", "c", digest, body, UINT64_MAX), FATE_E_LIMIT);
    fate_model_free(NULL);
    fate_model_free(model);
    fate_context_free(context);
}

static int32_t use_all(fate_context *context)
{
    fate_model *model = NULL, *again = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    int32_t result = model_new(context, &model, "sample-boosting", "bank", "guest", digest, body, sizeof body);
    if (result == FATE_OK) result = fate_model_export(model, &bytes, &length);
    if (result == FATE_OK) result = fate_model_import(context, &again, bytes, length);
    fate_free(context, bytes);
    fate_model_free(model);
    fate_model_free(again);
    return result;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long k = 0; result != FATE_OK; k++) {
        struct test_allocator counted;
        fate_allocator allocator = test_allocator(&counted, -1);
        fate_context *context = NULL;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        counted.fail = atomic_load(&counted.calls) + k;
        result = use_all(context);
        if (result != FATE_OK && result != FATE_E_MEMORY) fail_msg("%lld: %s", k, fate_context_error(context));
        fate_context_free(context);
        assert_int_equal(atomic_load(&counted.live), 0);
        assert_true(k < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),    cmocka_unit_test(every_altered_or_missing_byte_is_found),
        cmocka_unit_test(versions_are_told_apart),    cmocka_unit_test(bad_content_is_refused),
        cmocka_unit_test(a_model_belongs_to_its_job), cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
