/* A tree while it grows, level by level: its shape and which rows are in which node. Every party keeps one, for training rows and another
 * set of rows (validation); neither knows conditions or sums. */
#ifndef SRC_MODELS_BOOSTING_TREE_H
#define SRC_MODELS_BOOSTING_TREE_H

#include "lib/memory.h"

/* 0 is the root and never a child; nodes are numbered breadth-first: level by level, within a level in the order of parents, left before right. */
struct tree_node {
    uint32_t parent;
    uint32_t left, right; /* 0: a leaf (so far) */
    uint32_t depth;       /* root 0 */
};

struct tree {
    fate_context *context;
    struct tree_node *nodes;
    uint32_t count;
    uint32_t capacity;
    uint32_t level_first; /* nodes of the deepest level: level_first .. count-1 */
};

/* A tree of the root alone. FATE_OK, FATE_E_MEMORY. */
int32_t tree_init(struct tree *tree, fate_context *context);
void tree_free(struct tree *tree);
/* Begins the next level; then tree_split for its parents in ascending order, at most once each. level_first of the tree moves to the new
 * level: remember the parents' range before. The level is empty when nothing is split: the tree is done. */
void tree_next_level(struct tree *tree);
/* Gives node two children (numbers in nodes[node].left and .right). node: of the level before. FATE_OK, FATE_E_MEMORY. */
int32_t tree_split(struct tree *tree, uint32_t node);

/* Takes back splits of a whole tree: those of nodes for which kept is 0, and everything below them. map[old] becomes the new number of each node,
 * TREE_NO_NODE when it is gone; numbers stay breadth-first. kept: one byte for each node; of kept nodes the parents are kept, and all are split */
enum { TREE_NO_NODE = UINT32_MAX };
void tree_prune(struct tree *tree, const uint8_t *kept, uint32_t *map);

/* The rows of each node; they ascend, but not where nodes were split and pruned again. */
struct tree_rows {
    fate_context *context;
    uint32_t *rows; /* all rows, those of one node side by side */
    uint32_t *scratch;
    uint64_t count;
    uint64_t *first; /* of each node: where its rows begin, and how many they are; a parent's range stays as it was */
    uint64_t *length;
    uint32_t nodes, capacity;
};

/* All rows in the root. count below 2^32. FATE_OK, FATE_E_MEMORY. */
int32_t tree_rows_init(struct tree_rows *rows, fate_context *context, uint64_t count);
void tree_rows_free(struct tree_rows *rows);
/* All rows back into the root, for the next tree. */
void tree_rows_reset(struct tree_rows *rows);
/* Splits a node's rows between its children, which tree_split has just numbered (left, right == left+1 == the next two numbers).
 * goes_left: one byte for each of the node's rows, in their order. FATE_OK, FATE_E_MEMORY. */
int32_t tree_rows_split(struct tree_rows *rows, uint32_t node, uint32_t left, const uint8_t *goes_left);
/* Follows tree_prune: rows of nodes that are gone belong to the node above again. count: of nodes before */
void tree_rows_prune(struct tree_rows *rows, const uint32_t *map, uint32_t count);
/* The node's rows and their number. */
const uint32_t *tree_rows_of(const struct tree_rows *rows, uint32_t node, uint64_t *count);
/* How many of the node's rows are sampled. sampled NULL: all. */
uint64_t tree_rows_sampled(const struct tree_rows *rows, uint32_t node, const uint8_t *sampled);

/* true when the histogram of the left child is the one to be added up and the right one's is the difference: the child with fewer sampled rows,
 * the left one when equal. */
bool tree_left_is_smaller(uint64_t left_sampled, uint64_t right_sampled);

#endif
