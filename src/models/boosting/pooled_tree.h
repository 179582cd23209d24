/* A pooled run while a tree grows, and the tree's way into all parties' models. */
#ifndef SRC_MODELS_BOOSTING_POOLED_TREE_H
#define SRC_MODELS_BOOSTING_POOLED_TREE_H

#include "src/models/early_stopping.h"
#include "src/models/boosting/folds.h"
#include "src/models/boosting/pooled_data.h"

/* What is known of a node besides its shape and rows. */
struct pooled_node {
    struct weight_range range;
    struct bin_sum *sums; /* of every active column's bins; NULL: not kept */
    uint32_t position;    /* breadth-first in a whole tree: root 1, children of i 2i and 2i+1 */
    bool found;
    uint32_t column; /* of the best split */
    struct split_candidate split;
    uint8_t *left; /* of each of that column's bins: goes left */
};

struct pooled {
    struct pooled_data data;
    fate_context *context;
    const struct boosting_parameters *parameters;
    fate_observer observer;
    struct boosting_model *models;
    uint32_t model_count; /* made so far */
    struct gradient_pair *pairs;
    uint8_t *sampled;         /* of rows; NULL when all are */
    uint8_t *sampled_columns; /* scratch */
    uint32_t *orders;         /* scratch of gain_best for each thread */
    struct gain_terms terms;
    uint32_t number; /* of the tree that grows */
    struct tree tree;
    struct pooled_node *nodes;
    struct bin_sum *totals; /* of the nodes: tree_outputs each */
    uint32_t node_count, node_capacity;
    uint64_t kept_bytes, histogram_limit;
    uint64_t rows_done;
    struct early_stopping stopping;
    struct folds folds;
    bool stopped; /* early stopping said so */
};

/* What a weight below a node may be; NULL where no column has a direction. */
const struct weight_range *pooled_range(const struct pooled *pooled, uint32_t node);
/* The total of a node: tree_outputs sums. */
struct bin_sum *pooled_total(const struct pooled *pooled, uint32_t node);

/* Writes the tree that is grown into the models, its nodes in breadth-first order, and adds the weights of its leaves to the margins of all
 * rows. FATE_E_MEMORY. */
int32_t pooled_record_tree(struct pooled *pooled);

/* Where the parties have an earlier model: puts its trees into the models and adds them to the margins of all rows. As earlier.h; FATE_E_MODEL also when
 * the parties' parts do not belong together. */
int32_t pooled_continue(struct pooled *pooled);

/* Tells the observer how many trees are done, and the measure of the last one; metric: NULL when there is none. An observer's own code. */
int32_t pooled_report(struct pooled *pooled, uint32_t trees, const double *metric);

#endif
