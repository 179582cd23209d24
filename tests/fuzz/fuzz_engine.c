/* The engine, driven by bytes: a peer with the right key says any sequence of contents. Each begins with a u16, its length. */
#include <stddef.h>
#include <stdint.h>

#include "tests/support/hostile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hostile hostile;
    int32_t result = hostile_open(&hostile);
    while (result == FATE_OK && size >= 2 && hostile.result == FATE_OK) {
        size_t length = (size_t)data[0] | (size_t)data[1] << 8;
        data += 2;
        size -= 2;
        if (length > size) length = size;
        hostile_say(&hostile, data, length);
        data += length;
        size -= length;
    }
    hostile_close(&hostile);
    return 0;
}
