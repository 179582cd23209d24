/* Neighbours that clients choose: how many, drawn how, and whole sums over them in the simulator. */
#include "src/models/aggregation/choice.h"

#include "src/models/aggregation/chance.h"
#include "tests/support/aggregation.h"

enum { MANY = 1000, DRAWN = 112 };

static void plans(void **state)
{
    (void)state;
    const uint32_t counts[] = {129, 300, 1000, 10000};
    const double shares[] = {0.05, 0.1, 0.2};
    uint32_t chosen, threshold;
    for (uint32_t i = 0; i < 4; i++) {
        for (uint32_t j = 0; j < 3; j++) {
            uint32_t clients = counts[i], corrupt = (uint32_t)(clients * shares[j]), worst = 0;
            assert_true(choice_plan(clients, shares[j], 0.1, 0.5, &chosen, &threshold));
            assert_true(chosen <= CHOICE_MOST && threshold <= chosen + 1);
            while (clients * chance_between(clients - 1, corrupt, chosen, worst + 1, chosen) > chance_bits(40)) worst++;
            assert_true(2 * threshold > chosen + 1 + worst);
            /* A set of a tenth of the honest, in full. */
            uint32_t size = (clients - corrupt) / 10;
            double each = chance_between(clients - 1, corrupt + size - 1, chosen, threshold - 1, chosen);
            assert_true(each <= 0 || chance_log_choose(clients - corrupt, size) + size * log(each) < log(chance_bits(40)));
        }
    }
    assert_true(choice_plan(MANY, 0.1, 0.1, 2.0 / 3.0, &chosen, &threshold));
    assert_true(3 * threshold > 2 * (chosen + 1));
    assert_false(choice_plan(MANY, 0.33, 0.4, 0.5, &chosen, &threshold));
    assert_false(choice_plan(MANY, 0.3, 0.3, 0.5, &chosen, &threshold));
}

static void draws(void **state)
{
    (void)state;
    static uint32_t times[MANY];
    uint32_t numbers[DRAWN], again[DRAWN];
    for (uint32_t own = 0; own < MANY; own++) {
        const uint8_t seed[CHOICE_SEED] = {(uint8_t)own, (uint8_t)(own >> 8)};
        choice_draw(numbers, DRAWN, MANY, own, seed);
        choice_draw(again, DRAWN, MANY, own, seed);
        assert_memory_equal(numbers, again, sizeof numbers);
        for (uint32_t i = 0; i < DRAWN; i++) {
            assert_true(numbers[i] < MANY && numbers[i] != own && (i == 0 || numbers[i] > numbers[i - 1]));
            times[numbers[i]]++;
        }
    }
    /* Each is drawn about as often: ten standard deviations. */
    for (uint32_t i = 0; i < MANY; i++) assert_true(times[i] > DRAWN - 100 && times[i] < DRAWN + 100);
    const uint8_t seed[CHOICE_SEED] = {7};
    choice_draw(numbers, 9, 10, 4, seed); /* all others */
    for (uint32_t i = 0; i < 9; i++) assert_int_equal(numbers[i], i + (i >= 4));
}

/* Sums over the clients that stay, whoever vanishes at which stage. */
static void sums(void **state)
{
    (void)state;
    const int32_t stages[] = {STAGE_JOIN, STAGE_LETTERS, STAGE_UPLOAD, STAGE_AGREE, STAGE_REVEAL};
    for (uint64_t i = 0; i < 5; i++) {
        struct world world = {0};
        bool there[CLIENTS_MOST + 1];
        memset(there, 1, sizeof there);
        open_world(&world, 130, "secure-sum",
                   i % 2 == 0 ? ",\"trust\":\"lying\",\"corrupt\":0.02,\"dropout\":0.05"
                              : ",\"trust\":\"colluding\",\"corrupt\":0.02,\"dropout\":0.05,\"ring_bits\":32",
                   i, i == 2);
        int32_t result = FATE_AGAIN;
        for (int tick = 0; tick < 100000 && result == FATE_AGAIN && i > 0; tick++) {
            const struct aggregator *aggregator = fate_simulator_session(world.simulator, 0)->state;
            if (aggregator != NULL && aggregator->stage >= stages[i]) break;
            result = fate_simulator_run(world.simulator, 1);
        }
        assert_int_equal(result, FATE_AGAIN);
        for (uint32_t client = 7; client < 10; client++) {
            assert_int_equal(fate_simulator_stop(world.simulator, client), FATE_OK);
            there[client] = stages[i] > STAGE_UPLOAD;
        }
        run_world(&world, i);
        assert_true(aggregator_of(&world)->members.chosen);
        check_sums(&world, 0, there);
        check_sums(&world, 100, there);
        close_world(&world);
    }
}

/* With state kept everywhere, whatever the network does and whoever is killed. */
static void bad_networks(void **state)
{
    (void)state;
    uint32_t finished = 0;
    for (uint64_t seed = 0; seed < 2; seed++) {
        struct world world = {0};
        open_world(&world, 129, "secure-sum", ",\"trust\":\"lying\",\"corrupt\":0.02,\"dropout\":0.1,\"patience\":8", seed, true);
        fate_simulator_set(world.simulator, "delay_most", 30);
        fate_simulator_set(world.simulator, "loss", 10000);
        fate_simulator_set(world.simulator, "repeat", 10000);
        fate_simulator_set(world.simulator, "crash", 300);
        fate_simulator_set(world.simulator, "store_delay_most", 20);
        fate_simulator_set(world.simulator, "faults_until", 4000);
        int32_t result = fate_simulator_run(world.simulator, 1000000);
        const char *sentence = fate_context_error(world.context);
        bool few = result == FATE_E_TIMEOUT && strstr(sentence, "too few clients") != NULL;
        if (result != FATE_FINISHED && !few) print_error("seed %llu: %d %s\n", (unsigned long long)seed, (int)result, sentence);
        assert_true(result == FATE_FINISHED || few);
        finished += result == FATE_FINISHED;
        for (uint32_t party = 1; party <= 129 && result == FATE_FINISHED; party++)
            if (fate_simulator_outcome(world.simulator, party) == FATE_FINISHED)
                for (uint32_t row = 0; row < ROWS; row++) assert_true(values_of(&world, party, "y")[row] == values_of(&world, 0, "y")[row]);
        close_world(&world);
    }
    assert_true(finished > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plans), cmocka_unit_test(draws), cmocka_unit_test(sums),
                                       cmocka_unit_test(bad_networks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
