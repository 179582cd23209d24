/* Says before anything is sent what will be sent. */
#include "tools/announce.h"
#include "tools/alignment.h"
#include "tools/message.h"
#include "tools/signals.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int announce_check(const struct arguments *arguments)
{
    if (options_given(arguments, "ask") && (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)))
        return message_usage("--ask needs a terminal to ask on: standard input or standard error is none.");
    return 0;
}

static int ask(void)
{
    char answer[16] = "";
    fprintf(stderr, "Go on? Type yes: ");
    if (fgets(answer, sizeof answer, stdin) && !signals_cancelled() && strcmp(answer, "yes\n") == 0) return 0;
    message_note("stopped: the answer was not yes. Nothing was sent.");
    return EXIT_CANCELLED;
}

static int print_page(const struct inputs *inputs, int32_t purpose)
{
    char *text = NULL;
    int32_t result = fate_job_describe(inputs->job, inputs->party, purpose, &text);
    if (result != FATE_OK) return message_context(inputs->context, result);
    size_t length = strlen(text);
    fprintf(stderr, "%s%s", text, length && text[length - 1] == '\n' ? "" : "\n");
    fate_free(inputs->context, text);
    return 0;
}

int announce_job(const struct inputs *inputs, const struct arguments *arguments, int32_t purpose)
{
    int code = purpose != FATE_PURPOSE_ALIGN && alignment_wanted(inputs, arguments) ? print_page(inputs, FATE_PURPOSE_ALIGN) : 0;
    if (!code) code = print_page(inputs, purpose);
    return !code && options_given(arguments, "ask") ? ask() : code;
}
