/* The store hook: where a party's state is kept. Ready-made: memory, and a directory of files. */
#ifndef FATE_STORE_H
#define FATE_STORE_H

#include <fate/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What get and list answer into. Valid during that call only. */
typedef struct fate_reply fate_reply;

/* In get: the stored bytes, copied; at most once. bytes may be NULL when length is 0.
 * Returns FATE_OK; FATE_E_STATE in list or the second time; FATE_E_ARGUMENT; FATE_E_MEMORY. Return an error from get. */
FATE_API int32_t fate_reply_bytes(fate_reply *reply, const uint8_t *bytes, uint64_t length);
/* In list: one name; as often as there are names.
 * Returns FATE_OK; FATE_E_STATE in get; FATE_E_ARGUMENT when it is no key; FATE_E_MEMORY. Return an error from list. */
FATE_API int32_t fate_reply_name(fate_reply *reply, const char *key);

/* Keys are 1 to 100 of a-z, 0-9, '.', '-' and '_', and begin with a letter. Values may be large.
 * put     stores, durably, before it returns: afterwards get gives either the new value or, after a crash in between, the old one
 * get     FATE_OK after fate_reply_bytes, or FATE_EMPTY
 * delete_ FATE_OK, also when there was none
 * list    names every key that begins with prefix, in any order
 * free    NULL: nothing to free
 * date    seconds since 1970, by which what is kept grows old; NULL: not known. Asked before a session first runs
 * Any other result is an error, which ends the drive and comes back unchanged. */
typedef struct fate_store {
    uint32_t struct_size; /* sizeof(fate_store) */
    uint32_t abi_version; /* FATE_ABI_VERSION */
    void *context;
    int32_t (*put)(void *context, const char *key, const uint8_t *bytes, uint64_t length);
    int32_t (*get)(void *context, const char *key, fate_reply *reply);
    int32_t (*delete_)(void *context, const char *key);
    int32_t (*list)(void *context, const char *prefix, fate_reply *reply);
    void (*free)(void *context);
    uint64_t (*date)(void *context);
} fate_store;

/* Calls the store's free. NULL is accepted. */
FATE_API void fate_store_free(fate_store *store);

/* A store in memory, wiped and gone when freed.
 * store  out; free with fate_store_free
 * Returns FATE_OK; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_memory_store_new(fate_context *context, fate_store **store);

/* A store in a directory, which is made if it is missing (mode 0700): a file a key, written beside, flushed, renamed, with a
 * checksum that get verifies. What a crash left beside is removed here.
 *
 * store  out; free with fate_store_free
 * path   in: the directory; its parent must exist
 * Returns FATE_OK; FATE_E_EXISTS when another store, of this process or another, holds the directory's lock; FATE_E_FILE with the
 * system's reason; FATE_E_ARGUMENT; FATE_E_MEMORY.
 * Its put and delete_ return FATE_E_FILE with the system's reason (disk full: the old value is still there); its get FATE_E_STORE when
 * a file is damaged, and FATE_E_FILE; all FATE_E_ARGUMENT for what is no key. The sentence, with the file's name, is on the context. */
FATE_API int32_t fate_directory_store_new(fate_context *context, fate_store **store, const char *path);

/* A store of two others: values under keys that begin with "kept-", which protocols keep beyond a job (fate/protocol.h, fate_turn_put), in one,
 * the state of jobs in the other. So the sets that alignments use again outlive the state of each alignment.
 * store        out: free with fate_store_free, which leaves the two as they are
 * state, kept  in: their tables are copied; what these point to must outlive the store
 * Returns FATE_OK; FATE_E_VERSION when a table is not one of this version; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_split_store_new(fate_context *context, fate_store **store, const fate_store *state, const fate_store *kept);

#ifdef __cplusplus
}
#endif
#endif
