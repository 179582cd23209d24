/* The guest of a training run: labels, its own columns, the key, the choice of splits and the model's weights. */
#ifndef SRC_MODELS_BOOSTING_GUEST_H
#define SRC_MODELS_BOOSTING_GUEST_H

#include <fate/encryption.h>
#include "src/models/boosting/columns.h"
#include "src/models/boosting/conditions.h"
#include "src/models/boosting/earlier.h"
#include "src/models/early_stopping.h"
#include "src/models/boosting/folds.h"
#include "src/models/boosting/growth.h"
#include "src/models/boosting/joint_bins.h"
#include "src/models/boosting/margins.h"
#include "src/models/boosting/messages.h"
#include "src/models/boosting/model.h"
#include "src/models/boosting/packing.h"

/* One party's columns as the guest sees them: its own, or a host's under their secret numbers. */
struct guest_party {
    uint32_t party; /* its number in the job */
    bool own;
    uint32_t count; /* columns */
    struct column_shape *shapes;
    uint32_t *bins;    /* of each column */
    uint64_t *offsets; /* where each column's bins begin within a node's sums */
    uint64_t total_bins;
    uint8_t *sampled;     /* the columns of this tree, or of this level; a host's are known when its histograms have come */
    struct bin_sum *sums; /* of the level, node after node */
    struct bin_sum *parent_sums;
    uint32_t *model_number; /* host: number of each column in the model, by first use; 0: none yet */
    uint32_t model_numbers;
    /* the sums that are coming in */
    uint32_t *fullest;   /* of each column and summed node, the fullest bin */
    uint64_t cells;      /* sums of the level */
    uint64_t cells_done; /* come in so far */
    uint32_t column;     /* of the next sum */
    uint32_t slot;       /* its node, among the summed ones */
    uint32_t bin;
    /* outcomes on the validation table */
    uint32_t conditions; /* how many of this tree's nodes are this host's */
    uint8_t *outcomes;
    uint64_t outcome_rows; /* come in so far */
};

/* What the guest knows of a node. */
struct guest_node {
    struct weight_range range;
    bool split;
    bool host;          /* a host has the condition */
    uint32_t owner;     /* index into parties */
    uint32_t condition; /* host: number of the node among that host's conditions of this tree */
    uint64_t tie_first; /* candidates that are as good as any: the owner's */
    uint32_t tie_count;
    uint32_t column; /* the one that was taken */
    struct split_candidate candidate;
};

struct guest_tie {
    uint32_t column;
    struct split_candidate candidate;
};

struct guest {
    fate_context *context;
    struct boosting_parameters parameters;
    const fate_table *table, *validation;
    struct guest_party *parties; /* in the job's order */
    uint32_t party_count, own, host_count;
    struct columns columns;
    struct growth growth;
    struct conditions conditions;
    struct boosting_model model;
    struct earlier earlier;
    struct early_stopping stopping;
    struct margins margins, validation_margins;
    struct folds folds;
    struct gradient_pair *pairs;
    struct gain_terms terms;
    fate_secret_key *key; /* secret; NULL until it is needed */
    fate_public_key *public_key;
    struct packing packing;
    struct guest_lattice *lattice; /* NULL with the other ciphers */
    struct guest_node *nodes;      /* of the tree */
    struct bin_sum *totals;        /* of the nodes: tree_outputs each */
    uint64_t node_capacity;
    uint8_t *taken;         /* of each node so far: its split is made; leaf-wise, also whether it stays */
    struct guest_tie *ties; /* of the level */
    uint64_t tie_count, tie_capacity;
    uint32_t *order;    /* scratch of the gain search: as many numbers as the largest column has bins */
    uint8_t *left;      /* likewise, bytes */
    uint8_t *goes_left; /* one byte for each row */
    uint32_t tree;      /* its number; trees that are done */
    bool directed;      /* some column has a direction */
    bool shared;        /* hosts take part in this tree */
    bool stopped;       /* early stopping said so */
    uint64_t rows_done;
    /* where a step is that works in pieces */
    uint64_t position;
    fate_ciphertexts *part; /* gradients: being encrypted; histograms: being decrypted */
    uint64_t part_rows;     /* gradients: rows of the part */
    uint64_t part_done;     /* gradients: rows; histograms: ciphertexts */
};

