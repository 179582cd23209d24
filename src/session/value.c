/* Values that a protocol keeps in its party's store beyond a job. A step asks and returns FATE_AGAIN; when the application has answered the
 * step is called again, asks the same, and gets the result. Values are sealed, each for its protocol and name. */
#include "src/session/sealed.h"

#include <stdio.h>
#include <string.h>

static const uint8_t MAGIC[SEALED_MAGIC] = {'F', 'A', 'T', 'E', 'v', 'a', 'l', '1'};

/* What the value is: the name of the protocol, a zero byte, and its own. */
static uint64_t write_about(const fate_session *session, const char *name, char *about, size_t size)
{
    int length = snprintf(about, size, "%s%c%s", session->protocol->name, 0, name);
    return (uint64_t)length;
}

static bool is_name(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length <= VALUE_NAME && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == length;
}

static int32_t check(const fate_turn *turn, const char *name)
{
    const fate_session *session = turn->session;
    fate_context *context = session->context;
    if (!turn->in_step) return context_fail(context, FATE_E_STATE, "only a step may use the store");
    if (!is_name(name)) return context_fail(context, FATE_E_ARGUMENT, "a value's name is 1 to %d of a-z 0-9 . - _", (int)VALUE_NAME);
    if (!session->durable) return context_fail(context, FATE_E_STATE, "the session keeps nothing: it needs a store (option \"durable\")");
    if (session->value.asked) return context_fail(context, FATE_E_STATE, "a step has one access to the store at a time");
    return FATE_OK;
}

/* Gives the result of the access that is over, or FATE_AGAIN after it was asked for. sealed is emptied. */
static int32_t use(fate_turn *turn, int32_t kind, const char *name, struct buffer *sealed)
{
    fate_session *session = turn->session;
    struct value_access *value = &session->value;
    char key[VALUE_NAME + 8];
    buffer_clear(&value->bytes);
    snprintf(key, sizeof key, "kept-%s", name);
    int32_t result = session_ask_store(session, kind, key, sealed);
    if (result != FATE_OK) return context_out_of_memory(session->context);
    value->asked = true;
    value->done = false;
    value->kind = kind;
    snprintf(value->name, sizeof value->name, "%s", name);
    return FATE_AGAIN;
}

/* Whether that access has just been completed. */
static bool is_over(const fate_turn *turn, int32_t kind, const char *name)
{
    const struct value_access *value = &turn->session->value;
    return value->done && value->kind == kind && strcmp(value->name, name) == 0;
}

static int32_t take_result(const fate_turn *turn)
{
    turn->session->value.done = false;
    return turn->session->value.result;
}

int32_t fate_turn_put(fate_turn *turn, const char *name, const uint8_t *bytes, uint64_t length)
{
    char about[256];
    struct buffer sealed;
    if (turn == NULL || name == NULL || (bytes == NULL && length > 0)) return FATE_E_ARGUMENT;
    fate_session *session = turn->session;
    int32_t result = check(turn, name);
    if (result != FATE_OK) return result;
    if (is_over(turn, FATE_EVENT_PUT, name)) return take_result(turn);
    buffer_init(&sealed, session->context);
    uint64_t about_length = write_about(session, name, about, sizeof about);
    result = sealed_write(session, MAGIC, about, about_length, bytes, length, &sealed);
    result = result == FATE_OK ? use(turn, FATE_EVENT_PUT, name, &sealed) : context_out_of_memory(session->context);
    buffer_free(&sealed);
    return result;
}

int32_t fate_turn_get(fate_turn *turn, const char *name, const uint8_t **bytes, uint64_t *length)
{
    if (turn == NULL || name == NULL || bytes == NULL || length == NULL) return FATE_E_ARGUMENT;
    *bytes = NULL;
    *length = 0;
    int32_t result = check(turn, name);
    if (result != FATE_OK) return result;
    if (!is_over(turn, FATE_EVENT_GET, name)) return use(turn, FATE_EVENT_GET, name, NULL);
    *bytes = turn->session->value.bytes.bytes;
    *length = turn->session->value.bytes.length;
    return take_result(turn);
}

int32_t fate_turn_delete(fate_turn *turn, const char *name)
{
    if (turn == NULL || name == NULL) return FATE_E_ARGUMENT;
    int32_t result = check(turn, name);
    if (result != FATE_OK) return result;
    return is_over(turn, FATE_EVENT_DELETE, name) ? take_result(turn) : use(turn, FATE_EVENT_DELETE, name, NULL);
}

int32_t fate_turn_keeps(const fate_turn *turn)
{
    return turn != NULL && turn->session->durable;
}

uint64_t fate_turn_date(const fate_turn *turn)
{
    return turn == NULL ? 0 : turn->session->date;
}

static int32_t open_value(fate_session *session)
{
    char about[256];
    struct value_access *value = &session->value;
    uint64_t about_length = write_about(session, value->name, about, sizeof about);
    int32_t result =
        sealed_read(session, MAGIC, about, about_length, session->store_bytes.bytes, session->store_bytes.length, &value->bytes);
    buffer_clear(&session->store_bytes);
    if (result != FATE_E_FORMAT && result != FATE_E_STORE) return result;
    return context_fail(session->context, FATE_E_STORE,
                        "the value \"kept-%s\" in the store was altered, or kept by another identity: delete it", value->name);
}

int32_t value_complete(fate_session *session, int32_t kind, int32_t result)
{
    struct value_access *value = &session->value;
    value->asked = false;
    if (result < 0)
        return session_fail_with(session, result, UINT32_MAX, "the store failed to %s the value \"kept-%s\": %s (%d)",
                                 kind == FATE_EVENT_GET   ? "read"
                                 : kind == FATE_EVENT_PUT ? "keep"
                                                          : "delete",
                                 value->name, fate_result_text(result), (int)result);
    value->result = result;
    if (kind == FATE_EVENT_GET && result == FATE_OK) result = open_value(session);
    value->done = result >= 0;
    return result < 0 ? result : FATE_OK;
}
