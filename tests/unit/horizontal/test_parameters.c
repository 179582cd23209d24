/* Parameters of jobs: defaults, values, and what is refused. A protocol with these tables stands in for the real ones. */
#include "tests/support/network.h"

#include "src/models/horizontal/parameters.h"
#include "tests/support/sample_job.h"

#include <fate/simulator.h>

#define BESIDE                                                                                                  \
    {"rounds", FATE_PARAMETER_INTEGER, "20", 1, 1000000, NULL, "how many rounds"},                              \
    {                                                                                                           \
        "method", FATE_PARAMETER_TEXT, "\"average\"", 0, 0, "average adam scaffold", "what the aggregator does" \
    }

static const fate_protocol_parameter linear_table[] = {BESIDE, HORIZONTAL_COMMON};
static const fate_protocol_parameter neural_table[] = {BESIDE, HORIZONTAL_NEURAL};
static fate_context *context;

static int start(void **state)
{
    (void)state;
    static struct sample sample;
    int32_t result = context_new(&context, NULL);
    sample_make(&sample);
    fate_protocol protocol = sample.protocol;
    protocol.check = NULL;
    protocol.name = "test-linear";
    protocol.parameters = linear_table;
    protocol.parameter_count = 2 + HORIZONTAL_COMMON_COUNT;
    if (result == FATE_OK) result = fate_protocol_register(context, &protocol);
    protocol.name = "horizontal-neural";
    protocol.parameters = neural_table;
    protocol.parameter_count = 2 + HORIZONTAL_NEURAL_COUNT;
    return result == FATE_OK ? fate_protocol_register(context, &protocol) : result;
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static int32_t read_job(struct horizontal_parameters *parameters, const char *algorithm, const char *given)
{
    char text[2048];
    fate_simulator *simulator = NULL;
    snprintf(
        text, sizeof text,
        "{\"algorithm\":\"%s\",\"id\":\"id\",\"label\":\"y\",\"parties\":[{\"name\":\"a\",\"role\":\"guest\"},{\"name\":\"b\",\"role\":\"host\"}],"
        "\"parameters\":{%s}}",
        algorithm, given);
    int32_t result = fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, 1);
    if (result == FATE_OK) result = horizontal_parameters_read(context, parameters, fate_simulator_job(simulator));
    fate_simulator_free(simulator);
    return result;
}

static void accept(struct horizontal_parameters *parameters, const char *algorithm, const char *given)
{
    if (read_job(parameters, algorithm, given) != FATE_OK) fail_msg("%s", fate_context_error(context));
}

static void test_counts(void **state)
{
    (void)state;
    assert_int_equal(sizeof linear_table / sizeof *linear_table, 2 + HORIZONTAL_COMMON_COUNT);
    assert_int_equal(sizeof neural_table / sizeof *neural_table, 2 + HORIZONTAL_NEURAL_COUNT);
}

static void test_defaults(void **state)
{
    (void)state;
    struct horizontal_parameters parameters;
    accept(&parameters, "test-linear", "");
    assert_true(parameters.network.loss == NETWORK_LOGISTIC && parameters.network.outputs == 1 && parameters.network.hidden_count == 0);
    assert_true(parameters.standardise && parameters.training.epochs == 1 && parameters.training.batch == 32);
    assert_true(parameters.training.optimiser.kind == OPTIMISER_SGD && !parameters.training.scaffold);
    assert_true(parameters.schedule.kind == SCHEDULE_CONSTANT && parameters.schedule.rate == 0.1);
    accept(&parameters, "horizontal-neural", "");
    assert_true(parameters.network.hidden_count == 1 && parameters.network.hidden[0] == 32);
    assert_true(parameters.network.activation == NETWORK_RELU && !parameters.network.layer_norm && parameters.network.dropout == 0);
}

