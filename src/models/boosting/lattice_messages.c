/* The messages of the lattice cipher's jobs as bytes. */
#include "src/models/boosting/lattice_messages.h"

#include <string.h>

void vectors_head_write(struct buffer *out, const struct vectors_head *head)
{
    buffer_u32(out, head->tree);
    buffer_u32(out, head->level);
    buffer_u32(out, head->nodes);
    buffer_u32(out, head->node_vectors);
    buffer_u64(out, head->first);
}

bool vectors_head_read(struct vectors_head *head, const uint8_t *bytes, uint64_t length, const struct message_level *level,
                       uint32_t outputs, uint32_t nodes, uint64_t most)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    head->tree = reader_u32(&reader);
    head->level = reader_u32(&reader);
    head->nodes = reader_u32(&reader);
    head->node_vectors = reader_u32(&reader);
    head->first = reader_u64(&reader);
    if (!reader_finished(&reader) || head->tree != level->tree || head->level != level->level || head->nodes > nodes) return false;
    if (head->node_vectors != 2 * outputs && head->node_vectors != 2 * outputs + 1) return false;
    return head->first <= most && (uint64_t)head->nodes * head->node_vectors <= most - head->first;
}

void replies_head_write(struct buffer *out, const struct replies_head *head, uint32_t columns)
{
    buffer_u32(out, head->tree);
    buffer_u32(out, head->level);
    buffer_append(out, head->columns, message_bit_bytes(columns));
}

bool replies_head_read(struct replies_head *head, const uint8_t *bytes, uint64_t length, const struct message_level *level)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    head->tree = reader_u32(&reader);
    head->level = reader_u32(&reader);
    if (reader.failed || head->tree != level->tree || head->level != level->level) return false;
    const ProtobufCBinaryData bits = {.len = reader_left(&reader), .data = (uint8_t *)(uintptr_t)(bytes + reader.position)};
    head->columns = bits.data;
    return message_has_bits(&bits, level->column_count);
}

void node_rows_free(struct node_rows *rows)
{
    if (rows->context == NULL) return;
    memory_free(rows->context, rows->nodes);
    memory_free(rows->context, rows->first);
    memory_free(rows->context, rows->rows);
    memset(rows, 0, sizeof *rows);
}

const uint32_t *node_rows_of(const struct node_rows *rows, uint32_t node, uint64_t *count)
{
    for (uint32_t i = 0; i < rows->count; i++)
        if (rows->nodes[i] == node) {
            *count = rows->first[i + 1] - rows->first[i];
            return rows->rows + rows->first[i];
        }
    *count = 0;
    return NULL;
}

/* Bits of a place below count. */
static uint32_t place_bits(uint32_t count)
{
    uint32_t bits = 0;
    while (bits < 31 && (uint32_t)1 << bits < count) bits++;
    return bits;
}

void node_rows_write(struct buffer *out, const struct message_level *level, const uint32_t *nodes, uint32_t count, const uint32_t *place,
                     uint64_t row_count)
{
    const uint32_t bits = place_bits(count);
    uint64_t inside = 0, at = 0;
    buffer_u32(out, level->tree);
    buffer_u32(out, level->level);
    buffer_u32(out, count);
    for (uint32_t i = 0; i < count; i++) buffer_u32(out, nodes[i]);
    if (count == 0) return;
    for (uint64_t row = 0; row < row_count; row++) inside += place[row] != UINT32_MAX;
    const uint64_t map = message_bit_bytes(row_count), places = message_bit_bytes(inside * bits);
    if (!buffer_reserve(out, map + places)) return;
    uint8_t *to = out->bytes + out->length;
    memset(to, 0, map + places);
    for (uint64_t row = 0; row < row_count; row++) {
        if (place[row] == UINT32_MAX) continue;
        message_set_bit(to, row);
        for (uint32_t bit = 0; bit < bits; bit++, at++)
            if (place[row] >> bit & 1) message_set_bit(to + map, at);
    }
    out->length += map + places;
}

