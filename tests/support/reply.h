/* Asking a store in a test: a reply, and what came into it. */
#ifndef TESTS_SUPPORT_REPLY_H
#define TESTS_SUPPORT_REPLY_H

#include "src/store/store.h"

/* The bytes of a key, appended to answer. */
static inline int32_t test_get(const fate_store *store, const char *key, struct buffer *answer)
{
    fate_reply reply = {.answer = answer};
    return store->get(store->context, key, &reply);
}

/* The names that begin with prefix, each followed by a zero byte, appended to answer. */
static inline int32_t test_list(const fate_store *store, const char *prefix, struct buffer *answer)
{
    fate_reply reply = {.answer = answer, .names = true};
    return store->list(store->context, prefix, &reply);
}

static inline int32_t test_put(const fate_store *store, const char *key, const char *text)
{
    return store->put(store->context, key, (const uint8_t *)text, strlen(text));
}

/* The stored text of a key is this one; NULL: there is none. */
static inline bool test_holds(fate_context *context, const fate_store *store, const char *key, const char *text)
{
    struct buffer answer;
    buffer_init(&answer, context);
    int32_t result = test_get(store, key, &answer);
    bool holds = text == NULL ? result == FATE_EMPTY
                              : result == FATE_OK && answer.length == strlen(text) &&
                                    (answer.length == 0 || memcmp(answer.bytes, text, answer.length) == 0);
    buffer_free(&answer);
    return holds;
}

/* How many names begin with prefix. */
static inline int test_count(fate_context *context, const fate_store *store, const char *prefix)
{
    struct buffer answer;
    int count = 0;
    buffer_init(&answer, context);
    if (test_list(store, prefix, &answer) != FATE_OK) count = -1000;
    for (uint64_t i = 0; i < answer.length; i++) count += answer.bytes[i] == 0;
    buffer_free(&answer);
    return count;
}

#endif
