/* The pooled run: all parties' tables in one process, no encryption, no messages. What a federated run must equal. */
#ifndef TOOLS_POOLED_H
#define TOOLS_POOLED_H

#include "tools/options.h"

/* fate train --pooled and fate predict --pooled. Return an exit code. */
int pooled_train(const struct arguments *arguments);
int pooled_predict(const struct arguments *arguments);

#endif
