/* Facts and digests of a table: accessors are safe out of range, and no cell can change without the digest. */
#include "tests/support/data.h"

#include <fate/table.h>

static const char text[] = "id,y,n,c,w\na,0,1,x,1\nb,1,2.5,y,2\nc,0,,,3\n";

static void accessors_are_safe(void **state)
{
    (void)state;
    fate_table *table = data_table(text);
    uint64_t length = 9;
    assert_int_equal(fate_table_rows(table), 3);
    assert_int_equal(fate_table_columns(table), 2);
    assert_string_equal(fate_table_column_name(table, 0), "n");
    assert_int_equal(fate_table_column_kind(table, 0), FATE_COLUMN_NUMBER);
    assert_int_equal(fate_table_column_kind(table, 1), FATE_COLUMN_CATEGORY);
    assert_null(fate_table_codes(table, 0));
    assert_null(fate_table_numbers(table, 1));
    assert_int_equal(fate_table_category_count(table, 0), 0);
    assert_null(fate_table_category(table, 0, 0));
    assert_null(fate_table_category(table, 1, 2));
    assert_null(fate_table_column_name(table, 2));
    assert_int_equal(fate_table_column_kind(table, 2), 0);
    assert_null(fate_table_numbers(table, 2));
    assert_null(fate_table_codes(table, 2));
    assert_int_equal(fate_table_category_count(table, 2), 0);
    assert_null(fate_table_row_id(table, 3, &length));
    assert_int_equal(length, 0);
    assert_memory_equal(fate_table_row_id(table, 2, NULL), "c", 1);
    assert_int_equal(fate_table_rows(NULL) + fate_table_columns(NULL), 0);
    assert_null(fate_table_label(NULL));
    assert_null(fate_table_weight(NULL));
    assert_null(fate_table_row_id(NULL, 0, &length));
    fate_table_free(table);
}

static void every_cell_counts(void **state)
{
    (void)state;
    static const char *const others[] = {
        "id,y,n,c,w\nA,0,1,x,1\nb,1,2.5,y,2\nc,0,,,3\n",
        "id,y,n,c,w\na,1,1,x,1\nb,1,2.5,y,2\nc,0,,,3\n",
        "id,y,n,c,w\na,0,1.5,x,1\nb,1,2.5,y,2\nc,0,,,3\n",
        "id,y,n,c,w\na,0,1,y,1\nb,1,2.5,y,2\nc,0,,,3\n",
        "id,y,n,c,w\na,0,1,x,2\nb,1,2.5,y,2\nc,0,,,3\n",
        "id,y,n,c,w\na,0,1,x,1\nb,1,2.5,y,2\nc,0,0,,3\n",
        "id,y,n,c,w\na,0,1,x,1\nb,1,2.5,y,2\nc,0,,x,3\n",
        "id,y,n,c,w\na,0,1,x,1\nb,1,2.5,z,2\nc,0,,,3\n",
        "id,y,m,c,w\na,0,1,x,1\nb,1,2.5,y,2\nc,0,,,3\n",
        "id,y,n,d,w\na,0,1,x,1\nb,1,2.5,y,2\nc,0,,,3\n",
        "id,y,n,c\na,0,1,x\nb,1,2.5,y\nc,0,,\n",
        "id,n,c,w\na,1,x,1\nb,2.5,y,2\nc,,,3\n",
        "id,y,n,c,w\na,0,1,x,1\nb,1,2.5,y,2\n",
        "id,y,c,n,w\na,0,x,1,1\nb,1,y,2.5,2\nc,0,,,3\n",
        "id,y,n,c,w\nab,0,1,x,1\nb,1,2.5,y,2\nc,0,,,3\n",
        "id,y,c,w\na,0,x,1\nb,1,y,2\nc,0,,3\n",
    };
    enum { COUNT = sizeof others / sizeof others[0] };
    uint8_t digests[COUNT + 1][32];
    for (size_t i = 0; i <= COUNT; i++) {
        fate_table *table = data_table(i == COUNT ? text : others[i]);
        assert_int_equal(fate_table_digest(table, digests[i]), FATE_OK);
        fate_table_free(table);
        for (size_t j = 0; j < i; j++) assert_memory_not_equal(digests[i], digests[j], 32);
    }
}

