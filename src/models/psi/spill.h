/* The exchange for sets that do not fit into the memory that the job allows: masked ids, with the numbers of the rows that they come from, go
 * through the party's store in buckets. What is sent, and so what is found, is the same. The state is stored after each run, so that a party that
 * was killed goes on from there; when all is found, the order of the own ids and the matches come back into memory, and the steps that follow are
 * those of party.c, guest.c and host.c. */
#ifndef SRC_MODELS_PSI_SPILL_H
#define SRC_MODELS_PSI_SPILL_H

#include "src/models/psi/buckets.h"
#include "src/models/psi/party.h"

enum { SPILL_OWN = EXCHANGE_ELEMENT + 4, SPILL_TAG = EXCHANGE_TAG + 4, SPILL_MATCH = 4, SPILL_SETS = 1 + 2 * PSI_HOSTS_MOST };

/* From which follows what stands in the store, and under which names. Kept there too, so that what a run has left behind can be removed. */
struct spill_plan {
    uint64_t memory; /* of one set */
    uint64_t own;
    uint32_t peers;
    uint64_t counts[PSI_HOSTS_MOST];
};

void spill_plan_write(const struct spill_plan *plan, struct buffer *out);
bool spill_plan_read(struct spill_plan *plan, const uint8_t *bytes, uint64_t length);
/* The sets are numbered: own ids, then for each peer its ids and the matches. */
uint32_t spill_plan_sets(const struct spill_plan *plan);
int32_t spill_plan_set(const struct spill_plan *plan, uint32_t set, struct buckets *buckets, fate_context *context, const char *name);

struct spill {
    char name[BUCKETS_NAME / 2];
    struct spill_plan plan;
    struct buckets sets[SPILL_SETS];
    uint32_t bucket[PSI_HOSTS_MOST]; /* in which the comparison with a peer's ids is */
    uint64_t since[PSI_HOSTS_MOST];  /* ids returned by a peer since the state was stored */
    bool keyed;                      /* the scalar is drawn */
    bool begun;                      /* a part was checked */
    uint64_t item;                   /* and compared up to here */
    bool stored;                     /* the plan is in the store, or was removed from it */
    struct spill_plan old;           /* what is being removed, and how far that is */
    bool removing;
    uint32_t set, run, which;
};

/* About how many bytes the exchange would take without a store; and whether that is more than the job allows. */
uint64_t spill_need(const struct psi_party *party);
/* After the sizes: goes on with the rows below, when more memory is needed than the job allows and there is a store. */
int32_t spill_begin(fate_turn *turn, struct psi_party *party);
int32_t spill_save(fate_turn *turn, const struct psi_party *party);
int32_t spill_load(fate_turn *turn, struct psi_party *party, const uint8_t *bytes, uint64_t length);
void spill_free(struct psi_party *party);
/* The result is made: it is stored, then what was spilled is removed, and the job ends. */
int32_t spill_finish(fate_turn *turn, const struct psi_party *party);

/* Steps of both roles, a host's with spill_send after spill_take and spill_return before spill_compare. */
int32_t spill_clear(fate_turn *turn, void *state);
int32_t spill_mask(fate_turn *turn, void *state);
int32_t spill_send(fate_turn *turn, void *state);
int32_t spill_take(fate_turn *turn, void *state);
int32_t spill_compare(fate_turn *turn, void *state);
int32_t spill_return(fate_turn *turn, void *state);
int32_t spill_recall(fate_turn *turn, void *state);
int32_t spill_remove(fate_turn *turn, void *state);

#endif
