/* The public way to make a context: a bare one, and the library's own protocols in its registry. */
#include <fate/protocol.h>
#include "lib/context.h"
#include "src/models/aggregation/protocol.h"
#include "src/models/boosting/protocol.h"
#include "src/models/boosting/serving.h"
#include "src/models/psi/protocol.h"
#include "src/models/rounds/protocol.h"

FATE_API int32_t fate_context_new(fate_context **context, const fate_allocator *allocator)
{
    static const fate_protocol *const protocols[] = {&boosting_training, &boosting_scoring, &boosting_serving, &psi_protocol,
                                                     &aggregation_sum,   &aggregation_mean, &rounds_linear,    &rounds_neural,
                                                     &rounds_custom,     &rounds_statistics};
    int32_t result = context_new(context, allocator);
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols && result == FATE_OK; i++)
        result = fate_protocol_register(*context, protocols[i]);
    if (result != FATE_OK && context != NULL && *context != NULL) {
        fate_context_free(*context);
        *context = NULL;
    }
    return result;
}
