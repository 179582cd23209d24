/* One party driven through hooks, its peers stepped inside its wait; see driven.h. */
#include "tests/support/driven.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/session/identity.h"
#include "src/session/session.h"

enum { WAITS_MOST = 20000, HUNG = -9999, SETTLE = 5000, LINK = 1, STRANGE_LINK = 2 };

struct driven_frame {
    struct driven_frame *next;
    uint32_t from, to;
    uint64_t length;
    uint8_t bytes[];
};

const char *driven_call_name(enum driven_call call)
{
    static const char *const names[CALLS] = {"allocate", "send",    "poll",         "wait",   "close",         "flush",
                                             "proved",   "put",     "get",          "delete", "list",          "progress",
                                             "metric",   "warning", "peer_changed", "tick",   "read evidence", "append evidence"};
    return names[call];
}

/* ---- the world ---- */

/* The job with the parties' keys, each before its address. */
static void add_keys(struct driven_world *world)
{
    char plain[4096];
    const char *at = plain, *place;
    size_t used = 0;
    boosting_job(plain, world->from, 0);
    for (uint32_t party = 0; (place = strstr(at, "\"address\"")) != NULL; at = place + 9, party++)
        used += (size_t)snprintf(world->text + used, sizeof world->text - used, "%.*s\"key\": \"%s\", \"address\"", (int)(place - at), at,
                                 fate_identity_public(world->identities[party]));
    snprintf(world->text + used, sizeof world->text - used, "%s", at);
}

static int32_t make_parties(struct driven_world *world)
{
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < world->count && result == FATE_OK; party++) {
        uint8_t seed[IDENTITY_KEY];
        memset(seed, (int)party + 1, sizeof seed);
        result = identity_from_seed(world->context, &world->identities[party], seed);
        world->tables[party] = boosting_table(world->context, world->from, party, party == 0, FATE_TABLE_DATA);
        if (world->from->validation_rows > 0)
            world->validations[party] = boosting_table(world->context, world->from, party, party == 0, FATE_TABLE_VALIDATION);
    }
    if (result != FATE_OK) return result;
    add_keys(world);
    return fate_job_parse(world->context, &world->job, "job", (const uint8_t *)world->text, strlen(world->text));
}

bool driven_world_make(struct driven_world *world, const struct boosting_case *from)
{
    memset(world, 0, sizeof *world);
    world->from = from;
    world->count = from->hosts + 1;
    world->threads = 1;
    if (fate_context_new(&world->context, NULL) != FATE_OK) return false;
    world->context->accepts_small_keys = true;
    int32_t result = make_parties(world);
    if (result == FATE_OK)
        result = fate_train_pooled(world->context, world->models, world->job, (const fate_table *const *)world->tables,
                                   from->validation_rows > 0 ? (const fate_table *const *)world->validations : NULL, NULL);
    for (uint32_t party = 0; party < world->count && result == FATE_OK; party++)
        result = fate_model_export(world->models[party], &world->bytes[party], &world->lengths[party]);
    if (result == FATE_OK)
        result = fate_predict_pooled(world->context, &world->scores, world->job, (const fate_model *const *)world->models,
                                     (const fate_table *const *)world->tables);
    return result == FATE_OK;
}

void driven_world_free(struct driven_world *world)
{
    for (uint32_t party = 0; party < world->count; party++) {
        fate_identity_free(world->identities[party]);
        fate_table_free(world->tables[party]);
        fate_table_free(world->validations[party]);
        fate_model_free(world->models[party]);
        fate_free(world->context, world->bytes[party]);
    }
    fate_scores_free(world->scores);
    fate_job_free(world->job);
    fate_context_free(world->context);
}

/* ---- sessions ---- */

/* Each start of a party has random numbers of its own. */
static int32_t equip(const struct driven *run, fate_session *session, uint32_t party, bool durable)
{
    const struct driven_world *world = run->world;
    uint8_t zero[RANDOM_KEY] = {0}, key[RANDOM_KEY];
    random_derive(key, zero, "driven", (run->seed << 32) + run->attempts * 100 + party);
    session_simulate(session, key);
    int32_t result = fate_session_set_table(session, FATE_TABLE_DATA, world->tables[party]);
    if (result == FATE_OK && run->purpose == FATE_PURPOSE_TRAIN)
        result = fate_session_set_table(session, FATE_TABLE_VALIDATION, world->validations[party]);
    if (result == FATE_OK && run->purpose == FATE_PURPOSE_PREDICT) result = fate_session_set_model(session, world->models[party]);
    if (result == FATE_OK) result = fate_session_set_option(session, "durable", durable);
    return result == FATE_OK ? fate_session_set_option(session, "loss_timeout", 20000) : result;
}

