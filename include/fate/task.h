/* Tasks: work that a protocol leaves to the application, such as a training step over flat vectors of floats, so that any code that computes can be
 * federated (algorithm "horizontal-custom"). A task comes as FATE_EVENT_TASK (fate/session.h), or through the observer's task (fate/observer.h), and is
 * answered once. While the application works, the session's steps rest; its peers are spoken to in every run.
 *
 *   case FATE_EVENT_TASK:                                              in the loop of fate/session.h
 *       task.struct_size = sizeof task;
 *       fate_event_task(event, &task);                                   task.weights: borrowed until it is completed
 *       ...                                                              work, here or on another thread, and run the session meanwhile
 *       fate_session_complete_task(session, fate_event_identifier(event), FATE_OK, &done);
 *
 * What the application gives is stored before anything is made of it and leaves this party (option "durable", or a store): a party that is killed
 * later does not ask again. One that is killed before asks again, and what is then given may differ. */
#ifndef FATE_TASK_H
#define FATE_TASK_H

#include <fate/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum fate_task_kind {
    FATE_TASK_FIRST = 1,  /* of the aggregator: the first weights. values: count floats */
    FATE_TASK_TRAIN = 2,  /* of a client: train from weights on. values: count floats, new weights less weights; examples, above 0 */
    FATE_TASK_MEASURE = 3 /* of a client: how good weights are. measured, loss, right alone */
};

/* What is to be done. */
typedef struct fate_task {
    uint32_t struct_size; /* sizeof(fate_task); set by who owns the structure */
    int32_t kind;         /* enum fate_task_kind; answer those that you do not know with FATE_E_UNSUPPORTED */
    uint32_t round;       /* from 1; 0 with FATE_TASK_FIRST */
    uint32_t rounds;      /* how many there will be at most */
    uint64_t count;       /* of weights */
    const float *weights; /* count floats; NULL with FATE_TASK_FIRST */
    uint8_t seed[32]; /* follows from the job's seed, round and party: what is drawn at random from it alone is drawn alike in every run */
} fate_task;

/* What came of it. */
typedef struct fate_task_result {
    uint32_t struct_size; /* sizeof(fate_task_result) */
    uint32_t abi_version; /* FATE_ABI_VERSION */
    const float *values;  /* count floats: see enum fate_task_kind; copied. NULL with FATE_TASK_MEASURE */
    uint64_t count;       /* as many as weights; 0 with FATE_TASK_MEASURE */
    double examples;      /* what the change counts for in the mean of all clients: rows, or the sum of their weights */
    /* How good weights were as they came, for progress and early stopping; 0, all: not measured. */
    double measured; /* rows, or the sum of their weights */
    double loss;     /* the sum of their losses */
    double right;    /* the weight of the rows that were put into the right class; 0 where there are no classes */
} fate_task_result;

#ifdef __cplusplus
}
#endif
#endif
