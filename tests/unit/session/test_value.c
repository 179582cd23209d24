/* Values that steps keep in their party's store: kept beyond the job and a restart, sealed, one access at a time. */
#include "tests/support/unit.h"

#include "src/session/session.h"
#include "tests/support/allocator.h"
#include <fate/simulator.h>

enum { ROUNDS = 3 };

/* What a keeper has done in this run: every access is asked for twice, once to begin it and once for its result. */
struct keeping {
    uint32_t stage;
    uint32_t found; /* the number that was kept before */
};

static struct {
    bool forgetful;      /* does not return FATE_AGAIN */
    bool two;            /* asks for two values at once */
    uint32_t last_found; /* by the last keeper that was done */
    int32_t outside;     /* what fate_turn_get says in start */
    int32_t keeps;
    uint64_t date;
} seen;

static int32_t keep_start(fate_turn *turn, void **state)
{
    const uint8_t *bytes;
    uint64_t length;
    seen.outside = fate_turn_get(turn, "number", &bytes, &length);
    seen.keeps = fate_turn_keeps(turn);
    *state = fate_allocate(fate_turn_context(turn), sizeof(struct keeping));
    return *state == NULL ? FATE_E_MEMORY : FATE_OK;
}

static int32_t keep_save(fate_turn *turn, const void *state)
{
    return fate_turn_save(turn, state, sizeof(struct keeping));
}

static int32_t keep_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    (void)turn;
    assert_int_equal(length, sizeof(struct keeping));
    memcpy(state, bytes, sizeof(struct keeping));
    return FATE_OK;
}

static void keep_stop(fate_context *context, void *state)
{
    fate_free(context, state);
}

/* Reads the number, deletes a value that may be there, keeps the next number. */
static int32_t keep_number(fate_turn *turn, void *state)
{
    struct keeping *own = state;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = FATE_OK;
    if (own->stage == 0) {
        result = fate_turn_get(turn, "number", &bytes, &length);
        if (seen.two && result == FATE_AGAIN) return fate_turn_get(turn, "other", &bytes, &length);
        if (seen.forgetful && result == FATE_AGAIN) return FATE_OK;
        if (result == FATE_OK) {
            assert_int_equal(length, 1);
            own->found = bytes[0];
        } else if (result != FATE_EMPTY) {
            return result;
        }
        own->stage = 1;
    }
    if (own->stage == 1) {
        result = fate_turn_delete(turn, "old");
        if (result != FATE_OK) return result;
        own->stage = 2;
    }
    if (own->stage == 2) {
        uint8_t next = (uint8_t)(own->found + 1);
        result = fate_turn_put(turn, "number", &next, 1);
        if (result != FATE_OK) return result;
        own->stage = 3;
    }
    seen.last_found = own->found;
    seen.date = fate_turn_date(turn);
    return fate_turn_send_all(turn, 0, (const uint8_t *)"!", 1, 1);
}

static int32_t finish(fate_turn *turn, void *state)
{
    (void)state;
    return fate_turn_finish(turn);
}

static int32_t echo(fate_turn *turn, void *state)
{
    (void)state;
    int32_t result = fate_turn_send_all(turn, 1, (const uint8_t *)"?", 1, 1);
    return result == FATE_OK ? fate_turn_finish(turn) : result;
}

static const fate_protocol_message messages[] = {{"done", 0, 1, 0, "that it is done", "it may"},
                                                 {"heard", 1, 0, 0, "that it heard", "it may"}};
static const fate_protocol_step keeper[] = {{"keep", FATE_WAIT_NOTHING, 0, keep_number}, {"end", FATE_WAIT_ALL, 1, finish}};
static const fate_protocol_step hearer[] = {{"hear", FATE_WAIT_ALL, 0, echo}};
static const fate_protocol_role roles[] = {
    {"keeper", 1, 1, "a number", keeper, sizeof *keeper, 2, keep_start, keep_save, keep_load, keep_stop, 0},
    {"hearer", 1, 1, "nothing", hearer, sizeof *hearer, 1, keep_start, keep_save, keep_load, keep_stop, 0}};

