/* The whole protocol in one process: a federated model and its scores equal the pooled ones bit for bit, on random tables of every kind,
 * over good and bad networks, with any number of hosts and threads, and after parties were killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/context.h"
#include "lib/random.h"
#include "src/data/binning.h"
#include "src/models/boosting/objective.h"
#include "src/models/boosting/packing.h"
#include "tests/support/allocator.h"
#include "tests/support/boosting_world.h"
#include "tests/support/effort.h"

enum { RANDOM_CASES = 40 };

static void one_host(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 1, .rows = 150, .columns = 4, .parameters = "\"trees\": 3, \"min_bin_rows\": 1", .seed = 1};
    world_check(&from, 0, 1, network_good);
    from.missing = from.categories = true;
    world_check(&from, 0, 2, network_good);
    from.squared = from.weights = from.constants = true;
    world_check(&from, 0, 1, network_good);
}

static void every_objective(void **state)
{
    (void)state;
    static const char *const objectives[] = {"logistic", "squared", "absolute", "huber", "quantile", "poisson", "gamma", "tweedie"};
    for (uint32_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
        struct boosting_case from = {.hosts = i % 3,
                                     .rows = 90,
                                     .validation_rows = 30,
                                     .columns = 4,
                                     .missing = true,
                                     .weights = i % 2 == 0,
                                     .objective = objectives[i],
                                     .parameters = "\"trees\": 6, \"early_stopping_rounds\": 2, \"subsample\": 0.8",
                                     .seed = 130 + i};
        world_check(&from, 0, 1 + i % 2, network_good);
    }
}

static void any_number_of_hosts(void **state)
{
    (void)state;
    for (uint32_t hosts = 0; hosts <= BOOSTING_HOSTS_USUAL; hosts++) {
        struct boosting_case from = {.hosts = hosts,
                                     .rows = 90,
                                     .columns = 4,
                                     .missing = true,
                                     .categories = true,
                                     .parameters = "\"trees\": 2, \"depth\": 4",
                                     .seed = 10 + hosts};
        world_check(&from, hosts / 2, 1 + hosts % 2, network_good);
    }
}

static void ten_hosts_with_different_numbers_of_columns(void **state)
{
    (void)state;
    static const uint32_t columns[BOOSTING_PARTIES_MOST] = {3, 1, 2, 5, 0, 4, 7, 1, 6, 2, 8};
    struct boosting_case from = {.hosts = 10,
                                 .rows = 90,
                                 .validation_rows = 30,
                                 .party_columns = columns,
                                 .missing = true,
                                 .categories = true,
                                 .parameters = "\"trees\": 3, \"depth\": 4, \"min_bin_rows\": 1, \"colsample_bytree\": 0.7",
                                 .seed = 14};
    world_check(&from, 0, 1, network_good);
    from.parameters = "\"trees\": 2, \"depth\": 4, \"cipher\": \"okamoto-uchiyama\"";
    world_check(&from, 6, 2, network_good);
}

static void ties_within_and_across_parties(void **state)
{
    (void)state;
    for (uint64_t seed = 20; seed < 24; seed++) {
        struct boosting_case from = {.hosts = 2,
                                     .rows = 80,
                                     .columns = 6,
                                     .duplicates = true,
                                     .missing = seed % 2 == 0,
                                     .categories = true,
                                     .parameters = "\"trees\": 2, \"min_bin_rows\": 1, \"min_child_weight\": 0",
                                     .seed = seed};
        world_check(&from, (uint32_t)(seed % 3), 1, network_good);
    }
}

static void samples_of_rows_and_columns(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 2,
                                 .rows = 120,
                                 .columns = 5,
                                 .categories = true,
                                 .weights = true,
                                 .parameters = "\"trees\": 4, \"subsample\": 0.6, \"colsample_bytree\": 0.5, \"seed\": 3",
                                 .seed = 30};
    world_check(&from, 0, 1, network_good);
    from.parameters =
        "\"trees\": 3, \"depth\": 4, \"colsample_bytree\": 0.8, \"colsample_bylevel\": 0.5, \"max_leaves\": 6, \"grow\": \"leaf-wise\"";
    world_check(&from, 1, 2, network_good);
    from.parameters = "\"trees\": 2, \"depth\": 4, \"colsample_bylevel\": 0.3, \"subsample\": 0.8";
    world_check(&from, 0, 1, network_good);
    from.parameters = "\"trees\": 2, \"subsample\": 0.001, \"colsample_bytree\": 0.01";
    world_check(&from, 0, 1, network_good);
}

static void sampling_by_gradients(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 2,
                                 .rows = 130,
                                 .validation_rows = 20,
                                 .columns = 4,
                                 .missing = true,
                                 .weights = true,
                                 .parameters = "\"trees\": 4, \"goss_top\": 0.2, \"goss_other\": 0.1, \"guest_trees\": 1",
                                 .seed = 35};
    world_check(&from, 0, 1, network_good);
    from.objective = "absolute";
    world_check(&from, 1, 2, network_good);
}

static void limits_of_trees(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 2,
                                 .rows = 160,
                                 .columns = 5,
                                 .categories = true,
                                 .missing = true,
                                 .duplicates = true,
                                 .parameters = "\"trees\": 3, \"depth\": 6, \"max_leaves\": 7, \"min_samples\": 4, "
                                               "\"category_splits\": \"one-vs-rest\", \"min_child_weight\": 0",
                                 .seed = 36};
    world_check(&from, 0, 1, network_good);
    world_check(&from, 2, 2, network_good);
    from.validation_rows = 30;
    world_check(&from, 1, 1, network_good);
}

/* Federated: a level at a time, with splits that are taken back. Pooled: a leaf at a time. */
static void best_leaves_first(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 2,
                                 .rows = 300,
                                 .columns = 5,
                                 .categories = true,
                                 .missing = true,
                                 .duplicates = true,
                                 .parameters =
                                     "\"trees\": 4, \"depth\": 9, \"max_leaves\": 8, \"grow\": \"leaf-wise\", \"guest_trees\": 1, "
                                     "\"min_child_weight\": 0, \"min_bin_rows\": 1",
                                 .seed = 37};
    world_check(&from, 0, 1, network_good);
    from.validation_rows = 30;
    world_check(&from, 2, 2, network_good);
    from.hosts = 0;
    from.columns = 9;
    world_check(&from, 0, 2, network_good);
    from.hosts = 3;
    from.rows = 90;
    from.objective = "absolute";
    from.parameters = "\"trees\": 3, \"depth\": 4, \"max_leaves\": 3, \"grow\": \"leaf-wise\"";
    world_check(&from, 1, 1, network_good);
    from.parameters = "\"trees\": 2, \"depth\": 1, \"max_leaves\": 9, \"grow\": \"leaf-wise\"";
    world_check(&from, 1, 1, network_good);
}

