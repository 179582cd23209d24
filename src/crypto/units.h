/* Ciphertexts that come from others: numbers in bytes are checked before anything is made of them. */
#ifndef CRYPTO_UNITS_H
#define CRYPTO_UNITS_H

#include "src/crypto/group.h"
#include "src/crypto/kernel.h"

/* Little-endian numbers of `length` bytes, one after the other. */
struct units {
    const struct group *group;       /* of the units modulo n */
    const struct kernel_ring *pairs; /* with a bound n^2: the kernel that reduces modulo n; NULL: none */
    const mp_limb_t *bound;          /* what all must be below: n or n^2 */
    const char *bound_name;          /* "the modulus" */
    mp_size_t size;                  /* limbs of the bound, at most twice those of n */
    const uint8_t *bytes;
    uint64_t length;
};

/* Whether all of count numbers are below the bound, and units modulo n: one product for each and one inversion for all. FATE_E_FORMAT with a
 * sentence that names the first that is not; FATE_E_MEMORY. Uses the context's threads. */
int32_t units_check(const struct units *units, fate_context *context, uint64_t count);

#endif
