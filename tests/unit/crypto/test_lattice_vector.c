/* Encrypted vectors of the lattice cipher: what their bytes depend on, limits, and the errors of altered or foreign replies. */
#include "src/crypto/lattice_vector.h"

#include <stdlib.h>

#include "src/crypto/lattice_wire.h"
#include "tests/support/lattice.h"
#include "tests/support/unit.h"

enum { ROWS = 150, BITS = 30 };

struct fixture {
    fate_context *context;
    struct lattice_job job;
    uint64_t length;
    int32_t *values;
    uint8_t *one, *other;
};

static int begin(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    if (fixture == NULL || context_new(&fixture->context, NULL) != FATE_OK) return -1;
    if (lattice_job_make(&fixture->job, fixture->context, lattice_small(), ROWS, 5, 12, BITS, 8, NULL) != FATE_OK) return -1;
    fixture->length = lattice_items(&fixture->job.plan, LATTICE_VECTOR) * fixture->job.plan.profile->bytes;
    fixture->values = lattice_job_values(&fixture->job, 1);
    fixture->one = calloc(fixture->length, 1);
    fixture->other = calloc(fixture->length, 1);
    return fixture->values == NULL || fixture->one == NULL || fixture->other == NULL ? -1 : 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    lattice_job_free(&fixture->job);
    fate_context_free(fixture->context);
    free(fixture->values);
    free(fixture->one);
    free(fixture->other);
    free(fixture);
    return 0;
}

static void encrypt(struct fixture *fixture, uint64_t number, uint32_t attempt, uint8_t *bytes, int8_t *secret)
{
    struct lattice_secret made;
    assert_int_equal(lattice_encrypt(fixture->context, &fixture->job.public_part, fixture->job.guest_seed, number, attempt, fixture->values,
                                     bytes, &made),
                     FATE_OK);
    memcpy(secret, made.reversed, 64);
    lattice_secret_free(fixture->context, &made);
}

/* Also where the caller forgot to count. */
static void secrets_are_of_one_content_alone(void **state)
{
    struct fixture *fixture = *state;
    int8_t one[64], other[64];
    encrypt(fixture, 3, 0, fixture->one, one);
    encrypt(fixture, 3, 0, fixture->other, other);
    assert_memory_equal(fixture->one, fixture->other, fixture->length);
    assert_memory_equal(one, other, 64);
    encrypt(fixture, 4, 0, fixture->other, other);
    assert_memory_not_equal(one, other, 64);
    encrypt(fixture, 3, 1, fixture->other, other);
    assert_memory_not_equal(one, other, 64);
    fixture->values[ROWS - 1] ^= 1;
    encrypt(fixture, 3, 0, fixture->other, other);
    assert_memory_not_equal(one, other, 64);
    fixture->values[ROWS - 1] ^= 1;
    fixture->job.guest_seed[0] ^= 1;
    encrypt(fixture, 3, 0, fixture->other, other);
    assert_memory_not_equal(one, other, 64);
    fixture->job.guest_seed[0] ^= 1;
}

static void limits(void **state)
{
    struct fixture *fixture = *state;
    struct lattice_job *job = &fixture->job;
    struct lattice_secret secret;
    assert_int_equal(lattice_encrypt(fixture->context, &job->public_part, job->guest_seed, job->plan.shape.vectors, 0, fixture->values,
                                     fixture->one, &secret),
                     FATE_E_LIMIT);
    int32_t values[ROWS] = {0};
    values[0] = -(1 << 29);
    values[149] = (1 << 29) - 1;
    assert_int_equal(lattice_encrypt(fixture->context, &job->public_part, job->guest_seed, 0, 0, values, fixture->one, &secret), FATE_OK);
    lattice_secret_free(fixture->context, &secret);
    values[1] = -1;
    assert_int_equal(lattice_encrypt(fixture->context, &job->public_part, job->guest_seed, 0, 0, values, fixture->one, &secret),
                     FATE_E_RANGE);
    values[0] = INT32_MIN;
    assert_int_equal(lattice_encrypt(fixture->context, &job->public_part, job->guest_seed, 0, 0, values, fixture->one, &secret),
                     FATE_E_RANGE);
}

