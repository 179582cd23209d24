/* Numbers and heads of the lattice cipher on the wire; heads that lie are refused. */
#include "src/crypto/lattice_wire.h"

#include "tests/support/lattice.h"
#include "tests/support/unit.h"

static void numbers_come_back(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {1};
    struct random_stream stream;
    random_stream_init(&stream, key, 0);
    for (uint8_t number = 1; number <= 3; number++) {
        const struct lattice_profile *profile = lattice_profile_of(number);
        struct lattice_word words[9], back[9];
        uint8_t bytes[9 * 16], again[9 * 16];
        random_stream_bytes(&stream, bytes, sizeof bytes);
        lattice_words_read(profile, words, bytes, 9);
        lattice_words_write(profile, again, words, 9);
        assert_memory_equal(again, bytes, 9 * profile->bytes);
        lattice_words_read(profile, back, again, 9);
        assert_memory_equal(back, words, sizeof words);
        assert_int_equal((uint8_t)words[1].low, bytes[profile->bytes]);
        if (number == 1) assert_true(words[0].high >> 40 == 0);
        if (number == 3) assert_true(words[0].high == 0);
    }
}

struct head_case {
    uint32_t at;
    uint8_t value;
};

static void heads(void **state)
{
    (void)state;
    static const struct head_case lies[] = {{0, 2}, {1, 2}, {2, 2},    {3, 1},   {4, 0},  {4, 4},   {7, 255},
                                            {8, 7}, {8, 6}, {15, 255}, {16, 10}, {23, 1}, {16, 255}};
    const struct lattice_shape shape = {200, 2, 8, 10, 20};
    fate_context *context = NULL;
    struct lattice_plan plan;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(lattice_plan_make(context, &plan, lattice_small(), &shape), FATE_OK);
    assert_int_equal(plan.reply_bytes, 4);
    uint8_t bytes[LATTICE_HEAD + 3 * 4] = {0};
    const uint8_t *body = NULL;
    const struct lattice_head head = {LATTICE_REPLY, 3, 5, 9, 77};
    struct lattice_head got;
    lattice_head_write(&plan, bytes, &head);
    assert_int_equal(lattice_head_read(context, &plan, LATTICE_REPLY, &got, bytes, sizeof bytes, &body), FATE_OK);
    assert_ptr_equal(body, bytes + LATTICE_HEAD);
    assert_true(got.kind == head.kind && got.count == 3 && got.first == 5 && got.number == 9 && got.attempt == 77);
    for (uint64_t length = 0; length < sizeof bytes; length++)
        assert_int_equal(lattice_head_read(context, &plan, LATTICE_REPLY, &got, bytes, length, &body), FATE_E_PROTOCOL);
    assert_int_equal(lattice_head_read(context, &plan, LATTICE_VECTOR, &got, bytes, sizeof bytes, &body), FATE_E_PROTOCOL);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        uint8_t truth = bytes[lies[i].at];
        bytes[lies[i].at] = lies[i].value;
        if (lattice_head_read(context, &plan, LATTICE_REPLY, &got, bytes, sizeof bytes, &body) != FATE_E_PROTOCOL)
            fail_msg("byte %u as %u is accepted", lies[i].at, lies[i].value);
        bytes[lies[i].at] = truth;
    }
    fate_context_free(context);
}

static void items_and_their_bytes(void **state)
{
    (void)state;
    const struct lattice_shape shape = {200, 2, 8, 10, 20};
    fate_context *context = NULL;
    struct lattice_plan plan;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(lattice_plan_make(context, &plan, lattice_small(), &shape), FATE_OK);
    assert_int_equal(lattice_items(&plan, LATTICE_HINT), 8);
    assert_int_equal(lattice_items(&plan, LATTICE_VECTOR), 264);
    assert_int_equal(lattice_items(&plan, LATTICE_REPLY), 8);
    assert_int_equal(lattice_item_bytes(&plan, LATTICE_HINT), 64 * 13);
    assert_int_equal(lattice_item_bytes(&plan, LATTICE_VECTOR), 13);
    uint8_t bytes[LATTICE_HEAD + 64 * 13] = {0};
    const uint8_t *body;
    struct lattice_head head = {LATTICE_HINT, 1, 7, 0, 0}, got;
    lattice_head_write(&plan, bytes, &head);
    assert_int_equal(lattice_head_read(context, &plan, LATTICE_HINT, &got, bytes, sizeof bytes, &body), FATE_OK);
    head.number = 1;
    lattice_head_write(&plan, bytes, &head);
    assert_int_equal(lattice_head_read(context, &plan, LATTICE_HINT, &got, bytes, sizeof bytes, &body), FATE_E_PROTOCOL);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_come_back), cmocka_unit_test(heads),
                                       cmocka_unit_test(items_and_their_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
