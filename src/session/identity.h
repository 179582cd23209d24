/* The inside of an identity, and public identities as they stand in a job. */
#ifndef SRC_SESSION_IDENTITY_H
#define SRC_SESSION_IDENTITY_H

#include <fate/identity.h>
#include "lib/memory.h"

enum { IDENTITY_KEY = 32, IDENTITY_SIGN_SECRET = 64 };

struct public_identity {
    uint8_t sign[IDENTITY_KEY];     /* Ed25519 */
    uint8_t exchange[IDENTITY_KEY]; /* X25519 */
};

struct fate_identity {
    fate_context *context;
    uint8_t seed[IDENTITY_KEY]; /* secret: both key pairs follow from it */
    uint8_t sign_secret[IDENTITY_SIGN_SECRET];
    uint8_t exchange_secret[IDENTITY_KEY];
    struct public_identity public_half;
    char text[160]; /* the public half as one line */
};

/* From 32 secret bytes (the simulator's ready-made ones, or random). */
int32_t identity_from_seed(fate_context *context, fate_identity **identity, const uint8_t *seed);
int32_t identity_copy(fate_context *context, fate_identity **copy, const fate_identity *identity);
/* Parses the one-line text (prefix, base64url of both keys, checksum). false: not a public identity. */
bool identity_parse_public(struct public_identity *identity, const char *text);

#endif
