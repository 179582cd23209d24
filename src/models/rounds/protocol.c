/* The tables of jobs over rounds: who sends what, and why it may be seen. */
#include "src/models/rounds/protocol.h"

#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/outcome.h"
#include "src/models/horizontal/dump.h"
#include "src/models/horizontal/parameters.h"
#include "src/models/rounds/answerer.h"
#include "src/models/rounds/asker.h"
#include "src/models/rounds/custom_kind.h"
#include "src/models/rounds/network_kind.h"
#include "src/models/rounds/statistics.h"

#define VECTOR (UINT64_C(1) << 36)

#define MESSAGES(joins, join_reason, asks, ask_reason)                                                      \
    {                                                                                                       \
        [MESSAGE_JOIN] = {"join", ROLE_CLIENT, ROLE_AGGREGATOR, 0, (joins), (join_reason)},                 \
        AGGREGATION_EXCHANGE, [MESSAGE_RESULT] = {"result", ROLE_AGGREGATOR,           ROLE_CLIENT,         \
                                                  VECTOR,   "what all rounds came to", "it is the result"}, \
        [ROUNDS_QUESTION] = {"question", ROLE_AGGREGATOR, ROLE_CLIENT, VECTOR, (asks), (ask_reason)},       \
        [ROUNDS_READY] = {"ready",                                                                          \
                          ROLE_CLIENT,                                                                      \
                          ROLE_AGGREGATOR,                                                                  \
                          AGGREGATION_SMALL,                                                                \
                          "that this client has its answer",                                                \
                          "the answers of those who are ready are summed under masks"},                     \
    }

static const fate_protocol_message training_messages[ROUNDS_MESSAGES] = MESSAGES(
    "that this client is there, and the names of its columns", "only clients with the same columns can train one model",
    "a round's weights (with SCAFFOLD the control variate), and how columns are scaled; before, what the scaling needs: the largest "
    "magnitude and the mean of each column over all clients",
    "the client trains from them on");

static const fate_protocol_step asker_steps[] = {
    [ASKER_LISTEN] = {"lead the sums", FATE_WAIT_ANY, 0, asker_listen}, [ASKER_ASK] = {"ask", FATE_WAIT_NOTHING, 0, asker_ask}};
static const fate_protocol_step answerer_steps[] = {[ANSWERER_JOIN] = {"join", FATE_WAIT_NOTHING, 0, answerer_join},
                                                    [ANSWERER_LISTEN] = {"listen", FATE_WAIT_ANY, 0, answerer_listen},
                                                    [ANSWERER_WORK] = {"work", FATE_WAIT_NOTHING, 0, answerer_work}};

#define ROLES(aggregator_learns, client_learns)                                                                                     \
    {                                                                                                                               \
        [ROLE_AGGREGATOR] =                                                                                                         \
            {"aggregator", 1,          1, (aggregator_learns), asker_steps, sizeof(fate_protocol_step), 2, asker_start, asker_save, \
             asker_load,   asker_stop, 0},                                                                                          \
        [ROLE_CLIENT] = {                                                                                                           \
            "client",                                                                                                               \
            2,                                                                                                                      \
            AGGREGATION_CLIENTS_MOST,                                                                                               \
            (client_learns),                                                                                                        \
            answerer_steps,                                                                                                         \
            sizeof(fate_protocol_step),                                                                                             \
            3,                                                                                                                      \
            answerer_start,                                                                                                         \
            answerer_save,                                                                                                          \
            answerer_load,                                                                                                          \
            answerer_stop,                                                                                                          \
            1                                                                                                                       \
        }                                                                                                                           \
    }

#define SUMS_ALONE                                                                                                                              \
    " Which clients took part in which round, and who vanished when. Of no client alone, as long as no more clients than the threshold allows " \
    "work with it."

static const fate_protocol_role training_roles[] = ROLES(
    "In every round the sum of the clients' changes of the weights, each times its number of examples, and the sums of these numbers, of "
    "losses and of right answers; the final model. Where columns are standardised, for each column how many values of all clients "
    "there are between one power of two and the next, and sum and spread." SUMS_ALONE,
    "The weights of every round and the final model, how columns are scaled, which of its neighbours took part.");

#define LIMITS                                                                                                                                  \
    "Not protected against: conclusions from the weights and sums, above all with few clients (with two, each knows the other's change), from " \
    "sums of following rounds over nearly the same clients, or from a model that has learned single rows by heart; clients that give false "    \
    "changes; an aggregator that sends clients weights that it did not come to by the rules. With \"trust\": \"honest\" the aggregator is "     \
    "taken to follow the protocol; lying and colluding say what it may do beyond. An organisation that is aggregator and client at once "       \
    "counts as colluding."

static const fate_protocol_parameter linear_parameters[] = {LEARNING_COMMON, HORIZONTAL_COMMON};
static const fate_protocol_parameter neural_parameters[] = {LEARNING_COMMON, HORIZONTAL_NEURAL};
static const fate_protocol_parameter custom_parameters[] = {CUSTOM_PARAMETERS};

#define PROTOCOL(named, says, label, own_roles, own_messages, own_parameters, checks)                                                 \
    {                                                                                                                                 \
        .struct_size = sizeof(fate_protocol), .abi_version = FATE_ABI_VERSION, .name = (named), .purpose = FATE_PURPOSE_TRAIN,        \
        .summary = (says), .limits = LIMITS, .label_role = (label), .roles = (own_roles), .role_size = sizeof(fate_protocol_role),    \
        .role_count = 2, .messages = (own_messages), .message_size = sizeof(fate_protocol_message), .message_count = ROUNDS_MESSAGES, \
        .parameters = (own_parameters), .parameter_size = sizeof(fate_protocol_parameter),                                            \
        .parameter_count = sizeof(own_parameters) / sizeof *(own_parameters), .check = (checks), .dump = horizontal_dump_models,      \
    }

