/* The parameters of jobs over rounds. */
#include "src/models/rounds/parameters.h"

#include "tests/support/rounds_world.h"

static void are_read(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    struct rounds_parameters parameters;
    rounds_open(&world, 2, "horizontal-custom", ",\"weights\":3,\"work_patience\":1.5,\"attempts\":7,\"client_share\":0.25,\"seed\":258", 0,
                2, false);
    assert_int_equal(rounds_parameters_read(&parameters, fate_simulator_job(world.simulator)), FATE_OK);
    assert_true(parameters.work_patience == 1500 && parameters.attempts == 7 && parameters.client_share == 0.25);
    assert_true(parameters.seed[0] == 2 && parameters.seed[1] == 1 && parameters.seed[2] == 0);
    rounds_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
