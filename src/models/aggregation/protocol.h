/* The tables of secure aggregation: "secure-sum" and "secure-mean". */
#ifndef SRC_MODELS_AGGREGATION_PROTOCOL_H
#define SRC_MODELS_AGGREGATION_PROTOCOL_H

#include <fate/protocol.h>

enum aggregation_role { ROLE_AGGREGATOR = 0, ROLE_CLIENT = 1 };

enum aggregation_message {
    MESSAGE_JOIN,
    MESSAGE_BEGIN,
    MESSAGE_KEYS,
    MESSAGE_ROSTER,
    MESSAGE_SHARES,
    MESSAGE_LETTERS,
    MESSAGE_MASKED,
    MESSAGE_SURVIVORS,
    MESSAGE_AGREED,
    MESSAGE_AGREEMENTS,
    MESSAGE_REVEAL,
    MESSAGE_RESULT,
    MESSAGE_LATE,
    AGGREGATION_MESSAGES
};

enum { AGGREGATION_CLIENTS_MOST = 16384, AGGREGATION_SMALL = 1 << 20 };

/* What every protocol with secure sums sends for them, in its table of messages. */
#define AGGREGATION_EXCHANGE                                                                                                                  \
    [MESSAGE_BEGIN] = {"begin",                                                                                                               \
                       ROLE_AGGREGATOR,                                                                                                       \
                       ROLE_CLIENT,                                                                                                           \
                       AGGREGATION_SMALL,                                                                                                     \
                       "that a round begins, how many clients take part, and which of them are "                                              \
                       "this one's neighbours, unless clients choose these themselves",                                                       \
                       "neighbours share masks and hold shares of each other's secrets"},                                                     \
    [MESSAGE_KEYS] =                                                                                                                          \
        {"keys",                                                                                                                              \
         ROLE_CLIENT,                                                                                                                         \
         ROLE_AGGREGATOR,                                                                                                                     \
         AGGREGATION_SMALL,                                                                                                                   \
         "the client's public keys for this round, for letters and for masks, a commitment to its own mask, and its signature over them; "    \
         "where clients choose their neighbours, which it has drawn",                                                                         \
         "neighbours need them"},                                                                                                             \
    [MESSAGE_ROSTER] = {"roster",                                                                                                             \
                        ROLE_AGGREGATOR,                                                                                                      \
                        ROLE_CLIENT,                                                                                                          \
                        AGGREGATION_SMALL,                                                                                                    \
                        "the keys of neighbours, chosen or by whom it was chosen, with their signatures",                                     \
                        "masks and letters are made from them; with the signatures the aggregator cannot put in its own"},                    \
    [MESSAGE_SHARES] =                                                                                                                        \
        {"shares",                                                                                                                            \
         ROLE_CLIENT,                                                                                                                         \
         ROLE_AGGREGATOR,                                                                                                                     \
         AGGREGATION_SMALL,                                                                                                                   \
         "a sealed letter to each neighbour, with a share of the client's mask key and of its own mask (nothing to those that it has not "    \
         "chosen)",                                                                                                                           \
         "it is passed on; only the neighbour can open it"},                                                                                  \
    [MESSAGE_LETTERS] = {"letters",                                                                                                           \
                         ROLE_AGGREGATOR,                                                                                                     \
                         ROLE_CLIENT,                                                                                                         \
                         AGGREGATION_SMALL,                                                                                                   \
                         "the letters to this client",                                                                                        \
                         "their shares take the masks away at the end, when enough clients agree"},                                           \
    [MESSAGE_MASKED] =                                                                                                                        \
        {"masked vector",                                                                                                                     \
         ROLE_CLIENT,                                                                                                                         \
         ROLE_AGGREGATOR,                                                                                                                     \
         UINT64_C(1) << 36,                                                                                                                   \
         "the client's numbers under masks: in the ring they are spread evenly, whatever the numbers are; where neighbours are chosen, a "    \
         "note for each that the masks between the two are in",                                                                               \
         "the masks cancel, or can be taken away, in the sum alone"},                                                                         \
    [MESSAGE_SURVIVORS] = {"survivors",                                                                                                       \
                           ROLE_AGGREGATOR,                                                                                                   \
                           ROLE_CLIENT,                                                                                                       \
                           AGGREGATION_SMALL,                                                                                                 \
                           "which neighbours' vectors have come, with their notes",                                                           \
                           "for these the shares of own masks are wanted, for the others those of mask keys"},                                \
    [MESSAGE_AGREED] =                                                                                                                        \
        {"agreed",                                                                                                                            \
         ROLE_CLIENT,                                                                                                                         \
         ROLE_AGGREGATOR,                                                                                                                     \
         AGGREGATION_SMALL,                                                                                                                   \
         "a signature over the list of survivors that this client was told; where neighbours are chosen, a note for each survivor that this " \
         "client was told of it",                                                                                                             \
         "an aggregator that tells clients different lists could take single masks away"},                                                    \
    [MESSAGE_AGREEMENTS] = {"agreements",                                                                                                     \
                            ROLE_AGGREGATOR,                                                                                                  \
                            ROLE_CLIENT,                                                                                                      \
                            AGGREGATION_SMALL,                                                                                                \
                            "these signatures of the other clients, or the notes for this one",                                               \
                            "the client goes on only when enough were told the same"},                                                        \
    [MESSAGE_REVEAL] = {"revealed shares",                                                                                                    \
                        ROLE_CLIENT,                                                                                                          \
                        ROLE_AGGREGATOR,                                                                                                      \
                        AGGREGATION_SMALL,                                                                                                    \
                        "for each survivor a share of its own mask, for each who has gone a share of its mask key, never both",               \
                        "as many as the threshold take the masks from the sum, and from nothing else"},                                       \
    [MESSAGE_LATE] = {                                                                                                                        \
        "late", ROLE_AGGREGATOR, ROLE_CLIENT, AGGREGATION_SMALL, "that this client was too late", "it need not go on with the round"}

extern const fate_protocol aggregation_sum, aggregation_mean;

#endif
