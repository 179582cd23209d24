/* Bodies of models: round trips, a known one, and bodies that must be refused. */
#include "tests/support/allocator.h"
#include "tests/support/boosting_models.h"
#include "proto/boosting.pb-c.h"

#include <float.h>

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static void test_round_trips(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 10; round++) {
        struct test_parties set;
        struct boosting_model models[3];
        struct boosting_parameters parameters = test_parameters();
        double expected[150], scores[150];
        struct boosting_model again[3];
        parameters.depth = 1 + round % 5;
        assert_int_equal(test_parties_make(context, &set, test_mixed_shape(round, 150), test_cuts, 3, round % 3, 0), FATE_OK);
        assert_int_equal(test_models_make(context, models, &set, &parameters), FATE_OK);
        for (uint32_t i = 0; i < 3; i++) {
            struct buffer body;
            buffer_init(&body, context);
            assert_int_equal(boosting_model_write(&models[i], &body), FATE_OK);
            assert_int_equal(boosting_model_read(&again[i], context, body.bytes, body.length), FATE_OK);
            assert_true(test_models_equal(context, &models[i], &again[i]));
            buffer_free(&body);
        }
        assert_int_equal(pooled_predict(context, expected, models, set.parties, 3), FATE_OK);
        assert_int_equal(pooled_predict(context, scores, again, set.parties, 3), FATE_OK);
        assert_memory_equal(scores, expected, sizeof scores);
        test_models_free(models, 3);
        test_models_free(again, 3);
        test_parties_free(&set);
    }
}

/* The bytes of a small model, written by hand from proto/boosting.proto. */
static void test_known(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {
        0x0a, 0x17,                                                                   /* guest */
        0x0a, 0x07, 's',  'q',  'u',  'a',  'r',  'e',  'd',                          /*   objective */
        0x11, 0,    0,    0,    0,    0,    0,    0xe0, 0x3f,                         /*   base_score 0.5 */
        0x1a, 0x01, 'a',  0x1a, 0x00,                                                 /*   parties "a", "" */
        0x12, 0x09, 0x0a, 0x01, 'x',  0x10, 0x01, 0x1a, 0x02, 'p',  'q',              /* column x, categorical: "pq" */
        0x1a, 0x1a,                                                                   /* tree */
        0x0a, 0x0b, 0x08, 0x01, 0x10, 0x02, 0x1a, 0x05, 0x08, 0x01, 0x1a, 0x01, 0x00, /* node 0: 1, 2, own: column 1, left {0} */
        0x0a, 0x00,                                                                   /* node 1 */
        0x0a, 0x09, 0x29, 0,    0,    0,    0,    0,    0,    0xf0, 0x3f,             /* node 2: weight 1 */
    };
    struct boosting_model model;
    struct buffer body;
    buffer_init(&body, context);
    assert_int_equal(boosting_model_read(&model, context, bytes, sizeof bytes), FATE_OK);
    assert_true(model.guest && model.base_score == 0.5 && model.objective == OBJECTIVE_SQUARED && model.party_count == 2);
    assert_string_equal(model.columns[0].categories[0], "pq");
    assert_int_equal(model.trees[0].count, 3);
    assert_int_equal(model.trees[0].nodes[0].condition.left_count, 1);
    assert_true(model.trees[0].nodes[2].weight == 1);
    assert_int_equal(boosting_model_write(&model, &body), FATE_OK);
    assert_int_equal(body.length, sizeof bytes);
    assert_memory_equal(body.bytes, bytes, sizeof bytes);
    boosting_model_free(&model);
    for (uint64_t length = 1; length < sizeof bytes; length++) {
        int32_t result = boosting_model_read(&model, context, bytes, length);
        /* Cut between two members of the outermost message, it may be a smaller model. */
        assert_true(result == FATE_E_FORMAT || (result == FATE_OK && length == 25));
        if (result == FATE_OK) boosting_model_free(&model);
    }
    buffer_free(&body);
}

/* ---- a good message that tests spoil in one place ---- */

struct message {
    Fate__BoostingModel model;
    Fate__BoostingGuest guest;
    Fate__BoostingColumn columns[2];
    Fate__BoostingTree tree;
    Fate__BoostingNode nodes[7];
    Fate__BoostingCondition own[2];
    Fate__BoostingElsewhere elsewhere;
    Fate__BoostingColumn *column_list[2];
    Fate__BoostingTree *tree_list[1];
    Fate__BoostingNode *node_list[7];
    ProtobufCBinaryData categories[2];
    char *parties[2];
    char text[4][16];
    uint32_t left[2];
};

static ProtobufCBinaryData bytes_of(char *text, size_t length)
{
    return (ProtobufCBinaryData){.len = length, .data = (uint8_t *)text};
}

