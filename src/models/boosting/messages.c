/* The messages of vertical boosting as bytes. */
#include "src/models/boosting/messages.h"

#include <fate/table.h>
#include "src/models/boosting/gain.h"

/* protobuf-c reports malformed bytes and lack of memory alike: the allocator remembers which it was. */
struct message_memory {
    fate_context *context;
    bool failed;
};

static void *message_allocate(void *data, size_t size)
{
    struct message_memory *memory = data;
    void *bytes = memory_allocate(memory->context, size, 1);
    memory->failed = memory->failed || bytes == NULL;
    return bytes;
}

static void message_release(void *data, void *bytes)
{
    struct message_memory *memory = data;
    memory_free(memory->context, bytes);
}

static int32_t malformed(fate_context *context, const char *name, const char *reason)
{
    return context_fail(context, FATE_E_PROTOCOL, "the message \"%s\" %s", name, reason);
}

int32_t message_encode(fate_context *context, const ProtobufCMessage *message, struct buffer *out)
{
    uint64_t size = protobuf_c_message_get_packed_size(message);
    if (!buffer_reserve(out, size)) {
        return context_out_of_memory(context);
    }
    out->length += protobuf_c_message_pack(message, out->bytes + out->length);
    return FATE_OK;
}

void message_free(fate_context *context, ProtobufCMessage *message)
{
    struct message_memory memory = {.context = context};
    ProtobufCAllocator allocator = {message_allocate, message_release, &memory};
    if (message != NULL) {
        protobuf_c_message_free_unpacked(message, &allocator);
    }
}

static uint64_t read_varint(struct reader *reader)
{
    uint64_t value = 0;
    for (uint32_t shift = 0; shift < 64; shift += 7) {
        uint8_t byte = reader_u8(reader);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    reader->failed = true;
    return 0;
}

/* Steps over one field of a protobuf message. content, length: its bytes when it is a text, bytes or a message, else NULL. */
static void skip_field(struct reader *reader, const uint8_t **content, uint64_t *length)
{
    uint64_t tag = read_varint(reader);
    *content = NULL;
    *length = 0;
    switch (tag & 7) {
    case 0: read_varint(reader); break;
    case 1: reader_bytes(reader, 8); break;
    case 2:
        *length = read_varint(reader);
        *content = reader_bytes(reader, *length);
        break;
    case 5: reader_bytes(reader, 4); break;
    default: reader->failed = true;
    }
}

/* How many fields a message of a kind may have, and each of the messages inside of it; 0: these are not looked at. An object is made of every
 * field, known or not, so that a small hostile message could otherwise ask for much memory. */
struct field_limits {
    uint64_t outer, inner;
};

enum { FIELDS_FEW = 16 };

static bool fields_within(const uint8_t *bytes, uint64_t length, struct field_limits limits)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    for (uint64_t fields = 0; reader_left(&reader) > 0; fields++) {
        const uint8_t *content;
        uint64_t content_length;
        skip_field(&reader, &content, &content_length);
        if (reader.failed || fields == limits.outer) return false;
        struct field_limits inside = {.outer = limits.inner, .inner = 0};
        if (content != NULL && limits.inner > 0 && !fields_within(content, content_length, inside)) return false;
    }
    return !reader.failed;
}

static int32_t decode(fate_context *context, const ProtobufCMessageDescriptor *descriptor, const char *name, const uint8_t *bytes,
                      uint64_t length, struct field_limits limits, ProtobufCMessage **message)
{
    static const uint8_t nothing = 0;
    struct message_memory memory = {.context = context};
    ProtobufCAllocator allocator = {message_allocate, message_release, &memory};
    if (!fields_within(bytes, length, limits)) {
        return malformed(context, name, "cannot be read: its bytes are damaged, or it has too many fields");
    }
    *message = protobuf_c_message_unpack(descriptor, &allocator, length, bytes == NULL ? &nothing : bytes);
    if (*message != NULL) {
        return FATE_OK;
    }
    return memory.failed ? context_out_of_memory(context) : malformed(context, name, "cannot be read: its bytes are damaged");
}

/* Ends a decoder: hands the message over, or frees it and says why not. */
static int32_t finish(fate_context *context, const char *name, const char *wrong, ProtobufCMessage *message, void *out)
{
    if (wrong != NULL) {
        message_free(context, message);
        return malformed(context, name, wrong);
    }
    *(ProtobufCMessage **)out = message;
    return FATE_OK;
}

