/* The table that keys and vectors call is whole: an operation that is missing would be a jump to nowhere. */
#include "tests/support/unit.h"

#include "src/crypto/scheme.h"

static void no_operation_is_missing(void **state)
{
    (void)state;
    const struct scheme *scheme = &scheme_okamoto_uchiyama;
    assert_string_equal(scheme->name, "okamoto-uchiyama");
    assert_true(scheme->generate && scheme->secret_export && scheme->secret_import && scheme->public_export && scheme->public_import);
    assert_true(scheme->key_free && scheme->secret_free && scheme->same && scheme->items_bytes && scheme->set_zero);
    assert_true(scheme->encrypt && scheme->decrypt && scheme->decrypt_numbers && scheme->add && scheme->subtract && scheme->negate &&
                scheme->multiply);
    assert_true(scheme->obfuscator_default && scheme->obfuscator_least && scheme->choose);
    assert_true(scheme->gather_add && scheme->weigh && scheme->pack && scheme->rerandomise && scheme->write && scheme->read &&
                scheme->units);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_operation_is_missing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
