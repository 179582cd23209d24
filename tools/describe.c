/* fate describe: what an algorithm does, what is sent and what each party learns, from the tables that run. */
#include "tools/commands.h"
#include "tools/message.h"

#include <stdio.h>

static int list_algorithms(const fate_context *context)
{
    const char *name;
    for (uint32_t i = 0; (name = fate_protocol_name(context, i)) != NULL; i++) printf("%s\n", name);
    return EXIT_DONE;
}

static int describe_algorithm(fate_context *context, const char *algorithm)
{
    char *text = NULL;
    int32_t result = fate_describe(context, algorithm, &text);
    if (result != FATE_OK) return message_context(context, result);
    fputs(text, stdout);
    fate_free(context, text);
    return EXIT_DONE;
}

static int describe_run(const struct arguments *arguments)
{
    fate_context *context = NULL;
    int32_t result = fate_context_new(&context, NULL);
    if (result != FATE_OK) return message_context(context, result);
    int code = arguments->operand_count ? describe_algorithm(context, arguments->operands[0]) : list_algorithms(context);
    fate_context_free(context);
    return code;
}

const struct command command_describe = {
    "describe",
    "says what an algorithm sends, and what each party learns",
    "fate describe [ALGORITHM]",
    NULL,
    0,
    1,
    "Without an algorithm: the names of all algorithms, one a line.\n",
    describe_run,
};
