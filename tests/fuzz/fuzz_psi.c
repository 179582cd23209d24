/* Messages of private set intersection and alignments: the first byte chooses the decoder; whatever is accepted keeps what the decoder promises. */
#include "src/models/psi/alignment.h"
#include "src/models/psi/messages.h"
#include "src/models/psi/stored.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static void check_messages(uint8_t which, const uint8_t *data, size_t size)
{
    struct psi_result counts;
    struct psi_part part;
    uint64_t number;
    static const uint32_t sizes[] = {4, 8, 16, 32};
    if (which == 0 && psi_number_read(data, size, &number)) require(number <= table_most_rows && size == PSI_NUMBER);
    if (which == 1 && psi_result_read(data, size, &counts)) require(counts.pairs <= counts.rows && counts.rows <= table_most_rows);
    for (int i = 0; which == 2 && i < 4; i++)
        if (psi_part_read(&part, data, size, 3, 1000, sizes[i])) {
            require(part.first == 3 && part.count <= 997 && size == PSI_PART_HEAD + part.count * sizes[i]);
            if (psi_part_ascends(&part, sizes[i], NULL) && part.count > 1) require(memcmp(part.items, part.items + sizes[i], sizes[i]) < 0);
        }
}

static void check_alignment(fate_context *context, const uint8_t *data, size_t size)
{
    struct alignment alignment;
    struct buffer again;
    if (alignment_read(&alignment, context, data, size) == FATE_OK) {
        buffer_init(&again, context);
        alignment_write(&alignment, &again);
        require(again.length == size && memcmp(again.bytes, data, size) == 0);
        buffer_free(&again);
    }
    alignment_free(&alignment);
}

/* Whatever is accepted of a stored set is written as it was read. */
static void check_stored(fate_context *context, uint8_t which, const uint8_t *data, size_t size)
{
    struct stored_owned owned;
    struct stored_held held;
    struct stored_said said;
    struct stored_offer offer;
    struct buffer again;
    bool read = false;
    buffer_init(&again, context);
    if (which == 4 && (read = stored_owned_read(&owned, data, size))) stored_owned_write(&owned, &again);
    if (which == 5 && (read = stored_held_read(&held, data, size))) stored_held_write(&held, &again);
    if (which == 6 && (read = stored_said_read(&said, data, size))) stored_said_write(&said, &again);
    if (which == 7 && (read = stored_offer_read(&offer, data, size))) stored_offer_write(&offer, &again);
    if (read) require(again.length == size && memcmp(again.bytes, data, size) == 0);
    buffer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context;
    if (size == 0 || context_new(&context, NULL) != FATE_OK) return 0;
    uint8_t which = data[0] % 8;
    check_messages(which, data + 1, size - 1);
    if (which == 3) check_alignment(context, data + 1, size - 1);
    check_stored(context, which, data + 1, size - 1);
    fate_context_free(context);
    return 0;
}
