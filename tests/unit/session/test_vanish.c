/* Parties that may vanish: a collector asks callers for a number each round; callers never come, are killed, come back with and without
 * their state, and break the rules, while the others go on. */
#include <fate/simulator.h>

#include "lib/bytes.h"
#include "src/session/session.h"
#include "lib/context.h"
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

enum { JOIN, CALL, NUMBER, RESULT };
enum { COLLECTOR, CALLER };
enum { ROUNDS = 4, CALLERS_MOST = 400, PATIENCE = 1000, LONGEST = 100 };

/* What one caller does wrong, and which. */
static struct {
    uint32_t party;
    enum { NOTHING, TOO_LONG, NONSENSE } what;
} liar;

struct collector {
    uint64_t round, total; /* rounds begun; of all numbers */
    uint8_t joined[CALLERS_MOST + 1], asked[CALLERS_MOST + 1], counted[CALLERS_MOST + 1];
};

static int32_t start(fate_turn *turn, void **state)
{
    *state = fate_allocate(fate_turn_context(turn), sizeof(struct collector));
    if (*state == NULL) return FATE_E_MEMORY;
    return fate_turn_wake(turn, PATIENCE);
}

static void stop(fate_context *context, void *state)
{
    fate_free(context, state);
}

static int32_t save(fate_turn *turn, const void *state)
{
    return fate_turn_save(turn, state, sizeof(struct collector));
}

static int32_t load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    if (length != sizeof(struct collector)) return FATE_E_STORE;
    memcpy(state, bytes, length);
    return fate_turn_wake(turn, PATIENCE);
}

static int32_t tell(fate_turn *turn, uint32_t message, uint32_t party, uint64_t number)
{
    uint8_t bytes[8];
    bytes_store_u64(bytes, number);
    return fate_turn_send(turn, message, party, bytes, sizeof bytes, 1);
}

/* Those that did not answer must join again. */
static int32_t next_round(fate_turn *turn, struct collector *own)
{
    uint32_t parties = fate_job_party_count(fate_turn_job(turn));
    int32_t result = FATE_OK;
    bool any = false, over = own->round == ROUNDS;
    for (uint32_t party = 0; party < parties; party++) {
        if (own->asked[party] && !own->counted[party]) own->joined[party] = 0;
        any = any || own->joined[party];
    }
    fate_turn_wake(turn, PATIENCE);
    if (!any && !over) return FATE_OK;
    own->round += over ? 0 : 1;
    for (uint32_t party = 0; party < parties && result == FATE_OK; party++) {
        own->asked[party] = own->joined[party];
        own->counted[party] = 0;
        if (own->joined[party]) result = tell(turn, over ? RESULT : CALL, party, over ? own->total : own->round);
    }
    if (result != FATE_OK) return result;
    if (!over) return fate_turn_checkpoint_first(turn);
    double total = (double)own->total;
    result = fate_turn_set_result(turn, "total", &total, 1);
    return result == FATE_OK ? fate_turn_finish(turn) : result;
}

static bool waits(const fate_turn *turn, const struct collector *own)
{
    for (uint32_t party = 0; party < fate_job_party_count(fate_turn_job(turn)); party++)
        if (own->asked[party] && !own->counted[party] && fate_turn_present(turn, party)) return true;
    return false;
}

static int32_t collect(fate_turn *turn, void *state)
{
    struct collector *own = state;
    uint32_t from = fate_turn_from(turn);
    const uint8_t *bytes;
    uint64_t length;
    if (from == UINT32_MAX) { /* time is over, or a party has gone */
        bool early = own->round == 0 || waits(turn, own);
        return early && !fate_turn_time_over(turn) ? FATE_OK : next_round(turn, own);
    }
    int32_t result = fate_turn_received(turn, from, &bytes, &length);
    if (result != FATE_OK) return result;
    if (fate_turn_message(turn) == NUMBER && length != 16) return fate_turn_expel(turn, from, "sent a number that is none");
    if (fate_turn_message(turn) == NUMBER && bytes_load_u64(bytes) == own->round && own->asked[from] && !own->counted[from]) {
        own->counted[from] = own->joined[from] = 1;
        own->total += bytes_load_u64(bytes + 8);
    } else {
        own->joined[from] = 1; /* late, or new here */
        own->asked[from] = 0;
    }
    return own->round > 0 && !waits(turn, own) ? next_round(turn, own) : FATE_OK;
}

