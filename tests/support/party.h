/* Parties of a job of the protocol "rounds", each with a context, keys and a session of its own, driven in threads. */
#ifndef TESTS_SUPPORT_PARTY_H
#define TESTS_SUPPORT_PARTY_H

#include <fate/fate.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include "lib/context.h"
#include "tests/support/rounds.h"

enum { PARTY_TEXT = 4096, PARTY_MOST = 4 };

struct party {
    fate_context *context;
    fate_identity *identity;
    fate_job *job;
    fate_session *session;
    const fate_transport *transport;
    const fate_store *store;
    const fate_observer *observer;
    int32_t result;
    pthread_t thread;
};

static inline const char *party_name(uint32_t party)
{
    static const char *const names[PARTY_MOST] = {"leader", "worker1", "worker2", "worker3"};
    return names[party];
}

/* Makes contexts and keys for that many parties; allocator: that of party 1, NULL for the usual one. */
static inline bool parties_open_with(struct party *parties, uint32_t count, const fate_allocator *allocator)
{
    for (uint32_t i = 0; i < count; i++) {
        parties[i] = (struct party){.context = NULL};
        if (context_new(&parties[i].context, i == 1 ? allocator : NULL) != FATE_OK || rounds_register(parties[i].context) != FATE_OK)
            return false;
        if (fate_identity_generate(parties[i].context, &parties[i].identity) != FATE_OK) return false;
    }
    return true;
}

static inline bool parties_open(struct party *parties, uint32_t count)
{
    return parties_open_with(parties, count, NULL);
}

/* Reads the job, in which the leader has the address (NULL: none), and makes the session of one party. */
static inline int32_t party_join(struct party *parties, uint32_t count, uint32_t party, uint32_t rounds, uint32_t parts,
                                 const char *address)
{
    char text[PARTY_TEXT];
    struct party *own = &parties[party];
    int at = snprintf(text, sizeof text, "{\"algorithm\":\"rounds\",\"id\":\"id\",\"parties\":[");
    for (uint32_t i = 0; i < count; i++) {
        at += snprintf(text + at, sizeof text - (size_t)at, "%s{\"name\":\"%s\",\"role\":\"%s\",\"key\":\"%s\"", i == 0 ? "" : ",",
                       party_name(i), i == 0 ? "leader" : "worker", fate_identity_public(parties[i].identity));
        if (i == 0 && address != NULL) at += snprintf(text + at, sizeof text - (size_t)at, ",\"address\":\"%s\"", address);
        at += snprintf(text + at, sizeof text - (size_t)at, "}");
    }
    at += snprintf(text + at, sizeof text - (size_t)at, "],\"parameters\":{\"rounds\":%u,\"parts\":%u}}", rounds, parts);
    fate_session_free(own->session);
    fate_job_free(own->job);
    own->session = NULL;
    own->job = NULL;
    int32_t result = fate_job_parse(own->context, &own->job, "job.json", (const uint8_t *)text, (uint64_t)at);
    if (result != FATE_OK) return result;
    return fate_session_new(own->context, &own->session, own->job, party_name(party), own->identity, FATE_PURPOSE_TRAIN);
}

static inline void parties_close(struct party *parties, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        fate_session_free(parties[i].session);
        fate_job_free(parties[i].job);
        fate_identity_free(parties[i].identity);
        fate_context_free(parties[i].context);
    }
}

static inline void *party_run(void *argument)
{
    struct party *party = argument;
    party->result = fate_drive(party->session, party->transport, party->store, party->observer);
    return NULL;
}

/* Drives all parties, each in a thread of its own, until all have ended. */
static inline bool parties_run(struct party *parties, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (pthread_create(&parties[i].thread, NULL, party_run, &parties[i]) != 0) return false;
    for (uint32_t i = 0; i < count; i++) pthread_join(parties[i].thread, NULL);
    return true;
}

static inline double party_sum(const struct party *party)
{
    const double *values;
    uint64_t count;
    return fate_session_result(party->session, "sum", &values, &count) == FATE_OK && count == 1 ? values[0] : -1;
}

#endif
