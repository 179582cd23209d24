/* The parameters of secure-sum and secure-mean: the table that a job is checked against, and what follows from them. */
#ifndef SRC_MODELS_AGGREGATION_PARAMETERS_H
#define SRC_MODELS_AGGREGATION_PARAMETERS_H

#include <fate/protocol.h>
#include <stdbool.h>

enum { AGGREGATION_PARAMETERS = 11 };
enum aggregation_trust { TRUST_HONEST, TRUST_LYING, TRUST_COLLUDING };

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
    uint32_t least_clients;
    uint64_t patience; /* milliseconds */
    bool tells_result; /* to the clients */
};

/* FATE_OK; FATE_E_JOB names the field. */
int32_t aggregation_parameters_read(fate_context *context, struct aggregation_parameters *parameters, const fate_job *job);
int32_t aggregation_parameters_check(fate_context *context, const fate_job *job);

#endif
