/* Text and JSON of models: of one party, merged, of models that do not fit together, and with names that need care. */
#include "tests/support/allocator.h"
#include "tests/support/boosting_models.h"
#include "src/models/boosting/dump.h"

#include <float.h>
#include <jansson.h>

static fate_context *context;
static struct boosting_model guest, host;

/* bank: root x <= 1.5, its right child city in {"ü", "a b"}; telecom: node 1. */
static void make_guest(void)
{
    static const char *const parties[] = {"bank", "telecom"};
    static const char *const categories[] = {"a b", "q\"\n\xff", "\xc3\xbc"};
    assert_int_equal(boosting_model_init(&guest, context, true, parties, 2), FATE_OK);
    guest.objective = OBJECTIVE_LOGISTIC;
    guest.base_score = 0.25;
    guest.columns = memory_zeroed(context, 2, sizeof *guest.columns);
    guest.columns[0] = (struct boosting_column){.name = memory_text(context, "x"), .kind = FATE_COLUMN_NUMBER};
    guest.columns[1] = (struct boosting_column){.name = memory_text(context, "city"), .kind = FATE_COLUMN_CATEGORY, .category_count = 3};
    guest.columns[1].categories = memory_zeroed(context, 3, sizeof(char *));
    for (uint32_t i = 0; i < 3; i++) guest.columns[1].categories[i] = memory_text(context, categories[i]);
    guest.column_count = 2;
    assert_int_equal(boosting_model_add_tree(&guest), FATE_OK);
    for (uint32_t node = 0; node < 3; node++) assert_int_equal(boosting_model_split(&guest, node, 1, 1), FATE_OK);
    struct boosting_node *nodes = guest.trees[0].nodes;
    nodes[0].kind = nodes[2].kind = BOOSTING_OWN;
    nodes[0].column = 1;
    nodes[0].condition = (struct boosting_condition){.threshold = 1.5, .missing_left = true};
    nodes[2].column = 2;
    nodes[2].condition =
        (struct boosting_condition){.left = memory_zeroed(context, 3, sizeof(uint32_t)), .left_count = 3, .other_left = true};
    for (uint32_t i = 0; i < 3; i++) {
        nodes[2].condition.left[i] = i;
        nodes[i].gain = 8 >> i;
    }
    for (uint32_t i = 0; i < 7; i++) nodes[i].cover = 7 - i;
    for (uint32_t i = 3; i < 7; i++) nodes[i].weight = i * -0.5;
}

static void make_host(void)
{
    assert_int_equal(boosting_model_init(&host, context, false, NULL, 0), FATE_OK);
    host.columns = memory_zeroed(context, 1, sizeof *host.columns);
    host.columns[0] = (struct boosting_column){.name = memory_text(context, "minutes"), .kind = FATE_COLUMN_NUMBER};
    host.column_count = 1;
    assert_int_equal(boosting_model_add_tree(&host), FATE_OK);
    for (uint32_t node = 0; node < 3; node++) assert_int_equal(boosting_model_split(&host, node, 0, 0), FATE_OK);
    host.trees[0].nodes[1].kind = BOOSTING_OWN;
    host.trees[0].nodes[1].column = 1;
    host.trees[0].nodes[1].condition = (struct boosting_condition){.threshold = DBL_MAX};
}

static int start(void **state)
{
    (void)state;
    if (context_new(&context, NULL) != FATE_OK) return 1;
    make_guest();
    make_host();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    boosting_model_free(&guest);
    boosting_model_free(&host);
    fate_context_free(context);
    return 0;
}

static void check_text(const struct dump_party *parties, uint32_t count, const char *format, const char *expected)
{
    struct buffer text;
    buffer_init(&text, context);
    assert_int_equal(dump_write(context, parties, count, format, &text), FATE_OK);
    buffer_u8(&text, 0);
    assert_string_equal((const char *)text.bytes, expected);
    buffer_free(&text);
}

static void test_text(void **state)
{
    (void)state;
    const struct dump_party both[] = {{"bank", &guest}, {"telecom", &host}};
    check_text(
        both, 2, "text",
        "vertical-boosting, model of bank, telecom\n"
        "objective logistic, base_score 0.25, 1 trees\n"
        "\n"
        "importance (gain, splits, cover)\n"
        "  bank x: 8, 1, 7\n"
        "  telecom minutes: 4, 1, 6\n"
        "  bank city: 2, 1, 5\n"
        "\n"
        "tree 1\n"
        "  0: bank x <= 1.5, missing left: yes 1, no 2, gain 8, cover 7\n"
        "    1: telecom minutes is not missing: yes 3, no 4, gain 4, cover 6\n"
        "      3: leaf -1.5, cover 4\n"
        "      4: leaf -2, cover 3\n"
        "    2: bank city in {\"a b\", \"q\\\"\\u000a\\ufffd\", \"\xc3\xbc\"}, missing right, other left: yes 5, no 6, gain 2, cover 5\n"
        "      5: leaf -2.5, cover 2\n"
        "      6: leaf -3, cover 1\n");
    const struct dump_party alone[] = {{"telecom", &host}};
    check_text(alone, 1, "text",
               "vertical-boosting, model of telecom\n"
               "\n"
               "tree 1\n"
               "  0: another party's condition: yes 1, no 2\n"
               "    1: telecom minutes is not missing: yes 3, no 4\n"
               "      3: leaf\n"
               "      4: leaf\n"
               "    2: another party's condition: yes 5, no 6\n"
               "      5: leaf\n"
               "      6: leaf\n");
}

