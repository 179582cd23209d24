/* Stored state: everything a party needs to go on after a restart, bound to run, job, table and identity, and sealed under a key that
 * follows from the identity. One value under one key, replaced as a whole. */
#include "src/session/sealed.h"

#include <string.h>

enum { PEER_IN_MESSAGE = 1, PEER_PART_DONE = 2 };

static const uint8_t MAGIC[8] = {'F', 'A', 'T', 'E', 's', 't', 'a', '2'};

const char *state_name(const fate_session *session)
{
    if (session->purpose == FATE_PURPOSE_ALIGN_VALIDATION) return "alignment-validation";
    return session->purpose == FATE_PURPOSE_ALIGN ? "alignment" : "state";
}

static void write_peers(const fate_session *session, struct buffer *out)
{
    struct payload_book book;
    payload_book_init(&book, session->context);
    for (uint32_t i = 0; i < session->peer_count; i++) stream_unplace(&session->peers[i].stream);
    for (uint32_t i = 0; i < session->peer_count; i++) {
        const struct peer *peer = &session->peers[i];
        buffer_u32(out, peer->party);
        buffer_u8(out, peer->contacted);
        buffer_u8(out, peer->expelled);
        buffer_u8(out, (uint8_t)((peer->in_message ? PEER_IN_MESSAGE : 0) | (peer->part_done ? PEER_PART_DONE : 0)));
        buffer_u64(out, peer->message_bytes);
        buffer_append(out, peer->incarnation, CONTROL_RUN);
        buffer_u8(out, peer->stream.peer_durable);
        stream_save(&peer->stream, &book, out);
    }
}

static void write_results(const fate_session *session, struct buffer *out)
{
    buffer_u8(out, session->model_made);
    buffer_u64(out, session->model_made ? session->model_length : 0);
    if (session->model_made) buffer_append(out, session->model_body, session->model_length);
    uint32_t count = 0;
    for (const struct session_result *result = session->results; result != NULL; result = result->next) count++;
    buffer_u32(out, count);
    for (const struct session_result *result = session->results; result != NULL; result = result->next) {
        uint32_t length = (uint32_t)strlen(result->name);
        buffer_u32(out, length);
        buffer_append(out, result->name, length);
        buffer_u64(out, result->count);
        for (uint64_t i = 0; i < result->count; i++) buffer_double(out, result->values[i]);
    }
}

static void write_state(const fate_session *session, enum phase phase, const struct buffer *application, struct buffer *out)
{
    buffer_append(out, session->job_digest, CONTROL_DIGEST);
    buffer_u32(out, session->party);
    buffer_u32(out, (uint32_t)session->purpose);
    buffer_append(out, session->table_digest[0], CONTROL_DIGEST);
    buffer_append(out, session->table_digest[1], CONTROL_DIGEST);
    buffer_u8(out, (uint8_t)phase);
    buffer_append(out, session->secret, RANDOM_KEY);
    buffer_append(out, session->incarnation, CONTROL_RUN);
    buffer_u8(out, session->run_known);
    buffer_append(out, session->run, CONTROL_RUN);
    buffer_append(out, session->run_secret, CONTROL_SECRET);
    buffer_u32(out, session->step);
    write_peers(session, out);
    evidence_save(session, out);
    write_results(session, out);
    buffer_u64(out, application == NULL ? 0 : application->length);
    if (application != NULL) buffer_append(out, application->bytes, application->length);
}

int32_t state_store(fate_session *session, enum phase phase, struct buffer *application)
{
    struct buffer plain, sealed;
    buffer_init(&plain, session->context);
    buffer_init(&sealed, session->context);
    plain.secret = true;
    write_state(session, phase, application, &plain);
    int32_t result = plain.failed ? FATE_E_MEMORY : sealed_write(session, MAGIC, NULL, 0, plain.bytes, plain.length, &sealed);
    if (result == FATE_OK) result = session_ask_store(session, FATE_EVENT_PUT, state_name(session), &sealed);
    buffer_free(&plain);
    buffer_free(&sealed);
    return result;
}

static int32_t refuse(fate_session *session, const char *what)
{
    return session_fail_with(session, FATE_E_STORE, UINT32_MAX,
                             "the stored state %s; the option \"restart\" (fate train --restart) discards it", what);
}

static bool read_into(struct reader *in, uint8_t *to, uint64_t length)
{
    const uint8_t *bytes = reader_bytes(in, length);
    if (bytes != NULL) memcpy(to, bytes, length);
    return bytes != NULL;
}

static int32_t check_binding(fate_session *session, struct reader *in)
{
    uint8_t digest[CONTROL_DIGEST];
    if (!read_into(in, digest, sizeof digest)) return refuse(session, "is damaged");
    if (memcmp(digest, session->job_digest, sizeof digest) != 0) return refuse(session, "belongs to another job");
    if (reader_u32(in) != session->party) return refuse(session, "belongs to another party");
    if (reader_u32(in) != (uint32_t)session->purpose) return refuse(session, "belongs to another purpose of this job");
    for (int use = 0; use < 2; use++) {
        if (!read_into(in, digest, sizeof digest)) return refuse(session, "is damaged");
        if (memcmp(digest, session->table_digest[use], sizeof digest) != 0)
            return refuse(session, use == FATE_TABLE_DATA ? "was made with another table" : "was made with another validation table");
    }
    return FATE_OK;
}

