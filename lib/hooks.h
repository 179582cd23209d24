/* Copies a table of functions that an application filled, by the law on struct_size (fate.h, law 9). */
#ifndef LIB_HOOKS_H
#define LIB_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

/* Copies given (its first uint32_t is its struct_size, its second abi_version) into own, which is own_size bytes. A shorter one is
 * filled up with zeros, a longer one accepted when its tail is zero. false: FATE_E_VERSION. */
bool hooks_copy(void *own, uint32_t own_size, const void *given, uint32_t least_size);

#endif
