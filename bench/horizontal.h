/* What the parts of bench_horizontal share. */
#ifndef BENCH_HORIZONTAL_H
#define BENCH_HORIZONTAL_H

#include <stdbool.h>
#include <stdint.h>

void bench_row(const char *name, double value, const char *unit);
double bench_now(void); /* seconds */
/* Sorts values. */
double bench_median(double *values, uint32_t count);
void bench_stop_if(bool wrong, const char *what);
void *bench_memory(uint64_t count, uint64_t size); /* zeroed */

void bench_perceptron(void);
/* client_count: of the simulated rounds. */
void bench_aggregation(uint32_t client_count);

#endif
