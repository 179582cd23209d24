/* Every code of include/fate/error.h has its name and a sentence. The header itself is read, so that list and enum cannot part. */
#include "tests/support/unit.h"

#include <fate/error.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* The next "FATE_NAME = NUMBER," of the enum; false after the last. */
static bool next_code(FILE *file, char *name, int32_t *code)
{
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) {
        int end = 0;
        if (sscanf(line, " %40[A-Z_] = %n", name, &end) == 1 && end > 0 && strncmp(name, "FATE_", 5) == 0) {
            *code = (int32_t)strtol(line + end, NULL, 10);
            return true;
        }
    }
    return false;
}

static void every_code_of_the_header_is_listed(void **state)
{
    (void)state;
    FILE *file = fopen("include/fate/error.h", "r");
    assert_non_null(file);
    char name[64];
    int32_t code;
    int codes = 0;
    for (; next_code(file, name, &code); codes++) {
        assert_string_equal(fate_result_name(code), name);
        assert_string_not_equal(fate_result_text(code), fate_result_text(-999));
        size_t length = strlen(fate_result_text(code));
        assert_true(length > 4 && fate_result_text(code)[length - 1] == '.');
    }
    fclose(file);
    int named = 0;
    for (int32_t i = -1000; i <= 1000; i++) named += strcmp(fate_result_name(i), "unknown") != 0;
    assert_int_equal(codes, named);
    assert_true(codes >= 32);
}

static void application_codes_share_a_name(void **state)
{
    (void)state;
    assert_string_equal(fate_result_name(-1000), "FATE_E_APPLICATION");
    assert_string_equal(fate_result_name(INT32_MIN), "FATE_E_APPLICATION");
    assert_string_equal(fate_result_name(-999), "unknown");
    assert_string_equal(fate_result_name(INT32_MAX), "unknown");
}

static void no_two_codes_share_a_sentence(void **state)
{
    (void)state;
    for (int32_t i = -27; i <= 3; i++)
        for (int32_t j = -27; j < i; j++) assert_string_not_equal(fate_result_text(i), fate_result_text(j));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_of_the_header_is_listed),
        cmocka_unit_test(application_codes_share_a_name),
        cmocka_unit_test(no_two_codes_share_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
