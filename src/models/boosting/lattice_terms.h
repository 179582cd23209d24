/* Experimental: what a job asks of the lattice cipher, and the coin toss of its parties for the cipher's public seed. All of it goes through the
 * guest: hosts send commitments, the guest all parties' commitments, hosts their nonces, the guest all nonces. */
#ifndef SRC_MODELS_BOOSTING_LATTICE_TERMS_H
#define SRC_MODELS_BOOSTING_LATTICE_TERMS_H

#include <fate/protocol.h>
#include "src/crypto/lattice_public.h"
#include "src/models/boosting/parameters.h"

struct lattice_terms {
    struct lattice_profile profile; /* the job's; in test builds whose contexts accept small keys, one of degree 64 */
    uint64_t rows;
    uint64_t vectors; /* the most that the job can ask for */
    uint64_t most;    /* under one hint, in this training and others */
    uint32_t bits;    /* of a sum over all rows */
};

/* The terms of a job with this cipher on tables of so many rows. */
void lattice_terms_make(const fate_context *context, struct lattice_terms *terms, const struct boosting_parameters *parameters,
                        uint64_t rows);
/* The plan for a host with so many columns and bins, at least one of each; terms must outlive it. Errors as lattice_plan_make. */
int32_t lattice_terms_plan(fate_context *context, const struct lattice_terms *terms, uint64_t columns, uint64_t bins,
                           struct lattice_plan *plan);

struct lattice_toss {
    fate_context *context;
    uint32_t parties;
    uint8_t subject[LATTICE_SEED]; /* a digest of run, job, rows and terms */
    uint8_t *commitments;          /* of all parties */
    uint8_t *nonces;
    uint8_t seed[LATTICE_SEED]; /* what came out */
};

/* Begins a toss with this party's nonce, which follows from the run's seed, and its commitment to it. toss: zeroed before. FATE_E_MEMORY. */
int32_t lattice_toss_begin(fate_turn *turn, struct lattice_toss *toss, const struct lattice_terms *terms, const fate_table *table);
void lattice_toss_free(struct lattice_toss *toss);
uint8_t *lattice_toss_commitment(const struct lattice_toss *toss, uint32_t party);
uint8_t *lattice_toss_nonce(const struct lattice_toss *toss, uint32_t party);
/* What all have committed to, or the nonces of all, from the guest. FATE_E_PROTOCOL: not so many bytes, or this party's are others than its own. */
int32_t lattice_toss_take(struct lattice_toss *toss, bool nonces, uint32_t own, const uint8_t *bytes, uint64_t length);
/* When all nonces are there: the seed. FATE_E_PROTOCOL: one is not what its party committed to. */
int32_t lattice_toss_end(struct lattice_toss *toss);

#endif
