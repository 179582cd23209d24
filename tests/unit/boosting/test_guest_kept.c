/* Trainings one after the other that use one hint: as long as rows, bins, parties and both sides' counts are the same. */
#include "tests/support/unit.h"

#include <fate/session.h>

#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/host_lattice.h"
#include "src/session/simulated_store.h"
#include "tests/support/boosting_hostile.h"
#include "tests/support/boosting_world.h"

#define KEPT "\"cipher\": \"lattice\", \"lattice_vectors\": 2000, "

static const struct boosting_case usual = {
    .hosts = 2, .rows = 70, .columns = 3, .missing = true, .parameters = KEPT "\"trees\": 2, \"depth\": 3", .seed = 300};

/* Trainings in succession: what is kept goes from one simulator to the next. */
struct series {
    struct boosting_case from;
    struct world world;
    fate_simulator *last;
    uint32_t runs;
};

static void begin(struct series *series, const struct boosting_case *from)
{
    memset(series, 0, sizeof *series);
    series->from = *from;
    world_make(&series->world, &series->from, 0, 1);
}

static void end(struct series *series)
{
    fate_simulator_free(series->last);
    world_free(&series->world);
}

static bool is_kept(const struct simulated_value *value)
{
    return strncmp(value->key, "kept-", 5) == 0;
}

static void hand_over(struct simulated_store *from, struct simulated_store *to)
{
    for (struct simulated_value **place = &from->values; *place != NULL;) {
        struct simulated_value *value = *place;
        if (!is_kept(value)) {
            place = &value->next;
            continue;
        }
        *place = value->next;
        value->next = to->values;
        to->values = value;
    }
}

/* Another run of the same parties: what a session draws depends on how often parties were started. */
static fate_simulator *next(struct series *series)
{
    fate_simulator *simulator = world_simulate(&series->world, FATE_PURPOSE_TRAIN, network_good, true);
    series->runs++;
    for (uint32_t party = 0; party < series->world.count; party++) {
        for (uint32_t run = 0; run < series->runs; run++) assert_int_equal(fate_simulator_restart(simulator, party), FATE_OK);
        world_equip(simulator, &series->world, party, FATE_PURPOSE_TRAIN, true);
        if (series->last != NULL) hand_over(simulator_store(series->last, party), simulator_store(simulator, party));
    }
    fate_simulator_free(series->last);
    series->last = simulator;
    return simulator;
}

/* Bytes of hints that a party has sent, and of what it said of kept ones. */
static uint64_t sent(const struct series *series, uint32_t party, const char *message)
{
    const fate_session *session = fate_simulator_session(series->last, party);
    const char *name;
    uint32_t peer;
    int32_t outgoing;
    uint64_t messages, bytes, all = 0;
    for (uint32_t i = 0; fate_session_traffic(session, i, &name, &peer, &outgoing, &messages, &bytes) == FATE_OK; i++)
        if (outgoing != 0 && strcmp(name, message) == 0) all += bytes;
    return all;
}

/* The training ended well, with the pooled model, and with hints or without; hinted -1: who was killed does not know. */
static void check(struct series *series, int hinted)
{
    struct world *world = &series->world;
    world_finish(series->last, world);
    world_take_models(world, series->last);
    for (uint32_t party = 0; party < world->count; party++) {
        fate_model_free(world->models[party]);
        fate_model_free(world->pooled[party]);
        world->models[party] = world->pooled[party] = NULL;
        if (party > 0 && hinted >= 0) assert_int_equal(sent(series, party, "hint") > 0, hinted);
    }
}

static void train(struct series *series, bool hinted)
{
    next(series);
    check(series, hinted);
}

/* The record of a party, opened by no one but it: its count stands in what it is told. */
static struct simulated_value *record_of(const struct series *series, uint32_t party)
{
    for (struct simulated_value *value = simulator_store(series->last, party)->values; value != NULL; value = value->next)
        if (is_kept(value) && strchr(value->key, '.') == NULL) return value;
    return NULL;
}

