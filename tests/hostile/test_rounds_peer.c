/* A party of training over rounds that has the right key and lies in one message: a question of another length or number, one that has been, keys,
 * letters, lists and shares that are not those that were made, an answer for another sum. Who is lied to ends with an error that says
 * what was wrong, or goes on; who lies is named; the others end with equal weights.
 *
 * Linked so that the protocol's calls of fate_turn_send, fate_turn_send_all and fate_turn_warn come here first. */
#include "lib/bytes.h"
#include "src/models/rounds/protocol.h"
#include "tests/support/effort.h"
#include "tests/support/rounds_world.h"

enum lie { LIE_CUT, LIE_LONGER, LIE_ZERO, LIE_NEXT, LIE_EARLIER, LIE_TWICE, LIE_NOT_AT_ALL, LIE_BIT, LIES, LIE_SHARES };
enum { CLIENTS = 5, LIAR = 3, VICTIM = 2, TICKS = 200000, KEPT = 4096, WARNING = 600 };

static struct {
    bool on;
    uint32_t from, message, place, sent;
    enum lie lie;
    bool told;
    uint8_t before[KEPT]; /* of the last one of this kind */
    uint64_t before_length;
    char warnings[40][WARNING];
    uint32_t warned;
} plan;

int32_t __real_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last);
int32_t __wrap_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last);
int32_t __wrap_fate_turn_send_all(fate_turn *turn, uint32_t message, const uint8_t *bytes, uint64_t length, int32_t last);
int32_t __real_fate_turn_warn(fate_turn *turn, const char *sentence);
int32_t __wrap_fate_turn_warn(fate_turn *turn, const char *sentence);

int32_t __wrap_fate_turn_warn(fate_turn *turn, const char *sentence)
{
    if (plan.warned < 40) snprintf(plan.warnings[plan.warned++], WARNING, "%s", sentence);
    return __real_fate_turn_warn(turn, sentence);
}

static bool was_warned(const char *words)
{
    for (uint32_t i = 0; i < plan.warned; i++)
        if (strstr(plan.warnings[i], words) != NULL) return true;
    return false;
}

/* The number of a question or round stands first, but for the message "begin". */
static uint64_t number_at(uint32_t message)
{
    return message == MESSAGE_BEGIN ? 4 : 0;
}

static void alter(struct buffer *bytes)
{
    uint64_t at = number_at(plan.message);
    if (plan.lie == LIE_CUT) bytes->length -= bytes->length > 0;
    if (plan.lie == LIE_LONGER) buffer_u8(bytes, 7);
    if (plan.lie == LIE_BIT && bytes->length > 0) bytes->bytes[bytes->length - 3 < bytes->length ? bytes->length - 3 : 0] ^= 4;
    for (uint64_t share = ROUND_HEAD + 10; plan.lie == LIE_SHARES && share < bytes->length; share += 4 + ITEM_SHARE)
        bytes->bytes[share] ^= 1;
    if (bytes->length < at + 8) return;
    if (plan.lie == LIE_ZERO) memset(bytes->bytes + at, 0, 8);
    if (plan.lie == LIE_NEXT) bytes->bytes[at]++;
}

static int32_t tell(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last)
{
    struct buffer altered;
    plan.told = true;
    if (plan.lie == LIE_NOT_AT_ALL) return FATE_OK;
    buffer_init(&altered, turn->session->context);
    if (plan.lie == LIE_EARLIER)
        buffer_append(&altered, plan.before, plan.before_length);
    else
        buffer_append(&altered, bytes, length);
    alter(&altered);
    int32_t result = __real_fate_turn_send(turn, message, party, altered.bytes, altered.length, last);
    if (result == FATE_OK && plan.lie == LIE_TWICE)
        result = __real_fate_turn_send(turn, message, party, altered.bytes, altered.length, last);
    buffer_free(&altered);
    return result;
}

