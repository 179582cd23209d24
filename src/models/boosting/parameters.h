/* The parameters of vertical boosting: the table that a job is checked against, and their values as a struct. */
#ifndef SRC_MODELS_BOOSTING_PARAMETERS_H
#define SRC_MODELS_BOOSTING_PARAMETERS_H

#include <fate/job.h>
#include <fate/protocol.h>
#include <stdbool.h>

#include "src/crypto/lattice.h"

struct boosting_parameters {
    int32_t objective;     /* enum objective_kind */
    uint32_t outputs;      /* numbers of a row's margin: classes of softmax, else 1; round_trees * tree_outputs */
    uint32_t round_trees;  /* trees of a round: classes, where each class has its own; else 1 */
    uint32_t tree_outputs; /* numbers of a leaf: classes, where a tree is for all of them; else 1 */
    uint32_t trees;        /* of all rounds and folds */
    uint32_t folds;        /* of a cross-validation; 0: none, a model is trained */
    uint32_t fold_trees;   /* of one fold; without folds all */
    uint32_t depth;        /* 1 to 16 */
    double learning_rate;  /* above 0, at most 1 */
    uint32_t bins;         /* 2 to 65535, missing's own included */
    double lambda, alpha, gamma, min_child_weight;
    double subsample, colsample_bytree, colsample_bylevel; /* above 0, at most 1 */
    uint32_t early_stopping_rounds;                        /* in trees, those of whole rounds; 0: all are kept */
    double base_score;                                     /* as XGBoost's: a score */
    uint64_t min_bin_rows;                                 /* 1: no guard */
    uint32_t guest_trees;                                  /* the first trees of each fold, which use the guest's columns alone */
    const char *cipher;                                    /* static: "paillier", "okamoto-uchiyama" or "lattice" */
    const struct lattice_profile *lattice;                 /* of the cipher lattice; NULL with the others */
    uint64_t lattice_vectors;                              /* most under one hint, which is kept for further trainings; 0: it is not */
    uint32_t key_bits;                                     /* 2048 or 3072 */
    uint64_t seed;                                         /* of sampling, never of cryptography */
    double scale_pos_weight;                               /* above 0; factor of the weight of rows with label 1, logistic alone */
    double huber_delta, quantile_alpha;                    /* above 0; between 0 and 1 */
    double tweedie_power;                                  /* between 1 and 2 */
    uint64_t min_samples;                                  /* least sampled rows on each side of a split */
    uint32_t max_leaves;                                   /* 0: as many as the depth allows */
    bool leaf_wise;                                        /* with max_leaves: the leaf with the greatest gain is split next */
    bool one_vs_rest;                                      /* categories are split one from all others, not by sorted sums */
    double goss_top, goss_other;                           /* both 0, or both above 0 and at most 1 together */
    int32_t measure;                                       /* enum measure_kind: for reports and early stopping */
};

/* The rows of the protocol's parameter table; the count is PARAMETERS_COUNT. */
enum { PARAMETERS_COUNT = 35 };
extern const fate_protocol_parameter parameters_table[PARAMETERS_COUNT];

/* The values of a job, defaults filled in. FATE_E_JOB, with the field, as parameters_check. */
int32_t parameters_read(fate_context *context, struct boosting_parameters *parameters, const fate_job *job);

/* What parameters mean together: the protocol's check. FATE_E_JOB names the field. */
int32_t parameters_check(fate_context *context, const fate_job *job);

/* FATE_E_JOB when the job asks for early stopping and this party was given no validation table. */
int32_t parameters_check_validation(fate_context *context, const struct boosting_parameters *parameters, bool has_validation);

#endif
