/* Any bytes as the body of a model of horizontal training: refused, or read, written back to an equal model, dumped and used for scores. */
#include <stdlib.h>
#include <string.h>

#include "src/models/horizontal/dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) abort();
}

/* One row that has the model's columns. */
static void score(fate_context *context, const struct horizontal_model *model)
{
    static const uint8_t id[] = "1";
    static const uint64_t offsets[] = {0, 1};
    const double number = 0.5;
    fate_table *table = NULL;
    double *scores = malloc((model->network.outputs + 1) * sizeof *scores);
    check(scores != NULL && fate_table_new(context, &table, 1) == FATE_OK);
    int32_t result = fate_table_set_ids(table, id, offsets);
    for (uint32_t i = 0; i < model->network.inputs && result == FATE_OK; i++)
        result = fate_table_add_numbers(table, model->names[i], &number);
    if (result == FATE_OK && fate_table_finish(table) == FATE_OK) (void)horizontal_model_score(model, table, scores);
    fate_table_free(table);
    free(scores);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"text", "json"};
    fate_context *context = NULL;
    struct horizontal_model model, again;
    struct buffer first, second;
    check(context_new(&context, NULL) == FATE_OK);
    buffer_init(&first, context);
    buffer_init(&second, context);
    if (horizontal_model_read(&model, context, data, size) == FATE_OK) {
        check(horizontal_model_write(&model, &first) == FATE_OK);
        check(horizontal_model_read(&again, context, first.bytes, first.length) == FATE_OK);
        check(horizontal_model_write(&again, &second) == FATE_OK);
        check(first.length == second.length && (first.length == 0 || memcmp(first.bytes, second.bytes, first.length) == 0));
        for (uint32_t i = 0; i < 2; i++) {
            buffer_clear(&second);
            check(horizontal_dump(&model, formats[i], &second) == FATE_OK);
        }
        score(context, &model);
        horizontal_model_free(&again);
        horizontal_model_free(&model);
    }
    buffer_free(&first);
    buffer_free(&second);
    fate_context_free(context);
    return 0;
}