uint64_t message_bit_bytes(uint64_t count)
{
    return count / 8 + (count % 8 != 0);
}

bool message_bit(const uint8_t *bytes, uint64_t index)
{
    return (bytes[index / 8] >> (index % 8) & 1) != 0;
}

void message_set_bit(uint8_t *bytes, uint64_t index)
{
    bytes[index / 8] = (uint8_t)(bytes[index / 8] | 1u << (index % 8));
}

bool message_has_bits(const ProtobufCBinaryData *bytes, uint64_t count)
{
    if (bytes->len != message_bit_bytes(count)) {
        return false;
    }
    return count % 8 == 0 || bytes->data[bytes->len - 1] >> (count % 8) == 0;
}

static const char *columns_wrong(const message_columns *message, uint32_t most_bins)
{
    if (message->id_digest.len != MESSAGE_DIGEST || message->validation_digest.len != (message->has_validation ? MESSAGE_DIGEST : 0u)) {
        return "has a digest of a wrong length";
    }
    if (message->earlier_digest.len != 0 && message->earlier_digest.len != MESSAGE_DIGEST) {
        return "has a digest of a wrong length";
    }
    if (message->n_columns > MESSAGE_COLUMNS_MOST) {
        return "describes more than 65535 columns";
    }
    for (size_t i = 0; i < message->n_columns; i++) {
        const message_column *column = message->columns[i];
        struct column_shape shape = {
            .kind = (int32_t)column->kind, .bins = column->bins, .value_bins = column->value_bins, .direction = column->direction};
        if (column->kind > INT32_MAX || !gain_shape_valid(&shape, most_bins)) {
            return "describes a column with bins that no table gives";
        }
    }
    return NULL;
}

int32_t message_decode_columns(fate_context *context, message_columns **message, const uint8_t *bytes, uint64_t length, uint32_t most_bins)
{
    ProtobufCMessage *decoded;
    int32_t result = decode(context, &boosting_message__columns__descriptor, "columns", bytes, length,
                            (struct field_limits){MESSAGE_COLUMNS_MOST + FIELDS_FEW, 0}, &decoded);
    if (result != FATE_OK) {
        return result;
    }
    return finish(context, "columns", columns_wrong((const message_columns *)decoded, most_bins), decoded, message);
}

int32_t message_decode_setup(fate_context *context, message_setup **message, const uint8_t *bytes, uint64_t length)
{
    ProtobufCMessage *decoded;
    int32_t result =
        decode(context, &boosting_message__setup__descriptor, "setup", bytes, length, (struct field_limits){FIELDS_FEW, 0}, &decoded);
    if (result != FATE_OK) {
        return result;
    }
    const message_setup *setup = (const message_setup *)decoded;
    const char *wrong = setup->public_key.len == 0                 ? "has no key"
                        : setup->public_key.len > MESSAGE_KEY_MOST ? "has a key that is too long"
                                                                   : NULL;
    return finish(context, "setup", wrong, decoded, message);
}

/* The shape of a whole binary tree, breadth-first: as many bits as nodes, where each set bit adds two. */
static bool shape_is_tree(const ProtobufCBinaryData *shape)
{
    uint64_t nodes = 1;
    for (uint64_t i = 0; i < nodes; i++) {
        if (i / 8 >= shape->len) {
            return false;
        }
        nodes += message_bit(shape->data, i) ? 2 : 0;
    }
    return message_has_bits(shape, nodes);
}

static const char *round_wrong(const message_round *message, uint32_t tree)
{
    switch (message->kind) {
    case BOOSTING_MESSAGE__ROUND__KIND__SHARED:
        return message->tree != tree || message->shape.len != 0 ? "is not that of the next tree" : NULL;
    case BOOSTING_MESSAGE__ROUND__KIND__OWN:
        return message->tree != tree || message->sample.len != 0 || !shape_is_tree(&message->shape)
                   ? "is not that of the next tree, or its shape is no tree"
                   : NULL;
    case BOOSTING_MESSAGE__ROUND__KIND__END:
        return message->tree > tree || message->shape.len != 0 || message->sample.len != 0 ? "keeps more trees than were grown" : NULL;
    default: return "is of an unknown kind";
    }
}

