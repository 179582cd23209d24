/* Building a model split by split, and numbering its columns by first use. */
#include "src/models/boosting/model.h"

#include <float.h>
#include <string.h>

int32_t boosting_model_init(struct boosting_model *model, fate_context *context, bool guest, const char *const *job_parties,
                            uint32_t party_count)
{
    memset(model, 0, sizeof *model);
    model->context = context;
    model->guest = guest;
    model->outputs = model->tree_outputs = 1;
    if (party_count == 0) {
        return FATE_OK;
    }
    model->parties = memory_zeroed(context, party_count, sizeof *model->parties);
    if (model->parties == NULL) {
        return context_out_of_memory(context);
    }
    for (; model->party_count < party_count; model->party_count++) {
        char *name = memory_text(context, job_parties[model->party_count]);
        if (name == NULL) {
            boosting_model_free(model);
            return context_out_of_memory(context);
        }
        model->parties[model->party_count] = name;
    }
    return FATE_OK;
}

static void free_texts(fate_context *context, char **texts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        memory_free(context, texts[i]);
    }
    memory_free(context, texts);
}

static void free_column(fate_context *context, struct boosting_column *column)
{
    memory_free(context, column->name);
    free_texts(context, column->categories, column->category_count);
}

static void free_tree(fate_context *context, struct boosting_tree *tree)
{
    for (uint32_t node = 0; node < tree->count; node++) {
        memory_free(context, tree->nodes[node].condition.left);
        memory_free(context, tree->nodes[node].weights);
    }
    memory_free(context, tree->nodes);
}

void boosting_model_free(struct boosting_model *model)
{
    if (model->context == NULL) {
        return;
    }
    free_texts(model->context, model->parties, model->party_count);
    for (uint32_t i = 0; i < model->column_count; i++) {
        free_column(model->context, &model->columns[i]);
    }
    memory_free(model->context, model->columns);
    for (uint32_t i = 0; i < model->tree_count; i++) {
        free_tree(model->context, &model->trees[i]);
    }
    memory_free(model->context, model->trees);
    memset(model, 0, sizeof *model);
}

uint64_t boosting_model_room(uint64_t count)
{
    uint64_t room = 1;
    while (room < count) {
        room *= 2;
    }
    return room;
}

/* Room for `more` items behind count: arrays grow whenever count passes a power of two, so that no capacity need be kept. */
static bool grow(fate_context *context, void **items, uint32_t count, uint32_t more, uint64_t size)
{
    uint64_t needed = boosting_model_room((uint64_t)count + more);
    if (count > 0 && count > needed / 2) {
        return true;
    }
    void *grown = memory_resize(context, *items, needed, size);
    if (grown == NULL) {
        return false;
    }
    *items = grown;
    return true;
}

int32_t boosting_model_add_tree(struct boosting_model *model)
{
    struct boosting_node *root = memory_zeroed(model->context, 1, sizeof *root);
    void *trees = model->trees;
    bool has_room = root != NULL && grow(model->context, &trees, model->tree_count, 1, sizeof *model->trees);
    model->trees = trees;
    if (!has_room) {
        memory_free(model->context, root);
        return context_out_of_memory(model->context);
    }
    model->trees[model->tree_count++] = (struct boosting_tree){.nodes = root, .count = 1};
    return FATE_OK;
}

int32_t boosting_model_split(struct boosting_model *model, uint32_t node, uint32_t party, uint32_t column)
{
    struct boosting_tree *tree = &model->trees[model->tree_count - 1];
    void *nodes = tree->nodes;
    bool has_room = grow(model->context, &nodes, tree->count, 2, sizeof *tree->nodes);
    tree->nodes = nodes;
    if (!has_room) {
        return context_out_of_memory(model->context);
    }
    memset(&tree->nodes[tree->count], 0, 2 * sizeof *tree->nodes);
    struct boosting_node *split = &tree->nodes[node];
    split->kind = BOOSTING_OTHER;
    split->left = tree->count;
    split->right = tree->count + 1;
    split->party = party;
    split->column = column;
    split->weight = 0;
    tree->count += 2;
    return FATE_OK;
}

/* Fills a new column from the table's; on failure nothing is left allocated. */
static int32_t fill_column(fate_context *context, struct boosting_column *column, const struct column_bins *bins, const fate_table *table,
                           uint32_t number)
{
    memset(column, 0, sizeof *column);
    column->kind = bins->kind;
    column->name = memory_text(context, fate_table_column_name(table, number));
    bool complete = column->name != NULL;
    if (complete && bins->kind == FATE_COLUMN_CATEGORY) {
        column->categories = memory_zeroed(context, bins->category_count, sizeof *column->categories);
        complete = column->categories != NULL;
        while (complete && column->category_count < bins->category_count) {
            char *category = memory_text(context, bins->categories[column->category_count]);
            complete = category != NULL;
            if (complete) {
                column->categories[column->category_count++] = category;
            }
        }
    }
    if (!complete) {
        free_column(context, column);
        return context_out_of_memory(context);
    }
    return FATE_OK;
}

