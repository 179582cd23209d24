/* Networks as a kind of model: linear models and multi-layer perceptrons (src/models/horizontal) over the numeric columns of a table. */
#ifndef SRC_MODELS_ROUNDS_NETWORK_KIND_H
#define SRC_MODELS_ROUNDS_NETWORK_KIND_H

#include "src/models/rounds/learning.h"

extern const struct kind network_kind;

/* What a job's parameters mean together. FATE_OK; FATE_E_JOB. */
int32_t network_kind_check(fate_context *context, const fate_job *job);

#endif
