/* libfate: federated learning in a C library. This header includes all others and states the laws that hold for each of them.
 *
 * LAWS
 *  1. Arguments: the object first, then outputs, then inputs; a length directly after what it measures; a callback's own
 *     `void *context` first among its arguments. A pointer may be NULL only where the function says so.
 *  2. Results: int32_t, an enum fate_result. After an error outputs are NULL or unchanged, and the object is as before.
 *  3. The sentence of an error lives on the object: fate_session_error for sessions, fate_context_error for all else.
 *  4. What goes in is copied, unless the function says "kept". What an accessor shows is borrowed. Memory crosses the seam only
 *     through the library's own _free functions; all of them accept NULL.
 *  5. A context owns allocator, threads and protocols. Several contexts are independent, and nothing else is global. Objects
 *     keep the context that they were made from alive.
 *  6. One object, one thread at a time; objects of one context count as one object, but each session is one of its own.
 *     Functions that take only const objects may run concurrently. Exceptions: fate_session_cancel and a transport's wake may be
 *     called from any thread or signal handler.
 *  7. Hooks are called only inside a call of the application's, on its thread. Entering a session from one of its own hooks is
 *     FATE_E_REENTERED. A hook's own error code (at or below FATE_E_APPLICATION) comes back unchanged.
 *  8. Nothing is printed, nothing exits or aborts, no signal handler is set, no environment variable is read.
 *  9. Tables of functions begin with struct_size and abi_version. A shorter table of an older header is accepted, missing members
 *     being NULL; a longer one is accepted when its tail is zero, else FATE_E_VERSION.
 * 10. Bytes from peers, files and stores are checked before use. Frames are at most 1 MiB + 4 KiB long.
 * 11. The same data, job and seed give the same model, whatever the number of threads, the kernel or the interruptions.
 */
#ifndef FATE_FATE_H
#define FATE_FATE_H

#include <fate/base.h>
#include <fate/error.h>
#include <fate/context.h>
#include <fate/identity.h>
#include <fate/table.h>
#include <fate/encryption.h>
#include <fate/job.h>
#include <fate/task.h>
#include <fate/protocol.h>
#include <fate/model.h>
#include <fate/session.h>
#include <fate/transport.h>
#include <fate/store.h>
#include <fate/evidence.h>
#include <fate/observer.h>
#include <fate/train.h>
#include <fate/align.h>
#include <fate/arrow.h>
#include <fate/metrics.h>
#include <fate/simulator.h>

#endif
