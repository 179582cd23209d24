/* A party of private set intersection that has the right key and speaks the right protocol, but lies in one message: bytes altered, cut off or added,
 * items repeated, encodings that are no elements, a message twice or not at all. The others end with an error that names it, or go on, and
 * what they go on with are rows of their own. Lies that the protocol must notice have their words.
 *
 * Linked so that the protocol's calls of fate_turn_send and fate_turn_send_all come here first. */
#include "lib/bytes.h"
#include "lib/context.h"
#include "src/models/psi/party.h"
#include "src/session/session.h"
#include "src/session/simulated_store.h"
#include "tests/support/psi.h"
#include "tests/support/unit.h"

enum lie {
    LIE_TWICE,
    LIE_NOT_AT_ALL,
    LIE_OTHER_LAST,
    LIE_CUT,
    LIE_LONGER,
    LIE_REPEATED,
    LIE_ZERO,
    LIE_ONES,
    LIE_BACKWARDS,
    LIE_FEWER,
    LIE_MORE,
    LIE_OTHER_ITEM,
    LIE_FLAG, /* of a stored set: held or not, new or not */
    LIES
};

/* KEPT_UNIVERSE: the case's stored set is there already. */
enum { TICKS = 2500, NO_PLACE = UINT32_MAX, KEPT_UNIVERSE = 12 };

static struct {
    const fate_session *liar;
    uint32_t place, sent;
    enum lie lie;
    uint32_t message;
} plan;

int32_t __real_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last);
int32_t __wrap_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last);
int32_t __wrap_fate_turn_send_all(fate_turn *turn, uint32_t message, const uint8_t *bytes, uint64_t length, int32_t last);

static uint64_t item_of(uint32_t message)
{
    return message >= MESSAGE_MASKED && message < MESSAGE_RETURNED       ? EXCHANGE_ELEMENT
           : message >= MESSAGE_MASKED_TWICE && message < MESSAGE_PLACES ? EXCHANGE_ELEMENT
           : message >= MESSAGE_RETURNED && message < MESSAGE_COMMON     ? EXCHANGE_TAG
           : message >= MESSAGE_STORED && message < MESSAGE_MASKED_TWICE ? EXCHANGE_TAG
           : message == MESSAGE_PAIRS                                    ? 8
                                                                         : 4;
}

/* Alters the bytes of a vector, or the count of a number. */
static void alter(struct buffer *bytes, enum lie lie, uint32_t message)
{
    uint64_t item = item_of(message), count = bytes->length > 8 ? (bytes->length - 8) / item : 0;
    bool number = bytes->length == PSI_NUMBER || bytes->length == PSI_RESULT;
    if (lie == LIE_CUT) bytes->length -= bytes->length > 0;
    if (lie == LIE_LONGER) buffer_u8(bytes, 7);
    if (number && lie >= LIE_REPEATED) bytes->bytes[1] = (uint8_t)(lie == LIE_FEWER ? bytes->bytes[1] - 1 : bytes->bytes[1] + 1);
    if (number && lie == LIE_ONES) memset(bytes->bytes + 1, 0xff, 8);
    if (lie == LIE_FLAG && message >= MESSAGE_SAID && message < MESSAGE_STORED) bytes->bytes[1] ^= 1;
    if (number || count < 2) return;
    uint8_t *items = bytes->bytes + 8, swap[EXCHANGE_ELEMENT];
    if (lie == LIE_REPEATED) memcpy(items + item, items, item);
    if (lie == LIE_ZERO) memset(items, 0, item);
    if (lie == LIE_ONES) memset(items + (count - 1) * item, 0xff, item);
    if (lie == LIE_BACKWARDS) {
        memcpy(swap, items, item);
        memcpy(items, items + item, item);
        memcpy(items + item, swap, item);
    }
    if (lie == LIE_FEWER) bytes->length -= item;
    if (lie == LIE_MORE) buffer_append(bytes, swap, (memset(swap, 0xfe, item), item));
    if (lie == LIE_OTHER_ITEM) items[item / 2] ^= 2;
}

