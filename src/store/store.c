/* The store hook's own functions: what get and list answer into, the rule for keys, and the free that reaches the hook's. */
#include "src/store/store.h"

#include <string.h>
#include <time.h>

int32_t fate_reply_bytes(fate_reply *reply, const uint8_t *bytes, uint64_t length)
{
    if (reply == NULL || (bytes == NULL && length > 0)) return FATE_E_ARGUMENT;
    if (reply->names || reply->answered) return FATE_E_STATE;
    if (length > 0) buffer_append(reply->answer, bytes, length);
    if (reply->answer->failed) return FATE_E_MEMORY;
    reply->answered = true;
    return FATE_OK;
}

int32_t fate_reply_name(fate_reply *reply, const char *key)
{
    if (reply == NULL || key == NULL || !store_key_valid(key)) return FATE_E_ARGUMENT;
    if (!reply->names) return FATE_E_STATE;
    buffer_append(reply->answer, key, strlen(key) + 1);
    return reply->answer->failed ? FATE_E_MEMORY : FATE_OK;
}

bool store_key_valid(const char *key)
{
    size_t length = 0;
    if (key[0] < 'a' || key[0] > 'z') return false;
    for (; key[length] != 0; length++) {
        char c = key[length];
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        if (!good || length >= STORE_KEY_LIMIT) return false;
    }
    return true;
}

int32_t store_check_key(fate_context *context, const char *key)
{
    if (key != NULL && store_key_valid(key)) return FATE_OK;
    return context_fail(context, FATE_E_ARGUMENT, "\"%.120s\" is no key for a store: 1 to %d of a-z, 0-9, '.', '-' and '_', a letter first",
                        key == NULL ? "" : key, STORE_KEY_LIMIT);
}

uint64_t store_date(void *context)
{
    time_t now = time(NULL);
    (void)context;
    return now > 0 ? (uint64_t)now : 0;
}

void fate_store_free(fate_store *store)
{
    if (store == NULL) return;
    if (store->struct_size < offsetof(fate_store, free) + sizeof store->free) return;
    if (store->free != NULL) store->free(store->context);
}
