/* The kernel for processors with AVX-512 IFMA. */
#ifdef __x86_64__
#include "src/crypto/lanes_ifma.h"

#include "src/crypto/kernel_body.h"

static bool available(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
}

const struct kernel kernel_avx512 = {.name = "avx512", .available = available, KERNEL_MEMBERS};
#else
extern int kernel_ifma_needs_x86_64;
#endif
