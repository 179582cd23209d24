/* Records of an evidence log as bytes and back: the chain, the entries of the file, and what is signed. See proto/evidence.proto. */
#ifndef SRC_SESSION_EVIDENCE_RECORD_H
#define SRC_SESSION_EVIDENCE_RECORD_H

#include "lib/bytes.h"
#include "proto/evidence.pb-c.h"

enum { EVIDENCE_DIGEST = 32, EVIDENCE_SIGNATURE = 64, EVIDENCE_RUN = 16, EVIDENCE_VERSION = 1, EVIDENCE_KEY = 32 };

/* head = digest of (head, record). */
void evidence_chain(uint8_t *head, const uint8_t *record, uint64_t length);
/* Plain digest, for what was torn. */
void evidence_digest(uint8_t *digest, const uint8_t *bytes, uint64_t length);

/* Packs a record, moves head over it and appends the entry to out (which may fail). */
void evidence_append(struct buffer *out, uint8_t *head, const Fate__EvidenceRecord *record);

/* An entry as it lies in a file. */
struct evidence_entry {
    uint64_t offset, length; /* of the whole entry in the file */
    bool whole;              /* has the form of an entry: record and head are set */
    const uint8_t *record;
    uint64_t record_length;
    const uint8_t *head;
};

/* Reads the entry at offset. FATE_OK; FATE_EMPTY at the end; FATE_E_FORMAT when the rest of the bytes is no entry, or too short for
 * one (then entry has offset and length of the rest). */
int32_t evidence_entry_next(struct evidence_entry *entry, const uint8_t *bytes, uint64_t length, uint64_t offset);
/* Whether bytes are what a crash left, which has that digest, and the zeros that filled it up. */
bool evidence_is_torn(const uint8_t *bytes, uint64_t length, uint64_t torn, const uint8_t *digest);
/* Appends the zeros that make an entry of the torn bytes at a log's end. false: no zeros can. */
bool evidence_fill(struct buffer *out, const uint8_t *torn, uint64_t length);

/* Signatures: see EvidenceHead. The secret is an identity's sign_secret, the keys are its sign. */
void evidence_sign_head(uint8_t *signature, const uint8_t *secret, const uint8_t *run, uint32_t owner, uint64_t count, const uint8_t *head);
bool evidence_check_head(const uint8_t *signature, const uint8_t *key, const uint8_t *run, uint32_t owner, uint64_t count,
                         const uint8_t *head);
void evidence_sign_seal(uint8_t *signature, const uint8_t *secret, const uint8_t *run, uint32_t owner, uint32_t peer, uint64_t count,
                        const uint8_t *head);
bool evidence_check_seal(const uint8_t *signature, const uint8_t *key, const uint8_t *run, uint32_t owner, uint32_t peer, uint64_t count,
                         const uint8_t *head);

/* The digest of a message: begun, then moved over each part. See EvidenceMessage. */
void evidence_message_begin(uint8_t *digest, const uint8_t *key, uint32_t sender, uint32_t receiver, uint64_t first, const char *name);
void evidence_message_part(uint8_t *digest, const uint8_t *key, const uint8_t *part, uint64_t length);

#endif
