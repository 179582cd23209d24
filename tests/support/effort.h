/* How much long loops try: everything; under a sanitizer, which takes several times as long, one of so many. */
#ifndef TESTS_SUPPORT_EFFORT_H
#define TESTS_SUPPORT_EFFORT_H

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { EFFORT_STRIDE = 4 };
#else
enum { EFFORT_STRIDE = 1 };
#endif

#endif
