/* Readable text and JSON of models of vertical boosting. */
#include "src/models/boosting/dump.h"

#include <float.h>
#include <string.h>
#include "src/models/boosting/body.h"
#include "src/models/boosting/importance.h"
#include "src/models/boosting/objective.h"
#include "src/models/text.h"

enum { INDENT = 2 };

struct dump {
    fate_context *context;
    const struct dump_party *parties; /* those whose models are there */
    uint32_t count;
    const struct dump_party *guest; /* NULL when its model is not there */
    uint32_t guest_party;           /* its number in the job */
    struct buffer *text;
};

/* ---- pieces of text ---- */

/* One number, or a list of them. */
static void write_weights(const struct dump *dump, const struct boosting_node *leaf)
{
    uint32_t outputs = dump->guest->model->tree_outputs;
    buffer_text(dump->text, outputs > 1 ? "[" : "");
    for (uint32_t i = 0; i < outputs; i++) {
        buffer_text(dump->text, i > 0 ? ", " : "");
        text_number(dump->text, outputs == 1 ? leaf->weight : leaf->weights == NULL ? 0 : leaf->weights[i]);
    }
    buffer_text(dump->text, outputs > 1 ? "]" : "");
}

static const char *side(bool left)
{
    return left ? "left" : "right";
}

/* ---- who decides a node ---- */

/* A split as far as the models at hand tell. */
struct dump_split {
    const char *party;                    /* NULL: not known */
    uint32_t number;                      /* of the column in the party's model; 0: not known */
    const struct boosting_column *column; /* NULL: its party's model is not there */
    const struct boosting_condition *condition;
};

static const struct dump_party *find_party(const struct dump *dump, const char *name)
{
    for (uint32_t i = 0; i < dump->count; i++) {
        if (strcmp(dump->parties[i].name, name) == 0) {
            return &dump->parties[i];
        }
    }
    return NULL;
}

static struct dump_split own_split(const struct dump_party *party, const struct boosting_node *node)
{
    return (struct dump_split){party->name, node->column, &party->model->columns[node->column - 1], &node->condition};
}

static struct dump_split find_split(const struct dump *dump, uint32_t tree, uint32_t node)
{
    for (uint32_t i = 0; i < dump->count; i++) {
        const struct boosting_node *own = &dump->parties[i].model->trees[tree].nodes[node];
        if (own->kind == BOOSTING_OWN) {
            return own_split(&dump->parties[i], own);
        }
    }
    if (dump->guest == NULL) {
        return (struct dump_split){NULL, 0, NULL, NULL};
    }
    const struct boosting_node *other = &dump->guest->model->trees[tree].nodes[node];
    return (struct dump_split){dump->guest->model->parties[other->party], other->column, NULL, NULL};
}

/* ---- checks ---- */

static int32_t fail(const struct dump *dump, const char *why)
{
    return context_fail(dump->context, FATE_E_MODEL, "the models do not belong together: %s", why);
}

/* A node must be a split in all models or in none; its condition is where the guest's model says, and nowhere else. */
static int32_t check_node(const struct dump *dump, uint32_t tree, uint32_t number)
{
    const struct boosting_node *first = &dump->parties[0].model->trees[tree].nodes[number];
    const struct boosting_node *guest = dump->guest == NULL ? NULL : &dump->guest->model->trees[tree].nodes[number];
    uint32_t owners = 0;
    for (uint32_t i = 0; i < dump->count; i++) {
        const struct boosting_node *node = &dump->parties[i].model->trees[tree].nodes[number];
        if (node->left != first->left) {
            return fail(dump, "their trees have different shapes");
        }
        owners += node->kind == BOOSTING_OWN;
        bool expected = guest == NULL || guest == node || guest->kind != BOOSTING_OTHER ||
                        strcmp(dump->guest->model->parties[guest->party], dump->parties[i].name) != 0 ||
                        (node->kind == BOOSTING_OWN && node->column == guest->column);
        if (!expected) {
            return fail(dump, "a host does not have a condition that the guest's model says it has");
        }
    }
    bool elsewhere = guest != NULL && guest->kind == BOOSTING_OTHER && find_party(dump, dump->guest->model->parties[guest->party]) == NULL;
    return owners > 1 || (elsewhere && owners > 0) ? fail(dump, "two parties have a condition for one node") : FATE_OK;
}

static int32_t check_parties(struct dump *dump)
{
    for (uint32_t i = 0; i < dump->count; i++) {
        if (find_party(dump, dump->parties[i].name) != &dump->parties[i]) {
            return fail(dump, "two are of one party");
        }
        if (dump->parties[i].model->guest) {
            if (dump->guest != NULL) {
                return fail(dump, "two are of a guest");
            }
            dump->guest = &dump->parties[i];
        }
    }
    if (dump->guest == NULL) {
        return FATE_OK;
    }
    const struct boosting_model *model = dump->guest->model;
    while (dump->guest_party < model->party_count && strcmp(model->parties[dump->guest_party], dump->guest->name) != 0) {
        dump->guest_party++;
    }
    return dump->guest_party < model->party_count ? FATE_OK : fail(dump, "the guest's model does not list the guest");
}

