/* The elliptic-curve exchange: ids become elements of a group, and elements are multiplied by this party's secret scalar. Multiplications by two
 * parties' scalars commute, so that equal ids become equal elements, whoever multiplied first. */
#ifndef SRC_MODELS_PSI_EXCHANGE_H
#define SRC_MODELS_PSI_EXCHANGE_H

#include "src/crypto/ristretto.h"
#include "src/models/psi/set.h"

enum {
    EXCHANGE_ELEMENT = CURVE_BYTES,
    EXCHANGE_TAG =
        16, /* of an element that both have multiplied its first bytes are kept: among 2^32 by 2^32 ids two are equal with 2^-64 */
    EXCHANGE_KEY = 32
};

struct exchange {
    bool x25519;
    uint8_t scalar[CURVE_BYTES];
    uint8_t domain[EXCHANGE_KEY]; /* of the hash of ids; unused with X25519 */
};

/* seed: EXCHANGE_KEY secret bytes; domain: EXCHANGE_KEY bytes that both parties have. Wipe with exchange_wipe. */
void exchange_init(struct exchange *exchange, bool x25519, const uint8_t *seed, const uint8_t *domain);
/* inverse undoes what exchange multiplies. On ristretto255 alone. */
void exchange_invert(struct exchange *inverse, const struct exchange *exchange);
void exchange_wipe(struct exchange *exchange);

/* elements[i] = scalar * hash(id first+i), EXCHANGE_ELEMENT bytes each. FATE_E_MEMORY. */
int32_t exchange_mask_ids(const struct exchange *exchange, fate_context *context, const struct psi_set *set, uint64_t first, uint64_t count,
                          uint8_t *elements);
/* Multiplies elements of a peer. *first_bad: the lowest that is no canonical encoding, or the identity or zero, or becomes so; count: none.
 * FATE_E_MEMORY. */
int32_t exchange_mask_elements(const struct exchange *exchange, fate_context *context, const uint8_t *elements, uint64_t count,
                               uint8_t *masked, uint64_t *first_bad);

#endif
