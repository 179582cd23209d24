/* Model files: one a party, written in protobuf (proto/model.proto), versioned, with a checksum and the job's digest.
 * Equal models are equal bytes: there is no time and no run in them. A model never changes after it was made: functions on const
 * models may run concurrently, except where they return an error, whose sentence goes to the context.
 *
 * A model is confidential: it holds the party's own column names, categories and thresholds between its values, not encrypted. */
#ifndef FATE_MODEL_H
#define FATE_MODEL_H

#include <fate/protocol.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a model file, or its bytes.
 * model   out: the new model, NULL after an error; free with fate_model_free
 * path    in: file name; at most 1 GiB is read
 * bytes   in: length bytes of such a file, not kept
 * Returns FATE_OK; FATE_E_FILE; FATE_E_FORMAT when truncated, altered or no model; FATE_E_VERSION when of a newer major version
 * (a newer minor one loads); FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_model_read(fate_context *context, fate_model **model, const char *path);
FATE_API int32_t fate_model_import(fate_context *context, fate_model **model, const uint8_t *bytes, uint64_t length);

/* Writes a model for its owner alone (mode 0600): to a new name beside path, flushed, then renamed over path. What a newer
 * minor version wrote is written back unchanged.
 * Returns FATE_OK; FATE_E_FILE when that fails (a file that was there is then as before); FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_model_write(const fate_model *model, const char *path);
/* The bytes of the file.
 * bytes   out: free with fate_free; NULL after an error
 * length  out: number of bytes
 * Returns FATE_OK; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_model_export(const fate_model *model, uint8_t **bytes, uint64_t *length);
/* NULL is accepted. */
FATE_API void fate_model_free(fate_model *model);

/* Facts; borrowed from the model; NULL when model is. */
FATE_API const char *fate_model_algorithm(const fate_model *model);
FATE_API const char *fate_model_party(const fate_model *model);
FATE_API const char *fate_model_role(const fate_model *model);
/* digest  out: 32 bytes. FATE_OK; FATE_E_ARGUMENT when an argument is NULL. */
FATE_API int32_t fate_model_job_digest(const fate_model *model, uint8_t *digest);
/* The body in the protocol's own encoding (proto/boosting.proto for vertical boosting).
 * bytes  out: borrowed from the model; may be NULL when *length is 0. FATE_OK; FATE_E_ARGUMENT when an argument is NULL. */
FATE_API int32_t fate_model_body(const fate_model *model, const uint8_t **bytes, uint64_t *length);

/* Returns FATE_OK when the model belongs to this job and party; FATE_E_MODEL when its algorithm, party, role or job is another one (the
 * sentence says which); FATE_E_ARGUMENT. */
FATE_API int32_t fate_model_check(const fate_model *model, const fate_job *job, uint32_t party);

/* Readable text of one party's model, or of several parties' models of one job merged into one. Where the protocol has no dump of its own,
 * the heads of the files are shown.
 * models  in: count models, at least 1, of one job and of different parties
 * format  in: "text" or "json"
 * text    out: free with fate_free
 * Returns FATE_E_UNSUPPORTED for another format or an unknown algorithm; FATE_E_MODEL when the models are not of one job, or two of one
 * party; FATE_E_FORMAT when a body is damaged; FATE_E_MEMORY. */
FATE_API int32_t fate_model_dump(fate_context *context, const fate_model *const *models, uint32_t count, const char *format, char **text);

#ifdef __cplusplus
}
#endif
#endif
