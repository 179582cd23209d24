/* The two known attacks on the lattice cipher, by a guest that reads more out of what it gets than sums: with the guard off they find the members
 * of a bin, with it on they do not. At a degree of 64, where they take no time. */
#include <math.h>
#include <stdlib.h>

#include "src/crypto/lattice_sample.h"
#include "src/crypto/lattice_wire.h"
#include "tests/support/lattice.h"
#include "tests/support/unit.h"

enum { DEGREE = 64, ROWS = 64, MOST_UNKNOWNS = ROWS + 2 * DEGREE, EQUATIONS = MOST_UNKNOWNS + 56 };

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    return context;
}

/* ---- a hint that is not blinded is a linear system for the bin's members ---- */

/* Solves matrix x = right modulo 2^64; false where the matrix has no inverse. */
static bool solve_modular(uint64_t matrix[DEGREE][DEGREE + 1])
{
    for (int pivot = 0; pivot < DEGREE; pivot++) {
        int found = pivot;
        while (found < DEGREE && matrix[found][pivot] % 2 == 0) found++;
        if (found == DEGREE) return false;
        uint64_t inverse = matrix[found][pivot];
        for (int i = 0; i < 6; i++) inverse *= 2 - matrix[found][pivot] * inverse;
        for (int column = 0; column <= DEGREE; column++) {
            uint64_t value = matrix[found][column] * inverse;
            matrix[found][column] = matrix[pivot][column];
            matrix[pivot][column] = value;
        }
        for (int row = 0; row < DEGREE; row++)
            for (int column = DEGREE; row != pivot && column >= pivot; column--)
                matrix[row][column] -= matrix[row][pivot] * matrix[pivot][column];
    }
    return true;
}

/* Bin 0's members by h = x(1/X) a, modulo 2^64: true where the solution is 0, 1 on them and nothing else. */
static bool read_hint(const struct lattice_job *job, bool *solved)
{
    static uint64_t matrix[DEGREE][DEGREE + 1];
    struct lattice_word factor[DEGREE], hint[DEGREE];
    lattice_uniform(factor, DEGREE, job->public_part.seed, 0);
    lattice_words_read(job->plan.profile, hint, job->hint_bytes, DEGREE);
    for (int i = 0; i < DEGREE; i++) {
        for (int j = 0; j < DEGREE; j++) matrix[i][j] = i >= j ? factor[i - j].low : 0 - factor[DEGREE + i - j].low;
        matrix[i][DEGREE] = hint[i].low;
    }
    *solved = solve_modular(matrix);
    bool right = *solved;
    for (int row = 0; row < ROWS && right; row++) {
        uint64_t member = job->groups[0].index[row] == 0;
        right = matrix[row == 0 ? 0 : DEGREE - row][DEGREE] == (row == 0 ? member : 0 - member);
    }
    return right;
}

static void without_blinding(struct lattice_plan *plan)
{
    plan->unblinded = true;
}

static void check_hints(const char *name)
{
    int tried = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        fate_context *context = new_context();
        struct lattice_job open, blinded;
        bool solved = false, again = false;
        assert_int_equal(lattice_job_make_with(&open, context, lattice_small_of(name), ROWS, 1, 5, 30, seed, NULL, without_blinding),
                         FATE_OK);
        assert_int_equal(lattice_job_make(&blinded, context, lattice_small_of(name), ROWS, 1, 5, 30, seed, NULL), FATE_OK);
        bool read = read_hint(&open, &solved);
        assert_int_equal(read, solved); /* a has an inverse in one case of two */
        assert_false(read_hint(&blinded, &again));
        tried += solved;
        lattice_job_free(&open);
        lattice_job_free(&blinded);
        fate_context_free(context);
    }
    assert_true(tried > 3);
}

static void a_hint_without_blinding_gives_members_away(void **state)
{
    (void)state;
    check_hints("B");
    check_hints("A");
}

/* ---- replies without flood are linear in the members, r and e1 ---- */

/* a*b in the ring, modulo 2^128. */
static void multiply(struct lattice_word *out, const struct lattice_word *left, const int8_t *right)
{
    for (int i = 0; i < DEGREE; i++) {
        lattice_wide sum = 0;
        for (int j = 0; j < DEGREE; j++) {
            lattice_wide term = lattice_wide_of(left[(i - j + DEGREE) % DEGREE]) * lattice_signed(right[j]);
            sum += i >= j ? term : 0 - term;
        }
        out[i] = lattice_word_of(sum);
    }
}

/* The number between -2^(bits-1) and that. */
static double centred(lattice_wide word, uint32_t bits)
{
    word = lattice_reduce(word, bits);
    bool negative = word >> (bits - 1) != 0;
    if (negative) word = lattice_reduce(0 - word, bits);
    double size = (double)(uint64_t)word + ldexp((double)(uint64_t)(word >> 64), 64);
    return negative ? -size : size;
}

