/* The kernel in plain C: for tests of the vector kernels' logic, not for speed. */
#include "src/crypto/lanes_plain.h"

#include "src/crypto/kernel_body.h"

static bool available(void)
{
    return true;
}

static bool never(void)
{
    return false;
}

const struct kernel kernel_plain = {.name = "plain", .available = available, .suits = available, KERNEL_MEMBERS};
const struct kernel kernel_plain_split = {
    .name = "plain", .available = available, .suits = never, .least_split = LANES_SPLIT, KERNEL_MEMBERS};
