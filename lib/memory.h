/* Memory from a context's allocator. Sizes are checked for overflow; secrets are wiped. No function here sets the sentence. */
#ifndef LIB_MEMORY_H
#define LIB_MEMORY_H

#include "lib/context.h"

/* Uninitialised and zeroed memory; NULL when out of memory or count*size overflows. Size 0 gives a valid pointer. */
void *memory_allocate(fate_context *context, uint64_t count, uint64_t size);
void *memory_zeroed(fate_context *context, uint64_t count, uint64_t size);
/* As realloc for count items; NULL leaves old as it was. */
void *memory_resize(fate_context *context, void *old, uint64_t count, uint64_t size);
/* NULL is accepted. */
void memory_free(fate_context *context, void *pointer);
/* Wipes size bytes, then frees. NULL is accepted. */
void memory_free_secret(fate_context *context, void *pointer, uint64_t size);
/* Copies; NULL when out of memory. */
void *memory_copy(fate_context *context, const void *bytes, uint64_t length);
char *memory_text(fate_context *context, const char *text);

#endif
