/* The host adds ciphertexts into bins, packs, re-randomises and sends the sums. */
#include <sodium.h>
#include "lib/random.h"
#include "lib/threads.h"
#include "src/models/boosting/host.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

enum { PIECE_ROWS = 16384, PIECE_ADDITIONS = 32768, PIECE_LISTED = 8192, BATCH_CELLS = 32768, PART_CIPHERTEXTS = 32, SEED_LEVELS = 64 };

/* What one call adds: the value rows[i] to the sum index[i]. What is added of one row or cell is packing.row_ciphertexts such additions. */
struct additions {
    uint32_t *rows, *index;
    uint64_t count, capacity;
};

static int32_t additions_make(const struct host *host, struct additions *additions, uint64_t capacity)
{
    *additions = (struct additions){.capacity = capacity};
    additions->rows = memory_allocate(host->context, capacity, sizeof *additions->rows);
    additions->index = memory_allocate(host->context, capacity, sizeof *additions->index);
    return additions->rows == NULL || additions->index == NULL ? context_out_of_memory(host->context) : FATE_OK;
}

static void additions_free(const struct host *host, struct additions *additions)
{
    memory_free(host->context, additions->rows);
    memory_free(host->context, additions->index);
}

/* Lists what is added of the row or cell `row` to the cell `cell`; UINT64_MAX: nothing. */
static void additions_put(struct additions *additions, uint32_t ciphertexts, uint64_t row, uint64_t cell)
{
    for (uint32_t part = 0; part < ciphertexts; part++) {
        additions->rows[additions->count] = (uint32_t)(row * ciphertexts + part);
        additions->index[additions->count++] = cell == UINT64_MAX ? UINT32_MAX : (uint32_t)(cell * ciphertexts + part);
    }
}

/* Where a row's bins are, for one group. */
struct view {
    uint32_t count;
    uint32_t slot_first, slot_end; /* of the batch */
    uint32_t bins[JOINT_MOST];
    const uint16_t *data[JOINT_MOST];
    const uint32_t *fullest[JOINT_MOST]; /* by summed node */
};

static struct view view_of(const struct host *host, const struct joint_group *joint)
{
    struct view view = {.count = joint->count, .slot_first = host->slot_first, .slot_end = host->slot_end};
    for (uint32_t i = 0; i < joint->count; i++) {
        uint32_t place = joint->first + i;
        view.bins[i] = host->level_columns[place].bins;
        view.data[i] = host->columns.data[host->real[host->drawn[place]]];
        view.fullest[i] = host->fullest + (uint64_t)place * host->growth.summed_count;
    }
    return view;
}

/* The joint cell of a row, from the batch's first; UINT64_MAX when it is in the fullest bins of all columns, whose sums nobody needs, or of another
 * batch. */
static uint64_t joint_cell(const struct view *view, uint32_t row, uint32_t slot)
{
    uint64_t cell = slot - view->slot_first;
    bool needed = false;
    if (slot < view->slot_first || slot >= view->slot_end) {
        return UINT64_MAX;
    }
    for (uint32_t i = 0; i < view->count; i++) {
        uint32_t bin = view->data[i][row];
        needed = needed || bin != view->fullest[i][slot];
        cell = cell * view->bins[i] + bin;
    }
    return needed ? cell : UINT64_MAX;
}

/* One group, of a single column only some nodes: joint cells are fewer than rows, a column's need not be. Returns the cells. */
static uint64_t begin_part_of_group(struct host *host, uint64_t room)
{
    struct host_group *group = &host->groups[host->batch_first];
    uint64_t left = host->growth.summed_count - host->slot_first, slots = group->joint.count > 1 ? left : room / group->joint.cells;
    slots = slots == 0 ? 1 : slots < left ? slots : left;
    host->slot_end = host->slot_first + (uint32_t)slots;
    host->batch_end = host->batch_first + 1;
    group->first_cell = 0;
    return group->joint.cells * (host->slot_end - host->slot_first);
}

