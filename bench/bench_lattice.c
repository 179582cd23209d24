/* What the lattice cipher costs on one thread, without AVX-512: a host's sums and hint a row and column, encryption a value, replies and their
 * opening a bin and vector. Each case is the least processor time of a few runs. Prints a table beside the bars and writes build/bench/lattice.json. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/random.h"
#include "src/crypto/lattice_sum.h"
#include "src/crypto/lattice_vector.h"
#include "src/crypto/lattice_wire.h"

enum { ROWS = 100000, COLUMNS = 20, BINS = 32, RUNS = 5, VECTORS = LATTICE_MOST_VECTORS };

struct state {
    fate_context *context;
    struct lattice_plan plan;
    struct lattice_public public_part;
    struct lattice_group group;
    uint16_t *index;
    uint32_t starts[COLUMNS + 1];
    uint8_t *hint_bytes, *vector_bytes, *replies;
    struct lattice_hint hint;
    struct lattice_blinding blinding;
    struct lattice_secret secrets[VECTORS];
    int32_t *values;
    uint64_t *sums, bins[COLUMNS * BINS];
    struct lattice_word *pads;
    int64_t *opened;
};

static const uint8_t seed[LATTICE_SEED] = {5};
static FILE *json;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void need(int32_t result, const fate_context *context)
{
    if (result == FATE_OK) return;
    fprintf(stderr, "bench_lattice: %s\n", fate_context_error(context));
    exit(1);
}

static void *take(uint64_t count, uint64_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) exit(1);
    return memory;
}

static void row(const char *profile, const char *name, double seconds, double count, double bar)
{
    double each = 1e9 * seconds / count;
    printf("lattice %s  %-44s %8.2f ns", profile, name, each);
    if (bar > 0) printf("   bar %5.1f  %s", bar, each <= bar ? "met" : "missed");
    printf("\n");
    fprintf(json, "%s{\"name\": \"lattice %s %s\", \"nanoseconds\": %.3f}", ftell(json) > 1 ? ",\n " : "", profile, name, each);
}

static void set_up(struct state *state, const struct lattice_profile *profile)
{
    const struct lattice_shape shape = {ROWS, COLUMNS, COLUMNS * BINS, 1000, 37};
    struct random_stream random;
    memset(state, 0, sizeof *state);
    need(context_new(&state->context, NULL), NULL);
    need(lattice_plan_make(state->context, &state->plan, profile, &shape), state->context);
    need(lattice_public_make(state->context, &state->public_part, &state->plan, seed, NULL), state->context);
    state->index = take((uint64_t)ROWS * COLUMNS, sizeof *state->index);
    state->values = take(ROWS, sizeof *state->values);
    random_stream_init(&random, seed, 0);
    for (uint32_t i = 0; i <= COLUMNS; i++) state->starts[i] = i * BINS;
    for (uint64_t i = 0; i < (uint64_t)ROWS * COLUMNS; i++)
        state->index[i] = (uint16_t)(i % COLUMNS * BINS + random_stream_below(&random, BINS));
    for (uint32_t i = 0; i < ROWS; i++) state->values[i] = (int32_t)random_stream_below(&random, 1 << 20) - (1 << 19);
    for (uint64_t i = 0; i < COLUMNS * BINS; i++) state->bins[i] = i;
    state->group = (struct lattice_group){state->index, state->starts, COLUMNS, 0};
    state->hint_bytes = take(COLUMNS * BINS, lattice_item_bytes(&state->plan, LATTICE_HINT));
    state->vector_bytes = take(VECTORS, lattice_items(&state->plan, LATTICE_VECTOR) * profile->bytes);
    state->replies = take((uint64_t)VECTORS * COLUMNS * BINS, state->plan.reply_bytes);
    state->sums = lattice_allocate(state->context, COLUMNS * BINS, lattice_stride(profile, VECTORS) * sizeof *state->sums);
    if (state->sums == NULL) exit(1);
    state->pads = take((uint64_t)VECTORS * COLUMNS * BINS, sizeof *state->pads);
    state->opened = take((uint64_t)VECTORS * COLUMNS * BINS, sizeof *state->opened);
    need(lattice_hint_new(state->context, &state->hint, &state->plan), state->context);
}

static void tear_down(struct state *state)
{
    for (uint32_t i = 0; i < VECTORS; i++) lattice_secret_free(state->context, &state->secrets[i]);
    lattice_blinding_free(state->context, &state->blinding);
    lattice_hint_free(state->context, &state->hint);
    lattice_public_free(state->context, &state->public_part);
    free(state->index);
    free(state->values);
    free(state->hint_bytes);
    free(state->vector_bytes);
    free(state->replies);
    lattice_free(state->context, state->sums, 0);
    free(state->pads);
    free(state->opened);
    fate_context_free(state->context);
}

/* Of profiles B and A; C has none. */
static double bar_of(const struct state *state, double wide, double narrow)
{
    const uint32_t bits = state->plan.profile->bits;
    return bits == 104 ? wide : bits == 64 ? narrow : 0;
}

