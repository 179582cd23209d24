/* Powers of one fixed base by tables: base^(digit * 2^(width*i)) for each digit and place, so that a power is one product a place.
 * E. Brickell, D. Gordon, K. McCurley, D. Wilson, "Fast exponentiation with precomputation", 1992.
 *
 * Two ways to look up: POWERS_DIRECT reads at addresses that depend on the exponent, which is allowed for exponents that are random and
 * used once, and for nothing else; POWERS_SCANNED reads all of a row for every digit, in constant time for any exponent. */
#ifndef CRYPTO_POWERS_H
#define CRYPTO_POWERS_H

#include "src/crypto/group.h"
#include "src/crypto/slot.h"

enum powers_look_up { POWERS_DIRECT, POWERS_SCANNED };

struct powers;

/* base: a row of the group; its ring must outlive the tables. bits: the longest exponent. Uses the context's threads. FATE_E_MEMORY. The
 * tables count as secret. */
int32_t powers_new(struct powers **powers, fate_context *context, const struct group *group, const mp_limb_t *base, uint64_t bits,
                   enum powers_look_up look_up);
void powers_free(struct powers *powers, fate_context *context);

/* out (a bundle) = base^exponents[lane] in each lane, for exponents of so many bits, at least 1 and at most those of the tables, of
 * limbs_for_bits(bits) limbs. out is not scratch. scratch: powers_itch, aligned as bundles are. */
mp_size_t powers_itch(const struct group *group);
void powers_raise(const struct powers *powers, mp_limb_t *out, const mp_limb_t *const *exponents, uint64_t bits, mp_limb_t *scratch);

/* The same for tables that many need: made by the first. */
int32_t powers_get(struct slot *slot, const struct powers **powers, fate_context *context, const struct group *group, const mp_limb_t *base,
                   uint64_t bits, enum powers_look_up look_up);

#endif
