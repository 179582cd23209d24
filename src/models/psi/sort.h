/* The bytewise order of byte strings of one length that look random, such as masked ids. */
#ifndef SRC_MODELS_PSI_SORT_H
#define SRC_MODELS_PSI_SORT_H

#include <fate/context.h>

/* order[i] is the number of the string at place i; count strings of size bytes, at least 8, end to end. Strings that are alike at their
 * beginning cost time. NULL: out of memory; freed with memory_free. */
uint32_t *psi_sort(fate_context *context, const uint8_t *bytes, uint64_t count, uint32_t size);

#endif
