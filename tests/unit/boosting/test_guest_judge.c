/* The end of a tree at the guest: outcomes that no honest host sends, and the measures that are reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/early_stopping.h"
#include "src/models/boosting/measure.h"
#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {
    .hosts = 1, .rows = 40, .validation_rows = 20, .columns = 3, .parameters = "\"trees\": 3, \"depth\": 2", .seed = 10};

/* The step's own end, with other bytes. */
static int32_t send_instead(fate_turn *turn, const void *bytes, uint64_t length)
{
    int32_t result = fate_turn_go_to(turn, HOST_ROUND);
    return result == FATE_OK ? hostile_send(turn, MESSAGE_OUTCOMES, 0, bytes, length) : result;
}

static int32_t garbage(fate_turn *turn, void *state)
{
    (void)state;
    return send_instead(turn, "short", 5);
}

static int32_t too_few(fate_turn *turn, void *state)
{
    const struct host *host = state;
    uint8_t bytes[OUTCOME_PART_HEAD + 64] = {0};
    uint64_t row_bytes = message_bit_bytes(host->conditions.count);
    bytes_store_u64(bytes + 8, 3);
    return send_instead(turn, bytes, OUTCOME_PART_HEAD + 3 * row_bytes);
}

static int32_t too_many(fate_turn *turn, void *state)
{
    const struct host *host = state;
    uint8_t bytes[OUTCOME_PART_HEAD + 64] = {0};
    uint64_t row_bytes = message_bit_bytes(host->conditions.count);
    bytes_store_u64(bytes + 8, 21);
    return send_instead(turn, bytes, OUTCOME_PART_HEAD + 21 * row_bytes);
}

static void outcomes_are_checked(void **state)
{
    (void)state;
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_OUTCOMES, garbage};
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 0, "party1 sent what the protocol does not allow: outcomes");
    replacement.run = too_few;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 0, "too few rows");
    replacement.run = too_many;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 0, "do not follow");
}

static uint32_t judged;

/* Margins of the training rows are the sums of their leaves' weights; those of validation come from the hosts' outcomes. */
static int32_t watch_judge(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    double before[20];
    memcpy(before, guest->validation_margins.values, sizeof before);
    int32_t result = guest_judge(turn, state);
    double measured;
    assert_int_equal(measure_value(guest->context, &measured, &guest->parameters, guest->validation_margins.values,
                                   fate_table_label(guest->validation), fate_table_weight(guest->validation), 20),
                     FATE_OK);
    assert_memory_not_equal(before, guest->validation_margins.values, sizeof before);
    assert_true(guest->stopping.best <= measured);
    judged++;
    return result;
}

static void trees_are_measured(void **state)
{
    (void)state;
    struct hostile_run run;
    judged = 0;
    hostile_begin(&run, hostile_context((struct replacement){FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_JUDGE, watch_judge}), &usual);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(judged, 3);
    hostile_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(outcomes_are_checked), cmocka_unit_test(trees_are_measured)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
