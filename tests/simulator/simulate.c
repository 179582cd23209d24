/* simulate FIRST COUNT: that many simulated jobs from that seed on; prints those that fail. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/simulate.h"

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10), failed = 0;
    char sentence[SIMULATE_SENTENCE];
    for (uint64_t seed = first; seed < first + count; seed++) {
        if (simulate(seed, sentence)) continue;
        printf("%s\n", sentence);
        failed++;
    }
    printf("%llu passed, %llu failed\n", (unsigned long long)(count - failed), (unsigned long long)failed);
    return failed == 0 ? 0 : 1;
}
