/* A model as bytes and back. Written message by message, so that memory is needed for one tree at a time. */
#include "src/models/boosting/body.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "proto/boosting.pb-c.h"
#include "src/models/boosting/classes.h"
#include "src/models/boosting/objective.h"
#include "src/session/protobuf.h"

enum { FIELD_GUEST = 1, FIELD_COLUMN = 2, FIELD_TREE = 3 };

/* ---- writing ---- */

static void append_varint(struct buffer *body, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        buffer_u8(body, (uint8_t)(value | 0x80));
    }
    buffer_u8(body, (uint8_t)value);
}

/* Appends one embedded message of BoostingModel: tag (length-delimited), length, bytes. */
static void append_message(struct buffer *body, uint32_t field, const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    append_varint(body, (uint64_t)field << 3 | 2);
    append_varint(body, size);
    if (buffer_reserve(body, size)) {
        body->length += protobuf_c_message_pack(message, body->bytes + body->length);
    }
}

static void write_guest(const struct boosting_model *model, struct buffer *body)
{
    Fate__BoostingGuest guest;
    char objective[32];
    snprintf(objective, sizeof objective, "%s", objective_name(model->objective));
    fate__boosting_guest__init(&guest);
    guest.objective = objective;
    guest.base_score = model->base_score;
    guest.n_parties = model->party_count;
    guest.parties = model->parties;
    guest.classes = model->outputs == 1 ? 0 : model->outputs;
    guest.multi_output = model->tree_outputs > 1;
    append_message(body, FIELD_GUEST, &guest.base);
}

static ProtobufCBinaryData text_bytes(char *text)
{
    return (ProtobufCBinaryData){.len = strlen(text), .data = (uint8_t *)text};
}

static int32_t write_column(const struct boosting_model *model, const struct boosting_column *column, struct buffer *body)
{
    Fate__BoostingColumn message = FATE__BOOSTING_COLUMN__INIT;
    ProtobufCBinaryData *categories = memory_allocate(model->context, column->category_count, sizeof *categories);
    if (categories == NULL) {
        return context_out_of_memory(model->context);
    }
    for (uint32_t i = 0; i < column->category_count; i++) {
        categories[i] = text_bytes(column->categories[i]);
    }
    message.name = text_bytes(column->name);
    message.categorical = column->kind == FATE_COLUMN_CATEGORY;
    message.n_categories = column->category_count;
    message.categories = categories;
    append_message(body, FIELD_COLUMN, &message.base);
    memory_free(model->context, categories);
    return FATE_OK;
}

/* One node with the parts that its message points to. */
struct node_message {
    Fate__BoostingNode node;
    Fate__BoostingCondition own;
    Fate__BoostingElsewhere elsewhere;
};

static void fill_node(struct node_message *message, const struct boosting_model *model, const struct boosting_node *node)
{
    *message = (struct node_message){FATE__BOOSTING_NODE__INIT, FATE__BOOSTING_CONDITION__INIT, FATE__BOOSTING_ELSEWHERE__INIT};
    message->node.left = node->left;
    message->node.right = node->right;
    message->node.weight = node->weight;
    message->node.weights = node->weights;
    message->node.n_weights = node->weights == NULL ? 0 : model->tree_outputs;
    message->node.gain = node->gain;
    message->node.cover = node->cover;
    if (node->kind == BOOSTING_OWN) {
        message->own.column = node->column;
        message->own.threshold = node->condition.threshold;
        message->own.n_left = node->condition.left_count;
        message->own.left = node->condition.left;
        message->own.missing_left = node->condition.missing_left;
        message->own.other_left = node->condition.other_left;
        message->node.own = &message->own;
    } else if (node->kind == BOOSTING_OTHER && model->guest) {
        message->elsewhere.party = node->party;
        message->elsewhere.column = node->column;
        message->node.elsewhere = &message->elsewhere;
    }
}

static int32_t write_tree(const struct boosting_model *model, const struct boosting_tree *tree, struct buffer *body)
{
    Fate__BoostingTree message = FATE__BOOSTING_TREE__INIT;
    struct node_message *nodes = memory_allocate(model->context, tree->count, sizeof *nodes);
    Fate__BoostingNode **pointers = memory_allocate(model->context, tree->count, sizeof *pointers);
    int32_t result = nodes == NULL || pointers == NULL ? context_out_of_memory(model->context) : FATE_OK;
    if (result == FATE_OK) {
        for (uint32_t i = 0; i < tree->count; i++) {
            fill_node(&nodes[i], model, &tree->nodes[i]);
            pointers[i] = &nodes[i].node;
        }
        message.n_nodes = tree->count;
        message.nodes = pointers;
        append_message(body, FIELD_TREE, &message.base);
    }
    memory_free(model->context, nodes);
    memory_free(model->context, pointers);
    return result;
}

