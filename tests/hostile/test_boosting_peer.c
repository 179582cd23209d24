/* A party of vertical boosting that has the right key and speaks the right protocol, but lies in one message: altered, cut off, enlarged,
 * twice, under another name, not at all. Every lie at every place, by the guest and by a host, in training and in scoring. The others
 * end with a clear error that names the liar, or go on; memory stays bounded; another job in the same process is not disturbed.
 *
 *   test_boosting_peer [STRIDE [SEED]]   tells every STRIDE-th lie, from one that follows from SEED; without: a sample
 *
 * Linked so that the protocol's calls of fate_turn_send and fate_turn_send_all come here first. */
#include <stdlib.h>
#include "lib/context.h"
#include "src/crypto/okamoto_key.h"
#include "src/crypto/paillier_key.h"
#include "src/models/boosting/guest.h"
#include "src/models/boosting/protocol.h"
#include "src/session/session.h"
#include "tests/support/boosting_tables.h"
#include "tests/support/effort.h"
#include "tests/support/measure.h"
#include "tests/support/mutation.h"
#include "tests/support/unit.h"

enum { SAMPLE = 17, MODULUS_MOST = 96, TICKS = 3000, AFTER = 200, BYSTANDER_EVERY = 16, MESSAGES_MOST = TRAINING_MESSAGES };
enum { PLENTY = 24 << 20 }; /* bytes above an honest run's: windows, and a message of the longest part here and there */

/* Lies that leave the bytes alone come before those that change them. */
enum deed { DEED_TWICE, DEED_NOT_AT_ALL, DEED_OTHER_LAST, DEED_OTHER_MESSAGE };

enum { NO_LIE = UINT32_MAX }; /* only counts how many there are */

static struct {
    const fate_session *liar; /* NULL: all are honest */
    uint32_t place;           /* number of the message, in the order in which it sends them */
    uint32_t lie;
    uint32_t sent;
    uint32_t lies; /* how many there are at that place */
    bool told;
    uint8_t modulus[MODULUS_MOST], prime[MODULUS_MOST];
    uint64_t modulus_length, key_head, ciphertext_length;
} plan;

int32_t __real_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last);
int32_t __wrap_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last);
int32_t __wrap_fate_turn_send_all(fate_turn *turn, uint32_t message, const uint8_t *bytes, uint64_t length, int32_t last);

/* What the liar knows of the guest's key. */
static void learn_key(const fate_session *session, uint32_t message, const uint8_t *bytes, uint64_t length)
{
    if (session->purpose != FATE_PURPOSE_TRAIN || message != MESSAGE_SETUP) return;
    const struct guest *guest = session->state;
    const struct scheme_key *key = guest->key->key;
    const struct montgomery *prime = key->scheme == &scheme_paillier ? &paillier_secret_of(guest->key)->halves[0].ring.modulus
                                                                     : &okamoto_secret_of(guest->key)->ring.modulus;
    plan.modulus_length = key->bits / 8;
    plan.ciphertext_length = key->ciphertext_bytes;
    plan.key_head = 12 + strlen(key->scheme->name);
    assert_true(plan.modulus_length <= MODULUS_MOST && length > plan.key_head);
    for (uint64_t at = 0; at + plan.key_head + plan.modulus_length <= length; at++)
        if (memcmp(bytes + at, "FATEP", 5) == 0) memcpy(plan.modulus, bytes + at + plan.key_head, plan.modulus_length);
    memset(plan.prime, 0, sizeof plan.prime);
    limbs_store(plan.prime, plan.modulus_length, prime->modulus, prime->size);
}

/* A lie that leaves the bytes alone. */
static int32_t misbehave(fate_turn *turn, uint32_t deed, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length,
                         int32_t last)
{
    if (deed == DEED_NOT_AT_ALL) return FATE_OK;
    if (deed == DEED_OTHER_LAST) return __real_fate_turn_send(turn, message, party, bytes, length, !last);
    if (deed == DEED_TWICE) {
        int32_t result = __real_fate_turn_send(turn, message, party, bytes, length, last);
        return result == FATE_OK ? __real_fate_turn_send(turn, message, party, bytes, length, last) : result;
    }
    uint32_t other = (message + 1 + deed - DEED_OTHER_MESSAGE) % turn->session->protocol->message_count;
    int32_t result = __real_fate_turn_send(turn, other, party, bytes, length, last);
    return result == FATE_E_ARGUMENT ? __real_fate_turn_send(turn, message, party, bytes, length, last) : result;
}

