/* Says before anything is sent what will be sent. */
#include "tools/announce.h"
#include "tools/alignment.h"
#include "tools/message.h"
#include "tools/signals.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int announce_check(const struct arguments *arguments)
{
    if (options_given(arguments, "ask") && (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)))
        return message_usage("--ask needs a terminal to ask on: standard input or standard error is none.");
    return 0;
}

/* Seconds of a loop of multiplications that wait for each other; 0 without a clock. */
static double time_loop(void)
{
    struct timespec begin, end;
    volatile uint64_t number = 1;
    uint64_t product = number;
    if (clock_gettime(CLOCK_MONOTONIC, &begin) != 0) return 0;
    for (uint32_t i = 0; i < UINT32_C(1) << 20; i++) product = product * UINT64_C(0x9e3779b97f4a7c15) + (product >> 29);
    number = product;
    if (clock_gettime(CLOCK_MONOTONIC, &end) != 0) return 0;
    return (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
}

/* The least of a few runs, over what they took on the machine of which the library has figures. */
static double slowness(void)
{
    static const double reference = 1.05e-3;
    double least = time_loop();
    for (int run = 0; run < 4; run++) {
        double again = time_loop();
        if (again < least) least = again;
    }
    return least > 0 ? least / reference : 1;
}

int announce_link(const struct inputs *inputs, const struct arguments *arguments)
{
    uint32_t megabits = 0, milliseconds = 0;
    int code = options_number(arguments, "link", 1, 1000000, &megabits);
    if (!code) code = options_number(arguments, "delay", 0, 1000000, &milliseconds);
    if (code) return code;
    if (!options_given(arguments, "link"))
        return options_given(arguments, "delay") ? message_usage("--delay has no meaning without --link.") : 0;
    if (strcmp(fate_job_algorithm(inputs->job), "vertical-boosting") != 0)
        return message_usage("--link has no meaning for this job: it is for those of vertical-boosting, which can choose a cipher.");
    int32_t result = fate_context_set_link(inputs->context, megabits, milliseconds, slowness());
    return result == FATE_OK ? 0 : message_context(inputs->context, result);
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
