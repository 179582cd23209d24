/* The store of a simulated party; see simulated_store.h. */
#include "src/session/simulated_store.h"

#include <stdio.h>
#include <string.h>

static void value_free(struct simulated_store *store, struct simulated_value *value)
{
    if (value == NULL) return;
    memory_free(store->context, value->bytes);
    memory_free(store->context, value);
}

void simulated_store_init(struct simulated_store *store, fate_context *context)
{
    memset(store, 0, sizeof *store);
    store->context = context;
    buffer_init(&store->log, context);
}

static void forget_pending(struct simulated_store *store)
{
    value_free(store, store->pending);
    store->pending = NULL;
}

void simulated_store_crash(struct simulated_store *store, uint64_t left)
{
    forget_pending(store);
    if (left < store->log.length - store->log_durable) store->log.length = store->log_durable + left;
    store->log_durable = store->log.length;
}

void simulated_store_free(struct simulated_store *store)
{
    forget_pending(store);
    buffer_free(&store->log);
    while (store->values != NULL) {
        struct simulated_value *gone = store->values;
        store->values = gone->next;
        value_free(store, gone);
    }
}

static struct simulated_value **find(struct simulated_store *store, const char *key)
{
    struct simulated_value **place = &store->values;
    while (*place != NULL && strcmp((*place)->key, key) != 0) place = &(*place)->next;
    return place;
}

static struct simulated_value *value_new(struct simulated_store *store, const char *key, const uint8_t *bytes, uint64_t length)
{
    struct simulated_value *value = memory_zeroed(store->context, 1, sizeof *value);
    if (value == NULL) return NULL;
    value->bytes = memory_allocate(store->context, length + 1, 1);
    if (value->bytes == NULL) {
        memory_free(store->context, value);
        return NULL;
    }
    snprintf(value->key, sizeof value->key, "%s", key);
    if (length > 0) memcpy(value->bytes, bytes, length);
    value->length = length;
    return value;
}

void simulated_store_remove(struct simulated_store *store, const char *key)
{
    struct simulated_value **place = find(store, key), *gone = *place;
    if (gone == NULL) return;
    *place = gone->next;
    value_free(store, gone);
}

static int32_t answer_get(struct simulated_store *store, fate_session *session, uint64_t identifier, const char *key)
{
    const struct simulated_value *value = *find(store, key);
    if (value == NULL) return fate_session_complete(session, identifier, FATE_EMPTY, NULL, 0);
    return fate_session_complete(session, identifier, FATE_OK, value->bytes, value->length);
}

static int32_t answer_list(const struct simulated_store *store, fate_session *session, uint64_t identifier, const char *prefix)
{
    struct buffer names;
    buffer_init(&names, store->context);
    for (const struct simulated_value *value = store->values; value != NULL; value = value->next)
        if (strncmp(value->key, prefix, strlen(prefix)) == 0) buffer_append(&names, value->key, strlen(value->key) + 1);
    int32_t result = fate_session_complete(session, identifier, names.failed ? FATE_E_MEMORY : FATE_OK, names.bytes, names.length);
    buffer_free(&names);
    return result;
}

static int32_t begin_put(struct simulated_store *store, const fate_event *event, uint64_t due)
{
    uint64_t length;
    const uint8_t *bytes = fate_event_bytes(event, &length);
    forget_pending(store); /* a session has one access at a time */
    store->pending = value_new(store, fate_event_key(event), bytes, length);
    store->pending_identifier = fate_event_identifier(event);
    store->pending_due = due;
    return store->pending == NULL ? FATE_E_MEMORY : FATE_OK;
}

int32_t simulated_store_event(struct simulated_store *store, fate_session *session, const fate_event *event, uint64_t due, bool failing)
{
    uint64_t identifier = fate_event_identifier(event);
    const char *key = fate_event_key(event);
    switch (fate_event_kind(event)) {
    case FATE_EVENT_PUT:
        if (failing) return fate_session_complete(session, identifier, FATE_E_FILE, NULL, 0);
        return begin_put(store, event, due);
    case FATE_EVENT_GET: return answer_get(store, session, identifier, key);
    case FATE_EVENT_LIST: return answer_list(store, session, identifier, key);
    default: simulated_store_remove(store, key); return fate_session_complete(session, identifier, FATE_OK, NULL, 0);
    }
}

int32_t simulated_store_evidence(struct simulated_store *store, const fate_event *event, uint64_t due)
{
    uint64_t length;
    const uint8_t *bytes = fate_event_bytes(event, &length);
    buffer_append(&store->log, bytes, length);
    store->log_identifier = fate_event_identifier(event);
    store->log_due = due;
    return store->log.failed ? FATE_E_MEMORY : FATE_OK;
}

uint64_t simulated_store_due(const struct simulated_store *store)
{
    uint64_t due = store->pending == NULL ? UINT64_MAX : store->pending_due;
    return store->log_durable < store->log.length && store->log_due < due ? store->log_due : due;
}

static int32_t settle_evidence(struct simulated_store *store, fate_session *session)
{
    store->log_durable = store->log.length;
    return fate_session_complete(session, store->log_identifier, FATE_OK, NULL, 0);
}

int32_t simulated_store_settle(struct simulated_store *store, fate_session *session, uint64_t now, bool *done)
{
    int32_t result = FATE_OK;
    *done = simulated_store_due(store) <= now;
    if (store->log_durable < store->log.length && store->log_due <= now) result = settle_evidence(store, session);
    if (result != FATE_OK || store->pending == NULL || store->pending_due > now) return result;
    struct simulated_value *value = store->pending;
    store->pending = NULL;
    simulated_store_remove(store, value->key);
    value->next = store->values;
    store->values = value;
    return fate_session_complete(session, store->pending_identifier, FATE_OK, NULL, 0);
}
