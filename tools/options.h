/* The command line: one small parser that all commands share. Options are written --name value or --name=value. */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include <stdint.h>

struct arguments;

/* An option of a command. */
struct option {
    const char *name;        /* "job", without the two dashes */
    const char *placeholder; /* "FILE"; NULL: a flag, which takes no value */
    const char *help;        /* one sentence */
    int repeats;             /* 1: may be given more than once */
};

/* A command: what its help says, and the function that runs it. */
struct command {
    const char *name;
    const char *summary; /* one line */
    const char *usage;   /* lines after "usage: " */
    const struct option *options;
    uint32_t option_count;
    uint32_t operands; /* how many operands it accepts; UINT32_MAX: any number */
    const char *notes; /* what else the help says; NULL: nothing */
    int (*run)(const struct arguments *arguments);
};

/* What was given on a command line. */
struct arguments {
    const struct command *command;
    struct given {
        const struct option *option;
        const char *value;
    } * given;
    uint32_t given_count;
    const char **operands;
    uint32_t operand_count;
};

/* Reads count words after the command's name. Returns 0, or an exit code after the error was printed. words must outlive the
 * arguments. Call options_free in either case. */
int options_parse(struct arguments *arguments, const struct command *command, char **words, int count);
void options_free(struct arguments *arguments);

/* The value of an option, NULL when it was not given; whether it was given. name: one of the command's. */
const char *options_text(const struct arguments *arguments, const char *name);
int options_given(const struct arguments *arguments, const char *name);

/* The next value of an option that repeats; *cursor begins at 0. NULL after the last. */
const char *options_next(const struct arguments *arguments, const char *name, uint32_t *cursor);

/* Checks that every option of a list that ends with NULL was given; options_forbid that none was, the reason being `with`.
 * Returns 0, or EXIT_USAGE after the error was printed. */
int options_require(const struct arguments *arguments, const char *const *names);
int options_forbid(const struct arguments *arguments, const char *const *names, const char *with);

/* Checks that options that may repeat are given at most once; the reason being `with`. Returns 0 or EXIT_USAGE. */
int options_once(const struct arguments *arguments, const char *const *names, const char *with);

/* A whole number from minimum to maximum; *value is unchanged when the option was not given. Returns 0 or EXIT_USAGE. */
int options_number(const struct arguments *arguments, const char *name, uint32_t minimum, uint32_t maximum, uint32_t *value);

/* A network address, host:port, [v6]:port or :port, when the option was given. Returns 0 or EXIT_USAGE. */
int options_address(const struct arguments *arguments, const char *name);

/* The one of count words that is nearest to a mistyped one, NULL when none is near. */
const char *options_nearest(const char *word, const char *const *candidates, uint32_t count);

/* Prints the help of a command on standard output. */
void options_help(const struct command *command);

#endif
