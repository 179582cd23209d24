/* Sessions: making them, options, events out, frames in, results. See session.h for the other parts. */
#include "src/session/session.h"

#include "src/data/table.h"

#include "src/session/job.h"
#include "src/session/model.h"
#include "src/session/registry.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static int32_t make_peer(fate_session *session, uint32_t party)
{
    fate_context *context = session->context;
    struct peer *peer = &session->peers[session->peer_count];
    struct public_identity key;
    if (!identity_parse_public(&key, fate_job_party_key(session->job, party)))
        return context_fail(context, FATE_E_JOB, "the key of party \"%s\" in the job cannot be read", session_name(session, party));
    peer->traffic = memory_zeroed(context, (uint64_t)session->protocol->message_count * 2 + 1, sizeof *peer->traffic);
    if (peer->traffic == NULL) return context_out_of_memory(context);
    peer->party = party;
    peer->role = fate_turn_role(&session->turn, party);
    peer->may_vanish = peer->role < session->protocol->role_count && session->protocol->roles[peer->role].may_vanish != 0;
    peer->open_message = -1;
    peer->frames_end = &peer->frames;
    memcpy(peer->evidence.sign_key, key.sign, IDENTITY_KEY);
    link_init(&peer->link, context, session->party > party, session->identity->exchange_secret, key.exchange);
    stream_init(&peer->stream, context);
    session->places[party] = (int32_t)session->peer_count++;
    return FATE_OK;
}

static int32_t make_peers(fate_session *session)
{
    fate_context *context = session->context;
    uint32_t talking = 0;
    session->places = memory_allocate(context, session->party_count, sizeof *session->places);
    if (session->places == NULL) return context_out_of_memory(context);
    for (uint32_t party = 0; party < session->party_count; party++) {
        session->places[party] = NO_PEER;
        talking += fate_job_parties_talk(session->job, session->party, party) == 1;
    }
    session->peers = memory_zeroed(context, (uint64_t)talking + 1, sizeof *session->peers);
    if (session->peers == NULL) return context_out_of_memory(context);
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < session->party_count && result == FATE_OK; party++)
        if (fate_job_parties_talk(session->job, session->party, party) == 1) result = make_peer(session, party);
    return result;
}

struct peer *session_peer(const fate_session *session, uint32_t party)
{
    if (party >= session->party_count || session->places[party] == NO_PEER) return NULL;
    return &session->peers[session->places[party]];
}

static int32_t fill(fate_session *session, const char *party, const fate_identity *identity)
{
    const fate_job *job = session->job;
    int32_t result = fate_job_find_party(job, party, &session->party);
    if (result == FATE_OK) result = fate_job_check_identity(job, session->party, identity);
    if (result != FATE_OK) return result;
    session->party_count = fate_job_party_count(job);
    if (session->purpose < FATE_PURPOSE_TRAIN || session->purpose > FATE_PURPOSE_ALIGN_VALIDATION)
        return context_fail(session->context, FATE_E_UNSUPPORTED, "there is no purpose %d: enum fate_purpose has the numbers",
                            (int)session->purpose);
    session->protocol = job_protocol(job, session->purpose);
    if (session->protocol == NULL)
        return context_fail(session->context, FATE_E_UNSUPPORTED, "the algorithm \"%s\" has no protocol for the purpose %s%s",
                            fate_job_algorithm(job), registry_purpose((uint32_t)session->purpose),
                            session->purpose == FATE_PURPOSE_PREDICT
                                ? "; if its model is whole at every party, fate_predict_alone scores rows with it"
                                : "");
    session->role_index = (uint32_t)registry_role(session->protocol, fate_job_party_role(job, session->party));
    if (session->role_index >= session->protocol->role_count)
        return context_fail(session->context, FATE_E_UNSUPPORTED, "the protocol for this purpose has no role \"%s\"",
                            fate_job_party_role(job, session->party));
    session->role = &session->protocol->roles[session->role_index];
    result = fate_job_digest(job, session->job_digest);
    if (result == FATE_OK) result = identity_copy(session->context, &session->identity, identity);
    if (result == FATE_OK) result = make_peers(session);
    return result;
}

