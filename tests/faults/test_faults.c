/* Whole trainings and scorings of vertical boosting in which every allocation and every call of a hook fails in turn. Each ends in a
 * clean error, or with the right model; with its store a second run always ends with the right model.
 *
 *   test_faults [STRIDE [SEED]]   tries every STRIDE-th place, from one that follows from SEED; without: a sample */
#include <stdlib.h>
#include "tests/support/driven.h"
#include "tests/support/effort.h"
#include "tests/support/unit.h"

enum { OWN_CODE = FATE_E_APPLICATION - 234, SAMPLE = 61 };

static long long stride = SAMPLE * EFFORT_FEWER, seed = 1;

static const struct boosting_case two = {.hosts = 1,
                                         .rows = 8,
                                         .validation_rows = 3,
                                         .columns = 2,
                                         .missing = true,
                                         .parameters = "\"trees\": 2, \"depth\": 2, \"min_bin_rows\": 1, \"min_child_weight\": 0",
                                         .seed = 120};
static const struct boosting_case three = {.hosts = 2,
                                           .rows = 8,
                                           .columns = 2,
                                           .parameters = "\"trees\": 1, \"depth\": 2, \"min_bin_rows\": 1, \"min_child_weight\": 0",
                                           .seed = 121};

static const struct boosting_case with_okamoto = {.hosts = 1,
                                                  .rows = 8,
                                                  .columns = 2,
                                                  .parameters = "\"trees\": 1, \"depth\": 2, \"min_bin_rows\": 1, "
                                                                "\"min_child_weight\": 0, \"cipher\": \"okamoto-uchiyama\"",
                                                  .seed = 122};

static const struct boosting_case with_lattice = {.hosts = 1,
                                                  .rows = 8,
                                                  .columns = 2,
                                                  .parameters = "\"trees\": 1, \"depth\": 2, \"min_bin_rows\": 1, "
                                                                "\"min_child_weight\": 0, \"cipher\": \"lattice\"",
                                                  .seed = 123};

static const struct boosting_case with_kept_hint = {.hosts = 1,
                                                    .rows = 8,
                                                    .columns = 2,
                                                    .parameters =
                                                        "\"trees\": 1, \"depth\": 2, \"min_bin_rows\": 1, \"min_child_weight\": 0, "
                                                        "\"cipher\": \"lattice\", \"lattice_vectors\": 30",
                                                    .seed = 124};

static const struct driven_fault none = {.call = CALL_ALLOCATE, .number = -1};

/* What a run with this fault may end with. */
static bool may_end_with(const struct driven *run, int32_t result)
{
    const struct driven_fault *fault = &run->fault;
    /* An observer that cancels when all is done and only peers are waited for changes nothing. */
    bool cancels = fault->call >= CALL_PROGRESS && fault->call <= CALL_TICK && fault->code > 0;
    if (result == FATE_OK && cancels) return true;
    if (result == FATE_OK) return !run->hit || fault->call == CALL_ALLOCATE || fault->code == FATE_AGAIN || fault->number % 2 == 0;
    if (!run->hit) return false;
    if (fault->call == CALL_ALLOCATE) return result == FATE_E_MEMORY;
    if (fault->code == FATE_AGAIN) return fault->from_then_on && (result == FATE_E_TIMEOUT || result == FATE_E_PEER);
    return result == (fault->code > 0 ? FATE_E_CANCELLED : fault->code);
}

static void check_run(const struct driven *run, int32_t result, bool good, const char *when)
{
    if (run->wrong == NULL && good) return;
    print_error("party %u of %u, purpose %d, %s %lld fails%s with %d: %s: %s: %s: %s\n", run->party, run->world->count, (int)run->purpose,
                driven_call_name(run->fault.call), run->fault.number, run->fault.from_then_on ? " from then on" : "", (int)run->fault.code,
                when, fate_result_name(result), run->sentence, run->wrong == NULL ? "" : run->wrong);
    fail();
}

/* A run with a fault, and if it failed a second one without, on the same stores. Scoring keeps no state: there all begin anew. */
static void try_fault(const struct driven_world *world, uint32_t party, int32_t purpose, struct driven_fault fault)
{
    struct driven run;
    assert_true(driven_begin(&run, world, party, purpose));
    int32_t result = driven_run(&run, fault, false);
    check_run(&run, result, may_end_with(&run, result), "first run");
    if (result != FATE_OK) {
        struct driven_fault first = run.fault;
        if (purpose == FATE_PURPOSE_PREDICT) buffer_clear(&run.log); /* another run, another log */
        result = driven_run(&run, none, purpose == FATE_PURPOSE_PREDICT || fault.number % 3 == 0);
        run.fault = first;
        check_run(&run, result, result == FATE_OK, "second run");
    }
    driven_end(&run);
}

/* How often each thing is called in a run in which nothing fails. */
static void count_calls(const struct driven_world *world, uint32_t party, int32_t purpose, long long *calls)
{
    struct driven run;
    assert_true(driven_begin(&run, world, party, purpose));
    int32_t result = driven_run(&run, none, false);
    check_run(&run, result, result == FATE_OK, "nothing fails");
    memcpy(calls, run.calls, sizeof run.calls);
    driven_end(&run);
}

