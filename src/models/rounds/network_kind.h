/* Networks as a kind of model: linear models and multi-layer perceptrons (src/models/horizontal) over the numeric columns of a table. */
#ifndef SRC_MODELS_ROUNDS_NETWORK_KIND_H
#define SRC_MODELS_ROUNDS_NETWORK_KIND_H

#include "src/models/rounds/learning.h"

/* Parameters of a client's work, behind LEARNING_COMMON, and of the loss. */
#define NETWORK_COMMON                                                                                                                         \
    LEARNING_COMMON,                                                                                                                           \
        {"objective", FATE_PARAMETER_TEXT, "\"logistic\"", 0, 0, "logistic softmax squared huber poisson", "what is learned: the loss"},       \
        {"classes", FATE_PARAMETER_INTEGER, "0", 0, 65536, NULL, "softmax: how many classes there are; labels are 0, 1, 2, ..."},              \
        {"huber_delta", FATE_PARAMETER_NUMBER, "1", 1e-9, 1e9, NULL, "huber: the error from which on the loss is linear"},                     \
        {"standardise", FATE_PARAMETER_TEXT, "\"yes\"", 0, 0, "yes no",                                                                        \
         "columns are shifted to mean 0 and scaled to deviation 1, over the rows of all clients; missing values become the mean"},             \
        {"optimiser", FATE_PARAMETER_TEXT, "\"sgd\"", 0, 0, "sgd adam", "of a client's steps; what it remembers begins anew in every round"},  \
        {"learning_rate", FATE_PARAMETER_NUMBER, "0.1", 1e-12, 1e6, NULL, "of a client's steps, in the first round"},                          \
        {"momentum", FATE_PARAMETER_NUMBER, "0", 0, 0.9999, NULL, "sgd: momentum"},                                                            \
        {"beta1", FATE_PARAMETER_NUMBER, "0.9", 0, 0.999999, NULL, "adam: decay of the first moment"},                                         \
        {"beta2", FATE_PARAMETER_NUMBER, "0.999", 0, 0.999999, NULL, "adam: decay of the second moment"},                                      \
        {"epsilon", FATE_PARAMETER_NUMBER, "1e-8", 1e-15, 1, NULL, "adam: what is added to the root of the second moment"},                    \
        {"l1", FATE_PARAMETER_NUMBER, "0", 0, 1e9, NULL, "pulls weights to 0: l1 |w| in the loss"},                                            \
        {"l2", FATE_PARAMETER_NUMBER, "0", 0, 1e9, NULL, "keeps weights small: l2/2 w^2 in the loss"},                                         \
        {"proximal", FATE_PARAMETER_NUMBER, "0", 0, 1e9, NULL, "FedProx: keeps weights near those of the round: proximal/2 (w - v)^2"},        \
        {"batch", FATE_PARAMETER_INTEGER, "32", 1, 1000000000, NULL, "rows of a step"},                                                        \
        {"local_epochs", FATE_PARAMETER_INTEGER, "1", 0, 1000000, NULL, "how often a client goes through its rows in a round; 0: local_steps"},  \
        {"local_steps", FATE_PARAMETER_INTEGER, "0", 0, 1000000000, NULL, "steps of a client in a round; 0: local_epochs"},                    \
        {"schedule", FATE_PARAMETER_TEXT, "\"constant\"", 0, 0, "constant step cosine inverse", "how the learning rate changes over rounds"},  \
        {"schedule_rounds", FATE_PARAMETER_INTEGER, "0", 0, 1000000, NULL,                                                                     \
         "step: after so many rounds the rate is multiplied by schedule_factor, again and again"},                                             \
    {                                                                                                                                          \
        "schedule_factor", FATE_PARAMETER_NUMBER, "0.1", 0, 1000, NULL,                                                                        \
            "step: see there; cosine: the last rate divided by the first; inverse: rate / (1 + factor round)"                                  \
    }
enum { NETWORK_COMMON_COUNT = LEARNING_COMMON_COUNT + 19 };

extern const struct kind network_kind;

/* What a job's parameters mean together. FATE_OK; FATE_E_JOB. */
int32_t network_kind_check(fate_context *context, const fate_job *job);

#endif
