/* The hint of the lattice cipher: what it is by definition, what it depends on, and groups that are refused. */
#include <stdlib.h>

#include "src/crypto/lattice_sample.h"
#include "src/crypto/lattice_wire.h"
#include "tests/support/lattice.h"
#include "tests/support/unit.h"

enum { ROWS = 200, DEGREE = 64 };

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    return context;
}

/* out += X^power * factor * sign, X^DEGREE = -1. */
static void add_shifted(lattice_wide *out, const struct lattice_word *factor, uint32_t power, int sign)
{
    for (uint32_t i = 0; i < DEGREE; i++) {
        uint32_t at = i + power;
        bool negative = (at / DEGREE % 2 == 1) != (sign < 0);
        lattice_wide word = lattice_wide_of(factor[i]);
        out[at % DEGREE] += negative ? 0 - word : word;
    }
}

/* h less the sum over members of X^-i a and r a' is e1: small. */
static void check_definition(const char *name, uint32_t most, double least_variance, double most_variance)
{
    fate_context *context = new_context();
    struct lattice_job job;
    assert_int_equal(lattice_job_make(&job, context, lattice_small_of(name), ROWS, 9, 20, 30, 3, NULL), FATE_OK);
    double squares = 0;
    for (uint64_t bin = 0; bin < job.plan.shape.bins; bin++) {
        struct lattice_word hint[DEGREE], factor[DEGREE];
        lattice_wide expected[DEGREE] = {0};
        const struct lattice_group *group = job.groups;
        while (bin >= group->first_bin + group->starts[group->columns]) group++;
        for (uint64_t cell = 0; cell < (uint64_t)ROWS * group->columns; cell++) {
            uint64_t row = cell / group->columns;
            if (group->index[cell] != bin - group->first_bin) continue;
            lattice_uniform(factor, DEGREE, job.public_part.seed, row / DEGREE);
            add_shifted(expected, factor, 2 * DEGREE - (uint32_t)(row % DEGREE), 1);
        }
        lattice_uniform(factor, DEGREE, job.public_part.seed, job.plan.blocks);
        for (uint32_t i = 0; i < DEGREE; i++) {
            int8_t r = job.blinding.reversed[bin * DEGREE + (i == 0 ? 0 : DEGREE - i)];
            if (i > 0) r = (int8_t)-r;
            for (int j = 0; j < abs(r); j++) add_shifted(expected, factor, i, r);
        }
        lattice_words_read(job.plan.profile, hint, job.hint_bytes + bin * DEGREE * job.plan.profile->bytes, DEGREE);
        for (uint32_t i = 0; i < DEGREE; i++) {
            lattice_wide noise = lattice_reduce(lattice_wide_of(hint[i]) - expected[i] + most, job.plan.profile->bits);
            assert_true(noise <= 2 * most);
            squares += ((double)(uint64_t)noise - most) * ((double)(uint64_t)noise - most);
        }
    }
    double variance = squares / (double)(job.plan.shape.bins * DEGREE);
    assert_true(variance > least_variance && variance < most_variance);
    lattice_job_free(&job);
    fate_context_free(context);
}

static void a_hint_is_what_its_definition_says(void **state)
{
    (void)state;
    check_definition("B", LATTICE_NOISE, 9, 12);
    check_definition("A", LATTICE_WIDEST, 56, 66);
}

/* Another bin of one row, another seed: other blinding of every bin. */
static void blinding_is_of_one_hint_alone(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct lattice_job job;
    struct lattice_blinding again, other;
    assert_int_equal(lattice_job_make(&job, context, lattice_small(), ROWS, 2, 20, 30, 3, NULL), FATE_OK);
    const uint64_t length = job.plan.shape.bins * DEGREE;
    assert_int_equal(lattice_blinding_make(context, &job.public_part, job.host_seed, job.groups, 1, &again), FATE_OK);
    assert_memory_equal(job.blinding.reversed, again.reversed, length);
    assert_memory_equal(job.blinding.seed, again.seed, LATTICE_SEED);
    uint16_t before = job.index[100];
    job.index[100] = before == 0 ? 1 : 0;
    assert_int_equal(lattice_blinding_make(context, &job.public_part, job.host_seed, job.groups, 1, &other), FATE_OK);
    for (uint64_t bin = 0; bin < job.plan.shape.bins; bin++)
        assert_memory_not_equal(other.reversed + bin * DEGREE, again.reversed + bin * DEGREE, DEGREE);
    assert_memory_not_equal(other.seed, again.seed, LATTICE_SEED);
    lattice_blinding_free(context, &other);
    job.index[100] = before;
    job.public_part.seed[0] ^= 1;
    assert_int_equal(lattice_blinding_make(context, &job.public_part, job.host_seed, job.groups, 1, &other), FATE_OK);
    assert_memory_not_equal(other.reversed, again.reversed, DEGREE);
    lattice_blinding_free(context, &other);
    lattice_blinding_free(context, &again);
    lattice_job_free(&job);
    fate_context_free(context);
}

static void refused(struct lattice_job *job)
{
    struct lattice_blinding blinding;
    assert_int_equal(lattice_blinding_make(job->context, &job->public_part, job->host_seed, job->groups, job->group_count, &blinding),
                     FATE_E_ARGUMENT);
    assert_null(blinding.reversed);
}

static void groups_that_are_not_the_plans(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct lattice_job job;
    assert_int_equal(lattice_job_make(&job, context, lattice_small(), ROWS, 9, 20, 30, 3, NULL), FATE_OK);
    uint16_t before = job.index[7 * ROWS + 3];
    job.index[7 * ROWS + 3] = 4000;
    refused(&job);
    job.index[7 * ROWS + 3] = before;
    job.groups[1].first_bin++;
    refused(&job);
    job.groups[1].first_bin--;
    job.group_count = 1;
    refused(&job);
    job.group_count = 2;
    job.groups[1].columns = 1;
    refused(&job);
    job.groups[1].columns = 0;
    refused(&job);
    lattice_job_free(&job);
    fate_context_free(context);
}

/* Whichever bins are made together, and by however many threads. */
static void pieces_are_the_whole(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 3, 17, 40};
    fate_context *context = new_context();
    for (uint32_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct lattice_job job;
        assert_int_equal(lattice_job_make(&job, context, lattice_small_of(i % 2 == 0 ? "B" : "A"), ROWS, 9, 20, 30, 3, NULL), FATE_OK);
        const uint64_t bins = job.plan.shape.bins, one = lattice_item_bytes(&job.plan, LATTICE_HINT);
        uint8_t *bytes = calloc(bins, one);
        assert_non_null(bytes);
        assert_int_equal(fate_context_set_threads(context, 1 + i % 3), FATE_OK);
        for (uint64_t first = 0; first < bins; first += sizes[i]) {
            uint64_t count = bins - first < sizes[i] ? bins - first : sizes[i];
            assert_int_equal(
                lattice_hint_make(context, &job.public_part, job.groups, job.group_count, &job.blinding, first, count, bytes + first * one),
                FATE_OK);
        }
        assert_memory_equal(bytes, job.hint_bytes, bins * one);
        free(bytes);
        lattice_job_free(&job);
    }
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_hint_is_what_its_definition_says),
                                       cmocka_unit_test(blinding_is_of_one_hint_alone), cmocka_unit_test(groups_that_are_not_the_plans),
                                       cmocka_unit_test(pieces_are_the_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
