/* The commands of the tool. */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

#include "tools/options.h"

extern const struct command command_keygen;
extern const struct command command_align;
extern const struct command command_train;
extern const struct command command_cross_validate;
extern const struct command command_predict;
extern const struct command command_evaluate;
extern const struct command command_inspect;
extern const struct command command_describe;
extern const struct command command_evidence;

#endif
