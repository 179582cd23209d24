/* An aggregator that lies to get one client's numbers, with many clients and so a sparse graph: it names the victim's neighbours, tells clients
 * different things of who is there, or keeps a neighbour from the victim. Each attack works when clients do not check what it tests, and fails when they
 * do.
 *
 * Linked so that the protocol's calls of fate_turn_send come here first: the liar alters what it sends, and writes down what clients send it. */
#include <sodium.h>

#include "src/models/aggregation/client.h"
#include "src/models/aggregation/protocol.h"
#include "tests/support/aggregation.h"

enum { CLIENTS = 150, VICTIM = 5, NUMBERS = COLUMNS * ROWS };

enum attack { ATTACK_NONE, ATTACK_NAME_NEIGHBOURS, ATTACK_ISOLATE, ATTACK_KEEP_APART };

static struct {
    struct world *world;
    enum attack attack;
    bool dead[CLIENTS + 1];     /* told so to some */
    uint32_t told[CLIENTS + 1]; /* how many of its holders were told so */
    uint32_t apart;             /* who is kept from the victim */
    /* What clients have sent. */
    uint8_t vector[NUMBERS * 8];
    uint64_t vector_bytes;
    uint32_t count[CLIENTS + 1][REVEAL_MASK + 1];
    uint8_t places[CLIENTS + 1][REVEAL_MASK + 1][SHARING_MOST];
    uint8_t shares[CLIENTS + 1][REVEAL_MASK + 1][SHARING_MOST * SHARING_SECRET];
    bool gave[CLIENTS + 1]; /* a share of the victim's own mask */
} liar;

int32_t __real_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last);
int32_t __wrap_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last);
int32_t __real_fate_turn_send_all(fate_turn *turn, uint32_t message, const uint8_t *bytes, uint64_t length, int32_t last);
int32_t __wrap_fate_turn_send_all(fate_turn *turn, uint32_t message, const uint8_t *bytes, uint64_t length, int32_t last);

int32_t __wrap_fate_turn_send_all(fate_turn *turn, uint32_t message, const uint8_t *bytes, uint64_t length, int32_t last)
{
    return __real_fate_turn_send_all(turn, message, bytes, length, last);
}

/* ---- what the liar writes down ---- */

static void note_reveal(uint32_t holder, const uint8_t *bytes, uint64_t length)
{
    const struct members *members = &aggregator_of(liar.world)->members;
    struct list list;
    uint64_t round;
    assert_true(list_read(&list, &round, bytes, length, ITEM_SHARE, CLIENTS + 1));
    for (uint32_t i = 0; i < list.count; i++) {
        uint32_t owner = list_party(&list, i), kind = list_item(&list, i)[0], place = members_place(members, owner, holder);
        assert_true(kind == REVEAL_OWN || kind == REVEAL_MASK);
        if (place == UINT32_MAX) continue;
        uint32_t at = liar.count[owner][kind]++;
        liar.places[owner][kind][at] = (uint8_t)(place + 1);
        memcpy(liar.shares[owner][kind] + (uint64_t)at * SHARING_SECRET, list_item(&list, i) + 1, SHARING_SECRET);
        if (owner == VICTIM && kind == REVEAL_OWN) liar.gave[holder] = true;
    }
}

static void note_vector(const uint8_t *bytes, uint64_t length)
{
    if (liar.vector_bytes + length > sizeof liar.vector) return;
    memcpy(liar.vector + liar.vector_bytes, bytes, length);
    liar.vector_bytes += length;
}

/* ---- what the liar tells ---- */

/* Not to the victim, and of each only to as many holders as are needed. */
static bool tells_dead(uint32_t to, uint32_t of)
{
    const struct members *members = &aggregator_of(liar.world)->members;
    if (to == VICTIM || !liar.dead[of] || of == to) return false;
    if (of == to || members_place(members, of, to) == UINT32_MAX || liar.told[of] >= members->threshold) return false;
    liar.told[of]++;
    return true;
}

