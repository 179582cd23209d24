/* The tests that every encryption scheme passes on every kernel. */
#ifndef TESTS_SUPPORT_SCHEMES_H
#define TESTS_SUPPORT_SCHEMES_H

#include <stdint.h>

enum { SCHEME_LENGTHS = 12 };

struct scheme_tried {
    const char *scheme;
    uint32_t bits;                    /* of a key that holds 255 bits, and numbers */
    uint32_t lengths[SCHEME_LENGTHS]; /* of keys for which both paths of encryption are compared; 0 ends them */
};

/* Runs them on the kernel of that name, where the machine has it. Returns how many failed. */
int schemes_test(const struct scheme_tried *scheme, const char *kernel);

#endif
