/* Results of functions: zero is success, positive is success of another kind, negative is an error.
 *
 * The sentence that explains the last error, with the row, column, party or key in question and what to do about it,
 * lives on the object: fate_context_error() for everything made from a context, fate_session_error() for a session.
 */
#ifndef FATE_ERROR_H
#define FATE_ERROR_H

#include <fate/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Every code a function of the library returns. They travel as int32_t. Numbers never change their meaning; later versions add codes.
 * Numbers between -1000 and the last code of this list belong to the library. */
enum fate_result {
    FATE_OK = 0,       /* done */
    FATE_AGAIN = 1,    /* nothing was taken or more is to do: call again later; each function says when */
    FATE_FINISHED = 2, /* the job is finished */
    FATE_EMPTY = 3,    /* there is nothing (no event, no such stored value, no frame) */

    FATE_E_ARGUMENT = -1,     /* an argument is NULL, out of range or of the wrong object */
    FATE_E_MEMORY = -2,       /* the allocator returned NULL */
    FATE_E_STATE = -3,        /* the object is not in a state that allows this call */
    FATE_E_REENTERED = -4,    /* a session was entered again from one of its own hooks */
    FATE_E_CANCELLED = -5,    /* fate_session_cancel was called, or the observer asked to stop */
    FATE_E_TIMEOUT = -6,      /* a peer did not answer in time */
    FATE_E_FILE = -7,         /* a file cannot be opened, read or written */
    FATE_E_EXISTS = -8,       /* a file that must not be overwritten exists */
    FATE_E_NETWORK = -9,      /* an address cannot be used: syntax, port in use, no permission */
    FATE_E_FORMAT = -10,      /* bytes are truncated, altered or not of this kind */
    FATE_E_VERSION = -11,     /* bytes or tables were made by an incompatible version */
    FATE_E_TABLE = -12,       /* a table is bad: the sentence names file, row, column and reason */
    FATE_E_JOB = -13,         /* a job file is bad: the sentence names the field */
    FATE_E_JOB_DIFFERS = -14, /* a peer has another job: the sentence names the first differing field */
    FATE_E_IDENTITY = -15,    /* an identity is not the one that the job pins for this party */
    FATE_E_REFUSED = -16,     /* a peer refused this party's key: its job pins another one */
    FATE_E_PROTOCOL = -17,    /* a peer sent what the protocol does not allow */
    FATE_E_PEER = -18,        /* a peer ended the job with an error of its own */
    FATE_E_ROWS_DIFFER = -19, /* the parties' tables do not hold the same rows */
    FATE_E_LIMIT = -20,       /* a length or count is above a documented limit */
    FATE_E_RANGE = -21,       /* a number does not fit the range that an encoding was made for */
    FATE_E_KEY = -22,         /* a cryptographic key is malformed, too small or of another kind */
    FATE_E_STORE = -23,       /* stored state is damaged, or belongs to another run, job, table or identity */
    FATE_E_UNSUPPORTED = -24, /* not available here: unknown algorithm, kernel or option */
    FATE_E_MODEL = -25,       /* a model is of another kind, party or job than the call needs */
    FATE_E_RANDOM = -26,      /* the system's random number generator failed */
    FATE_E_INTERNAL = -27,    /* a defect in the library: please report it */

    FATE_E_APPLICATION = -1000 /* this and all numbers below belong to the application: a hook's own code, returned unchanged */
};

/* Returns the name of a code, "FATE_E_TABLE"; "FATE_E_APPLICATION" for every code at or below -1000; "unknown" for any other
 * number. Static, never NULL. Any thread. */
FATE_API const char *fate_result_name(int32_t result);

/* Returns one general English sentence for a code. Static, never NULL. Any thread. */
FATE_API const char *fate_result_text(int32_t result);

#ifdef __cplusplus
}
#endif
#endif
