/* A context: allocator, threads, the registered protocols, and the sentence of the last error. Everything else is made from one. */
#ifndef FATE_CONTEXT_H
#define FATE_CONTEXT_H

#include <fate/base.h>
#include <fate/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_context fate_context;

/* An allocator of the application's. All three may be called from the library's worker threads at the same time.
 * context    given back as the first argument of each function
 * allocate   returns size bytes aligned for any type, or NULL; size is never 0
 * resize     as realloc: old is NULL or came from this allocator; NULL leaves old as it was
 * release    frees; old may be NULL */
typedef struct fate_allocator {
    uint32_t struct_size; /* sizeof(fate_allocator) */
    uint32_t abi_version; /* FATE_ABI_VERSION */
    void *context;
    void *(*allocate)(void *context, size_t size);
    void *(*resize)(void *context, void *old, size_t size);
    void (*release)(void *context, void *old);
} fate_allocator;

/* Makes a context in which the library's own protocols are registered, with one thread. It has no sentence to tell when this fails.
 *
 * context    out: the new context; NULL after an error. Free with fate_context_free.
 * allocator  in: copied; NULL for malloc, realloc and free
 * Returns FATE_OK; FATE_E_ARGUMENT when context is NULL or a member of the allocator is; FATE_E_VERSION when the
 * allocator's struct_size or abi_version is not one of this library; FATE_E_MEMORY; FATE_E_RANDOM when libsodium cannot start.
 * Any thread; contexts are independent of each other. */
FATE_API int32_t fate_context_new(fate_context **context, const fate_allocator *allocator);

/* Gives up the caller's hold on a context. Objects made from it keep it alive until they are freed too, so the order of
 * frees is free. NULL is accepted. */
FATE_API void fate_context_free(fate_context *context);

/* Sets how many threads a call may use, the caller's among them: 1 to 256; 0 means as many as the machine has processors, at most 256.
 * Worker threads start and end inside a call; nothing computes between calls and no result depends on the number.
 * Returns FATE_OK; FATE_E_ARGUMENT when context is NULL or threads above 256. Sessions keep the number they were made with; call it before
 * objects are made from the context. */
FATE_API int32_t fate_context_set_threads(fate_context *context, uint32_t threads);

/* Says what fate_job_describe reckons with where it compares the speed of ciphers (jobs of vertical-boosting). Nothing else depends on it. Jobs that
 * were made from the context show it.
 * megabits      in: per second, of the slowest link between two parties
 * milliseconds  in: how long a byte is on its way
 * slowness      in: how many times slower than the machine on which the library's rates were measured this one is; 1: the same
 * Returns FATE_OK; FATE_E_ARGUMENT when context is NULL, megabits or slowness is not above 0, milliseconds is below 0, or one is above 10^6. */
FATE_API int32_t fate_context_set_link(fate_context *context, double megabits, double milliseconds, double slowness);

/* Returns the number of threads in force; 0 when context is NULL. */
FATE_API uint32_t fate_context_threads(const fate_context *context);

/* Returns the sentence of the last error on this context, "" when there was none: one English sentence, at most 1023 bytes of UTF-8, that
 * says what was wrong and what to do. It stays until the next error. Borrowed until the next call that takes the context or an object made
 * from it. Never NULL. Errors of sessions are on the session: fate_session_error. */
FATE_API const char *fate_context_error(const fate_context *context);

/* Frees bytes or strings that a function of the library handed over to the caller ("free with fate_free"): with the context that the
 * function was called with, or that the object was made from. NULL is accepted for both. */
FATE_API void fate_free(fate_context *context, void *bytes);

#ifdef __cplusplus
}
#endif
#endif
