/* The functions between layers, and their slopes. Only +, -, *, / of floats: the same bits on every machine. */
#ifndef SRC_MODELS_HORIZONTAL_ACTIVATION_H
#define SRC_MODELS_HORIZONTAL_ACTIVATION_H

#include <stdint.h>

/* out[i] = f(in[i]); out may be in. kind: enum network_activation. GELU is the one by tanh (Hendrycks and Gimpel 2016): x S(2 u) with
 * u = sqrt(2/pi) (x + 0.044715 x^3) and the logistic function S. */
void activation_apply(int32_t kind, float *out, const float *in, uint64_t count);
/* delta[i] *= f'(in[i]); out: f of in. */
void activation_slope(int32_t kind, float *delta, const float *in, const float *out, uint64_t count);

#endif
