/* Whole alignments with a stored set in the simulator: all modes against a run in one process, the first time and again; what each costs;
 * parties that are killed; failing allocations; what a job must not ask for.
 *
 * Linked so that multiplications of elements come here first, and are counted. */
#include "tests/support/effort.h"
#include "tests/support/unit.h"

#include <stdatomic.h>
#include "src/models/psi/stored_party.h"
#include "tests/support/allocator.h"
#include "tests/support/stored.h"

static struct {
    uint64_t hashed, multiplied;
} cost;

int32_t __real_ristretto_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar,
                                       uint64_t *first_bad);
int32_t __real_ristretto_hash_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar);
int32_t __wrap_ristretto_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar,
                                       uint64_t *first_bad);
int32_t __wrap_ristretto_hash_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar);

int32_t __wrap_ristretto_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar,
                                       uint64_t *first_bad)
{
    cost.multiplied += count;
    return __real_ristretto_multiply_many(context, out, in, count, scalar, first_bad);
}

int32_t __wrap_ristretto_hash_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar)
{
    cost.hashed += count;
    return __real_ristretto_hash_multiply_many(context, out, in, count, scalar);
}

static fate_context *context;

static int setup(void **state)
{
    (void)state;
    return fate_context_new(&context, NULL) == FATE_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static void run(const struct stored_world *world, bool left)
{
    int32_t result = stored_world_run(world);
    if (result != FATE_FINISHED) fail_msg("%s: %s", fate_result_name(result), fate_context_error(context));
    const char *wrong = stored_world_check(world, left);
    if (wrong != NULL) fail_msg("%s", wrong);
}

static void every_mode_twice(void **state)
{
    static const char *const modes[] = {"", ", \"learn\": \"guest\"", ", \"join\": \"left\""}, *const owners[] = {"guest", "host"};
    static const char *const rules[] = {"error", "first", "many"};
    (void)state;
    for (uint32_t owner = 0; owner < 2; owner++)
        for (uint32_t mode = 0; mode < 3; mode++)
            for (uint32_t rule = 0; rule < 3; rule++) {
                char parameters[128];
                struct stored_world world;
                snprintf(parameters, sizeof parameters, "\"stored_set\": \"%s\"%s", owners[owner], modes[mode]);
                stored_world_make(&world, parameters, rules[rule], 1 + owner, context);
                stored_world_set_ids(&world, owner, 120, 1, rule == 1 || (rule == 2 && owner == 0));
                stored_world_set_ids(&world, !owner, 90, 7, rule == 1 || (rule == 2 && owner == 1));
                run(&world, mode == 2);
                for (uint32_t again = 0; again < 2; again++) { /* the small side's rows change, the large side's stay */
                    stored_world_again(&world);
                    stored_world_set_ids(&world, !owner, 150, 5 + again, rule == 1 || (rule == 2 && owner == 1));
                    run(&world, mode == 2);
                    assert_int_equal(stored_world_sent(&world, owner, owner == 0 ? "guest stored ids" : "host stored ids"), 0);
                }
                stored_world_free(&world);
            }
}

static void every_small_size(void **state)
{
    (void)state;
    for (uint32_t owner = 0; owner < 2; owner++)
        for (uint32_t large = 0; large <= 3; large++)
            for (uint32_t small = 0; small <= 3; small++) {
                struct stored_world world;
                stored_world_make(&world, owner == 0 ? "\"stored_set\": \"guest\"" : "\"stored_set\": \"host\"", NULL, 5, context);
                for (int again = 0; again < 2; again++) {
                    if (again > 0) stored_world_again(&world);
                    stored_world_set_ids(&world, owner, large, 1, false);
                    stored_world_set_ids(&world, !owner, 2 * small, 2, false);
                    run(&world, false);
                }
                stored_world_free(&world);
            }
}

/* The first alignment masks the large set once; a later one costs three multiplications for each id of the small one. */
static void cost_follows_the_small_set(void **state)
{
    enum { LARGE = 20000, SMALL = 200 };
    (void)state;
    for (uint32_t owner = 0; owner < 2; owner++) {
        struct stored_world world;
        uint64_t first_bytes = 0;
        stored_world_make(&world, owner == 0 ? "\"stored_set\": \"guest\"" : "\"stored_set\": \"host\"", NULL, 9, context);
        stored_world_set_ids(&world, owner, LARGE, 1, false);
        stored_world_set_ids(&world, !owner, SMALL * 90, 90, false);
        for (uint32_t again = 0; again < 3; again++) {
            uint64_t sent = 0, bytes = 0;
            if (again > 0) stored_world_again(&world);
            cost.hashed = cost.multiplied = 0;
            run(&world, false);
            assert_int_equal(cost.hashed, SMALL + (again == 0 ? LARGE : 0));
            assert_int_equal(cost.multiplied, 2 * SMALL);
            for (uint32_t party = 0; party < 2; party++) {
                (void)fate_session_counter(fate_simulator_session(world.simulator, party), "bytes_sent", &bytes);
                sent += bytes;
            }
            if (again == 0) first_bytes = sent;
            assert_true(again == 0 ? sent > 16 * LARGE : sent < 200 * SMALL && sent < first_bytes / 8);
        }
        stored_world_free(&world);
    }
}

/* More ids than a value of the store holds. */
static void several_parts(void **state)
{
    struct stored_world world;
    (void)state;
    stored_world_make(&world, "\"stored_set\": \"host\"", NULL, 9, context);
    stored_world_set_ids(&world, 1, 2 * STORED_ITEMS + 5, 1, false);
    stored_world_set_ids(&world, 0, 200000, 1000, false);
    run(&world, false);
    stored_world_again(&world);
    run(&world, false);
    stored_world_again(&world); /* a smaller set takes the place of the larger one */
    stored_world_set_ids(&world, 1, 5000, 1, false);
    run(&world, false);
    stored_world_free(&world);
}

static void killed_at_any_time(void **state)
{
    (void)state;
    for (uint32_t owner = 0; owner < 2; owner++)
        for (uint32_t victim = 0; victim < 2; victim++)
            for (uint32_t again = 0; again < 2; again++)
                for (uint64_t tick = 1; tick < 120; tick += 3 * EFFORT_FEWER) {
                    struct stored_world world;
                    stored_world_make(&world, owner == 0 ? "\"stored_set\": \"guest\"" : "\"stored_set\": \"host\"", NULL, tick, context);
                    (void)fate_simulator_set(world.simulator, "store_delay_most", 9);
                    stored_world_set_ids(&world, owner, 60, 1, false);
                    stored_world_set_ids(&world, !owner, 90, 7, false);
                    if (again > 0) {
                        run(&world, false);
                        stored_world_again(&world);
                    }
                    (void)fate_simulator_run(world.simulator, tick);
                    assert_int_equal(fate_simulator_restart(world.simulator, victim), FATE_OK);
                    run(&world, false);
                    stored_world_free(&world);
                }
}

static void bad_networks_and_crashes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 24; seed += 2 * EFFORT_STRIDE - 1) {
        uint32_t owner = (uint32_t)seed % 2;
        struct stored_world world;
        stored_world_make(
            &world, owner == 0 ? "\"stored_set\": \"guest\", \"stored_queries\": 2" : "\"stored_set\": \"host\", \"stored_queries\": 2",
            NULL, seed, context);
        stored_world_set_ids(&world, owner, 9000, 1, false);
        stored_world_set_ids(&world, !owner, 9000, 90, false);
        for (int again = 0; again < 3; again++) {
            if (again > 0) stored_world_again(&world);
            (void)fate_simulator_set(world.simulator, "loss", 20000);
            (void)fate_simulator_set(world.simulator, "delay_most", 20);
            (void)fate_simulator_set(world.simulator, "reconnect", 1000);
            (void)fate_simulator_set(world.simulator, "crash", 1500);
            (void)fate_simulator_set(world.simulator, "store_delay_most", 30);
            (void)fate_simulator_set(world.simulator, "faults_until", fate_simulator_now(world.simulator) + 20000);
            int32_t result = stored_world_run(&world);
            if (result != FATE_FINISHED) fail_msg("seed %llu: %s", (unsigned long long)seed, fate_context_error(context));
            const char *wrong = stored_world_check(&world, false);
            if (wrong != NULL) fail_msg("seed %llu: %s", (unsigned long long)seed, wrong);
        }
        stored_world_free(&world);
    }
}