int32_t host_begin_batch(struct host *host, uint64_t room)
{
    uint32_t nodes = host->growth.summed_count;
    uint64_t cells = 0, ciphertexts = host->packing.row_ciphertexts, most = UINT32_MAX / ciphertexts;
    room = room / ciphertexts < most ? room / ciphertexts : most;
    bool goes_on = host->slot_end > 0 && host->slot_end < nodes; /* with the group of the batch before */
    host->slot_first = goes_on ? host->slot_end : 0;
    host->slot_end = nodes;
    host->batch_first = goes_on ? host->batch_end - 1 : host->batch_end;
    host->batch_end = host->batch_first;
    while (!goes_on && host->batch_end < host->group_count && cells + host->groups[host->batch_end].joint.cells * nodes <= room) {
        struct host_group *group = &host->groups[host->batch_end++];
        group->first_cell = cells;
        cells += group->joint.cells * nodes;
    }
    if (host->batch_end == host->batch_first && host->batch_end < host->group_count) {
        cells = begin_part_of_group(host, room);
    }
    host->position = host->batch_first;
    host->batch_rows = 0;
    host->batch_added = false;
    if (cells > most) {
        return context_fail(host->context, FATE_E_LIMIT, "columns have more bins than ciphertexts can be numbered");
    }
    return fate_ciphertexts_new(host->key, &host->sums, cells * ciphertexts);
}

/* The additions of some rows to some groups: block after block, one a group. */
struct listing {
    const struct host *host;
    const struct host_group *groups;
    uint64_t first, count; /* of the level's places */
    uint32_t *rows, *index;
};

static int32_t list_rows(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct listing *listing = argument;
    const struct growth *growth = &listing->host->growth;
    const uint32_t *places = listing->host->places + listing->first;
    (void)worker;
    for (uint64_t number = first; number < end; number++) {
        const struct host_group *group = &listing->groups[number];
        struct view view = view_of(listing->host, &group->joint);
        uint32_t ciphertexts = listing->host->packing.row_ciphertexts;
        uint64_t before = number * listing->count * ciphertexts;
        struct additions block = {.rows = listing->rows + before, .index = listing->index + before};
        for (uint64_t i = 0; i < listing->count; i++) {
            uint32_t row = growth->sample[places[i]];
            uint64_t cell = joint_cell(&view, row, growth->slot[row]);
            additions_put(&block, ciphertexts, places[i], cell == UINT64_MAX ? cell : group->first_cell + cell);
        }
    }
    return FATE_OK;
}

/* Adds rows of summed nodes, first .. first+count, to the batch's next groups, so many that the call is a large one. */
static int32_t add_rows(struct host *host, uint64_t first, uint64_t count)
{
    struct additions additions;
    uint64_t one = count * host->packing.row_ciphertexts; /* a group's */
    uint64_t groups = one >= PIECE_ADDITIONS ? 1 : PIECE_ADDITIONS / one, left = host->batch_end - host->position;
    groups = groups < left ? groups : left;
    int32_t result = additions_make(host, &additions, groups * one);
    if (result == FATE_OK) {
        struct listing listing = {.host = host,
                                  .groups = &host->groups[host->position],
                                  .first = first,
                                  .count = count,
                                  .rows = additions.rows,
                                  .index = additions.index};
        result = threads_run(host->context, groups, 1 + PIECE_LISTED / one, list_rows, &listing);
    }
    if (result == FATE_OK) {
        result = fate_ciphertexts_gather_add_rows(host->sums, host->gradients, additions.rows, additions.index, groups * one);
    }
    host->position += groups;
    additions_free(host, &additions);
    return result;
}

static int32_t open_gradients(fate_turn *turn, struct host *host, const struct gradient_part *part)
{
    uint64_t ciphertexts = host->packing.row_ciphertexts, count = part->count * ciphertexts;
    host->part_open = true;
    host->position = host->batch_first;
    return peer_checked(turn, host->guest,
                        fate_ciphertexts_read(host->gradients, part->first * ciphertexts, count, part->ciphertexts,
                                              count * fate_public_key_ciphertext_bytes(host->key)));
}

