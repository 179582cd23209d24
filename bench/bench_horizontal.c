/* Horizontal training: a perceptron's epoch beside a plain loop over the same BLAS calls, and secure aggregation of a million numbers of 32 bits beside
 * the key streams that it cannot do without. Each pair is measured in turn, several times, on one thread; medians are printed and written to
 * build/bench/horizontal.json. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bench/horizontal.h"

static FILE *json;
static const char *comma = "";

void bench_row(const char *name, double value, const char *unit)
{
    printf("%-72s %12.4g %s\n", name, value, unit);
    fprintf(json, "%s\n {\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\"}", comma, name, value, unit);
    comma = ",";
    fflush(stdout);
}

double bench_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int order(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double bench_median(double *values, uint32_t count)
{
    qsort(values, count, sizeof *values, order);
    return values[count / 2];
}

void bench_stop_if(bool wrong, const char *what)
{
    if (!wrong) return;
    fprintf(stderr, "bench_horizontal: %s\n", what);
    exit(1);
}

void *bench_memory(uint64_t count, uint64_t size)
{
    void *memory = calloc((size_t)count, (size_t)size);
    bench_stop_if(memory == NULL, "out of memory");
    return memory;
}

int main(int count, char **arguments)
{
    uint32_t client_count = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 1000;
    mkdir("build", 0777);
    mkdir("build/bench", 0777);
    json = fopen("build/bench/horizontal.json", "w");
    bench_stop_if(json == NULL || sodium_init() < 0, "build/bench/horizontal.json cannot be written");
    fputs("[", json);
    bench_perceptron();
    bench_aggregation(client_count);
    fputs("\n]\n", json);
    bench_stop_if(fclose(json) != 0, "build/bench/horizontal.json cannot be written");
    return 0;
}
