/* Readable text and JSON of models of horizontal training. */
#ifndef SRC_MODELS_HORIZONTAL_DUMP_H
#define SRC_MODELS_HORIZONTAL_DUMP_H

#include <fate/model.h>

#include "src/models/horizontal/model.h"

/* The dump function of both protocols (fate_protocol.dump). The model is the same at every party, so the first one is shown. */
int32_t horizontal_dump_models(fate_context *context, const fate_model *const *models, uint32_t count, const char *format, char **text);

/* The same for a model in memory: appends to text. A linear model is shown with a weight for each column, and with its columns as they are, not
 * shifted and scaled: the bias takes that up. FATE_E_UNSUPPORTED for a format that is neither "text" nor "json"; FATE_E_MEMORY. */
int32_t horizontal_dump(const struct horizontal_model *model, const char *format, struct buffer *text);

#endif
