/* Normalisers of ids; see normalise.h. */
#include "src/data/normalise.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {"trim", "fold", "digits"};
enum { NAMES = 3 };

bool normalise_read(const char *text, uint32_t *normalisers)
{
    *normalisers = 0;
    while (*text != 0) {
        size_t length = strcspn(text, " ");
        uint32_t found = 0;
        for (uint32_t i = 0; i < NAMES; i++)
            if (strlen(names[i]) == length && memcmp(names[i], text, length) == 0) found = 1U << i;
        if (found == 0 || (*normalisers & found) != 0) return false;
        *normalisers |= found;
        text += length;
        if (*text == ' ' && *++text == 0) return false;
    }
    return true;
}

void normalise_write(char *text, uint32_t normalisers)
{
    size_t used = 0;
    text[0] = 0;
    for (uint32_t i = 0; i < NAMES; i++)
        if ((normalisers >> i & 1) != 0)
            used += (size_t)snprintf(text + used, NORMALISE_TEXT - used, "%s%s", used == 0 ? "" : " ", names[i]);
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static uint64_t trim(uint8_t *bytes, uint64_t length)
{
    uint64_t first = 0;
    while (length > 0 && is_blank(bytes[length - 1])) length--;
    while (first < length && is_blank(bytes[first])) first++;
    if (first > 0) memmove(bytes, bytes + first, (size_t)(length - first));
    return length - first;
}

uint64_t normalise_bytes(uint32_t normalisers, uint8_t *bytes, uint64_t length)
{
    if ((normalisers & NORMALISE_TRIM) != 0) length = trim(bytes, length);
    if ((normalisers & NORMALISE_FOLD) != 0)
        for (uint64_t i = 0; i < length; i++)
            if (bytes[i] >= 'A' && bytes[i] <= 'Z') bytes[i] = (uint8_t)(bytes[i] + ('a' - 'A'));
    if ((normalisers & NORMALISE_DIGITS) == 0) return length;
    uint64_t kept = 0;
    for (uint64_t i = 0; i < length; i++)
        if (bytes[i] >= '0' && bytes[i] <= '9') bytes[kept++] = bytes[i];
    return kept;
}
