/* An identity: the Ed25519 key a party signs with and the X25519 key its channels are opened with. The job file pins the
 * public half of every party as one line of text: "fate1-" and, in base64url without padding, both public keys (Ed25519, X25519; 32
 * bytes each) and 4 bytes of checksum.
 *
 * Both key pairs follow from one secret of 32 bytes. An identity never changes after it was made: functions on const identities may run
 * concurrently, except where they return an error. Errors' sentences go to the context; a secret is never in one. */
#ifndef FATE_IDENTITY_H
#define FATE_IDENTITY_H

#include <fate/context.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_identity fate_identity;

/* Draws a new identity from the system's random numbers.
 * identity  out: the new identity, NULL after an error; free with fate_identity_free
 * Returns FATE_OK, FATE_E_ARGUMENT, FATE_E_MEMORY. */
FATE_API int32_t fate_identity_generate(fate_context *context, fate_identity **identity);

/* Reads a secret key file that fate_identity_write made.
 * identity  out: NULL after an error; free with fate_identity_free
 * path      in: file name
 * Returns FATE_OK; FATE_E_FILE when it cannot be read; FATE_E_FORMAT when it is not a key file or is damaged; FATE_E_VERSION
 * when a newer library made it; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_identity_read(fate_context *context, fate_identity **identity, const char *path);

/* Writes the secret key to a new file that only its owner can read (mode 0600), flushed to disk before the call returns.
 * Returns FATE_OK; FATE_E_EXISTS when the file exists (nothing is overwritten); FATE_E_FILE; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_identity_write(const fate_identity *identity, const char *path);

/* As fate_identity_read, from the bytes of such a file: for applications that keep secrets in a vault.
 * identity  out: NULL after an error; free with fate_identity_free
 * bytes     in: length bytes, not kept; may be NULL when length is 0
 * Returns as fate_identity_read, never FATE_E_FILE. */
FATE_API int32_t fate_identity_import(fate_context *context, fate_identity **identity, const uint8_t *bytes, uint64_t length);

/* The bytes that fate_identity_write would write: text.
 * bytes   out: NULL after an error; wipe them, then free with fate_free
 * length  out: number of bytes
 * Returns FATE_OK; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_identity_export(const fate_identity *identity, uint8_t **bytes, uint64_t *length);

/* Returns the public half as one line of text, as it stands in a job file. Borrowed from the identity; NULL when identity is. */
FATE_API const char *fate_identity_public(const fate_identity *identity);

/* Wipes and frees. NULL is accepted. */
FATE_API void fate_identity_free(fate_identity *identity);

#ifdef __cplusplus
}
#endif
#endif
