/* Driving a session through hooks: the measures of the loop; see fate_drive. */
#ifndef SRC_SESSION_DRIVE_H
#define SRC_SESSION_DRIVE_H

#include <fate/observer.h>

enum {
    DRIVE_BUDGET = 4,  /* units of work between two looks at the transport */
    DRIVE_SLICE = 200, /* milliseconds of waiting between two ticks */
    DRIVE_FLUSH = 2000 /* milliseconds to get the last frames out */
};

#endif
