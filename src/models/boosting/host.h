/* A host of a training run: columns and conditions of its own, sums of ciphertexts that it cannot read. */
#ifndef SRC_MODELS_BOOSTING_HOST_H
#define SRC_MODELS_BOOSTING_HOST_H

#include <fate/encryption.h>
#include "lib/bytes.h"
#include "src/models/boosting/columns.h"
#include "src/models/boosting/conditions.h"
#include "src/models/boosting/earlier.h"
#include "src/models/boosting/folds.h"
#include "src/models/boosting/growth.h"
#include "src/models/boosting/joint_bins.h"
#include "src/models/boosting/model.h"
#include "src/models/boosting/packing.h"

/* Columns that are added up together, into joint cells: those of each summed node in turn. */
struct host_group {
    struct joint_group joint; /* of the level's columns */
    uint64_t first_cell;      /* within sums, while the group is in the batch */
};

struct host {
    fate_context *context;
    struct boosting_parameters parameters;
    const fate_table *table, *validation;
    uint32_t guest; /* its number in the job */
    struct columns columns;
    struct growth growth;
    struct folds folds;
    struct conditions conditions;
    struct boosting_model model;
    struct earlier earlier;
    uint8_t numbering[32]; /* secret: the columns' numbers follow from it */
    uint32_t *real;        /* secret: for each number, the column in the table's order */
    uint32_t *bins;        /* for each number, bins of that column */
    uint8_t *sampled;      /* columns of this level, in the table's order */
    fate_public_key *key;
    uint8_t *key_bytes; /* as the guest sent it: for the stored state */
    uint64_t key_length;
    struct packing packing;
    struct host_lattice *lattice; /* NULL with the other ciphers */
    fate_ciphertexts *gradients;  /* of the sampled rows: packing.row_ciphertexts each */
    uint64_t gradient_rows;       /* come in so far */
    uint8_t *goes_left;           /* one byte for each row */
    /* the level */
    uint32_t *places; /* where in the sample the rows of its summed nodes stand, ascending */
    uint64_t place_count;
    uint32_t *drawn; /* its columns' numbers, ascending */
    uint32_t drawn_count;
    struct joint_column *level_columns; /* of each drawn column */
    uint32_t *fullest;                  /* of each drawn column and summed node, the fullest bin */
    struct buffer counts;               /* the message of rows by bin */
    struct host_group *groups;
    uint32_t group_count;
    uint32_t batch_first, batch_end; /* groups whose cells are in sums */
    uint32_t slot_first, slot_end;   /* summed nodes whose cells are: all, but for a group that alone has too many cells */
    bool batch_added;                /* they have had all rows */
    fate_ciphertexts *sums;          /* joint cells, packing.row_ciphertexts each; NULL between two batches */
    uint64_t cells_total;            /* sums that are sent: of all bins but the fullest of each column and node */
    uint64_t cells_first;            /* number of the first sum in cells */
    uint64_t cells_count;            /* sums in cells */
    fate_ciphertexts *cells;         /* sums that wait to be packed, packing.row_ciphertexts each; NULL when none do */
    uint32_t tree;
    uint64_t rows_done;
    /* where a step is that works in pieces */
    uint64_t position;     /* column, group, or row */
    uint64_t batch_rows;   /* rows of summed nodes that all groups of the batch have been given */
    uint32_t group_column; /* column of that group whose sums are taken */
    uint64_t column_cells; /* how many of them have been */
    bool part_open;        /* a part of gradients is being added */
};

int32_t host_start(fate_turn *turn, void **state);
int32_t host_save(fate_turn *turn, const void *state);
int32_t host_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
void host_stop(fate_context *context, void *state);

/* Steps, in the order of the table. */
int32_t host_bin(fate_turn *turn, void *state);
int32_t host_setup(fate_turn *turn, void *state);
int32_t host_earlier(fate_turn *turn, void *state);
int32_t host_round(fate_turn *turn, void *state);
int32_t host_count(fate_turn *turn, void *state);
int32_t host_add(fate_turn *turn, void *state);
int32_t host_sum(fate_turn *turn, void *state);
int32_t host_split(fate_turn *turn, void *state);
int32_t host_children(fate_turn *turn, void *state);
int32_t host_outcomes(fate_turn *turn, void *state);

/* Between the host's files. */

/* Numbers the columns by the permutation that follows from host->numbering. */
void host_number_columns(struct host *host);
/* Takes a public key and makes the packing. FATE_E_KEY, FATE_E_FORMAT: it is none that this job allows. */
int32_t host_take_key(struct host *host, const uint8_t *bytes, uint64_t length);
/* Draws the columns of the level. */
int32_t host_begin_level(fate_turn *turn, struct host *host);
void host_free_level(struct host *host);
/* Begins the next batch: as many groups as have cells of no more than room ciphertexts. When not one has room: one, and of a single
 * column as many nodes as have room, at least one. FATE_E_MEMORY, FATE_E_LIMIT. */
int32_t host_begin_batch(struct host *host, uint64_t room);

#endif