int32_t guest_start(fate_turn *turn, void **state);
int32_t guest_save(fate_turn *turn, const void *state);
int32_t guest_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
void guest_stop(fate_context *context, void *state);

/* Steps, in the order of the table. */
int32_t guest_bin(fate_turn *turn, void *state);
int32_t guest_compare(fate_turn *turn, void *state);
int32_t guest_setup(fate_turn *turn, void *state);
int32_t guest_earlier(fate_turn *turn, void *state);
int32_t guest_continue(fate_turn *turn, void *state);
int32_t guest_begin(fate_turn *turn, void *state);
int32_t guest_encrypt(fate_turn *turn, void *state);
int32_t guest_sum(fate_turn *turn, void *state);
int32_t guest_count(fate_turn *turn, void *state);
int32_t guest_collect(fate_turn *turn, void *state);
int32_t guest_choose(fate_turn *turn, void *state);
int32_t guest_partition(fate_turn *turn, void *state);
int32_t guest_assign(fate_turn *turn, void *state);
int32_t guest_leaves(fate_turn *turn, void *state);
int32_t guest_outcomes(fate_turn *turn, void *state);
int32_t guest_judge(fate_turn *turn, void *state);
int32_t guest_end(fate_turn *turn, void *state);

/* Between the guest's files. */

/* Sets a party's columns: shapes are copied, everything that follows from them is made. FATE_E_MEMORY. */
int32_t guest_set_columns(struct guest *guest, struct guest_party *party, const struct column_shape *shapes, uint32_t count);
/* When all is set up: goes on with the first tree, or with the leaves of the earlier ones. */
int32_t guest_begin_trees(fate_turn *turn, struct guest *guest);
/* What a weight below a node may be; NULL where no column has a direction. */
const struct weight_range *guest_range(const struct guest *guest, uint32_t node);
/* Holds what a host says of its earlier model against the guest's own, and takes the numbers of its columns there, which guest_set_columns has set to
 * none. FATE_E_MODEL, FATE_E_PROTOCOL. */
int32_t guest_compare_earlier(fate_turn *turn, struct guest *guest, struct guest_party *host, const message_columns *message);
/* Scratch for the gain search, once all parties' columns are known. FATE_E_MEMORY. */
int32_t guest_make_scratch(struct guest *guest);
/* The key pair and the packing, made again from the run's seed when they are not there. */
int32_t guest_make_key(fate_turn *turn, struct guest *guest);
/* Settles which of the splits found at the level are made. FATE_E_MEMORY. */
int32_t guest_settle_splits(struct guest *guest);
/* Ends the growth of a tree: takes back what leaf-wise growth does not keep, writes the splits into the model, numbers the hosts' conditions. */
int32_t guest_record_tree(struct guest *guest);
/* Room for the sums of the level; those of the level before are kept for the differences. */
int32_t guest_begin_level(fate_turn *turn, struct guest *guest);
int32_t guest_progress(fate_turn *turn, const struct guest *guest);
/* Makes room for so many nodes. FATE_E_MEMORY. */
int32_t guest_reserve_nodes(struct guest *guest, uint64_t count);
/* The total of a node: tree_outputs sums. */
struct bin_sum *guest_total(const struct guest *guest, uint32_t node);
/* Adds up a node's rows for its total. */
void guest_add_total(struct guest *guest, uint32_t node);
/* The fullest bin of a host's column at a summed node. */
uint32_t *guest_fullest(const struct guest *guest, const struct guest_party *host, uint32_t column, uint32_t slot);
/* The sums of a column at a node of the level. */
struct bin_sum *guest_sums(const struct guest *guest, const struct guest_party *party, uint32_t node, uint32_t column);

#endif
