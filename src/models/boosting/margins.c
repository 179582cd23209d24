/* The margins of a table's rows. */
#include "src/models/boosting/margins.h"

#include <math.h>
#include <string.h>
#include "src/models/boosting/objective.h"

static uint64_t size(const struct margins *margins)
{
    return margins->rows * margins->outputs;
}

void margins_reset(struct margins *margins, const struct boosting_parameters *parameters)
{
    double base = objective_base_margin(parameters->objective, parameters->base_score);
    for (uint64_t i = 0; i < size(margins); i++) {
        margins->values[i] = margins->next[i] = base;
    }
}

int32_t margins_init(struct margins *margins, fate_context *context, const struct boosting_parameters *parameters, uint64_t rows)
{
    *margins = (struct margins){.context = context, .rows = rows, .outputs = parameters->outputs};
    margins->values = memory_allocate(context, rows, margins->outputs * sizeof *margins->values);
    margins->next =
        parameters->round_trees == 1 ? margins->values : memory_allocate(context, rows, margins->outputs * sizeof *margins->next);
    if (margins->values == NULL || margins->next == NULL) {
        return context_out_of_memory(context);
    }
    margins_reset(margins, parameters);
    return FATE_OK;
}

void margins_free(struct margins *margins)
{
    if (margins->context == NULL) {
        return;
    }
    if (margins->next != margins->values) {
        memory_free_secret(margins->context, margins->next, size(margins) * sizeof *margins->next);
    }
    memory_free_secret(margins->context, margins->values, size(margins) * sizeof *margins->values);
    memset(margins, 0, sizeof *margins);
}

double *margins_row(const struct margins *margins, uint64_t row)
{
    return margins->next + row * margins->outputs;
}

void margins_end_round(struct margins *margins)
{
    if (margins->next != margins->values && margins->rows > 0) {
        memcpy(margins->values, margins->next, size(margins) * sizeof *margins->values);
    }
}

static void save_numbers(const double *numbers, uint64_t count, struct buffer *bytes)
{
    for (uint64_t i = 0; i < count; i++) {
        buffer_double(bytes, numbers[i]);
    }
}

static bool load_numbers(double *numbers, uint64_t count, struct reader *reader)
{
    for (uint64_t i = 0; i < count && !reader->failed; i++) {
        numbers[i] = reader_double(reader);
        if (!isfinite(numbers[i])) {
            return false;
        }
    }
    return !reader->failed;
}

void margins_save(const struct margins *margins, struct buffer *bytes)
{
    save_numbers(margins->values, size(margins), bytes);
    if (margins->next != margins->values) {
        save_numbers(margins->next, size(margins), bytes);
    }
}

bool margins_load(struct margins *margins, struct reader *reader)
{
    return load_numbers(margins->values, size(margins), reader) &&
           (margins->next == margins->values || load_numbers(margins->next, size(margins), reader));
}