static bool read_nodes(struct node_rows *rows, struct reader *reader, const struct message_level *level)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        rows->nodes[i] = reader_u32(reader);
        if (rows->nodes[i] < level->first || rows->nodes[i] >= level->end || (i > 0 && rows->nodes[i] <= rows->nodes[i - 1])) return false;
    }
    return !reader->failed;
}

static uint32_t read_place(const uint8_t *bytes, uint64_t number, uint32_t bits)
{
    uint32_t place = 0;
    for (uint32_t bit = 0; bit < bits; bit++) place |= (uint32_t)message_bit(bytes, number * bits + bit) << bit;
    return place;
}

/* Counts the rows of each node, then lists them. */
static bool read_places(struct node_rows *rows, const uint8_t *map, const uint8_t *places, uint64_t row_count, uint64_t inside)
{
    const uint32_t bits = place_bits(rows->count);
    for (uint64_t i = 0; i < inside; i++) {
        uint32_t place = read_place(places, i, bits);
        if (place >= rows->count) return false;
        rows->first[place + 1]++;
    }
    for (uint32_t i = 0; i < rows->count; i++) rows->first[i + 1] += rows->first[i];
    for (uint64_t row = 0, i = 0; row < row_count; row++)
        if (message_bit(map, row)) rows->rows[rows->first[read_place(places, i++, bits)]++] = (uint32_t)row;
    memmove(rows->first + 1, rows->first, rows->count * sizeof *rows->first);
    rows->first[0] = 0;
    return true;
}

/* The bits behind the nodes. */
static int32_t read_bits(struct node_rows *rows, struct reader *reader, uint64_t row_count)
{
    const uint8_t *start = reader->bytes + reader->position;
    const uint64_t bytes = message_bit_bytes(row_count);
    ProtobufCBinaryData map = {.len = bytes, .data = (uint8_t *)(uintptr_t)start};
    uint64_t inside = 0;
    if (reader_left(reader) < bytes || !message_has_bits(&map, row_count)) return FATE_E_PROTOCOL;
    for (uint64_t row = 0; row < row_count; row++) inside += message_bit(start, row);
    ProtobufCBinaryData places = {.len = reader_left(reader) - bytes, .data = map.data + bytes};
    if (!message_has_bits(&places, inside * place_bits(rows->count))) return FATE_E_PROTOCOL;
    rows->first = memory_zeroed(rows->context, (uint64_t)rows->count + 1, sizeof *rows->first);
    rows->rows = memory_allocate(rows->context, inside, sizeof *rows->rows);
    if (rows->first == NULL || rows->rows == NULL) return context_out_of_memory(rows->context);
    return read_places(rows, start, places.data, row_count, inside) ? FATE_OK : FATE_E_PROTOCOL;
}

int32_t node_rows_read(fate_context *context, struct node_rows *rows, const uint8_t *bytes, uint64_t length,
                       const struct message_level *level, uint64_t row_count)
{
    struct reader reader;
    memset(rows, 0, sizeof *rows);
    rows->context = context;
    reader_init(&reader, bytes, length);
    uint32_t tree = reader_u32(&reader), number = reader_u32(&reader), count = reader_u32(&reader);
    bool right = !reader.failed && tree == level->tree && number == level->level && count <= level->end - level->first;
    if (right && count > 0) {
        rows->nodes = memory_zeroed(context, count, sizeof *rows->nodes);
        if (rows->nodes == NULL) return context_out_of_memory(context);
        rows->count = count;
        right = read_nodes(rows, &reader, level);
    }
    int32_t result = right ? FATE_OK : FATE_E_PROTOCOL;
    if (result == FATE_OK && count > 0) result = read_bits(rows, &reader, row_count);
    if (result == FATE_OK && count == 0 && !reader_finished(&reader)) result = FATE_E_PROTOCOL;
    if (result != FATE_E_PROTOCOL) return result;
    return context_fail(context, FATE_E_PROTOCOL, "the message \"rows of nodes\" names other nodes or rows than there are");
}
