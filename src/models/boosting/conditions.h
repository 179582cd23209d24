/* A party's own conditions of the tree that is growing, by bins; and what they say of rows of its tables. */
#ifndef SRC_MODELS_BOOSTING_CONDITIONS_H
#define SRC_MODELS_BOOSTING_CONDITIONS_H

#include "src/models/boosting/tree.h"

struct condition {
    uint32_t node;
    uint32_t column; /* in the party's table order */
    uint8_t *left;   /* one byte for each bin of the column: 1 when its rows go left */
};

/* In ascending order of nodes. */
struct conditions {
    fate_context *context;
    struct condition *items;
    uint32_t count;
    uint32_t capacity;
};

void conditions_init(struct conditions *conditions, fate_context *context);
/* Forgets all of them: for the next tree. */
void conditions_clear(struct conditions *conditions);
void conditions_free(struct conditions *conditions);

/* Adds the condition of a node above all earlier ones. left: bins bytes, copied. FATE_OK, FATE_E_MEMORY. */
int32_t conditions_add(struct conditions *conditions, uint32_t node, uint32_t column, const uint8_t *left, uint32_t bins);
/* Follows tree_prune: forgets the conditions of nodes that are no longer split, and renames the others. */
void conditions_prune(struct conditions *conditions, const uint8_t *kept, const uint32_t *map);
/* The condition of a node, NULL when it is not the party's; index: its number among the conditions. */
const struct condition *conditions_find(const struct conditions *conditions, uint32_t node, uint32_t *index);

/* The outcomes of all conditions for one row: bit i is set when the row goes right at condition i. A condition that the party's own other
 * conditions rule out for this row gets 0, so that outcomes say no more than which leaves remain possible.
 * columns[c][row]: bins of column c; bits: out, ceil(count/8) bytes; stack: scratch for as many numbers as the tree has nodes */
void conditions_outcomes(const struct conditions *conditions, const struct tree *tree, uint16_t *const *columns, uint64_t row,
                         uint8_t *bits, uint32_t *stack);

#endif