/* Puts that fail end the job by name; the next one, over what the stores hold, is right. */
static void stores_may_fail(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct stored_world world;
        stored_world_make(&world, seed % 2 == 0 ? "\"stored_set\": \"guest\"" : "\"stored_set\": \"host\"", NULL, seed, context);
        stored_world_set_ids(&world, (uint32_t)seed % 2, 300, 1, false);
        stored_world_set_ids(&world, !(seed % 2), 300, 9, false);
        for (int again = 0; again < 3; again++) {
            if (again > 0) stored_world_again(&world);
            (void)fate_simulator_set(world.simulator, "store_failure", 200000);
            int32_t result = stored_world_run(&world);
            assert_true(result == FATE_FINISHED || result == FATE_E_FILE || result == FATE_E_PEER);
            if (result == FATE_E_FILE) assert_non_null(strstr(fate_context_error(context), "the store failed to keep the"));
        }
        (void)fate_simulator_set(world.simulator, "store_failure", 0);
        stored_world_again(&world);
        run(&world, false);
        stored_world_free(&world);
    }
}

/* Which ids a party has changes nothing in what is sent, as long as sizes and the number of common ids are the same: here 300 and 30, all common. */
static void what_is_sent_follows_from_sizes(void **state)
{
    (void)state;
    for (uint32_t owner = 0; owner < 2; owner++) {
        uint64_t bytes[2][2][2][PSI_MESSAGES];
        memset(bytes, 0, sizeof bytes);
        for (uint32_t variant = 0; variant < 2; variant++) {
            struct stored_world world;
            stored_world_make(&world, owner == 0 ? "\"stored_set\": \"guest\"" : "\"stored_set\": \"host\"", NULL, 6, context);
            for (uint32_t again = 0; again < 2; again++) {
                if (again > 0) stored_world_again(&world);
                stored_world_set_ids(&world, owner, 300 * (1 + variant), 1 + variant, false);
                stored_world_set_ids(&world, !owner, 600, 20, false);
                if (variant == 0) stored_world_set_ids(&world, !owner, 300, 10, false);
                run(&world, false);
                const char *name;
                uint32_t peer;
                int32_t outgoing;
                uint64_t messages, sent;
                for (uint32_t party = 0; party < 2; party++)
                    for (uint32_t i = 0; fate_session_traffic(fate_simulator_session(world.simulator, party), i, &name, &peer, &outgoing,
                                                              &messages, &sent) == FATE_OK;
                         i++)
                        bytes[variant][again][party][i] = sent;
            }
            stored_world_free(&world);
        }
        assert_memory_equal(bytes[0], bytes[1], sizeof bytes[0]);
    }
}

