/* Rows of the data sets that many clients share in tests of quality, dealt evenly or skewed by label, and what a network is worth on held-out ones. */
#ifndef TESTS_SUPPORT_DEALT_ROWS_H
#define TESTS_SUPPORT_DEALT_ROWS_H

#include <fate/metrics.h>

#include "tests/support/network.h"

#include "src/models/horizontal/loss.h"
#include "src/models/horizontal/propagation.h"
#include "src/models/horizontal/training.h"

/* Of the test that runs. */
static fate_context *context;
static const char directory[] = "../shared/data/";

static inline struct examples empty(uint64_t rows, uint32_t columns)
{
    struct examples examples = {.rows = rows, .columns = columns};
    examples.inputs = calloc((size_t)(rows * columns) + 1, sizeof(float));
    examples.labels = calloc((size_t)rows + 1, sizeof(float));
    assert_true(examples.inputs != NULL && examples.labels != NULL);
    return examples;
}

static inline void release(struct examples *examples)
{
    free(examples->inputs);
    free(examples->labels);
}

static inline fate_table *read_table(const char *from, const char *file, bool label)
{
    char path[200];
    fate_schema *schema = NULL;
    fate_table *table = NULL;
    snprintf(path, sizeof path, "%s%s", from, file);
    assert_int_equal(fate_schema_new(context, &schema), FATE_OK);
    assert_int_equal(fate_schema_set_id(schema, "id"), FATE_OK);
    if (label) assert_int_equal(fate_schema_set_label(schema, "y", 1), FATE_OK);
    if (fate_table_read_csv(context, &table, path, schema) == FATE_E_FILE) table = NULL;
    fate_schema_free(schema);
    return table;
}

/* Adds a table's columns behind the first `done`. */
static inline void take_columns(struct examples *examples, const fate_table *table, uint32_t done)
{
    for (uint32_t column = 0; column < fate_table_columns(table); column++)
        for (uint64_t row = 0; row < examples->rows; row++)
            examples->inputs[row * examples->columns + done + column] = (float)fate_table_numbers(table, column)[row];
    for (uint64_t row = 0; row < examples->rows && fate_table_label(table) != NULL; row++)
        examples->labels[row] = (float)fate_table_label(table)[row];
}

/* One file, or two with the same ids; rows 0: not here. */
static inline struct examples read_rows(const char *from, const char *file, const char *second)
{
    struct examples none = {0};
    fate_table *table = read_table(from, file, true), *more = second == NULL ? NULL : read_table(from, second, false);
    if (table == NULL || (second != NULL && more == NULL)) return none;
    uint32_t own = fate_table_columns(table);
    struct examples examples = empty(fate_table_rows(table), own + (more == NULL ? 0 : fate_table_columns(more)));
    take_columns(&examples, table, 0);
    if (more != NULL) take_columns(&examples, more, own);
    fate_table_free(table);
    fate_table_free(more);
    return examples;
}

static inline void copy_row(struct examples *to, uint64_t at, const struct examples *from, uint64_t row)
{
    memcpy(to->inputs + at * to->columns, from->inputs + row * from->columns, from->columns * sizeof(float));
    to->labels[at] = from->labels[row];
}

struct place {
    double key;
    uint32_t row;
};

static inline int by_key(const void *a, const void *b)
{
    double left = ((const struct place *)a)->key, right = ((const struct place *)b)->key;
    return (left > right) - (left < right);
}

/* Deals rows in an order: by chance, or by label plus chance times `mixed`, so that each client has its own mixture. */
static inline void deal(struct examples *clients, uint32_t count, const struct examples *all, bool skewed, double mixed)
{
    struct place *places = calloc((size_t)all->rows, sizeof *places);
    uint64_t seed = 77;
    assert_non_null(places);
    for (uint32_t i = 0; i < all->rows; i++)
        places[i] = (struct place){(skewed ? (double)all->labels[i] : 0) + mixed * (double)test_draw(&seed), i};
    qsort(places, (size_t)all->rows, sizeof *places, by_key);
    for (uint32_t client = 0; client < count; client++) {
        uint64_t begin = all->rows * client / count, end = all->rows * (client + 1) / count;
        clients[client] = empty(end - begin, all->columns);
        for (uint64_t i = begin; i < end; i++) copy_row(&clients[client], i - begin, all, places[i].row);
    }
    free(places);
}

/* Every fifth row, by chance, is for tests. */
static inline void split(struct examples *train, struct examples *test, const struct examples *all)
{
    uint64_t seed = 5, rows[2] = {0, 0};
    *train = empty(all->rows, all->columns);
    *test = empty(all->rows, all->columns);
    for (uint64_t i = 0; i < all->rows; i++) {
        bool is_test = test_draw(&seed) > 0.6f;
        copy_row(is_test ? test : train, rows[is_test]++, all, i);
    }
    train->rows = rows[0];
    test->rows = rows[1];
}

static inline double auc(const struct network *network, const float *weights, const struct examples *test)
{
    struct propagation propagation;
    fate_metrics *metrics = NULL;
    double *scores = calloc((size_t)test->rows, sizeof *scores), *labels = calloc((size_t)test->rows, sizeof *labels), value = 0;
    assert_int_equal(propagation_init(&propagation, context, network, (uint32_t)test->rows), FATE_OK);
    propagation_forward(&propagation, weights, test->inputs, (uint32_t)test->rows, NULL, 0);
    for (uint64_t i = 0; i < test->rows; i++) {
        loss_scores(network, propagation.margins + i, scores + i);
        labels[i] = (double)test->labels[i];
    }
    assert_int_equal(fate_metrics_new(context, &metrics, "binary", scores, labels, NULL, test->rows), FATE_OK);
    assert_int_equal(fate_metrics_value(metrics, "auc", &value), FATE_OK);
    fate_metrics_free(metrics);
    propagation_free(&propagation);
    free(scores);
    free(labels);
    return value;
}

/* Both homogeneous parts; rows 0: not here. */
static inline struct examples read_breast(struct examples *test)
{
    struct examples guest = read_rows(directory, "breast_homo_guest.csv", NULL), host = read_rows(directory, "breast_homo_host.csv", NULL);
    *test = read_rows(directory, "breast_homo_test.csv", NULL);
    if (guest.rows == 0 || host.rows == 0 || test->rows == 0) return (struct examples){0};
    struct examples rows = empty(guest.rows + host.rows, guest.columns);
    for (uint64_t i = 0; i < guest.rows; i++) copy_row(&rows, i, &guest, i);
    for (uint64_t i = 0; i < host.rows; i++) copy_row(&rows, guest.rows + i, &host, i);
    release(&guest);
    release(&host);
    return rows;
}

#endif
