/* Whole alignments in the simulator against a plain intersection: all modes, numbers of parties, rules for duplicates, and sets of every small
 * size; with networks that lose, repeat and reorder, and parties that are killed. */
#include "src/models/psi/protocol.h"
#include "src/data/table.h"
#include "tests/support/allocator.h"
#include "tests/support/effort.h"
#include "tests/support/psi.h"
#include <stdlib.h>
#include "tests/support/unit.h"

struct network {
    uint64_t seed, loss, reconnect, crash, store_delay;
};

struct world {
    const struct psi_case *from;
    uint32_t count;
    fate_context *context;
    fate_simulator *simulator;
    fate_table *tables[PSI_TEST_PARTIES], *aligned[PSI_TEST_PARTIES];
    fate_model *alignments[PSI_TEST_PARTIES];
};

static void world_make(struct world *world, const struct psi_case *from, struct network network)
{
    char text[PSI_TEST_TEXT];
    memset(world, 0, sizeof *world);
    world->from = from;
    world->count = from->hosts + 1;
    psi_test_job(text, from);
    assert_int_equal(fate_context_new(&world->context, NULL), FATE_OK);
    if (fate_simulator_new(world->context, &world->simulator, text, FATE_PURPOSE_ALIGN, network.seed) != FATE_OK)
        fail_msg("%s", fate_context_error(world->context));
    const fate_job *job = fate_simulator_job(world->simulator);
    for (uint32_t party = 0; party < world->count; party++) {
        char *csv = psi_test_csv(world->context, from, party);
        const fate_schema *schema = fate_job_schema(job, party, FATE_PURPOSE_ALIGN);
        if (fate_table_parse_csv(world->context, &world->tables[party], "t", (const uint8_t *)csv, strlen(csv), schema) != FATE_OK)
            fail_msg("%s", fate_context_error(world->context));
        fate_free(world->context, csv);
        fate_session *session = fate_simulator_session(world->simulator, party);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, world->tables[party]), FATE_OK);
        assert_int_equal(fate_session_set_option(session, "window", 65536), FATE_OK);
        if (network.crash > 0 || strstr(text, "memory") != NULL) assert_int_equal(fate_session_set_option(session, "durable", 1), FATE_OK);
    }
    assert_int_equal(fate_simulator_set(world->simulator, "loss", network.loss), FATE_OK);
    assert_int_equal(fate_simulator_set(world->simulator, "reconnect", network.reconnect), FATE_OK);
    assert_int_equal(fate_simulator_set(world->simulator, "crash", network.crash), FATE_OK);
    assert_int_equal(fate_simulator_set(world->simulator, "store_delay_most", network.store_delay), FATE_OK);
    assert_int_equal(fate_simulator_set(world->simulator, "faults_until", 40000), FATE_OK);
    if (network.loss > 0) assert_int_equal(fate_simulator_set(world->simulator, "delay_most", 30), FATE_OK);
}

static void world_free(struct world *world)
{
    fate_simulator_free(world->simulator);
    for (uint32_t party = 0; party < world->count; party++) {
        fate_table_free(world->tables[party]);
        fate_table_free(world->aligned[party]);
        fate_model_free(world->alignments[party]);
    }
    fate_context_free(world->context);
}

static void run(struct world *world)
{
    int32_t result = fate_simulator_run(world->simulator, 10000000);
    if (result != FATE_FINISHED)
        fail_msg("seed %llu: %s: %s", (unsigned long long)world->from->seed, fate_result_name(result), fate_context_error(world->context));
    for (uint32_t party = 0; party < world->count; party++)
        assert_int_equal(fate_session_model(fate_simulator_session(world->simulator, party), &world->alignments[party]), FATE_OK);
}

static uint64_t fact(const struct world *world, uint32_t party, const char *name)
{
    uint64_t value = 0;
    assert_int_equal(fate_alignment_fact(world->alignments[party], name, &value), FATE_OK);
    return value;
}

static bool says(const struct psi_case *from, const char *what)
{
    return from->parameters != NULL && strstr(from->parameters, what) != NULL;
}