static bool renew_peer(struct driven *run, uint32_t party)
{
    struct driven_peer *peer = &run->peers[party];
    fate_session_free(peer->session);
    peer->session = NULL;
    peer->result = FATE_OK;
    simulated_store_crash(&peer->store, 0);
    int32_t result = fate_session_new(run->world->context, &peer->session, run->world->job, fate_job_party_name(run->world->job, party),
                                      run->world->identities[party], run->purpose);
    return result == FATE_OK && equip(run, peer->session, party, true) == FATE_OK;
}

static void drop_frames(struct driven *run)
{
    while (run->frames != NULL) {
        struct driven_frame *frame = run->frames;
        run->frames = frame->next;
        free(frame);
    }
}

bool driven_begin(struct driven *run, const struct driven_world *world, uint32_t party, int32_t purpose)
{
    memset(run, 0, sizeof *run);
    buffer_init(&run->log, world->context);
    run->world = world;
    run->party = party;
    run->purpose = purpose;
    for (uint32_t peer = 0; peer < world->count; peer++) {
        simulated_store_init(&run->peers[peer].store, world->context);
        if (peer != party && !renew_peer(run, peer)) return false;
    }
    return fate_memory_store_new(world->context, &run->store) == FATE_OK;
}

void driven_end(struct driven *run)
{
    for (uint32_t peer = 0; peer < run->world->count; peer++) {
        fate_session_free(run->peers[peer].session);
        simulated_store_free(&run->peers[peer].store);
    }
    drop_frames(run);
    fate_store_free(run->store);
    buffer_free(&run->log);
}

/* ---- the peers' side ---- */

static int32_t launch(struct driven *run, uint32_t from, uint32_t to, const uint8_t *bytes, uint64_t length)
{
    struct driven_frame *frame = malloc(sizeof *frame + length), **place = &run->frames;
    if (frame == NULL) return FATE_E_MEMORY;
    *frame = (struct driven_frame){.from = from, .to = to, .length = length};
    memcpy(frame->bytes, bytes, length);
    if (run->trace != NULL) {
        buffer_u32(run->trace, from);
        buffer_u32(run->trace, to);
        buffer_u64(run->trace, length);
    }
    while (*place != NULL) place = &(*place)->next;
    *place = frame;
    return FATE_OK;
}

static void work_peer(struct driven *run, uint32_t party)
{
    struct driven_peer *peer = &run->peers[party];
    const fate_event *event;
    bool stored;
    do {
        simulated_store_settle(&peer->store, peer->session, run->now, &stored);
        peer->result = fate_session_run(peer->session, run->now, 8);
        while (fate_session_next(peer->session, &event) == FATE_OK) {
            uint64_t length;
            const uint8_t *bytes = fate_event_bytes(event, &length);
            int32_t kind = fate_event_kind(event);
            if (kind == FATE_EVENT_SEND) launch(run, party, fate_event_peer(event), bytes, length);
            if (kind >= FATE_EVENT_PUT && kind <= FATE_EVENT_LIST)
                simulated_store_event(&peer->store, peer->session, event, run->now, false);
        }
    } while (peer->result == FATE_AGAIN || peer->store.pending != NULL);
    if (peer->result < 0 && fate_session_error(peer->session)[0] == 0) run->wrong = "a peer ended without a sentence";
    if (peer->result < 0 && peer->result != FATE_E_PEER && peer->result != FATE_E_TIMEOUT) run->wrong = fate_session_error(peer->session);
}

/* Hands frames to the peers and lets them work, until only frames for the driven party are left. */
static bool work(struct driven *run)
{
    struct driven_frame **place = &run->frames;
    bool waiting = false;
    for (uint32_t party = 0; party < run->world->count; party++)
        if (party != run->party && run->peers[party].result == FATE_OK) work_peer(run, party);
    while (*place != NULL) {
        struct driven_frame *frame = *place;
        struct driven_peer *peer = &run->peers[frame->to];
        waiting = waiting || frame->to == run->party;
        if (frame->to == run->party || fate_session_receive(peer->session, frame->from, LINK, frame->bytes, frame->length) == FATE_AGAIN) {
            place = &frame->next;
            continue;
        }
        *place = frame->next;
        free(frame);
        if (peer->result == FATE_OK) work_peer(run, (uint32_t)(peer - run->peers));
    }
    return waiting;
}