int32_t fate_session_new(fate_context *context, fate_session **session, const fate_job *job, const char *party,
                         const fate_identity *identity, int32_t purpose)
{
    if (session != NULL) *session = NULL;
    if (context == NULL) return FATE_E_ARGUMENT;
    if (session == NULL || job == NULL || party == NULL || identity == NULL)
        return context_fail(context, FATE_E_ARGUMENT, "fate_session_new: no argument may be NULL");
    fate_context *own = NULL;
    int32_t result = context_child(context, &own);
    if (result != FATE_OK) return result;
    fate_session *made = memory_zeroed(own, 1, sizeof *made);
    if (made == NULL) {
        fate_context_free(own);
        return context_out_of_memory(context);
    }
    made->context = own;
    made->job = job;
    made->purpose = purpose;
    made->contact_timeout = 45000;
    made->loss_timeout = 600000;
    made->linger_timeout = 10000;
    made->window = 4194304;
    made->failure_party = UINT32_MAX;
    made->turn.session = made;
    made->turn.from = -1;
    made->turn.go_to = -1;
    made->wake_at = UINT64_MAX;
    event_queue_init(&made->events, own);
    buffer_init(&made->store_bytes, own);
    buffer_init(&made->value.bytes, own);
    made->value.bytes.secret = true;
    evidence_init(made);
    atomic_init(&made->cancelled, false);
    result = fill(made, party, identity);
    if (result == FATE_OK) {
        *session = made;
        return FATE_OK;
    }
    /* The job's own functions report on the job's context; the rest on the session's. */
    if (fate_context_error(own)[0] != 0) context_copy_sentence(context, own);
    fate_session_free(made);
    return result;
}

void session_free_results(fate_session *session)
{
    while (session->results != NULL) {
        struct session_result *gone = session->results;
        session->results = gone->next;
        memory_free(session->context, gone->name);
        memory_free(session->context, gone->values);
        memory_free(session->context, gone);
    }
}

static void free_peers(fate_session *session)
{
    fate_context *context = session->context;
    for (uint32_t i = 0; i < session->peer_count; i++) {
        struct peer *peer = &session->peers[i];
        memory_free(context, peer->traffic);
        link_free(&peer->link);
        stream_free(&peer->stream);
        while (peer->frames != NULL) {
            struct waiting_frame *gone = peer->frames;
            peer->frames = gone->next;
            memory_free(context, gone);
        }
    }
    memory_free(context, session->peers);
    memory_free(context, session->places);
}

void fate_session_free(fate_session *session)
{
    if (session == NULL) return;
    fate_context *context = session->context;
    if (session->state_made && session->role->stop != NULL) session->role->stop(context, session->state);
    turn_reset(session);
    evidence_free(session);
    free_peers(session);
    event_queue_free(&session->events);
    buffer_free(&session->store_bytes);
    buffer_free(&session->value.bytes);
    session_free_results(session);
    task_free(session);
    memory_free_secret(context, session->question.values, session->question.count * sizeof *session->question.values);
    memory_free(context, session->model_body);
    fate_identity_free(session->identity);
    memory_free_secret(context, session, sizeof *session);
    fate_context_free(context);
}

bool session_entered(const fate_session *session)
{
    return session->running || session->in_hook;
}

static int32_t too_late(fate_session *session, const char *what)
{
    return context_fail(session->context, FATE_E_STATE, "%s set before the first run of a session", what);
}

int32_t fate_session_set_table(fate_session *session, int32_t use, const fate_table *table)
{
    if (session == NULL) return FATE_E_ARGUMENT;
    if (use != FATE_TABLE_DATA && use != FATE_TABLE_VALIDATION)
        return context_fail(session->context, FATE_E_ARGUMENT, "there is no use %d of a table: see enum fate_table_use", (int)use);
    if (session->has_run) return too_late(session, "tables are");
    if (table != NULL && !table->finished)
        return context_fail(session->context, FATE_E_STATE, "the table is not finished: call fate_table_finish first");
    session->tables[use] = table;
    return FATE_OK;
}