static void columns_with_directions(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 2,
                                 .rows = 200,
                                 .columns = 5,
                                 .categories = true,
                                 .missing = true,
                                 .duplicates = true,
                                 .directions = true,
                                 .parameters = "\"trees\": 4, \"depth\": 5, \"min_child_weight\": 0, \"alpha\": 0.1",
                                 .seed = 38};
    world_check(&from, 0, 1, network_good);
    from.validation_rows = 30;
    from.objective = "poisson";
    from.parameters = "\"trees\": 3, \"depth\": 8, \"max_leaves\": 9, \"grow\": \"leaf-wise\", \"guest_trees\": 1";
    world_check(&from, 2, 2, network_good);
    from.hosts = 0;
    world_check(&from, 0, 1, network_good);
}

static void validation_and_early_stopping(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 2,
                                 .rows = 100,
                                 .validation_rows = 40,
                                 .columns = 4,
                                 .missing = true,
                                 .categories = true,
                                 .parameters = "\"trees\": 8, \"early_stopping_rounds\": 2, \"learning_rate\": 1, \"depth\": 4",
                                 .seed = 40};
    world_check(&from, 1, 2, network_good);
    from.parameters = "\"trees\": 2";
    world_check(&from, 0, 1, network_good);
    from.validation_rows = 1;
    world_check(&from, 0, 1, network_good);
}

static void first_trees_of_the_guest_alone(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 1,
                                 .rows = 80,
                                 .validation_rows = 30,
                                 .columns = 4,
                                 .missing = true,
                                 .parameters = "\"trees\": 4, \"guest_trees\": 2",
                                 .seed = 50};
    world_check(&from, 0, 1, network_good);
    from.parameters = "\"trees\": 2, \"guest_trees\": 2, \"early_stopping_rounds\": 1";
    world_check(&from, 0, 1, network_good);
}

