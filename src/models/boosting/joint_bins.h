/* Joint bins: rows are added once into the joint cells of a few columns, and the cells then into each column's bins. Two columns of 32 bins take
 * n + 2*1024 additions for n rows instead of 2n. And a column's fullest bin, whose sum is the node's less the others', is not added at all. */
#ifndef SRC_MODELS_BOOSTING_JOINT_BINS_H
#define SRC_MODELS_BOOSTING_JOINT_BINS_H

#include "lib/memory.h"

enum { JOINT_MOST = 3 };

struct joint_column {
    uint32_t bins;
    uint64_t fullest; /* rows that lie in the fullest bins of their nodes */
};

/* Columns first .. first+count that are added up together: 1 to JOINT_MOST. */
struct joint_group {
    uint32_t first, count;
    uint64_t cells; /* of one node: the product of the columns' bins */
};

/* Groups count columns in their order so that by estimate the additions cost least; how rows of fullest bins meet is estimated as if columns
 * were independent. Joint cells of all nodes stay below the number of rows.
 * groups  out: room for count; *made of them
 * rows    of all nodes together
 * FATE_OK; FATE_E_MEMORY. */
int32_t joint_bins_plan(fate_context *context, struct joint_group *groups, uint32_t *made, const struct joint_column *columns,
                        uint32_t count, uint64_t rows, uint64_t nodes);

/* The first of the bins with most rows. bins at least 1. */
uint32_t joint_bins_fullest(const uint32_t *counts, uint32_t bins);

#endif
