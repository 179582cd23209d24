/* The curve kernel of five limbs in plain C: for tests of that of curve_ifma.c, not for speed. */
#include "src/crypto/lanes_plain.h"

#include "src/crypto/field_five.h"

#include "src/crypto/curve_body.h"

static bool available(void)
{
    return true;
}

const struct curve_kernel curve_plain = {.name = "plain", .available = available, CURVE_MEMBERS};
