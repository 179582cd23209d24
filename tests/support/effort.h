/* How much long loops try: everything; under a sanitizer or an emulator (-DFATE_TEST_STRIDE=n), which take several times as long, one of so many. */
#ifndef TESTS_SUPPORT_EFFORT_H
#define TESTS_SUPPORT_EFFORT_H

#if defined FATE_TEST_STRIDE
enum { EFFORT_STRIDE = FATE_TEST_STRIDE };
#elif defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { EFFORT_STRIDE = 7 };
#else
enum { EFFORT_STRIDE = 1 };
#endif

/* The same where each try is a whole job and few are tried. */
enum { EFFORT_FEWER = EFFORT_STRIDE > 1 ? 3 : 1 };

#endif
