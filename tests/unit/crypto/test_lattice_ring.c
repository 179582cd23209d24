/* The root of unity, digits and planes of the lattice cipher's ring, and the choice of its kernel. */
#include "src/crypto/lattice_ring.h"

#include <math.h>
#include <stdlib.h>

#include "lib/random.h"
#include "tests/support/allocator.h"
#include "tests/support/unit.h"

static const struct lattice_word edges[] = {{0, 0},
                                            {1, 0},
                                            {UINT64_MAX, UINT64_MAX},
                                            {UINT64_MAX, 0},
                                            {0, (uint64_t)1 << 63},
                                            {0, (uint64_t)1 << 39},
                                            {UINT64_MAX, ((uint64_t)1 << 39) - 1},
                                            {UINT64_MAX, ((uint64_t)1 << 40) - 1},
                                            {(uint64_t)1 << 34, 0},
                                            {(uint64_t)1 << 63, 63},
                                            {UINT64_MAX, ((uint64_t)1 << 63) - 1},
                                            {UINT64_MAX - 5, UINT64_MAX}};
enum { EDGES = sizeof edges / sizeof edges[0] };

static struct lattice_word *words_of(uint32_t degree)
{
    const uint8_t key[RANDOM_KEY] = {1};
    struct random_stream stream;
    struct lattice_word *words = calloc(degree, sizeof *words);
    random_stream_init(&stream, key, 0);
    for (uint32_t i = 0; i < degree; i++) {
        words[i].low = random_stream_u64(&stream);
        words[i].high = random_stream_u64(&stream);
        if (i < EDGES) words[i] = edges[i];
    }
    return words;
}

static void digits_and_planes_are_the_number(void **state)
{
    (void)state;
    for (uint8_t number = 1; number <= 3; number++) {
        const struct lattice_profile *profile = lattice_profile_of(number);
        const uint32_t degree = profile->degree, chunk = lattice_chunk(profile);
        struct lattice_word *words = words_of(degree);
        int64_t *digits = calloc((size_t)degree * profile->digits, sizeof *digits);
        int16_t *planes = calloc((size_t)degree * profile->planes, sizeof *planes);
        lattice_digits(profile, digits, words);
        lattice_planes(profile, planes, words);
        for (uint32_t i = 0; i < degree; i++) {
            lattice_wide joined = 0;
            int32_t sums[LATTICE_MOST_PLANES];
            for (uint32_t digit = profile->digits; digit-- > 0;) {
                int64_t value = digits[digit * degree + i], half = (int64_t)1 << (profile->digit_bits - 1);
                assert_true(value >= -half && value < half);
                joined = (joined << profile->digit_bits) + lattice_signed(value);
            }
            for (uint32_t plane = 0; plane < profile->planes; plane++)
                sums[plane] = planes[i / chunk * chunk * profile->planes + plane * chunk + i % chunk];
            assert_true(lattice_reduce(joined - lattice_wide_of(words[i]), profile->bits) == 0);
            joined = lattice_planes_join(sums, profile->planes);
            assert_true(lattice_reduce(joined - lattice_wide_of(words[i]), profile->bits) == 0);
        }
        free(words);
        free(digits);
        free(planes);
    }
}

