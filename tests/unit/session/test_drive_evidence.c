/* Driving sessions that keep evidence through recorders: in memory, in a file, and recorders that fail. */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "src/session/evidence.h"
#include "src/session/session.h"
#include "tests/support/evidence.h"
#include "tests/support/party.h"

enum { ROUNDS = 3, PARTS = 2 };

static struct party parties[PARTY_MOST];
static fate_transport *transports[PARTY_MOST];

/* A recorder in memory that fails in one of its calls. */
struct recorded {
    fate_recorder face;
    fate_observer observer;
    struct buffer log;
    int appends, fail; /* the number of the append that fails; -1: none; -2: read does */
    int32_t result;
};

static int32_t recorded_read(void *context, fate_reply *reply)
{
    struct recorded *own = context;
    if (own->fail == -2) return own->result;
    return own->log.length == 0 ? FATE_EMPTY : fate_reply_bytes(reply, own->log.bytes, own->log.length);
}

static int32_t recorded_append(void *context, const uint8_t *bytes, uint64_t length)
{
    struct recorded *own = context;
    if (own->appends++ == own->fail) return own->result;
    buffer_append(&own->log, bytes, length);
    return FATE_OK;
}

static struct recorded recorders[2];

static int setup(void **state)
{
    (void)state;
    if (!parties_open(parties, 2) || fate_loopback_new(parties[0].context, transports, 2) != FATE_OK) return -1;
    for (uint32_t i = 0; i < 2; i++) {
        struct recorded *own = &recorders[i];
        if (party_join(parties, 2, i, ROUNDS, PARTS, NULL) != FATE_OK) return -1;
        parties[i].transport = transports[i];
        *own = (struct recorded){.fail = -1};
        own->face = (fate_recorder){sizeof own->face, FATE_ABI_VERSION, own, recorded_read, recorded_append, NULL};
        own->observer = (fate_observer){.struct_size = sizeof own->observer, .abi_version = FATE_ABI_VERSION, .recorder = &own->face};
        buffer_init(&own->log, parties[i].context);
        parties[i].observer = &own->observer;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        buffer_free(&recorders[i].log);
        fate_recorder_free(&recorders[i].face);
        fate_transport_free(transports[i]);
        parties[i].store = NULL;
    }
    parties_close(parties, 2);
    memset(parties, 0, sizeof parties);
    return 0;
}

static void check_logs(void)
{
    fate_evidence *logs[2];
    fate_verdict *verdict;
    for (uint32_t i = 0; i < 2; i++) {
        const struct buffer *log = &recorders[i].log;
        assert_int_equal(fate_evidence_parse(parties[0].context, &logs[i], NULL, log->bytes, log->length), FATE_OK);
    }
    assert_int_equal(fate_evidence_verify(logs[0], &verdict, logs[1], parties[0].job), FATE_OK);
    if (!fate_verdict_good(verdict)) evidence_print(verdict);
    assert_int_equal(fate_verdict_good(verdict), 1);
    assert_true(fate_verdict_sealed(verdict, 1) > 0);
    fate_verdict_free(verdict);
    fate_evidence_free(logs[0]);
    fate_evidence_free(logs[1]);
}

static void both_keep_evidence(void **state)
{
    (void)state;
    assert_true(parties_run(parties, 2));
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(parties[i].result, FATE_OK);
        assert_true(party_sum(&parties[i]) == rounds_expected(1, ROUNDS, PARTS));
    }
    check_logs();
}

/* Every append fails once: the job ends with the recorder's own code, and with the same state goes on to a log that holds. */
static void every_append_fails(void **state)
{
    (void)state;
    fate_store *stores[2];
    for (int fail = 0;; fail++) {
        for (uint32_t i = 0; i < 2; i++) {
            assert_int_equal(fate_memory_store_new(parties[i].context, &stores[i]), FATE_OK);
            parties[i].store = stores[i];
            buffer_clear(&recorders[i].log);
            recorders[i].appends = 0;
        }
        recorders[1].fail = fail;
        recorders[1].result = FATE_E_APPLICATION - 3;
        bool failed = false;
        for (int attempt = 0; attempt < 2; attempt++) {
            for (uint32_t i = 0; i < 2; i++) assert_int_equal(party_join(parties, 2, i, ROUNDS, PARTS, NULL), FATE_OK);
            assert_true(parties_run(parties, 2));
            if (parties[1].result == FATE_OK) break;
            assert_int_equal(parties[1].result, FATE_E_APPLICATION - 3);
            assert_true(strlen(fate_session_error(parties[1].session)) > 0);
            assert_true(parties[0].result == FATE_E_PEER || parties[0].result == FATE_OK);
            assert_int_equal(attempt, 0);
            failed = true;
        }
        assert_int_equal(parties[0].result, FATE_OK);
        check_logs();
        fate_store_free(stores[0]);
        fate_store_free(stores[1]);
        if (!failed) break;
    }
    assert_true(recorders[1].appends > 5);
}

static void recorders_that_break_the_rules(void **state)
{
    (void)state;
    fate_session *session = parties[0].session;
    struct recorded *own = &recorders[0];
    own->face.append = NULL;
    assert_int_equal(fate_drive(session, transports[0], NULL, &own->observer), FATE_E_ARGUMENT);
    own->face.append = recorded_append;
    own->face.struct_size = 3;
    assert_int_equal(fate_drive(session, transports[0], NULL, &own->observer), FATE_E_VERSION);
    own->face.struct_size = sizeof own->face;
    own->fail = -2;
    own->result = FATE_E_APPLICATION - 1;
    assert_int_equal(fate_drive(session, transports[0], NULL, &own->observer), FATE_E_APPLICATION - 1);
    assert_int_equal(fate_session_set_evidence(session, NULL, 0), FATE_OK);
    assert_int_equal(fate_drive(session, transports[0], NULL, NULL), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_session_error(session), "recorder"));
}

/* A file that holds something else is not written to. */
static void a_file_that_is_no_log(void **state)
{
    (void)state;
    char path[] = "/tmp/fate-test-evidence-XXXXXX";
    fate_recorder *file;
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, "not a log", 9), 9);
    close(descriptor);
    assert_int_equal(fate_file_recorder_new(parties[0].context, &file, path), FATE_OK);
    recorders[0].observer.recorder = file;
    assert_int_equal(fate_drive(parties[0].session, transports[0], NULL, &recorders[0].observer), FATE_E_EXISTS);
    fate_recorder_free(file);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_keep_evidence, setup, teardown),
        cmocka_unit_test_setup_teardown(every_append_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(recorders_that_break_the_rules, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_log, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
