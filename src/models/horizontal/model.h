/* A trained network with the columns that it takes, or, of an application's own training, its weights alone: as bytes and back (proto/horizontal.proto), and rows scored by it. Equal models are equal bytes. */
#ifndef SRC_MODELS_HORIZONTAL_MODEL_H
#define SRC_MODELS_HORIZONTAL_MODEL_H

#include "lib/bytes.h"
#include "src/models/horizontal/examples.h"

struct horizontal_model {
    fate_context *context;
    struct network network;          /* inputs: columns; loss 0: parameters alone */
    char **names;                    /* of columns */
    struct examples_column *columns; /* in the order of inputs; they borrow the names */
    uint64_t count;                  /* of parameters: network_parameters(&network), where there is a network */
    float *parameters;
};

/* Room for a network's columns, without names, and parameters; network NULL: for count parameters alone (else count is not used). FATE_E_MEMORY: the model is then empty and needs no free. */
int32_t horizontal_model_init(struct horizontal_model *model, fate_context *context, const struct network *network, uint64_t count);
/* Copies the name. FATE_E_MEMORY. */
int32_t horizontal_model_set_column(struct horizontal_model *model, uint32_t number, const char *name, double mean, double factor);
void horizontal_model_free(struct horizontal_model *model);

/* Appends the body. FATE_OK, FATE_E_MEMORY. */
int32_t horizontal_model_write(const struct horizontal_model *model, struct buffer *body);
/* Reads a body; everything is checked: limits of networks, names, as many parameters as the shape has, finite numbers. FATE_E_FORMAT says what is wrong;
 * FATE_E_MEMORY; the model is then empty and needs no free. */
int32_t horizontal_model_read(struct horizontal_model *model, fate_context *context, const uint8_t *body, uint64_t length);

/* scores: network.outputs numbers for each row of the table. FATE_E_MODEL when there is no network, FATE_E_TABLE as examples_make, FATE_E_MEMORY. */
int32_t horizontal_model_score(const struct horizontal_model *model, const fate_table *table, double *scores);
/* What a training that goes on from this model begins with: parameters of the same network for columns that are shifted and scaled in another way.
 * FATE_E_MODEL when shape or columns differ. parameters: out */
int32_t horizontal_model_continue(const struct horizontal_model *model, const struct network *network,
                                  const struct examples_column *columns, float *parameters);

#endif
