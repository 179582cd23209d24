/* What the command says on standard error, and the exit codes it ends with. */
#include "tools/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *command_name;

void message_set_command(const char *name)
{
    command_name = name;
}

static void print_prefix(void)
{
    fprintf(stderr, command_name ? "fate %s: " : "fate: ", command_name ? command_name : "");
}

#ifdef __GNUC__
__attribute__((format(printf, 1, 0)))
#endif
static void
print_sentence(const char *format, va_list values)
{
    print_prefix();
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
}

void message_error(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_sentence(format, values);
    va_end(values);
}

void message_note(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_sentence(format, values);
    va_end(values);
}

/* The library's sentences come without a full stop: some of them are parts of longer ones. */
static const char *full_stop(const char *sentence)
{
    size_t length = strlen(sentence);
    return length && strchr(".?!\n", sentence[length - 1]) ? "" : ".";
}

void message_warning(const char *sentence)
{
    print_prefix();
    fprintf(stderr, "warning: %s%s\n", sentence, full_stop(sentence));
}

int message_usage(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_sentence(format, values);
    va_end(values);
    if (command_name)
        fprintf(stderr, "fate %s --help lists the options.\n", command_name);
    else
        fprintf(stderr, "fate --help lists the commands.\n");
    return EXIT_USAGE;
}

int message_failed(int32_t result, const char *sentence)
{
    const char *text = sentence && sentence[0] ? sentence : fate_result_text(result);
    message_error("%s%s", text, full_stop(text));
    return message_exit_code(result);
}

int message_context(const fate_context *context, int32_t result)
{
    return message_failed(result, context ? fate_context_error(context) : NULL);
}

int message_exit_code(int32_t result)
{
    switch (result) {
    case FATE_OK:
    case FATE_FINISHED: return EXIT_DONE;
    case FATE_E_FILE:
    case FATE_E_EXISTS:
    case FATE_E_FORMAT:
    case FATE_E_VERSION:
    case FATE_E_TABLE:
    case FATE_E_JOB:
    case FATE_E_MODEL:
    case FATE_E_STORE:
    case FATE_E_LIMIT:
    case FATE_E_RANGE:
    case FATE_E_KEY:
    case FATE_E_UNSUPPORTED: return EXIT_INPUT;
    case FATE_E_IDENTITY: return EXIT_IDENTITY;
    case FATE_E_REFUSED:
    case FATE_E_JOB_DIFFERS:
    case FATE_E_ROWS_DIFFER: return EXIT_DISAGREE;
    case FATE_E_TIMEOUT:
    case FATE_E_NETWORK: return EXIT_NETWORK;
    case FATE_E_PEER:
    case FATE_E_PROTOCOL: return EXIT_PEER;
    case FATE_E_CANCELLED: return EXIT_CANCELLED;
    default: return EXIT_OTHER;
    }
}

const char *message_exit_codes(void)
{
    return "Exit codes:\n"
           "  0  done; also when the model of this job was there already\n"
           "  1  any other error: no memory, no random numbers, a defect\n"
           "  2  the command line is wrong\n"
           "  3  a job, key, table, model, scores, state or evidence file is missing, damaged or not right\n"
           "  4  the key is not the one that the job pins for this party\n"
           "  5  the parties do not agree: a peer refused this key, the jobs differ, the tables' rows differ\n"
           "  6  the network: an address cannot be used, or a peer did not answer in time\n"
           "  7  a peer ended the job with an error of its own, or broke the protocol\n"
           "  8  cancelled: by a signal, or by another answer than yes to --ask\n";
}
