/* Exact sums of the lattice cipher on random tables of all shapes, the noise of replies against its bound, allocations that fail, and the
 * same replies by every kernel and for every number of threads. */
#include "src/crypto/lattice_sum.h"

#include <stdlib.h>

#include "tests/support/allocator.h"
#include "tests/support/lattice.h"
#include "tests/support/unit.h"

static const char *const names[] = {"B", "C", "A"};

enum { NAMES = sizeof names / sizeof names[0] };

static fate_context *new_context(uint32_t threads)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    context->threads = threads;
    return context;
}

static void check_sums(struct lattice_job *job, uint32_t vectors, uint64_t number)
{
    const uint64_t bins = job->plan.shape.bins;
    int64_t *sums = calloc(vectors * bins, sizeof *sums), *expected = calloc(vectors * bins, sizeof *expected);
    int32_t *values = lattice_job_values(job, vectors);
    assert_non_null(values);
    lattice_job_expected(job, values, vectors, expected);
    assert_int_equal(lattice_job_sum(job, values, vectors, number, sums), FATE_OK);
    assert_memory_equal(sums, expected, vectors * bins * sizeof *sums);
    free(values);
    free(sums);
    free(expected);
}

/* With 70 000 rows in one bin a hint leaves its transform several times. */
static void sums_are_exact(void **state)
{
    (void)state;
    static const struct {
        uint64_t rows;
        uint32_t columns, bins, bits, vectors;
    } shapes[] = {{1, 1, 1, 1, 1},     {2, 3, 2, 20, 2},     {4095, 2, 9, 32, 3},   {4096, 1, 40, 40, 4},  {4097, 9, 4, 31, 5},
                  {8193, 2, 3, 40, 8}, {20000, 1, 2, 35, 6}, {40000, 2, 20, 40, 7}, {3000, 3, 100, 32, 8}, {70000, 1, 1, 38, 1}};
    for (size_t name = 0; name < NAMES; name++)
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
            fate_context *context = new_context(1 + (uint32_t)i % 2);
            struct lattice_job job;
            assert_int_equal(lattice_job_make(&job, context, lattice_profile_find(names[name]), shapes[i].rows, shapes[i].columns,
                                              shapes[i].bins, shapes[i].bits, i, NULL),
                             FATE_OK);
            check_sums(&job, shapes[i].vectors, 3 * i);
            lattice_job_free(&job);
            fate_context_free(context);
        }
}

/* Many small tables, to and beyond whole blocks. */
static void sums_of_random_shapes(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {3};
    struct random_stream random;
    random_stream_init(&random, key, 0);
    for (uint64_t seed = 0; seed < 150; seed++) {
        fate_context *context = new_context(1);
        struct lattice_job job;
        uint64_t rows = 1 + random_stream_below(&random, 300);
        uint32_t columns = 1 + (uint32_t)random_stream_below(&random, 20), bins = 1 + (uint32_t)random_stream_below(&random, 40);
        uint32_t bits = 9 + (uint32_t)random_stream_below(&random, 36), vectors = 1 + (uint32_t)random_stream_below(&random, 8);
        const struct lattice_kernel *kernel = seed % 2 == 0 ? NULL : &lattice_portable;
        if (lattice_job_make(&job, context, lattice_small_of(seed % 3 == 2 ? "A" : "B"), rows, columns, bins, bits, seed, kernel) !=
            FATE_OK)
            fail_msg("seed %llu: %s", (unsigned long long)seed, fate_context_error(context));
        check_sums(&job, vectors, seed);
        lattice_job_free(&job);
        fate_context_free(context);
    }
}

/* word less D times the sum, of a reply without flood and with all its bits: the noise nu. */
static int64_t noise_of(const struct lattice_job *job, const struct lattice_round *round, uint32_t vector, uint64_t bin, int64_t sum)
{
    const uint64_t item = vector * job->plan.shape.bins + bin;
    const uint32_t bits = job->plan.profile->bits, bytes = job->plan.profile->bytes;
    lattice_wide word = 0;
    for (uint32_t i = bytes; i-- > 0;) word = word << 8 | round->replies[item * bytes + i];
    word -= lattice_wide_of(round->pads[item]) + (lattice_signed(sum) << job->plan.scale);
    uint64_t low = (uint64_t)(word << (128 - bits) >> (128 - bits));
    return (int64_t)(low << 8) >> 8; /* small numbers alone: what is above 56 bits follows the sign */
}

static void whole_and_unflooded(struct lattice_plan *plan)
{
    plan->unflooded = true;
    plan->reply_bytes = plan->profile->bytes;
}

