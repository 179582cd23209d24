/* One party of a vertical-boosting job driven through hooks, its peers stepped inside its wait: one thread, one seed, a clock that only
 * waiting moves. One allocation or one call of a hook fails as planned. */
#ifndef TESTS_SUPPORT_DRIVEN_H
#define TESTS_SUPPORT_DRIVEN_H

#include "src/session/simulated_store.h"
#include "tests/support/allocator.h"
#include "tests/support/boosting_tables.h"

enum driven_call {
    CALL_ALLOCATE,
    CALL_SEND,
    CALL_POLL,
    CALL_WAIT,
    CALL_CLOSE,
    CALL_FLUSH,
    CALL_PROVED,
    CALL_PUT,
    CALL_GET,
    CALL_DELETE,
    CALL_LIST,
    CALL_PROGRESS,
    CALL_METRIC,
    CALL_WARNING,
    CALL_PEER_CHANGED,
    CALL_TICK,
    CALL_RECORD_READ,
    CALL_RECORD_APPEND,
    CALLS
};

const char *driven_call_name(enum driven_call call);

/* What fails: the call with this number (from 0), and every later one if so said. number -1: nothing. */
struct driven_fault {
    enum driven_call call;
    long long number;
    bool from_then_on;
    int32_t code; /* what the hook returns */
};

/* A job, its tables, and what its runs must give: made once, used by many runs. */
struct driven_world {
    const struct boosting_case *from;
    uint32_t count;
    uint32_t threads; /* of the driven party's context */
    bool evidence;    /* the driven party keeps a log */
    fate_context *context;
    char text[4096];
    fate_job *job;
    fate_identity *identities[BOOSTING_PARTIES_MOST];
    fate_table *tables[BOOSTING_PARTIES_MOST], *validations[BOOSTING_PARTIES_MOST];
    fate_model *models[BOOSTING_PARTIES_MOST];
    uint8_t *bytes[BOOSTING_PARTIES_MOST]; /* the models' */
    uint64_t lengths[BOOSTING_PARTIES_MOST];
    fate_scores *scores;
};

/* Party 0 is the guest. false: it cannot be made; driven_world_free all the same. */
bool driven_world_make(struct driven_world *world, const struct boosting_case *from);
void driven_world_free(struct driven_world *world);

struct driven_peer {
    fate_session *session;
    struct simulated_store store;
    int32_t result;
};

struct driven {
    const struct driven_world *world;
    uint32_t party;
    int32_t purpose;
    struct driven_fault fault;
    long long calls[CALLS]; /* in the last run; allocations too */
    bool hit;               /* the fault came up */
    struct test_allocator allocator;
    fate_store *store;
    struct buffer log; /* evidence */
    struct driven_peer peers[BOOSTING_PARTIES_MOST];
    struct driven_frame *frames;
    uint64_t now, attempts;
    struct buffer *trace; /* from, to and length of every frame that is sent; NULL: not wanted */
    uint64_t seed;        /* another one: other random numbers */
    char sentence[1024];  /* of the last run's error */
    const char *wrong;    /* what a run must never do, and did; NULL: nothing */
};

/* A job of that purpose is about to begin, with empty stores. */
bool driven_begin(struct driven *run, const struct driven_world *world, uint32_t party, int32_t purpose);
void driven_end(struct driven *run);

/* Runs the party from a context of its own to the end of its job, with a fault. Peers that have ended are made anew first, the others
 * go on, unless anew: then every one is killed and made anew. After FATE_OK model or scores were compared. Everything the party made
 * is freed; driven.wrong says what was left behind or differs. */
int32_t driven_run(struct driven *run, struct driven_fault fault, bool anew);

#endif
