/* The host counts the rows of each bin of a level and sends the counts; from them follow each column's fullest bins, and which columns are
 * added up together. */
#include "src/models/boosting/host.h"
#include "src/models/boosting/messages.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

enum { PIECE_COUNTS = 1 << 20 };

void host_free_level(struct host *host)
{
    memory_free(host->context, host->places);
    memory_free(host->context, host->groups);
    memory_free(host->context, host->drawn);
    memory_free(host->context, host->level_columns);
    memory_free(host->context, host->fullest);
    buffer_free(&host->counts);
    fate_ciphertexts_free(host->cells);
    fate_ciphertexts_free(host->sums);
    host->places = NULL;
    host->groups = NULL;
    host->group_count = host->batch_first = host->batch_end = 0;
    host->slot_first = host->slot_end = 0;
    host->drawn = host->fullest = NULL;
    host->level_columns = NULL;
    host->cells = host->sums = NULL;
}

/* Lists the columns of the level by their numbers, and counts the cells that will be sent. */
static void list_columns(struct host *host)
{
    host->drawn_count = 0;
    host->cells_total = 0;
    for (uint32_t number = 0; number < host->columns.count && host->growth.summed_count > 0; number++) {
        if (host->sampled[host->real[number]] != 0) {
            host->drawn[host->drawn_count] = number;
            host->level_columns[host->drawn_count++].bins = host->bins[number];
            host->cells_total += (uint64_t)host->growth.summed_count * (host->bins[number] - 1);
        }
    }
}

/* Lists the rows of the level's summed nodes. */
static void list_places(struct host *host)
{
    const struct growth *growth = &host->growth;
    host->place_count = 0;
    for (uint64_t place = 0; place < growth->sample_count; place++) {
        if (growth->slot[growth->sample[place]] != GROWTH_NO_SLOT) {
            host->places[host->place_count++] = (uint32_t)place;
        }
    }
}

int32_t host_begin_level(fate_turn *turn, struct host *host)
{
    host_free_level(host);
    host->position = host->batch_rows = host->column_cells = host->cells_first = host->cells_count = 0;
    host->group_column = 0;
    int32_t result = columns_draw(host->context, host->sampled, &host->parameters, host->tree, host->growth.level, fate_turn_party(turn),
                                  host->columns.count);
    if (result == FATE_OK) {
        result = fate_turn_progress(turn, host->tree + 1, host->parameters.trees, host->growth.level + 1, host->parameters.depth,
                                    host->rows_done);
    }
    if (result != FATE_OK || host->lattice != NULL) {
        return result;
    }
    uint32_t count = host->columns.count;
    host->drawn = memory_zeroed(host->context, count, sizeof *host->drawn);
    host->level_columns = memory_zeroed(host->context, count, sizeof *host->level_columns);
    host->fullest = memory_zeroed(host->context, (uint64_t)count * host->growth.summed_count, sizeof *host->fullest);
    host->groups = memory_zeroed(host->context, count, sizeof *host->groups);
    host->places = memory_allocate(host->context, host->growth.sample_count, sizeof *host->places);
    if (host->places == NULL || host->drawn == NULL || host->level_columns == NULL || host->fullest == NULL || host->groups == NULL) {
        return context_out_of_memory(host->context);
    }
    list_columns(host);
    list_places(host);
    buffer_init(&host->counts, host->context);
    count_message_head(&host->counts, host->tree, host->growth.level);
    return FATE_OK;
}

/* Counts one column's rows, notes its fullest bins, and appends the counts to the message. */
static int32_t count_column(struct host *host, uint32_t place)
{
    const struct growth *growth = &host->growth;
    const uint16_t *data = host->columns.data[host->real[host->drawn[place]]];
    uint32_t bins = host->level_columns[place].bins;
    uint32_t *counts = memory_zeroed(host->context, (uint64_t)growth->summed_count * bins, sizeof *counts);
    if (counts == NULL) {
        return context_out_of_memory(host->context);
    }
    for (uint64_t i = 0; i < host->place_count; i++) {
        uint32_t row = growth->sample[host->places[i]];
        counts[growth->slot[row] * bins + data[row]]++;
    }
    for (uint32_t slot = 0; slot < growth->summed_count; slot++) {
        uint32_t fullest = joint_bins_fullest(counts + slot * bins, bins);
        host->fullest[(uint64_t)place * growth->summed_count + slot] = fullest;
        host->level_columns[place].fullest += counts[slot * bins + fullest];
    }
    count_message_column(&host->counts, host->drawn[place], counts, growth->summed_count * bins);
    memory_free(host->context, counts);
    return host->counts.failed ? context_out_of_memory(host->context) : FATE_OK;
}

/* The root's first batch takes the gradients as they come: as many groups as have room in half as much memory as the gradients, and some. */
static int32_t plan_groups(struct host *host)
{
    enum { CELLS_ALWAYS = 16384 };
    const struct growth *growth = &host->growth;
    struct joint_group *groups = memory_zeroed(host->context, host->drawn_count, sizeof *groups);
    uint64_t room = growth->sample_count * host->packing.row_ciphertexts / 2 + CELLS_ALWAYS;
    if (groups == NULL) {
        return context_out_of_memory(host->context);
    }
    int32_t result = joint_bins_plan(host->context, groups, &host->group_count, host->level_columns, host->drawn_count, host->place_count,
                                     growth->summed_count);
    for (uint32_t i = 0; i < host->group_count && result == FATE_OK; i++) {
        host->groups[i].joint = groups[i];
    }
    memory_free(host->context, groups);
    return result == FATE_OK && growth->level == 0 && host->group_count > 0 ? host_begin_batch(host, room) : result;
}

int32_t host_count(fate_turn *turn, void *state)
{
    struct host *host = state;
    for (uint64_t done = 0; done < PIECE_COUNTS && host->position < host->drawn_count; done += host->place_count) {
        int32_t result = count_column(host, (uint32_t)host->position++);
        if (result != FATE_OK) {
            return result;
        }
    }
    if (host->position < host->drawn_count) {
        return FATE_AGAIN;
    }
    host->position = 0;
    int32_t result = plan_groups(host);
    if (result == FATE_OK) {
        result = peer_send(turn, MESSAGE_COUNTS, host->guest, &host->counts);
    }
    buffer_free(&host->counts);
    return result == FATE_OK && host->growth.level > 0 ? fate_turn_go_to(turn, HOST_SUM) : result;
}
