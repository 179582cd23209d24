/* The keys of one party for one round of secure aggregation, and what two parties derive from them (Bonawitz et al., Practical secure aggregation,
 * CCS 2017, figure 4): a key pair for letters, a key pair for masks, and the seed of the party's own mask. All are fresh for every run
 * and round and follow from a secret seed, so that a restarted party makes the same ones. */
#ifndef SRC_MODELS_AGGREGATION_ROUND_KEYS_H
#define SRC_MODELS_AGGREGATION_ROUND_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/crypto/masking.h"
#include "src/crypto/sharing.h"

enum { ROUND_KEY = 32, ROUND_LETTER = 2 * SHARING_SECRET, ROUND_SEALED = ROUND_LETTER + 16, ROUND_NOTE = 16 };
enum round_note {
    NOTE_MASKED, /* the sender's vector has the mask between the two */
    NOTE_TOLD    /* the sender was told that the receiver stays, and so reveals nothing but its own mask */
};

struct round_secrets {
    uint8_t letter[ROUND_KEY], mask[ROUND_KEY]; /* X25519 */
    uint8_t own[SHARING_SECRET];                /* seed of the own mask */
};

/* What others know of them. */
struct round_keys {
    uint8_t letter[ROUND_KEY], mask[ROUND_KEY];
    uint8_t commitment[ROUND_KEY]; /* to own */
};

void round_keys_make(struct round_secrets *secrets, struct round_keys *keys, const uint8_t *seed);
void round_commit(uint8_t *commitment, const uint8_t *own);
/* The public half of a secret of key pairs. */
void round_public(uint8_t *key, const uint8_t *secret);

/* Seals a letter from one party to another, and opens it; round, from and to are bound to it. false: a key of small order, or a letter
 * that this sender did not seal. */
bool round_seal(uint8_t *sealed, const uint8_t *letter, const uint8_t *secret, const uint8_t *key, uint64_t round, uint32_t from,
                uint32_t to);
bool round_open(uint8_t *letter, const uint8_t *sealed, const uint8_t *secret, const uint8_t *key, uint64_t round, uint32_t from,
                uint32_t to);

/* What one party tells another through the aggregator, who cannot make or alter it. false: a key of small order. */
bool round_note(uint8_t *note, enum round_note what, const uint8_t *secret, const uint8_t *key, uint64_t round, uint32_t from, uint32_t to);

/* The mask between two parties, from the mask secret of one and the mask key of the other: the lower of the two adds it, the other subtracts
 * it. owner: whose vector it is for. false: a key of small order. */
bool round_pair_mask(struct mask *mask, const uint8_t *secret, const uint8_t *key, uint64_t round, uint32_t owner, uint32_t other);
/* The own mask, added by the owner; subtracted says that it is taken away. */
void round_own_mask(struct mask *mask, const uint8_t *own, uint64_t round, bool subtracted);

#endif
