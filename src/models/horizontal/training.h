/* A client's part of a round: from the weights that all clients got, some epochs or steps over its own rows, to an update.
 *
 * The same rows, options, weights and key give the same bytes on one machine with one BLAS, and for linear models everywhere. */
#ifndef SRC_MODELS_HORIZONTAL_TRAINING_H
#define SRC_MODELS_HORIZONTAL_TRAINING_H

#include "src/models/horizontal/examples.h"
#include "src/models/horizontal/network.h"
#include "src/models/horizontal/optimiser.h"

struct training_options {
    struct optimiser_options optimiser; /* its state begins anew in every round */
    double l1, l2;   /* of weights, not of biases, gains and shifts: l2/2 w^2 in the loss; l1 |w| by a proximal step after each step */
    double proximal; /* FedProx's mu (Li et al. 2020): mu/2 |w - v|^2 in the loss, v: what the round began with; 0: none */
    bool scaffold;   /* Karimireddy et al. 2020, with SGD without momentum alone */
    uint32_t batch;  /* rows of a minibatch, at least 1; the last one of an epoch may have fewer */
    uint32_t epochs; /* over all rows; 0: steps counts */
    uint32_t steps;  /* minibatches; 0: epochs counts */
};

/* What a client did in a round. Over clients both sums add up. */
struct training_report {
    uint64_t rows;  /* of the client */
    uint64_t steps; /* that were made */
    double loss;    /* sum over the rows that steps saw, weighted, before each step */
    double weight;  /* of these rows */
};

struct training; /* one round under way */

/* Begins a round. network, options and examples are borrowed until training_free.
 * rate      the learning rate of this round (schedule_rate)
 * weights   the parameters that all clients got; copied
 * control   SCAFFOLD: the common control variate and the client's own, at first 0, as many floats as parameters; copied; else NULL
 * key       32 bytes, of this client and round: order of rows, dropout
 * FATE_E_MEMORY. */
int32_t training_new(fate_context *context, struct training **training, const struct network *network,
                     const struct training_options *options, const struct examples *examples, double rate, const float *weights,
                     const float *control, const float *own_control, const uint8_t *key);
void training_free(struct training *training);
/* Makes one step. true: more are to be made. Without rows there is none. */
bool training_step(struct training *training);
/* After the last step. change: the new parameters less those of the round; control_change: SCAFFOLD: the new own control variate less the old one; else
 * NULL. FATE_E_RANGE with a sentence when a number is no longer finite: the learning rate is too large. */
int32_t training_finish(const struct training *training, float *change, float *control_change, struct training_report *report);

/* How good parameters are on rows: sums that add up over clients. */
struct training_measure {
    uint64_t rows;
    double weight; /* of the rows */
    double loss;   /* weighted sum */
    double
        right; /* logistic, softmax: weight of the rows whose class has the greatest score; else the weighted sum of squared errors of the scores */
};
int32_t training_evaluate(fate_context *context, struct training_measure *measure, const struct network *network, const float *parameters,
                          const struct examples *examples);

#endif
