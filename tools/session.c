/* What train and predict do alike with a session; see session.h. */
#include "tools/session.h"

#include "tools/message.h"

int32_t session_set_timeouts(fate_session *session, uint32_t seconds)
{
    if (!seconds) return FATE_OK;
    int32_t result = fate_session_set_option(session, "contact_timeout", (int64_t)seconds * 1000);
    return result == FATE_OK ? fate_session_set_option(session, "loss_timeout", (int64_t)seconds * 1000) : result;
}

int session_message(const fate_session *session, const fate_context *context, int32_t result)
{
    const char *sentence = fate_session_error(session);
    return message_failed(result, sentence[0] ? sentence : fate_context_error(context));
}
