/* Powers of one fixed base by tables: base^(digit * 2^(width*i)) for each digit and place, so that a power is one product a place. The
 * tables are read at addresses that depend on the exponent, unless they are scanned: that is allowed for exponents that are random and used
 * once, and for nothing else. E. Brickell, D. Gordon, K. McCurley, D. Wilson, "Fast exponentiation with precomputation", 1992. */
#ifndef CRYPTO_COMB_H
#define CRYPTO_COMB_H

#include "src/crypto/kernel.h"

struct comb;

/* base: a pair in Montgomery's form; ring and lanes (of the same modulus, or NULL) are kept and must outlive the comb. bits: the longest
 * exponent. scanned: rows are shorter and always read whole. Uses the context's threads. FATE_E_MEMORY. The tables count as secret. */
int32_t comb_new(struct comb **comb, fate_context *context, const struct pair_ring *ring, const struct kernel_ring *lanes,
                 const mp_limb_t *base, uint64_t bits, bool scanned);
void comb_free(struct comb *comb, fate_context *context);

/* out = base^exponent in Montgomery's form; exponent has limbs_for_bits(bits) limbs. scratch: comb_itch. */
mp_size_t comb_itch(const struct pair_ring *ring);
void comb_power(const struct comb *comb, mp_limb_t *out, const mp_limb_t *exponent, mp_limb_t *scratch);

/* The same for as many exponents as the comb's kernel has lanes. scratch: comb_lanes_itch, of exponents of so many bits. */
mp_size_t comb_lanes_itch(const struct kernel_ring *lanes, uint64_t bits, bool scanned);
void comb_power_lanes(const struct comb *comb, mp_limb_t *const *out, const mp_limb_t *const *exponents, mp_limb_t *scratch);

/* A place that holds the comb once somebody needed it. Several threads may ask at the same time. */
struct comb_slot;
int32_t comb_slot_new(struct comb_slot **slot, fate_context *context);
void comb_slot_free(struct comb_slot *slot, fate_context *context);
int32_t comb_slot_get(struct comb_slot *slot, const struct comb **comb, fate_context *context, const struct pair_ring *ring,
                      const struct kernel_ring *lanes, const mp_limb_t *base, uint64_t bits, bool scanned);

#endif
