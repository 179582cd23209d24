/* Exactly the units below a bound pass, on every kernel: of all numbers below small bounds; and the first that is none is named. */
#include "tests/support/unit.h"

#include "src/crypto/group_kernel.h"
#include "src/crypto/units.h"
#include "tests/support/crypto.h"

static struct test_allocator counted;
static fate_context *context;

static int setup(void **state)
{
    (void)state;
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

struct fixture {
    struct montgomery montgomery;
    struct group_ring *ring;
    struct group group;
    struct units units;
    mp_limb_t bound[2];
};

/* Numbers of four bytes below n, or n^2. */
static void fixture_make(struct fixture *fixture, mp_limb_t modulus, bool square)
{
    const struct kernel *kernel = kernel_of(context);
    memset(fixture, 0, sizeof *fixture);
    fixture->bound[0] = square ? modulus * modulus : modulus;
    assert_int_equal(montgomery_init(&fixture->montgomery, context, &modulus, 1), FATE_OK);
    if (kernel == NULL)
        group_of_montgomery(&fixture->group, &fixture->montgomery);
    else
        assert_int_equal(group_ring_new(&fixture->ring, &fixture->group, context, kernel, &fixture->montgomery), FATE_OK);
    fixture->units =
        (struct units){.group = &fixture->group, .bound = fixture->bound, .bound_name = "the bound", .size = square ? 2 : 1, .length = 4};
}

static void fixture_free(struct fixture *fixture)
{
    group_ring_free(fixture->ring, context);
    montgomery_free(&fixture->montgomery, context);
}

static uint32_t divisor(uint32_t left, uint32_t right)
{
    while (right != 0) {
        uint32_t rest = left % right;
        left = right;
        right = rest;
    }
    return left;
}

static void every_number_alone(void **state)
{
    (void)state;
    for (int square = 0; square < 2; square++)
        for (uint32_t modulus = 15; modulus <= 105; modulus += 30) {
            struct fixture fixture;
            fixture_make(&fixture, modulus, square);
            for (uint32_t number = 0; number < 2 * modulus; number++) {
                uint8_t bytes[8];
                bytes_store_u64(bytes, number);
                fixture.units.bytes = bytes;
                bool good = number < fixture.bound[0] && divisor(number, modulus) == 1;
                assert_int_equal(units_check(&fixture.units, context, 1), good ? FATE_OK : FATE_E_FORMAT);
            }
            assert_int_equal(units_check(&fixture.units, context, 0), FATE_OK);
            fixture_free(&fixture);
        }
}

static void the_first_bad_one_is_named(void **state)
{
    (void)state;
    enum { COUNT = 150, MODULUS = 3 * 10007 };
    for (int square = 0; square < 2; square++) {
        struct fixture fixture;
        uint8_t bytes[4 * COUNT + 4];
        fixture_make(&fixture, MODULUS, square);
        fixture.units.bytes = bytes;
        for (uint64_t bad = 0; bad <= COUNT; bad += bad % 8 == 7 ? 6 : 1)
            for (uint32_t kind = 0; kind < 4; kind++) {
                for (uint64_t i = 0; i < COUNT; i++) bytes_store_u64(bytes + 4 * i, i < bad || i % 3 != 0 ? 2 + 3 * i : 3);
                const mp_limb_t numbers[4] = {0, 10007, 3 * 17, fixture.bound[0]};
                uint8_t number[8];
                bytes_store_u64(number, numbers[kind]);
                if (bad < COUNT) memcpy(bytes + 4 * bad, number, 4);
                for (uint32_t threads = 1; threads <= 3; threads++) {
                    char name[60];
                    snprintf(name, sizeof name, "ciphertext %llu is not %s", (unsigned long long)bad,
                             kind == 3 ? "below the bound" : "a unit");
                    context->threads = threads;
                    assert_int_equal(units_check(&fixture.units, context, COUNT), bad < COUNT ? FATE_E_FORMAT : FATE_OK);
                    if (bad < COUNT) assert_non_null(strstr(fate_context_error(context), name));
                }
            }
        context->threads = 1;
        fixture_free(&fixture);
    }
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    struct fixture fixture;
    uint8_t one[8] = {1};
    fixture_make(&fixture, 15, false);
    fixture.units.bytes = one;
    for (long long fail = 0; fail < 3; fail++) {
        atomic_store(&counted.calls, 0);
        counted.fail = fail;
        assert_int_equal(units_check(&fixture.units, context, 1), fail < 2 ? FATE_E_MEMORY : FATE_OK);
    }
    counted.fail = -1;
    fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_alone),
        cmocka_unit_test(the_first_bad_one_is_named),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    int failed = 0;
    for (int i = 0; i < CRYPTO_KERNELS; i++)
        if (crypto_choose_kernel(crypto_kernels[i])) failed += cmocka_run_group_tests_name(crypto_kernels[i], tests, setup, teardown);
    return failed;
}
