/* The kernel for AVX-512 IFMA. */
#include "tests/support/kernels.h"

int main(void)
{
    return kernels_test("avx512");
}
