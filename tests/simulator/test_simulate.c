/* A thousand simulated jobs over bad networks, with crashes, partitions and lying clocks. One that fails prints its seed;
 * `make simulate SEED=` runs it alone, `make simulate SEEDS=` any number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/effort.h"
#include "tests/support/simulate.h"

static void thousand_seeds(void **state)
{
    (void)state;
    char sentence[SIMULATE_SENTENCE];
    for (uint64_t seed = 0; seed < 1000; seed += EFFORT_STRIDE)
        if (!simulate(seed, sentence)) fail_msg("%s", sentence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(thousand_seeds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
