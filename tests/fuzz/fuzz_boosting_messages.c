/* The messages of vertical boosting: the first byte chooses the decoder; whatever is accepted keeps what the decoder promises. */
#include "src/models/boosting/messages.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static const uint32_t bins[] = {1, 2, 9, 32};
static const struct message_level level = {.tree = 1, .level = 2, .first = 3, .end = 7, .bins = bins, .column_count = 4};

static void check_columns(fate_context *context, const uint8_t *data, size_t size)
{
    message_columns *message;
    if (message_decode_columns(context, &message, data, size, 32) != FATE_OK) return;
    require(message->id_digest.len == MESSAGE_DIGEST && message->n_columns <= MESSAGE_COLUMNS_MOST);
    for (size_t i = 0; i < message->n_columns; i++) {
        const message_column *column = message->columns[i];
        require(column->bins >= 1 && column->bins <= 32 && column->value_bins <= column->bins);
    }
    message_free(context, &message->base);
}

static void check_round(fate_context *context, const uint8_t *data, size_t size)
{
    message_round *message;
    if (message_decode_round(context, &message, data, size, 5) != FATE_OK) return;
    require(message->tree <= 5);
    message_free(context, &message->base);
}

static void check_splits(fate_context *context, const uint8_t *data, size_t size)
{
    message_splits *message;
    if (message_decode_splits(context, &message, data, size, &level) != FATE_OK) return;
    for (size_t i = 0; i < message->n_nodes; i++) {
        require(message->nodes[i]->node >= 3 && message->nodes[i]->node < 7 && message->nodes[i]->n_tied > 0);
        for (size_t k = 0; k < message->nodes[i]->n_tied; k++) {
            const message_candidate *candidate = message->nodes[i]->tied[k];
            require(candidate->column < 4 && message_has_bits(&candidate->left, bins[candidate->column]));
        }
    }
    message_free(context, &message->base);
}

static void check_others(fate_context *context, uint8_t which, const uint8_t *data, size_t size)
{
    message_setup *setup;
    message_partition *partition;
    message_children *children;
    message_rows *rows;
    if (which == 3 && message_decode_setup(context, &setup, data, size) == FATE_OK) {
        require(setup->public_key.len <= MESSAGE_KEY_MOST);
        message_free(context, &setup->base);
    }
    if (which == 4 && message_decode_partition(context, &partition, data, size, &level) == FATE_OK) {
        require(partition->tree == 1 && partition->level == 2);
        message_free(context, &partition->base);
    }
    if (which == 5 && message_decode_children(context, &children, data, size, &level) == FATE_OK) {
        require(message_has_bits(&children->split, 4));
        message_free(context, &children->base);
    }
    if (which == 6 && message_decode_rows(context, &rows, data, size) == FATE_OK) {
        require(rows->id_digest.len == MESSAGE_DIGEST);
        message_free(context, &rows->base);
    }
}

static void check_parts(uint8_t which, const uint8_t *data, size_t size)
{
    struct gradient_part gradients;
    struct histogram_part histogram;
    struct outcome_part outcomes;
    if (which == 7 && gradient_part_read(&gradients, data, size, 2, 100, 8)) {
        require(gradients.first == 2 && gradients.count > 0 && gradients.count <= 98 && size == GRADIENT_PART_HEAD + 8 * gradients.count);
    }
    if (which == 8 && histogram_part_read(&histogram, data, size)) {
        require(histogram.cells > 0 && size == HISTOGRAM_PART_HEAD + histogram.ciphertext_length);
    }
    if (which == 9 && outcome_part_read(&outcomes, data, size, 2, 100, 3)) {
        require(outcomes.count <= 98 && size == OUTCOME_PART_HEAD + 3 * outcomes.count);
    }
}

static void check_counts(const uint8_t *data, size_t size)
{
    struct reader reader;
    struct count_column column = {0};
    uint64_t length = 8;
    if (!count_message_open(&reader, data, size, &level)) return;
    for (uint32_t least = 0; count_message_next(&reader, &column, least, 2, &level); least = column.column + 1) {
        length += 4 + 4 * (uint64_t)column.cells;
        require(column.column >= least && column.column < 4 && column.cells == 2 * bins[column.column] && length <= size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context;
    if (size == 0 || context_new(&context, NULL) != FATE_OK) return 0;
    uint8_t which = data[0] % 11;
    data++;
    size--;
    if (which == 0) check_columns(context, data, size);
    if (which == 1) check_round(context, data, size);
    if (which == 2) check_splits(context, data, size);
    check_others(context, which, data, size);
    check_parts(which, data, size);
    if (which == 10) check_counts(data, size);
    fate_context_free(context);
    return 0;
}
