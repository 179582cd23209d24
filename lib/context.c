/* Contexts: made, counted, asked; and the sentence of the last error. */
#include "lib/context.h"

#include "lib/hooks.h"
#include "lib/memory.h"

#include <fate/protocol.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONTEXT_MOST_THREADS = 256 };

static void *system_allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void *system_resize(void *context, void *old, size_t size)
{
    (void)context;
    return realloc(old, size);
}

static void system_release(void *context, void *old)
{
    (void)context;
    free(old);
}

static int32_t allocator_choose(fate_allocator *own, const fate_allocator *given)
{
    static const fate_allocator of_the_system = {
        sizeof(fate_allocator), FATE_ABI_VERSION, NULL, system_allocate, system_resize, system_release,
    };
    if (given == NULL) {
        *own = of_the_system;
        return FATE_OK;
    }
    if (!hooks_copy(own, sizeof *own, given, sizeof *own)) return FATE_E_VERSION;
    if (own->allocate == NULL || own->resize == NULL || own->release == NULL) return FATE_E_ARGUMENT;
    return FATE_OK;
}

static fate_context *context_make(const fate_allocator *allocator)
{
    fate_context *made = allocator->allocate(allocator->context, sizeof *made);
    if (made == NULL) return NULL;
    memset(made, 0, sizeof *made);
    atomic_init(&made->references, 1);
    made->allocator = *allocator;
    made->threads = 1;
    return made;
}

int32_t context_new(fate_context **context, const fate_allocator *allocator)
{
    if (context == NULL) return FATE_E_ARGUMENT;
    *context = NULL;
    fate_allocator own;
    int32_t result = allocator_choose(&own, allocator);
    if (result != FATE_OK) return result;
    if (sodium_init() < 0) return FATE_E_RANDOM;
    *context = context_make(&own);
    return *context == NULL ? FATE_E_MEMORY : FATE_OK;
}

int32_t context_child(fate_context *parent, fate_context **child)
{
    *child = context_make(&parent->allocator);
    if (*child == NULL) return context_out_of_memory(parent);
    (*child)->parent = context_hold(parent);
    (*child)->threads = parent->threads;
    (*child)->kernel = parent->kernel;
    (*child)->accepts_small_keys = parent->accepts_small_keys;
    return FATE_OK;
}

fate_context *context_hold(fate_context *context)
{
    atomic_fetch_add_explicit(&context->references, 1, memory_order_relaxed);
    return context;
}

static fate_context *context_destroy(fate_context *context)
{
    fate_context *parent = context->parent;
    fate_allocator allocator = context->allocator;
    if (context->registry.object != NULL) context->registry.free_object(context, context->registry.object);
    allocator.release(allocator.context, context);
    return parent;
}

void fate_context_free(fate_context *context)
{
    while (context != NULL && atomic_fetch_sub_explicit(&context->references, 1, memory_order_acq_rel) == 1)
        context = context_destroy(context);
}

struct context_attachment *context_registry(fate_context *context)
{
    while (context->parent != NULL) context = context->parent;
    return &context->registry;
}

static uint32_t processors(void)
{
#ifdef _SC_NPROCESSORS_ONLN
    long found = sysconf(_SC_NPROCESSORS_ONLN);
#else
    long found = 1;
#endif
    if (found < 1) return 1;
    return found > CONTEXT_MOST_THREADS ? CONTEXT_MOST_THREADS : (uint32_t)found;
}

int32_t fate_context_set_threads(fate_context *context, uint32_t threads)
{
    if (context == NULL) return FATE_E_ARGUMENT;
    if (threads > CONTEXT_MOST_THREADS)
        return context_fail(context, FATE_E_ARGUMENT, "%u threads were asked for: a context has at most %d; 0 means one for each processor",
                            threads, CONTEXT_MOST_THREADS);
    context->threads = threads == 0 ? processors() : threads;
    return FATE_OK;
}

int32_t fate_context_set_link(fate_context *context, double megabits, double milliseconds, double slowness)
{
    static const double most = 1e6;
    if (context == NULL) return FATE_E_ARGUMENT;
    /* also false for what is no number */
    if (!(megabits > 0 && megabits <= most && milliseconds >= 0 && milliseconds <= most && slowness > 0 && slowness <= most))
        return context_bad_argument(
            context, "fate_context_set_link: megabits and slowness must be above 0, milliseconds at least 0, all at most 10^6");
    context->link = (struct context_link){megabits, milliseconds, slowness};
    return FATE_OK;
}

uint32_t fate_context_threads(const fate_context *context)
{
    return context == NULL ? 0 : context->threads;
}

const char *fate_context_error(const fate_context *context)
{
    return context == NULL ? "" : context->sentence;
}

/* A sentence that was cut does not end within a UTF-8 character. */
static void drop_cut_character(char *text, size_t length)
{
    size_t begin = length;
    while (begin > 0 && ((unsigned char)text[begin - 1] & 0xc0) == 0x80) begin--;
    if (begin > 0 && ((unsigned char)text[begin - 1] & 0xc0) == 0xc0) text[begin - 1] = 0;
}

int32_t context_fail(fate_context *context, int32_t result, const char *format, ...)
{
    char sentence[CONTEXT_SENTENCE]; /* apart, because an argument may be the context's last sentence */
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (written < 0) sentence[0] = 0;
    if (written >= CONTEXT_SENTENCE) drop_cut_character(sentence, CONTEXT_SENTENCE - 1);
    memcpy(context->sentence, sentence, strlen(sentence) + 1);
    return result;
}

int32_t context_bad_argument(fate_context *context, const char *sentence)
{
    return context == NULL ? FATE_E_ARGUMENT : context_fail(context, FATE_E_ARGUMENT, "%s", sentence);
}

int32_t context_out_of_memory(fate_context *context)
{
    return context_fail(context, FATE_E_MEMORY, "out of memory: the allocator returned NULL");
}

void context_copy_sentence(fate_context *to, const fate_context *from)
{
    if (to != from) memcpy(to->sentence, from->sentence, sizeof to->sentence);
}

int32_t fate_context_fail(fate_context *context, int32_t result, const char *sentence)
{
    if (context == NULL) return result;
    return context_fail(context, result, "%s", sentence == NULL ? "" : sentence);
}