/* Opens a round after one bit of its replies, or of the hint, was turned: whether that is refused. */
static bool altered(struct fixture *fixture, const char *what, uint64_t bit)
{
    struct lattice_job *job = &fixture->job;
    struct lattice_round round;
    const uint64_t bins = job->plan.shape.bins;
    int64_t *sums = calloc(bins, sizeof *sums);
    uint8_t before = 0;
    assert_int_equal(lattice_round_make(job, &round, fixture->values, 1, 7), FATE_OK);
    if (strcmp(what, "reply") == 0) round.replies[bit / 8] ^= (uint8_t)(1 << bit % 8);
    if (strcmp(what, "hint") == 0) {
        before = job->hint_bytes[bit / 8];
        job->hint_bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(lattice_hint_take(fixture->context, &job->hint, &job->plan, 0, bins, job->hint_bytes), FATE_OK);
        assert_int_equal(lattice_pads(fixture->context, &job->public_part, &job->hint, round.secrets, 1, round.bins, bins, round.pads),
                         FATE_OK);
        job->hint_bytes[bit / 8] = before;
        assert_int_equal(lattice_hint_take(fixture->context, &job->hint, &job->plan, 0, bins, job->hint_bytes), FATE_OK);
    }
    int32_t result = lattice_open(fixture->context, &job->plan, round.pads, round.replies, bins, sums);
    assert_true(result == FATE_E_PROTOCOL || result == FATE_OK);
    for (uint64_t i = 0; i < bins && result != FATE_OK; i++) assert_int_equal(sums[i], 0);
    lattice_round_free(job, &round);
    free(sums);
    return result != FATE_OK;
}

static void altered_replies_and_hints_are_errors(void **state)
{
    struct fixture *fixture = *state;
    const struct lattice_plan *plan = &fixture->job.plan;
    enum { TRIED = 20 };
    uint32_t replies = 0, hints = 0;
    assert_false(altered(fixture, "nothing", 0));
    assert_true(plan->shape.bins >= TRIED);
    /* What is D/2 off shows unless the flood is beyond D/8, which it is in three cases of ten. A reply's lowest bits weigh D/2^9. */
    const uint32_t half = plan->scale - 1 - (plan->profile->bits - 8 * plan->reply_bytes);
    for (uint64_t bin = 0; bin < TRIED; bin++) replies += altered(fixture, "reply", 8 * bin * plan->reply_bytes + half);
    assert_true(replies > TRIED / 3);
    /* The constant coefficient of h is multiplied by s_0: where that is not 0, a change by D/2 shows. */
    int8_t secret[64];
    encrypt(fixture, 7, 0, fixture->one, secret);
    uint64_t coefficient = 0;
    while (secret[coefficient] == 0) coefficient++;
    for (uint64_t bin = 0; bin < TRIED; bin++)
        hints += altered(fixture, "hint", (64 * bin + coefficient) * plan->profile->bits + plan->scale - 1);
    assert_true(hints > TRIED / 3);
}

/* Pads of other secrets than the replies': each fits with a chance of four fifths. */
static void foreign_replies_are_errors(void **state)
{
    struct fixture *fixture = *state;
    struct lattice_job *job = &fixture->job, other;
    struct lattice_round round, foreign;
    const uint64_t bins = job->plan.shape.bins;
    int64_t *sums = calloc(bins, sizeof *sums);
    assert_true(bins > 20);
    assert_int_equal(lattice_job_make(&other, fixture->context, lattice_small(), ROWS, 5, 12, BITS, 8, NULL), FATE_OK);
    other.public_part.seed[0] ^= 1;
    uint8_t seed[LATTICE_SEED];
    memcpy(seed, other.public_part.seed, sizeof seed);
    lattice_public_free(fixture->context, &other.public_part);
    assert_int_equal(lattice_public_make(fixture->context, &other.public_part, &other.plan, seed, NULL), FATE_OK);
    assert_int_equal(lattice_round_make(job, &round, fixture->values, 1, 7), FATE_OK);
    assert_int_equal(lattice_round_make(&other, &foreign, fixture->values, 1, 7), FATE_OK);
    assert_int_equal(lattice_open(fixture->context, &job->plan, round.pads, foreign.replies, bins, sums), FATE_E_PROTOCOL);
    assert_int_equal(lattice_open(fixture->context, &job->plan, foreign.pads, foreign.replies, bins, sums), FATE_E_PROTOCOL);
    lattice_round_free(job, &round);
    lattice_round_free(&other, &foreign);
    lattice_job_free(&other);
    free(sums);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(secrets_are_of_one_content_alone, begin, end),
                                       cmocka_unit_test_setup_teardown(limits, begin, end),
                                       cmocka_unit_test_setup_teardown(altered_replies_and_hints_are_errors, begin, end),
                                       cmocka_unit_test_setup_teardown(foreign_replies_are_errors, begin, end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
