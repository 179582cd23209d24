/* Driving a session through hooks: what fate_drive needs of a session beyond the public step interface. */
#ifndef SRC_SESSION_DRIVE_H
#define SRC_SESSION_DRIVE_H

#include <fate/observer.h>
#include "lib/context.h"

enum {
    DRIVE_BUDGET = 16, /* units of work between two looks at the transport */
    DRIVE_SLICE = 200, /* milliseconds of waiting between two ticks */
    DRIVE_FLUSH = 2000 /* milliseconds to get the last frames out */
};

#endif
