/* A store of two others: the state of jobs in one, what protocols keep beyond a job in the other. */
#include "src/store/split.h"

#include <string.h>
#include "lib/hooks.h"
#include "src/store/directory.h"

static const char KEPT[] = "kept-";

struct split_store {
    fate_store face;
    fate_context *context;
    fate_store state, kept;
};

static const fate_store *store_of(const struct split_store *store, const char *key)
{
    return strncmp(key, KEPT, sizeof KEPT - 1) == 0 ? &store->kept : &store->state;
}

static int32_t split_put(void *context, const char *key, const uint8_t *bytes, uint64_t length)
{
    const fate_store *store = store_of(context, key);
    return store->put(store->context, key, bytes, length);
}

static int32_t split_get(void *context, const char *key, fate_reply *reply)
{
    const fate_store *store = store_of(context, key);
    return store->get(store->context, key, reply);
}

static int32_t split_delete(void *context, const char *key)
{
    const fate_store *store = store_of(context, key);
    return store->delete_(store->context, key);
}

/* A prefix with which "kept-" begins names keys of both. */
static int32_t split_list(void *context, const char *prefix, fate_reply *reply)
{
    const struct split_store *store = context;
    const fate_store *first = store_of(store, prefix);
    int32_t result = first->list(first->context, prefix, reply);
    if (result != FATE_OK || strlen(prefix) >= sizeof KEPT - 1 || strncmp(prefix, KEPT, strlen(prefix)) != 0) return result;
    return store->kept.list(store->kept.context, KEPT, reply);
}

static uint64_t split_date(void *context)
{
    const struct split_store *store = context;
    const fate_store *dated = store->kept.date != NULL ? &store->kept : &store->state;
    return dated->date == NULL ? 0 : dated->date(dated->context);
}

static void split_free(void *context)
{
    struct split_store *store = context;
    fate_context *owner = store->context;
    memory_free(owner, store);
    fate_context_free(owner);
}

static bool take(fate_store *own, const fate_store *given)
{
    return hooks_copy(own, sizeof *own, given, offsetof(fate_store, context)) && own->put != NULL && own->get != NULL &&
           own->delete_ != NULL && own->list != NULL;
}

int32_t fate_split_store_new(fate_context *context, fate_store **store, const fate_store *state, const fate_store *kept)
{
    if (store != NULL) *store = NULL;
    if (context == NULL || store == NULL || state == NULL || kept == NULL)
        return context_bad_argument(context, "fate_split_store_new: no argument may be NULL");
    struct split_store *made = memory_zeroed(context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(context);
    made->context = context_hold(context);
    made->face = (fate_store){
        .struct_size = sizeof(fate_store),
        .abi_version = FATE_ABI_VERSION,
        .context = made,
        .put = split_put,
        .get = split_get,
        .delete_ = split_delete,
        .list = split_list,
        .free = split_free,
        .date = split_date,
    };
    if (!take(&made->state, state) || !take(&made->kept, kept)) {
        split_free(made);
        return context_fail(context, FATE_E_VERSION,
                            "fate_split_store_new: a store's table of functions is not one of this version of libfate");
    }
    *store = &made->face;
    return FATE_OK;
}

const char *split_sentence(const fate_store *store)
{
    if (store->put != split_put) return directory_sentence(store);
    const struct split_store *own = store->context;
    const char *sentence = directory_sentence(&own->kept);
    return sentence[0] != 0 ? sentence : directory_sentence(&own->state);
}
