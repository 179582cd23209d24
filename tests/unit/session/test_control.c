/* Contents of frames: to bytes and back, and what is not one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "lib/context.h"
#include "src/session/control.h"
#include "tests/support/allocator.h"

static struct hello sample(void)
{
    struct hello hello;
    memset(&hello, 0, sizeof hello);
    hello.purpose = 1;
    memset(hello.job_digest, 1, sizeof hello.job_digest);
    memset(hello.run, 2, sizeof hello.run);
    memset(hello.run_secret, 3, sizeof hello.run_secret);
    memset(hello.incarnation, 4, sizeof hello.incarnation);
    memset(hello.chain, 5, sizeof hello.chain);
    hello.run_known = hello.durable = hello.evidence = true;
    hello.received = UINT64_MAX;
    hello.credit = 77;
    hello.durable_received = 9;
    hello.job = (const uint8_t *)"{}";
    hello.job_length = 2;
    return hello;
}

static void hellos(void **state)
{
    (void)state;
    fate_context *context;
    struct buffer bytes;
    struct hello read, hello = sample();
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (int known = 0; known < 2; known++) {
        hello.run_known = known == 1;
        buffer_init(&bytes, context);
        control_write_hello(&bytes, &hello);
        assert_false(bytes.failed);
        assert_int_equal(bytes.bytes[0], CONTROL_HELLO);
        assert_int_equal(control_read_hello(context, &read, bytes.bytes + 1, bytes.length - 1), FATE_OK);
        assert_int_equal(read.run_known, known);
        assert_int_equal(read.purpose, 1);
        assert_memory_equal(read.job_digest, hello.job_digest, 32);
        assert_memory_equal(read.incarnation, hello.incarnation, 16);
        assert_memory_equal(read.chain, hello.chain, 32);
        if (known == 1) assert_memory_equal(read.run_secret, hello.run_secret, 32);
        assert_true(read.durable && read.evidence && !read.heard);
        assert_true(read.received == UINT64_MAX && read.credit == 77 && read.durable_received == 9);
        assert_int_equal(read.job_length, 2);
        hello_free(context, &read);
        for (uint64_t length = 0; length + 1 < bytes.length; length++) {
            int32_t result = control_read_hello(context, &read, bytes.bytes + 1, length);
            assert_true(result == FATE_E_FORMAT || result == FATE_E_VERSION || result == FATE_OK);
            hello_free(context, &read);
        }
        buffer_free(&bytes);
    }
    fate_context_free(context);
}

static void other_versions(void **state)
{
    (void)state;
    fate_context *context;
    struct hello read;
    const uint8_t version_two[] = {0x08, 0x02};
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(control_read_hello(context, &read, version_two, sizeof version_two), FATE_E_VERSION);
    hello_free(context, &read);
    fate_context_free(context);
}

static void aborts(void **state)
{
    (void)state;
    fate_context *context;
    struct buffer bytes;
    char sentence[CONTROL_SENTENCE], long_sentence[2 * CONTROL_SENTENCE];
    int32_t code;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    buffer_init(&bytes, context);
    control_write_abort(&bytes, FATE_E_TABLE, "bell \a and \x1b[31mcolour");
    assert_int_equal(control_read_abort(context, &code, sentence, bytes.bytes + 1, bytes.length - 1), FATE_OK);
    assert_int_equal(code, FATE_E_TABLE);
    assert_string_equal(sentence, "bell ? and ?[31mcolour");
    buffer_clear(&bytes);
    memset(long_sentence, 'a', sizeof long_sentence - 1);
    long_sentence[sizeof long_sentence - 1] = 0;
    control_write_abort(&bytes, -1, long_sentence);
    assert_int_equal(control_read_abort(context, &code, sentence, bytes.bytes + 1, bytes.length - 1), FATE_OK);
    assert_int_equal(strlen(sentence), CONTROL_SENTENCE - 1);
    assert_int_equal(control_read_abort(context, &code, sentence, (const uint8_t *)"\xff\xff", 2), FATE_E_FORMAT);
    buffer_free(&bytes);
    fate_context_free(context);
}

static void records(void **state)
{
    (void)state;
    fate_context *context;
    struct buffer bytes;
    struct record record;
    uint64_t number, length;
    uint32_t message;
    bool last;
    const uint8_t *payload;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    memset(&record, 0, sizeof record);
    record.number = 5;
    record.message = 6;
    record.last = true;
    record.length = 3;
    record.payload = (uint8_t[]){1, 2, 3};
    buffer_init(&bytes, context);
    control_write_record(&bytes, &record);
    assert_true(control_read_record(bytes.bytes + 1, bytes.length - 1, &number, &message, &last, &payload, &length));
    assert_true(number == 5 && message == 6 && last && length == 3);
    assert_memory_equal(payload, record.payload, 3);
    for (uint64_t shorter = 0; shorter < 13; shorter++)
        assert_false(control_read_record(bytes.bytes + 1, shorter, &number, &message, &last, &payload, &length));
    bytes.bytes[13] = 2; /* neither first nor last */
    assert_false(control_read_record(bytes.bytes + 1, bytes.length - 1, &number, &message, &last, &payload, &length));
    bytes.bytes[13] = 0;
    memset(bytes.bytes + 1, 255, 8); /* no number may come after this one */
    assert_false(control_read_record(bytes.bytes + 1, bytes.length - 1, &number, &message, &last, &payload, &length));
    buffer_free(&bytes);
    fate_context_free(context);
}

