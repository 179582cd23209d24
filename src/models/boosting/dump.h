/* Readable text and JSON of models of vertical boosting: one party's, or several parties' merged into one. */
#ifndef SRC_MODELS_BOOSTING_DUMP_H
#define SRC_MODELS_BOOSTING_DUMP_H

#include <fate/model.h>
#include "lib/bytes.h"
#include "src/models/boosting/model.h"

/* The dump function of the protocol (fate_protocol.dump). With the models of all parties every condition is spelled out with the names of
 * its columns; without, other parties' columns appear as numbers. Importance (gain, splits, cover) is given when the guest's model is there:
 * sums over the splits of each column, greatest gain first. */
int32_t dump_models(fate_context *context, const fate_model *const *models, uint32_t count, const char *format, char **text);

/* One party's model and its name in the job. */
struct dump_party {
    const char *name;
    const struct boosting_model *model;
};

/* The same on models in memory: appends to text. FATE_E_UNSUPPORTED for a format that is neither "text" nor "json"; FATE_E_MODEL when the models
 * do not fit together; FATE_E_MEMORY. */
int32_t dump_write(fate_context *context, const struct dump_party *parties, uint32_t count, const char *format, struct buffer *text);

#endif