static void only_the_meaning_counts(void **state)
{
    (void)state;
    fate_table *table = data_table(text);
    fate_table *other = data_table("\xef\xbb\xbf"
                                   "id,y,n,\"c\",w\r\n\"b\",1,2.50,y,2\r\nc,-0, NA ,?,3\r\n\r\na,0,1e0,x,1");
    data_equal(table, other);
    fate_table_free(table);
    fate_table_free(other);
}

static void long_columns_are_hashed_whole(void **state)
{
    (void)state;
    enum { ROWS = 1000 };
    static uint8_t ids[ROWS * 2];
    static uint64_t offsets[ROWS + 1];
    static double values[ROWS];
    uint8_t before[32], after[32];
    for (uint32_t i = 0; i < ROWS; i++) {
        ids[2 * i] = (uint8_t)(i >> 8);
        ids[2 * i + 1] = (uint8_t)i;
        offsets[i + 1] = 2 * (i + UINT64_C(1));
    }
    for (uint32_t changed = 0; changed < ROWS; changed += 37) {
        for (uint32_t round = 0; round < 2; round++) {
            fate_table *table;
            values[changed] = round;
            assert_int_equal(fate_table_new(context, &table, ROWS), FATE_OK);
            assert_int_equal(fate_table_set_ids(table, ids, offsets), FATE_OK);
            assert_int_equal(fate_table_add_numbers(table, "n", values), FATE_OK);
            assert_int_equal(fate_table_finish(table), FATE_OK);
            assert_int_equal(fate_table_digest(table, round ? after : before), FATE_OK);
            fate_table_free(table);
        }
        assert_memory_not_equal(before, after, 32);
    }
}

static void the_id_digest_is_keyed_and_sees_ids_alone(void **state)
{
    (void)state;
    static const uint8_t keys[2][32] = {{1}, {2}};
    uint8_t digests[5][32];
    fate_table *table = data_table(text);
    fate_table *same = data_table("id\nc\nb\na\n");
    fate_table *other = data_table("id\nc\nb\nab\n");
    fate_table *joined = data_table("id\ncb\na\nbb\n");
    assert_int_equal(fate_table_id_digest(table, digests[0], keys[0]), FATE_OK);
    assert_int_equal(fate_table_id_digest(same, digests[1], keys[0]), FATE_OK);
    assert_int_equal(fate_table_id_digest(other, digests[2], keys[0]), FATE_OK);
    assert_int_equal(fate_table_id_digest(table, digests[3], keys[1]), FATE_OK);
    assert_int_equal(fate_table_id_digest(joined, digests[4], keys[0]), FATE_OK);
    assert_memory_equal(digests[0], digests[1], 32);
    assert_memory_not_equal(digests[0], digests[2], 32);
    assert_memory_not_equal(digests[0], digests[3], 32);
    assert_memory_not_equal(digests[0], digests[4], 32);
    fate_table_free(table);
    fate_table_free(same);
    fate_table_free(other);
    fate_table_free(joined);
}

static void digests_need_a_finished_table(void **state)
{
    (void)state;
    static const uint8_t key[32] = {0};
    uint8_t digest[32];
    fate_table *table;
    assert_int_equal(fate_table_new(context, &table, 0), FATE_OK);
    assert_int_equal(fate_table_digest(table, digest), FATE_E_STATE);
    assert_int_equal(fate_table_id_digest(table, digest, key), FATE_E_STATE);
    assert_int_equal(fate_table_digest(NULL, digest), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_digest(table, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_id_digest(NULL, digest, key), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_id_digest(table, NULL, key), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_id_digest(table, digest, NULL), FATE_E_ARGUMENT);
    fate_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accessors_are_safe),
        cmocka_unit_test(every_cell_counts),
        cmocka_unit_test(only_the_meaning_counts),
        cmocka_unit_test(long_columns_are_hashed_whole),
        cmocka_unit_test(the_id_digest_is_keyed_and_sees_ids_alone),
        cmocka_unit_test(digests_need_a_finished_table),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