static int32_t lie(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last)
{
    const fate_session *session = turn->session;
    struct mutation_place place = {.purpose = session->purpose, .message = message, .bytes = bytes, .length = length};
    struct buffer altered;
    uint32_t deeds = DEED_OTHER_MESSAGE + session->protocol->message_count - 1;
    place.modulus = plan.modulus_length > 0 ? plan.modulus : NULL;
    place.modulus_length = plan.modulus_length;
    place.key_head = plan.key_head;
    place.ciphertext_length = plan.ciphertext_length;
    place.prime = session->role_index == ROLE_GUEST ? plan.prime : NULL;
    plan.told = true;
    plan.lies = deeds + mutation_count(&place, session->context);
    if (plan.lie == NO_LIE) return __real_fate_turn_send(turn, message, party, bytes, length, last);
    if (plan.lie < deeds) return misbehave(turn, plan.lie, message, party, bytes, length, last);
    buffer_init(&altered, session->context);
    assert_true(mutation_make(&place, plan.lie - deeds, &altered) && !altered.failed);
    const uint8_t *altered_bytes = altered.length == 0 ? NULL : altered.bytes;
    int32_t result = __real_fate_turn_send(turn, message, party, altered_bytes, altered.length, last);
    buffer_free(&altered);
    return result;
}

int32_t __wrap_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last)
{
    learn_key(turn->session, message, bytes, length);
    if (turn->session == plan.liar && plan.sent++ == plan.place) return lie(turn, message, party, bytes, length, last);
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

/* ---- the world ---- */

struct world {
    const struct boosting_case *from;
    uint32_t count;
    struct measure measure;
    fate_context *context;
    char text[4096];
    fate_table *tables[BOOSTING_PARTIES_MOST], *validations[BOOSTING_PARTIES_MOST];
    fate_model *models[BOOSTING_PARTIES_MOST];
    uint64_t honest_peak;
};

static const struct boosting_case two = {.hosts = 1,
                                         .rows = 12,
                                         .validation_rows = 3,
                                         .columns = 2,
                                         .missing = true,
                                         .parameters = "\"trees\": 2, \"depth\": 2, \"min_bin_rows\": 1, \"min_child_weight\": 0, "
                                                       "\"guest_trees\": 1",
                                         .seed = 131};
static const struct boosting_case two_okamoto = {.hosts = 1,
                                                 .rows = 12,
                                                 .columns = 2,
                                                 .parameters = "\"trees\": 1, \"depth\": 2, \"min_bin_rows\": 1, "
                                                               "\"min_child_weight\": 0, \"cipher\": \"okamoto-uchiyama\"",
                                                 .seed = 133};
static const struct boosting_case two_lattice = {.hosts = 1,
                                                 .rows = 12,
                                                 .columns = 2,
                                                 .parameters = "\"trees\": 1, \"depth\": 2, \"min_bin_rows\": 1, "
                                                               "\"min_child_weight\": 0, \"cipher\": \"lattice\"",
                                                 .seed = 134};
static const struct boosting_case three = {.hosts = 2,
                                           .rows = 9,
                                           .columns = 2,
                                           .categories = true,
                                           .parameters = "\"trees\": 1, \"depth\": 2, \"min_bin_rows\": 1, \"min_child_weight\": 0",
                                           .seed = 132};

static fate_simulator *simulator_of(const struct world *world, int32_t purpose)
{
    fate_simulator *simulator = NULL;
    assert_int_equal(fate_simulator_new(world->context, &simulator, world->text, purpose, world->from->seed), FATE_OK);
    for (uint32_t party = 0; party < world->count; party++) {
        fate_session *session = fate_simulator_session(simulator, party);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, world->tables[party]), FATE_OK);
        if (purpose == FATE_PURPOSE_TRAIN)
            assert_int_equal(fate_session_set_table(session, FATE_TABLE_VALIDATION, world->validations[party]), FATE_OK);
        else
            assert_int_equal(fate_session_set_model(session, world->models[party]), FATE_OK);
    }
    return simulator;
}

