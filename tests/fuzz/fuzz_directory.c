/* A file of the directory store: what is accepted must be exactly what the store would have written. */
#include <stdlib.h>
#include <string.h>
#include "src/store/directory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *bytes = NULL;
    uint64_t length = 0;
    uint8_t header[DIRECTORY_HEADER];
    if (directory_decode(data, size, "key", &bytes, &length) != NULL) return 0;
    directory_header(header, "key", bytes, length);
    if (length != size - DIRECTORY_HEADER || bytes != data + DIRECTORY_HEADER || memcmp(header, data, sizeof header) != 0) abort();
    return 0;
}
