/* The kernel for processors with AVX2 and fused multiply-add. The Makefile builds this file with -frounding-math. */
#ifdef __x86_64__
#include "src/crypto/lanes_fma.h"

#include "src/crypto/kernel_body.h"

/* (2^52 - 1) * 1 has the high half 0. Emulators that always round to nearest make it 1. */
KERNEL_FUNCTION __attribute__((noinline)) bool rounds_down(void)
{
    uint64_t low[LANES], high[LANES];
    lanes sums[2] = {lanes_set(0 - LANES_LOW_BIAS), lanes_set(0 - LANES_HIGH_BIAS)};
    lanes_state state = lanes_begin();
    lanes factor = lanes_factor(lanes_set(LANES_MASK)), one = lanes_factor(lanes_set(1));
    __asm__ volatile("" : "+x"(factor), "+x"(one));
    lanes_multiply_add(&sums[0], &sums[1], factor, one);
    __asm__ volatile("" : "+x"(sums[0]), "+x"(sums[1]));
    lanes_end(state);
    lanes_store(low, sums[0]);
    lanes_store(high, sums[1]);
    return low[0] == LANES_MASK && high[0] == 0;
}

static bool available(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && rounds_down();
}

const struct kernel kernel_avx2 = {.name = "avx2", .available = available, .suits = available, .least_split = LANES_SPLIT, KERNEL_MEMBERS};
#else
extern int kernel_fma_needs_x86_64;
#endif
