/* Lies that a peer can tell; see mutation.h. */
#include "tests/support/mutation.h"

#include <fate/protocol.h>
#include <stdlib.h>
#include <string.h>
#include "proto/boosting_messages.pb-c.h"
#include "src/models/boosting/protocol.h"

enum { PARTS_OF_BYTES = 8, WORDS = 6 };

/* Takes numbers from a list of lists: true when `number` falls into the next `count`, and is then counted within them. */
static bool within(uint32_t *number, uint32_t count)
{
    if (*number < count) return true;
    *number -= count;
    return false;
}

/* ---- any bytes ---- */

enum { SIZES = 6 };

static void change_size(const struct mutation_place *place, uint32_t number, struct buffer *out)
{
    const uint64_t lengths[SIZES] = {
        0, place->length / 2, place->length - (place->length > 0), place->length + 1, place->length + 1000, FATE_PART_LIMIT};
    uint64_t length = lengths[number];
    buffer_append(out, place->bytes, place->length < length ? place->length : length);
    while (!out->failed && out->length < length) buffer_u8(out, number == 3 ? 0 : 0xff);
}

static void change_bytes(const struct mutation_place *place, uint32_t number, struct buffer *out)
{
    buffer_append(out, place->bytes, place->length);
    if (out->failed || out->length == 0) return;
    if (number < 2)
        memset(out->bytes, number == 0 ? 0 : 0xff, out->length);
    else
        out->bytes[(number - 2) * out->length / PARTS_OF_BYTES] ^= (uint8_t)(1 << number % 8);
}

static void change_word(const struct mutation_place *place, uint32_t number, struct buffer *out)
{
    static const uint64_t values[] = {0, UINT32_MAX, (uint64_t)1 << 31, UINT64_MAX, (uint64_t)1 << 63, (uint64_t)1 << 32};
    uint64_t at = number / WORDS * 4, width = number % WORDS < 3 ? 4 : 8;
    buffer_append(out, place->bytes, place->length);
    if (out->failed || at + width > out->length) return;
    if (width == 4)
        bytes_store_u32(out->bytes + at, (uint32_t)values[number % WORDS]);
    else
        bytes_store_u64(out->bytes + at, values[number % WORDS]);
}

/* ---- fields of protobuf messages ---- */

struct walk {
    uint32_t number; /* mutations that are still passed over */
    bool done;
};

static bool reached(struct walk *walk, uint32_t count)
{
    if (!walk->done && within(&walk->number, count)) walk->done = true;
    return walk->done;
}

static void change_u32(struct walk *walk, uint32_t *value)
{
    const uint32_t values[] = {0, 1, *value + 1, *value - 1, (uint32_t)1 << 16, (uint32_t)1 << 31, UINT32_MAX};
    if (reached(walk, sizeof values / sizeof *values)) *value = values[walk->number];
}

static void change_u64(struct walk *walk, uint64_t *value)
{
    const uint64_t values[] = {0, *value + 1, *value - 1, UINT32_MAX, (uint64_t)1 << 32, (uint64_t)1 << 63, UINT64_MAX};
    if (reached(walk, sizeof values / sizeof *values)) *value = values[walk->number];
}

static void change_data(struct walk *walk, ProtobufCBinaryData *data)
{
    if (!reached(walk, 5)) return;
    size_t length = data->len;
    uint8_t *longer = calloc(length + 64, 1);
    if (longer == NULL) abort();
    if (length > 0) memcpy(longer, data->data, length);
    free(data->data);
    data->data = longer;
    if (walk->number == 0) data->len = 0;
    if (walk->number == 1 && length > 0) data->len--;
    if (walk->number == 2) data->len++;
    if (walk->number > 2) memset(longer, walk->number == 3 ? 0xff : 0, length);
}

static void walk_message(struct walk *walk, ProtobufCMessage *message);