int32_t message_decode_round(fate_context *context, message_round **message, const uint8_t *bytes, uint64_t length, uint32_t tree)
{
    ProtobufCMessage *decoded;
    int32_t result =
        decode(context, &boosting_message__round__descriptor, "round", bytes, length, (struct field_limits){FIELDS_FEW, 0}, &decoded);
    if (result != FATE_OK) {
        return result;
    }
    return finish(context, "round", round_wrong((const message_round *)decoded, tree), decoded, message);
}

static uint64_t bits_set(const ProtobufCBinaryData *bytes, uint64_t count)
{
    uint64_t set = 0;
    for (uint64_t i = 0; i < count; i++) {
        set += message_bit(bytes->data, i);
    }
    return set;
}

static const char *node_split_wrong(const message_node_split *node, const struct message_level *level)
{
    if (node->n_tied == 0) {
        return "names a node without a way to split it";
    }
    for (size_t i = 0; i < node->n_tied; i++) {
        const message_candidate *candidate = node->tied[i];
        if (candidate->column >= level->column_count || (i > 0 && candidate->column <= node->tied[i - 1]->column)) {
            return "names a column that does not exist, or one twice";
        }
        uint32_t bins = level->bins[candidate->column];
        if (!message_has_bits(&candidate->left, bins)) {
            return "has a split whose bins are not those of its column";
        }
        uint64_t set = bits_set(&candidate->left, bins);
        if (set == 0 || set == bins) {
            return "has a split with all bins on one side";
        }
    }
    return NULL;
}

static const char *splits_wrong(const message_splits *message, const struct message_level *level)
{
    if (message->tree != level->tree || message->level != level->level) {
        return "is of another tree or level";
    }
    for (size_t i = 0; i < message->n_nodes; i++) {
        const message_node_split *node = message->nodes[i];
        if (node->node < level->first || node->node >= level->end || (i > 0 && node->node <= message->nodes[i - 1]->node)) {
            return "names a node that is not of this level, or one twice";
        }
        const char *wrong = node_split_wrong(node, level);
        if (wrong != NULL) {
            return wrong;
        }
    }
    return NULL;
}

/* On the wire numbers are one higher, so that none is zero, which would take no bytes. A zero becomes UINT32_MAX, which no column has. */
static void number_columns(message_splits *message)
{
    for (size_t i = 0; i < message->n_nodes; i++)
        for (size_t k = 0; k < message->nodes[i]->n_tied; k++) message->nodes[i]->tied[k]->column--;
}

int32_t message_decode_splits(fate_context *context, message_splits **message, const uint8_t *bytes, uint64_t length,
                              const struct message_level *level)
{
    ProtobufCMessage *decoded;
    int32_t result = decode(context, &boosting_message__splits__descriptor, "splits", bytes, length,
                            (struct field_limits){level->end - level->first + FIELDS_FEW, level->column_count + FIELDS_FEW}, &decoded);
    if (result != FATE_OK) {
        return result;
    }
    number_columns((message_splits *)decoded);
    return finish(context, "splits", splits_wrong((const message_splits *)decoded, level), decoded, message);
}

int32_t message_decode_partition(fate_context *context, message_partition **message, const uint8_t *bytes, uint64_t length,
                                 const struct message_level *level)
{
    ProtobufCMessage *decoded;
    int32_t result = decode(context, &boosting_message__partition__descriptor, "partition", bytes, length,
                            (struct field_limits){level->end - level->first + FIELDS_FEW, FIELDS_FEW}, &decoded);
    if (result != FATE_OK) {
        return result;
    }
    const message_partition *partition = (const message_partition *)decoded;
    for (size_t i = 0; i < partition->n_nodes; i++) partition->nodes[i]->chosen--; /* zero becomes more than there are */
    bool other = partition->tree != level->tree || partition->level != level->level;
    return finish(context, "partition", other ? "is of another tree or level" : NULL, decoded, message);
}

int32_t message_decode_children(fate_context *context, message_children **message, const uint8_t *bytes, uint64_t length,
                                const struct message_level *level)
{
    ProtobufCMessage *decoded;
    int32_t result =
        decode(context, &boosting_message__children__descriptor, "children", bytes, length, (struct field_limits){FIELDS_FEW, 0}, &decoded);
    if (result != FATE_OK) {
        return result;
    }
    const message_children *children = (const message_children *)decoded;
    const char *wrong = NULL;
    if (children->tree != level->tree || children->level != level->level) {
        wrong = "is of another tree or level";
    } else if (!message_has_bits(&children->split, level->end - level->first)) {
        wrong = "does not say of each node whether it is split";
    }
    return finish(context, "children", wrong, decoded, message);
}

