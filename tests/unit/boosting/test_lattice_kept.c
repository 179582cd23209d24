/* Records of kept hints as bytes, and what of them counts in which run. */
#include "tests/support/unit.h"

#include "src/models/boosting/lattice_kept.h"

static struct lattice_record example(bool guest)
{
    struct lattice_record record = {.guest = guest, .used = 500, .base = 300};
    memset(record.binding, 1, LATTICE_SEED);
    memset(record.seed, 2, LATTICE_SEED);
    memset(record.run, 3, LATTICE_SEED);
    memset(record.made, 4, LATTICE_SEED);
    memset(record.numbering, 5, LATTICE_SEED);
    memset(record.blinding, 6, LATTICE_SEED);
    return record;
}

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    return context;
}

static void records_are_read_as_they_were_written(void **state)
{
    (void)state;
    fate_context *context = new_context();
    for (uint32_t guest = 0; guest < 2; guest++) {
        struct lattice_record record = example(guest == 1), again;
        struct buffer bytes;
        record.spent = guest == 1;
        if (guest == 0) record.said = (struct lattice_said){true, {9}, 77};
        buffer_init(&bytes, context);
        lattice_record_write(&bytes, &record);
        assert_int_equal(bytes.length, KEPT_RECORD);
        assert_true(lattice_record_read(&again, guest == 1, bytes.bytes, bytes.length));
        assert_memory_equal(again.binding, record.binding, LATTICE_SEED);
        assert_memory_equal(again.seed, record.seed, LATTICE_SEED);
        assert_memory_equal(again.run, record.run, LATTICE_SEED);
        assert_memory_equal(again.made, record.made, LATTICE_SEED);
        assert_memory_equal(again.numbering, record.numbering, LATTICE_SEED);
        assert_memory_equal(again.blinding, record.blinding, LATTICE_SEED);
        assert_true(again.guest == record.guest && again.spent == record.spent && again.used == 500 && again.base == 300);
        assert_true(again.said.holds == record.said.holds && again.said.used == record.said.used);
        /* Not another party's, no part of one, no other version or mark, no count that shrank. */
        assert_false(lattice_record_read(&again, guest == 0, bytes.bytes, bytes.length));
        for (uint64_t length = 0; length < KEPT_RECORD; length++)
            assert_false(lattice_record_read(&again, guest == 1, bytes.bytes, length));
        for (uint32_t at = 0; at < 3; at++) {
            bytes.bytes[at] ^= 2;
            assert_false(lattice_record_read(&again, guest == 1, bytes.bytes, bytes.length));
            bytes.bytes[at] ^= 2;
        }
        bytes.bytes[3 + 2 * LATTICE_SEED + 1] = 0; /* used: below 300 */
        assert_false(lattice_record_read(&again, guest == 1, bytes.bytes, bytes.length));
        buffer_free(&bytes);
    }
    fate_context_free(context);
}

static void messages_are_read_as_they_were_written(void **state)
{
    (void)state;
    fate_context *context = new_context();
    const struct lattice_said said = {true, {1, 2, 3}, 9}, none = {.holds = false};
    const struct lattice_choice kept = {true, {4, 5}}, fresh = {.kept = false};
    struct lattice_said said_again;
    struct lattice_choice choice_again;
    struct buffer bytes;
    buffer_init(&bytes, context);
    lattice_said_write(&bytes, &said);
    lattice_said_write(&bytes, &none);
    lattice_choice_write(&bytes, &kept);
    lattice_choice_write(&bytes, &fresh);
    assert_int_equal(bytes.length, 2 * KEPT_SAID + 2 * KEPT_CHOICE);
    uint8_t *first = bytes.bytes, *second = first + KEPT_SAID, *third = second + KEPT_SAID, *fourth = third + KEPT_CHOICE;
    assert_true(lattice_said_read(&said_again, first, KEPT_SAID) && said_again.holds && said_again.used == 9 && said_again.seed[2] == 3);
    assert_true(lattice_said_read(&said_again, second, KEPT_SAID) && !said_again.holds);
    assert_true(lattice_choice_read(&choice_again, third, KEPT_CHOICE) && choice_again.kept && choice_again.seed[1] == 5);
    assert_true(lattice_choice_read(&choice_again, fourth, KEPT_CHOICE) && !choice_again.kept);
    assert_false(lattice_said_read(&said_again, first, KEPT_SAID - 1));
    assert_false(lattice_said_read(&said_again, first, KEPT_SAID + 1));
    assert_false(lattice_choice_read(&choice_again, third, KEPT_CHOICE - 1));
    assert_false(lattice_choice_read(&choice_again, third, KEPT_CHOICE + 1));
    first[0] = 0; /* a hint that is not held has neither a seed nor vectors */
    assert_false(lattice_said_read(&said_again, first, KEPT_SAID));
    first[0] = 2;
    assert_false(lattice_said_read(&said_again, first, KEPT_SAID));
    third[0] = 0;
    assert_false(lattice_choice_read(&choice_again, third, KEPT_CHOICE));
    third[0] = 2;
    assert_false(lattice_choice_read(&choice_again, third, KEPT_CHOICE));
    buffer_free(&bytes);
    fate_context_free(context);
}

static void what_counts_depends_on_the_run(void **state)
{
    (void)state;
    uint8_t binding[LATTICE_SEED], other[LATTICE_SEED] = {0};
    struct lattice_kept kept = {.there = true, .record = example(true)};
    memset(binding, 1, sizeof binding);
    struct lattice_said said = lattice_kept_holds(&kept, binding);
    assert_true(said.holds && said.used == 500 && said.seed[0] == 2);
    assert_false(lattice_kept_holds(&kept, other).holds);
    memset(kept.run, 3, LATTICE_SEED); /* the run that took the last numbers, once more */
    said = lattice_kept_holds(&kept, binding);
    assert_true(said.holds && said.used == 300);
    memset(kept.run, 4, LATTICE_SEED); /* the run that made the hint, once more */
    assert_false(lattice_kept_holds(&kept, binding).holds);
    kept.record = example(false); /* a host says what it said */
    kept.record.said = (struct lattice_said){true, {8}, 123};
    memset(kept.run, 3, LATTICE_SEED);
    said = lattice_kept_holds(&kept, binding);
    assert_true(said.holds && said.used == 123 && said.seed[0] == 8);
    memset(kept.run, 7, LATTICE_SEED);
    assert_int_equal(lattice_kept_holds(&kept, binding).used, 500);
    kept.record.spent = true;
    assert_false(lattice_kept_holds(&kept, binding).holds);
    kept.there = kept.record.spent = false;
    assert_false(lattice_kept_holds(&kept, binding).holds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_as_they_were_written),
        cmocka_unit_test(messages_are_read_as_they_were_written),
        cmocka_unit_test(what_counts_depends_on_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
