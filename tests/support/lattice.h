/* Both sides of the lattice cipher on random tables: bins of a host, numbers of a guest, and the sums that must come out. */
#ifndef TESTS_SUPPORT_LATTICE_H
#define TESTS_SUPPORT_LATTICE_H

#include "lib/random.h"
#include "src/crypto/lattice_sum.h"
#include "src/crypto/lattice_vector.h"

enum { LATTICE_JOB_GROUP = 7 /* columns of a group */ };

struct lattice_job {
    fate_context *context;
    struct random_stream random;
    struct lattice_plan plan;
    struct lattice_public public_part;
    uint8_t guest_seed[LATTICE_SEED], host_seed[LATTICE_SEED];
    uint32_t group_count;
    struct lattice_group *groups;
    uint16_t *index;  /* of all groups */
    uint32_t *starts; /* of all groups */
    uint8_t *hint_bytes;
    struct lattice_hint hint;
    struct lattice_blinding blinding;
};

/* Draws bins for each row and column, of at most most_bins a column, some of them without rows, and carries out the coin toss and the hint.
 * kernel: NULL for the context's. Returns the first result that is not FATE_OK. The job is freed in any case by lattice_job_free. */
int32_t lattice_job_make(struct lattice_job *job, fate_context *context, const struct lattice_profile *profile, uint64_t rows,
                         uint32_t columns, uint32_t most_bins, uint32_t bits, uint64_t seed, const struct lattice_kernel *kernel);
/* As lattice_job_make, but changes the plan before it is used: guards off, or other bytes of a reply. NULL: does not. */
int32_t lattice_job_make_with(struct lattice_job *job, fate_context *context, const struct lattice_profile *profile, uint64_t rows,
                              uint32_t columns, uint32_t most_bins, uint32_t bits, uint64_t seed, const struct lattice_kernel *kernel,
                              void (*change)(struct lattice_plan *plan));
void lattice_job_free(struct lattice_job *job);
/* rows numbers each of so many vectors, as large as the plan's bits allow. NULL: out of memory. Freed with free. */
int32_t *lattice_job_values(struct lattice_job *job, uint32_t vectors);
/* The sums of the values over each bin: sums[vector * bins + bin]. */
void lattice_job_expected(const struct lattice_job *job, const int32_t *values, uint32_t vectors, int64_t *sums);
/* What both sides hold while up to LATTICE_MOST_VECTORS vectors are added up. */
struct lattice_round {
    uint32_t vectors;
    uint64_t length;          /* of an encrypted vector */
    uint8_t *bytes, *replies; /* vectors * length; vectors * bins * plan.reply_bytes */
    uint64_t *sums, *bins;
    struct lattice_word *pads; /* vectors * bins */
    struct lattice_rows rows;
    struct lattice_secret secrets[LATTICE_MOST_VECTORS];
};

/* Encrypts, adds up, replies for all bins and makes the pads. Freed in any case. */
int32_t lattice_round_make(struct lattice_job *job, struct lattice_round *round, const int32_t *values, uint32_t vectors, uint64_t number);
void lattice_round_free(struct lattice_job *job, struct lattice_round *round);
/* A round, opened: sums[vector * bins + bin]. */
int32_t lattice_job_sum(struct lattice_job *job, const int32_t *values, uint32_t vectors, uint64_t number, int64_t *sums);
/* A small profile for tests, of degree 64; no security at all. */
const struct lattice_profile *lattice_small(void);
/* The same, made of the profile of this name. */
const struct lattice_profile *lattice_small_of(const char *name);

#endif
