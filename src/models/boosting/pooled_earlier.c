/* A pooled run goes on from the earlier models of all parties. */
#include <string.h>
#include "src/models/boosting/earlier.h"
#include "src/models/boosting/pooled_tree.h"

static int32_t check_shapes(const struct pooled *pooled, const struct boosting_model *model)
{
    const struct boosting_model *first = &pooled->models[0];
    bool equal = model->tree_count == first->tree_count;
    for (uint32_t tree = 0; equal && tree < model->tree_count; tree++) {
        equal = model->trees[tree].count == first->trees[tree].count;
        for (uint32_t i = 0; equal && i < model->trees[tree].count; i++) {
            equal = model->trees[tree].nodes[i].left == first->trees[tree].nodes[i].left;
        }
    }
    return equal ? FATE_OK
                 : context_fail(pooled->context, FATE_E_MODEL,
                                "the earlier models have trees of different shapes: use the models of one training");
}

/* Reads a party's part and matches it to its tables. */
static int32_t open_party(struct pooled *pooled, uint32_t party, struct earlier *earlier)
{
    const struct pooled_party *from = &pooled->data.parties[party];
    struct boosting_model *model = &pooled->models[party];
    int32_t result = earlier_read(earlier, model, from->from, pooled->parameters);
    if (result == FATE_OK) {
        result = check_shapes(pooled, model);
    }
    for (uint32_t i = 0; i < pooled->data.column_count && result == FATE_OK; i++) {
        const struct pooled_column *column = &pooled->data.columns[i];
        if (column->party == party) {
            result = earlier_check_column(earlier, model, from->table, column->number, &column->bins);
        }
    }
    return result == FATE_OK ? earlier_open(earlier, model, from->table, from->validation) : result;
}

/* Other columns are numbered in the guest's model as in the parties' tables while it grows. */
static int32_t number_columns(struct pooled *pooled)
{
    struct boosting_model *guest = &pooled->models[pooled->data.guest];
    for (uint32_t tree = 0; tree < guest->tree_count; tree++) {
        for (uint32_t i = 0; i < guest->trees[tree].count; i++) {
            struct boosting_node *node = &guest->trees[tree].nodes[i];
            const struct boosting_node *own = &pooled->models[node->party].trees[tree].nodes[i];
            if (node->kind != BOOSTING_OTHER) {
                continue;
            }
            if (own->kind != BOOSTING_OWN) {
                return context_fail(pooled->context, FATE_E_MODEL,
                                    "the parties' earlier models do not fit together: use the models of one training");
            }
            const char *name = pooled->models[node->party].columns[own->column - 1].name;
            for (uint32_t c = 0; c < pooled->data.column_count; c++) {
                const struct pooled_column *column = &pooled->data.columns[c];
                if (column->party == node->party &&
                    strcmp(fate_table_column_name(pooled->data.parties[node->party].table, column->number), name) == 0) {
                    node->column = column->number;
                    break;
                }
            }
        }
    }
    return FATE_OK;
}

static int32_t score(struct pooled *pooled, struct earlier *guest, const struct earlier *all)
{
    struct pooled_data *data = &pooled->data;
    int32_t result = earlier_collect(guest);
    uint8_t *masks = memory_allocate(pooled->context, guest->all_rows, guest->mask_bytes);
    if (result == FATE_OK && masks == NULL) {
        result = context_out_of_memory(pooled->context);
    }
    for (uint32_t i = 0; i < data->party_count && result == FATE_OK; i++) {
        if (&all[i] != guest) {
            earlier_masks(&all[i], 0, guest->all_rows, masks);
            earlier_intersect(guest, 0, guest->all_rows, masks);
        }
    }
    memory_free(pooled->context, masks);
    if (result == FATE_OK) {
        result = earlier_score(guest, pooled->parameters, &data->training.margins, &data->validation.margins, data->validation.labels,
                               data->validation.weights, &pooled->stopping, &pooled->stopped);
    }
    return result == FATE_E_PROTOCOL ? context_fail(pooled->context, FATE_E_MODEL,
                                                    "the parties' earlier models do not fit together: use the models of one training")
                                     : result;
}

int32_t pooled_continue(struct pooled *pooled)
{
    const struct pooled_data *data = &pooled->data;
    if (data->parties[0].from == NULL) {
        return FATE_OK;
    }
    struct earlier *all = memory_zeroed(pooled->context, data->party_count, sizeof *all);
    int32_t result = all == NULL ? context_out_of_memory(pooled->context) : FATE_OK;
    for (uint32_t i = 0; i < data->party_count && result == FATE_OK; i++) {
        result = open_party(pooled, i, &all[i]);
    }
    if (result == FATE_OK) {
        result = score(pooled, &all[data->guest], all);
    }
    if (result == FATE_OK) {
        result = number_columns(pooled);
    }
    for (uint32_t i = 0; all != NULL && i < data->party_count; i++) {
        earlier_close(&all[i]);
    }
    memory_free(pooled->context, all);
    return result;
}