static void small_tables(void **state)
{
    (void)state;
    for (uint64_t rows = 1; rows < 8; rows++) {
        struct boosting_case from = {.hosts = 1,
                                     .rows = rows,
                                     .columns = 3,
                                     .parameters = "\"trees\": 2, \"min_bin_rows\": 1, \"min_child_weight\": 0, \"lambda\": 0.1",
                                     .seed = 60 + rows};
        world_check(&from, 0, 1, network_good);
    }
    struct boosting_case labels_alone = {.hosts = 1, .rows = 40, .columns = 0, .parameters = "\"trees\": 2", .seed = 70};
    world_check(&labels_alone, 0, 1, network_good);
}

static void deep_trees(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 1,
                                 .rows = 200,
                                 .columns = 3,
                                 .missing = true,
                                 .parameters = "\"trees\": 1, \"depth\": 9, \"min_bin_rows\": 1, \"min_child_weight\": 0, \"bins\": 64",
                                 .seed = 80};
    world_check(&from, 0, 2, network_good);
}

static const char *const kernels[] = {NULL, "avx512", "avx2", "portable", "plain"};
enum { KERNELS = sizeof kernels / sizeof *kernels };

/* The cipher changes no model: both equal the pooled one, on every kernel. */
static void either_cipher(void **state)
{
    (void)state;
    static const char *const parameters[] = {"\"trees\": 3, \"early_stopping_rounds\": 2, \"cipher\": \"paillier\"",
                                             "\"trees\": 3, \"early_stopping_rounds\": 2, \"cipher\": \"okamoto-uchiyama\"",
                                             "\"trees\": 2, \"bins\": 200, \"min_bin_rows\": 1, \"cipher\": \"okamoto-uchiyama\""};
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters * KERNELS; i += EFFORT_STRIDE) {
        struct boosting_case from = {.hosts = 2,
                                     .rows = 150,
                                     .validation_rows = 30,
                                     .columns = 4,
                                     .missing = true,
                                     .categories = true,
                                     .parameters = parameters[i / KERNELS],
                                     .kernel = kernels[i % KERNELS],
                                     .seed = 95};
        world_check(&from, 1, 2, network_good);
    }
}

/* Trees for so many classes that a row's gradients take two or three ciphertexts. */
static void rows_of_several_ciphertexts(void **state)
{
    (void)state;
    static const char *const parameters[] = {
        "\"trees\": 3, \"classes\": 6, \"multi_strategy\": \"multi_output_tree\"",
        "\"trees\": 2, \"classes\": 9, \"multi_strategy\": \"multi_output_tree\", \"goss_top\": 0.3, \"goss_other\": 0.3",
        "\"trees\": 2, \"classes\": 5, \"multi_strategy\": \"multi_output_tree\", \"cipher\": \"okamoto-uchiyama\", \"min_bin_rows\": 1"};
    static const uint32_t classes[] = {6, 9, 5}, plaintext_bits[] = {255, 255, 128}, ciphertexts[] = {2, 3, 3};
    for (uint32_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        struct packing packing;
        assert_true(packing_make(&packing, OBJECTIVE_BITS, classes[i], 150, plaintext_bits[i])); /* those of the keys of tests */
        assert_int_equal(packing.row_ciphertexts, ciphertexts[i]);
        struct boosting_case from = {.hosts = 1 + i,
                                     .rows = 150,
                                     .validation_rows = i == 0 ? 40 : 0,
                                     .columns = 4,
                                     .missing = true,
                                     .categories = true,
                                     .objective = "softmax",
                                     .classes = classes[i],
                                     .parameters = parameters[i],
                                     .seed = 96 + i};
        world_check(&from, i, 1 + i % 2, network_good);
    }
}

static const struct network networks[] = {{50, 0, 0, 0}, {20, 50000, 0, 0}, {20, 0, 300000, 0}, {5, 20000, 20000, 2000}};

static void bad_networks(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 2,
                                 .rows = 60,
                                 .validation_rows = 20,
                                 .columns = 3,
                                 .missing = true,
                                 .parameters = "\"trees\": 2, \"depth\": 2",
                                 .seed = 90};
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        world_check(&from, 0, 1, networks[i]);
    }
}