int32_t host_add(fate_turn *turn, void *state)
{
    struct host *host = state;
    const uint8_t *bytes;
    uint64_t length;
    struct gradient_part part;
    int32_t result = fate_turn_received(turn, host->guest, &bytes, &length);
    if (result != FATE_OK) {
        return result;
    }
    if (!gradient_part_read(&part, bytes, length, host->gradient_rows, host->growth.sample_count,
                            (uint64_t)host->packing.row_ciphertexts * fate_public_key_ciphertext_bytes(host->key))) {
        return peer_violation(turn, host->guest, "encrypted gradients that do not follow or have a wrong length");
    }
    if (!host->part_open) {
        result = open_gradients(turn, host, &part);
    }
    if (result == FATE_OK) {
        result = host->position < host->batch_end ? add_rows(host, part.first, part.count) : FATE_OK;
    }
    if (result != FATE_OK) {
        return result;
    }
    if (host->position < host->batch_end) {
        return FATE_AGAIN;
    }
    host->part_open = false;
    host->position = host->batch_first;
    host->gradient_rows += part.count;
    if (fate_turn_last(turn) != 0 && host->gradient_rows != host->growth.sample_count) {
        return peer_violation(turn, host->guest, "encrypted gradients of too few rows");
    }
    host->batch_added = fate_turn_last(turn) != 0;
    return FATE_OK;
}

/* Fresh obfuscators: the guest knows every ciphertext that it made, and could test guesses of which were summed. */
static int32_t rerandomise(fate_turn *turn, const struct host *host, fate_ciphertexts *packed)
{
    uint8_t seed[32];
    int32_t result = fate_turn_seed(turn, "histograms", (uint64_t)host->tree * SEED_LEVELS + host->growth.level, seed);
    if (result == FATE_OK) {
        random_derive(seed, seed, "part", host->cells_first);
        result = fate_ciphertexts_rerandomise(packed, seed);
    }
    sodium_memzero(seed, sizeof seed);
    return result;
}

static int32_t write_sums(fate_turn *turn, const struct host *host, struct buffer *bytes)
{
    fate_ciphertexts *packed = NULL;
    int32_t result = fate_ciphertexts_pack(host->cells, &packed, host->packing.pair_bits, host->packing.pairs);
    if (result == FATE_OK) {
        result = rerandomise(turn, host, packed);
    }
    uint64_t count = fate_ciphertexts_count(packed);
    uint64_t length = count * fate_public_key_ciphertext_bytes(host->key);
    if (result == FATE_OK && !buffer_reserve(bytes, length)) {
        result = context_out_of_memory(host->context);
    }
    if (result == FATE_OK) {
        result = fate_ciphertexts_write(packed, 0, count, bytes->bytes + bytes->length);
        bytes->length += length;
    }
    fate_ciphertexts_free(packed);
    return result;
}

/* Packs and sends the sums that wait. FATE_OK after the level's last, else FATE_AGAIN. */
static int32_t send_part(fate_turn *turn, struct host *host)
{
    struct histogram_part part = {
        .tree = host->tree, .level = host->growth.level, .first = host->cells_first, .cells = (uint32_t)host->cells_count};
    struct buffer bytes;
    buffer_init(&bytes, host->context);
    histogram_part_head(&bytes, &part);
    int32_t result = write_sums(turn, host, &bytes);
    host->cells_first += host->cells_count;
    bool last = host->cells_first == host->cells_total;
    if (result == FATE_OK) {
        result = fate_turn_send(turn, MESSAGE_HISTOGRAMS, host->guest, bytes.bytes, bytes.length, last);
    }
    buffer_free(&bytes);
    fate_ciphertexts_free(host->cells);
    host->cells = NULL;
    host->cells_count = 0;
    return result == FATE_OK && !last ? FATE_AGAIN : result;
}

/* The place of a joint cell, counted from the first node's, among the sums of one of its columns; UINT64_MAX when it lies in the column's fullest bin. */
static uint64_t column_place(const struct view *view, uint32_t column, uint64_t cell)
{
    for (uint32_t i = view->count - 1; i > column; i--) {
        cell /= view->bins[i];
    }
    uint32_t bin = (uint32_t)(cell % view->bins[column]);
    for (uint32_t i = column + 1; i > 0; i--) {
        cell /= view->bins[i - 1];
    }
    uint32_t fullest = view->fullest[column][cell];
    return bin == fullest ? UINT64_MAX : cell * (view->bins[column] - 1) + bin - (bin > fullest);
}

