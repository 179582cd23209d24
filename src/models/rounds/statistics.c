/* What both sides of statistics share; see statistics.h. */
#include "src/models/rounds/statistics.h"

#include <stdio.h>
#include <string.h>

#include "lib/context.h"
#include "lib/number.h"
#include "proto/aggregation.pb-c.h"
#include "src/models/aggregation/ring.h"
#include "src/models/horizontal/names.h"

static int32_t read_quantiles(fate_context *context, struct statistics_parameters *parameters, const char *text)
{
    static const char between[] = " ,";
    for (const char *at = text + strspn(text, between); *at != 0; at += strspn(at, between)) {
        size_t length = strcspn(at, between);
        double value = 0;
        if (parameters->quantile_count == STATISTICS_QUANTILES_MOST || !number_read(at, length, &value) || !(value > 0 && value < 1))
            return context_fail(context, FATE_E_JOB,
                                "parameters.quantiles must be at most %d numbers between 0 and 1, such as \"0.25 0.5\"",
                                (int)STATISTICS_QUANTILES_MOST);
        parameters->quantiles[parameters->quantile_count++] = value;
        at += length;
    }
    return FATE_OK;
}

int32_t statistics_parameters_read(fate_context *context, struct statistics_parameters *parameters,
                                   const struct aggregation_parameters *common, const fate_job *job)
{
    const char *quantiles = "";
    int64_t bins = 0, resolution = 0;
    memset(parameters, 0, sizeof *parameters);
    int32_t result = rounds_parameters_read(&parameters->rounds, job);
    if (result == FATE_OK) result = fate_job_text(job, "quantiles", &quantiles);
    if (result == FATE_OK) result = fate_job_integer(job, "bins", &bins);
    if (result == FATE_OK) result = fate_job_integer(job, "resolution", &resolution);
    if (result != FATE_OK) return result;
    parameters->bins = (uint32_t)bins;
    parameters->resolution = (uint32_t)(resolution + 3) / 4 * 4;
    parameters->sum_bits = ring_fraction(parameters->rounds.examples_bound, common->clients, common->width, 0);
    parameters->spread_bits = ring_fraction(4 * parameters->rounds.examples_bound, common->clients, common->width, 0);
    if (parameters->sum_bits < 0 || parameters->spread_bits < 0)
        return context_fail(context, FATE_E_JOB, "parameters: sums of so many clients do not fit: ring_bits 64, or a lower examples_bound");
    return read_quantiles(context, parameters, quantiles);
}

uint32_t statistics_count(const struct statistics_parameters *parameters)
{
    return STATISTICS_QUANTILES + parameters->quantile_count + parameters->bins;
}

enum { NAME = 16 + NUMBER_TEXT };

static void write_name(const struct statistics_parameters *parameters, uint32_t number, char *name)
{
    static const char *const fixed[STATISTICS_QUANTILES] = {"count", "mean", "variance", "minimum", "maximum"};
    uint32_t quantile = number - STATISTICS_QUANTILES;
    char text[NUMBER_TEXT];
    if (number < STATISTICS_QUANTILES) {
        snprintf(name, NAME, "%s", fixed[number]);
    } else if (quantile < parameters->quantile_count) {
        number_write(text, parameters->quantiles[quantile]);
        snprintf(name, NAME, "quantile %s", text);
    } else {
        snprintf(name, NAME, "bin %u", (unsigned)(quantile - parameters->quantile_count + 1));
    }
}

static int32_t pack(fate_turn *turn, Fate__Aggregate *body)
{
    fate_context *context = fate_turn_context(turn);
    uint64_t length = protobuf_c_message_get_packed_size(&body->base);
    uint8_t *bytes = memory_allocate(context, length + 1, 1);
    if (bytes == NULL) return context_out_of_memory(context);
    protobuf_c_message_pack(&body->base, bytes);
    int32_t result = fate_turn_set_model(turn, bytes, length);
    memory_free(context, bytes);
    return result;
}

int32_t statistics_deliver(fate_turn *turn, const struct statistics_parameters *parameters, const struct buffer *layout, uint32_t clients,
                           double *values)
{
    fate_context *context = fate_turn_context(turn);
    uint32_t columns = names_split(layout->bytes, layout->length, NULL), count = statistics_count(parameters);
    Fate__Aggregate body;
    fate__aggregate__init(&body);
    const char **names = memory_zeroed(context, (uint64_t)columns + 1, sizeof *names);
    char(*texts)[NAME] = memory_zeroed(context, count, sizeof *texts), **pointers = memory_zeroed(context, count, sizeof *pointers);
    body.ids = memory_zeroed(context, (uint64_t)columns + 1, sizeof *body.ids);
    bool failed = names == NULL || texts == NULL || pointers == NULL || body.ids == NULL;
    int32_t result = failed ? context_out_of_memory(context) : FATE_OK;
    if (!failed) (void)names_split(layout->bytes, layout->length, names);
    for (uint32_t i = 0; i < columns && !failed; i++) {
        body.ids[i].data = (uint8_t *)(uintptr_t)names[i];
        body.ids[i].len = strlen(names[i]);
    }
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) {
        write_name(parameters, i, texts[i]);
        pointers[i] = texts[i];
        result = fate_turn_set_result(turn, texts[i], values + (uint64_t)i * columns, columns);
    }
    body.columns = pointers;
    body.n_columns = count;
    body.n_ids = columns;
    body.values = values;
    body.n_values = (uint64_t)count * columns;
    body.clients = clients;
    body.statistics = true;
    if (result == FATE_OK) result = pack(turn, &body);
    memory_free(context, names);
    memory_free(context, texts);
    memory_free(context, pointers);
    memory_free(context, body.ids);
    return result;
}

static const uint64_t SIGN = UINT64_C(1) << 63;

uint64_t statistics_key(double value)
{
    uint64_t bits;
    double number = value + 0.0; /* -0 becomes 0 */
    memcpy(&bits, &number, sizeof bits);
    return (bits & SIGN) != 0 ? ~bits : bits | SIGN;
}

double statistics_value(uint64_t key)
{
    uint64_t bits = (key & SIGN) != 0 ? key & ~SIGN : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint64_t statistics_place(uint64_t low, uint32_t open, uint32_t place)
{
    uint64_t sixteenth = UINT64_C(1) << (open - 4);
    return low + sixteenth * (place + 1) - 1;
}
