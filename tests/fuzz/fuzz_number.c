/* Reading numbers: whatever is accepted is finite, reads the same with blanks around it, and comes back from its shortest text. */
#include "lib/number.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double value, again;
    if (!number_read((const char *)data, size, &value)) return 0;
    require(isfinite(value));
    char text[NUMBER_TEXT];
    number_write(text, value);
    require(number_read(text, strlen(text), &again) && memcmp(&value, &again, sizeof value) == 0);
    char *padded = malloc(size + 2);
    require(padded != NULL);
    padded[0] = ' ';
    memcpy(padded + 1, data, size);
    padded[size + 1] = '\t';
    require(number_read(padded, size + 2, &again) && memcmp(&value, &again, sizeof value) == 0);
    free(padded);
    return 0;
}
