/* Pooled training: the algorithm on plain columns, two sibling nodes at a time. */
#include "src/models/boosting/pooled.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "lib/hooks.h"
#include "lib/threads.h"
#include "src/models/boosting/best_first.h"
#include "src/models/boosting/columns.h"
#include "src/models/boosting/leaves.h"
#include "src/models/boosting/measure.h"
#include "src/models/boosting/pooled_tree.h"
#include "src/models/boosting/sampling.h"

/* What pooled_train keeps of histograms. */
#define HISTOGRAM_LIMIT ((uint64_t)256 << 20)
/* With fewer additions than this, two nodes are not worth starting threads for. */
#define THREADS_LEAST 400000
/* No node: the root has no sibling. */
#define NO_NODE UINT32_MAX

static int32_t make_models(struct pooled *pooled)
{
    const struct pooled_data *data = &pooled->data;
    const char **names = memory_allocate(pooled->context, data->party_count, sizeof *names);
    if (names == NULL) {
        return context_out_of_memory(pooled->context);
    }
    for (uint32_t i = 0; i < data->party_count; i++) {
        names[i] = data->parties[i].name;
    }
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < data->party_count && result == FATE_OK; i++) {
        bool guest = i == data->guest;
        struct boosting_model *model = &pooled->models[i];
        result = boosting_model_init(model, pooled->context, guest, guest ? names : NULL, guest ? data->party_count : 0);
        if (result == FATE_OK) {
            pooled->model_count++;
            if (guest) {
                boosting_model_describe(model, pooled->parameters);
            }
        }
    }
    memory_free(pooled->context, names);
    return result;
}

static int32_t make_scratch(struct pooled *pooled)
{
    const struct pooled_data *data = &pooled->data;
    uint64_t order_count = (uint64_t)fate_context_threads(pooled->context) * data->most_bins;
    pooled->pairs = memory_allocate(pooled->context, data->training.count, pooled->parameters->tree_outputs * sizeof *pooled->pairs);
    pooled->sampled_columns = memory_allocate(pooled->context, data->column_count, 1);
    pooled->orders = memory_allocate(pooled->context, order_count, sizeof *pooled->orders);
    bool complete = pooled->pairs != NULL && pooled->sampled_columns != NULL && pooled->orders != NULL;
    if (complete && (pooled->parameters->subsample < 1 || pooled->parameters->goss_top > 0 || pooled->parameters->folds > 0)) {
        pooled->sampled = memory_allocate(pooled->context, data->training.count, 1);
        complete = pooled->sampled != NULL;
    }
    return complete ? FATE_OK : context_out_of_memory(pooled->context);
}

/* Of one node's histograms. */
static uint64_t sums_bytes(const struct pooled *pooled)
{
    return pooled->data.total_bins * pooled->parameters->tree_outputs * sizeof(struct bin_sum);
}

struct bin_sum *pooled_total(const struct pooled *pooled, uint32_t node)
{
    return pooled->totals + (uint64_t)node * pooled->parameters->tree_outputs;
}

static void drop_sums(struct pooled *pooled, struct pooled_node *node)
{
    if (node->sums != NULL) {
        memory_free(pooled->context, node->sums);
        node->sums = NULL;
        pooled->kept_bytes -= sums_bytes(pooled);
    }
}

/* Forgets the nodes of the tree; their memory serves the next one. */
static void drop_tree(struct pooled *pooled)
{
    for (uint32_t i = 0; i < pooled->node_count; i++) {
        drop_sums(pooled, &pooled->nodes[i]);
        memory_free(pooled->context, pooled->nodes[i].left);
    }
    pooled->node_count = 0;
    if (pooled->tree.nodes != NULL) {
        tree_free(&pooled->tree);
    }
}

static void pooled_free(struct pooled *pooled)
{
    drop_tree(pooled);
    memory_free(pooled->context, pooled->nodes);
    memory_free(pooled->context, pooled->totals);
    memory_free(pooled->context, pooled->pairs);
    memory_free(pooled->context, pooled->sampled);
    memory_free(pooled->context, pooled->sampled_columns);
    memory_free(pooled->context, pooled->orders);
    pooled_data_free(&pooled->data);
}

/* ---- one tree ---- */

