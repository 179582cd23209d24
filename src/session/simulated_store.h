/* The store of a simulated party: values, and puts that become durable only after a while. */
#ifndef SRC_SESSION_SIMULATED_STORE_H
#define SRC_SESSION_SIMULATED_STORE_H

#include <fate/simulator.h>
#include "lib/bytes.h"

enum { SIMULATED_KEY = 64 };

struct simulated_value {
    struct simulated_value *next;
    char key[SIMULATED_KEY];
    uint8_t *bytes;
    uint64_t length;
};

struct simulated_store {
    fate_context *context;
    struct simulated_value *values;
    struct simulated_value *pending; /* one put that is not durable yet; NULL: none */
    uint64_t pending_identifier;
    uint64_t pending_due;

    struct buffer log;    /* evidence */
    uint64_t log_durable; /* bytes of it */
    uint64_t log_identifier, log_due;
};

void simulated_store_init(struct simulated_store *store, fate_context *context);
void simulated_store_free(struct simulated_store *store);
/* Answers a store event of the session; a put at the time due, everything else at once. failing: a put fails with FATE_E_FILE. */
int32_t simulated_store_event(struct simulated_store *store, fate_session *session, const fate_event *event, uint64_t due, bool failing);
/* Takes an evidence event, to be durable at the time due. */
int32_t simulated_store_evidence(struct simulated_store *store, const fate_event *event, uint64_t due);
/* Makes a put and evidence durable that are due by now, and completes them. *done: there was one. */
int32_t simulated_store_settle(struct simulated_store *store, fate_session *session, uint64_t now, bool *done);
/* The time at which something is due; UINT64_MAX: nothing is. */
uint64_t simulated_store_due(const struct simulated_store *store);
/* Removes a value, as if a person had. */
void simulated_store_remove(struct simulated_store *store, const char *key);
/* The store of a party; borrowed. */
struct simulated_store *simulator_store(fate_simulator *simulator, uint32_t party);
/* The party was killed: what is not durable yet is lost, but for the first `left` bytes of evidence. */
void simulated_store_crash(struct simulated_store *store, uint64_t left);

#endif
