/* Checks the tables of a protocol row by row, so that the engine need not ask again. */
#include "src/session/registry_check.h"

#include <string.h>

#include "src/session/parameter.h"
#include "src/session/registry.h"

static const uint64_t longest_message = (uint64_t)1 << 40;

/* What is being checked, for sentences: `protocol "mean": role "guest": ` */
struct place {
    fate_context *context;
    char text[256];
};

static int32_t inconsistent(const struct place *place, const char *problem)
{
    return context_fail(place->context, FATE_E_ARGUMENT, "%s: %s", place->text, problem);
}

/* 1 to REGISTRY_NAME printable ASCII characters; blanks only inside of names of steps and messages. */
static bool is_name(const char *name, bool blanks)
{
    if (name == NULL) return false;
    const size_t length = strnlen(name, REGISTRY_NAME + 1);
    if (length == 0 || length > REGISTRY_NAME || name[0] == ' ' || name[length - 1] == ' ') return false;
    for (size_t i = 0; i < length; i++) {
        const char c = name[i];
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        if (!plain && !(blanks && c >= ' ' && c <= '~' && c != '"' && c != '\\')) return false;
    }
    return true;
}

static bool is_sentence(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int32_t check_step(const struct place *place, const fate_protocol *protocol, uint32_t role, const fate_protocol_step *step)
{
    if (!is_name(step->name, true))
        return inconsistent(place, "the name is NULL, empty, too long or has characters other than printable ASCII");
    if (step->run == NULL) return inconsistent(place, "run is NULL");
    if (step->wait > FATE_WAIT_QUESTION) return inconsistent(place, "wait is none of enum fate_wait");
    if (step->wait == FATE_WAIT_NOTHING || step->wait >= FATE_WAIT_ANY) return FATE_OK;
    if (step->message >= protocol->message_count) return inconsistent(place, "it waits for a message that is not in the table");
    if (protocol->messages[step->message].receiver != role) return inconsistent(place, "it waits for a message that another role receives");
    const uint32_t sender = protocol->messages[step->message].sender;
    if (sender < protocol->role_count && protocol->roles[sender].may_vanish != 0)
        return inconsistent(place, "it waits for a message of a role that may vanish: use FATE_WAIT_ANY");
    return FATE_OK;
}

static int32_t check_steps(const struct place *place, const fate_protocol *protocol, uint32_t role)
{
    const fate_protocol_role *row = &protocol->roles[role];
    if (row->step_count == 0) return inconsistent(place, "it has no steps");
    for (uint32_t i = 0; i < row->step_count; i++) {
        struct place inner = {place->context, ""};
        snprintf(inner.text, sizeof inner.text, "%.200s: step %u", place->text, (unsigned)i);
        const int32_t result = check_step(&inner, protocol, role, &row->steps[i]);
        if (result != FATE_OK) return result;
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(row->steps[i].name, row->steps[j].name) == 0) return inconsistent(&inner, "an earlier step has the same name");
        }
    }
    return FATE_OK;
}

static int32_t check_role(const struct place *place, const fate_protocol *protocol, uint32_t role)
{
    const fate_protocol_role *row = &protocol->roles[role];
    if (!is_name(row->name, false)) return inconsistent(place, "the name is not 1 to 64 of the characters A-Z a-z 0-9 . _ -");
    for (uint32_t j = 0; j < role; j++) {
        if (strcmp(row->name, protocol->roles[j].name) == 0) return inconsistent(place, "an earlier role has the same name");
    }
    if (row->maximum == 0 || row->minimum > row->maximum) return inconsistent(place, "maximum is 0 or below minimum");
    if (!is_sentence(row->learns)) return inconsistent(place, "learns is NULL or empty: say what a party of this role learns");
    if (row->start == NULL || row->stop == NULL) return inconsistent(place, "start or stop is NULL");
    if ((row->save == NULL) != (row->load == NULL)) return inconsistent(place, "save and load must both be given, or neither");
    if (row->may_vanish > 1) return inconsistent(place, "may_vanish is neither 0 nor 1");
    return check_steps(place, protocol, role);
}