/* Lists the additions of the group's present column: sums from column_cells on, count of them, behind those that wait. */
static void list_cells(const struct host *host, const struct host_group *group, uint64_t count, struct additions *additions)
{
    struct view view = view_of(host, &group->joint);
    uint64_t first = group->joint.cells * host->slot_first, end = group->joint.cells * host->slot_end;
    for (uint64_t cell = first; cell < end; cell++) {
        uint64_t place = column_place(&view, host->group_column, cell);
        if (place >= host->column_cells && place - host->column_cells < count) {
            additions_put(additions, host->packing.row_ciphertexts, group->first_cell + cell - first,
                          host->cells_count + place - host->column_cells);
        }
    }
}

/* How many sums have room in cells. */
static uint64_t cells_room(const struct host *host)
{
    return fate_ciphertexts_count(host->cells) / host->packing.row_ciphertexts;
}

/* Sums that are sent together: so many that all lanes and threads have some. */
static int32_t new_cells(struct host *host)
{
    uint64_t ciphertexts = host->packing.row_ciphertexts, left = host->cells_total - host->cells_first;
    uint64_t most = ciphertexts > PART_CIPHERTEXTS ? 1 : PART_CIPHERTEXTS / ciphertexts * host->packing.pairs;
    return host->cells != NULL ? FATE_OK : fate_ciphertexts_new(host->key, &host->cells, ciphertexts * (left < most ? left : most));
}

/* The column after the present one, or the group after it; where the batch had not all nodes, the next one goes on with this column. */
static void next_column(struct host *host)
{
    if (host->slot_end < host->growth.summed_count) {
        host->position++;
        return;
    }
    host->column_cells = 0;
    if (++host->group_column == host->groups[host->position].joint.count) {
        host->group_column = 0;
        host->position++;
    }
}

/* Takes sums of the batch's columns, as many as have room, and not many more additions than pay in one call. */
static int32_t take_columns(struct host *host)
{
    struct additions additions;
    uint64_t most = PIECE_ADDITIONS, one = (uint64_t)(host->slot_end - host->slot_first) * host->packing.row_ciphertexts, room;
    const struct host_group *group = &host->groups[host->position];
    uint64_t listed = group->joint.cells * one;
    int32_t result = additions_make(host, &additions, listed > most ? listed : most);
    if (result == FATE_OK) {
        result = new_cells(host);
    }
    if (result != FATE_OK) {
        additions_free(host, &additions);
        return result;
    }
    while ((room = cells_room(host) - host->cells_count) > 0 && host->position < host->batch_end) {
        group = &host->groups[host->position];
        listed = group->joint.cells * one;
        if (listed > additions.capacity - additions.count) {
            break;
        }
        uint64_t sums = (uint64_t)host->slot_end * (host->level_columns[group->joint.first + host->group_column].bins - 1);
        uint64_t left = sums - host->column_cells, count = left < room ? left : room;
        list_cells(host, group, count, &additions);
        host->cells_count += count;
        host->column_cells += count;
        if (count == left) {
            next_column(host);
        }
    }
    result = fate_ciphertexts_gather_add_rows(host->cells, host->sums, additions.rows, additions.index, additions.count);
    additions_free(host, &additions);
    return result;
}

/* Gives the batch rows that it has not had. */
static int32_t complete_batch(struct host *host)
{
    uint64_t left = host->place_count - host->batch_rows, count = left < PIECE_ROWS ? left : PIECE_ROWS;
    int32_t result = left == 0 ? FATE_OK : add_rows(host, host->batch_rows, count);
    if (left == 0 || host->position == host->batch_end) {
        host->position = host->batch_first;
        host->batch_rows += count;
        host->batch_added = host->batch_rows == host->place_count;
    }
    return result;
}

int32_t host_sum(fate_turn *turn, void *state)
{
    struct host *host = state;
    if (host->cells_total == 0) {
        return fate_turn_send(turn, MESSAGE_HISTOGRAMS, host->guest, NULL, 0, 1);
    }
    if (host->cells != NULL && host->cells_count == cells_room(host)) {
        return send_part(turn, host);
    }
    if (host->sums != NULL && host->batch_added && host->position == host->batch_end) {
        fate_ciphertexts_free(host->sums);
        host->sums = NULL;
    }
    int32_t result = FATE_OK;
    if (host->sums == NULL) {
        result = host_begin_batch(host, BATCH_CELLS);
    } else if (!host->batch_added) {
        result = complete_batch(host);
    } else {
        result = take_columns(host);
    }
    return result == FATE_OK ? FATE_AGAIN : result;
}
