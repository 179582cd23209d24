/* An inbox for tests of transports: writes down what a transport finds, and can refuse frames. */
#ifndef TESTS_SUPPORT_INBOX_H
#define TESTS_SUPPORT_INBOX_H

#include <stdlib.h>
#include "src/transport/transport.h"

enum { TEST_INBOX_LINKS = 4096, TEST_ROUNDS = 20000 };

struct test_inbox {
    fate_inbox face;
    bool refuses;  /* frames: FATE_AGAIN */
    int32_t fails; /* every finding: this error */
    uint64_t frames;
    uint64_t bytes;
    uint32_t last_peer;
    uint64_t last_link;
    uint8_t *last; /* the last frame */
    uint64_t last_length;
    uint64_t up, down;
    uint64_t links[TEST_INBOX_LINKS]; /* in order of coming up */
    uint64_t notices;
    char notice[512];   /* the last one */
    uint64_t expected;  /* with counted frames: the number the next frame must begin with */
    uint64_t misplaced; /* frames that were not the next one */
};

static inline int32_t test_inbox_frame(void *context, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    struct test_inbox *inbox = context;
    uint64_t number = 0;
    if (inbox->fails != 0) return inbox->fails;
    if (inbox->refuses) return FATE_AGAIN;
    inbox->frames++;
    inbox->bytes += length;
    inbox->last_peer = peer;
    inbox->last_link = link;
    free(inbox->last);
    inbox->last = malloc(length + 1);
    memcpy(inbox->last, bytes, length);
    inbox->last_length = length;
    if (length >= sizeof number) memcpy(&number, bytes, sizeof number);
    if (number != inbox->expected++) inbox->misplaced++;
    return FATE_OK;
}

static inline int32_t test_inbox_connected(void *context, uint32_t peer, uint64_t link)
{
    struct test_inbox *inbox = context;
    (void)peer;
    if (inbox->up < TEST_INBOX_LINKS) inbox->links[inbox->up] = link;
    inbox->up++;
    return inbox->fails;
}

static inline int32_t test_inbox_disconnected(void *context, uint32_t peer, uint64_t link)
{
    struct test_inbox *inbox = context;
    (void)peer;
    (void)link;
    inbox->down++;
    return inbox->fails;
}

static inline int32_t test_inbox_notice(void *context, uint32_t peer, const char *sentence)
{
    struct test_inbox *inbox = context;
    (void)peer;
    inbox->notices++;
    strncpy(inbox->notice, sentence, sizeof inbox->notice - 1);
    return inbox->fails;
}

static inline struct test_inbox *test_inbox_make(void)
{
    struct test_inbox *inbox = calloc(1, sizeof *inbox);
    inbox->face = (fate_inbox){inbox, test_inbox_frame, test_inbox_connected, test_inbox_disconnected, test_inbox_notice};
    return inbox;
}

static inline void test_inbox_free(struct test_inbox *inbox)
{
    free(inbox->last);
    free(inbox);
}

/* A side of a test: a transport and where its findings go. */
struct test_side {
    fate_transport *transport;
    struct test_inbox *inbox;
};

static inline int32_t test_poll(const struct test_side *side)
{
    return side->transport->poll(side->transport->context, &side->inbox->face);
}

static inline int32_t test_wait(const struct test_side *side, uint64_t milliseconds)
{
    return side->transport->wait(side->transport->context, milliseconds);
}

/* A frame of that length that begins with its number. */
static inline int32_t test_send(const struct test_side *side, uint32_t peer, uint64_t link, uint64_t number, uint64_t length)
{
    uint8_t *bytes = malloc(length);
    for (uint64_t i = 0; i < length; i++) bytes[i] = (uint8_t)(number * 31 + i * 7);
    if (length >= sizeof number) memcpy(bytes, &number, sizeof number);
    int32_t result = side->transport->send(side->transport->context, peer, link, bytes, length);
    free(bytes);
    return result;
}

/* The last frame is the one that test_send made. */
static inline bool test_is_frame(const struct test_inbox *inbox, uint64_t number, uint64_t length)
{
    if (inbox->last_length != length) return false;
    for (uint64_t i = sizeof number; i < length; i++)
        if (inbox->last[i] != (uint8_t)(number * 31 + i * 7)) return false;
    return true;
}

#endif
