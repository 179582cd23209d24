/* Training as questions and sums: first, where the job asks for it, what columns must be shifted and scaled by; then round after round the weights go
 * out, and the sum of the changes, each times its client's number of examples, comes back. */
#ifndef SRC_MODELS_ROUNDS_LEARNING_H
#define SRC_MODELS_ROUNDS_LEARNING_H

#include "src/models/horizontal/server.h"
#include "src/models/rounds/inquiry.h"
#include "src/models/rounds/kind.h"
#include "src/models/rounds/parameters.h"

/* The first byte of a question. MEASURE: as ROUND, but only how good the weights are. */
enum learning_question { QUESTION_MAGNITUDES = 1, QUESTION_MEANS, QUESTION_SPREADS, QUESTION_ROUND, QUESTION_MEASURE };

/* Parameters of all jobs that train over rounds, behind ROUNDS_COMMON. */
#define LEARNING_COMMON                                                                                                                       \
    ROUNDS_COMMON, {"rounds", FATE_PARAMETER_INTEGER, "20", 1, 1000000, NULL, "how many rounds at most"},                                     \
        {"early_stopping_rounds",                                                                                                             \
         FATE_PARAMETER_INTEGER,                                                                                                              \
         "0",                                                                                                                                 \
         0,                                                                                                                                   \
         1000000,                                                                                                                             \
         NULL,                                                                                                                                \
         "stops when so many rounds brought no lower loss (of the validation tables, where clients have them), and takes the weights of the " \
         "best one; 0: never"},                                                                                                               \
        {"bound",                                                                                                                             \
         FATE_PARAMETER_NUMBER,                                                                                                               \
         "1000",                                                                                                                              \
         1e-9,                                                                                                                                \
         1e15,                                                                                                                                \
         NULL,                                                                                                                                \
         "the largest change of a weight in a round that any client may give; a larger one is an error"},                                     \
        {"method",                                                                                                                            \
         FATE_PARAMETER_TEXT,                                                                                                                 \
         "\"average\"",                                                                                                                       \
         0,                                                                                                                                   \
         0,                                                                                                                                   \
         "average adam scaffold",                                                                                                             \
         "what the aggregator does with the mean change: add it (FedAvg), FedAdam, SCAFFOLD"},                                                \
        {"server_rate", FATE_PARAMETER_NUMBER, "1", 1e-12, 1e6, NULL, "the aggregator's learning rate; 1: the mean itself"},                  \
        {"server_momentum", FATE_PARAMETER_NUMBER, "0", 0, 0.9999, NULL, "average: momentum of the mean change"},                             \
        {"server_beta1", FATE_PARAMETER_NUMBER, "0.9", 0, 0.999999, NULL, "adam: decay of the first moment"},                                 \
        {"server_beta2", FATE_PARAMETER_NUMBER, "0.99", 0, 0.999999, NULL, "adam: decay of the second moment"},                               \
    {                                                                                                                                         \
        "server_adaptivity", FATE_PARAMETER_NUMBER, "0.001", 1e-12, 1, NULL, "adam: what is added to the root of the second moment"           \
    }
enum { LEARNING_COMMON_COUNT = ROUNDS_COMMON_COUNT + 9 };

struct learning_parameters {
    struct rounds_parameters rounds_parameters;
    uint32_t rounds, early_stopping_rounds;
    double bound;
    struct server_options server;
    bool standardise;
    /* Bits behind the point: of changes times examples, of examples, of losses. */
    int32_t change_bits, examples_bits, loss_bits;
};

enum { LOSS_BOUND = 1000000 }; /* a row's loss above it counts as that */

/* standardise comes from the parameter of that name of kinds that have columns. FATE_OK; FATE_E_JOB names the field. */
int32_t learning_parameters_read(fate_context *context, struct learning_parameters *parameters, const struct aggregation_parameters *common,
                                 const fate_job *job, const struct kind *kind);

/* Behind the changes in an answer. */
enum learning_sum { SUM_EXAMPLES, SUM_MEASURED, SUM_LOSS, SUM_RIGHT, LEARNING_SUMS };

/* How columns are standardised, as questions and results carry it; count 0: not, or not yet. */
struct scaling {
    fate_context *context;
    uint32_t count;
    double *means, *factors;
};
int32_t scaling_init(struct scaling *scaling, fate_context *context, uint32_t count); /* FATE_E_MEMORY */
void scaling_free(struct scaling *scaling);
void scaling_write(const struct scaling *scaling, struct buffer *out);
/* count must be 0 or expected. FATE_OK; FATE_E_FORMAT; FATE_E_MEMORY. Frees what was there. */
int32_t scaling_read(struct scaling *scaling, struct reader *in, uint32_t expected);

/* The kind of a job's models; NULL for other algorithms. protocol.c */
const struct kind *learning_kind(const fate_job *job);

extern const struct inquiry_asker learning_asker;
extern const struct inquiry_answerer learning_answerer;

#endif
