/* One parameter of a protocol: a JSON value checked against its declared kind, range and choices. */
#ifndef SRC_SESSION_PARAMETER_H
#define SRC_SESSION_PARAMETER_H

#include <fate/protocol.h>
#include <jansson.h>
#include "lib/bytes.h"

/* Only the member of the parameter's kind is used. */
struct parameter_value {
    int64_t integer;
    double number;
    char *text;
};

/* Reads given into value. where: what stands before the parameter's name in a sentence ("job.json: parameters.").
 * Returns FATE_OK, FATE_E_MEMORY, or code with a sentence when the value is not accepted. */
int32_t parameter_read(fate_context *context, struct parameter_value *value, const fate_protocol_parameter *parameter, const json_t *given,
                       int32_t code, const char *where);
/* Reads the preset, which must not be NULL. */
int32_t parameter_read_preset(fate_context *context, struct parameter_value *value, const fate_protocol_parameter *parameter, int32_t code,
                              const char *where);
void parameter_free(fate_context *context, struct parameter_value *value);
/* Appends the value as canonical JSON. */
void parameter_write(struct buffer *buffer, const fate_protocol_parameter *parameter, const struct parameter_value *value);

#endif