static uint64_t peers_wake(const struct driven *run)
{
    uint64_t wake = UINT64_MAX;
    for (uint32_t party = 0; party < run->world->count; party++) {
        if (party == run->party || run->peers[party].result != FATE_OK) continue;
        uint64_t deadline = fate_session_deadline(run->peers[party].session);
        wake = deadline < wake ? deadline : wake;
    }
    return wake;
}

/* Time passes: until the driven party has a frame, or until end. */
static void pass_time(struct driven *run, uint64_t end)
{
    while (!work(run) && run->now < end) {
        uint64_t next = peers_wake(run);
        run->now = next <= run->now ? run->now + 1 : next < end ? next : end;
    }
}

/* ---- the hooks ---- */

/* Counts the call; FATE_OK, or the code of the planned fault. */
static int32_t count(struct driven *run, enum driven_call call)
{
    const struct driven_fault *fault = &run->fault;
    long long number = run->calls[call]++;
    if (fault->call != call || fault->number < 0) return FATE_OK;
    if (number != fault->number && (!fault->from_then_on || number < fault->number)) return FATE_OK;
    run->hit = true;
    return fault->code;
}

static int32_t hook_send(void *context, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    struct driven *run = context;
    (void)link;
    int32_t result = count(run, CALL_SEND);
    return result != FATE_OK ? result : launch(run, run->party, peer, bytes, length);
}

/* What a transport may find before the first frame: connections, something to tell, and what a stranger sent. */
static int32_t greet(const struct driven *run, fate_inbox *inbox)
{
    static const uint8_t strange[100] = {1, 2, 3};
    uint32_t peer = run->party == 0 ? 1 : 0;
    int32_t result = fate_inbox_connected(inbox, peer, LINK);
    if (result == FATE_OK) result = fate_inbox_notice(inbox, peer, "a connection was refused, trying again");
    if (result == FATE_OK) result = fate_inbox_frame(inbox, peer, STRANGE_LINK, strange, sizeof strange);
    return result == FATE_OK ? fate_inbox_disconnected(inbox, peer, STRANGE_LINK) : result;
}

static int32_t hook_poll(void *context, fate_inbox *inbox)
{
    struct driven *run = context;
    struct driven_frame **place = &run->frames;
    int32_t result = count(run, CALL_POLL);
    if (result == FATE_OK && run->calls[CALL_POLL] == 1) result = greet(run, inbox);
    while (*place != NULL && result == FATE_OK) {
        struct driven_frame *frame = *place;
        if (frame->to == run->party) result = fate_inbox_frame(inbox, frame->from, LINK, frame->bytes, frame->length);
        if (frame->to != run->party) {
            place = &frame->next;
        } else if (result == FATE_OK) {
            *place = frame->next;
            free(frame);
        }
    }
    return result;
}

static int32_t hook_wait(void *context, uint64_t milliseconds)
{
    struct driven *run = context;
    int32_t result = count(run, CALL_WAIT);
    if (run->calls[CALL_WAIT] > WAITS_MOST) {
        run->wrong = "it hangs";
        return HUNG;
    }
    if (result == FATE_OK) pass_time(run, run->now + milliseconds);
    return result;
}

static uint64_t hook_now(void *context)
{
    const struct driven *run = context;
    return run->now;
}

static int32_t hook_close(void *context, uint32_t peer, uint64_t link)
{
    (void)peer;
    (void)link;
    return count(context, CALL_CLOSE);
}

static int32_t hook_flush(void *context, uint64_t milliseconds)
{
    (void)milliseconds;
    return count(context, CALL_FLUSH);
}

static int32_t hook_proved(void *context, uint32_t peer, uint64_t link)
{
    (void)peer;
    (void)link;
    return count(context, CALL_PROVED);
}

static int32_t hook_put(void *context, const char *key, const uint8_t *bytes, uint64_t length)
{
    struct driven *run = context;
    int32_t result = count(run, CALL_PUT);
    return result != FATE_OK ? result : run->store->put(run->store->context, key, bytes, length);
}

static int32_t hook_get(void *context, const char *key, fate_reply *reply)
{
    struct driven *run = context;
    int32_t result = count(run, CALL_GET);
    return result != FATE_OK ? result : run->store->get(run->store->context, key, reply);
}

