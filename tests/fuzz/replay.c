/* The main of every fuzz target where libFuzzer is not: each seed of the given files and directories is tried as it is, and in a few
 * hundred variants that depend on nothing but the seed: cut, flipped, overwritten, grown, with a piece repeated. Prints TAP. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/effort.h"

enum { VARIANTS = 400 / EFFORT_STRIDE, SEED_LIMIT = 1 << 22, NAMES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The state of xorshift64* (Vigna 2016): fixed, so that a failure can be had again. */
static uint64_t state;

static size_t below(size_t bound)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return bound == 0 ? 0 : (size_t)((state * UINT64_C(2685821657736338717) >> 16) % bound);
}

/* The input lies in a block of just its size, so that a read past the end is seen by sanitizers and valgrind. */
static void try_input(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size == 0 ? 1 : size);
    if (exact == NULL) exit(2);
    memcpy(exact, bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

/* room holds the seed and 64 bytes more; returns the new size. */
static size_t vary(uint8_t *room, size_t size)
{
    static const uint8_t edges[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '0', '"', ',', '{', '\n'};
    size_t at = below(size);
    size_t count = 1 + below(16);
    switch (below(6)) {
    case 0: /* cut */ return at;
    case 1: /* one bit */ room[at] = (uint8_t)(room[at] ^ 1u << below(8)); return size;
    case 2: /* some bytes */
        for (size_t i = at; i < size && i < at + count; i++) room[i] = edges[below(sizeof edges)];
        return size;
    case 3: /* grown at the end */
        for (size_t i = 0; i < count; i++) room[size + i] = edges[below(sizeof edges)];
        return size + count;
    case 4: /* a piece taken out */
        count = count < size - at ? count : size - at;
        memmove(room + at, room + at + count, size - at - count);
        return size - count;
    default: /* a piece repeated */ memmove(room + at + count, room + at, size - at); return size + count;
    }
}

static void try_variants(const uint8_t *seed, size_t size)
{
    uint8_t *room = calloc(1, size + 64);
    if (room == NULL) exit(2);
    try_input(seed, size);
    for (uint64_t variant = 0; variant < VARIANTS; variant++) {
        state = UINT64_C(0x9e3779b97f4a7c15) * (variant + 1) ^ size;
        memcpy(room, seed, size);
        size_t now = size == 0 ? 0 : vary(room, size);
        for (size_t more = below(3); more > 0 && now > 0 && now < size; more--) now = vary(room, now);
        try_input(room, now);
    }
    for (size_t cut = 0; cut < size && cut < 64; cut++) try_input(seed, cut);
    free(room);
}

static bool try_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(SEED_LIMIT);
    if (file == NULL || bytes == NULL) {
        free(bytes);
        if (file != NULL) fclose(file);
        return false;
    }
    size_t size = fread(bytes, 1, SEED_LIMIT, file);
    bool whole = !ferror(file) && size < SEED_LIMIT;
    fclose(file);
    if (whole) try_variants(bytes, size);
    free(bytes);
    return whole;
}

static char *names[NAMES];
static size_t count;

static void add_name(const char *directory, const char *name)
{
    size_t length = strlen(directory) + strlen(name) + 2;
    if (count == NAMES || (names[count] = malloc(length)) == NULL) exit(2);
    snprintf(names[count++], length, "%s%s%s", directory, directory[0] == 0 ? "" : "/", name);
}

static void collect(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL) {
        add_name("", path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.') add_name(path, entry->d_name);
    closedir(directory);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argument_count, char **arguments)
{
    int failed = 0;
    for (int i = 1; i < argument_count; i++) collect(arguments[i]);
    qsort(names, count, sizeof names[0], by_name);
    printf("1..%zu\n", count == 0 ? 1 : count);
    if (count == 0) printf("not ok 1 - no seeds were given\n");
    for (size_t i = 0; i < count; i++) {
        fflush(stdout);
        bool read = try_file(names[i]);
        printf("%sok %zu - %s\n", read ? "" : "not ", i + 1, names[i]);
        failed += !read;
        free(names[i]);
    }
    return failed != 0 || count == 0;
}
