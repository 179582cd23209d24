/* All parties of a job in one process, one thread, from one seed. See fate/simulator.h. */
#include <fate/simulator.h>

#include "lib/random.h"
#include "src/session/identity.h"
#include "src/session/session.h"
#include "src/session/simulated_store.h"
#include "src/session/simulated_task.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MILLION = 1000000, RUN_BUDGET = 8, DOWN_MOST = 3000, PARTITION_MOST = 5000, JUMP_MOST = 2000 };

struct flight {
    struct flight *next;
    uint64_t due, link, length;
    uint32_t from, to;
    uint8_t bytes[];
};

struct pair {
    uint64_t link;  /* number of the present connection */
    uint64_t apart; /* nothing passes before this tick */
};

/* Of a party with those after it: the first and the last that it talks to, and all between. */
struct pair_row {
    uint32_t first, count;
    struct pair *pairs;
};

struct simulated_party {
    fate_identity *identity;
    fate_session *session;
    struct simulated_store store;
    struct simulated_task task;
    uint64_t wake;       /* in ticks */
    uint64_t down_until; /* killed, and not started again before this tick */
    uint64_t rate;       /* of its clock, in thousandths */
    uint64_t offset;     /* of its clock, in milliseconds */
    int32_t result;      /* of the last run */
    bool stopped;        /* killed, until it is started again */
    struct pair_row row;
};

struct fate_simulator {
    fate_context *context;
    fate_job *job;
    uint32_t count;
    struct simulated_party *parties;
    int32_t purpose;
    uint8_t key[RANDOM_KEY];
    uint64_t restarts;
    struct simulated_worker worker;
    struct flight *flights;
    struct random_stream random;
    uint64_t now, frames;
    uint64_t delay_least, delay_most, loss, repeat, reconnect, partition, crash, store_delay_most, store_failure, clock, faults_until;
};

/* The job's text with the keys that are missing. */
static int32_t complete_job(fate_simulator *simulator, const char *text, char **complete)
{
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    json_t *parties = json_object_get(root, "parties");
    size_t index;
    json_t *party;
    bool whole = root != NULL;
    json_array_foreach(parties, index, party)
    {
        if (index < simulator->count && json_object_get(party, "key") == NULL) {
            json_t *key = json_string(fate_identity_public(simulator->parties[index].identity));
            if (json_object_set_new(party, "key", key) != 0) whole = false;
        }
    }
    *complete = whole ? json_dumps(root, 0) : NULL;
    json_decref(root);
    if (*complete == NULL)
        return context_fail(simulator->context, FATE_E_JOB, "the simulator's job is not JSON: line %d: %s", error.line, error.text);
    return FATE_OK;
}

static uint32_t count_parties(const char *text)
{
    json_t *root = json_loads(text, 0, NULL);
    size_t count = json_array_size(json_object_get(root, "parties"));
    json_decref(root);
    return count > 1000000 ? 0 : (uint32_t)count;
}

static int32_t make_identities(fate_simulator *simulator, const uint8_t *key)
{
    for (uint32_t party = 0; party < simulator->count; party++) {
        uint8_t seed[RANDOM_KEY];
        random_derive(seed, key, "simulated identity", party);
        int32_t result = identity_from_seed(simulator->context, &simulator->parties[party].identity, seed);
        if (result != FATE_OK) return result;
    }
    return FATE_OK;
}

/* Each start of a party has random numbers of its own. */
static int32_t make_session(fate_simulator *simulator, uint32_t party)
{
    struct simulated_party *own = &simulator->parties[party];
    uint8_t seed[RANDOM_KEY];
    int32_t result = fate_session_new(simulator->context, &own->session, simulator->job, fate_job_party_name(simulator->job, party),
                                      own->identity, simulator->purpose);
    if (result != FATE_OK) return result;
    random_derive(seed, simulator->key, "simulated session", (simulator->restarts << 32) + party);
    session_simulate(own->session, seed);
    own->result = FATE_OK;
    own->wake = simulator->now;
    return FATE_OK;
}

