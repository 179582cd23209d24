/* What the tests of tables share: a counted context, a schema, tables from text, and a loop over failing allocations. */
#ifndef TESTS_SUPPORT_DATA_H
#define TESTS_SUPPORT_DATA_H

#include "tests/support/unit.h"

#include "lib/context.h"
#include "tests/support/allocator.h"
#include <fate/table.h>
#include <stdio.h>

static fate_context *context;
static fate_schema *schema;
static struct test_allocator counted;

/* A context, and a schema with id "id", label "y", weight "w" (both may be missing) and the categorical columns "c" and "d". */
static inline int data_setup(void **state)
{
    (void)state;
    fate_allocator allocator = test_allocator(&counted, -1);
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    assert_int_equal(fate_schema_new(context, &schema), FATE_OK);
    assert_int_equal(fate_schema_set_id(schema, "id"), FATE_OK);
    assert_int_equal(fate_schema_set_label(schema, "y", 0), FATE_OK);
    assert_int_equal(fate_schema_set_weight(schema, "w"), FATE_OK);
    assert_int_equal(fate_schema_add_categorical(schema, "c"), FATE_OK);
    assert_int_equal(fate_schema_add_categorical(schema, "d"), FATE_OK);
    return 0;
}

/* Fails when a block is still held. */
static inline int data_teardown(void **state)
{
    (void)state;
    fate_schema_free(schema);
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

/* Calls body with the k-th allocation failing, for k = 0, 1, 2, ... until it succeeds. */
static inline void data_fail_allocations(int32_t (*body)(void))
{
    int32_t result = FATE_E_MEMORY;
    for (long long k = 0; result != FATE_OK; k++) {
        long long live = atomic_load(&counted.live);
        atomic_store(&counted.calls, 0);
        counted.fail = k;
        result = body();
        counted.fail = -1;
        assert_int_equal(atomic_load(&counted.live), live);
        if (result != FATE_OK) {
            assert_int_equal(result, FATE_E_MEMORY);
            assert_true(k < atomic_load(&counted.calls));
        } else {
            assert_true(k > 0);
        }
    }
}

/* The table of a text; the test fails when it is bad. */
static inline fate_table *data_table(const char *text)
{
    fate_table *table;
    int32_t result = fate_table_parse_csv(context, &table, "t.csv", (const uint8_t *)text, strlen(text), schema);
    if (result != FATE_OK) print_message("%s\n", fate_context_error(context));
    assert_int_equal(result, FATE_OK);
    return table;
}

/* The text must be refused with that sentence. */
static inline void data_refuse(const char *text, size_t length, int32_t code, const char *sentence)
{
    fate_table *table = NULL;
    assert_int_equal(fate_table_parse_csv(context, &table, "t.csv", (const uint8_t *)text, length, schema), code);
    assert_null(table);
    assert_string_equal(fate_context_error(context), sentence);
}

static inline void data_equal(const fate_table *one, const fate_table *other)
{
    uint8_t digests[2][32];
    assert_int_equal(fate_table_digest(one, digests[0]), FATE_OK);
    assert_int_equal(fate_table_digest(other, digests[1]), FATE_OK);
    assert_memory_equal(digests[0], digests[1], 32);
}

/* A number below bound, from a state that the test begins with any value but 0 (xorshift64*, Vigna 2016). */
static inline uint32_t data_below(uint64_t *state, uint32_t bound)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * UINT64_C(2685821657736338717)) >> 32) % bound;
}

#endif