static void alter_survivors(uint32_t to, const uint8_t *bytes, uint64_t length, struct buffer *out)
{
    struct list list;
    uint64_t round;
    const uint8_t none[ITEM_NOTE] = {1};
    assert_true(list_read(&list, &round, bytes, length, ITEM_NOTE, CLIENTS + 1));
    list_begin(out, round);
    for (uint32_t i = 0; i < list.count; i++) {
        bool apart = liar.attack == ATTACK_KEEP_APART && to == liar.apart && list_party(&list, i) == VICTIM;
        if (liar.attack == ATTACK_ISOLATE && tells_dead(to, list_party(&list, i))) continue;
        list_add(out, list_party(&list, i), apart ? none : list_item(&list, i), ITEM_NOTE);
    }
}

/* The victim does not get one holder's letter. */
static void alter_letters(const uint8_t *bytes, uint64_t length, struct buffer *out)
{
    struct list list;
    uint64_t round;
    assert_true(list_read(&list, &round, bytes, length, ROUND_SEALED, CLIENTS + 1));
    list_begin(out, round);
    for (uint32_t i = 0; i < list.count; i++)
        if (list_party(&list, i) != liar.apart) list_add(out, list_party(&list, i), list_item(&list, i), ROUND_SEALED);
}

/* Accomplices, as many as there must be neighbours. */
static void alter_begin(const uint8_t *bytes, uint64_t length, struct buffer *out)
{
    uint32_t count = (uint32_t)((length - 12) / 4);
    buffer_append(out, bytes, 12);
    for (uint32_t i = 0; i < count; i++) buffer_u32(out, CLIENTS - count + 1 + i);
}

/* The keys of the accomplices alone. */
static void alter_roster(const uint8_t *bytes, struct buffer *out)
{
    const struct members *members = &aggregator_of(liar.world)->members;
    buffer_append(out, bytes, ROUND_HEAD);
    for (uint32_t party = CLIENTS - members->neighbours + 1; party <= CLIENTS; party++)
        if (members->items[party].keyed) list_add(out, party, members->items[party].keys, ITEM_KEYS);
}

/* Who is told less of than an honest aggregator needs gets the notes that there are, instead of hearing that it is late. */
static void write_notes(uint32_t to, struct buffer *out)
{
    const struct members *members = &aggregator_of(liar.world)->members;
    uint32_t holders[NEIGHBOURS_ROOM], count = members_holders(members, to, holders);
    list_begin(out, aggregator_of(liar.world)->round);
    for (uint32_t i = 0; i < count; i++) {
        const struct buffer *notes = &members->items[holders[i]].told_notes;
        struct list list;
        uint64_t round;
        const uint8_t *note = NULL;
        if (list_read(&list, &round, notes->bytes, notes->length, ITEM_NOTE, CLIENTS + 1)) note = list_find(&list, to);
        if (note != NULL) list_add(out, holders[i], note, ITEM_NOTE);
    }
}

static int32_t tell(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last)
{
    struct buffer out;
    bool names = liar.attack == ATTACK_NAME_NEIGHBOURS && party == VICTIM;
    buffer_init(&out, turn->session->context);
    if (names && message == MESSAGE_BEGIN)
        alter_begin(bytes, length, &out);
    else if (names && message == MESSAGE_ROSTER)
        alter_roster(bytes, &out);
    else if (message == MESSAGE_LETTERS && liar.attack == ATTACK_KEEP_APART && party == VICTIM)
        alter_letters(bytes, length, &out);
    else if (message == MESSAGE_SURVIVORS && (liar.attack == ATTACK_ISOLATE || liar.attack == ATTACK_KEEP_APART))
        alter_survivors(party, bytes, length, &out);
    else if (message == MESSAGE_LATE && liar.attack == ATTACK_ISOLATE) {
        message = MESSAGE_AGREEMENTS;
        write_notes(party, &out);
    } else
        buffer_append(&out, bytes, length);
    int32_t result = __real_fate_turn_send(turn, message, party, out.bytes, out.length, last);
    buffer_free(&out);
    return result;
}

