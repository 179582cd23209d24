/* The messages of vertical boosting as bytes. Small ones are protobuf (proto/boosting_messages.proto); long vectors are raw parts
 * with a short head. Decoders trust nothing: each states what it has checked when it returns FATE_OK. */
#ifndef SRC_MODELS_BOOSTING_MESSAGES_H
#define SRC_MODELS_BOOSTING_MESSAGES_H

#include "lib/bytes.h"
#include "proto/boosting_messages.pb-c.h"

typedef BoostingMessage__ColumnSummary message_column;
typedef BoostingMessage__Columns message_columns;
typedef BoostingMessage__Setup message_setup;
typedef BoostingMessage__Round message_round;
typedef BoostingMessage__Candidate message_candidate;
typedef BoostingMessage__NodeSplit message_node_split;
typedef BoostingMessage__Splits message_splits;
typedef BoostingMessage__NodePartition message_node_partition;
typedef BoostingMessage__Partition message_partition;
typedef BoostingMessage__Children message_children;
typedef BoostingMessage__Rows message_rows;

enum {
    MESSAGE_DIGEST = 32,
    MESSAGE_COLUMNS_MOST = 65535,
    MESSAGE_ROWS_MOST = 500000000, /* so that one bit for each row fits the limit of a message */
    MESSAGE_KEY_MOST = 65536,      /* bytes of an exported public key */
    GRADIENT_PART_HEAD = 16,
    HISTOGRAM_PART_HEAD = 20,
    OUTCOME_PART_HEAD = 16
};

/* Appends a message's bytes to out; the caller asks buffer_failed afterwards, or checks the result: FATE_E_MEMORY. */
int32_t message_encode(fate_context *context, const ProtobufCMessage *message, struct buffer *out);

/* Decoders return FATE_OK; FATE_E_PROTOCOL with the context's sentence when bytes are malformed or a member is out of range; FATE_E_MEMORY.
 * What they give is freed with message_free. */
void message_free(fate_context *context, ProtobufCMessage *message); /* NULL is accepted */

/* Both digests have their length (that of validation only when there is one); at most 65535 columns; each shape is one that binning can
 * make with at most most_bins bins. */
int32_t message_decode_columns(fate_context *context, message_columns **message, const uint8_t *bytes, uint64_t length, uint32_t most_bins);
/* There is a key, not longer than MESSAGE_KEY_MOST. */
int32_t message_decode_setup(fate_context *context, message_setup **message, const uint8_t *bytes, uint64_t length);
/* The kind is known, the number is `tree`, or at most that at the end; only OWN has a shape, which is that of a whole binary tree; only SHARED has
 * a sample, whose length is the caller's to check. */
int32_t message_decode_round(fate_context *context, message_round **message, const uint8_t *bytes, uint64_t length, uint32_t tree);
/* Where a level stands in its tree, and what a host's columns are: what its messages are checked against. */
struct message_level {
    uint32_t tree, level;
    uint32_t first, end;  /* numbers of the level's nodes */
    const uint32_t *bins; /* of each column by its secret number */
    uint32_t column_count;
};

/* Tree and level are these; nodes are the level's and ascend; each has a candidate; columns exist and ascend within a node; a candidate has
 * one bit for each bin of its column, neither none nor all of them set. Columns are written one higher than they are, and read as they are. */
int32_t message_decode_splits(fate_context *context, message_splits **message, const uint8_t *bytes, uint64_t length,
                              const struct message_level *level);
/* Tree and level are these. Which nodes must be there, and how many bits each has, is the caller's to check, and that what is chosen exists:
 * it is written one higher than it is, and read as it is. */
int32_t message_decode_partition(fate_context *context, message_partition **message, const uint8_t *bytes, uint64_t length,
                                 const struct message_level *level);
/* Tree and level are these; split has one bit for each node of the level. The length of right is the caller's to check. */
int32_t message_decode_children(fate_context *context, message_children **message, const uint8_t *bytes, uint64_t length,
                                const struct message_level *level);
/* Both digests have their length. */
int32_t message_decode_rows(fate_context *context, message_rows **message, const uint8_t *bytes, uint64_t length);

/* Bits in bytes, lowest first. message_has_bits: bytes hold exactly count bits, those beyond are zero. */
bool message_has_bits(const ProtobufCBinaryData *bytes, uint64_t count);
uint64_t message_bit_bytes(uint64_t count);
bool message_bit(const uint8_t *bytes, uint64_t index);
void message_set_bit(uint8_t *bytes, uint64_t index);

/* A run of encrypted rows. */
struct gradient_part {
    uint64_t first; /* row, counted among the rows that the tree is grown on */
    uint64_t count;
    const uint8_t *ciphertexts; /* count of them */
};
void gradient_part_head(struct buffer *out, const struct gradient_part *part);
/* true: first is `expected`, the rows end at or before `rows`, at least one, and the length is right. row_bytes: of a row's ciphertexts. */
bool gradient_part_read(struct gradient_part *part, const uint8_t *bytes, uint64_t length, uint64_t expected, uint64_t rows,
                        uint64_t row_bytes);

/* Rows by bin: a head, then each column's number and the counts of its cells, which are (summed node, bin), bins of one node side by side. */
struct count_column {
    uint32_t column;
    uint32_t cells;
    const uint8_t *counts; /* cells numbers of 32 bits */
};
void count_message_head(struct buffer *out, uint32_t tree, uint32_t level);
void count_message_column(struct buffer *out, uint32_t column, const uint32_t *counts, uint32_t cells);
/* Begins to read. true: the head is there, and says this tree and level. */
bool count_message_open(struct reader *reader, const uint8_t *bytes, uint64_t length, const struct message_level *level);
/* Reads the next column, for summed nodes. true: its number is least or higher and exists, and all its counts are there. */
bool count_message_next(struct reader *reader, struct count_column *column, uint32_t least, uint32_t summed,
                        const struct message_level *level);

/* A run of a level's sums: of the columns by their numbers, of each its summed nodes, of each all bins but the fullest. */
struct histogram_part {
    uint32_t tree, level;
    uint64_t first;             /* number of the first sum within the level */
    uint32_t cells;             /* sums */
    const uint8_t *ciphertexts; /* as many as packing_ciphertexts says */
    uint64_t ciphertext_length;
};
void histogram_part_head(struct buffer *out, const struct histogram_part *part);
/* true: the head is there, and at least one sum. ciphertext_length is what is left: the caller compares it. */
bool histogram_part_read(struct histogram_part *part, const uint8_t *bytes, uint64_t length);

/* Outcomes of a host's conditions for a run of rows: row_bytes for each row. */
struct outcome_part {
    uint64_t first, count;
    const uint8_t *bits;
};
void outcome_part_head(struct buffer *out, const struct outcome_part *part);
/* true: first is `expected`, the rows end at or before `rows`, and the length is right. */
bool outcome_part_read(struct outcome_part *part, const uint8_t *bytes, uint64_t length, uint64_t expected, uint64_t rows,
                       uint64_t row_bytes);

#endif
