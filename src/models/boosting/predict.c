/* Scoring: a model matched to a table, masks of leaves, and the sum over the leaves that remain. */
#include "src/models/boosting/predict.h"

#include <math.h>
#include <string.h>
#include "lib/threads.h"
#include "src/models/boosting/objective.h"

/* What a category code of the table is in the model's column, besides an index: unknown to training. */
#define CATEGORY_OTHER (UINT32_MAX - 1)
#define CATEGORY_MISSING UINT32_MAX
/* Trees that one piece of work evaluates: some milliseconds. */
#define THREADS_GRAIN 100000

struct predictor_column {
    const double *numbers; /* rows values of a numeric column, else NULL */
    const uint32_t *codes; /* rows codes of a categorical one */
    uint32_t *categories;  /* of each code of the table: index in the model's column, or CATEGORY_OTHER */
};

struct predictor_tree {
    uint32_t *first_leaf; /* of each node: its leaves are first_leaf .. end_leaf-1, from left to right */
    uint32_t *end_leaf;
    uint32_t leaves;
    uint64_t offset; /* where the tree's bytes begin in a row's mask */
};

static uint64_t tree_bytes(const struct predictor_tree *tree)
{
    return ((uint64_t)tree->leaves + 7) / 8;
}

/* The index of text among the column's sorted categories, or CATEGORY_OTHER. */
static uint32_t find_category(const struct boosting_column *column, const char *text)
{
    uint32_t low = 0;
    uint32_t high = column->category_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(column->categories[middle], text);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return CATEGORY_OTHER;
}

static int32_t match_categories(struct predictor *predictor, struct predictor_column *column, const struct boosting_column *from,
                                uint32_t number)
{
    uint32_t count = fate_table_category_count(predictor->table, number);
    column->codes = fate_table_codes(predictor->table, number);
    column->categories = memory_allocate(predictor->context, count, sizeof *column->categories);
    if (column->categories == NULL) {
        return context_out_of_memory(predictor->context);
    }
    for (uint32_t code = 0; code < count; code++) {
        column->categories[code] = find_category(from, fate_table_category(predictor->table, number, code));
    }
    return FATE_OK;
}

static int32_t match_column(struct predictor *predictor, uint32_t index)
{
    const struct boosting_column *column = &predictor->model->columns[index];
    uint32_t count = fate_table_columns(predictor->table);
    uint32_t number = 0;
    while (number < count && strcmp(fate_table_column_name(predictor->table, number), column->name) != 0) {
        number++;
    }
    if (number == count) {
        return context_fail(predictor->context, FATE_E_TABLE, "the table has no column %s, which the model needs", column->name);
    }
    if (fate_table_column_kind(predictor->table, number) != column->kind) {
        return context_fail(predictor->context, FATE_E_TABLE, "the column %s holds %s, but the model was trained on %s", column->name,
                            column->kind == FATE_COLUMN_NUMBER ? "categories" : "numbers",
                            column->kind == FATE_COLUMN_NUMBER ? "numbers" : "categories");
    }
    if (column->kind == FATE_COLUMN_CATEGORY) {
        return match_categories(predictor, &predictor->columns[index], column, number);
    }
    predictor->columns[index].numbers = fate_table_numbers(predictor->table, number);
    return FATE_OK;
}

/* Counts leaves from the last node to the first, then numbers them from the root down: a left child's leaves come first. */
static int32_t number_leaves(struct predictor *predictor, uint32_t index)
{
    const struct boosting_tree *tree = &predictor->model->trees[index];
    struct predictor_tree *own = &predictor->trees[index];
    own->first_leaf = memory_allocate(predictor->context, tree->count, sizeof *own->first_leaf);
    own->end_leaf = memory_allocate(predictor->context, tree->count, sizeof *own->end_leaf);
    if (own->first_leaf == NULL || own->end_leaf == NULL) {
        return context_out_of_memory(predictor->context);
    }
    for (uint32_t node = tree->count; node-- > 0;) {
        const struct boosting_node *from = &tree->nodes[node];
        own->end_leaf[node] = from->left == 0 ? 1 : own->end_leaf[from->left] + own->end_leaf[from->right];
    }
    own->first_leaf[0] = 0;
    own->leaves = own->end_leaf[0];
    for (uint32_t node = 0; node < tree->count; node++) {
        const struct boosting_node *from = &tree->nodes[node];
        if (from->left != 0) {
            own->first_leaf[from->left] = own->first_leaf[node];
            own->end_leaf[from->left] += own->first_leaf[node];
            own->first_leaf[from->right] = own->end_leaf[from->left];
            own->end_leaf[from->right] += own->first_leaf[from->right];
        }
    }
    own->offset = predictor->mask_bytes;
    predictor->mask_bytes += tree_bytes(own);
    return FATE_OK;
}

