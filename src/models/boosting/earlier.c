/* Warm start: an earlier model is read, checked and matched to the tables; the margins that rows have after its trees. */
#include "src/models/boosting/earlier.h"

#include <sodium.h>
#include <string.h>
#include "src/models/boosting/body.h"
#include "src/models/boosting/measure.h"

enum { MASK_BYTES_MOST = 900000 };

static int32_t check_parties(fate_context *context, const struct boosting_model *model, const struct boosting_model *read)
{
    bool equal = read->party_count == model->party_count;
    for (uint32_t i = 0; equal && i < read->party_count; i++) {
        equal = strcmp(read->parties[i], model->parties[i]) == 0;
    }
    return equal ? FATE_OK
                 : context_fail(
                       context, FATE_E_MODEL,
                       "the earlier model was trained by other parties than the job has: give the job the same parties in the same order");
}

/* A host's model says nothing of what is predicted. */
static int32_t check_prediction(fate_context *context, const struct boosting_model *model, const struct boosting_model *read)
{
    const char *differs = read->objective != model->objective         ? "objective"
                          : read->base_score != model->base_score     ? "base_score"
                          : read->outputs != model->outputs           ? "classes"
                          : read->tree_outputs != model->tree_outputs ? "multi_strategy"
                                                                      : NULL;
    if (differs != NULL) {
        return context_fail(context, FATE_E_MODEL, "the earlier model was trained with another %s than the job says: give the job the same",
                            differs);
    }
    return check_parties(context, model, read);
}

static int32_t check(fate_context *context, const struct boosting_model *model, const struct boosting_model *read,
                     const struct boosting_parameters *parameters)
{
    if (read->guest != model->guest) {
        return context_fail(context, FATE_E_MODEL, "the earlier model is not that of a %s", model->guest ? "guest" : "host");
    }
    if (parameters->folds > 0) {
        return context_fail(context, FATE_E_JOB, "a cross-validation cannot start from an earlier model: set parameters.folds to 0");
    }
    if (read->tree_count == 0 || read->tree_count % parameters->round_trees != 0) {
        return context_fail(context, FATE_E_MODEL, "the earlier model has %u trees, which are no whole rounds of this job",
                            (unsigned)read->tree_count);
    }
    if (read->tree_count >= parameters->trees) {
        return context_fail(
            context, FATE_E_JOB,
            "the earlier model has %u trees already, and the job ends with %u: parameters.trees counts the earlier ones too",
            (unsigned)(read->tree_count / parameters->round_trees), (unsigned)(parameters->trees / parameters->round_trees));
    }
    return model->guest ? check_prediction(context, model, read) : FATE_OK;
}

int32_t earlier_read(struct earlier *earlier, struct boosting_model *model, const fate_model *given,
                     const struct boosting_parameters *parameters)
{
    struct boosting_model read;
    const uint8_t *body;
    uint64_t length;
    earlier->context = model->context;
    if (given == NULL) {
        return FATE_OK;
    }
    int32_t result = fate_model_body(given, &body, &length);
    if (result == FATE_OK) {
        result = boosting_model_read(&read, model->context, body, length);
    }
    if (result != FATE_OK) {
        return result;
    }
    result = check(model->context, model, &read, parameters);
    if (result != FATE_OK) {
        boosting_model_free(&read);
        return result;
    }
    boosting_model_free(model);
    *model = read;
    earlier->trees = read.tree_count;
    crypto_generichash(earlier->digest, sizeof earlier->digest, body, length, NULL, 0);
    return FATE_OK;
}

int32_t earlier_check_digest(const struct earlier *earlier, const uint8_t *digest)
{
    if (memcmp(earlier->digest, digest, sizeof earlier->digest) != 0) {
        return context_fail(earlier->context, FATE_E_STORE,
                            "the stored state began from another earlier model than is given now: give the same, or begin anew with the "
                            "option \"restart\"");
    }
    return FATE_OK;
}

uint32_t earlier_number(const struct boosting_model *model, const char *name)
{
    for (uint32_t i = 0; i < model->column_count; i++) {
        if (strcmp(model->columns[i].name, name) == 0) {
            return i + 1;
        }
    }
    return 0;
}

int32_t earlier_check_column(const struct earlier *earlier, const struct boosting_model *model, const fate_table *table, uint32_t column,
                             const struct column_bins *bins)
{
    const char *name = fate_table_column_name(table, column);
    uint32_t number = earlier->trees == 0 ? 0 : earlier_number(model, name);
    if (number == 0 || bins->kind != FATE_COLUMN_CATEGORY) {
        return FATE_OK;
    }
    const struct boosting_column *before = &model->columns[number - 1];
    bool equal = before->category_count == bins->category_count;
    for (uint32_t i = 0; equal && i < bins->category_count; i++) {
        equal = strcmp(before->categories[i], bins->categories[i]) == 0;
    }
    return equal
               ? FATE_OK
               : context_fail(
                     earlier->context, FATE_E_TABLE,
                     "column %s has other categories than when the earlier model was trained: a training that goes on needs the same ones",
                     name);
}