/* What the application had set on the session before. */
static void carry_over(fate_session *to, const fate_session *from)
{
    for (int use = 0; use < 2; use++) to->tables[use] = from->tables[use];
    to->model = from->model;
    to->contact_timeout = from->contact_timeout;
    to->loss_timeout = from->loss_timeout;
    to->linger_timeout = from->linger_timeout;
    to->window = from->window;
    to->durable = from->durable;
    to->date = from->date;
}

/* The log that is left goes with the party. */
static int32_t carry_evidence(fate_session *to, const fate_session *from, const struct simulated_store *store)
{
    return from->evidence.on ? fate_session_set_evidence(to, store->log.bytes, store->log.length) : FATE_OK;
}

static int32_t make_sessions(fate_simulator *simulator)
{
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < simulator->count && result == FATE_OK; party++) result = make_session(simulator, party);
    return result;
}

static int32_t make_row(fate_simulator *simulator, uint32_t party)
{
    struct pair_row *row = &simulator->parties[party].row;
    for (uint32_t other = party + 1; other < simulator->count; other++) {
        if (fate_job_parties_talk(simulator->job, party, other) != 1) continue;
        if (row->count == 0) row->first = other;
        row->count = other - row->first + 1;
    }
    row->pairs = memory_zeroed(simulator->context, (uint64_t)row->count + 1, sizeof *row->pairs);
    if (row->pairs == NULL) return context_out_of_memory(simulator->context);
    for (uint32_t i = 0; i < row->count; i++) row->pairs[i].link = 1;
    return FATE_OK;
}

static int32_t build(fate_simulator *simulator, const char *job_text)
{
    simulator->count = count_parties(job_text);
    simulator->parties = memory_zeroed(simulator->context, simulator->count, sizeof *simulator->parties);
    if (simulator->parties == NULL) return context_out_of_memory(simulator->context);
    for (uint32_t party = 0; party < simulator->count; party++) {
        simulated_store_init(&simulator->parties[party].store, simulator->context);
        simulator->parties[party].rate = 1000;
    }
    int32_t result = make_identities(simulator, simulator->key);
    char *complete = NULL;
    if (result == FATE_OK) result = complete_job(simulator, job_text, &complete);
    if (result == FATE_OK)
        result = fate_job_parse(simulator->context, &simulator->job, "simulated job", (const uint8_t *)complete, strlen(complete));
    free(complete);
    for (uint32_t party = 0; party < simulator->count && result == FATE_OK; party++) result = make_row(simulator, party);
    return result == FATE_OK ? make_sessions(simulator) : result;
}