static void acknowledgements_and_pings(void **state)
{
    (void)state;
    fate_context *context;
    struct buffer bytes;
    struct acknowledgement told, acknowledgement = {1, 2, 3, 4, true};
    uint64_t made;
    bool finished;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    buffer_init(&bytes, context);
    control_write_acknowledgement(&bytes, &acknowledgement);
    assert_true(control_read_acknowledgement(bytes.bytes + 1, bytes.length - 1, &told));
    assert_true(told.received == 1 && told.durable == 2 && told.credit == 3 && told.gap_end == 4 && told.finished);
    assert_false(control_read_acknowledgement(bytes.bytes + 1, bytes.length - 2, &told));
    assert_false(control_read_acknowledgement(bytes.bytes, bytes.length, &told));
    buffer_clear(&bytes);
    control_write_ping(&bytes, 11, false);
    assert_true(control_read_ping(bytes.bytes + 1, bytes.length - 1, &made, &finished));
    assert_true(made == 11 && !finished);
    bytes.bytes[bytes.length - 1] = 7;
    assert_false(control_read_ping(bytes.bytes + 1, bytes.length - 1, &made, &finished));
    buffer_free(&bytes);
    fate_context_free(context);
}

static void allocations_fail(void **state)
{
    (void)state;
    struct hello read, hello = sample();
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result != FATE_OK && fail < 100; fail++) {
        struct test_allocator counter;
        fate_allocator allocator = test_allocator(&counter, -1);
        fate_context *context;
        struct buffer bytes;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        buffer_init(&bytes, context);
        counter.fail = atomic_load(&counter.calls) + fail;
        control_write_hello(&bytes, &hello);
        result = bytes.failed ? FATE_E_MEMORY : control_read_hello(context, &read, bytes.bytes + 1, bytes.length - 1);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        if (!bytes.failed) hello_free(context, &read);
        buffer_free(&bytes);
        fate_context_free(context);
        assert_int_equal(atomic_load(&counter.live), 0);
    }
    assert_int_equal(result, FATE_OK);
}

static void heads_and_seals(void **state)
{
    (void)state;
    fate_context *context;
    struct buffer bytes;
    struct signed_head read, head = {.count = 5, .head = {1}, .signature = {2}, .final = true};
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (int seal = 0; seal < 2; seal++) {
        bool (*reads)(const uint8_t *, uint64_t, struct signed_head *) = seal ? control_read_seal : control_read_head;
        buffer_init(&bytes, context);
        seal ? control_write_seal(&bytes, &head) : control_write_head(&bytes, &head);
        assert_int_equal(bytes.bytes[0], seal ? CONTROL_SEAL : CONTROL_HEAD);
        assert_true(reads(bytes.bytes + 1, bytes.length - 1, &read));
        assert_true(read.count == 5 && read.final == !seal);
        assert_memory_equal(read.head, head.head, sizeof head.head);
        assert_memory_equal(read.signature, head.signature, sizeof head.signature);
        for (uint64_t length = 0; length + 1 < bytes.length; length++) assert_false(reads(bytes.bytes + 1, length, &read));
        buffer_u8(&bytes, 0);
        assert_false(reads(bytes.bytes + 1, bytes.length - 1, &read));
        memset(bytes.bytes + 1, 0, 8); /* a head of nothing */
        assert_false(reads(bytes.bytes + 1, bytes.length - 2, &read));
        buffer_free(&bytes);
    }
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hellos),
                                       cmocka_unit_test(other_versions),
                                       cmocka_unit_test(aborts),
                                       cmocka_unit_test(records),
                                       cmocka_unit_test(acknowledgements_and_pings),
                                       cmocka_unit_test(heads_and_seals),
                                       cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
