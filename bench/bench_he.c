/* What homomorphic encryption costs with each kernel, against the textbook on GMP's integers: all in one process and in turns, so that
 * a busy machine slows all alike: with one thread in the thread's own time, with two by the clock on the wall. Prints a table and writes build/bench/he.json.
 *     bench_he [--only NAME] [--kernel KERNEL] [--rounds N]
 * NAME is the start of a name in the table, as paillier-2048/add or ou; what is restricted writes no file. */
#include "bench/he_operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { MOST_ROUNDS = 99, KERNELS = 3, MOST_RESULTS = 6 * OPERATIONS * KERNELS * 2 };

static const char *const kernels[KERNELS] = {"avx512", "avx2", "portable"};

static const char *const operation_names[OPERATIONS] = {
    "keygen", "encrypt", "encrypt-owner", "encrypt-owner-scan", "add",       "gather-add", "subtract", "scalar-32",
    "matrix", "pack",    "decrypt",       "decrypt-long",       "serialise", "deserialise"};

/* What each kernel should reach, in the order above; 0: nothing was set. */
static const struct {
    const char *name;
    double least[KERNELS];
} bars[] = {
    {"paillier-2048/add", {9, 4.2, 1.5}},
    {"paillier-2048/gather-add", {8, 3.5, 1.5}},
    {"paillier-2048/encrypt", {100, 60, 20}},
    {"paillier-2048/encrypt-owner", {180, 110, 20}},
    {"paillier-2048/encrypt-owner-scan", {50, 40, 20}},
    {"paillier-2048/decrypt", {7, 4, 1}},
    {"paillier-3072/add", {8, 4, 1.3}},
    {"paillier-3072/encrypt", {100, 55, 0}},
    {"paillier-3072/decrypt", {7, 4, 0}},
    {"ou-2048/add", {8, 3.5, 1.2}},
    {"ou-2048/encrypt", {150, 70, 0}},
};

static const double bar_of_two_threads = 1.85;

struct options {
    const char *only, *kernel; /* NULL: all */
    int rounds;
};

struct result {
    char name[48];
    int kernel;
    int threads;
    const char *baseline;
    double us, baseline_us, bar;
};

struct results {
    struct result list[MOST_RESULTS];
    int count;
};

/* What this thread computes, and what the clock on the wall says. */
struct moment {
    double own, wall;
};

static double microseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return 1e6 * (double)now.tv_sec + 1e-3 * (double)now.tv_nsec;
}

static struct moment moment_now(void)
{
    return (struct moment){microseconds(CLOCK_THREAD_CPUTIME_ID), microseconds(CLOCK_MONOTONIC)};
}

static struct moment time_library(struct library *library, enum operation operation, uint32_t threads)
{
    fate_context_set_threads(library->context, threads);
    struct moment began = moment_now();
    library_run(library, operation);
    struct moment ended = moment_now();
    double items = (double)(operation == KEYGEN ? 1 : operation == MATRIX ? library->items * MATRIX_ROWS : library->items);
    return (struct moment){(ended.own - began.own) / items, (ended.wall - began.wall) / items};
}

static double time_textbook(struct textbook *book, enum operation operation, uint64_t times)
{
    struct moment began = moment_now();
    for (uint64_t i = 0; i < times; i++) textbook_run(book, operation);
    return (moment_now().own - began.own) / (double)times;
}

/* Items that take about ten milliseconds. */
static uint64_t choose_items(struct library *library, enum operation operation)
{
    enum { FEW = 16, WANTED = 10000, TRIALS = 2 };
    if (operation == GATHER_ADD) return GATHER_ITEMS;
    if (operation == MATRIX) return MATRIX_COLUMNS;
    if (operation == KEYGEN) return FEW;
    /* Fewer obfuscators at a time may be made with smaller tables; sums to be packed fill whole lanes of two threads. */
    const uint64_t few = operation == ENCRYPT ? 256 : operation == PACK ? FEW * PACK_SLOTS : FEW;
    uint64_t items = few;
    for (int trial = 0; trial < TRIALS;
         trial++) { /* a few items share what a call costs beside them, as an inversion: the first trial says too little */
        library_prepare(library, operation, items);
        time_library(library, operation, 1); /* builds tables */
        double wanted = WANTED / time_library(library, operation, 1).own;
        if (operation == DECRYPT_LONG && wanted > MOST_LONG) wanted = MOST_LONG;
        items = wanted > MOST_ITEMS ? MOST_ITEMS : wanted < 2 * (double)few ? 2 * few : (uint64_t)wanted / few * few;
    }
    return items;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *times, int count)
{
    qsort(times, (size_t)count, sizeof *times, by_size);
    return times[count / 2];
}

