/* Model files: packed once and kept as these bytes, so that a model of a newer minor version is written back unchanged. */
#include "src/session/model.h"

#include <sodium.h>
#include <string.h>

#include "lib/file.h"
#include "proto/model.pb-c.h"
#include "src/session/job.h"
#include "src/session/job_reader.h"
#include "src/session/protobuf.h"

static const char model_kind[] = "libfate model";
static const char checksum_domain[] = "fate model file 1";

struct fate_model {
    fate_context *context;
    uint8_t *bytes; /* the file */
    uint64_t length;
    Fate__ModelContent *content;
};

static void checksum(uint8_t *out, uint32_t major, uint32_t minor, const uint8_t *content, uint64_t length)
{
    uint8_t version[8];
    crypto_generichash_state state;
    bytes_store_u32(version, major);
    bytes_store_u32(version + 4, minor);
    crypto_generichash_init(&state, NULL, 0, MODEL_DIGEST);
    crypto_generichash_update(&state, (const uint8_t *)checksum_domain, sizeof checksum_domain);
    crypto_generichash_update(&state, version, sizeof version);
    crypto_generichash_update(&state, content, length);
    crypto_generichash_final(&state, out, MODEL_DIGEST);
}

/* Appends the file around a packed content. */
static int32_t pack_file(fate_context *context, struct buffer *file, uint32_t major, uint32_t minor, ProtobufCBinaryData content)
{
    uint8_t sum[MODEL_DIGEST];
    checksum(sum, major, minor, content.data, content.len);
    Fate__ModelFile message;
    fate__model_file__init(&message);
    /* protobuf-c knows no const; packing only reads. */
    union {
        const char *given;
        char *text;
    } kind = {model_kind};
    message.kind = kind.text;
    message.major = major;
    message.minor = minor;
    message.checksum.data = sum;
    message.checksum.len = sizeof sum;
    message.content = content;
    if (!buffer_reserve(file, fate__model_file__get_packed_size(&message))) return context_out_of_memory(context);
    file->length += fate__model_file__pack(&message, file->bytes + file->length);
    return FATE_OK;
}

static int32_t pack_content(fate_context *context, struct buffer *packed, const char *const *names, const uint8_t *job_digest,
                            const uint8_t *body, uint64_t length)
{
    /* protobuf-c knows no const; packing only reads. */
    union {
        const void *given;
        char *text;
        uint8_t *bytes;
    } members[5] = {{names[0]}, {names[1]}, {names[2]}, {job_digest}, {body}};
    Fate__ModelContent content;
    fate__model_content__init(&content);
    content.algorithm = members[0].text;
    content.party = members[1].text;
    content.role = members[2].text;
    content.job_digest.data = members[3].bytes;
    content.job_digest.len = MODEL_DIGEST;
    content.body.data = members[4].bytes;
    content.body.len = (size_t)length;
    if (!buffer_reserve(packed, fate__model_content__get_packed_size(&content))) return context_out_of_memory(context);
    packed->length += fate__model_content__pack(&content, packed->bytes);
    return FATE_OK;
}

static int32_t not_a_model(fate_context *context, const char *name)
{
    return context_fail(context, FATE_E_FORMAT, "%s: not a model file, or truncated or altered: restore it from a copy or train again",
                        name);
}

/* There is one way to write the outer message. Any other, with unknown or repeated fields, was altered where no checksum sees it. */
static int32_t check_encoding(fate_context *context, const char *name, const Fate__ModelFile *file, const uint8_t *bytes, uint64_t length)
{
    struct buffer again;
    buffer_init(&again, context);
    int32_t result = pack_file(context, &again, file->major, file->minor, file->content);
    if (result == FATE_OK && (again.length != length || memcmp(again.bytes, bytes, (size_t)length) != 0))
        result = not_a_model(context, name);
    buffer_free(&again);
    return result;
}

/* The checksum is compared as part of the encoding. */
static int32_t check_file(fate_context *context, const char *name, const Fate__ModelFile *file, const uint8_t *bytes, uint64_t length)
{
    if (strcmp(file->kind, model_kind) != 0 || file->major == 0) return not_a_model(context, name);
    if (file->major > MODEL_MAJOR) {
        return context_fail(context, FATE_E_VERSION, "%s: the model has version %u, and this library reads up to %d: use a newer library",
                            name, (unsigned)file->major, (int)MODEL_MAJOR);
    }
    return check_encoding(context, name, file, bytes, length);
}

