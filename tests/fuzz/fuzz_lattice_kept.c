/* Records of kept hints and what parties say of them: the first byte chooses the decoder; whatever is accepted is written as it was read. */
#include "src/models/boosting/lattice_kept.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static void check_record(struct buffer *out, const uint8_t *data, size_t size, bool guest)
{
    struct lattice_record record;
    if (!lattice_record_read(&record, guest, data, size)) return;
    require(size >= KEPT_RECORD && record.base <= record.used && record.guest == guest);
    lattice_record_write(out, &record);
    require(out->failed || (out->length == KEPT_RECORD && memcmp(out->bytes, data, KEPT_RECORD) == 0));
}

static void check_said(struct buffer *out, const uint8_t *data, size_t size)
{
    struct lattice_said said;
    if (!lattice_said_read(&said, data, size)) return;
    lattice_said_write(out, &said);
    require(out->failed || (out->length == size && memcmp(out->bytes, data, size) == 0));
}

static void check_choice(struct buffer *out, const uint8_t *data, size_t size)
{
    struct lattice_choice choice;
    if (!lattice_choice_read(&choice, data, size)) return;
    lattice_choice_write(out, &choice);
    require(out->failed || (out->length == size && memcmp(out->bytes, data, size) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context;
    struct buffer out;
    if (size == 0 || context_new(&context, NULL) != FATE_OK) return 0;
    buffer_init(&out, context);
    if (data[0] % 4 < 2) check_record(&out, data + 1, size - 1, data[0] % 4 == 0);
    if (data[0] % 4 == 2) check_said(&out, data + 1, size - 1);
    if (data[0] % 4 == 3) check_choice(&out, data + 1, size - 1);
    buffer_free(&out);
    fate_context_free(context);
    return 0;
}