static int32_t add_nodes(struct pooled *pooled, uint32_t count)
{
    if (pooled->node_count + count > pooled->node_capacity) {
        uint32_t capacity = 2 * (pooled->node_capacity + count);
        struct pooled_node *nodes = memory_resize(pooled->context, pooled->nodes, capacity, sizeof *nodes);
        if (nodes == NULL) {
            return context_out_of_memory(pooled->context);
        }
        pooled->nodes = nodes;
        struct bin_sum *totals =
            memory_resize(pooled->context, pooled->totals, capacity, pooled->parameters->tree_outputs * sizeof *totals);
        if (totals == NULL) {
            return context_out_of_memory(pooled->context);
        }
        pooled->totals = totals;
        pooled->node_capacity = capacity;
    }
    memset(&pooled->nodes[pooled->node_count], 0, count * sizeof *pooled->nodes);
    pooled->node_count += count;
    return FATE_OK;
}

/* Marks the columns that a level of the tree may use. */
static int32_t choose_columns(struct pooled *pooled, uint32_t level)
{
    struct pooled_data *data = &pooled->data;
    struct pooled_column *column = data->columns;
    uint32_t tree = pooled->number;
    for (uint32_t party = 0; party < data->party_count; party++) {
        uint32_t count = fate_table_columns(data->parties[party].table);
        bool invited = party == data->guest || !folds_guest_alone(pooled->parameters, tree);
        int32_t result = columns_draw(pooled->context, pooled->sampled_columns, pooled->parameters, tree, level, party, count);
        if (result != FATE_OK) {
            return result;
        }
        for (uint32_t i = 0; i < count; i++, column++) {
            column->active = invited && pooled->sampled_columns[i];
        }
    }
    return FATE_OK;
}

/* Two siblings whose sums and best splits are looked for together; of the root, `second` is NO_NODE. */
struct sibling_search {
    struct pooled *pooled;
    uint32_t first, second;
    bool second_holds_parent; /* second's sums are the parent's so far: subtract first's */
};

static void add_rows(const struct pooled *pooled, uint32_t node, const struct pooled_column *column, struct bin_sum *sums)
{
    uint64_t count = 0;
    const uint32_t *rows = tree_rows_of(&pooled->data.training.nodes, node, &count);
    uint32_t outputs = pooled->parameters->tree_outputs;
    memset(sums, 0, (uint64_t)column->shape.bins * outputs * sizeof *sums);
    histogram_add(sums, column->rows, pooled->pairs, outputs, pooled->sampled, rows, count);
}

static void search_column(const struct sibling_search *search, struct pooled_column *column, uint32_t *order)
{
    const struct pooled *pooled = search->pooled;
    const struct pooled_node *first = &pooled->nodes[search->first];
    struct bin_sum *first_sums = first->sums + column->offset * pooled->parameters->tree_outputs;
    add_rows(pooled, search->first, column, first_sums);
    column->candidate[0] = gain_best(&pooled->terms, &column->shape, first_sums, pooled_total(pooled, search->first),
                                     pooled_range(pooled, search->first), order);
    if (search->second == NO_NODE) {
        return;
    }
    const struct pooled_node *second = &pooled->nodes[search->second];
    struct bin_sum *second_sums = second->sums + column->offset * pooled->parameters->tree_outputs;
    if (search->second_holds_parent) {
        histogram_subtract(second_sums, second_sums, first_sums, (uint64_t)column->shape.bins * pooled->parameters->tree_outputs);
    } else {
        add_rows(pooled, search->second, column, second_sums);
    }
    column->candidate[1] = gain_best(&pooled->terms, &column->shape, second_sums, pooled_total(pooled, search->second),
                                     pooled_range(pooled, search->second), order);
}

static int32_t search_columns(void *argument, uint32_t worker, uint64_t begin, uint64_t end)
{
    const struct sibling_search *search = argument;
    struct pooled_data *data = &search->pooled->data;
    for (uint64_t i = begin; i < end; i++) {
        if (data->columns[i].active) {
            search_column(search, &data->columns[i], search->pooled->orders + (uint64_t)worker * data->most_bins);
        }
    }
    return FATE_OK;
}

