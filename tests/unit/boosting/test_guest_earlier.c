/* Parts of earlier models that do not belong together. */
#include "tests/support/boosting_earlier.h"

/* The guest finds it out; its sentence goes to the hosts too. */
static void assert_fails(fate_simulator *simulator, const char *words)
{
    assert_int_equal(fate_simulator_run(simulator, 1000000), FATE_E_MODEL);
    const char *sentence = fate_session_error(fate_simulator_session(simulator, 0));
    if (strstr(sentence, words) == NULL) print_error("%s\n", sentence);
    assert_non_null(strstr(sentence, words));
    fate_simulator_free(simulator);
}

static void parts_that_do_not_belong_together(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 1, .rows = 60, .columns = 3, .parameters = "\"trees\": 4", .seed = 550};
    struct pair pair, other;
    pair_make(&pair, &from, "\"trees\": 2", 0);
    pair_make(&other, &from, "\"trees\": 3", 0);
    for (uint32_t party = 0; party < 2; party++) {
        fate_simulator *simulator = pair_simulate(&pair, false);
        assert_int_equal(fate_session_set_model(fate_simulator_session(simulator, party), NULL), FATE_OK);
        assert_fails(simulator, "give one to all parties or to none");
        simulator = pair_simulate(&pair, false);
        assert_int_equal(fate_session_set_model(fate_simulator_session(simulator, party), other.before.pooled[party]), FATE_OK);
        assert_fails(simulator, "trees of different shapes");
        simulator = pair_simulate(&pair, false);
        assert_int_equal(fate_session_set_model(fate_simulator_session(simulator, party), pair.before.pooled[1 - party]), FATE_E_MODEL);
        fate_simulator_free(simulator);
    }
    pair_free(&other);
    pair_free(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_that_do_not_belong_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
