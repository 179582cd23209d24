/* Powers of one fixed base by tables: base^(digit * 2^(width*i)) for each digit and place, so that a power is one product a place. The
 * tables are read at addresses that depend on the exponent, unless they are scanned: that is allowed for exponents that are random and used
 * once, and for nothing else. E. Brickell, D. Gordon, K. McCurley, D. Wilson, "Fast exponentiation with precomputation", 1992.
 *
 * An entry y0 + y1*n is kept as y0*(1 + s*n) with s = y1/y0: the chain of products has factors y0 alone, and the s are just summed. */
#ifndef CRYPTO_COMB_H
#define CRYPTO_COMB_H

#include "src/crypto/comb_lanes.h"
#include "src/crypto/slot.h"

struct comb;

/* What a comb is made from. ring and lanes (of the same modulus, or NULL) are kept and must outlive it. */
struct comb_source {
    const struct pair_ring *ring;
    const struct kernel_ring *lanes;
    const mp_limb_t *base; /* a pair in Montgomery's form; a unit: the caller has checked */
    uint64_t bits;         /* of the longest exponent */
    bool scanned;          /* rows are shorter and always read whole */
    bool
        few; /* few powers will be taken: rows that are not scanned are shorter, which takes a fifth of the memory and half as many products more */
    bool halved; /* with lanes: see kernel_comb */
};

/* Uses the context's threads. FATE_E_MEMORY. The tables count as secret. */
int32_t comb_new(struct comb **comb, fate_context *context, const struct comb_source *source);
void comb_free(struct comb *comb, fate_context *context);

/* Without lanes: out[i] = base^exponents[i] * (1 + messages[i]*n) in Montgomery's form, of up to COMB_TOGETHER exponents, which share each row
 * while the cache has it; an exponent has limbs_for_bits(bits) limbs, a message is below n; messages may be NULL. scratch: comb_itch. */
enum { COMB_TOGETHER = 8 };
mp_size_t comb_itch(const struct pair_ring *ring);
void comb_powers(const struct comb *comb, mp_limb_t *const *out, const mp_limb_t *const *exponents, const mp_limb_t *const *messages,
                 uint32_t count, mp_limb_t *scratch);

/* With lanes: what the kernel's comb takes, and its digits: `lanes` of them for each row, comb_rows at most. */
const struct kernel_comb *comb_for_lanes(const struct comb *comb);
uint64_t comb_rows(uint64_t bits, bool scanned);
void comb_digits(const struct comb *comb, uint32_t *digits, const mp_limb_t *const *exponents);

/* The same for tables that many need: made by the first. */
int32_t comb_get(struct slot *slot, const struct comb **comb, fate_context *context, const struct comb_source *source);

#endif