static int32_t read_content(fate_model *model, const char *name, ProtobufCBinaryData bytes)
{
    struct protobuf_memory memory;
    protobuf_memory_init(&memory, model->context);
    model->content = fate__model_content__unpack(&memory.allocator, bytes.len, bytes.data);
    if (memory.failed) return context_out_of_memory(model->context);
    const Fate__ModelContent *content = model->content;
    const bool good = content != NULL && content->job_digest.len == MODEL_DIGEST && job_reader_is_name(content->algorithm) &&
                      job_reader_is_name(content->party) && job_reader_is_name(content->role);
    return good ? FATE_OK : not_a_model(model->context, name);
}

static int32_t read_file(fate_model *model, const char *name)
{
    struct protobuf_memory memory;
    protobuf_memory_init(&memory, model->context);
    Fate__ModelFile *file = fate__model_file__unpack(&memory.allocator, (size_t)model->length, model->bytes);
    if (memory.failed) return context_out_of_memory(model->context);
    if (file == NULL) return not_a_model(model->context, name);
    int32_t result = check_file(model->context, name, file, model->bytes, model->length);
    if (result == FATE_OK) result = read_content(model, name, file->content);
    fate__model_file__free_unpacked(file, &memory.allocator);
    return result;
}

/* Makes a model of a file's bytes, which are taken from the buffer. */
static int32_t model_from_buffer(fate_context *context, fate_model **model, const char *name, struct buffer *file)
{
    fate_model *made = memory_zeroed(context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(context);
    made->context = context_hold(context);
    made->bytes = buffer_take(file, &made->length);
    const int32_t result = made->bytes == NULL ? context_out_of_memory(context) : read_file(made, name);
    if (result == FATE_OK) {
        *model = made;
    } else {
        fate_model_free(made);
    }
    return result;
}

int32_t model_new(fate_context *context, fate_model **model, const char *algorithm, const char *party, const char *role,
                  const uint8_t *job_digest, const uint8_t *body, uint64_t length)
{
    const char *const names[3] = {algorithm, party, role};
    struct buffer content, file;
    *model = NULL;
    if (length > MODEL_LIMIT - MODEL_HEAD) {
        return context_fail(context, FATE_E_LIMIT, "the model of %s would be longer than %d bytes", party, (int)MODEL_LIMIT);
    }
    buffer_init(&content, context);
    buffer_init(&file, context);
    int32_t result = pack_content(context, &content, names, job_digest, body, length);
    const ProtobufCBinaryData packed = {(size_t)content.length, content.bytes};
    if (result == FATE_OK) result = pack_file(context, &file, MODEL_MAJOR, MODEL_MINOR, packed);
    if (result == FATE_OK) result = model_from_buffer(context, model, "model", &file);
    buffer_free(&content);
    buffer_free(&file);
    return result;
}

static int32_t import(fate_context *context, fate_model **model, const char *name, const uint8_t *bytes, uint64_t length)
{
    struct buffer file;
    if (length == 0 || length > MODEL_LIMIT) return not_a_model(context, name);
    buffer_init(&file, context);
    buffer_append(&file, bytes, length);
    const int32_t result = model_from_buffer(context, model, name, &file);
    buffer_free(&file);
    return result;
}

fate_context *model_context(const fate_model *model)
{
    return model->context;
}

int32_t model_copy(fate_context *context, fate_model **copy, const fate_model *model)
{
    *copy = NULL;
    return import(context, copy, "model", model->bytes, model->length);
}

int32_t fate_model_import(fate_context *context, fate_model **model, const uint8_t *bytes, uint64_t length)
{
    if (model != NULL) *model = NULL;
    if (context == NULL || model == NULL || (bytes == NULL && length > 0))
        return context_bad_argument(context, "fate_model_import: model or bytes is NULL");
    return import(context, model, "model", bytes, length);
}

int32_t fate_model_read(fate_context *context, fate_model **model, const char *path)
{
    if (model != NULL) *model = NULL;
    if (context == NULL || model == NULL || path == NULL) return context_bad_argument(context, "fate_model_read: model or path is NULL");
    struct buffer file;
    buffer_init(&file, context);
    int32_t result = file_read(context, &file, path, MODEL_LIMIT);
    if (result == FATE_E_LIMIT || (result == FATE_OK && file.length == 0)) result = not_a_model(context, path);
    if (result == FATE_OK) result = model_from_buffer(context, model, path, &file);
    buffer_free(&file);
    return result;
}

int32_t fate_model_write(const fate_model *model, const char *path)
{
    if (model == NULL) return FATE_E_ARGUMENT;
    if (path == NULL) return context_bad_argument(model->context, "fate_model_write: path is NULL");
    return file_replace_private(model->context, path, model->bytes, model->length);
}

int32_t fate_model_export(const fate_model *model, uint8_t **bytes, uint64_t *length)
{
    if (bytes != NULL) *bytes = NULL;
    if (model == NULL) return FATE_E_ARGUMENT;
    if (bytes == NULL || length == NULL) return context_bad_argument(model->context, "fate_model_export: bytes or length is NULL");
    *bytes = memory_copy(model->context, model->bytes, model->length);
    if (*bytes == NULL) return context_out_of_memory(model->context);
    *length = model->length;
    return FATE_OK;
}

void fate_model_free(fate_model *model)
{
    if (model == NULL) return;
    fate_context *context = model->context;
    struct protobuf_memory memory;
    protobuf_memory_init(&memory, context);
    if (model->content != NULL) fate__model_content__free_unpacked(model->content, &memory.allocator);
    memory_free(context, model->bytes);
    memory_free(context, model);
    fate_context_free(context);
}

const char *fate_model_algorithm(const fate_model *model)
{
    return model == NULL ? NULL : model->content->algorithm;
}

const char *fate_model_party(const fate_model *model)
{
    return model == NULL ? NULL : model->content->party;
}

const char *fate_model_role(const fate_model *model)
{
    return model == NULL ? NULL : model->content->role;
}

int32_t fate_model_job_digest(const fate_model *model, uint8_t *digest)
{
    if (model == NULL) return FATE_E_ARGUMENT;
    if (digest == NULL) return context_bad_argument(model->context, "fate_model_job_digest: digest is NULL");
    memcpy(digest, model->content->job_digest.data, MODEL_DIGEST);
    return FATE_OK;
}

int32_t fate_model_body(const fate_model *model, const uint8_t **bytes, uint64_t *length)
{
    if (model == NULL) return FATE_E_ARGUMENT;
    if (bytes == NULL || length == NULL) return context_bad_argument(model->context, "fate_model_body: bytes or length is NULL");
    *bytes = model->content->body.data;
    *length = model->content->body.len;
    return FATE_OK;
}

int32_t model_check_party(const fate_model *model, const fate_job *job, uint32_t party)
{
    fate_context *context = model->context;
    const Fate__ModelContent *content = model->content;
    if (strcmp(content->algorithm, job->algorithm) != 0) {
        return context_fail(context, FATE_E_MODEL, "the model is of algorithm %s, but the job is of %s", content->algorithm,
                            job->algorithm);
    }
    if (strcmp(content->party, job->parties[party].name) != 0) {
        return context_fail(context, FATE_E_MODEL, "the model is the one of party %s, not of %s", content->party, job->parties[party].name);
    }
    if (strcmp(content->role, job->parties[party].role) != 0) {
        return context_fail(context, FATE_E_MODEL, "the model of %s was made in the role %s, but the job has it as %s", content->party,
                            content->role, job->parties[party].role);
    }
    return FATE_OK;
}

int32_t fate_model_check(const fate_model *model, const fate_job *job, uint32_t party)
{
    if (model == NULL) return FATE_E_ARGUMENT;
    fate_context *context = model->context;
    if (job == NULL || party >= job->party_count)
        return context_bad_argument(context, "fate_model_check: job is NULL, or it has no such party");
    const Fate__ModelContent *content = model->content;
    int32_t result = model_check_party(model, job, party);
    if (result == FATE_OK && memcmp(content->job_digest.data, job->digest, MODEL_DIGEST) != 0) {
        return context_fail(context, FATE_E_MODEL, "the model of %s was made by another job: parties, keys, columns or parameters differ",
                            content->party);
    }
    return result;
}