static double bar_of(const char *name, int kernel)
{
    for (size_t i = 0; i < sizeof bars / sizeof bars[0]; i++)
        if (strcmp(bars[i].name, name) == 0) return bars[i].least[kernel];
    return 0;
}

static void print_result(const struct result *result)
{
    double ratio = result->baseline_us / result->us;
    printf("%-34s %-9s %7d %12.3f %-10s %12.3f %8.2f", result->name, kernels[result->kernel], result->threads, result->us, result->baseline,
           result->baseline_us, ratio);
    if (result->bar > 0) printf("  %7.2f  %s", result->bar, ratio >= result->bar ? "met" : "missed");
    printf("\n");
    fflush(stdout);
}

static void add_result(struct results *results, const struct result *result)
{
    print_result(result);
    results->list[results->count++] = *result;
}

static void measure(struct results *results, const struct options *options, struct library *library, struct textbook *book,
                    const char *name, enum operation operation, int kernel)
{
    double one[MOST_ROUNDS], one_wall[MOST_ROUNDS], two_wall[MOST_ROUNDS], textbook[MOST_ROUNDS];
    library_prepare(library, operation, choose_items(library, operation));
    time_library(library, operation, 2);
    uint64_t times = (uint64_t)(3000 / time_textbook(book, operation, 1)) + 1;
    for (int round = 0; round < options->rounds; round++) {
        textbook[round] = time_textbook(book, operation, times);
        struct moment alone = time_library(library, operation, 1);
        one[round] = alone.own;
        one_wall[round] = alone.wall;
        two_wall[round] = time_library(library, operation, 2).wall;
    }
    struct result result = {.kernel = kernel, .threads = 1, .baseline = "gmp"};
    snprintf(result.name, sizeof result.name, "%s", name);
    result.us = median(one, options->rounds);
    result.baseline_us = median(textbook, options->rounds);
    result.bar = bar_of(name, kernel);
    add_result(results, &result);
    result.threads = 2;
    result.baseline = "one thread";
    result.baseline_us = median(one_wall, options->rounds);
    result.us = median(two_wall, options->rounds);
    result.bar = operation == KEYGEN ? 0 : bar_of_two_threads;
    add_result(results, &result);
}

static bool is_wanted(const char *wanted, const char *name)
{
    return wanted == NULL || strncmp(wanted, name, strlen(wanted)) == 0;
}

static void name_of(char name[48], bool okamoto, uint32_t bits, int operation)
{
    snprintf(name, 48, "%s-%u/%s", okamoto ? "ou" : "paillier", (unsigned)bits, operation_names[operation]);
}

/* A whole name means that operation alone: "add" is not the start of others, but "encrypt" is. */
static bool operation_is_wanted(const struct options *options, bool okamoto, uint32_t bits, int operation)
{
    char name[48];
    if (okamoto && operation == DECRYPT_LONG) return false; /* its plaintexts are short */
    for (int i = 0; options->only != NULL && i < OPERATIONS; i++) {
        name_of(name, okamoto, bits, i);
        if (strcmp(name, options->only) == 0) return i == operation;
    }
    name_of(name, okamoto, bits, operation);
    return is_wanted(options->only, name);
}

static bool machine_has(const char *kernel)
{
    fate_context *context;
    if (fate_context_new(&context, NULL) != FATE_OK) exit(1);
    bool there = fate_context_set_kernel(context, kernel) == FATE_OK;
    fate_context_free(context);
    return there;
}

