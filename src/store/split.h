/* A store of two others; see fate_split_store_new. */
#ifndef SRC_STORE_SPLIT_H
#define SRC_STORE_SPLIT_H

#include "src/store/store.h"

/* The sentence of the last error of a directory behind the store, whether it is split or not; "" when there is none. */
const char *split_sentence(const fate_store *store);

#endif
