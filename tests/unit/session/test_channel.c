/* Sealed frames: any length, every altered byte, moved pieces, repeats, the window's edges, exhausted nonces, failing memory. */
#include "tests/support/unit.h"

#include <sodium.h>
#include <stdlib.h>

#include "src/session/channel.h"
#include "tests/support/allocator.h"

enum { PIECE = 65519, HEAD = 12, TAG = 16 };

static const uint8_t header[] = {1, 2, 3, 4, 5, 6, 7};

struct pair {
    fate_context *context;
    struct channel one, other;
    struct buffer frame, content;
};

static void pair_start(struct pair *pair)
{
    uint8_t a[32], b[32];
    memset(a, 1, sizeof a);
    memset(b, 2, sizeof b);
    assert_int_equal(context_new(&pair->context, NULL), FATE_OK);
    channel_start(&pair->one, a, b);
    channel_start(&pair->other, b, a);
    buffer_init(&pair->frame, pair->context);
    buffer_init(&pair->content, pair->context);
}

static void pair_end(struct pair *pair)
{
    channel_wipe(&pair->one);
    assert_true(sodium_is_zero((const uint8_t *)&pair->one, sizeof pair->one));
    buffer_free(&pair->frame);
    buffer_free(&pair->content);
    fate_context_free(pair->context);
}

static void seal(struct pair *pair, const uint8_t *content, uint64_t length)
{
    buffer_clear(&pair->frame);
    assert_int_equal(channel_seal(&pair->one, header, sizeof header, content, length, &pair->frame), FATE_OK);
}

static int32_t open_frame(struct pair *pair)
{
    buffer_clear(&pair->content);
    return channel_open(&pair->other, header, sizeof header, pair->frame.bytes, pair->frame.length, &pair->content);
}

static void any_length_goes_through(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {
        0, 1, 2, 63, 1000, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 1, CHANNEL_CONTENT_LIMIT - 1, CHANNEL_CONTENT_LIMIT};
    struct pair pair;
    pair_start(&pair);
    uint8_t *content = malloc(CHANNEL_CONTENT_LIMIT + 1);
    for (uint64_t i = 0; i <= CHANNEL_CONTENT_LIMIT; i++) content[i] = (uint8_t)(i * 31 % 251);
    uint64_t nonces = 0;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const uint64_t pieces = lengths[i] == 0 ? 1 : (lengths[i] + PIECE - 1) / PIECE;
        seal(&pair, content, lengths[i]);
        assert_int_equal(bytes_load_u64(pair.frame.bytes), nonces);
        nonces += pieces;
        assert_int_equal(pair.frame.length, HEAD + lengths[i] + pieces * TAG);
        assert_int_equal(open_frame(&pair), FATE_OK);
        assert_int_equal(pair.content.length, lengths[i]);
        assert_memory_equal(pair.content.bytes, content, lengths[i]);
        assert_int_equal(open_frame(&pair), FATE_EMPTY);
        assert_int_equal(pair.content.length, 0);
    }
    const uint64_t before = pair.frame.length;
    assert_int_equal(channel_seal(&pair.one, header, sizeof header, content, CHANNEL_CONTENT_LIMIT + 1, &pair.frame), FATE_E_LIMIT);
    assert_int_equal(pair.frame.length, before);
    free(content);
    pair_end(&pair);
}

static void content_is_appended(void **state)
{
    (void)state;
    struct pair pair;
    pair_start(&pair);
    buffer_text(&pair.frame, "before");
    buffer_text(&pair.content, "kept");
    assert_int_equal(channel_seal(&pair.one, header, sizeof header, (const uint8_t *)"abc", 3, &pair.frame), FATE_OK);
    assert_memory_equal(pair.frame.bytes, "before", 6);
    pair.frame.bytes[10] ^= 1;
    assert_int_equal(channel_open(&pair.other, header, sizeof header, pair.frame.bytes + 6, pair.frame.length - 6, &pair.content),
                     FATE_E_FORMAT);
    pair.frame.bytes[10] ^= 1;
    assert_int_equal(channel_open(&pair.other, header, sizeof header, pair.frame.bytes + 6, pair.frame.length - 6, &pair.content), FATE_OK);
    assert_int_equal(pair.content.length, 7);
    assert_memory_equal(pair.content.bytes, "keptabc", 7);
    pair_end(&pair);
}

