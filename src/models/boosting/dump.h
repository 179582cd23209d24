/* Readable text and JSON of models of vertical boosting: one party's, or several parties' merged into one. */
#ifndef SRC_MODELS_BOOSTING_DUMP_H
#define SRC_MODELS_BOOSTING_DUMP_H

#include <fate/model.h>

/* The dump function of the protocol (fate_protocol.dump). With the models of all parties every condition is spelled out with the names of
 * its columns; without, other parties' columns appear as numbers. Importance (gain, splits, cover) is given when the guest's model is there. */
int32_t dump_models(fate_context *context, const fate_model *const *models, uint32_t count, const char *format, char **text);

#endif
