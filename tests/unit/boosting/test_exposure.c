/* How many sums a job gives away, against those that are sent; and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/boosting/exposure.h"
#include "src/session/job.h"
#include "tests/support/boosting_hostile.h"

static struct boosting_parameters plain(uint32_t trees, uint32_t depth)
{
    return (struct boosting_parameters){.trees = trees, .depth = depth, .bins = 32, .colsample_bylevel = 1, .tree_outputs = 1};
}

static void sums_of_trees(void **state)
{
    (void)state;
    struct boosting_parameters parameters = plain(10, 3);
    assert_int_equal(exposure_sums(&parameters), 2 * 10 * 4);
    parameters.guest_trees = 4;
    assert_int_equal(exposure_sums(&parameters), 2 * 6 * 4);
    parameters.tree_outputs = 5;
    assert_int_equal(exposure_sums(&parameters), 2 * 6 * 4 * 5);
    parameters = plain(1, 6);
    assert_int_equal(exposure_sums(&parameters), 2 * 32);
    parameters.lattice = lattice_profile_find("B");
    assert_int_equal(exposure_sums(&parameters), 3 * 32); /* and how many rows */
    parameters.lattice = NULL;
    parameters.max_leaves = 11;
    assert_int_equal(exposure_sums(&parameters), 2 * 11);
    parameters.leaf_wise = true;
    assert_int_equal(exposure_sums(&parameters), 2 * (1 + 1 + 2 + 4 + 8 + 10));
    parameters.colsample_bylevel = 0.5;
    assert_int_equal(exposure_sums(&parameters), 2 * (1 + 2 * (1 + 2 + 4 + 8 + 10)));
    parameters = plain(1, 1);
    assert_int_equal(exposure_sums(&parameters), 2);
}

/* H(1/2) is one bit, H(1/32) about 0.2006. */
static void rows_in_principle(void **state)
{
    (void)state;
    struct boosting_parameters parameters = plain(10, 3);
    parameters.bins = 2;
    assert_int_equal(exposure_rows(&parameters), 80 * 20);
    parameters.bins = 32;
    assert_in_range(exposure_rows(&parameters), 7970, 7980);
    parameters = plain(100000000, 16);
    parameters.bins = 65535;
    parameters.tree_outputs = 1000;
    assert_int_equal(exposure_rows(&parameters), UINT64_C(1000000000000000000));
}

static uint64_t most;

/* The sums of a level are at most those that were counted. */
static int32_t count_sums(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    static uint64_t sums;
    sums = guest->growth.level == 0 ? 0 : sums;
    sums += 2 * (uint64_t)guest->growth.summed_count;
    most = sums > most ? sums : most;
    return guest_choose(turn, state);
}

static void no_more_are_sent(void **state)
{
    (void)state;
    static const char *const parameters[] = {
        "\"trees\": 3, \"depth\": 5, \"min_child_weight\": 0", "\"trees\": 3, \"depth\": 6, \"max_leaves\": 5, \"min_child_weight\": 0",
        "\"trees\": 3, \"depth\": 7, \"max_leaves\": 5, \"grow\": \"leaf-wise\", \"min_child_weight\": 0",
        "\"trees\": 3, \"depth\": 4, \"colsample_bylevel\": 0.9, \"min_child_weight\": 0"};
    for (uint32_t i = 0; i < 4; i++) {
        struct hostile_run run;
        struct boosting_case from = {.hosts = 1, .rows = 300, .columns = 3, .parameters = parameters[i], .seed = 60};
        struct boosting_parameters read;
        most = 0;
        hostile_begin(&run, hostile_context((struct replacement){FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_CHOOSE, count_sums}), &from);
        assert_int_equal(fate_simulator_run(run.simulator, 10000000), FATE_FINISHED);
        assert_int_equal(parameters_read(run.context, &read, fate_simulator_job(run.simulator)), FATE_OK);
        read.trees = 1;
        assert_in_range(most, 4, exposure_sums(&read));
        hostile_end(&run);
    }
}

static void said_before_training(void **state)
{
    (void)state;
    struct hostile_run run;
    struct boosting_case from = {.hosts = 1, .rows = 20, .columns = 2, .parameters = "\"trees\": 10, \"min_bin_rows\": 7", .seed = 61};
    char *text = NULL;
    hostile_begin(&run, hostile_context((struct replacement){.run = NULL}), &from);
    assert_int_equal(fate_job_describe(fate_simulator_job(run.simulator), 0, FATE_PURPOSE_TRAIN, &text), FATE_OK);
    assert_non_null(strstr(text, "up to 80 exact"));
    assert_non_null(strstr(text, "min_bin_rows 7"));
    fate_free(run.context, text);
    hostile_end(&run);
    from.parameters = "\"trees\": 3, \"guest_trees\": 3";
    hostile_begin(&run, hostile_context((struct replacement){.run = NULL}), &from);
    assert_int_equal(fate_job_describe(fate_simulator_job(run.simulator), 1, FATE_PURPOSE_TRAIN, &text), FATE_OK);
    assert_non_null(strstr(text, "No sums of a host's columns"));
    fate_free(run.context, text);
    hostile_end(&run);
}

