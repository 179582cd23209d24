/* Rows as a network takes them: a matrix of floats, labels, weights; made from a table. */
#ifndef SRC_MODELS_HORIZONTAL_EXAMPLES_H
#define SRC_MODELS_HORIZONTAL_EXAMPLES_H

#include <fate/table.h>

#include "src/models/horizontal/network.h"

struct examples {
    fate_context *context;
    uint64_t rows;
    uint32_t columns;
    float *inputs;  /* rows * columns, row after row */
    float *labels;  /* rows of them; NULL: none */
    float *weights; /* rows of them; NULL: all are 1 */
};

/* How columns become inputs: (value - mean) * factor; a missing value becomes 0, which is the mean. */
struct examples_column {
    const char *name;
    double mean;
    double factor;
};

/* Takes the columns by name. labels false: the table's label and weight are left out. FATE_E_TABLE names a column that is missing, of categories, has a
 * value too large for a float, or a label that does not fit the loss; FATE_E_MEMORY. examples is empty after an error. */
int32_t examples_make(fate_context *context, struct examples *examples, const fate_table *table, const struct examples_column *columns,
                      uint32_t count, const struct network *network, bool labels);
void examples_free(struct examples *examples);

#endif
