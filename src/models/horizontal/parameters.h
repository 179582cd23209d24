/* The parameters of horizontal-linear and horizontal-neural that say what is trained and what a client does in a round; those of rounds and of the
 * aggregator stand beside them (src/models/rounds). */
#ifndef SRC_MODELS_HORIZONTAL_PARAMETERS_H
#define SRC_MODELS_HORIZONTAL_PARAMETERS_H

#include <fate/job.h>
#include <fate/protocol.h>

#include "src/models/horizontal/schedule.h"
#include "src/models/horizontal/training.h"

/* Rows of a protocol's table of parameters. */
#define HORIZONTAL_COLUMNS                                                                                                               \
    {                                                                                                                                    \
        "columns", FATE_PARAMETER_TEXT, "\"\"", 0, 0, NULL,                                                                              \
            "the names of the columns that every client has, in any order, with commas between them; \"\": those of the client that is " \
            "there first"                                                                                                                \
    }

#define HORIZONTAL_COMMON                                                                                                                      \
    {"objective",                                                                                                                              \
     FATE_PARAMETER_TEXT,                                                                                                                      \
     "\"logistic\"",                                                                                                                           \
     0,                                                                                                                                        \
     0,                                                                                                                                        \
     "logistic softmax squared huber poisson",                                                                                                 \
     "the loss: logistic for labels 0 and 1; softmax for classes 0, 1, 2, ...; squared (half of the squared error) and huber for numbers; "    \
     "poisson for counts"},                                                                                                                    \
        {"classes", FATE_PARAMETER_INTEGER, "0", 0, 1000, NULL, "objective softmax: how many classes there are, at least 2; else 0"},          \
        {"huber_delta",                                                                                                                        \
         FATE_PARAMETER_NUMBER,                                                                                                                \
         "1",                                                                                                                                  \
         1e-6,                                                                                                                                 \
         1e30,                                                                                                                                 \
         NULL,                                                                                                                                 \
         "objective huber: errors beyond it count as absolute, smaller ones as squared"},                                                      \
        HORIZONTAL_COLUMNS,                                                                                                                    \
        {"standardise",                                                                                                                        \
         FATE_PARAMETER_TEXT,                                                                                                                  \
         "\"yes\"",                                                                                                                            \
         0,                                                                                                                                    \
         0,                                                                                                                                    \
         "yes no",                                                                                                                             \
         "yes: every column is shifted by its mean and divided by its standard deviation over all clients' rows, which are secure sums and "   \
         "become part of the model; a missing value counts as the mean, or as 0 with no"},                                                     \
        {"optimiser", FATE_PARAMETER_TEXT, "\"sgd\"", 0, 0, "sgd adam", "how a client goes on from minibatch to minibatch"},                   \
        {"learning_rate", FATE_PARAMETER_NUMBER, "0.1", 1e-9, 1e3, NULL, "of the clients, in the first round"},                                \
        {"momentum", FATE_PARAMETER_NUMBER, "0", 0, 0.9999, NULL, "optimiser sgd: which part of the last step goes into the next"},            \
        {"beta1", FATE_PARAMETER_NUMBER, "0.9", 0, 0.999999, NULL, "optimiser adam: decay of the first moment"},                               \
        {"beta2", FATE_PARAMETER_NUMBER, "0.999", 0, 0.999999, NULL, "optimiser adam: decay of the second moment"},                            \
        {"epsilon", FATE_PARAMETER_NUMBER, "1e-8", 1e-12, 1, NULL, "optimiser adam: added to the root of the second moment"},                  \
        {"batch", FATE_PARAMETER_INTEGER, "32", 1, 65536, NULL, "rows of a minibatch"},                                                        \
        {"local_epochs",                                                                                                                       \
         FATE_PARAMETER_INTEGER,                                                                                                               \
         "1",                                                                                                                                  \
         0,                                                                                                                                    \
         10000,                                                                                                                                \
         NULL,                                                                                                                                 \
         "how many times a client goes over its rows in a round; 0: local_steps counts"},                                                      \
        {"local_steps",                                                                                                                        \
         FATE_PARAMETER_INTEGER,                                                                                                               \
         "0",                                                                                                                                  \
         0,                                                                                                                                    \
         10000000,                                                                                                                             \
         NULL,                                                                                                                                 \
         "how many minibatches a client takes in a round; needs local_epochs 0"},                                                              \
        {"proximal", FATE_PARAMETER_NUMBER, "0", 0, 1e6, NULL, "FedProx: mu, which holds a client near the weights that it got; 0: none"},     \
        {"schedule",                                                                                                                           \
         FATE_PARAMETER_TEXT,                                                                                                                  \
         "\"constant\"",                                                                                                                       \
         0,                                                                                                                                    \
         0,                                                                                                                                    \
         "constant step cosine inverse",                                                                                                       \
         "how the learning rate changes: step multiplies it by schedule_factor every schedule_rounds rounds; cosine falls to schedule_factor " \
         "of it in the last round; inverse divides it by 1 + schedule_factor * rounds done"},                                                  \
        {"schedule_rounds", FATE_PARAMETER_INTEGER, "0", 0, 1000000, NULL, "schedule step: after how many rounds; else 0"},                    \
        {"schedule_factor", FATE_PARAMETER_NUMBER, "0.1", 0, 1, NULL, "see schedule"},                                                         \
        {"l2", FATE_PARAMETER_NUMBER, "0", 0, 1e6, NULL, "L2 regularisation: l2/2 times the sum of squared weights is added to the loss"},     \
    {                                                                                                                                          \
        "l1", FATE_PARAMETER_NUMBER, "0", 0, 1e6, NULL, "L1 regularisation: l1 times the sum of absolute weights, by a proximal step"          \
    }
#define HORIZONTAL_NEURAL                                                                                                              \
    HORIZONTAL_COMMON, {"hidden", FATE_PARAMETER_TEXT, "\"32\"", 0, 0, NULL, "the sizes of hidden layers, such as \"64 32\""},         \
        {"activation", FATE_PARAMETER_TEXT, "\"relu\"", 0, 0, "relu tanh sigmoid gelu", "the function after each hidden layer"},       \
        {"layer_norm", FATE_PARAMETER_TEXT, "\"no\"", 0, 0, "no yes", "whether hidden layers are normalised, row by row, before it"},  \
    {                                                                                                                                  \
        "hidden_dropout", FATE_PARAMETER_NUMBER, "0", 0, 0.99, NULL, "the part of hidden layers' outputs that is left out in training" \
    }
enum { HORIZONTAL_COMMON_COUNT = 20, HORIZONTAL_NEURAL_COUNT = HORIZONTAL_COMMON_COUNT + 4 };

struct horizontal_parameters {
    struct network network; /* inputs: 0, they follow from the tables */
    struct training_options training;
    struct schedule schedule;
    bool standardise;
};

/* The values of a job of either algorithm, which also has the parameters rounds and method ("scaffold"). FATE_OK; FATE_E_JOB names the field. */
int32_t horizontal_parameters_read(fate_context *context, struct horizontal_parameters *parameters, const fate_job *job);

#endif
