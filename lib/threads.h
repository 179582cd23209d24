/* Fork and join: a range of work over the context's threads, inside one call. */
#ifndef LIB_THREADS_H
#define LIB_THREADS_H

#include "lib/context.h"

/* One piece of work: items first up to, not including, end. worker is below the context's threads: scratch memory is made before
 * and indexed by it. Must not set a context's sentence. */
typedef int32_t (*threads_body)(void *argument, uint32_t worker, uint64_t first, uint64_t end);

/* Splits count items into pieces of about grain items and runs them on up to fate_context_threads threads, the caller's among them.
 * When a thread cannot be started the others do its work. Returns FATE_OK, or the result of the failing piece with the lowest first
 * (then not all pieces need have run). */
int32_t threads_run(const fate_context *context, uint64_t count, uint64_t grain, threads_body body, void *argument);

#endif
