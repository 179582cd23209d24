/* A job: which algorithm, which parties with which keys, which parameters. Every party has the same one, as JSON text.
 *
 *   {"algorithm": "vertical-boosting", "id": "id", "label": "y", "weight": "w", "categorical": ["purpose"],
 *    "parties": [{"name": "bank", "role": "guest", "key": "<fate keygen>", "address": "127.0.0.1:9001"}, ...],
 *    "parameters": {"trees": 10}}
 *
 * Unknown keys are errors. Parameters are those that the algorithm's protocol declares. The digest is taken over the
 * canonical form: defaults filled in, keys sorted, addresses left out.
 */
#ifndef FATE_JOB_H
#define FATE_JOB_H

#include <fate/identity.h>
#include <fate/table.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_job fate_job;

/* Reads a job from a JSON file or from text (name stands for the file name in sentences).
 * Returns FATE_OK; FATE_E_FILE; FATE_E_JOB with the line or the field that is wrong; FATE_E_UNSUPPORTED when no protocol of that name
 * is registered with the context; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_job_read(fate_context *context, fate_job **job, const char *path);
FATE_API int32_t fate_job_parse(fate_context *context, fate_job **job, const char *name, const uint8_t *text, uint64_t length);
FATE_API void fate_job_free(fate_job *job);

/* Facts; strings are borrowed from the job; out of range gives NULL. */
FATE_API const char *fate_job_algorithm(const fate_job *job);
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

/* FATE_OK when identity is the one the job pins for party; FATE_E_IDENTITY names both keys. */
FATE_API int32_t fate_job_check_identity(const fate_job *job, uint32_t party, const fate_identity *identity);

/* How a party's tables are to be read: id, label (for the role that holds it), weight, categorical columns.
 * purpose  enum fate_purpose: for FATE_PURPOSE_PREDICT the label may be missing. Borrowed; NULL when out of range. */
FATE_API const fate_schema *fate_job_schema(const fate_job *job, uint32_t party, int32_t purpose);

/* Parameters by name, defaults filled in. Returns FATE_OK, or FATE_E_ARGUMENT when the protocol has no such parameter of that kind.
 * Text is borrowed from the job. */
FATE_API int32_t fate_job_integer(const fate_job *job, const char *name, int64_t *value);
FATE_API int32_t fate_job_number(const fate_job *job, const char *name, double *value);
FATE_API int32_t fate_job_text(const fate_job *job, const char *name, const char **value);

/* The digest of the canonical form (32 bytes, BLAKE2b) and the canonical form itself (borrowed). */
FATE_API int32_t fate_job_digest(const fate_job *job, uint8_t *digest);
FATE_API const char *fate_job_canonical(const fate_job *job);

#ifdef __cplusplus
}
#endif
#endif
