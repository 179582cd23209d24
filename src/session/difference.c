/* Walks two canonical forms side by side until they differ. Only as deep as our own form goes: theirs may be nested at will. */
#include "src/session/difference.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "src/session/canonical.h"

enum { DIFFERENCE_LIMIT = 1048576, DIFFERENCE_SHOWN = 100, DIFFERENCE_PATH = 200 };

/* Where two forms differ: NULL stands for an absent value. */
struct difference {
    char path[DIFFERENCE_PATH];
    json_t *ours, *theirs;
};

static bool compare(struct difference *difference, const char *path, json_t *ours, json_t *theirs);

/* The least key of either object above last (NULL: the least of all); NULL when there is none. */
static const char *next_key(json_t *ours, json_t *theirs, const char *last)
{
    const char *best = NULL;
    json_t *objects[2] = {ours, theirs};
    for (int i = 0; i < 2; i++) {
        for (void *at = json_object_iter(objects[i]); at != NULL; at = json_object_iter_next(objects[i], at)) {
            const char *key = json_object_iter_key(at);
            if ((last == NULL || strcmp(key, last) > 0) && (best == NULL || strcmp(key, best) < 0)) best = key;
        }
    }
    return best;
}

static bool compare_objects(struct difference *difference, const char *path, json_t *ours, json_t *theirs)
{
    for (const char *key = next_key(ours, theirs, NULL); key != NULL; key = next_key(ours, theirs, key)) {
        char shown[DIFFERENCE_SHOWN], inner[DIFFERENCE_PATH];
        canonical_show(shown, sizeof shown, key);
        const int written = snprintf(inner, sizeof inner, "%s%s%s", path, path[0] == '\0' ? "" : ".", shown);
        if (written < 0) return false;
        if (!compare(difference, inner, json_object_get(ours, key), json_object_get(theirs, key))) return false;
    }
    return true;
}

static bool compare_arrays(struct difference *difference, const char *path, json_t *ours, json_t *theirs)
{
    const size_t our_size = json_array_size(ours), their_size = json_array_size(theirs);
    for (size_t i = 0; i < our_size || i < their_size; i++) {
        char inner[DIFFERENCE_PATH];
        const int written = snprintf(inner, sizeof inner, "%s[%zu]", path, i);
        if (written < 0) return false;
        if (!compare(difference, inner, json_array_get(ours, i), json_array_get(theirs, i))) return false;
    }
    return true;
}

/* true when equal; otherwise difference holds the place. */
static bool compare(struct difference *difference, const char *path, json_t *ours, json_t *theirs)
{
    if (json_is_object(ours) && json_is_object(theirs)) return compare_objects(difference, path, ours, theirs);
    if (json_is_array(ours) && json_is_array(theirs)) return compare_arrays(difference, path, ours, theirs);
    if (ours != NULL && theirs != NULL && json_equal(ours, theirs)) return true;
    const int written = snprintf(difference->path, sizeof difference->path, "%s", path);
    difference->ours = ours;
    difference->theirs = theirs;
    return written < 0;
}

/* A value as short text without control characters. Lists and objects of a peer may be deep and long: their content is not shown. */
static void show_value(char *shown, size_t size, json_t *value)
{
    const char *fixed = value == NULL ? "absent" : json_is_object(value) ? "an object" : json_is_array(value) ? "a list" : NULL;
    char *text = fixed == NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(17)) : NULL;
    if (text == NULL) {
        snprintf(shown, size, "%s", fixed == NULL ? "a value too long to show" : fixed);
        return;
    }
    canonical_show(shown, size, text);
    free(text);
}

static void write_sentence(struct buffer *buffer, const struct difference *difference, const char *peer)
{
    char ours[DIFFERENCE_SHOWN], theirs[DIFFERENCE_SHOWN];
    if (difference->path[0] == '\0') {
        buffer_format(buffer,
                      "the jobs are written differently but say the same: let %s and this party use the same version of the library", peer);
        return;
    }
    show_value(ours, sizeof ours, difference->ours);
    show_value(theirs, sizeof theirs, difference->theirs);
    buffer_format(buffer, "%s is %s here and %s at %s", difference->path, ours, theirs, peer);
}

int32_t job_difference(fate_context *context, const char *ours, const char *peer, const uint8_t *theirs, uint64_t length, char **sentence)
{
    struct difference difference;
    struct buffer buffer;
    uint64_t unused = 0;
    memset(&difference, 0, sizeof difference);
    buffer_init(&buffer, context);
    *sentence = NULL;
    json_t *our_form = json_loads(ours, JSON_REJECT_DUPLICATES, NULL);
    json_t *their_form =
        length > DIFFERENCE_LIMIT || theirs == NULL ? NULL : json_loadb((const char *)theirs, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
    if (our_form != NULL && json_is_object(their_form)) {
        (void)compare(&difference, "", our_form, their_form);
        write_sentence(&buffer, &difference, peer);
    } else {
        buffer_format(&buffer, "the job that %s sent cannot be read: compare the two job files", peer);
    }
    json_decref(our_form);
    json_decref(their_form);
    *sentence = (char *)buffer_take(&buffer, &unused);
    buffer_free(&buffer);
    return *sentence == NULL ? context_out_of_memory(context) : FATE_OK;
}
