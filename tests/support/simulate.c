/* One simulated job, drawn from a seed; see simulate.h. */
#include "tests/support/simulate.h"

#include <fate/fate.h>
#include <stdio.h>
#include <string.h>

#include "lib/context.h"
#include "lib/random.h"
#include "tests/support/boosting_tables.h"
#include "tests/support/rounds.h"

enum { FAULTS_UNTIL = 30000, BOUND = 400000, RESCUES = 200, PARTIES = 5 };

struct world {
    struct random_stream random;
    uint64_t seed;
    char *sentence;
    fate_context *context;
    fate_simulator *simulator;
    char text[4096];
    uint32_t count;
    bool boosting, durable;
    uint32_t rounds, parts;
    struct boosting_case from;
    fate_table *tables[PARTIES], *validations[PARTIES];
    fate_model *pooled[PARTIES];
};

static uint64_t draw(struct world *world, uint64_t bound)
{
    return random_stream_below(&world->random, bound);
}

static bool wrong(struct world *world, const char *what, int32_t result)
{
    snprintf(world->sentence, SIMULATE_SENTENCE, "seed %llu, version %s, %s of %u parties, tick %llu: %s: %s: %s",
             (unsigned long long)world->seed, fate_version(), world->boosting ? "boosting" : "rounds", world->count,
             (unsigned long long)fate_simulator_now(world->simulator), what, fate_result_name(result), fate_context_error(world->context));
    return false;
}

static int32_t choose_job(struct world *world)
{
    world->boosting = draw(world, 8) == 0;
    if (!world->boosting) {
        world->count = 2 + (uint32_t)draw(world, 3);
        world->rounds = 1 + (uint32_t)draw(world, 4);
        world->parts = 1 + (uint32_t)draw(world, 12);
        rounds_job(world->text, world->count - 1, world->rounds, world->parts);
        return rounds_register(world->context);
    }
    const bool lattice = draw(world, 2) == 0;
    world->from = (struct boosting_case){.hosts = 1 + (uint32_t)draw(world, 2),
                                         .rows = 30,
                                         .columns = 2,
                                         .seed = draw(world, 1000),
                                         .missing = draw(world, 2) == 0,
                                         .categories = draw(world, 2) == 0,
                                         .validation_rows = draw(world, 2) == 0 ? 20 : 0,
                                         .parameters = lattice ? "\"trees\": 2, \"depth\": 2, \"bins\": 4, \"cipher\": \"lattice\""
                                                               : "\"trees\": 2, \"depth\": 2, \"bins\": 4"};
    world->count = world->from.hosts + 1;
    boosting_job(world->text, &world->from, 0);
    return FATE_OK;
}

static void choose_faults(struct world *world)
{
    fate_simulator *simulator = world->simulator;
    world->durable = draw(world, 3) != 0;
    fate_simulator_set(simulator, "faults_until", FAULTS_UNTIL);
    fate_simulator_set(simulator, "delay_most", 1 + draw(world, 2) * draw(world, 100));
    if (draw(world, 2) == 0) fate_simulator_set(simulator, "loss", draw(world, 60000));
    if (draw(world, 2) == 0) fate_simulator_set(simulator, "repeat", draw(world, 60000));
    if (draw(world, 3) == 0) fate_simulator_set(simulator, "reconnect", draw(world, 3000));
    if (draw(world, 3) == 0) fate_simulator_set(simulator, "partition", draw(world, 500));
    if (draw(world, 3) == 0) fate_simulator_set(simulator, "clock", 1);
    if (!world->durable) return;
    if (draw(world, 2) == 0) fate_simulator_set(simulator, "crash", draw(world, 2000));
    if (draw(world, 3) == 0) fate_simulator_set(simulator, "store_delay_most", draw(world, 200));
    if (draw(world, 4) == 0) fate_simulator_set(simulator, "store_failure", draw(world, 100000));
}

