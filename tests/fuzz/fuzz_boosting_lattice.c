/* Messages of boosting with the lattice cipher: the first byte chooses the decoder; whatever is accepted keeps what the decoder promises. */
#include "src/models/boosting/lattice_messages.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct message_level level = {.tree = 1, .level = 2, .first = 3, .end = 7, .column_count = 11};

static void require(bool holds)
{
    if (!holds) abort();
}

static void check_vectors(const uint8_t *data, size_t size)
{
    struct vectors_head head;
    if (!vectors_head_read(&head, data, size, &level, 2, 4, 100)) return;
    require(head.tree == 1 && head.level == 2 && head.nodes <= 4 && (head.node_vectors == 4 || head.node_vectors == 5));
    require(head.first + (uint64_t)head.nodes * head.node_vectors <= 100);
}

static void check_replies(const uint8_t *data, size_t size)
{
    struct replies_head head;
    if (!replies_head_read(&head, data, size, &level)) return;
    require(head.tree == 1 && head.level == 2 && size == 10 && head.columns[1] < 8);
}

static void check_rows(fate_context *context, const uint8_t *data, size_t size)
{
    enum { ROWS = 45 };
    struct node_rows rows;
    uint64_t count, seen = 0;
    bool named[ROWS] = {false};
    int32_t result = node_rows_read(context, &rows, data, size, &level, ROWS);
    for (uint32_t i = 0; result == FATE_OK && i < rows.count; i++) {
        require(rows.nodes[i] >= 3 && rows.nodes[i] < 7 && (i == 0 || rows.nodes[i] > rows.nodes[i - 1]));
        const uint32_t *own = node_rows_of(&rows, rows.nodes[i], &count);
        for (uint64_t k = 0; k < count; k++, seen++) {
            require(own[k] < ROWS && !named[own[k]] && (k == 0 || own[k] > own[k - 1]));
            named[own[k]] = true;
        }
    }
    require(result != FATE_OK || rows.count == 0 || rows.first[rows.count] == seen);
    node_rows_free(&rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context;
    if (size == 0 || context_new(&context, NULL) != FATE_OK) return 0;
    if (data[0] % 3 == 0) check_vectors(data + 1, size - 1);
    if (data[0] % 3 == 1) check_replies(data + 1, size - 1);
    if (data[0] % 3 == 2) check_rows(context, data + 1, size - 1);
    fate_context_free(context);
    return 0;
}
