/* A model as bytes and back: the body of the model file, proto/boosting.proto. Equal models are equal bytes. */
#ifndef SRC_MODELS_BOOSTING_BODY_H
#define SRC_MODELS_BOOSTING_BODY_H

#include "lib/bytes.h"
#include "src/models/boosting/model.h"

/* Appends the body. The model's columns are numbered (boosting_model_number_columns). FATE_OK, FATE_E_MEMORY. */
int32_t boosting_model_write(const struct boosting_model *model, struct buffer *body);

/* Reads a body; everything is checked: nodes form a breadth-first tree of depth at most BOOSTING_DEPTH_LIMIT, columns and categories exist and are
 * numbered by first use, numbers are finite. FATE_E_FORMAT says what is wrong; FATE_E_MEMORY; the model is then empty and needs no free. */
int32_t boosting_model_read(struct boosting_model *model, fate_context *context, const uint8_t *body, uint64_t length);

#endif
