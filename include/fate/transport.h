/* The transport hook: how frames get to peers and from them. Ready-made: TCP, and loopback within one process.
 *
 * A transport may lose, repeat, delay and reorder frames; it must not join or cut them. All functions but wake are called by
 * fate_drive on its caller's thread, never from another one.
 */
#ifndef FATE_TRANSPORT_H
#define FATE_TRANSPORT_H

#include <fate/job.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What poll hands its findings to. Valid during that call only. */
typedef struct fate_inbox fate_inbox;

/* In poll: a frame arrived. Returns FATE_OK; FATE_AGAIN when the session's window is full: keep the frame and offer it in the next poll. */
FATE_API int32_t fate_inbox_frame(fate_inbox *inbox, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length);
/* In poll: a connection came up or went away. Optional. */
FATE_API int32_t fate_inbox_connected(fate_inbox *inbox, uint32_t peer, uint64_t link);
FATE_API int32_t fate_inbox_disconnected(fate_inbox *inbox, uint32_t peer, uint64_t link);
/* In poll: something that a person should know ("connection refused by 10.0.0.7:9001, trying again"). Optional. */
FATE_API int32_t fate_inbox_notice(fate_inbox *inbox, uint32_t peer, const char *sentence);

/* Every function returns FATE_OK, FATE_AGAIN where said, or an error: the library's or the application's own (at or below
 * FATE_E_APPLICATION), which ends the drive and comes back unchanged.
 * send   takes a copy of the frame, or sends it. FATE_AGAIN: cannot take it now; it is offered again after wait. link 0: any way there is.
 *        A peer that is not connected is no error: drop the frame.
 * poll   hands every frame that has arrived to the inbox; never blocks
 * wait   blocks until poll has something, send would take a frame again, wake is called, or the time is over
 * now    milliseconds of a steady clock
 * close  closes a link whose frames were not authentic; NULL: nothing to close
 * wake   makes a blocked wait return; any thread or signal handler; NULL: a cancel is then noticed after at most 200 ms
 * flush  tries for at most that many milliseconds to get all taken frames out; NULL: nothing is buffered
 * free   frees the transport; NULL: nothing to free */
typedef struct fate_transport {
    uint32_t struct_size; /* sizeof(fate_transport) */
    uint32_t abi_version; /* FATE_ABI_VERSION */
    void *context;
    int32_t (*send)(void *context, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length);
    int32_t (*poll)(void *context, fate_inbox *inbox);
    int32_t (*wait)(void *context, uint64_t milliseconds);
    uint64_t (*now)(void *context);
    int32_t (*close)(void *context, uint32_t peer, uint64_t link);
    void (*wake)(void *context);
    int32_t (*flush)(void *context, uint64_t milliseconds);
    void (*free)(void *context);
} fate_transport;

/* Calls the transport's free. NULL is accepted. */
FATE_API void fate_transport_free(fate_transport *transport);

/* A TCP transport (IPv4 and IPv6, non-blocking, keepalive, dials again with growing pauses).
 * transport  out; free with fate_transport_free
 * party      in: number of this party
 * listen     in: "host:port", "[v6]:port" or ":port"; NULL: does not listen, only dials out
 * Returns FATE_OK; FATE_E_NETWORK when the address is malformed, unknown or in use (the sentence says which); FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_tcp_new(fate_context *context, fate_transport **transport, uint32_t party, const char *listen);
/* Adds a peer. address: where to dial it; NULL: it dials us. */
FATE_API int32_t fate_tcp_add_peer(fate_transport *transport, uint32_t peer, const char *name, const char *address);
/* The port that is listened on (asked for 0: the one given by the system); 0 when not listening. */
FATE_API uint32_t fate_tcp_port(const fate_transport *transport);

/* A TCP transport as a job says: listens on the party's address (or on `listen`, when given) if a peer is to dial it, dials the others.
 * FATE_E_JOB when neither of two parties has an address. */
FATE_API int32_t fate_tcp_for_job(fate_context *context, fate_transport **transport, const fate_job *job, uint32_t party, const char *listen);

/* count transports within one process, joined to each other; each may be used in a thread of its own. Freed one by one.
 * transports  out: an array of count pointers of the caller's */
FATE_API int32_t fate_loopback_new(fate_context *context, fate_transport **transports, uint32_t count);

#ifdef __cplusplus
}
#endif
#endif
