/* A TCP transport as a job says: who listens, who dials, and jobs in which two parties cannot find each other. */
#include "tests/support/unit.h"

#include "src/session/connect.h"
#include "src/transport/tcp.h"
#include "tests/support/party.h"

static struct party parties[PARTY_MOST];
static fate_transport *transport;

static int setup(void **state)
{
    (void)state;
    transport = NULL;
    return parties_open(parties, 3) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    fate_transport_free(transport);
    parties_close(parties, 3);
    return 0;
}

static const struct tcp *made(void)
{
    return transport->context;
}

static void the_leader_listens_for_its_workers(void **state)
{
    (void)state;
    assert_int_equal(party_join(parties, 3, 0, 1, 1, "127.0.0.1:0"), FATE_E_JOB); /* nobody can dial port 0 */
    assert_int_equal(party_join(parties, 3, 0, 1, 1, "127.0.0.1:9"), FATE_OK);
    assert_int_equal(fate_tcp_for_job(parties[0].context, &transport, parties[0].job, 0, "127.0.0.1:0"), FATE_OK);
    assert_true(fate_tcp_port(transport) > 0);
    assert_int_equal(made()->party, 0);
    assert_int_equal(made()->peer_count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(made()->peers[i].number, i + 1);
        assert_string_equal(made()->peers[i].name, party_name(i + 1));
        assert_null(made()->peers[i].text);
    }
}

static void a_worker_dials_the_leader_alone(void **state)
{
    (void)state;
    assert_int_equal(party_join(parties, 3, 2, 1, 1, "127.0.0.1:9001"), FATE_OK);
    assert_int_equal(fate_tcp_for_job(parties[2].context, &transport, parties[2].job, 2, "127.0.0.1:0"), FATE_OK);
    assert_int_equal(fate_tcp_port(transport), 0); /* nobody dials it: it does not listen, whatever it was told */
    assert_int_equal(made()->peer_count, 1);       /* workers do not talk to each other */
    assert_int_equal(made()->peers[0].number, 0);
    assert_string_equal(made()->peers[0].text, "127.0.0.1:9001");
}

static void no_way_between_two_parties(void **state)
{
    (void)state;
    for (uint32_t party = 0; party < 2; party++) {
        assert_int_equal(party_join(parties, 3, party, 1, 1, NULL), FATE_OK);
        assert_int_equal(fate_tcp_for_job(parties[party].context, &transport, parties[party].job, party, NULL), FATE_E_JOB);
        assert_null(transport);
        assert_non_null(strstr(fate_context_error(parties[party].context), "leader"));
        assert_non_null(strstr(fate_context_error(parties[party].context), "worker1"));
    }
}

static void a_port_in_use(void **state)
{
    char address[64];
    fate_transport *other = NULL;
    (void)state;
    assert_int_equal(fate_tcp_new(parties[1].context, &transport, 7, "127.0.0.1:0"), FATE_OK);
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)fate_tcp_port(transport));
    assert_int_equal(party_join(parties, 3, 0, 1, 1, address), FATE_OK);
    assert_int_equal(fate_tcp_for_job(parties[0].context, &other, parties[0].job, 0, NULL), FATE_E_NETWORK);
    assert_null(other);
    assert_non_null(strstr(fate_context_error(parties[0].context), address));
}

static void wrong_arguments(void **state)
{
    (void)state;
    assert_int_equal(party_join(parties, 3, 0, 1, 1, "127.0.0.1:9001"), FATE_OK);
    fate_context *context = parties[0].context;
    assert_int_equal(fate_tcp_for_job(NULL, &transport, parties[0].job, 0, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_tcp_for_job(context, NULL, parties[0].job, 0, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_tcp_for_job(context, &transport, NULL, 0, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_tcp_for_job(context, &transport, parties[0].job, 3, NULL), FATE_E_ARGUMENT);
    assert_null(transport);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_leader_listens_for_its_workers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_worker_dials_the_leader_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(no_way_between_two_parties, setup, teardown),
        cmocka_unit_test_setup_teardown(a_port_in_use, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_arguments, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
