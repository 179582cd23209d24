/* One simulated training over rounds, drawn from a seed: a bad network, parties that are killed at any time, and in every round one more, at a
 * stage of its own. It must end with equal weights everywhere, or say that too few clients were left. */
#ifndef TESTS_SUPPORT_ROUNDS_SIMULATE_H
#define TESTS_SUPPORT_ROUNDS_SIMULATE_H

#include "lib/random.h"
#include "tests/support/rounds_world.h"

enum { ROUNDS_SIMULATED_CLIENTS = 5, ROUNDS_SIMULATED_FAULTS = 60000 };

static inline void rounds_simulate_open(struct rounds_world *world, uint64_t seed)
{
    const char *const parameters[] = {
        ",\"rounds\":4,\"weights\":6,\"trust\":\"lying\",\"attempts\":10",
        ",\"rounds\":4,\"method\":\"scaffold\",\"early_stopping_rounds\":2,\"work_patience\":20,\"attempts\":10",
        ",\"rounds\":4,\"weights\":6,\"trust\":\"colluding\",\"ring_bits\":32,\"examples_bound\":9,\"bound\":9,\"attempts\":10",
        ",\"rounds\":3,\"hidden\":\"3\",\"client_share\":0.8,\"attempts\":10,\"work_patience\":20"};
    const char *const algorithms[] = {"horizontal-custom", "horizontal-linear", "horizontal-custom", "horizontal-neural"};
    rounds_open(world, ROUNDS_SIMULATED_CLIENTS, algorithms[seed % 4], parameters[seed % 4], seed % 2 == 0 ? 0 : 40, seed, true);
    fate_simulator_set(world->simulator, "delay_most", 30);
    fate_simulator_set(world->simulator, "loss", 20000);
    fate_simulator_set(world->simulator, "repeat", 20000);
    fate_simulator_set(world->simulator, "reconnect", 1000);
    fate_simulator_set(world->simulator, "crash", 200);
    fate_simulator_set(world->simulator, "store_delay_most", 20);
    fate_simulator_set(world->simulator, "faults_until", ROUNDS_SIMULATED_FAULTS);
}

/* In every round a party is killed once, when the aggregator is at a stage that is drawn. */
static inline int32_t rounds_simulate_run(struct rounds_world *world, uint64_t seed, uint32_t *killed)
{
    const uint8_t key[RANDOM_KEY] = {3};
    struct random_stream random;
    uint64_t question = 0;
    int32_t result = FATE_AGAIN, stage = 0;
    random_stream_init(&random, key, seed);
    while (result == FATE_AGAIN && fate_simulator_now(world->simulator) < ROUNDS_SIMULATED_FAULTS) {
        result = fate_simulator_run(world->simulator, 1);
        const struct asker *asker = rounds_asker(world);
        if (result != FATE_AGAIN || asker == NULL || asker->question == question || asker->aggregator.stage != stage) continue;
        question = asker->question;
        stage = (int32_t)random_stream_below(&random, STAGE_REVEAL + 1);
        uint32_t party = (uint32_t)random_stream_below(&random, ROUNDS_SIMULATED_CLIENTS + 1);
        if (fate_simulator_outcome(world->simulator, party) < 0) continue;
        assert_int_equal(fate_simulator_restart(world->simulator, party), FATE_OK);
        ++*killed;
    }
    return result == FATE_AGAIN ? fate_simulator_run(world->simulator, 10000000) : result;
}

/* false: sentence says what went wrong. killed: parties that were killed on purpose are added. */
static inline bool rounds_simulate(uint64_t seed, char *sentence, size_t room, uint32_t *killed)
{
    struct rounds_world world = {0};
    rounds_simulate_open(&world, seed);
    int32_t result = rounds_simulate_run(&world, seed, killed);
    const char *said = fate_context_error(world.context);
    bool good = result == FATE_FINISHED || (result == FATE_E_TIMEOUT && strstr(said, "clients") != NULL);
    if (!good) snprintf(sentence, room, "seed %llu: %d %s", (unsigned long long)seed, (int)result, said);
    for (uint32_t party = 1; party <= ROUNDS_SIMULATED_CLIENTS && good && result == FATE_FINISHED; party++) {
        uint64_t count, others;
        if (fate_simulator_outcome(world.simulator, party) != FATE_FINISHED)
            continue; /* it was down at the end, and nobody waited for it */
        const double *weights = rounds_weights(&world, party, &count), *own = rounds_weights(&world, 0, &others);
        good = count == others && memcmp(weights, own, count * sizeof *weights) == 0;
        if (!good) snprintf(sentence, room, "seed %llu: the weights of client %u differ", (unsigned long long)seed, party);
    }
    rounds_close(&world);
    return good;
}

#endif
