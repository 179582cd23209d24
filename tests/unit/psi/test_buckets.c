/* How items are cut into runs and buckets, and what of it is read back. */
#include "tests/support/unit.h"

#include <sodium.h>
#include "src/models/psi/buckets.h"

enum { SIZE = 12 };

static fate_context *context;

static int setup(void **state)
{
    (void)state;
    return fate_context_new(&context, NULL) == FATE_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static void fill(struct buckets *buckets, uint64_t count)
{
    uint8_t *items = buckets_room(buckets);
    assert_non_null(items);
    for (uint64_t i = 0; i < count * buckets->size; i++) items[i] = (uint8_t)(i * 37);
    buckets->filled += count;
}

/* Whatever the limit is, neither runs nor buckets are too many, and a lower limit makes more of them. */
static void memory_decides(void **state)
{
    static const uint64_t totals[] = {0, 1, 5, 1000, 10000000, UINT32_MAX}, memories[] = {0, 1000, 1000000, UINT64_C(1) << 28};
    (void)state;
    for (uint32_t i = 0; i < 6; i++)
        for (uint32_t j = 0; j < 4; j++) {
            struct buckets buckets;
            assert_int_equal(buckets_init(&buckets, context, "x", SIZE, memories[j], totals[i]), FATE_OK);
            assert_true(buckets.count >= 1 && buckets.count <= BUCKETS_MOST && buckets.most_runs <= BUCKETS_MOST + 1);
            assert_true(buckets.run_items * buckets.most_runs > totals[i]);
            buckets_free(&buckets);
        }
    struct buckets small;
    assert_int_equal(buckets_init(&small, context, "x", 4, 1000, 1000000), FATE_OK);
    assert_int_equal(small.count, 1); /* too short to be sorted */
    buckets_free(&small);
}

static void written_and_read(void **state)
{
    struct buckets one, other;
    struct buffer bytes, again;
    struct reader in;
    (void)state;
    assert_int_equal(buckets_init(&one, context, "x", SIZE, 1000, 50), FATE_OK);
    assert_int_equal(buckets_init(&other, context, "x", SIZE, 1000, 50), FATE_OK);
    fill(&one, 3);
    one.runs = 2;
    one.pieces[1].count = 9;
    one.pieces[1].digest[5] = 7;
    buffer_init(&bytes, context);
    buffer_init(&again, context);
    buckets_write(&one, &bytes);
    for (uint64_t length = 0; length < bytes.length; length++) { /* cut short anywhere */
        reader_init(&in, bytes.bytes, length);
        assert_int_equal(buckets_read(&other, &in), FATE_E_FORMAT);
    }
    reader_init(&in, bytes.bytes, bytes.length);
    assert_int_equal(buckets_read(&other, &in), FATE_OK);
    assert_true(reader_finished(&in));
    assert_int_equal(buckets_items(&other, 1), 9);
    buckets_write(&other, &again);
    assert_int_equal(again.length, bytes.length);
    assert_memory_equal(again.bytes, bytes.bytes, bytes.length);
    bytes_store_u32(bytes.bytes + 4, 48); /* more items than there can be */
    reader_init(&in, bytes.bytes, bytes.length);
    assert_int_equal(buckets_read(&other, &in), FATE_E_FORMAT);
    bytes_store_u32(bytes.bytes, 1000); /* more runs */
    reader_init(&in, bytes.bytes, bytes.length);
    assert_int_equal(buckets_read(&other, &in), FATE_E_FORMAT);
    buffer_free(&bytes);
    buffer_free(&again);
    buckets_free(&one);
    buckets_free(&other);
}

static void pieces_are_known_by_length_and_digest(void **state)
{
    static const uint8_t bytes[24] = {1, 2, 3};
    struct buckets_piece piece = {.count = 2};
    char name[BUCKETS_NAME + 24];
    (void)state;
    assert_false(buckets_piece_is(&piece, SIZE, bytes, sizeof bytes));
    crypto_generichash(piece.digest, BUCKETS_DIGEST, bytes, sizeof bytes, NULL, 0);
    assert_true(buckets_piece_is(&piece, SIZE, bytes, sizeof bytes));
    assert_false(buckets_piece_is(&piece, SIZE, bytes, sizeof bytes - 1));
    assert_false(buckets_piece_is(&piece, SIZE + 1, bytes, sizeof bytes));
    buckets_piece_name(name, sizeof name, "spill-a-own", 3, 14);
    assert_string_equal(name, "spill-a-own-3-14");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_decides),
        cmocka_unit_test(written_and_read),
        cmocka_unit_test(pieces_are_known_by_length_and_digest),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