static void test_values(void **state)
{
    (void)state;
    struct horizontal_parameters parameters;
    accept(&parameters, "horizontal-neural",
           "\"objective\":\"softmax\",\"classes\":10,\"standardise\":\"no\",\"optimiser\":\"adam\",\"learning_rate\":0.01,\"beta1\":0.8,"
           "\"beta2\":0.9,\"epsilon\":1e-6,\"batch\":7,\"local_epochs\":0,\"local_steps\":5,\"proximal\":0.5,\"schedule\":\"cosine\","
           "\"schedule_factor\":0.2,\"l1\":0.25,\"l2\":0.125,\"hidden\":\" 64, 32 16\",\"activation\":\"gelu\",\"layer_norm\":\"yes\","
           "\"hidden_dropout\":0.3,\"rounds\":50");
    const struct network *network = &parameters.network;
    const struct training_options *options = &parameters.training;
    assert_true(network->outputs == 10 && network->hidden_count == 3 && network->hidden[0] == 64 && network->hidden[2] == 16);
    assert_true(network->activation == NETWORK_GELU && network->layer_norm && network->dropout == 0.3 && !parameters.standardise);
    assert_true(options->optimiser.kind == OPTIMISER_ADAM && options->optimiser.beta1 == 0.8 && options->optimiser.epsilon == 1e-6);
    assert_true(options->steps == 5 && options->epochs == 0 && options->batch == 7 && options->proximal == 0.5);
    assert_true(options->l1 == 0.25 && options->l2 == 0.125);
    assert_true(parameters.schedule.rounds == 50 && parameters.schedule.factor == 0.2 && parameters.schedule.rate == 0.01);
    accept(&parameters, "test-linear",
           "\"objective\":\"huber\",\"huber_delta\":2,\"momentum\":0.5,\"schedule\":\"step\",\"schedule_rounds\":3");
    assert_true(parameters.network.huber_delta == 2 && parameters.schedule.rounds == 3 && parameters.training.optimiser.momentum == 0.5);
    accept(&parameters, "test-linear", "\"method\":\"scaffold\"");
    assert_true(parameters.training.scaffold);
}

static void test_refusals(void **state)
{
    (void)state;
    const struct {
        const char *given, *sentence;
    } cases[] = {{"\"objective\":\"softmax\"", "parameters.classes"},
                 {"\"objective\":\"softmax\",\"classes\":1", "parameters.classes"},
                 {"\"classes\":3", "parameters.classes"},
                 {"\"objective\":\"cubic\"", "objective"},
                 {"\"local_epochs\":0", "local_epochs"},
                 {"\"local_steps\":3", "local_epochs"},
                 {"\"schedule\":\"step\"", "schedule_rounds"},
                 {"\"schedule_rounds\":3", "schedule_rounds"},
                 {"\"optimiser\":\"adam\",\"momentum\":0.5", "momentum"},
                 {"\"optimiser\":\"adam\",\"method\":\"scaffold\"", "scaffold"},
                 {"\"momentum\":0.5,\"method\":\"scaffold\"", "scaffold"},
                 {"\"huber_delta\":2", "huber_delta does nothing with the objective \"logistic\""},
                 {"\"beta1\":0.8", "beta1 does nothing with the optimiser \"sgd\""},
                 {"\"epsilon\":1e-6", "epsilon does nothing"},
                 {"\"schedule_factor\":0.5", "schedule_factor does nothing with the schedule \"constant\""},
                 {"\"hidden\":\"\"", "names no layer"},
                 {"\"hidden\":\"64x\"", "parameters.hidden"},
                 {"\"hidden\":\"0\"", "0 units"},
                 {"\"hidden\":\"65537\"", "65537 units"},
                 {"\"hidden\":\"123456\"", "parameters.hidden"},
                 {"\"hidden\":\"65536 65536\"", "parameters: at most"},
                 {"\"hidden\":\"1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\"", "at most 16"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct horizontal_parameters parameters;
        assert_int_equal(read_job(&parameters, "horizontal-neural", cases[i].given), FATE_E_JOB);
        if (strstr(fate_context_error(context), cases[i].sentence) == NULL) fail_msg("%s: %s", cases[i].given, fate_context_error(context));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts), cmocka_unit_test(test_defaults), cmocka_unit_test(test_values),
                                       cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, start, stop);
}