/* The best of all columns' candidates becomes the node's split. */
static int32_t choose_split(struct pooled *pooled, uint32_t number, uint32_t which)
{
    struct pooled_node *node = &pooled->nodes[number];
    const struct pooled_data *data = &pooled->data;
    for (uint32_t i = 0; i < data->column_count; i++) {
        if (data->columns[i].active && gain_better(&data->columns[i].candidate[which], &node->split)) {
            node->split = data->columns[i].candidate[which];
            node->column = i;
            node->found = true;
        }
    }
    if (!node->found) {
        return FATE_OK;
    }
    const struct pooled_column *column = &data->columns[node->column];
    node->left = memory_allocate(pooled->context, column->shape.bins, 1);
    if (node->left == NULL) {
        return context_out_of_memory(pooled->context);
    }
    gain_left_bins(&pooled->terms, &column->shape, node->sums + column->offset * pooled->parameters->tree_outputs, &node->split,
                   pooled->orders, node->left);
    return FATE_OK;
}

static int32_t make_sums(struct pooled *pooled, uint32_t node)
{
    struct bin_sum *sums = memory_allocate(pooled->context, sums_bytes(pooled), 1);
    if (sums == NULL) {
        return context_out_of_memory(pooled->context);
    }
    pooled->nodes[node].sums = sums;
    pooled->kept_bytes += sums_bytes(pooled);
    return FATE_OK;
}

/* Finds the splits of one or two nodes. Their sums are kept only where children will need them. */
static int32_t search_siblings(struct pooled *pooled, struct sibling_search *search, bool children_follow)
{
    uint64_t rows = pooled_total(pooled, search->first)->count;
    uint64_t columns = pooled->data.column_count;
    uint64_t grain = rows * columns >= THREADS_LEAST ? 1 : columns;
    int32_t result = threads_run(pooled->context, columns, grain > 0 ? grain : 1, search_columns, search);
    uint32_t numbers[2] = {search->first, search->second};
    for (uint32_t which = 0; which < 2 && result == FATE_OK && numbers[which] != NO_NODE; which++) {
        struct pooled_node *node = &pooled->nodes[numbers[which]];
        result = choose_split(pooled, numbers[which], which);
        if (!node->found || !children_follow || columns_by_level(pooled->parameters) || pooled->kept_bytes > pooled->histogram_limit) {
            drop_sums(pooled, node);
        }
    }
    return result;
}

/* Finds the splits of a parent's children: adds up the one with fewer rows, and gets the other by difference where the parent's sums were kept. */
static int32_t search_children(struct pooled *pooled, uint32_t parent, bool children_follow)
{
    uint32_t left = pooled->tree.nodes[parent].left;
    bool left_first = tree_left_is_smaller(pooled_total(pooled, left)->count, pooled_total(pooled, left + 1)->count);
    struct sibling_search search = {.pooled = pooled, .first = left_first ? left : left + 1, .second = left_first ? left + 1 : left};
    int32_t result = FATE_OK;
    if (columns_by_level(pooled->parameters)) {
        result = choose_columns(pooled, pooled->tree.nodes[left].depth);
    }
    if (result == FATE_OK) {
        result = make_sums(pooled, search.first);
    }
    if (result == FATE_OK && pooled->nodes[parent].sums != NULL) {
        pooled->nodes[search.second].sums = pooled->nodes[parent].sums;
        pooled->nodes[parent].sums = NULL;
        search.second_holds_parent = true;
    } else if (result == FATE_OK) {
        result = make_sums(pooled, search.second);
    }
    return result == FATE_OK ? search_siblings(pooled, &search, children_follow) : result;
}

static int32_t split_rows(struct pooled_rows *rows, uint32_t node, uint32_t left, const uint8_t *left_bins, const uint16_t *bins)
{
    uint64_t count = 0;
    const uint32_t *own = tree_rows_of(&rows->nodes, node, &count);
    for (uint64_t i = 0; i < count; i++) {
        rows->goes_left[i] = left_bins[bins[own[i]]];
    }
    return tree_rows_split(&rows->nodes, node, left, rows->goes_left);
}

