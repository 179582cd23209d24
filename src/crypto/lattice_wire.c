/* Numbers and heads of the lattice cipher as bytes. */
#include "src/crypto/lattice_wire.h"

enum { VERSION = 1 };

uint64_t lattice_items(const struct lattice_plan *plan, enum lattice_kind kind)
{
    return kind == LATTICE_VECTOR ? plan->profile->degree + plan->shape.rows : plan->shape.bins;
}

uint64_t lattice_item_bytes(const struct lattice_plan *plan, enum lattice_kind kind)
{
    switch (kind) {
    case LATTICE_HINT: return (uint64_t)plan->profile->degree * plan->profile->bytes;
    case LATTICE_VECTOR: return plan->profile->bytes;
    default: return plan->reply_bytes;
    }
}

void lattice_head_write(const struct lattice_plan *plan, uint8_t *bytes, const struct lattice_head *head)
{
    bytes[0] = (uint8_t)head->kind;
    bytes[1] = VERSION;
    bytes[2] = plan->profile->number;
    bytes[3] = 0;
    bytes_store_u32(bytes + 4, head->count);
    bytes_store_u64(bytes + 8, head->first);
    bytes_store_u64(bytes + 16, head->number);
    bytes_store_u32(bytes + 24, head->attempt);
}

static int32_t check_head(fate_context *context, const struct lattice_plan *plan, const struct lattice_head *head)
{
    const uint64_t items = lattice_items(plan, head->kind);
    if (head->count == 0 || head->first > items || head->count > items - head->first)
        return context_fail(context, FATE_E_PROTOCOL, "lattice: a part has items %llu to %llu; there are %llu",
                            (unsigned long long)head->first, (unsigned long long)(head->first + head->count), (unsigned long long)items);
    if (head->kind == LATTICE_HINT ? head->number != 0 || head->attempt != 0 : head->number >= plan->shape.vectors)
        return context_fail(context, FATE_E_PROTOCOL, "lattice: a part is of vector %llu; %llu are allowed",
                            (unsigned long long)head->number, (unsigned long long)plan->shape.vectors);
    return FATE_OK;
}

int32_t lattice_head_read(fate_context *context, const struct lattice_plan *plan, enum lattice_kind kind, struct lattice_head *head,
                          const uint8_t *bytes, uint64_t length, const uint8_t **body)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    uint8_t got = reader_u8(&reader), version = reader_u8(&reader), profile = reader_u8(&reader), zero = reader_u8(&reader);
    head->kind = kind;
    head->count = reader_u32(&reader);
    head->first = reader_u64(&reader);
    head->number = reader_u64(&reader);
    head->attempt = reader_u32(&reader);
    if (reader.failed || got != kind || version != VERSION || profile != plan->profile->number || zero != 0)
        return context_fail(context, FATE_E_PROTOCOL, "lattice: a part is of another kind, version or profile than this job's");
    int32_t result = check_head(context, plan, head);
    if (result != FATE_OK) return result;
    *body = bytes + LATTICE_HEAD;
    if (reader_left(&reader) != head->count * lattice_item_bytes(plan, kind)) /* below 2^32 * 2^17 */
        return context_fail(context, FATE_E_PROTOCOL, "lattice: a part of %u items has %llu bytes", (unsigned)head->count,
                            (unsigned long long)reader_left(&reader));
    return FATE_OK;
}

/* Compilers make one move of each of these; those of lib/bytes.h are calls. */
static inline uint64_t load_four(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline uint64_t load(const uint8_t *bytes)
{
    return load_four(bytes) | load_four(bytes + 4) << 32;
}

static inline void store_four(uint8_t *bytes, uint64_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
    bytes[2] = (uint8_t)(value >> 16);
    bytes[3] = (uint8_t)(value >> 24);
}

static inline void store(uint8_t *bytes, uint64_t value)
{
    store_four(bytes, value);
    store_four(bytes + 4, value >> 32);
}

void lattice_words_write(const struct lattice_profile *profile, uint8_t *bytes, const struct lattice_word *words, uint64_t count)
{
    if (profile->bytes == 8)
        for (uint64_t i = 0; i < count; i++, bytes += 8) store(bytes, words[i].low);
    else if (profile->bytes == 16)
        for (uint64_t i = 0; i < count; i++, bytes += 16) {
            store(bytes, words[i].low);
            store(bytes + 8, words[i].high);
        }
    else
        for (uint64_t i = 0; i < count; i++, bytes += 13) {
            store(bytes, words[i].low);
            store_four(bytes + 8, words[i].high);
            bytes[12] = (uint8_t)(words[i].high >> 32);
        }
}

void lattice_words_read(const struct lattice_profile *profile, struct lattice_word *words, const uint8_t *bytes, uint64_t count)
{
    if (profile->bytes == 8)
        for (uint64_t i = 0; i < count; i++, bytes += 8) {
            words[i].low = load(bytes);
            words[i].high = 0;
        }
    else if (profile->bytes == 16)
        for (uint64_t i = 0; i < count; i++, bytes += 16) {
            words[i].low = load(bytes);
            words[i].high = load(bytes + 8);
        }
    else
        for (uint64_t i = 0; i < count; i++, bytes += 13) {
            words[i].low = load(bytes);
            words[i].high = load_four(bytes + 8) | (uint64_t)bytes[12] << 32;
        }
}