static int32_t join(fate_turn *turn, void *state)
{
    (void)state;
    return fate_turn_send_all(turn, JOIN, NULL, 0, 1);
}

static int32_t listen(fate_turn *turn, void *state)
{
    const uint8_t *bytes;
    uint64_t length;
    uint8_t number[LONGEST + 1] = {0};
    (void)state;
    if (fate_turn_from(turn) == UINT32_MAX) return FATE_OK;
    int32_t result = fate_turn_received(turn, fate_turn_from(turn), &bytes, &length);
    if (result != FATE_OK) return result;
    if (fate_turn_message(turn) == RESULT) {
        double total = (double)bytes_load_u64(bytes);
        result = fate_turn_set_result(turn, "total", &total, 1);
        return result == FATE_OK ? fate_turn_finish(turn) : result;
    }
    memcpy(number, bytes, 8);
    bytes_store_u64(number + 8, (uint64_t)1 << (fate_turn_party(turn) % 40));
    length = 16;
    if (fate_turn_party(turn) == liar.party && liar.what != NOTHING) length = liar.what == TOO_LONG ? LONGEST + 1 : 15;
    fate_turn_checkpoint(turn);
    return fate_turn_send(turn, NUMBER, fate_turn_from(turn), number, length, 1);
}

static int32_t register_roll(fate_context *context, uint32_t all_wait, uint32_t both_vanish)
{
    const fate_protocol_message messages[] = {{"join", CALLER, COLLECTOR, 0, "nothing", "it asks to be asked"},
                                              {"call", COLLECTOR, CALLER, 0, "the round", "it is to answer"},
                                              {"number", CALLER, COLLECTOR, LONGEST, "its number", "it is summed"},
                                              {"result", COLLECTOR, CALLER, 0, "the total", "it is the result"}};
    const fate_protocol_step collects[] = {{"collect", all_wait, NUMBER, collect}};
    const fate_protocol_step calls[] = {{"join", FATE_WAIT_NOTHING, 0, join}, {"listen", FATE_WAIT_ANY, 0, listen}};
    const fate_protocol_role roles[] = {{"collector", 1, 1, "all", collects, sizeof *collects, 1, start, save, load, stop, both_vanish},
                                        {"caller", 1, CALLERS_MOST, "the total", calls, sizeof *calls, 2, start, save, load, stop, 1}};
    const fate_protocol protocol = {.struct_size = sizeof protocol,
                                    .abi_version = FATE_ABI_VERSION,
                                    .name = "roll",
                                    .purpose = FATE_PURPOSE_TRAIN,
                                    .summary = "callers answer a collector",
                                    .limits = "nothing is protected",
                                    .roles = roles,
                                    .role_size = sizeof *roles,
                                    .role_count = 2,
                                    .messages = messages,
                                    .message_size = sizeof *messages,
                                    .message_count = 4};
    return fate_protocol_register(context, &protocol);
}

/* The collector is the party of that place. */
static fate_simulator *simulate(fate_context *context, uint32_t callers, uint32_t place, uint64_t seed, bool durable)
{
    static char text[64 * (CALLERS_MOST + 4)];
    fate_simulator *simulator;
    size_t used = (size_t)snprintf(text, sizeof text, "{\"algorithm\":\"roll\",\"id\":\"id\",\"parties\":[");
    for (uint32_t party = 0; party <= callers; party++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s{\"name\":\"p%u\",\"role\":\"%s\"}", party == 0 ? "" : ",", party,
                                 party == place ? "collector" : "caller");
    snprintf(text + used, sizeof text - used, "]}");
    assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, seed), FATE_OK);
    for (uint32_t party = 0; party <= callers; party++)
        assert_int_equal(fate_session_set_option(fate_simulator_session(simulator, party), "durable", durable), FATE_OK);
    for (uint32_t party = 0; party <= callers; party++)
        assert_int_equal(fate_session_set_option(fate_simulator_session(simulator, party), "loss_timeout", 60000), FATE_OK);
    return simulator;
}

