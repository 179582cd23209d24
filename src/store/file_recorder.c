/* A recorder that appends to a file under a lock and flushes it before it returns. */
#include "src/store/file_recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"

enum { REASON = 128 };

static const uint64_t longest = (uint64_t)1 << 30;

struct file_recorder {
    fate_recorder face;
    fate_context *context;
    char *path;
    int descriptor;
};

static int32_t fail(const struct file_recorder *recorder, const char *what, int error)
{
    char text[REASON];
    if (strerror_r(error, text, sizeof text) != 0) snprintf(text, sizeof text, "error %d", error);
    return context_fail(recorder->context, FATE_E_FILE, "cannot %s \"%s\": %s", what, recorder->path, text);
}

static int32_t read_log(void *context, fate_reply *reply)
{
    const struct file_recorder *recorder = context;
    struct buffer log;
    buffer_init(&log, recorder->context);
    int32_t result = file_read(recorder->context, &log, recorder->path, longest);
    if (result == FATE_OK) result = log.length == 0 ? FATE_EMPTY : fate_reply_bytes(reply, log.bytes, log.length);
    buffer_free(&log);
    return result;
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

static int32_t append(void *context, const uint8_t *bytes, uint64_t length)
{
    const struct file_recorder *recorder = context;
    if (bytes == NULL && length > 0)
        return context_fail(recorder->context, FATE_E_ARGUMENT, "there are no bytes to append to \"%s\"", recorder->path);
    off_t end = lseek(recorder->descriptor, 0, SEEK_END);
    if (end < 0) return fail(recorder, "append to", errno);
    if ((uint64_t)end + length > longest)
        return context_fail(recorder->context, FATE_E_LIMIT, "\"%s\" is longer than 1 GiB", recorder->path);
    if (write_all(recorder->descriptor, bytes, length) && fsync(recorder->descriptor) == 0) return FATE_OK;
    int error = errno;
    /* Best effort: half a record is found and noted when the log is read. */
    while (ftruncate(recorder->descriptor, end) != 0 && errno == EINTR) continue;
    return fail(recorder, "append to", error);
}

static void file_recorder_free(void *context)
{
    struct file_recorder *recorder = context;
    fate_context *own = recorder->context;
    if (recorder->descriptor >= 0) close(recorder->descriptor);
    memory_free(own, recorder->path);
    memory_free(own, recorder);
    fate_context_free(own);
}

/* A new name lasts only when its directory has been flushed; some file systems cannot, and order names themselves. */
static int flush_name(struct file_recorder *recorder)
{
    char *directory = memory_text(recorder->context, recorder->path);
    if (directory == NULL) return ENOMEM;
    char *slash = strrchr(directory, '/');
    if (slash == directory)
        slash[1] = 0;
    else if (slash != NULL)
        *slash = 0;
    int descriptor = open(slash == NULL ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = descriptor < 0 ? errno : fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
    if (descriptor >= 0) close(descriptor);
    memory_free(recorder->context, directory);
    return error;
}

static int32_t open_file(struct file_recorder *recorder)
{
    struct stat about;
    recorder->descriptor = open(recorder->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (recorder->descriptor < 0) return fail(recorder, "open", errno);
    if (fstat(recorder->descriptor, &about) != 0) return fail(recorder, "open", errno);
    if (!S_ISREG(about.st_mode)) return fail(recorder, "open", EINVAL);
    int locked;
    /* flock, not fcntl: a second recorder in the same process must be refused too. */
    do locked = flock(recorder->descriptor, LOCK_EX | LOCK_NB);
    while (locked != 0 && errno == EINTR);
    if (locked != 0 && errno == EWOULDBLOCK)
        return context_fail(recorder->context, FATE_E_EXISTS, "another job writes its evidence to \"%s\"; give another file",
                            recorder->path);
    if (locked != 0) return fail(recorder, "lock", errno);
    int error = flush_name(recorder);
    if (error == ENOMEM) return context_out_of_memory(recorder->context);
    return error == 0 ? FATE_OK : fail(recorder, "flush", error);
}

int32_t fate_file_recorder_new(fate_context *context, fate_recorder **recorder, const char *path)
{
    if (recorder != NULL) *recorder = NULL;
    if (context == NULL || recorder == NULL || path == NULL || path[0] == 0)
        return context_bad_argument(context, "fate_file_recorder_new: recorder is NULL, or path is NULL or empty");
    struct file_recorder *made = memory_zeroed(context, 1, sizeof *made);
    if (made == NULL) return context_out_of_memory(context);
    made->face = (fate_recorder){sizeof made->face, FATE_ABI_VERSION, made, read_log, append, file_recorder_free};
    made->context = context_hold(context);
    made->descriptor = -1;
    made->path = memory_text(context, path);
    int32_t result = made->path == NULL ? context_out_of_memory(context) : open_file(made);
    if (result == FATE_OK)
        *recorder = &made->face;
    else
        file_recorder_free(made);
    return result;
}

const char *file_recorder_sentence(const fate_recorder *recorder)
{
    if (recorder->append != append) return "";
    const struct file_recorder *own = recorder->context;
    return fate_context_error(own->context);
}

void fate_recorder_free(fate_recorder *recorder)
{
    if (recorder == NULL) return;
    if (recorder->struct_size < offsetof(fate_recorder, free) + sizeof recorder->free) return;
    if (recorder->free != NULL) recorder->free(recorder->context);
}
