/* The model of one party: the shape of all trees, its own conditions, and on the guest the weights of leaves. Its bytes: body.h.
 *
 * Columns of a model are those that it uses, numbered 1, 2, ... in the order of first use (trees in order, nodes in order): the party's own with
 * their names, other parties' in the guest's model by number alone. So no secret numbering shows, and a host's model has the names for the numbers
 * in the guest's. */
#ifndef SRC_MODELS_BOOSTING_MODEL_H
#define SRC_MODELS_BOOSTING_MODEL_H

#include "lib/memory.h"
#include "src/data/binning.h"
#include "src/models/boosting/parameters.h"

/* Deepest tree that a model may hold. */
enum { BOOSTING_DEPTH_LIMIT = 16 };

enum boosting_node_kind {
    BOOSTING_LEAF = 0,
    BOOSTING_OWN = 1,  /* this party has the condition */
    BOOSTING_OTHER = 2 /* another party has it */
};

/* A condition: which values go left. Numbers: x <= threshold (DBL_MAX: every number). Categories: by category. */
struct boosting_condition {
    double threshold;
    uint32_t *left; /* categories: ascending indices into the column's categories; owned */
    uint32_t left_count;
    bool missing_left;
    bool other_left; /* categories that training did not see */
};

struct boosting_node {
    int32_t kind;         /* enum boosting_node_kind */
    uint32_t left, right; /* numbers of the children, breadth-first; 0 for leaves */
    uint32_t column;      /* own: number in the model's columns; other (guest's model): number of that party's column; else 0 */
    uint32_t party;       /* other (guest's model): the party's number in the job; else 0 */
    double weight;        /* leaves of the guest's model, where a leaf has one number */
    double *weights;      /* leaves of the guest's model, where it has tree_outputs numbers; owned; NULL: all 0 */
    double gain, cover;   /* guest's model: of splits, and of all nodes */
    struct boosting_condition condition; /* own */
};

struct boosting_tree {
    struct boosting_node *nodes;
    uint32_t count;
};

/* A column of the party's own that the model uses. */
struct boosting_column {
    char *name;
    int32_t kind;      /* enum fate_column_kind */
    char **categories; /* those that training saw, in bytewise order */
    uint32_t category_count;
};

struct boosting_model {
    fate_context *context;
    bool guest;
    int32_t objective;     /* guest: enum objective_kind */
    double base_score;     /* guest: as the job gives it */
    uint32_t outputs;      /* guest: numbers of a row's margin: classes of softmax, else 1 */
    uint32_t tree_outputs; /* guest: numbers of a leaf: 1, or outputs */
    char **parties;        /* guest: names of all parties of the job, in its order */
    uint32_t party_count;
    struct boosting_column *columns; /* number n is columns[n-1] */
    uint32_t column_count;
    struct boosting_tree *trees;
    uint32_t tree_count;
};

/* How many items an array of trees or columns with count of them has room for: so that a model that was read can be built further. */
uint64_t boosting_model_room(uint64_t count);

/* ---- building, in the order in which training finds things out. weight, gain and cover are set in the nodes directly. ---- */

/* An empty model. job_parties: guest only, names of party_count parties; a host passes NULL and 0. */
int32_t boosting_model_init(struct boosting_model *model, fate_context *context, bool guest, const char *const *job_parties,
                            uint32_t party_count);
void boosting_model_free(struct boosting_model *model);
/* Notes in a guest's model what it predicts: objective, base score, outputs. */
void boosting_model_describe(struct boosting_model *model, const struct boosting_parameters *parameters);
/* Adds a tree of one leaf (weight 0) and makes it the last one. */
int32_t boosting_model_add_tree(struct boosting_model *model);
/* Turns leaf `node` of the last tree into a split with two new leaves, numbered next; children in the order of tree.h. kind BOOSTING_OTHER;
 * party and column are what the caller calls them (guest's model; 0 on a host). */
int32_t boosting_model_split(struct boosting_model *model, uint32_t node, uint32_t party, uint32_t column);
/* Makes a split the party's own. bins: the column's; left: bins->bins bytes as of gain_left_bins; table and column name it (column: its number
 * in the table). FATE_E_PROTOCOL when left cannot be a candidate of this column (numbers: not a prefix of the value bins; or all bins
 * on one side): left may come from a peer. */
int32_t boosting_model_own(struct boosting_model *model, uint32_t node, const struct column_bins *bins, const uint8_t *left,
                           const fate_table *table, uint32_t column);
/* Sets the weights of a leaf of the last tree: tree_outputs numbers, copied. FATE_E_MEMORY. */
int32_t boosting_model_weigh(struct boosting_model *model, uint32_t node, const double *weights);
/* The first output that a tree's leaves add to. */
uint32_t boosting_model_output(const struct boosting_model *model, uint32_t tree);
/* Adds a leaf's weights to a row's margins. */
void boosting_model_add(const struct boosting_model *model, uint32_t tree, const struct boosting_node *leaf, double *margins);
/* Keeps the first `trees` trees. */
void boosting_model_keep(struct boosting_model *model, uint32_t trees);
/* Renumbers own and other columns by first use, whatever numbers they had. Call once, when training ends, after boosting_model_keep. */
int32_t boosting_model_number_columns(struct boosting_model *model);

#endif