int32_t boosting_model_write(const struct boosting_model *model, struct buffer *body)
{
    int32_t result = FATE_OK;
    if (model->guest) {
        write_guest(model, body);
    }
    for (uint32_t i = 0; i < model->column_count && result == FATE_OK; i++) {
        result = write_column(model, &model->columns[i], body);
    }
    for (uint32_t i = 0; i < model->tree_count && result == FATE_OK; i++) {
        result = write_tree(model, &model->trees[i], body);
    }
    if (result == FATE_OK && body->failed) {
        result = context_out_of_memory(model->context);
    }
    return result;
}

/* ---- reading ---- */

static int32_t damaged(const struct boosting_model *model, const char *why)
{
    return context_fail(model->context, FATE_E_FORMAT, "the model is damaged: %s", why);
}

static int32_t damaged_node(const struct boosting_model *model, uint32_t node, const char *why)
{
    return context_fail(model->context, FATE_E_FORMAT, "the model is damaged: tree %u, node %u: %s", (unsigned)model->tree_count + 1,
                        (unsigned)node, why);
}

/* Copies bytes that are to be a C text; NULL and *result set when they hold a zero byte or memory is out. */
static char *read_text(const struct boosting_model *model, ProtobufCBinaryData bytes, int32_t *result)
{
    if (bytes.len > 0 && memchr(bytes.data, 0, bytes.len) != NULL) {
        *result = damaged(model, "a name holds a zero byte");
        return NULL;
    }
    char *text = memory_allocate(model->context, (uint64_t)bytes.len + 1, 1);
    if (text == NULL) {
        *result = context_out_of_memory(model->context);
        return NULL;
    }
    if (bytes.len > 0) {
        memcpy(text, bytes.data, bytes.len);
    }
    text[bytes.len] = '\0';
    return text;
}

static int32_t read_guest(struct boosting_model *model, const Fate__BoostingGuest *guest)
{
    model->guest = true;
    model->objective = objective_find(guest->objective);
    model->base_score = guest->base_score;
    if (model->objective == 0 || !objective_base_fits(model->objective, guest->base_score)) {
        return damaged(model, "its objective or base_score is unknown");
    }
    bool several = model->objective == OBJECTIVE_SOFTMAX;
    if (several ? guest->classes < 2 || guest->classes > CLASSES_MOST : guest->classes != 0 || guest->multi_output) {
        return damaged(model, "its number of classes cannot be");
    }
    model->outputs = several ? guest->classes : 1;
    model->tree_outputs = guest->multi_output ? model->outputs : 1;
    if (guest->n_parties == 0 || guest->n_parties > UINT16_MAX) {
        return damaged(model, "its list of parties is empty or too long");
    }
    model->parties = memory_zeroed(model->context, guest->n_parties, sizeof *model->parties);
    if (model->parties == NULL) {
        return context_out_of_memory(model->context);
    }
    while (model->party_count < guest->n_parties) {
        char *name = memory_text(model->context, guest->parties[model->party_count]);
        if (name == NULL) {
            return context_out_of_memory(model->context);
        }
        model->parties[model->party_count++] = name;
    }
    return FATE_OK;
}

static int32_t read_categories(struct boosting_model *model, struct boosting_column *column, const Fate__BoostingColumn *message)
{
    int32_t result = FATE_OK;
    column->categories = memory_zeroed(model->context, message->n_categories, sizeof *column->categories);
    if (column->categories == NULL) {
        return context_out_of_memory(model->context);
    }
    while (column->category_count < message->n_categories) {
        uint32_t i = column->category_count;
        column->categories[i] = read_text(model, message->categories[i], &result);
        if (column->categories[i] == NULL) {
            return result;
        }
        column->category_count++;
        if (i > 0 && strcmp(column->categories[i - 1], column->categories[i]) >= 0) {
            return damaged(model, "categories are not in order");
        }
    }
    return FATE_OK;
}

static int32_t read_columns(struct boosting_model *model, const Fate__BoostingModel *message)
{
    int32_t result = FATE_OK;
    if (message->n_columns > UINT16_MAX) {
        return damaged(model, "it has too many columns");
    }
    model->columns = memory_zeroed(model->context, boosting_model_room(message->n_columns), sizeof *model->columns);
    if (model->columns == NULL) {
        return context_out_of_memory(model->context);
    }
    while (model->column_count < message->n_columns && result == FATE_OK) {
        const Fate__BoostingColumn *from = message->columns[model->column_count];
        struct boosting_column *column = &model->columns[model->column_count];
        model->column_count++;
        column->kind = from->categorical ? FATE_COLUMN_CATEGORY : FATE_COLUMN_NUMBER;
        if (from->name.len == 0 || from->n_categories > UINT32_MAX || (!from->categorical && from->n_categories > 0)) {
            return damaged(model, "a column has no name, or categories that it cannot have");
        }
        column->name = read_text(model, from->name, &result);
        if (column->name != NULL) {
            result = read_categories(model, column, from);
        }
    }
    return result;
}

