/* An application's own training step as a kind of model: flat weights, whose meaning it alone knows (fate/task.h). */
#ifndef SRC_MODELS_ROUNDS_CUSTOM_KIND_H
#define SRC_MODELS_ROUNDS_CUSTOM_KIND_H

#include "src/models/rounds/learning.h"

#define CUSTOM_PARAMETERS                                                                                                                 \
    LEARNING_COMMON, {"weights",                                                                                                          \
                      FATE_PARAMETER_INTEGER,                                                                                             \
                      NULL,                                                                                                               \
                      1,                                                                                                                  \
                      67108864,                                                                                                           \
                      NULL,                                                                                                               \
                      "how many weights the model has: floats, in an order of the application's"},                                        \
    {                                                                                                                                     \
        "first", FATE_PARAMETER_TEXT, "\"application\"", 0, 0, "application zeros",                                                       \
            "where the first weights come from, unless an earlier model gives them: a task of the aggregator's application, or all are 0" \
    }
enum { CUSTOM_PARAMETER_COUNT = LEARNING_COMMON_COUNT + 2 };

extern const struct kind custom_kind;

int32_t custom_kind_check(fate_context *context, const fate_job *job);

#endif
