/* Messages: what is encoded comes back; every shorter message and every member out of range is refused; memory may run out anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <fate/table.h>
#include "src/models/boosting/messages.h"
#include "tests/support/allocator.h"

static fate_context *context;

static int make_context(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int free_context(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static uint8_t digest[MESSAGE_DIGEST];
static uint8_t bits[64];
static const uint32_t bins[] = {2, 9, 16};
static const struct message_level level = {.tree = 4, .level = 1, .first = 1, .end = 3, .bins = bins, .column_count = 3};

static ProtobufCBinaryData binary(uint64_t length)
{
    return (ProtobufCBinaryData){.len = length, .data = bits};
}

/* A columns message that is in order; tests change one thing. */
static message_column column, *columns[1] = {&column};
static message_columns good_columns(void)
{
    message_columns message = BOOSTING_MESSAGE__COLUMNS__INIT;
    boosting_message__column_summary__init(&column);
    column.kind = FATE_COLUMN_NUMBER;
    column.bins = 9;
    column.value_bins = 8;
    message.rows = 100;
    message.id_digest = (ProtobufCBinaryData){.len = MESSAGE_DIGEST, .data = digest};
    message.n_columns = 1;
    message.columns = columns;
    return message;
}

/* Encodes and decodes again; the result of decoding. */
static int32_t pass_columns(const message_columns *message)
{
    struct buffer bytes;
    message_columns *decoded;
    buffer_init(&bytes, context);
    assert_int_equal(message_encode(context, &message->base, &bytes), FATE_OK);
    int32_t result = message_decode_columns(context, &decoded, bytes.bytes, bytes.length, 32);
    if (result == FATE_OK) {
        assert_int_equal(decoded->rows, message->rows);
        assert_int_equal(decoded->n_columns, message->n_columns);
        message_free(context, &decoded->base);
    }
    buffer_free(&bytes);
    return result;
}