static int32_t check_models(struct dump *dump)
{
    int32_t result = check_parties(dump);
    const struct boosting_model *first = dump->parties[0].model;
    for (uint32_t i = 0; i < dump->count && result == FATE_OK; i++) {
        const struct boosting_model *model = dump->parties[i].model;
        bool equal = model->tree_count == first->tree_count;
        for (uint32_t tree = 0; equal && tree < first->tree_count; tree++) {
            equal = model->trees[tree].count == first->trees[tree].count;
        }
        result = equal ? FATE_OK : fail(dump, "their trees have different shapes");
    }
    for (uint32_t tree = 0; result == FATE_OK && tree < first->tree_count; tree++) {
        for (uint32_t node = 0; result == FATE_OK && node < first->trees[tree].count; node++) {
            result = check_node(dump, tree, node);
        }
    }
    return result;
}

/* The name of a column by party and number; NULL when the party's model is not there. */
static const char *column_name(const struct dump *dump, const char *party, uint32_t number)
{
    const struct dump_party *owner = find_party(dump, party);
    return owner != NULL && number <= owner->model->column_count ? owner->model->columns[number - 1].name : NULL;
}

/* ---- text ---- */

static void text_column(const struct dump *dump, const char *party, uint32_t number)
{
    const char *name = column_name(dump, party, number);
    text_name(dump->text, party);
    buffer_text(dump->text, " ");
    if (name != NULL) {
        text_name(dump->text, name);
    } else {
        buffer_format(dump->text, "column %u", (unsigned)number);
    }
}

static void text_condition(const struct dump *dump, const struct dump_split *split)
{
    const struct boosting_condition *condition = split->condition;
    if (split->column->kind == FATE_COLUMN_NUMBER && condition->threshold == DBL_MAX) {
        buffer_text(dump->text, " is not missing");
        return;
    }
    if (split->column->kind == FATE_COLUMN_NUMBER) {
        buffer_text(dump->text, " <= ");
        text_number(dump->text, condition->threshold);
        buffer_format(dump->text, ", missing %s", side(condition->missing_left));
        return;
    }
    buffer_text(dump->text, " in {");
    for (uint32_t i = 0; i < condition->left_count; i++) {
        buffer_text(dump->text, i > 0 ? ", " : "");
        text_name(dump->text, split->column->categories[condition->left[i]]);
    }
    buffer_format(dump->text, "}, missing %s, other %s", side(condition->missing_left), side(condition->other_left));
}

static void text_measures(const struct dump *dump, const struct boosting_node *node)
{
    if (node->left != 0) {
        buffer_text(dump->text, ", gain ");
        text_number(dump->text, node->gain);
    }
    buffer_text(dump->text, ", cover ");
    text_number(dump->text, node->cover);
}

/* One node a line, children below their parent; the depth is at most BOOSTING_DEPTH_LIMIT. */
static void text_node(const struct dump *dump, uint32_t tree, uint32_t number, uint32_t depth)
{
    const struct boosting_model *model = dump->guest != NULL ? dump->guest->model : dump->parties[0].model;
    const struct boosting_node *node = &model->trees[tree].nodes[number];
    buffer_format(dump->text, "%*s%u: ", (int)(INDENT * (depth + 1)), "", (unsigned)number);
    if (node->left == 0) {
        buffer_text(dump->text, "leaf");
        if (dump->guest != NULL) {
            buffer_text(dump->text, " ");
            write_weights(dump, node);
        }
    } else {
        struct dump_split split = find_split(dump, tree, number);
        if (split.party == NULL) {
            buffer_text(dump->text, "another party's condition");
        } else {
            text_column(dump, split.party, split.number);
        }
        if (split.condition != NULL) {
            text_condition(dump, &split);
        }
        buffer_format(dump->text, ": yes %u, no %u", (unsigned)node->left, (unsigned)node->right);
    }
    if (dump->guest != NULL) {
        text_measures(dump, node);
    }
    buffer_text(dump->text, "\n");
    if (node->left != 0) {
        text_node(dump, tree, node->left, depth + 1);
        text_node(dump, tree, node->right, depth + 1);
    }
}