static fate_simulator *start(fate_context *context, int64_t durable)
{
    fate_protocol protocol = {.struct_size = sizeof protocol,
                              .abi_version = FATE_ABI_VERSION,
                              .name = "keep",
                              .purpose = FATE_PURPOSE_TRAIN,
                              .summary = "keeps a number",
                              .limits = "none",
                              .roles = roles,
                              .role_size = sizeof roles[0],
                              .role_count = 2,
                              .messages = messages,
                              .message_size = sizeof messages[0],
                              .message_count = 2};
    fate_simulator *simulator = NULL;
    int32_t result = fate_protocol_register(context, &protocol);
    if (result == FATE_E_EXISTS) result = FATE_OK;
    if (result == FATE_OK)
        result = fate_simulator_new(context, &simulator,
                                    "{\"algorithm\":\"keep\",\"id\":\"id\",\"parties\":[{\"name\":\"k\",\"role\":\"keeper\"},"
                                    "{\"name\":\"h\",\"role\":\"hearer\"}]}",
                                    FATE_PURPOSE_TRAIN, 5);
    for (uint32_t party = 0; party < 2 && result == FATE_OK; party++) {
        fate_session *session = fate_simulator_session(simulator, party);
        assert_int_equal(fate_session_set_option(session, "durable", durable), FATE_OK);
        assert_int_equal(fate_session_set_option(session, "date", 1000), FATE_OK);
    }
    return simulator;
}

/* A new job over the stores of the one before. */
static void begin_again(fate_simulator *simulator)
{
    for (uint32_t party = 0; party < 2; party++) {
        assert_int_equal(fate_simulator_restart(simulator, party), FATE_OK);
        assert_int_equal(fate_session_set_option(fate_simulator_session(simulator, party), "restart", 1), FATE_OK);
    }
}

static void outlive_the_job(void **state)
{
    fate_context *context;
    (void)state;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    fate_simulator *simulator = start(context, 1);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        if (round > 0) begin_again(simulator);
        assert_int_equal(fate_simulator_run(simulator, 10000), FATE_FINISHED);
        assert_int_equal(seen.last_found, round);
        assert_int_equal(seen.date, 1000);
        assert_int_equal(seen.keeps, 1);
        assert_int_equal(seen.outside, FATE_E_STATE);
    }
    fate_simulator_free(simulator);
    fate_context_free(context);
}

/* A party that is killed while an access is under way asks for it again: a number is found as it was or one further. */
static void survive_restarts(void **state)
{
    fate_context *context;
    (void)state;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (uint64_t tick = 0; tick < 60; tick++) {
        fate_simulator *simulator = start(context, 1);
        fate_simulator_set(simulator, "store_delay_most", 7);
        int32_t result = fate_simulator_run(simulator, tick);
        assert_true(result == FATE_AGAIN || result == FATE_FINISHED);
        assert_int_equal(fate_simulator_restart(simulator, 0), FATE_OK);
        assert_int_equal(fate_simulator_run(simulator, 1000000), FATE_FINISHED);
        assert_true(seen.last_found <= 1);
        fate_simulator_free(simulator);
    }
    fate_context_free(context);
}

static void refuse(int32_t code, const char *words, int64_t durable)
{
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    fate_simulator *simulator = start(context, durable);
    assert_int_equal(fate_simulator_run(simulator, 10000), code);
    if (strstr(fate_context_error(context), words) == NULL) fail_msg("%s", fate_context_error(context));
    fate_simulator_free(simulator);
    fate_context_free(context);
}

static void rules_have_names(void **state)
{
    (void)state;
    refuse(FATE_E_STATE, "keeps nothing", 0);
    seen.forgetful = true;
    refuse(FATE_E_INTERNAL, "did not return FATE_AGAIN", 1);
    seen.forgetful = false;
    seen.two = true;
    refuse(FATE_E_STATE, "one access", 1);
    seen.two = false;
}