/* Clients draw holders from all clients of the job: with a few that are asked, most holders would be missing. */
static int32_t check_share(fate_context *context, const fate_job *job, const struct aggregation_parameters *common)
{
    double share = 1;
    int32_t result = fate_job_number(job, "client_share", &share);
    if (result != FATE_OK || common->chosen == 0 || share >= 1) return result;
    return context_fail(
        context, FATE_E_JOB,
        "parameters: with more than 128 clients and \"trust\" other than \"honest\" client_share is 1: clients choose who shares "
        "their secrets from all of the job");
}

static int32_t check(fate_context *context, const fate_job *job)
{
    struct aggregation_parameters common;
    struct learning_parameters parameters;
    int32_t result = aggregation_common_read(context, &common, job);
    if (result == FATE_OK) result = check_share(context, job, &common);
    if (result == FATE_OK) result = learning_parameters_read(context, &parameters, &common, job, learning_kind(job));
    if (result != FATE_OK) return result;
    return learning_kind(job) == &custom_kind ? custom_kind_check(context, job) : network_kind_check(context, job);
}

const fate_protocol rounds_linear = PROTOCOL(
    "horizontal-linear",
    "Many clients with the same columns train a linear model (logistic, softmax, squared, huber, poisson) over rounds; the aggregator sees sums of "
    "their changes alone (McMahan et al. 2017, with secure aggregation).",
    "client", training_roles, training_messages, linear_parameters, check);

const fate_protocol rounds_neural = PROTOCOL(
    "horizontal-neural",
    "Many clients with the same columns train a multi-layer perceptron over rounds; the aggregator sees sums of their changes alone "
    "(McMahan et al. 2017, with secure aggregation).",
    "client", training_roles, training_messages, neural_parameters, check);

const fate_protocol rounds_custom = PROTOCOL(
    "horizontal-custom",
    "Many clients train a model of the application's own over rounds: its training step takes weights and gives a change of them; the "
    "aggregator sees sums of the changes alone.",
    NULL, training_roles, training_messages, custom_parameters, check);

static const fate_protocol_message statistics_messages[ROUNDS_MESSAGES] = MESSAGES(
    "that this client is there, and the names of its columns", "only clients with the same columns can be summed",
    "what is to be counted: values by magnitude; distances from the mean; values up to fifteen places, for the smallest value, each quantile and "
    "the largest, between which they are known to lie; values in the bins of a histogram",
    "the client counts its rows");

static const fate_protocol_role statistics_roles[] = ROLES(
    "The counts over all clients that the questions ask for, and so, of each column: how many values there are, and how many of each "
    "power of two; mean and variance; bounds of the smallest and the largest value and of each quantile, as close as resolution says, and how "
    "many values lie at most at the places in between; the histogram. With a resolution of 64 the smallest and the largest value are those of "
    "single rows." SUMS_ALONE,
    "The same results, and the questions, which narrow them down; which of its neighbours took part.");

static const fate_protocol_parameter statistics_table[] = {STATISTICS_PARAMETERS};

static int32_t check_statistics(fate_context *context, const fate_job *job)
{
    struct aggregation_parameters common;
    struct statistics_parameters parameters;
    int32_t result = aggregation_common_read(context, &common, job);
    if (result == FATE_OK) result = check_share(context, job, &common);
    return result == FATE_OK ? statistics_parameters_read(context, &parameters, &common, job) : result;
}

#define STATISTICS_LIMITS                                                                                                                         \
    "Not protected against: conclusions from the statistics, above all when few clients take part or few rows lie beyond a place; clients "       \
    "that count falsely; an aggregator that asks for other places than it should, and so learns counts of its choice over all clients. A client " \
    "that vanishes on the way is missing in the later counts alone, which then may not fit the earlier ones. With \"trust\": \"honest\" the "     \
    "aggregator is taken to follow the protocol; lying and colluding say what it may do beyond."

const fate_protocol rounds_statistics = {
    .struct_size = sizeof(fate_protocol),
    .abi_version = FATE_ABI_VERSION,
    .name = "horizontal-statistics",
    .purpose = FATE_PURPOSE_TRAIN,
    .summary = "Count, mean, variance, smallest and largest value, quantiles and histograms of the columns of "
               "many clients, by secure sums of counts alone.",
    .limits = STATISTICS_LIMITS,
    .roles = statistics_roles,
    .role_size = sizeof(fate_protocol_role),
    .role_count = 2,
    .messages = statistics_messages,
    .message_size = sizeof(fate_protocol_message),
    .message_count = ROUNDS_MESSAGES,
    .parameters = statistics_table,
    .parameter_size = sizeof(fate_protocol_parameter),
    .parameter_count = sizeof statistics_table / sizeof *statistics_table,
    .check = check_statistics,
    .dump = outcome_dump};

static const struct inquiry inquiries[] = {{"horizontal-linear", &learning_asker, &learning_answerer},
                                           {"horizontal-neural", &learning_asker, &learning_answerer},
                                           {"horizontal-custom", &learning_asker, &learning_answerer},
                                           {"horizontal-statistics", &statistics_asker, &statistics_answerer}};

const struct inquiry *inquiry_find(const char *algorithm)
{
    for (size_t i = 0; i < sizeof inquiries / sizeof *inquiries; i++)
        if (strcmp(inquiries[i].algorithm, algorithm) == 0) return &inquiries[i];
    return NULL;
}

const struct kind *learning_kind(const fate_job *job)
{
    return strcmp(fate_job_algorithm(job), "horizontal-custom") == 0 ? &custom_kind : &network_kind;
}
