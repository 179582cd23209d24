/* The portable curve kernel: libsodium. */
#include "tests/support/curves.h"

int main(void)
{
    return curves_test("portable");
}