static void try_calls(const struct driven_world *world, uint32_t party, int32_t purpose, struct driven_fault fault, long long calls)
{
    for (fault.number = calls > 0 ? seed % (stride < calls ? stride : calls) : 0; fault.number < calls; fault.number += stride)
        try_fault(world, party, purpose, fault);
}

static void try_allocations(const struct driven_world *world, uint32_t party, int32_t purpose)
{
    long long calls[CALLS];
    count_calls(world, party, purpose, calls);
    for (int from_then_on = 0; from_then_on < 2; from_then_on++) {
        struct driven_fault fault = {.call = CALL_ALLOCATE, .from_then_on = from_then_on == 1};
        try_calls(world, party, purpose, fault, calls[CALL_ALLOCATE]);
    }
}

static void try_hooks(const struct driven_world *world, uint32_t party, int32_t purpose)
{
    long long calls[CALLS];
    count_calls(world, party, purpose, calls);
    for (int call = CALL_SEND; call < CALLS; call++) {
        struct driven_fault fault = {.call = (enum driven_call)call, .code = OWN_CODE};
        try_calls(world, party, purpose, fault, calls[call]);
        fault.from_then_on = true;
        try_calls(world, party, purpose, fault, calls[call]);
        fault.from_then_on = false;
        if (call >= CALL_PUT && call <= CALL_LIST) fault.code = FATE_E_FILE;
        if (call >= CALL_PROGRESS && call <= CALL_TICK) fault.code = 7;
        if (call >= CALL_RECORD_READ) fault.code = FATE_E_FILE;
        if (fault.code != OWN_CODE) try_calls(world, party, purpose, fault, calls[call]);
    }
    for (int from_then_on = 0; from_then_on < 2; from_then_on++) {
        struct driven_fault fault = {.call = CALL_SEND, .from_then_on = from_then_on == 1, .code = FATE_AGAIN};
        try_calls(world, party, purpose, fault, calls[CALL_SEND]);
    }
}

static void try_all(const struct boosting_case *from, uint32_t threads, bool evidence,
                    void (*try)(const struct driven_world *, uint32_t, int32_t))
{
    struct driven_world world;
    assert_true(driven_world_make(&world, from));
    world.threads = threads;
    world.evidence = evidence;
    for (uint32_t party = 0; party < 2; party++) {
        try(&world, party, FATE_PURPOSE_TRAIN);
        try(&world, party, FATE_PURPOSE_PREDICT);
    }
    driven_world_free(&world);
}

/* A fault that never comes up tests nothing. This version's sessions neither delete nor list. */
static void every_hook_is_called(void **state)
{
    (void)state;
    struct driven_world world;
    long long calls[CALLS];
    assert_true(driven_world_make(&world, &two));
    world.evidence = true;
    count_calls(&world, 0, FATE_PURPOSE_TRAIN, calls);
    for (int call = 0; call < CALLS; call++) {
        if (call == CALL_DELETE || call == CALL_LIST) continue;
        if (calls[call] == 0) print_error("%s\n", driven_call_name((enum driven_call)call));
        assert_true(calls[call] > 0);
    }
    driven_world_free(&world);
}

static void allocations_of_two_parties(void **state)
{
    (void)state;
    try_all(&two, 1, false, try_allocations);
}

static void allocations_of_three_parties(void **state)
{
    (void)state;
    try_all(&three, 1, false, try_allocations);
}

static void allocations_with_threads(void **state)
{
    (void)state;
    try_all(&three, 3, false, try_allocations);
}

static void allocations_with_okamoto_uchiyama(void **state)
{
    (void)state;
    try_all(&with_okamoto, 1, false, try_allocations);
    try_all(&with_okamoto, 3, false, try_allocations);
}

static void allocations_with_lattice(void **state)
{
    (void)state;
    try_all(&with_lattice, 1, false, try_allocations);
    try_all(&with_lattice, 3, false, try_allocations);
    try_all(&with_kept_hint, 1, false, try_allocations);
}

static void hooks_of_two_parties(void **state)
{
    (void)state;
    try_all(&two, 1, false, try_hooks);
    try_all(&with_lattice, 1, false, try_hooks);
    try_all(&with_kept_hint, 1, false, try_hooks);
}

static void hooks_of_three_parties(void **state)
{
    (void)state;
    try_all(&three, 1, false, try_hooks);
}

static void allocations_with_evidence(void **state)
{
    (void)state;
    try_all(&two, 1, true, try_allocations);
}

static void hooks_with_evidence(void **state)
{
    (void)state;
    try_all(&two, 1, true, try_hooks);
    try_all(&three, 1, true, try_hooks);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hook_is_called),
        cmocka_unit_test(allocations_of_two_parties),
        cmocka_unit_test(allocations_of_three_parties),
        cmocka_unit_test(allocations_with_threads),
        cmocka_unit_test(allocations_with_okamoto_uchiyama),
        cmocka_unit_test(allocations_with_lattice),
        cmocka_unit_test(hooks_of_two_parties),
        cmocka_unit_test(hooks_of_three_parties),
        cmocka_unit_test(allocations_with_evidence),
        cmocka_unit_test(hooks_with_evidence),
    };
    if (count > 1) stride = strtoll(arguments[1], NULL, 10);
    if (count > 2) seed = strtoll(arguments[2], NULL, 10);
    if (stride < 1 || seed < 0) return 2;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
