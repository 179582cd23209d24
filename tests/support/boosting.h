/* Tables, parties and parameters for the tests of vertical boosting: small, random, from a seed. */
#ifndef TESTS_SUPPORT_BOOSTING_H
#define TESTS_SUPPORT_BOOSTING_H

#include <fate/table.h>
#include <math.h>
#include <stdio.h>
#include "lib/context.h"
#include "src/models/boosting/measure.h"
#include "src/models/boosting/objective.h"
#include "src/models/boosting/pooled.h"
#include "tests/support/unit.h"

enum { TEST_ROWS_LIMIT = 4096, TEST_COLUMNS_LIMIT = 16 };

/* splitmix64 (Steele, Lea, Flood 2014). */
static inline uint64_t test_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint32_t test_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)(test_random(state) >> 32) % bound;
}

static inline double test_unit(uint64_t *state)
{
    return (double)(test_random(state) >> 11) * 0x1p-53;
}

/* What a random table is made of. Columns 0 .. columns-1 are numbers and categories in turn (kinds: bit i set: category). Row i has the id
 * "r%05u" of order[i] and that row's values, so that another order is the same table. */
struct test_shape {
    uint64_t seed;
    uint32_t rows;
    uint32_t first_column, columns;
    uint32_t kinds;
    bool label, squared, positive, weight; /* squared: labels are numbers; positive: above 0 */
    double missing;
    const uint32_t *order; /* NULL: as numbered */
    uint32_t first_row;    /* rows first_row .. first_row+rows-1 of the endless table of this seed */
};

static inline bool test_is_category(const struct test_shape *shape, uint32_t column)
{
    return column < 32 && (shape->kinds >> column & 1);
}

/* The value of a cell depends on seed, row and column alone. */
static inline double test_cell(const struct test_shape *shape, uint32_t row, uint32_t column)
{
    uint64_t state = shape->seed * 1000003 + row * 1009 + column;
    double value = test_unit(&state);
    bool missing = test_unit(&state) < shape->missing;
    return missing ? (double)NAN : test_is_category(shape, column) ? floor(value * 7) : floor(value * 60) / 4;
}

static inline double test_label(const struct test_shape *shape, uint32_t row)
{
    uint64_t state = shape->seed * 7919 + row;
    double score = test_unit(&state) * 6 - 3;
    for (uint32_t column = 0; column < 6; column++) {
        double value = test_cell(shape, row, column);
        score += isnan(value)                      ? 0.7
                 : test_is_category(shape, column) ? ((int)value % 3 == 1 ? 1.5 : -0.5)
                                                   : (column % 2 ? -0.1 : 0.13) * (value - 7);
    }
    return shape->positive ? fabs(score) + 0.25 : shape->squared ? score : score > 0;
}

static inline int32_t test_table_add(fate_table *table, const struct test_shape *shape, const uint32_t *rows, uint32_t column)
{
    static const char *const categories[] = {"amber", "blue", "cyan", "dun", "ecru", "fawn", "gold"};
    double values[TEST_ROWS_LIMIT];
    uint32_t codes[TEST_ROWS_LIMIT];
    char name[16];
    snprintf(name, sizeof name, "x%u", (unsigned)column);
    for (uint32_t i = 0; i < shape->rows; i++) {
        values[i] = test_cell(shape, rows[i], column);
        codes[i] = isnan(values[i]) ? UINT32_MAX : (uint32_t)values[i];
    }
    return test_is_category(shape, column) ? fate_table_add_categories(table, name, codes, categories, 7)
                                           : fate_table_add_numbers(table, name, values);
}

