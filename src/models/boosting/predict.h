/* Scoring in one round trip: which leaves of each tree remain possible given one party's own conditions, and the sum over the one
 * leaf that remains given all parties'.
 *
 * A mask has, for each tree in order, one bit for each leaf from left to right (leaf i is bit i%8 of byte i/8 of the tree's bytes), the tree's
 * bytes being ceil(leaves/8); unused bits are 0. A row's mask is the masks of all trees one after the other. Masks of all parties are equally long,
 * and their intersection has exactly one leaf in every tree. A condition below one that already excluded it changes nothing in the mask. */
#ifndef SRC_MODELS_BOOSTING_PREDICT_H
#define SRC_MODELS_BOOSTING_PREDICT_H

#include "src/models/boosting/model.h"

/* A model matched to a table, ready to be evaluated row by row. Borrows both. */
struct predictor_column;
struct predictor_tree;
struct predictor {
    fate_context *context;
    const struct boosting_model *model;
    const fate_table *table;
    struct predictor_column *columns; /* of the model's own columns: where their values are */
    struct predictor_tree *trees;     /* leaves under each node, from left to right */
    uint64_t mask_bytes;              /* of one row */
};

/* Matches the table's columns to the model's by name. FATE_E_TABLE names a column that is missing or of another kind; FATE_E_MEMORY. */
int32_t predictor_init(struct predictor *predictor, fate_context *context, const struct boosting_model *model, const fate_table *table);
void predictor_free(struct predictor *predictor);

/* How long one row's mask is. */
uint64_t predictor_mask_bytes(const struct boosting_model *model);

/* Does the row go left at a node that is the party's own? */
bool predictor_goes_left(const struct predictor *predictor, uint32_t tree, uint32_t node, uint64_t row);

/* masks[0 .. count*mask_bytes) = the masks of rows first .. first+count. Uses the context's threads. */
void predictor_masks(const struct predictor *predictor, uint64_t first, uint64_t count, uint8_t *masks);

/* masks &= other. */
void predictor_intersect(uint8_t *masks, const uint8_t *other, uint64_t length);

/* The node of the leaf of a tree that remains in a row's intersected mask. FATE_E_PROTOCOL when not exactly one does; row: its number, for the
 * sentence. */
int32_t predictor_leaf(const struct predictor *predictor, uint32_t tree, const uint8_t *mask, uint64_t row, uint32_t *node);

/* The same of all trees for count rows: leaves[tree * rows + i] for row first + i. */
int32_t predictor_leaves(const struct predictor *predictor, uint64_t first, uint64_t count, const uint8_t *masks, double *leaves,
                         uint64_t rows);

/* The scores of count rows from intersected masks, with the guest's model: outputs numbers a row; weights added to the base margin in the order of
 * trees, then the objective's transform. FATE_E_PROTOCOL as predictor_leaf's. */
int32_t predictor_scores(const struct predictor *predictor, uint64_t first, uint64_t count, const uint8_t *masks, double *scores);

#endif
