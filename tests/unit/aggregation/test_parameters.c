/* The parameters of secure aggregation: precision that fits, and jobs that are refused. */
#include "src/models/aggregation/parameters.h"

#include "tests/support/aggregation.h"
#include "tests/support/unit.h"

static fate_context *context;

static int32_t read_job(struct aggregation_parameters *parameters, const char *algorithm, uint32_t clients, const char *given)
{
    static char text[64 * 400];
    fate_simulator *simulator = NULL;
    size_t used = (size_t)snprintf(text, sizeof text,
                                   "{\"algorithm\":\"%s\",\"id\":\"id\",\"parties\":[{\"name\":\"a\",\"role\":\"aggregator\"}", algorithm);
    for (uint32_t i = 1; i <= clients; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",{\"name\":\"c%u\",\"role\":\"client\"}", i);
    snprintf(text + used, sizeof text - used, "],\"parameters\":{%s}}", given);
    int32_t result = fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, 1);
    if (result == FATE_OK) result = aggregation_parameters_read(context, parameters, fate_simulator_job(simulator));
    fate_simulator_free(simulator);
    return result;
}

static void precision(void **state)
{
    (void)state;
    struct aggregation_parameters parameters;
    assert_int_equal(read_job(&parameters, "secure-sum", 3, "\"bound\":1"), FATE_OK);
    assert_true(parameters.width == 8 && parameters.fraction == 52 && parameters.clients == 3 && !parameters.mean);
    assert_int_equal(read_job(&parameters, "secure-sum", 3, "\"bound\":1,\"ring_bits\":32"), FATE_OK);
    /* Three numbers of up to 2^29 + 1 stay below 2^31; of 2^30 + 1 they do not. */
    assert_int_equal(parameters.fraction, 29);
    assert_int_equal(read_job(&parameters, "secure-mean", 3, "\"bound\":8,\"weight_bound\":4"), FATE_OK);
    assert_true(parameters.mean && parameters.tells_result && parameters.patience == 30000);
    assert_true(3 * (ldexp(32, (int)parameters.fraction) + 1) < ldexp(1, 63));
    /* Many clients choose their neighbours themselves unless the aggregator is taken to be honest. */
    assert_true(parameters.chosen == 0);
    assert_int_equal(read_job(&parameters, "secure-sum", 200, "\"bound\":1"), FATE_OK);
    assert_true(parameters.chosen == 0);
    assert_int_equal(read_job(&parameters, "secure-sum", 200, "\"bound\":1,\"trust\":\"lying\""), FATE_OK);
    assert_true(parameters.chosen >= 16 && 2 * parameters.chosen_threshold > parameters.chosen + 1);
}

static void refusals(void **state)
{
    (void)state;
    struct aggregation_parameters parameters;
    const struct {
        uint32_t clients;
        const char *given, *sentence;
    } cases[] = {{3, "", "bound"},
                 {3, "\"bound\":1e9,\"ring_bits\":32", "do not fit"},
                 {3, "\"bound\":1,\"ring_bits\":48", "32 or 64"},
                 {3, "\"bound\":1,\"weight_bound\":2", "secure-mean"},
                 {3, "\"bound\":1,\"weight\":\"w\"", "secure-mean"},
                 {3, "\"bound\":1,\"threshold\":0.4", "threshold"},
                 {3, "\"bound\":1,\"threshold\":0.6,\"trust\":\"colluding\"", "two thirds"},
                 {3, "\"bound\":1,\"trust\":\"evil\"", "trust"},
                 {3, "\"bound\":1,\"least_clients\":4", "least_clients is more than the job has clients"},
                 {200, "\"bound\":1,\"trust\":\"lying\",\"corrupt\":0.3,\"dropout\":0.4", "too large together"},
                 {200, "\"bound\":1,\"corrupt\":0.33,\"dropout\":0.5", "too large together"},
                 {1, "\"bound\":1", "client"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(read_job(&parameters, "secure-sum", cases[i].clients, cases[i].given), FATE_E_JOB);
        if (strstr(fate_context_error(context), cases[i].sentence) == NULL) fail_msg("%s", fate_context_error(context));
    }
}

static int open_context(void **state)
{
    (void)state;
    return fate_context_new(&context, NULL);
}

static int close_context(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(precision), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, open_context, close_context);
}
