/* The tests that every curve kernel passes. */
#ifndef TESTS_SUPPORT_CURVES_H
#define TESTS_SUPPORT_CURVES_H

/* Runs them for the kernel of that name; skips them where the machine lacks it. Returns what main does. */
int curves_test(const char *name);

#endif