static void the_prime_and_terms(void **state)
{
    (void)state;
    assert_true(LATTICE_PRIME == ((uint64_t)1 << 50) - 16383);
    for (uint64_t divisor = 3; divisor < 40000000; divisor += 2) /* beyond its square root */
        if (LATTICE_PRIME % divisor == 0) fail_msg("%llu divides it", (unsigned long long)divisor);
    for (uint8_t number = 1; number <= 3; number++) {
        const struct lattice_profile *profile = lattice_profile_of(number);
        const double most = (double)((uint64_t)1 << (49 - profile->digit_bits));
        assert_true(lattice_portable.share(profile, profile->degree, profile->degree) <= 1);
        assert_true(lattice_portable.share(profile, 1, 1) == 1 / most);
#ifdef __x86_64__
        /* The proof in lattice_avx2.c: (88 + 3K) 2^-53 * |a| * sum of |s| < 1/2. */
        const double length = sqrt(profile->degree / 3.0 + 4 * sqrt(profile->degree)) * ldexp(1, (int)profile->digit_bits - 1);
        const double together = sqrt((double)profile->degree) / lattice_avx2.share(profile, profile->degree, profile->degree);
        const double count = 1 / lattice_avx2.share(profile, 0, 0);
        assert_true(lattice_avx2.share(profile, profile->degree, profile->degree) <= 1);
        assert_true((88 + 3 * count) * ldexp(1, -53) * length * together < 0.499);
        if (profile->declared) {
            /* A short Gaussian polynomial stands alone; at this degree, (87.5) for (88 + 3K). */
            const uint64_t squares = 80 * (uint64_t)profile->degree;
            assert_true(lattice_avx2.share(profile, 0, squares) == 1 && lattice_avx2.share(profile, 0, squares + 1) > 1);
            assert_true(87.5 * ldexp(1, -53) * length * sqrt((double)squares) < 0.499);
            assert_true(lattice_portable.share(profile, 9 * (uint64_t)profile->degree, squares) <= 1);
        }
#endif
    }
}

/* Random digits do; such as are all as long as can be do not. */
static void polynomials_that_are_too_long(void **state)
{
    (void)state;
    for (uint8_t number = 1; lattice_profile_of(number) != NULL; number++) {
        const struct lattice_profile *profile = lattice_profile_of(number);
        struct lattice_word *words = words_of(profile->degree);
        int64_t *digits = calloc((size_t)profile->degree * profile->digits, sizeof *digits);
        lattice_digits(profile, digits, words);
        assert_true(lattice_digits_fit(profile, digits));
        for (uint32_t i = 0; i < profile->degree / 2; i++) digits[profile->degree + i] = -((int64_t)1 << (profile->digit_bits - 1));
        assert_false(lattice_digits_fit(profile, digits));
        free(words);
        free(digits);
    }
}

static void a_context_chooses_its_kernel(void **state)
{
    (void)state;
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    context->kernel = "portable";
    assert_ptr_equal(lattice_kernel_of(context), &lattice_portable);
    context->kernel = "another";
    assert_non_null(lattice_kernel_of(context));
#ifdef __x86_64__
    context->kernel = NULL;
    if (lattice_avx2.available()) assert_ptr_equal(lattice_kernel_of(context), &lattice_avx2);
#endif
    context->kernel = NULL;
    fate_context_free(context);
}

static void memory_begins_on_a_line(void **state)
{
    (void)state;
    struct test_allocator test;
    fate_allocator allocator = test_allocator(&test, -1);
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    for (uint64_t count = 0; count < 50; count++) {
        uint8_t *memory = lattice_allocate(context, count, 3);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        memset(memory, 1, 3 * count);
        lattice_free(context, memory, 3 * count);
    }
    lattice_free(context, NULL, 8);
    assert_null(lattice_allocate(context, UINT64_MAX / 8, 8));
    fate_context_free(context);
    assert_int_equal(atomic_load(&test.live), 0);
}

static void allocations_fail(void **state)
{
    (void)state;
    struct test_allocator test;
    fate_allocator allocator = test_allocator(&test, -1);
    fate_context *context = NULL;
    struct lattice_ring ring;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    test.fail = atomic_load(&test.calls);
    assert_int_equal(lattice_ring_make(context, &ring, 6, NULL), FATE_E_MEMORY);
    fate_context_free(context);
    assert_int_equal(atomic_load(&test.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(digits_and_planes_are_the_number), cmocka_unit_test(the_prime_and_terms),
                                       cmocka_unit_test(polynomials_that_are_too_long),    cmocka_unit_test(a_context_chooses_its_kernel),
                                       cmocka_unit_test(memory_begins_on_a_line),          cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
