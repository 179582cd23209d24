/* Evidence: a log of what a party sent and received in a run, for auditors. Each record holds a message's name, peer, direction, size
 * and a keyed digest, never its contents; records form a chain of digests. At every checkpoint and at the end each party signs the
 * head of its chain, and every peer signs it too. docs/evidence.md says what a log proves and what it does not; proto/evidence.proto
 * is the format.
 *
 * Writing: a session with fate_session_set_evidence makes FATE_EVENT_EVIDENCE events; fate_drive hands them to the recorder of its
 * observer. Reading and verifying: the functions below; they need neither the job nor a key.
 */
#ifndef FATE_EVIDENCE_H
#define FATE_EVIDENCE_H

#include <fate/job.h>
#include <fate/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The recorder hook: where a party's log is kept. What was appended is never changed again.
 * read    answers with fate_reply_bytes all that was appended so far; FATE_OK, or FATE_EMPTY when there is nothing yet
 * append  appends, durably, before it returns: what follows is not sent before. After a crash any first part of the bytes may be there
 * free    NULL: nothing to free
 * Any other result is an error, which ends the session and comes back unchanged. */
typedef struct fate_recorder {
    uint32_t struct_size; /* sizeof(fate_recorder) */
    uint32_t abi_version; /* FATE_ABI_VERSION */
    void *context;
    int32_t (*read)(void *context, fate_reply *reply);
    int32_t (*append)(void *context, const uint8_t *bytes, uint64_t length);
    void (*free)(void *context);
} fate_recorder;

/* A recorder that appends to a file and flushes it. The file is made if it is missing (mode 0600).
 * recorder  out; free with fate_recorder_free
 * path      in: file name
 * Returns FATE_OK; FATE_E_EXISTS when another recorder writes to the file; FATE_E_FILE with the system's reason; FATE_E_ARGUMENT;
 * FATE_E_MEMORY. Its functions return FATE_E_FILE with the system's reason (what could not be written whole is taken back), and
 * FATE_E_LIMIT when the log is longer than 1 GiB; the sentence is on the context. */
FATE_API int32_t fate_file_recorder_new(fate_context *context, fate_recorder **recorder, const char *path);
/* Calls the recorder's free. NULL is accepted. */
FATE_API void fate_recorder_free(fate_recorder *recorder);

/* ---- reading ---- */

typedef struct fate_evidence fate_evidence;

/* Reads a log. It may be damaged after its first record: fate_evidence_verify finds where.
 * evidence  out: NULL after an error; free with fate_evidence_free
 * name      in: stands for the file name in sentences; NULL for "evidence"
 * bytes     in: length bytes, copied
 * Returns FATE_OK; FATE_E_FORMAT when it is no log or its first record is damaged; FATE_E_VERSION when a newer library wrote it;
 * FATE_E_FILE; FATE_E_LIMIT when longer than 1 GiB; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_evidence_read(fate_context *context, fate_evidence **evidence, const char *path);
FATE_API int32_t fate_evidence_parse(fate_context *context, fate_evidence **evidence, const char *name, const uint8_t *bytes,
                                     uint64_t length);
/* NULL is accepted. */
FATE_API void fate_evidence_free(fate_evidence *evidence);

/* A fact by name, borrowed: "library" (version), "algorithm", "purpose" ("train", "predict"), "run" and "job_digest" (hexadecimal).
 * NULL for another name. */
FATE_API const char *fate_evidence_fact(const fate_evidence *evidence, const char *name);
/* The parties as the log names them: their number, the one whose log this is, and name, role and key of each (borrowed; NULL when out
 * of range). Whether these are the keys of those parties, the log cannot know: hold it against the job. */
FATE_API uint32_t fate_evidence_party_count(const fate_evidence *evidence);
FATE_API uint32_t fate_evidence_party(const fate_evidence *evidence);
FATE_API const char *fate_evidence_party_name(const fate_evidence *evidence, uint32_t party);
FATE_API const char *fate_evidence_party_role(const fate_evidence *evidence, uint32_t party);
FATE_API const char *fate_evidence_party_key(const fate_evidence *evidence, uint32_t party);

enum fate_evidence_kind {
    FATE_EVIDENCE_DAMAGED = 0,   /* cannot be read */
    FATE_EVIDENCE_OPENED = 1,    /* the first record */
    FATE_EVIDENCE_SENT = 2,      /* message, peer, first, parts, bytes, digest */
    FATE_EVIDENCE_RECEIVED = 3,  /* the same */
    FATE_EVIDENCE_SIGNED = 4,    /* the party signed its own log: peer (itself), count, digest (the head) */
    FATE_EVIDENCE_WITNESSED = 5, /* the peer's signature over its own log: peer, count, digest */
    FATE_EVIDENCE_SEALED = 6,    /* the peer's signature over this log: peer, count, digest */
    FATE_EVIDENCE_RESUMED = 7,   /* started again from the checkpoint that knew count records */
    FATE_EVIDENCE_OUTCOME = 8,   /* result */
    FATE_EVIDENCE_TORN = 9       /* a crash tore it; what it was to hold stands behind it if the party went on */
};

/* One entry of a log. */
typedef struct fate_evidence_entry {
    uint32_t struct_size; /* set by the caller */
    int32_t kind;         /* enum fate_evidence_kind */
    uint64_t number;      /* of the record; of a damaged or torn one the number that it should have */
    uint32_t peer;
    int32_t result; /* enum fate_result */
    uint64_t first; /* number of the message's first part among all parts that one of the two sent to the other */
    uint64_t parts;
    uint64_t bytes;
    uint64_t count;
    const char *message;   /* borrowed from the log */
    const uint8_t *digest; /* 32 bytes, borrowed from the log */
} fate_evidence_entry;

/* How many entries there are; and one of them by its place from 0: FATE_OK, or FATE_E_ARGUMENT. */
FATE_API uint64_t fate_evidence_count(const fate_evidence *evidence);
FATE_API int32_t fate_evidence_entry_at(const fate_evidence *evidence, uint64_t place, fate_evidence_entry *entry);

/* ---- verifying ---- */

typedef struct fate_verdict fate_verdict;

/* Checks a log: the chain, the numbers, all signatures, messages that were sent again, and whether it was cut off.
 * verdict   out: free with fate_verdict_free
 * peer_log  in: the log of another party of the same run, or NULL. Then also: every message of the two between each other is in both
 *           logs with the same size and digest, and what one signed for the other is what the other's log says. Is checked itself, too
 * job       in: the job, or NULL. Then also: digest and keys are the job's
 * Returns FATE_OK whatever it finds; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_evidence_verify(const fate_evidence *log, fate_verdict **verdict, const fate_evidence *peer_log, const fate_job *job);
/* NULL is accepted. */
FATE_API void fate_verdict_free(fate_verdict *verdict);

/* 1 when nothing is wrong; 0 when something is. */
FATE_API int32_t fate_verdict_good(const fate_verdict *verdict);
/* A finding by its place from 0: a sentence, borrowed; NULL after the last. wrong: may be NULL; 1 when the log does not hold because
 * of it, 0 when it is worth knowing. */
FATE_API const char *fate_verdict_finding(const fate_verdict *verdict, uint32_t place, int32_t *wrong);
/* How many records of the log, from the first, a party's good signature covers; 0 when none does. */
FATE_API uint64_t fate_verdict_sealed(const fate_verdict *verdict, uint32_t party);

#ifdef __cplusplus
}
#endif
#endif
