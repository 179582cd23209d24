/* The margins of a table's rows: the sums of the weights of their leaves, one for each output (class). The trees of one round are all grown from
 * the margins at its beginning, so that these are kept until the round ends. */
#ifndef SRC_MODELS_BOOSTING_MARGINS_H
#define SRC_MODELS_BOOSTING_MARGINS_H

#include "lib/bytes.h"
#include "lib/memory.h"
#include "src/models/boosting/parameters.h"

struct margins {
    fate_context *context;
    uint64_t rows;
    uint32_t outputs; /* numbers of a row */
    double *values;   /* rows * outputs, row after row: as the round began */
    double *next;     /* with the round's trees so far; values itself where a round is one tree */
};

/* All rows at the base margin. margins_free may follow any result. FATE_E_MEMORY. */
int32_t margins_init(struct margins *margins, fate_context *context, const struct boosting_parameters *parameters, uint64_t rows);
/* Sets all rows to the base margin again. */
void margins_reset(struct margins *margins, const struct boosting_parameters *parameters);
/* Wipes and frees. */
void margins_free(struct margins *margins);

/* A row's margins, to which the weights of its leaf are added: outputs numbers. */
double *margins_row(const struct margins *margins, uint64_t row);
/* The round is over: its trees count. */
void margins_end_round(struct margins *margins);

/* For the stored state. margins_load: false when bytes are missing or a number is not finite. */
void margins_save(const struct margins *margins, struct buffer *bytes);
bool margins_load(struct margins *margins, struct reader *reader);

#endif