static int32_t read_condition(struct boosting_model *model, uint32_t number, struct boosting_node *node, const Fate__BoostingCondition *own)
{
    if (own->column == 0 || own->column > model->column_count) {
        return damaged_node(model, number, "its column does not exist");
    }
    const struct boosting_column *column = &model->columns[own->column - 1];
    bool by_category = column->kind == FATE_COLUMN_CATEGORY;
    if (!isfinite(own->threshold) || (by_category ? own->threshold != 0 : own->n_left > 0 || own->other_left)) {
        return damaged_node(model, number, "its condition does not fit its column");
    }
    for (size_t i = 0; i < own->n_left; i++) {
        if (own->left[i] >= column->category_count || (i > 0 && own->left[i] <= own->left[i - 1])) {
            return damaged_node(model, number, "its categories do not exist or are not in order");
        }
    }
    node->kind = BOOSTING_OWN;
    node->column = own->column;
    node->condition = (struct boosting_condition){
        .threshold = own->threshold, .missing_left = own->missing_left != 0, .other_left = own->other_left != 0};
    if (by_category) {
        node->condition.left = memory_allocate(model->context, own->n_left, sizeof *node->condition.left);
        if (node->condition.left == NULL) {
            return context_out_of_memory(model->context);
        }
        if (own->n_left > 0) {
            memcpy(node->condition.left, own->left, own->n_left * sizeof *own->left);
        }
        node->condition.left_count = (uint32_t)own->n_left;
    }
    return FATE_OK;
}

static int32_t read_elsewhere(struct boosting_model *model, uint32_t number, struct boosting_node *node,
                              const Fate__BoostingElsewhere *elsewhere)
{
    node->kind = BOOSTING_OTHER;
    if (elsewhere == NULL) {
        return model->guest ? damaged_node(model, number, "nobody has its condition") : FATE_OK;
    }
    if (!model->guest || elsewhere->party >= model->party_count || elsewhere->column == 0) {
        return damaged_node(model, number, "the party or column of its condition does not exist");
    }
    node->party = elsewhere->party;
    node->column = elsewhere->column;
    return FATE_OK;
}

/* The weights of a leaf of several outputs. */
static int32_t read_weights(struct boosting_model *model, uint32_t number, struct boosting_node *node, const Fate__BoostingNode *from)
{
    bool fits = from->n_weights == 0 || (from->n_weights == model->tree_outputs && model->tree_outputs > 1 && from->left == 0);
    for (size_t i = 0; fits && i < from->n_weights; i++) {
        fits = isfinite(from->weights[i]);
    }
    if (!fits || (from->weight != 0 && model->tree_outputs > 1)) {
        return damaged_node(model, number, "its weights cannot be");
    }
    if (from->n_weights > 0) {
        node->weights = memory_copy(model->context, from->weights, from->n_weights * sizeof *from->weights);
    }
    return from->n_weights > 0 && node->weights == NULL ? context_out_of_memory(model->context) : FATE_OK;
}

static int32_t read_node(struct boosting_model *model, uint32_t number, struct boosting_node *node, const Fate__BoostingNode *from)
{
    bool has_guest_part = from->weight != 0 || from->gain != 0 || from->cover != 0;
    if (!isfinite(from->weight) || !isfinite(from->gain) || !isfinite(from->cover) || (has_guest_part && !model->guest)) {
        return damaged_node(model, number, "its weight, gain or cover cannot be");
    }
    *node =
        (struct boosting_node){.left = from->left, .right = from->right, .weight = from->weight, .gain = from->gain, .cover = from->cover};
    int32_t result = read_weights(model, number, node, from);
    if (result != FATE_OK) {
        return result;
    }
    if (from->left == 0) {
        bool is_leaf = from->right == 0 && from->own == NULL && from->elsewhere == NULL && from->gain == 0;
        return is_leaf ? FATE_OK : damaged_node(model, number, "it has no children but a condition");
    }
    if (from->weight != 0 || (from->own != NULL && from->elsewhere != NULL)) {
        return damaged_node(model, number, "it is a split with a weight or with two conditions");
    }
    return from->own != NULL ? read_condition(model, number, node, from->own) : read_elsewhere(model, number, node, from->elsewhere);
}

