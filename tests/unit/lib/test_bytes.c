/* Buffers: growth, failure, secrets, handing over. Readers: every field at every length, and past the end. */
#include "tests/support/unit.h"

#include "lib/bytes.h"
#include "tests/support/allocator.h"

static fate_context *context;
static struct test_allocator counted;

static int setup(void **state)
{
    (void)state;
    fate_allocator allocator = test_allocator(&counted, -1);
    return context_new(&context, &allocator);
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

static void write_all_kinds(struct buffer *buffer)
{
    buffer_u8(buffer, 0x01);
    buffer_u16(buffer, 0x0302);
    buffer_u32(buffer, 0x07060504);
    buffer_u64(buffer, UINT64_C(0x0f0e0d0c0b0a0908));
    buffer_double(buffer, -2.5);
    buffer_text(buffer, "text");
    buffer_format(buffer, "%d %s", -7, "more");
    buffer_append(buffer, "\0\1", 2);
    buffer_append(buffer, NULL, 0);
}

static const uint8_t all_kinds[] = {1, 2, 3, 4,    5,    6,   7,   8,   9,   10,  11,  12,  13,  14,  15,  0,   0,    0,
                                    0, 0, 0, 0x04, 0xc0, 't', 'e', 'x', 't', '-', '7', ' ', 'm', 'o', 'r', 'e', 0x00, 0x01};

static void integers_are_little_endian(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, context);
    write_all_kinds(&buffer);
    assert_false(buffer.failed);
    assert_int_equal(buffer.length, sizeof all_kinds);
    assert_memory_equal(buffer.bytes, all_kinds, sizeof all_kinds);
    buffer_free(&buffer);
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    struct reader reader;
    reader_init(&reader, all_kinds, sizeof all_kinds);
    assert_int_equal(reader_u8(&reader), 1);
    assert_int_equal(reader_u16(&reader), 0x0302);
    assert_int_equal(reader_u32(&reader), 0x07060504);
    assert_true(reader_u64(&reader) == UINT64_C(0x0f0e0d0c0b0a0908));
    assert_true(reader_double(&reader) == -2.5);
    assert_memory_equal(reader_bytes(&reader, 4), "text", 4);
    assert_int_equal(reader_left(&reader), 9);
    assert_false(reader_finished(&reader));
    assert_non_null(reader_bytes(&reader, 9));
    assert_true(reader_finished(&reader));
    assert_non_null(reader_bytes(&reader, 0));
    assert_true(reader_finished(&reader));
}

static void floats(void **state)
{
    (void)state;
    static const uint8_t expected[] = {0, 0, 0x20, 0xc0};
    struct buffer buffer;
    struct reader reader;
    buffer_init(&buffer, context);
    buffer_float(&buffer, -2.5f);
    assert_int_equal(buffer.length, 4);
    assert_memory_equal(buffer.bytes, expected, 4);
    reader_init(&reader, buffer.bytes, buffer.length);
    assert_true(reader_float(&reader) == -2.5f && reader_finished(&reader));
    assert_true(reader_float(&reader) == 0 && reader.failed);
    buffer_free(&buffer);
}

static uint64_t read_one(struct reader *reader, int kind)
{
    switch (kind) {
    case 0: return reader_u8(reader);
    case 1: return reader_u16(reader);
    case 2: return reader_u32(reader);
    case 3: return reader_u64(reader);
    default: return reader_double(reader) != 0.0;
    }
}

static void readers_never_pass_the_end(void **state)
{
    (void)state;
    const uint64_t sizes[] = {1, 2, 4, 8, 8};
    for (int kind = 0; kind < 5; kind++)
        for (uint64_t length = 0; length < sizes[kind]; length++) {
            uint8_t *exact = memory_copy(context, "\xff\xff\xff\xff\xff\xff\xff\xff", length);
            struct reader reader;
            reader_init(&reader, exact, length);
            assert_true(read_one(&reader, kind) == 0);
            assert_true(reader.failed);
            assert_int_equal(reader_left(&reader), 0);
            assert_null(reader_bytes(&reader, 0)); /* once failed, all fails */
            assert_int_equal(reader_u8(&reader), 0);
            assert_false(reader_finished(&reader));
            memory_free(context, exact);
        }
    struct reader reader;
    reader_init(&reader, all_kinds, 5);
    reader_u8(&reader);
    assert_null(reader_bytes(&reader, UINT64_MAX)); /* position + length must not wrap */
    reader_init(&reader, NULL, 0);
    assert_non_null(reader_bytes(&reader, 0));
    assert_true(reader_finished(&reader));
    assert_int_equal(reader_u32(&reader), 0);
    assert_true(reader.failed);
}

