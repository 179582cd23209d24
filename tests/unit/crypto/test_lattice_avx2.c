/* The avx2 kernel of the lattice cipher computes what the definitions say. */
#include "tests/support/lattice_kernels.h"
#include "tests/support/unit.h"

static fate_context *context;

static int begin(void **state)
{
    (void)state;
    return context_new(&context, NULL) == FATE_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static const struct lattice_kernel *kernel(void)
{
#ifdef __x86_64__
    if (lattice_avx2.available()) return &lattice_avx2;
#endif
    skip();
    return NULL;
}

static void products(void **state)
{
    (void)state;
    lattice_check_products(context, kernel());
}

static void sums_of_products(void **state)
{
    (void)state;
    lattice_check_sums(context, kernel());
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(products), cmocka_unit_test(sums_of_products)};
    return cmocka_run_group_tests(tests, begin, end);
}