static int32_t hook_delete(void *context, const char *key)
{
    struct driven *run = context;
    int32_t result = count(run, CALL_DELETE);
    return result != FATE_OK ? result : run->store->delete_(run->store->context, key);
}

static int32_t hook_list(void *context, const char *prefix, fate_reply *reply)
{
    struct driven *run = context;
    int32_t result = count(run, CALL_LIST);
    return result != FATE_OK ? result : run->store->list(run->store->context, prefix, reply);
}

static int32_t hook_progress(void *context, const fate_progress *progress)
{
    struct driven *run = context;
    if (!(progress->fraction >= 0 && progress->fraction <= 1)) run->wrong = "progress is not between 0 and 1";
    return count(run, CALL_PROGRESS);
}

static int32_t hook_metric(void *context, const char *name, uint32_t round, double value)
{
    (void)name;
    (void)round;
    (void)value;
    return count(context, CALL_METRIC);
}

static int32_t hook_warning(void *context, const char *sentence)
{
    (void)sentence;
    return count(context, CALL_WARNING);
}

static int32_t hook_peer_changed(void *context, uint32_t peer, int32_t state)
{
    (void)peer;
    (void)state;
    return count(context, CALL_PEER_CHANGED);
}

static int32_t hook_tick(void *context)
{
    return count(context, CALL_TICK);
}

static int32_t hook_record_read(void *context, fate_reply *reply)
{
    struct driven *run = context;
    int32_t result = count(run, CALL_RECORD_READ);
    if (result != FATE_OK) return result;
    return run->log.length == 0 ? FATE_EMPTY : fate_reply_bytes(reply, run->log.bytes, run->log.length);
}

/* One that fails may have written a part. */
static int32_t hook_record_append(void *context, const uint8_t *bytes, uint64_t length)
{
    struct driven *run = context;
    int32_t result = count(run, CALL_RECORD_APPEND);
    buffer_append(&run->log, bytes, result == FATE_OK ? length : length * (uint64_t)(run->fault.number % 4) / 4);
    return result;
}

/* The log holds, whatever was torn. */
static void verify_log(struct driven *run)
{
    fate_context *context = run->world->context;
    fate_evidence *log = NULL;
    fate_verdict *verdict = NULL;
    int32_t result = fate_evidence_parse(context, &log, NULL, run->log.bytes, run->log.length);
    if (result == FATE_OK) result = fate_evidence_verify(log, &verdict, NULL, run->world->job);
    if (result != FATE_OK) run->wrong = "the evidence cannot be read";
    if (result == FATE_OK && fate_verdict_good(verdict) != 1) run->wrong = "the evidence does not hold";
    fate_verdict_free(verdict);
    fate_evidence_free(log);
}

/* ---- a run ---- */

static int32_t drive(struct driven *run, fate_session *session)
{
    const fate_transport transport = {sizeof transport, FATE_ABI_VERSION, run,  hook_send,  hook_poll, hook_wait,
                                      hook_now,         hook_close,       NULL, hook_flush, NULL,      hook_proved};
    const fate_store store = {sizeof store, FATE_ABI_VERSION, run, hook_put, hook_get, hook_delete, hook_list, NULL, NULL};
    const fate_recorder recorder = {sizeof recorder, FATE_ABI_VERSION, run, hook_record_read, hook_record_append, NULL};
    const fate_observer observer = {.struct_size = sizeof observer,
                                    .abi_version = FATE_ABI_VERSION,
                                    .context = run,
                                    .progress = hook_progress,
                                    .metric = hook_metric,
                                    .warning = hook_warning,
                                    .peer_changed = hook_peer_changed,
                                    .tick = hook_tick,
                                    .recorder = run->world->evidence ? &recorder : NULL};
    int32_t result = fate_drive(session, &transport, &store, &observer);
    /* A transport that failed once ends the drive, not the session: on over another one. */
    bool transports = run->fault.call >= CALL_SEND && run->fault.call <= CALL_PROVED;
    if (result < 0 && result == run->fault.code && run->hit && transports && !run->fault.from_then_on && run->fault.number % 2 == 0) {
        if (fate_session_error(session)[0] == 0) run->wrong = "no sentence after the first drive";
        result = fate_drive(session, &transport, &store, &observer);
        if (result != FATE_OK) run->wrong = "driven on over another transport it failed again";
    }
    return result;
}