static void time_hint(struct state *state)
{
    double best = 1e9;
    for (int run = 0; run < 2; run++) {
        lattice_blinding_free(state->context, &state->blinding);
        double begin = now();
        need(lattice_blinding_make(state->context, &state->public_part, seed, &state->group, 1, &state->blinding), state->context);
        need(lattice_hint_make(state->context, &state->public_part, &state->group, 1, &state->blinding, 0, COLUMNS * BINS,
                               state->hint_bytes),
             state->context);
        if (now() - begin < best) best = now() - begin;
    }
    need(lattice_hint_take(state->context, &state->hint, &state->plan, 0, COLUMNS * BINS, state->hint_bytes), state->context);
    row(state->plan.profile->name, "hint, a row and column", best, (double)ROWS * COLUMNS, bar_of(state, 250, 120));
}

static void time_encryption(struct state *state)
{
    double best = 1e9;
    const uint64_t length = lattice_items(&state->plan, LATTICE_VECTOR) * state->plan.profile->bytes;
    memset(state->vector_bytes, 1, VECTORS * length);
    for (uint32_t run = 0; run < RUNS * VECTORS; run++) {
        const uint32_t vector = run % VECTORS;
        lattice_secret_free(state->context, &state->secrets[vector]);
        double begin = now();
        need(lattice_encrypt(state->context, &state->public_part, seed, vector, 0, state->values, state->vector_bytes + vector * length,
                             &state->secrets[vector]),
             state->context);
        if (now() - begin < best) best = now() - begin;
    }
    row(state->plan.profile->name, "encryption, a value", best, ROWS, bar_of(state, 12, 6));
}

static void time_sums(struct state *state, uint32_t vectors)
{
    const struct lattice_kernel *kernel = state->public_part.ring.kernel;
    const uint64_t length = lattice_items(&state->plan, LATTICE_VECTOR) * state->plan.profile->bytes;
    double take_best = 1e9, best = 1e9, reply_best = 1e9, pad_best = 1e9;
    char name[80];
    struct lattice_sent sent[VECTORS];
    for (uint32_t vector = 0; vector < vectors; vector++)
        sent[vector] = (struct lattice_sent){vector, 0, state->vector_bytes + vector * length};
    for (int run = 0; run < RUNS; run++) {
        struct lattice_rows rows;
        need(lattice_rows_new(state->context, &rows, &state->plan, vectors), state->context);
        double begin = now();
        need(lattice_rows_take(state->context, &rows, &state->blinding, sent), state->context);
        double taken = now();
        need(lattice_add(state->context, &rows, kernel, &state->group, 1, state->sums), state->context);
        double added = now();
        need(lattice_reply(state->context, &rows, kernel, &state->blinding, state->sums, state->bins, NULL, COLUMNS * BINS, state->replies),
             state->context);
        double replied = now();
        need(lattice_pads(state->context, &state->public_part, &state->hint, state->secrets, vectors, state->bins, COLUMNS * BINS,
                          state->pads),
             state->context);
        need(lattice_open(state->context, &state->plan, state->pads, state->replies, (uint64_t)vectors * COLUMNS * BINS, state->opened),
             state->context);
        double opened = now();
        lattice_rows_free(state->context, &rows);
        if (taken - begin < take_best) take_best = taken - begin;
        if (added - taken < best) best = added - taken;
        if (replied - added < reply_best) reply_best = replied - added;
        if (opened - replied < pad_best) pad_best = opened - replied;
    }
    snprintf(name, sizeof name, "sums of %u vectors, a row and column", (unsigned)vectors);
    row(state->plan.profile->name, name, best, (double)ROWS * COLUMNS, bar_of(state, 4, 1.5));
    if (vectors < VECTORS) return;
    row(state->plan.profile->name, "taking a vector in, a value", take_best, (double)ROWS * vectors, 0);
    row(state->plan.profile->name, "reply, a bin and vector", reply_best, (double)COLUMNS * BINS * vectors, 0);
    row(state->plan.profile->name, "opening, a bin and vector", pad_best, (double)COLUMNS * BINS * vectors, 0);
}

int main(void)
{
    static const char *const profiles[] = {"B", "C", "A"};
    mkdir("build", 0777);
    mkdir("build/bench", 0777);
    json = fopen("build/bench/lattice.json", "w");
    if (json == NULL) return 1;
    fputs("[", json);
    for (int i = 0; i < 3; i++) {
        struct state *state = take(1, sizeof *state);
        set_up(state, lattice_profile_find(profiles[i]));
        time_hint(state);
        time_encryption(state);
        for (uint32_t vectors = 1; vectors <= VECTORS; vectors *= 2) time_sums(state, vectors);
        tear_down(state);
        free(state);
    }
    fputs("]\n", json);
    return fclose(json) == 0 ? 0 : 1;
}