static fate_context *roll_context(void)
{
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(register_roll(context, FATE_WAIT_ANY, 0), FATE_OK);
    liar.what = NOTHING;
    return context;
}

static double total_of(fate_simulator *simulator, uint32_t party)
{
    const double *values;
    uint64_t count;
    assert_int_equal(fate_session_result(fate_simulator_session(simulator, party), "total", &values, &count), FATE_OK);
    return values[0];
}

static void run_to_the_end(fate_simulator *simulator, fate_context *context, uint64_t seed)
{
    int32_t result = fate_simulator_run(simulator, 400000);
    if (result != FATE_FINISHED) print_message("seed %llu: %d: %s\n", (unsigned long long)seed, (int)result, fate_context_error(context));
    assert_int_equal(result, FATE_FINISHED);
}

static void all_are_there(void **state)
{
    (void)state;
    fate_context *context = roll_context();
    const uint32_t counts[] = {1, 2, 5, CALLERS_MOST};
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t place = 0; place <= counts[i]; place += counts[i]) {
            fate_simulator *simulator = simulate(context, counts[i], place, i, i == 1);
            run_to_the_end(simulator, context, i);
            double expected = 0;
            for (uint32_t party = 0; party <= counts[i]; party++)
                if (party != place) expected += ROUNDS * (double)((uint64_t)1 << (party % 40));
            for (uint32_t party = 0; party <= counts[i]; party++) assert_true(total_of(simulator, party) == expected);
            fate_simulator_free(simulator);
        }
    fate_context_free(context);
}

static void some_never_come(void **state)
{
    (void)state;
    fate_context *context = roll_context();
    fate_simulator *simulator = simulate(context, 6, 0, 1, false);
    assert_int_equal(fate_simulator_stop(simulator, 2), FATE_OK);
    assert_int_equal(fate_simulator_stop(simulator, 5), FATE_OK);
    run_to_the_end(simulator, context, 1);
    assert_true(total_of(simulator, 0) == ROUNDS * (2.0 + 8 + 16 + 64));
    fate_simulator_free(simulator);
    fate_context_free(context);
}

/* At every tick of a run; for good, or to come back at once, without its state. */
static void killed_at_any_time(void **state)
{
    (void)state;
    fate_context *context = roll_context();
    for (uint64_t tick = 1; tick < 60; tick++)
        for (int back = 0; back <= 1; back++) {
            fate_simulator *simulator = simulate(context, 4, 0, tick, false);
            fate_simulator_set(simulator, "delay_least", 10);
            fate_simulator_set(simulator, "delay_most", 10);
            assert_int_equal(fate_simulator_run(simulator, tick < 30 ? 30 * tick : 900 + 3 * tick), FATE_AGAIN);
            assert_int_equal(back ? fate_simulator_restart(simulator, 3) : fate_simulator_stop(simulator, 3), FATE_OK);
            run_to_the_end(simulator, context, tick);
            uint64_t total = (uint64_t)total_of(simulator, 0), others = 2 + 4 + 16;
            assert_true(total >= ROUNDS * others && total <= ROUNDS * (others + 8));
            assert_int_equal((total - ROUNDS * others) % 8, 0);
            fate_simulator_free(simulator);
        }
    fate_context_free(context);
}

