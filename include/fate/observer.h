/* The observer hook, and the call that drives a session through hooks. */
#ifndef FATE_OBSERVER_H
#define FATE_OBSERVER_H

#include <fate/session.h>
#include <fate/store.h>
#include <fate/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Every member but the first three may be NULL. A result other than FATE_OK ends the drive: FATE_E_CANCELLED to cancel, or an
 * application's own code, which comes back unchanged; the peers are told that the job was cancelled.
 * peer_changed  state: 1 has proved its identity, 0 has not been heard of for a while
 * tick          called at least every 200 ms of waiting, and after every run */
typedef struct fate_observer {
    uint32_t struct_size; /* sizeof(fate_observer) */
    uint32_t abi_version; /* FATE_ABI_VERSION */
    void *context;
    int32_t (*progress)(void *context, const fate_progress *progress);
    int32_t (*metric)(void *context, const char *name, uint32_t round, double value);
    int32_t (*warning)(void *context, const char *sentence);
    int32_t (*peer_changed)(void *context, uint32_t peer, int32_t state);
    int32_t (*tick)(void *context);
} fate_observer;

/* Drives a session to its end through hooks; built on the step interface alone.
 * transport  in: not freed here
 * store      in: NULL: nothing is kept, and a restarted party begins anew
 * observer   in: NULL: nobody watches
 * Returns FATE_OK when the job is finished; the session's error; FATE_E_REENTERED when called from a hook of this session;
 * FATE_E_VERSION when a hook table is not of this library; FATE_E_ARGUMENT; a hook's own code. */
FATE_API int32_t fate_drive(fate_session *session, const fate_transport *transport, const fate_store *store, const fate_observer *observer);

#ifdef __cplusplus
}
#endif
#endif