int32_t message_decode_rows(fate_context *context, message_rows **message, const uint8_t *bytes, uint64_t length)
{
    ProtobufCMessage *decoded;
    int32_t result =
        decode(context, &boosting_message__rows__descriptor, "rows", bytes, length, (struct field_limits){FIELDS_FEW, 0}, &decoded);
    if (result != FATE_OK) {
        return result;
    }
    const message_rows *rows = (const message_rows *)decoded;
    bool wrong = rows->id_digest.len != MESSAGE_DIGEST || rows->trees_digest.len != MESSAGE_DIGEST;
    return finish(context, "rows", wrong ? "has a digest of a wrong length" : NULL, decoded, message);
}

void gradient_part_head(struct buffer *out, const struct gradient_part *part)
{
    buffer_u64(out, part->first);
    buffer_u64(out, part->count);
}

/* A run that starts where it is expected and stays inside, each item being item_bytes long. */
static bool run_fits(struct reader *reader, uint64_t first, uint64_t count, uint64_t expected, uint64_t rows, uint64_t item_bytes)
{
    uint64_t left = reader_left(reader);
    if (reader->failed || first != expected || first > rows || count > rows - first) {
        return false;
    }
    return item_bytes == 0 ? left == 0 : left % item_bytes == 0 && left / item_bytes == count;
}

bool gradient_part_read(struct gradient_part *part, const uint8_t *bytes, uint64_t length, uint64_t expected, uint64_t rows,
                        uint64_t row_bytes)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    part->first = reader_u64(&reader);
    part->count = reader_u64(&reader);
    if (!run_fits(&reader, part->first, part->count, expected, rows, row_bytes) || part->count == 0) {
        return false;
    }
    part->ciphertexts = reader_bytes(&reader, reader_left(&reader));
    return true;
}

void count_message_head(struct buffer *out, uint32_t tree, uint32_t level)
{
    buffer_u32(out, tree);
    buffer_u32(out, level);
}

void count_message_column(struct buffer *out, uint32_t column, const uint32_t *counts, uint32_t cells)
{
    buffer_u32(out, column);
    for (uint32_t cell = 0; cell < cells; cell++) {
        buffer_u32(out, counts[cell]);
    }
}

bool count_message_open(struct reader *reader, const uint8_t *bytes, uint64_t length, const struct message_level *level)
{
    reader_init(reader, bytes, length);
    uint32_t tree = reader_u32(reader), number = reader_u32(reader);
    return !reader->failed && tree == level->tree && number == level->level;
}

bool count_message_next(struct reader *reader, struct count_column *column, uint32_t least, uint32_t summed,
                        const struct message_level *level)
{
    column->column = reader_u32(reader);
    if (reader->failed || column->column < least || column->column >= level->column_count) {
        return false;
    }
    uint64_t cells = (uint64_t)summed * level->bins[column->column];
    column->counts = cells > UINT32_MAX ? NULL : reader_bytes(reader, cells * 4);
    column->cells = (uint32_t)cells;
    return column->counts != NULL && !reader->failed;
}

void histogram_part_head(struct buffer *out, const struct histogram_part *part)
{
    buffer_u32(out, part->tree);
    buffer_u32(out, part->level);
    buffer_u64(out, part->first);
    buffer_u32(out, part->cells);
}

bool histogram_part_read(struct histogram_part *part, const uint8_t *bytes, uint64_t length)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    part->tree = reader_u32(&reader);
    part->level = reader_u32(&reader);
    part->first = reader_u64(&reader);
    part->cells = reader_u32(&reader);
    part->ciphertext_length = reader_left(&reader);
    part->ciphertexts = reader_bytes(&reader, part->ciphertext_length);
    return !reader.failed && part->cells > 0;
}

void outcome_part_head(struct buffer *out, const struct outcome_part *part)
{
    buffer_u64(out, part->first);
    buffer_u64(out, part->count);
}

bool outcome_part_read(struct outcome_part *part, const uint8_t *bytes, uint64_t length, uint64_t expected, uint64_t rows,
                       uint64_t row_bytes)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    part->first = reader_u64(&reader);
    part->count = reader_u64(&reader);
    if (!run_fits(&reader, part->first, part->count, expected, rows, row_bytes)) {
        return false;
    }
    part->bits = reader_bytes(&reader, reader_left(&reader));
    return true;
}