/* A case in which every property and parameter follows from the seed, the network, the kernel and whether parties are killed too. */
static void random_case(uint64_t seed)
{
    struct random_stream stream;
    uint8_t key[RANDOM_KEY] = {0};
    char parameters[1000];
    random_stream_init(&stream, key, seed);
    const char *const fractions[] = {"1", "0.7", "0.3"}, *const numbers[] = {"0", "0.1", "1", "3"};
    static const char *const objectives[][2] = {{"logistic", ", \"scale_pos_weight\": 2.5, \"metric\": \"auc\""},
                                                {"logistic", ", \"metric\": \"f1\""},
                                                {"squared", ", \"metric\": \"r2\""},
                                                {"absolute", ""},
                                                {"huber", ", \"huber_delta\": 0.1"},
                                                {"quantile", ", \"quantile_alpha\": 0.3, \"metric\": \"mae\""},
                                                {"poisson", ""},
                                                {"gamma", ""},
                                                {"tweedie", ", \"tweedie_power\": 1.2"},
                                                {"softmax", ", \"classes\": 4"},
                                                {"softmax", ", \"classes\": 4, \"multi_strategy\": \"multi_output_tree\""},
                                                {"softmax", ", \"classes\": 5, \"multi_strategy\": \"multi_output_tree\""}};
    static const char *const ciphers[] = {"paillier", "okamoto-uchiyama", "lattice"};
    bool goss = random_stream_below(&stream, 4) == 0;
    unsigned leaves = random_stream_below(&stream, 3) == 0 ? 2 + (unsigned)random_stream_below(&stream, 6) : 0;
    bool leaf_wise = leaves > 0 && random_stream_below(&stream, 2) == 0;
    uint64_t objective = random_stream_below(&stream, sizeof objectives / sizeof *objectives);
    snprintf(
        parameters, sizeof parameters,
        "\"trees\": %u, \"depth\": %u, \"bins\": %u, \"min_bin_rows\": %u, \"subsample\": %s, \"colsample_bytree\": %s, \"lambda\": %s, "
        "\"alpha\": %s, \"gamma\": %s, \"min_child_weight\": %s, \"seed\": %u, \"guest_trees\": %u%s%s, "
        "\"min_samples\": %u, \"max_leaves\": %u, \"category_splits\": \"%s\", \"cipher\": \"%s\", \"colsample_bylevel\": %s%s",
        2 + (unsigned)random_stream_below(&stream, 3), 1 + (unsigned)random_stream_below(&stream, 5),
        2 + (unsigned)random_stream_below(&stream, 30), 1 + (unsigned)random_stream_below(&stream, 8),
        goss ? "1" : fractions[random_stream_below(&stream, 3)], fractions[random_stream_below(&stream, 3)],
        numbers[random_stream_below(&stream, 4)], numbers[random_stream_below(&stream, 2)], numbers[random_stream_below(&stream, 2)],
        numbers[random_stream_below(&stream, 3)], (unsigned)random_stream_below(&stream, 1000), (unsigned)random_stream_below(&stream, 2),
        objectives[objective][1], goss ? ", \"goss_top\": 0.2, \"goss_other\": 0.3" : "", 1 + 3 * (unsigned)random_stream_below(&stream, 2),
        leaves, random_stream_below(&stream, 2) == 0 ? "sorted" : "one-vs-rest", ciphers[seed % (sizeof ciphers / sizeof *ciphers)],
        seed / 3 % 3 == 0 ? fractions[random_stream_below(&stream, 3)] : "1", leaf_wise ? ", \"grow\": \"leaf-wise\"" : "");
    uint64_t validation_rows = random_stream_below(&stream, 3) == 0 ? 1 + random_stream_below(&stream, 40) : 0;
    size_t written = strlen(parameters);
    snprintf(parameters + written, sizeof parameters - written, ", \"learning_rate\": %s, \"base_score\": %s%s",
             fractions[random_stream_below(&stream, 3)], fractions[1 + random_stream_below(&stream, 2)],
             validation_rows > 0 ? ", \"early_stopping_rounds\": 1" : "");
    const char *name = objectives[objective][0];
    bool medians = strcmp(name, "absolute") == 0 || strcmp(name, "quantile") == 0;
    struct boosting_case from = {.hosts = (uint32_t)random_stream_below(&stream, BOOSTING_HOSTS_USUAL + 1),
                                 .rows = 2 + random_stream_below(&stream, 120),
                                 .validation_rows = validation_rows,
                                 .columns = (uint32_t)random_stream_below(&stream, 7),
                                 .missing = random_stream_below(&stream, 2) == 0,
                                 .categories = random_stream_below(&stream, 2) == 0,
                                 .constants = random_stream_below(&stream, 3) == 0,
                                 .duplicates = random_stream_below(&stream, 3) == 0,
                                 .objective = name,
                                 .weights = random_stream_below(&stream, 2) == 0,
                                 .directions =
                                     !medians && strcmp(objectives[objective][0], "softmax") != 0 && random_stream_below(&stream, 2) == 0,
                                 .parameters = parameters,
                                 .seed = seed};
    uint32_t guest = (uint32_t)random_stream_below(&stream, from.hosts + 1), threads = 1 + (uint32_t)random_stream_below(&stream, 2);
    from.kernel = kernels[random_stream_below(&stream, KERNELS)];
    bool bad = random_stream_below(&stream, 4) == 0, killed = random_stream_below(&stream, 3) == 0;
    struct network network = bad ? networks[random_stream_below(&stream, sizeof networks / sizeof *networks)] : network_good;
    struct world world;
    world_make(&world, &from, guest, threads);
    if (killed) {
        world_train_killed(&world, 3 + (uint32_t)random_stream_below(&stream, 60));
    } else {
        world_train(&world, network);
    }
    world_predict(&world, network);
    world_free(&world);
}