int32_t fate_session_set_model(fate_session *session, const fate_model *model)
{
    if (session == NULL) return FATE_E_ARGUMENT;
    if (session->has_run) return too_late(session, "a model is");
    if (model != NULL) {
        int32_t result = session->purpose == FATE_PURPOSE_TRAIN ? model_check_party(model, session->job, session->party)
                                                                : fate_model_check(model, session->job, session->party);
        if (result != FATE_OK) return context_fail(session->context, result, "%s", fate_context_error(model_context(model)));
    }
    session->model = model;
    return FATE_OK;
}

int32_t fate_session_set_option(fate_session *session, const char *name, int64_t value)
{
    if (session == NULL) return FATE_E_ARGUMENT;
    if (name == NULL || value < 0)
        return context_fail(session->context, FATE_E_ARGUMENT, "a session option has a name and a value from 0 on");
    if (session->has_run) return too_late(session, "options are");
    uint64_t durable = session->durable, restart = session->restart, leaves = session->leaves;
    const struct {
        const char *name;
        uint64_t *value;
        uint64_t least, most;
    } options[] = {
        {"contact_timeout", &session->contact_timeout, 0, INT64_MAX},
        {"loss_timeout", &session->loss_timeout, 0, INT64_MAX},
        {"linger_timeout", &session->linger_timeout, 0, INT64_MAX},
        {"window", &session->window, WINDOW_LEAST, WINDOW_MOST},
        {"durable", &durable, 0, 1},
        {"restart", &restart, 0, 1},
        {"leaves", &leaves, 0, 1},
        {"date", &session->date, 0, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(options[i].name, name) != 0) continue;
        if ((uint64_t)value < options[i].least || (uint64_t)value > options[i].most)
            return context_fail(session->context, FATE_E_ARGUMENT, "the session option \"%s\" takes %llu to %llu, not %lld", name,
                                (unsigned long long)options[i].least, (unsigned long long)options[i].most, (long long)value);
        *options[i].value = (uint64_t)value;
        session->durable = durable == 1;
        session->restart = restart == 1;
        session->leaves = leaves == 1;
        return FATE_OK;
    }
    return context_fail(
        session->context, FATE_E_ARGUMENT,
        "there is no session option \"%s\": choose contact_timeout, loss_timeout, linger_timeout, window, durable, restart, leaves or date",
        name);
}

static int32_t run_parts(fate_session *session, uint64_t budget, bool *more)
{
    if (atomic_load(&session->cancelled)) {
        if (session->phase != PHASE_LINGERING) return session_fail_with(session, FATE_E_CANCELLED, UINT32_MAX, "the job was cancelled");
        session->phase = PHASE_FINISHED; /* all is done; only the courtesy to peers is cut short */
        return FATE_OK;
    }
    bool connects = session->phase < PHASE_CONNECTING;
    int32_t result = evidence_settle(session);
    if (result == FATE_OK) result = peers_receive(session);
    if (result == FATE_OK) result = peers_maintain(session);
    if (result == FATE_OK) result = engine_run(session, budget, more);
    if (result == FATE_OK && connects) result = peers_maintain(session); /* begins handshakes in the run that allows them */
    if (result == FATE_OK) result = peers_transmit(session);
    if (result == FATE_OK) result = evidence_hand_over(session);
    /* A hello that has just gone out may have been the last thing that the first step waited for. */
    if (session->phase == PHASE_CONNECTING && session->run_known && session->run_stored && peers_ready(session)) *more = true;
    if ((session->phase == PHASE_LINGERING && engine_may_leave(session)) || peers_cut_short(session)) *more = true;
    return result;
}