static int32_t tell(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last)
{
    struct buffer altered;
    plan.message = message;
    if (plan.lie == LIE_NOT_AT_ALL) return FATE_OK;
    if (plan.lie == LIE_OTHER_LAST) return __real_fate_turn_send(turn, message, party, bytes, length, !last);
    if (plan.lie == LIE_TWICE) {
        int32_t result = __real_fate_turn_send(turn, message, party, bytes, length, last);
        return result == FATE_OK ? __real_fate_turn_send(turn, message, party, bytes, length, last) : result;
    }
    buffer_init(&altered, turn->session->context);
    buffer_append(&altered, bytes, length);
    alter(&altered, plan.lie, message);
    int32_t result = __real_fate_turn_send(turn, message, party, altered.bytes, altered.length, last);
    buffer_free(&altered);
    return result;
}

int32_t __wrap_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last)
{
    if (turn->session == plan.liar && plan.sent++ == plan.place) return tell(turn, message, party, bytes, length, last);
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

struct world {
    fate_context *context;
    fate_simulator *simulator;
    fate_table *tables[PSI_TEST_PARTIES];
    uint32_t count;
};

static bool is_stored(const struct psi_case *from)
{
    return from->parameters != NULL && strstr(from->parameters, "stored_set") != NULL;
}

/* A set is stored before the job in which a party lies. */
static void align_honestly(const struct world *world)
{
    plan.liar = NULL;
    assert_int_equal(fate_simulator_run(world->simulator, 1000000), FATE_FINISHED);
    for (uint32_t party = 0; party < world->count; party++) {
        simulated_store_remove(simulator_store(world->simulator, party), "alignment");
        assert_int_equal(fate_simulator_restart(world->simulator, party), FATE_OK);
    }
}

static void world_make(struct world *world, const struct psi_case *from)
{
    char text[PSI_TEST_TEXT];
    memset(world, 0, sizeof *world);
    world->count = from->hosts + 1;
    psi_test_job(text, from);
    assert_int_equal(fate_context_new(&world->context, NULL), FATE_OK);
    assert_int_equal(fate_simulator_new(world->context, &world->simulator, text, FATE_PURPOSE_ALIGN, 1), FATE_OK);
    for (uint32_t party = 0; party < world->count; party++) {
        char *csv = psi_test_csv(world->context, from, party);
        const fate_schema *schema = fate_job_schema(fate_simulator_job(world->simulator), party, FATE_PURPOSE_ALIGN);
        assert_int_equal(fate_table_parse_csv(world->context, &world->tables[party], "t", (const uint8_t *)csv, strlen(csv), schema),
                         FATE_OK);
        fate_free(world->context, csv);
        fate_session *session = fate_simulator_session(world->simulator, party);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, world->tables[party]), FATE_OK);
        assert_int_equal(fate_session_set_option(session, "date", 1700000000), FATE_OK);
        if (is_stored(from)) assert_int_equal(fate_session_set_option(session, "durable", 1), FATE_OK);
    }
    if (from->universe == KEPT_UNIVERSE) align_honestly(world);
}

static void world_free(struct world *world)
{
    plan.liar = NULL;
    fate_simulator_free(world->simulator);
    for (uint32_t party = 0; party < world->count; party++) fate_table_free(world->tables[party]);
    fate_context_free(world->context);
}

static void lie(struct world *world, uint32_t liar, uint32_t place, enum lie lie)
{
    plan.liar = fate_simulator_session(world->simulator, liar);
    plan.place = place;
    plan.sent = 0;
    plan.lie = lie;
    (void)fate_simulator_run(world->simulator, TICKS);
}

static bool is_explained(const struct world *world, uint32_t party, uint32_t liar)
{
    int32_t result = fate_simulator_outcome(world->simulator, party);
    const char *sentence = fate_session_error(fate_simulator_session(world->simulator, party));
    const char *name = fate_job_party_name(fate_simulator_job(world->simulator), liar);
    if (result >= 0) return true;
    if (result == FATE_E_LIMIT || result == FATE_E_PEER) return sentence[0] != 0;
    return result == FATE_E_PROTOCOL && (strstr(sentence, name) != NULL || world->count > 2);
}

