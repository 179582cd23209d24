/* The blocking calls over loopback, each party in a thread of its own: models and scores equal the pooled ones; arguments and wrong objects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/context.h"
#include "tests/support/boosting_tables.h"

enum { PARTIES = 2 };

/* What one party has: nothing is shared but the transports. */
struct side {
    const struct boosting_case *from;
    const char *text;
    uint32_t party;
    fate_context *context;
    fate_job *job;
    fate_identity *identity;
    fate_table *table;
    fate_transport *transport;
    fate_store *store;
    fate_model *model, *earlier;
    fate_scores *scores;
    int32_t result;
};

static const char *const names[PARTIES] = {"party0", "party1"};

static void *train(void *argument)
{
    struct side *side = argument;
    side->result = fate_train(side->context, &side->model, side->job, names[side->party], side->identity, side->table, NULL,
                              side->transport, side->store, NULL);
    return NULL;
}

static void *train_on(void *argument)
{
    struct side *side = argument;
    side->result = fate_train_from(side->context, &side->model, side->job, names[side->party], side->identity, side->table, NULL,
                                   side->earlier, side->transport, side->store, NULL);
    return NULL;
}

static void *predict(void *argument)
{
    struct side *side = argument;
    side->result = fate_predict_leaves(side->context, &side->scores, side->job, names[side->party], side->identity, side->model,
                                       side->table, side->transport, NULL, NULL);
    return NULL;
}

static void run(struct side *sides, void *(*body)(void *))
{
    pthread_t thread;
    fate_context *context;
    fate_transport *transports[PARTIES];
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_loopback_new(context, transports, PARTIES), FATE_OK);
    for (uint32_t i = 0; i < PARTIES; i++) {
        sides[i].transport = transports[i];
    }
    assert_int_equal(pthread_create(&thread, NULL, body, &sides[1]), 0);
    body(&sides[0]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    for (uint32_t i = 0; i < PARTIES; i++) {
        if (sides[i].result != FATE_OK) {
            print_error("%s: %s: %s\n", names[i], fate_result_name(sides[i].result), fate_context_error(sides[i].context));
        }
        fate_transport_free(transports[i]);
    }
    fate_context_free(context);
}

/* The job's text with the identities of both sides in it. */
static void write_job(char *text, const struct side *sides, const struct boosting_case *from)
{
    char bare[4096];
    boosting_job(bare, from, 0);
    text[0] = '\0';
    const char *at = bare;
    for (uint32_t i = 0; i < PARTIES; i++) {
        const char *address = strstr(at, "\"address\"");
        strncat(text, at, (size_t)(address - at));
        strcat(text, "\"key\": \"");
        strcat(text, fate_identity_public(sides[i].identity));
        strcat(text, "\", \"address\"");
        at = address + strlen("\"address\"");
    }
    strcat(text, at);
}

static void make_sides(struct side *sides, const struct boosting_case *from)
{
    char text[8192];
    memset(sides, 0, PARTIES * sizeof *sides);
    for (uint32_t i = 0; i < PARTIES; i++) {
        sides[i].from = from;
        sides[i].party = i;
        assert_int_equal(fate_context_new(&sides[i].context, NULL), FATE_OK);
        sides[i].context->accepts_small_keys = true;
        assert_int_equal(fate_identity_generate(sides[i].context, &sides[i].identity), FATE_OK);
        sides[i].table = boosting_table(sides[i].context, from, i, i == 0, FATE_TABLE_DATA);
    }
    write_job(text, sides, from);
    for (uint32_t i = 0; i < PARTIES; i++) {
        assert_int_equal(fate_job_parse(sides[i].context, &sides[i].job, "job", (const uint8_t *)text, strlen(text)), FATE_OK);
    }
}

static void free_sides(struct side *sides)
{
    for (uint32_t i = 0; i < PARTIES; i++) {
        fate_scores_free(sides[i].scores);
        fate_model_free(sides[i].model);
        fate_model_free(sides[i].earlier);
        fate_store_free(sides[i].store);
        fate_table_free(sides[i].table);
        fate_job_free(sides[i].job);
        fate_identity_free(sides[i].identity);
        fate_context_free(sides[i].context);
    }
}

static const struct boosting_case usual = {
    .hosts = 1, .rows = 80, .columns = 4, .missing = true, .categories = true, .parameters = "\"trees\": 2", .seed = 7};