static struct simulated_value *part_of(const struct series *series, uint32_t party)
{
    for (struct simulated_value *value = simulator_store(series->last, party)->values; value != NULL; value = value->next)
        if (is_kept(value) && strchr(value->key, '.') != NULL) return value;
    return NULL;
}

static void later_trainings_send_no_hint(void **state)
{
    (void)state;
    for (uint32_t hosts = 1; hosts < 4; hosts++) {
        static const uint32_t columns[] = {2, 3, 0, 2};
        struct series series;
        struct boosting_case from = usual;
        from.hosts = hosts;
        from.categories = true;
        from.party_columns = hosts == 3 ? columns : NULL;
        begin(&series, &from);
        next(&series);
        world_finish(series.last, &series.world);
        const uint64_t first = sent(&series, 1, "hint");
        assert_true(first > 10000);
        for (uint32_t again = 0; again < 3; again++) {
            next(&series);
            world_finish(series.last, &series.world);
            assert_int_equal(sent(&series, 1, "hint"), 0);
            assert_true(sent(&series, 1, "replies") > 0);
            for (uint32_t party = 0; party < series.world.count; party++) {
                assert_non_null(hosts == 3 && party == 2 ? (void *)&series : (void *)record_of(&series, party));
                assert_true((part_of(&series, party) != NULL) == (party == 0));
            }
        }
        train(&series, false);
        end(&series);
    }
}

/* Other trees, another loss, other samples, on the same rows and bins. */
static void other_jobs_use_it_too(void **state)
{
    (void)state;
    static const char *const parameters[] = {
        KEPT "\"trees\": 1, \"depth\": 2", KEPT "\"trees\": 3, \"depth\": 4, \"subsample\": 0.7, \"colsample_bytree\": 0.7",
        "\"cipher\": \"lattice\", \"lattice_vectors\": 5000, \"trees\": 2, \"goss_top\": 0.2, \"goss_other\": 0.3, \"min_samples\": 3"};
    struct series series;
    begin(&series, &usual);
    train(&series, true);
    for (uint32_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        series.from.parameters = parameters[i];
        boosting_job(series.world.text, &series.from, 0);
        train(&series, false);
    }
    end(&series);
}

static void changed_tables_need_a_new_hint(void **state)
{
    (void)state;
    for (uint32_t change = 0; change < 4; change++) {
        struct series series;
        struct boosting_case other = usual;
        if (change == 0) other.renamed = true; /* rows */
        if (change == 1) other.mapped = true;  /* values, and so edges */
        if (change == 2) other.columns = 4;
        if (change == 3) other.rows = 90;
        begin(&series, &usual);
        train(&series, true);
        fate_table *before[BOOSTING_PARTIES_MOST];
        for (uint32_t party = 0; party < series.world.count; party++) {
            before[party] = series.world.tables[party];
            series.world.tables[party] = boosting_table(series.world.context, &other, party, party == 0, FATE_TABLE_DATA);
        }
        series.from = other;
        boosting_job(series.world.text, &series.from, 0);
        train(&series, true);
        train(&series, false);
        end(&series);
        for (uint32_t party = 0; party < 3; party++) fate_table_free(before[party]);
    }
}

/* Fewer bins than before: the same values, other bins. */
static void changed_bins_need_a_new_hint(void **state)
{
    (void)state;
    struct series series;
    begin(&series, &usual);
    train(&series, true);
    series.from.parameters = KEPT "\"trees\": 2, \"depth\": 3, \"bins\": 5";
    boosting_job(series.world.text, &series.from, 0);
    train(&series, true);
    train(&series, false);
    series.from.parameters = KEPT "\"trees\": 2, \"depth\": 3, \"bins\": 5, \"lattice_profile\": \"C\"";
    boosting_job(series.world.text, &series.from, 0);
    train(&series, true);
    end(&series);
}

static void other_parties_need_a_new_hint(void **state)
{
    (void)state;
    struct series series;
    begin(&series, &usual);
    train(&series, true);
    series.from.seed++; /* other identities */
    next(&series);
    assert_int_equal(fate_simulator_run(series.last, 100000), FATE_FINISHED);
    assert_true(sent(&series, 1, "hint") > 0);
    end(&series);
}

