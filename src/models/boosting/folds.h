/* Cross-validation: the rows are dealt into folds, and a model is grown for each from the rows of the others alone. The held-out rows walk down
 * its trees like rows outside of a sample, so that their scores come by the way. No model is kept.
 *
 * All parties deal alike, from the job's seed. The trees of the folds are numbered through: fold f has the trees f * fold_trees on, so that
 * samples and seeds of messages differ from fold to fold. Bins are made of all rows: they say nothing about labels. */
#ifndef SRC_MODELS_BOOSTING_FOLDS_H
#define SRC_MODELS_BOOSTING_FOLDS_H

#include "src/models/boosting/margins.h"

/* Most folds of a job. */
enum { FOLDS_MOST = 100 };

struct folds {
    fate_context *context;
    uint64_t rows;
    uint8_t *of_row; /* the fold in which the row is held out, from 0; NULL: no cross-validation */
    double *scores;  /* rows * outputs: of each row when it was held out; NULL where margins are not known */
};

/* Deals the rows, where the job has folds; else there is nothing. FATE_E_TABLE when there are fewer rows than folds; FATE_E_MEMORY. */
int32_t folds_init(struct folds *folds, fate_context *context, const struct boosting_parameters *parameters, uint64_t rows, bool scores);
void folds_free(struct folds *folds);

/* The fold of a tree. */
uint32_t folds_of_tree(const struct boosting_parameters *parameters, uint32_t tree);
/* true when the tree is grown on the guest's columns alone: the first guest_trees of each fold. */
bool folds_guest_alone(const struct boosting_parameters *parameters, uint32_t tree);

/* Draws a tree's sample from the rows that are not held out. sampled: rows bytes. FATE_E_MEMORY. */
int32_t folds_sample(const struct folds *folds, const struct boosting_parameters *parameters, uint32_t tree, uint8_t *sampled);

/* After a tree: when it was the last of its fold, notes the held-out rows' scores, sets *value to parameters->measure of them (NaN when not
 * defined), begins the margins anew and sets *ended. FATE_E_MEMORY. */
int32_t folds_end_tree(struct folds *folds, const struct boosting_parameters *parameters, uint32_t tree, struct margins *margins,
                       const double *labels, const double *weights, bool *ended, double *value);

/* For the stored state. folds_load: false when bytes are missing or a number is not finite. */
void folds_save(const struct folds *folds, const struct boosting_parameters *parameters, struct buffer *bytes);
bool folds_load(struct folds *folds, const struct boosting_parameters *parameters, struct reader *reader);

#endif