static void columns_messages(void **state)
{
    (void)state;
    message_columns message = good_columns();
    assert_int_equal(pass_columns(&message), FATE_OK);
    message.n_columns = 0;
    assert_int_equal(pass_columns(&message), FATE_OK);
    message = good_columns();
    message.id_digest.len--;
    assert_int_equal(pass_columns(&message), FATE_E_PROTOCOL);
    message = good_columns();
    message.has_validation = 1;
    assert_int_equal(pass_columns(&message), FATE_E_PROTOCOL);
    message.validation_digest = message.id_digest;
    assert_int_equal(pass_columns(&message), FATE_OK);
    message.has_validation = 0;
    assert_int_equal(pass_columns(&message), FATE_E_PROTOCOL);
    const uint32_t wrong[][3] = {{0, 9, 8}, {3, 9, 8}, {UINT32_MAX, 9, 8}, {1, 0, 0}, {1, 33, 33}, {1, 9, 7}, {1, 9, 10}, {1, 9, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        message = good_columns();
        column.kind = wrong[i][0];
        column.bins = wrong[i][1];
        column.value_bins = wrong[i][2];
        assert_int_equal(pass_columns(&message), FATE_E_PROTOCOL);
    }
}

static int32_t pass_round(uint32_t kind, uint32_t tree, uint8_t first, uint64_t shape_bytes)
{
    struct buffer bytes;
    message_round round = BOOSTING_MESSAGE__ROUND__INIT, *decoded;
    memset(bits, 0, sizeof bits);
    bits[0] = first;
    round.kind = (BoostingMessage__Round__Kind)kind;
    round.tree = tree;
    round.shape = binary(shape_bytes);
    buffer_init(&bytes, context);
    assert_int_equal(message_encode(context, &round.base, &bytes), FATE_OK);
    int32_t result = message_decode_round(context, &decoded, bytes.bytes, bytes.length, 4);
    if (result == FATE_OK) {
        message_free(context, &decoded->base);
    }
    buffer_free(&bytes);
    return result;
}

static void rounds(void **state)
{
    (void)state;
    enum {
        SHARED = BOOSTING_MESSAGE__ROUND__KIND__SHARED,
        OWN = BOOSTING_MESSAGE__ROUND__KIND__OWN,
        END = BOOSTING_MESSAGE__ROUND__KIND__END
    };
    assert_int_equal(pass_round(SHARED, 4, 0, 0), FATE_OK);
    assert_int_equal(pass_round(SHARED, 3, 0, 0), FATE_E_PROTOCOL);
    assert_int_equal(pass_round(SHARED, 4, 0, 1), FATE_E_PROTOCOL);
    assert_int_equal(pass_round(END, 4, 0, 0), FATE_OK);
    assert_int_equal(pass_round(END, 0, 0, 0), FATE_OK);
    assert_int_equal(pass_round(END, 5, 0, 0), FATE_E_PROTOCOL);
    assert_int_equal(pass_round(0, 4, 0, 0), FATE_E_PROTOCOL);
    assert_int_equal(pass_round(4, 4, 0, 0), FATE_E_PROTOCOL);
    assert_int_equal(pass_round(OWN, 4, 0x00, 1), FATE_OK);         /* a leaf */
    assert_int_equal(pass_round(OWN, 4, 0x05, 1), FATE_OK);         /* root and right child are split: five nodes */
    assert_int_equal(pass_round(OWN, 4, 0x25, 1), FATE_E_PROTOCOL); /* a bit beyond the five */
    assert_int_equal(pass_round(OWN, 4, 0x05, 2), FATE_E_PROTOCOL);
    assert_int_equal(pass_round(OWN, 4, 0xff, 1), FATE_E_PROTOCOL); /* never ends */
    assert_int_equal(pass_round(OWN, 4, 0x00, 0), FATE_E_PROTOCOL);
}

/* Splits of node 1 by column 1 and of node 2 by columns 0 and 2. */
static message_node_split nodes[2], *node_pointers[2] = {&nodes[0], &nodes[1]};
static message_candidate candidates[3], *candidate_pointers[3] = {&candidates[0], &candidates[1], &candidates[2]};
static uint8_t lefts[3][2];
static message_splits good_splits(void)
{
    static const uint32_t numbers[] = {1, 0, 2};
    message_splits message = BOOSTING_MESSAGE__SPLITS__INIT;
    memset(lefts, 0, sizeof lefts);
    for (uint32_t i = 0; i < 3; i++) {
        boosting_message__candidate__init(&candidates[i]);
        candidates[i].column = numbers[i] + 1;
        lefts[i][0] = 1;
        candidates[i].left = (ProtobufCBinaryData){.len = message_bit_bytes(bins[numbers[i]]), .data = lefts[i]};
    }
    for (uint32_t i = 0; i < 2; i++) {
        boosting_message__node_split__init(&nodes[i]);
        nodes[i].node = 1 + i;
        nodes[i].n_tied = 1 + i;
        nodes[i].tied = &candidate_pointers[i];
    }
    message.tree = 4;
    message.level = 1;
    message.n_nodes = 2;
    message.nodes = node_pointers;
    return message;
}

static int32_t pass_splits(const message_splits *message)
{
    struct buffer bytes;
    message_splits *decoded;
    buffer_init(&bytes, context);
    assert_int_equal(message_encode(context, &message->base, &bytes), FATE_OK);
    int32_t result = message_decode_splits(context, &decoded, bytes.bytes, bytes.length, &level);
    if (result == FATE_OK) {
        assert_int_equal(decoded->n_nodes, message->n_nodes);
        if (decoded->n_nodes > 0) assert_int_equal(decoded->nodes[0]->tied[0]->column, 1);
        message_free(context, &decoded->base);
    }
    buffer_free(&bytes);
    return result;
}

static void splits(void **state)
{
    (void)state;
    message_splits message = good_splits();
    assert_int_equal(pass_splits(&message), FATE_OK);
    message.n_nodes = 0;
    assert_int_equal(pass_splits(&message), FATE_OK);
    for (int change = 0; change < 12; change++) {
        message = good_splits();
        switch (change) {
        case 0: message.tree = 3; break;
        case 1: message.level = 2; break;
        case 2: nodes[0].node = 0; break;
        case 3: nodes[1].node = 3; break;
        case 4: nodes[1].node = 1; break;
        case 5: nodes[0].n_tied = 0; break;
        case 6: candidates[2].column = 4; break;
        case 7:
            candidates[2].column = 1; /* column 0 again */
            candidates[2].left.len = 1;
            break;
        case 8: candidates[0].left.len = 1; break;
        case 9: lefts[0][0] = 0; break;
        case 10: candidates[0].column = 0; break; /* none */
        default: lefts[1][0] = 3; break;          /* both bins of column 0 */
        }
        assert_int_equal(pass_splits(&message), FATE_E_PROTOCOL);
    }
    message = good_splits();
    lefts[0][1] = 2; /* a bit beyond the nine bins of column 1 */
    assert_int_equal(pass_splits(&message), FATE_E_PROTOCOL);
}

/* Every prefix of a message is refused or a shorter message; no byte beyond is read (checked by sanitizers). */
static void truncated_messages(void **state)
{
    (void)state;
    struct buffer bytes;
    message_splits message = good_splits(), *decoded;
    buffer_init(&bytes, context);
    assert_int_equal(message_encode(context, &message.base, &bytes), FATE_OK);
    for (uint64_t cut = 0; cut < bytes.length; cut++) {
        uint8_t *exact = malloc(cut + (cut == 0));
        assert_non_null(exact);
        memcpy(exact, bytes.bytes, cut);
        if (message_decode_splits(context, &decoded, exact, cut, &level) == FATE_OK) {
            assert_true(decoded->n_nodes < 2);
            message_free(context, &decoded->base);
        }
        free(exact);
    }
    buffer_free(&bytes);
}

/* Many fields in few bytes would need much memory: they are counted before anything is made of them. */
static void floods_of_fields(void **state)
{
    (void)state;
    enum { LENGTH = 100000 };
    uint8_t *flood = malloc(LENGTH + 8);
    message_splits *splits_message;
    message_children *children;
    message_columns *columns_message;
    assert_non_null(flood);
    for (uint32_t i = 0; i < LENGTH; i += 2) { /* empty messages of field 3: nodes; then of field 6: columns */
        flood[i] = 3 << 3 | 2;
        flood[i + 1] = 0;
    }
    assert_int_equal(message_decode_splits(context, &splits_message, flood, LENGTH, &level), FATE_E_PROTOCOL);
    assert_int_equal(message_decode_children(context, &children, flood, LENGTH, &level), FATE_E_PROTOCOL);
    for (uint32_t i = 0; i < LENGTH; i += 2) {
        flood[i] = 15 << 3; /* a field that nobody knows, 0 */
    }
    assert_int_equal(message_decode_columns(context, &columns_message, flood, LENGTH, 32), FATE_E_PROTOCOL);
    /* One node with a flood inside. */
    memmove(flood + 4, flood, LENGTH);
    const uint8_t head[] = {3 << 3 | 2, 0xa0, 0x8d, 0x06};
    memcpy(flood, head, sizeof head);
    assert_int_equal(message_decode_splits(context, &splits_message, flood, LENGTH + 4, &level), FATE_E_PROTOCOL);
    free(flood);
}

static void bit_fields(void **state)
{
    (void)state;
    uint8_t field[3] = {0};
    message_set_bit(field, 0);
    message_set_bit(field, 9);
    assert_int_equal(field[0], 1);
    assert_int_equal(field[1], 2);
    assert_true(message_bit(field, 9));
    assert_false(message_bit(field, 8));
    assert_int_equal(message_bit_bytes(0), 0);
    assert_int_equal(message_bit_bytes(8), 1);
    assert_int_equal(message_bit_bytes(9), 2);
    ProtobufCBinaryData binary_field = {.len = 2, .data = field};
    assert_true(message_has_bits(&binary_field, 10));
    assert_true(message_has_bits(&binary_field, 16));
    assert_false(message_has_bits(&binary_field, 9));
    assert_false(message_has_bits(&binary_field, 17));
    assert_false(message_has_bits(&binary_field, 8));
    binary_field = (ProtobufCBinaryData){0};
    assert_true(message_has_bits(&binary_field, 0));
}

static void counts_of_rows(void **state)
{
    (void)state;
    const uint32_t each[] = {2, 1, 3}, counts[] = {4, 5, 6, 7, 8, 9};
    struct message_level here = {.tree = 1, .level = 2, .bins = each, .column_count = 3}, other = here;
    struct buffer bytes;
    struct reader reader;
    struct count_column next;
    buffer_init(&bytes, context);
    count_message_head(&bytes, 1, 2);
    count_message_column(&bytes, 0, counts, 4);
    count_message_column(&bytes, 2, counts, 6);
    assert_true(count_message_open(&reader, bytes.bytes, bytes.length, &here));
    assert_true(count_message_next(&reader, &next, 0, 2, &here));
    assert_int_equal(next.column, 0);
    assert_int_equal(next.cells, 4);
    assert_int_equal(bytes_load_u32(next.counts + 12), 7);
    assert_true(count_message_next(&reader, &next, 1, 2, &here));
    assert_int_equal(next.column, 2);
    assert_int_equal(next.cells, 6);
    assert_true(reader_finished(&reader));
    assert_false(count_message_next(&reader, &next, 0, 2, &here));
    /* cut off, a number that does not ascend, one that is none, another tree or level */
    assert_true(count_message_open(&reader, bytes.bytes, 8 + 4 + 15, &here));
    assert_false(count_message_next(&reader, &next, 0, 2, &here));
    assert_true(count_message_open(&reader, bytes.bytes, bytes.length, &here));
    assert_false(count_message_next(&reader, &next, 1, 2, &here));
    bytes_store_u32(bytes.bytes + 8, 3);
    assert_true(count_message_open(&reader, bytes.bytes, bytes.length, &here));
    assert_false(count_message_next(&reader, &next, 0, 2, &here));
    assert_false(count_message_open(&reader, bytes.bytes, 7, &here));
    other.tree = 0;
    assert_false(count_message_open(&reader, bytes.bytes, bytes.length, &other));
    other = here;
    other.level = 1;
    assert_false(count_message_open(&reader, bytes.bytes, bytes.length, &other));
    buffer_free(&bytes);
}

static void parts(void **state)
{
    (void)state;
    struct buffer bytes;
    struct gradient_part gradients = {.first = 5, .count = 3};
    struct histogram_part histogram = {.tree = 1, .level = 2, .first = 4, .cells = 2};
    struct outcome_part outcomes = {.first = 5, .count = 3};
    buffer_init(&bytes, context);
    gradient_part_head(&bytes, &gradients);
    buffer_append(&bytes, bits, 30);
    assert_true(gradient_part_read(&gradients, bytes.bytes, bytes.length, 5, 8, 10));
    assert_ptr_equal(gradients.ciphertexts, bytes.bytes + GRADIENT_PART_HEAD);
    assert_false(gradient_part_read(&gradients, bytes.bytes, bytes.length, 4, 8, 10));
    assert_false(gradient_part_read(&gradients, bytes.bytes, bytes.length, 5, 7, 10));
    assert_false(gradient_part_read(&gradients, bytes.bytes, bytes.length, 5, 8, 11));
    assert_false(gradient_part_read(&gradients, bytes.bytes, bytes.length - 1, 5, 8, 10));
    assert_false(gradient_part_read(&gradients, bytes.bytes, 15, 5, 8, 10));
    assert_false(gradient_part_read(&gradients, bytes.bytes, 0, 0, 8, 10));
    buffer_clear(&bytes);
    histogram_part_head(&bytes, &histogram);
    assert_int_equal(bytes.length, HISTOGRAM_PART_HEAD);
    buffer_append(&bytes, bits, 20);
    assert_true(histogram_part_read(&histogram, bytes.bytes, bytes.length));
    assert_int_equal(histogram.first, 4);
    assert_int_equal(histogram.cells, 2);
    assert_int_equal(histogram.ciphertext_length, 20);
    assert_false(histogram_part_read(&histogram, bytes.bytes, HISTOGRAM_PART_HEAD - 1));
    bytes_store_u32(bytes.bytes + 16, 0);
    assert_false(histogram_part_read(&histogram, bytes.bytes, bytes.length));
    buffer_clear(&bytes);
    outcome_part_head(&bytes, &outcomes);
    assert_true(outcome_part_read(&outcomes, bytes.bytes, bytes.length, 5, 8, 0));
    assert_false(outcome_part_read(&outcomes, bytes.bytes, bytes.length, 5, 8, 1));
    buffer_append(&bytes, bits, 6);
    assert_true(outcome_part_read(&outcomes, bytes.bytes, bytes.length, 5, 8, 2));
    assert_false(outcome_part_read(&outcomes, bytes.bytes, bytes.length, 5, 8, 0));
    bytes_store_u64(bytes.bytes + 8, UINT64_MAX);
    assert_false(outcome_part_read(&outcomes, bytes.bytes, bytes.length, 5, UINT64_MAX, 2));
    buffer_free(&bytes);
}

static void lack_of_memory_is_no_violation(void **state)
{
    (void)state;
    struct buffer bytes;
    message_splits message = good_splits(), *decoded;
    int32_t result = FATE_E_MEMORY;
    buffer_init(&bytes, context);
    assert_int_equal(message_encode(context, &message.base, &bytes), FATE_OK);
    for (long long fail = 1; result == FATE_E_MEMORY; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, fail);
        fate_context *small;
        assert_int_equal(context_new(&small, &allocator), FATE_OK);
        result = message_decode_splits(small, &decoded, bytes.bytes, bytes.length, &level);
        if (result == FATE_OK) {
            message_free(small, &decoded->base);
        }
        fate_context_free(small);
        assert_int_equal(atomic_load(&test.live), 0);
    }
    assert_int_equal(result, FATE_OK);
    buffer_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_messages),   cmocka_unit_test(rounds),     cmocka_unit_test(splits),
        cmocka_unit_test(truncated_messages), cmocka_unit_test(bit_fields), cmocka_unit_test(floods_of_fields),
        cmocka_unit_test(counts_of_rows),     cmocka_unit_test(parts),      cmocka_unit_test(lack_of_memory_is_no_violation),
    };
    return cmocka_run_group_tests(tests, make_context, free_context);
}
