/* A key pair and its exported bytes for tests of key formats, and the checks that hold for each scheme. */
#ifndef TESTS_SUPPORT_EXPORTED_H
#define TESTS_SUPPORT_EXPORTED_H

#include "tests/support/crypto.h"

struct exported {
    struct test_allocator counted;
    fate_context *context;
    const char *scheme;
    fate_secret_key *key;
    uint8_t *bytes[2]; /* of the public half, of the secret one */
    uint64_t lengths[2];
};

/* What a key's bytes begin with: magic, version, kind, scheme and length. */
uint64_t exported_head(const char *scheme);
/* Key number 1 of a scheme, exported. exported_end: the result of a teardown. */
void exported_begin(struct exported *exported, const char *scheme, uint32_t bits);
int exported_end(struct exported *exported);

/* Imports what should be refused; the sentence must name the reason. */
void exported_refused(const struct exported *exported, bool secret, const uint8_t *bytes, uint64_t length, int32_t wanted,
                      const char *reason);
/* Both halves are read, and written again as they were. */
void exported_survives(const struct exported *exported);
/* So do keys of all these lengths. */
void exported_lengths_survive(const struct exported *exported, uint32_t first, uint32_t last, uint32_t step);
/* Truncated, of the other kind, of another version or scheme, with a length that is not offered. */
void exported_heads_are_checked(const struct exported *exported);
/* Reading and writing with the first, second, ... allocation failed. */
void exported_allocations_fail(const struct exported *exported);

#endif
