/* Alignments with a stored set for tests: one guest, one host, several alignments over the same stores. */
#ifndef TESTS_SUPPORT_STORED_H
#define TESTS_SUPPORT_STORED_H

#include "src/session/simulated_store.h"
#include "tests/support/psi.h"

struct stored_world {
    fate_context *context;
    fate_simulator *simulator;
    fate_table *tables[2];
    uint64_t date;
};

/* A job with these parameters; window and durability are set. date: seconds since 1970. */
void stored_world_make(struct stored_world *world, const char *parameters, const char *duplicates, uint64_t seed, fate_context *context);
void stored_world_free(struct stored_world *world);
/* Gives a party the ids 0, step, 2 step, ... below end; with repeated, every third stands in two rows. */
void stored_world_set_ids(struct stored_world *world, uint32_t party, uint32_t end, uint32_t step, bool repeated);
/* The next alignment: both parties begin anew, over what their stores keep. After the first one. */
void stored_world_again(struct stored_world *world);
/* Runs the alignment to its end. Returns the result of the run, the sentence on the context. */
int32_t stored_world_run(const struct stored_world *world);
/* NULL: both alignments are what one process finds; else what is wrong. */
const char *stored_world_check(const struct stored_world *world, bool left);
/* Bytes of a message that a party has sent in the alignment that is over. */
uint64_t stored_world_sent(const struct stored_world *world, uint32_t party, const char *message);

#endif
