/* What a party reads back of ids that it has spilled: the plan, the lists of runs in its state, and the runs themselves. The first byte chooses. */
#include "src/models/psi/spill.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static void check_plan(fate_context *context, const uint8_t *data, size_t size)
{
    struct spill_plan plan;
    struct buffer again;
    if (!spill_plan_read(&plan, data, size)) return;
    require(plan.peers >= 1 && plan.peers <= PSI_HOSTS_MOST);
    buffer_init(&again, context);
    spill_plan_write(&plan, &again);
    require(again.length == size && memcmp(again.bytes, data, size) == 0);
    buffer_free(&again);
    for (uint32_t set = 0; set < spill_plan_sets(&plan); set++) {
        struct buckets buckets;
        if (spill_plan_set(&plan, set, &buckets, context, "fuzz") == FATE_OK)
            require(buckets.count >= 1 && buckets.count <= BUCKETS_MOST && buckets.most_runs <= BUCKETS_MOST + 1);
        buckets_free(&buckets);
    }
}

static void check_runs(fate_context *context, uint8_t shape, const uint8_t *data, size_t size)
{
    static const uint32_t sizes[] = {SPILL_OWN, SPILL_TAG, SPILL_MATCH, 12};
    struct buckets buckets;
    struct buffer again;
    struct reader in;
    reader_init(&in, data, size);
    if (buckets_init(&buckets, context, "fuzz", sizes[shape % 4], 1000 * (uint64_t)(shape / 4), 100) == FATE_OK &&
        buckets_read(&buckets, &in) == FATE_OK) {
        uint64_t stored = 0;
        for (uint32_t which = 0; which < buckets.count; which++) stored += buckets_items(&buckets, which);
        require(stored + buckets.filled <= 100);
        buffer_init(&again, context);
        buckets_write(&buckets, &again);
        require(again.length == size - reader_left(&in) && memcmp(again.bytes, data, again.length) == 0);
        buffer_free(&again);
    }
    buckets_free(&buckets);
}

/* A digest that is asked for fits its own bytes alone. */
static void check_piece(const uint8_t *data, size_t size)
{
    struct buckets_piece piece;
    if (size < 4 + BUCKETS_DIGEST) return;
    piece.count = bytes_load_u32(data);
    memcpy(piece.digest, data + 4, BUCKETS_DIGEST);
    uint64_t length = size - 4 - BUCKETS_DIGEST;
    if (buckets_piece_is(&piece, SPILL_TAG, data + 4 + BUCKETS_DIGEST, length)) require(length == (uint64_t)piece.count * SPILL_TAG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context;
    if (size < 2 || context_new(&context, NULL) != FATE_OK) return 0;
    if (data[0] % 3 == 0) check_plan(context, data + 1, size - 1);
    if (data[0] % 3 == 1) check_runs(context, data[1], data + 2, size - 2);
    if (data[0] % 3 == 2) check_piece(data + 1, size - 1);
    fate_context_free(context);
    return 0;
}
