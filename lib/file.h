/* Whole files: read with a limit, written beside, flushed and renamed. All set the context's sentence: cannot open "x": No such file. */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include "lib/bytes.h"

/* Appends the whole file to buffer. FATE_E_FILE; FATE_E_LIMIT above limit bytes; FATE_E_MEMORY. */
int32_t file_read(fate_context *context, struct buffer *buffer, const char *path, uint64_t limit);
/* Replaces path: writes path plus a suffix, fsync, rename, fsync of the directory. FATE_E_FILE. */
int32_t file_replace(fate_context *context, const char *path, const void *bytes, uint64_t length);
/* The same for what only its owner may read: the file has mode 0600, whatever the umask and the mode of the one that was there. */
int32_t file_replace_private(fate_context *context, const char *path, const void *bytes, uint64_t length);
/* The same for what is too long to be in memory at once: open, append, then commit or discard. Each sets the sentence; after an error only
 * discard may follow. */
struct file_writer {
    fate_context *context;
    struct buffer path, beside; /* each ends with a zero byte */
    int descriptor;             /* -1: none */
};
int32_t file_writer_open(struct file_writer *writer, fate_context *context, const char *path);
int32_t file_writer_append(struct file_writer *writer, const void *bytes, uint64_t length);
int32_t file_writer_commit(struct file_writer *writer);
/* After commit too: frees. */
void file_writer_discard(struct file_writer *writer);

/* Makes a new file, mode 0600, fsync; FATE_E_EXISTS when there is one. */
int32_t file_create_secret(fate_context *context, const char *path, const void *bytes, uint64_t length);

#endif
