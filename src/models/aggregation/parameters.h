/* The parameters of secure-sum and secure-mean: the table that a job is checked against, and what follows from them. */
#ifndef SRC_MODELS_AGGREGATION_PARAMETERS_H
#define SRC_MODELS_AGGREGATION_PARAMETERS_H

#include <fate/protocol.h>
#include <stdbool.h>

enum { AGGREGATION_PARAMETERS = 11 };
enum aggregation_trust { TRUST_HONEST, TRUST_LYING, TRUST_COLLUDING };

/* Those that every protocol with secure sums has. */
#define AGGREGATION_COMMON                                                                                                                                          \
    {"ring_bits",                                                                                                                                                   \
     FATE_PARAMETER_INTEGER,                                                                                                                                        \
     "64",                                                                                                                                                          \
     32,                                                                                                                                                            \
     64,                                                                                                                                                            \
     NULL,                                                                                                                                                          \
     "32 or 64: length of a number on the wire; 32 halves the bytes and leaves less precision"},                                                                    \
        {"trust",                                                                                                                                                   \
         FATE_PARAMETER_TEXT,                                                                                                                                       \
         "\"honest\"",                                                                                                                                              \
         0,                                                                                                                                                         \
         0,                                                                                                                                                         \
         "honest lying colluding",                                                                                                                                  \
         "what the aggregator may do: follow the protocol; lie about who is there; lie, and work with up to a third of the clients"},                               \
        {"threshold",                                                                                                                                               \
         FATE_PARAMETER_NUMBER,                                                                                                                                     \
         "0",                                                                                                                                                       \
         0,                                                                                                                                                         \
         0.99,                                                                                                                                                      \
         NULL,                                                                                                                                                      \
         "how large a part of those who share a client's secrets must stay, and must not work together: at least more than a half, colluding "                      \
         "more than two "                                                                                                                                           \
         "thirds; 0: that least"},                                                                                                                                  \
        {"corrupt",                                                                                                                                                 \
         FATE_PARAMETER_NUMBER,                                                                                                                                     \
         "0.1",                                                                                                                                                     \
         0,                                                                                                                                                         \
         0.33,                                                                                                                                                      \
         NULL,                                                                                                                                                      \
         "above 128 clients: how large a part of the clients may work with the aggregator, with any trust"},                                                        \
        {"dropout",                                                                                                                                                 \
         FATE_PARAMETER_NUMBER,                                                                                                                                     \
         "0.1",                                                                                                                                                     \
         0,                                                                                                                                                         \
         0.5,                                                                                                                                                       \
         NULL,                                                                                                                                                      \
         "above 128 clients: how large a part of the clients may vanish in a round; unless trust is honest, of all clients of the job, with those who never come"}, \
        {"least_clients", FATE_PARAMETER_INTEGER, "2", 2, 16384, NULL, "a sum of fewer clients is not made"},                                                       \
    {                                                                                                                                                               \
        "patience", FATE_PARAMETER_NUMBER, "30", 0.1, 86400, NULL,                                                                                                  \
            "seconds that the aggregator waits in each step for clients that are not there"                                                                         \
    }

extern const fate_protocol_parameter aggregation_parameters_table[AGGREGATION_PARAMETERS];

struct aggregation_parameters {
    bool mean;
    const char *weight;  /* the column of weights, in the job's memory; "": all are 1 */
    uint32_t clients;    /* in the job */
    uint32_t width;      /* bytes of a number of the ring: 4 or 8 */
    double bound;        /* largest absolute value */
    double weight_bound; /* largest weight; 1 for sums */
    uint32_t fraction;   /* bits behind the point of values (times weights) */
    uint32_t weight_fraction;
    int32_t trust;      /* enum aggregation_trust */
    double least_share; /* of the holders: the threshold is above it */
    double corrupt, dropout;
    uint32_t chosen, chosen_threshold; /* neighbours that a client chooses itself; 0: the aggregator names them, or all are (choice.h) */
    uint32_t least_clients;
    uint64_t patience; /* milliseconds */
    bool tells_result; /* to the clients */
};

/* What AGGREGATION_COMMON and the list of parties say; the rest is 0. FATE_OK; FATE_E_JOB names the field. */
int32_t aggregation_common_read(fate_context *context, struct aggregation_parameters *parameters, const fate_job *job);
/* FATE_OK; FATE_E_JOB names the field. */
int32_t aggregation_parameters_read(fate_context *context, struct aggregation_parameters *parameters, const fate_job *job);
int32_t aggregation_parameters_check(fate_context *context, const fate_job *job);

#endif
