/* Hellos: two parties whose jobs are the same go on; whose differ find out, with the field where the job is short enough to be told. */
#include <fate/session.h>

#include "lib/context.h"
#include "src/session/session.h"
#include "tests/support/rounds.h"
#include "tests/support/unit.h"

enum { TEXT = 200000 };

struct side {
    fate_context *context;
    fate_identity *identity;
    fate_job *job;
    fate_session *session;
    int32_t result;
};

/* extra: categorical columns that make the job so much longer. */
static void join(struct side *sides, int side, int rounds, uint32_t extra)
{
    static char text[TEXT];
    size_t used =
        (size_t)snprintf(text, sizeof text,
                         "{\"algorithm\":\"rounds\",\"id\":\"id\",\"parties\":[{\"name\":\"a\",\"role\":\"leader\",\"key\":\"%s\"},"
                         "{\"name\":\"b\",\"role\":\"worker\",\"key\":\"%s\"}],\"parameters\":{\"rounds\":%d},\"categorical\":[\"c\"",
                         fate_identity_public(sides[0].identity), fate_identity_public(sides[1].identity), rounds);
    for (uint32_t i = 0; i < extra; i++) used += (size_t)snprintf(text + used, sizeof text - used, ",\"column number %u\"", i);
    snprintf(text + used, sizeof text - used, "]}");
    struct side *own = &sides[side];
    assert_int_equal(fate_job_parse(own->context, &own->job, "job", (const uint8_t *)text, strlen(text)), FATE_OK);
    assert_int_equal(fate_session_new(own->context, &own->session, own->job, side == 0 ? "a" : "b", own->identity, FATE_PURPOSE_TRAIN),
                     FATE_OK);
}

static void step(struct side *sides, int side, uint64_t now)
{
    const fate_event *event;
    struct side *own = &sides[side];
    if (own->result < 0 || own->result == FATE_FINISHED) return;
    own->result = fate_session_run(own->session, now, 0);
    while (fate_session_next(own->session, &event) == FATE_OK) {
        uint64_t length;
        const uint8_t *bytes = fate_event_bytes(event, &length);
        if (fate_event_kind(event) == FATE_EVENT_SEND) fate_session_receive(sides[1 - side].session, (uint32_t)side, 0, bytes, length);
    }
}

/* Both to the end, with that many rounds each. */
static void meet(struct side *sides, const int *rounds, uint32_t extra)
{
    for (int side = 0; side < 2; side++) {
        sides[side] = (struct side){.result = FATE_OK};
        assert_int_equal(context_new(&sides[side].context, NULL), FATE_OK);
        assert_int_equal(rounds_register(sides[side].context), FATE_OK);
        assert_int_equal(fate_identity_generate(sides[side].context, &sides[side].identity), FATE_OK);
    }
    for (int side = 0; side < 2; side++) join(sides, side, rounds[side], extra);
    for (uint64_t now = 0; now < 20000; now += 20)
        for (int side = 0; side < 2; side++) step(sides, side, now);
}

static void part(struct side *sides)
{
    for (int side = 0; side < 2; side++) {
        fate_session_free(sides[side].session);
        fate_job_free(sides[side].job);
        fate_identity_free(sides[side].identity);
        fate_context_free(sides[side].context);
    }
}

static void equal_jobs_go_on(void **state)
{
    (void)state;
    struct side sides[2];
    for (uint32_t extra = 0; extra <= 5000; extra += 5000) {
        meet(sides, (const int[]){2, 2}, extra);
        for (int side = 0; side < 2; side++) assert_int_equal(sides[side].result, FATE_FINISHED);
        part(sides);
    }
}

static void other_jobs_are_told_apart(void **state)
{
    (void)state;
    struct side sides[2];
    for (uint32_t extra = 0; extra <= 5000; extra += 5000) {
        meet(sides, (const int[]){2, 3}, extra);
        for (int side = 0; side < 2; side++) {
            const char *sentence = fate_session_error(sides[side].session);
            assert_int_equal(sides[side].result, FATE_E_JOB_DIFFERS);
            assert_non_null(strstr(sentence, extra == 0 ? "rounds" : "do not have the same job file"));
        }
        part(sides);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equal_jobs_go_on), cmocka_unit_test(other_jobs_are_told_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