/* Trains pooled and holds the models of both sides against those, which the caller frees. */
static void compare_models(struct side *sides, fate_model **pooled)
{
    const fate_table *tables[PARTIES] = {sides[0].table, sides[1].table};
    fate_context *context = sides[0].context;
    assert_int_equal(fate_train_pooled(context, pooled, sides[0].job, tables, NULL, NULL), FATE_OK);
    for (uint32_t i = 0; i < PARTIES; i++) {
        uint8_t *one, *other;
        uint64_t one_length, other_length;
        assert_int_equal(fate_model_export(pooled[i], &one, &one_length), FATE_OK);
        assert_int_equal(fate_model_export(sides[i].model, &other, &other_length), FATE_OK);
        assert_int_equal(one_length, other_length);
        assert_memory_equal(one, other, one_length);
        fate_free(context, one);
        fate_free(sides[i].context, other);
    }
}

static void compare_with_pooled(struct side *sides)
{
    fate_model *pooled[PARTIES];
    fate_scores *scores;
    const fate_table *tables[PARTIES] = {sides[0].table, sides[1].table};
    fate_context *context = sides[0].context;
    compare_models(sides, pooled);
    assert_int_equal(fate_predict_pooled_leaves(context, &scores, sides[0].job, (const fate_model *const *)pooled, tables), FATE_OK);
    assert_int_equal(fate_scores_rows(scores), usual.rows);
    assert_int_equal(fate_scores_rows(sides[0].scores), usual.rows);
    assert_string_equal(fate_scores_column_name(sides[0].scores, 0), "score");
    assert_int_equal(fate_scores_columns(sides[0].scores), 3);
    assert_int_equal(fate_scores_columns(scores), 3);
    assert_string_equal(fate_scores_column_name(sides[0].scores, 2), "leaf_2");
    for (uint32_t i = 0; i < 3; i++)
        assert_memory_equal(fate_scores_values(scores, i), fate_scores_values(sides[0].scores, i), usual.rows * sizeof(double));
    assert_int_equal(fate_scores_rows(sides[1].scores), 0);
    fate_scores_free(scores);
    fate_model_free(pooled[0]);
    fate_model_free(pooled[1]);
}

static void both_calls_equal_the_pooled_ones(void **state)
{
    (void)state;
    struct side sides[PARTIES];
    make_sides(sides, &usual);
    run(sides, train);
    assert_int_equal(sides[0].result, FATE_OK);
    assert_int_equal(sides[1].result, FATE_OK);
    run(sides, predict);
    assert_int_equal(sides[0].result, FATE_OK);
    assert_int_equal(sides[1].result, FATE_OK);
    compare_with_pooled(sides);
    for (int i = 0; i < PARTIES; i++) { /* the results live on the caller's context, and so do their sentences */
        assert_int_equal(fate_model_write(sides[i].model, "/nowhere/of this/model"), FATE_E_FILE);
        assert_non_null(strstr(fate_context_error(sides[i].context), "/nowhere/of this/model"));
    }
    assert_int_equal(fate_scores_write_csv(sides[0].scores, sides[0].table, "/nowhere/of these/scores"), FATE_E_FILE);
    assert_non_null(strstr(fate_context_error(sides[0].context), "/nowhere/of these/scores"));
    free_sides(sides);
}

/* A side's model in the context of another one. */
static fate_model *take_over(const struct side *from, const struct side *to)
{
    uint8_t *bytes;
    uint64_t length;
    fate_model *model = NULL;
    assert_int_equal(fate_model_export(from->model, &bytes, &length), FATE_OK);
    assert_int_equal(fate_model_import(to->context, &model, bytes, length), FATE_OK);
    fate_free(from->context, bytes);
    return model;
}

/* Two trees, and then five from them: the model of five trees in one run; again where state was kept; and what cannot begin so is refused. */
static void training_goes_on_from_an_earlier_model(void **state)
{
    (void)state;
    struct boosting_case longer = usual;
    struct side first[PARTIES], second[PARTIES];
    fate_model *pooled[PARTIES];
    longer.parameters = "\"trees\": 5";
    make_sides(first, &usual);
    run(first, train);
    make_sides(second, &longer);
    for (uint32_t i = 0; i < PARTIES; i++) {
        assert_int_equal(first[i].result, FATE_OK);
        second[i].earlier = take_over(&first[i], &second[i]);
        assert_int_equal(fate_memory_store_new(second[i].context, &second[i].store), FATE_OK);
    }
    for (uint32_t turn = 0; turn < 2; turn++) {
        run(second, train_on);
        assert_int_equal(second[0].result, FATE_OK);
        assert_int_equal(second[1].result, FATE_OK);
        compare_models(second, pooled);
        for (uint32_t i = 0; i < PARTIES; i++) {
            fate_model_free(pooled[i]);
            fate_model_free(second[i].model);
            second[i].model = NULL;
        }
    }
    for (uint32_t i = 0; i < PARTIES; i++) { /* the halves of each other */
        fate_store_free(second[i].store);
        fate_model_free(second[i].earlier);
        second[i].store = NULL;
        second[i].earlier = take_over(&first[1 - i], &second[i]);
    }
    run(second, train_on);
    for (uint32_t i = 0; i < PARTIES; i++) {
        assert_int_equal(second[i].result, FATE_E_MODEL);
        assert_non_null(strstr(fate_context_error(second[i].context), "the model is the one of party"));
    }
    assert_null(second[0].model);
    free_sides(first);
    free_sides(second);
}