/* The ids of a table's rows, one after the other. */
static void list_ids(const fate_table *table, char *list)
{
    for (uint64_t row = 0; row < fate_table_rows(table); row++) {
        uint64_t length;
        const uint8_t *id = fate_table_row_id(table, row, &length);
        memcpy(list, id == NULL ? (const uint8_t *)"" : id, (size_t)length);
        list += length;
        *list++ = '\n';
    }
    *list = 0;
}

static int compare_texts(const void *one, const void *other)
{
    return strcmp(one, other);
}

/* The ids that an inner join must give: those of all parties, each as often as the guest has it, in bytewise order. */
static void expected_ids(const struct psi_case *from, char *list)
{
    static char ids[300][128];
    size_t count = 0;
    for (uint32_t id = 0; id < from->universe; id++) {
        bool all = true;
        for (uint32_t party = 0; party <= from->hosts; party++) all = all && psi_test_rows(from, party, id) > 0;
        bool many = from->duplicates != NULL && strcmp(from->duplicates, "many") == 0;
        for (uint32_t copy = 0; all && copy < (many ? psi_test_rows(from, 0, id) : 1); copy++) psi_test_id(ids[count++], id);
    }
    qsort(ids, count, sizeof *ids, compare_texts);
    *list = 0;
    for (size_t i = 0; i < count; i++) list += sprintf(list, "%s\n", ids[i]);
}

static void check_inner(struct world *world)
{
    static char expected[40000], found[40000];
    bool guest_alone = says(world->from, "guest");
    expected_ids(world->from, expected);
    for (uint32_t party = 0; party < world->count; party++) {
        int32_t result = fate_table_align(world->tables[party], &world->aligned[party], world->alignments[party]);
        if (guest_alone && party > 0) {
            assert_int_equal(result, FATE_E_MODEL);
            assert_int_equal(fact(world, party, "intersection"), psi_test_common(world->from, party));
            continue;
        }
        assert_int_equal(result, FATE_OK);
        list_ids(world->aligned[party], found);
        if (strcmp(found, expected) != 0)
            fail_msg("seed %llu, party %u: found\n%s, expected\n%s", (unsigned long long)world->from->seed, party, found, expected);
        assert_int_equal(fact(world, party, "intersection"), psi_test_common(world->from, 0));
    }
}

/* All of the guest's rows, once each; a host's row stands where the guest has its id, and nothing elsewhere. */
static void check_left(struct world *world)
{
    static char found[40000], raw[40000];
    static char ids[2][300][128];
    for (uint32_t party = 0; party < world->count; party++)
        assert_int_equal(fate_table_align(world->tables[party], &world->aligned[party], world->alignments[party]), FATE_OK);
    const fate_table *guest = world->aligned[0];
    memset(ids, 0, sizeof ids);
    uint64_t rows = fate_table_rows(guest);
    assert_int_equal(rows, fate_table_rows(world->tables[0]));
    list_ids(guest, found);
    list_ids(world->tables[0], raw);
    for (uint64_t row = 0; row < rows; row++) {
        char *lists[] = {found, raw};
        for (int i = 0; i < 2; i++) {
            char *end = strchr(lists[i], '\n');
            snprintf(ids[i][row], 128, "%.*s", (int)(end - lists[i]), lists[i]);
            memmove(lists[i], end + 1, strlen(end + 1) + 1);
        }
    }
    for (int i = 0; i < 2; i++) qsort(ids[i], rows, sizeof *ids[i], compare_texts);
    assert_memory_equal(ids[0], ids[1], rows * sizeof *ids[0]);
    for (uint32_t party = 1; party < world->count; party++) {
        assert_int_equal(fate_table_rows(world->aligned[party]), rows);
        uint64_t matched = 0;
        for (uint64_t row = 0; row < rows; row++) {
            uint64_t length, guest_length;
            const uint8_t *id = fate_table_row_id(world->aligned[party], row, &length);
            const uint8_t *guest_id = fate_table_row_id(guest, row, &guest_length);
            if (length == 0) continue;
            assert_int_equal(length, guest_length);
            assert_memory_equal(id, guest_id, length);
            matched++;
        }
        uint64_t expected = 0;
        for (uint32_t id = 0; id < world->from->universe; id++)
            if (psi_test_rows(world->from, party, id) > 0)
                expected += world->from->duplicates && strcmp(world->from->duplicates, "many") == 0 ? psi_test_rows(world->from, 0, id)
                                                                                                    : psi_test_rows(world->from, 0, id) > 0;
        assert_int_equal(matched, expected);
        uint8_t one[32], other[32];
        static const uint8_t key[32] = {1};
        fate_table_id_digest(guest, one, key);
        fate_table_id_digest(world->aligned[party], other, key);
        assert_memory_equal(one, other, sizeof one);
    }
}

