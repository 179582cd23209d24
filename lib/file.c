/* Whole files on POSIX. */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_STEP = 65536 };

static int32_t fail(fate_context *context, const char *action, const char *path, int number)
{
    char reason[128];
    if (strerror_r(number, reason, sizeof reason) != 0) snprintf(reason, sizeof reason, "error %d", number);
    return context_fail(context, FATE_E_FILE, "cannot %s \"%s\": %s", action, path, reason);
}

static int open_again(const char *path, int flags, mode_t mode)
{
    int descriptor;
    do {
        descriptor = open(path, flags | O_CLOEXEC, mode);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* One byte more than the limit is asked for, which tells a file at the limit from one above it. */
static int32_t read_all(fate_context *context, struct buffer *buffer, const char *path, int descriptor, uint64_t limit)
{
    uint64_t total = 0;
    for (;;) {
        uint64_t step = limit - total < FILE_STEP ? limit - total + 1 : FILE_STEP;
        if (!buffer_reserve(buffer, step)) return context_out_of_memory(context);
        ssize_t got = read(descriptor, buffer->bytes + buffer->length, (size_t)step);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(context, "read", path, errno);
        if (got == 0) return FATE_OK;
        buffer->length += (uint64_t)got;
        total += (uint64_t)got;
        if (total > limit) return context_fail(context, FATE_E_LIMIT, "\"%s\" is longer than %llu bytes", path, (unsigned long long)limit);
    }
}

int32_t file_read(fate_context *context, struct buffer *buffer, const char *path, uint64_t limit)
{
    int descriptor = open_again(path, O_RDONLY, 0);
    if (descriptor < 0) return fail(context, "open", path, errno);
    int32_t result = read_all(context, buffer, path, descriptor, limit);
    close(descriptor);
    return result;
}

static int write_all(int descriptor, const uint8_t *bytes, uint64_t length)
{
    while (length > 0) {
        ssize_t put = write(descriptor, bytes, length < FILE_STEP ? (size_t)length : FILE_STEP);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return errno;
        bytes += put;
        length -= (uint64_t)put;
    }
    return 0;
}

/* Writes and flushes a file that was just opened for writing, and closes it. Returns 0 or an errno. */
static int fill(int descriptor, const void *bytes, uint64_t length)
{
    int number = write_all(descriptor, bytes, length);
    if (number == 0 && fsync(descriptor) != 0) number = errno;
    if (close(descriptor) != 0 && number == 0 && errno != EINTR) number = errno;
    return number;
}

/* A name lasts only when its directory has been flushed. Returns 0 or an errno. */
static int flush_directory(fate_context *context, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? "." : path;
    uint64_t length = slash == NULL || slash == path ? 1 : (uint64_t)(slash - path);
    char *directory = memory_zeroed(context, length + 1, 1);
    if (directory == NULL) return ENOMEM;
    memcpy(directory, name, (size_t)length);
    int descriptor = open_again(directory, O_RDONLY | O_DIRECTORY, 0);
    memory_free(context, directory);
    if (descriptor < 0) return errno;
    int number = fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno; /* EINVAL: this file system flushes no directories */
    close(descriptor);
    return number;
}

static int32_t finish(fate_context *context, const char *path)
{
    int number = flush_directory(context, path);
    if (number == ENOMEM) return context_out_of_memory(context);
    return number == 0 ? FATE_OK : fail(context, "flush the directory of", path, number);
}

static int32_t replace_through(fate_context *context, const char *path, const char *beside, mode_t mode, const void *bytes, uint64_t length)
{
    (void)unlink(beside); /* what a crash left has a mode of its own */
    int descriptor = open_again(beside, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (descriptor < 0) return fail(context, "create", beside, errno);
    int number = fill(descriptor, bytes, length);
    if (number == 0 && rename(beside, path) != 0) number = errno;
    if (number == 0) return finish(context, path);
    unlink(beside);
    return fail(context, "write", path, number);
}

static int32_t replace(fate_context *context, const char *path, mode_t mode, const void *bytes, uint64_t length)
{
    struct buffer beside;
    buffer_init(&beside, context);
    buffer_text(&beside, path);
    buffer_append(&beside, ".new", 5);
    int32_t result =
        beside.failed ? context_out_of_memory(context) : replace_through(context, path, (const char *)beside.bytes, mode, bytes, length);
    buffer_free(&beside);
    return result;
}

int32_t file_replace(fate_context *context, const char *path, const void *bytes, uint64_t length)
{
    return replace(context, path, 0666, bytes, length);
}

int32_t file_replace_private(fate_context *context, const char *path, const void *bytes, uint64_t length)
{
    return replace(context, path, 0600, bytes, length);
}

int32_t file_create_secret(fate_context *context, const char *path, const void *bytes, uint64_t length)
{
    int descriptor = open_again(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (descriptor < 0 && errno == EEXIST)
        return context_fail(context, FATE_E_EXISTS, "\"%s\" exists and is not overwritten; remove it or choose another name", path);
    if (descriptor < 0) return fail(context, "create", path, errno);
    int number = fill(descriptor, bytes, length);
    if (number == 0) return finish(context, path);
    unlink(path);
    return fail(context, "write", path, number);
}

int32_t file_writer_open(struct file_writer *writer, fate_context *context, const char *path)
{
    writer->context = context;
    writer->descriptor = -1;
    buffer_init(&writer->path, context);
    buffer_init(&writer->beside, context);
    buffer_append(&writer->path, path, strlen(path) + 1);
    buffer_text(&writer->beside, path);
    buffer_append(&writer->beside, ".new", 5);
    if (writer->path.failed || writer->beside.failed) return context_out_of_memory(context);
    const char *beside = (const char *)writer->beside.bytes;
    (void)unlink(beside);
    writer->descriptor = open_again(beside, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    return writer->descriptor < 0 ? fail(context, "create", beside, errno) : FATE_OK;
}

int32_t file_writer_append(struct file_writer *writer, const void *bytes, uint64_t length)
{
    int number = write_all(writer->descriptor, bytes, length);
    return number == 0 ? FATE_OK : fail(writer->context, "write", (const char *)writer->beside.bytes, number);
}

int32_t file_writer_commit(struct file_writer *writer)
{
    const char *path = (const char *)writer->path.bytes, *beside = (const char *)writer->beside.bytes;
    int number = fill(writer->descriptor, NULL, 0);
    writer->descriptor = -1;
    if (number == 0 && rename(beside, path) != 0) number = errno;
    if (number == 0) return finish(writer->context, path);
    unlink(beside);
    return fail(writer->context, "write", path, number);
}

void file_writer_discard(struct file_writer *writer)
{
    if (writer->descriptor >= 0) {
        close(writer->descriptor);
        unlink((const char *)writer->beside.bytes);
    }
    buffer_free(&writer->path);
    buffer_free(&writer->beside);
}
