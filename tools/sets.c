/* Stored sets and kept hints in a directory of their own; see sets.h. */
#include "tools/sets.h"

#include "tools/message.h"

#include <string.h>

int sets_keep_hint(const fate_job *job)
{
    int64_t vectors = 0;
    return fate_job_integer(job, "lattice_vectors", &vectors) == FATE_OK && vectors > 0;
}

static int open_directory(struct sets *sets, const struct inputs *inputs, const char *path, const fate_store **store)
{
    int32_t result = fate_directory_store_new(inputs->context, &sets->directory, path);
    if (result == FATE_OK && !*store) result = fate_memory_store_new(inputs->context, &sets->state);
    if (result == FATE_OK) result = fate_split_store_new(inputs->context, &sets->both, *store ? *store : sets->state, sets->directory);
    if (result != FATE_OK) return message_context(inputs->context, result);
    *store = sets->both;
    return 0;
}

int sets_open(struct sets *sets, const struct inputs *inputs, const struct arguments *arguments, const fate_store **store)
{
    const char *path = options_text(arguments, "sets"), *owner = NULL;
    int stored = fate_job_text(inputs->job, "stored_set", &owner) == FATE_OK && strcmp(owner, "none") != 0;
    int kept = sets_keep_hint(inputs->job);
    if (path && !stored && !kept) message_error("--sets: the job stores no set; its parameter stored_set says whose is stored.");
    if (!path && stored && !*store) message_error("the job stores a set (its parameter stored_set): --sets names the directory for it.");
    if (!path) return stored && !*store ? EXIT_INPUT : 0;
    if (!stored) return kept ? 0 : EXIT_INPUT;
    return open_directory(sets, inputs, path, store);
}

int sets_open_hint(struct sets *sets, const struct inputs *inputs, const struct arguments *arguments, const fate_store **store)
{
    const char *path = options_text(arguments, "sets");
    if (!sets_keep_hint(inputs->job)) return 0;
    if (!path && !*store) message_error("the job keeps hints (its parameter lattice_vectors): --sets names the directory for them.");
    if (!path) return *store ? 0 : EXIT_INPUT;
    return open_directory(sets, inputs, path, store);
}

void sets_close(struct sets *sets)
{
    fate_store_free(sets->both);
    fate_store_free(sets->state);
    fate_store_free(sets->directory);
    memset(sets, 0, sizeof *sets);
}