static void check_counts(const struct world *world)
{
    for (uint32_t party = 0; party < world->count; party++) {
        const double *common;
        uint64_t count;
        fate_session *session = fate_simulator_session(world->simulator, party);
        assert_int_equal(fate_session_result(session, "common", &common, &count), FATE_OK);
        assert_int_equal(count, party == 0 ? world->from->hosts : 1);
        for (uint32_t host = 1; host <= world->from->hosts; host++)
            if (party == 0 || party == host) assert_int_equal(common[party == 0 ? host - 1 : 0], psi_test_common(world->from, host));
        assert_int_equal(fact(world, party, "own"), world->from->sizes[party]);
    }
}

/* What one process finds is what several find; a left join stands in another order. */
static void check_pooled(const struct world *world)
{
    fate_model *pooled[PSI_TEST_PARTIES];
    const fate_job *job = fate_simulator_job(world->simulator);
    assert_int_equal(fate_align_pooled(world->context, pooled, job, (const fate_table *const *)world->tables), FATE_OK);
    for (uint32_t party = 0; party < world->count; party++) {
        const uint8_t *one, *other;
        uint64_t length, other_length;
        fate_model_body(pooled[party], &one, &length);
        fate_model_body(world->alignments[party], &other, &other_length);
        assert_int_equal(length, other_length);
        if (!says(world->from, "left")) assert_memory_equal(one, other, length);
        fate_model_free(pooled[party]);
    }
}

static void check(const struct psi_case *from, struct network network)
{
    struct world world;
    world_make(&world, from, network);
    run(&world);
    check_counts(&world);
    check_pooled(&world);
    if (says(from, "left")) {
        check_left(&world);
    } else if (says(from, "count")) {
        fate_table *aligned = NULL;
        for (uint32_t party = 0; party < world.count; party++)
            assert_int_equal(fate_table_align(world.tables[party], &aligned, world.alignments[party]), FATE_E_MODEL);
    } else {
        check_inner(&world);
    }
    world_free(&world);
}

static const struct network good = {1, 0, 0, 0, 0};

static void every_small_size(void **state)
{
    (void)state;
    for (uint32_t universe = 1; universe <= 4; universe++)
        for (uint32_t guest = 0; guest <= universe; guest++)
            for (uint32_t host = 0; host <= universe; host++) {
                struct psi_case from = {
                    .hosts = 1, .universe = universe, .sizes = {guest, host}, .seed = universe * 100 + guest * 10 + host};
                check(&from, good);
            }
}

static void every_mode(void **state)
{
    (void)state;
    static const char *const parameters[] = {
        NULL,
        "\"learn\": \"guest\"",
        "\"learn\": \"count\"",
        "\"join\": \"left\"",
        "\"protocol\": \"ecdh-x25519\"",
        "\"protocol\": \"ecdh-x25519\", \"join\": \"left\"",
        "\"protocol\": \"ecdh-x25519\", \"learn\": \"guest\"",
    };
    static const char *const rules[] = {"error", "first", "many"};
    for (uint32_t mode = 0; mode < sizeof parameters / sizeof *parameters; mode++)
        for (uint32_t rule = 0; rule < 3; rule++)
            for (uint32_t hosts = 1; hosts <= 3; hosts++) {
                struct psi_case from = {.hosts = hosts,
                                        .universe = 23,
                                        .sizes = {12, 15, 19, 17},
                                        .repeated = true,
                                        .duplicates = rules[rule],
                                        .parameters = parameters[mode],
                                        .seed = mode * 100 + rule * 10 + hosts};
                check(&from, good);
            }
}

