/* The guest's tree after leaf-wise growth: splits that were tried are gone from its nodes, its conditions and its model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {.hosts = 2,
                                           .rows = 200,
                                           .columns = 4,
                                           .parameters = "\"trees\": 3, \"depth\": 8, \"max_leaves\": 6, \"grow\": \"leaf-wise\"",
                                           .seed = 44};

static uint32_t seen, tried;

static int32_t watch_leaves(fate_turn *turn, void *state)
{
    const struct guest *guest = state;
    const struct tree *tree = &guest->growth.tree;
    const struct boosting_tree *model = &guest->model.trees[guest->tree];
    uint32_t index, splits = 0, own = 0, hosts[3] = {0};
    assert_int_equal(tree->count, model->count);
    for (uint32_t node = 0; node < tree->count; node++) {
        const struct guest_node *known = &guest->nodes[node];
        bool is_split = tree->nodes[node].left != 0;
        assert_int_equal(known->split, is_split);
        assert_int_equal(model->nodes[node].left, tree->nodes[node].left);
        assert_true((conditions_find(&guest->conditions, node, &index) != NULL) == (is_split && !known->host));
        if (!is_split) continue;
        assert_true(model->nodes[node].gain == known->candidate.gain);
        assert_int_equal(guest_total(guest, tree->nodes[node].left)->count, known->candidate.left_count);
        if (known->host) assert_int_equal(known->condition, hosts[known->owner]++);
        own += !known->host;
        splits++;
    }
    assert_true(splits <= 5);
    assert_int_equal(guest->conditions.count, own);
    for (uint32_t p = 0; p < 3; p++) {
        if (p != guest->own) assert_int_equal(guest->parties[p].conditions, hosts[p]);
    }
    seen++;
    return guest_leaves(turn, state);
}

static int32_t count_tried(fate_turn *turn, void *state)
{
    const struct guest *guest = state;
    for (uint32_t node = guest->growth.first; node < guest->growth.end; node++) tried += guest->nodes[node].split;
    return guest_assign(turn, state);
}

static void splits_that_were_tried_are_gone(void **state)
{
    (void)state;
    struct hostile_run run;
    struct replacement both[] = {{FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_LEAVES, watch_leaves},
                                 {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_ASSIGN, count_tried}};
    seen = tried = 0;
    hostile_begin(&run, hostile_contexts(both, 2), &usual);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(seen, 3);
    assert_true(tried > 15); /* of three trees of 6 leaves: some were taken back */
    hostile_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(splits_that_were_tried_are_gone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
