/* Bytes sealed for a party's own store open for the same identity, magic and subject alone. */
#include "tests/support/unit.h"

#include "src/session/sealed.h"
#include <fate/simulator.h>

static const uint8_t magic[SEALED_MAGIC] = {1, 2, 3, 4, 5, 6, 7, 8}, other_magic[SEALED_MAGIC] = {8, 7};

static void opens_what_was_sealed(void **state)
{
    fate_context *context;
    fate_simulator *simulator;
    struct buffer sealed, plain;
    (void)state;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_simulator_new(context, &simulator,
                                        "{\"algorithm\":\"psi\",\"id\":\"id\",\"parties\":[{\"name\":\"a\",\"role\":\"guest\"},"
                                        "{\"name\":\"b\",\"role\":\"host\"}]}",
                                        FATE_PURPOSE_ALIGN, 1),
                     FATE_OK);
    fate_session *own = fate_simulator_session(simulator, 0), *peer = fate_simulator_session(simulator, 1);
    buffer_init(&sealed, context);
    buffer_init(&plain, context);
    assert_int_equal(sealed_write(own, magic, "x", 1, (const uint8_t *)"text", 4, &sealed), FATE_OK);
    assert_int_equal(sealed.length, SEALED_MAGIC + 24 + 4 + 16);
    assert_int_equal(sealed_read(own, magic, "x", 1, sealed.bytes, sealed.length, &plain), FATE_OK);
    assert_int_equal(plain.length, 4);
    assert_memory_equal(plain.bytes, "text", 4);
    assert_int_equal(sealed_read(own, magic, "y", 1, sealed.bytes, sealed.length, &plain), FATE_E_STORE);
    assert_int_equal(sealed_read(own, magic, NULL, 0, sealed.bytes, sealed.length, &plain), FATE_E_STORE);
    assert_int_equal(sealed_read(own, other_magic, "x", 1, sealed.bytes, sealed.length, &plain), FATE_E_FORMAT);
    assert_int_equal(sealed_read(peer, magic, "x", 1, sealed.bytes, sealed.length, &plain), FATE_E_STORE);
    for (uint64_t length = 0; length < sealed.length; length++)
        assert_true(sealed_read(own, magic, "x", 1, sealed.bytes, length, &plain) < 0);
    for (uint64_t i = 0; i < sealed.length; i++) {
        sealed.bytes[i] ^= 4;
        assert_true(sealed_read(own, magic, "x", 1, sealed.bytes, sealed.length, &plain) < 0);
        sealed.bytes[i] ^= 4;
    }
    assert_int_equal(plain.length, 4);
    buffer_free(&sealed);
    buffer_free(&plain);
    fate_simulator_free(simulator);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(opens_what_was_sealed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