/* What an honest party that was not refused takes for its result can be applied to its own table. */
static void check_result(const struct world *world, uint32_t party)
{
    fate_model *alignment = NULL;
    fate_table *aligned = NULL;
    if (fate_simulator_outcome(world->simulator, party) != FATE_FINISHED) return;
    assert_int_equal(fate_session_model(fate_simulator_session(world->simulator, party), &alignment), FATE_OK);
    int32_t result = fate_table_align(world->tables[party], &aligned, alignment);
    assert_true(result == FATE_OK || result == FATE_E_MODEL);
    fate_table_free(aligned);
    fate_model_free(alignment);
}

static void try_all(const struct psi_case *from)
{
    for (uint32_t liar = 0; liar <= 1; liar++)
        for (uint32_t place = 0;; place++) {
            bool told = false;
            for (int kind = 0; kind < LIES; kind++) {
                struct world world;
                world_make(&world, from);
                lie(&world, liar, place, (enum lie)kind);
                told = plan.sent > place;
                for (uint32_t party = 0; party < world.count; party++) {
                    if (party == liar) continue;
                    if (!is_explained(&world, party, liar))
                        fail_msg("liar %u, place %u, lie %d: party %u: %s: %s", liar, place, kind, party,
                                 fate_result_name(fate_simulator_outcome(world.simulator, party)),
                                 fate_session_error(fate_simulator_session(world.simulator, party)));
                    check_result(&world, party);
                }
                world_free(&world);
            }
            if (!told) break;
        }
}

static void every_lie_at_every_place(void **state)
{
    (void)state;
    try_all(&(struct psi_case){.hosts = 1, .universe = 11, .sizes = {7, 8}, .seed = 21});
    try_all(&(struct psi_case){.hosts = 2, .universe = 11, .sizes = {7, 8, 9}, .seed = 22, .duplicates = "many", .repeated = true});
    try_all(&(struct psi_case){
        .hosts = 1, .universe = 11, .sizes = {7, 8}, .seed = 23, .parameters = "\"join\": \"left\", \"protocol\": \"ecdh-x25519\""});
    try_all(&(struct psi_case){.hosts = 1, .universe = 11, .sizes = {7, 8}, .seed = 24, .parameters = "\"learn\": \"count\""});
}

static void every_lie_about_a_stored_set(void **state)
{
    (void)state;
    static const char *const parameters[] = {"\"stored_set\": \"guest\"", "\"stored_set\": \"host\"",
                                             "\"stored_set\": \"guest\", \"learn\": \"guest\"",
                                             "\"stored_set\": \"host\", \"join\": \"left\""};
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t universe = 11; universe <= KEPT_UNIVERSE; universe++)
            try_all(&(struct psi_case){.hosts = 1, .universe = universe, .sizes = {7, 8}, .seed = 31 + i, .parameters = parameters[i]});
}

static void expect_in(const struct psi_case *from, uint32_t liar, uint32_t place, enum lie kind, const char *words)
{
    struct world world;
    world_make(&world, from);
    lie(&world, liar, place, kind);
    const char *sentence = fate_session_error(fate_simulator_session(world.simulator, 1 - liar));
    assert_int_equal(fate_simulator_outcome(world.simulator, 1 - liar), FATE_E_PROTOCOL);
    if (strstr(sentence, words) == NULL || strstr(sentence, liar == 0 ? "guest" : "host1") == NULL)
        fail_msg("place %u, lie %d: %s", place, (int)kind, sentence);
    world_free(&world);
}

/* The liar sends its size, its ids, the returned ids, the count: places 0 to 3. */
static void expect(uint32_t liar, uint32_t place, enum lie kind, const char *words)
{
    expect_in(&(struct psi_case){.hosts = 1, .universe = 11, .sizes = {7, 8}, .seed = 21}, liar, place, kind, words);
}

