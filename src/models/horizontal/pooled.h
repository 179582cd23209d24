/* Training on the rows of all clients at once, in one process and without an aggregator: what many parties' model is compared with. */
#ifndef SRC_MODELS_HORIZONTAL_POOLED_H
#define SRC_MODELS_HORIZONTAL_POOLED_H

#include <fate/observer.h>
#include <fate/train.h>

#include "lib/bytes.h"

/* As many rounds of the job's epochs or steps as it says, over all rows as if they were one client's; the aggregator's optimiser takes no part. Columns are
 * those of the first table, in bytewise order of their names.
 * tables       as many as the job has parties; NULL: none of that party (an aggregator's is not used)
 * validations  likewise; NULL: none at all
 * from         an earlier model that training goes on from; NULL: none
 * body         out: of the model, which is the same at every party
 * FATE_E_ARGUMENT when no client has a table; FATE_E_TABLE; FATE_E_UNSUPPORTED for an application's own training; FATE_E_JOB; FATE_E_MODEL; FATE_E_RANGE; FATE_E_MEMORY; what
 * the observer says. */
int32_t horizontal_pooled_train(fate_context *context, struct buffer *body, const fate_job *job, const fate_table *const *tables,
                                const fate_table *const *validations, const fate_model *from, const fate_observer *observer);

#endif
