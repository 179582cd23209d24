/* simulate_rounds FIRST COUNT: that many simulated trainings over rounds from that seed on, with crashes in every round; prints those that fail. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/rounds_simulate.h"

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10), failed = 0;
    uint32_t killed = 0;
    char sentence[1000];
    for (uint64_t seed = first; seed < first + count; seed++) {
        if (rounds_simulate(seed, sentence, sizeof sentence, &killed)) continue;
        printf("%s\n", sentence);
        failed++;
    }
    printf("%llu passed, %llu failed; killed in the midst of rounds %u times\n", (unsigned long long)(count - failed),
           (unsigned long long)failed, (unsigned)killed);
    return failed == 0 ? 0 : 1;
}
