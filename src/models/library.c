/* The public way to make a context: a bare one, and the library's own protocols in its registry. */
#include <fate/protocol.h>
#include "lib/context.h"
#include "src/models/boosting/protocol.h"

FATE_API int32_t fate_context_new(fate_context **context, const fate_allocator *allocator)
{
    int32_t result = context_new(context, allocator);
    if (result == FATE_OK) {
        result = fate_protocol_register(*context, &boosting_training);
    }
    if (result == FATE_OK) {
        result = fate_protocol_register(*context, &boosting_scoring);
    }
    if (result != FATE_OK && context != NULL && *context != NULL) {
        fate_context_free(*context);
        *context = NULL;
    }
    return result;
}
