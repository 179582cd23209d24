/* The other side's canonical form: the sentence is short and of printable ASCII, whatever was sent. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/session/difference.h"

enum { LONGEST_SENTENCE = 600 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char ours[] =
        "{\"algorithm\":\"boosting\",\"categorical\":[\"a\"],\"id\":\"id\",\"parameters\":{\"rate\":0.3,\"trees\":10},"
        "\"parties\":[{\"name\":\"bank\"},{\"name\":\"telecom\"}]}";
    fate_context *context = NULL;
    char *sentence = NULL;
    require(context_new(&context, NULL) == FATE_OK);
    require(job_difference(context, ours, "telecom", data, size, &sentence) == FATE_OK);
    require(strlen(sentence) < LONGEST_SENTENCE);
    for (const char *at = sentence; *at != '\0'; at++) require(*at >= ' ' && *at <= '~');
    fate_free(context, sentence);
    fate_context_free(context);
    return 0;
}
