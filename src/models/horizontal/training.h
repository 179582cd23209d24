/* A client's part of a round: from the weights that all clients got, some epochs or steps over its own rows, to an update.
 *
 * What goes to clients (the broadcast) is the parameters; with SCAFFOLD the server's control variate stands behind them. What comes back (the update)
 * is how the parameters changed; with SCAFFOLD how the client's control variate changed stands behind it. Both are training_length() floats.
 * The same rows, options, broadcast and key give the same bytes on one machine with one BLAS, and for linear models everywhere. */
#ifndef SRC_MODELS_HORIZONTAL_TRAINING_H
#define SRC_MODELS_HORIZONTAL_TRAINING_H

#include "src/models/horizontal/examples.h"
#include "src/models/horizontal/network.h"

enum training_optimiser { TRAINING_SGD = 1, TRAINING_ADAM };

struct training_options {
    int32_t optimiser; /* enum training_optimiser; its state begins anew in every round */
    double momentum;   /* SGD: 0 to below 1 */
    double beta1, beta2, epsilon;
    double l1, l2;   /* of weights, not of biases, gains and shifts: l2/2 w^2 in the loss; l1 |w| by a proximal step after each step */
    double proximal; /* FedProx's mu; 0: none */
    bool scaffold;   /* SGD without momentum alone */
    uint32_t batch;  /* rows of a minibatch, at least 1; of the last one in an epoch maybe fewer */
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

/* Floats of a broadcast and of an update. */
uint64_t training_length(const struct network *network, const struct training_options *options);

/* Begins a round. network, options and examples are borrowed until training_free; broadcast is copied.
 * rate      the learning rate of this round (schedule_rate)
 * control   SCAFFOLD: the client's control variate, as many floats as parameters, at first 0; else NULL; borrowed, read alone
 * key       32 bytes, of this client and round: order of rows, dropout
 * FATE_E_MEMORY. */
int32_t training_new(fate_context *context, struct training **training, const struct network *network,
                     const struct training_options *options, const struct examples *examples, double rate, const float *broadcast,
                     const float *control, const uint8_t *key);
void training_free(struct training *training);
/* Makes one step. true: more are to be made. Without rows there is none. */
bool training_step(struct training *training);
/* After the last step. update: training_length floats. FATE_E_RANGE with a sentence when a number is no longer finite: the learning rate is too
 * large. */
int32_t training_finish(const struct training *training, float *update, struct training_report *report);

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
