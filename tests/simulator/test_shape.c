/* Who watches the network learns nothing from sizes that is not declared: jobs with the same public facts and other private data send the
 * same frames, as long, in the same order. */
#include "lib/bytes.h"
#include "tests/support/driven.h"
#include "tests/support/unit.h"

static const struct driven_fault none = {.call = CALL_ALLOCATE, .number = -1};

/* All frames of a training and of a scoring. */
static void trace(const struct boosting_case *from, uint64_t seed, fate_context *context, struct buffer *out)
{
    struct driven_world world;
    struct driven run;
    buffer_init(out, context);
    assert_true(driven_world_make(&world, from));
    for (int32_t purpose = FATE_PURPOSE_TRAIN; purpose <= FATE_PURPOSE_PREDICT; purpose++) {
        assert_true(driven_begin(&run, &world, 0, purpose));
        run.trace = out;
        run.seed = seed;
        assert_int_equal(driven_run(&run, none, true), FATE_OK);
        assert_null(run.wrong);
        driven_end(&run);
    }
    driven_world_free(&world);
    assert_false(out->failed);
}

static void assert_same_frames(const struct boosting_case *one, const struct boosting_case *other, uint64_t seed)
{
    fate_context *context = NULL;
    struct buffer first, second;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    trace(one, 0, context, &first);
    trace(other, seed, context, &second);
    for (uint64_t at = 0; at < first.length && at < second.length; at += 16) {
        if (memcmp(first.bytes + at, second.bytes + at, 16) == 0) continue;
        for (int i = 0; i < 2; i++) {
            const uint8_t *frame = (i == 0 ? first : second).bytes + at;
            print_error("frame %llu: party%u to party%u, %llu bytes\n", (unsigned long long)at / 16, bytes_load_u32(frame),
                        bytes_load_u32(frame + 4), (unsigned long long)bytes_load_u64(frame + 8));
        }
        break;
    }
    assert_int_equal(first.length, second.length);
    assert_true(first.length > 16 * 30);
    assert_memory_equal(first.bytes, second.bytes, first.length);
    buffer_free(&first);
    buffer_free(&second);
    fate_context_free(context);
}

static const struct boosting_case plain = {.hosts = 2,
                                           .rows = 60,
                                           .validation_rows = 20,
                                           .columns = 3,
                                           .missing = true,
                                           .categories = true,
                                           .parameters = "\"trees\": 3, \"depth\": 3, \"guest_trees\": 1",
                                           .seed = 140};

static void other_labels(void **state)
{
    (void)state;
    struct boosting_case other = plain;
    other.flipped = true;
    assert_same_frames(&plain, &other, 0);
}

static void other_values(void **state)
{
    (void)state;
    struct boosting_case other = plain;
    other.mapped = true;
    assert_same_frames(&plain, &other, 0);
}

static void other_ids(void **state)
{
    (void)state;
    struct boosting_case other = plain;
    other.renamed = true;
    assert_same_frames(&plain, &other, 0);
}

/* Other keys, obfuscators, and numbers of the hosts' columns; all columns have equally many bins, which is what numbers are seen by. */
static void other_random_numbers(void **state)
{
    (void)state;
    struct boosting_case level = plain;
    level.missing = level.categories = false;
    level.parameters = "\"trees\": 3, \"depth\": 3, \"guest_trees\": 1, \"bins\": 3";
    for (uint64_t seed = 1; seed < 6; seed++) assert_same_frames(&level, &level, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_labels),
        cmocka_unit_test(other_values),
        cmocka_unit_test(other_ids),
        cmocka_unit_test(other_random_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
