/* Where results are written: checked before the work begins. */
#include "tools/target.h"
#include "tools/message.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096, RESCUE_NAMES = 100 };

/* The directory that a file stands in; free. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == path ? 1 : slash ? (size_t)(slash - path) : 1;
    char *directory = malloc(length + 1);
    if (directory) {
        memcpy(directory, slash ? path : ".", length);
        directory[length] = 0;
    }
    return directory;
}

/* Whether a file can be made there: rights alone do not say it. errno: why not. */
static int try_directory(const char *directory)
{
    static const char name[] = "/.fate-XXXXXX";
    size_t length = strlen(directory);
    char *path = malloc(length + sizeof name);
    if (!path) return 0;
    memcpy(path, directory, length);
    memcpy(path + length, name, sizeof name);
    int descriptor = mkstemp(path);
    if (descriptor >= 0) {
        close(descriptor);
        unlink(path);
    }
    free(path);
    return descriptor >= 0;
}

int target_check_writable(const char *path)
{
    struct stat facts;
    if (!path) return 0;
    if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        message_error("%s is a directory; name a file.", path);
        return EXIT_INPUT;
    }
    char *directory = directory_of(path);
    if (!directory) return message_failed(FATE_E_MEMORY, NULL);
    int code = try_directory(directory) ? 0 : EXIT_INPUT;
    if (code) message_error("%s cannot be written, because of its directory %s: %s.", path, directory, strerror(errno));
    free(directory);
    return code;
}

/* Writes the model into a directory, under a name that is not taken; a name with room for the path. */
static int32_t rescue(const fate_model *model, const char *directory, const char *name, char *path, size_t room)
{
    struct stat facts;
    for (unsigned number = 0; number < RESCUE_NAMES; number++) {
        int length =
            number == 0 ? snprintf(path, room, "%s/%s", directory, name) : snprintf(path, room, "%s/%s.%u", directory, name, number);
        if (length < 0 || (size_t)length >= room) return FATE_E_FILE;
        if (lstat(path, &facts) != 0) return fate_model_write(model, path);
    }
    return FATE_E_EXISTS;
}

int target_write_model(fate_context *context, const fate_model *model, const char *path)
{
    const char *temporary = getenv("TMPDIR"), *slash = strrchr(path, '/');
    const char *places[] = {".", temporary && temporary[0] ? temporary : "/tmp"};
    char other[PATH_ROOM];
    int32_t result = fate_model_write(model, path);
    if (result == FATE_OK) return 0;
    int code = message_context(context, result);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (rescue(model, places[i], slash ? slash + 1 : path, other, sizeof other) != FATE_OK) continue;
        message_error("the model is in %s instead: move it to where it belongs.", other);
        return code;
    }
    message_error(
        "nor could the model be written anywhere else: when this is mended the same command writes it from kept state (--state); without that, "
        "train again, all parties with --restart.");
    return code;
}

int target_check_model(fate_context *context, const char *path, const fate_job *job, uint32_t party, int *present)
{
    struct stat facts;
    fate_model *model = NULL;
    *present = 0;
    int code = target_check_writable(path);
    if (code || stat(path, &facts) != 0) return code;
    int32_t result = fate_model_read(context, &model, path);
    if (result == FATE_OK) result = fate_model_check(model, job, party);
    if (result == FATE_E_MEMORY)
        code = message_context(context, result);
    else if (result != FATE_OK) {
        message_error("%s exists and is not the model of %s in this job; it is not overwritten: remove it or choose another name. (%s)",
                      path, fate_job_party_name(job, party), fate_context_error(context));
        code = EXIT_INPUT;
    }
    *present = !code;
    fate_model_free(model);
    return code;
}

int target_make_directory(const char *path)
{
    struct stat facts;
    if (mkdir(path, 0777) == 0) return 0;
    int reason = errno;
    if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode)) return 0;
    message_error("the directory %s cannot be made: %s.", path, strerror(reason));
    return EXIT_INPUT;
}

int target_has_state(const char *path)
{
    DIR *directory = path ? opendir(path) : NULL;
    const struct dirent *entry;
    int found = 0;
    if (!directory) return 0;
    while (!found && (entry = readdir(directory)) != NULL) found = entry->d_name[0] >= 'a' && entry->d_name[0] <= 'z';
    closedir(directory);
    return found;
}

char *target_model_path(const char *directory, const char *party)
{
    size_t length = strlen(directory) + strlen(party) + sizeof "/.model";
    char *path = malloc(length);
    if (path) snprintf(path, length, "%s/%s.model", directory, party);
    return path;
}
