/* Bad job files: each is refused with a sentence that names the field. */
#include "tests/support/unit.h"

#include "src/session/job_reader.h"
#include "tests/support/sample_job.h"

#define BANK "{'name': 'bank', 'role': 'guest', 'key': '$1'}"
#define TELECOM "{'name': 'telecom', 'role': 'host', 'key': '$2'}"
#define WITH(more) "{" SAMPLE_HEAD ", " SAMPLE_PARTIES ", " more "}"
#define PARTIES(list) "{" SAMPLE_HEAD ", 'parties': [" list "]}"
#define BANK_AT(address) "{'name': 'bank', 'role': 'guest', 'key': '$1', 'address': '" address "'}"

struct refused {
    const char *text;
    int32_t result;
    const char *sentence;
};

static const struct refused refused[] = {
    {"", FATE_E_JOB, "the text is empty"},
    {" ", FATE_E_JOB, "line 1"},
    {"{\n'algorithm': 'x',\n,}", FATE_E_JOB, "line 3"},
    {"[]", FATE_E_JOB, "a job must be a JSON object"},
    {"{'id': 'a', 'id': 'b'}", FATE_E_JOB, "duplicate"},
    {"{'algorithm': 'a\\u0000b'}", FATE_E_JOB, "line 1"},
    {"{}", FATE_E_JOB, "algorithm is missing"},
    {"{'algorithm': 7}", FATE_E_JOB, "algorithm must be a text"},
    {"{'algorithm': ''}", FATE_E_JOB, "algorithm is empty"},
    {"{'algorithm': 'sample-bosting'}", FATE_E_UNSUPPORTED,
     "algorithm \"sample-bosting\" is unknown; the nearest known: \"sample-boosting\""},
    {"{'algoritm': 'sample-boosting'}", FATE_E_JOB, "algoritm is unknown; the nearest known: \"algorithm\""},
    {"{'al\\u001bgorithm\\u00e9': 1}", FATE_E_JOB, "al\\x1bgorithm\\xc3\\xa9 is unknown"},
    {"{'algorithm': 'sample-boosting', 'label': 'y', " SAMPLE_PARTIES "}", FATE_E_JOB, "id is missing"},
    {"{'algorithm': 'sample-boosting', 'id': 'id', " SAMPLE_PARTIES "}", FATE_E_JOB, "label is missing"},
    {"{'algorithm': 'sample-boosting', 'id': 'y', 'label': 'y', " SAMPLE_PARTIES "}", FATE_E_JOB, "id and label name the same column"},
    {WITH("'weight': 'id'"), FATE_E_JOB, "id and weight name the same column"},
    {WITH("'weight': 'y'"), FATE_E_JOB, "label and weight name the same column"},
    {WITH("'categorical': 'a'"), FATE_E_JOB, "categorical must be a list"},
    {WITH("'categorical': ['a', 2]"), FATE_E_JOB, "categorical[1] must be a text"},
    {WITH("'categorical': ['b', 'a', 'b']"), FATE_E_JOB, "categorical names column \"b\" twice"},
    {WITH("'categorical': ['y']"), FATE_E_JOB, "categorical names the label column"},
    {"{" SAMPLE_HEAD "}", FATE_E_JOB, "parties is missing"},
    {"{" SAMPLE_HEAD ", 'parties': {}}", FATE_E_JOB, "parties is missing or not a list"},
    {PARTIES(""), FATE_E_JOB, "parties has 0 entries"},
    {PARTIES("'bank'"), FATE_E_JOB, "parties must be a list of objects"},
    {PARTIES("{'name': 'bank'}"), FATE_E_JOB, "parties[0].role is missing"},
    {PARTIES(BANK ", {'name': 'telecom', 'role': 'host'}"), FATE_E_JOB, "parties[1].key is missing"},
    {PARTIES(BANK ", {'nam': 'telecom'}"), FATE_E_JOB, "parties[1].nam is unknown; the nearest known: \"name\""},
    {PARTIES("{'name': 'the bank', 'role': 'guest', 'key': '$1'}"), FATE_E_JOB, "parties[0].name is \"the bank\", but must be 1 to 64"},
    {PARTIES("{'name': 'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg', 'role': 'guest', 'key': '$1'}"), FATE_E_JOB,
     "must be 1 to 64"},
    {PARTIES("{'name': 'bank', 'role': 'gest', 'key': '$1'}"), FATE_E_JOB,
     "parties[0].role is \"gest\", but a party of sample-boosting is \"guest\" or \"host\""},
    {PARTIES("{'name': 'bank', 'role': 'guest', 'key': '$1x'}"), FATE_E_JOB, "parties[0].key of bank is not a public identity"},
    {PARTIES("{'name': 'bank', 'role': 'guest', 'key': 'fate1-'}"), FATE_E_JOB, "parties[0].key of bank is not a public identity"},
    {PARTIES(BANK_AT("localhost")), FATE_E_JOB, "parties[0].address is \"localhost\", but must be host:port"},
    {PARTIES(BANK_AT(":9001")), FATE_E_JOB, "must be host:port"},
    {PARTIES(BANK_AT("host:")), FATE_E_JOB, "must be host:port"},
    {PARTIES(BANK_AT("host:0")), FATE_E_JOB, "must be host:port"},
    {PARTIES(BANK_AT("host:65536")), FATE_E_JOB, "must be host:port"},
    {PARTIES(BANK_AT("host:900100")), FATE_E_JOB, "must be host:port"},
    {PARTIES(BANK_AT("host:90a")), FATE_E_JOB, "must be host:port"},
    {PARTIES(BANK_AT("a host:90")), FATE_E_JOB, "must be host:port"},
    {PARTIES(BANK_AT("::1:9001")), FATE_E_JOB, "IPv6 host in brackets"},
    {PARTIES(BANK ", {'name': 'bank', 'role': 'host', 'key': '$2'}"), FATE_E_JOB, "two parties are named bank"},
    {PARTIES(BANK ", {'name': 'telecom', 'role': 'host', 'key': '$1'}"), FATE_E_JOB, "bank and telecom have the same key"},
    {PARTIES(BANK), FATE_E_JOB, "0 have the role host, but sample-boosting needs at least 1"},
    {PARTIES(TELECOM), FATE_E_JOB, "0 have the role guest"},
    {PARTIES(BANK ", " TELECOM ", {'name': 'c', 'role': 'guest', 'key': '$3'}"), FATE_E_JOB,
     "2 have the role guest, but sample-boosting allows at most 1"},
    {WITH("'parameters': []"), FATE_E_JOB, "parameters must be an object"},
    {WITH("'parameters': {'tress': 5}"), FATE_E_JOB, "parameters.tress is unknown; the nearest known: \"trees\""},
    {WITH("'parameters': {'align': 'psi'}"), FATE_E_JOB, "parameters.align is no parameter: \"align\" stands beside \"parameters\""},
    {WITH("'trees': 5"), FATE_E_JOB, "job.json: trees is a parameter: it stands in \"parameters\""},
    {WITH("'tress': 5"), FATE_E_JOB, "tress is unknown; the nearest known: "},
    {WITH("'parameters': {'trees': 0}"), FATE_E_JOB, "parameters.trees is 0, but must be at least 1"},
    {WITH("'parameters': {'depth': 6, 'trees': 50}"), FATE_E_JOB, "job.json: parameters.depth is above 5"},
    {WITH("'parameters': {'trees': 99999999999999999999}"), FATE_E_JOB, "line 1"},
};

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(sample_register(context), FATE_OK);
    return context;
}

