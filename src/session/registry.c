/* Registers protocols: copies their tables at this library's element sizes, then checks that they are consistent. */
#include "src/session/registry.h"

#include <string.h>

#include "lib/hooks.h"
#include "src/session/registry_check.h"

enum { REGISTRY_ELEMENT = 4096 };

struct registry {
    fate_protocol **protocols;
    uint32_t count;
};

/* A registered protocol owns its tables; the members of fate_protocol point to const ones. */
struct registered {
    fate_protocol protocol;
    fate_protocol_role *roles;
    fate_protocol_step *steps[REGISTRY_ROLES];
    fate_protocol_message *messages;
    fate_protocol_parameter *parameters;
};

/* Registered protocols begin with their fate_protocol, so that a pointer to it is a pointer to the whole. */
static struct registered *whole(fate_protocol *protocol)
{
    return (struct registered *)protocol;
}

static void registered_free(fate_context *context, struct registered *registered)
{
    if (registered == NULL) return;
    for (uint32_t i = 0; i < REGISTRY_ROLES; i++) memory_free(context, registered->steps[i]);
    memory_free(context, registered->roles);
    memory_free(context, registered->messages);
    memory_free(context, registered->parameters);
    memory_free(context, registered);
}

static void registry_free(fate_context *context, void *object)
{
    struct registry *registry = object;
    for (uint32_t i = 0; i < registry->count; i++) registered_free(context, whole(registry->protocols[i]));
    memory_free(context, registry->protocols);
    memory_free(context, registry);
}

static const struct registry *registry_of(const fate_context *context)
{
    const fate_context *root = context;
    while (root->parent != NULL) root = root->parent;
    return root->registry.object;
}

const fate_protocol *registry_find(const fate_context *context, const char *name, int32_t purpose)
{
    const struct registry *registry = registry_of(context);
    const fate_protocol *found = NULL;
    for (uint32_t i = 0; registry != NULL && i < registry->count; i++) {
        const fate_protocol *protocol = registry->protocols[i];
        if (strcmp(protocol->name, name) != 0 || (purpose != 0 && protocol->purpose != purpose)) continue;
        if (found == NULL || protocol->purpose == FATE_PURPOSE_TRAIN) found = protocol;
    }
    return found;
}

const char *registry_purpose(uint32_t purpose)
{
    static const char *const names[] = {"?", "train", "predict", "align", "serve", "align validation"};
    return names[purpose < sizeof names / sizeof *names ? purpose : 0];
}

int32_t registry_role(const fate_protocol *protocol, const char *name)
{
    for (uint32_t i = 0; i < protocol->role_count; i++) {
        if (strcmp(protocol->roles[i].name, name) == 0) return (int32_t)i;
    }
    return -1;
}

const char *fate_protocol_name(const fate_context *context, uint32_t index)
{
    if (context == NULL) return NULL;
    const struct registry *registry = registry_of(context);
    uint32_t names = 0;
    for (uint32_t i = 0; registry != NULL && i < registry->count; i++) {
        const char *name = registry->protocols[i]->name;
        bool first = true;
        for (uint32_t j = 0; j < i; j++) first = first && strcmp(registry->protocols[j]->name, name) != 0;
        if (!first) continue;
        if (names == index) return name;
        names++;
    }
    return NULL;
}

/* Copies count elements of given_size bytes into new ones of own_size: shorter ones are filled up with zeros, the tail of longer
 * ones must be zero. */
static int32_t copy_table(fate_context *context, void **copy, const char *what, const void *given, uint32_t given_size, uint32_t count,
                          uint32_t own_size, uint32_t least_size, uint32_t most)
{
    if (count > most) {
        return context_fail(context, FATE_E_ARGUMENT, "the protocol has %u %s, but at most %u can be registered", (unsigned)count, what,
                            (unsigned)most);
    }
    if (count > 0 && given == NULL) return context_fail(context, FATE_E_ARGUMENT, "the protocol's table of %s is NULL", what);
    if (count > 0 && (given_size < least_size || given_size > REGISTRY_ELEMENT)) {
        return context_fail(context, FATE_E_VERSION, "the protocol's %s have elements of %u bytes: pass sizeof of the element", what,
                            (unsigned)given_size);
    }
    uint8_t *own = memory_zeroed(context, count, own_size);
    *copy = own;
    if (own == NULL) return context_out_of_memory(context);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *element = (const uint8_t *)given + (size_t)i * given_size;
        memcpy(own + (size_t)i * own_size, element, given_size < own_size ? given_size : own_size);
        for (uint32_t tail = own_size; tail < given_size; tail++) {
            if (element[tail] != 0)
                return context_fail(context, FATE_E_VERSION, "the protocol's %s use members that this library does not know", what);
        }
    }
    return FATE_OK;
}

