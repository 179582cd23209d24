/* The step interface, as short as it gets: both parties of a job in one process. No thread, no socket, no callback, no clock.
 *
 * A session is handed the frames that came, works for a moment, and its events are carried out; here a frame goes straight into the
 * other party's list. With a network between them, and a list for each connection, step() stays as it is: see event_loop.c. */
#include <fate/fate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTIES = 2, BUDGET = 100 };

struct frame { /* on its way: an event's bytes are borrowed, so this is a copy */
    struct frame *next;
    uint32_t sender;
    uint64_t length;
    uint8_t bytes[];
};

struct party {
    fate_table *table;
    fate_session *session;
    int32_t state;                /* what run returned last: FATE_FINISHED is remembered here */
    struct frame *arrived, **end; /* frames that the session has not taken yet */
};

static fate_context *context;

static void check(int32_t result, const fate_session *session)
{
    if (result < 0) fprintf(stderr, "%s\n", session == NULL ? fate_context_error(context) : fate_session_error(session)), exit(1);
}

static void deliver(struct party *receiver, uint32_t sender, const fate_event *event)
{
    uint64_t length;
    const uint8_t *bytes = fate_event_bytes(event, &length);
    struct frame *frame = receiver->state == FATE_FINISHED ? NULL : malloc(sizeof *frame + length);
    if (frame == NULL) return; /* no memory: a frame may be lost, the session sends it again */
    *frame = (struct frame){.sender = sender, .length = length};
    memcpy(frame->bytes, bytes, length);
    *receiver->end = frame;
    receiver->end = &frame->next;
}

static void step(struct party *parties, uint32_t number, uint64_t now)
{
    struct party *own = &parties[number];
    const fate_event *event;
    for (struct frame *frame; (frame = own->arrived) != NULL; free(frame)) {
        int32_t taken = fate_session_receive(own->session, frame->sender, 0, frame->bytes, frame->length);
        if (taken == FATE_AGAIN) break; /* its window is full: the frame is kept, and offered again after the run */
        check(taken, own->session);
        if ((own->arrived = frame->next) == NULL) own->end = &own->arrived;
    }
    own->state = fate_session_run(own->session, now, BUDGET);
    while (fate_session_next(own->session, &event) == FATE_OK) /* after an error too: peers are told of it */
        if (fate_event_kind(event) == FATE_EVENT_SEND) deliver(&parties[fate_event_peer(event)], number, event);
    check(own->state, own->session);
}

static void run(struct party *parties)
{
    uint64_t now = 0; /* milliseconds of any steady clock. Here time stands still until everyone waits for it */
    for (int finished = 0; finished < PARTIES;) {
        uint64_t next = UINT64_MAX, deadline;
        finished = 0;
        for (uint32_t i = 0; i < PARTIES; i++) {
            if (parties[i].state != FATE_FINISHED) step(parties, i, now); /* who has finished is not run again */
            deadline = parties[i].state == FATE_AGAIN ? now : fate_session_deadline(parties[i].session);
            finished += parties[i].state == FATE_FINISHED;
            if (deadline < next) next = deadline;
        }
        if (parties[0].arrived == NULL && parties[1].arrived == NULL) now = next; /* with a real clock: waits until then */
    }
}

int main(int argc, char **argv)
{
    struct party parties[PARTIES] = {{.state = FATE_OK}};
    fate_job *job;
    fate_identity *identity;
    fate_model *model;
    if (argc != 2 + 3 * PARTIES) return fprintf(stderr, "usage: step JOB.json KEY TABLE.csv MODEL KEY TABLE.csv MODEL\n"), 2;
    check(fate_context_new(&context, NULL), NULL);
    check(fate_job_read(context, &job, argv[1]), NULL);
    for (uint32_t i = 0; i < PARTIES; i++) {
        struct party *own = &parties[i];
        own->end = &own->arrived;
        check(fate_identity_read(context, &identity, argv[2 + 3 * i]), NULL);
        check(fate_table_read_csv(context, &own->table, argv[3 + 3 * i], fate_job_schema(job, i, FATE_PURPOSE_TRAIN)), NULL);
        check(fate_session_new(context, &own->session, job, fate_job_party_name(job, i), identity, FATE_PURPOSE_TRAIN), NULL);
        check(fate_session_set_table(own->session, FATE_TABLE_DATA, own->table), own->session);
        fate_identity_free(identity);
    }
    run(parties);
    for (uint32_t i = 0; i < PARTIES; i++) {
        check(fate_session_model(parties[i].session, &model), parties[i].session);
        check(fate_model_write(model, argv[4 + 3 * i]), NULL);
        fate_model_free(model);
        fate_session_free(parties[i].session);
        fate_table_free(parties[i].table);
    }
    fate_job_free(job);
    fate_context_free(context);
    return 0;
}