static void measure_key(struct results *results, const struct options *options, bool okamoto, uint32_t bits)
{
    static struct textbook book;
    bool wanted = false;
    for (int operation = 0; operation < OPERATIONS; operation++) wanted |= operation_is_wanted(options, okamoto, bits, operation);
    if (!wanted) return;
    textbook_init(&book, okamoto, bits);
    for (int kernel = 0; kernel < KERNELS; kernel++) {
        if ((options->kernel != NULL && strcmp(options->kernel, kernels[kernel]) != 0) || !machine_has(kernels[kernel])) continue;
        static struct library library;
        library_init(&library, okamoto ? "okamoto-uchiyama" : "paillier", bits, kernels[kernel]);
        for (int operation = 0; operation < OPERATIONS; operation++) {
            if (!operation_is_wanted(options, okamoto, bits, operation)) continue;
            char name[48];
            name_of(name, okamoto, bits, operation);
            measure(results, options, &library, &book, name, (enum operation)operation, kernel);
        }
        library_free(&library);
    }
    textbook_free(&book);
}

/* Every kernel, with keys of 2048 bits. What the machine lacks runs as plain C over the same lanes. */
static bool check_kernels(const struct options *options)
{
    bool right = true;
    for (int kernel = 0; kernel < KERNELS; kernel++) {
        if (options->kernel != NULL && strcmp(options->kernel, kernels[kernel]) != 0) continue;
        bool there = machine_has(kernels[kernel]);
        const char *run = there ? kernels[kernel] : "plain";
        bool paillier = library_is_right("paillier", 2048, run), okamoto = library_is_right("okamoto-uchiyama", 2048, run);
        printf("%-9s %s: paillier %s, okamoto-uchiyama %s\n", kernels[kernel],
               there ? "on this machine; results" : "NOT on this machine, so not measured; results of its logic in plain C",
               paillier ? "right" : "WRONG", okamoto ? "right" : "WRONG");
        right = right && paillier && okamoto;
    }
    return right;
}

static int write_json(const struct results *results)
{
    mkdir("build", 0777);
    mkdir("build/bench", 0777);
    FILE *file = fopen("build/bench/he.json", "w");
    if (file == NULL) return 1;
    fprintf(file, "[\n");
    for (int i = 0; i < results->count; i++) {
        const struct result *result = &results->list[i];
        fprintf(file,
                "  {\"name\": \"%s\", \"kernel\": \"%s\", \"threads\": %d, \"us\": %.4f, \"baseline\": \"%s\", \"baseline_us\": %.4f, "
                "\"ratio\": %.4f}%s\n",
                result->name, kernels[result->kernel], result->threads, result->us, result->baseline, result->baseline_us,
                result->baseline_us / result->us, i + 1 < results->count ? "," : "");
    }
    fprintf(file, "]\n");
    return fclose(file) != 0;
}

static bool read_options(struct options *options, int count, char **words)
{
    *options = (struct options){.rounds = 7};
    for (int i = 1; i < count; i += 2) {
        if (i + 1 == count) return false;
        if (strcmp(words[i], "--only") == 0)
            options->only = words[i + 1];
        else if (strcmp(words[i], "--kernel") == 0)
            options->kernel = words[i + 1];
        else if (strcmp(words[i], "--rounds") == 0)
            options->rounds = atoi(words[i + 1]);
        else
            return false;
    }
    return options->rounds >= 1 && options->rounds <= MOST_ROUNDS;
}

int main(int count, char **words)
{
    static struct results results;
    struct options options;
    if (!read_options(&options, count, words)) {
        fprintf(stderr, "usage: bench_he [--only NAME] [--kernel KERNEL] [--rounds N, up to %d]\n", MOST_ROUNDS);
        return 2;
    }
    bool whole = options.only == NULL && options.kernel == NULL;
    bool right = !whole || check_kernels(&options);
    printf("microseconds an item, medians of %d rounds in turns with the baseline\n", options.rounds);
    printf("%-34s %-9s %7s %12s %-10s %12s %8s  %7s\n", "name", "kernel", "threads", "us", "baseline", "baseline us", "ratio", "bar");
    for (int okamoto = 0; okamoto < 2; okamoto++)
        for (uint32_t bits = 2048; bits <= 4096; bits += 1024) measure_key(&results, &options, okamoto != 0, bits);
    if (results.count == 0) {
        fprintf(stderr, "bench_he: nothing is called so, or the machine lacks the kernel\n");
        return 1;
    }
    if (whole && write_json(&results) != 0) return 1;
    return right ? 0 : 1;
}
