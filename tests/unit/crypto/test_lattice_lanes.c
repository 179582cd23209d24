/* The loops of the lattice cipher's kernel for AVX2 give what their definitions say. */
#include "tests/support/lattice_kernels.h"
#include "tests/support/unit.h"

static const struct lattice_kernel *kernel(void)
{
#ifdef __x86_64__
    if (lattice_avx2.available()) return &lattice_avx2;
#endif
    skip();
    return NULL;
}

static void loops(void **state)
{
    (void)state;
    lattice_check_loops(kernel());
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(loops)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
