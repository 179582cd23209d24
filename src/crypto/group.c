/* Groups: the functions of src/crypto/montgomery.h behind the table. */
#include "src/crypto/group.h"

static void multiply(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch)
{
    montgomery_multiply(ring, out, left, right, scratch);
}

static void multiply_public(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch)
{
    montgomery_multiply_public(ring, out, left, right, scratch);
}

static void square(const void *ring, mp_limb_t *out, const mp_limb_t *element, mp_limb_t *scratch)
{
    montgomery_square(ring, out, element, scratch);
}

static void square_public(const void *ring, mp_limb_t *out, const mp_limb_t *element, mp_limb_t *scratch)
{
    montgomery_square_public(ring, out, element, scratch);
}

static void power(const void *ring, mp_limb_t *out, const mp_limb_t *base, const mp_limb_t *exponent, uint64_t bits, mp_limb_t *scratch)
{
    montgomery_power(ring, out, base, exponent, bits, scratch);
}

static mp_limb_t invert(const void *ring, mp_limb_t *out, const mp_limb_t *element, mp_limb_t *scratch)
{
    return montgomery_invert(ring, out, element, scratch);
}

void group_of_montgomery(struct group *group, const struct montgomery *montgomery)
{
    *group = (struct group){.ring = montgomery,
                            .size = montgomery->size,
                            .one = montgomery->one,
                            .itch = montgomery_itch(montgomery),
                            .power_itch = montgomery_power_itch(montgomery),
                            .invert_itch = montgomery_invert_itch(montgomery),
                            .multiply = multiply,
                            .multiply_public = multiply_public,
                            .square = square,
                            .square_public = square_public,
                            .power = power,
                            .invert = invert};
}
