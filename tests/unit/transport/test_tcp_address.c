/* Addresses: the three forms, what is none of them, and what they resolve to. */
#include "tests/support/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include "src/transport/tcp_address.h"

static void good_addresses(void **state)
{
    static const struct {
        const char *text, *host;
        uint32_t port;
    } cases[] = {
        {"127.0.0.1:9001", "127.0.0.1", 9001},
        {"bank.example:443", "bank.example", 443},
        {"[::1]:9001", "::1", 9001},
        {"[fe80::1%eth0]:1", "fe80::1%eth0", 1},
        {":9001", "", 9001},
        {":0", "", 0},
        {"localhost:65535", "localhost", 65535},
        {"localhost:00080", "localhost", 80},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tcp_address address;
        assert_true(tcp_address_parse(&address, cases[i].text));
        assert_string_equal(address.host, cases[i].host);
        assert_int_equal(address.port, cases[i].port);
    }
}

static void bad_addresses(void **state)
{
    static const char *const cases[] = {"",
                                        "9001",
                                        "localhost",
                                        "localhost:",
                                        "localhost:65536",
                                        "localhost:99999999999999999999",
                                        "localhost:-1",
                                        "localhost:+1",
                                        "localhost: 1",
                                        "localhost:1 ",
                                        "localhost:http",
                                        "::1:9001",
                                        "[::1]",
                                        "[::1]9001",
                                        "[::1:9001",
                                        "::1]:9001",
                                        "[]:9001",
                                        "[[::1]]:9001",
                                        "a]b:1",
                                        "[:1"};
    struct tcp_address address;
    char text[400];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (tcp_address_parse(&address, cases[i])) fail_msg("accepted \"%s\"", cases[i]);
    memset(text, 'a', sizeof text);
    memcpy(text + sizeof text - 3, ":1", 3);
    assert_false(tcp_address_parse(&address, text));
}

static void numbers_resolve_and_read_back(void **state)
{
    struct tcp_address address;
    struct tcp_endpoints endpoints;
    char text[TCP_ADDRESS_TEXT];
    (void)state;
    assert_true(tcp_address_parse(&address, "10.0.0.7:9001"));
    assert_null(tcp_address_resolve(&address, false, &endpoints));
    assert_int_equal(endpoints.count, 1);
    tcp_endpoint_text(&endpoints.items[0], text);
    assert_string_equal(text, "10.0.0.7:9001");
    tcp_endpoint_set_port(&endpoints.items[0], 77);
    assert_int_equal(tcp_endpoint_port(&endpoints.items[0]), 77);
}

static void six_reads_with_brackets(void **state)
{
    struct tcp_endpoint endpoint = {.length = sizeof(struct sockaddr_in6)};
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&endpoint.address;
    char text[TCP_ADDRESS_TEXT];
    (void)state;
    six->sin6_family = AF_INET6;
    six->sin6_addr = in6addr_loopback;
    tcp_endpoint_set_port(&endpoint, 9001);
    assert_int_equal(tcp_endpoint_port(&endpoint), 9001);
    tcp_endpoint_text(&endpoint, text);
    assert_string_equal(text, "[::1]:9001");
}

static void what_does_not_resolve_has_a_reason(void **state)
{
    struct tcp_address address = {.host = "999.1.1.1.", .port = 1};
    struct tcp_endpoints endpoints;
    (void)state;
    assert_non_null(tcp_address_resolve(&address, false, &endpoints));
    assert_int_equal(endpoints.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_addresses),
        cmocka_unit_test(bad_addresses),
        cmocka_unit_test(numbers_resolve_and_read_back),
        cmocka_unit_test(six_reads_with_brackets),
        cmocka_unit_test(what_does_not_resolve_has_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
