/* Lists of secure aggregation: written, read, found; malformed ones are refused. */
#include "src/models/aggregation/messages.h"

#include "lib/context.h"
#include "tests/support/unit.h"

enum { PARTIES = 10, SIZE = 3 };

static void written_and_read(void **state)
{
    (void)state;
    fate_context *context;
    struct buffer out;
    struct list list;
    uint64_t round;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    buffer_init(&out, context);
    list_begin(&out, 77);
    for (uint32_t party = 1; party < PARTIES; party += 2) list_add(&out, party, (const uint8_t[]){(uint8_t)party, 2, 3}, SIZE);
    assert_true(list_read(&list, &round, out.bytes, out.length, SIZE, PARTIES));
    assert_true(round == 77 && list.count == 5);
    for (uint32_t party = 0; party < PARTIES + 2; party++) {
        const uint8_t *item = list_find(&list, party);
        assert_int_equal(item != NULL, party % 2 == 1 && party < PARTIES);
        if (item != NULL) assert_int_equal(item[0], party);
    }
    assert_int_equal(list_party(&list, 2), 5);
    assert_int_equal(list_item(&list, 2)[0], 5);
    for (uint64_t length = 0; length < out.length; length++)
        assert_int_equal(list_read(&list, &round, out.bytes, length, SIZE, PARTIES), length >= 8 && (length - 8) % (4 + SIZE) == 0);
    assert_false(list_read(&list, &round, out.bytes, out.length, SIZE, 9));
    assert_false(list_read(&list, &round, out.bytes, out.length, SIZE, 4));
    buffer_free(&out);
    fate_context_free(context);
}

static void order(void **state)
{
    (void)state;
    uint8_t bytes[8 + 2 * 4] = {0};
    struct list list;
    uint64_t round;
    for (uint32_t first = 0; first < 4; first++)
        for (uint32_t second = 0; second < 4; second++) {
            bytes_store_u32(bytes + 8, first);
            bytes_store_u32(bytes + 12, second);
            assert_int_equal(list_read(&list, &round, bytes, sizeof bytes, ITEM_NOTHING, 3), first < second && second < 3);
        }
}

static void keys(void **state)
{
    (void)state;
    struct round_keys one = {{1}, {2}, {3}}, other;
    uint8_t item[ITEM_KEYS];
    keys_write(item, &one);
    keys_read(&other, item);
    assert_memory_equal(&one, &other, sizeof one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(written_and_read), cmocka_unit_test(order), cmocka_unit_test(keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