static void ten_parties(void **state)
{
    (void)state;
    struct psi_case from = {.hosts = 9, .universe = 41, .sizes = {40, 39, 41, 38, 40, 39, 41, 37, 40, 39}, .seed = 5};
    check(&from, good);
}

/* Ids first, first + step, ... below 12000, so many that every vector needs several parts. */
static fate_table *many_ids(fate_context *context, const fate_schema *schema, uint32_t first, uint32_t step)
{
    static char csv[100000];
    fate_table *table = NULL;
    char *at = csv + sprintf(csv, "id\n");
    for (uint32_t id = first; id < 12000; id += step) at += sprintf(at, "k%05u\n", (unsigned)id);
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, (uint64_t)(at - csv), schema), FATE_OK);
    return table;
}

/* Every second against every third id, with the smallest window; the host is killed on the way where that is wanted. */
static void align_many(const char *parameters, bool killed)
{
    struct psi_case from = {.hosts = 1, .universe = 1, .parameters = parameters};
    char text[PSI_TEST_TEXT];
    fate_context *context;
    fate_simulator *simulator;
    fate_table *tables[2], *aligned;
    fate_model *alignment;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    psi_test_job(text, &from);
    assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_ALIGN, 9), FATE_OK);
    for (uint32_t party = 0; party < 2; party++) {
        fate_session *session = fate_simulator_session(simulator, party);
        tables[party] = many_ids(context, fate_job_schema(fate_simulator_job(simulator), party, FATE_PURPOSE_ALIGN), party, 2 + party);
        fate_session_set_table(session, FATE_TABLE_DATA, tables[party]);
        assert_int_equal(fate_session_set_option(session, "window", 65536), FATE_OK);
        assert_int_equal(fate_session_set_option(session, "durable", 1), FATE_OK);
    }
    for (uint32_t ticks = 20; killed && ticks < 60; ticks += 20) {
        (void)fate_simulator_run(simulator, 20);
        assert_int_equal(fate_simulator_restart(simulator, ticks / 20 % 2), FATE_OK);
    }
    int32_t result = fate_simulator_run(simulator, 1000000);
    if (result != FATE_FINISHED) fail_msg("%s: %s", fate_result_name(result), fate_context_error(context));
    for (uint32_t party = 0; party < 2; party++) {
        assert_int_equal(fate_session_model(fate_simulator_session(simulator, party), &alignment), FATE_OK);
        assert_int_equal(fate_table_align(tables[party], &aligned, alignment), FATE_OK);
        assert_int_equal(fate_table_rows(aligned), parameters == NULL ? 2000 : 6000);
        for (uint32_t row = 0; parameters == NULL && row < 2000; row++) {
            char id[8];
            uint64_t length;
            sprintf(id, "k%05u", (unsigned)(4 + 6 * row)); /* even, and 1 more than a multiple of 3 */
            assert_memory_equal(fate_table_row_id(aligned, row, &length), id, 6);
        }
        fate_table_free(aligned);
        fate_model_free(alignment);
        fate_table_free(tables[party]);
    }
    fate_simulator_free(simulator);
    fate_context_free(context);
}

static void several_parts(void **state)
{
    (void)state;
    if (EFFORT_STRIDE == 1) align_many(NULL, false);
    align_many("\"join\": \"left\"", false);
    align_many(NULL, true);
}

static struct test_allocator counted;

/* A whole alignment of three parties in a context whose k-th allocation fails. */
static int32_t align_with(long long fail)
{
    struct psi_case from = {.hosts = 2,
                            .universe = 7,
                            .sizes = {5, 6, 6},
                            .seed = 31,
                            .duplicates = "many",
                            .repeated = true,
                            .parameters = fail % 2 == 0 ? NULL : "\"join\": \"left\""};
    char text[PSI_TEST_TEXT];
    fate_allocator allocator = test_allocator(&counted, -1);
    fate_context *context;
    fate_simulator *simulator = NULL;
    fate_table *tables[3] = {NULL, NULL, NULL};
    psi_test_job(text, &from);
    assert_int_equal(fate_context_new(&context, &allocator), FATE_OK);
    int32_t result = fate_simulator_new(context, &simulator, text, FATE_PURPOSE_ALIGN, 3);
    for (uint32_t party = 0; party < 3 && result == FATE_OK; party++) {
        char *csv = psi_test_csv(context, &from, party);
        result = fate_table_parse_csv(context, &tables[party], "t", (const uint8_t *)csv, strlen(csv),
                                      fate_job_schema(fate_simulator_job(simulator), party, FATE_PURPOSE_ALIGN));
        fate_free(context, csv);
        fate_session_set_table(fate_simulator_session(simulator, party), FATE_TABLE_DATA, tables[party]);
    }
    assert_int_equal(result, FATE_OK);
    counted.fail = fail < 0 ? -1 : atomic_load(&counted.calls) + fail;
    result = fate_simulator_run(simulator, 3000);
    counted.fail = -1;
    fate_simulator_free(simulator);
    for (uint32_t party = 0; party < 3; party++) fate_table_free(tables[party]);
    fate_context_free(context);
    assert_int_equal(atomic_load(&counted.live), 0);
    return result;
}

