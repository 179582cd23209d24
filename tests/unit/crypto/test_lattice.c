/* Which jobs the profiles of the lattice cipher carry: bounds on noise and on what replies tell. */
#include "src/crypto/lattice.h"

#include "tests/support/unit.h"

static fate_context *context;

static int begin(void **state)
{
    (void)state;
    return context_new(&context, NULL) == FATE_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static int32_t plan_of(struct lattice_plan *plan, const struct lattice_profile *profile, uint64_t rows, uint64_t columns, uint64_t bins,
                       uint64_t vectors, uint32_t bits)
{
    const struct lattice_shape shape = {rows, columns, bins, vectors, bits};
    return lattice_plan_make(context, plan, profile, &shape);
}

static void profiles_have_names_and_numbers(void **state)
{
    (void)state;
    assert_null(lattice_profile_find("D"));
    assert_null(lattice_profile_of(4));
    assert_true(lattice_profile_find("A")->declared && !lattice_profile_find("B")->declared && !lattice_profile_find("C")->declared);
    assert_null(lattice_profile_of(0));
    for (uint8_t number = 1; number <= 3; number++) {
        const struct lattice_profile *profile = lattice_profile_of(number);
        assert_ptr_equal(lattice_profile_find(profile->name), profile);
        assert_int_equal(profile->degree, 1u << profile->log_degree);
        assert_true(profile->degree <= LATTICE_MOST_DEGREE && profile->planes <= LATTICE_MOST_PLANES);
        assert_true(profile->digits * profile->digit_bits >= profile->bits && profile->limbs * profile->limb_bits >= profile->bits);
        assert_true(profile->planes * 16 >= profile->bits && profile->bytes * 8 == profile->bits);
        /* A product's coefficients, with ternary polynomials, stay below half of the prime 2^50 - 16383. */
        assert_true(profile->log_degree + profile->digit_bits - 1 <= 48);
    }
}

static void the_numbers_of_a_plan(void **state)
{
    (void)state;
    struct lattice_plan plan;
    assert_int_equal(plan_of(&plan, lattice_profile_find("B"), 1000000, 300, 9600, 10000, 40), FATE_OK);
    assert_int_equal(plan.blocks, 245);
    assert_int_equal(plan.scale, 63);
    assert_int_equal(plan.reply_bytes, 6);
    assert_int_equal(plan.noise, 21 * (1000000 + 8192));
    assert_int_equal(plan.leak, -38);
    assert_int_equal(plan_of(&plan, lattice_profile_find("B"), 30000, 10, 320, 10000, 35), FATE_OK);
    assert_int_equal(plan.leak, -47);
    assert_int_equal(plan_of(&plan, lattice_profile_find("C"), 1000000, 300, 9600, 10000, 44), FATE_OK);
    assert_int_equal(plan.leak, -58);
    assert_int_equal(plan.scale, 83);
}

static void what_is_missing_is_refused(void **state)
{
    (void)state;
    struct lattice_plan plan;
    const struct lattice_profile *profile = lattice_profile_find("B");
    assert_int_equal(plan_of(&plan, profile, 0, 1, 1, 1, 20), FATE_E_ARGUMENT);
    assert_int_equal(plan_of(&plan, profile, 1, 0, 1, 1, 20), FATE_E_ARGUMENT);
    assert_int_equal(plan_of(&plan, profile, 1, 2, 1, 1, 20), FATE_E_ARGUMENT);
    assert_int_equal(plan_of(&plan, profile, 1, 1, 1, 0, 20), FATE_E_ARGUMENT);
    assert_int_equal(plan_of(&plan, profile, 1, 1, 1, 1, 0), FATE_E_ARGUMENT);
    assert_int_equal(plan_of(&plan, profile, LATTICE_MOST_ROWS + 1ull, 1, 1, 1, 20), FATE_E_LIMIT);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct lattice_plan plan;
    struct lattice_profile narrow = *lattice_profile_find("B");
    assert_int_equal(plan_of(&plan, &narrow, 1000, 1, 1, 1, 63), FATE_E_RANGE);
    assert_int_equal(plan_of(&plan, &narrow, 1000000, 300, 9600, 100000, 40), FATE_E_RANGE);
    assert_non_null(strstr(fate_context_error(context), "would tell more"));
    assert_int_equal(plan_of(&plan, lattice_profile_find("C"), 1000000, 300, 9600, 100000, 40), FATE_OK);
    /* With 64 bits and sums of 40, D = 2^23: 21 (rows + 8192) + 3/8 D + 2^15 < D/2 up to 40179 rows. */
    narrow.bits = 64;
    assert_int_equal(plan_of(&plan, &narrow, 40179, 1, 1, 1, 40), FATE_E_RANGE);
    assert_non_null(strstr(fate_context_error(context), "would tell more"));
    assert_int_equal(plan_of(&plan, &narrow, 40180, 1, 1, 1, 40), FATE_E_RANGE);
    assert_non_null(strstr(fate_context_error(context), "cannot carry"));
}

/* Floods of D/20 leave room for a million rows with sums of 40 bits, and what replies tell is said in bits a bin. */
static void declared_leakage(void **state)
{
    (void)state;
    struct lattice_plan plan;
    const struct lattice_profile *profile = lattice_profile_find("A");
    assert_int_equal(plan_of(&plan, profile, 1000000, 20, 640, 10000, 40), FATE_OK);
    assert_int_equal(plan.scale, 23);
    assert_int_equal(plan.noise, 245 * 6656 + 45 * 4096);
    assert_int_equal(plan.leak, 0);
    assert_true(plan.declared > 0.0134 && plan.declared < 0.0135);
    assert_true(lattice_flood_bound(&plan) == (uint64_t)11 * (1 << 23) / 40 && lattice_cut_bound(&plan) == 1 << 15);
    assert_int_equal(plan_of(&plan, profile, 250 * 4096, 20, 640, 10000, 40), FATE_OK);
    assert_int_equal(plan_of(&plan, profile, 251 * 4096, 20, 640, 10000, 40), FATE_E_RANGE);
    assert_non_null(strstr(fate_context_error(context), "cannot carry"));
    assert_int_equal(plan_of(&plan, profile, 1000000, 20, 640, 200000, 40), FATE_E_RANGE);
    assert_non_null(strstr(fate_context_error(context), "a quarter of a bit"));
    assert_int_equal(plan_of(&plan, profile, 30000, 10, 320, 10000, 62), FATE_E_RANGE);
    assert_int_equal(plan_of(&plan, profile, 30000, 10, 320, 10000, 35), FATE_OK);
    assert_true(plan.declared > 0);
    assert_int_equal(plan_of(&plan, lattice_profile_find("B"), 30000, 10, 320, 10000, 35), FATE_OK);
    assert_true(plan.declared == 0 && lattice_flood_bound(&plan) == (lattice_wide)3 << (plan.scale - 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(profiles_have_names_and_numbers), cmocka_unit_test(the_numbers_of_a_plan),
                                       cmocka_unit_test(what_is_missing_is_refused), cmocka_unit_test(what_does_not_fit_is_refused),
                                       cmocka_unit_test(declared_leakage)};
    return cmocka_run_group_tests(tests, begin, end);
}
