/* What a job asks of the lattice cipher, and coin tosses that somebody alters. */
#include "tests/support/unit.h"

#include "src/models/boosting/lattice_terms.h"
#include "tests/support/boosting.h"

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

static struct boosting_parameters with_lattice(const char *profile)
{
    struct boosting_parameters parameters = test_parameters();
    parameters.cipher = "lattice";
    parameters.lattice = lattice_profile_find(profile);
    return parameters;
}

/* Sums over all rows fit, and one bit fewer would not do. */
static void bits_hold_the_longest_sums(void **state)
{
    (void)state;
    const struct boosting_parameters parameters = with_lattice("B");
    for (uint64_t rows = 1; rows < 5000000; rows += 1 + rows / 3) {
        struct lattice_terms terms;
        lattice_terms_make(context, &terms, &parameters, rows);
        const uint64_t most = rows * ((1 << OBJECTIVE_BITS) - 1);
        assert_true(most < (uint64_t)1 << terms.bits);
        assert_true(terms.bits == OBJECTIVE_BITS || most >= (uint64_t)1 << (terms.bits - 2));
        assert_int_equal(terms.rows, rows);
    }
}

/* Of the root and of the smaller child of each split: two vectors of each, and one that counts rows. */
static void vectors_are_counted(void **state)
{
    (void)state;
    struct boosting_parameters parameters = with_lattice("B");
    struct lattice_terms terms;
    lattice_terms_make(context, &terms, &parameters, 10);
    assert_int_equal(terms.vectors, 4 * (1 + 1 + 2) * 3);
    parameters.guest_trees = parameters.trees;
    lattice_terms_make(context, &terms, &parameters, 10);
    assert_int_equal(terms.vectors, 1);
}

static void profiles_and_plans(void **state)
{
    (void)state;
    struct boosting_parameters parameters = with_lattice("C");
    struct lattice_terms terms;
    struct lattice_plan plan;
    lattice_terms_make(context, &terms, &parameters, 1000);
    assert_int_equal(terms.profile.degree, 8192);
    assert_int_equal(lattice_terms_plan(context, &terms, 3, 20, &plan), FATE_OK);
    assert_true(plan.profile == &terms.profile && plan.shape.bins == 20 && plan.shape.columns == 3 && plan.shape.rows == 1000);
    parameters = with_lattice("B");
    parameters.depth = 16;
    parameters.trees = 100000;
    lattice_terms_make(context, &terms, &parameters, 1000000);
    assert_int_equal(lattice_terms_plan(context, &terms, 300, 9600, &plan), FATE_E_RANGE);
}

enum { PARTIES = 3 };

/* A toss of three parties, as one of them sees it. */
static void toss_make(struct lattice_toss *toss)
{
    memset(toss, 0, sizeof *toss);
    toss->context = context;
    toss->parties = PARTIES;
    toss->commitments = memory_zeroed(context, PARTIES, LATTICE_SEED);
    toss->nonces = memory_zeroed(context, PARTIES, LATTICE_SEED);
    for (uint32_t party = 0; party < PARTIES; party++) {
        memset(lattice_toss_nonce(toss, party), (int)party + 5, LATTICE_SEED);
        lattice_coin_commit(lattice_toss_commitment(toss, party), lattice_toss_nonce(toss, party), toss->subject, party);
    }
}

static void tosses_end_with_one_seed(void **state)
{
    (void)state;
    struct lattice_toss first, second;
    uint8_t all[PARTIES * LATTICE_SEED];
    toss_make(&first);
    toss_make(&second);
    memset(second.nonces, 0, 2 * (size_t)LATTICE_SEED); /* the last party does not know the others' yet */
    memcpy(all, first.nonces, sizeof all);
    assert_int_equal(lattice_toss_take(&second, true, 2, all, sizeof all), FATE_OK);
    assert_int_equal(lattice_toss_end(&first), FATE_OK);
    assert_int_equal(lattice_toss_end(&second), FATE_OK);
    assert_memory_equal(first.seed, second.seed, LATTICE_SEED);
    memset(second.subject, 1, sizeof second.subject);
    assert_int_equal(lattice_toss_end(&second), FATE_E_PROTOCOL);
    lattice_toss_free(&first);
    lattice_toss_free(&second);
}

static void altered_tosses_are_refused(void **state)
{
    (void)state;
    uint8_t all[PARTIES * LATTICE_SEED];
    for (uint32_t party = 0; party < PARTIES; party++)
        for (int nonces = 0; nonces < 2; nonces++) {
            struct lattice_toss toss;
            toss_make(&toss);
            memcpy(all, nonces != 0 ? toss.nonces : toss.commitments, sizeof all);
            assert_int_equal(lattice_toss_take(&toss, nonces != 0, 1, all, sizeof all - 1), FATE_E_PROTOCOL);
            all[party * LATTICE_SEED] ^= 1;
            int32_t result = lattice_toss_take(&toss, nonces != 0, 1, all, sizeof all);
            assert_int_equal(result, party == 1 ? FATE_E_PROTOCOL : FATE_OK);
            if (result == FATE_OK) assert_int_equal(lattice_toss_end(&toss), FATE_E_PROTOCOL);
            lattice_toss_free(&toss);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_hold_the_longest_sums), cmocka_unit_test(vectors_are_counted),        cmocka_unit_test(profiles_and_plans),
        cmocka_unit_test(tosses_end_with_one_seed),   cmocka_unit_test(altered_tosses_are_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
