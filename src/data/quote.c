/* Bytes of a table as readable text for an error's sentence. */
#include "src/data/quote.h"
#include <string.h>

uint32_t quote_character(const uint8_t *bytes, uint64_t left)
{
    static const uint8_t least_second[3] = {0x80, 0xa0, 0x90}; /* for E0 and F0: shorter forms exist below these */
    uint32_t length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
    if (bytes[0] < 0xc2 || bytes[0] > 0xf4 || left < length) return 0;
    for (uint32_t i = 1; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80) return 0;
    uint8_t least = bytes[0] == 0xe0 ? least_second[1] : bytes[0] == 0xf0 ? least_second[2] : least_second[0];
    if (bytes[1] < least || (bytes[0] == 0xed && bytes[1] > 0x9f) || (bytes[0] == 0xf4 && bytes[1] > 0x8f)) return 0;
    return length;
}

const char *quote_bytes(char *out, const void *given, uint64_t length)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = given;
    uint32_t used = 0;
    uint64_t i = 0;
    out[used++] = '"';
    /* Each turn writes at most 4 bytes; ...", and the zero byte are 5 more. */
    while (i < length && used + 4 + 5 <= QUOTE_TEXT) {
        uint32_t whole = bytes[i] >= 0x20 && bytes[i] < 0x7f ? 1 : bytes[i] < 0x80 ? 0 : quote_character(bytes + i, length - i);
        if (whole > 0) {
            memcpy(out + used, bytes + i, whole);
            used += whole;
            i += whole;
            continue;
        }
        out[used++] = '\\';
        out[used++] = 'x';
        out[used++] = digits[bytes[i] >> 4];
        out[used++] = digits[bytes[i] & 15];
        i++;
    }
    if (i < length) {
        memcpy(out + used, "...", 3);
        used += 3;
    }
    out[used++] = '"';
    out[used] = 0;
    return out;
}

const char *quote_text(char *out, const char *text)
{
    return quote_bytes(out, text, text ? strlen(text) : 0);
}
