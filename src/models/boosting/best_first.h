/* Leaf-wise growth: of all leaves that could be split, the one with the greatest gain is split next; of equal ones, the one that stands first
 * breadth-first. */
#ifndef SRC_MODELS_BOOSTING_BEST_FIRST_H
#define SRC_MODELS_BOOSTING_BEST_FIRST_H

#include "src/models/boosting/tree.h"

/* Leaves that wait to be split; a heap. */
struct best_first_item {
    double gain;
    uint32_t position; /* breadth-first: decides between equal gains */
    uint32_t node;
};

struct best_first {
    fate_context *context;
    struct best_first_item *items;
    uint32_t count, capacity;
};

/* A zeroed struct best_first with its context set is empty. FATE_OK, FATE_E_MEMORY. */
int32_t best_first_push(struct best_first *queue, struct best_first_item item);
/* Takes the next one out; false when there is none. */
bool best_first_pop(struct best_first *queue, struct best_first_item *item);
void best_first_free(struct best_first *queue);

/* Which nodes of a tree that is grown level by level are among the first `splits` that leaf-wise growth takes, as far as is known: of each node
 * found says whether it can be split, and gains by how much. taken[node] is set to 1 or 0 for every node.
 *
 * Nodes of deeper levels, not known yet, can only push others back. So a node that is not taken now never will be, and a tree whose levels are
 * split where taken says so holds the leaf-wise tree: it is what taken says after the last level. No level has more than `splits` nodes that
 * are split, and there are no more levels than that tree has, or one. FATE_OK, FATE_E_MEMORY. */
int32_t best_first_splits(fate_context *context, const struct tree *tree, const uint8_t *found, const double *gains, uint32_t splits,
                          uint8_t *taken);

#endif
