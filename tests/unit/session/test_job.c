/* Jobs: facts, canonical form and digest, who dials and talks, identities, schemas, files, failing memory. */
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/data/schema.h"
#include "tests/support/allocator.h"
#include "tests/support/sample_job.h"

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(sample_register(context), FATE_OK);
    return context;
}

static fate_job *parse(fate_context *context, const char *pattern)
{
    fate_job *job = NULL;
    const int32_t result = sample_parse(context, &job, pattern);
    if (result != FATE_OK) fail_msg("%s", fate_context_error(context));
    return job;
}

static void facts_are_those_of_the_file(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_job *job = parse(context, "{" SAMPLE_HEAD ", " SAMPLE_PARTIES ", 'parameters': {'trees': 20, 'note': 'x', 'learning_rate': 1}}");
    char key[SAMPLE_KEY];
    uint32_t party = 9;
    int64_t integer = 0;
    double number = 0;
    const char *text = NULL;
    assert_string_equal(fate_job_algorithm(job), "sample-boosting");
    assert_int_equal(fate_job_party_count(job), 2);
    assert_string_equal(fate_job_party_name(job, 1), "telecom");
    assert_string_equal(fate_job_party_role(job, 1), "host");
    assert_int_equal(sample_key(context, key, 2), FATE_OK);
    assert_string_equal(fate_job_party_key(job, 1), key);
    assert_string_equal(fate_job_party_address(job, 1), "127.0.0.1:9002");
    assert_int_equal(fate_job_find_party(job, "telecom", &party), FATE_OK);
    assert_int_equal(party, 1);
    assert_int_equal(fate_job_find_party(job, "tele\x1b", &party), FATE_E_ARGUMENT);
    assert_string_equal(fate_context_error(context), "the job has no party named \"tele\\x1b\"; its parties: bank, telecom");
    assert_int_equal(fate_job_integer(job, "trees", &integer), FATE_OK);
    assert_int_equal(integer, 20);
    assert_int_equal(fate_job_integer(job, "depth", &integer), FATE_OK);
    assert_int_equal(integer, 3);
    assert_int_equal(fate_job_number(job, "learning_rate", &number), FATE_OK);
    assert_true(number == 1);
    assert_int_equal(fate_job_text(job, "objective", &text), FATE_OK);
    assert_string_equal(text, "logistic");
    assert_int_equal(fate_job_number(job, "trees", &number), FATE_E_ARGUMENT);
    assert_string_equal(fate_context_error(context), "the parameter \"trees\" is read by fate_job_integer, not by fate_job_number");
    assert_int_equal(fate_job_integer(job, "bins", &integer), FATE_E_ARGUMENT);
    assert_string_equal(fate_context_error(context), "sample-boosting has no parameter \"bins\"");
    fate_job_free(job);
    fate_context_free(context);
}

