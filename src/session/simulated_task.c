/* Tasks of simulated parties; see simulated_task.h. */
#include "src/session/simulated_task.h"

void simulated_task_event(struct simulated_task *open, const fate_event *event)
{
    open->task.struct_size = sizeof open->task;
    if (fate_event_task(event, &open->task) == FATE_OK) open->identifier = fate_event_identifier(event);
}

int32_t simulated_task_work(struct simulated_task *open, const struct simulated_worker *worker, fate_session *session, uint32_t party)
{
    fate_task_result done = {.struct_size = sizeof done, .abi_version = FATE_ABI_VERSION};
    if (open->identifier == 0) return FATE_OK;
    int32_t result = worker->task == NULL ? FATE_E_UNSUPPORTED : worker->task(worker->context, party, &open->task, &done);
    if (result == FATE_AGAIN) return FATE_OK;
    uint64_t identifier = open->identifier;
    open->identifier = 0;
    return fate_session_complete_task(session, identifier, result, &done);
}
