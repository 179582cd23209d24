/* fate keygen: draws a key, writes it to a new file and prints the public half; or prints that of a key file. */
#include "tools/commands.h"
#include "tools/message.h"

#include <stdio.h>

static const struct option options[] = {
    {"output", "FILE", "The new key file (mode 0600). A file that exists is never overwritten.", 0},
    {"public", "FILE", "A key file that exists: its public half is printed once more, and nothing is written.", 0},
};

/* Draws a key and writes it, or reads the one that is there. */
static int32_t find_identity(fate_context *context, fate_identity **identity, const struct arguments *arguments)
{
    if (options_given(arguments, "public")) return fate_identity_read(context, identity, options_text(arguments, "public"));
    int32_t result = fate_identity_generate(context, identity);
    return result == FATE_OK ? fate_identity_write(*identity, options_text(arguments, "output")) : result;
}

static int keygen_run(const struct arguments *arguments)
{
    static const char *const required[] = {"output", NULL};
    int code =
        options_given(arguments, "public") ? options_forbid(arguments, required, "with --public") : options_require(arguments, required);
    if (code) return code;
    fate_context *context = NULL;
    fate_identity *identity = NULL;
    int32_t result = fate_context_new(&context, NULL);
    if (result == FATE_OK) result = find_identity(context, &identity, arguments);
    if (result == FATE_OK)
        printf("%s\n", fate_identity_public(identity));
    else
        code = message_context(context, result);
    fate_identity_free(identity);
    fate_context_free(context);
    return code;
}

const struct command command_keygen = {
    "keygen",
    "draws a key for one party and prints its public half",
    "fate keygen --output FILE\n       fate keygen --public FILE",
    options,
    sizeof options / sizeof options[0],
    0,
    "The one line on standard output is the public identity: put it into the job file as the party's \"key\".\n"
    "The file is secret. It never leaves its owner.\n",
    keygen_run,
};