static struct test_allocator counted;

static int32_t run_with(long long fail, uint32_t owner, bool again)
{
    fate_allocator allocator = test_allocator(&counted, -1);
    fate_context *own;
    struct stored_world world;
    assert_int_equal(fate_context_new(&own, &allocator), FATE_OK);
    stored_world_make(&world, owner == 0 ? "\"stored_set\": \"guest\"" : "\"stored_set\": \"host\"", NULL, 3, own);
    stored_world_set_ids(&world, owner, 30, 1, false);
    stored_world_set_ids(&world, !owner, 40, 7, false);
    if (again) {
        assert_int_equal(stored_world_run(&world), FATE_FINISHED);
        stored_world_again(&world);
    }
    counted.fail = fail < 0 ? -1 : atomic_load(&counted.calls) + fail;
    int32_t result = fate_simulator_run(world.simulator, 3000);
    counted.fail = -1;
    stored_world_free(&world);
    fate_context_free(own);
    assert_int_equal(atomic_load(&counted.live), 0);
    return result;
}

static void allocations_may_fail(void **state)
{
    (void)state;
    for (uint32_t owner = 0; owner < 2; owner++)
        for (int again = 0; again < 2; again++) {
            int32_t result = FATE_E_MEMORY;
            for (long long k = owner; result != FATE_FINISHED; k += 3) {
                result = run_with(k, owner, again > 0);
                assert_true(result == FATE_FINISHED || result == FATE_E_MEMORY || result == FATE_E_PEER);
            }
        }
}

