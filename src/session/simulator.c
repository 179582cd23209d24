/* All parties of a job in one process, one thread, from one seed. See fate/simulator.h. */
#include <fate/simulator.h>

#include "lib/bytes.h"
#include "lib/random.h"
#include "src/session/identity.h"
#include "src/session/session.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MILLION = 1000000, RUN_BUDGET = 8, KEY_LENGTH = 64 };

struct flight {
    struct flight *next;
    uint64_t due, link, length;
    uint32_t from, to;
    uint8_t bytes[];
};

struct stored_value {
    struct stored_value *next;
    char key[KEY_LENGTH];
    uint8_t *bytes;
    uint64_t length;
};

struct simulated_party {
    fate_identity *identity;
    fate_session *session;
    struct stored_value *store;
    uint64_t wake;
    int32_t result; /* of the last run */
};

struct fate_simulator {
    fate_context *context;
    fate_job *job;
    uint32_t count;
    struct simulated_party *parties;
    int32_t purpose;
    uint8_t key[RANDOM_KEY];
    uint64_t restarts;
    uint64_t *links; /* [from][to]: number of the present connection of that pair */
    struct flight *flights;
    struct random_stream random;
    uint64_t now, frames;
    uint64_t delay_least, delay_most, loss, repeat, reconnect;
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

static int32_t make_sessions(fate_simulator *simulator)
{
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < simulator->count && result == FATE_OK; party++) result = make_session(simulator, party);
    return result;
}

static int32_t build(fate_simulator *simulator, const char *job_text)
{
    simulator->count = count_parties(job_text);
    simulator->parties = memory_zeroed(simulator->context, simulator->count, sizeof *simulator->parties);
    simulator->links = memory_zeroed(simulator->context, (uint64_t)simulator->count * simulator->count, sizeof *simulator->links);
    if (simulator->parties == NULL || simulator->links == NULL) return context_out_of_memory(simulator->context);
    for (uint64_t i = 0; i < (uint64_t)simulator->count * simulator->count; i++) simulator->links[i] = 1;
    int32_t result = make_identities(simulator, simulator->key);
    char *complete = NULL;
    if (result == FATE_OK) result = complete_job(simulator, job_text, &complete);
    if (result == FATE_OK)
        result = fate_job_parse(simulator->context, &simulator->job, "simulated job", (const uint8_t *)complete, strlen(complete));
    free(complete);
    return result == FATE_OK ? make_sessions(simulator) : result;
}