int32_t earlier_open(struct earlier *earlier, const struct boosting_model *model, const fate_table *table, const fate_table *validation)
{
    const fate_table *tables[EARLIER_TABLES] = {table, validation};
    for (uint32_t i = 0; i < EARLIER_TABLES && tables[i] != NULL; i++) {
        int32_t result = predictor_init(&earlier->predictors[i], earlier->context, model, tables[i]);
        if (result != FATE_OK) {
            return result;
        }
        earlier->predictor_count++;
        earlier->rows[i] = fate_table_rows(tables[i]);
        earlier->all_rows += earlier->rows[i];
    }
    earlier->mask_bytes = earlier->predictors[0].mask_bytes;
    if (earlier->mask_bytes > MASK_BYTES_MOST) {
        return context_fail(earlier->context, FATE_E_LIMIT,
                            "the earlier model has so many leaves that one row's mask is longer than %d bytes", (int)MASK_BYTES_MOST);
    }
    return FATE_OK;
}

void earlier_close(struct earlier *earlier)
{
    while (earlier->predictor_count > 0) {
        predictor_free(&earlier->predictors[--earlier->predictor_count]);
    }
    if (earlier->context != NULL) {
        memory_free(earlier->context, earlier->masks);
    }
    earlier->masks = NULL;
    memset(earlier->rows, 0, sizeof earlier->rows);
    earlier->all_rows = 0;
}

void earlier_masks(const struct earlier *earlier, uint64_t first, uint64_t count, uint8_t *masks)
{
    uint64_t training = earlier->rows[0], part = first >= training ? 0 : training - first < count ? training - first : count;
    if (part > 0) {
        predictor_masks(&earlier->predictors[0], first, part, masks);
    }
    if (count > part) {
        predictor_masks(&earlier->predictors[1], first + part - training, count - part, masks + part * earlier->mask_bytes);
    }
}

int32_t earlier_collect(struct earlier *earlier)
{
    earlier->masks = memory_allocate(earlier->context, earlier->all_rows, earlier->mask_bytes);
    if (earlier->masks == NULL) {
        return context_out_of_memory(earlier->context);
    }
    earlier_masks(earlier, 0, earlier->all_rows, earlier->masks);
    return FATE_OK;
}

void earlier_intersect(struct earlier *earlier, uint64_t first, uint64_t count, const uint8_t *masks)
{
    predictor_intersect(earlier->masks + first * earlier->mask_bytes, masks, count * earlier->mask_bytes);
}

/* Adds a tree to the margins of one table's rows. */
static int32_t add_tree(const struct earlier *earlier, uint32_t table, uint32_t tree, struct margins *margins)
{
    const struct predictor *predictor = &earlier->predictors[table];
    const uint8_t *masks = earlier->masks + (table == 0 ? 0 : earlier->rows[0]) * earlier->mask_bytes;
    for (uint64_t row = 0; row < earlier->rows[table]; row++) {
        uint32_t node = 0;
        int32_t result = predictor_leaf(predictor, tree, masks + row * earlier->mask_bytes, row, &node);
        if (result != FATE_OK) {
            return result;
        }
        boosting_model_add(predictor->model, tree, &predictor->model->trees[tree].nodes[node], margins_row(margins, row));
    }
    return FATE_OK;
}

static int32_t judge(const struct earlier *earlier, const struct boosting_parameters *parameters, const struct margins *margins,
                     const double *labels, const double *weights, uint32_t trees, struct early_stopping *stopping, bool *stopped)
{
    double value = 0;
    int32_t result = measure_value(earlier->context, &value, parameters, margins->values, labels, weights, margins->rows);
    if (result == FATE_OK) {
        *stopped = early_stopping_update(stopping, trees, measure_loss(parameters->measure, value));
    }
    return result;
}

int32_t earlier_score(const struct earlier *earlier, const struct boosting_parameters *parameters, struct margins *training,
                      struct margins *validation, const double *labels, const double *weights, struct early_stopping *stopping,
                      bool *stopped)
{
    int32_t result = FATE_OK;
    *stopped = false;
    for (uint32_t tree = 0; tree < earlier->trees && !*stopped && result == FATE_OK; tree++) {
        result = add_tree(earlier, 0, tree, training);
        if (result == FATE_OK && earlier->predictor_count > 1) {
            result = add_tree(earlier, 1, tree, validation);
        }
        if (result != FATE_OK || (tree + 1) % parameters->round_trees != 0) {
            continue;
        }
        margins_end_round(training);
        if (earlier->predictor_count > 1) {
            margins_end_round(validation);
            result = judge(earlier, parameters, validation, labels, weights, tree + 1, stopping, stopped);
        }
    }
    return result;
}
