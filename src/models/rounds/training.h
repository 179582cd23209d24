/* What is trained over rounds: the seam between the rounds (this folder: who takes part, masks, sums, checkpoints) and a kind of model. A kind is a
 * table of functions over one flat vector of weights; it sends nothing and knows of no other party. The callback of an application is one
 * more kind. */
#ifndef SRC_MODELS_ROUNDS_TRAINING_H
#define SRC_MODELS_ROUNDS_TRAINING_H

#include <fate/protocol.h>

#include "lib/bytes.h"

/* A round as a client sees it. All vectors have as many numbers as the model has weights. */
struct training_round {
    uint32_t round, rounds;   /* from 1; how many there will be at most */
    const float *weights;     /* what the aggregator sent */
    const float *control;     /* SCAFFOLD: the common control variate; NULL: none is kept */
    const float *own_control; /* SCAFFOLD: this client's; zero in its first round; NULL: none is kept */
    double rate;              /* learning rate, by the job's schedule */
    const uint8_t *seed;      /* 32 bytes: order of examples, dropout; of this client and round alone */
};

/* What the client makes of it. The vectors are there, all zero, when the work on a round begins, and keep what was written between its pieces. */
struct training_update {
    float *change;         /* new weights less those of the round */
    float *control_change; /* SCAFFOLD: the new own control variate less the old one; NULL: none is kept */
    double examples;       /* what the change counts for in the mean: rows, or the sum of their weights; above 0 */
    double loss;           /* of the round's weights as they came: the sum over its examples (of the validation table, if there is one) */
    double loss_examples;  /* and how many these are (sum of weights); 0: not measured */
    double hits;           /* how many of these were put into the right class; 0 where there are no classes */
};

/* A kind of model. All functions return FATE_OK or an error, its sentence set (context_fail on the turn's context, or fate_turn_fail). state is what start made. */
struct training {
    /* Reads the job's parameters and, at a client, the table or tables (fate_turn_table); an aggregator may have none. Makes the state; stop gets it
     * also after an error when it is not NULL. */
    int32_t (*start)(fate_turn *turn, void **state);
    void (*stop)(fate_context *context, void *state);
    /* Appends what all clients must have in common and the aggregator must know to make the model: names of columns, labels. At a party with a
     * table. Some hundred kilobytes at most; equal bytes mean that the tables fit together. */
    int32_t (*layout)(void *state, struct buffer *layout);
    /* Takes a layout from elsewhere, at the aggregator: bytes of a client, so check them. FATE_E_FORMAT when they are none (no sentence needed).
     * count: out, how many weights the model has. Comes before all that follows at every party; clients get their own. */
    int32_t (*settle)(fate_turn *turn, void *state, const uint8_t *layout, uint64_t length, uint64_t *count);
    /* Standardisation, where the job asks for it: how many columns; a client's numbers of one of them, NaN where missing (borrowed); and what came of
     * it at every party: (value - mean) / deviation is what the model sees, a missing value is the mean. count numbers each; a column without
     * spread has deviation 1. NULL, all three: the kind has none. */
    uint32_t (*columns)(const void *state);
    const double *(*column)(const void *state, uint32_t column, uint64_t *rows);
    int32_t (*standardise)(fate_turn *turn, void *state, const double *means, const double *deviations, uint32_t count);
    /* The first weights, at the aggregator; from fate_turn_model on a warm start. seed: 32 bytes that follow from the job's seed. */
    int32_t (*first)(fate_turn *turn, void *state, const uint8_t *seed, float *weights);
    /* A client's work of a round: pieces of some milliseconds, FATE_AGAIN between them, called again with the same arguments. What it keeps
     * between the pieces is in its state, and forgotten when round->round is another one, or the piece is the first after start. Deterministic:
     * run again from its beginning it gives the same. */
    int32_t (*work)(fate_turn *turn, void *state, const struct training_round *round, struct training_update *update);
    /* The body of the model file, at every party, with the final weights. */
    int32_t (*model)(fate_turn *turn, void *state, const float *weights, struct buffer *body);
};

#endif
