/* The messages of private set intersection as bytes: long vectors go in parts, each with the number of its first item. */
#ifndef SRC_MODELS_PSI_MESSAGES_H
#define SRC_MODELS_PSI_MESSAGES_H

#include "lib/bytes.h"

/* A part, its head and the record around it fit into the smallest window of a session. */
enum { PSI_PART_HEAD = 8, PSI_PART_BYTES = 63488, PSI_NUMBER = 9, PSI_RESULT = 17 };

/* A count, with the version of the protocol: PSI_NUMBER bytes. false: malformed, or above the most rows of a table. */
void psi_number_write(struct buffer *out, uint64_t number);
bool psi_number_read(const uint8_t *bytes, uint64_t length, uint64_t *number);

/* How many rows the common order has, and how many of the receiver's rows stand in it: PSI_RESULT bytes. */
struct psi_result {
    uint64_t rows, pairs;
};
void psi_result_write(struct buffer *out, struct psi_result result);
bool psi_result_read(const uint8_t *bytes, uint64_t length, struct psi_result *result);

/* A part of a vector of total items. */
struct psi_part {
    uint64_t first, count;
    const uint8_t *items;
};
/* false: it does not begin at item taken, is not of whole items, or runs over total. */
bool psi_part_read(struct psi_part *part, const uint8_t *bytes, uint64_t length, uint64_t taken, uint64_t total, uint32_t size);
/* How many items of that size a part has. */
uint64_t psi_part_items(uint32_t size);
/* Whether items of that size ascend bytewise, each above last when that is given (bytes before the first item). */
bool psi_part_ascends(const struct psi_part *part, uint32_t size, const uint8_t *last);

#endif