static void walk_repeated(struct walk *walk, void *member, size_t *count)
{
    ProtobufCMessage **elements = *(ProtobufCMessage ***)member;
    if (*count == 0) return;
    if (!walk->done && within(&walk->number, 3)) {
        walk->done = true;
        if (walk->number == 2) { /* in another order */
            ProtobufCMessage *first = elements[0];
            elements[0] = elements[*count - 1];
            elements[*count - 1] = first;
            return;
        }
        size_t kept = walk->number == 0 ? 0 : *count - 1;
        for (size_t i = kept; i < *count; i++) protobuf_c_message_free_unpacked(elements[i], NULL);
        *count = kept;
        return;
    }
    for (size_t i = 0; i < *count && !walk->done; i++) walk_message(walk, elements[i]);
}

static void walk_message(struct walk *walk, ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    for (unsigned i = 0; i < descriptor->n_fields && !walk->done; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        uint8_t *member = (uint8_t *)message + field->offset;
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            walk_repeated(walk, member, (size_t *)(void *)((uint8_t *)message + field->quantifier_offset));
        else if (field->type == PROTOBUF_C_TYPE_UINT64)
            change_u64(walk, (uint64_t *)(void *)member);
        else if (field->type == PROTOBUF_C_TYPE_BYTES)
            change_data(walk, (ProtobufCBinaryData *)(void *)member);
        else
            change_u32(walk, (uint32_t *)(void *)member);
    }
}

static const ProtobufCMessageDescriptor *descriptor_of(const struct mutation_place *place)
{
    static const ProtobufCMessageDescriptor *const training[TRAINING_MESSAGES] = {
        [MESSAGE_COLUMNS] = &boosting_message__columns__descriptor,     [MESSAGE_SETUP] = &boosting_message__setup__descriptor,
        [MESSAGE_ROUND] = &boosting_message__round__descriptor,         [MESSAGE_SPLITS] = &boosting_message__splits__descriptor,
        [MESSAGE_PARTITION] = &boosting_message__partition__descriptor, [MESSAGE_CHILDREN] = &boosting_message__children__descriptor};
    if (place->purpose == FATE_PURPOSE_TRAIN) return training[place->message];
    return place->message == MESSAGE_LEAVES ? NULL : &boosting_message__rows__descriptor;
}

/* false: no more fields; *number is then less their mutations. */
static bool change_field(const struct mutation_place *place, uint32_t *number, struct buffer *out)
{
    const ProtobufCMessageDescriptor *descriptor = descriptor_of(place);
    if (descriptor == NULL) return false;
    ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, NULL, place->length, place->bytes);
    if (message == NULL) return false; /* a further part of a long message */
    struct walk walk = {.number = *number};
    walk_message(&walk, message);
    if (walk.done) {
        size_t length = protobuf_c_message_get_packed_size(message);
        if (buffer_reserve(out, length)) out->length += protobuf_c_message_pack(message, out->bytes + out->length);
    }
    *number = walk.number;
    protobuf_c_message_free_unpacked(message, NULL);
    return walk.done;
}

/* ---- keys and ciphertexts ---- */

static uint32_t remainder_of(const uint8_t *bytes, uint64_t length, uint32_t divisor)
{
    uint32_t rest = 0;
    for (uint64_t i = length; i > 0; i--) rest = (rest * 256 + bytes[i - 1]) % divisor;
    return rest;
}

static void subtract_small(uint8_t *bytes, uint32_t small)
{
    for (uint32_t borrow = small; borrow > 0; bytes++) {
        uint32_t low = borrow & 0xff;
        borrow = (borrow >> 8) + (*bytes < low);
        *bytes = (uint8_t)(*bytes - low);
    }
}

enum { KEY_CHANGES = 10 };