int32_t fate_session_run(fate_session *session, uint64_t now, uint64_t budget)
{
    if (session == NULL) return FATE_E_ARGUMENT;
    if (session_entered(session)) return FATE_E_REENTERED;
    if (session->events.first != NULL) return FATE_E_STATE;
    if (session->phase == PHASE_FAILED) return session->failure;
    if (session->phase == PHASE_FINISHED) return FATE_FINISHED;
    event_forget_shown(&session->events);
    if (!session->has_run) session->started = now;
    if (!session->has_run || now > session->now) session->now = now;
    session->has_run = true;
    session->question.fresh = session->task.fresh = false;
    session->running = true;
    session->run_bytes = 0;
    bool more = false;
    int32_t result = run_parts(session, budget == 0 ? UINT64_MAX : budget, &more);
    session->running = false;
    if (result != FATE_OK) {
        session_fail(session, result, UINT32_MAX);
        if (evidence_conclude(session, session->failure) == FATE_OK) (void)evidence_hand_over(session);
        if (session->failed_in >= PHASE_CONNECTING && session->failed_in < PHASE_LINGERING)
            peers_abort(session, session->failure, session->turn.for_peers);
        return session->failure;
    }
    if (session->phase == PHASE_FINISHED) return FATE_FINISHED;
    /* Who waits until the deadline must not be told one that has passed. */
    more = more || peers_deadline(session) <= session->now;
    return more ? FATE_AGAIN : FATE_OK;
}

uint64_t fate_session_deadline(const fate_session *session)
{
    if (session == NULL || session->phase >= PHASE_FINISHED) return UINT64_MAX;
    return session->question.fresh || session->task.fresh ? session->now : peers_deadline(session);
}

/* A session that has ended keeps the sentence that says why. */
static int32_t not_a_peer(fate_session *session, uint32_t peer)
{
    if (session->phase == PHASE_FAILED) return FATE_E_ARGUMENT;
    return context_fail(session->context, FATE_E_ARGUMENT, "party %u of the job is no peer of %s", peer,
                        session_name(session, session->party));
}

int32_t fate_session_receive(fate_session *session, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    if (session == NULL || (bytes == NULL && length > 0)) return FATE_E_ARGUMENT;
    if (session_entered(session)) return FATE_E_REENTERED;
    if (session_peer(session, peer) == NULL) return not_a_peer(session, peer);
    if (length > FRAME_LIMIT)
        return context_fail(session->context, FATE_E_LIMIT, "a frame of %llu bytes is longer than %d", (unsigned long long)length,
                            FRAME_LIMIT);
    if (session->phase >= PHASE_FINISHED) return FATE_OK;
    struct peer *from = session_peer(session, peer);
    if (from->frame_bytes > session->window + FRAME_LIMIT) return FATE_AGAIN;
    struct waiting_frame *frame = memory_allocate(session->context, sizeof *frame + length, 1);
    if (frame == NULL) return FATE_E_MEMORY;
    frame->next = NULL;
    frame->link = link;
    frame->length = length;
    if (length > 0) memcpy(frame->bytes, bytes, length);
    *from->frames_end = frame;
    from->frames_end = &frame->next;
    from->frame_bytes += length + sizeof *frame;
    session->frames_received++;
    session->bytes_received += length;
    return FATE_OK;
}

int32_t fate_session_connected(fate_session *session, uint32_t peer, uint64_t link)
{
    if (session == NULL) return FATE_E_ARGUMENT;
    if (session_entered(session)) return FATE_E_REENTERED;
    if (session_peer(session, peer) == NULL) return not_a_peer(session, peer);
    struct link *way = &session_peer(session, peer)->link;
    /* A channel outlives connections: only one that has lost its way wants a new handshake. */
    if (!way->initiator || (way->open && way->connection != 0 && way->connection != link)) return FATE_OK;
    way->wanted = true;
    way->pause = 0;
    way->next_attempt = session->now;
    return FATE_OK;
}

int32_t fate_session_disconnected(fate_session *session, uint32_t peer, uint64_t link)
{
    if (session == NULL) return FATE_E_ARGUMENT;
    if (session_entered(session)) return FATE_E_REENTERED;
    if (session_peer(session, peer) == NULL) return not_a_peer(session, peer);
    struct peer *gone = session_peer(session, peer);
    struct link *way = &gone->link;
    if (!way->open || way->connection != link) return FATE_OK;
    way->connection = 0;
    gone->apart = true;
    session->departed = true;
    return FATE_OK;
}

