/* The curve kernel for processors with AVX-512 IFMA. */
#ifdef __x86_64__
#include "src/crypto/lanes_ifma.h"

#include "src/crypto/field_five.h"

#include "src/crypto/curve_body.h"

static bool available(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
}

const struct curve_kernel curve_avx512 = {.name = "avx512", .available = available, CURVE_MEMBERS};
#else
extern int curve_ifma_needs_x86_64;
#endif