static void text_head(const struct dump *dump, const struct importance *items, uint32_t count)
{
    const struct boosting_model *model = dump->guest->model;
    buffer_format(dump->text, "objective %s, base_score ", objective_name(model->objective));
    text_number(dump->text, model->base_score);
    if (model->outputs > 1) {
        buffer_format(dump->text, ", %u classes", (unsigned)model->outputs);
    }
    buffer_format(dump->text, ", %u trees\n\nimportance (gain, splits, cover)\n", (unsigned)model->tree_count);
    for (uint32_t i = 0; i < count; i++) {
        buffer_text(dump->text, "  ");
        text_column(dump, model->parties[items[i].party], items[i].column);
        buffer_text(dump->text, ": ");
        text_number(dump->text, items[i].gain);
        buffer_format(dump->text, ", %llu, ", (unsigned long long)items[i].splits);
        text_number(dump->text, items[i].cover);
        buffer_text(dump->text, "\n");
    }
}

static void write_text(const struct dump *dump, const struct importance *items, uint32_t count)
{
    buffer_text(dump->text, "vertical-boosting, model of");
    for (uint32_t i = 0; i < dump->count; i++) {
        buffer_text(dump->text, i > 0 ? ", " : " ");
        text_name(dump->text, dump->parties[i].name);
    }
    buffer_text(dump->text, "\n");
    if (dump->guest != NULL) {
        text_head(dump, items, count);
    }
    for (uint32_t tree = 0; tree < dump->parties[0].model->tree_count; tree++) {
        buffer_format(dump->text, "\ntree %u", (unsigned)tree + 1);
        if (dump->guest != NULL && dump->guest->model->outputs > dump->guest->model->tree_outputs) {
            buffer_format(dump->text, ", class %u", (unsigned)boosting_model_output(dump->guest->model, tree));
        }
        buffer_text(dump->text, "\n");
        text_node(dump, tree, 0, 0);
    }
}

/* ---- JSON ---- */

static void json_column(const struct dump *dump, const char *party, uint32_t number)
{
    const char *name = column_name(dump, party, number);
    buffer_text(dump->text, "\"party\": ");
    text_quoted(dump->text, party);
    buffer_text(dump->text, ", \"column\": ");
    if (name != NULL) {
        text_quoted(dump->text, name);
    } else {
        buffer_format(dump->text, "%u", (unsigned)number);
    }
}

static void json_condition(const struct dump *dump, const struct dump_split *split)
{
    const struct boosting_condition *condition = split->condition;
    if (split->column->kind == FATE_COLUMN_NUMBER) {
        buffer_text(dump->text, ", \"threshold\": ");
        text_number(dump->text, condition->threshold);
    } else {
        buffer_text(dump->text, ", \"categories\": [");
        for (uint32_t i = 0; i < condition->left_count; i++) {
            buffer_text(dump->text, i > 0 ? ", " : "");
            text_quoted(dump->text, split->column->categories[condition->left[i]]);
        }
        buffer_format(dump->text, "], \"other\": \"%s\"", side(condition->other_left));
    }
    buffer_format(dump->text, ", \"missing\": \"%s\"", side(condition->missing_left));
}

static void json_field(const struct dump *dump, const char *name, double value)
{
    buffer_format(dump->text, ", \"%s\": ", name);
    text_number(dump->text, value);
}

static void json_node(const struct dump *dump, uint32_t tree, uint32_t number)
{
    const struct boosting_model *model = dump->guest != NULL ? dump->guest->model : dump->parties[0].model;
    const struct boosting_node *node = &model->trees[tree].nodes[number];
    buffer_format(dump->text, "{\"node\": %u", (unsigned)number);
    if (node->left != 0) {
        struct dump_split split = find_split(dump, tree, number);
        if (split.party != NULL) {
            buffer_text(dump->text, ", ");
            json_column(dump, split.party, split.number);
        }
        if (split.condition != NULL) {
            json_condition(dump, &split);
        }
        buffer_format(dump->text, ", \"left\": %u, \"right\": %u", (unsigned)node->left, (unsigned)node->right);
    }
    if (dump->guest != NULL) {
        if (node->left != 0) {
            json_field(dump, "gain", node->gain);
        } else {
            buffer_text(dump->text, ", \"leaf\": ");
            write_weights(dump, node);
        }
        json_field(dump, "cover", node->cover);
    }
    buffer_text(dump->text, "}");
}

static void json_head(const struct dump *dump, const struct importance *items, uint32_t count)
{
    const struct boosting_model *model = dump->guest->model;
    buffer_format(dump->text, "\"objective\": \"%s\", \"base_score\": ", objective_name(model->objective));
    text_number(dump->text, model->base_score);
    if (model->outputs > 1) {
        buffer_format(dump->text, ", \"classes\": %u", (unsigned)model->outputs);
    }
    buffer_text(dump->text, ", \"parties\": [");
    for (uint32_t i = 0; i < model->party_count; i++) {
        buffer_text(dump->text, i > 0 ? ", " : "");
        text_quoted(dump->text, model->parties[i]);
    }
    buffer_text(dump->text, "],\n \"importance\": [");
    for (uint32_t i = 0; i < count; i++) {
        buffer_text(dump->text, i > 0 ? ",\n  {" : "\n  {");
        json_column(dump, model->parties[items[i].party], items[i].column);
        json_field(dump, "gain", items[i].gain);
        buffer_format(dump->text, ", \"splits\": %llu", (unsigned long long)items[i].splits);
        json_field(dump, "cover", items[i].cover);
        buffer_text(dump->text, "}");
    }
    buffer_text(dump->text, "],\n ");
}

