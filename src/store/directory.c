/* A store in a directory. A value is written beside its place, flushed, renamed and the directory flushed, so that after a crash
 * either the old or the new one is there, whole; the checksum covers the key too, so that a file that was moved is noticed. */
#include "src/store/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHECKSUM = 32, CHECKSUM_AT = DIRECTORY_HEADER - CHECKSUM, NAME = STORE_KEY_LIMIT + 8, REASON = 128 };

/* Keys begin with a letter, so neither of these is one. */
static const char lock_name[] = ".lock";
static const char beside_prefix[] = ".new-";
static const uint8_t magic[8] = {'F', 'A', 'T', 'E', 'S', 'T', 'O', 'R'};

struct directory_store {
    fate_store face;
    fate_context *context;
    char *path;
    int directory;
    int lock;
};

static const char *reason(int error, char *text)
{
    if (strerror_r(error, text, REASON) != 0) snprintf(text, REASON, "error %d", error);
    return text;
}

/* FATE_E_FILE with the file's name, what failed, and errno's reason. */
static int32_t fail_file(const struct directory_store *store, const char *name, const char *what, int error)
{
    char text[REASON];
    return context_fail(store->context, FATE_E_FILE, "cannot %s \"%s%s%s\": %s", what, store->path, name[0] == 0 ? "" : "/", name,
                        reason(error, text));
}

static void checksum(uint8_t *out, const uint8_t *header, const char *key, const uint8_t *bytes, uint64_t length)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, CHECKSUM);
    crypto_generichash_update(&state, header, CHECKSUM_AT);
    crypto_generichash_update(&state, (const uint8_t *)key, strlen(key) + 1);
    if (length > 0) crypto_generichash_update(&state, bytes, length);
    crypto_generichash_final(&state, out, CHECKSUM);
}

void directory_header(uint8_t *header, const char *key, const uint8_t *bytes, uint64_t length)
{
    memcpy(header, magic, sizeof magic);
    bytes_store_u32(header + 8, DIRECTORY_VERSION);
    bytes_store_u32(header + 12, 0);
    bytes_store_u64(header + 16, length);
    checksum(header + CHECKSUM_AT, header, key, bytes, length);
}

const char *directory_decode(const uint8_t *file, uint64_t file_length, const char *key, const uint8_t **bytes, uint64_t *length)
{
    uint8_t expected[CHECKSUM];
    if (file_length < DIRECTORY_HEADER) return "it is truncated";
    if (memcmp(file, magic, sizeof magic) != 0) return "it is not a file of a store";
    if (bytes_load_u32(file + 8) != DIRECTORY_VERSION || bytes_load_u32(file + 12) != 0) return "another version of the library made it";
    if (bytes_load_u64(file + 16) != file_length - DIRECTORY_HEADER) return "its length is not the one it was written with";
    checksum(expected, file, key, file + DIRECTORY_HEADER, file_length - DIRECTORY_HEADER);
    if (memcmp(expected, file + CHECKSUM_AT, CHECKSUM) != 0) return "its checksum does not match: it was altered";
    *bytes = file + DIRECTORY_HEADER;
    *length = file_length - DIRECTORY_HEADER;
    return NULL;
}

/* Some file systems cannot flush a directory and say EINVAL: they order renames themselves. */
static bool flush_directory(int directory)
{
    return fsync(directory) == 0 || errno == EINVAL;
}

static bool write_all(int descriptor, const uint8_t *bytes, uint64_t length)
{
    while (length > 0) {
        ssize_t count = write(descriptor, bytes, length > 1 << 30 ? 1 << 30 : (size_t)length);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes += count;
        length -= (uint64_t)count;
    }
    return true;
}

