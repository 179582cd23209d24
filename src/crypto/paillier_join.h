/* The constants by which a kernel joins what the owner of a key has computed modulo the squares of both primes. */
#ifndef CRYPTO_PAILLIER_JOIN_H
#define CRYPTO_PAILLIER_JOIN_H

#include "src/crypto/comb_lanes.h"

struct paillier_key;
struct paillier_secret;
struct paillier_join;

/* *made: NULL without a kernel. The secret's halves and inverses are there; key and secret must outlive it. FATE_E_MEMORY. */
int32_t paillier_join_new(struct paillier_join **made, fate_context *context, const struct paillier_key *key,
                          const struct paillier_secret *secret);
void paillier_join_free(struct paillier_join *join, fate_context *context);
const struct kernel_join *paillier_join_of(const struct paillier_join *join);

#endif
