/* Scoring row by row in a session that stays open: the guest names an id, each host says which leaves its conditions leave possible. */
#ifndef SRC_MODELS_BOOSTING_SERVING_H
#define SRC_MODELS_BOOSTING_SERVING_H

#include <fate/protocol.h>

extern const fate_protocol boosting_serving;

enum serving_message { MESSAGE_SHAPES = 0, MESSAGE_READY, MESSAGE_QUESTION, MESSAGE_POSSIBLE, SERVING_MESSAGES };

enum serving_guest_step { SERVING_TELL = 0, SERVING_COMPARE, SERVING_ASK, SERVING_ANSWER, SERVING_GUEST_STEPS };
enum serving_host_step { SERVING_AGREE = 0, SERVING_REPLY, SERVING_HOST_STEPS };

#endif