/* Writes and flushes the file beside. Returns 0 or errno. */
static int write_beside(const struct directory_store *store, const char *beside, const char *key, const uint8_t *bytes, uint64_t length)
{
    uint8_t header[DIRECTORY_HEADER];
    int descriptor = openat(store->directory, beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return errno;
    directory_header(header, key, bytes, length);
    int error = write_all(descriptor, header, sizeof header) && write_all(descriptor, bytes, length) && fsync(descriptor) == 0 ? 0 : errno;
    if (close(descriptor) != 0 && error == 0) error = errno;
    return error;
}

static int32_t directory_put(void *context, const char *key, const uint8_t *bytes, uint64_t length)
{
    const struct directory_store *store = context;
    char beside[NAME];
    int32_t result = store_check_key(store->context, key);
    if (result != FATE_OK) return result;
    if (bytes == NULL && length > 0) return context_fail(store->context, FATE_E_ARGUMENT, "%s: no bytes to store", key);
    snprintf(beside, sizeof beside, "%s%s", beside_prefix, key);
    int error = write_beside(store, beside, key, bytes, length);
    if (error == 0 && renameat(store->directory, beside, store->directory, key) != 0) error = errno;
    if (error != 0) {
        (void)unlinkat(store->directory, beside, 0);
        return fail_file(store, key, "write", error);
    }
    return flush_directory(store->directory) ? FATE_OK : fail_file(store, key, "flush", errno);
}

/* Appends the whole file. Returns 0 or errno; a failed buffer stands for lack of memory. */
static int read_all(int descriptor, struct buffer *file)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0) return errno;
    if (!S_ISREG(status.st_mode)) return EISDIR;
    /* One byte more than the file has, so that its end is seen without growing. */
    while (buffer_reserve(file, file->length > (uint64_t)status.st_size ? 65536 : (uint64_t)status.st_size - file->length + 1)) {
        uint64_t room = file->capacity - file->length;
        ssize_t count = read(descriptor, file->bytes + file->length, room > 1 << 30 ? 1 << 30 : (size_t)room);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        if (count == 0) return 0;
        file->length += (uint64_t)count;
    }
    return 0;
}

static int32_t answer(const struct directory_store *store, const char *key, const struct buffer *file, fate_reply *reply)
{
    const uint8_t *bytes;
    uint64_t length;
    const char *wrong = directory_decode(file->bytes, file->length, key, &bytes, &length);
    if (wrong == NULL) return fate_reply_bytes(reply, bytes, length);
    return context_fail(store->context, FATE_E_STORE, "%s/%s: %s; bring the file back from a copy, or empty the directory and begin anew",
                        store->path, key, wrong);
}

static int32_t directory_get(void *context, const char *key, fate_reply *reply)
{
    const struct directory_store *store = context;
    struct buffer file;
    int32_t result = store_check_key(store->context, key);
    if (result != FATE_OK) return result;
    int descriptor = openat(store->directory, key, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0 && errno == ENOENT) return FATE_EMPTY;
    if (descriptor < 0) return fail_file(store, key, "open", errno);
    buffer_init(&file, store->context);
    file.secret = true;
    int error = read_all(descriptor, &file);
    close(descriptor);
    if (file.failed)
        result = context_out_of_memory(store->context);
    else if (error != 0)
        result = fail_file(store, key, "read", error);
    else
        result = answer(store, key, &file, reply);
    buffer_free(&file);
    return result;
}

static int32_t directory_delete(void *context, const char *key)
{
    const struct directory_store *store = context;
    int32_t result = store_check_key(store->context, key);
    if (result != FATE_OK) return result;
    if (unlinkat(store->directory, key, 0) != 0) return errno == ENOENT ? FATE_OK : fail_file(store, key, "delete", errno);
    return flush_directory(store->directory) ? FATE_OK : fail_file(store, key, "flush", errno);
}

