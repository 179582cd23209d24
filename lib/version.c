/* The version of the linked library. */
#include <fate/base.h>

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

const char *fate_version(void)
{
    return TEXT(FATE_VERSION_MAJOR) "." TEXT(FATE_VERSION_MINOR) "." TEXT(FATE_VERSION_PATCH);
}