static void out_of_range_and_null_are_answered(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_job *job = parse(context, SAMPLE_JOB), *none = NULL;
    uint8_t digest[JOB_DIGEST];
    uint32_t party = 0;
    int64_t integer = 0;
    assert_null(fate_job_party_name(job, 2));
    assert_null(fate_job_party_role(job, 2));
    assert_null(fate_job_party_key(job, 2));
    assert_null(fate_job_party_address(job, 2));
    assert_null(fate_job_schema(job, 2, FATE_PURPOSE_TRAIN));
    assert_null(fate_job_schema(job, 0, 6));
    assert_null(fate_job_algorithm(NULL));
    assert_null(fate_job_canonical(NULL));
    assert_int_equal(fate_job_party_count(NULL), 0);
    assert_int_equal(fate_job_parties_talk(NULL, 0, 1), 0);
    assert_int_equal(fate_job_party_dials(job, 1, 2), 0);
    assert_int_equal(fate_job_digest(NULL, digest), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_digest(job, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_integer(job, NULL, &integer), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_integer(job, "trees", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_integer(NULL, "trees", &integer), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_find_party(NULL, "bank", &party), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_find_party(job, NULL, &party), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_check_identity(job, 0, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_parse(NULL, &none, "x", digest, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_parse(context, NULL, "x", digest, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_parse(context, &none, "x", NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_parse(context, &none, NULL, NULL, 0), FATE_E_JOB);
    assert_string_equal(fate_context_error(context), "job: the text is empty; a job is a JSON object, {...}");
    assert_int_equal(fate_job_read(context, &none, NULL), FATE_E_ARGUMENT);
    fate_job_free(NULL);
    fate_job_free(job);
    fate_context_free(context);
}

static void digests(fate_context *context, uint8_t *digest, const char *pattern)
{
    fate_job *job = parse(context, pattern);
    assert_int_equal(fate_job_digest(job, digest), FATE_OK);
    fate_job_free(job);
}

/* What does not change a job: order, blanks, defaults, addresses, the writing of numbers. And what does. */
static void the_digest_is_of_the_meaning(void **state)
{
    (void)state;
    static const char *const equal[] = {
        "\xef\xbb\xbf" SAMPLE_JOB,
        "{" SAMPLE_HEAD ",\n\n" SAMPLE_PARTIES ", 'parameters': {}}",
        "{" SAMPLE_PARTIES
        ", 'categorical': [], 'label': 'y', 'id': 'id', 'algorithm': 'sample-boosting', 'parameters': {'depth': 3, 'trees': 10.0}}",
        "{" SAMPLE_HEAD
        ", 'parameters': {'learning_rate': 3e-1, 'gamma': -0.0}, 'parties': [{'key': '$1', 'role': 'guest', 'name': 'bank'},"
        "{'key': '$2', 'role': 'host', 'name': 'telecom', 'address': 'elsewhere:1'}]}",
    };
    static const char *const other[] = {
        "{" SAMPLE_HEAD ", " SAMPLE_PARTIES ", 'parameters': {'trees': 11}}",
        "{" SAMPLE_HEAD ", " SAMPLE_PARTIES ", 'weight': 'w'}",
        "{" SAMPLE_HEAD ", " SAMPLE_PARTIES ", 'categorical': ['a']}",
        "{'algorithm': 'sample-boosting', 'id': 'id', 'label': 'z', " SAMPLE_PARTIES "}",
        "{" SAMPLE_HEAD ", 'parties': [{'key': '$1', 'role': 'guest', 'name': 'bank'}, {'key': '$3', 'role': 'host', 'name': 'telecom'}]}",
        "{" SAMPLE_HEAD ", 'parties': [{'key': '$2', 'role': 'host', 'name': 'telecom'}, {'key': '$1', 'role': 'guest', 'name': 'bank'}]}",
    };
    fate_context *context = new_context();
    uint8_t first[JOB_DIGEST], digest[JOB_DIGEST];
    digests(context, first, SAMPLE_JOB);
    for (size_t i = 0; i < sizeof equal / sizeof *equal; i++) {
        digests(context, digest, equal[i]);
        assert_memory_equal(first, digest, sizeof digest);
    }
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        digests(context, digest, other[i]);
        assert_memory_not_equal(first, digest, sizeof digest);
    }
    digests(context, first, "{" SAMPLE_HEAD ", " SAMPLE_PARTIES ", 'categorical': ['b', 'a']}");
    digests(context, digest, "{" SAMPLE_HEAD ", " SAMPLE_PARTIES ", 'categorical': ['a', 'b']}");
    assert_memory_equal(first, digest, sizeof digest);
    fate_context_free(context);
}

#define ADDRESS(address) ", 'address': '" address "'"
#define TWO(one, two)                                                                 \
    "{" SAMPLE_HEAD ", 'parties': [{'name': 'bank', 'role': 'guest', 'key': '$1'" one \
    "}, {'name': 'telecom', 'role': 'host', 'key': '$2'" two "}]}"

static void the_later_listed_dials_unless_only_it_has_an_address(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        uint32_t dials;
    } cases[] = {
        {TWO(ADDRESS("a:1"), ADDRESS("[::1]:2")), 1},
        {TWO(ADDRESS("a:1"), ""), 1},
        {TWO("", ADDRESS("b.example:65535")), 0},
        {TWO("", ""), 1},
    };
    fate_context *context = new_context();
    for (size_t i = 0; i < 4; i++) {
        fate_job *job = parse(context, cases[i].pattern);
        assert_int_equal(fate_job_party_dials(job, cases[i].dials, 1 - cases[i].dials), 1);
        assert_int_equal(fate_job_party_dials(job, 1 - cases[i].dials, cases[i].dials), 0);
        assert_int_equal(fate_job_party_dials(job, 0, 0), 0);
        fate_job_free(job);
    }
    fate_context_free(context);
}

static void hosts_do_not_talk_to_each_other(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_job *job = parse(context, "{" SAMPLE_HEAD
                                   ", 'parties': [{'name': 'a', 'role': 'host', 'key': '$1'}, {'name': 'b', 'role': 'guest', 'key': '$2'},"
                                   "{'name': 'c', 'role': 'host', 'key': '$3'}]}");
    static const int talks[3][3] = {{0, 1, 0}, {1, 0, 1}, {0, 1, 0}};
    for (uint32_t i = 0; i < 3; i++) {
        for (uint32_t j = 0; j < 3; j++) assert_int_equal(fate_job_parties_talk(job, i, j), talks[i][j]);
    }
    fate_job_free(job);
    fate_context_free(context);
}

static void an_identity_is_checked_against_its_pin(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_job *job = parse(context, SAMPLE_JOB);
    fate_identity *identity = NULL;
    uint8_t seed[IDENTITY_KEY];
    memset(seed, 2, sizeof seed);
    assert_int_equal(identity_from_seed(context, &identity, seed), FATE_OK);
    assert_int_equal(fate_job_check_identity(job, 1, identity), FATE_OK);
    assert_int_equal(fate_job_check_identity(job, 0, identity), FATE_E_IDENTITY);
    assert_non_null(strstr(fate_context_error(context), fate_job_party_key(job, 0)));
    assert_non_null(strstr(fate_context_error(context), fate_identity_public(identity)));
    assert_int_equal(fate_job_check_identity(job, 2, identity), FATE_E_ARGUMENT);
    fate_identity_free(identity);
    fate_job_free(job);
    fate_context_free(context);
}

static void schemas_follow_role_and_purpose(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_job *job = parse(context, "{" SAMPLE_HEAD ", " SAMPLE_PARTIES ", 'weight': 'w', 'categorical': ['b', 'a']}");
    const fate_schema *guest = fate_job_schema(job, 0, FATE_PURPOSE_TRAIN), *scoring = fate_job_schema(job, 0, FATE_PURPOSE_PREDICT);
    const fate_schema *host = fate_job_schema(job, 1, FATE_PURPOSE_TRAIN);
    assert_string_equal(guest->ids[0].column, "id");
    assert_string_equal(guest->label, "y");
    assert_true(guest->label_required);
    assert_string_equal(guest->weight, "w");
    assert_int_equal(guest->categorical_count, 2);
    assert_string_equal(scoring->label, "y");
    assert_false(scoring->label_required);
    assert_null(scoring->weight);
    assert_null(host->label);
    assert_null(host->weight);
    assert_true(schema_lists_categorical(host, "a"));
    fate_job_free(job);
    fate_context_free(context);
}

static void files_are_read(void **state)
{
    (void)state;
    fate_context *context = new_context();
    fate_job *job = NULL;
    char text[SAMPLE_TEXT], folder[] = "/tmp/fate-job-XXXXXX", path[64];
    assert_int_equal(sample_text(context, text, SAMPLE_JOB), FATE_OK);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/job.json", folder);
    assert_int_equal(fate_job_read(context, &job, path), FATE_E_FILE);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    assert_int_equal(fate_job_read(context, &job, path), FATE_OK);
    fate_job_free(job);
    file = fopen(path, "w");
    fputs("{\n]", file);
    fclose(file);
    assert_int_equal(fate_job_read(context, &job, path), FATE_E_JOB);
    assert_non_null(strstr(fate_context_error(context), path));
    assert_non_null(strstr(fate_context_error(context), "line 2"));
    unlink(path);
    rmdir(folder);
    fate_context_free(context);
}

static int32_t parse_failing(fate_context *context)
{
    fate_job *job = NULL;
    char *sentence = NULL;
    int32_t result = sample_register(context);
    if (result == FATE_OK) {
        result = sample_parse(
            context, &job, "{" SAMPLE_HEAD ", " SAMPLE_PARTIES ", 'weight': 'w', 'categorical': ['b', 'a'], 'parameters': {'note': 'x'}}");
    }
    if (result == FATE_OK) result = job_difference(context, fate_job_canonical(job), "telecom", (const uint8_t *)"{}", 2, &sentence);
    fate_free(context, sentence);
    fate_job_free(job);
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
        result = parse_failing(context);
        if (result != FATE_OK && result != FATE_E_MEMORY) fail_msg("%lld: %d %s", k, (int)result, fate_context_error(context));
        fate_context_free(context);
        assert_int_equal(atomic_load(&counted.live), 0);
        assert_true(k < 10000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_are_those_of_the_file),     cmocka_unit_test(out_of_range_and_null_are_answered),
        cmocka_unit_test(the_digest_is_of_the_meaning),    cmocka_unit_test(the_later_listed_dials_unless_only_it_has_an_address),
        cmocka_unit_test(hosts_do_not_talk_to_each_other), cmocka_unit_test(an_identity_is_checked_against_its_pin),
        cmocka_unit_test(schemas_follow_role_and_purpose), cmocka_unit_test(files_are_read),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
