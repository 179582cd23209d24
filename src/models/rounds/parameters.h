/* The parameters that all jobs over rounds have. */
#ifndef SRC_MODELS_ROUNDS_PARAMETERS_H
#define SRC_MODELS_ROUNDS_PARAMETERS_H

#include "src/models/aggregation/parameters.h"

#define ROUNDS_COMMON                                                                                                                        \
    AGGREGATION_COMMON,                                                                                                                      \
        {"work_patience",                                                                                                                    \
         FATE_PARAMETER_NUMBER,                                                                                                              \
         "600",                                                                                                                              \
         0.1,                                                                                                                                \
         604800,                                                                                                                             \
         NULL,                                                                                                                               \
         "seconds that the aggregator waits for clients that work on a question; the others go on without those who take longer"},           \
        {"attempts",                                                                                                                         \
         FATE_PARAMETER_INTEGER,                                                                                                             \
         "3",                                                                                                                                \
         1,                                                                                                                                  \
         1000,                                                                                                                               \
         NULL,                                                                                                                               \
         "how many times in a row a sum may fail because too few clients were left, before the job does"},                                   \
        {"client_share",                                                                                                                     \
         FATE_PARAMETER_NUMBER,                                                                                                              \
         "1",                                                                                                                                \
         0.0001,                                                                                                                             \
         1,                                                                                                                                  \
         NULL,                                                                                                                               \
         "which part of the clients that are there is drawn for each question, but no fewer than least_clients"},                            \
        {"examples_bound",                                                                                                                   \
         FATE_PARAMETER_NUMBER,                                                                                                              \
         "1e7",                                                                                                                              \
         1,                                                                                                                                  \
         1e12,                                                                                                                               \
         NULL,                                                                                                                               \
         "the most rows, or the largest sum of their weights, that any client may have; with the number of clients it fixes the precision"}, \
    {                                                                                                                                        \
        "seed", FATE_PARAMETER_INTEGER, "0", 0, 9007199254740991.0, NULL,                                                                    \
            "of the drawing of clients, the order of rows and the first weights, never of cryptography"                                      \
    }
enum { ROUNDS_COMMON_COUNT = 12 };

struct rounds_parameters {
    uint64_t work_patience; /* milliseconds */
    uint32_t attempts;
    double client_share, examples_bound;
    uint8_t seed[32]; /* the job's, as a key */
};

/* FATE_OK; FATE_E_JOB. */
int32_t rounds_parameters_read(struct rounds_parameters *parameters, const fate_job *job);

#endif
