/* Questions: rows that an application hands to a session that stays open, and the answers that come back. */
#include "src/session/session.h"

#include <string.h>

int32_t fate_session_ask(fate_session *session, const fate_table *row)
{
    if (session == NULL) return FATE_E_ARGUMENT;
    if (session_entered(session)) return FATE_E_REENTERED;
    if (session->purpose != FATE_PURPOSE_SERVE || session->question.asked)
        return context_fail(session->context, FATE_E_STATE,
                            session->question.asked ? "a question is not answered yet"
                                                    : "only a session for FATE_PURPOSE_SERVE takes questions");
    if (row != NULL && fate_table_rows(row) != 1)
        return context_fail(session->context, FATE_E_TABLE, "a question is a finished table of one row");
    session->question.asked = session->question.fresh = true;
    session->question.row = row;
    return FATE_OK;
}

int32_t fate_session_answer(fate_session *session, const double **values, uint64_t *count)
{
    if (session == NULL) return FATE_E_ARGUMENT;
    if (values == NULL || count == NULL) return context_bad_argument(session->context, "fate_session_answer: values or count is NULL");
    *values = NULL;
    *count = 0;
    if (!session->question.answered) return context_fail(session->context, FATE_E_STATE, "no question has been answered");
    if (session->question.count == 0) return FATE_EMPTY;
    *values = session->question.values;
    *count = session->question.count;
    return FATE_OK;
}

int32_t fate_turn_question(fate_turn *turn, const fate_table **row)
{
    if (turn == NULL || row == NULL) return FATE_E_ARGUMENT;
    *row = turn->session->question.row;
    return turn->session->question.asked ? FATE_OK : FATE_EMPTY;
}

int32_t fate_turn_answer(fate_turn *turn, const double *values, uint64_t count)
{
    if (turn == NULL || (values == NULL && count > 0)) return FATE_E_ARGUMENT;
    fate_session *session = turn->session;
    double *copy = memory_copy(session->context, values, count * sizeof *values);
    if (copy == NULL || event_add(&session->events, FATE_EVENT_ANSWER) == NULL) {
        memory_free(session->context, copy);
        return context_out_of_memory(session->context);
    }
    memory_free_secret(session->context, session->question.values, session->question.count * sizeof *values);
    session->question = (struct question){.answered = true, .values = copy, .count = count};
    return FATE_OK;
}
