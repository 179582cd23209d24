/* The tables of secure aggregation: who sends what, and why it may be seen. */
#include "src/models/aggregation/protocol.h"

#include "src/models/aggregation/outcome.h"
#include "src/models/aggregation/sum.h"

enum { CLIENTS_MOST = 16384, SMALL = 1 << 20 };

static const fate_protocol_message messages[AGGREGATION_MESSAGES] = {
    [MESSAGE_JOIN] = {"join", ROLE_CLIENT, ROLE_AGGREGATOR, SMALL,
                      "that this client is there, how many numbers it gives, and a digest of the names of their rows and columns",
                      "only tables of the same rows and columns can be summed"},
    [MESSAGE_BEGIN] = {"begin", ROLE_AGGREGATOR, ROLE_CLIENT, SMALL,
                       "that a round begins, how many clients take part, and which of them are "
                       "this one's neighbours",
                       "neighbours share masks and hold shares of each other's secrets"},
    [MESSAGE_KEYS] =
        {"keys", ROLE_CLIENT, ROLE_AGGREGATOR, SMALL,
         "the client's public keys for this round, for letters and for masks, a commitment to its own mask, and its signature over them",
         "neighbours need them"},
    [MESSAGE_ROSTER] = {"roster", ROLE_AGGREGATOR, ROLE_CLIENT, SMALL, "the neighbours' keys, with their signatures",
                        "masks and letters are made from them; with the signatures the aggregator cannot put in its own"},
    [MESSAGE_SHARES] = {"shares", ROLE_CLIENT, ROLE_AGGREGATOR, SMALL,
                        "a sealed letter to each neighbour, with a share of the client's mask key and of its own mask",
                        "it is passed on; only the neighbour can open it"},
    [MESSAGE_LETTERS] = {"letters", ROLE_AGGREGATOR, ROLE_CLIENT, SMALL, "the letters to this client",
                         "their shares take the masks away at the end, when enough clients agree"},
    [MESSAGE_MASKED] = {"masked vector", ROLE_CLIENT, ROLE_AGGREGATOR, UINT64_C(1) << 36,
                        "the client's numbers under masks: in the ring they are spread evenly, whatever the numbers are",
                        "the masks cancel, or can be taken away, in the sum alone"},
    [MESSAGE_SURVIVORS] = {"survivors", ROLE_AGGREGATOR, ROLE_CLIENT, SMALL, "which neighbours' vectors have come",
                           "for these the shares of own masks are wanted, for the others those of mask keys"},
    [MESSAGE_AGREED] = {"agreed", ROLE_CLIENT, ROLE_AGGREGATOR, SMALL, "a signature over the list of survivors that this client was told",
                        "an aggregator that tells clients different lists could take single masks away"},
    [MESSAGE_AGREEMENTS] = {"agreements", ROLE_AGGREGATOR, ROLE_CLIENT, SMALL, "these signatures of the other clients",
                            "the client goes on only when enough were told the same"},
    [MESSAGE_REVEAL] = {"revealed shares", ROLE_CLIENT, ROLE_AGGREGATOR, SMALL,
                        "for each survivor a share of its own mask, for each who has gone a share of its mask key, never both",
                        "as many as the threshold take the masks from the sum, and from nothing else"},
    [MESSAGE_RESULT] = {"result", ROLE_AGGREGATOR, ROLE_CLIENT, UINT64_C(1) << 36, "the sums, and of how many clients", "it is the result"},
    [MESSAGE_LATE] = {"late", ROLE_AGGREGATOR, ROLE_CLIENT, SMALL, "that this client was too late", "it need not go on with the round"},
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
    [ROLE_CLIENT] = {"client", 2, CLIENTS_MOST, CLIENT_LEARNS, client_steps, sizeof(fate_protocol_step), 2, sum_client_start,
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