static int32_t compare_model(struct driven *run, fate_context *context, const fate_session *session)
{
    const struct driven_world *world = run->world;
    fate_model *model = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    int32_t result = fate_session_model(session, &model);
    if (result == FATE_OK) result = fate_model_export(model, &bytes, &length);
    if (result == FATE_OK && (length != world->lengths[run->party] || memcmp(bytes, world->bytes[run->party], length) != 0))
        run->wrong = "the model is another one";
    fate_free(context, bytes);
    fate_model_free(model);
    return result;
}

static int32_t compare_scores(struct driven *run, const fate_session *session)
{
    const double *values;
    uint64_t rows;
    const fate_scores *scores = run->world->scores;
    if (run->party != 0) return FATE_OK;
    int32_t result = fate_session_result(session, "score", &values, &rows);
    if (result == FATE_OK &&
        (rows != fate_scores_rows(scores) || memcmp(values, fate_scores_values(scores, 0), rows * sizeof *values) != 0))
        run->wrong = "the scores are other ones";
    return result;
}

static int32_t run_session(struct driven *run, fate_context *context, const fate_job *job, const fate_identity *identity)
{
    fate_session *session = NULL;
    int32_t result = fate_session_new(context, &session, job, fate_job_party_name(job, run->party), identity, run->purpose);
    if (result == FATE_OK) {
        result = equip(run, session, run->party, true);
        if (result == FATE_OK) result = drive(run, session);
        if (result == FATE_OK)
            result = run->purpose == FATE_PURPOSE_TRAIN ? compare_model(run, context, session) : compare_scores(run, session);
        if (result != FATE_OK) snprintf(run->sentence, sizeof run->sentence, "%s", fate_session_error(session));
    }
    if (result != FATE_OK && run->sentence[0] == 0) snprintf(run->sentence, sizeof run->sentence, "%s", fate_context_error(context));
    fate_session_free(session);
    return result;
}

static int32_t run_context(struct driven *run, fate_context *context)
{
    fate_identity *identity = NULL;
    fate_job *job = NULL;
    uint8_t seed[IDENTITY_KEY];
    memset(seed, (int)run->party + 1, sizeof seed);
    context->accepts_small_keys = true;
    int32_t result = fate_context_set_threads(context, run->world->threads);
    if (result == FATE_OK) result = identity_from_seed(context, &identity, seed);
    if (result == FATE_OK) result = fate_job_parse(context, &job, "job", (const uint8_t *)run->world->text, strlen(run->world->text));
    if (result == FATE_OK)
        result = run_session(run, context, job, identity);
    else
        snprintf(run->sentence, sizeof run->sentence, "%s", fate_context_error(context));
    fate_job_free(job);
    fate_identity_free(identity);
    return result;
}

static bool prepare(struct driven *run, struct driven_fault fault, bool anew)
{
    run->attempts++;
    run->fault = fault;
    run->hit = false;
    run->wrong = NULL;
    run->sentence[0] = 0;
    memset(run->calls, 0, sizeof run->calls);
    drop_frames(run);
    for (uint32_t peer = 0; peer < run->world->count; peer++)
        if (peer != run->party && (anew || run->peers[peer].result != FATE_OK) && !renew_peer(run, peer)) return false;
    return true;
}

int32_t driven_run(struct driven *run, struct driven_fault fault, bool anew)
{
    fate_context *context = NULL;
    if (!prepare(run, fault, anew)) {
        run->wrong = "the peers cannot be made";
        return FATE_E_INTERNAL;
    }
    fate_allocator allocator = test_allocator(&run->allocator, fault.call == CALL_ALLOCATE ? fault.number : -1);
    run->allocator.from_then_on = fault.from_then_on;
    int32_t result = fate_context_new(&context, &allocator);
    if (result == FATE_OK)
        result = run_context(run, context);
    else
        snprintf(run->sentence, sizeof run->sentence, "no context");
    fate_context_free(context);
    run->calls[CALL_ALLOCATE] = atomic_load(&run->allocator.calls);
    if (fault.call == CALL_ALLOCATE) run->hit = fault.number >= 0 && run->calls[CALL_ALLOCATE] > fault.number;
    if (result == FATE_OK && run->world->evidence) verify_log(run);
    if (atomic_load(&run->allocator.live) != 0) run->wrong = "memory is lost";
    if (result != FATE_OK && run->sentence[0] == 0) run->wrong = "an error without a sentence";
    for (uint64_t end = run->now + SETTLE; run->now < end && peers_wake(run) != UINT64_MAX;) {
        pass_time(run, end);
        drop_frames(run);
    }
    return result;
}
