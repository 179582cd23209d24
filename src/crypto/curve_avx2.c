/* The curve kernel for processors with AVX2. */
#ifdef __x86_64__
#include "src/crypto/lanes_fma.h"

#include "src/crypto/field_ten.h"

#include "src/crypto/curve_body.h"

static bool available(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

const struct curve_kernel curve_avx2 = {.name = "avx2", .available = available, CURVE_MEMBERS};
#else
extern int curve_avx2_needs_x86_64;
#endif