/* key: an exported public key; its length in bits is the last thing before its modulus. */
static void change_key(const struct mutation_place *place, uint32_t number, uint8_t *key)
{
    static const uint32_t sizes[] = {0, 8, 4096, UINT32_MAX};
    const uint64_t modulus_length = place->modulus_length;
    uint8_t *modulus = key + place->key_head, *base = modulus + modulus_length;
    if (number < 4) bytes_store_u32(modulus - 4, sizes[number]);
    if (number == 4) memset(modulus, 0, modulus_length);
    if (number == 5) modulus[0] &= 0xfe;
    if (number == 6) subtract_small(modulus, remainder_of(modulus, modulus_length, 6) + 3); /* an odd multiple of 3 */
    if (number >= 7) memset(base, 0, place->ciphertext_length);
    if (number == 8) base[0] = 1;
    if (number == 9) memcpy(base, modulus, modulus_length);
}

static bool change_setup(const struct mutation_place *place, uint32_t number, struct buffer *out)
{
    if (place->purpose != FATE_PURPOSE_TRAIN || place->message != MESSAGE_SETUP || place->modulus == NULL || number >= KEY_CHANGES)
        return false;
    buffer_append(out, place->bytes, place->length);
    for (uint64_t at = 0; !out->failed && at + place->key_head + place->modulus_length + place->ciphertext_length <= out->length; at++)
        if (memcmp(out->bytes + at, "FATEP", 5) == 0) {
            change_key(place, number, out->bytes + at);
            return true;
        }
    return false;
}

enum { CIPHERTEXT_CHANGES = 6 };

/* product = number * number, both little-endian. */
static void square(uint8_t *product, const uint8_t *number, uint64_t length)
{
    memset(product, 0, 2 * length);
    for (uint64_t i = 0; i < length; i++) {
        uint32_t carry = 0;
        for (uint64_t j = 0; j < length; j++) {
            carry += product[i + j] + (uint32_t)number[i] * number[j];
            product[i + j] = (uint8_t)carry;
            carry >>= 8;
        }
        product[i + length] = (uint8_t)carry;
    }
}

/* The last ciphertext of a part becomes 0, n, n^2 (where it is as long), all ones, n * 2^8 (cut off), or a prime of n. */
static bool change_ciphertext(const struct mutation_place *place, uint32_t number, struct buffer *out)
{
    bool has = place->purpose == FATE_PURPOSE_TRAIN && (place->message == MESSAGE_GRADIENTS || place->message == MESSAGE_HISTOGRAMS);
    uint64_t length = place->ciphertext_length;
    if (!has || place->modulus == NULL || place->length < length || number >= CIPHERTEXT_CHANGES) return false;
    buffer_append(out, place->bytes, place->length);
    if (out->failed) return true;
    uint8_t *ciphertext = out->bytes + out->length - length;
    memset(ciphertext, number == 3 ? 0xff : 0, length);
    if (number == 1) memcpy(ciphertext, place->modulus, place->modulus_length);
    if (number == 2 && length == 2 * place->modulus_length) square(ciphertext, place->modulus, place->modulus_length);
    if (number == 4) memcpy(ciphertext + 1, place->modulus, place->modulus_length - (length == place->modulus_length));
    if (number == 5 && place->prime != NULL) memcpy(ciphertext, place->prime, place->modulus_length);
    return true;
}

bool mutation_make(const struct mutation_place *place, uint32_t number, struct buffer *out)
{
    buffer_clear(out);
    if (within(&number, SIZES)) {
        change_size(place, number, out);
    } else if (within(&number, 2 + PARTS_OF_BYTES)) {
        change_bytes(place, number, out);
    } else if (within(&number, WORDS * WORDS)) {
        change_word(place, number, out);
    } else if (!change_field(place, &number, out) && !change_setup(place, number, out)) {
        return change_ciphertext(place, number, out);
    }
    return true;
}

uint32_t mutation_count(const struct mutation_place *place, fate_context *context)
{
    struct buffer out;
    uint32_t count = 0;
    buffer_init(&out, context);
    while (mutation_make(place, count, &out)) count++;
    buffer_free(&out);
    return count;
}