/* Adds up a node's rows for its total. */
static void add_total(struct pooled *pooled, uint32_t node)
{
    uint64_t count = 0;
    const uint32_t *rows = tree_rows_of(&pooled->data.training.nodes, node, &count);
    histogram_total(pooled_total(pooled, node), pooled->pairs, pooled->parameters->tree_outputs, pooled->sampled, rows, count);
}

static int32_t split_node(struct pooled *pooled, uint32_t number)
{
    struct pooled_data *data = &pooled->data;
    int32_t result = tree_split(&pooled->tree, number);
    if (result == FATE_OK) {
        result = add_nodes(pooled, 2);
    }
    if (result != FATE_OK) {
        return result;
    }
    const struct pooled_node *node = &pooled->nodes[number];
    const struct pooled_column *column = &data->columns[node->column];
    uint32_t left = pooled->tree.nodes[number].left;
    pooled->nodes[left].position = 2 * node->position;
    pooled->nodes[left + 1].position = 2 * node->position + 1;
    result = split_rows(&data->training, number, left, node->left, column->rows);
    if (result == FATE_OK) {
        add_total(pooled, left);
        histogram_subtract(pooled_total(pooled, left + 1), pooled_total(pooled, number), pooled_total(pooled, left),
                           pooled->parameters->tree_outputs);
        gain_split_range(&pooled->terms, &column->shape, &node->range, pooled_total(pooled, left), pooled_total(pooled, left + 1),
                         &pooled->nodes[left].range, &pooled->nodes[left + 1].range);
    }
    if (result == FATE_OK && data->has_validation) {
        result = split_rows(&data->validation, number, left, node->left, column->validation);
    }
    return result;
}

static int32_t search_root(struct pooled *pooled)
{
    struct sibling_search search = {.pooled = pooled, .first = 0, .second = NO_NODE};
    int32_t result = add_nodes(pooled, 1);
    if (result == FATE_OK) {
        pooled->nodes[0].position = 1;
        pooled->nodes[0].range = gain_any_weight();
        add_total(pooled, 0);
        result = make_sums(pooled, 0);
    }
    return result == FATE_OK ? search_siblings(pooled, &search, pooled->parameters->depth > 1) : result;
}

/* Forgets the splits of a level for which the tree has no leaves left. */
static int32_t limit_leaves(struct pooled *pooled, uint32_t first, uint32_t end)
{
    uint8_t *split = memory_zeroed(pooled->context, end - first, 1);
    double *gains = memory_zeroed(pooled->context, end - first, sizeof *gains);
    int32_t result = split == NULL || gains == NULL ? context_out_of_memory(pooled->context) : FATE_OK;
    for (uint32_t node = first; node < end && result == FATE_OK; node++) {
        split[node - first] = pooled->nodes[node].found;
        gains[node - first] = pooled->nodes[node].split.gain;
    }
    if (result == FATE_OK) {
        result = leaves_limit(pooled->context, split, gains, end - first, leaves_room(pooled->parameters->max_leaves, pooled->tree.count));
    }
    for (uint32_t node = first; node < end && result == FATE_OK; node++) {
        pooled->nodes[node].found = split[node - first] != 0;
    }
    memory_free(pooled->context, split);
    memory_free(pooled->context, gains);
    return result;
}

/* Splits all parents of a level, then looks for the splits of their children unless these are as deep as may be. */
static int32_t grow_level(struct pooled *pooled, uint32_t depth)
{
    uint32_t first = pooled->tree.level_first;
    uint32_t end = pooled->tree.count;
    int32_t result = FATE_OK;
    result = limit_leaves(pooled, first, end);
    tree_next_level(&pooled->tree);
    for (uint32_t node = first; node < end && result == FATE_OK; node++) {
        if (pooled->nodes[node].found) {
            result = split_node(pooled, node);
        }
    }
    for (uint32_t node = first; depth < pooled->parameters->depth && node < end && result == FATE_OK; node++) {
        if (pooled->nodes[node].found) {
            result = search_children(pooled, node, depth + 1 < pooled->parameters->depth);
        }
    }
    return result;
}

