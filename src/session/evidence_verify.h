/* Checking one log record by record, and two logs against each other. */
#ifndef SRC_SESSION_EVIDENCE_VERIFY_H
#define SRC_SESSION_EVIDENCE_VERIFY_H

#include "src/session/evidence.h"

struct finding {
    struct finding *next;
    bool wrong;
    char sentence[512];
};

struct fate_verdict {
    fate_context *context;
    struct finding *first, **end;
    uint32_t party_count, count;
    uint64_t *sealed; /* of each party */
    bool wrong, failed;
};

void verdict_add(fate_verdict *verdict, bool wrong, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The messages that went one way between the log's party and a peer, each once. */
struct evidence_way {
    uint64_t *places; /* of the items, in the stream's order */
    uint64_t count, capacity;
    uint64_t cursor; /* below count: where messages are repeated since the party was started again */
};

/* A log while it is checked. */
struct evidence_check {
    const fate_evidence *log;
    fate_verdict *verdict;
    const char *owner;
    uint64_t *places; /* of the items that are not torn: place of record number i, while numbers are right */
    uint64_t records; /* so far */
    uint64_t good;    /* records from the first up to which nothing is wrong with the chain */
    bool broken;
    struct evidence_way *ways; /* [peer][0 received, 1 sent] */
    uint64_t *sealed;          /* of each party */
    bool ended, signed_end;
    int32_t outcome;
};

/* Checks a log and adds what it finds. FATE_OK or FATE_E_MEMORY; evidence_check_free in either case. */
int32_t evidence_check_log(struct evidence_check *check, const fate_evidence *log, fate_verdict *verdict);
void evidence_check_free(struct evidence_check *check);
const Fate__EvidenceMessage *evidence_check_message(const struct evidence_check *check, uint32_t peer, bool sent, uint64_t index);
/* The head after count records, NULL when there are not so many. */
const uint8_t *evidence_check_head_at(const struct evidence_check *check, uint64_t count);

/* evidence_compare.c: two checked logs of one run; and a log against its job. */
void evidence_compare(const struct evidence_check *one, const struct evidence_check *other);
void evidence_compare_job(const struct evidence_check *check, const fate_job *job);

#endif
