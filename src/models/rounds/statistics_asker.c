/* The aggregator's side of statistics; see statistics.h. */
#include <math.h>
#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/ring.h"
#include "src/models/rounds/columns.h"
#include "src/models/horizontal/names.h"
#include "src/models/rounds/statistics.h"

struct inquirer {
    fate_context *context;
    const struct aggregation_parameters *common;
    struct statistics_parameters parameters;
    struct buffer layout;
    int32_t next; /* enum statistics_question; 0: nothing any more */
    uint32_t columns, targets, clients, open;
    int32_t *exponents; /* by column */
    uint64_t *lows;     /* by column and target: minimum, quantiles, maximum */
    double *values;     /* by statistic and column */
};

static int32_t start(fate_turn *turn, const struct aggregation_parameters *common, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct inquirer *own = memory_zeroed(context, 1, sizeof *own);
    if (own == NULL) return context_out_of_memory(context);
    *state = own;
    own->context = context;
    own->common = common;
    own->next = STATISTICS_MAGNITUDES;
    own->open = 64;
    buffer_init(&own->layout, context);
    int32_t result = statistics_parameters_read(context, &own->parameters, common, fate_turn_job(turn));
    own->targets = own->parameters.quantile_count + 2;
    return result;
}

static void stop(fate_context *context, void *state)
{
    struct inquirer *own = state;
    buffer_free(&own->layout);
    memory_free(context, own->exponents);
    memory_free(context, own->lows);
    memory_free(context, own->values);
    memory_free(context, own);
}

static int32_t settle(fate_turn *turn, void *state, const uint8_t *layout, uint64_t length)
{
    struct inquirer *own = state;
    int32_t result = names_check(own->context, fate_turn_job(turn), layout, length);
    own->columns = names_split(layout, length, NULL);
    if (result == FATE_E_TABLE || own->columns == 0) return FATE_E_FORMAT;
    if (result != FATE_OK) return result;
    buffer_append(&own->layout, layout, length);
    own->exponents = memory_zeroed(own->context, own->columns, sizeof *own->exponents);
    own->lows = memory_zeroed(own->context, (uint64_t)own->columns * own->targets, sizeof *own->lows);
    own->values = memory_zeroed(own->context, (uint64_t)own->columns * statistics_count(&own->parameters), sizeof *own->values);
    bool failed = own->layout.failed || own->exponents == NULL || own->lows == NULL || own->values == NULL;
    return failed ? context_out_of_memory(own->context) : FATE_OK;
}

static void save(const void *state, struct buffer *out)
{
    const struct inquirer *own = state;
    buffer_u32(out, (uint32_t)own->next);
    buffer_u32(out, own->open);
    buffer_u32(out, own->clients);
    for (uint32_t i = 0; i < own->columns; i++) buffer_u32(out, (uint32_t)own->exponents[i]);
    for (uint64_t i = 0; i < (uint64_t)own->columns * own->targets; i++) buffer_u64(out, own->lows[i]);
    for (uint64_t i = 0; i < (uint64_t)own->columns * statistics_count(&own->parameters); i++) buffer_double(out, own->values[i]);
}

static int32_t load(fate_turn *turn, void *state, struct reader *in)
{
    struct inquirer *own = state;
    (void)turn;
    own->next = (int32_t)reader_u32(in);
    own->open = reader_u32(in);
    own->clients = reader_u32(in);
    for (uint32_t i = 0; i < own->columns; i++) own->exponents[i] = (int32_t)reader_u32(in);
    for (uint64_t i = 0; i < (uint64_t)own->columns * own->targets; i++) own->lows[i] = reader_u64(in);
    for (uint64_t i = 0; i < (uint64_t)own->columns * statistics_count(&own->parameters); i++) own->values[i] = reader_double(in);
    return in->failed || own->next < 0 || own->next > STATISTICS_HISTOGRAM || own->open > 64 ? FATE_E_FORMAT : FATE_OK;
}

static double *value_of(const struct inquirer *own, uint32_t statistic, uint32_t column)
{
    return &own->values[(uint64_t)statistic * own->columns + column];
}

/* ---- questions ---- */

static int32_t ask(fate_turn *turn, void *state, struct buffer *question, uint64_t *count)
{
    const struct inquirer *own = state;
    const uint64_t counts[] = {0, MAGNITUDES, 1, 1, (uint64_t)own->targets * STATISTICS_PLACES, own->parameters.bins};
    (void)turn;
    if (own->next == 0) return FATE_FINISHED;
    *count = counts[own->next] * own->columns;
    buffer_u8(question, (uint8_t)own->next);
    if (own->next == STATISTICS_RANKS) buffer_u32(question, own->open);
    for (uint32_t column = 0; column < own->columns; column++) {
        if (own->next == STATISTICS_MEANS || own->next == STATISTICS_SPREADS) buffer_u32(question, (uint32_t)own->exponents[column]);
        if (own->next == STATISTICS_SPREADS) buffer_double(question, *value_of(own, STATISTICS_MEAN, column));
        for (uint32_t i = 0; i < own->targets && own->next == STATISTICS_RANKS; i++)
            buffer_u64(question, own->lows[(uint64_t)column * own->targets + i]);
        if (own->next != STATISTICS_HISTOGRAM) continue;
        buffer_double(question, *value_of(own, STATISTICS_MINIMUM, column));
        buffer_double(question, *value_of(own, STATISTICS_MAXIMUM, column));
    }
    return FATE_OK;
}