int32_t __wrap_fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last)
{
    uint32_t from = turn->session->party;
    if (liar.attack == ATTACK_NONE) return __real_fate_turn_send(turn, message, party, bytes, length, last);
    if (from == 0) return tell(turn, message, party, bytes, length, last);
    if (message == MESSAGE_REVEAL) note_reveal(from, bytes, length);
    if (message == MESSAGE_MASKED && from == VICTIM && last) note_vector(bytes, length);
    return __real_fate_turn_send(turn, message, party, bytes, length, last);
}

/* ---- what it makes of it ---- */

static bool recover(uint32_t owner, enum reveal kind, uint8_t *secret)
{
    const struct members *members = &aggregator_of(liar.world)->members;
    if (liar.count[owner][kind] < members->threshold) return false;
    return sharing_join(secret, liar.places[owner][kind], liar.shares[owner][kind], members->threshold);
}

/* Takes the victim's masks from its vector, where their secrets were told. true: these are the victim's numbers. */
static bool unmasks_victim(void)
{
    const struct aggregator *aggregator = aggregator_of(liar.world);
    const struct client *victim = client_of(liar.world, VICTIM);
    uint32_t neighbours[NEIGHBOURS_ROOM], count = members_neighbours(&aggregator->members, VICTIM, neighbours);
    uint8_t secret[SHARING_SECRET];
    struct round_keys keys;
    struct mask mask;
    uint64_t numbers = aggregator->count;
    uint32_t width = aggregator->parameters.width;
    if (liar.vector_bytes != numbers * width || !recover(VICTIM, REVEAL_OWN, secret)) return false;
    round_own_mask(&mask, secret, aggregator->round, true);
    assert_int_equal(masking_apply(liar.world->context, liar.vector, numbers, width, &mask, 1), FATE_OK);
    for (uint32_t i = 0; i < count; i++) {
        if (!recover(neighbours[i], REVEAL_MASK, secret)) return false;
        keys_read(&keys, aggregator->members.items[VICTIM].keys);
        if (!round_pair_mask(&mask, secret, keys.mask, aggregator->round, VICTIM, neighbours[i])) return false;
        mask.subtracted = !mask.subtracted;
        assert_int_equal(masking_apply(liar.world->context, liar.vector, numbers, width, &mask, 1), FATE_OK);
    }
    return memcmp(liar.vector, victim->values, numbers * width) == 0;
}

static bool uploading(const struct aggregator *aggregator)
{
    return aggregator->stage == STAGE_UPLOAD;
}

static bool beginning(const struct aggregator *aggregator)
{
    return aggregator->stage == STAGE_JOIN;
}

static void open_lie(struct world *world, const char *trust, uint64_t seed)
{
    char parameters[200];
    memset(&liar, 0, sizeof liar);
    liar.world = world;
    snprintf(parameters, sizeof parameters, ",\"trust\":\"%s\",\"corrupt\":0.02,\"dropout\":0.05,\"patience\":5", trust);
    open_world(world, CLIENTS, "secure-sum", parameters, seed, false);
    fate_simulator_set(world->simulator, "delay_most", 20);
}

/* Clients that go on with what they are told, as they do with an aggregator that the job trusts. */
static void stop_checking(struct world *world)
{
    for (uint32_t party = 1; party <= CLIENTS; party++) client_of(world, party)->parameters.trust = TRUST_HONEST;
    aggregator_of(world)->parameters.trust = TRUST_HONEST;
}

static uint32_t count_refusals(struct world *world, const char *sentence)
{
    uint32_t count = 0;
    for (uint32_t party = 1; party <= CLIENTS; party++)
        count += fate_simulator_outcome(world->simulator, party) == FATE_E_PROTOCOL && strstr(sentence_of(world, party), sentence) != NULL;
    return count;
}

