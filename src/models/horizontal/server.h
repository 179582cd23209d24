/* The aggregator's part of a round: from the weighted mean of the clients' updates to the next parameters. */
#ifndef SRC_MODELS_HORIZONTAL_SERVER_H
#define SRC_MODELS_HORIZONTAL_SERVER_H

#include "lib/bytes.h"

enum server_method { SERVER_AVERAGE = 1, SERVER_ADAM, SERVER_SCAFFOLD };

struct server_options {
    int32_t method;       /* enum server_method */
    double learning_rate; /* 1: the mean itself */
    double momentum;      /* AVERAGE: 0 to below 1 */
    double beta1, beta2;  /* ADAM */
    double adaptivity;    /* ADAM: tau, above 0 */
};

/* The next parameters, and what the method remembers. */
struct server {
    fate_context *context;
    struct server_options options;
    uint64_t count;   /* of parameters */
    uint64_t rounds;  /* that were applied */
    float *broadcast; /* what clients get: count floats; SCAFFOLD: 2 * count, the control variate behind */
    double *first;    /* momentum, or first moment; NULL when the method has none */
    double *second;   /* ADAM: second moment; else NULL */
};

/* parameters: count floats, the first ones; copied. FATE_E_MEMORY. */
int32_t server_init(struct server *server, fate_context *context, const struct server_options *options, const float *parameters,
                    uint64_t count);
void server_free(struct server *server);
/* Floats of a broadcast, and doubles of a mean. */
uint64_t server_length(const struct server *server);
/* Goes on by one round. mean: server_length numbers, the mean over the clients that took part, weighted by their rows. share: the part of all clients that
 * took part, above 0 and at most 1 (SCAFFOLD).
 * AVERAGE: v = momentum v + mean; w += rate v (McMahan et al. 2017; Hsu et al. 2019). ADAM: Reddi et al. 2021, algorithm 2.
 * SCAFFOLD: Karimireddy et al. 2020: w += rate mean; c += share mean_c. FATE_E_RANGE when a parameter is no longer finite. */
int32_t server_apply(struct server *server, const double *mean, double share);
/* State as bytes and back; the server was made with the same options and count. FATE_E_FORMAT when it is not of such a one, FATE_E_MEMORY. */
void server_save(const struct server *server, struct buffer *buffer);
int32_t server_load(struct server *server, struct reader *reader);

#endif
