/* What train and predict do alike with a session. */
#ifndef TOOLS_SESSION_H
#define TOOLS_SESSION_H

#include <fate/fate.h>

/* --timeout: how long to wait for peers, before the first contact and after a loss; 0 leaves the library's. */
int32_t session_set_timeouts(fate_session *session, uint32_t seconds);
/* Prints the sentence of a session that ended with an error (a hook's may be on the context); returns the exit code. */
int session_message(const fate_session *session, const fate_context *context, int32_t result);

#endif
