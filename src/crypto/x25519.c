/* Many coordinates of Curve25519: the batches that a kernel is given. */
#include "src/crypto/x25519.h"

int32_t x25519_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar,
                             uint64_t *first_zero)
{
    struct curve_batch batch = {.out = out, .in = in, .scalar = scalar};
    int32_t result = curve_run(context, curve_kernel_of(context)->x25519_multiply, &batch, count, X25519_BYTES, X25519_BYTES);
    if (result == FATE_OK) *first_zero = curve_first_zero(out, count);
    return result;
}
