/* Secrets as valgrind sees them: bytes that are marked count as undefined, and every branch or address that depends on them is an
 * error of memcheck. Without valgrind's header, and outside valgrind, nothing is marked. */
#ifndef TESTS_SUPPORT_SECRET_H
#define TESTS_SUPPORT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define SECRET_VALGRIND 1
#endif
#endif

/* Whether marks mean anything here. */
static inline bool secret_is_watched(void)
{
#ifdef SECRET_VALGRIND
    return RUNNING_ON_VALGRIND != 0;
#else
    return false;
#endif
}

static inline void secret_mark(void *bytes, size_t length)
{
#ifdef SECRET_VALGRIND
    (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, length);
#endif
    (void)bytes;
    (void)length;
}

/* From here on everybody may know these bytes, as what is sent. */
static inline void secret_publish(void *bytes, size_t length)
{
#ifdef SECRET_VALGRIND
    (void)VALGRIND_MAKE_MEM_DEFINED(bytes, length);
#endif
    (void)bytes;
    (void)length;
}

/* How many places have depended on a secret so far. */
static inline unsigned secret_errors(void)
{
#ifdef SECRET_VALGRIND
    return (unsigned)VALGRIND_COUNT_ERRORS;
#else
    return 0;
#endif
}

#endif
