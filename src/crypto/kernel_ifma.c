/* The kernel for processors with AVX-512 IFMA. */
#ifdef __x86_64__
#include "src/crypto/lanes_ifma.h"

#include "src/crypto/kernel_body.h"

static bool available(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
}

/* Zen 4 begins one multiplication of eight lanes a cycle, and additions beside it: splitting pays. Others begin two, or an addition in the place of
 * one. */
static bool splitting_pays(void)
{
    return __builtin_cpu_is("amdfam19h") != 0;
}

static bool splitting_does_not_pay(void)
{
    return !splitting_pays();
}

const struct kernel kernel_avx512 = {.name = "avx512", .available = available, .suits = splitting_does_not_pay, KERNEL_MEMBERS};
const struct kernel kernel_avx512_split = {
    .name = "avx512", .available = available, .suits = splitting_pays, .least_split = LANES_SPLIT, KERNEL_MEMBERS};
#else
extern int kernel_ifma_needs_x86_64;
#endif
