/* A job over TCP under attack: connections are cut, and impostors claim to be the worker. */
#include "tests/support/unit.h"

#include "tests/support/party.h"
#include "tests/support/tcp.h"

enum { PARTS = 20 };

static struct party parties[2];

struct storm {
    const fate_transport *inner;
    uint32_t port;
    int cuts, polls;
    int impostors[40];
    int impostor_count;
};

/* Cuts every connection, as the network might; then two strangers come who claim to be the worker: one is silent, one sends frames. */
static void strike(struct storm *storm)
{
    struct tcp *tcp = storm->inner->context;
    uint8_t frame[TCP_LENGTH + 41] = {41, 0, 0, 0, (uint8_t)storm->cuts};
    for (uint32_t i = 0; i < tcp->connection_count; i++)
        if (tcp->connections[i]->state == TCP_OPEN)
            storm->inner->close(storm->inner->context, tcp->connections[i]->peer, tcp->connections[i]->link);
    for (int i = 0; i < 2 && storm->impostor_count < 40; i++) {
        int impostor = test_impostor(storm->port, 1, 0);
        if (impostor < 0) continue;
        storm->impostors[storm->impostor_count++] = impostor;
        if (i == 1) (void)!send(impostor, frame, sizeof frame, MSG_NOSIGNAL);
    }
}

static int32_t storm_poll(void *context, fate_inbox *inbox)
{
    struct storm *storm = context;
    if (++storm->polls % 30 == 0 && storm->cuts > 0) {
        storm->cuts--;
        strike(storm);
    }
    return storm->inner->poll(storm->inner->context, inbox);
}

static int32_t storm_send(void *context, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    struct storm *storm = context;
    return storm->inner->send(storm->inner->context, peer, link, bytes, length);
}

static int32_t storm_wait(void *context, uint64_t milliseconds)
{
    struct storm *storm = context;
    return storm->inner->wait(storm->inner->context, milliseconds);
}

static uint64_t storm_now(void *context)
{
    struct storm *storm = context;
    return storm->inner->now(storm->inner->context);
}

static int32_t storm_close(void *context, uint32_t peer, uint64_t link)
{
    struct storm *storm = context;
    return storm->inner->close(storm->inner->context, peer, link);
}

static int32_t storm_proved(void *context, uint32_t peer, uint64_t link)
{
    struct storm *storm = context;
    return storm->inner->proved(storm->inner->context, peer, link);
}

static void cuts_and_impostors(void **state)
{
    char address[64];
    fate_transport *tcp[2] = {NULL, NULL};
    struct storm storm = {.cuts = 5};
    fate_transport transport = {.struct_size = sizeof transport,
                                .abi_version = FATE_ABI_VERSION,
                                .context = &storm,
                                .send = storm_send,
                                .poll = storm_poll,
                                .wait = storm_wait,
                                .now = storm_now,
                                .close = storm_close,
                                .proved = storm_proved};
    (void)state;
    assert_true(parties_open(parties, 2));
    assert_int_equal(party_join(parties, 2, 0, 100, PARTS, "127.0.0.1:9"), FATE_OK);
    assert_int_equal(fate_tcp_for_job(parties[0].context, &tcp[0], parties[0].job, 0, "127.0.0.1:0"), FATE_OK);
    storm.port = fate_tcp_port(tcp[0]);
    storm.inner = tcp[0];
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)storm.port);
    assert_int_equal(party_join(parties, 2, 1, 100, PARTS, address), FATE_OK);
    assert_int_equal(fate_tcp_for_job(parties[1].context, &tcp[1], parties[1].job, 1, NULL), FATE_OK);
    parties[0].transport = &transport;
    parties[1].transport = tcp[1];
    assert_true(parties_run(parties, 2));
    for (int i = 0; i < 2; i++)
        if (parties[i].result != FATE_OK) fail_msg("%s", fate_session_error(parties[i].session));
    assert_true(party_sum(&parties[0]) == rounds_expected(1, 100, PARTS));
    assert_true(party_sum(&parties[1]) == rounds_expected(1, 100, PARTS));
    assert_int_equal(storm.cuts, 0);
    for (int i = 0; i < storm.impostor_count; i++) close(storm.impostors[i]);
    fate_transport_free(tcp[0]);
    fate_transport_free(tcp[1]);
    parties_close(parties, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_and_impostors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
