/* Nearest names. */
#include "tests/support/unit.h"

#include "src/session/nearest.h"

static const char *const known[] = {"trees", "depth", "learning_rate", "lambda"};

static void nearest_come_first(void **state)
{
    (void)state;
    char text[200];
    nearest_names(text, sizeof text, "tress", known, 4);
    assert_string_equal(text, "\"trees\", \"depth\" or \"lambda\"");
    nearest_names(text, sizeof text, "learningrate", known, 4);
    assert_memory_equal(text, "\"learning_rate\"", 15);
    nearest_names(text, sizeof text, "trees", known, 1);
    assert_string_equal(text, "\"trees\"");
    nearest_names(text, sizeof text, "lamda", known + 2, 2);
    assert_string_equal(text, "\"lambda\" or \"learning_rate\"");
}

static void none_and_long_and_cut(void **state)
{
    (void)state;
    char text[200], given[1000], small[12];
    nearest_names(text, sizeof text, "x", known, 0);
    assert_string_equal(text, "");
    memset(given, 'x', sizeof given - 1);
    given[sizeof given - 1] = '\0';
    nearest_names(text, sizeof text, given, known, 4);
    assert_true(strlen(text) > 0);
    nearest_names(text, sizeof text, "", known, 4);
    assert_memory_equal(text, "\"trees\"", 7);
    for (size_t size = 1; size <= sizeof small; size++) {
        nearest_names(small, size, "trees", known, 4);
        assert_true(strlen(small) < size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nearest_come_first), cmocka_unit_test(none_and_long_and_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