/* The number of the table's column in the model, added when it is new. */
static int32_t find_column(struct boosting_model *model, const struct column_bins *bins, const fate_table *table, uint32_t column,
                           uint32_t *number)
{
    const char *name = fate_table_column_name(table, column);
    for (uint32_t i = 0; i < model->column_count; i++) {
        if (strcmp(model->columns[i].name, name) == 0) {
            *number = i + 1;
            return FATE_OK;
        }
    }
    void *columns = model->columns;
    bool has_room = grow(model->context, &columns, model->column_count, 1, sizeof *model->columns);
    model->columns = columns;
    if (!has_room) {
        return context_out_of_memory(model->context);
    }
    int32_t result = fill_column(model->context, &model->columns[model->column_count], bins, table, column);
    if (result == FATE_OK) {
        *number = ++model->column_count;
    }
    return result;
}

/* How many of the first value bins go left; value_bins + 1 when those are not all that do, or none does. */
static uint32_t left_prefix(const struct column_bins *bins, const uint8_t *left)
{
    uint32_t prefix = 0;
    while (prefix < bins->value_bins && left[prefix]) {
        prefix++;
    }
    for (uint32_t bin = prefix; bin < bins->value_bins; bin++) {
        if (left[bin]) {
            return bins->value_bins + 1;
        }
    }
    return prefix > 0 ? prefix : bins->value_bins + 1;
}

static bool splits_bins(const struct column_bins *bins, const uint8_t *left)
{
    uint32_t count = 0;
    for (uint32_t bin = 0; bin < bins->bins; bin++) {
        count += left[bin] != 0;
    }
    return count > 0 && count < bins->bins;
}

static int32_t fill_condition(fate_context *context, struct boosting_condition *condition, const struct column_bins *bins,
                              const uint8_t *left)
{
    *condition = (struct boosting_condition){.missing_left = left[bins->missing_bin] != 0};
    if (bins->kind == FATE_COLUMN_NUMBER) {
        uint32_t prefix = left_prefix(bins, left);
        condition->threshold = prefix < bins->value_bins ? bins->upper[prefix - 1] + 0.0 : DBL_MAX;
        return FATE_OK;
    }
    condition->other_left = left[bins->other_bin] != 0;
    condition->left = memory_allocate(context, bins->category_count, sizeof *condition->left);
    if (condition->left == NULL) {
        return context_out_of_memory(context);
    }
    for (uint32_t i = 0; i < bins->category_count; i++) {
        if (left[bins->category_bin[i]]) {
            condition->left[condition->left_count++] = i;
        }
    }
    return FATE_OK;
}

int32_t boosting_model_own(struct boosting_model *model, uint32_t node, const struct column_bins *bins, const uint8_t *left,
                           const fate_table *table, uint32_t column)
{
    if (!splits_bins(bins, left) || (bins->kind == FATE_COLUMN_NUMBER && left_prefix(bins, left) > bins->value_bins)) {
        return context_fail(model->context, FATE_E_PROTOCOL, "the bins of column %s cannot be split in the way that was chosen",
                            fate_table_column_name(table, column));
    }
    uint32_t number = 0;
    struct boosting_condition condition;
    int32_t result = find_column(model, bins, table, column, &number);
    if (result == FATE_OK) {
        result = fill_condition(model->context, &condition, bins, left);
    }
    if (result == FATE_OK) {
        struct boosting_node *split = &model->trees[model->tree_count - 1].nodes[node];
        split->kind = BOOSTING_OWN;
        split->party = 0;
        split->column = number;
        memory_free(model->context, split->condition.left);
        split->condition = condition;
    }
    return result;
}

void boosting_model_describe(struct boosting_model *model, const struct boosting_parameters *parameters)
{
    model->objective = parameters->objective;
    model->base_score = parameters->base_score;
    model->outputs = parameters->outputs;
    model->tree_outputs = parameters->tree_outputs;
}

int32_t boosting_model_weigh(struct boosting_model *model, uint32_t node, const double *weights)
{
    struct boosting_node *leaf = &model->trees[model->tree_count - 1].nodes[node];
    if (model->tree_outputs == 1) {
        leaf->weight = weights[0];
        return FATE_OK;
    }
    leaf->weights = memory_copy(model->context, weights, model->tree_outputs * sizeof *weights);
    return leaf->weights == NULL ? context_out_of_memory(model->context) : FATE_OK;
}