static int32_t copy_steps(fate_context *context, struct registered *registered)
{
    for (uint32_t i = 0; i < registered->protocol.role_count; i++) {
        fate_protocol_role *role = &registered->roles[i];
        void *steps = NULL;
        const int32_t result = copy_table(context, &steps, "steps", role->steps, role->step_size, role->step_count, sizeof *role->steps,
                                          sizeof *role->steps, REGISTRY_STEPS);
        registered->steps[i] = steps;
        if (result != FATE_OK) return result;
        role->steps = steps;
        role->step_size = sizeof *role->steps;
    }
    return FATE_OK;
}

static int32_t copy_tables(fate_context *context, struct registered *registered)
{
    fate_protocol *protocol = &registered->protocol;
    void *roles = NULL, *messages = NULL, *parameters = NULL;
    int32_t result = copy_table(context, &roles, "roles", protocol->roles, protocol->role_size, protocol->role_count,
                                sizeof *protocol->roles, (uint32_t)offsetof(fate_protocol_role, save), REGISTRY_ROLES);
    registered->roles = roles;
    if (result == FATE_OK) {
        result = copy_table(context, &messages, "messages", protocol->messages, protocol->message_size, protocol->message_count,
                            sizeof *protocol->messages, sizeof *protocol->messages, REGISTRY_MESSAGES);
        registered->messages = messages;
    }
    if (result == FATE_OK) {
        result = copy_table(context, &parameters, "parameters", protocol->parameters, protocol->parameter_size, protocol->parameter_count,
                            sizeof *protocol->parameters, sizeof *protocol->parameters, REGISTRY_PARAMETERS);
        registered->parameters = parameters;
    }
    if (result != FATE_OK) return result;
    protocol->roles = roles;
    protocol->role_size = sizeof *protocol->roles;
    protocol->messages = messages;
    protocol->message_size = sizeof *protocol->messages;
    protocol->parameters = parameters;
    protocol->parameter_size = sizeof *protocol->parameters;
    return copy_steps(context, registered);
}

static int32_t registry_make(fate_context *context, struct registry **registry)
{
    struct context_attachment *slot = context_registry(context);
    if (slot->object == NULL) {
        slot->object = memory_zeroed(context, 1, sizeof **registry);
        if (slot->object == NULL) return context_out_of_memory(context);
        slot->free_object = registry_free;
    }
    *registry = slot->object;
    return FATE_OK;
}

static int32_t registry_add(fate_context *context, struct registered *registered)
{
    struct registry *registry = NULL;
    const int32_t result = registry_make(context, &registry);
    if (result != FATE_OK) return result;
    fate_protocol **more = memory_resize(context, registry->protocols, (uint64_t)registry->count + 1, sizeof *more);
    if (more == NULL) return context_out_of_memory(context);
    registry->protocols = more;
    registry->protocols[registry->count++] = &registered->protocol;
    return FATE_OK;
}

int32_t fate_protocol_register(fate_context *context, const fate_protocol *protocol)
{
    if (context == NULL || protocol == NULL) return context_bad_argument(context, "fate_protocol_register: protocol is NULL");
    struct registered *registered = memory_zeroed(context, 1, sizeof *registered);
    if (registered == NULL) return context_out_of_memory(context);
    fate_protocol *own = &registered->protocol;
    int32_t result = FATE_OK;
    if (!hooks_copy(own, sizeof *own, protocol, (uint32_t)offsetof(fate_protocol, parameters))) {
        result = context_fail(context, FATE_E_VERSION, "fate_protocol_register: struct_size or abi_version is not one of this library's");
    }
    if (result == FATE_OK) result = copy_tables(context, registered);
    if (result == FATE_OK) result = registry_check(context, own);
    if (result == FATE_OK && registry_find(context, own->name, own->purpose) != NULL) {
        result = context_fail(context, FATE_E_EXISTS, "a protocol named \"%s\" is registered for this purpose already", own->name);
    }
    if (result == FATE_OK) result = registry_add(context, registered);
    if (result != FATE_OK) registered_free(context, registered);
    return result;
}