static int32_t draw_rows(struct pooled *pooled, uint32_t tree)
{
    const struct pooled_rows *training = &pooled->data.training;
    if (pooled->parameters->goss_top > 0) {
        return objective_sample(pooled->context, pooled->parameters, pooled->sampled, tree, training->margins.values, training->labels,
                                training->weights, training->count);
    }
    if (pooled->parameters->folds > 0) {
        return folds_sample(&pooled->folds, pooled->parameters, tree, pooled->sampled);
    }
    return sampling_rows(pooled->context, pooled->sampled, pooled->parameters->seed, tree, training->count, pooled->parameters->subsample);
}

static int32_t begin_tree(struct pooled *pooled, uint32_t tree)
{
    struct pooled_rows *training = &pooled->data.training;
    struct gradient_scale scale;
    pooled->number = tree;
    int32_t result = tree_init(&pooled->tree, pooled->context);
    tree_rows_reset(&training->nodes);
    if (pooled->data.has_validation) {
        tree_rows_reset(&pooled->data.validation.nodes);
    }
    if (result == FATE_OK && pooled->sampled != NULL) {
        result = draw_rows(pooled, tree);
    }
    if (result == FATE_OK) {
        result = choose_columns(pooled, 0);
    }
    if (result == FATE_OK) {
        result = objective_gradients(pooled->context, pooled->parameters, pooled->pairs, &scale, tree, training->margins.values,
                                     training->labels, training->weights, pooled->sampled, training->count);
    }
    if (result == FATE_OK) {
        pooled->terms = gain_terms_make(pooled->parameters, scale);
    }
    for (uint32_t i = 0; i < pooled->model_count && result == FATE_OK; i++) {
        result = boosting_model_add_tree(&pooled->models[i]);
    }
    return result;
}

static int32_t grow_levels(struct pooled *pooled)
{
    int32_t result = FATE_OK;
    for (uint32_t depth = 1; depth <= pooled->parameters->depth && result == FATE_OK; depth++) {
        result = grow_level(pooled, depth);
    }
    return result;
}

static int32_t push_leaf(struct pooled *pooled, struct best_first *queue, uint32_t node)
{
    const struct pooled_node *leaf = &pooled->nodes[node];
    return leaf->found ? best_first_push(queue, (struct best_first_item){leaf->split.gain, leaf->position, node}) : FATE_OK;
}

/* Splits the best of all leaves, one after the other. */
static int32_t grow_leaves(struct pooled *pooled)
{
    struct best_first queue = {.context = pooled->context};
    struct best_first_item item;
    int32_t result = push_leaf(pooled, &queue, 0);
    for (uint32_t leaves = 1; leaves < pooled->parameters->max_leaves && result == FATE_OK && best_first_pop(&queue, &item); leaves++) {
        result = split_node(pooled, item.node);
        uint32_t left = pooled->tree.nodes[item.node].left, depth = pooled->tree.nodes[item.node].depth + 1;
        if (result != FATE_OK || depth == pooled->parameters->depth) {
            continue;
        }
        result = search_children(pooled, item.node, depth + 1 < pooled->parameters->depth);
        for (uint32_t child = left; child < left + 2 && result == FATE_OK; child++) {
            result = push_leaf(pooled, &queue, child);
        }
    }
    best_first_free(&queue);
    return result;
}

static int32_t grow_tree(struct pooled *pooled, uint32_t tree)
{
    int32_t result = begin_tree(pooled, tree);
    if (result == FATE_OK) {
        result = search_root(pooled);
    }
    if (result == FATE_OK) {
        result = pooled->parameters->leaf_wise ? grow_leaves(pooled) : grow_levels(pooled);
    }
    if (result == FATE_OK) {
        result = pooled_record_tree(pooled);
        pooled->rows_done += pooled->data.training.count;
    }
    drop_tree(pooled);
    return result;
}

/* ---- the whole run ---- */

