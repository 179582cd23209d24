/* An allocator for tests: fails the call with a given number, and counts what is still held. */
#ifndef TESTS_SUPPORT_ALLOCATOR_H
#define TESTS_SUPPORT_ALLOCATOR_H

#include <fate/context.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct test_allocator {
    atomic_llong calls; /* allocations and growths so far, from 0 */
    long long fail;     /* the first call that fails; negative: none */
    bool from_then_on;  /* every later call fails too */
    atomic_llong live;  /* blocks not yet released */
};

static inline bool test_allocator_fails(struct test_allocator *test)
{
    long long call = atomic_fetch_add(&test->calls, 1);
    return test->fail >= 0 && (call == test->fail || (test->from_then_on && call > test->fail));
}

static inline void *test_allocate(void *context, size_t size)
{
    struct test_allocator *test = context;
    void *pointer = test_allocator_fails(test) ? NULL : malloc(size);
    if (pointer != NULL) atomic_fetch_add(&test->live, 1);
    return pointer;
}

static inline void *test_resize(void *context, void *old, size_t size)
{
    struct test_allocator *test = context;
    if (old == NULL) return test_allocate(context, size);
    return test_allocator_fails(test) ? NULL : realloc(old, size);
}

static inline void test_release(void *context, void *old)
{
    struct test_allocator *test = context;
    if (old != NULL) atomic_fetch_sub(&test->live, 1);
    free(old);
}

/* Begins anew: fail is the number of the call that fails, -1 for none. */
static inline fate_allocator test_allocator(struct test_allocator *test, long long fail)
{
    atomic_init(&test->calls, 0);
    atomic_init(&test->live, 0);
    test->fail = fail;
    test->from_then_on = false;
    fate_allocator allocator = {sizeof allocator, FATE_ABI_VERSION, test, test_allocate, test_resize, test_release};
    return allocator;
}

#endif
