/* An interrupt or a request to end is remembered here; whoever does long work asks for it. */
#include "tools/signals.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t cancelled;

static void remember(int number)
{
    (void)number;
    cancelled = 1;
}

static void ignore(int number)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_IGN;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void signals_install(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction before, action;
        /* A signal that whoever started the command has set to be ignored (nohup) stays ignored. */
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN) continue;
        memset(&action, 0, sizeof action);
        action.sa_handler = remember;
        action.sa_flags = (int)SA_RESETHAND;
        sigemptyset(&action.sa_mask);
        sigaction(numbers[i], &action, NULL);
    }
    ignore(SIGPIPE);
}

int signals_cancelled(void)
{
    return cancelled != 0;
}