static void world_make(struct world *world, const struct boosting_case *from)
{
    memset(world, 0, sizeof *world);
    world->from = from;
    world->count = from->hosts + 1;
    fate_allocator allocator = measure_allocator(&world->measure);
    assert_int_equal(fate_context_new(&world->context, &allocator), FATE_OK);
    world->context->accepts_small_keys = true;
    boosting_job(world->text, from, 0);
    for (uint32_t party = 0; party < world->count; party++) {
        world->tables[party] = boosting_table(world->context, from, party, party == 0, FATE_TABLE_DATA);
        if (from->validation_rows > 0)
            world->validations[party] = boosting_table(world->context, from, party, party == 0, FATE_TABLE_VALIDATION);
    }
    memset(&plan, 0, sizeof plan);
    fate_simulator *simulator = simulator_of(world, FATE_PURPOSE_TRAIN);
    assert_int_equal(fate_simulator_run(simulator, TICKS), FATE_FINISHED);
    for (uint32_t party = 0; party < world->count; party++)
        assert_int_equal(fate_session_model(fate_simulator_session(simulator, party), &world->models[party]), FATE_OK);
    fate_simulator_free(simulator);
    world->honest_peak = world->measure.peak;
}

static void world_free(struct world *world)
{
    for (uint32_t party = 0; party < world->count; party++) {
        fate_table_free(world->tables[party]);
        fate_table_free(world->validations[party]);
        fate_model_free(world->models[party]);
    }
    fate_context_free(world->context);
    assert_int_equal(world->measure.live, 0);
}

static void complain(const struct world *world, fate_simulator *simulator, uint32_t liar, const char *what)
{
    print_error("liar party%u of %u, purpose %d, place %u, lie %u: %s\n", liar, world->count, (int)plan.liar->purpose, plan.place, plan.lie,
                what);
    for (uint32_t party = 0; party < world->count; party++)
        print_error("  party%u: %s: %s\n", party, fate_result_name(fate_simulator_outcome(simulator, party)),
                    fate_session_error(fate_simulator_session(simulator, party)));
    fail();
}

/* What an honest party may end with: nothing that says that the library or this machine is at fault. */
static bool is_clear(int32_t result, const char *sentence, const char *liar)
{
    if (result >= 0) return true;
    bool explained = result == FATE_E_PROTOCOL || result == FATE_E_PEER || result == FATE_E_KEY || result == FATE_E_ROWS_DIFFER ||
                     result == FATE_E_TIMEOUT || result == FATE_E_MODEL || result == FATE_E_TABLE;
    /* Of three parties, one may hear of it from the other honest one; and of two hosts, either may have sent masks that do not fit. */
    return explained && (strstr(sentence, liar) != NULL || result == FATE_E_PEER || strstr(sentence, "the parties' conditions") != NULL);
}

static void judge(const struct world *world, fate_simulator *simulator, uint32_t liar)
{
    char name[16];
    snprintf(name, sizeof name, "party%u", liar);
    for (uint32_t party = 0; party < world->count; party++) {
        int32_t result = fate_simulator_outcome(simulator, party);
        const char *sentence = fate_session_error(fate_simulator_session(simulator, party));
        if (party != liar && !is_clear(result, sentence, name)) complain(world, simulator, liar, "not a clear error");
        if (result < 0 && sentence[0] == 0) complain(world, simulator, liar, "an error without a sentence");
    }
    if (world->measure.peak > world->honest_peak + PLENTY) complain(world, simulator, liar, "memory is not bounded");
}