static void bad_jobs_are_refused_by_name(void **state)
{
    (void)state;
    fate_context *context = new_context();
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        fate_job *job = (fate_job *)context;
        const int32_t result = sample_parse(context, &job, refused[i].text);
        const char *sentence = fate_context_error(context);
        if (result != refused[i].result || strstr(sentence, refused[i].sentence) == NULL)
            fail_msg("case %zu: %d, %s", i, (int)result, sentence);
        assert_memory_equal(sentence, "job.json: ", 10);
        assert_null(job);
    }
    fate_context_free(context);
}

static void parameters_without_default_must_be_given(void **state)
{
    (void)state;
    fate_context *context = NULL;
    fate_job *job = NULL;
    struct sample sample;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(sample_parse(context, &job, SAMPLE_JOB), FATE_E_UNSUPPORTED);
    assert_non_null(strstr(fate_context_error(context), "no protocol is registered"));
    sample_make(&sample);
    sample.parameters[0].preset = NULL;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    assert_int_equal(sample_parse(context, &job, SAMPLE_JOB), FATE_E_JOB);
    assert_non_null(strstr(fate_context_error(context), "parameters.trees is missing and has no default: Number of trees."));
    fate_context_free(context);
}

static void protocols_without_labels_or_parameters_pass(void **state)
{
    (void)state;
    fate_context *context = NULL;
    fate_job *job = NULL;
    struct sample sample;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    sample_make(&sample);
    sample.protocol.label_role = NULL;
    sample.protocol.parameter_count = 0;
    sample.protocol.check = NULL;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    assert_int_equal(sample_parse(context, &job, "{'algorithm': 'sample-boosting', 'id': 'id', " SAMPLE_PARTIES "}"), FATE_OK);
    fate_job_free(job);
    assert_int_equal(
        sample_parse(context, &job, "{'algorithm': 'sample-boosting', 'id': 'id', 'parameters': {'x': 1}, " SAMPLE_PARTIES "}"),
        FATE_E_JOB);
    assert_non_null(strstr(fate_context_error(context), "parameters.x is unknown; there are none here"));
    fate_context_free(context);
}

static void names_have_few_characters(void **state)
{
    (void)state;
    char name[JOB_NAME + 2];
    assert_true(job_reader_is_name("Bank_1.a-b"));
    assert_false(job_reader_is_name(""));
    memset(name, 'a', sizeof name);
    name[JOB_NAME] = '\0';
    assert_true(job_reader_is_name(name));
    name[JOB_NAME] = 'a';
    name[JOB_NAME + 1] = '\0';
    assert_false(job_reader_is_name(name));
    for (int c = 1; c < 256; c++) {
        const char one[2] = {(char)c, '\0'};
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        assert_int_equal(job_reader_is_name(one), plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_jobs_are_refused_by_name),
        cmocka_unit_test(parameters_without_default_must_be_given),
        cmocka_unit_test(protocols_without_labels_or_parameters_pass),
        cmocka_unit_test(names_have_few_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
