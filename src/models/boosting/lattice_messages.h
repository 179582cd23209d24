/* Experimental: the messages of the lattice cipher's jobs, apart from its numbers (src/crypto/lattice_wire.h). Decoders trust nothing: each states what
 * it has checked when it returns true. */
#ifndef SRC_MODELS_BOOSTING_LATTICE_MESSAGES_H
#define SRC_MODELS_BOOSTING_LATTICE_MESSAGES_H

#include "src/models/boosting/messages.h"

/* The first part of the vectors of a level. Those of a node stand side by side: of each output the gradients, then the hessians; last, where rows
 * are counted, 1 for each row of the sample. All rows of the table are in each vector, 0 outside of node and sample. */
struct vectors_head {
    uint32_t tree, level;
    uint32_t nodes;        /* whose sums are asked for */
    uint32_t node_vectors; /* of each */
    uint64_t first;        /* the first one's number within the training */
};
void vectors_head_write(struct buffer *out, const struct vectors_head *head);
/* true: tree and level are these; node_vectors is 2 * outputs, or one more; no more nodes than `nodes`; the numbers are below `most`. */
bool vectors_head_read(struct vectors_head *head, const uint8_t *bytes, uint64_t length, const struct message_level *level,
                       uint32_t outputs, uint32_t nodes, uint64_t most);

/* The first part of the replies of a level: whose columns' bins are answered, by their numbers. */
struct replies_head {
    uint32_t tree, level;
    const uint8_t *columns; /* one bit for each column of the host, lowest first */
};
void replies_head_write(struct buffer *out, const struct replies_head *head, uint32_t columns);
/* true: tree and level are these; there is one bit for each column. */
bool replies_head_read(struct replies_head *head, const uint8_t *bytes, uint64_t length, const struct message_level *level);

/* The rows of the nodes that a host is to split. On the wire: tree, level and how many nodes, their numbers, one bit for each row of the table
 * that says whether it is in one of them, and for each row that is, ascending, which: the place of its node in as few bits as such a number needs. */
struct node_rows {
    fate_context *context;
    uint32_t count;  /* nodes */
    uint32_t *nodes; /* ascending */
    uint64_t *first; /* count + 1: where each one's rows begin */
    uint32_t *rows;  /* ascending within a node */
};
void node_rows_free(struct node_rows *rows);
/* The rows of a node; NULL when it is not among them. */
const uint32_t *node_rows_of(const struct node_rows *rows, uint32_t node, uint64_t *count);
/* out: appended. place: of each row of the table its node's place, or UINT32_MAX when it is in none. */
void node_rows_write(struct buffer *out, const struct message_level *level, const uint32_t *nodes, uint32_t count, const uint32_t *place,
                     uint64_t row_count);
/* Tree and level are these; nodes are the level's and ascend; every row of row_count is in one node at most; no byte is left. FATE_E_PROTOCOL;
 * FATE_E_MEMORY. Freed with node_rows_free in any case. */
int32_t node_rows_read(fate_context *context, struct node_rows *rows, const uint8_t *bytes, uint64_t length,
                       const struct message_level *level, uint64_t row_count);

#endif
