/* Alignments in an application's hands: in one process, applied to tables, as facts; wrong arguments and wrong objects. */
#include "src/data/table.h"
#include "tests/support/allocator.h"
#include "lib/context.h"
#include "tests/support/psi.h"
#include "tests/support/unit.h"

static const struct psi_case sample = {.hosts = 1, .universe = 9, .sizes = {5, 6}, .seed = 4};

struct sides {
    fate_context *context;
    fate_simulator *simulator; /* for the keys that it fills in */
    const fate_job *job;
    fate_table *tables[2];
    fate_model *alignments[2];
};

static int32_t make(struct sides *sides, fate_context *context, const struct psi_case *from)
{
    char text[PSI_TEST_TEXT];
    memset(sides, 0, sizeof *sides);
    sides->context = context;
    psi_test_job(text, from);
    int32_t result = fate_simulator_new(context, &sides->simulator, text, FATE_PURPOSE_ALIGN, 1);
    sides->job = fate_simulator_job(sides->simulator);
    for (uint32_t party = 0; party < 2 && result == FATE_OK; party++) {
        char *csv = psi_test_csv(context, from, party);
        result = csv == NULL ? FATE_E_MEMORY
                             : fate_table_parse_csv(context, &sides->tables[party], "t", (const uint8_t *)csv, strlen(csv),
                                                    fate_job_schema(sides->job, party, FATE_PURPOSE_ALIGN));
        fate_free(context, csv);
    }
    return result;
}

static int32_t align(struct sides *sides)
{
    return fate_align_pooled(sides->context, sides->alignments, sides->job, (const fate_table *const *)sides->tables);
}

static void clear(struct sides *sides)
{
    for (uint32_t party = 0; party < 2; party++) {
        fate_table_free(sides->tables[party]);
        fate_model_free(sides->alignments[party]);
    }
    fate_simulator_free(sides->simulator);
}

static void tables_are_aligned(void **state)
{
    (void)state;
    struct sides sides;
    fate_context *context;
    fate_table *aligned[2];
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_int_equal(make(&sides, context, &sample), FATE_OK);
    assert_int_equal(align(&sides), FATE_OK);
    for (uint32_t party = 0; party < 2; party++) {
        assert_int_equal(fate_table_align(sides.tables[party], &aligned[party], sides.alignments[party]), FATE_OK);
        assert_int_equal(fate_table_rows(aligned[party]), psi_test_common(&sample, 0));
        assert_true(aligned[party]->aligned);
    }
    static const uint8_t key[32] = {2};
    uint8_t one[32], other[32];
    fate_table_id_digest(aligned[0], one, key);
    fate_table_id_digest(aligned[1], other, key);
    assert_memory_equal(one, other, sizeof one);
    for (uint32_t party = 0; party < 2; party++) fate_table_free(aligned[party]);
    clear(&sides);
    fate_context_free(context);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    struct sides sides;
    fate_context *context;
    fate_table *aligned;
    fate_model *alignment;
    uint64_t value;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_int_equal(make(&sides, context, &sample), FATE_OK);
    assert_int_equal(align(&sides), FATE_OK);
    const fate_model *good = sides.alignments[0];
    assert_int_equal(fate_align_pooled(NULL, sides.alignments, sides.job, (const fate_table *const *)sides.tables), FATE_E_ARGUMENT);
    assert_int_equal(fate_align(context, &alignment, sides.job, "guest", NULL, sides.tables[0], NULL, NULL, NULL), FATE_E_ARGUMENT);
    assert_null(alignment);
    assert_int_equal(fate_table_align(NULL, &aligned, good), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_align(sides.tables[0], &aligned, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_align(sides.tables[0], NULL, good), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_align(sides.tables[1], &aligned, good), FATE_E_TABLE);
    assert_int_equal(fate_alignment_fact(NULL, "rows", &value), FATE_E_ARGUMENT);
    assert_int_equal(fate_alignment_fact(good, "columns", &value), FATE_E_ARGUMENT);
    assert_int_equal(fate_alignment_fact(good, "own", &value), FATE_OK);
    assert_int_equal(value, 5);
    assert_int_equal(fate_alignment_write_csv(good, NULL, "a", "b"), FATE_E_ARGUMENT);
    assert_int_equal(fate_alignment_write_csv(good, sides.tables[0], NULL, "b"), FATE_E_ARGUMENT);
    assert_int_equal(fate_alignment_write_csv(good, sides.tables[0], "/nowhere/a", "/nowhere/b"), FATE_E_FILE);
    fate_table *missing[2] = {sides.tables[0], NULL};
    fate_model *models[2];
    assert_int_equal(fate_align_pooled(context, models, sides.job, (const fate_table *const *)missing), FATE_E_ARGUMENT);
    clear(&sides);
    fate_context_free(context);
}

static int32_t everything(fate_context *context)
{
    struct psi_case left = sample;
    struct sides sides;
    fate_table *aligned = NULL;
    left.parameters = "\"join\": \"left\"";
    left.duplicates = "many";
    left.repeated = true;
    int32_t result = make(&sides, context, &left);
    if (result == FATE_OK) result = align(&sides);
    if (result == FATE_OK) result = fate_table_align(sides.tables[1], &aligned, sides.alignments[1]);
    fate_table_free(aligned);
    clear(&sides);
    return result;
}

static void allocations_may_fail(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long k = 0; result != FATE_OK; k++) {
        struct test_allocator counted;
        fate_allocator allocator = test_allocator(&counted, k);
        fate_context *context = NULL;
        result = fate_context_new(&context, &allocator);
        if (result == FATE_OK) {
            result = everything(context);
            fate_context_free(context);
        }
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        assert_int_equal(atomic_load(&counted.live), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_aligned),
        cmocka_unit_test(wrong_arguments_are_refused),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
