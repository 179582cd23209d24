/* The curve kernel for AVX-512 IFMA: its numbers, and what it computes. */
#include "tests/support/unit.h"

#include "src/crypto/curve.h"
#include "tests/support/curves.h"

#ifdef __x86_64__
#include "src/crypto/lanes_ifma.h"

#include "src/crypto/field_five.h"

#include "src/crypto/field_body.h"

#include "tests/support/fields.h"
#else
static int fields_test(bool available)
{
    return available;
}
#endif

int main(void)
{
    int failed = fields_test(curve_kernel_find("avx512") != NULL);
    return failed + curves_test("avx512");
}
