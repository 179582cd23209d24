/* The recorder that appends to a file; see fate_file_recorder_new. */
#ifndef SRC_STORE_FILE_RECORDER_H
#define SRC_STORE_FILE_RECORDER_H

#include <fate/evidence.h>

/* The sentence of the last error on the context of a file recorder; "" for any other recorder. */
const char *file_recorder_sentence(const fate_recorder *recorder);

#endif