/* Both keep a log; the logs fit each other and the job. */
static void evidence_is_kept(void **state)
{
    struct stored_world world;
    (void)state;
    stored_world_make(&world, "\"stored_set\": \"host\"", NULL, 3, context);
    stored_world_set_ids(&world, 1, 300, 1, false);
    stored_world_set_ids(&world, 0, 400, 7, false);
    for (uint32_t party = 0; party < 2; party++)
        assert_int_equal(fate_session_set_evidence(fate_simulator_session(world.simulator, party), NULL, 0), FATE_OK);
    run(&world, false);
    fate_evidence *logs[2];
    for (uint32_t party = 0; party < 2; party++) {
        uint64_t length;
        const uint8_t *bytes = fate_simulator_evidence(world.simulator, party, &length);
        assert_int_equal(fate_evidence_parse(context, &logs[party], "log", bytes, length), FATE_OK);
    }
    for (uint32_t party = 0; party < 2; party++) {
        fate_verdict *verdict;
        assert_int_equal(fate_evidence_verify(logs[party], &verdict, logs[!party], fate_simulator_job(world.simulator)), FATE_OK);
        assert_int_equal(fate_verdict_good(verdict), 1);
        fate_verdict_free(verdict);
    }
    for (uint32_t party = 0; party < 2; party++) fate_evidence_free(logs[party]);
    stored_world_free(&world);
}

static void refuse(const char *parameters, uint32_t hosts, const char *words)
{
    char text[PSI_TEST_TEXT];
    fate_simulator *simulator;
    struct psi_case from = {.hosts = hosts, .parameters = parameters};
    psi_test_job(text, &from);
    assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_ALIGN, 1), FATE_E_JOB);
    if (strstr(fate_context_error(context), words) == NULL) fail_msg("%s", fate_context_error(context));
}

static void what_does_not_go_together_is_refused(void **state)
{
    struct stored_world world;
    (void)state;
    refuse("\"stored_set\": \"host\", \"learn\": \"count\"", 1, "learn \"count\"");
    refuse("\"stored_set\": \"guest\", \"protocol\": \"ecdh-x25519\"", 1, "ecdh-x25519");
    refuse("\"stored_set\": \"host\"", 2, "one guest and one host");
    refuse("\"stored_set\": \"both\"", 1, "stored_set");
    for (int what = 0; what < 3; what++) {
        stored_world_make(&world, what == 2 ? "\"stored_set\": \"host\", \"stored_days\": 0" : "\"stored_set\": \"host\"", NULL, 3,
                          context);
        stored_world_set_ids(&world, 0, 3, 1, false);
        stored_world_set_ids(&world, 1, 3, 1, false);
        for (uint32_t party = 0; party < 2; party++)
            (void)fate_session_set_option(fate_simulator_session(world.simulator, party), what == 0 ? "durable" : "date", 0);
        assert_int_equal(stored_world_run(&world), what == 2 ? FATE_FINISHED : FATE_E_ARGUMENT);
        if (what < 2) assert_non_null(strstr(fate_context_error(context), what == 0 ? "--sets" : "date"));
        stored_world_free(&world);
    }
}

static void limits_hold(void **state)
{
    struct stored_world world;
    (void)state;
    stored_world_make(&world, "\"stored_set\": \"host\", \"minimum_intersection\": 9", NULL, 3, context);
    stored_world_set_ids(&world, 1, 100, 1, false);
    stored_world_set_ids(&world, 0, 8, 1, false);
    assert_int_equal(stored_world_run(&world), FATE_E_LIMIT);
    assert_non_null(strstr(fate_context_error(context), "minimum_intersection"));
    assert_int_equal(stored_world_sent(&world, 1, "places"), 0);
    stored_world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mode_twice),
        cmocka_unit_test(every_small_size),
        cmocka_unit_test(cost_follows_the_small_set),
        cmocka_unit_test(several_parts),
        cmocka_unit_test(killed_at_any_time),
        cmocka_unit_test(bad_networks_and_crashes),
        cmocka_unit_test(stores_may_fail),
        cmocka_unit_test(what_is_sent_follows_from_sizes),
        cmocka_unit_test(evidence_is_kept),
        cmocka_unit_test(what_does_not_go_together_is_refused),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
