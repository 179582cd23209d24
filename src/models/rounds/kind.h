/* A kind of model that is trained over rounds: the seam between the rounds (this folder: who takes part, masks, sums, checkpoints) and the numbers. A
 * kind is a table of functions over flat vectors; it sends nothing and knows of no other party. An application's own training step is one more
 * kind.
 *
 * What clients get in a round (the broadcast) and what each gives back (the update) are as many floats: the weights, and how they changed;
 * behind them, with SCAFFOLD, the control variate, and how the client's own changed. */
#ifndef SRC_MODELS_ROUNDS_KIND_H
#define SRC_MODELS_ROUNDS_KIND_H

#include <fate/protocol.h>

#include "lib/bytes.h"

/* How large the vectors of a model are. */
struct kind_size {
    uint64_t weights;
    uint64_t length;   /* of broadcast and update: weights, with SCAFFOLD twice that */
    const char *right; /* what kind_update.right per row is called: "accuracy", "squared error"; NULL: it is not measured */
};

/* A round as a client sees it. */
struct kind_round {
    uint32_t round, rounds;   /* from 1; how many there will be at most */
    const float *broadcast;   /* length floats */
    bool measure;             /* only how good the weights are is wanted */
    const float *own_control; /* SCAFFOLD: this client's control variate, weights floats, at first 0; else NULL */
    uint8_t seed[32];         /* order of rows, dropout; of this client and round alone */
};

/* What the client makes of it. */
struct kind_update {
    float *change;   /* length floats; there, all zero, when the work on a round begins */
    double examples; /* what the change counts for in the mean: rows, or the sum of their weights; above 0, or the change is not taken */
    /* How good the weights were as they came: sums over the validation table's rows, or over those of training. 0, all: not measured. */
    double measured; /* rows, or the sum of their weights */
    double loss;     /* the weighted sum of losses */
    double right;    /* of classes: the weight of the rows whose class is right; of numbers: the weighted sum of squared errors */
};

/* All functions return FATE_OK or an error, its sentence set. state is what start made. */
struct kind {
    /* Reads the job's parameters and, at a client, its tables (fate_turn_table); an aggregator may have none. stop gets the state also after an error,
     * when it is not NULL. */
    int32_t (*start)(fate_turn *turn, void **state);
    void (*stop)(fate_context *context, void *state);
    /* At a client: appends what all clients must have in common and the aggregator must know to make the model, such as names of columns. Up
     * to half a megabyte; equal bytes mean that the tables fit together. */
    int32_t (*layout)(const void *state, struct buffer *layout);
    /* Takes a layout, at every party before all that follows: at a client its own, at the aggregator that of the first client, which is to be
     * checked: FATE_E_FORMAT, without a sentence, when it is none. size: out. */
    int32_t (*settle)(fate_turn *turn, void *state, const uint8_t *layout, uint64_t length, struct kind_size *size);
    /* Standardisation: how many columns there are; a client's numbers in one of them, borrowed, NaN where missing; and what came of it at every
     * party: the model sees (value - mean) * factor, and 0 where the value is missing. NULL, all three: the kind has none. */
    uint32_t (*columns)(const void *state);
    const double *(*column)(const void *state, uint32_t column, uint64_t *rows);
    int32_t (*standardise)(fate_turn *turn, void *state, const double *means, const double *factors);
    /* The first weights, at the aggregator; on a warm start those of fate_turn_model. seed: 32 bytes, from the job's seed. FATE_AGAIN: call again. */
    int32_t (*first)(fate_turn *turn, void *state, const uint8_t *seed, float *weights);
    /* A client's work of a round, in pieces of some milliseconds with FATE_AGAIN between them, called again with the same arguments. begins: the
     * first piece of this round; what an unfinished one left behind is to be forgotten. Run again from its beginning it gives the same numbers. */
    int32_t (*work)(fate_turn *turn, void *state, const struct kind_round *round, bool begins, struct kind_update *update);
    /* The body of the model file, at every party, with the final weights. */
    int32_t (*model)(fate_turn *turn, const void *state, const float *weights, struct buffer *body);
};

#endif
