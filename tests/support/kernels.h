/* The tests that every kernel passes. */
#ifndef TESTS_SUPPORT_KERNELS_H
#define TESTS_SUPPORT_KERNELS_H

#include "src/crypto/kernel.h"

enum { KERNELS_OF_NAME = 2 };

/* All kernels of that name, whether this machine has them or not. Returns how many. */
uint32_t kernels_of_name(const struct kernel **kernels, const char *name);

/* Runs them for all kernels of that name, also those that do not suit the machine; skips them where it lacks the instructions. Returns what main
 * does. */
int kernels_test(const char *name);

#endif
