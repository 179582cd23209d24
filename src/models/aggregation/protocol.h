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

extern const fate_protocol aggregation_sum, aggregation_mean;

#endif