static int32_t check_message(const struct place *place, const fate_protocol *protocol, uint32_t message)
{
    const fate_protocol_message *row = &protocol->messages[message];
    if (!is_name(row->name, true))
        return inconsistent(place, "the name is NULL, empty, too long or has characters other than printable ASCII");
    for (uint32_t j = 0; j < message; j++) {
        if (strcmp(row->name, protocol->messages[j].name) == 0) return inconsistent(place, "an earlier message has the same name");
    }
    if (row->sender >= protocol->role_count) return inconsistent(place, "the sender is not in the table of roles");
    if (row->receiver >= protocol->role_count) return inconsistent(place, "the receiver is not in the table of roles");
    if (row->limit > longest_message) return inconsistent(place, "the limit is above 2^40 bytes");
    if (!is_sentence(row->carries)) return inconsistent(place, "carries is NULL or empty: say what the message carries");
    if (!is_sentence(row->reason)) return inconsistent(place, "reason is NULL or empty: say why the receiver may see it");
    return FATE_OK;
}

static int32_t check_preset(const struct place *place, const fate_protocol_parameter *row)
{
    struct parameter_value value;
    if (row->preset == NULL) return FATE_OK;
    char where[sizeof place->text + 4];
    snprintf(where, sizeof where, "%s: ", place->text);
    const int32_t result = parameter_read_preset(place->context, &value, row, FATE_E_ARGUMENT, where);
    if (result == FATE_OK) parameter_free(place->context, &value);
    return result;
}

static int32_t check_parameter(const struct place *place, const fate_protocol *protocol, uint32_t parameter)
{
    const fate_protocol_parameter *row = &protocol->parameters[parameter];
    if (!is_name(row->name, false)) return inconsistent(place, "the name is not 1 to 64 of the characters A-Z a-z 0-9 . _ -");
    for (uint32_t j = 0; j < parameter; j++) {
        if (strcmp(row->name, protocol->parameters[j].name) == 0) return inconsistent(place, "an earlier parameter has the same name");
    }
    if (row->kind < FATE_PARAMETER_INTEGER || row->kind > FATE_PARAMETER_TEXT)
        return inconsistent(place, "kind is none of enum fate_parameter_kind");
    if (row->kind != FATE_PARAMETER_TEXT && !(row->minimum <= row->maximum)) return inconsistent(place, "maximum is below minimum");
    if (row->choices != NULL && row->kind != FATE_PARAMETER_TEXT) return inconsistent(place, "only texts have choices");
    if (!is_sentence(row->help)) return inconsistent(place, "help is NULL or empty");
    return check_preset(place, row);
}

typedef int32_t (*row_check)(const struct place *place, const fate_protocol *protocol, uint32_t row);

static int32_t check_rows(fate_context *context, const fate_protocol *protocol, const char *what, uint32_t count, row_check check)
{
    for (uint32_t i = 0; i < count; i++) {
        struct place place = {context, ""};
        snprintf(place.text, sizeof place.text, "protocol \"%s\": %s %u", protocol->name, what, (unsigned)i);
        const int32_t result = check(&place, protocol, i);
        if (result != FATE_OK) return result;
    }
    return FATE_OK;
}

static int32_t check_head(fate_context *context, const fate_protocol *protocol)
{
    if (!is_name(protocol->name, false)) {
        return context_fail(context, FATE_E_ARGUMENT, "the protocol's name is not 1 to 64 of the characters A-Z a-z 0-9 . _ -");
    }
    struct place place = {context, ""};
    snprintf(place.text, sizeof place.text, "protocol \"%s\"", protocol->name);
    if (protocol->purpose < FATE_PURPOSE_TRAIN || protocol->purpose > FATE_PURPOSE_SERVE) {
        return inconsistent(&place, "purpose is none of enum fate_purpose");
    }
    if (!is_sentence(protocol->summary)) return inconsistent(&place, "summary is NULL or empty");
    if (!is_sentence(protocol->limits)) return inconsistent(&place, "limits is NULL or empty: say what it does not protect against");
    if (protocol->role_count == 0) return inconsistent(&place, "it has no roles");
    for (uint32_t role = 0; role < protocol->role_count; role++)
        if (protocol->roles[role].may_vanish == 0) return FATE_OK;
    return inconsistent(&place, "all of its roles may vanish: one at least must stay");
}

int32_t registry_check(fate_context *context, const fate_protocol *protocol)
{
    int32_t result = check_head(context, protocol);
    if (result == FATE_OK) result = check_rows(context, protocol, "role", protocol->role_count, check_role);
    if (result == FATE_OK) result = check_rows(context, protocol, "message", protocol->message_count, check_message);
    if (result == FATE_OK) result = check_rows(context, protocol, "parameter", protocol->parameter_count, check_parameter);
    if (result == FATE_OK && protocol->label_role != NULL && registry_role(protocol, protocol->label_role) < 0) {
        result = context_fail(context, FATE_E_ARGUMENT, "protocol \"%s\": label_role is not in the table of roles", protocol->name);
    }
    return result;
}
