/* A peer with the right key that does not keep to the protocol: named errors, bounded memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "src/session/control.h"
#include "tests/support/hostile.h"

static void expect(const uint8_t *content, uint64_t length, int32_t result, const char *word)
{
    struct hostile hostile;
    assert_int_equal(hostile_open(&hostile), FATE_OK);
    hostile_say(&hostile, content, length);
    assert_int_equal(hostile.result, result);
    const char *sentence = fate_session_error(hostile.session);
    if (result < 0 && (strstr(sentence, "worker") == NULL || strstr(sentence, word) == NULL)) fail_msg("sentence: %s", sentence);
    if (result < 0) assert_int_equal(fate_session_error_party(hostile.session), 1);
    hostile_close(&hostile);
}

static uint64_t make_record(uint8_t *content, uint64_t number, uint32_t message, uint8_t last, uint64_t payload)
{
    content[0] = CONTROL_RECORD;
    bytes_store_u64(content + 1, number);
    bytes_store_u32(content + 9, message);
    content[13] = last;
    memset(content + 14, 5, payload);
    return 14 + payload;
}

static void malformed_contents(void **state)
{
    (void)state;
    static const uint8_t kinds[] = {CONTROL_HELLO, CONTROL_RECORD, CONTROL_ACKNOWLEDGEMENT, CONTROL_PING, CONTROL_ABORT, 99, 0};
    for (size_t i = 0; i < sizeof kinds; i++) {
        const uint8_t content[] = {kinds[i], 0xff, 0xff, 0xff};
        expect(content, sizeof content, FATE_E_PROTOCOL, "sent");
    }
    expect((const uint8_t *)"", 0, FATE_E_PROTOCOL, "empty");
}

static void records_that_may_not_be(void **state)
{
    (void)state;
    uint8_t content[64];
    expect(content, make_record(content, 0, 7, 1, 8), FATE_E_PROTOCOL, "does not have");
    expect(content, make_record(content, 0, UINT32_MAX, 1, 8), FATE_E_PROTOCOL, "does not have");
    expect(content, make_record(content, 0, 1, 1, 8), FATE_E_PROTOCOL, "role");
    expect(content, make_record(content, 0, 0, 1, 8), FATE_OK, "");
    expect(content, make_record(content, UINT64_MAX - 1, 0, 1, 8), FATE_OK, ""); /* a gap that is never filled */
    expect(content, make_record(content, UINT64_MAX, 0, 1, 8), FATE_E_PROTOCOL, "malformed");
}

/* Records behind a gap are kept up to the window and not beyond. */
static void a_flood_behind_a_gap(void **state)
{
    (void)state;
    static uint8_t content[500000];
    struct hostile hostile;
    assert_int_equal(hostile_open(&hostile), FATE_OK);
    uint64_t taken = 0;
    for (uint64_t number = 1; number < 100 && hostile.result == FATE_OK; number++) {
        hostile_say(&hostile, content, make_record(content, number, 0, 0, sizeof content - 14));
        taken += sizeof content;
    }
    assert_int_equal(hostile.result, FATE_E_PROTOCOL);
    assert_true(taken < 6000000);
    assert_non_null(strstr(fate_session_error(hostile.session), "credit"));
    hostile_close(&hostile);
}

static void impossible_acknowledgements(void **state)
{
    (void)state;
    fate_context *context;
    struct buffer bytes;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    buffer_init(&bytes, context);
    struct acknowledgement acknowledgement = {1000, 0, UINT64_MAX, 0, false};
    control_write_acknowledgement(&bytes, &acknowledgement);
    expect(bytes.bytes, bytes.length, FATE_E_PROTOCOL, "never sent");
    buffer_clear(&bytes);
    acknowledgement = (struct acknowledgement){0, 0, UINT64_MAX, UINT64_MAX, true};
    control_write_acknowledgement(&bytes, &acknowledgement);
    expect(bytes.bytes, bytes.length, FATE_OK, "");
    buffer_clear(&bytes);
    control_write_ping(&bytes, UINT64_MAX, false);
    expect(bytes.bytes, bytes.length, FATE_OK, "");
    buffer_free(&bytes);
    fate_context_free(context);
}

static void an_abort_is_told(void **state)
{
    (void)state;
    fate_context *context;
    struct buffer bytes;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    buffer_init(&bytes, context);
    control_write_abort(&bytes, FATE_E_TABLE, "the table is bad");
    expect(bytes.bytes, bytes.length, FATE_E_PEER, "the table is bad");
    buffer_clear(&bytes);
    control_write_abort(&bytes, 12345, ""); /* a code that does not exist */
    expect(bytes.bytes, bytes.length, FATE_E_PEER, "ended");
    buffer_free(&bytes);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(malformed_contents), cmocka_unit_test(records_that_may_not_be),
                                       cmocka_unit_test(a_flood_behind_a_gap), cmocka_unit_test(impossible_acknowledgements),
                                       cmocka_unit_test(an_abort_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