/* Node 0: own number column 1; node 1: own category column 2; node 2: party 1's column 1; leaves 3 to 6. */
static void make_message(struct message *message)
{
    memset(message, 0, sizeof *message);
    fate__boosting_model__init(&message->model);
    fate__boosting_guest__init(&message->guest);
    fate__boosting_tree__init(&message->tree);
    fate__boosting_elsewhere__init(&message->elsewhere);
    memcpy(message->text, (const char[4][16]){"logistic", "one", "two", "three"}, sizeof message->text);
    message->parties[0] = message->text[1];
    message->parties[1] = message->text[2];
    message->guest.objective = message->text[0];
    message->guest.base_score = 0.5;
    message->guest.n_parties = 2;
    message->guest.parties = message->parties;
    message->model.guest = &message->guest;
    for (uint32_t i = 0; i < 2; i++) {
        fate__boosting_column__init(&message->columns[i]);
        fate__boosting_condition__init(&message->own[i]);
        message->columns[i].name = bytes_of(message->text[1 + i], 3);
        message->column_list[i] = &message->columns[i];
        message->categories[i] = bytes_of(message->text[1 + i], 3);
        message->own[i].column = i + 1;
    }
    message->columns[1].categorical = 1;
    message->columns[1].n_categories = 2;
    message->columns[1].categories = message->categories;
    message->left[1] = 1;
    message->own[1].n_left = 2;
    message->own[1].left = message->left;
    message->elsewhere.party = 1;
    message->elsewhere.column = 1;
    for (uint32_t i = 0; i < 7; i++) {
        fate__boosting_node__init(&message->nodes[i]);
        message->nodes[i].left = i < 3 ? 2 * i + 1 : 0;
        message->nodes[i].right = i < 3 ? 2 * i + 2 : 0;
        message->node_list[i] = &message->nodes[i];
    }
    message->nodes[0].own = &message->own[0];
    message->nodes[1].own = &message->own[1];
    message->nodes[2].elsewhere = &message->elsewhere;
    message->tree.n_nodes = 7;
    message->tree.nodes = message->node_list;
    message->tree_list[0] = &message->tree;
    message->model.n_columns = 2;
    message->model.columns = message->column_list;
    message->model.n_trees = 1;
    message->model.trees = message->tree_list;
}

static int32_t read_message(const struct message *message)
{
    struct boosting_model model;
    size_t length = fate__boosting_model__get_packed_size(&message->model);
    uint8_t *bytes = malloc(length + 1);
    assert_non_null(bytes);
    fate__boosting_model__pack(&message->model, bytes);
    int32_t result = boosting_model_read(&model, context, bytes, length);
    free(bytes);
    if (result == FATE_OK)
        boosting_model_free(&model);
    else
        assert_null(model.context);
    return result;
}

/* Does one thing to the message; false when there is no such thing. */
static bool spoil(struct message *message, uint32_t what)
{
    struct message *m = message;
    switch (what) {
    case 0: m->text[0][0] = 'x'; return true;
    case 1: m->guest.base_score = 1; return true;
    case 2: m->guest.base_score = (double)NAN; return true;
    case 3: m->guest.n_parties = 0; return true;
    case 4: m->columns[0].name.len = 0; return true;
    case 5:
        m->columns[0].n_categories = 1;
        m->columns[0].categories = m->categories;
        return true;
    case 6: m->text[1][1] = '\0'; return true;
    case 7: m->categories[1] = m->categories[0]; return true;
    case 8: m->own[0].column = 0; return true;
    case 9: m->own[0].column = 3; return true;
    case 10: m->own[0].threshold = (double)INFINITY; return true;
    case 11: m->own[0].other_left = 1; return true;
    case 12:
        m->own[0].n_left = 1;
        m->own[0].left = m->left;
        return true;
    case 13: m->own[1].threshold = 1; return true;
    case 14: m->left[1] = 2; return true;
    case 15: m->left[1] = 0; return true;
    case 16: m->elsewhere.party = 2; return true;
    case 17: m->elsewhere.column = 0; return true;
    case 18: m->elsewhere.column = 2; return true;
    case 19: m->nodes[2].elsewhere = NULL; return true;
    case 20: m->nodes[1].elsewhere = &m->elsewhere; return true;
    case 21: m->nodes[3].own = &m->own[0]; return true;
    case 22: m->nodes[3].elsewhere = &m->elsewhere; return true;
    case 23: m->nodes[3].gain = 1; return true;
    case 24: m->nodes[0].weight = 1; return true;
    case 25: m->nodes[3].weight = (double)NAN; return true;
    case 26: m->nodes[3].cover = (double)INFINITY; return true;
    case 27: m->nodes[0].gain = (double)-INFINITY; return true;
    case 28: m->nodes[0].left = 2; return true;
    case 29: m->nodes[0].right = 3; return true;
    case 30: m->nodes[1].left = 1; return true;
    case 31: m->nodes[3].right = 1; return true;
    case 32: m->tree.n_nodes = 6; return true;
    case 33: m->tree.n_nodes = 0; return true;
    case 34:
        m->nodes[2].left = m->nodes[2].right = 0;
        m->nodes[2].elsewhere = NULL;
        return true;
    case 35:
        m->nodes[2].left = UINT32_MAX;
        m->nodes[2].right = 0;
        return true;
    case 36:
        m->own[0].column = 2;
        m->own[1].column = 1;
        return true;
    case 37:
        m->nodes[0].own = NULL;
        m->nodes[0].elsewhere = &m->elsewhere;
        return true;                             /* column 1 is never used */
    case 38: m->model.guest = NULL; return true; /* elsewhere in a host's model */
    case 39:
        m->model.guest = NULL;
        m->nodes[2].elsewhere = NULL;
        m->nodes[5].weight = 1;
        return true;
    default: return false;
    }
}

