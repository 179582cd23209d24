/* Nearest names by edit distance, on names cut to a fixed length. */
#include "src/session/nearest.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NEAREST_LENGTH = 64, NEAREST_SHOWN = 3 };

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance between the first NEAREST_LENGTH bytes of both. */
static uint32_t distance(const char *a, const char *b)
{
    const size_t a_length = strnlen(a, NEAREST_LENGTH), b_length = strnlen(b, NEAREST_LENGTH);
    uint32_t row[NEAREST_LENGTH + 1];
    for (size_t j = 0; j <= b_length; j++) row[j] = (uint32_t)j;
    for (size_t i = 1; i <= a_length; i++) {
        uint32_t diagonal = row[0];
        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= b_length; j++) {
            const uint32_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = smaller(changed, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_length];
}

static uint32_t nearest_left(const char *given, const char *const *known, uint32_t count, const uint32_t *chosen, uint32_t chosen_count)
{
    uint32_t best = UINT32_MAX, best_distance = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        bool taken = false;
        for (uint32_t c = 0; c < chosen_count; c++) taken = taken || chosen[c] == i;
        const uint32_t d = taken ? UINT32_MAX : distance(given, known[i]);
        if (d < best_distance) {
            best = i;
            best_distance = d;
        }
    }
    return best;
}

void nearest_names(char *text, size_t size, const char *given, const char *const *known, uint32_t count)
{
    uint32_t chosen[NEAREST_SHOWN];
    size_t used = 0;
    if (size > 0) text[0] = '\0';
    const uint32_t shown = smaller(count, NEAREST_SHOWN);
    for (uint32_t s = 0; s < shown; s++) {
        chosen[s] = nearest_left(given, known, count, chosen, s);
        const char *between = s == 0 ? "" : s + 1 == shown ? " or " : ", ";
        const int written = snprintf(text + used, size - used, "%s\"%s\"", between, known[chosen[s]]);
        if (written < 0 || (size_t)written >= size - used) return;
        used += (size_t)written;
    }
}