static json_t *dump_json(const struct dump_party *parties, uint32_t count)
{
    struct buffer text;
    json_error_t error;
    buffer_init(&text, context);
    assert_int_equal(dump_write(context, parties, count, "json", &text), FATE_OK);
    json_t *json = json_loadb((const char *)text.bytes, text.length, JSON_REJECT_DUPLICATES, &error);
    buffer_free(&text);
    if (json == NULL) fail_msg("line %d: %s", error.line, error.text);
    return json;
}

static void test_json(void **state)
{
    (void)state;
    const struct dump_party both[] = {{"telecom", &host}, {"bank", &guest}};
    const char *party = NULL, *column = NULL, *missing = NULL, *objective = NULL;
    double threshold = 0, gain = 0, leaf = 0;
    json_t *json = dump_json(both, 2);
    assert_int_equal(json_unpack(json, "{s:s, s:[{s:s, s:s}, *], s:[{s:[{s:s, s:s, s:F, s:s, s:F}, *]}]}", "objective", &objective,
                                 "importance", "party", &party, "column", &column, "trees", "nodes", "party", &party, "column", &column,
                                 "threshold", &threshold, "missing", &missing, "gain", &gain),
                     0);
    assert_string_equal(objective, "logistic");
    assert_string_equal(column, "x");
    assert_string_equal(missing, "left");
    assert_true(threshold == 1.5 && gain == 8);
    json_t *nodes = json_object_get(json_array_get(json_object_get(json, "trees"), 0), "nodes");
    assert_int_equal(json_array_size(nodes), 7);
    assert_string_equal(json_string_value(json_object_get(json_array_get(nodes, 1), "column")), "minutes");
    assert_string_equal(json_string_value(json_array_get(json_object_get(json_array_get(nodes, 2), "categories"), 2)), "\xc3\xbc");
    assert_int_equal(json_unpack(json_array_get(nodes, 3), "{s:F}", "leaf", &leaf), 0);
    assert_true(leaf == -1.5);
    json_decref(json);
    json = dump_json(&both[1], 1);
    nodes = json_object_get(json_array_get(json_object_get(json, "trees"), 0), "nodes");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(nodes, 1), "column")), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(nodes, 1), "party")), "telecom");
    json_decref(json);
    json = dump_json(&both[0], 1);
    assert_null(json_object_get(json, "importance"));
    json_decref(json);
}

static void check_refused(const struct dump_party *parties, uint32_t count, const char *format, int32_t expected)
{
    struct buffer text;
    buffer_init(&text, context);
    assert_int_equal(dump_write(context, parties, count, format, &text), expected);
    assert_int_equal(text.length, 0);
    buffer_free(&text);
}

static void test_refused(void **state)
{
    (void)state;
    const struct dump_party both[] = {{"bank", &guest}, {"telecom", &host}};
    const struct dump_party twice[] = {{"bank", &guest}, {"bank", &host}};
    const struct dump_party guests[] = {{"bank", &guest}, {"telecom", &guest}};
    const struct dump_party stranger[] = {{"shop", &guest}, {"telecom", &host}};
    const struct dump_party other[] = {{"bank", &guest}, {"shop", &host}};
    check_refused(both, 2, "xml", FATE_E_UNSUPPORTED);
    check_refused(both, 0, "text", FATE_E_ARGUMENT);
    check_refused(twice, 2, "text", FATE_E_MODEL);
    check_refused(guests, 2, "text", FATE_E_MODEL);
    check_refused(stranger, 2, "text", FATE_E_MODEL);
    check_refused(other, 2, "text", FATE_E_MODEL);
    host.trees[0].nodes[1].kind = BOOSTING_OTHER;
    check_refused(both, 2, "text", FATE_E_MODEL);
    host.trees[0].nodes[1].kind = BOOSTING_OWN;
    assert_int_equal(boosting_model_add_tree(&host), FATE_OK);
    check_refused(both, 2, "text", FATE_E_MODEL);
    boosting_model_keep(&host, 1);
    uint32_t left = host.trees[0].nodes[2].left;
    host.trees[0].nodes[2].left = 0;
    check_refused(both, 2, "text", FATE_E_MODEL);
    host.trees[0].nodes[2].left = left;
    check_text(
        both, 0 + 1, "text",
        "vertical-boosting, model of bank\nobjective logistic, base_score 0.25, 1 trees\n\nimportance (gain, splits, cover)\n"
        "  bank x: 8, 1, 7\n  telecom column 1: 4, 1, 6\n  bank city: 2, 1, 5\n\ntree 1\n"
        "  0: bank x <= 1.5, missing left: yes 1, no 2, gain 8, cover 7\n"
        "    1: telecom column 1: yes 3, no 4, gain 4, cover 6\n      3: leaf -1.5, cover 4\n      4: leaf -2, cover 3\n"
        "    2: bank city in {\"a b\", \"q\\\"\\u000a\\ufffd\", \"\xc3\xbc\"}, missing right, other left: yes 5, no 6, gain 2, cover 5\n"
        "      5: leaf -2.5, cover 2\n      6: leaf -3, cover 1\n");
}

static void test_no_memory(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long call = 0; result == FATE_E_MEMORY; call++) {
        const struct dump_party both[] = {{"bank", &guest}, {"telecom", &host}};
        struct test_allocator memory;
        struct buffer text;
        fate_allocator allocator = test_allocator(&memory, -1);
        fate_context *poor = NULL;
        assert_int_equal(context_new(&poor, &allocator), FATE_OK);
        buffer_init(&text, poor);
        guest.context = poor; /* importance takes its memory there */
        memory.fail = memory.calls + call;
        result = dump_write(poor, both, 2, call % 2 ? "json" : "text", &text);
        guest.context = context;
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        buffer_free(&text);
        fate_context_free(poor);
        assert_int_equal(memory.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_json), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
