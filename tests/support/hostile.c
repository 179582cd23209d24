/* A hostile peer for tests; see hostile.h. */
#include "tests/support/hostile.h"

#include "src/session/control.h"
#include "tests/support/rounds.h"

#include <stdio.h>
#include <string.h>

static int32_t make(struct hostile *hostile)
{
    uint8_t seed[32];
    char text[2048];
    memset(seed, 1, sizeof seed);
    int32_t result = identity_from_seed(hostile->context, &hostile->leader, seed);
    memset(seed, 2, sizeof seed);
    if (result == FATE_OK) result = identity_from_seed(hostile->context, &hostile->worker, seed);
    if (result != FATE_OK) return result;
    snprintf(text, sizeof text,
             "{\"algorithm\":\"rounds\",\"id\":\"id\",\"parties\":[{\"name\":\"leader\",\"role\":\"leader\",\"key\":\"%s\"},"
             "{\"name\":\"worker\",\"role\":\"worker\",\"key\":\"%s\"}],\"parameters\":{\"rounds\":2,\"parts\":2}}",
             fate_identity_public(hostile->leader), fate_identity_public(hostile->worker));
    result = rounds_register(hostile->context);
    if (result == FATE_OK) result = fate_job_parse(hostile->context, &hostile->job, "job", (const uint8_t *)text, strlen(text));
    if (result != FATE_OK) return result;
    return fate_session_new(hostile->context, &hostile->session, hostile->job, "leader", hostile->leader, FATE_PURPOSE_TRAIN);
}

/* Runs the session; its frames go to the hostile link, whose answers come back. */
static void exchange(struct hostile *hostile)
{
    const fate_event *event;
    struct buffer answers[2], content;
    uint8_t ephemeral[32] = {3};
    hostile->now += 10;
    hostile->result = fate_session_run(hostile->session, hostile->now, 0);
    while (fate_session_next(hostile->session, &event) == FATE_OK) {
        uint64_t length;
        enum link_found found;
        const uint8_t *bytes = fate_event_bytes(event, &length);
        if (fate_event_kind(event) != FATE_EVENT_SEND) continue;
        for (int i = 0; i < 2; i++) buffer_init(&answers[i], hostile->context);
        buffer_init(&content, hostile->context);
        link_receive(&hostile->link, 0, hostile->now, ephemeral, bytes, length, answers, &content, &found);
        for (int i = 0; i < 2; i++) {
            if (answers[i].length > 0) fate_session_receive(hostile->session, 1, 0, answers[i].bytes, answers[i].length);
            buffer_free(&answers[i]);
        }
        buffer_free(&content);
    }
}

static void say_hello(struct hostile *hostile)
{
    struct hello hello;
    struct buffer content;
    memset(&hello, 0, sizeof hello);
    hello.purpose = FATE_PURPOSE_TRAIN;
    fate_job_digest(hostile->job, hello.job_digest);
    hello.job = (const uint8_t *)fate_job_canonical(hostile->job);
    hello.job_length = strlen(fate_job_canonical(hostile->job));
    hello.heard = true;
    hello.credit = 1 << 20;
    buffer_init(&content, hostile->context);
    control_write_hello(&content, &hello);
    if (!content.failed) hostile_say(hostile, content.bytes, content.length);
    buffer_free(&content);
}

int32_t hostile_open(struct hostile *hostile)
{
    memset(hostile, 0, sizeof *hostile);
    int32_t result = context_new(&hostile->context, NULL);
    if (result == FATE_OK) result = make(hostile);
    if (result != FATE_OK) return result;
    link_init(&hostile->link, hostile->context, true, hostile->worker->exchange_secret, hostile->leader->public_half.exchange);
    exchange(hostile);
    struct buffer frame;
    uint8_t ephemeral[32] = {9};
    buffer_init(&frame, hostile->context);
    result = link_begin(&hostile->link, 0, 0, 77, ephemeral, &frame);
    if (result == FATE_OK) result = fate_session_receive(hostile->session, 1, 0, frame.bytes, frame.length);
    buffer_free(&frame);
    for (int i = 0; i < 4 && result == FATE_OK; i++) exchange(hostile);
    if (result == FATE_OK && !hostile->link.open) result = FATE_E_STATE;
    if (result == FATE_OK) say_hello(hostile);
    return result == FATE_OK ? hostile->result : result;
}

void hostile_close(struct hostile *hostile)
{
    if (hostile->link.context != NULL) link_free(&hostile->link);
    fate_session_free(hostile->session);
    fate_job_free(hostile->job);
    fate_identity_free(hostile->leader);
    fate_identity_free(hostile->worker);
    fate_context_free(hostile->context);
}

void hostile_say(struct hostile *hostile, const uint8_t *content, uint64_t length)
{
    struct buffer frame;
    buffer_init(&frame, hostile->context);
    if (link_seal(&hostile->link, content, length, &frame) == FATE_OK)
        fate_session_receive(hostile->session, 1, 0, frame.bytes, frame.length);
    buffer_free(&frame);
    exchange(hostile);
}
