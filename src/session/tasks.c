/* Work that a protocol leaves to the application; see fate/task.h. */
#include <math.h>
#include <string.h>

#include "lib/hooks.h"
#include "src/session/session.h"

static uint64_t result_count(const fate_task *task)
{
    return task->kind == FATE_TASK_MEASURE ? 0 : task->count;
}

static void forget(fate_session *session)
{
    struct task *task = &session->task;
    memory_free(session->context, task->weights);
    memory_free_secret(session->context, task->values, task->answer.count * sizeof(float));
    uint64_t next = task->next;
    memset(task, 0, sizeof *task);
    task->next = next;
}

void task_free(fate_session *session)
{
    forget(session);
}

static int32_t begin(fate_session *session, const fate_task *task)
{
    forget(session);
    struct task *own = &session->task;
    own->task = *task;
    own->task.struct_size = sizeof own->task;
    if (task->weights != NULL) {
        own->weights = memory_allocate(session->context, task->count + 1, sizeof(float));
        if (own->weights == NULL) return context_out_of_memory(session->context);
        memcpy(own->weights, task->weights, task->count * sizeof(float));
        own->task.weights = own->weights;
    }
    struct fate_event *event = event_add(&session->events, FATE_EVENT_TASK);
    if (event == NULL) return context_out_of_memory(session->context);
    event->identifier = ++own->next;
    event->task = &own->task;
    own->asked = true;
    return FATE_AGAIN;
}

int32_t fate_turn_task(fate_turn *turn, const fate_task *task, const fate_task_result **done)
{
    if (turn == NULL || task == NULL || done == NULL) return FATE_E_ARGUMENT;
    fate_session *session = turn->session;
    struct task *own = &session->task;
    *done = NULL;
    if (task->struct_size != sizeof *task || (task->weights == NULL) != (task->kind == FATE_TASK_FIRST))
        return context_bad_argument(session->context, "fate_turn_task: struct_size or weights is wrong");
    if (!own->asked) return begin(session, task);
    if (!own->done) return FATE_AGAIN;
    own->asked = false;
    if (own->result != FATE_OK)
        return context_fail(session->context, own->result, "the application's own work on round %u failed with code %d",
                            (unsigned)own->task.round, (int)own->result);
    *done = &own->answer;
    return FATE_OK;
}

int32_t fate_event_task(const fate_event *event, fate_task *task)
{
    if (event == NULL || task == NULL || event->kind != FATE_EVENT_TASK) return FATE_E_ARGUMENT;
    uint32_t size = task->struct_size;
    if (size < sizeof size) return FATE_E_ARGUMENT;
    memcpy(task, event->task, size < sizeof *task ? size : sizeof *task);
    task->struct_size = size;
    return FATE_OK;
}

static bool is_sum(double value)
{
    return isfinite(value) && value >= 0;
}

static int32_t check(fate_session *session, const fate_task_result *done)
{
    const fate_task *task = &session->task.task;
    if (done->count != result_count(task) || (done->values == NULL && done->count > 0))
        return context_bad_argument(session->context, "fate_session_complete_task: values are not as many as the task's weights");
    if (!is_sum(done->examples) || !is_sum(done->measured) || !isfinite(done->loss) || !is_sum(done->right))
        return context_bad_argument(session->context,
                                    "fate_session_complete_task: examples, measured, loss or right is not finite, or below 0");
    if (task->kind == FATE_TASK_TRAIN && done->examples <= 0)
        return context_bad_argument(session->context, "fate_session_complete_task: a change of weights counts for more than 0 examples");
    for (uint64_t i = 0; i < done->count; i++)
        if (!isfinite(done->values[i]))
            return context_bad_argument(session->context, "fate_session_complete_task: a value is not finite: the training diverged");
    return FATE_OK;
}

int32_t fate_session_complete_task(fate_session *session, uint64_t identifier, int32_t result, const fate_task_result *done)
{
    if (session == NULL) return FATE_E_ARGUMENT;
    if (session_entered(session)) return FATE_E_REENTERED;
    struct task *task = &session->task;
    fate_task_result own = {0};
    if (!task->asked || task->done || identifier != task->next || result > FATE_OK)
        return context_bad_argument(session->context, "fate_session_complete_task: no such task is open, or the result is none");
    if (result == FATE_OK) {
        if (done == NULL) return context_bad_argument(session->context, "fate_session_complete_task: done is NULL");
        if (!hooks_copy(&own, sizeof own, done, offsetof(fate_task_result, measured))) return FATE_E_VERSION;
        int32_t checked = check(session, &own);
        if (checked != FATE_OK) return checked;
    }
    if (own.count > 0) {
        task->values = memory_allocate(session->context, own.count + 1, sizeof(float));
        if (task->values == NULL) return context_out_of_memory(session->context);
        memcpy(task->values, own.values, own.count * sizeof(float));
    }
    own.values = task->values;
    task->answer = own;
    task->result = result;
    task->done = task->fresh = true;
    return FATE_OK;
}