int32_t __wrap_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last)
{
    bool lies = plan.on && turn->session->party == plan.from && message == plan.message && (plan.from != 0 || party == VICTIM);
    if (lies && plan.sent++ == plan.place) return tell(turn, message, party, bytes, length, last);
    if (lies && length <= KEPT) memcpy(plan.before, bytes, plan.before_length = length);
    return __real_fate_turn_send(turn, message, party, bytes, length, last);
}

int32_t __wrap_fate_turn_send_all(fate_turn *turn, uint32_t message, const uint8_t *bytes, uint64_t length, int32_t last)
{
    const fate_session *session = turn->session;
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < session->party_count && result == FATE_OK; party++)
        if (party != session->party && fate_turn_role(turn, party) == session->protocol->messages[message].receiver)
            result = __wrap_fate_turn_send(turn, message, party, bytes, length, last);
    return result;
}

/* ---- one lie ---- */

static const char *sentence_of(struct rounds_world *world, uint32_t party)
{
    return fate_session_error(fate_simulator_session(world->simulator, party));
}

static void open_lie(struct rounds_world *world, uint32_t message, enum lie lie, uint32_t place)
{
    memset(&plan, 0, sizeof plan);
    rounds_open(world, CLIENTS, "horizontal-custom", ",\"rounds\":3,\"weights\":6,\"trust\":\"lying\",\"work_patience\":5", 0, lie, false);
    plan.from = message == MESSAGE_JOIN || message == MESSAGE_KEYS || message == MESSAGE_SHARES || message == MESSAGE_MASKED ||
                        message == MESSAGE_AGREED || message == MESSAGE_REVEAL || message == ROUNDS_READY
                    ? LIAR
                    : 0;
    plan.message = message;
    plan.lie = lie;
    plan.place = place;
    plan.on = true;
}

/* Parties that are not concerned end with equal weights. */
static void check_others(struct rounds_world *world)
{
    uint64_t count, others;
    assert_int_equal(fate_simulator_outcome(world->simulator, 0), FATE_FINISHED);
    const double *own = rounds_weights(world, 0, &count);
    for (uint32_t party = 1; party <= CLIENTS; party++) {
        int32_t outcome = fate_simulator_outcome(world->simulator, party);
        if (outcome == FATE_FINISHED) {
            const double *weights = rounds_weights(world, party, &others);
            assert_true(others == count);
            if (!(plan.message == MESSAGE_RESULT && party == VICTIM)) assert_memory_equal(weights, own, count * sizeof *weights);
        } else if (plan.from != 0) {
            assert_int_equal(party, LIAR);
        } else if (plan.message != MESSAGE_ROSTER && plan.message != MESSAGE_LETTERS) {
            assert_int_equal(party, VICTIM);
        }
    }
}

/* words: what the one who is lied to says, or is told of the liar; NULL: nothing need be noticed. */
static void try_lie(uint32_t message, enum lie lie, uint32_t place, const char *words)
{
    struct rounds_world world = {0};
    open_lie(&world, message, lie, place);
    int32_t result = fate_simulator_run(world.simulator, TICKS);
    uint32_t concerned = plan.from == 0 ? VICTIM : LIAR;
    int32_t outcome = fate_simulator_outcome(world.simulator, concerned);
    if (result != FATE_FINISHED)
        print_error("message %u, lie %d: %d %s\n", message, (int)lie, (int)result, fate_context_error(world.context));
    assert_int_equal(result, FATE_FINISHED);
    assert_true(plan.told);
    check_others(&world);
    if (words != NULL) {
        bool named = outcome == (plan.from == 0 ? FATE_E_PROTOCOL : FATE_E_PEER) && strstr(sentence_of(&world, concerned), words) != NULL;
        if (!named) print_error("message %u, lie %d: %d %s\n", message, (int)lie, (int)outcome, sentence_of(&world, concerned));
        assert_true(named);
    }
    rounds_close(&world);
}

