/* The tests that a group passes on every kernel. */
#ifndef TESTS_SUPPORT_GROUPS_H
#define TESTS_SUPPORT_GROUPS_H

/* Runs them for all kernels of that name, also those that do not suit the machine; skips them where it lacks the instructions. Returns what main
 * does. */
int groups_test(const char *name);

#endif
