/* What the command says on standard error, and the exit codes it ends with. */
#ifndef TOOLS_MESSAGE_H
#define TOOLS_MESSAGE_H

#include <fate/fate.h>

#ifdef __GNUC__
#define MESSAGE_FORMAT __attribute__((format(printf, 1, 2)))
#else
#define MESSAGE_FORMAT
#endif

/* The exit codes. message_exit_codes tells them to a reader; fate.1 has the same table. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_OTHER = 1,
    EXIT_USAGE = 2,
    EXIT_INPUT = 3,
    EXIT_IDENTITY = 4,
    EXIT_DISAGREE = 5,
    EXIT_NETWORK = 6,
    EXIT_PEER = 7,
    EXIT_CANCELLED = 8
};

/* Which command speaks: its name stands before every sentence. name: static, NULL for the command itself. */
void message_set_command(const char *name);

/* Prints one sentence, "fate train: ..." and the end of line. */
void message_error(const char *format, ...) MESSAGE_FORMAT;
void message_note(const char *format, ...) MESSAGE_FORMAT;
void message_warning(const char *sentence);

/* A usage error: prints the sentence and where help is to be found; returns EXIT_USAGE. */
int message_usage(const char *format, ...) MESSAGE_FORMAT;

/* Prints the sentence of a failed call, or the general one of its code when that is empty; returns the exit code. */
int message_failed(int32_t result, const char *sentence);
int message_context(const fate_context *context, int32_t result);

/* The exit code of a result of the library. */
int message_exit_code(int32_t result);

/* The table of exit codes, as --help prints it. */
const char *message_exit_codes(void);

#endif
