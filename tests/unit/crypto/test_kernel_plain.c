/* The vector kernels' logic in plain C, on any machine. */
#include "tests/support/kernels.h"

int main(void)
{
    return kernels_test("plain");
}
