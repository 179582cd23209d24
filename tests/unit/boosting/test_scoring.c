/* Scoring: many blocks and hosts equal the pooled scores; rows, models and masks that do not fit are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/boosting_hostile.h"

/* A scoring run: models of a pooled training, and tables to score. */
struct scene {
    fate_context *context;
    fate_simulator *simulator;
    fate_table *data[BOOSTING_PARTIES_MOST], *tables[BOOSTING_PARTIES_MOST];
    fate_model *models[BOOSTING_PARTIES_MOST];
    uint32_t count;
};

static const struct boosting_case usual = {
    .hosts = 2, .rows = 60, .columns = 3, .missing = true, .categories = true, .parameters = "\"trees\": 3", .seed = 20};

/* Trains on `from`, and makes ready to score as many rows as `rows` says at each party. */
static void scene_make(struct scene *scene, fate_context *context, const struct boosting_case *from, const uint64_t *rows)
{
    char text[4096];
    memset(scene, 0, sizeof *scene);
    scene->context = context;
    scene->count = from->hosts + 1;
    boosting_job(text, from, 0);
    assert_int_equal(fate_simulator_new(context, &scene->simulator, text, FATE_PURPOSE_PREDICT, from->seed), FATE_OK);
    for (uint32_t party = 0; party < scene->count; party++) {
        struct boosting_case scored = *from;
        scored.validation_rows = rows[party];
        scene->data[party] = boosting_table(context, from, party, party == 0, FATE_TABLE_DATA);
        scene->tables[party] = boosting_table(context, &scored, party, false, FATE_TABLE_VALIDATION);
    }
    assert_int_equal(
        fate_train_pooled(context, scene->models, fate_simulator_job(scene->simulator), (const fate_table *const *)scene->data, NULL, NULL),
        FATE_OK);
}

static void equip(struct scene *scene)
{
    for (uint32_t party = 0; party < scene->count; party++) {
        fate_session *session = fate_simulator_session(scene->simulator, party);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, scene->tables[party]), FATE_OK);
        assert_int_equal(fate_session_set_model(session, scene->models[party]), FATE_OK);
    }
}

static void scene_free(struct scene *scene)
{
    fate_simulator_free(scene->simulator);
    for (uint32_t party = 0; party < scene->count; party++) {
        fate_table_free(scene->data[party]);
        fate_table_free(scene->tables[party]);
        fate_model_free(scene->models[party]);
    }
    fate_context_free(scene->context);
}

static fate_context *plain(void)
{
    return hostile_context((struct replacement){.run = NULL});
}

