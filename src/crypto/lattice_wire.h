/* Bytes of the lattice cipher: numbers modulo 2^k, little-endian and packed, and the heads of what parties send. */
#ifndef CRYPTO_LATTICE_WIRE_H
#define CRYPTO_LATTICE_WIRE_H

#include "lib/bytes.h"
#include "src/crypto/lattice.h"

enum { LATTICE_HEAD = 28 };

enum lattice_kind {
    LATTICE_HINT = 1,   /* items: bins, n numbers each */
    LATTICE_VECTOR = 2, /* items: b', n numbers, then b, one for each row */
    LATTICE_REPLY = 3   /* items: answered bins, the top bytes of a number each */
};

/* A part of a message: `count` items from item `first` on; of a vector, its number and attempt (else 0). On the wire: kind, version 1, the
 * profile's number, a zero byte, then count, first, number and attempt as 4, 8, 8 and 4 bytes. */
struct lattice_head {
    enum lattice_kind kind;
    uint32_t count;
    uint64_t first;
    uint64_t number;
    uint32_t attempt;
};

/* Items of that kind that a whole message has under a plan; of replies: bins, at most. */
uint64_t lattice_items(const struct lattice_plan *plan, enum lattice_kind kind);
/* Bytes of one item. */
uint64_t lattice_item_bytes(const struct lattice_plan *plan, enum lattice_kind kind);
/* LATTICE_HEAD bytes. */
void lattice_head_write(const struct lattice_plan *plan, uint8_t *bytes, const struct lattice_head *head);
/* Reads a part that a peer sent: *body is behind the head, of exactly count items. FATE_E_PROTOCOL: it is not of this kind, version, profile and
 * length, or has items that the plan does not. */
int32_t lattice_head_read(fate_context *context, const struct lattice_plan *plan, enum lattice_kind kind, struct lattice_head *head,
                          const uint8_t *bytes, uint64_t length, const uint8_t **body);

/* profile->bytes each. Every byte string is a number. */
void lattice_words_write(const struct lattice_profile *profile, uint8_t *bytes, const struct lattice_word *words, uint64_t count);
void lattice_words_read(const struct lattice_profile *profile, struct lattice_word *words, const uint8_t *bytes, uint64_t count);

#endif
