/* A tree as every party of a federated run sees it grow: its shape, the rows of its nodes, the sample, and which nodes' histograms are
 * added up at the present level. Guest and host keep one each, and both come to the same. */
#ifndef SRC_MODELS_BOOSTING_GROWTH_H
#define SRC_MODELS_BOOSTING_GROWTH_H

#include "src/models/boosting/parameters.h"
#include "src/models/boosting/tree.h"

enum { GROWTH_NO_SLOT = UINT32_MAX };

struct growth {
    fate_context *context;
    struct tree tree;
    struct tree_rows rows;
    uint8_t *sampled; /* one byte a row */
    uint32_t *sample; /* the sampled rows, ascending */
    uint64_t sample_count;
    uint32_t number;       /* of the tree, from 0 */
    uint32_t level;        /* from 0 */
    uint32_t first, end;   /* nodes of the level */
    uint32_t parent_first; /* first node of the level before, and the one behind its last */
    uint32_t parent_end;
    uint32_t *
        summed; /* the level's nodes whose histograms are added up, ascending; their siblings' are differences, where differences are taken */
    uint32_t summed_count;
    bool differences; /* siblings of summed nodes are */
    uint32_t *slot;   /* of each row: index into summed of its node, or GROWTH_NO_SLOT */
};

/* A set of rows to grow trees on. rows is below 2^32. FATE_OK, FATE_E_MEMORY. */
int32_t growth_init(struct growth *growth, fate_context *context, uint64_t rows);
void growth_free(struct growth *growth);

/* Begins a tree: draws its sample, all rows in the root, plans level 0. FATE_OK, FATE_E_MEMORY.
 * given  NULL, or the sample, one byte for each row that is not 0 where the row is sampled: what sampling by gradients drew */
int32_t growth_begin(struct growth *growth, const struct boosting_parameters *parameters, uint32_t number, const uint8_t *given);

/* Ends a level: splits the nodes first+i for which split[i] is set, moves their rows, and plans the next level. A pair of siblings whose
 * larger one has fewer than two sampled rows is not added up: neither can be split.
 * goes_left  one byte for every row of the table; those of nodes that are not split are not looked at */
int32_t growth_next_level(struct growth *growth, const uint8_t *split, const uint8_t *goes_left);

/* true when the level holds no node, or is the one at which leaves end. */
bool growth_done(const struct growth *growth, const struct boosting_parameters *parameters);

/* true when no level follows the present one, of whose nodes those with split[i] != 0 are split. */
bool growth_ends(const struct growth *growth, const struct boosting_parameters *parameters, const uint8_t *split);

/* After the last level: takes back the splits of nodes for which kept is 0. map: out, one number for each node, as of tree_prune. */
void growth_prune(struct growth *growth, const uint8_t *kept, uint32_t *map);

/* How many sampled rows a node has, and whether it can be split at all: it has two. */
uint64_t growth_sampled(const struct growth *growth, uint32_t node);
bool growth_examined(const struct growth *growth, uint32_t node);

#endif
