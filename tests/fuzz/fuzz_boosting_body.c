/* Any bytes as the body of a boosting model: refused, or read, written back to an equal model, dumped and evaluated. */
#include <stdlib.h>
#include <string.h>
#include "src/models/boosting/body.h"
#include "src/models/boosting/dump.h"
#include "src/models/boosting/objective.h"
#include "src/models/boosting/predict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) abort();
}

/* A table of one row that has the model's columns, all values missing. FATE_OK, or what is wrong with the model's names. */
static int32_t make_table(fate_context *context, fate_table **table, const struct boosting_model *model)
{
    static const uint8_t id[] = "1";
    static const uint64_t offsets[] = {0, 1};
    const double number = 0.5;
    const uint32_t code = UINT32_MAX;
    check(fate_table_new(context, table, 1) == FATE_OK);
    int32_t result = fate_table_set_ids(*table, id, offsets);
    for (uint32_t i = 0; i < model->column_count && result == FATE_OK; i++) {
        const struct boosting_column *column = &model->columns[i];
        result = column->kind == FATE_COLUMN_NUMBER ? fate_table_add_numbers(*table, column->name, &number)
                                                    : fate_table_add_categories(*table, column->name, &code, NULL, 0);
    }
    return result == FATE_OK ? fate_table_finish(*table) : result;
}

static void evaluate(fate_context *context, const struct boosting_model *model)
{
    fate_table *table = NULL;
    struct predictor predictor;
    if (make_table(context, &table, model) == FATE_OK && predictor_init(&predictor, context, model, table) == FATE_OK) {
        uint8_t *masks = malloc(predictor.mask_bytes + 1);
        double *scores = malloc(model->outputs * sizeof *scores);
        check(masks != NULL && scores != NULL);
        predictor_masks(&predictor, 0, 1, masks);
        if (model->guest) (void)predictor_scores(&predictor, 0, 1, masks, scores);
        free(scores);
        free(masks);
        predictor_free(&predictor);
    }
    fate_table_free(table);
}

static void dump(fate_context *context, const struct boosting_model *model)
{
    const struct dump_party party = {"guest", model};
    static const char *const formats[] = {"text", "json"};
    for (uint32_t i = 0; i < 2; i++) {
        struct buffer text;
        buffer_init(&text, context);
        (void)dump_write(context, &party, 1, formats[i], &text);
        buffer_free(&text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context = NULL;
    struct boosting_model model, again;
    struct buffer first, second;
    check(context_new(&context, NULL) == FATE_OK);
    if (boosting_model_read(&model, context, data, size) == FATE_OK) {
        buffer_init(&first, context);
        buffer_init(&second, context);
        check(boosting_model_write(&model, &first) == FATE_OK);
        check(boosting_model_read(&again, context, first.bytes, first.length) == FATE_OK);
        check(boosting_model_write(&again, &second) == FATE_OK);
        check(first.length == second.length && (first.length == 0 || memcmp(first.bytes, second.bytes, first.length) == 0));
        evaluate(context, &model);
        dump(context, &model);
        buffer_free(&first);
        buffer_free(&second);
        boosting_model_free(&again);
        boosting_model_free(&model);
    }
    fate_context_free(context);
    return 0;
}
