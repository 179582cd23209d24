/* The kernel in plain C: for tests of the vector kernels' logic, not for speed. */
#include "src/crypto/lanes_plain.h"

#include "src/crypto/kernel_body.h"

static bool available(void)
{
    return true;
}

const struct kernel kernel_plain = {.name = "plain", .available = available, KERNEL_MEMBERS};
