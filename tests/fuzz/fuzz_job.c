/* Jobs: whatever is accepted has a canonical form that is a job, and its own canonical form; what is refused has a sentence. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/sample_job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context = NULL;
    fate_job *job = NULL, *again = NULL;
    require(context_new(&context, NULL) == FATE_OK && sample_register(context) == FATE_OK);
    if (fate_job_parse(context, &job, "job", data, size) == FATE_OK) {
        const char *form = fate_job_canonical(job);
        require(fate_job_parse(context, &again, "again", (const uint8_t *)form, strlen(form)) == FATE_OK);
        require(strcmp(form, fate_job_canonical(again)) == 0);
        char *text = NULL;
        for (uint32_t i = 0; i < fate_job_party_count(job); i++) {
            require(fate_job_describe(job, i, FATE_PURPOSE_TRAIN, &text) == FATE_OK);
            fate_free(context, text);
        }
    } else {
        require(job == NULL && fate_context_error(context)[0] != '\0');
    }
    fate_job_free(job);
    fate_job_free(again);
    fate_context_free(context);
    return 0;
}