/* All neighbours of the victim are said to have gone, each to just so many of its holders, and the victim to have stayed. */
static void isolates(bool checked)
{
    struct world world = {0};
    uint32_t neighbours[NEIGHBOURS_ROOM];
    open_lie(&world, "lying", 1);
    assert_true(run_until(&world, uploading));
    uint32_t count = members_neighbours(&aggregator_of(&world)->members, VICTIM, neighbours);
    for (uint32_t i = 0; i < count; i++) liar.dead[neighbours[i]] = true;
    if (!checked) stop_checking(&world);
    liar.attack = ATTACK_ISOLATE;
    for (int tick = 0; tick < 20000 && fate_simulator_run(world.simulator, 1) == FATE_AGAIN; tick++)
        if (aggregator_of(&world)->stage == STAGE_JOIN) break;
    bool unmasked = unmasks_victim();
    liar.attack = ATTACK_NONE;
    assert_true(checked ? !unmasked : unmasked);
    if (checked) assert_true(count_refusals(&world, "too few of those who hold shares of this party's secrets were told of it") >= count);
    close_world(&world);
}

static void different_views(void **state)
{
    (void)state;
    isolates(false);
    isolates(true);
}

/* The aggregator decides who the victim's neighbours are: with one that the job trusts it may, and learns all. */
static void names_neighbours(const char *trust, bool works)
{
    struct world world = {0};
    open_lie(&world, trust, 2);
    assert_true(run_until(&world, beginning));
    liar.attack = ATTACK_NAME_NEIGHBOURS;
    for (int tick = 0; tick < 20000 && fate_simulator_run(world.simulator, 1) == FATE_AGAIN; tick++)
        if (client_of(&world, VICTIM)->stage >= CLIENT_SHARED || fate_simulator_outcome(world.simulator, VICTIM) < 0) break;
    liar.attack = ATTACK_NONE;
    const struct client *victim = client_of(&world, VICTIM);
    assert_true(works == (victim->stage >= CLIENT_SHARED));
    if (works) { /* whose letters it has sent: accomplices, all of them */
        struct list list;
        uint64_t round;
        assert_true(list_read(&list, &round, victim->roster.bytes, victim->roster.length, ITEM_KEYS, CLIENTS + 1));
        assert_true(list.count > 0 && list_party(&list, 0) > CLIENTS - list.count);
    } else {
        assert_int_equal(fate_simulator_outcome(world.simulator, VICTIM), FATE_E_PROTOCOL);
        assert_non_null(strstr(sentence_of(&world, VICTIM), "fewer clients than the threshold"));
    }
    close_world(&world);
}

static void accomplices_as_neighbours(void **state)
{
    (void)state;
    names_neighbours("honest", true);
    names_neighbours("lying", false);
}

/* The victim never hears that a holder is there, and so does not mask with it; the holder is told that the victim stays. It must not reveal. */
static void keeps_apart(bool checked)
{
    struct world world = {0};
    uint32_t holders[NEIGHBOURS_ROOM];
    open_lie(&world, "lying", 3);
    for (int tick = 0; tick < 20000 && fate_simulator_run(world.simulator, 1) == FATE_AGAIN; tick++)
        if (aggregator_of(&world) != NULL && aggregator_of(&world)->stage == STAGE_LETTERS) break;
    assert_true(members_holders(&aggregator_of(&world)->members, VICTIM, holders) > 3);
    liar.apart = holders[2];
    if (!checked) stop_checking(&world);
    liar.attack = ATTACK_KEEP_APART;
    for (int tick = 0; tick < 20000 && fate_simulator_run(world.simulator, 1) == FATE_AGAIN; tick++)
        if (liar.gave[holders[0]] && liar.gave[holders[1]] && client_of(&world, liar.apart)->stage == CLIENT_REVEALED) break;
    liar.attack = ATTACK_NONE;
    assert_true(liar.gave[holders[0]] && client_of(&world, liar.apart)->stage == CLIENT_REVEALED);
    assert_true(liar.gave[liar.apart] == !checked);
    close_world(&world);
}

static void neighbours_kept_apart(void **state)
{
    (void)state;
    keeps_apart(false);
    keeps_apart(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(different_views), cmocka_unit_test(accomplices_as_neighbours),
                                       cmocka_unit_test(neighbours_kept_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
