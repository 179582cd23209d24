/* Groups without a kernel: every function against GMP's plain numbers. */
#include "tests/support/groups.h"

int main(void)
{
    return groups_test("portable");
}
