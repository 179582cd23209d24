/* The kernel for AVX2 and fused multiply-add. */
#include "tests/support/kernels.h"

int main(void)
{
    return kernels_test("avx2");
}
