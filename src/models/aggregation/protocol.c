/* The tables of secure aggregation: who sends what, and why it may be seen. */
#include "src/models/aggregation/protocol.h"

#include "src/models/aggregation/outcome.h"
#include "src/models/aggregation/sum.h"

static const fate_protocol_message messages[AGGREGATION_MESSAGES] = {
    [MESSAGE_JOIN] = {"join", ROLE_CLIENT, ROLE_AGGREGATOR, AGGREGATION_SMALL,
                      "that this client is there, how many numbers it gives, and a digest of the names of their rows and columns",
                      "only tables of the same rows and columns can be summed"},
    AGGREGATION_EXCHANGE,
    [MESSAGE_RESULT] = {"result", ROLE_AGGREGATOR, ROLE_CLIENT, UINT64_C(1) << 36, "the sums, and of how many clients", "it is the result"},
};

static const fate_protocol_step aggregator_steps[] = {{"lead the round", FATE_WAIT_ANY, 0, aggregator_listen}};
static const fate_protocol_step client_steps[] = {{"join", FATE_WAIT_NOTHING, 0, sum_client_join},
                                                  {"answer", FATE_WAIT_ANY, 0, sum_client_listen}};

#define AGGREGATOR_LEARNS                                                                                                                    \
    "The sums over all clients whose vectors came (for a mean also the sums of weights), which clients these are, and which vanished when. " \
    "No client's numbers, as long as no more clients than the threshold allows work with it."
#define CLIENT_LEARNS "The sums, unless the job keeps them from clients; which of its neighbours took part. No other client's numbers."
static const fate_protocol_role roles[] = {
    [ROLE_AGGREGATOR] = {"aggregator", 1, 1, AGGREGATOR_LEARNS, aggregator_steps, sizeof(fate_protocol_step), 1, sum_aggregator_start,
                         sum_aggregator_save, sum_aggregator_load, sum_aggregator_stop, 0},
    [ROLE_CLIENT] = {"client", 2, AGGREGATION_CLIENTS_MOST, CLIENT_LEARNS, client_steps, sizeof(fate_protocol_step), 2, sum_client_start,
                     sum_client_save, sum_client_load, sum_client_stop, 1}};

#define LIMITS                                                                                                                                  \
    "Not protected against: clients that give false numbers; conclusions from the sum itself, above all when few clients take part (with two, " \
    "each knows the other's numbers) or when two jobs have nearly the same clients; an aggregator that runs a job again and again with other "  \
    "clients. With \"trust\": \"honest\" the aggregator is taken to follow the protocol; lying and colluding say what it may do beyond. An "    \
    "organisation that is aggregator and client at once counts as colluding."

#define PROTOCOL(named, says)                                                                                                  \
    {                                                                                                                          \
        .struct_size = sizeof(fate_protocol), .abi_version = FATE_ABI_VERSION, .name = (named), .purpose = FATE_PURPOSE_TRAIN, \
        .summary = (says), .limits = LIMITS, .roles = roles, .role_size = sizeof(fate_protocol_role), .role_count = 2,         \
        .messages = messages, .message_size = sizeof(fate_protocol_message), .message_count = AGGREGATION_MESSAGES,            \
        .parameters = aggregation_parameters_table, .parameter_size = sizeof(fate_protocol_parameter),                         \
        .parameter_count = AGGREGATION_PARAMETERS, .check = aggregation_parameters_check, .dump = outcome_dump,                \
    }

const fate_protocol aggregation_sum =
    PROTOCOL("secure-sum",
             "Adds up the tables of many clients so that only the sums are seen: pairwise masks cancel, and clients may vanish on the way "
             "(Bonawitz et al., CCS 2017; above 128 clients with the sparse graph of Bell et al., CCS 2020).");

const fate_protocol aggregation_mean =
    PROTOCOL("secure-mean",
             "The mean of many clients' tables, each row weighted by the client's number in a column that the job names: sums of weighted "
             "numbers and of weights are made as in secure-sum, and divided afterwards.");