static int32_t grow_trees(struct pooled *pooled)
{
    struct pooled_rows *validation = &pooled->data.validation;
    int32_t result = FATE_OK;
    bool stop = pooled->stopped;
    for (uint32_t trees = pooled->models[0].tree_count + 1; trees <= pooled->parameters->trees && !stop && result == FATE_OK; trees++) {
        double metric = 0;
        bool ended = false, judged = pooled->data.has_validation && trees % pooled->parameters->round_trees == 0;
        result = grow_tree(pooled, trees - 1);
        if (trees % pooled->parameters->round_trees == 0) {
            margins_end_round(&pooled->data.training.margins);
            margins_end_round(&validation->margins);
        }
        if (result == FATE_OK && judged) {
            result = measure_value(pooled->context, &metric, pooled->parameters, validation->margins.values, validation->labels,
                                   validation->weights, validation->count);
            stop = early_stopping_update(&pooled->stopping, trees, measure_loss(pooled->parameters->measure, metric));
        }
        if (result == FATE_OK) {
            result = folds_end_tree(&pooled->folds, pooled->parameters, trees - 1, &pooled->data.training.margins,
                                    pooled->data.training.labels, pooled->data.training.weights, &ended, &metric);
        }
        if (result == FATE_OK) {
            result = pooled_report(pooled, trees, judged || ended ? &metric : NULL);
        }
    }
    return result;
}

static int32_t finish_models(struct pooled *pooled)
{
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < pooled->model_count && result == FATE_OK; i++) {
        struct boosting_model *model = &pooled->models[i];
        boosting_model_keep(model, early_stopping_keep(&pooled->stopping, model->tree_count));
        result = boosting_model_number_columns(model);
    }
    return result;
}

/* Grows all trees. What was made is freed by the caller, after an error too. */
static int32_t run(struct pooled *pooled, const struct pooled_party *parties, uint32_t party_count, const fate_observer *observer)
{
    pooled->data =
        (struct pooled_data){.context = pooled->context, .parameters = pooled->parameters, .parties = parties, .party_count = party_count};
    if (observer != NULL && !hooks_copy(&pooled->observer, sizeof pooled->observer, observer, offsetof(fate_observer, progress))) {
        return context_fail(pooled->context, FATE_E_VERSION, "the observer's struct_size or abi_version is not one of this library");
    }
    early_stopping_init(&pooled->stopping, pooled->parameters->early_stopping_rounds);
    int32_t result = pooled_data_make(&pooled->data);
    if (result == FATE_OK) {
        result = folds_init(&pooled->folds, pooled->context, pooled->parameters, pooled->data.training.count, true);
    }
    if (result == FATE_OK) {
        result = make_scratch(pooled);
    }
    if (result == FATE_OK) {
        result = make_models(pooled);
    }
    if (result == FATE_OK) {
        result = pooled_continue(pooled);
    }
    return result == FATE_OK ? grow_trees(pooled) : result;
}

int32_t pooled_train_within(fate_context *context, struct boosting_model *models, const struct boosting_parameters *parameters,
                            const struct pooled_party *parties, uint32_t party_count, const fate_observer *observer,
                            uint64_t histogram_limit)
{
    struct pooled pooled = {.context = context, .parameters = parameters, .models = models, .histogram_limit = histogram_limit};
    int32_t result = run(&pooled, parties, party_count, observer);
    if (result == FATE_OK) {
        result = finish_models(&pooled);
    }
    for (uint32_t i = 0; result != FATE_OK && i < pooled.model_count; i++) {
        boosting_model_free(&models[i]);
    }
    folds_free(&pooled.folds);
    pooled_free(&pooled);
    return result;
}

int32_t pooled_cross_validate(fate_context *context, struct folds *folds, const struct boosting_parameters *parameters,
                              const struct pooled_party *parties, uint32_t party_count, const fate_observer *observer)
{
    struct boosting_model *models = memory_zeroed(context, party_count, sizeof *models);
    struct pooled pooled = {.context = context, .parameters = parameters, .models = models, .histogram_limit = HISTOGRAM_LIMIT};
    int32_t result = models == NULL ? context_out_of_memory(context) : run(&pooled, parties, party_count, observer);
    for (uint32_t i = 0; i < pooled.model_count; i++) {
        boosting_model_free(&models[i]);
    }
    memory_free(context, models);
    if (result != FATE_OK) {
        folds_free(&pooled.folds);
    }
    *folds = pooled.folds;
    pooled_free(&pooled);
    return result;
}

int32_t pooled_train(fate_context *context, struct boosting_model *models, const struct boosting_parameters *parameters,
                     const struct pooled_party *parties, uint32_t party_count, const fate_observer *observer)
{
    return pooled_train_within(context, models, parameters, parties, party_count, observer, HISTOGRAM_LIMIT);
}