static void every_altered_byte_is_found(void **state)
{
    (void)state;
    struct pair pair;
    pair_start(&pair);
    seal(&pair, (const uint8_t *)"forty-two", 9);
    for (uint64_t i = 0; i < pair.frame.length; i++) {
        for (int bit = 0; bit < 8; bit++) {
            pair.frame.bytes[i] ^= (uint8_t)(1 << bit);
            assert_int_equal(open_frame(&pair), FATE_E_FORMAT);
            pair.frame.bytes[i] ^= (uint8_t)(1 << bit);
        }
    }
    for (uint64_t i = 0; i < sizeof header; i++) {
        uint8_t altered[sizeof header];
        memcpy(altered, header, sizeof header);
        altered[i] ^= 1;
        assert_int_equal(channel_open(&pair.other, altered, sizeof altered, pair.frame.bytes, pair.frame.length, &pair.content),
                         FATE_E_FORMAT);
    }
    const uint64_t whole = pair.frame.length;
    for (pair.frame.length = 0; pair.frame.length < whole; pair.frame.length++) {
        assert_int_equal(channel_open(&pair.other, header, sizeof header, pair.frame.bytes, pair.frame.length, &pair.content),
                         FATE_E_FORMAT);
    }
    buffer_u8(&pair.frame, 0);
    assert_int_equal(open_frame(&pair), FATE_E_FORMAT);
    pair.frame.length = whole;
    assert_int_equal(open_frame(&pair), FATE_OK); /* nothing above moved the window */
    pair_end(&pair);
}

static void pieces_cannot_be_exchanged(void **state)
{
    (void)state;
    struct pair pair;
    pair_start(&pair);
    uint8_t *content = calloc(2, PIECE);
    seal(&pair, content, 2 * PIECE);
    uint8_t *piece = malloc(PIECE + TAG);
    memcpy(piece, pair.frame.bytes + HEAD, PIECE + TAG);
    memmove(pair.frame.bytes + HEAD, pair.frame.bytes + HEAD + PIECE + TAG, PIECE + TAG);
    memcpy(pair.frame.bytes + HEAD + PIECE + TAG, piece, PIECE + TAG);
    assert_int_equal(open_frame(&pair), FATE_E_FORMAT);
    /* The first piece alone, as a frame of its own. */
    memcpy(pair.frame.bytes + HEAD, piece, PIECE + TAG);
    bytes_store_u32(pair.frame.bytes + 8, PIECE);
    pair.frame.length = HEAD + PIECE + TAG;
    assert_int_equal(open_frame(&pair), FATE_E_FORMAT);
    free(piece);
    free(content);
    pair_end(&pair);
}

static void opposite_direction_and_other_keys_fail(void **state)
{
    (void)state;
    struct pair pair;
    pair_start(&pair);
    seal(&pair, (const uint8_t *)"x", 1);
    assert_int_equal(channel_open(&pair.one, header, sizeof header, pair.frame.bytes, pair.frame.length, &pair.content), FATE_E_FORMAT);
    pair.other.receive_key[0] ^= 1;
    assert_int_equal(open_frame(&pair), FATE_E_FORMAT);
    pair_end(&pair);
}

/* Frames number 0 to count-1 are sealed; they arrive in any order, and each is taken once while it is inside the window. */
static void the_window_takes_each_frame_once(void **state)
{
    (void)state;
    enum { COUNT = 3 * CHANNEL_WINDOW };
    struct pair pair;
    pair_start(&pair);
    struct buffer *frames = calloc(COUNT, sizeof *frames);
    bool *taken = calloc(COUNT, sizeof *taken);
    for (uint32_t i = 0; i < COUNT; i++) {
        buffer_init(&frames[i], pair.context);
        uint8_t number[4];
        bytes_store_u32(number, i);
        assert_int_equal(channel_seal(&pair.one, header, sizeof header, number, 4, &frames[i]), FATE_OK);
    }
    uint64_t highest = 0, random = 1;
    for (uint32_t step = 0; step < 4 * COUNT; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        /* Near the front mostly, sometimes far back, so that both edges are met. */
        const uint64_t front = step / 4, back = random >> 33;
        const uint64_t i =
            (back % 3 == 0 ? front > back % (CHANNEL_WINDOW + 50) ? front - back % (CHANNEL_WINDOW + 50) : 0 : front + back % 40) % COUNT;
        const bool old = i + CHANNEL_WINDOW < highest;
        buffer_clear(&pair.content);
        const int32_t result = channel_open(&pair.other, header, sizeof header, frames[i].bytes, frames[i].length, &pair.content);
        assert_int_equal(result, old || taken[i] ? FATE_EMPTY : FATE_OK);
        if (result == FATE_OK) assert_int_equal(bytes_load_u32(pair.content.bytes), i);
        taken[i] = taken[i] || result == FATE_OK;
        highest = i + 1 > highest ? i + 1 : highest;
    }
    for (uint32_t i = 0; i < COUNT; i++) buffer_free(&frames[i]);
    free(frames);
    free(taken);
    pair_end(&pair);
}