int32_t fate_simulator_new(fate_context *context, fate_simulator **simulator, const char *job_text, int32_t purpose, uint64_t seed)
{
    if (simulator != NULL) *simulator = NULL;
    if (context == NULL || simulator == NULL || job_text == NULL)
        return context_bad_argument(context, "fate_simulator_new: simulator or job_text is NULL");
    fate_simulator *made = memory_zeroed(context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(context);
    made->context = context_hold(context);
    made->delay_least = made->delay_most = 1;
    made->purpose = purpose;
    random_derive(made->key, made->key, "simulator", seed);
    random_stream_init(&made->random, made->key, 0);
    int32_t result = build(made, job_text);
    if (result == FATE_OK)
        *simulator = made;
    else
        fate_simulator_free(made);
    return result;
}

static void free_party(fate_context *context, struct simulated_party *party)
{
    memory_free(context, party->row.pairs);
    fate_session_free(party->session);
    fate_identity_free(party->identity);
    simulated_store_free(&party->store);
}

void fate_simulator_free(fate_simulator *simulator)
{
    if (simulator == NULL) return;
    fate_context *context = simulator->context;
    for (uint32_t party = 0; simulator->parties != NULL && party < simulator->count; party++)
        free_party(context, &simulator->parties[party]);
    while (simulator->flights != NULL) {
        struct flight *gone = simulator->flights;
        simulator->flights = gone->next;
        memory_free(context, gone);
    }
    fate_job_free(simulator->job);
    memory_free(context, simulator->parties);
    memory_free(context, simulator);
    fate_context_free(context);
}

const fate_job *fate_simulator_job(const fate_simulator *simulator)
{
    return simulator == NULL ? NULL : simulator->job;
}

fate_session *fate_simulator_session(fate_simulator *simulator, uint32_t party)
{
    return simulator == NULL || party >= simulator->count ? NULL : simulator->parties[party].session;
}

int32_t fate_simulator_set(fate_simulator *simulator, const char *name, uint64_t value)
{
    if (simulator == NULL) return FATE_E_ARGUMENT;
    if (name == NULL) return context_bad_argument(simulator->context, "fate_simulator_set: name is NULL");
    const struct {
        const char *name;
        uint64_t *value, most;
    } settings[] = {
        {"delay_least", &simulator->delay_least, UINT32_MAX},
        {"delay_most", &simulator->delay_most, UINT32_MAX},
        {"loss", &simulator->loss, MILLION},
        {"repeat", &simulator->repeat, MILLION},
        {"reconnect", &simulator->reconnect, MILLION},
        {"partition", &simulator->partition, MILLION},
        {"crash", &simulator->crash, MILLION},
        {"store_delay_most", &simulator->store_delay_most, UINT32_MAX},
        {"store_failure", &simulator->store_failure, MILLION},
        {"clock", &simulator->clock, 1},
        {"faults_until", &simulator->faults_until, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (strcmp(settings[i].name, name) != 0) continue;
        if (value > settings[i].most)
            return context_fail(simulator->context, FATE_E_ARGUMENT, "fate_simulator_set: \"%s\" is at most %llu", name,
                                (unsigned long long)settings[i].most);
        *settings[i].value = value;
        return FATE_OK;
    }
    return context_fail(simulator->context, FATE_E_ARGUMENT, "fate_simulator_set: there is no setting \"%.64s\"", name);
}

uint64_t fate_simulator_now(const fate_simulator *simulator)
{
    return simulator == NULL ? 0 : simulator->now;
}

uint64_t fate_simulator_frames(const fate_simulator *simulator)
{
    return simulator == NULL ? 0 : simulator->frames;
}

static bool faulty(const fate_simulator *simulator)
{
    return simulator->faults_until == 0 || simulator->now < simulator->faults_until;
}

static bool chance(fate_simulator *simulator, uint64_t millionths)
{
    return millionths > 0 && faulty(simulator) && random_stream_below(&simulator->random, MILLION) < millionths;
}

/* Of two that talk to each other. */
static struct pair *pair_of(const fate_simulator *simulator, uint32_t one, uint32_t other)
{
    uint32_t low = one < other ? one : other, high = one < other ? other : one;
    const struct pair_row *row = &simulator->parties[low].row;
    return &row->pairs[high - row->first];
}

/* ---- clocks: a party's own time, and the tick at which it will show a given time ---- */

static uint64_t clock_of(const fate_simulator *simulator, const struct simulated_party *party)
{
    return party->offset + simulator->now * party->rate / 1000;
}

static uint64_t tick_of(const struct simulated_party *party, uint64_t time)
{
    if (time == UINT64_MAX || time >= UINT64_MAX / 2000) return UINT64_MAX;
    if (time <= party->offset) return 0;
    return ((time - party->offset) * 1000 + party->rate - 1) / party->rate;
}

static void disturb_clocks(fate_simulator *simulator)
{
    for (uint32_t number = 0; simulator->clock == 1 && number < simulator->count; number++) {
        struct simulated_party *party = &simulator->parties[number];
        if (!chance(simulator, 3000)) continue;
        uint64_t before = clock_of(simulator, party);
        party->rate = 200 + random_stream_below(&simulator->random, 4800);
        uint64_t turned = simulator->now * party->rate / 1000;
        uint64_t jump = random_stream_below(&simulator->random, JUMP_MOST);
        before = random_stream_below(&simulator->random, 2) == 0 || before < jump ? before + jump : before - jump;
        party->offset = before > turned ? before - turned : 0;
        party->wake = simulator->now;
    }
}

static int32_t launch(fate_simulator *simulator, uint32_t from, const fate_event *event)
{
    uint64_t length;
    const uint8_t *bytes = fate_event_bytes(event, &length);
    uint32_t to = fate_event_peer(event);
    const struct pair *pair = pair_of(simulator, from, to);
    uint64_t link = fate_event_link(event), present = pair->link;
    if (chance(simulator, simulator->loss) || (link != 0 && link != present)) return FATE_OK;
    if (pair->apart > simulator->now) return FATE_OK;
    struct flight *flight = memory_allocate(simulator->context, sizeof *flight + length, 1);
    if (flight == NULL) return context_out_of_memory(simulator->context);
    uint64_t range = simulator->delay_most > simulator->delay_least ? simulator->delay_most - simulator->delay_least : 0;
    uint64_t delay = simulator->delay_least + (range > 0 ? random_stream_below(&simulator->random, range + 1) : 0);
    flight->due = simulator->now + (delay > 0 ? delay : 1);
    flight->from = from;
    flight->to = to;
    flight->link = present;
    flight->length = length;
    memcpy(flight->bytes, bytes, length);
    struct flight **place = &simulator->flights;
    while (*place != NULL && (*place)->due <= flight->due) place = &(*place)->next;
    flight->next = *place;
    *place = flight;
    return FATE_OK;
}

/* ---- the run ---- */

static int32_t handle_events(fate_simulator *simulator, uint32_t number)
{
    struct simulated_party *party = &simulator->parties[number];
    const fate_event *event;
    int32_t result = FATE_OK;
    while (result == FATE_OK && fate_session_next(party->session, &event) == FATE_OK) {
        int32_t kind = fate_event_kind(event);
        if (kind == FATE_EVENT_SEND) {
            result = launch(simulator, number, event);
            if (result == FATE_OK && chance(simulator, simulator->repeat)) result = launch(simulator, number, event);
        } else if (kind == FATE_EVENT_EVIDENCE) {
            uint64_t most = faulty(simulator) ? simulator->store_delay_most : 0;
            uint64_t delay = most > 0 ? random_stream_below(&simulator->random, most + 1) : 0;
            result = simulated_store_evidence(&party->store, event, simulator->now + delay);
            party->wake = simulator->now;
        } else if (kind >= FATE_EVENT_PUT && kind <= FATE_EVENT_LIST) {
            uint64_t most = faulty(simulator) ? simulator->store_delay_most : 0;
            uint64_t delay = most > 0 ? random_stream_below(&simulator->random, most + 1) : 0;
            bool failing = kind == FATE_EVENT_PUT && chance(simulator, simulator->store_failure);
            result = simulated_store_event(&party->store, party->session, event, simulator->now + delay, failing);
            party->wake = simulator->now;
        } else if (kind == FATE_EVENT_TASK) {
            simulated_task_event(&party->task, event);
            party->wake = simulator->now;
        }
    }
    return result;
}

static int32_t run_party(fate_simulator *simulator, uint32_t number)
{
    struct simulated_party *party = &simulator->parties[number];
    party->result = fate_session_run(party->session, clock_of(simulator, party), RUN_BUDGET);
    party->wake = party->result == FATE_AGAIN ? simulator->now : tick_of(party, fate_session_deadline(party->session));
    int32_t result = handle_events(simulator, number);
    if (result != FATE_OK) return result;
    if (party->result < 0) context_copy_sentence(simulator->context, party->session->context);
    return FATE_OK;
}

static int32_t deliver(fate_simulator *simulator)
{
    while (simulator->flights != NULL && simulator->flights->due <= simulator->now) {
        struct flight *flight = simulator->flights;
        struct simulated_party *to = &simulator->parties[flight->to];
        int32_t result = FATE_OK;
        if (flight->link == pair_of(simulator, flight->from, flight->to)->link && to->down_until <= simulator->now && !to->stopped) {
            result = fate_session_receive(to->session, flight->from, flight->link, flight->bytes, flight->length);
            to->wake = simulator->now;
            if (result == FATE_AGAIN) return FATE_OK; /* stays the first to be delivered */
            if (result == FATE_OK) simulator->frames++;
        }
        simulator->flights = flight->next;
        memory_free(simulator->context, flight);
        if (result != FATE_OK) return result;
    }
    return FATE_OK;
}

/* A connection is cut and made anew; what was under way is lost. */
static void cut_link(fate_simulator *simulator, uint32_t one, uint32_t other)
{
    uint64_t *link = &pair_of(simulator, one, other)->link;
    fate_session_disconnected(simulator->parties[one].session, other, *link);
    fate_session_disconnected(simulator->parties[other].session, one, *link);
    ++*link;
    fate_session_connected(simulator->parties[one].session, other, *link);
    fate_session_connected(simulator->parties[other].session, one, *link);
    simulator->parties[one].wake = simulator->parties[other].wake = simulator->now;
}

static void disturb_links(fate_simulator *simulator)
{
    if ((simulator->reconnect | simulator->partition) == 0) return;
    for (uint32_t one = 0; one < simulator->count; one++)
        for (uint32_t other = one + 1; other < simulator->count; other++) {
            if (fate_job_parties_talk(simulator->job, one, other) != 1) continue;
            if (chance(simulator, simulator->reconnect)) cut_link(simulator, one, other);
            if (chance(simulator, simulator->partition))
                pair_of(simulator, one, other)->apart = simulator->now + random_stream_below(&simulator->random, PARTITION_MOST);
        }
}

static void drop_flights_to(fate_simulator *simulator, uint32_t party)
{
    struct flight **place = &simulator->flights;
    while (*place != NULL) {
        struct flight *flight = *place;
        if (flight->to != party) {
            place = &flight->next;
            continue;
        }
        *place = flight->next;
        memory_free(simulator->context, flight);
    }
}

struct simulated_store *simulator_store(fate_simulator *simulator, uint32_t party)
{
    return &simulator->parties[party].store;
}

int32_t fate_simulator_stop(fate_simulator *simulator, uint32_t party)
{
    if (simulator == NULL) return FATE_E_ARGUMENT;
    if (party >= simulator->count) return context_bad_argument(simulator->context, "fate_simulator_stop: there is no such party");
    simulator->parties[party].stopped = true;
    drop_flights_to(simulator, party);
    for (uint32_t other = 0; other < simulator->count; other++)
        if (fate_job_parties_talk(simulator->job, party, other) == 1) cut_link(simulator, party, other);
    return FATE_OK;
}

int32_t fate_simulator_restart(fate_simulator *simulator, uint32_t party)
{
    if (simulator == NULL) return FATE_E_ARGUMENT;
    if (party >= simulator->count) return context_bad_argument(simulator->context, "fate_simulator_restart: there is no such party");
    struct simulated_party *own = &simulator->parties[party];
    fate_session *before = own->session;
    own->task.identifier = 0;
    drop_flights_to(simulator, party);
    uint64_t unsure = own->store.log.length - own->store.log_durable;
    simulated_store_crash(&own->store, unsure > 0 ? random_stream_below(&simulator->random, unsure + 1) : 0);
    simulator->restarts++;
    int32_t result = make_session(simulator, party);
    if (result != FATE_OK) {
        own->session = before;
        return result;
    }
    own->stopped = false;
    carry_over(own->session, before);
    result = carry_evidence(own->session, before, &own->store);
    fate_session_free(before);
    for (uint32_t other = 0; other < simulator->count; other++)
        if (fate_job_parties_talk(simulator->job, party, other) == 1) cut_link(simulator, party, other);
    return result;
}

const uint8_t *fate_simulator_evidence(const fate_simulator *simulator, uint32_t party, uint64_t *length)
{
    if (length != NULL) *length = 0;
    if (simulator == NULL || length == NULL || party >= simulator->count) return NULL;
    const struct buffer *log = &simulator->parties[party].store.log;
    *length = log->length;
    return log->length == 0 ? NULL : log->bytes;
}

int32_t fate_simulator_set_task(fate_simulator *simulator, void *context, fate_simulator_task *task)
{
    if (simulator == NULL) return FATE_E_ARGUMENT;
    simulator->worker = (struct simulated_worker){context, task};
    return FATE_OK;
}

int32_t fate_simulator_outcome(const fate_simulator *simulator, uint32_t party)
{
    if (simulator == NULL) return FATE_E_ARGUMENT;
    if (party >= simulator->count) return context_bad_argument(simulator->context, "fate_simulator_outcome: there is no such party");
    return simulator->parties[party].result;
}

static int32_t crash_parties(fate_simulator *simulator)
{
    for (uint32_t party = 0; party < simulator->count; party++) {
        if (simulator->parties[party].stopped || simulator->parties[party].result == FATE_FINISHED || !chance(simulator, simulator->crash))
            continue;
        int32_t result = fate_simulator_restart(simulator, party);
        if (result != FATE_OK) return result;
        simulator->parties[party].down_until = simulator->now + random_stream_below(&simulator->random, DOWN_MOST);
        simulator->parties[party].wake = simulator->parties[party].down_until;
    }
    return FATE_OK;
}

/* FATE_FINISHED, the first error, or FATE_OK while parties go on. */
static int32_t outcome(const fate_simulator *simulator)
{
    bool all = true;
    for (uint32_t party = 0; party < simulator->count; party++) {
        const struct simulated_party *own = &simulator->parties[party];
        if (own->stopped || (own->result < 0 && own->session->role->may_vanish)) continue;
        if (own->result < 0) return own->result;
        all = all && own->result == FATE_FINISHED;
    }
    return all ? FATE_FINISHED : FATE_OK;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The next tick at which anything can happen. */
static uint64_t next_time(const fate_simulator *simulator)
{
    bool dice = (simulator->reconnect | simulator->partition | simulator->crash | simulator->clock) > 0;
    if (dice && faulty(simulator)) return simulator->now + 1;
    uint64_t next = simulator->flights != NULL ? simulator->flights->due : UINT64_MAX;
    for (uint32_t number = 0; number < simulator->count; number++) {
        const struct simulated_party *party = &simulator->parties[number];
        if (party->stopped || party->result == FATE_FINISHED || party->result < 0) continue;
        next = sooner(next, party->wake > party->down_until      ? party->wake
                            : party->down_until > simulator->now ? party->down_until
                                                                 : party->wake);
        next = sooner(next, simulated_store_due(&party->store));
    }
    return next;
}

static int32_t run_parties(fate_simulator *simulator)
{
    int32_t result = FATE_OK;
    for (uint32_t number = 0; number < simulator->count && result == FATE_OK; number++) {
        struct simulated_party *party = &simulator->parties[number];
        if (party->stopped || party->result < 0 || party->result == FATE_FINISHED || party->down_until > simulator->now) continue;
        bool stored = false;
        result = simulated_task_work(&party->task, &simulator->worker, party->session, number);
        if (party->task.identifier != 0) party->wake = simulator->now; /* not done yet: in the next tick */
        if (result == FATE_OK) result = simulated_store_settle(&party->store, party->session, simulator->now, &stored);
        if (result == FATE_OK && (stored || party->wake <= simulator->now || party->session->question.fresh || party->session->task.fresh))
            result = run_party(simulator, number);
    }
    return result;
}

static int32_t tick(fate_simulator *simulator)
{
    disturb_clocks(simulator);
    disturb_links(simulator);
    int32_t result = crash_parties(simulator);
    if (result == FATE_OK) result = deliver(simulator);
    return result == FATE_OK ? run_parties(simulator) : result;
}

int32_t fate_simulator_run(fate_simulator *simulator, uint64_t ticks)
{
    if (simulator == NULL) return FATE_E_ARGUMENT;
    uint64_t end = simulator->now + ticks < simulator->now ? UINT64_MAX : simulator->now + ticks;
    while (simulator->now < end) {
        int32_t result = tick(simulator);
        if (result == FATE_OK) result = outcome(simulator);
        if (result != FATE_OK) return result;
        uint64_t next = next_time(simulator);
        if (next == UINT64_MAX && simulator->purpose == FATE_PURPOSE_SERVE) return FATE_AGAIN; /* the next question is awaited */
        if (next == UINT64_MAX) return context_fail(simulator->context, FATE_E_INTERNAL, "the parties wait for each other for ever");
        simulator->now = next > simulator->now ? (next < end ? next : end) : simulator->now + 1;
    }
    return FATE_AGAIN;
}
