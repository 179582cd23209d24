/* Memory for unpacking protobuf messages from a context's allocator. */
#ifndef SRC_SESSION_PROTOBUF_H
#define SRC_SESSION_PROTOBUF_H

#include <protobuf-c/protobuf-c.h>
#include "lib/memory.h"

/* protobuf-c answers NULL for bad bytes and for lack of memory alike: failed tells which. Pass &memory.allocator to unpack and to
 * free_unpacked; the one given to free may be another one of the same context. */
struct protobuf_memory {
    ProtobufCAllocator allocator;
    fate_context *context;
    bool failed; /* memory ran out */
};

/* memory must not move afterwards. */
void protobuf_memory_init(struct protobuf_memory *memory, fate_context *context);

#endif