static void a_leap_forgets_what_lies_behind_the_window(void **state)
{
    (void)state;
    struct pair pair;
    pair_start(&pair);
    seal(&pair, (const uint8_t *)"a", 1);
    assert_int_equal(open_frame(&pair), FATE_OK);
    pair.one.send_nonce = (uint64_t)1 << 40;
    seal(&pair, (const uint8_t *)"b", 1);
    assert_int_equal(open_frame(&pair), FATE_OK);
    /* The same place in the window as frame 0 had. */
    pair.one.send_nonce = ((uint64_t)1 << 40) - CHANNEL_WINDOW + 1;
    seal(&pair, (const uint8_t *)"c", 1);
    assert_int_equal(open_frame(&pair), FATE_OK);
    pair.one.send_nonce = ((uint64_t)1 << 40) - CHANNEL_WINDOW;
    seal(&pair, (const uint8_t *)"d", 1);
    assert_int_equal(open_frame(&pair), FATE_EMPTY);
    pair_end(&pair);
}

static void nonces_end(void **state)
{
    (void)state;
    struct pair pair;
    pair_start(&pair);
    pair.one.send_nonce = UINT64_MAX - 2;
    seal(&pair, (const uint8_t *)"x", 1);
    assert_int_equal(open_frame(&pair), FATE_OK);
    assert_int_equal(open_frame(&pair), FATE_EMPTY);
    assert_int_equal(channel_seal(&pair.one, header, sizeof header, (const uint8_t *)"x", 1, &pair.frame), FATE_E_LIMIT);
    for (uint64_t nonce = UINT64_MAX - 1; nonce != 0; nonce = nonce == UINT64_MAX ? 0 : nonce + 1) {
        bytes_store_u64(pair.frame.bytes, nonce);
        assert_int_equal(open_frame(&pair), FATE_E_FORMAT);
    }
    pair_end(&pair);
}

static void failing_memory_changes_nothing(void **state)
{
    (void)state;
    struct test_allocator counted;
    fate_allocator allocator = test_allocator(&counted, -1);
    struct pair pair;
    pair_start(&pair);
    fate_context_free(pair.context);
    assert_int_equal(context_new(&pair.context, &allocator), FATE_OK);
    buffer_init(&pair.frame, pair.context);
    buffer_init(&pair.content, pair.context);
    counted.fail = atomic_load(&counted.calls);
    assert_int_equal(channel_seal(&pair.one, header, sizeof header, (const uint8_t *)"x", 1, &pair.frame), FATE_E_MEMORY);
    assert_int_equal(pair.one.send_nonce, 0);
    seal(&pair, (const uint8_t *)"x", 1);
    counted.fail = atomic_load(&counted.calls);
    assert_int_equal(open_frame(&pair), FATE_E_MEMORY);
    assert_int_equal(open_frame(&pair), FATE_OK);
    pair_end(&pair);
    assert_int_equal(atomic_load(&counted.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_length_goes_through),
        cmocka_unit_test(content_is_appended),
        cmocka_unit_test(every_altered_byte_is_found),
        cmocka_unit_test(pieces_cannot_be_exchanged),
        cmocka_unit_test(opposite_direction_and_other_keys_fail),
        cmocka_unit_test(the_window_takes_each_frame_once),
        cmocka_unit_test(a_leap_forgets_what_lies_behind_the_window),
        cmocka_unit_test(nonces_end),
        cmocka_unit_test(failing_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