/* At every tick, with its state: who had come before is waited for, also who is back later than others. */
static void the_collector_comes_back(void **state)
{
    (void)state;
    fate_context *context = roll_context();
    for (uint64_t tick = 1; tick < 90; tick += 2) {
        fate_simulator *simulator = simulate(context, 4, 0, tick, true);
        fate_simulator_set(simulator, "delay_least", 10);
        fate_simulator_set(simulator, "delay_most", 10);
        assert_int_equal(fate_simulator_run(simulator, PATIENCE + tick), FATE_AGAIN);
        assert_int_equal(fate_simulator_stop(simulator, 3), FATE_OK);
        assert_int_equal(fate_simulator_restart(simulator, 0), FATE_OK);
        assert_int_equal(fate_simulator_run(simulator, 300), FATE_AGAIN);
        assert_int_equal(fate_simulator_restart(simulator, 3), FATE_OK);
        run_to_the_end(simulator, context, tick);
        assert_true(total_of(simulator, 0) == ROUNDS * (2.0 + 4 + 8 + 16));
        fate_simulator_free(simulator);
    }
    fate_context_free(context);
}

/* With state kept everywhere, whatever goes wrong: nobody is ever told two different things, and all end. */
static void bad_networks(void **state)
{
    (void)state;
    fate_context *context = roll_context();
    for (uint64_t seed = 0; seed < 60; seed++) {
        fate_simulator *simulator = simulate(context, 5, (uint32_t)seed % 6, seed, true);
        fate_simulator_set(simulator, "delay_most", 40);
        fate_simulator_set(simulator, "loss", 30000);
        fate_simulator_set(simulator, "repeat", 30000);
        fate_simulator_set(simulator, "reconnect", 2000);
        fate_simulator_set(simulator, "partition", 300);
        fate_simulator_set(simulator, "crash", 500);
        fate_simulator_set(simulator, "store_delay_most", 30);
        fate_simulator_set(simulator, "faults_until", 20000);
        run_to_the_end(simulator, context, seed);
        double total = total_of(simulator, (uint32_t)seed % 6);
        for (uint32_t party = 0; party < 6; party++)
            if (fate_simulator_outcome(simulator, party) == FATE_FINISHED) assert_true(total_of(simulator, party) == total);
        fate_simulator_free(simulator);
    }
    fate_context_free(context);
}

static void who_breaks_the_rules_is_expelled(void **state)
{
    (void)state;
    fate_context *context = roll_context();
    for (int what = TOO_LONG; what <= NONSENSE; what++) {
        liar.party = 2;
        liar.what = what == TOO_LONG ? TOO_LONG : NONSENSE;
        fate_simulator *simulator = simulate(context, 4, 0, 7, what == NONSENSE);
        run_to_the_end(simulator, context, 7);
        assert_true(total_of(simulator, 0) == ROUNDS * (2.0 + 8 + 16));
        assert_int_equal(fate_simulator_outcome(simulator, 2), FATE_E_PEER);
        const char *sentence = fate_session_error(fate_simulator_session(simulator, 2));
        assert_non_null(strstr(sentence, what == TOO_LONG ? "too long" : "sent a number that is none"));
        fate_simulator_free(simulator);
    }
    fate_context_free(context);
}

static void tables_and_arguments(void **state)
{
    (void)state;
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(register_roll(context, FATE_WAIT_ALL, 0), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_context_error(context), "may vanish"));
    assert_int_equal(register_roll(context, FATE_WAIT_ANY, 1), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_context_error(context), "one at least must stay"));
    assert_int_equal(fate_turn_expel(NULL, 0, "x"), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_wake(NULL, 0), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_checkpoint_first(NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_present(NULL, 0), 0);
    assert_true(fate_turn_message(NULL) == UINT32_MAX && fate_turn_backlog(NULL, 0) == 0 && fate_turn_first(NULL) == 0);
    assert_int_equal(fate_simulator_stop(NULL, 0), FATE_E_ARGUMENT);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_there),
        cmocka_unit_test(some_never_come),
        cmocka_unit_test(killed_at_any_time),
        cmocka_unit_test(bad_networks),
        cmocka_unit_test(tables_and_arguments),
        cmocka_unit_test(who_breaks_the_rules_is_expelled),
        cmocka_unit_test(the_collector_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
