/* Curve25519's groups for many items at once: kernels, each of which works on several items side by side, and their choice. What they compute
 * is said in src/crypto/ristretto.h and src/crypto/x25519.h; every kernel gives the same bytes. */
#ifndef CRYPTO_CURVE_H
#define CRYPTO_CURVE_H

#include "lib/context.h"

enum {
    CURVE_BYTES = 32, /* of an element, a coordinate and a scalar */
    CURVE_BATCH = 128 /* items that a kernel is given at once */
};

/* One call: count items, at most CURVE_BATCH. */
struct curve_batch {
    uint8_t *out;
    const uint8_t *in;
    uint32_t count;
    const uint8_t *scalar; /* CURVE_BYTES, or NULL where none is needed */
    bool accepts_identity;
    uint64_t *scratch; /* the kernel's itch */
};

/* Functions are constant-time in scalar and in. An item that cannot be taken gives 32 bytes of zero. */
struct curve_kernel {
    const char *name;
    bool (*available)(void);
    uint64_t itch; /* of 64 bits */
    void (*ristretto_hash)(const struct curve_batch *batch);
    void (*ristretto_multiply)(const struct curve_batch *batch);
    void (*ristretto_hash_multiply)(const struct curve_batch *batch);
    void (*ristretto_check)(const struct curve_batch *batch); /* out: one byte an item, 1 or 0 */
    void (*x25519_multiply)(const struct curve_batch *batch);
};

extern const struct curve_kernel curve_portable, curve_plain, curve_plain_ten;
#ifdef __x86_64__
extern const struct curve_kernel curve_avx2, curve_avx512;
#endif

/* The kernel of that name when this machine has it, else NULL. */
const struct curve_kernel *curve_kernel_find(const char *name);
/* The one that a context uses: what fate_context_set_kernel chose, or the fastest that this machine has. */
const struct curve_kernel *curve_kernel_of(const fate_context *context);

/* What is done with count items, cut into batches over the context's threads. The batch holds the addresses of the first item. in_bytes,
 * out_bytes: of an item. FATE_E_MEMORY. */
int32_t curve_run(fate_context *context, void (*run)(const struct curve_batch *batch), const struct curve_batch *whole, uint64_t count,
                  uint32_t in_bytes, uint32_t out_bytes);

/* The first of count elements that is zero; count when none is. */
uint64_t curve_first_zero(const uint8_t *elements, uint64_t count);

#endif