/* The owner sends its size, its offer, the set when it is new, the returned ids, and as a host places; the holder its size, what it holds, its ids, the
 * count, and as a host pairs. */
static void named_lies_about_a_stored_set(void **state)
{
    (void)state;
    for (uint32_t owner = 0; owner <= 1; owner++) {
        const char *parameters = owner == 0 ? "\"stored_set\": \"guest\"" : "\"stored_set\": \"host\"";
        struct psi_case fresh = {.hosts = 1, .universe = 11, .sizes = {7, 8}, .seed = 21, .parameters = parameters};
        struct psi_case kept = {.hosts = 1, .universe = KEPT_UNIVERSE, .sizes = {7, 8}, .seed = 21, .parameters = parameters};
        expect_in(&fresh, owner, 1, LIE_FLAG, "a stored set that this party does not hold");
        expect_in(&fresh, owner, 1, LIE_CUT, "head that cannot be read");
        expect_in(&fresh, owner, 1, LIE_ONES, "head that cannot be read");
        expect_in(&fresh, owner, 2, LIE_REPEATED, "a stored set whose ids repeat or do not ascend");
        expect_in(&fresh, owner, 2, LIE_FEWER, "another number of items than was announced");
        expect_in(&fresh, owner, 2, LIE_MORE, "more items than were announced");
        expect_in(&fresh, owner, 3, LIE_ZERO, "returned id that is no canonical encoding");
        expect_in(&kept, owner, 1, LIE_FLAG, "a new stored set under the number of an old one");
        expect_in(&kept, owner, 1, LIE_OTHER_ITEM, "a stored set that this party does not hold");
        expect_in(&kept, owner, 2, LIE_ONES, "returned id that is no canonical encoding");
        expect_in(&kept, owner, 2, LIE_BACKWARDS, "returned ids that repeat or do not ascend");
        expect_in(&kept, !owner, 1, LIE_LONGER, "number of a stored set that cannot be read");
        expect_in(&kept, !owner, 2, LIE_ZERO, "no canonical encoding");
        expect_in(&kept, !owner, 2, LIE_REPEATED, "masked ids that repeat or do not ascend");
        expect_in(&kept, !owner, 3, LIE_ONES, "a count that cannot be read");
        expect_in(&kept, !owner, 0, LIE_FEWER, "more items than were announced");
    }
    struct psi_case host = {.hosts = 1, .universe = KEPT_UNIVERSE, .sizes = {7, 8}, .seed = 21, .parameters = "\"stored_set\": \"host\""};
    expect_in(&host, 1, 3, LIE_REPEATED, "places that are none of the guest's ids, or one twice");
    expect_in(&host, 1, 3, LIE_ONES, "places that are none of the guest's ids, or one twice");
    host.parameters = "\"stored_set\": \"guest\"";
    expect_in(&host, 1, 4, LIE_REPEATED, "places in the stored set do not ascend");
    expect_in(&host, 1, 4, LIE_ONES, "do not ascend");
}

static void named_lies(void **state)
{
    (void)state;
    for (uint32_t liar = 0; liar <= 1; liar++) {
        expect(liar, 1, LIE_ZERO, "no canonical encoding");
        expect(liar, 1, LIE_ONES, "no canonical encoding");
        expect(liar, 1, LIE_REPEATED, "repeat or do not ascend");
        expect(liar, 1, LIE_BACKWARDS, "repeat or do not ascend");
        expect(liar, 1, LIE_FEWER, "another number of items than was announced");
        expect(liar, 1, LIE_MORE, "more items than were announced");
        expect(liar, 0, LIE_FEWER, "more items than were announced");
        expect(liar, 2, LIE_REPEATED, "repeat or do not ascend");
        expect(liar, 3, LIE_MORE, "another number of common ids");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_lie_at_every_place), cmocka_unit_test(named_lies),
                                       cmocka_unit_test(every_lie_about_a_stored_set), cmocka_unit_test(named_lies_about_a_stored_set)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
