/* The curve kernel of ten limbs in plain C: for tests of that of curve_avx2.c, not for speed. */
#include "src/crypto/lanes_plain.h"

#include "src/crypto/field_ten.h"

#include "src/crypto/curve_body.h"

static bool available(void)
{
    return true;
}

const struct curve_kernel curve_plain_ten = {.name = "plain-ten", .available = available, CURVE_MEMBERS};
