/* An evidence log in memory: its entries in order, each held against the chain. */
#ifndef SRC_SESSION_EVIDENCE_H
#define SRC_SESSION_EVIDENCE_H

#include <fate/evidence.h>
#include "src/session/evidence_record.h"
#include "src/session/identity.h"

enum { EVIDENCE_LOG_LIMIT = 1 << 30 };

struct evidence_item {
    struct evidence_entry entry;
    Fate__EvidenceRecord *record; /* NULL: damaged or torn */
    int32_t kind;                 /* enum fate_evidence_kind */
    bool follows;                 /* its head is that of the chain up to here */
    uint64_t number;              /* the record's own; of others, the one that it should have */
};

struct fate_evidence {
    fate_context *context;
    char *name;
    uint8_t *bytes;
    uint64_t length;
    struct evidence_item *items;
    uint64_t count, capacity;
    uint64_t records;                   /* items that are not torn */
    uint64_t tail;                      /* bytes at the end that are no whole entry */
    const Fate__EvidenceOpened *opened; /* of the first record; NULL when that is damaged or missing */
    struct public_identity *keys;       /* of the parties */
    char run[2 * EVIDENCE_RUN + 1], job_digest[2 * EVIDENCE_DIGEST + 1];
};

/* How many entries there are before those at the end that do not follow. */
uint64_t evidence_sound(const fate_evidence *evidence);
/* Reads a log that may be empty, or damaged from its first byte. FATE_OK or FATE_E_MEMORY. */
int32_t evidence_load(fate_context *context, fate_evidence **evidence, const char *name, const uint8_t *bytes, uint64_t length);

#endif
