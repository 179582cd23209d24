/* Tasks of simulated parties: done by a function of the test's. */
#ifndef SRC_SESSION_SIMULATED_TASK_H
#define SRC_SESSION_SIMULATED_TASK_H

#include <fate/simulator.h>
#include <stdbool.h>

/* Who does them, for all parties. */
struct simulated_worker {
    void *context;
    fate_simulator_task *task;
};

/* The task that a party has open; identifier 0: none. */
struct simulated_task {
    uint64_t identifier;
    fate_task task;
};

/* Takes over a FATE_EVENT_TASK. */
void simulated_task_event(struct simulated_task *open, const fate_event *event);
/* Lets the worker do the open task, if there is one; it stays open while the worker says FATE_AGAIN. What fate_session_complete_task returns. */
int32_t simulated_task_work(struct simulated_task *open, const struct simulated_worker *worker, fate_session *session, uint32_t party);

#endif
