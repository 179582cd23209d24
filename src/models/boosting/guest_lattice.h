/* Experimental: what a guest keeps where the cipher is lattice. */
#ifndef SRC_MODELS_BOOSTING_GUEST_LATTICE_H
#define SRC_MODELS_BOOSTING_GUEST_LATTICE_H

#include "src/crypto/lattice_vector.h"
#include "src/models/boosting/guest.h"
#include "src/models/boosting/lattice_kept.h"
#include "src/models/boosting/lattice_messages.h"
#include "src/models/boosting/lattice_terms.h"

/* Of one host; the same numbers as in guest->parties. */
struct guest_lattice_host {
    struct lattice_plan plan; /* not made where the host has no columns */
    struct lattice_hint hint;
    uint32_t *fullest;  /* of each column, the fullest bin over all rows: the only one without replies */
    bool begun;         /* the first part of the hint, or of the level's replies, has come */
    bool hinted;        /* the last part of the hint */
    uint64_t hint_bins; /* come in, or read from the store, so far */
    uint64_t parts;     /* in the store */
    uint64_t fetched;   /* of them, read again after a restart */
    /* the level's replies */
    uint64_t *bins; /* those that are answered, ascending */
    uint64_t bin_count;
    struct lattice_word *pads; /* vectors * bin_count */
    uint64_t padded;           /* vectors that have theirs */
    uint64_t vector, item;     /* of the next reply */
};

/* What becomes of a kept hint: a new one is made when the old one is removed, its parts before its record. */
enum guest_choice { CHOICE_NONE = 0, CHOICE_KEPT, CHOICE_NEW, CHOICE_SPENT, CHOICE_EMPTY };

struct guest_lattice {
    struct lattice_terms terms;
    struct lattice_toss toss;
    struct lattice_kept kept; /* with lattice_vectors */
    enum guest_choice choice;
    bool recorded;            /* all hints have come: the record is being stored */
    struct lattice_plan plan; /* of vectors, which are the same for all hosts */
    struct lattice_public public_part;
    struct guest_lattice_host *hosts; /* as many as parties */
    bool hints_there;
    uint64_t used; /* numbers of vectors */
    bool counted;  /* the tree's rows are counted by a vector of their own */
    /* the level */
    uint64_t first; /* number of its first vector */
    uint64_t vectors;
    struct lattice_secret *secrets;
    uint64_t vector, item; /* to be sent next */
    int32_t *values;
    uint8_t *bytes; /* room for a head, and the vector that is being sent; NULL: none is */
    bool begun;
};

/* Makes what a job with this cipher needs, and checks that it fits: after the hosts' columns are known. */
int32_t guest_lattice_make(struct guest *guest);
void guest_lattice_free(struct guest *guest);
void guest_lattice_free_level(struct guest *guest);
/* For the stored state, between trees. guest_lattice_load makes what is needed again; hints are read from the store later. FATE_E_STORE. */
void guest_lattice_save(const struct guest *guest, struct buffer *bytes);
int32_t guest_lattice_load(struct guest *guest, struct reader *reader);
/* The hints, after the state was loaded: FATE_AGAIN until they have been read from the store. */
int32_t guest_lattice_fetch(fate_turn *turn, struct guest *guest);
/* Deletes them from the store: FATE_AGAIN until it is done. */
int32_t guest_lattice_forget(fate_turn *turn, struct guest *guest);
/* How many parts they have there, and the fullest bins; and read again: false when they are not such as these parties' can be. The former alone too. */
void guest_lattice_save_hints(const struct guest *guest, struct buffer *bytes);
bool guest_lattice_load_hints(struct guest *guest, struct reader *reader);
bool guest_lattice_load_parts(struct guest *guest, struct reader *reader);
/* With lattice_vectors, when all hints are in the store: keeps what a further training needs of them. FATE_AGAIN until that is stored. */
int32_t guest_kept_record(fate_turn *turn, struct guest *guest);
/* At the end of the training: deletes them from the store or, with lattice_vectors, stores how many vectors there were. FATE_AGAIN until it is done. */
int32_t guest_lattice_end(fate_turn *turn, struct guest *guest);
/* Decides whether the tree's rows are counted. */
void guest_lattice_begin_tree(struct guest *guest);
/* Vectors of a node. */
uint32_t guest_lattice_node_vectors(const struct guest *guest);

/* Where rows are not counted, a bin has 1 or 0 for a count: whether it has rows at all. That follows from the hessians, none of whose rows' are 0 in
 * all outputs. Where they are, the fullest bin has what the others leave of total. false: no rows give such sums. */
bool guest_lattice_count(const struct guest *guest, struct bin_sum *sums, uint32_t bins, uint32_t fullest, const struct bin_sum *total);
/* The same of the sibling's sums, which are differences. */
bool guest_lattice_count_difference(const struct guest *guest, struct bin_sum *sums, uint32_t bins);
/* What gain_best is to take for the node of a host's column: counts of the column's bins, where rows are not counted. scratch: tree_outputs sums. */
const struct bin_sum *guest_lattice_node(const struct guest *guest, const struct bin_sum *sums, uint32_t bins, const struct bin_sum *total,
                                         struct bin_sum *scratch);

/* Steps. */
int32_t guest_commitments(fate_turn *turn, void *state);
int32_t guest_nonces(fate_turn *turn, void *state);
int32_t guest_hints(fate_turn *turn, void *state);
int32_t guest_held(fate_turn *turn, void *state);
int32_t guest_vectors(fate_turn *turn, void *state);
int32_t guest_pads(fate_turn *turn, void *state);
int32_t guest_replies(fate_turn *turn, void *state);

/* Sends each host the rows of the nodes that it is to split. */
int32_t guest_send_node_rows(fate_turn *turn, const struct guest *guest);

#endif
