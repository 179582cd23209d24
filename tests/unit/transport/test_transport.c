/* The transport hook's own functions: findings reach the inbox, wrong arguments do not, and free reaches the hook's. */
#include "tests/support/unit.h"

#include "tests/support/inbox.h"

static void findings_reach_the_inbox(void **state)
{
    struct test_inbox *inbox = test_inbox_make();
    (void)state;
    assert_int_equal(fate_inbox_frame(&inbox->face, 3, 9, (const uint8_t *)"abc", 3), FATE_OK);
    assert_int_equal(inbox->last_peer, 3);
    assert_int_equal(inbox->last_link, 9);
    assert_memory_equal(inbox->last, "abc", 3);
    inbox->refuses = true;
    assert_int_equal(fate_inbox_frame(&inbox->face, 3, 9, (const uint8_t *)"abc", 3), FATE_AGAIN);
    assert_int_equal(fate_inbox_connected(&inbox->face, 1, 2), FATE_OK);
    assert_int_equal(fate_inbox_disconnected(&inbox->face, 1, 2), FATE_OK);
    assert_int_equal(fate_inbox_notice(&inbox->face, 1, "news"), FATE_OK);
    assert_int_equal(inbox->up + inbox->down + inbox->notices, 3);
    inbox->fails = -1234;
    assert_int_equal(fate_inbox_notice(&inbox->face, 1, "news"), -1234);
    test_inbox_free(inbox);
}

static void wrong_arguments(void **state)
{
    struct test_inbox *inbox = test_inbox_make();
    (void)state;
    assert_int_equal(fate_inbox_frame(NULL, 0, 0, NULL, 0), FATE_E_ARGUMENT);
    assert_int_equal(fate_inbox_frame(&inbox->face, 0, 0, NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_inbox_connected(NULL, 0, 0), FATE_E_ARGUMENT);
    assert_int_equal(fate_inbox_disconnected(NULL, 0, 0), FATE_E_ARGUMENT);
    assert_int_equal(fate_inbox_notice(NULL, 0, "x"), FATE_E_ARGUMENT);
    assert_int_equal(fate_inbox_notice(&inbox->face, 0, NULL), FATE_E_ARGUMENT);
    assert_int_equal(inbox->frames, 0);
    test_inbox_free(inbox);
}

static void count_free(void *context)
{
    ++*(int *)context;
}

static void free_reaches_the_hook(void **state)
{
    int count = 0;
    fate_transport transport = {.struct_size = sizeof transport, .abi_version = FATE_ABI_VERSION, .context = &count, .free = count_free};
    (void)state;
    fate_transport_free(NULL);
    fate_transport_free(&transport);
    assert_int_equal(count, 1);
    transport.struct_size = offsetof(fate_transport, free); /* an older table that has none */
    fate_transport_free(&transport);
    transport.struct_size = sizeof transport;
    transport.free = NULL;
    fate_transport_free(&transport);
    assert_int_equal(count, 1);
}

static void the_clock_does_not_go_back(void **state)
{
    (void)state;
    uint64_t before = transport_now();
    for (int i = 0; i < 1000; i++) {
        uint64_t now = transport_now();
        assert_true(now >= before);
        before = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_reach_the_inbox),
        cmocka_unit_test(wrong_arguments),
        cmocka_unit_test(free_reaches_the_hook),
        cmocka_unit_test(the_clock_does_not_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
