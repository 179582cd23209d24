/* The host adds ciphertexts into bins, packs, re-randomises and sends the sums. */
#include <sodium.h>
#include "lib/random.h"
#include "src/models/boosting/host.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

enum { PIECE_ROWS = 16384, PIECE_ADDITIONS = 16384, PART_CIPHERTEXTS = 32, SEED_LEVELS = 64 };

/* Where a row's bins are, for one group. */
struct view {
    uint32_t count;
    uint32_t bins[JOINT_MOST];
    const uint16_t *data[JOINT_MOST];
    const uint32_t *fullest[JOINT_MOST]; /* by summed node */
};

static struct view view_of(const struct host *host, const struct joint_group *joint)
{
    struct view view = {.count = joint->count};
    for (uint32_t i = 0; i < joint->count; i++) {
        uint32_t place = joint->first + i;
        view.bins[i] = host->level_columns[place].bins;
        view.data[i] = host->columns.data[host->real[host->drawn[place]]];
        view.fullest[i] = host->fullest + (uint64_t)place * host->growth.summed_count;
    }
    return view;
}

/* The joint cell of a row; UINT32_MAX when it is of no summed node, or in the fullest bins of all columns, whose sums nobody needs. */
static uint32_t joint_cell(const struct view *view, uint32_t row, uint32_t slot)
{
    if (slot == GROWTH_NO_SLOT) {
        return UINT32_MAX;
    }
    uint32_t cell = slot;
    bool needed = false;
    for (uint32_t i = 0; i < view->count; i++) {
        uint32_t bin = view->data[i][row];
        needed = needed || bin != view->fullest[i][slot];
        cell = cell * view->bins[i] + bin;
    }
    return needed ? cell : UINT32_MAX;
}

/* Adds sampled rows first .. first+count to a group. */
static int32_t add_rows(const struct host *host, const struct host_group *group, uint64_t first, uint64_t count)
{
    const struct growth *growth = &host->growth;
    struct view view = view_of(host, &group->joint);
    uint32_t *index = memory_allocate(host->context, count, sizeof *index);
    if (index == NULL) {
        return context_out_of_memory(host->context);
    }
    for (uint64_t i = 0; i < count; i++) {
        uint32_t row = growth->sample[first + i];
        index[i] = joint_cell(&view, row, growth->slot[row]);
    }
    int32_t result = fate_ciphertexts_gather_add(group->sums, host->gradients, first, count, index);
    memory_free(host->context, index);
    return result;
}

static int32_t open_gradients(fate_turn *turn, struct host *host, const struct gradient_part *part)
{
    uint64_t length = part->count * fate_public_key_ciphertext_bytes(host->key);
    host->part_open = true;
    host->position = 0;
    return peer_checked(turn, host->guest, fate_ciphertexts_read(host->gradients, part->first, part->count, part->ciphertexts, length));
}

/* Adds a part to some of the groups. */
static int32_t add_part(struct host *host, const struct gradient_part *part)
{
    int32_t result = FATE_OK;
    for (uint64_t done = 0; done < PIECE_ADDITIONS && host->position < host->streamed && result == FATE_OK; done += part->count) {
        result = add_rows(host, &host->groups[host->position++], part->first, part->count);
    }
    return result;
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
                            fate_public_key_ciphertext_bytes(host->key))) {
        return peer_violation(turn, host->guest, "encrypted gradients that do not follow or have a wrong length");
    }
    if (!host->part_open) {
        result = open_gradients(turn, host, &part);
    }
    if (result == FATE_OK) {
        result = add_part(host, &part);
    }
    if (result != FATE_OK) {
        return result;
    }
    if (host->position < host->streamed) {
        return FATE_AGAIN;
    }
    host->part_open = false;
    host->position = 0;
    host->gradient_rows += part.count;
    if (fate_turn_last(turn) != 0 && host->gradient_rows != host->growth.sample_count) {
        return peer_violation(turn, host->guest, "encrypted gradients of too few rows");
    }
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

/* The place of a joint cell among the sums of one of its columns; UINT64_MAX when it lies in the column's fullest bin. */
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

/* Adds joint cells into sums of one column: those with places first .. first+count, which go behind the sums that wait. */
static int32_t take_cells(const struct host *host, const struct host_group *group, uint64_t first, uint64_t count)
{
    struct view view = view_of(host, &group->joint);
    uint64_t cells = fate_ciphertexts_count(group->sums);
    uint32_t *index = memory_allocate(host->context, cells, sizeof *index);
    if (index == NULL) {
        return context_out_of_memory(host->context);
    }
    for (uint64_t cell = 0; cell < cells; cell++) {
        uint64_t place = column_place(&view, host->group_column, cell);
        bool taken = place >= first && place - first < count;
        index[cell] = taken ? (uint32_t)(host->cells_count + place - first) : UINT32_MAX;
    }
    int32_t result = fate_ciphertexts_gather_add(host->cells, group->sums, 0, cells, index);
    memory_free(host->context, index);
    return result;
}

/* Sums that are sent together: so many that all lanes and threads have some. */
static int32_t new_cells(struct host *host)
{
    uint64_t left = host->cells_total - host->cells_first, most = (uint64_t)PART_CIPHERTEXTS * host->packing.pairs;
    return host->cells != NULL ? FATE_OK : fate_ciphertexts_new(host->key, &host->cells, left < most ? left : most);
}

/* Takes sums of the group's present column, as many as have room. */
static int32_t take_column(struct host *host, struct host_group *group)
{
    uint32_t bins = host->level_columns[group->joint.first + host->group_column].bins;
    uint64_t left = (uint64_t)host->growth.summed_count * (bins - 1) - host->column_cells;
    int32_t result = new_cells(host);
    if (result != FATE_OK) {
        return result;
    }
    uint64_t room = fate_ciphertexts_count(host->cells) - host->cells_count, count = left < room ? left : room;
    result = count > 0 ? take_cells(host, group, host->column_cells, count) : FATE_OK;
    host->cells_count += count;
    host->column_cells += count;
    if (count < left) {
        return result;
    }
    host->column_cells = 0;
    if (++host->group_column == group->joint.count) {
        fate_ciphertexts_free(group->sums);
        group->sums = NULL;
        host->group_column = 0;
        host->group_rows = 0;
        host->position++;
    }
    return result;
}

/* Gives a group rows that it has not had. *had: it had all. */
static int32_t complete_group(struct host *host, struct host_group *group, bool *had)
{
    uint64_t left = host->growth.sample_count - host->group_rows, count = left < PIECE_ROWS ? left : PIECE_ROWS;
    *had = host->position < host->streamed || left == 0;
    if (*had) {
        return FATE_OK;
    }
    int32_t result = FATE_OK;
    if (group->sums == NULL) {
        result = fate_ciphertexts_new(host->key, &group->sums, group->joint.cells * host->growth.summed_count);
    }
    if (result == FATE_OK) {
        result = add_rows(host, group, host->group_rows, count);
    }
    host->group_rows += count;
    return result;
}

int32_t host_sum(fate_turn *turn, void *state)
{
    struct host *host = state;
    bool had = true;
    if (host->cells_total == 0) {
        return fate_turn_send(turn, MESSAGE_HISTOGRAMS, host->guest, NULL, 0, 1);
    }
    if (host->cells != NULL && host->cells_count == fate_ciphertexts_count(host->cells)) {
        return send_part(turn, host);
    }
    struct host_group *group = &host->groups[host->position];
    int32_t result = complete_group(host, group, &had);
    if (result == FATE_OK && had) {
        result = take_column(host, group);
    }
    return result == FATE_OK ? FATE_AGAIN : result;
}