static void random_tables_and_jobs(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < RANDOM_CASES; seed += EFFORT_STRIDE) {
        random_case(1000 + seed);
    }
}

/* Parties are killed at many moments, and go on from what they have stored. */
static void killed_parties_end_with_the_same_model(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 2,
                                 .rows = 50,
                                 .validation_rows = 20,
                                 .columns = 3,
                                 .missing = true,
                                 .directions = true,
                                 .parameters =
                                     "\"trees\": 4, \"depth\": 3, \"max_leaves\": 4, \"grow\": \"leaf-wise\", \"guest_trees\": 1, "
                                     "\"colsample_bylevel\": 0.7, \"early_stopping_rounds\": 3",
                                 .seed = 100};
    world_check_killed(&from, 5, 40, 7);
}

static void assert_all_bins_are_used(const struct boosting_case *from)
{
    struct column_bins bins;
    fate_context *context = NULL;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    fate_table *table = boosting_table(context, from, 1, false, FATE_TABLE_DATA);
    assert_int_equal(binning_make(context, &bins, table, 0, 65535, 1), FATE_OK);
    assert_int_equal(bins.bins, 65535);
    assert_int_equal(bins.value_bins, from->missing ? 65534 : 65535);
    binning_free(&bins);
    fate_table_free(table);
    fate_context_free(context);
}

/* More different values than a column can have bins: every bin is one or two rows, and the last bin's number is the greatest there is. */
static void as_many_bins_as_there_can_be(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 1,
                                 .rows = 66000,
                                 .columns = 1,
                                 .parameters = "\"trees\": 1, \"depth\": 2, \"bins\": 65535, \"min_bin_rows\": 1",
                                 .seed = 105};
    assert_all_bins_are_used(&from);
    if (EFFORT_STRIDE == 1) world_check(&from, 0, 2, network_good);
    from.missing = true;
    from.rows = 83000;
    assert_all_bins_are_used(&from);
    from.parameters = "\"trees\": 1, \"depth\": 2, \"bins\": 65535, \"min_bin_rows\": 1, \"cipher\": \"okamoto-uchiyama\"";
    world_check(&from, 0, 1, network_good);
}

/* Other labels and values, same public shape: as many messages and bytes leave the guest before its first choice. */
static uint64_t gradient_bytes(const struct boosting_case *from)
{
    struct world world;
    uint64_t bytes = 0, messages;
    const char *name;
    uint32_t peer;
    int32_t outgoing;
    world_make(&world, from, 0, 1);
    fate_simulator *simulator = world_simulate(&world, FATE_PURPOSE_TRAIN, network_good, false);
    world_finish(simulator, &world);
    fate_session *guest = fate_simulator_session(simulator, 0);
    for (uint32_t i = 0; fate_session_traffic(guest, i, &name, &peer, &outgoing, &messages, &bytes) == FATE_OK; i++) {
        if (outgoing != 0 && strcmp(name, "gradients") == 0) {
            break;
        }
    }
    assert_int_equal(messages, 2);
    fate_simulator_free(simulator);
    world_free(&world);
    return bytes;
}

static void sizes_of_gradients_do_not_depend_on_labels(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 1, .rows = 70, .columns = 3, .parameters = "\"trees\": 2, \"subsample\": 0.5", .seed = 110};
    struct boosting_case other = from;
    other.seed = 111;
    other.missing = true;
    assert_int_equal(gradient_bytes(&from), gradient_bytes(&other));
}

