/* The clients as the aggregator sees them: neighbours, places of shares, who falls out, and stored state. */
#include "src/models/aggregation/members.h"

#include "lib/context.h"
#include "tests/support/unit.h"

static fate_context *context;

static int open_context(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int close_context(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

/* Every third party has not come. */
static void begin(struct members *members, uint32_t parties)
{
    const uint8_t seed[NEIGHBOURS_SEED] = {4};
    static bool wanted[1000];
    memset(members, 0, sizeof *members);
    assert_int_equal(members_init(members, context, parties), FATE_OK);
    for (uint32_t party = 0; party < parties; party++) {
        wanted[party] = true;
        members->items[party].joined = party % 3 != 0;
    }
    assert_true(members_begin(members, wanted, 0.1, 0.1, 0.5, seed));
}

static void neighbours_and_places(void **state)
{
    (void)state;
    const uint32_t counts[] = {6, 40, 600};
    for (int i = 0; i < 3; i++) {
        struct members members;
        begin(&members, counts[i]);
        for (uint32_t party = 1; party < counts[i]; party += 3) {
            uint32_t neighbours[NEIGHBOURS_ROOM], count = members_neighbours(&members, party, neighbours), self = 0;
            assert_int_equal(count, members.neighbours);
            for (uint32_t n = 0; n < count; n++) {
                assert_true(neighbours[n] % 3 != 0 && neighbours[n] != party);
                assert_true(n == 0 || neighbours[n - 1] < neighbours[n]);
                self += neighbours[n] < party;
                assert_int_equal(members_place(&members, party, neighbours[n]), n + (neighbours[n] > party));
            }
            assert_int_equal(members_place(&members, party, party), self);
        }
        members_free(&members);
    }
}

static void a_stranger_holds_nothing(void **state)
{
    (void)state;
    struct members members;
    bool failed = false;
    const uint8_t share[SHARING_SECRET] = {1};
    begin(&members, 600);
    uint32_t strangers = 0;
    for (uint32_t holder = 1; holder < 600; holder += 3) {
        bool kept = members_keep_share(&members, 1, holder, share, &failed);
        assert_false(failed);
        strangers += !kept;
        assert_int_equal(kept, members_place(&members, 1, holder) != UINT32_MAX);
    }
    assert_true(strangers > 0 && members.items[1].share_count > 0);
    members_free(&members);
}

static void who_has_too_few_neighbours_falls_out(void **state)
{
    (void)state;
    struct members members;
    bool out[9] = {false};
    begin(&members, 9); /* six have come; the threshold is four */
    for (uint32_t party = 0; party < 9; party++) members.items[party].keyed = party != 1;
    members_thin(&members, false, out);
    assert_true(out[1] && !members.items[1].in && members.items[2].in);
    memset(out, 0, sizeof out);
    for (uint32_t party = 0; party < 9; party++) members.items[party].shared = party < 5;
    members_thin(&members, true, out); /* two are left, and those are too few */
    for (uint32_t party = 0; party < 9; party++) assert_false(members.items[party].in);
    assert_true(out[2] && out[4] && out[5] && out[7] && out[8] && !out[1]);
    members_free(&members);
}

static void stored_state(void **state)
{
    (void)state;
    struct members members, again;
    struct buffer out;
    struct reader in;
    begin(&members, 12);
    members.items[1].keyed = members.items[2].shared = members.items[4].agreed = true;
    members.items[1].keys[5] = 9;
    buffer_append(&members.items[2].letters, "letters", 7);
    buffer_init(&out, context);
    members_save(&members, &out);
    memset(&again, 0, sizeof again);
    assert_int_equal(members_init(&again, context, 12), FATE_OK);
    reader_init(&in, out.bytes, out.length);
    assert_int_equal(members_load(&again, &in), FATE_OK);
    assert_true(reader_finished(&in));
    assert_true(again.items[1].keyed && again.items[1].keys[5] == 9 && again.items[2].letters.length == 7 && again.items[4].agreed);
    for (uint32_t party = 1; party < 12; party += 3)
        assert_int_equal(members_place(&again, party, party), members_place(&members, party, party));
    members_free(&again);
    for (uint64_t length = 0; length < out.length; length++) {
        memset(&again, 0, sizeof again);
        assert_int_equal(members_init(&again, context, 12), FATE_OK);
        reader_init(&in, out.bytes, length);
        assert_int_equal(members_load(&again, &in), FATE_E_FORMAT);
        members_free(&again);
    }
    buffer_free(&out);
    members_free(&members);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(neighbours_and_places), cmocka_unit_test(a_stranger_holds_nothing),
                                       cmocka_unit_test(who_has_too_few_neighbours_falls_out), cmocka_unit_test(stored_state)};
    return cmocka_run_group_tests(tests, open_context, close_context);
}