int32_t fate_simulator_new(fate_context *context, fate_simulator **simulator, const char *job_text, int32_t purpose, uint64_t seed)
{
    if (simulator != NULL) *simulator = NULL;
    if (context == NULL || simulator == NULL || job_text == NULL) return FATE_E_ARGUMENT;
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

static void free_party(fate_simulator *simulator, struct simulated_party *party)
{
    fate_session_free(party->session);
    fate_identity_free(party->identity);
    while (party->store != NULL) {
        struct stored_value *gone = party->store;
        party->store = gone->next;
        memory_free(simulator->context, gone->bytes);
        memory_free(simulator->context, gone);
    }
}

void fate_simulator_free(fate_simulator *simulator)
{
    if (simulator == NULL) return;
    fate_context *context = simulator->context;
    for (uint32_t party = 0; simulator->parties != NULL && party < simulator->count; party++)
        free_party(simulator, &simulator->parties[party]);
    while (simulator->flights != NULL) {
        struct flight *gone = simulator->flights;
        simulator->flights = gone->next;
        memory_free(context, gone);
    }
    fate_job_free(simulator->job);
    memory_free(context, simulator->parties);
    memory_free(context, simulator->links);
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
    if (simulator == NULL || name == NULL) return FATE_E_ARGUMENT;
    if (strcmp(name, "delay_least") == 0)
        simulator->delay_least = value;
    else if (strcmp(name, "delay_most") == 0)
        simulator->delay_most = value;
    else if (strcmp(name, "loss") == 0 && value <= MILLION)
        simulator->loss = value;
    else if (strcmp(name, "repeat") == 0 && value <= MILLION)
        simulator->repeat = value;
    else if (strcmp(name, "reconnect") == 0 && value <= MILLION)
        simulator->reconnect = value;
    else
        return FATE_E_ARGUMENT;
    return FATE_OK;
}

uint64_t fate_simulator_now(const fate_simulator *simulator)
{
    return simulator == NULL ? 0 : simulator->now;
}

uint64_t fate_simulator_frames(const fate_simulator *simulator)
{
    return simulator == NULL ? 0 : simulator->frames;
}

static bool chance(fate_simulator *simulator, uint64_t millionths)
{
    return millionths > 0 && random_stream_below(&simulator->random, MILLION) < millionths;
}

static uint64_t *link_between(fate_simulator *simulator, uint32_t one, uint32_t other)
{
    uint32_t low = one < other ? one : other, high = one < other ? other : one;
    return &simulator->links[(uint64_t)low * simulator->count + high];
}

static int32_t launch(fate_simulator *simulator, uint32_t from, const fate_event *event)
{
    uint64_t length;
    const uint8_t *bytes = fate_event_bytes(event, &length);
    uint32_t to = fate_event_peer(event);
    uint64_t link = fate_event_link(event), present = *link_between(simulator, from, to);
    if (chance(simulator, simulator->loss) || (link != 0 && link != present)) return FATE_OK;
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

/* ---- the store of a party ---- */

static struct stored_value **find_value(struct simulated_party *party, const char *key)
{
    struct stored_value **place = &party->store;
    while (*place != NULL && strcmp((*place)->key, key) != 0) place = &(*place)->next;
    return place;
}

static int32_t put_value(fate_simulator *simulator, struct simulated_party *party, const char *key, const uint8_t *bytes, uint64_t length)
{
    struct stored_value **place = find_value(party, key);
    uint8_t *copy = memory_allocate(simulator->context, length + 1, 1);
    if (copy == NULL) return FATE_E_MEMORY;
    if (length > 0) memcpy(copy, bytes, length);
    if (*place == NULL) {
        *place = memory_zeroed(simulator->context, 1, sizeof **place);
        if (*place == NULL) {
            memory_free(simulator->context, copy);
            return FATE_E_MEMORY;
        }
        snprintf((*place)->key, sizeof(*place)->key, "%s", key);
    }
    memory_free(simulator->context, (*place)->bytes);
    (*place)->bytes = copy;
    (*place)->length = length;
    return FATE_OK;
}

static void delete_value(fate_simulator *simulator, struct simulated_party *party, const char *key)
{
    struct stored_value **place = find_value(party, key), *gone = *place;
    if (gone == NULL) return;
    *place = gone->next;
    memory_free(simulator->context, gone->bytes);
    memory_free(simulator->context, gone);
}

static int32_t list_values(const struct simulated_party *party, const char *prefix, struct buffer *names)
{
    for (const struct stored_value *value = party->store; value != NULL; value = value->next)
        if (strncmp(value->key, prefix, strlen(prefix)) == 0) buffer_append(names, value->key, strlen(value->key) + 1);
    return names->failed ? FATE_E_MEMORY : FATE_OK;
}

static int32_t answer_store(fate_simulator *simulator, struct simulated_party *party, const fate_event *event)
{
    uint64_t length, identifier = fate_event_identifier(event);
    const uint8_t *bytes = fate_event_bytes(event, &length);
    const char *key = fate_event_key(event);
    struct buffer names;
    buffer_init(&names, simulator->context);
    int32_t result = FATE_OK, kind = fate_event_kind(event);
    const uint8_t *answer = NULL;
    uint64_t answer_length = 0;
    if (kind == FATE_EVENT_PUT) result = put_value(simulator, party, key, bytes, length);
    if (kind == FATE_EVENT_DELETE) delete_value(simulator, party, key);
    if (kind == FATE_EVENT_LIST) {
        result = list_values(party, key, &names);
        answer = names.bytes;
        answer_length = names.length;
    }
    if (kind == FATE_EVENT_GET) {
        const struct stored_value *value = *find_value(party, key);
        result = value == NULL ? FATE_EMPTY : FATE_OK;
        answer = value == NULL ? NULL : value->bytes;
        answer_length = value == NULL ? 0 : value->length;
    }
    result = fate_session_complete(party->session, identifier, result, answer, answer_length);
    buffer_free(&names);
    return result;
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
        } else if (kind >= FATE_EVENT_PUT && kind <= FATE_EVENT_LIST) {
            result = answer_store(simulator, party, event);
            party->wake = simulator->now;
        }
    }
    return result;
}

