/* Natural numbers as arrays of GMP limbs, least significant first, in memory of ours. Nothing here branches on a value or uses one as
 * an address unless its name or comment says "public". */
#ifndef CRYPTO_LIMBS_H
#define CRYPTO_LIMBS_H

#include "lib/memory.h"
#include "lib/random.h"
#include <gmp.h>

_Static_assert(GMP_NUMB_BITS == 64, "limbs of 64 bits without nails");

/* `width` bits, at most 63, of a number of so many bits, from bit `from` on; the position is public. */
mp_limb_t limbs_digit(const mp_limb_t *limbs, uint64_t bits, uint64_t from, uint64_t width);

/* Limbs that hold a number of so many bits. */
mp_size_t limbs_for_bits(uint64_t bits);

/* Little-endian bytes to limbs and back. load: length is at most 8*size, the rest is zero. store: what lies above length is left out. */
void limbs_load(mp_limb_t *limbs, mp_size_t size, const uint8_t *bytes, uint64_t length);
void limbs_store(uint8_t *bytes, uint64_t length, const mp_limb_t *limbs, mp_size_t size);

/* 1 when so, else 0. */
mp_limb_t limbs_is_zero(const mp_limb_t *limbs, mp_size_t size);
mp_limb_t limbs_equal(const mp_limb_t *left, const mp_limb_t *right, mp_size_t size);
mp_limb_t limbs_less(const mp_limb_t *left, const mp_limb_t *right, mp_size_t size);

/* Bits of a number whose length is public; 0 for zero. */
uint64_t limbs_bits(const mp_limb_t *limbs, mp_size_t size);

/* out = number modulo a public modulus, whose highest limb is not zero: GMP's division looks its inverse up in a table. scratch:
 * limbs_modulo_itch limbs. number_size >= modulus_size. */
mp_size_t limbs_modulo_itch(mp_size_t number_size, mp_size_t modulus_size);
void limbs_modulo(mp_limb_t *out, const mp_limb_t *number, mp_size_t number_size, const mp_limb_t *modulus, mp_size_t modulus_size,
                  mp_limb_t *scratch);

/* out = number^-1 modulo an odd modulus; returns 0 when there is none. number is below the modulus. scratch: limbs_invert_itch limbs. */
mp_size_t limbs_invert_itch(mp_size_t size);
mp_limb_t limbs_invert(mp_limb_t *out, const mp_limb_t *number, const mp_limb_t *modulus, mp_size_t size, mp_limb_t *scratch);

/* The same for public numbers: time depends on them. scratch: limbs_invert_public_itch limbs. */
mp_size_t limbs_invert_public_itch(mp_size_t size);
mp_limb_t limbs_invert_public(mp_limb_t *out, const mp_limb_t *number, const mp_limb_t *modulus, mp_size_t size, mp_limb_t *scratch);

/* out = odd^-1 modulo 2^(64*size). scratch: limbs_invert_power_itch limbs. */
mp_size_t limbs_invert_power_itch(mp_size_t size);
void limbs_invert_power(mp_limb_t *out, const mp_limb_t *odd, mp_size_t size, mp_limb_t *scratch);
/* odd^-1 modulo 2^64. */
mp_limb_t limbs_invert_limb(mp_limb_t odd);

/* A uniform number of at most so many bits. */
void limbs_random(mp_limb_t *limbs, mp_size_t size, uint64_t bits, struct random_stream *stream);

/* Scratch memory of the same length for each worker of a context, wiped when freed. */
struct scratch {
    fate_context *context;
    mp_limb_t *limbs;
    uint64_t each;
    uint64_t workers;
};
int32_t scratch_new(struct scratch *scratch, fate_context *context, uint64_t workers, mp_size_t each);
mp_limb_t *scratch_of(const struct scratch *scratch, uint32_t worker);
void scratch_free(struct scratch *scratch);

#endif
