/* The exchange: X25519 against vectors made by hand (SHA-256 of the id as u coordinate, RFC 7748 by plain integers), ristretto255 against
 * libsodium, equal ids whoever masks first, and what is no element. */
#include "src/models/psi/exchange.h"
#include "tests/support/data.h"

#include <sodium.h>

static fate_table *ids_of(const char *csv)
{
    fate_table *table = NULL;
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, strlen(csv), schema), FATE_OK);
    return table;
}

static void x25519_gives_the_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *id, *once, *twice;
    } vectors[] = {
        {"13800138000", "3ce39e7016ca62254967b3515a782795a94bb899815a17b1b3cc6b98baef1232",
         "1a5b037e1cbeec1c49e35b362e3694d455c7e5a4f69a9fa80698728aab755d51"},
        {"alice@example.com", "2ac96eabccec59abd38f0a58f955dfb313a79cbadcc5919675a46e15e6e85e29",
         "f6bb5fbe25e6eaa1e6979a2e692d66377839178a8e1ff29c5766dca1a3cc1316"},
    };
    uint8_t seeds[2][32], domain[32] = {0}, once[64], twice[64], expected[32];
    uint64_t bad;
    for (uint8_t i = 0; i < 32; i++) {
        seeds[0][i] = (uint8_t)(1 + i);
        seeds[1][i] = (uint8_t)(101 + i);
    }
    fate_table *table = ids_of("id\nalice@example.com\n13800138000\n");
    struct psi_set set;
    struct exchange one, other;
    assert_int_equal(psi_set_make(&set, context, table), FATE_OK);
    exchange_init(&one, true, seeds[0], domain);
    exchange_init(&other, true, seeds[1], domain);
    assert_int_equal(exchange_mask_ids(&one, context, &set, 0, 2, once), FATE_OK);
    assert_int_equal(exchange_mask_elements(&other, context, once, 2, twice, &bad), FATE_OK);
    assert_int_equal(bad, 2);
    for (int i = 0; i < 2; i++) {
        sodium_hex2bin(expected, 32, vectors[i].once, 64, NULL, NULL, NULL);
        assert_memory_equal(once + 32 * i, expected, 32);
        sodium_hex2bin(expected, 32, vectors[i].twice, 64, NULL, NULL, NULL);
        assert_memory_equal(twice + 32 * i, expected, 32);
    }
    exchange_wipe(&one);
    psi_set_free(&set);
    fate_table_free(table);
}

static void ristretto_gives_what_libsodium_gives(void **state)
{
    (void)state;
    uint8_t seed[32] = {7}, domain[32] = {9}, masked[64], hash[64], element[32], product[32];
    fate_table *table = ids_of("id\nb\n\"a long id, with anything in it\"\n");
    struct psi_set set;
    struct exchange exchange;
    assert_int_equal(psi_set_make(&set, context, table), FATE_OK);
    exchange_init(&exchange, false, seed, domain);
    assert_int_equal(exchange_mask_ids(&exchange, context, &set, 0, 2, masked), FATE_OK);
    for (uint64_t i = 0; i < 2; i++) {
        uint64_t length;
        const uint8_t *id = psi_set_id(&set, i, &length);
        crypto_generichash(hash, 64, id, length, domain, 32);
        crypto_core_ristretto255_from_hash(element, hash);
        assert_int_equal(crypto_scalarmult_ristretto255(product, exchange.scalar, element), 0);
        assert_memory_equal(masked + 32 * i, product, 32);
    }
    exchange_init(&exchange, false, seed, seed); /* another domain, other elements */
    assert_int_equal(exchange_mask_ids(&exchange, context, &set, 0, 1, element), FATE_OK);
    assert_memory_not_equal(masked, element, 32);
    psi_set_free(&set);
    fate_table_free(table);
}

static void the_order_of_masking_does_not_matter(void **state)
{
    (void)state;
    uint8_t seeds[2][32] = {{1}, {2}}, domain[32] = {3}, first[32 * 3], second[32 * 3];
    uint64_t bad;
    fate_table *table = ids_of("id\nx\ny\nz\n");
    struct psi_set set;
    assert_int_equal(psi_set_make(&set, context, table), FATE_OK);
    for (int x25519 = 0; x25519 < 2; x25519++) {
        struct exchange exchanges[2];
        for (int i = 0; i < 2; i++) exchange_init(&exchanges[i], x25519 == 1, seeds[i], domain);
        assert_int_equal(exchange_mask_ids(&exchanges[0], context, &set, 0, 3, first), FATE_OK);
        assert_int_equal(exchange_mask_elements(&exchanges[1], context, first, 3, first, &bad), FATE_OK);
        assert_int_equal(exchange_mask_ids(&exchanges[1], context, &set, 0, 3, second), FATE_OK);
        assert_int_equal(exchange_mask_elements(&exchanges[0], context, second, 3, second, &bad), FATE_OK);
        assert_memory_equal(first, second, sizeof first);
    }
    psi_set_free(&set);
    fate_table_free(table);
}

static void what_is_no_element_is_found(void **state)
{
    (void)state;
    static const char *const bad_for_both[] = {
        "0000000000000000000000000000000000000000000000000000000000000000", /* identity, zero */
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p */
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p + 1 */
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0900000000000000000000000000000000000000000000000000000000000080", /* 9 with its highest bit */
        "0100000000000000000000000000000000000000000000000000000000000000", /* negative; of small order */
    };
    uint8_t seed[32] = {4}, domain[32] = {5}, elements[64], masked[64];
    uint64_t bad;
    fate_table *table = ids_of("id\nx\n");
    struct psi_set set;
    assert_int_equal(psi_set_make(&set, context, table), FATE_OK);
    for (int x25519 = 0; x25519 < 2; x25519++)
        for (size_t i = 0; i < sizeof bad_for_both / sizeof *bad_for_both; i++) {
            struct exchange exchange;
            exchange_init(&exchange, x25519 == 1, seed, domain);
            assert_int_equal(exchange_mask_ids(&exchange, context, &set, 0, 1, elements), FATE_OK);
            sodium_hex2bin(elements + 32, 32, bad_for_both[i], 64, NULL, NULL, NULL);
            assert_int_equal(exchange_mask_elements(&exchange, context, elements, 1, masked, &bad), FATE_OK);
            assert_int_equal(bad, 1);
            assert_int_equal(exchange_mask_elements(&exchange, context, elements, 2, masked, &bad), FATE_OK);
            assert_int_equal(bad, 1);
            exchange_wipe(&exchange);
        }
    psi_set_free(&set);
    fate_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(x25519_gives_the_vectors, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(ristretto_gives_what_libsodium_gives, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(the_order_of_masking_does_not_matter, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_element_is_found, data_setup, data_teardown),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
