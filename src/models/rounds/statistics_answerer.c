/* A client's side of statistics; see statistics.h. */
#include <math.h>
#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/ring.h"
#include "src/models/rounds/columns.h"
#include "src/models/horizontal/names.h"
#include "src/models/rounds/statistics.h"

struct informant {
    fate_context *context;
    const struct aggregation_parameters *common;
    struct statistics_parameters parameters;
    const fate_table *table;
    struct buffer layout;
    const char **names;
    uint32_t columns, targets;
    struct buffer question; /* as it came, checked */
};

static int32_t start(fate_turn *turn, const struct aggregation_parameters *common, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct informant *own = memory_zeroed(context, 1, sizeof *own);
    if (own == NULL) return context_out_of_memory(context);
    *state = own;
    own->context = context;
    own->common = common;
    buffer_init(&own->layout, context);
    buffer_init(&own->question, context);
    own->table = fate_turn_table(turn, FATE_TABLE_DATA);
    if (own->table == NULL) return context_fail(context, FATE_E_TABLE, "a client needs a table");
    int32_t result = statistics_parameters_read(context, &own->parameters, common, fate_turn_job(turn));
    if (result == FATE_OK) result = names_write(context, own->table, &own->layout);
    if (result != FATE_OK) return result;
    if (!own->layout.failed) result = names_check(context, fate_turn_job(turn), own->layout.bytes, own->layout.length);
    if (result != FATE_OK) return result;
    own->targets = own->parameters.quantile_count + 2;
    own->columns = fate_table_columns(own->table);
    own->names = memory_zeroed(context, own->columns, sizeof *own->names);
    if (own->layout.failed || own->names == NULL) return context_out_of_memory(context);
    (void)names_split(own->layout.bytes, own->layout.length, own->names);
    for (uint32_t i = 0; i < own->columns; i++) {
        uint64_t rows;
        const double *numbers = names_column(own->table, own->names[i], &rows);
        if (numbers == NULL)
            return context_fail(context, FATE_E_TABLE, "column %s holds categories: statistics are of numbers; leave it out",
                                own->names[i]);
        if ((double)rows > own->parameters.rounds.examples_bound)
            return context_fail(context, FATE_E_TABLE, "the table has %llu rows, more than the job's examples_bound allows: raise it",
                                (unsigned long long)rows);
    }
    return FATE_OK;
}

static void stop(fate_context *context, void *state)
{
    struct informant *own = state;
    buffer_free(&own->layout);
    buffer_free(&own->question);
    memory_free(context, own->names);
    memory_free(context, own);
}

/* Nothing is kept between questions. */
static void save(const void *state, struct buffer *out)
{
    (void)state;
    (void)out;
}

static int32_t load(fate_turn *turn, void *state, struct reader *in)
{
    (void)turn;
    (void)state;
    (void)in;
    return FATE_OK;
}

static int32_t layout(const void *state, struct buffer *out)
{
    const struct informant *own = state;
    buffer_append(out, own->layout.bytes, own->layout.length);
    return FATE_OK;
}

static int32_t hear(fate_turn *turn, void *state, const uint8_t *question, uint64_t length, uint64_t *count)
{
    struct informant *own = state;
    const uint64_t sizes[] = {0, 0, 4, 12, (uint64_t)own->targets * 8, 16};
    const uint64_t counts[] = {0, MAGNITUDES, 1, 1, (uint64_t)own->targets * STATISTICS_PLACES, own->parameters.bins};
    (void)turn;
    if (length == 0 || question[0] < STATISTICS_MAGNITUDES || question[0] > STATISTICS_HISTOGRAM) return FATE_E_FORMAT;
    uint32_t kind = question[0], head = kind == STATISTICS_RANKS ? 5 : 1;
    if (length != head + sizes[kind] * own->columns) return FATE_E_FORMAT;
    if (kind == STATISTICS_RANKS) {
        uint32_t open = bytes_load_u32(question + 1);
        if (open < 4 || open > 64 || open % 4 != 0 || open + own->parameters.resolution < 68) return FATE_E_FORMAT;
    }
    for (uint32_t i = 0; i < own->columns && (kind == STATISTICS_MEANS || kind == STATISTICS_SPREADS); i++) {
        int32_t exponent = (int32_t)bytes_load_u32(question + 1 + i * sizes[kind]);
        if (exponent < -127 || exponent > 128) return FATE_E_FORMAT;
    }
    *count = counts[kind] * own->columns;
    buffer_clear(&own->question);
    buffer_append(&own->question, question, length);
    return own->question.failed ? context_out_of_memory(own->context) : FATE_OK;
}

