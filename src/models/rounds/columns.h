/* Sums over the numbers of a column, of which every client makes its part: how many values there are of each magnitude, and what mean and spread follow from.
 * Each number is scaled by the power of two that the magnitudes of all clients allow, so that precision does not depend on bounds that somebody
 * would have to guess. Missing values (NaN) do not count. */
#ifndef SRC_MODELS_ROUNDS_COLUMNS_H
#define SRC_MODELS_ROUNDS_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

/* Magnitude m, from 1: values from 2^(m - 129) to below 2^(m - 128). 0: smaller ones, and 0. */
enum { MAGNITUDES = 257 };

/* Adds 1 to counts[magnitude] for each value. false: a value is infinite or 2^128 or more. */
bool columns_magnitudes(int64_t *counts, const double *values, uint64_t rows);
/* From the counts of all clients: how many values there are, and the exponent: all are below 2^exponent. */
int64_t columns_count(const int64_t *counts, int32_t *exponent);
/* The sum of value 2^-exponent, and of its squared distance from mean, each of these at most 4. Rows in order. */
double columns_sum(const double *values, uint64_t rows, int32_t exponent);
double columns_spread(const double *values, uint64_t rows, int32_t exponent, double mean);

#endif
