/* A store in a directory: a file a key, and how such a file is laid out; see fate_directory_store_new. */
#ifndef SRC_STORE_DIRECTORY_H
#define SRC_STORE_DIRECTORY_H

#include "src/store/store.h"

/* "FATESTOR", version (4 bytes), zero (4), length of the value (8), BLAKE2b of all that and the key and the value (32); the value. */
enum { DIRECTORY_HEADER = 56, DIRECTORY_VERSION = 1 };

/* Writes the header for a value under a key. */
void directory_header(uint8_t *header, const char *key, const uint8_t *bytes, uint64_t length);

/* Finds the value in a file's bytes (borrowed from them). NULL when all is well, else what is wrong, as a static text. */
const char *directory_decode(const uint8_t *file, uint64_t file_length, const char *key, const uint8_t **bytes, uint64_t *length);

/* The sentence of the last error on the context of a directory store; "" for any other store. */
const char *directory_sentence(const fate_store *store);

#endif
