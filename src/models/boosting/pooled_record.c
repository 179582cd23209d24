/* The way of a pooled run's tree into all parties' models, and to who watches. */
#include "src/models/boosting/pooled_tree.h"

#include <math.h>
#include <stdio.h>
#include "src/models/boosting/measure.h"
#include "src/models/boosting/renewal.h"
#include "src/models/boosting/sampling.h"

const struct weight_range *pooled_range(const struct pooled *pooled, uint32_t node)
{
    return pooled->data.directed ? &pooled->nodes[node].range : NULL;
}

/* Writes the split of a node into every party's model, where the node is called `name`. */
static int32_t split_models(struct pooled *pooled, uint32_t number, uint32_t name)
{
    const struct pooled_node *node = &pooled->nodes[number];
    const struct pooled_column *column = &pooled->data.columns[node->column];
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < pooled->model_count && result == FATE_OK; i++) {
        struct boosting_model *model = &pooled->models[i];
        result = boosting_model_split(model, name, model->guest ? column->party : 0, model->guest ? column->number : 0);
        if (result == FATE_OK && i == column->party) {
            result = boosting_model_own(model, name, &column->bins, node->left, pooled->data.parties[i].table, column->number);
        }
        if (result == FATE_OK && model->guest) {
            model->trees[model->tree_count - 1].nodes[name].gain = node->split.gain;
        }
    }
    return result;
}

static void add_weights(const struct boosting_model *model, struct pooled_rows *rows, uint32_t node, const struct boosting_node *leaf)
{
    uint64_t count = 0;
    const uint32_t *own = tree_rows_of(&rows->nodes, node, &count);
    for (uint64_t i = 0; i < count; i++) {
        boosting_model_add(model, model->tree_count - 1, leaf, margins_row(&rows->margins, own[i]));
    }
}

static int32_t leaf_weights(struct pooled *pooled, uint32_t node, double *weights)
{
    const struct pooled_rows *training = &pooled->data.training;
    uint64_t count = 0;
    const uint32_t *rows = tree_rows_of(&training->nodes, node, &count);
    if (!renewal_applies(pooled->parameters->objective)) {
        gain_leaf_weights(&pooled->terms, pooled_total(pooled, node), pooled_range(pooled, node), weights);
        return FATE_OK;
    }
    return renewal_weight(
        pooled->context, weights, pooled->parameters, training->margins.values, training->labels, training->weights, pooled->sampled,
        sampling_amplification(training->count, pooled->parameters->goss_top, pooled->parameters->goss_other), rows, count);
}

/* Weights of a leaf, which the model calls `name`, into the guest's model and onto all its rows, sampled or not. */
static int32_t weigh_leaf(struct pooled *pooled, uint32_t node, uint32_t name)
{
    struct boosting_model *model = &pooled->models[pooled->data.guest];
    const struct boosting_node *leaf = &model->trees[model->tree_count - 1].nodes[name];
    double *weights = memory_allocate(pooled->context, pooled->parameters->tree_outputs, sizeof *weights);
    int32_t result = weights == NULL ? context_out_of_memory(pooled->context) : leaf_weights(pooled, node, weights);
    if (result == FATE_OK) {
        result = boosting_model_weigh(model, name, weights);
    }
    if (result == FATE_OK) {
        add_weights(model, &pooled->data.training, node, leaf);
    }
    if (result == FATE_OK && pooled->data.has_validation) {
        add_weights(model, &pooled->data.validation, node, leaf);
    }
    memory_free(pooled->context, weights);
    return result;
}

int32_t pooled_record_tree(struct pooled *pooled)
{
    const struct tree *tree = &pooled->tree;
    const struct boosting_model *model = &pooled->models[pooled->data.guest];
    uint32_t count = 1;
    /* The tree's numbers of the model's nodes: splits made leaf by leaf are numbered in another order. */
    uint32_t *order = memory_zeroed(pooled->context, tree->count, sizeof *order);
    int32_t result = order == NULL ? context_out_of_memory(pooled->context) : FATE_OK;
    for (uint32_t name = 0; name < count && result == FATE_OK; name++) {
        uint32_t node = order[name], left = tree->nodes[node].left;
        if (left == 0) {
            continue;
        }
        order[count++] = left;
        order[count++] = left + 1;
        result = split_models(pooled, node, name);
    }
    for (uint32_t name = 0; name < count && result == FATE_OK; name++) {
        struct boosting_node *node = &model->trees[model->tree_count - 1].nodes[name];
        node->cover = gain_cover(&pooled->terms, pooled_total(pooled, order[name]));
        result = node->left == 0 ? weigh_leaf(pooled, order[name], name) : FATE_OK;
    }
    memory_free(pooled->context, order);
    return result;
}

int32_t pooled_report(struct pooled *pooled, uint32_t trees, const double *metric)
{
    const fate_observer *observer = &pooled->observer;
    fate_progress progress = {.struct_size = sizeof progress,
                              .round = trees,
                              .rounds = pooled->parameters->trees,
                              .rows = pooled->rows_done,
                              .fraction = (double)trees / pooled->parameters->trees};
    int32_t result = FATE_OK;
    if (observer->progress != NULL) {
        result = observer->progress(observer->context, &progress);
    }
    if (result == FATE_OK && observer->tick != NULL) {
        result = observer->tick(observer->context);
    }
    /* NaN: not defined for these rows. */
    if (result == FATE_OK && metric != NULL && !isnan(*metric) && observer->metric != NULL) {
        char name[64];
        bool folded = pooled->parameters->folds > 0;
        snprintf(name, sizeof name, "%s %s", folded ? "held-out" : "validation", measure_name(pooled->parameters->measure));
        uint32_t round = folded ? folds_of_tree(pooled->parameters, trees - 1) + 1 : trees / pooled->parameters->round_trees;
        result = observer->metric(observer->context, name, round, *metric);
    }
    return result;
}