/* Another job of the same process, which must end as if nothing had happened. */
static void check_bystander(const struct world *world, fate_simulator *bystander, int32_t purpose)
{
    int32_t result = fate_simulator_run(bystander, TICKS);
    if (result != FATE_FINISHED) print_error("the bystander: %s: %s\n", fate_result_name(result), fate_context_error(world->context));
    assert_int_equal(result, FATE_FINISHED);
    for (uint32_t party = 0; party < world->count && purpose == FATE_PURPOSE_TRAIN; party++) {
        fate_model *model = NULL;
        const uint8_t *body, *expected;
        uint64_t length, expected_length;
        assert_int_equal(fate_session_model(fate_simulator_session(bystander, party), &model), FATE_OK);
        assert_int_equal(fate_model_body(model, &body, &length), FATE_OK);
        assert_int_equal(fate_model_body(world->models[party], &expected, &expected_length), FATE_OK);
        assert_int_equal(length, expected_length);
        assert_memory_equal(body, expected, length);
        fate_model_free(model);
    }
    fate_simulator_free(bystander);
}

/* One job in which one lie is told. */
static void run_with_lie(struct world *world, uint32_t liar, int32_t purpose, uint32_t place, uint32_t number)
{
    fate_simulator *simulator = simulator_of(world, purpose), *bystander = NULL;
    if (number % BYSTANDER_EVERY == 0) {
        bystander = simulator_of(world, purpose);
        assert_int_equal(fate_simulator_run(bystander, 5), FATE_AGAIN);
    }
    memset(&plan, 0, sizeof plan);
    plan.liar = fate_simulator_session(simulator, liar);
    plan.place = place;
    plan.lie = number;
    world->measure.peak = world->measure.live;
    int32_t result = fate_simulator_run(simulator, TICKS);
    for (int i = 0; result < 0 && i < AFTER; i++) (void)fate_simulator_run(simulator, 1); /* the others learn of it */
    judge(world, simulator, liar);
    fate_simulator_free(simulator);
    plan.liar = NULL;
    if (bystander != NULL) check_bystander(world, bystander, purpose);
}

static long long stride = SAMPLE * EFFORT_FEWER, counter = 1;

/* All lies at one place; false when the liar sends less messages. An honest run counts them. */
static bool tell_all(struct world *world, uint32_t liar, int32_t purpose, uint32_t place)
{
    run_with_lie(world, liar, purpose, place, NO_LIE);
    uint32_t lies = plan.lies;
    if (!plan.told) return false;
    for (uint32_t number = 0; number < lies; number++)
        if (counter++ % stride == 0) run_with_lie(world, liar, purpose, place, number);
    return true;
}

static void lie_everywhere(const struct boosting_case *from, uint32_t liar, int32_t purpose)
{
    struct world world;
    uint32_t place = 0;
    world_make(&world, from);
    while (tell_all(&world, liar, purpose, place)) place++;
    assert_true(place > 0);
    world_free(&world);
}

static void a_guest_that_lies_in_training(void **state)
{
    (void)state;
    lie_everywhere(&two, 0, FATE_PURPOSE_TRAIN);
    lie_everywhere(&three, 0, FATE_PURPOSE_TRAIN);
    lie_everywhere(&two_okamoto, 0, FATE_PURPOSE_TRAIN);
    lie_everywhere(&two_lattice, 0, FATE_PURPOSE_TRAIN);
}

static void a_host_that_lies_in_training(void **state)
{
    (void)state;
    lie_everywhere(&two, 1, FATE_PURPOSE_TRAIN);
    lie_everywhere(&three, 2, FATE_PURPOSE_TRAIN);
    lie_everywhere(&two_okamoto, 1, FATE_PURPOSE_TRAIN);
    lie_everywhere(&two_lattice, 1, FATE_PURPOSE_TRAIN);
}

static void a_guest_that_lies_in_scoring(void **state)
{
    (void)state;
    lie_everywhere(&two, 0, FATE_PURPOSE_PREDICT);
}

static void a_host_that_lies_in_scoring(void **state)
{
    (void)state;
    lie_everywhere(&two, 1, FATE_PURPOSE_PREDICT);
    lie_everywhere(&three, 1, FATE_PURPOSE_PREDICT);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_that_lies_in_training),
        cmocka_unit_test(a_host_that_lies_in_training),
        cmocka_unit_test(a_guest_that_lies_in_scoring),
        cmocka_unit_test(a_host_that_lies_in_scoring),
    };
    if (count > 1) stride = strtoll(arguments[1], NULL, 10);
    if (count > 2) counter = strtoll(arguments[2], NULL, 10);
    if (stride < 1 || counter < 0) return 2;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
