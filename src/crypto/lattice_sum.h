/* The adding side of the lattice cipher: its hint, sums of encrypted rows over bins, and replies. */
#ifndef CRYPTO_LATTICE_SUM_H
#define CRYPTO_LATTICE_SUM_H

#include "src/crypto/lattice_public.h"

/* Columns whose bins are added up together: as many as keep their cells in the first cache. */
struct lattice_group {
    const uint16_t *index;  /* rows * columns: the bin of each row and column, from 0 at the group's first bin */
    const uint32_t *starts; /* columns + 1, ascending: the bins of column c are from starts[c] up to, not including, starts[c + 1] */
    uint32_t columns;
    uint64_t first_bin; /* of all the plan's, or of those that are added up where only some columns are */
};

/* What blinds a hint and the replies under it. It is secret. */
struct lattice_blinding {
    uint64_t bins;
    uint32_t degree;
    int8_t *reversed;                /* bins * degree: of r, as lattice_secret has s */
    uint8_t noise_key[LATTICE_SEED]; /* of e1 */
    uint8_t seed[LATTICE_SEED];      /* of the floods: of these bins, under this hint */
};

/* Draws the blinding of the hint of all groups (freed with lattice_blinding_free). secret_seed: LATTICE_SEED bytes, stored by the caller before
 * anything is sent; what is drawn depends on the bins and on the public seed besides, so that no r serves two hints. The same seeds and bins give
 * the same again. Uses the context's threads. FATE_E_ARGUMENT: the groups are not the plan's bins in order, or a row's bin is not of its
 * column; FATE_E_MEMORY. */
int32_t lattice_blinding_make(fate_context *context, const struct lattice_public *public_part, const uint8_t *secret_seed,
                              const struct lattice_group *groups, uint32_t group_count, struct lattice_blinding *blinding);
/* Makes the hint of `count` bins from bin `first` on, at least one, all of the plan's. groups: those of lattice_blinding_make. bytes: count * n *
 * profile->bytes; they do not depend on which bins are made together. Uses the context's threads; time depends on the bins. FATE_E_MEMORY. */
int32_t lattice_hint_make(fate_context *context, const struct lattice_public *public_part, const struct lattice_group *groups,
                          uint32_t group_count, const struct lattice_blinding *blinding, uint64_t first, uint64_t count, uint8_t *bytes);
void lattice_blinding_free(fate_context *context, struct lattice_blinding *blinding);

/* Numbers of 64 bits of a row, or of a bin, for so many vectors: limbs of each, padded to a multiple of four. */
uint32_t lattice_stride(const struct lattice_profile *profile, uint32_t vectors);

/* Encrypted vectors side by side, as they are added up. */
struct lattice_rows {
    const struct lattice_plan *plan;
    uint32_t vectors;
    uint32_t stride;
    uint64_t *rows;  /* rows * stride */
    int16_t *planes; /* vectors * planes * degree: of b' */
    uint8_t floods[LATTICE_MOST_VECTORS][LATTICE_SEED];
};

/* vectors: 1 to LATTICE_MOST_VECTORS, empty. FATE_E_MEMORY. */
int32_t lattice_rows_new(fate_context *context, struct lattice_rows *rows, const struct lattice_plan *plan, uint32_t vectors);
void lattice_rows_free(fate_context *context, struct lattice_rows *rows);
/* A whole vector, as lattice_encrypt wrote it; its length was checked by the caller. */
struct lattice_sent {
    uint64_t number;
    uint32_t attempt;
    const uint8_t *bytes;
};

/* Takes in all vectors. The flood of a vector's replies depends on its bytes, so that another content under the same number gets another one.
 * FATE_E_MEMORY. */
int32_t lattice_rows_take(fate_context *context, struct lattice_rows *rows, const struct lattice_blinding *blinding,
                          const struct lattice_sent *vectors);
/* sums: bins * stride numbers, all groups, best from lattice_allocate: what they held is overwritten. Uses the context's threads, a group each. */
int32_t lattice_add(fate_context *context, const struct lattice_rows *rows, const struct lattice_kernel *kernel,
                    const struct lattice_group *groups, uint32_t group_count, uint64_t *sums);
/* Blinded, flooded and cut replies: vector after vector, the bins bins[0], ..., bins[count-1] of each. places: where each one's sums stand, in the
 * groups that were added up; NULL: where the hint has it. bytes: vectors * count * plan->reply_bytes. Constant-time in what is secret. Uses the
 * context's threads. FATE_E_MEMORY. */
int32_t lattice_reply(fate_context *context, const struct lattice_rows *rows, const struct lattice_kernel *kernel,
                      const struct lattice_blinding *blinding, const uint64_t *sums, const uint64_t *bins, const uint64_t *places,
                      uint64_t count, uint8_t *bytes);

#endif
