/* Vectors of floats as bytes: four each, little-endian; and the final weights as a party's model. */
#ifndef SRC_MODELS_ROUNDS_FLOATS_H
#define SRC_MODELS_ROUNDS_FLOATS_H

#include "src/models/rounds/kind.h"

void floats_write(struct buffer *out, const float *values, uint64_t count);
/* false: too short, or a number is not finite. */
bool floats_read(struct reader *in, float *values, uint64_t count);

/* Sets the party's model, and the weights as its result of that name. FATE_OK; FATE_E_MEMORY; the kind's error. */
int32_t floats_deliver(fate_turn *turn, const struct kind *kind, const void *model, const float *weights, uint64_t count);

#endif
