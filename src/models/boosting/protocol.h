/* The two protocols of vertical boosting as tables: training and scoring. */
#ifndef SRC_MODELS_BOOSTING_PROTOCOL_H
#define SRC_MODELS_BOOSTING_PROTOCOL_H

#include <fate/protocol.h>

extern const fate_protocol boosting_training;
extern const fate_protocol boosting_scoring;

enum boosting_role { ROLE_GUEST = 0, ROLE_HOST = 1 };

enum training_message {
    MESSAGE_COLUMNS = 0,
    MESSAGE_SETUP,
    MESSAGE_EARLIER,
    MESSAGE_ROUND,
    MESSAGE_GRADIENTS,
    MESSAGE_COUNTS,
    MESSAGE_HISTOGRAMS,
    MESSAGE_SPLITS,
    MESSAGE_PARTITION,
    MESSAGE_CHILDREN,
    MESSAGE_OUTCOMES,
    MESSAGE_COMMITMENT,
    MESSAGE_COMMITMENTS,
    MESSAGE_NONCE,
    MESSAGE_NONCES,
    MESSAGE_HINT,
    MESSAGE_VECTORS,
    MESSAGE_REPLIES,
    MESSAGE_NODE_ROWS,
    MESSAGE_HELD,
    MESSAGE_CHOICE,
    TRAINING_MESSAGES
};

enum guest_step {
    GUEST_BIN = 0,
    GUEST_COMPARE,
    GUEST_SETUP,
    GUEST_EARLIER,
    GUEST_CONTINUE,
    GUEST_BEGIN,
    GUEST_ENCRYPT,
    GUEST_SUM,
    GUEST_COUNT,
    GUEST_COLLECT,
    GUEST_CHOOSE,
    GUEST_PARTITION,
    GUEST_ASSIGN,
    GUEST_LEAVES,
    GUEST_OUTCOMES,
    GUEST_JUDGE,
    GUEST_END,
    GUEST_COMMITMENTS, /* from here on: with the cipher lattice alone */
    GUEST_NONCES,
    GUEST_HINTS,
    GUEST_VECTORS,
    GUEST_PADS,
    GUEST_REPLIES,
    GUEST_HELD,
    GUEST_STEPS
};

enum host_step {
    HOST_BIN = 0,
    HOST_SETUP,
    HOST_EARLIER,
    HOST_ROUND,
    HOST_COUNT,
    HOST_ADD,
    HOST_SUM,
    HOST_SPLIT,
    HOST_CHILDREN,
    HOST_OUTCOMES,
    HOST_COMMIT, /* from here on: with the cipher lattice alone */
    HOST_COMMITMENTS,
    HOST_NONCES,
    HOST_HINT,
    HOST_VECTORS,
    HOST_REPLY,
    HOST_NODE_ROWS,
    HOST_CHOICE,
    HOST_STEPS
};

enum scoring_message { MESSAGE_REQUEST = 0, MESSAGE_ROWS, MESSAGE_LEAVES, SCORING_MESSAGES };

#endif
