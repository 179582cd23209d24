/* The inside of a context, and the two ways of making one: from nothing, and as a child that a session owns. */
#ifndef LIB_CONTEXT_H
#define LIB_CONTEXT_H

#include <fate/context.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { CONTEXT_SENTENCE = 1024 };

/* What a higher floor hangs on a context (the protocol registry); shared by children, freed with the root. */
struct context_attachment {
    void *object;
    void (*free_object)(fate_context *context, void *object);
};

/* What the speed of ciphers is reckoned for; megabits 0: nothing is known. */
struct context_link {
    double megabits, milliseconds, slowness;
};

struct fate_context {
    atomic_uint references;
    fate_context *parent; /* children hold a reference to their parent; NULL for a root */
    fate_allocator allocator;
    uint32_t threads;
    const char *kernel; /* of encryption, by name (src/crypto/kernel.h); NULL: the fastest */
    struct context_link link;
    bool accepts_small_keys;            /* test builds only: keys below 2048 bits */
    struct context_attachment registry; /* root only: use context_registry */
    char sentence[CONTEXT_SENTENCE];
};

/* Makes a root context with an empty registry. fate_context_new (src/models/library.c) adds the library's protocols. */
int32_t context_new(fate_context **context, const fate_allocator *allocator);
/* Makes a child: same allocator, threads and registry, a sentence of its own. Freed with fate_context_free. */
int32_t context_child(fate_context *parent, fate_context **child);
/* One more hold on a context: every object that keeps a context pointer takes one and gives it up with fate_context_free. */
fate_context *context_hold(fate_context *context);
/* The registry's slot on the root. */
struct context_attachment *context_registry(fate_context *context);

/* Sets the sentence (printf-like, cut at CONTEXT_SENTENCE-1) and returns result. Never called from worker threads. */
int32_t context_fail(fate_context *context, int32_t result, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* FATE_E_ARGUMENT with a sentence that names the public function and what is wrong: "fate_table_new: table is NULL". context may be NULL:
 * then nobody can be told. */
int32_t context_bad_argument(fate_context *context, const char *sentence);
/* FATE_E_MEMORY with its sentence. */
int32_t context_out_of_memory(fate_context *context);
/* Copies another context's sentence (a session's to the context it was made from). */
void context_copy_sentence(fate_context *to, const fate_context *from);

#endif