int32_t fate_session_next(fate_session *session, const fate_event **event)
{
    if (event != NULL) *event = NULL;
    if (session == NULL || event == NULL) return FATE_E_ARGUMENT;
    if (session_entered(session)) return FATE_E_REENTERED;
    struct event_queue *queue = &session->events;
    event_forget_shown(queue);
    if (queue->first == NULL) return FATE_EMPTY;
    queue->shown = queue->first;
    queue->first = queue->shown->next;
    if (queue->first == NULL) queue->end = NULL;
    *event = queue->shown;
    return FATE_OK;
}

int32_t fate_session_complete(fate_session *session, uint64_t identifier, int32_t result, const uint8_t *bytes, uint64_t length)
{
    if (session == NULL || (bytes == NULL && length > 0)) return FATE_E_ARGUMENT;
    if (session_entered(session)) return FATE_E_REENTERED;
    if (evidence_complete(session, identifier, result)) return FATE_OK;
    if (session->store_kind == 0 || session->store_done || identifier != session->store_identifier) return FATE_E_ARGUMENT;
    buffer_clear(&session->store_bytes);
    buffer_append(&session->store_bytes, bytes, length);
    session->store_result = session->store_bytes.failed ? FATE_E_MEMORY : result;
    session->store_done = true;
    return FATE_OK;
}

void fate_session_cancel(fate_session *session)
{
    if (session != NULL) atomic_store(&session->cancelled, true);
}

const char *fate_session_error(const fate_session *session)
{
    return session == NULL ? "" : fate_context_error(session->context);
}

uint32_t fate_session_error_party(const fate_session *session)
{
    return session == NULL ? UINT32_MAX : session->failure_party;
}

int32_t fate_session_model(const fate_session *session, fate_model **model)
{
    if (model != NULL) *model = NULL;
    if (session == NULL || model == NULL) return FATE_E_ARGUMENT;
    if (session->phase != PHASE_FINISHED) return FATE_E_STATE;
    if (!session->model_made) return FATE_EMPTY;
    fate_context *owner = session->context->parent; /* on which an error of the model's own functions is looked for */
    int32_t result = model_new(owner, model, session->protocol->name, session_name(session, session->party), session->role->name,
                               session->job_digest, session->model_body, session->model_length);
    if (result != FATE_OK) context_copy_sentence(session->context, owner);
    return result;
}

int32_t fate_session_result(const fate_session *session, const char *name, const double **values, uint64_t *count)
{
    if (session == NULL || name == NULL || values == NULL || count == NULL) return FATE_E_ARGUMENT;
    if (session->phase != PHASE_FINISHED) return FATE_E_STATE;
    for (const struct session_result *result = session->results; result != NULL; result = result->next) {
        if (strcmp(result->name, name) != 0) continue;
        *values = result->values;
        *count = result->count;
        return FATE_OK;
    }
    return FATE_EMPTY;
}

const char *fate_session_result_name(const fate_session *session, uint32_t index)
{
    if (session == NULL || session->phase != PHASE_FINISHED) return NULL;
    const struct session_result *result = session->results;
    for (; result != NULL && index > 0; index--) result = result->next;
    return result == NULL ? NULL : result->name;
}

int32_t fate_session_counter(const fate_session *session, const char *name, uint64_t *value)
{
    if (session == NULL || name == NULL || value == NULL) return FATE_E_ARGUMENT;
    uint64_t rejected = 0, repeated = 0, handshakes = 0;
    for (uint32_t i = 0; i < session->peer_count; i++) {
        rejected += session->peers[i].link.rejected;
        repeated += session->peers[i].link.repeated;
        handshakes += session->peers[i].link.handshakes;
    }
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {{"frames_sent", session->frames_sent},
                    {"frames_received", session->frames_received},
                    {"bytes_sent", session->bytes_sent},
                    {"bytes_received", session->bytes_received},
                    {"frames_rejected", rejected},
                    {"frames_repeated", repeated},
                    {"records_resent", session->records_resent},
                    {"handshakes", handshakes}};
    for (uint32_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        if (strcmp(name, counters[i].name) != 0) continue;
        *value = counters[i].value;
        return FATE_OK;
    }
    return FATE_E_ARGUMENT;
}

