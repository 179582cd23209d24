/* An interrupt or a request to end is remembered here; whoever does long work asks for it. */
#ifndef TOOLS_SIGNALS_H
#define TOOLS_SIGNALS_H

/* From here on the first SIGINT, SIGTERM or SIGHUP is remembered; a second one ends the process as usual. A reader of our
 * messages that goes away (SIGPIPE) does not end a long job. */
void signals_install(void);

/* 1 after such a signal. */
int signals_cancelled(void);

#endif
