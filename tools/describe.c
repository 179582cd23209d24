/* fate describe: what an algorithm does, what is sent and what each party learns, from the tables that run. */
#include "tools/commands.h"
#include "tools/message.h"

#include <stdio.h>

static const struct option options[] = {
    {"job", "FILE", "A job: what is sent and learned in its training, and how far its parameters go.", 0},
    {"party", "NAME", "For which of the job's parties.", 0},
};

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
    if (result == FATE_E_UNSUPPORTED) return message_usage("%s. fate describe alone lists all.", fate_context_error(context));
    if (result != FATE_OK) return message_context(context, result);
    fputs(text, stdout);
    fate_free(context, text);
    return EXIT_DONE;
}

static int describe_job(fate_context *context, const struct arguments *arguments)
{
    static const char *const required[] = {"party", NULL};
    char *text = NULL;
    fate_job *job = NULL;
    uint32_t party = 0;
    int code = options_require(arguments, required);
    if (code) return code;
    int32_t result = fate_job_read(context, &job, options_text(arguments, "job"));
    if (result == FATE_OK) result = fate_job_find_party(job, options_text(arguments, "party"), &party);
    if (result == FATE_OK) result = fate_job_describe(job, party, FATE_PURPOSE_TRAIN, &text);
    if (result == FATE_OK) fputs(text, stdout);
    code = result == FATE_OK ? EXIT_DONE : result == FATE_E_ARGUMENT ? EXIT_USAGE : message_exit_code(result);
    if (result != FATE_OK) message_context(context, result);
    fate_free(context, text);
    fate_job_free(job);
    return code;
}

static int describe_run(const struct arguments *arguments)
{
    fate_context *context = NULL;
    int32_t result = fate_context_new(&context, NULL);
    if (result != FATE_OK) return message_context(context, result);
    int code = 0;
    if (options_given(arguments, "job") && arguments->operand_count)
        code = message_usage("with --job no algorithm is named: the job names it.");
    else if (options_given(arguments, "job"))
        code = describe_job(context, arguments);
    else if (options_given(arguments, "party"))
        code = message_usage("--party has no meaning without --job.");
    else
        code = arguments->operand_count ? describe_algorithm(context, arguments->operands[0]) : list_algorithms(context);
    fate_context_free(context);
    return code;
}

const struct command command_describe = {
    "describe",
    "says what an algorithm sends, and what each party learns",
    "fate describe [ALGORITHM]\n       fate describe --job FILE --party NAME",
    options,
    sizeof options / sizeof *options,
    1,
    "With a job: what its training means for that party, as fate train says it before anything is sent.\nWithout either: the names of all algorithms, one a line.\n",
    describe_run,
};