static int32_t equip(struct world *world)
{
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < world->count; party++) {
        fate_session *session = fate_simulator_session(world->simulator, party);
        if (world->boosting) {
            world->tables[party] = boosting_table(world->context, &world->from, party, party == 0, FATE_TABLE_DATA);
            if (world->from.validation_rows > 0)
                world->validations[party] = boosting_table(world->context, &world->from, party, party == 0, FATE_TABLE_VALIDATION);
            fate_session_set_table(session, FATE_TABLE_DATA, world->tables[party]);
            fate_session_set_table(session, FATE_TABLE_VALIDATION, world->validations[party]);
        }
        result = fate_session_set_option(session, "durable", world->durable);
        if (result == FATE_OK) result = fate_session_set_option(session, "linger_timeout", 60000);
        if (result == FATE_OK)
            result = fate_session_set_option(session, "contact_timeout", 600000); /* clocks may run five times too fast */
        if (result != FATE_OK) return result;
    }
    if (!world->boosting) return FATE_OK;
    return fate_train_pooled(world->context, world->pooled, fate_simulator_job(world->simulator), (const fate_table *const *)world->tables,
                             world->from.validation_rows > 0 ? (const fate_table *const *)world->validations : NULL, NULL);
}

/* What a person does who finds that a job has ended with an error: mends what was wrong, and gives the same command again
 * everywhere. Errors that no fault of this world explains are defects. */
static bool rescue(struct world *world, int32_t error)
{
    bool explained = error == FATE_E_FILE || error == FATE_E_PEER || error == FATE_E_TIMEOUT;
    if (!explained || !world->durable) return wrong(world, "the job ended", error);
    for (uint32_t party = 0; party < world->count; party++) {
        int32_t result = fate_simulator_restart(world->simulator, party);
        if (result != FATE_OK) return wrong(world, "a party cannot start again", result);
    }
    return true;
}

static bool run(struct world *world)
{
    uint32_t rescues = 0;
    while (fate_simulator_now(world->simulator) < FAULTS_UNTIL + BOUND) {
        int32_t result = fate_simulator_run(world->simulator, FAULTS_UNTIL + BOUND - fate_simulator_now(world->simulator));
        if (result == FATE_FINISHED) return true;
        if (result == FATE_AGAIN) break;
        if (++rescues > RESCUES) return wrong(world, "too many rescues", result);
        if (!rescue(world, result)) return false;
    }
    return wrong(world, "the job has not ended in time", FATE_E_TIMEOUT);
}

static bool same_model(struct world *world, uint32_t party)
{
    fate_model *model = NULL;
    uint8_t *own = NULL, *other = NULL;
    uint64_t own_length = 0, other_length = 0;
    int32_t result = fate_session_model(fate_simulator_session(world->simulator, party), &model);
    if (result == FATE_OK) result = fate_model_export(model, &own, &own_length);
    if (result == FATE_OK) result = fate_model_export(world->pooled[party], &other, &other_length);
    bool same = result == FATE_OK && own_length == other_length && memcmp(own, other, own_length) == 0;
    fate_free(world->context, own);
    fate_free(world->context, other);
    fate_model_free(model);
    return same ? true : wrong(world, "the model is not the pooled one", result);
}

static bool check(struct world *world)
{
    for (uint32_t party = 0; party < world->count; party++) {
        const double *values;
        uint64_t count;
        if (world->boosting) {
            if (!same_model(world, party)) return false;
            continue;
        }
        int32_t result = fate_session_result(fate_simulator_session(world->simulator, party), "sum", &values, &count);
        if (result != FATE_OK || values[0] != rounds_expected(world->count - 1, world->rounds, world->parts))
            return wrong(world, "the sum is wrong", result);
    }
    return true;
}

bool simulate(uint64_t seed, char *sentence)
{
    struct world world;
    uint8_t key[RANDOM_KEY] = {0};
    memset(&world, 0, sizeof world);
    world.seed = seed;
    world.sentence = sentence;
    sentence[0] = 0;
    random_stream_init(&world.random, key, seed);
    int32_t result = fate_context_new(&world.context, NULL);
    if (result != FATE_OK) return false;
    world.context->accepts_small_keys = true;
    result = choose_job(&world);
    if (result == FATE_OK) result = fate_simulator_new(world.context, &world.simulator, world.text, FATE_PURPOSE_TRAIN, seed);
    if (result == FATE_OK) {
        choose_faults(&world);
        result = equip(&world);
    }
    bool good = result == FATE_OK ? run(&world) && check(&world) : wrong(&world, "it cannot be made", result);
    fate_simulator_free(world.simulator);
    for (uint32_t party = 0; party < PARTIES; party++) {
        fate_table_free(world.tables[party]);
        fate_table_free(world.validations[party]);
        fate_model_free(world.pooled[party]);
    }
    fate_context_free(world.context);
    return good;
}