int32_t predictor_init(struct predictor *predictor, fate_context *context, const struct boosting_model *model, const fate_table *table)
{
    int32_t result = FATE_OK;
    *predictor = (struct predictor){.context = context, .model = model, .table = table};
    predictor->columns = memory_zeroed(context, model->column_count, sizeof *predictor->columns);
    predictor->trees = memory_zeroed(context, model->tree_count, sizeof *predictor->trees);
    if (predictor->columns == NULL || predictor->trees == NULL) {
        result = context_out_of_memory(context);
    }
    for (uint32_t i = 0; i < model->column_count && result == FATE_OK; i++) {
        result = match_column(predictor, i);
    }
    for (uint32_t i = 0; i < model->tree_count && result == FATE_OK; i++) {
        result = number_leaves(predictor, i);
    }
    if (result != FATE_OK) {
        predictor_free(predictor);
    }
    return result;
}

void predictor_free(struct predictor *predictor)
{
    fate_context *context = predictor->context;
    for (uint32_t i = 0; predictor->columns != NULL && i < predictor->model->column_count; i++) {
        memory_free(context, predictor->columns[i].categories);
    }
    for (uint32_t i = 0; predictor->trees != NULL && i < predictor->model->tree_count; i++) {
        memory_free(context, predictor->trees[i].first_leaf);
        memory_free(context, predictor->trees[i].end_leaf);
    }
    if (context != NULL) {
        memory_free(context, predictor->columns);
        memory_free(context, predictor->trees);
    }
    memset(predictor, 0, sizeof *predictor);
}

static bool category_goes_left(const struct boosting_condition *condition, uint32_t category)
{
    uint32_t low = 0;
    uint32_t high = condition->left_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (condition->left[middle] < category) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < condition->left_count && condition->left[low] == category;
}

bool predictor_goes_left(const struct predictor *predictor, uint32_t tree, uint32_t node, uint64_t row)
{
    const struct boosting_node *split = &predictor->model->trees[tree].nodes[node];
    const struct predictor_column *column = &predictor->columns[split->column - 1];
    const struct boosting_condition *condition = &split->condition;
    if (column->numbers != NULL) {
        double value = column->numbers[row];
        return isnan(value) ? condition->missing_left : value <= condition->threshold;
    }
    if (column->codes[row] == CATEGORY_MISSING) {
        return condition->missing_left;
    }
    uint32_t category = column->categories[column->codes[row]];
    return category == CATEGORY_OTHER ? condition->other_left : category_goes_left(condition, category);
}

static void clear_leaves(uint8_t *bytes, uint32_t first, uint32_t end)
{
    uint8_t kept_first = (uint8_t)((1u << (first % 8)) - 1);
    uint8_t kept_end = (uint8_t) ~((1u << (end % 8)) - 1);
    if (first / 8 == end / 8) {
        bytes[first / 8] &= (uint8_t)(kept_first | kept_end);
        return;
    }
    bytes[first / 8] &= kept_first;
    memset(bytes + first / 8 + 1, 0, end / 8 - first / 8 - 1);
    if (end % 8 != 0) {
        bytes[end / 8] &= kept_end;
    }
}

/* Looks only at nodes that are not excluded yet: below an own condition at one child, below another party's at both. */
static void mask_node(const struct predictor *predictor, uint32_t index, uint32_t node, uint64_t row, uint8_t *bytes)
{
    const struct boosting_node *nodes = predictor->model->trees[index].nodes;
    const struct predictor_tree *own = &predictor->trees[index];
    while (nodes[node].left != 0) {
        const struct boosting_node *split = &nodes[node];
        if (split->kind == BOOSTING_OWN) {
            bool goes_left = predictor_goes_left(predictor, index, node, row);
            uint32_t excluded = goes_left ? split->right : split->left;
            clear_leaves(bytes, own->first_leaf[excluded], own->end_leaf[excluded]);
            node = goes_left ? split->left : split->right;
        } else {
            mask_node(predictor, index, split->left, row, bytes); /* at most BOOSTING_DEPTH_LIMIT deep */
            node = split->right;
        }
    }
}

static void tree_mask(const struct predictor *predictor, uint32_t index, uint64_t row, uint8_t *bytes)
{
    const struct predictor_tree *own = &predictor->trees[index];
    uint64_t length = tree_bytes(own);
    memset(bytes, 0xff, length);
    if (own->leaves % 8 != 0) {
        bytes[length - 1] = (uint8_t)((1u << (own->leaves % 8)) - 1);
    }
    mask_node(predictor, index, 0, row, bytes);
}

struct mask_work {
    const struct predictor *predictor;
    uint64_t first;
    uint8_t *masks;
};