static void test_spoilt(void **state)
{
    (void)state;
    struct message message;
    make_message(&message);
    assert_int_equal(read_message(&message), FATE_OK);
    message.model.guest = NULL;
    message.nodes[2].elsewhere = NULL;
    assert_int_equal(read_message(&message), FATE_OK); /* a host's */
    make_message(&message);
    message.own[0].threshold = -DBL_MAX;
    message.nodes[3].weight = -2;
    message.nodes[0].gain = 4;
    assert_int_equal(read_message(&message), FATE_OK);
    uint32_t what = 0;
    for (;; what++) {
        make_message(&message);
        if (!spoil(&message, what)) break;
        int32_t result = read_message(&message);
        if (result != FATE_E_FORMAT) fail_msg("spoilt in way %u it is read with %d", what, result);
        assert_non_null(strstr(fate_context_error(context), "the model is damaged"));
    }
    assert_int_equal(what, 40);
}

/* A chain one deeper than allowed. */
static void test_too_deep(void **state)
{
    (void)state;
    for (uint32_t depth = BOOSTING_DEPTH_LIMIT; depth <= BOOSTING_DEPTH_LIMIT + 1; depth++) {
        struct boosting_model model, again;
        struct buffer body;
        buffer_init(&body, context);
        assert_int_equal(boosting_model_init(&model, context, false, NULL, 0), FATE_OK);
        assert_int_equal(boosting_model_add_tree(&model), FATE_OK);
        for (uint32_t level = 0; level < depth; level++) assert_int_equal(boosting_model_split(&model, 2 * level, 0, 0), FATE_OK);
        assert_int_equal(boosting_model_write(&model, &body), FATE_OK);
        int32_t result = boosting_model_read(&again, context, body.bytes, body.length);
        assert_int_equal(result, depth <= BOOSTING_DEPTH_LIMIT ? FATE_OK : FATE_E_FORMAT);
        if (result == FATE_OK) boosting_model_free(&again);
        boosting_model_free(&model);
        buffer_free(&body);
    }
}

static int32_t pass(fate_context *poor, const uint8_t *bytes, uint64_t length)
{
    struct boosting_model model;
    struct buffer body;
    int32_t result = boosting_model_read(&model, poor, bytes, length);
    if (result != FATE_OK) return result;
    buffer_init(&body, poor);
    result = boosting_model_write(&model, &body);
    buffer_free(&body);
    boosting_model_free(&model);
    return result;
}

static void test_no_memory(void **state)
{
    (void)state;
    struct message message;
    uint8_t bytes[512];
    make_message(&message);
    size_t length = fate__boosting_model__get_packed_size(&message.model);
    assert_true(length <= sizeof bytes);
    fate__boosting_model__pack(&message.model, bytes);
    int32_t result = FATE_E_MEMORY;
    for (long long call = 0; result == FATE_E_MEMORY; call++) {
        struct test_allocator memory;
        fate_allocator allocator = test_allocator(&memory, -1);
        fate_context *poor = NULL;
        assert_int_equal(context_new(&poor, &allocator), FATE_OK);
        memory.fail = memory.calls + call;
        result = pass(poor, bytes, length);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        assert_true(result == FATE_OK || fate_context_error(poor)[0] != '\0');
        fate_context_free(poor);
        assert_int_equal(memory.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips), cmocka_unit_test(test_known),     cmocka_unit_test(test_spoilt),
        cmocka_unit_test(test_too_deep),    cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
