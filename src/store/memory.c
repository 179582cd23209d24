/* A store in memory: a list of keys with their values, for tests, simulators and jobs that need not survive their process. */
#include "src/store/memory.h"

#include <string.h>

struct memory_entry {
    struct memory_entry *next;
    uint8_t *bytes;
    uint64_t length;
    char key[STORE_KEY_LIMIT + 1];
};

struct memory_store {
    fate_store face;
    fate_context *context;
    struct memory_entry *first;
};

/* The pointer that points to the entry of a key, or to the end of the list. */
static struct memory_entry **find_entry(struct memory_store *store, const char *key)
{
    struct memory_entry **place = &store->first;
    while (*place != NULL && strcmp((*place)->key, key) != 0) place = &(*place)->next;
    return place;
}

/* State may hold secrets: it is wiped. */
static void free_entry(fate_context *context, struct memory_entry *entry)
{
    memory_free_secret(context, entry->bytes, entry->length);
    memory_free(context, entry);
}

static int32_t memory_put(void *context, const char *key, const uint8_t *bytes, uint64_t length)
{
    struct memory_store *store = context;
    int32_t result = store_check_key(store->context, key);
    if (result != FATE_OK) return result;
    if (bytes == NULL && length > 0) return context_fail(store->context, FATE_E_ARGUMENT, "%s: no bytes to store", key);
    struct memory_entry **place = find_entry(store, key), *made = memory_zeroed(store->context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(store->context);
    made->bytes = memory_allocate(store->context, length, 1);
    if (made->bytes == NULL) {
        memory_free(store->context, made);
        return context_out_of_memory(store->context);
    }
    if (length > 0) memcpy(made->bytes, bytes, length);
    made->length = length;
    memcpy(made->key, key, strlen(key) + 1);
    struct memory_entry *old = *place;
    made->next = old == NULL ? NULL : old->next;
    *place = made;
    if (old != NULL) free_entry(store->context, old);
    return FATE_OK;
}

static int32_t memory_get(void *context, const char *key, fate_reply *reply)
{
    struct memory_store *store = context;
    int32_t result = store_check_key(store->context, key);
    if (result != FATE_OK) return result;
    const struct memory_entry *entry = *find_entry(store, key);
    return entry == NULL ? FATE_EMPTY : fate_reply_bytes(reply, entry->bytes, entry->length);
}

static int32_t memory_delete(void *context, const char *key)
{
    struct memory_store *store = context;
    int32_t result = store_check_key(store->context, key);
    if (result != FATE_OK) return result;
    struct memory_entry **place = find_entry(store, key), *entry = *place;
    if (entry == NULL) return FATE_OK;
    *place = entry->next;
    free_entry(store->context, entry);
    return FATE_OK;
}

static int32_t memory_list(void *context, const char *prefix, fate_reply *reply)
{
    const struct memory_store *store = context;
    size_t length = strlen(prefix);
    for (const struct memory_entry *entry = store->first; entry != NULL; entry = entry->next) {
        if (strncmp(entry->key, prefix, length) != 0) continue;
        int32_t result = fate_reply_name(reply, entry->key);
        if (result != FATE_OK) return result;
    }
    return FATE_OK;
}

static void memory_store_free(void *context)
{
    struct memory_store *store = context;
    fate_context *owner = store->context;
    while (store->first != NULL) {
        struct memory_entry *entry = store->first;
        store->first = entry->next;
        free_entry(owner, entry);
    }
    memory_free(owner, store);
    fate_context_free(owner);
}

int32_t fate_memory_store_new(fate_context *context, fate_store **store)
{
    if (context == NULL || store == NULL) return context_bad_argument(context, "fate_memory_store_new: store is NULL");
    *store = NULL;
    struct memory_store *made = memory_zeroed(context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(context);
    made->context = context_hold(context);
    made->face = (fate_store){
        .struct_size = sizeof(fate_store),
        .abi_version = FATE_ABI_VERSION,
        .context = made,
        .put = memory_put,
        .get = memory_get,
        .delete_ = memory_delete,
        .list = memory_list,
        .free = memory_store_free,
        .date = store_date,
    };
    *store = &made->face;
    return FATE_OK;
}