static void buffers_hand_over_their_bytes(void **state)
{
    (void)state;
    for (uint64_t length = 0; length < 300; length++) {
        struct buffer buffer;
        buffer_init(&buffer, context);
        for (uint64_t i = 0; i < length; i++) buffer_u8(&buffer, (uint8_t)(i + 1));
        uint64_t taken_length;
        uint8_t *taken = buffer_take(&buffer, &taken_length);
        assert_int_equal(taken_length, length);
        assert_int_equal(taken[length], 0);
        for (uint64_t i = 0; i < length; i++) assert_int_equal(taken[i], (uint8_t)(i + 1));
        buffer_u8(&buffer, 9); /* usable again */
        assert_int_equal(buffer.length, 1);
        buffer_free(&buffer);
        memory_free(context, taken);
    }
}

static void a_failed_buffer_stays_failed_until_cleared(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, context);
    buffer_u8(&buffer, 1);
    assert_false(buffer_reserve(&buffer, UINT64_MAX));
    assert_true(buffer.failed);
    uint64_t length;
    assert_null(buffer_take(&buffer, &length));
    buffer_u8(&buffer, 2);
    assert_int_equal(buffer.length, 1);
    buffer_clear(&buffer);
    assert_false(buffer.failed);
    buffer_u8(&buffer, 3);
    assert_int_equal(buffer.bytes[0], 3);
    buffer_free(&buffer);
    buffer_free(&buffer);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    bool succeeded = false;
    for (long long k = 1; !succeeded; k++) {
        fate_allocator allocator = test_allocator(&counted, k);
        fate_context *failing;
        assert_int_equal(context_new(&failing, &allocator), FATE_OK);
        struct buffer buffer;
        buffer_init(&buffer, failing);
        buffer.secret = k % 2 == 0;
        for (int i = 0; i < 100; i++) write_all_kinds(&buffer);
        assert_int_equal(buffer.failed, atomic_load(&counted.calls) > k);
        succeeded = !buffer.failed;
        if (succeeded) assert_int_equal(buffer.length, 100 * sizeof all_kinds);
        buffer_free(&buffer);
        fate_context_free(failing);
        assert_int_equal(atomic_load(&counted.live), 0);
        assert_true(k < 50);
    }
}

static int unwiped;
static void check_release(void *ignored, void *old)
{
    (void)ignored;
    const uint8_t *bytes = old;
    for (uint32_t i = 0; bytes != NULL && i < 64; i++) unwiped += bytes[i] == 0x5a;
    free(old);
}

static void *allocate(void *ignored, size_t size)
{
    (void)ignored;
    return calloc(1, size);
}

static void secret_buffers_leave_no_copy(void **state)
{
    (void)state;
    fate_context holder = {.allocator = {sizeof(fate_allocator), FATE_ABI_VERSION, NULL, allocate, NULL, check_release}};
    struct buffer buffer;
    buffer_init(&buffer, &holder);
    buffer.secret = true;
    unwiped = 0;
    for (int i = 0; i < 1000; i++) buffer_u8(&buffer, 0x5a); /* resize is NULL here: growing must not call it */
    buffer_clear(&buffer);
    for (uint32_t i = 0; i < 1000; i++) assert_int_equal(buffer.bytes[i], 0);
    buffer_u64(&buffer, UINT64_C(0x5a5a5a5a5a5a5a5a));
    buffer_free(&buffer);
    assert_int_equal(unwiped, 0);
}

static void loads_and_stores(void **state)
{
    (void)state;
    uint8_t bytes[9] = {0};
    for (uint32_t shift = 0; shift < 64; shift++) {
        uint64_t value = UINT64_C(0x8000000000000001) >> shift | UINT64_C(3) << shift;
        bytes_store_u64(bytes + 1, value);
        assert_true(bytes_load_u64(bytes + 1) == value);
        assert_int_equal(bytes[1], value & 0xff);
        assert_int_equal(bytes[8], value >> 56);
        bytes_store_u32(bytes + 1, (uint32_t)value);
        assert_int_equal(bytes_load_u32(bytes + 1), (uint32_t)value);
        assert_int_equal(bytes[5], value >> 32 & 0xff);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(integers_are_little_endian, setup, teardown),
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test_setup_teardown(floats, setup, teardown),
        cmocka_unit_test_setup_teardown(readers_never_pass_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(buffers_hand_over_their_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_buffer_stays_failed_until_cleared, setup, teardown),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(secret_buffers_leave_no_copy),
        cmocka_unit_test(loads_and_stores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
