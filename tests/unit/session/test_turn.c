/* What a step may do and what it may not; protocols that break their own rules; hostile peers that speak the protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/context.h"
#include <fate/simulator.h>
#include "src/session/session.h"

enum { LEFT, RIGHT };
enum { QUESTION, ANSWER, SMALL };

typedef int32_t (*script)(fate_turn *turn);

/* What the roles do in this test; the tables below call these. */
struct scripts {
    script left, right, save;
    uint32_t calls;
    bool checked;
};
static struct scripts *now_playing;

static int32_t play_start(fate_turn *turn, void **state)
{
    uint8_t seed[32];
    *state = NULL;
    /* Sending is for steps; secret seeds are there from the beginning, the run's own are not. */
    assert_int_equal(fate_turn_send_all(turn, QUESTION, NULL, 0, 1), FATE_E_STATE);
    assert_int_equal(fate_turn_seed(turn, "start", 0, seed), FATE_OK);
    assert_int_equal(fate_turn_save(turn, seed, 1), FATE_E_STATE);
    return FATE_OK;
}

static void play_stop(fate_context *context, void *state)
{
    (void)context;
    assert_null(state);
}

static int32_t play_left(fate_turn *turn, void *state)
{
    (void)state;
    now_playing->calls++;
    return now_playing->left(turn);
}

static int32_t play_right(fate_turn *turn, void *state)
{
    (void)state;
    return now_playing->right(turn);
}

static int32_t finish(fate_turn *turn)
{
    return fate_turn_finish(turn);
}

static int32_t ask(fate_turn *turn)
{
    return fate_turn_send(turn, QUESTION, 1, (const uint8_t *)"?", 1, 1);
}

static void register_play(fate_context *context)
{
    static const fate_protocol_message messages[] = {{"question", LEFT, RIGHT, 0, "a question", "it is asked"},
                                                     {"answer", RIGHT, LEFT, 0, "an answer", "it was asked for"},
                                                     {"small", LEFT, RIGHT, 10, "something small", "it may"}};
    static const fate_protocol_step left[] = {{"first", FATE_WAIT_NOTHING, 0, play_left}, {"second", FATE_WAIT_ALL, ANSWER, play_left}};
    static const fate_protocol_step right[] = {{"first", FATE_WAIT_ALL, QUESTION, play_right}, {"small", FATE_WAIT_ALL, SMALL, play_right}};
    static const fate_protocol_role roles[] = {{"left", 1, 1, "nothing", left, sizeof left[0], 2, play_start, NULL, NULL, play_stop, 0},
                                               {"right", 1, 1, "nothing", right, sizeof right[0], 2, play_start, NULL, NULL, play_stop, 0}};
    fate_protocol protocol = {.struct_size = sizeof protocol,
                              .abi_version = FATE_ABI_VERSION,
                              .name = "play",
                              .purpose = FATE_PURPOSE_TRAIN,
                              .summary = "a play",
                              .limits = "none",
                              .roles = roles,
                              .role_size = sizeof roles[0],
                              .role_count = 2,
                              .messages = messages,
                              .message_size = sizeof messages[0],
                              .message_count = 3};
    int32_t result = fate_protocol_register(context, &protocol);
    if (result != FATE_OK) print_error("%s\n", fate_context_error(context));
    assert_int_equal(result, FATE_OK);
}

struct outcome {
    int32_t result;
    char sentence[1024];
};

static struct outcome play(struct scripts *scripts)
{
    fate_context *context;
    fate_simulator *simulator;
    struct outcome outcome;
    now_playing = scripts;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    register_play(context);
    assert_int_equal(fate_simulator_new(context, &simulator,
                                        "{\"algorithm\":\"play\",\"id\":\"id\",\"parties\":[{\"name\":\"l\",\"role\":\"left\"},"
                                        "{\"name\":\"r\",\"role\":\"right\"}]}",
                                        FATE_PURPOSE_TRAIN, 3),
                     FATE_OK);
    outcome.result = fate_simulator_run(simulator, 100000);
    strncpy(outcome.sentence, fate_context_error(context), sizeof outcome.sentence - 1);
    outcome.sentence[sizeof outcome.sentence - 1] = 0;
    fate_simulator_free(simulator);
    fate_context_free(context);
    return outcome;
}

