/* What both sides of training share: precision that fits, jobs that are refused, scaling as bytes. */
#include "src/models/rounds/learning.h"

#include <math.h>

#include "tests/support/rounds_world.h"

static int32_t read_job(const char *algorithm, uint32_t clients, const char *given)
{
    static char text[64 * 400];
    fate_context *context;
    fate_job *job = NULL;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    size_t used =
        (size_t)snprintf(text, sizeof text, "{\"algorithm\":\"%s\",\"id\":\"id\",%s\"parties\":[{\"name\":\"a\",\"role\":\"aggregator\"}",
                         algorithm, strcmp(algorithm, "horizontal-custom") == 0 ? "" : "\"label\":\"label\",");
    for (uint32_t i = 1; i <= clients; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",{\"name\":\"c%u\",\"role\":\"client\"}", i);
    snprintf(text + used, sizeof text - used, "],\"parameters\":{%s}}", given);
    fate_simulator *simulator = NULL;
    int32_t result = fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, 1);
    fate_simulator_free(simulator);
    fate_job_free(job);
    fate_context_free(context);
    return result;
}

static void jobs(void **state)
{
    (void)state;
    assert_int_equal(read_job("horizontal-linear", 3, ""), FATE_OK);
    assert_int_equal(read_job("horizontal-linear", 300, "\"examples_bound\":1e12,\"bound\":1e15"), FATE_OK);
    assert_int_equal(read_job("horizontal-linear", 3, "\"ring_bits\":32"), FATE_OK);
    assert_int_equal(read_job("horizontal-linear", 300, "\"ring_bits\":32,\"examples_bound\":1e9"), FATE_E_JOB);
    assert_int_equal(read_job("horizontal-linear", 3, "\"objective\":\"softmax\""), FATE_E_JOB);
    assert_int_equal(read_job("horizontal-linear", 3, "\"objective\":\"softmax\",\"classes\":3"), FATE_OK);
    assert_int_equal(read_job("horizontal-linear", 3, "\"method\":\"scaffold\",\"momentum\":0.5"), FATE_E_JOB);
    assert_int_equal(read_job("horizontal-linear", 3, "\"method\":\"scaffold\",\"optimiser\":\"adam\""), FATE_E_JOB);
    assert_int_equal(read_job("horizontal-linear", 3, "\"schedule\":\"step\""), FATE_E_JOB);
    assert_int_equal(read_job("horizontal-linear", 3, "\"local_epochs\":0"), FATE_E_JOB);
    assert_int_equal(read_job("horizontal-neural", 3, "\"hidden\":\"5x4\""), FATE_E_JOB);
    assert_int_equal(read_job("horizontal-neural", 3, "\"hidden\":\"5 0\""), FATE_E_JOB);
    assert_int_equal(read_job("horizontal-neural", 3, "\"hidden\":\"1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\""), FATE_E_JOB);
    assert_int_equal(
        read_job("horizontal-neural", 3, "\"hidden\":\"5,4\",\"activation\":\"gelu\",\"hidden_dropout\":0.5,\"layer_norm\":\"yes\""),
        FATE_OK);
    assert_int_equal(read_job("horizontal-custom", 3, "\"weights\":5"), FATE_OK);
    assert_int_equal(read_job("horizontal-custom", 3, ""), FATE_E_JOB);
    assert_int_equal(read_job("horizontal-custom", 3, "\"weights\":5,\"method\":\"scaffold\""), FATE_E_JOB);
    assert_int_equal(read_job("horizontal-custom", 200, "\"weights\":5,\"trust\":\"lying\""), FATE_OK);
    assert_int_equal(read_job("horizontal-custom", 200, "\"weights\":5,\"trust\":\"lying\",\"client_share\":0.5"), FATE_E_JOB);
}

static void scaling_bytes(void **state)
{
    (void)state;
    fate_context *context;
    struct buffer out;
    struct reader in;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    struct scaling scaling = {.context = context}, back = {.context = context};
    assert_int_equal(scaling_init(&scaling, context, 2), FATE_OK);
    scaling.means[1] = -3.5;
    scaling.factors[0] = 0.25;
    buffer_init(&out, context);
    scaling_write(&scaling, &out);
    for (uint64_t length = 0; length < out.length; length++) {
        reader_init(&in, out.bytes, length);
        assert_int_equal(scaling_read(&back, &in, 2), FATE_E_FORMAT);
    }
    reader_init(&in, out.bytes, out.length);
    assert_int_equal(scaling_read(&back, &in, 3), FATE_E_FORMAT);
    reader_init(&in, out.bytes, out.length);
    assert_int_equal(scaling_read(&back, &in, 2), FATE_OK);
    assert_true(back.count == 2 && back.means[1] == -3.5 && back.factors[0] == 0.25);
    scaling.factors[1] = (double)NAN;
    buffer_clear(&out);
    scaling_write(&scaling, &out);
    reader_init(&in, out.bytes, out.length);
    assert_int_equal(scaling_read(&back, &in, 2), FATE_E_FORMAT);
    buffer_free(&out);
    scaling_free(&scaling);
    scaling_free(&back);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(jobs), cmocka_unit_test(scaling_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
