/* What every other header needs: the export mark, the fixed-width types and the version. */
#ifndef FATE_BASE_H
#define FATE_BASE_H

#include <stddef.h>
#include <stdint.h>

#if defined(FATE_BUILDING) && defined(__GNUC__)
#define FATE_API __attribute__((visibility("default")))
#else
#define FATE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header. fate_version() tells that of the library that is linked. */
#define FATE_VERSION_MAJOR 0
#define FATE_VERSION_MINOR 1
#define FATE_VERSION_PATCH 0

/* The version of the tables that an application fills: the member abi_version of fate_allocator, fate_protocol, fate_row_source and of the
 * hooks fate_transport, fate_store, fate_observer and fate_recorder. */
#define FATE_ABI_VERSION 1

/* Returns the version of the linked library as "MAJOR.MINOR.PATCH"; static, never NULL. Any thread, any time. */
FATE_API const char *fate_version(void);

#ifdef __cplusplus
}
#endif
#endif
