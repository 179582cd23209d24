/* The tests that a group passes on every kernel. */
#ifndef TESTS_SUPPORT_GROUPS_H
#define TESTS_SUPPORT_GROUPS_H

/* Runs them for the kernel of that name; skips them where the machine lacks it. Returns what main does. */
int groups_test(const char *kernel);

#endif
