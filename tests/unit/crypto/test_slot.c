/* Tables of both kinds are made once, whoever asks, and not kept half made. */
#include "tests/support/unit.h"

#include "src/crypto/comb.h"
#include "src/crypto/powers.h"
#include "tests/support/crypto.h"
#include <pthread.h>

enum { HALF = 2, BITS = 200 };

static const mp_limb_t modulus[HALF] = {UINT64_C(0x123456789abcdef1), UINT64_C(0x8000000000000001)};
static struct test_allocator counted;
static fate_context *context;
static struct pair_ring ring;
static struct group group;
static struct slot *slot;

static int setup(void **state)
{
    (void)state;
    context = crypto_context(&counted, -1, 2);
    assert_int_equal(pair_init(&ring, context, modulus, HALF), FATE_OK);
    group_of_montgomery(&group, &ring.modulus);
    return slot_new(&slot, context);
}

static int teardown(void **state)
{
    (void)state;
    slot_free(slot, context);
    pair_free(&ring, context);
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

/* Tables of the base 1: what is in them is for other tests. */
static int32_t get_comb(const void **tables)
{
    const struct comb_source source = {&ring, NULL, ring.one, BITS, true, false, false};
    const struct comb *comb;
    int32_t result = comb_get(slot, &comb, context, &source);
    *tables = comb;
    return result;
}

static int32_t get_powers(const void **tables)
{
    const struct powers *powers;
    int32_t result = powers_get(slot, &powers, context, &group, group.one, BITS, POWERS_DIRECT);
    *tables = powers;
    return result;
}

static const struct kind {
    int32_t (*get)(const void **tables);
    long long allocations;
} kinds[] = {{get_comb, 5}, {get_powers, 3}};

static void free_tables(const struct kind *kind)
{
    if (kind->get == get_comb)
        comb_free(slot_look(slot), context);
    else
        powers_free(slot_look(slot), context);
}

struct asking {
    const struct kind *kind;
    const void *tables;
    int32_t result;
    pthread_t thread;
};

static void *ask(void *argument)
{
    struct asking *asking = argument;
    asking->result = asking->kind->get(&asking->tables);
    return NULL;
}

static void all_who_ask_get_the_same_tables(void **state)
{
    enum { ASKING = 4 };
    const struct kind *kind = *state;
    struct asking asking[ASKING];
    assert_null(slot_look(slot));
    for (int i = 0; i < ASKING; i++) {
        asking[i] = (struct asking){.kind = kind};
        assert_int_equal(pthread_create(&asking[i].thread, NULL, ask, &asking[i]), 0);
    }
    for (int i = 0; i < ASKING; i++) {
        assert_int_equal(pthread_join(asking[i].thread, NULL), 0);
        assert_int_equal(asking[i].result, FATE_OK);
        assert_ptr_equal(asking[i].tables, asking[0].tables);
    }
    assert_ptr_equal(slot_look(slot), asking[0].tables);
    free_tables(kind);
}

static void failed_allocations_leave_the_slot_empty(void **state)
{
    const struct kind *kind = *state;
    const void *tables;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result == FATE_E_MEMORY; fail++) {
        assert_null(slot_look(slot));
        atomic_store(&counted.calls, 0);
        counted.fail = fail;
        result = kind->get(&tables);
        assert_int_equal(result, fail < kind->allocations ? FATE_E_MEMORY : FATE_OK);
    }
    counted.fail = -1;
    assert_ptr_equal(slot_look(slot), tables);
    free_tables(kind);
}

static void the_first_stay(void **state)
{
    (void)state;
    int first, second;
    assert_ptr_equal(slot_keep(slot, &first), &first);
    assert_ptr_equal(slot_keep(slot, &second), &first);
    assert_ptr_equal(slot_look(slot), &first);
    assert_null(slot_look(NULL));
}

static void a_slot_that_cannot_be_made(void **state)
{
    (void)state;
    struct slot *none;
    atomic_store(&counted.calls, 0);
    counted.fail = 0;
    assert_int_equal(slot_new(&none, context), FATE_E_MEMORY);
    counted.fail = -1;
    assert_null(none);
    slot_free(none, context);
}

/* What a test gets as its state: setup leaves it as it is. */
#define OF_KIND(test, kind)                                           \
    {                                                                 \
#test, test, setup, teardown, (void *)(uintptr_t)&kinds[kind] \
    }

static void uses_add_up(void **state)
{
    (void)state;
    assert_true(slot_use(slot, 5) == 5);
    assert_true(slot_use(slot, 0) == 5);
    assert_true(slot_use(slot, 128) == 133);
    assert_null(slot_look(slot));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF_KIND(all_who_ask_get_the_same_tables, 0),
        OF_KIND(all_who_ask_get_the_same_tables, 1),
        OF_KIND(failed_allocations_leave_the_slot_empty, 0),
        OF_KIND(failed_allocations_leave_the_slot_empty, 1),
        cmocka_unit_test_setup_teardown(the_first_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(uses_add_up, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slot_that_cannot_be_made, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
