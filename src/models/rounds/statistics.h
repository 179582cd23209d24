/* Statistics of columns over the rows of all clients, by sums alone (algorithm "horizontal-statistics"). Count, mean and variance as training standardises
 * (columns.h). The smallest value, quantiles and the largest are found by counting: how many values are at most this one, at fifteen places of the
 * interval that is left, which makes four bits of the value; as many questions as the job's resolution asks for. At last a histogram. */
#ifndef SRC_MODELS_ROUNDS_STATISTICS_H
#define SRC_MODELS_ROUNDS_STATISTICS_H

#include "src/models/rounds/inquiry.h"
#include "src/models/horizontal/parameters.h"
#include "src/models/rounds/parameters.h"

/* The first byte of a question; the first three are those of training. */
enum statistics_question { STATISTICS_MAGNITUDES = 1, STATISTICS_MEANS, STATISTICS_SPREADS, STATISTICS_RANKS, STATISTICS_HISTOGRAM };

enum { STATISTICS_QUANTILES_MOST = 64, STATISTICS_PLACES = 15, STATISTICS_BINS_MOST = 1000 };

#define STATISTICS_PARAMETERS                                                                                                                     \
    ROUNDS_COMMON, HORIZONTAL_COLUMNS,                                                                                                            \
        {"quantiles", FATE_PARAMETER_TEXT, "\"0.25 0.5 0.75\"", 0, 0, NULL, "which quantiles, between 0 and 1; \"\": none"},                      \
        {"bins",                                                                                                                                  \
         FATE_PARAMETER_INTEGER,                                                                                                                  \
         "10",                                                                                                                                    \
         0,                                                                                                                                       \
         STATISTICS_BINS_MOST,                                                                                                                    \
         NULL,                                                                                                                                    \
         "of each column's histogram, of equal width from the smallest value to the largest; 0: none"},                                           \
    {                                                                                                                                             \
        "resolution", FATE_PARAMETER_INTEGER, "20", 12, 64, NULL,                                                                                 \
            "how many bits of the smallest value, the quantiles and the largest are found out, in steps of four: sign, 11 of the exponent, then " \
            "of the digits; with 64 they are exact, and so values of single rows"                                                                 \
    }

struct statistics_parameters {
    struct rounds_parameters rounds;
    uint32_t quantile_count;
    double quantiles[STATISTICS_QUANTILES_MOST];
    uint32_t bins, resolution;
    int32_t sum_bits, spread_bits; /* behind the point */
};

/* FATE_OK; FATE_E_JOB names the field. */
int32_t statistics_parameters_read(fate_context *context, struct statistics_parameters *parameters,
                                   const struct aggregation_parameters *common, const fate_job *job);

/* Numbers in the order of doubles: a is below b where statistics_key(a) is. Of -0 and 0 alike. Not for NaN. */
uint64_t statistics_key(double value);
double statistics_value(uint64_t key);
/* Place i, from 0, of an interval whose lowest 4 to 64 bits are open: the keys up to it belong to the first i + 1 sixteenths. */
uint64_t statistics_place(uint64_t low, uint32_t open, uint32_t place);

/* The statistics of a column, in order; quantiles and bins follow. */
enum statistic { STATISTICS_COUNT, STATISTICS_MEAN, STATISTICS_VARIANCE, STATISTICS_MINIMUM, STATISTICS_MAXIMUM, STATISTICS_QUANTILES };
uint32_t statistics_count(const struct statistics_parameters *parameters);
/* Sets results, one for each statistic, a number for each column in the order of their names, and the model. values: statistic after statistic.
 * FATE_OK; FATE_E_MEMORY. */
int32_t statistics_deliver(fate_turn *turn, const struct statistics_parameters *parameters, const struct buffer *layout, uint32_t clients,
                           double *values);

extern const struct inquiry_asker statistics_asker;
extern const struct inquiry_answerer statistics_answerer;

#endif
