/* The command line: one small parser that all commands share. */
#include "tools/options.h"
#include "tools/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_LIMIT = 40, OPTION_LIMIT = 32, HELP_COLUMN = 24, HELP_WIDTH = 90 };

static uint32_t least(uint32_t first, uint32_t second)
{
    return first < second ? first : second;
}

/* Number of letters to insert, delete, change or swap (Damerau and Levenshtein, restricted); both words are below WORD_LIMIT. */
static uint32_t edit_distance(const char *first, const char *second)
{
    uint32_t cost[WORD_LIMIT + 1][WORD_LIMIT + 1];
    uint32_t rows = (uint32_t)strlen(first), columns = (uint32_t)strlen(second);
    for (uint32_t i = 0; i <= rows; i++) cost[i][0] = i;
    for (uint32_t j = 0; j <= columns; j++) cost[0][j] = j;
    for (uint32_t i = 1; i <= rows; i++)
        for (uint32_t j = 1; j <= columns; j++) {
            uint32_t change = cost[i - 1][j - 1] + (first[i - 1] != second[j - 1]);
            cost[i][j] = least(change, least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && first[i - 1] == second[j - 2] && first[i - 2] == second[j - 1])
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[rows][columns];
}

const char *options_nearest(const char *word, const char *const *candidates, uint32_t count)
{
    const char *nearest = NULL;
    size_t length = strlen(word);
    if (length == 0 || length > WORD_LIMIT) return NULL;
    uint32_t best = length < 4 ? 1 : length < 7 ? 2 : 3;
    for (uint32_t i = 0; i < count; i++) {
        if (strlen(candidates[i]) > WORD_LIMIT) continue;
        uint32_t distance = strncmp(candidates[i], word, length) == 0 && length > 1 ? 0 : edit_distance(word, candidates[i]);
        if (distance < best || (distance == best && !nearest)) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}

static int unknown_option(const struct command *command, const char *name)
{
    const char *names[OPTION_LIMIT];
    uint32_t count = 0;
    for (; count < command->option_count && count < OPTION_LIMIT; count++) names[count] = command->options[count].name;
    const char *nearest = options_nearest(name, names, count);
    if (nearest) return message_usage("there is no option --%s; did you mean --%s?", name, nearest);
    return message_usage("there is no option --%s.", name);
}

static const struct option *find_option(const struct command *command, const char *name, size_t length)
{
    for (uint32_t i = 0; i < command->option_count; i++)
        if (strlen(command->options[i].name) == length && memcmp(command->options[i].name, name, length) == 0) return &command->options[i];
    return NULL;
}

static int take_operand(struct arguments *arguments, const char *word)
{
    if (arguments->operand_count >= arguments->command->operands) {
        if (arguments->command->operands == 0) return message_usage("\"%s\" is not an option: options begin with two dashes.", word);
        return message_usage("\"%s\" is one word too many.", word);
    }
    arguments->operands[arguments->operand_count++] = word;
    return 0;
}

/* Takes the option at words[*at] and, when it has one, its value; *at is left on the last word taken. */
static int take_option(struct arguments *arguments, char **words, int count, int *at)
{
    const char *name = words[*at] + 2;
    const char *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const struct option *option = find_option(arguments->command, name, length);
    if (!option) {
        char unknown[WORD_LIMIT * 2];
        snprintf(unknown, sizeof unknown, "%.*s", (int)(length < sizeof unknown ? length : sizeof unknown - 1), name);
        return unknown_option(arguments->command, unknown);
    }
    const char *value = equals ? equals + 1 : NULL;
    if (!option->placeholder && value) return message_usage("--%s takes no value.", option->name);
    if (option->placeholder && !value) {
        if (*at + 1 >= count || strncmp(words[*at + 1], "--", 2) == 0)
            return message_usage("--%s needs a value: --%s %s.", option->name, option->name, option->placeholder);
        value = words[++*at];
    }
    if (option->placeholder && !value[0]) return message_usage("the value of --%s is empty.", option->name);
    if (!option->repeats && options_given(arguments, option->name)) return message_usage("--%s is given twice.", option->name);
    arguments->given[arguments->given_count].option = option;
    arguments->given[arguments->given_count++].value = value;
    return 0;
}

int options_parse(struct arguments *arguments, const struct command *command, char **words, int count)
{
    memset(arguments, 0, sizeof *arguments);
    arguments->command = command;
    arguments->given = calloc((size_t)count + 1, sizeof *arguments->given);
    arguments->operands = calloc((size_t)count + 1, sizeof *arguments->operands);
    if (!arguments->given || !arguments->operands) return message_failed(FATE_E_MEMORY, NULL);
    int code = 0, only_operands = 0;
    for (int i = 0; i < count && !code; i++) {
        if (only_operands || words[i][0] != '-' || !words[i][1])
            code = take_operand(arguments, words[i]);
        else if (strcmp(words[i], "--") == 0)
            only_operands = 1;
        else if (words[i][1] != '-')
            code = message_usage("there is no option %s: options begin with two dashes.", words[i]);
        else
            code = take_option(arguments, words, count, &i);
    }
    return code;
}

void options_free(struct arguments *arguments)
{
    free(arguments->given);
    free(arguments->operands);
    memset(arguments, 0, sizeof *arguments);
}

const char *options_next(const struct arguments *arguments, const char *name, uint32_t *cursor)
{
    while (*cursor < arguments->given_count) {
        const struct given *given = &arguments->given[(*cursor)++];
        if (strcmp(given->option->name, name) == 0) return given->value ? given->value : "";
    }
    return NULL;
}

const char *options_text(const struct arguments *arguments, const char *name)
{
    uint32_t cursor = 0;
    return options_next(arguments, name, &cursor);
}

int options_given(const struct arguments *arguments, const char *name)
{
    return options_text(arguments, name) != NULL;
}

int options_require(const struct arguments *arguments, const char *const *names)
{
    for (; *names; names++)
        if (!options_given(arguments, *names)) {
            const struct option *option = find_option(arguments->command, *names, strlen(*names));
            return message_usage("--%s %s is missing.", *names, option && option->placeholder ? option->placeholder : "");
        }
    return 0;
}

int options_forbid(const struct arguments *arguments, const char *const *names, const char *with)
{
    for (; *names; names++)
        if (options_given(arguments, *names)) return message_usage("--%s has no meaning %s.", *names, with);
    return 0;
}

int options_once(const struct arguments *arguments, const char *const *names, const char *with)
{
    for (; *names; names++) {
        uint32_t cursor = 0;
        if (options_next(arguments, *names, &cursor) && options_next(arguments, *names, &cursor))
            return message_usage("--%s can be given only once %s.", *names, with);
    }
    return 0;
}

int options_number(const struct arguments *arguments, const char *name, uint32_t minimum, uint32_t maximum, uint32_t *value)
{
    const char *text = options_text(arguments, name);
    if (!text) return 0;
    uint64_t number = 0;
    int good = text[0] != 0;
    for (const char *digit = text; *digit && good; digit++) {
        good = *digit >= '0' && *digit <= '9';
        number = number * 10 + (uint64_t)(*digit - '0');
        good = good && number <= maximum;
    }
    if (!good || number < minimum)
        return message_usage("--%s must be a whole number from %u to %u, not \"%s\".", name, minimum, maximum, text);
    *value = (uint32_t)number;
    return 0;
}

int options_address(const struct arguments *arguments, const char *name)
{
    const char *text = options_text(arguments, name), *colon = text ? strrchr(text, ':') : NULL;
    if (!text) return 0;
    size_t host = colon ? (size_t)(colon - text) : 0, digits = colon ? strspn(colon + 1, "0123456789") : 0;
    int bracketed = host > 0 && text[0] == '[' && text[host - 1] == ']';
    int good = digits > 0 && digits <= 5 && colon[1 + digits] == 0 && strtoul(colon + 1, NULL, 10) <= 65535;
    if (good && (bracketed || strcspn(text, ":[]") == host)) return 0;
    return message_usage("--%s must be host:port, [v6]:port or :port, not \"%s\".", name, text);
}

/* Prints words from HELP_COLUMN on, where the cursor stands, in lines of at most HELP_WIDTH. */
static void print_wrapped(const char *text)
{
    size_t column = HELP_COLUMN;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (column > HELP_COLUMN && column + 1 + length > HELP_WIDTH) {
            printf("\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        } else if (column > HELP_COLUMN) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)length, text);
        column += length;
        text += length + (text[length] == ' ');
    }
    putchar('\n');
}

void options_help(const struct command *command)
{
    printf("fate %s: %s\n\nusage: %s\n", command->name, command->summary, command->usage);
    printf("\noptions:\n");
    for (uint32_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        char head[WORD_LIMIT * 2];
        snprintf(head, sizeof head, "--%s%s%s", option->name, option->placeholder ? " " : "",
                 option->placeholder ? option->placeholder : "");
        printf("  %-*s ", HELP_COLUMN - 3, head);
        print_wrapped(option->help);
    }
    printf("  %-*s %s\n", HELP_COLUMN - 3, "--help", "Prints this.");
    if (command->notes) printf("\n%s", command->notes);
    printf("\n%s", message_exit_codes());
}
