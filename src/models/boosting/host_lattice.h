/* Experimental: what a host keeps where the cipher is lattice. It knows neither samples nor which rows nodes have: its growth has no rows. */
#ifndef SRC_MODELS_BOOSTING_HOST_LATTICE_H
#define SRC_MODELS_BOOSTING_HOST_LATTICE_H

#include "src/crypto/lattice_sum.h"
#include "src/models/boosting/host.h"
#include "src/models/boosting/lattice_kept.h"
#include "src/models/boosting/lattice_messages.h"
#include "src/models/boosting/lattice_terms.h"

struct host_lattice {
    struct lattice_terms terms;
    struct lattice_toss toss;
    struct lattice_kept kept; /* with lattice_vectors */
    uint8_t binding[LATTICE_SEED];
    struct lattice_said said;
    uint8_t hint_seed[LATTICE_SEED]; /* secret: the blinding follows from it */
    struct lattice_plan plan;        /* not made where there are no columns; nor is what follows */
    struct lattice_public public_part;
    struct lattice_blinding blinding;
    struct lattice_group *groups; /* of the columns that are listed */
    uint32_t group_count;
    uint32_t *listed; /* numbers of columns, ascending: all of them for the hint, then those that the level may use */
    uint32_t listed_count;
    uint64_t listed_bins;
    uint16_t *index;   /* of all groups */
    uint32_t *starts;  /* of all groups */
    uint64_t *offsets; /* of each column's bins in the hint, by number */
    uint64_t *places;  /* of listed columns' bins among those of the groups, by number */
    uint32_t *fullest; /* of each column over all rows, by number */
    bool begun;        /* the first part of the hint or of the replies is sent, or that of the level's vectors has come */
    uint64_t position; /* bins of the hint that are sent */
    uint64_t used;     /* numbers of vectors: none comes twice */
    uint64_t limit;    /* those of this training are below it */
    /* the level */
    uint64_t first, vectors; /* numbers of its vectors */
    uint64_t pass;           /* the first vector of those that are added up together */
    uint64_t vector, item;   /* of the part that comes next, or of the reply that is sent next */
    uint8_t *bytes;          /* vectors of the pass, as they come */
    bool adding;             /* they are all there */
    struct lattice_rows rows;
    uint64_t *sums;
    uint32_t group; /* the next to be added up */
    uint64_t *bins; /* those that are answered, ascending */
    uint64_t *bin_places;
    uint64_t bin_count;
    uint8_t *replies; /* vectors * bin_count of them */
    struct node_rows node_rows;
};

/* Makes what a job with this cipher needs, and checks that it fits: when the columns are binned and numbered. */
int32_t host_lattice_make(struct host *host);
void host_lattice_free(struct host *host);
void host_lattice_free_level(struct host *host);
/* Lists the columns that the level may use, and groups them where others were listed before. FATE_E_MEMORY. */
int32_t host_lattice_list(struct host *host);
/* With lattice_vectors, when the columns are binned: looks for a kept hint of the same rows and bins, and takes its numbering of columns; what is kept
 * is compared in the next steps. FATE_AGAIN until it is read. At the end of the training: stores how many vectors there were; FATE_AGAIN. */
int32_t host_lattice_find(fate_turn *turn, struct host *host);
int32_t host_lattice_say(fate_turn *turn, const struct host *host);
int32_t host_lattice_end(fate_turn *turn, struct host *host);
/* For the stored state, between trees. host_lattice_load makes again what follows from the public seed. FATE_E_STORE. */
void host_lattice_save(const struct host *host, struct buffer *bytes);
int32_t host_lattice_load(struct host *host, struct reader *reader);

/* Steps. */
int32_t host_commit(fate_turn *turn, void *state);
int32_t host_commitments(fate_turn *turn, void *state);
int32_t host_nonces(fate_turn *turn, void *state);
int32_t host_hint(fate_turn *turn, void *state);
int32_t host_vectors(fate_turn *turn, void *state);
int32_t host_reply(fate_turn *turn, void *state);
int32_t host_node_rows(fate_turn *turn, void *state);
int32_t host_choice(fate_turn *turn, void *state);

#endif