/* ---- sums ---- */

static void take_magnitudes(const struct inquirer *own, const uint8_t *sums)
{
    int64_t counts[MAGNITUDES];
    for (uint32_t column = 0; column < own->columns; column++) {
        for (uint32_t i = 0; i < MAGNITUDES; i++) counts[i] = ring_get(sums, (uint64_t)column * MAGNITUDES + i, own->common->width);
        *value_of(own, STATISTICS_COUNT, column) = (double)columns_count(counts, &own->exponents[column]);
    }
}

/* Of a column without values both are left 0 here, and NaN in the end. */
static void take_moments(const struct inquirer *own, const uint8_t *sums)
{
    bool means = own->next == STATISTICS_MEANS;
    for (uint32_t column = 0; column < own->columns; column++) {
        double count = *value_of(own, STATISTICS_COUNT, column);
        double sum =
            ring_number(ring_get(sums, column, own->common->width), means ? own->parameters.sum_bits : own->parameters.spread_bits);
        int32_t exponent = means ? own->exponents[column] : 2 * own->exponents[column];
        *value_of(own, means ? STATISTICS_MEAN : STATISTICS_VARIANCE, column) = count > 0 ? ldexp(sum / count, exponent) : 0.0;
    }
}

/* The rank, from 1, of the value that is looked for: of a quantile q of n values the least with at least q n values up to it. */
static double rank_of(const struct inquirer *own, uint32_t column, uint32_t target)
{
    double count = *value_of(own, STATISTICS_COUNT, column);
    if (target == 0) return 1;
    if (target == own->targets - 1) return count;
    double rank = ceil(own->parameters.quantiles[target - 1] * count);
    return rank < 1 ? 1 : rank;
}

static void take_ranks(const struct inquirer *own, const uint8_t *sums)
{
    for (uint32_t column = 0; column < own->columns; column++)
        for (uint32_t target = 0; target < own->targets; target++) {
            uint64_t at = (uint64_t)column * own->targets + target;
            uint32_t place = 0;
            while (place < STATISTICS_PLACES &&
                   (double)ring_get(sums, at * STATISTICS_PLACES + place, own->common->width) < rank_of(own, column, target))
                place++;
            own->lows[at] += (uint64_t)place << (own->open - 4);
        }
}

/* What the bits that were found out say: a lower bound of the smallest value, an upper bound of the largest, the middle for quantiles. */
static void end_ranks(const struct inquirer *own)
{
    uint64_t rest = own->open == 0 ? 0 : (UINT64_C(1) << own->open) - 1;
    for (uint32_t column = 0; column < own->columns; column++)
        for (uint32_t target = 0; target < own->targets; target++) {
            uint64_t low = own->lows[(uint64_t)column * own->targets + target];
            double least = statistics_value(low), most = statistics_value(low + rest);
            if (target == 0)
                *value_of(own, STATISTICS_MINIMUM, column) = least;
            else if (target == own->targets - 1)
                *value_of(own, STATISTICS_MAXIMUM, column) = most;
            else
                *value_of(own, STATISTICS_QUANTILES + target - 1, column) = rest == 0 ? least : least + (most - least) / 2;
        }
}

static void take_histogram(const struct inquirer *own, const uint8_t *sums)
{
    uint32_t first = STATISTICS_QUANTILES + own->parameters.quantile_count;
    for (uint32_t column = 0; column < own->columns; column++)
        for (uint32_t bin = 0; bin < own->parameters.bins; bin++)
            *value_of(own, first + bin, column) = (double)ring_get(sums, (uint64_t)column * own->parameters.bins + bin, own->common->width);
}

static int32_t take(fate_turn *turn, void *state, const uint8_t *sums, double share)
{
    struct inquirer *own = state;
    own->clients = (uint32_t)rint(share * own->common->clients);
    if (own->next == STATISTICS_MAGNITUDES) take_magnitudes(own, sums);
    if (own->next == STATISTICS_MEANS || own->next == STATISTICS_SPREADS) take_moments(own, sums);
    if (own->next == STATISTICS_HISTOGRAM) take_histogram(own, sums);
    if (own->next == STATISTICS_RANKS) {
        take_ranks(own, sums);
        own->open -= 4;
        if (own->open > 64 - own->parameters.resolution) return FATE_OK;
        end_ranks(own);
    }
    own->next = own->next == STATISTICS_HISTOGRAM || (own->next == STATISTICS_RANKS && own->parameters.bins == 0) ? 0 : own->next + 1;
    return fate_turn_progress(turn, own->next == 0 ? STATISTICS_HISTOGRAM : (uint32_t)own->next, STATISTICS_HISTOGRAM, 0, 0, 0);
}

static int32_t end(fate_turn *turn, void *state, struct buffer *result)
{
    struct inquirer *own = state;
    for (uint32_t column = 0; column < own->columns; column++)
        for (uint32_t i = STATISTICS_MEAN; i < STATISTICS_QUANTILES + own->parameters.quantile_count; i++)
            if (!(*value_of(own, STATISTICS_COUNT, column) > 0)) *value_of(own, i, column) = (double)NAN;
    buffer_u32(result, own->clients);
    for (uint64_t i = 0; i < (uint64_t)own->columns * statistics_count(&own->parameters); i++) buffer_double(result, own->values[i]);
    return statistics_deliver(turn, &own->parameters, &own->layout, own->clients, own->values);
}

const struct inquiry_asker statistics_asker = {start, stop, save, load, settle, ask, take, end};
