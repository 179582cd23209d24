/* A host sends which leaves of the earlier trees its conditions leave possible, block by block. */
#include "src/models/boosting/host.h"
#include "src/models/boosting/messages.h"
#include "src/models/boosting/protocol.h"

enum { BLOCK_BYTES = 262144 };

static int32_t send_block(fate_turn *turn, const struct host *host, const struct outcome_part *part, bool last)
{
    struct buffer bytes;
    uint64_t length = part->count * host->earlier.mask_bytes;
    buffer_init(&bytes, host->context);
    outcome_part_head(&bytes, part);
    int32_t result = buffer_reserve(&bytes, length) ? FATE_OK : context_out_of_memory(host->context);
    if (result == FATE_OK) {
        earlier_masks(&host->earlier, part->first, part->count, bytes.bytes + bytes.length);
        bytes.length += length;
        result = fate_turn_send(turn, MESSAGE_EARLIER, host->guest, bytes.bytes, bytes.length, last);
    }
    buffer_free(&bytes);
    return result;
}

int32_t host_earlier(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint64_t fitting = BLOCK_BYTES / host->earlier.mask_bytes, left = host->earlier.all_rows - host->position;
    uint64_t most = fitting > 0 ? fitting : 1;
    struct outcome_part part = {.first = host->position, .count = left < most ? left : most};
    bool last = part.count == left;
    int32_t result = send_block(turn, host, &part, last);
    host->position += part.count;
    if (result != FATE_OK || !last) {
        return result == FATE_OK ? FATE_AGAIN : result;
    }
    host->position = 0;
    host->tree = host->earlier.trees;
    earlier_close(&host->earlier);
    return fate_turn_checkpoint(turn);
}