static int32_t run_party(fate_simulator *simulator, uint32_t number)
{
    struct simulated_party *party = &simulator->parties[number];
    party->result = fate_session_run(party->session, simulator->now, RUN_BUDGET);
    party->wake = party->result == FATE_AGAIN ? simulator->now : fate_session_deadline(party->session);
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
        if (flight->link == *link_between(simulator, flight->from, flight->to)) {
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

static void cut_links(fate_simulator *simulator)
{
    for (uint32_t one = 0; simulator->reconnect > 0 && one < simulator->count; one++)
        for (uint32_t other = one + 1; other < simulator->count; other++) {
            if (!chance(simulator, simulator->reconnect) || fate_job_parties_talk(simulator->job, one, other) != 1) continue;
            uint64_t *link = link_between(simulator, one, other);
            fate_session_disconnected(simulator->parties[one].session, other, *link);
            fate_session_disconnected(simulator->parties[other].session, one, *link);
            ++*link;
            fate_session_connected(simulator->parties[one].session, other, *link);
            fate_session_connected(simulator->parties[other].session, one, *link);
            simulator->parties[one].wake = simulator->parties[other].wake = simulator->now;
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

int32_t fate_simulator_restart(fate_simulator *simulator, uint32_t party)
{
    if (simulator == NULL || party >= simulator->count) return FATE_E_ARGUMENT;
    drop_flights_to(simulator, party);
    fate_session_free(simulator->parties[party].session);
    simulator->parties[party].session = NULL;
    simulator->restarts++;
    int32_t result = make_session(simulator, party);
    for (uint32_t other = 0; other < simulator->count && result == FATE_OK; other++) {
        if (fate_job_parties_talk(simulator->job, party, other) != 1) continue;
        uint64_t *link = link_between(simulator, party, other);
        fate_session_disconnected(simulator->parties[other].session, party, *link);
        ++*link;
        fate_session_connected(simulator->parties[other].session, party, *link);
        simulator->parties[other].wake = simulator->now;
    }
    return result;
}

/* FATE_FINISHED, the first error, or FATE_OK while parties go on. */
static int32_t outcome(const fate_simulator *simulator)
{
    bool all = true;
    for (uint32_t party = 0; party < simulator->count; party++) {
        if (simulator->parties[party].result < 0) return simulator->parties[party].result;
        all = all && simulator->parties[party].result == FATE_FINISHED;
    }
    return all ? FATE_FINISHED : FATE_OK;
}

/* The next time at which anything happens. */
static uint64_t next_time(const fate_simulator *simulator)
{
    uint64_t next = simulator->flights != NULL ? simulator->flights->due : UINT64_MAX;
    for (uint32_t party = 0; party < simulator->count; party++)
        if (simulator->parties[party].result != FATE_FINISHED && simulator->parties[party].wake < next)
            next = simulator->parties[party].wake;
    return next;
}

static int32_t tick(fate_simulator *simulator)
{
    cut_links(simulator);
    int32_t result = deliver(simulator);
    for (uint32_t party = 0; party < simulator->count && result == FATE_OK; party++) {
        struct simulated_party *own = &simulator->parties[party];
        if (own->result < 0 || own->result == FATE_FINISHED || own->wake > simulator->now) continue;
        result = run_party(simulator, party);
    }
    return result;
}

int32_t fate_simulator_run(fate_simulator *simulator, uint64_t ticks)
{
    if (simulator == NULL) return FATE_E_ARGUMENT;
    uint64_t end = simulator->now + ticks < simulator->now ? UINT64_MAX : simulator->now + ticks;
    while (simulator->now < end) {
        int32_t result = tick(simulator);
        if (result == FATE_OK) result = outcome(simulator);
        if (result != FATE_OK) return result;
        uint64_t next = simulator->reconnect > 0 ? simulator->now + 1 : next_time(simulator);
        if (next == UINT64_MAX) return context_fail(simulator->context, FATE_E_INTERNAL, "the parties wait for each other for ever");
        simulator->now = next > simulator->now ? (next < end ? next : end) : simulator->now + 1;
    }
    return FATE_AGAIN;
}