uint32_t boosting_model_output(const struct boosting_model *model, uint32_t tree)
{
    return tree % (model->outputs / model->tree_outputs);
}

void boosting_model_add(const struct boosting_model *model, uint32_t tree, const struct boosting_node *leaf, double *margins)
{
    if (model->tree_outputs == 1) {
        margins[boosting_model_output(model, tree)] += leaf->weight;
        return;
    }
    for (uint32_t i = 0; i < model->tree_outputs && leaf->weights != NULL; i++) {
        margins[i] += leaf->weights[i];
    }
}

void boosting_model_keep(struct boosting_model *model, uint32_t trees)
{
    while (model->tree_count > trees) {
        free_tree(model->context, &model->trees[--model->tree_count]);
    }
}

/* ---- numbering by first use ---- */

/* Numbers given so far to other parties' columns, sorted by party and old number. */
struct numbering {
    fate_context *context;
    struct numbered {
        uint32_t party, old, new;
    } * items;
    uint32_t count;
    uint32_t *given; /* of each party: numbers given */
    uint32_t *own;   /* new number of each own column; 0: none yet */
    uint32_t own_given;
};

/* Where (party, old) stands or would stand. */
static uint32_t numbering_find(const struct numbering *numbering, uint32_t party, uint32_t old)
{
    uint32_t low = 0;
    uint32_t high = numbering->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct numbered *item = &numbering->items[middle];
        if (item->party < party || (item->party == party && item->old < old)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int32_t number_other(struct numbering *numbering, struct boosting_node *node)
{
    uint32_t place = numbering_find(numbering, node->party, node->column);
    struct numbered *items = numbering->items;
    if (place < numbering->count && items[place].party == node->party && items[place].old == node->column) {
        node->column = items[place].new;
        return FATE_OK;
    }
    void *grown = numbering->items;
    bool has_room = grow(numbering->context, &grown, numbering->count, 1, sizeof *items);
    numbering->items = items = grown;
    if (!has_room) {
        return context_out_of_memory(numbering->context);
    }
    memmove(&items[place + 1], &items[place], (numbering->count - place) * sizeof *items);
    items[place] = (struct numbered){.party = node->party, .old = node->column, .new = ++numbering->given[node->party]};
    numbering->count++;
    node->column = items[place].new;
    return FATE_OK;
}

static int32_t number_nodes(struct numbering *numbering, struct boosting_model *model)
{
    for (uint32_t tree = 0; tree < model->tree_count; tree++) {
        for (uint32_t i = 0; i < model->trees[tree].count; i++) {
            struct boosting_node *node = &model->trees[tree].nodes[i];
            if (node->kind == BOOSTING_OWN) {
                uint32_t *number = &numbering->own[node->column - 1];
                if (*number == 0) {
                    *number = ++numbering->own_given;
                }
                node->column = *number;
            } else if (node->kind == BOOSTING_OTHER && model->guest) {
                int32_t result = number_other(numbering, node);
                if (result != FATE_OK) {
                    return result;
                }
            }
        }
    }
    return FATE_OK;
}

/* Puts the used columns in the order of their numbers and drops the others. */
static int32_t reorder_columns(const struct numbering *numbering, struct boosting_model *model)
{
    if (model->column_count == 0) {
        return FATE_OK;
    }
    struct boosting_column *columns = memory_allocate(model->context, boosting_model_room(model->column_count), sizeof *columns);
    if (columns == NULL) {
        return context_out_of_memory(model->context);
    }
    for (uint32_t i = 0; i < model->column_count; i++) {
        if (numbering->own[i] == 0) {
            free_column(model->context, &model->columns[i]);
        } else {
            columns[numbering->own[i] - 1] = model->columns[i];
        }
    }
    memory_free(model->context, model->columns);
    model->columns = columns;
    model->column_count = numbering->own_given;
    return FATE_OK;
}

int32_t boosting_model_number_columns(struct boosting_model *model)
{
    struct numbering numbering = {.context = model->context};
    numbering.given = memory_zeroed(model->context, model->party_count, sizeof *numbering.given);
    numbering.own = memory_zeroed(model->context, model->column_count, sizeof *numbering.own);
    int32_t result = FATE_OK;
    if (numbering.given == NULL || numbering.own == NULL) {
        result = context_out_of_memory(model->context);
    }
    if (result == FATE_OK) {
        result = number_nodes(&numbering, model);
    }
    if (result == FATE_OK) {
        result = reorder_columns(&numbering, model);
    }
    memory_free(model->context, numbering.items);
    memory_free(model->context, numbering.given);
    memory_free(model->context, numbering.own);
    return result;
}