void session_count(struct peer *peer, uint32_t message, bool outgoing, uint64_t bytes, bool last)
{
    struct traffic *traffic = &peer->traffic[2 * (uint64_t)message + (outgoing ? 1 : 0)];
    traffic->bytes += bytes;
    traffic->messages += last;
}

int32_t fate_session_traffic(const fate_session *session, uint32_t index, const char **message, uint32_t *peer, int32_t *outgoing,
                             uint64_t *messages, uint64_t *bytes)
{
    if (session == NULL || message == NULL || peer == NULL || outgoing == NULL || messages == NULL || bytes == NULL) return FATE_E_ARGUMENT;
    for (uint32_t i = 0; i < session->protocol->message_count; i++)
        for (uint32_t place = 0; place < session->peer_count; place++)
            for (int32_t out = 0; out <= 1; out++) {
                const struct traffic *traffic = &session->peers[place].traffic[2 * i + (uint32_t)out];
                if (traffic->messages == 0 && traffic->bytes == 0) continue;
                if (index-- > 0) continue;
                *message = session->protocol->messages[i].name;
                *peer = session->peers[place].party;
                *outgoing = out;
                *messages = traffic->messages;
                *bytes = traffic->bytes;
                return FATE_OK;
            }
    return FATE_EMPTY;
}

const char *session_name(const fate_session *session, uint32_t party)
{
    const char *name = fate_job_party_name(session->job, party);
    return name == NULL ? "?" : name;
}

void session_random(fate_session *session, void *out, uint64_t length)
{
    if (session->simulated)
        random_stream_bytes(&session->random, out, length);
    else
        random_system(out, length);
}

void session_simulate(fate_session *session, const uint8_t *key)
{
    session->simulated = true;
    random_stream_init(&session->random, key, 0);
}

int32_t session_fail(fate_session *session, int32_t result, uint32_t party)
{
    if (session->phase == PHASE_FAILED) return session->failure;
    if (result == FATE_E_MEMORY) context_out_of_memory(session->context);
    session->failed_in = session->phase;
    session->phase = PHASE_FAILED;
    session->failure = result;
    session->failure_party = party;
    return result;
}

int32_t session_fail_with(fate_session *session, int32_t result, uint32_t party, const char *format, ...)
{
    char sentence[CONTEXT_SENTENCE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    context_fail(session->context, result, "%s", sentence);
    return session_fail(session, result, party);
}

int32_t session_emit_warning(fate_session *session, const char *format, ...)
{
    struct fate_event *event = event_add(&session->events, FATE_EVENT_WARNING);
    if (event == NULL) return FATE_E_MEMORY;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(event->text, sizeof event->text, format, arguments);
    va_end(arguments);
    return FATE_OK;
}

int32_t session_ask_store(fate_session *session, int32_t kind, const char *key, struct buffer *bytes)
{
    session->store_kind = kind;
    session->store_done = false;
    session->store_identifier = ++session->store_next;
    if (kind == FATE_EVENT_PUT && !evidence_kept(session)) return evidence_hold_put(session, key, bytes);
    struct fate_event *event = bytes == NULL ? event_add(&session->events, kind) : event_add_bytes(&session->events, kind, bytes);
    if (event == NULL) return FATE_E_MEMORY;
    event->identifier = session->store_identifier;
    snprintf(event->text, sizeof event->text, "%s", key);
    return FATE_OK;
}

bool session_drive_begin(fate_session *session)
{
    if (session->driven || session->running) return false;
    session->driven = true;
    return true;
}

void session_drive_end(fate_session *session)
{
    session->driven = false;
}

void session_hook_begin(fate_session *session)
{
    session->in_hook = true;
}

void session_hook_end(fate_session *session)
{
    session->in_hook = false;
}
