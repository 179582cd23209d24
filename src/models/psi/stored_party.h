/* Alignments with a stored set, for sets of unequal sizes. The owner, whose set is the large one, masks its ids once; the holder keeps them. Each
 * run the holder masks its own ids with a scalar of that run, the owner multiplies them by the set's key and returns them in another order, and
 * the holder takes its scalar off again and looks them up: three multiplications for each id of the small set, whatever the size of the large one.
 * Which ids are common is told only when there are enough, as without a stored set. */
#ifndef SRC_MODELS_PSI_STORED_PARTY_H
#define SRC_MODELS_PSI_STORED_PARTY_H

#include "src/models/psi/party.h"
#include "src/models/psi/stored.h"

struct stored {
    bool owner;
    bool decided; /* owner: which set counts; holder: what was said */
    bool fresh;   /* a new set is made in this run */
    char name[STORED_NAME];
    struct stored_owned owned;
    struct stored_held held;
    struct stored_said said;
    uint32_t stage;        /* within a step: what was stored or read so far */
    uint64_t number;       /* the part that is being stored, read or deleted */
    struct buffer waiting; /* holder: items of the set that are not stored yet */
    uint8_t *items;        /* owner: the holder's ids masked by both; holder: its ids under the set's key */
    uint32_t *order;       /* of these by their bytes */
    uint64_t cursor;       /* holder: how far it has looked up, in order */
    uint32_t *found;       /* holder: for each common id its place in order; owner: which of these have come */
    uint32_t *places;      /* holder who is the guest: where these stand among its masked ids */
};

int32_t stored_start(fate_turn *turn, struct psi_party *party);
int32_t stored_save(fate_turn *turn, const struct psi_party *party);
int32_t stored_load(fate_turn *turn, struct psi_party *party, const uint8_t *bytes, uint64_t length);
void stored_free(struct psi_party *party);
/* After the sizes: goes on with the rows of owner or holder. */
int32_t stored_begin(fate_turn *turn, const struct psi_party *party);
/* Both have as many common ids as the holder has found, and there are enough of them. */
int32_t stored_set_common(fate_turn *turn, struct psi_party *party, uint64_t count);

/* The next part of a vector that ascends: checked against how many of total items have come, and against the last of them, which is then that of
 * this part. what: the sentence when it does not ascend. */
int32_t stored_read_part(fate_turn *turn, uint32_t from, struct psi_part *part, uint64_t taken, uint64_t total, uint32_t size,
                         uint8_t *last, const char *what);

/* Steps of the owner (stored_owner.c), in this order; stored_owner_tell_places of a host, stored_owner_take_pairs of a guest. */
int32_t stored_owner_choose(fate_turn *turn, void *state);
int32_t stored_owner_keep(fate_turn *turn, void *state);
int32_t stored_owner_send(fate_turn *turn, void *state);
int32_t stored_owner_take(fate_turn *turn, void *state);
int32_t stored_owner_return(fate_turn *turn, void *state);
int32_t stored_owner_hear_common(fate_turn *turn, void *state);
int32_t stored_owner_tell_places(fate_turn *turn, void *state);
int32_t stored_owner_read_order(fate_turn *turn, void *state);
int32_t stored_owner_take_pairs(fate_turn *turn, void *state);

/* Steps of the holder (stored_holder.c), in this order; stored_holder_take_places of a guest, stored_holder_tell_pairs of a host. */
int32_t stored_holder_say(fate_turn *turn, void *state);
int32_t stored_holder_hear(fate_turn *turn, void *state);
int32_t stored_holder_keep(fate_turn *turn, void *state);
int32_t stored_holder_take(fate_turn *turn, void *state);
int32_t stored_holder_look_up(fate_turn *turn, void *state);
int32_t stored_holder_tell_common(fate_turn *turn, void *state);
int32_t stored_holder_take_places(fate_turn *turn, void *state);
int32_t stored_holder_tell_pairs(fate_turn *turn, void *state);

#endif
