/* The decoders of the lattice cipher: parts of hints, vectors and replies, and what is done with their bodies. The first byte chooses, and the
 * profile. */
#include <stdlib.h>
#include <string.h>

#include "src/crypto/lattice_sum.h"
#include "src/crypto/lattice_vector.h"
#include "src/crypto/lattice_wire.h"
#include "tests/support/lattice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct lattice_shape shape = {5, 2, 4, 10, 20};

static void take_hint(fate_context *context, const struct lattice_plan *plan, const struct lattice_head *head, const uint8_t *body)
{
    struct lattice_hint hint = {0, NULL};
    if (lattice_hint_new(context, &hint, plan) != FATE_OK) return;
    (void)lattice_hint_take(context, &hint, plan, head->first, head->count, body);
    lattice_hint_free(context, &hint);
}

/* Whole vectors alone are added up. */
static void take_vector(fate_context *context, const struct lattice_plan *plan, const struct lattice_head *head, const uint8_t *body)
{
    const struct lattice_blinding blinding = {.bins = 4, .degree = 64, .seed = {1}};
    struct lattice_rows rows;
    if (head->count != lattice_items(plan, LATTICE_VECTOR) || lattice_rows_new(context, &rows, plan, 1) != FATE_OK) return;
    const struct lattice_sent sent = {head->number, head->attempt, body};
    (void)lattice_rows_take(context, &rows, &blinding, &sent);
    lattice_rows_free(context, &rows);
}

static void open_replies(fate_context *context, const struct lattice_plan *plan, const struct lattice_head *head, const uint8_t *body)
{
    struct lattice_word pads[4];
    int64_t sums[4];
    memset(pads, 0, sizeof pads);
    if (lattice_open(context, plan, pads, body, head->count, sums) != FATE_OK) return;
    for (uint32_t i = 0; i < head->count; i++)
        if (sums[i] <= -((int64_t)1 << shape.bits) || sums[i] >= (int64_t)1 << shape.bits) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum lattice_kind kinds[] = {LATTICE_HINT, LATTICE_VECTOR, LATTICE_REPLY};
    fate_context *context;
    struct lattice_plan plan;
    struct lattice_head head;
    const uint8_t *body;
    if (size == 0 || context_new(&context, NULL) != FATE_OK) return 0;
    const enum lattice_kind kind = kinds[data[0] % 3];
    if (lattice_plan_make(context, &plan, lattice_small_of(data[0] / 3 % 2 == 0 ? "B" : "A"), &shape) == FATE_OK &&
        lattice_head_read(context, &plan, kind, &head, data + 1, size - 1, &body) == FATE_OK) {
        if (kind == LATTICE_HINT) take_hint(context, &plan, &head, body);
        if (kind == LATTICE_VECTOR) take_vector(context, &plan, &head, body);
        if (kind == LATTICE_REPLY) open_replies(context, &plan, &head, body);
    }
    fate_context_free(context);
    return 0;
}
