/* A host of a training run: columns and conditions of its own, sums of ciphertexts that it cannot read. */
#ifndef SRC_MODELS_BOOSTING_HOST_H
#define SRC_MODELS_BOOSTING_HOST_H

#include <fate/encryption.h>
#include "src/models/boosting/columns.h"
#include "src/models/boosting/conditions.h"
#include "src/models/boosting/growth.h"
#include "src/models/boosting/model.h"
#include "src/models/boosting/packing.h"

/* A run of one column's cells, cells being (summed node, bin): what is added up, packed and sent together. */
struct host_chunk {
    uint32_t number; /* of the column, secret numbering */
    uint32_t first, cells;
    fate_ciphertexts *bins; /* NULL until rows are added */
};

struct host {
    fate_context *context;
    struct boosting_parameters parameters;
    const fate_table *table, *validation;
    uint32_t guest; /* its number in the job */
    struct columns columns;
    struct growth growth;
    struct conditions conditions;
    struct boosting_model model;
    uint32_t *real;   /* secret: for each number, the column in the table's order */
    uint32_t *bins;   /* for each number, bins of that column */
    uint8_t *sampled; /* columns of this level, in the table's order */
    fate_public_key *key;
    uint8_t *key_bytes; /* as the guest sent it: for the stored state */
    uint64_t key_length;
    struct packing packing;
    fate_ciphertexts *gradients; /* of the sampled rows */
    uint64_t gradient_rows;      /* come in so far */
    uint8_t *goes_left;          /* one byte for each row */
    struct host_chunk *chunks;   /* of the level */
    uint64_t chunk_count;
    uint32_t tree;
    uint64_t rows_done;
    /* where a step is that works in pieces */
    uint64_t position;   /* chunk, or row */
    uint64_t chunk_rows; /* sampled rows that the chunk at position has been given */
    bool part_open;      /* a part of gradients is being added */
};

int32_t host_start(fate_turn *turn, void **state);
int32_t host_save(fate_turn *turn, const void *state);
int32_t host_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
void host_stop(fate_context *context, void *state);

/* Steps, in the order of the table. */
int32_t host_bin(fate_turn *turn, void *state);
int32_t host_setup(fate_turn *turn, void *state);
int32_t host_round(fate_turn *turn, void *state);
int32_t host_add(fate_turn *turn, void *state);
int32_t host_sum(fate_turn *turn, void *state);
int32_t host_split(fate_turn *turn, void *state);
int32_t host_children(fate_turn *turn, void *state);
int32_t host_outcomes(fate_turn *turn, void *state);

/* Between the host's files. */

/* Numbers the columns by a permutation from the run's seed. */
int32_t host_number_columns(fate_turn *turn, struct host *host);
/* Takes a public key and makes the packing. FATE_E_KEY, FATE_E_FORMAT: it is none that this job allows. */
int32_t host_take_key(struct host *host, const uint8_t *bytes, uint64_t length);
/* Plans the chunks of the level. */
int32_t host_begin_level(fate_turn *turn, struct host *host);
void host_free_chunks(struct host *host);

#endif
