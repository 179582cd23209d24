/* Who is to blame for false shares. */
#include "src/models/aggregation/disputes.h"

#include "lib/context.h"
#include "tests/support/unit.h"

static fate_context *context;

static int open_context(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int close_context(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

/* A holder that tells several false shares is out alone, and so is an owner that has sealed several. */
static void most_disputes(void **state)
{
    (void)state;
    struct disputes disputes;
    uint32_t party, other;
    bool even;
    disputes_init(&disputes, context);
    for (uint32_t owner = 1; owner < 5; owner++) disputes_add(&disputes, owner, 7);
    for (uint32_t holder = 10; holder < 13; holder++) disputes_add(&disputes, 9, holder);
    assert_int_equal(disputes_count(&disputes), 7);
    assert_int_equal(disputes_of(&disputes, 7), 4);
    assert_int_equal(disputes_settle(&disputes, &party, &other, &even), FATE_OK);
    assert_true(party == 7 && !even && other >= 1 && other < 5);
    assert_int_equal(disputes_settle(&disputes, &party, &other, &even), FATE_OK);
    assert_true(party == 9 && !even && other >= 10);
    assert_int_equal(disputes_settle(&disputes, &party, &other, &even), FATE_EMPTY);
    disputes_free(&disputes);
}

static void nobody_can_say(void **state)
{
    (void)state;
    struct disputes disputes;
    uint32_t party, other;
    bool even;
    disputes_init(&disputes, context);
    disputes_add(&disputes, 3, 8);
    disputes_add(&disputes, 5, 5); /* a false share of its own secret */
    assert_int_equal(disputes_settle(&disputes, &party, &other, &even), FATE_OK);
    assert_true(even && ((party == 8 && other == 3) || (party == 3 && other == 8)));
    assert_int_equal(disputes_settle(&disputes, &party, &other, &even), FATE_OK);
    assert_true(party == 5 && other == 5 && !even);
    assert_int_equal(disputes_settle(&disputes, &party, &other, &even), FATE_EMPTY);
    disputes_free(&disputes);
}

/* One that lies to many does not take them with it because another one lies as well. */
static void two_who_lie(void **state)
{
    (void)state;
    struct disputes disputes;
    uint32_t party, other;
    bool even;
    disputes_init(&disputes, context);
    for (uint32_t owner = 1; owner < 7; owner++) disputes_add(&disputes, owner, 20);
    disputes_add(&disputes, 1, 21);
    disputes_add(&disputes, 2, 21);
    assert_int_equal(disputes_settle(&disputes, &party, &other, &even), FATE_OK);
    assert_true(party == 20 && !even);
    assert_int_equal(disputes_settle(&disputes, &party, &other, &even), FATE_OK);
    assert_true(party == 21 && !even);
    assert_int_equal(disputes_settle(&disputes, &party, &other, &even), FATE_EMPTY);
    disputes_free(&disputes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(most_disputes), cmocka_unit_test(nobody_can_say), cmocka_unit_test(two_who_lie)};
    return cmocka_run_group_tests(tests, open_context, close_context);
}