/* FATE_OK or what failed; *table is NULL then. */
static inline int32_t test_table(fate_context *context, fate_table **table, const struct test_shape *shape)
{
    uint32_t rows[TEST_ROWS_LIMIT];
    uint64_t offsets[TEST_ROWS_LIMIT + 1];
    static uint8_t ids[TEST_ROWS_LIMIT * 8];
    double values[TEST_ROWS_LIMIT];
    for (uint32_t i = 0; i < shape->rows; i++) {
        rows[i] = shape->first_row + (shape->order == NULL ? i : shape->order[i]);
        snprintf((char *)ids + 6 * i, 8, "r%05u", (unsigned)rows[i]);
        offsets[i] = 6 * i;
        offsets[i + 1] = 6 * (i + 1);
    }
    int32_t result = fate_table_new(context, table, shape->rows);
    if (result == FATE_OK) result = fate_table_set_ids(*table, ids, offsets);
    for (uint32_t i = 0; i < shape->columns && result == FATE_OK; i++)
        result = test_table_add(*table, shape, rows, shape->first_column + i);
    for (uint32_t i = 0; i < shape->rows; i++) values[i] = test_label(shape, rows[i]);
    if (result == FATE_OK && shape->label) result = fate_table_set_label(*table, values);
    for (uint32_t i = 0; i < shape->rows; i++) values[i] = (rows[i] % 5) * 0.5;
    if (result == FATE_OK && shape->label && shape->weight) result = fate_table_set_weight(*table, values);
    if (result == FATE_OK) result = fate_table_finish(*table);
    if (result != FATE_OK) {
        fate_table_free(*table);
        *table = NULL;
    }
    return result;
}

static inline struct boosting_parameters test_parameters(void)
{
    return (struct boosting_parameters){.objective = OBJECTIVE_LOGISTIC,
                                        .outputs = 1,
                                        .round_trees = 1,
                                        .tree_outputs = 1,
                                        .trees = 4,
                                        .fold_trees = 4,
                                        .depth = 3,
                                        .learning_rate = 0.3,
                                        .bins = 16,
                                        .lambda = 1,
                                        .min_child_weight = 1,
                                        .subsample = 1,
                                        .colsample_bytree = 1,
                                        .colsample_bylevel = 1,
                                        .base_score = 0.5,
                                        .min_bin_rows = 3,
                                        .cipher = "paillier",
                                        .key_bits = 2048,
                                        .seed = 7,
                                        .min_samples = 1,
                                        .scale_pos_weight = 1,
                                        .huber_delta = 1,
                                        .quantile_alpha = 0.5,
                                        .tweedie_power = 1.5,
                                        .measure = MEASURE_LOG_LOSS};
}

/* Parties "guest", "host", "third" over consecutive columns of one shape. */
struct test_parties {
    struct pooled_party parties[3];
    uint32_t count;
};

static inline void test_parties_free(struct test_parties *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        fate_table *table = (fate_table *)(uintptr_t)set->parties[i].table;
        fate_table *validation = (fate_table *)(uintptr_t)set->parties[i].validation;
        fate_table_free(table);
        fate_table_free(validation);
    }
    set->count = 0;
}

/* cuts: how many columns each party has; guest: which one has the labels. validation: rows of the validation tables, 0 for none. */
static inline int32_t test_parties_make(fate_context *context, struct test_parties *set, struct test_shape shape, const uint32_t *cuts,
                                        uint32_t count, uint32_t guest, uint32_t validation)
{
    static const char *const names[] = {"guest", "host", "third"};
    memset(set, 0, sizeof *set);
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) {
        fate_table *table = NULL;
        fate_table *judge = NULL;
        shape.columns = cuts[i];
        shape.label = i == guest;
        result = test_table(context, &table, &shape);
        if (result == FATE_OK && validation > 0) {
            struct test_shape other = shape;
            other.first_row = 20000;
            other.rows = validation;
            other.order = NULL;
            result = test_table(context, &judge, &other);
        }
        set->parties[set->count++] = (struct pooled_party){names[i], i == guest, table, judge, NULL, NULL};
        shape.first_column += cuts[i];
    }
    if (result != FATE_OK) test_parties_free(set);
    return result;
}

#endif
