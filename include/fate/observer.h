/* The observer hook, and the call that drives a session through hooks. */
#ifndef FATE_OBSERVER_H
#define FATE_OBSERVER_H

#include <fate/evidence.h>
#include <fate/session.h>
#include <fate/store.h>
#include <fate/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whoever watches a session. Every member but the first three may be NULL. All are called on the thread that called fate_drive, and must
 * not enter the session (FATE_E_REENTERED), fate_session_cancel excepted. A result other than FATE_OK ends the drive: FATE_E_CANCELLED to
 * cancel, or an application's own code, which comes back unchanged (a positive result counts as FATE_E_CANCELLED); the peers are told that
 * the job was cancelled, and the observer hears no more.
 * context       given back as the first argument of each function
 * progress      how far the job is; borrowed during the call; see fate_progress in fate/session.h
 * metric        a measure, such as "validation log_loss", after a round (from 1; 0, in horizontal training: of the weights that training began
 *               with); name borrowed during the call
 * warning       something that a person should know, of the session or of the transport; borrowed during the call
 * peer_changed  state: 1 has proved its identity, 0 has not been heard of for a while (15 seconds); peer as the job numbers it
 * tick          called at least every 200 ms of waiting, and after every run: for a program that has other things to do
 * task          does work that the protocol leaves to the application (fate/task.h): fills done, of which what it points to is borrowed until the next
 *               call, and returns FATE_OK; or FATE_AGAIN: it is not done yet, and is called again, with the same task, when what has
 *               arrived meanwhile was looked at. Work in pieces of less than some seconds, or peers take this party for lost
 * recorder      keeps the evidence of the run (fate/evidence.h); its table is copied, its context used during the call; NULL: no evidence */
typedef struct fate_observer {
    uint32_t struct_size; /* sizeof(fate_observer) */
    uint32_t abi_version; /* FATE_ABI_VERSION */
    void *context;
    int32_t (*progress)(void *context, const fate_progress *progress);
    int32_t (*metric)(void *context, const char *name, uint32_t round, double value);
    int32_t (*warning)(void *context, const char *sentence);
    int32_t (*peer_changed)(void *context, uint32_t peer, int32_t state);
    int32_t (*tick)(void *context);
    const fate_recorder *recorder;
    int32_t (*task)(void *context, const fate_task *task, fate_task_result *done);
} fate_observer;

/* Drives a session to its end through hooks; built on the step interface alone. Blocks until then; nothing runs when it has returned.
 *
 * session    in: its tables, model and options are set; kept by the caller, who asks it for model, results and sentence afterwards
 * transport  in: its table is copied, its context used during the call; not freed here
 * store      in: likewise; the option "durable" is then set. NULL: nothing is kept, and a restarted party begins anew
 * observer   in: likewise; NULL: nobody watches
 * Returns FATE_OK when the job is finished; the session's error (fate_session_run); FATE_E_REENTERED when called from a hook or step of
 * this session or while it is driven; FATE_E_VERSION when a hook table is not of this library; FATE_E_ARGUMENT when session or transport is
 * NULL or lacks send, poll, wait or now, or a store lacks one of its functions but free; FATE_E_STORE when a store answers what it must
 * not; FATE_E_MEMORY; a hook's own code. The sentence is on the session.
 * An error of the transport ends the drive, not the session, which may be driven on over another one. Before it returns it waits at
 * most 2 seconds until the last frames have left. */
FATE_API int32_t fate_drive(fate_session *session, const fate_transport *transport, const fate_store *store, const fate_observer *observer);

/* Asks a session that serves (FATE_PURPOSE_SERVE) for one row, and drives it until the answer is there: one round trip to every host. The first call
 * connects too. Hosts run fate_drive meanwhile, with their tables and models, until the guest asks no more. Between calls nothing runs: ask at
 * least every 10 seconds, or hosts begin new handshakes, and at least every "loss_timeout", or they give up.
 *
 * session    in: of the role that asks, its model set
 * transport, observer  in: as fate_drive, the same ones in every call
 * row        in: as fate_session_ask; NULL: ends the session as fate_drive does
 * values, count  out: as fate_session_answer; NULL and 0 after an error, and for row NULL
 * Returns FATE_OK; FATE_EMPTY when a host does not know the row; otherwise as fate_drive and fate_session_ask. */
FATE_API int32_t fate_ask(fate_session *session, const fate_transport *transport, const fate_observer *observer, const fate_table *row,
                          const double **values, uint64_t *count);

#ifdef __cplusplus
}
#endif
#endif
