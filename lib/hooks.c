/* The law on struct_size and abi_version, for every table of functions that an application fills. */
#include "lib/hooks.h"

#include <fate/base.h>
#include <string.h>

/* No table of any version comes near this: a larger number is memory that was never filled. */
enum { HOOKS_LARGEST = 4096 };

bool hooks_copy(void *own, uint32_t own_size, const void *given, uint32_t least_size)
{
    const uint8_t *bytes = given;
    uint32_t head[2]; /* struct_size, abi_version */
    memcpy(&head[0], bytes, sizeof head[0]);
    if (head[0] < sizeof head || head[0] < least_size || head[0] > HOOKS_LARGEST) return false;
    memcpy(head, bytes, sizeof head);
    if (head[1] != FATE_ABI_VERSION) return false;
    for (uint32_t i = own_size; i < head[0]; i++)
        if (bytes[i] != 0) return false;
    memset(own, 0, own_size);
    memcpy(own, bytes, head[0] < own_size ? head[0] : own_size);
    memcpy(own, &own_size, sizeof own_size);
    return true;
}