static int32_t check_sends(fate_turn *turn)
{
    static uint8_t part[FATE_PART_LIMIT + 1];
    assert_int_equal(fate_turn_send(turn, ANSWER, 1, NULL, 0, 1), FATE_E_ARGUMENT);   /* the other role's */
    assert_int_equal(fate_turn_send(turn, QUESTION, 0, NULL, 0, 1), FATE_E_ARGUMENT); /* to itself */
    assert_int_equal(fate_turn_send(turn, QUESTION, 2, NULL, 0, 1), FATE_E_ARGUMENT); /* to nobody */
    assert_int_equal(fate_turn_send(turn, 3, 1, NULL, 0, 1), FATE_E_ARGUMENT);        /* not declared */
    assert_int_equal(fate_turn_send_all(turn, 3, NULL, 0, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_send(turn, QUESTION, 1, part, sizeof part, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_send(turn, QUESTION, 1, NULL, 1, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_send(turn, QUESTION, 1, NULL, 0, 0), FATE_OK);      /* a part */
    assert_int_equal(fate_turn_send(turn, SMALL, 1, NULL, 0, 1), FATE_E_ARGUMENT); /* while another message is unfinished */
    assert_int_equal(fate_turn_send(turn, QUESTION, 1, NULL, 0, 1), FATE_OK);
    now_playing->checked = true;
    return fate_turn_finish(turn);
}

static void sending_is_checked(void **state)
{
    (void)state;
    struct scripts scripts = {check_sends, finish, NULL, 0, false};
    assert_int_equal(play(&scripts).result, FATE_FINISHED);
    assert_true(scripts.checked);
}

static int32_t check_facts(fate_turn *turn)
{
    const uint8_t *bytes;
    uint64_t length;
    uint8_t one[32], two[32];
    assert_int_equal(fate_turn_party(turn), 0);
    assert_int_equal(fate_turn_role(turn, 1), RIGHT);
    assert_int_equal(fate_turn_role(turn, 2), UINT32_MAX);
    assert_null(fate_turn_table(turn, FATE_TABLE_DATA));
    assert_null(fate_turn_table(turn, 99));
    assert_null(fate_turn_model(turn));
    assert_string_equal(fate_job_algorithm(fate_turn_job(turn)), "play");
    assert_int_equal(fate_turn_received(turn, 1, &bytes, &length), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_from(turn), UINT32_MAX);
    assert_int_equal(fate_turn_go_to(turn, 2), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_common_seed(turn, "a", one), FATE_OK);
    assert_int_equal(fate_turn_common_seed(turn, "b", two), FATE_OK);
    assert_memory_not_equal(one, two, 32);
    assert_int_equal(fate_turn_seed(turn, "a", 0, one), FATE_OK);
    assert_int_equal(fate_turn_seed(turn, "a", 1, two), FATE_OK);
    assert_memory_not_equal(one, two, 32);
    assert_int_equal(fate_turn_seed(turn, "a", 0, two), FATE_OK);
    assert_memory_equal(one, two, 32);
    double value = 1;
    assert_int_equal(fate_turn_set_result(turn, "x", &value, 1), FATE_OK);
    value = 2;
    assert_int_equal(fate_turn_set_result(turn, "x", &value, 1), FATE_OK);
    assert_int_equal(fate_turn_metric(turn, "auc", 1, 0.5), FATE_OK);
    assert_int_equal(fate_turn_warn(turn, "mind"), FATE_OK);
    now_playing->checked = true;
    assert_int_equal(ask(turn), FATE_OK);
    return fate_turn_finish(turn);
}

static void facts_of_a_turn(void **state)
{
    (void)state;
    struct scripts scripts = {check_facts, finish, NULL, 0, false};
    assert_int_equal(play(&scripts).result, FATE_FINISHED);
    assert_true(scripts.checked);
}

static int32_t three_pieces(fate_turn *turn)
{
    if (now_playing->calls < 3) return FATE_AGAIN;
    assert_int_equal(ask(turn), FATE_OK);
    return fate_turn_finish(turn);
}

static void a_step_in_pieces(void **state)
{
    (void)state;
    struct scripts scripts = {three_pieces, finish, NULL, 0, false};
    assert_int_equal(play(&scripts).result, FATE_FINISHED);
    assert_int_equal(scripts.calls, 3);
}

static int32_t meaningless(fate_turn *turn)
{
    (void)turn;
    return FATE_EMPTY;
}

static void a_result_that_means_nothing(void **state)
{
    (void)state;
    struct scripts scripts = {meaningless, finish, NULL, 0, false};
    struct outcome outcome = play(&scripts);
    assert_int_equal(outcome.result, FATE_E_INTERNAL);
    assert_non_null(strstr(outcome.sentence, "first"));
}

static int32_t own_failure(fate_turn *turn)
{
    return fate_turn_fail(turn, -1234, "row 7 holds a secret", "a value is wrong");
}

/* The sentence with private data stays here; the peer reads the other one. */
static void failing_tells_peers_what_it_may(void **state)
{
    (void)state;
    struct scripts scripts = {own_failure, finish, NULL, 0, false};
    struct outcome outcome = play(&scripts);
    assert_int_equal(outcome.result, -1234);
    assert_string_equal(outcome.sentence, "row 7 holds a secret");
}

static int32_t ask_small(fate_turn *turn)
{
    return fate_turn_send(turn, SMALL, 1, (const uint8_t *)"!", 1, 1);
}

static void another_message_than_the_awaited(void **state)
{
    (void)state;
    struct scripts scripts = {ask_small, finish, NULL, 0, false};
    struct outcome outcome = play(&scripts);
    assert_int_equal(outcome.result, FATE_E_PROTOCOL);
    assert_non_null(strstr(outcome.sentence, "small"));
    assert_non_null(strstr(outcome.sentence, "question"));
}

static int32_t ask_too_much(fate_turn *turn)
{
    static const uint8_t part[FATE_PART_LIMIT];
    if (now_playing->calls == 1) assert_int_equal(ask(turn), FATE_OK);
    assert_int_equal(fate_turn_send(turn, SMALL, 1, part, sizeof part, 0), FATE_OK);
    return now_playing->calls < 10 ? FATE_AGAIN : FATE_OK;
}

static int32_t go_on(fate_turn *turn)
{
    (void)turn;
    return FATE_OK;
}

/* A message that never ends: its limit bounds what is kept. */
static void a_message_above_its_limit(void **state)
{
    (void)state;
    struct scripts scripts = {ask_too_much, go_on, NULL, 0, false};
    struct outcome outcome = play(&scripts);
    assert_int_equal(outcome.result, FATE_E_PROTOCOL);
    assert_non_null(strstr(outcome.sentence, "small"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sending_is_checked),
        cmocka_unit_test(facts_of_a_turn),
        cmocka_unit_test(a_step_in_pieces),
        cmocka_unit_test(a_result_that_means_nothing),
        cmocka_unit_test(failing_tells_peers_what_it_may),
        cmocka_unit_test(another_message_than_the_awaited),
        cmocka_unit_test(a_message_above_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
