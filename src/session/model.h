/* The inside of a model: the bytes of its file, and what they say. */
#ifndef SRC_SESSION_MODEL_H
#define SRC_SESSION_MODEL_H

#include <fate/model.h>
#include "lib/memory.h"

enum { MODEL_DIGEST = 32, MODEL_MAJOR = 1, MODEL_MINOR = 0, MODEL_LIMIT = 1073741824, MODEL_HEAD = 4096 };

/* Makes a model for the engine; everything is copied. party and role are names as in a job; job_digest: MODEL_DIGEST bytes.
 * Returns FATE_OK; FATE_E_LIMIT when the file would be longer than MODEL_LIMIT (MODEL_HEAD are for all but the body); FATE_E_MEMORY. */
int32_t model_new(fate_context *context, fate_model **model, const char *algorithm, const char *party, const char *role,
                  const uint8_t *job_digest, const uint8_t *body, uint64_t length);

/* fate_model_check, but for the job: an earlier job with the same algorithm may have made it. FATE_E_MODEL. */
int32_t model_check_party(const fate_model *model, const fate_job *job, uint32_t party);

/* The context that it was made from. */
fate_context *model_context(const fate_model *model);
/* Another model of the same bytes, made from a context of its own. */
int32_t model_copy(fate_context *context, fate_model **copy, const fate_model *model);

#endif
