/* A store in memory; see fate_memory_store_new. */
#ifndef SRC_STORE_MEMORY_H
#define SRC_STORE_MEMORY_H

#include "src/store/store.h"

#endif
