/* What a job says about ids: columns, normalisers, duplicates; in the job's schemas and its canonical form. */
#include "tests/support/unit.h"

#include "src/data/normalise.h"
#include "src/data/schema.h"
#include "tests/support/sample_job.h"

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return context_new(&context, NULL) != FATE_OK || sample_register(context) != FATE_OK;
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static int32_t parse(fate_job **job, const char *ids)
{
    char pattern[SAMPLE_TEXT];
    snprintf(pattern, sizeof pattern, "{'algorithm': 'sample-boosting', 'label': 'y', %s, " SAMPLE_PARTIES "}", ids);
    return sample_parse(context, job, pattern);
}

static void columns_and_normalisers_reach_the_schemas(void **state)
{
    (void)state;
    fate_job *job = NULL;
    assert_int_equal(parse(&job, "'id': ['phone', 'birth'], 'normalise': ['digits', 'fold trim'], 'duplicates': 'first'"), FATE_OK);
    for (uint32_t party = 0; party < 2; party++)
        for (int32_t purpose = FATE_PURPOSE_TRAIN; purpose <= FATE_PURPOSE_ALIGN; purpose++) {
            const fate_schema *schema = fate_job_schema(job, party, purpose);
            assert_int_equal(schema->id_count, 2);
            assert_string_equal(schema->ids[1].column, "birth");
            assert_int_equal(schema->ids[0].normalise, NORMALISE_DIGITS);
            assert_int_equal(schema->ids[1].normalise, NORMALISE_TRIM | NORMALISE_FOLD);
            assert_int_equal(schema->duplicates, DUPLICATES_FIRST);
            assert_int_equal(schema->ids_only, purpose == FATE_PURPOSE_ALIGN);
        }
    assert_non_null(strstr(fate_job_canonical(job), "\"duplicates\":\"first\",\"id\":[\"phone\",\"birth\"],"));
    assert_non_null(strstr(fate_job_canonical(job), "\"normalise\":[\"digits\",\"trim fold\"],"));
    fate_job_free(job);
    assert_int_equal(parse(&job, "'id': ['k'], 'normalise': 'trim'"), FATE_OK);
    assert_non_null(strstr(fate_job_canonical(job), "\"id\":\"k\",\"normalise\":[\"trim\"]"));
    fate_job_free(job);
}

static void what_says_nothing_leaves_the_canonical_form(void **state)
{
    (void)state;
    fate_job *one = NULL, *other = NULL;
    assert_int_equal(parse(&one, "'id': 'k'"), FATE_OK);
    assert_int_equal(parse(&other, "'id': ['k'], 'normalise': '', 'duplicates': 'error'"), FATE_OK);
    assert_string_equal(fate_job_canonical(one), fate_job_canonical(other));
    assert_null(strstr(fate_job_canonical(one), "normalise"));
    fate_job_free(one);
    fate_job_free(other);
}

static void bad_ones_are_refused_by_name(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"'id': []", "id must name 1 to 16"},
        {"'id': ['a', 3]", "id[1]"},
        {"'id': ['a', 'a']", "id and id name the same column"},
        {"'id': ['a', 'y']", "id and label"},
        {"'id': 'a', 'normalise': 'upper'", "normalise must be"},
        {"'id': 'a', 'normalise': 3", "normalise must be"},
        {"'id': 'a', 'normalise': ['trim', 'fold']", "normalise has 2 entries"},
        {"'id': 'a', 'duplicates': 'last'", "duplicates must be"},
        {"'id': 'a', 'duplicates': 'many'", "only where tables are aligned"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fate_job *job = NULL;
        assert_int_equal(parse(&job, cases[i][0]), FATE_E_JOB);
        if (strstr(fate_context_error(context), cases[i][1]) == NULL) fail_msg("%s", fate_context_error(context));
    }
    fate_job *job = NULL;
    assert_int_equal(parse(&job, "'id': 'a', 'align': 'sample-boosting'"), FATE_E_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(columns_and_normalisers_reach_the_schemas, start, stop),
        cmocka_unit_test_setup_teardown(what_says_nothing_leaves_the_canonical_form, start, stop),
        cmocka_unit_test_setup_teardown(bad_ones_are_refused_by_name, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