/* One party's store was emptied. */
static void stores_that_have_nothing_need_a_new_hint(void **state)
{
    (void)state;
    for (uint32_t party = 0; party < 3; party++) {
        struct series series;
        begin(&series, &usual);
        train(&series, true);
        train(&series, false);
        simulated_store_remove(simulator_store(series.last, party), record_of(&series, party)->key);
        train(&series, true);
        train(&series, false);
        end(&series);
    }
}

/* A training of three vectors a node, three examined nodes a tree and two trees takes 18 numbers, or 12 where rows are not counted. */
static void the_cap_is_kept(void **state)
{
    (void)state;
    struct series series;
    struct boosting_case from = usual;
    uint32_t hints = 0;
    from.parameters = "\"cipher\": \"lattice\", \"lattice_vectors\": 50, \"trees\": 2, \"depth\": 2, \"min_child_weight\": 0";
    begin(&series, &from);
    for (uint32_t again = 0; again < 9; again++) {
        next(&series);
        world_finish(series.last, &series.world);
        hints += sent(&series, 1, "hint") > 0;
    }
    /* 2 trees * 2 nodes * 2 vectors are used, 12 may be: 50 are for five trainings and what is left over is not for a sixth. */
    assert_int_equal(hints, 2);
    end(&series);
}

static uint8_t *copy_of(const struct simulated_value *value, uint64_t *length)
{
    uint8_t *bytes = malloc(value->length);
    assert_non_null(bytes);
    memcpy(bytes, value->bytes, value->length);
    *length = value->length;
    return bytes;
}

/* A store is put back to what it was before the last training: the others have counted further. */
static void restored_stores_are_seen(void **state)
{
    (void)state;
    for (uint32_t party = 0; party < 3; party++) {
        struct series series;
        uint64_t length;
        begin(&series, &usual);
        train(&series, true);
        uint8_t *before = copy_of(record_of(&series, party), &length);
        train(&series, false);
        struct simulated_value *record = record_of(&series, party);
        assert_int_equal(record->length, length);
        memcpy(record->bytes, before, length);
        free(before);
        train(&series, true);
        train(&series, false);
        end(&series);
    }
}

static void spoilt_values_are_named(void **state)
{
    (void)state;
    for (uint32_t party = 0; party < 3; party++) {
        struct series series;
        begin(&series, &usual);
        train(&series, true);
        struct simulated_value *record = record_of(&series, party);
        record->bytes[record->length / 2] ^= 1;
        next(&series);
        assert_int_equal(fate_simulator_run(series.last, 100000), FATE_E_STORE);
        assert_non_null(strstr(fate_session_error(fate_simulator_session(series.last, party)), "was altered, or kept by another identity"));
        end(&series);
    }
    struct series series;
    begin(&series, &usual);
    train(&series, true);
    simulated_store_remove(simulator_store(series.last, 0), part_of(&series, 0)->key);
    next(&series);
    assert_int_equal(fate_simulator_run(series.last, 100000), FATE_E_STORE);
    assert_non_null(strstr(fate_session_error(fate_simulator_session(series.last, 0)), "a part of a host's kept hint is missing"));
    end(&series);
}

/* Parties that are killed at any moment of the first and of a later training; and trainings that are given up. */
static void killed_parties_go_on(void **state)
{
    (void)state;
    for (uint32_t step = 1; step < 40; step += 3) {
        struct series series;
        begin(&series, &usual);
        for (uint32_t again = 0; again < 3; again++) {
            next(&series);
            for (uint32_t kill = 0; kill < 6 && fate_simulator_run(series.last, step) == FATE_AGAIN; kill++) {
                uint32_t party = (kill + step) % series.world.count;
                assert_int_equal(fate_simulator_restart(series.last, party), FATE_OK);
                world_equip(series.last, &series.world, party, FATE_PURPOSE_TRAIN, true);
            }
            check(&series, again > 0 ? 0 : -1);
        }
        end(&series);
    }
}

