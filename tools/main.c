/* fate: the command line of libfate, on its public interface alone. This file finds the command that is asked for and runs it. */
#include "tools/commands.h"
#include "tools/message.h"

#include <stdio.h>
#include <string.h>

enum { COMMAND_COUNT = 9 };

static const struct command *const commands[COMMAND_COUNT] = {
    &command_keygen,   &command_align,   &command_train,    &command_cross_validate, &command_predict,
    &command_evaluate, &command_inspect, &command_describe, &command_evidence,
};

static void print_help(void)
{
    printf("fate: federated learning between organisations, each of which keeps its data\n\n"
           "usage: fate COMMAND [OPTIONS]\n       fate help [COMMAND]\n       fate --version\n\ncommands:\n");
    for (int i = 0; i < COMMAND_COUNT; i++) printf("  %-14s %s\n", commands[i]->name, commands[i]->summary);
    printf("\n%s", message_exit_codes());
}

static const struct command *find_command(const char *name)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}

static int unknown_command(const char *word)
{
    const char *names[COMMAND_COUNT];
    for (int i = 0; i < COMMAND_COUNT; i++) names[i] = commands[i]->name;
    const char *nearest = options_nearest(word, names, COMMAND_COUNT);
    if (nearest) return message_usage("there is no command \"%s\"; did you mean %s?", word, nearest);
    return message_usage("there is no command \"%s\".", word);
}

static int asks_for_help(char **words, int count)
{
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++)
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0) return 1;
    return 0;
}

static int run_command(const struct command *command, char **words, int count)
{
    struct arguments arguments;
    if (asks_for_help(words, count)) {
        options_help(command);
        return EXIT_DONE;
    }
    int code = options_parse(&arguments, command, words, count);
    if (!code) code = command->run(&arguments);
    options_free(&arguments);
    return code;
}

/* Of all commands together, or of one. */
static int help(const char *name)
{
    const struct command *command = name == NULL ? NULL : find_command(name);
    if (name != NULL && command == NULL) return unknown_command(name);
    if (command == NULL)
        print_help();
    else
        options_help(command);
    return EXIT_DONE;
}

static int run(int count, char **words)
{
    if (count < 2) return message_usage("say which command is to be run.");
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0) return help(NULL);
    if (strcmp(words[1], "help") == 0) {
        if (count > 3) return message_usage("help explains one command at a time: fate help [COMMAND].");
        return help(count == 3 && strcmp(words[2], "--help") != 0 ? words[2] : NULL);
    }
    if (strcmp(words[1], "--version") == 0) {
        printf("fate %s\n", fate_version());
        return EXIT_DONE;
    }
    const struct command *command = find_command(words[1]);
    if (!command) return unknown_command(words[1]);
    message_set_command(command->name);
    return run_command(command, words + 2, count - 2);
}

int main(int count, char **words)
{
    int code = run(count, words);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_DONE) {
        message_error("standard output cannot be written.");
        code = EXIT_OTHER;
    }
    return code;
}