static void arguments_are_checked(void **state)
{
    const uint8_t *bytes;
    uint64_t length;
    fate_context *context;
    (void)state;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    fate_simulator *simulator = start(context, 1);
    fate_session *session = fate_simulator_session(simulator, 0);
    fate_turn *turn = &session->turn;
    turn->in_step = true;
    assert_int_equal(fate_turn_get(NULL, "a", &bytes, &length), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_get(turn, NULL, &bytes, &length), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_get(turn, "a", NULL, &length), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_get(turn, "a", &bytes, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_put(NULL, "a", NULL, 0), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_put(turn, NULL, NULL, 0), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_put(turn, "a", NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_delete(NULL, "a"), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_delete(turn, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_delete(turn, "A"), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_delete(turn, ""), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_delete(turn, "123456789012345678901234567890123456789012345678901234567890123456789012345678901"),
                     FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_keeps(NULL), 0);
    assert_int_equal(fate_turn_date(NULL), 0);
    turn->in_step = false;
    fate_simulator_free(simulator);
    fate_context_free(context);
}

static struct test_allocator counted;

static int32_t run_with(long long fail)
{
    fate_allocator allocator = test_allocator(&counted, -1);
    fate_context *context;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    fate_simulator *simulator = start(context, 1);
    counted.fail = fail < 0 ? -1 : atomic_load(&counted.calls) + fail;
    int32_t result = fate_simulator_run(simulator, 3000);
    counted.fail = -1;
    fate_simulator_free(simulator);
    fate_context_free(context);
    assert_int_equal(atomic_load(&counted.live), 0);
    return result;
}

static void allocations_may_fail(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long k = 0; result != FATE_FINISHED; k++) {
        result = run_with(k);
        assert_true(result == FATE_FINISHED || result == FATE_E_MEMORY || result == FATE_E_PEER);
    }
}

/* A value of another name, altered, or of another identity does not open. */
static void values_are_sealed(void **state)
{
    fate_context *context;
    const fate_event *event = NULL;
    const uint8_t *bytes = NULL;
    uint64_t length = 0;
    struct buffer kept;
    (void)state;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    fate_simulator *simulator = start(context, 1);
    fate_session *session = fate_simulator_session(simulator, 0);
    fate_turn *turn = &session->turn;
    buffer_init(&kept, context);
    turn->in_step = true;
    assert_int_equal(fate_turn_put(turn, "one", (const uint8_t *)"secret", 6), FATE_AGAIN);
    assert_int_equal(fate_session_next(session, &event), FATE_OK);
    assert_int_equal(fate_event_kind(event), FATE_EVENT_PUT);
    assert_string_equal(fate_event_key(event), "kept-one");
    bytes = fate_event_bytes(event, &length);
    buffer_append(&kept, bytes, length);
    for (uint64_t i = 0; i + 6 <= length; i++) assert_memory_not_equal(bytes + i, "secret", 6);
    assert_int_equal(value_complete(session, FATE_EVENT_PUT, FATE_OK), FATE_OK);
    assert_int_equal(fate_turn_put(turn, "one", (const uint8_t *)"secret", 6), FATE_OK);
    for (int i = 0; i < 3; i++) {
        const char *name = i == 1 ? "two" : "one";
        assert_int_equal(fate_turn_get(turn, name, &bytes, &length), FATE_AGAIN);
        buffer_clear(&session->store_bytes);
        buffer_append(&session->store_bytes, kept.bytes, kept.length);
        if (i == 2) session->store_bytes.bytes[kept.length - 1] ^= 1;
        assert_int_equal(value_complete(session, FATE_EVENT_GET, FATE_OK), i == 0 ? FATE_OK : FATE_E_STORE);
        if (i > 0) assert_non_null(strstr(fate_session_error(session), "altered"));
        if (i > 0) continue;
        assert_int_equal(fate_turn_get(turn, name, &bytes, &length), FATE_OK);
        assert_int_equal(length, 6);
        assert_memory_equal(bytes, "secret", 6);
    }
    turn->in_step = false;
    buffer_free(&kept);
    fate_simulator_free(simulator);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outlive_the_job),       cmocka_unit_test(survive_restarts),  cmocka_unit_test(rules_have_names),
        cmocka_unit_test(arguments_are_checked), cmocka_unit_test(values_are_sealed), cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