/* Trains and scores in one context whose allocator fails; tables come from elsewhere. Everything is freed. */
static int32_t run_scarce(const struct world *plenty, fate_context *context)
{
    fate_simulator *simulator = NULL;
    fate_model *models[2] = {NULL, NULL};
    int32_t result = FATE_OK;
    for (int32_t purpose = FATE_PURPOSE_TRAIN; purpose <= FATE_PURPOSE_PREDICT && result == FATE_OK; purpose++) {
        result = fate_simulator_new(context, &simulator, plenty->text, purpose, plenty->from->seed);
        for (uint32_t party = 0; party < 2 && result == FATE_OK; party++) {
            fate_session *session = fate_simulator_session(simulator, party);
            fate_session_set_table(session, FATE_TABLE_DATA, plenty->tables[party]);
            if (purpose == FATE_PURPOSE_TRAIN) {
                fate_session_set_table(session, FATE_TABLE_VALIDATION, plenty->validations[party]);
            }
            result = fate_session_set_model(session, models[party]);
        }
        if (result == FATE_OK) {
            result = fate_simulator_run(simulator, 100000);
            result = result == FATE_FINISHED ? FATE_OK : result;
        }
        for (uint32_t party = 0; party < 2 && result == FATE_OK && purpose == FATE_PURPOSE_TRAIN; party++) {
            result = fate_session_model(fate_simulator_session(simulator, party), &models[party]);
        }
        fate_simulator_free(simulator);
        simulator = NULL;
    }
    fate_model_free(models[0]);
    fate_model_free(models[1]);
    return result;
}

static long long scarce(const struct world *plenty, long long fail, bool from_then_on, int32_t *result)
{
    struct test_allocator test;
    fate_allocator allocator = test_allocator(&test, -1);
    fate_context *context;
    assert_int_equal(fate_context_new(&context, &allocator), FATE_OK);
    context->accepts_small_keys = true;
    test.fail = fail < 0 ? -1 : atomic_load(&test.calls) + fail;
    test.from_then_on = from_then_on;
    long long before = atomic_load(&test.calls);
    *result = run_scarce(plenty, context);
    long long used = atomic_load(&test.calls) - before;
    fate_context_free(context);
    assert_int_equal(atomic_load(&test.live), 0);
    return used;
}

/* Every allocation of a whole run fails in turn: once, and with all that follow. */
static void lack_of_memory_is_an_error_like_any_other(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 1,
                                 .rows = 8,
                                 .validation_rows = 3,
                                 .columns = 2,
                                 .missing = true,
                                 .parameters = "\"trees\": 1, \"depth\": 2, \"min_bin_rows\": 1, \"min_child_weight\": 0",
                                 .seed = 120};
    struct world plenty;
    int32_t result;
    world_make(&plenty, &from, 0, 1);
    long long calls = scarce(&plenty, -1, false, &result);
    assert_int_equal(result, FATE_OK);
    for (long long fail = 0; fail < 2 * calls; fail += EFFORT_STRIDE) {
        scarce(&plenty, fail % calls, fail >= calls, &result);
        if (result != FATE_E_MEMORY) {
            print_error("allocation %lld: %s\n", fail, fate_result_name(result));
        }
        assert_int_equal(result, FATE_E_MEMORY);
    }
    world_free(&plenty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_of_gradients_do_not_depend_on_labels),
        cmocka_unit_test(lack_of_memory_is_an_error_like_any_other),
        cmocka_unit_test(one_host),
        cmocka_unit_test(every_objective),
        cmocka_unit_test(any_number_of_hosts),
        cmocka_unit_test(as_many_bins_as_there_can_be),
        cmocka_unit_test(ten_hosts_with_different_numbers_of_columns),
        cmocka_unit_test(ties_within_and_across_parties),
        cmocka_unit_test(samples_of_rows_and_columns),
        cmocka_unit_test(sampling_by_gradients),
        cmocka_unit_test(limits_of_trees),
        cmocka_unit_test(best_leaves_first),
        cmocka_unit_test(columns_with_directions),
        cmocka_unit_test(validation_and_early_stopping),
        cmocka_unit_test(first_trees_of_the_guest_alone),
        cmocka_unit_test(small_tables),
        cmocka_unit_test(deep_trees),
        cmocka_unit_test(either_cipher),
        cmocka_unit_test(rows_of_several_ciphertexts),
        cmocka_unit_test(bad_networks),
        cmocka_unit_test(random_tables_and_jobs),
        cmocka_unit_test(killed_parties_end_with_the_same_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