/* Lines become one again. */
static void unwrap(char *text)
{
    char *to = text;
    for (const char *from = text; *from != 0; from++)
        if (*from != '\n')
            *to++ = *from;
        else
            while (from[1] == ' ' && from[2] == ' ') from++;
    *to = 0;
}

/* Vectors of a row: two for each of 4 nodes, or of 32, and one more. */
static void which_cipher_is_faster(void **state)
{
    (void)state;
    static const struct {
        const char *parameters, *said;
    } cases[] = {{"\"depth\": 3", "about 117 with lattice (EXPERIMENTAL; profile B), whose hosts send a hint of 53 KB"},
                 {"\"depth\": 3", "After the hint lattice is the fastest on any link."},
                 {"\"depth\": 6", "faster than paillier on links above about 101 Mbit/s, and than okamoto-uchiyama above 628."},
                 {"\"depth\": 5", "faster than paillier on any link, and than okamoto-uchiyama above about 129 Mbit/s."},
                 {"\"depth\": 3, \"cipher\": \"lattice\", \"lattice_vectors\": 5000", "under one hint the guest gets up to 5000 such sums"},
                 {"\"depth\": 6, \"cipher\": \"lattice\", \"lattice_profile\": \"A\"", "about 520 with lattice (EXPERIMENTAL; profile A)"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hostile_run run;
        struct boosting_case from = {.hosts = 1, .rows = 20, .columns = 2, .parameters = cases[i].parameters, .seed = 61};
        char *text = NULL;
        hostile_begin(&run, hostile_context((struct replacement){.run = NULL}), &from);
        assert_int_equal(fate_job_describe(fate_simulator_job(run.simulator), 0, FATE_PURPOSE_TRAIN, &text), FATE_OK);
        unwrap(text);
        if (strstr(text, cases[i].said) == NULL)
            fail_msg("%s is not in: %s", cases[i].said, strstr(text, "Speed") == NULL ? "no sentence on speed" : strstr(text, "Speed"));
        fate_free(run.context, text);
        hostile_end(&run);
    }
}

/* The slowest of kernels, which every machine has, and a machine twice as slow with four threads as the one with two. */
static void which_cipher_is_faster_on_a_link(void **state)
{
    (void)state;
    static const struct {
        const char *parameters, *said;
        double megabits, milliseconds;
    } cases[] = {
        {"\"depth\": 3",
         "With a link of 100 Mbit/s and this machine (kernel plain, threads: 4) a row of a tree takes about 190.0 us with paillier, "
         "84.0 with okamoto-uchiyama and 9.4 with lattice, whose hint takes 4.3 ms a bin on the link; round trips add 240 ms",
         100, 20},
        {"\"depth\": 3", "lattice would be the fastest.", 100, 20},
        {"\"depth\": 6", "about 409.6 us with paillier, 204.8 with okamoto-uchiyama and 676.0 with lattice", 10, 0.5},
        {"\"depth\": 6", "round trips add 12 ms to a tree with any of them. Of trees okamoto-uchiyama would be the fastest.", 10, 0.5},
        {"\"depth\": 6, \"key_bits\": 3072", "Speed: there are figures for one output and keys of 2048 bits alone.", 10, 0.5}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hostile_run run;
        struct boosting_case from = {.hosts = 1, .rows = 20, .columns = 2, .parameters = cases[i].parameters, .seed = 61};
        char *text = NULL;
        hostile_begin(&run, hostile_context((struct replacement){.run = NULL}), &from);
        fate_context *context = fate_simulator_job(run.simulator)->context;
        assert_int_equal(fate_context_set_kernel(context, "plain"), FATE_OK);
        assert_int_equal(fate_context_set_threads(context, 4), FATE_OK);
        assert_int_equal(fate_context_set_link(context, cases[i].megabits, cases[i].milliseconds, 2), FATE_OK);
        assert_int_equal(fate_job_describe(fate_simulator_job(run.simulator), 0, FATE_PURPOSE_TRAIN, &text), FATE_OK);
        unwrap(text);
        if (strstr(text, cases[i].said) == NULL) fail_msg("%s is not in: %s", cases[i].said, text);
        fate_free(run.context, text);
        hostile_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums_of_trees),          cmocka_unit_test(rows_in_principle),
                                       cmocka_unit_test(no_more_are_sent),       cmocka_unit_test(said_before_training),
                                       cmocka_unit_test(which_cipher_is_faster), cmocka_unit_test(which_cipher_is_faster_on_a_link)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