static int32_t read_peers(fate_session *session, struct payload_book *book, struct reader *in)
{
    for (uint32_t i = 0; i < session->peer_count; i++) {
        struct peer *peer = &session->peers[i];
        if (reader_u32(in) != peer->party) return FATE_E_FORMAT;
        peer->contacted = reader_u8(in) == 1;
        peer->expelled = reader_u8(in) == 1;
        uint8_t flags = reader_u8(in);
        peer->in_message = (flags & PEER_IN_MESSAGE) != 0;
        peer->part_done = (flags & PEER_PART_DONE) != 0;
        peer->message_bytes = reader_u64(in);
        if (!read_into(in, peer->incarnation, CONTROL_RUN)) return FATE_E_FORMAT;
        peer->stream.peer_durable = reader_u8(in) == 1;
        int32_t result = stream_load(&peer->stream, book, in);
        if (result != FATE_OK) return result;
    }
    return FATE_OK;
}

static int32_t read_result(fate_session *session, struct reader *in)
{
    char name[256];
    uint32_t name_length = reader_u32(in);
    const uint8_t *text = name_length < sizeof name ? reader_bytes(in, name_length) : NULL;
    if (text == NULL) return FATE_E_FORMAT;
    memcpy(name, text, name_length);
    name[name_length] = 0;
    uint64_t count = reader_u64(in);
    if (count > reader_left(in) / sizeof(double)) return FATE_E_FORMAT;
    double *values = memory_allocate(session->context, count + 1, sizeof *values);
    if (values == NULL) return FATE_E_MEMORY;
    for (uint64_t i = 0; i < count; i++) values[i] = reader_double(in);
    int32_t result = fate_turn_set_result(&session->turn, name, values, count);
    memory_free(session->context, values);
    return result;
}

static int32_t read_results(fate_session *session, struct reader *in)
{
    bool made = reader_u8(in) == 1;
    uint64_t length = reader_u64(in);
    const uint8_t *body = reader_bytes(in, length);
    if (body == NULL) return FATE_E_FORMAT;
    int32_t result = made ? fate_turn_set_model(&session->turn, body, length) : FATE_OK;
    uint32_t count = reader_u32(in);
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) result = read_result(session, in);
    return result;
}

static int32_t read_rest(fate_session *session, struct reader *in, enum phase *phase, struct buffer *application)
{
    uint8_t stored = reader_u8(in);
    if (stored < PHASE_SEEDING || stored > PHASE_CONCLUDING) return FATE_E_FORMAT;
    *phase = (enum phase)stored;
    if (!read_into(in, session->secret, RANDOM_KEY) || !read_into(in, session->incarnation, CONTROL_RUN)) return FATE_E_FORMAT;
    session->run_known = reader_u8(in) == 1;
    session->run_stored = session->run_known;
    if (!read_into(in, session->run, CONTROL_RUN) || !read_into(in, session->run_secret, CONTROL_SECRET)) return FATE_E_FORMAT;
    session->step = reader_u32(in);
    if (session->step >= session->role->step_count + 1) return FATE_E_FORMAT;
    struct payload_book book;
    payload_book_init(&book, session->context);
    int32_t result = read_peers(session, &book, in);
    payload_book_free(&book);
    if (result == FATE_OK) result = evidence_restore(session, in);
    if (result == FATE_OK) result = read_results(session, in);
    if (result != FATE_OK) return result;
    uint64_t length = reader_u64(in);
    const uint8_t *bytes = reader_bytes(in, length);
    if (bytes == NULL || !reader_finished(in)) return FATE_E_FORMAT;
    buffer_append(application, bytes, length);
    return application->failed ? FATE_E_MEMORY : FATE_OK;
}

int32_t state_load(fate_session *session, const uint8_t *bytes, uint64_t length, enum phase *phase, struct buffer *application)
{
    struct buffer plain;
    struct reader in;
    buffer_init(&plain, session->context);
    plain.secret = true;
    int32_t result = sealed_read(session, MAGIC, NULL, 0, bytes, length, &plain);
    if (result == FATE_E_FORMAT)
        result = refuse(session, "is damaged or of another version");
    else if (result == FATE_E_STORE)
        result = refuse(session, "was altered, or kept by another identity");
    if (result == FATE_OK) {
        reader_init(&in, plain.bytes, plain.length);
        result = check_binding(session, &in);
        if (result == FATE_OK) result = read_rest(session, &in, phase, application);
        if (result == FATE_E_FORMAT) result = refuse(session, "is damaged");
    }
    buffer_free(&plain);
    return result;
}