static void named_lies_of_the_aggregator(void **state)
{
    (void)state;
    const struct {
        uint32_t message;
        enum lie lie;
        const char *words;
    } lies[] = {{ROUNDS_QUESTION, LIE_CUT, "asked a malformed question"},
                {ROUNDS_QUESTION, LIE_LONGER, "asked a malformed question"},
                {ROUNDS_QUESTION, LIE_ZERO, "asked a question that has been"},
                {ROUNDS_QUESTION, LIE_EARLIER, "asked a question that has been"},
                {ROUNDS_QUESTION, LIE_TWICE, "asked a question that has been"},
                {MESSAGE_BEGIN, LIE_CUT, "began a round"},
                {MESSAGE_BEGIN, LIE_LONGER, "has not the neighbours"},
                {MESSAGE_BEGIN, LIE_ZERO, "began a round that has been"},
                {MESSAGE_BEGIN, LIE_EARLIER, "began a round that has been"},
                {MESSAGE_BEGIN, LIE_TWICE, "in the middle of another"},
                {MESSAGE_ROSTER, LIE_CUT, "sent a malformed list of keys"},
                {MESSAGE_ROSTER, LIE_NEXT, "sent a malformed list of keys"},
                {MESSAGE_ROSTER, LIE_EARLIER, "sent a malformed list of keys"},
                {MESSAGE_ROSTER, LIE_BIT, "has not signed for this round"},
                {MESSAGE_LETTERS, LIE_LONGER, "sent a malformed list of letters"},
                {MESSAGE_LETTERS, LIE_EARLIER, "sent a malformed list of letters"},
                {MESSAGE_LETTERS, LIE_BIT, "its sender did not seal"},
                {MESSAGE_SURVIVORS, LIE_CUT, "sent a malformed list of survivors"},
                {MESSAGE_SURVIVORS, LIE_EARLIER, "sent a malformed list of survivors"},
                {MESSAGE_AGREEMENTS, LIE_BIT, "told clients different survivors"},
                {MESSAGE_AGREEMENTS, LIE_EARLIER, "sent a malformed list of signatures"},
                {MESSAGE_RESULT, LIE_LONGER, "sent a malformed result"}};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
        try_lie(lies[i].message, lies[i].lie, lies[i].message == MESSAGE_RESULT ? 0 : 1, lies[i].words);
}

static void named_lies_of_a_client(void **state)
{
    (void)state;
    const struct {
        uint32_t message;
        enum lie lie;
        const char *words;
    } lies[] = {{ROUNDS_READY, LIE_CUT, "sent a malformed message"},
                {ROUNDS_READY, LIE_LONGER, "sent a malformed message"},
                {MESSAGE_KEYS, LIE_CUT, "sent malformed keys"},
                {MESSAGE_KEYS, LIE_TWICE, "sent a message that does not come now"},
                {MESSAGE_SHARES, LIE_LONGER, "sent malformed letters"},
                {MESSAGE_MASKED, LIE_LONGER, "sent a vector of another length"},
                {MESSAGE_KEYS, LIE_BIT, "sent keys that it has not signed"},
                {MESSAGE_AGREED, LIE_CUT, "sent a malformed signature"},
                {MESSAGE_AGREED, LIE_BIT, "has not signed who stays"},
                {MESSAGE_REVEAL, LIE_CUT, "sent malformed shares"},
                {MESSAGE_REVEAL, LIE_SHARES, "sent false shares of secrets"}};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) try_lie(lies[i].message, lies[i].lie, 1, lies[i].words);
}