/* Whether a hint serves again after that depends on how far they came: all models are right, and the next trainings need none. */
static void trainings_that_are_given_up(void **state)
{
    (void)state;
    for (uint32_t ticks = 1; ticks < 60; ticks += 4) {
        struct series series;
        begin(&series, &usual);
        next(&series);
        (void)fate_simulator_run(series.last, ticks);
        next(&series);
        world_finish(series.last, &series.world);
        next(&series);
        (void)fate_simulator_run(series.last, ticks);
        next(&series);
        world_finish(series.last, &series.world);
        train(&series, false);
        end(&series);
    }
}

static void without_a_store(void **state)
{
    (void)state;
    struct world world;
    world_make(&world, &usual, 0, 1);
    fate_simulator *simulator = world_simulate(&world, FATE_PURPOSE_TRAIN, network_good, false);
    assert_int_equal(fate_simulator_run(simulator, 100000), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_session_error(fate_simulator_session(simulator, 1)), "keeps the hint in a store, and there is none"));
    fate_simulator_free(simulator);
    world_free(&world);
}

/* A host says that it holds what it does not. */
static int32_t false_claim(fate_turn *turn, void *state)
{
    struct host *host = state;
    host->lattice->said.holds = true;
    host->lattice->said.used = 0;
    memcpy(host->lattice->said.seed, host->lattice->kept.run, LATTICE_SEED);
    return host_choice(turn, state);
}

static int32_t short_choice(fate_turn *turn, void *state)
{
    (void)state;
    int32_t result = hostile_send(turn, MESSAGE_CHOICE, 1, "short", 5);
    return result == FATE_OK ? fate_turn_go_to(turn, GUEST_COMMITMENTS) : result;
}

static int32_t choice_of_nothing(fate_turn *turn, void *state)
{
    const uint8_t choice[KEPT_CHOICE] = {1, 5};
    (void)state;
    int32_t result = hostile_send(turn, MESSAGE_CHOICE, 1, choice, sizeof choice);
    return result == FATE_OK ? fate_turn_go_to(turn, GUEST_COMMITMENTS) : result;
}

static void expect(const struct replacement *replacement, int32_t expected, uint32_t party, const char *part)
{
    struct hostile_run run;
    struct boosting_case from = usual;
    hostile_begin(&run, hostile_context(*replacement), &from);
    for (uint32_t i = 0; i < run.count; i++)
        assert_int_equal(fate_session_set_option(fate_simulator_session(run.simulator, i), "durable", 1), FATE_OK);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), expected);
    if (part != NULL) assert_non_null(strstr(fate_session_error(fate_simulator_session(run.simulator, party)), part));
    hostile_end(&run);
}

static void choices_are_checked(void **state)
{
    (void)state;
    expect(&(struct replacement){FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_CHOICE, false_claim}, FATE_FINISHED, 0, NULL);
    expect(&(struct replacement){FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_HELD, short_choice}, FATE_E_PROTOCOL, 1,
           "a choice of a hint that cannot be read");
    expect(&(struct replacement){FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_HELD, choice_of_nothing}, FATE_E_PROTOCOL, 1,
           "a hint that this host does not keep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_trainings_send_no_hint),
        cmocka_unit_test(other_jobs_use_it_too),
        cmocka_unit_test(changed_tables_need_a_new_hint),
        cmocka_unit_test(changed_bins_need_a_new_hint),
        cmocka_unit_test(other_parties_need_a_new_hint),
        cmocka_unit_test(stores_that_have_nothing_need_a_new_hint),
        cmocka_unit_test(the_cap_is_kept),
        cmocka_unit_test(restored_stores_are_seen),
        cmocka_unit_test(spoilt_values_are_named),
        cmocka_unit_test(killed_parties_go_on),
        cmocka_unit_test(trainings_that_are_given_up),
        cmocka_unit_test(without_a_store),
        cmocka_unit_test(choices_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
