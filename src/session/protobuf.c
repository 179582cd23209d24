/* An allocator for protobuf-c. */
#include "src/session/protobuf.h"

static void *allocate(void *data, size_t size)
{
    struct protobuf_memory *memory = data;
    void *pointer = memory_allocate(memory->context, 1, size);
    memory->failed = memory->failed || pointer == NULL;
    return pointer;
}

static void release(void *data, void *pointer)
{
    struct protobuf_memory *memory = data;
    memory_free(memory->context, pointer);
}

void protobuf_memory_init(struct protobuf_memory *memory, fate_context *context)
{
    memory->allocator.alloc = allocate;
    memory->allocator.free = release;
    memory->allocator.allocator_data = memory;
    memory->context = context;
    memory->failed = false;
}