static void write_json(const struct dump *dump, const struct importance *items, uint32_t count)
{
    const struct boosting_model *first = dump->parties[0].model;
    buffer_text(dump->text, "{\"algorithm\": \"vertical-boosting\", \"models\": [");
    for (uint32_t i = 0; i < dump->count; i++) {
        buffer_text(dump->text, i > 0 ? ", " : "");
        text_quoted(dump->text, dump->parties[i].name);
    }
    buffer_text(dump->text, "],\n ");
    if (dump->guest != NULL) {
        json_head(dump, items, count);
    }
    buffer_text(dump->text, "\"trees\": [");
    for (uint32_t tree = 0; tree < first->tree_count; tree++) {
        buffer_text(dump->text, tree > 0 ? ",\n  {" : "\n  {");
        if (dump->guest != NULL && dump->guest->model->outputs > dump->guest->model->tree_outputs) {
            buffer_format(dump->text, "\"class\": %u, ", (unsigned)boosting_model_output(dump->guest->model, tree));
        }
        buffer_text(dump->text, "\"nodes\": [");
        for (uint32_t node = 0; node < first->trees[tree].count; node++) {
            buffer_text(dump->text, node > 0 ? ",\n   " : "\n   ");
            json_node(dump, tree, node);
        }
        buffer_text(dump->text, "]}");
    }
    buffer_text(dump->text, "]}\n");
}

int32_t dump_write(fate_context *context, const struct dump_party *parties, uint32_t count, const char *format, struct buffer *text)
{
    struct dump dump = {.context = context, .parties = parties, .count = count, .text = text};
    struct importance *items = NULL;
    uint32_t item_count = 0;
    bool json = strcmp(format, "json") == 0;
    if (!json && strcmp(format, "text") != 0) {
        return context_fail(context, FATE_E_UNSUPPORTED, "there is no dump in the format %s: choose text or json", format);
    }
    if (count == 0) {
        return context_fail(context, FATE_E_ARGUMENT, "there is no model to dump");
    }
    int32_t result = check_models(&dump);
    if (result == FATE_OK && dump.guest != NULL) {
        result = importance_make(dump.guest->model, dump.guest_party, &items, &item_count);
    }
    if (result != FATE_OK) {
        return result;
    }
    if (json) {
        write_json(&dump, items, item_count);
    } else {
        write_text(&dump, items, item_count);
    }
    memory_free(context, items);
    return text->failed ? context_out_of_memory(context) : FATE_OK;
}

/* Reads count bodies; *made of them are to be freed, also after an error. */
static int32_t read_models(fate_context *context, const fate_model *const *models, uint32_t count, struct boosting_model *bodies,
                           struct dump_party *parties, uint32_t *made)
{
    for (*made = 0; *made < count; ++*made) {
        const uint8_t *bytes = NULL;
        uint64_t length = 0;
        int32_t result = fate_model_body(models[*made], &bytes, &length);
        if (result == FATE_OK) {
            result = boosting_model_read(&bodies[*made], context, bytes, length);
        }
        if (result != FATE_OK) {
            return result;
        }
        parties[*made] = (struct dump_party){fate_model_party(models[*made]), &bodies[*made]};
    }
    return FATE_OK;
}

int32_t dump_models(fate_context *context, const fate_model *const *models, uint32_t count, const char *format, char **text)
{
    struct boosting_model *bodies = memory_zeroed(context, count, sizeof *bodies);
    struct dump_party *parties = memory_zeroed(context, count, sizeof *parties);
    struct buffer buffer;
    uint64_t length = 0;
    uint32_t made = 0;
    *text = NULL;
    buffer_init(&buffer, context);
    int32_t result = bodies == NULL || parties == NULL ? context_out_of_memory(context) : FATE_OK;
    if (result == FATE_OK) {
        result = read_models(context, models, count, bodies, parties, &made);
    }
    if (result == FATE_OK) {
        result = dump_write(context, parties, count, format, &buffer);
    }
    if (result == FATE_OK) {
        *text = (char *)buffer_take(&buffer, &length);
        result = *text == NULL ? context_out_of_memory(context) : FATE_OK;
    }
    while (made > 0) {
        boosting_model_free(&bodies[--made]);
    }
    buffer_free(&buffer);
    memory_free(context, bodies);
    memory_free(context, parties);
    return result;
}
