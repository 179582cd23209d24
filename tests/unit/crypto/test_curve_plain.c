/* The curve kernel of five limbs in plain C: its numbers, and what it computes. */
#include "tests/support/unit.h"

#include "src/crypto/lanes_plain.h"

#include "src/crypto/field_five.h"

#include "src/crypto/field_body.h"

#include "src/crypto/curve.h"
#include "tests/support/curves.h"
#include "tests/support/fields.h"

int main(void)
{
    int failed = fields_test(curve_kernel_find("plain") != NULL);
    return failed + curves_test("plain");
}