/* Calls visit for every name in the directory. */
static int32_t visit_names(const struct directory_store *store, int32_t (*visit)(const struct directory_store *, const char *, void *),
                           void *argument)
{
    int descriptor = openat(store->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (names == NULL) {
        int error = errno;
        if (descriptor >= 0) close(descriptor);
        return fail_file(store, "", "list", error);
    }
    int32_t result = FATE_OK;
    const struct dirent *entry;
    errno = 0;
    while (result == FATE_OK && (entry = readdir(names)) != NULL) {
        result = visit(store, entry->d_name, argument);
        errno = 0;
    }
    if (result == FATE_OK && errno != 0) result = fail_file(store, "", "list", errno);
    closedir(names);
    return result;
}

struct listing {
    const char *prefix;
    fate_reply *reply;
};

static int32_t list_name(const struct directory_store *store, const char *name, void *argument)
{
    const struct listing *listing = argument;
    (void)store;
    if (!store_key_valid(name) || strncmp(name, listing->prefix, strlen(listing->prefix)) != 0) return FATE_OK;
    return fate_reply_name(listing->reply, name);
}

static int32_t directory_list(void *context, const char *prefix, fate_reply *reply)
{
    struct listing listing = {prefix, reply};
    return visit_names(context, list_name, &listing);
}

/* What a crash left beside: never renamed, so never part of the state. */
static int32_t remove_beside(const struct directory_store *store, const char *name, void *argument)
{
    (void)argument;
    if (strncmp(name, beside_prefix, sizeof beside_prefix - 1) != 0) return FATE_OK;
    return unlinkat(store->directory, name, 0) == 0 ? FATE_OK : fail_file(store, name, "delete", errno);
}

static void directory_free(void *context)
{
    struct directory_store *store = context;
    fate_context *owner = store->context;
    /* Closing gives the lock up. The file stays: removing it would let two others hold locks on two files of one name. */
    if (store->lock >= 0) close(store->lock);
    if (store->directory >= 0) close(store->directory);
    memory_free(owner, store->path);
    memory_free(owner, store);
    fate_context_free(owner);
}

/* Makes the directory's own entry last through a crash too. */
static void flush_parent(const struct directory_store *store)
{
    int parent = openat(store->directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) return; /* a parent that may not be read belongs to somebody else, who made the entry */
    (void)flush_directory(parent);
    close(parent);
}

static int32_t open_directory(struct directory_store *store)
{
    char text[REASON];
    bool made = mkdir(store->path, 0700) == 0;
    if (!made && errno != EEXIST)
        return context_fail(store->context, FATE_E_FILE, "cannot make \"%s\": %s", store->path, reason(errno, text));
    store->directory = open(store->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->directory < 0) return context_fail(store->context, FATE_E_FILE, "cannot open \"%s\": %s", store->path, reason(errno, text));
    if (made) flush_parent(store);
    store->lock = openat(store->directory, lock_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock < 0) return fail_file(store, lock_name, "open", errno);
    int locked;
    /* flock, not fcntl: a second store in the same process must be refused too, and must not give up the first one's lock. */
    do locked = flock(store->lock, LOCK_EX | LOCK_NB);
    while (locked != 0 && errno == EINTR);
    if (locked == 0) return visit_names(store, remove_beside, NULL);
    if (errno != EWOULDBLOCK) return fail_file(store, lock_name, "lock", errno);
    return context_fail(store->context, FATE_E_EXISTS, "another job holds the directory \"%s\"; let it end, or choose another directory",
                        store->path);
}

int32_t fate_directory_store_new(fate_context *context, fate_store **store, const char *path)
{
    if (store != NULL) *store = NULL;
    if (context == NULL || store == NULL || path == NULL || path[0] == 0)
        return context_bad_argument(context, "fate_directory_store_new: store is NULL, or path is NULL or empty");
    struct directory_store *made = memory_zeroed(context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(context);
    made->context = context_hold(context);
    made->directory = made->lock = -1;
    made->path = memory_text(context, path);
    made->face = (fate_store){
        .struct_size = sizeof(fate_store),
        .abi_version = FATE_ABI_VERSION,
        .context = made,
        .put = directory_put,
        .get = directory_get,
        .delete_ = directory_delete,
        .list = directory_list,
        .free = directory_free,
        .date = store_date,
    };
    int32_t result = made->path == NULL ? context_out_of_memory(context) : open_directory(made);
    if (result != FATE_OK) {
        directory_free(made);
        return result;
    }
    *store = &made->face;
    return FATE_OK;
}

const char *directory_sentence(const fate_store *store)
{
    if (store->put != directory_put) return "";
    const struct directory_store *own = store->context;
    return fate_context_error(own->context);
}
