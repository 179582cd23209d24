/* Pooled prediction: every row walks down every tree, each split decided by the party that has its condition. */
#include "src/models/boosting/objective.h"
#include "src/models/boosting/pooled.h"
#include "src/models/boosting/pooled_data.h"
#include "src/models/boosting/predict.h"

/* Walks one row down one tree: each split is decided by the party that has its condition. */
static int32_t walk(fate_context *context, const struct predictor *predictors, uint32_t guest, uint32_t party_count, uint32_t tree,
                    uint64_t row, const struct boosting_node **leaf)
{
    const struct boosting_node *nodes = predictors[guest].model->trees[tree].nodes;
    uint32_t node = 0;
    while (nodes[node].left != 0) {
        uint32_t party = nodes[node].kind == BOOSTING_OWN ? guest : nodes[node].party;
        bool fits = party < party_count && tree < predictors[party].model->tree_count &&
                    node < predictors[party].model->trees[tree].count &&
                    predictors[party].model->trees[tree].nodes[node].kind == BOOSTING_OWN;
        if (!fits) {
            return context_fail(context, FATE_E_MODEL, "the parties' models do not belong together: nobody decides node %u of tree %u",
                                (unsigned)node, (unsigned)tree + 1);
        }
        node = predictor_goes_left(&predictors[party], tree, node, row) ? nodes[node].left : nodes[node].right;
    }
    *leaf = &nodes[node];
    return FATE_OK;
}

static int32_t predict_rows(fate_context *context, double *scores, double *leaves, const struct predictor *predictors, uint32_t guest,
                            uint32_t party_count, uint64_t rows)
{
    const struct boosting_model *model = predictors[guest].model;
    double base = objective_base_margin(model->objective, model->base_score);
    for (uint64_t row = 0; row < rows; row++) {
        double *margins = scores + row * model->outputs;
        for (uint32_t k = 0; k < model->outputs; k++) {
            margins[k] = base;
        }
        for (uint32_t tree = 0; tree < model->tree_count; tree++) {
            const struct boosting_node *leaf = NULL;
            int32_t result = walk(context, predictors, guest, party_count, tree, row, &leaf);
            if (result != FATE_OK) {
                return result;
            }
            boosting_model_add(model, tree, leaf, margins);
            if (leaves != NULL) {
                leaves[tree * rows + row] = (double)(leaf - model->trees[tree].nodes);
            }
        }
        objective_scores(model->objective, margins, margins, model->outputs);
    }
    return FATE_OK;
}

int32_t pooled_predict(fate_context *context, double *scores, const struct boosting_model *models, const struct pooled_party *parties,
                       uint32_t party_count)
{
    return pooled_predict_leaves(context, scores, NULL, models, parties, party_count);
}

int32_t pooled_predict_leaves(fate_context *context, double *scores, double *leaves, const struct boosting_model *models,
                              const struct pooled_party *parties, uint32_t party_count)
{
    uint32_t guest = 0;
    while (guest < party_count && !models[guest].guest) {
        guest++;
    }
    if (guest == party_count) {
        return context_fail(context, FATE_E_MODEL, "none of the models is the guest's");
    }
    int32_t result = pooled_data_check_rows(context, parties, party_count, false);
    struct predictor *predictors = memory_zeroed(context, party_count, sizeof *predictors);
    if (result == FATE_OK && predictors == NULL) {
        result = context_out_of_memory(context);
    }
    uint32_t made = 0;
    while (made < party_count && result == FATE_OK) {
        result = predictor_init(&predictors[made], context, &models[made], parties[made].table);
        made += result == FATE_OK;
    }
    if (result == FATE_OK) {
        result = predict_rows(context, scores, leaves, predictors, guest, party_count, fate_table_rows(parties[guest].table));
    }
    while (made > 0) {
        predictor_free(&predictors[--made]);
    }
    memory_free(context, predictors);
    return result;
}