/* What the guest knows of a vector's noise, by taking a s and D v away from what it sent. e' first, then e. */
static void noises(const struct lattice_job *job, const struct lattice_round *round, const int8_t *secret, const int32_t *values,
                   double noise[2][DEGREE])
{
    struct lattice_word words[2 * DEGREE], factor[DEGREE], product[DEGREE];
    lattice_words_read(job->plan.profile, words, round->bytes, 2 * DEGREE);
    for (uint64_t part = 0; part < 2; part++) {
        lattice_uniform(factor, DEGREE, job->public_part.seed, part == 0 ? job->plan.blocks : 0);
        multiply(product, factor, secret);
        for (int i = 0; i < DEGREE; i++) {
            lattice_wide word = lattice_wide_of(words[part * DEGREE + (uint64_t)i]) - lattice_wide_of(product[i]);
            if (part == 1) word -= lattice_signed(values[i]) << job->plan.scale;
            noise[part][i] = centred(word, job->plan.profile->bits);
        }
    }
}

/* One equation a vector: nu = <x, e> + ct(r e') - ct(e1 s). */
static void equation(struct lattice_job *job, uint64_t number, double *row)
{
    struct lattice_round round;
    double noise[2][DEGREE];
    int8_t secret[DEGREE];
    int64_t sums[16];
    int32_t *values = lattice_job_values(job, 1);
    lattice_job_expected(job, values, 1, sums);
    assert_int_equal(lattice_round_make(job, &round, values, 1, number), FATE_OK);
    const int8_t *reversed = round.secrets[0].reversed;
    for (int i = 0; i < DEGREE; i++) secret[i] = i == 0 ? reversed[0] : (int8_t)-reversed[DEGREE - i];
    noises(job, &round, secret, values, noise);
    lattice_wide word = 0;
    for (uint32_t i = job->plan.profile->bytes; i-- > 0;) word = word << 8 | round.replies[i];
    word -= lattice_wide_of(round.pads[0]) + (lattice_signed(sums[0]) << job->plan.scale);
    for (int i = 0; i < DEGREE; i++) {
        row[i] = noise[1][i];
        row[DEGREE + i] = i == 0 ? noise[0][0] : -noise[0][DEGREE - i];
        row[2 * DEGREE + i] = -(double)reversed[i];
    }
    row[MOST_UNKNOWNS] = centred(word, job->plan.profile->bits);
    lattice_round_free(job, &round);
    free(values);
}

/* Least squares by normal equations and Gauss's elimination. */
static void regress(double (*rows)[MOST_UNKNOWNS + 1], double *solution)
{
    static double normal[MOST_UNKNOWNS][MOST_UNKNOWNS + 1];
    memset(normal, 0, sizeof normal);
    for (int k = 0; k < EQUATIONS; k++)
        for (int i = 0; i < MOST_UNKNOWNS; i++)
            for (int j = 0; j <= MOST_UNKNOWNS; j++) normal[i][j] += rows[k][i] * rows[k][j];
    for (int pivot = 0; pivot < MOST_UNKNOWNS; pivot++)
        for (int i = 0; i < MOST_UNKNOWNS; i++) {
            double factor = normal[i][pivot] / normal[pivot][pivot];
            for (int j = pivot; i != pivot && j <= MOST_UNKNOWNS; j++) normal[i][j] -= factor * normal[pivot][j];
        }
    for (int i = 0; i < MOST_UNKNOWNS; i++) solution[i] = normal[i][MOST_UNKNOWNS] / normal[i][i];
}

/* How many of the rows are told rightly, members of bin 0 or not; *blinding: how many numbers of r. */
static int read_replies(const char *name, void (*change)(struct lattice_plan *plan), int *blinding)
{
    static double rows[EQUATIONS][MOST_UNKNOWNS + 1];
    double solution[MOST_UNKNOWNS];
    fate_context *context = new_context();
    struct lattice_job job;
    int right = 0;
    assert_int_equal(lattice_job_make_with(&job, context, lattice_small_of(name), ROWS, 1, 5, 30, 4, NULL, change), FATE_OK);
    assert_true(job.plan.shape.bins >= 2);
    for (uint64_t number = 0; number < EQUATIONS; number++) equation(&job, number, rows[number]);
    regress(rows, solution);
    *blinding = 0;
    for (int i = 0; i < DEGREE; i++) {
        int8_t r = i == 0 ? job.blinding.reversed[0] : (int8_t)-job.blinding.reversed[DEGREE - i];
        right += fabs(solution[i] - (job.groups[0].index[i] == 0)) < 0.25;
        *blinding += fabs(solution[DEGREE + i] - r) < 0.25;
    }
    lattice_job_free(&job);
    fate_context_free(context);
    return right;
}

static void whole_without_flood(struct lattice_plan *plan)
{
    plan->unflooded = true;
    plan->reply_bytes = plan->profile->bytes;
}

static void whole_with_flood(struct lattice_plan *plan)
{
    plan->reply_bytes = plan->profile->bytes;
}

/* Even where no bit of a reply is cut off, the flood is what hides. */
static void replies_without_flood_give_members_away(void **state)
{
    (void)state;
    static const char *const names[] = {"B", "A"};
    for (int i = 0; i < 2; i++) {
        int blinding;
        assert_int_equal(read_replies(names[i], whole_without_flood, &blinding), ROWS);
        assert_int_equal(blinding, DEGREE);
        assert_true(read_replies(names[i], whole_with_flood, &blinding) < ROWS / 4);
        assert_true(blinding < DEGREE / 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_hint_without_blinding_gives_members_away),
                                       cmocka_unit_test(replies_without_flood_give_members_away)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
