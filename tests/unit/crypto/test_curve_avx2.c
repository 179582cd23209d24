/* The curve kernel for AVX2: its numbers, and what it computes. */
#include "tests/support/unit.h"

#include "src/crypto/curve.h"
#include "tests/support/curves.h"

#ifdef __x86_64__
#include "src/crypto/lanes_fma.h"

#include "src/crypto/field_ten.h"

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
    int failed = fields_test(curve_kernel_find("avx2") != NULL);
    return failed + curves_test("avx2");
}
