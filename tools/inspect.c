/* fate inspect: prints one party's model, or several parties' models of one job merged. */
#include "tools/commands.h"
#include "tools/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"json", NULL, "Prints JSON instead of text.", 0},
};

static int read_models(fate_context *context, fate_model **models, const struct arguments *arguments)
{
    for (uint32_t i = 0; i < arguments->operand_count; i++) {
        int32_t result = fate_model_read(context, &models[i], arguments->operands[i]);
        if (result != FATE_OK) return message_context(context, result);
    }
    return EXIT_DONE;
}

static int print_models(fate_context *context, const fate_model *const *models, uint32_t count, const char *format)
{
    char *text = NULL;
    int32_t result = fate_model_dump(context, models, count, format, &text);
    if (result != FATE_OK) return message_context(context, result);
    size_t length = strlen(text);
    fputs(text, stdout);
    if (length == 0 || text[length - 1] != '\n') putchar('\n');
    fate_free(context, text);
    return EXIT_DONE;
}

static int inspect_run(const struct arguments *arguments)
{
    if (arguments->operand_count == 0) return message_usage("say which model file is to be shown.");
    fate_context *context = NULL;
    fate_model **models = calloc(arguments->operand_count, sizeof *models);
    int32_t result = models ? fate_context_new(&context, NULL) : FATE_E_MEMORY;
    int code = result == FATE_OK ? read_models(context, models, arguments) : message_context(context, result);
    if (!code)
        code = print_models(context, (const fate_model *const *)models, arguments->operand_count,
                            options_given(arguments, "json") ? "json" : "text");
    for (uint32_t i = 0; models && i < arguments->operand_count; i++) fate_model_free(models[i]);
    free(models);
    fate_context_free(context);
    return code;
}

const struct command command_inspect = {
    "inspect",
    "prints a model file as text or JSON",
    "fate inspect MODEL [MODEL ...] [--json]",
    options,
    sizeof options / sizeof options[0],
    UINT32_MAX,
    "One file shows what that party knows. The files of all parties of a job are merged into the whole model.\n",
    inspect_run,
};
