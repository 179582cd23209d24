/* Lies that a peer can tell: every way in which a message of vertical boosting is altered, by number. */
#ifndef TESTS_SUPPORT_MUTATION_H
#define TESTS_SUPPORT_MUTATION_H

#include "lib/bytes.h"

/* What a mutation may need to know. */
struct mutation_place {
    int32_t purpose;
    uint32_t message; /* its number in the protocol */
    const uint8_t *bytes;
    uint64_t length;
    const uint8_t *modulus; /* of the guest's key, modulus_length bytes, little-endian; NULL while it is not known */
    uint64_t modulus_length;
    uint64_t key_head;          /* bytes of an exported public key before its modulus */
    uint64_t ciphertext_length; /* bytes of a ciphertext, and of the number that follows a public key's modulus: one or two moduli */
    const uint8_t *prime;       /* a factor of it, as long; NULL when the liar does not know it */
};

/* Writes the message as the number-th mutation makes it. false: there are no more. Equal arguments give equal bytes. */
bool mutation_make(const struct mutation_place *place, uint32_t number, struct buffer *out);
/* How many there are. */
uint32_t mutation_count(const struct mutation_place *place, fate_context *context);

#endif
