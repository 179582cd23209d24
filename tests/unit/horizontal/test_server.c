/* Server optimisers by their formulas; state as bytes and back. */
#include "tests/support/network.h"

#include "src/models/horizontal/server.h"
#include "tests/support/allocator.h"

enum { COUNT = 5, ROUNDS = 4 };

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static const struct server_options every[] = {
    {.method = SERVER_AVERAGE, .learning_rate = 1},
    {.method = SERVER_AVERAGE, .learning_rate = 0.5, .momentum = 0.9},
    {.method = SERVER_ADAM, .learning_rate = 0.1, .beta1 = 0.9, .beta2 = 0.99, .adaptivity = 1e-3},
    {.method = SERVER_SCAFFOLD, .learning_rate = 0.5},
};
enum { METHODS = sizeof every / sizeof *every };

static double expected(const struct server_options *options, double w, double mean)
{
    double m = 0, v = 0;
    for (int round = 0; round < ROUNDS; round++) {
        if (options->method == SERVER_ADAM) {
            m = options->beta1 * m + (1 - options->beta1) * mean;
            v = options->beta2 * v + (1 - options->beta2) * mean * mean;
            w += options->learning_rate * m / (sqrt(v) + options->adaptivity);
        } else {
            m = options->momentum * m + mean;
            w += options->learning_rate * m;
        }
    }
    return w;
}

static void test_methods(void **state)
{
    (void)state;
    for (int method = 0; method < METHODS; method++) {
        struct server server;
        float *first = test_floats(COUNT, 1), *drawn = test_floats(2 * COUNT, 2);
        double mean[2 * COUNT];
        for (int i = 0; i < 2 * COUNT; i++) mean[i] = (double)drawn[i];
        assert_int_equal(server_init(&server, context, &every[method], first, COUNT), FATE_OK);
        assert_int_equal(server_length(&server), every[method].method == SERVER_SCAFFOLD ? 2 * COUNT : COUNT);
        for (int round = 0; round < ROUNDS; round++) assert_int_equal(server_apply(&server, mean, 0.25), FATE_OK);
        assert_int_equal(server.rounds, ROUNDS);
        for (int i = 0; i < COUNT; i++) {
            assert_near((double)server.broadcast[i], expected(&every[method], (double)first[i], mean[i]), 1e-6);
            if (every[method].method == SERVER_SCAFFOLD)
                assert_near((double)server.broadcast[COUNT + i], ROUNDS * 0.25 * mean[COUNT + i], 1e-6);
        }
        server_free(&server);
        free(first);
        free(drawn);
    }
}

/* A mean of one is the client's own update, bit for bit where that can be. */
static void test_identity(void **state)
{
    (void)state;
    struct server server;
    const float first[COUNT] = {0};
    const double mean[COUNT] = {0.1f, -0.2f, 1e-20f, 3e10f, 0};
    assert_int_equal(server_init(&server, context, &every[0], first, COUNT), FATE_OK);
    assert_int_equal(server_apply(&server, mean, 1), FATE_OK);
    for (int i = 0; i < COUNT; i++) assert_true((double)server.broadcast[i] == mean[i]);
    server_free(&server);
}

static void test_range(void **state)
{
    (void)state;
    struct server server;
    const float first[COUNT] = {0};
    const double mean[COUNT] = {0, 1e39, 0, 0, 0};
    assert_int_equal(server_init(&server, context, &every[0], first, COUNT), FATE_OK);
    assert_int_equal(server_apply(&server, mean, 1), FATE_E_RANGE);
    assert_non_null(strstr(fate_context_error(context), "round 1"));
    server_free(&server);
}

static void test_state(void **state)
{
    (void)state;
    for (int method = 0; method < METHODS; method++) {
        struct server server, again;
        float *first = test_floats(COUNT, 1), zero[COUNT] = {0};
        double mean[2 * COUNT] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1};
        struct buffer buffer;
        struct reader reader;
        buffer_init(&buffer, context);
        assert_int_equal(server_init(&server, context, &every[method], first, COUNT), FATE_OK);
        assert_int_equal(server_init(&again, context, &every[method], zero, COUNT), FATE_OK);
        assert_int_equal(server_apply(&server, mean, 0.5), FATE_OK);
        server_save(&server, &buffer);
        assert_false(buffer.failed);
        for (uint64_t length = 0; length < buffer.length; length++) {
            reader_init(&reader, buffer.bytes, length);
            assert_int_equal(server_load(&again, &reader), FATE_E_FORMAT);
        }
        reader_init(&reader, buffer.bytes, buffer.length);
        assert_int_equal(server_load(&again, &reader), FATE_OK);
        assert_true(reader_finished(&reader));
        assert_int_equal(server_apply(&server, mean, 0.5), FATE_OK);
        assert_int_equal(server_apply(&again, mean, 0.5), FATE_OK);
        assert_int_equal(again.rounds, 2);
        assert_memory_equal(server.broadcast, again.broadcast, (size_t)server_length(&server) * sizeof(float));
        buffer.bytes[1] ^= 7;
        reader_init(&reader, buffer.bytes, buffer.length);
        assert_int_equal(server_load(&again, &reader), FATE_E_FORMAT);
        buffer_free(&buffer);
        server_free(&server);
        server_free(&again);
        free(first);
    }
}

static void test_memory(void **state)
{
    (void)state;
    const float first[COUNT] = {0};
    for (long long fail = 0; fail < 4; fail++) {
        struct test_allocator test;
        struct server server;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *own = NULL;
        assert_int_equal(context_new(&own, &allocator), FATE_OK);
        long long live = atomic_load(&test.live);
        test.fail = atomic_load(&test.calls) + fail;
        assert_int_equal(server_init(&server, own, &every[2], first, COUNT), fail < 3 ? FATE_E_MEMORY : FATE_OK);
        if (fail == 3) server_free(&server);
        assert_true(atomic_load(&test.live) == live);
        fate_context_free(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_methods), cmocka_unit_test(test_identity), cmocka_unit_test(test_range),
                                       cmocka_unit_test(test_state), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
