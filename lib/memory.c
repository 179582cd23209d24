/* Every allocation of the library passes here. */
#include "lib/memory.h"

#include <fate/protocol.h>
#include <sodium.h>
#include <string.h>

/* false when the product is not a size; a product of zero becomes one byte. */
static bool product(size_t *bytes, uint64_t count, uint64_t size)
{
    if (size != 0 && count > SIZE_MAX / size) return false;
    uint64_t wanted = count * size;
    *bytes = wanted == 0 ? 1 : (size_t)wanted;
    return true;
}

void *memory_allocate(fate_context *context, uint64_t count, uint64_t size)
{
    size_t bytes;
    if (!product(&bytes, count, size)) return NULL;
    return context->allocator.allocate(context->allocator.context, bytes);
}

void *memory_zeroed(fate_context *context, uint64_t count, uint64_t size)
{
    void *pointer = memory_allocate(context, count, size);
    if (pointer != NULL) memset(pointer, 0, (size_t)(count * size));
    return pointer;
}

void *memory_resize(fate_context *context, void *old, uint64_t count, uint64_t size)
{
    size_t bytes;
    if (!product(&bytes, count, size)) return NULL;
    return context->allocator.resize(context->allocator.context, old, bytes);
}

void memory_free(fate_context *context, void *pointer)
{
    if (pointer != NULL) context->allocator.release(context->allocator.context, pointer);
}

void memory_free_secret(fate_context *context, void *pointer, uint64_t size)
{
    if (pointer == NULL) return;
    sodium_memzero(pointer, (size_t)size);
    memory_free(context, pointer);
}

void *memory_copy(fate_context *context, const void *bytes, uint64_t length)
{
    void *copy = memory_allocate(context, length, 1);
    if (copy != NULL && length != 0) memcpy(copy, bytes, (size_t)length);
    return copy;
}

char *memory_text(fate_context *context, const char *text)
{
    return memory_copy(context, text, strlen(text) + 1);
}

void *fate_allocate(fate_context *context, uint64_t bytes)
{
    return context == NULL ? NULL : memory_zeroed(context, bytes, 1);
}

void fate_free(fate_context *context, void *bytes)
{
    if (context != NULL) memory_free(context, bytes);
}