/* Children are numbered breadth-first without gaps exactly when each split's are the next two numbers and every node comes before them. Then level
 * by level, `level_end` is where the nodes of the present depth end. */
static int32_t check_shape(const struct boosting_model *model, const struct boosting_tree *tree)
{
    uint32_t next = 1;
    uint32_t depth = 0;
    uint32_t level_end = 1;
    for (uint32_t i = 0; i < tree->count; i++) {
        if (i == level_end) {
            depth++;
            level_end = next;
        }
        const struct boosting_node *node = &tree->nodes[i];
        if (i >= next || depth > BOOSTING_DEPTH_LIMIT || (node->left != 0 && (node->left != next || node->right != next + 1))) {
            return damaged_node(model, i, "nodes do not form a tree");
        }
        next += node->left != 0 ? 2 : 0;
    }
    return next == tree->count ? FATE_OK : damaged_node(model, 0, "nodes do not form a tree");
}

static int32_t read_tree(struct boosting_model *model, const Fate__BoostingTree *message)
{
    enum { NODE_LIMIT = (2 << BOOSTING_DEPTH_LIMIT) - 1 };
    struct boosting_tree *tree = &model->trees[model->tree_count];
    if (message->n_nodes == 0 || message->n_nodes > NODE_LIMIT) {
        return damaged_node(model, 0, "the tree is empty or too large");
    }
    tree->nodes = memory_zeroed(model->context, message->n_nodes, sizeof *tree->nodes);
    if (tree->nodes == NULL) {
        return context_out_of_memory(model->context);
    }
    int32_t result = FATE_OK;
    while (tree->count < message->n_nodes && result == FATE_OK) {
        uint32_t number = tree->count++;
        result = read_node(model, number, &tree->nodes[number], message->nodes[number]);
    }
    if (result == FATE_OK) {
        result = check_shape(model, tree);
    }
    model->tree_count++;
    return result;
}

/* Columns must be numbered by first use. */
static int32_t check_numbers(const struct boosting_model *model)
{
    uint32_t own = 0;
    uint32_t *given = memory_zeroed(model->context, model->party_count, sizeof *given);
    if (given == NULL) {
        return context_out_of_memory(model->context);
    }
    bool in_order = true;
    for (uint32_t tree = 0; tree < model->tree_count; tree++) {
        for (uint32_t i = 0; i < model->trees[tree].count; i++) {
            const struct boosting_node *node = &model->trees[tree].nodes[i];
            if (node->kind == BOOSTING_LEAF || (node->kind == BOOSTING_OTHER && !model->guest)) {
                continue;
            }
            uint32_t *last = node->kind == BOOSTING_OWN ? &own : &given[node->party];
            in_order = in_order && node->column - 1 <= *last;
            *last += node->column == *last + 1;
        }
    }
    memory_free(model->context, given);
    return in_order && own == model->column_count ? FATE_OK : damaged(model, "its columns are not numbered by first use");
}

static int32_t read_message(struct boosting_model *model, const Fate__BoostingModel *message)
{
    int32_t result = message->guest != NULL ? read_guest(model, message->guest) : FATE_OK;
    if (result == FATE_OK) {
        result = read_columns(model, message);
    }
    if (result == FATE_OK && message->n_trees > UINT32_MAX) {
        result = damaged(model, "it has too many trees");
    }
    if (result == FATE_OK) {
        model->trees = memory_zeroed(model->context, boosting_model_room(message->n_trees), sizeof *model->trees);
        result = model->trees == NULL ? context_out_of_memory(model->context) : FATE_OK;
    }
    for (size_t i = 0; i < message->n_trees && result == FATE_OK; i++) {
        result = read_tree(model, message->trees[i]);
    }
    return result == FATE_OK ? check_numbers(model) : result;
}

int32_t boosting_model_read(struct boosting_model *model, fate_context *context, const uint8_t *body, uint64_t length)
{
    struct protobuf_memory memory;
    protobuf_memory_init(&memory, context);
    memset(model, 0, sizeof *model);
    model->context = context;
    model->outputs = model->tree_outputs = 1;
    Fate__BoostingModel *message = fate__boosting_model__unpack(&memory.allocator, length, body);
    if (message == NULL) {
        int32_t result = memory.failed ? context_out_of_memory(context) : damaged(model, "its bytes are no protobuf message of this kind");
        model->context = NULL;
        return result;
    }
    int32_t result = read_message(model, message);
    fate__boosting_model__free_unpacked(message, &memory.allocator);
    if (result != FATE_OK) {
        boosting_model_free(model);
    }
    return result;
}
