/* The tables of jobs over rounds. */
#ifndef SRC_MODELS_ROUNDS_PROTOCOL_H
#define SRC_MODELS_ROUNDS_PROTOCOL_H

#include "src/models/aggregation/protocol.h"
#include "src/models/rounds/inquiry.h"

/* Behind those of secure aggregation. */
enum rounds_message { ROUNDS_QUESTION = AGGREGATION_MESSAGES, ROUNDS_READY, ROUNDS_MESSAGES };

enum asker_step { ASKER_LISTEN, ASKER_ASK };
enum answerer_step { ANSWERER_JOIN, ANSWERER_LISTEN, ANSWERER_WORK };

extern const fate_protocol rounds_linear, rounds_neural, rounds_custom, rounds_statistics;

#endif
