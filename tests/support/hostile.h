/* A peer for tests that has the right key and says what it likes: opens a channel with a session, then seals any content. */
#ifndef TESTS_SUPPORT_HOSTILE_H
#define TESTS_SUPPORT_HOSTILE_H

#include <fate/fate.h>
#include "lib/context.h"
#include "src/session/link.h"

/* A leader of the protocol "rounds" in a session, and a hostile worker in its place. */
struct hostile {
    fate_context *context;
    fate_identity *leader, *worker;
    fate_job *job;
    fate_session *session;
    struct link link;
    uint64_t now;
    int32_t result; /* of the session's last run */
};

/* FATE_OK, with an open channel and hellos exchanged. hostile_close afterwards, whatever the result. */
int32_t hostile_open(struct hostile *hostile);
void hostile_close(struct hostile *hostile);
/* Seals a content, hands it to the session and runs it. */
void hostile_say(struct hostile *hostile, const uint8_t *content, uint64_t length);

#endif
