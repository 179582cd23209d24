/* Stored sets as bytes: whole, cut off, too long, of another version, with numbers that no set has; their names and ages. */
#include "tests/support/unit.h"

#include <fate/simulator.h>
#include "src/models/psi/stored.h"

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return fate_context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

typedef bool (*reads)(const uint8_t *bytes, uint64_t length);

static bool reads_owned(const uint8_t *bytes, uint64_t length)
{
    struct stored_owned owned;
    return stored_owned_read(&owned, bytes, length);
}

static bool reads_held(const uint8_t *bytes, uint64_t length)
{
    struct stored_held held;
    return stored_held_read(&held, bytes, length);
}

static bool reads_said(const uint8_t *bytes, uint64_t length)
{
    struct stored_said said;
    return stored_said_read(&said, bytes, length);
}

static bool reads_offer(const uint8_t *bytes, uint64_t length)
{
    struct stored_offer offer;
    return stored_offer_read(&offer, bytes, length);
}

/* Only as long as it is, only this version, only flags that are 0 or 1. count_at: where a number of ids stands that no table has; 0: none. */
static void check(reads read, struct buffer *bytes, uint64_t length, uint64_t count_at)
{
    assert_int_equal(bytes->length, length);
    assert_true(read(bytes->bytes, length));
    for (uint64_t shorter = 0; shorter < length; shorter++) assert_false(read(bytes->bytes, shorter));
    buffer_u8(bytes, 0);
    assert_false(read(bytes->bytes, length + 1));
    for (uint64_t at = 0; at < 2; at++) {
        bytes->bytes[at] += 2;
        assert_false(read(bytes->bytes, length));
        bytes->bytes[at] -= 2;
    }
    if (count_at > 0) {
        bytes->bytes[count_at + 5] = 1;
        assert_false(read(bytes->bytes, length));
    }
    buffer_clear(bytes);
}

static void bytes_and_back(void **state)
{
    (void)state;
    struct buffer bytes, again;
    struct stored_owned
        owned = {.complete = true, .id = {1}, .key = {2}, .domain = {3}, .ids = {4}, .count = 70000, .queries = 5, .made = 6, .parts = 2},
        owned_again;
    struct stored_held held = {.complete = true, .id = {1}, .domain = {3}, .count = 7, .taken = 8, .parts = 1}, held_again;
    struct stored_said said = {.holds = true, .id = {9}}, said_again;
    struct stored_offer offer = {.fresh = true, .id = {9}, .domain = {1}, .count = 3}, offer_again;
    buffer_init(&bytes, context);
    buffer_init(&again, context);
    stored_owned_write(&owned, &bytes);
    assert_true(stored_owned_read(&owned_again, bytes.bytes, bytes.length));
    stored_owned_write(&owned_again, &again);
    assert_memory_equal(bytes.bytes, again.bytes, bytes.length);
    buffer_clear(&again);
    check(reads_owned, &bytes, STORED_OWNED, STORED_OWNED - 32);
    stored_held_write(&held, &bytes);
    assert_true(stored_held_read(&held_again, bytes.bytes, bytes.length));
    stored_held_write(&held_again, &again);
    assert_memory_equal(bytes.bytes, again.bytes, bytes.length);
    buffer_clear(&again);
    check(reads_held, &bytes, STORED_HELD, STORED_HELD - 24);
    stored_said_write(&said, &bytes);
    assert_true(stored_said_read(&said_again, bytes.bytes, bytes.length));
    stored_said_write(&said_again, &again);
    assert_memory_equal(bytes.bytes, again.bytes, bytes.length);
    buffer_clear(&again);
    check(reads_said, &bytes, STORED_SAID, 0);
    stored_offer_write(&offer, &bytes);
    assert_true(stored_offer_read(&offer_again, bytes.bytes, bytes.length));
    stored_offer_write(&offer_again, &again);
    assert_memory_equal(bytes.bytes, again.bytes, bytes.length);
    buffer_clear(&again);
    check(reads_offer, &bytes, STORED_OFFER, STORED_OFFER - 8);
    said.holds = false; /* who holds none names none */
    stored_said_write(&said, &bytes);
    assert_false(stored_said_read(&said_again, bytes.bytes, bytes.length));
    buffer_clear(&bytes);
    owned.parts = stored_parts(table_most_rows) + 1;
    stored_owned_write(&owned, &bytes);
    assert_false(stored_owned_read(&owned_again, bytes.bytes, bytes.length));
    buffer_clear(&bytes);
    held.parts = stored_parts(table_most_rows) + 1;
    stored_held_write(&held, &bytes);
    assert_false(stored_held_read(&held_again, bytes.bytes, bytes.length));
    buffer_free(&bytes);
    buffer_free(&again);
}

static void parts_and_ages(void **state)
{
    (void)state;
    assert_int_equal(stored_parts(0), 0);
    assert_int_equal(stored_parts(1), 1);
    assert_int_equal(stored_parts(STORED_ITEMS), 1);
    assert_int_equal(stored_parts(STORED_ITEMS + 1), 2);
    assert_false(stored_is_old(100, 100 + 86399, 1));
    assert_true(stored_is_old(100, 100 + 86400, 1));
    assert_true(stored_is_old(100, 99, 1)); /* the clock went back */
    assert_false(stored_is_old(100, UINT64_MAX, 0));
}

static void name_of(char *name, const char *ids, uint64_t seed, uint32_t peer, bool owner)
{
    char text[512];
    fate_simulator *simulator;
    snprintf(text, sizeof text,
             "{\"algorithm\":\"psi\",%s,\"parties\":[{\"name\":\"a\",\"role\":\"guest\"},{\"name\":\"b\",\"role\":\"host\"}]}", ids);
    if (fate_simulator_new(context, &simulator, text, FATE_PURPOSE_ALIGN, seed) != FATE_OK) fail_msg("%s", fate_context_error(context));
    stored_name(name, fate_simulator_job(simulator), peer, owner, false);
    assert_true(strlen(name) < STORED_NAME);
    fate_simulator_free(simulator);
}

/* One set of each peer, role and way to make ids. */
static void names_differ(void **state)
{
    (void)state;
    char names[8][STORED_NAME];
    name_of(names[0], "\"id\":\"id\"", 1, 1, true);
    name_of(names[1], "\"id\":\"id\"", 1, 1, false);
    name_of(names[2], "\"id\":\"id\"", 1, 0, true);
    name_of(names[3], "\"id\":\"id\"", 2, 1, true);
    name_of(names[4], "\"id\":\"phone\"", 1, 1, true);
    name_of(names[5], "\"id\":[\"id\",\"phone\"]", 1, 1, true);
    name_of(names[6], "\"id\":\"id\",\"normalise\":[\"trim\"]", 1, 1, true);
    name_of(names[7], "\"id\":\"id\",\"normalise\":[\"digits\"]", 1, 1, true);
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < i; j++) assert_string_not_equal(names[i], names[j]);
    name_of(names[1], "\"id\":\"id\",\"duplicates\":\"first\"", 1, 1, true);
    assert_string_equal(names[0], names[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_and_back, start, stop),
        cmocka_unit_test_setup_teardown(parts_and_ages, start, stop),
        cmocka_unit_test_setup_teardown(names_differ, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