/* Everything else, at the first and a later sending: whatever is told, the aggregator and the clients that nobody lies to get through. */
static void all_lies(void **state)
{
    (void)state;
    for (uint32_t message = 0; message < ROUNDS_MESSAGES; message++) {
        if (message == MESSAGE_LATE) continue; /* nobody is, here */
        for (int lie = 0; lie < LIES; lie += EFFORT_STRIDE) {
            bool once = message == MESSAGE_JOIN || message == MESSAGE_RESULT;
            if (once && lie == LIE_EARLIER) continue;
            struct rounds_world world = {0};
            open_lie(&world, message, (enum lie)lie, once ? 0 : 2);
            int32_t result = fate_simulator_run(world.simulator, TICKS);
            assert_true(result == FATE_FINISHED || result == FATE_AGAIN || result == FATE_E_TIMEOUT);
            assert_true(plan.told);
            rounds_close(&world);
        }
    }
}

/* ---- false shares ---- */

static void open_slow(struct rounds_world *world)
{
    memset(&plan, 0, sizeof plan);
    rounds_open(world, CLIENTS, "horizontal-custom", ",\"rounds\":4,\"weights\":6", 0, 4, false);
    fate_simulator_set(world->simulator, "delay_most", 60);
}

/* One false share alone: its owner may have sealed it so. The sum stands; the training ends without both. */
static void one_share_leaves_both_out(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    open_lie(&world, MESSAGE_REVEAL, LIE_BIT, 1);
    rounds_run(&world, 4);
    assert_false(was_warned("the question is asked again"));
    for (uint32_t party = 1; party <= CLIENTS; party++) {
        bool out = party == LIAR || party == CLIENTS; /* of whose secret the last share in the message is */
        assert_int_equal(fate_simulator_outcome(world.simulator, party), out ? FATE_E_PEER : FATE_FINISHED);
        if (out) assert_non_null(strstr(sentence_of(&world, party), "gave a false share of a secret"));
    }
    rounds_close(&world);
}

static bool all_revealed(const struct asker *asker)
{
    uint32_t revealed = 0;
    for (uint32_t party = 1; party <= CLIENTS; party++) revealed += asker->aggregator.members.items[party].revealed;
    return asker->question == 2 && asker->aggregator.stage == STAGE_REVEAL && revealed == CLIENTS - 1;
}

/* More false shares than can be told apart: the sum is tried again, and comes out. */
static void sums_are_tried_again(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    open_slow(&world);
    assert_true(rounds_run_until(&world, all_revealed));
    struct member *member = &rounds_asker(&world)->aggregator.members.items[VICTIM];
    for (uint32_t i = 0; i < member->share_count; i++) member->shares[i * SHARING_SECRET + i] ^= 3;
    rounds_run(&world, 4);
    assert_true(was_warned("the shares of c2's secret do not fit"));
    assert_true(was_warned("the question is asked again"));
    for (uint32_t party = 1; party <= CLIENTS; party++) assert_int_equal(fate_simulator_outcome(world.simulator, party), FATE_FINISHED);
    rounds_close(&world);
}

static bool uploading(const struct asker *asker)
{
    return asker->question == 2 && asker->aggregator.stage == STAGE_UPLOAD;
}

static bool later(const struct asker *asker)
{
    return asker->question == 4;
}

static void who_is_back_is_named(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    memset(&plan, 0, sizeof plan);
    rounds_open(&world, CLIENTS, "horizontal-custom", ",\"rounds\":400,\"weights\":6", 0, 4, false);
    assert_true(rounds_run_until(&world, uploading));
    assert_int_equal(fate_simulator_stop(world.simulator, LIAR), FATE_OK);
    assert_true(rounds_run_until(&world, later));
    assert_true(was_warned("without c3"));
    assert_false(was_warned("c3 is back"));
    assert_int_equal(fate_simulator_restart(world.simulator, LIAR), FATE_OK);
    rounds_run(&world, 4);
    assert_true(was_warned("c3 is back: it takes part from the next question on"));
    rounds_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_lies_of_the_aggregator), cmocka_unit_test(named_lies_of_a_client), cmocka_unit_test(all_lies),
        cmocka_unit_test(one_share_leaves_both_out),    cmocka_unit_test(sums_are_tried_again),   cmocka_unit_test(who_is_back_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
