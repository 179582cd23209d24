/* Bytes taken apart: the same frames however the bytes are cut, memory by what has arrived, and bad lengths found at once. */
#include "tests/support/unit.h"

#include <stdlib.h>
#include "lib/bytes.h"
#include "src/transport/tcp_input.h"
#include "tests/support/allocator.h"

static fate_context *context;

static int setup(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

/* Feeds bytes as the socket would, at most `most` at a time. */
static void feed(struct tcp_input *input, const uint8_t *bytes, uint64_t length, uint64_t most)
{
    uint8_t *room;
    uint64_t size;
    while (length > 0) {
        assert_int_equal(tcp_input_room(input, &room, &size), FATE_OK);
        assert_true(size > 0);
        if (size > most) size = most;
        if (size > length) size = length;
        memcpy(room, bytes, size);
        tcp_input_filled(input, size);
        bytes += size;
        length -= size;
    }
}

static void preamble_in_pieces(void **state)
{
    uint8_t bytes[TCP_PREAMBLE];
    struct tcp_preamble preamble = {.from = 7, .to = 0xfffffffe};
    struct tcp_input input;
    (void)state;
    tcp_preamble_write(bytes, &preamble);
    memset(&preamble, 0, sizeof preamble);
    tcp_input_init(&input, context);
    assert_int_equal(tcp_input_preamble(&input, &preamble), FATE_EMPTY);
    for (uint64_t i = 0; i < sizeof bytes; i++) {
        assert_int_equal(tcp_input_preamble(&input, &preamble), FATE_EMPTY);
        feed(&input, bytes + i, 1, 1);
    }
    assert_int_equal(tcp_input_preamble(&input, &preamble), FATE_OK);
    assert_int_equal(preamble.from, 7);
    assert_int_equal(preamble.to, 0xfffffffe);
    tcp_input_free(&input);
}

static int32_t read_preamble(const char *text, uint64_t length)
{
    struct tcp_preamble preamble;
    struct tcp_input input;
    tcp_input_init(&input, context);
    feed(&input, (const uint8_t *)text, length, length);
    int32_t result = tcp_input_preamble(&input, &preamble);
    tcp_input_free(&input);
    return result;
}

static void strangers_are_found_with_their_first_bytes(void **state)
{
    (void)state;
    assert_int_equal(read_preamble("G", 1), FATE_E_FORMAT);
    assert_int_equal(read_preamble("GET / HTTP/1.1\r\n", 16), FATE_E_FORMAT);
    assert_int_equal(read_preamble("FAT", 3), FATE_EMPTY);
    assert_int_equal(read_preamble("FATf", 4), FATE_E_FORMAT);
    assert_int_equal(read_preamble("FATE\1\0\0", 7), FATE_EMPTY);
    assert_int_equal(read_preamble("FATE\2\0\0\0\0\0\0\0\1\0\0\0", 16), FATE_E_VERSION);
    assert_int_equal(read_preamble("FATE\1\0\1\0\0\0\0\0\1\0\0\0", 16), FATE_E_FORMAT);
    assert_int_equal(read_preamble("FATE\1\0\0\0\0\0\0\0\1\0\0\0", 16), FATE_OK);
}

static void append_frame(struct buffer *stream, uint32_t number, uint32_t length)
{
    buffer_u32(stream, length);
    for (uint32_t i = 0; i < length; i++) buffer_u8(stream, (uint8_t)(number + i));
}

static void frames_however_they_are_cut(void **state)
{
    static const uint32_t lengths[] = {1, 2, 3, 4095, 4096, 4097, 100000, 1, TRANSPORT_FRAME_LIMIT, 5, 4092, 8188, 1};
    static const uint64_t cuts[] = {3, 4096, 65536, UINT64_MAX};
    uint32_t count = sizeof lengths / sizeof *lengths;
    struct buffer stream;
    (void)state;
    buffer_init(&stream, context);
    for (uint32_t i = 0; i < count; i++) append_frame(&stream, i, lengths[i]);
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
        struct tcp_input input;
        uint32_t seen = 0;
        tcp_input_init(&input, context);
        for (uint64_t at = 0; at < stream.length;) {
            uint8_t *room;
            const uint8_t *bytes;
            uint64_t size, length;
            assert_int_equal(tcp_input_room(&input, &room, &size), FATE_OK);
            if (size > cuts[c]) size = cuts[c];
            if (size > stream.length - at) size = stream.length - at;
            memcpy(room, stream.bytes + at, size);
            tcp_input_filled(&input, size);
            at += size;
            for (; tcp_input_frame(&input, &bytes, &length) == FATE_OK; tcp_input_drop(&input), seen++) {
                assert_int_equal(length, lengths[seen]);
                for (uint64_t i = 0; i < length; i++)
                    if (bytes[i] != (uint8_t)(seen + i)) fail_msg("byte %d of frame %d", (int)i, (int)seen);
            }
            assert_true(input.capacity <= TCP_LENGTH + TRANSPORT_FRAME_LIMIT);
        }
        assert_int_equal(seen, count);
        tcp_input_free(&input);
    }
    buffer_free(&stream);
}

static int32_t read_length(uint32_t announced, uint64_t *capacity)
{
    uint8_t bytes[TCP_LENGTH];
    const uint8_t *frame;
    uint64_t length;
    struct tcp_input input;
    tcp_input_init(&input, context);
    bytes_store_u32(bytes, announced);
    feed(&input, bytes, sizeof bytes, sizeof bytes);
    int32_t result = tcp_input_frame(&input, &frame, &length);
    *capacity = input.capacity;
    tcp_input_free(&input);
    return result;
}

static void announced_lengths(void **state)
{
    uint64_t capacity;
    (void)state;
    assert_int_equal(read_length(0, &capacity), FATE_E_FORMAT);
    assert_int_equal(read_length(TRANSPORT_FRAME_LIMIT + 1, &capacity), FATE_E_FORMAT);
    assert_int_equal(read_length(UINT32_MAX, &capacity), FATE_E_FORMAT);
    assert_int_equal(read_length(TRANSPORT_FRAME_LIMIT, &capacity), FATE_EMPTY);
    assert_true(capacity <= 4096); /* nothing is set aside for what has only been announced */
}

static void no_memory(void **state)
{
    struct test_allocator test;
    fate_allocator allocator = test_allocator(&test, -1);
    fate_context *small;
    struct tcp_input input;
    uint8_t *room;
    uint64_t size;
    (void)state;
    assert_int_equal(context_new(&small, &allocator), FATE_OK);
    tcp_input_init(&input, small);
    test.fail = atomic_load(&test.calls);
    assert_int_equal(tcp_input_room(&input, &room, &size), FATE_E_MEMORY);
    assert_int_equal(tcp_input_room(&input, &room, &size), FATE_OK);
    tcp_input_free(&input);
    fate_context_free(small);
    assert_int_equal(atomic_load(&test.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preamble_in_pieces),
        cmocka_unit_test(strangers_are_found_with_their_first_bytes),
        cmocka_unit_test(frames_however_they_are_cut),
        cmocka_unit_test(announced_lengths),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