/* variance: of a coefficient of e1, and nearly so of r. */
static void check_noise(const char *name, int rounds, double variance)
{
    enum { ROWS = 600, VECTORS = 8 };
    fate_context *context = new_context(1);
    struct lattice_job job;
    double squares = 0, count = 0, expected = 0;
    int64_t most = 0;
    assert_int_equal(lattice_job_make_with(&job, context, lattice_small_of(name), ROWS, 30, 30, 36, 77, NULL, whole_and_unflooded),
                     FATE_OK);
    const uint64_t bins = job.plan.shape.bins;
    int64_t *sums = calloc(VECTORS * bins, sizeof *sums);
    for (uint64_t number = 0; number < (uint64_t)rounds; number++) {
        struct lattice_round round;
        int32_t *values = lattice_job_values(&job, VECTORS);
        lattice_job_expected(&job, values, VECTORS, sums);
        assert_int_equal(lattice_round_make(&job, &round, values, VECTORS, number % 120 * VECTORS), FATE_OK);
        for (uint64_t i = 0; i < VECTORS * bins; i++) {
            int64_t noise = noise_of(&job, &round, (uint32_t)(i / bins), i % bins, sums[i]);
            squares += (double)noise * (double)noise;
            count += 1;
            if (noise > most) most = noise;
            if (-noise > most) most = -noise;
        }
        lattice_round_free(&job, &round);
        free(values);
    }
    expected = 10.5 * ROWS * 30 / (double)bins + variance * 64;
    assert_true((uint64_t)most <= job.plan.noise);
    assert_true(squares / count > 0.9 * expected && squares / count < 1.1 * expected);
    assert_true(count > 1800.0 * rounds);
    free(sums);
    lattice_job_free(&job);
    fate_context_free(context);
}

/* A sum has 10.5 for each row of its bin, and n times 10.5 + 2/3 of 10.5; with profile A n times 10.5 + 2/3 of 62, less for what was drawn again. */
static void noise_stays_within_its_bound(void **state)
{
    (void)state;
    check_noise("B", 1000, 14);
    check_noise("A", 300, 61 * (10 + 2.0 / 3));
}

static void replies_of(const struct lattice_kernel *kernel, uint32_t threads, const char *profile, uint8_t *digest, uint64_t length)
{
    fate_context *context = new_context(threads);
    struct lattice_job job;
    struct lattice_round round;
    assert_int_equal(lattice_job_make(&job, context, lattice_profile_find(profile), 9000, 8, 6, 40, 5, kernel), FATE_OK);
    int32_t *values = lattice_job_values(&job, 3);
    assert_int_equal(lattice_round_make(&job, &round, values, 3, 0), FATE_OK);
    uint64_t replies = 3 * job.plan.shape.bins * job.plan.reply_bytes, hint = job.plan.shape.bins * job.plan.profile->degree;
    assert_true(replies + hint + round.length < length);
    memcpy(digest, round.replies, replies);
    memcpy(digest + replies, job.hint_bytes, hint);
    memcpy(digest + replies + hint, round.bytes + round.length, round.length);
    lattice_round_free(&job, &round);
    free(values);
    lattice_job_free(&job);
    fate_context_free(context);
}

static void kernels_and_threads_give_the_same_bytes(void **state)
{
    (void)state;
    enum { MOST = 1 << 20 };
    for (size_t name = 0; name < NAMES; name++) {
        uint8_t *one = calloc(MOST, 1), *other = calloc(MOST, 1);
        replies_of(&lattice_portable, 1, names[name], one, MOST);
        replies_of(NULL, 3, names[name], other, MOST);
        assert_memory_equal(one, other, MOST);
        free(one);
        free(other);
    }
}

static void allocations_fail(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result != FATE_OK; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *context = NULL;
        struct lattice_job job;
        int64_t sums[400];
        int32_t values[200] = {1, 2, -3};
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        test.fail = atomic_load(&test.calls) + fail;
        result = lattice_job_make(&job, context, lattice_small(), 100, 2, 10, 20, 1, NULL);
        if (result == FATE_OK) result = lattice_job_sum(&job, values, 2, 0, sums);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        lattice_job_free(&job);
        fate_context_free(context);
        assert_int_equal(atomic_load(&test.live), 0);
        assert_true(fail < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums_are_exact), cmocka_unit_test(sums_of_random_shapes),
                                       cmocka_unit_test(noise_stays_within_its_bound),
                                       cmocka_unit_test(kernels_and_threads_give_the_same_bytes), cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
