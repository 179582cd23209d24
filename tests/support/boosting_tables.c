/* Random tables and jobs of vertical boosting. */
#include "tests/support/boosting_tables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/bytes.h"
#include "lib/random.h"

static const char *objective_of(const struct boosting_case *from)
{
    return from->objective != NULL ? from->objective : from->squared ? "squared" : "logistic";
}

/* A label that the objective can learn from; sum lies between 0 and 2.3. */
static double label_of(const struct boosting_case *from, double sum)
{
    const char *objective = objective_of(from);
    if (strcmp(objective, "logistic") == 0) {
        return (sum > 1.2) != from->flipped;
    }
    if (strcmp(objective, "poisson") == 0 || strcmp(objective, "tweedie") == 0) {
        return floor(3 * sum);
    }
    if (strcmp(objective, "softmax") == 0 && from->classes > 0) {
        double label = floor(sum / 2.3 * from->classes);
        return label < from->classes ? label : from->classes - 1;
    }
    if (strcmp(objective, "softmax") == 0) {
        return sum < 0.8 ? 0 : sum < 1.2 ? 1 : sum < 1.6 ? 2 : 3;
    }
    return strcmp(objective, "gamma") == 0 ? 4 * sum + 0.1 : 10 * sum - 3;
}

void boosting_job(char *text, const struct boosting_case *from, uint32_t guest)
{
    char parties[1024] = "";
    for (uint32_t party = 0; party <= from->hosts; party++) {
        char one[128];
        snprintf(one, sizeof one, "%s{\"name\": \"party%u\", \"role\": \"%s\", \"address\": \"127.0.0.1:%u\"}", party == 0 ? "" : ", ",
                 party, party == guest ? "guest" : "host", 9000 + party);
        strcat(parties, one);
    }
    snprintf(text, 4096,
             "{\"algorithm\": \"vertical-boosting\", \"id\": \"id\", \"label\": \"y\", \"parties\": [%s], \"parameters\": {\"objective\": "
             "\"%s\"%s%s}}",
             parties, objective_of(from), from->parameters[0] == '\0' ? "" : ", ", from->parameters);
}

/* A number of [0, 1) that depends on nothing but its place. */
static double noise(const struct boosting_case *from, int32_t use, uint64_t row, uint64_t column)
{
    uint8_t key[32] = {0}, seed[32];
    random_derive(key, key, "boosting table", from->seed);
    random_derive(seed, key, use == FATE_TABLE_DATA ? "data" : "validation", row * 1000 + column);
    uint64_t bits;
    bits = bytes_load_u64(seed); /* the same tables on every machine */
    return (double)(bits >> 11) / 9007199254740992.0;
}

static uint64_t source_column(const struct boosting_case *from, uint32_t party, uint32_t column)
{
    /* Every column has a twin: within the party and at the other parties. */
    return from->duplicates ? column / 2 : (uint64_t)party * 50 + column;
}

static void add_numbers(fate_table *table, const struct boosting_case *from, uint32_t party, uint32_t column, int32_t use, uint64_t rows)
{
    double *values = malloc((rows + 1) * sizeof *values);
    char name[32];
    snprintf(name, sizeof name, "x%u", column);
    for (uint64_t row = 0; row < rows; row++) {
        uint64_t source = source_column(from, party, column);
        double value = noise(from, use, row, source);
        bool lost = from->missing && noise(from, use, row, source + 300) < 0.2;
        bool constant = from->constants && column % 3 == 1;
        values[row] = lost ? NAN : constant ? 7 : column % 2 == 0 ? value : floor(value * 6);
        if (from->mapped) values[row] = values[row] * values[row] * values[row] + 3 * values[row] - 20;
    }
    if (fate_table_add_numbers(table, name, values) != FATE_OK) {
        abort();
    }
    if (from->directions && fate_table_set_direction(table, name, (int32_t)((column + party) % 3) - 1) != FATE_OK) {
        abort();
    }
    free(values);
}

static void add_categories(fate_table *table, const struct boosting_case *from, uint32_t party, uint32_t column, int32_t use, uint64_t rows)
{
    static const char *const names[] = {"red", "green", "blue", "violet", "black", "white", "seldom"};
    uint32_t *codes = malloc((rows + 1) * sizeof *codes);
    char name[32];
    snprintf(name, sizeof name, "c%u", column);
    for (uint64_t row = 0; row < rows; row++) {
        double value = noise(from, use, row, source_column(from, party, column));
        bool lost = from->missing && value * 100 - floor(value * 100) < 0.1;
        codes[row] = lost ? UINT32_MAX : value > 0.98 ? 6 : (uint32_t)(value * 6);
    }
    if (fate_table_add_categories(table, name, codes, names, 7) != FATE_OK) {
        abort();
    }
    free(codes);
}

static void add_labels(fate_table *table, const struct boosting_case *from, int32_t use, uint64_t rows)
{
    double *labels = malloc((rows + 1) * sizeof *labels), *weights = malloc((rows + 1) * sizeof *weights);
    for (uint64_t row = 0; row < rows; row++) {
        double sum = 0;
        for (uint32_t party = 0; party <= from->hosts; party++) {
            sum += noise(from, use, row, source_column(from, party, 0)) + (noise(from, use, row, source_column(from, party, 1)) > 0.4);
        }
        sum = sum / (1.0 + from->hosts) + 0.3 * noise(from, use, row, 900);
        labels[row] = label_of(from, sum);
        weights[row] = floor(noise(from, use, row, 901) * 4) / 2;
    }
    if (rows > 0) {
        weights[0] = 1;
    }
    if (fate_table_set_label(table, labels) != FATE_OK || (from->weights && fate_table_set_weight(table, weights) != FATE_OK)) {
        abort();
    }
    free(labels);
    free(weights);
}

fate_table *boosting_table(fate_context *context, const struct boosting_case *from, uint32_t party, bool guest, int32_t use)
{
    uint64_t rows = use == FATE_TABLE_DATA ? from->rows : from->validation_rows;
    fate_table *table = NULL;
    uint64_t *offsets = malloc((rows + 1) * sizeof *offsets);
    uint8_t *ids = malloc(rows * 6 + 1);
    if (fate_table_new(context, &table, rows) != FATE_OK) {
        free(offsets);
        free(ids);
        return NULL;
    }
    for (uint64_t row = 0; row <= rows; row++) {
        offsets[row] = row * 6;
        if (row < rows) {
            char id[16];
            snprintf(id, sizeof id, "%c%05u", from->renamed ? 'x' : 'r', (unsigned)row);
            memcpy(ids + row * 6, id, 6);
        }
    }
    bool made = fate_table_set_ids(table, ids, offsets) == FATE_OK;
    uint32_t columns = from->party_columns != NULL ? from->party_columns[party] : from->columns;
    for (uint32_t column = 0; made && column < columns; column++) {
        if (from->categories && column % 4 == 3) {
            add_categories(table, from, party, column, use, rows);
        } else {
            add_numbers(table, from, party, column, use, rows);
        }
    }
    if (made && guest) {
        add_labels(table, from, use, rows);
    }
    if (!made || fate_table_finish(table) != FATE_OK) {
        abort();
    }
    free(offsets);
    free(ids);
    return table;
}