static void allocations_may_fail(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    assert_int_equal(align_with(-1), FATE_FINISHED);
    for (long long k = 0; result != FATE_FINISHED; k += 3) {
        result = align_with(k);
        assert_true(result == FATE_FINISHED || result == FATE_E_MEMORY || result == FATE_E_PEER);
    }
}

static void bad_networks_and_crashes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct psi_case from = {.hosts = 1 + (uint32_t)seed % 3,
                                .universe = 31,
                                .sizes = {20, 25, 29, 27},
                                .duplicates = "many",
                                .repeated = true,
                                .seed = seed,
                                .parameters = seed % 4 == 0 ? "\"join\": \"left\"" : NULL};
        check(&from, (struct network){seed, 50000, 2000, 0, 0});
        check(&from, (struct network){seed, 20000, 1000, 1500, 40});
    }
}

/* Hosts' parts come between each other, and the state is stored while some hosts have sent all and others have not. */
static void several_hosts_spilled(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 9; seed += EFFORT_STRIDE > 1 ? 4 : 1) {
        struct psi_case from = {.hosts = 2 + (uint32_t)seed % 2,
                                .universe = 61,
                                .sizes = {40, 5, 59, 37},
                                .duplicates = "many",
                                .repeated = true,
                                .seed = seed,
                                .parameters = seed % 3 == 0   ? "\"memory\": 0.001, \"join\": \"left\""
                                              : seed % 3 == 1 ? "\"memory\": 0.0004"
                                                              : "\"memory\": 0.002, \"learn\": \"guest\""};
        check(&from, (struct network){seed, 0, 0, 0, 0});
        check(&from, (struct network){seed, 20000, 1000, 1500, 20});
    }
}

static void refuse(const struct psi_case *from, const char *words)
{
    struct world world;
    world_make(&world, from, good);
    int32_t result = fate_simulator_run(world.simulator, 1000000);
    assert_int_equal(result, FATE_E_LIMIT);
    if (strstr(fate_context_error(world.context), words) == NULL) fail_msg("%s", fate_context_error(world.context));
    world_free(&world);
}

static void limits_end_the_job(void **state)
{
    (void)state;
    struct psi_case from = {.hosts = 1, .universe = 9, .sizes = {2, 7}, .seed = 3, .parameters = "\"minimum_set\": 3"};
    refuse(&from, "minimum_set");
    from.parameters = "\"maximum_ratio\": 3";
    refuse(&from, "maximum_ratio");
    from.parameters = "\"minimum_intersection\": 8";
    refuse(&from, "minimum_intersection");
    struct psi_case three = {.hosts = 2, .universe = 9, .sizes = {9, 4, 4}, .seed = 11, .parameters = "\"minimum_intersection\": 4"};
    assert_true(psi_test_common(&three, 0) < 4); /* each pair has enough in common, all three have not */
    refuse(&three, "minimum_intersection");
    from.parameters = "\"maximum_ratio\": 3.5";
    check(&from, good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_size),
        cmocka_unit_test(every_mode),
        cmocka_unit_test(ten_parties),
        cmocka_unit_test(several_parts),
        cmocka_unit_test(bad_networks_and_crashes),
        cmocka_unit_test(several_hosts_spilled),
        cmocka_unit_test(limits_end_the_job),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
