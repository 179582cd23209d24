/* A small protocol with two roles and jobs for it, for tests of what stands around the engine. */
#ifndef TESTS_SUPPORT_SAMPLE_JOB_H
#define TESTS_SUPPORT_SAMPLE_JOB_H

#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/session/identity.h"
#include "src/session/job.h"
#include "src/session/registry.h"

enum { SAMPLE_TEXT = 8192, SAMPLE_KEY = 160 };

static inline int32_t sample_start(fate_turn *turn, void **state)
{
    (void)turn;
    *state = NULL;
    return FATE_OK;
}

static inline int32_t sample_step(fate_turn *turn, void *state)
{
    (void)turn;
    (void)state;
    return FATE_OK;
}

static inline void sample_stop(fate_context *context, void *state)
{
    (void)context;
    (void)state;
}

static inline int32_t sample_outlook(fate_context *context, const fate_job *job, char **text)
{
    (void)job;
    *text = (char *)fate_allocate(context, 32);
    if (*text == NULL) return FATE_E_MEMORY;
    memcpy(*text, "This job goes so far.", 22);
    return FATE_OK;
}

/* depth above 5 needs trees below 50. */
static inline int32_t sample_check(fate_context *context, const fate_job *job)
{
    int64_t trees = 0, depth = 0;
    const int32_t result = fate_job_integer(job, "trees", &trees);
    if (result != FATE_OK) return result;
    if (fate_job_integer(job, "depth", &depth) != FATE_OK) return FATE_E_INTERNAL;
    if (depth > 5 && trees >= 50)
        return fate_context_fail(context, FATE_E_JOB, "parameters.depth is above 5, so parameters.trees must be below 50");
    return FATE_OK;
}

enum { SAMPLE_GRADIENTS, SAMPLE_SUMS };
enum { SAMPLE_GUEST, SAMPLE_HOST };

static const fate_protocol_message sample_messages[] = {
    {"gradients", SAMPLE_GUEST, SAMPLE_HOST, 0, "One encrypted number for every row.", "The host cannot decrypt it."},
    {"sums", SAMPLE_HOST, SAMPLE_GUEST, 1000, "Sums of the encrypted numbers in every bin.", "A bin has at least five rows."},
};
static const fate_protocol_step sample_guest_steps[] = {
    {"encrypt", FATE_WAIT_NOTHING, 0, NULL},
    {"choose", FATE_WAIT_ALL, SAMPLE_SUMS, NULL},
};
static const fate_protocol_step sample_host_steps[] = {
    {"add", FATE_WAIT_PART, SAMPLE_GRADIENTS, NULL},
};
static const fate_protocol_role sample_roles[] = {
    {"guest", 1, 1, "The model and the sums of every bin.", NULL, sizeof(fate_protocol_step), 2, NULL, NULL, NULL, NULL, 0},
    {"host", 1, 3, "Which rows go left.", NULL, sizeof(fate_protocol_step), 1, NULL, NULL, NULL, NULL, 0},
};
static const fate_protocol_parameter sample_parameters[] = {
    {"trees", FATE_PARAMETER_INTEGER, "10", 1, 1000, NULL, "Number of trees."},
    {"depth", FATE_PARAMETER_INTEGER, "3", 1, 16, NULL, "Levels of a tree."},
    {"learning_rate", FATE_PARAMETER_NUMBER, "0.3", 0, 1, NULL, "How much of each tree is added."},
    {"base_score", FATE_PARAMETER_NUMBER, "0", -DBL_MAX, DBL_MAX, NULL, "Score before the first tree."},
    {"gamma", FATE_PARAMETER_NUMBER, "0", 0, DBL_MAX, NULL, "Least gain of a split."},
    {"objective", FATE_PARAMETER_TEXT, "\"logistic\"", 0, 0, "logistic squared", "What is fitted."},
    {"note", FATE_PARAMETER_TEXT, "\"\"", 0, 0, NULL, "Any text."},
    {"key_bits", FATE_PARAMETER_INTEGER, "2048", 2048, 4096, NULL, "Size of the key."},
};

/* Tables that a test may change before it registers them. */
struct sample {
    fate_protocol_step guest_steps[2], host_steps[1];
    fate_protocol_role roles[2];
    fate_protocol_message messages[2];
    fate_protocol_parameter parameters[8];
    fate_protocol protocol;
};