static void equal_pooled(uint64_t rows, uint32_t hosts)
{
    struct scene scene;
    struct boosting_case from = usual;
    const uint64_t all[BOOSTING_PARTIES_MOST] = {rows, rows, rows, rows};
    const double *values;
    uint64_t count;
    fate_scores *pooled;
    from.hosts = hosts;
    scene_make(&scene, plain(), &from, all);
    equip(&scene);
    assert_int_equal(fate_simulator_run(scene.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(fate_predict_pooled(scene.context, &pooled, fate_simulator_job(scene.simulator),
                                         (const fate_model *const *)scene.models, (const fate_table *const *)scene.tables),
                     FATE_OK);
    assert_int_equal(fate_session_result(fate_simulator_session(scene.simulator, 0), "score", &values, &count), FATE_OK);
    assert_int_equal(count, rows);
    assert_int_equal(fate_scores_rows(pooled), rows);
    assert_memory_equal(values, fate_scores_values(pooled, 0), rows * sizeof *values);
    fate_scores_free(pooled);
    scene_free(&scene);
}

static void scores_equal_pooled_ones(void **state)
{
    (void)state;
    equal_pooled(1, 1);
    equal_pooled(4096, 1);
    equal_pooled(9000, 0);
    equal_pooled(9000, 3);
}

static void no_rows_give_no_scores(void **state)
{
    (void)state;
    struct scene scene;
    const uint64_t none[BOOSTING_PARTIES_MOST] = {0};
    const double *values;
    uint64_t count;
    scene_make(&scene, plain(), &usual, none);
    equip(&scene);
    assert_int_equal(fate_simulator_run(scene.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(fate_session_result(fate_simulator_session(scene.simulator, 0), "score", &values, &count), FATE_OK);
    assert_int_equal(count, 0);
    scene_free(&scene);
}

static void other_rows_are_a_clear_error(void **state)
{
    (void)state;
    struct scene scene;
    const uint64_t fewer[BOOSTING_PARTIES_MOST] = {20, 20, 19};
    scene_make(&scene, plain(), &usual, fewer);
    equip(&scene);
    assert_int_equal(fate_simulator_run(scene.simulator, 1000000), FATE_E_ROWS_DIFFER);
    scene_free(&scene);
}

/* The second host comes with the model of a training on other rows, whose trees have other shapes. */
static void other_models_are_a_clear_error(void **state)
{
    (void)state;
    struct scene scene, other;
    const uint64_t rows[BOOSTING_PARTIES_MOST] = {20, 20, 20};
    struct boosting_case from = usual;
    from.parameters = "\"trees\": 3, \"min_child_weight\": 0, \"min_bin_rows\": 1";
    scene_make(&scene, plain(), &from, rows);
    from.rows = 5;
    scene_make(&other, plain(), &from, rows);
    fate_model *kept = scene.models[2];
    scene.models[2] = other.models[2];
    equip(&scene);
    assert_int_equal(fate_simulator_run(scene.simulator, 1000000), FATE_E_MODEL);
    scene.models[2] = kept;
    scene_free(&scene);
    scene_free(&other);
}

static void what_is_missing_is_said_at_once(void **state)
{
    (void)state;
    struct scene scene;
    const uint64_t rows[BOOSTING_PARTIES_MOST] = {20, 20, 20};
    scene_make(&scene, plain(), &usual, rows);
    assert_int_equal(fate_session_run(fate_simulator_session(scene.simulator, 0), 0, 0), FATE_E_TABLE);
    fate_session_set_table(fate_simulator_session(scene.simulator, 1), FATE_TABLE_DATA, scene.tables[1]);
    assert_int_equal(fate_session_run(fate_simulator_session(scene.simulator, 1), 0, 0), FATE_E_MODEL);
    assert_int_equal(fate_session_set_model(fate_simulator_session(scene.simulator, 2), scene.models[1]), FATE_E_MODEL);
    scene_free(&scene);
}

static int32_t garbage(fate_turn *turn, void *state)
{
    (void)state;
    int32_t result = fate_turn_finish(turn);
    return result == FATE_OK ? hostile_send(turn, MESSAGE_LEAVES, 0, "short", 5) : result;
}

static int32_t too_few(fate_turn *turn, void *state)
{
    struct scoring *scoring = state;
    uint8_t *bytes = calloc(OUTCOME_PART_HEAD + 10 * scoring->predictor.mask_bytes, 1);
    assert_non_null(bytes);
    bytes_store_u64(bytes + 8, 10);
    int32_t result = fate_turn_finish(turn);
    if (result == FATE_OK) {
        result = hostile_send(turn, MESSAGE_LEAVES, 0, bytes, OUTCOME_PART_HEAD + 10 * scoring->predictor.mask_bytes);
    }
    free(bytes);
    return result;
}

static int32_t no_leaf(fate_turn *turn, void *state)
{
    struct scoring *scoring = state;
    uint8_t *bytes = calloc(OUTCOME_PART_HEAD + 20 * scoring->predictor.mask_bytes, 1);
    assert_non_null(bytes);
    bytes_store_u64(bytes + 8, 20);
    int32_t result = fate_turn_finish(turn);
    if (result == FATE_OK) {
        result = hostile_send(turn, MESSAGE_LEAVES, 0, bytes, OUTCOME_PART_HEAD + 20 * scoring->predictor.mask_bytes);
    }
    free(bytes);
    return result;
}

static int32_t garbage_rows(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_ROWS, 0, "\x0a", 1);
}

static void refused(uint32_t role, uint32_t step, fate_step_function run, const char *part)
{
    struct scene scene;
    const uint64_t rows[BOOSTING_PARTIES_MOST] = {20, 20, 20};
    scene_make(&scene, hostile_context((struct replacement){FATE_PURPOSE_PREDICT, role, step, run}), &usual, rows);
    equip(&scene);
    assert_int_equal(fate_simulator_run(scene.simulator, 1000000), FATE_E_PROTOCOL);
    const char *sentence = fate_session_error(fate_simulator_session(scene.simulator, 0));
    if (strstr(sentence, part) == NULL) {
        print_error("%s\n", sentence);
    }
    assert_non_null(strstr(sentence, part));
    scene_free(&scene);
}

static void masks_are_checked(void **state)
{
    (void)state;
    refused(ROLE_HOST, 2, garbage, "party1 sent what the protocol does not allow");
    refused(ROLE_HOST, 2, too_few, "masks of leaves");
    refused(ROLE_HOST, 2, no_leaf, "no single leaf");
    refused(ROLE_HOST, 0, garbage_rows, "party1 sent what the protocol does not allow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_equal_pooled_ones),        cmocka_unit_test(no_rows_give_no_scores),
        cmocka_unit_test(other_rows_are_a_clear_error),    cmocka_unit_test(other_models_are_a_clear_error),
        cmocka_unit_test(what_is_missing_is_said_at_once), cmocka_unit_test(masks_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
