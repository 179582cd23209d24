/* A job: which algorithm, which parties with which keys, which parameters. Every party has the same one, as JSON text.
 *
 *   {"algorithm": "vertical-boosting", "id": "id", "label": "y", "weight": "w", "categorical": ["purpose"],
 *    "parties": [{"name": "bank", "role": "guest", "key": "<fate keygen>", "address": "127.0.0.1:9001"}, ...],
 *    "parameters": {"trees": 10}}
 *
 * algorithm    a registered protocol's name
 * id           name of the column with the rows' ids, in every party's table; or a list of columns that together are the id
 * normalise    what is done to ids before they are compared: some of "trim", "fold", "digits" (fate_schema_add_id), for all columns of the id,
 *              or a list with one such text for each; may be missing
 * duplicates   what is done with ids that stand in several rows of a table (fate_schema_set_duplicates): "error", the default, "first", or
 *              where tables are aligned "many": the guest's rows all stay, a host's ids must differ
 * align        the algorithm that brings tables with different rows into one common order before anything else; may be missing: then all
 *              tables must hold the same rows
 * label        name of the label's column, in the table of the role that holds labels; may be missing where no role does
 * weight       name of the column of weights in the same table; may be missing
 * categorical  names of categorical columns, in any order; a table need not have them; may be missing
 * parties      1 to 16385. name: 1 to 64 of the characters A-Z a-z 0-9 . _ -, each once; role: one of the protocol's, as many parties as it
 *              allows; key: what fate_identity_public gives, each once; address: "host:port" or "[IPv6]:port", may be missing
 * parameters   those that the algorithm's protocol declares, and that of "align"; what is missing has its default
 *
 * Unknown keys are errors. The digest is taken over the canonical form: defaults filled in, keys sorted, addresses left out.
 * A job never changes after it was read: all functions on const jobs may run concurrently, except where they return an error, whose
 * sentence goes to the context that the job was read with.
 */
#ifndef FATE_JOB_H
#define FATE_JOB_H

#include <fate/identity.h>
#include <fate/table.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_job fate_job;

/* Reads a job from a JSON file, or from text.
 *
 * context  in: kept alive by the job; its registered protocols must include the job's algorithm
 * job      out: the new job, NULL after an error; free with fate_job_free
 * path     in: file name; at most 16 MiB are read
 * name     in: stands for the file name in sentences; NULL for "job"
 * text     in: length bytes of UTF-8, not kept; NULL when length is 0
 * Returns FATE_OK; FATE_E_FILE; FATE_E_JOB with the line or the field that is wrong; FATE_E_UNSUPPORTED when no protocol of that name
 * is registered with the context; what the protocol's own check returns; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_job_read(fate_context *context, fate_job **job, const char *path);
FATE_API int32_t fate_job_parse(fate_context *context, fate_job **job, const char *name, const uint8_t *text, uint64_t length);
/* NULL is accepted. */
FATE_API void fate_job_free(fate_job *job);

/* Facts; strings are borrowed from the job; out of range gives NULL. */
FATE_API const char *fate_job_algorithm(const fate_job *job);
/* The algorithm that brings the tables into one common order (purpose FATE_PURPOSE_ALIGN): the job's "align", or its own algorithm when that is
 * what it does; NULL when tables are not aligned. */
FATE_API const char *fate_job_align(const fate_job *job);
FATE_API uint32_t fate_job_party_count(const fate_job *job);
FATE_API const char *fate_job_party_name(const fate_job *job, uint32_t party);
FATE_API const char *fate_job_party_role(const fate_job *job, uint32_t party);
FATE_API const char *fate_job_party_key(const fate_job *job, uint32_t party);
FATE_API const char *fate_job_party_address(const fate_job *job, uint32_t party); /* NULL when it has none */

/* Returns FATE_OK and the number of the party of that name; FATE_E_ARGUMENT when there is none (the sentence lists the names). */
FATE_API int32_t fate_job_find_party(const fate_job *job, const char *name, uint32_t *party);

/* 1 when two parties exchange messages in this job, for any purpose; 0 when not (or the same party). */
FATE_API int32_t fate_job_parties_talk(const fate_job *job, uint32_t party, uint32_t other);

/* 1 when party dials other: the later-listed of the two dials, unless only it has an address. 0 when it waits to be dialled. */
FATE_API int32_t fate_job_party_dials(const fate_job *job, uint32_t party, uint32_t other);

/* Returns FATE_OK when identity is the one the job pins for party; FATE_E_IDENTITY when not (the sentence names both keys);
 * FATE_E_ARGUMENT when there is no such party or identity is NULL. */
FATE_API int32_t fate_job_check_identity(const fate_job *job, uint32_t party, const fate_identity *identity);

/* How a party's tables are to be read: id, label (for the role that holds it), weight, categorical columns.
 * purpose  enum fate_purpose (in fate/protocol.h, which this header does not include): for FATE_PURPOSE_PREDICT the label may be missing
 *          from the table, and no column is taken as weight; for FATE_PURPOSE_ALIGN columns that are not part of the id are not looked at.
 * Borrowed from the job; NULL when out of range. */
FATE_API const fate_schema *fate_job_schema(const fate_job *job, uint32_t party, int32_t purpose);

/* Parameters by name, defaults filled in.
 * value  out: unchanged after an error; text is borrowed from the job
 * Returns FATE_OK; FATE_E_ARGUMENT when the protocol has no such parameter of that kind (a number is not read as an integer, nor the
 * other way round) or an argument is NULL. */
FATE_API int32_t fate_job_integer(const fate_job *job, const char *name, int64_t *value);
FATE_API int32_t fate_job_number(const fate_job *job, const char *name, double *value);
FATE_API int32_t fate_job_text(const fate_job *job, const char *name, const char **value);

/* The digest of the canonical form (32 bytes, BLAKE2b over the text "fate job 1", a zero byte, and the form) and the canonical form itself
 * (JSON, borrowed from the job; NULL when job is). FATE_E_ARGUMENT when an argument is NULL. */
FATE_API int32_t fate_job_digest(const fate_job *job, uint8_t *digest);
FATE_API const char *fate_job_canonical(const fate_job *job);

#ifdef __cplusplus
}
#endif
#endif
