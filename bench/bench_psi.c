/* What the curve arithmetic of private set intersection costs with each kernel, against libsodium's functions: in one process, one thread and in
 * turns, so that a busy machine slows all alike. Prints a table and writes build/bench/psi.json. */
#include "src/crypto/ristretto.h"
#include "src/crypto/x25519.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { ITEMS = 2 * CURVE_BATCH, SODIUM_ITEMS = 32, ROUNDS = 25, KERNELS = 2 };
enum operation { X25519, MULTIPLY, HASH, HASH_MULTIPLY, OPERATIONS };

static const char *const kernels[KERNELS] = {"avx512", "avx2"};

/* Bars: what each kernel should reach; 0: nothing was set. */
static const struct {
    const char *name;
    double bars[KERNELS];
} operations[OPERATIONS] = {
    {"x25519-batch", {5, 2}}, {"ristretto-multiply", {4.5, 1.8}}, {"ristretto-hash", {4.5, 1.8}}, {"ristretto-hash-multiply", {0, 0}}};

struct data {
    fate_context *context;
    uint8_t hashes[ITEMS * RISTRETTO_HASH], elements[ITEMS * RISTRETTO_BYTES], out[ITEMS * RISTRETTO_BYTES], scalar[RISTRETTO_SCALAR];
};

/* Of this thread. */
static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return 1e6 * (double)now.tv_sec + 1e-3 * (double)now.tv_nsec;
}

static int run_library(struct data *data, enum operation operation)
{
    uint64_t bad;
    if (operation == X25519) return x25519_multiply_many(data->context, data->out, data->elements, ITEMS, data->scalar, &bad);
    if (operation == MULTIPLY) return ristretto_multiply_many(data->context, data->out, data->elements, ITEMS, data->scalar, &bad);
    if (operation == HASH) return ristretto_hash_many(data->context, data->out, data->hashes, ITEMS);
    return ristretto_hash_multiply_many(data->context, data->out, data->hashes, ITEMS, data->scalar);
}

static int run_sodium(struct data *data, enum operation operation, int i)
{
    uint8_t *out = data->out + i * RISTRETTO_BYTES, *element = data->elements + i * RISTRETTO_BYTES;
    if (operation == X25519) return crypto_scalarmult_curve25519(out, data->scalar, element);
    if (operation == MULTIPLY) return crypto_scalarmult_ristretto255(out, data->scalar, element);
    int result = crypto_core_ristretto255_from_hash(out, data->hashes + i * RISTRETTO_HASH);
    return result == 0 && operation == HASH_MULTIPLY ? crypto_scalarmult_ristretto255(out, data->scalar, out) : result;
}

/* Microseconds an item. kernel: NULL for libsodium. */
static double time_one(struct data *data, const char *kernel, enum operation operation)
{
    int result = 0;
    data->context->kernel = kernel;
    double began = microseconds();
    if (kernel != NULL)
        result = run_library(data, operation);
    else
        for (int i = 0; i < SODIUM_ITEMS && result == 0; i++) result = run_sodium(data, operation, i);
    double spent = microseconds() - began;
    if (result != 0) {
        fprintf(stderr, "bench_psi: %s failed\n", operations[operation].name);
        exit(1);
    }
    return spent / (kernel == NULL ? SODIUM_ITEMS : ITEMS);
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *times)
{
    qsort(times, ROUNDS, sizeof *times, by_size);
    return times[ROUNDS / 2];
}

static void write_one(FILE *file, const char *name, const char *kernel, const char *what, double value, const char *unit)
{
    fprintf(file, "%s\n  {\"name\": \"%s/%s%s%s\", \"value\": %.3f, \"unit\": \"%s\"}", ftell(file) > 1 ? "," : "", name, kernel,
            kernel[0] == 0 ? "" : "/", what, value, unit);
}

static void measure(struct data *data, FILE *file, enum operation operation)
{
    static double sodium[ROUNDS], ours[KERNELS][ROUNDS];
    bool fastest = true;
    const char *name = operations[operation].name;
    for (int round = 0; round < ROUNDS; round++) {
        sodium[round] = time_one(data, NULL, operation);
        for (int k = 0; k < KERNELS; k++)
            if (curve_kernel_find(kernels[k]) != NULL) ours[k][round] = time_one(data, kernels[k], operation);
    }
    double before = median(sodium);
    write_one(file, name, "libsodium", "time", before, "us");
    for (int k = 0; k < KERNELS; k++) {
        if (curve_kernel_find(kernels[k]) == NULL) continue;
        double now = median(ours[k]), ratio = before / now, bar = operations[operation].bars[k];
        printf("%-26s %-8s %10.2f %12.2f %8.2f", name, kernels[k], now, before, ratio);
        if (bar > 0) printf("  %5.1f  %s", bar, ratio >= bar ? "met" : "missed");
        printf("\n");
        write_one(file, name, kernels[k], "time", now, "us");
        write_one(file, name, kernels[k], "libsodium-ratio", ratio, "1");
        if (fastest) write_one(file, name, "", "libsodium-ratio", ratio, "1");
        fastest = false;
    }
}

int main(void)
{
    static struct data data;
    mkdir("build", 0777);
    mkdir("build/bench", 0777);
    FILE *file = fopen("build/bench/psi.json", "w");
    if (file == NULL || context_new(&data.context, NULL) != FATE_OK) {
        fprintf(stderr, "bench_psi: build/bench/psi.json cannot be written\n");
        return 1;
    }
    data.context->threads = 1;
    ristretto_scalar_random(data.scalar);
    randombytes_buf(data.hashes, sizeof data.hashes);
    for (int i = 0; i < ITEMS; i++) crypto_core_ristretto255_random(data.elements + i * RISTRETTO_BYTES);
    printf("%-26s %-8s %10s %12s %8s  %5s\n", "microseconds an item", "kernel", "here", "libsodium", "ratio", "bar");
    fprintf(file, "[");
    for (enum operation operation = 0; operation < OPERATIONS; operation++) measure(&data, file, operation);
    fprintf(file, "\n]\n");
    fate_context_free(data.context);
    return fclose(file) == 0 ? 0 : 1;
}