static int32_t mask_rows(void *argument, uint32_t worker, uint64_t begin, uint64_t end)
{
    const struct mask_work *work = argument;
    const struct predictor *predictor = work->predictor;
    (void)worker;
    for (uint64_t i = begin; i < end; i++) {
        for (uint32_t tree = 0; tree < predictor->model->tree_count; tree++) {
            tree_mask(predictor, tree, work->first + i, work->masks + i * predictor->mask_bytes + predictor->trees[tree].offset);
        }
    }
    return FATE_OK;
}

void predictor_masks(const struct predictor *predictor, uint64_t first, uint64_t count, uint8_t *masks)
{
    struct mask_work work = {.predictor = predictor, .first = first, .masks = masks};
    uint64_t grain = THREADS_GRAIN / (predictor->model->tree_count + 1) + 1;
    (void)threads_run(predictor->context, count, grain, mask_rows, &work); /* mask_rows cannot fail */
}

void predictor_intersect(uint8_t *masks, const uint8_t *other, uint64_t length)
{
    for (uint64_t i = 0; i < length; i++) {
        masks[i] &= other[i];
    }
}

/* The only leaf in a tree's bytes; `leaves` when there is none or more than one, or a bit beyond the last leaf is set. */
static uint32_t only_leaf(const struct predictor_tree *tree, const uint8_t *bytes)
{
    uint32_t found = tree->leaves;
    uint64_t length = tree_bytes(tree);
    for (uint64_t i = 0; i < length; i++) {
        if (bytes[i] == 0) {
            continue;
        }
        if (found != tree->leaves || (bytes[i] & (bytes[i] - 1)) != 0) {
            return tree->leaves;
        }
        uint32_t bit = 0;
        while ((bytes[i] >> bit & 1) == 0) {
            bit++;
        }
        found = (uint32_t)(8 * i) + bit;
    }
    return found < tree->leaves ? found : tree->leaves;
}

/* The node of a leaf. */
static uint32_t leaf_node(const struct boosting_tree *tree, const struct predictor_tree *own, uint32_t leaf)
{
    uint32_t node = 0;
    while (tree->nodes[node].left != 0) {
        node = leaf < own->end_leaf[tree->nodes[node].left] ? tree->nodes[node].left : tree->nodes[node].right;
    }
    return node;
}

int32_t predictor_leaf(const struct predictor *predictor, uint32_t tree, const uint8_t *mask, uint64_t row, uint32_t *node)
{
    const struct predictor_tree *own = &predictor->trees[tree];
    uint32_t leaf = only_leaf(own, mask + own->offset);
    if (leaf == own->leaves) {
        return context_fail(predictor->context, FATE_E_PROTOCOL,
                            "the parties' conditions leave no single leaf of tree %u for row %llu: their models do not fit together",
                            (unsigned)tree + 1, (unsigned long long)(row + 1));
    }
    *node = leaf_node(&predictor->model->trees[tree], own, leaf);
    return FATE_OK;
}

int32_t predictor_scores(const struct predictor *predictor, uint64_t first, uint64_t count, const uint8_t *masks, double *scores)
{
    const struct boosting_model *model = predictor->model;
    double base = objective_base_margin(model->objective, model->base_score);
    for (uint64_t i = 0; i < count; i++) {
        double *margins = scores + i * model->outputs;
        for (uint32_t k = 0; k < model->outputs; k++) {
            margins[k] = base;
        }
        for (uint32_t tree = 0; tree < model->tree_count; tree++) {
            uint32_t node = 0;
            int32_t result = predictor_leaf(predictor, tree, masks + i * predictor->mask_bytes, first + i, &node);
            if (result != FATE_OK) {
                return result;
            }
            boosting_model_add(model, tree, &model->trees[tree].nodes[node], margins);
        }
        objective_scores(model->objective, margins, margins, model->outputs);
    }
    return FATE_OK;
}

int32_t predictor_leaves(const struct predictor *predictor, uint64_t first, uint64_t count, const uint8_t *masks, double *leaves,
                         uint64_t rows)
{
    for (uint64_t i = 0; i < count; i++) {
        for (uint32_t tree = 0; tree < predictor->model->tree_count; tree++) {
            uint32_t node = 0;
            int32_t result = predictor_leaf(predictor, tree, masks + i * predictor->mask_bytes, first + i, &node);
            if (result != FATE_OK) {
                return result;
            }
            leaves[tree * rows + i] = node;
        }
    }
    return FATE_OK;
}

uint64_t predictor_mask_bytes(const struct boosting_model *model)
{
    uint64_t bytes = 0;
    for (uint32_t tree = 0; tree < model->tree_count; tree++) {
        uint64_t leaves = ((uint64_t)model->trees[tree].count + 1) / 2;
        bytes += leaves / 8 + (leaves % 8 != 0);
    }
    return bytes;
}