static void the_same_call_after_success_gives_the_same_model(void **state)
{
    (void)state;
    struct side sides[PARTIES];
    uint8_t *bytes[2];
    uint64_t lengths[2];
    make_sides(sides, &usual);
    for (uint32_t i = 0; i < PARTIES; i++) {
        assert_int_equal(fate_memory_store_new(sides[i].context, &sides[i].store), FATE_OK);
    }
    for (uint32_t turn = 0; turn < 2; turn++) {
        run(sides, train);
        assert_int_equal(sides[0].result, FATE_OK);
        assert_int_equal(sides[1].result, FATE_OK);
        assert_int_equal(fate_model_export(sides[0].model, &bytes[turn], &lengths[turn]), FATE_OK);
        for (uint32_t i = 0; i < PARTIES; i++) {
            fate_model_free(sides[i].model);
            sides[i].model = NULL;
        }
    }
    assert_int_equal(lengths[0], lengths[1]);
    assert_memory_equal(bytes[0], bytes[1], lengths[0]);
    fate_free(sides[0].context, bytes[0]);
    fate_free(sides[0].context, bytes[1]);
    free_sides(sides);
}

/* Both parties learn that their rows differ, and the sentence is on the context that each gave. */
static void different_rows_are_a_clear_error(void **state)
{
    (void)state;
    struct side sides[PARTIES];
    struct boosting_case fewer = usual;
    make_sides(sides, &usual);
    fewer.rows--;
    fate_table_free(sides[1].table);
    sides[1].table = boosting_table(sides[1].context, &fewer, 1, false, FATE_TABLE_DATA);
    run(sides, train);
    assert_int_equal(sides[0].result, FATE_E_ROWS_DIFFER);
    assert_int_equal(sides[1].result, FATE_E_ROWS_DIFFER);
    assert_non_null(strstr(fate_context_error(sides[0].context), "80 rows"));
    assert_non_null(strstr(fate_context_error(sides[1].context), "party1 has 79"));
    assert_null(sides[0].model);
    free_sides(sides);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    struct side sides[PARTIES];
    fate_model *model = NULL;
    fate_scores *scores = NULL;
    make_sides(sides, &usual);
    const struct side *side = &sides[0];
    fate_transport none = {.struct_size = sizeof none, .abi_version = FATE_ABI_VERSION};
    assert_int_equal(fate_train(NULL, &model, side->job, names[0], side->identity, side->table, NULL, &none, NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_train(side->context, &model, side->job, names[0], side->identity, NULL, NULL, &none, NULL, NULL),
                     FATE_E_ARGUMENT);
    assert_int_equal(fate_train(side->context, &model, side->job, "nobody", side->identity, side->table, NULL, &none, NULL, NULL),
                     FATE_E_ARGUMENT);
    assert_int_equal(fate_train(side->context, &model, side->job, names[1], side->identity, side->table, NULL, &none, NULL, NULL),
                     FATE_E_IDENTITY);
    assert_int_equal(
        fate_train_from(side->context, &model, side->job, names[0], side->identity, side->table, NULL, NULL, &none, NULL, NULL),
        FATE_E_ARGUMENT);
    assert_null(model);
    assert_int_equal(fate_predict(NULL, &scores, side->job, names[0], side->identity, model, side->table, &none, NULL, NULL),
                     FATE_E_ARGUMENT);
    assert_int_equal(fate_predict_leaves(side->context, &scores, side->job, names[0], side->identity, NULL, side->table, &none, NULL, NULL),
                     FATE_E_ARGUMENT);
    assert_null(scores);
    free_sides(sides);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_calls_equal_the_pooled_ones),
        cmocka_unit_test(training_goes_on_from_an_earlier_model),
        cmocka_unit_test(the_same_call_after_success_gives_the_same_model),
        cmocka_unit_test(different_rows_are_a_clear_error),
        cmocka_unit_test(wrong_arguments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