static inline void sample_make(struct sample *sample)
{
    memcpy(sample->guest_steps, sample_guest_steps, sizeof sample_guest_steps);
    memcpy(sample->host_steps, sample_host_steps, sizeof sample_host_steps);
    memcpy(sample->roles, sample_roles, sizeof sample_roles);
    memcpy(sample->messages, sample_messages, sizeof sample_messages);
    memcpy(sample->parameters, sample_parameters, sizeof sample_parameters);
    for (int i = 0; i < 2; i++) {
        sample->guest_steps[i].run = sample_step;
        sample->roles[i].start = sample_start;
        sample->roles[i].stop = sample_stop;
    }
    sample->host_steps[0].run = sample_step;
    sample->roles[SAMPLE_GUEST].steps = sample->guest_steps;
    sample->roles[SAMPLE_HOST].steps = sample->host_steps;
    const fate_protocol protocol = {sizeof protocol,
                                    FATE_ABI_VERSION,
                                    "sample-boosting",
                                    FATE_PURPOSE_TRAIN,
                                    "Trees over the columns of several parties.",
                                    "Parties that deviate from the protocol.",
                                    "guest",
                                    sample->roles,
                                    sizeof(fate_protocol_role),
                                    2,
                                    sample->messages,
                                    sizeof(fate_protocol_message),
                                    2,
                                    sample->parameters,
                                    sizeof(fate_protocol_parameter),
                                    8,
                                    sample_check,
                                    NULL,
                                    sample_outlook,
                                    NULL};
    sample->protocol = protocol;
}

/* Registers the training protocol; with scoring also one in which only hosts send. */
static inline int32_t sample_register(fate_context *context)
{
    struct sample sample;
    sample_make(&sample);
    const int32_t result = fate_protocol_register(context, &sample.protocol);
    if (result != FATE_OK) return result;
    sample.protocol.purpose = FATE_PURPOSE_PREDICT;
    sample.protocol.summary = "Scores from the trees.";
    sample.protocol.parameter_count = 0;
    sample.protocol.check = NULL;
    sample.guest_steps[0] = sample.guest_steps[1];
    sample.roles[SAMPLE_GUEST].step_count = 1;
    sample.host_steps[0].wait = FATE_WAIT_NOTHING;
    sample.messages[0] = sample.messages[1];
    sample.messages[0].name = "directions";
    sample.messages[0].carries = "For every row, which leaves remain.";
    sample.guest_steps[0].message = 0;
    sample.protocol.message_count = 1;
    return fate_protocol_register(context, &sample.protocol);
}

/* The public text of the identity whose seed is 32 times byte. */
static inline int32_t sample_key(fate_context *context, char *text, uint8_t byte)
{
    fate_identity *identity = NULL;
    uint8_t seed[IDENTITY_KEY];
    memset(seed, byte, sizeof seed);
    const int32_t result = identity_from_seed(context, &identity, seed);
    if (result == FATE_OK) snprintf(text, SAMPLE_KEY, "%s", identity->text);
    fate_identity_free(identity);
    return result;
}

/* Copies pattern into text; $1 to $9 stand for public keys, a single quote for a double one. */
static inline int32_t sample_text(fate_context *context, char *text, const char *pattern)
{
    size_t used = 0;
    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at == '$' && at[1] >= '1' && at[1] <= '9') {
            char key[SAMPLE_KEY];
            const int32_t result = sample_key(context, key, (uint8_t)(at[1] - '0'));
            if (result != FATE_OK) return result;
            memcpy(text + used, key, strlen(key));
            used += strlen(key);
            at++;
        } else {
            text[used++] = (char)(*at == '\'' ? '"' : *at);
        }
    }
    text[used] = '\0';
    return FATE_OK;
}

static inline int32_t sample_parse(fate_context *context, fate_job **job, const char *pattern)
{
    char text[SAMPLE_TEXT];
    const int32_t result = sample_text(context, text, pattern);
    if (result != FATE_OK) return result;
    return fate_job_parse(context, job, "job.json", (const uint8_t *)text, strlen(text));
}

#define SAMPLE_PARTIES                                                                         \
    "'parties': [{'name': 'bank', 'role': 'guest', 'key': '$1', 'address': '127.0.0.1:9001'}," \
    "{'name': 'telecom', 'role': 'host', 'key': '$2', 'address': '127.0.0.1:9002'}]"
#define SAMPLE_HEAD "'algorithm': 'sample-boosting', 'id': 'id', 'label': 'y'"
#define SAMPLE_JOB "{" SAMPLE_HEAD ", " SAMPLE_PARTIES "}"

#endif
