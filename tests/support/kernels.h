/* The tests that every kernel passes. */
#ifndef TESTS_SUPPORT_KERNELS_H
#define TESTS_SUPPORT_KERNELS_H

/* Runs them for the kernel of that name; skips them where the machine lacks it. Returns what main does. */
int kernels_test(const char *name);

#endif