static int32_t answer_magnitudes(const struct informant *own, uint32_t column, const double *numbers, uint64_t rows, uint8_t *values)
{
    int64_t counts[MAGNITUDES] = {0};
    if (!columns_magnitudes(counts, numbers, rows))
        return context_fail(own->context, FATE_E_TABLE, "column %s has a value that is infinite or above 2^128", own->names[column]);
    for (uint32_t i = 0; i < MAGNITUDES; i++) ring_put(values, (uint64_t)column * MAGNITUDES + i, counts[i], own->common->width);
    return FATE_OK;
}

static int32_t answer_sum(const struct informant *own, uint32_t column, const double *numbers, uint64_t rows, struct reader *in,
                          bool spread, uint8_t *values)
{
    int32_t exponent = (int32_t)reader_u32(in);
    double most = (spread ? 4 : 1) * own->parameters.rounds.examples_bound;
    double sum = spread ? columns_spread(numbers, rows, exponent, reader_double(in)) : columns_sum(numbers, rows, exponent);
    if (!(fabs(sum) <= most)) return context_fail(own->context, FATE_E_PROTOCOL, "the aggregator asked for sums that do not fit");
    ring_put(values, column, ring_round(sum, spread ? own->parameters.spread_bits : own->parameters.sum_bits), own->common->width);
    return FATE_OK;
}

/* How many values are at most as large as each place. */
static void answer_ranks(const struct informant *own, uint32_t column, const double *numbers, uint64_t rows, uint32_t open,
                         struct reader *in, uint8_t *values)
{
    for (uint32_t target = 0; target < own->targets; target++) {
        uint64_t low = reader_u64(in), at = ((uint64_t)column * own->targets + target) * STATISTICS_PLACES;
        int64_t counts[STATISTICS_PLACES + 1] = {0}, sum = 0;
        for (uint64_t row = 0; row < rows; row++) {
            if (isnan(numbers[row])) continue;
            uint64_t key = statistics_key(numbers[row]);
            uint64_t place = key < low ? 0 : (key - low) >> (open - 4);
            counts[place < STATISTICS_PLACES ? place : STATISTICS_PLACES]++;
        }
        for (uint32_t place = 0; place < STATISTICS_PLACES; place++) {
            sum += counts[place];
            ring_put(values, at + place, sum, own->common->width);
        }
    }
}

static void answer_histogram(const struct informant *own, uint32_t column, const double *numbers, uint64_t rows, struct reader *in,
                             uint8_t *values)
{
    uint32_t bins = own->parameters.bins;
    double least = reader_double(in), most = reader_double(in), width = (most - least) / bins;
    int64_t counts[STATISTICS_BINS_MOST] = {0};
    for (uint64_t row = 0; row < rows; row++) {
        if (isnan(numbers[row])) continue;
        double bin = width > 0 ? floor((numbers[row] - least) / width) : 0;
        counts[!(bin > 0) ? 0 : bin < bins ? (uint32_t)bin : bins - 1]++;
    }
    for (uint32_t i = 0; i < bins; i++) ring_put(values, (uint64_t)column * bins + i, counts[i], own->common->width);
}

static int32_t answer(fate_turn *turn, void *state, uint8_t *values)
{
    const struct informant *own = state;
    struct reader in;
    int32_t result = FATE_OK;
    (void)turn;
    reader_init(&in, own->question.bytes, own->question.length);
    uint32_t kind = reader_u8(&in), open = kind == STATISTICS_RANKS ? reader_u32(&in) : 0;
    for (uint32_t column = 0; column < own->columns && result == FATE_OK; column++) {
        uint64_t rows;
        const double *numbers = names_column(own->table, own->names[column], &rows);
        if (kind == STATISTICS_MAGNITUDES) result = answer_magnitudes(own, column, numbers, rows, values);
        if (kind == STATISTICS_MEANS || kind == STATISTICS_SPREADS)
            result = answer_sum(own, column, numbers, rows, &in, kind == STATISTICS_SPREADS, values);
        if (kind == STATISTICS_RANKS) answer_ranks(own, column, numbers, rows, open, &in, values);
        if (kind == STATISTICS_HISTOGRAM) answer_histogram(own, column, numbers, rows, &in, values);
    }
    return result;
}

static void counted(void *state)
{
    (void)state;
}

static int32_t end(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    struct informant *own = state;
    uint64_t count = (uint64_t)own->columns * statistics_count(&own->parameters);
    struct reader in;
    if (length != 4 + 8 * count) return FATE_E_FORMAT;
    double *values = memory_zeroed(own->context, count, sizeof *values);
    if (values == NULL) return context_out_of_memory(own->context);
    reader_init(&in, bytes, length);
    uint32_t clients = reader_u32(&in);
    for (uint64_t i = 0; i < count; i++) values[i] = reader_double(&in);
    int32_t result = statistics_deliver(turn, &own->parameters, &own->layout, clients, values);
    memory_free(own->context, values);
    return result;
}

const struct inquiry_answerer statistics_answerer = {start, stop, save, load, layout, hear, answer, counted, end};
