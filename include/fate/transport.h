/* The transport hook: how frames get to peers and from them. Ready-made: TCP, and loopback within one process.
 *
 * A transport may lose, repeat, delay and reorder frames; it must not join or cut them. All functions but wake are called by
 * fate_drive on its caller's thread, never from another one. One transport may serve several sessions of its party one after the
 * other (an alignment, then the training on it): what is still under way for one that has ended, the next one drops unread.
 */
#ifndef FATE_TRANSPORT_H
#define FATE_TRANSPORT_H

#include <fate/job.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What poll hands its findings to. Valid during that call only. */
typedef struct fate_inbox fate_inbox;

/* In poll: a frame arrived.
 * peer   in: the party it claims to come from
 * link   in: the connection it came over, 0 where there are none
 * bytes  in: copied; at most 1 MiB + 4 KiB
 * Returns FATE_OK; FATE_AGAIN when the session's window is full: keep the frame, offer it in the next poll, and let that connection's
 * later frames wait; an error: return it from poll. */
FATE_API int32_t fate_inbox_frame(fate_inbox *inbox, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length);
/* In poll: a connection came up or went away. Optional. Returns FATE_OK or an error: return it from poll. */
FATE_API int32_t fate_inbox_connected(fate_inbox *inbox, uint32_t peer, uint64_t link);
FATE_API int32_t fate_inbox_disconnected(fate_inbox *inbox, uint32_t peer, uint64_t link);
/* In poll: something that a person should know ("connection refused by 10.0.0.7:9001, trying again"). Optional.
 * peer      in: the party it concerns; UINT32_MAX: none
 * sentence  in: the observer's warning is called with it
 * Returns FATE_OK or an error: return it from poll. */
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
 * free   frees the transport; NULL: nothing to free
 * proved the peer has proved its identity over this link; a transport that strangers can reach keeps such links and lets others make
 *        way. NULL: nothing depends on it */
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
    int32_t (*proved)(void *context, uint32_t peer, uint64_t link);
} fate_transport;

/* Calls the transport's free. NULL is accepted. */
FATE_API void fate_transport_free(fate_transport *transport);

/* A TCP transport (IPv4 and IPv6, non-blocking, keepalive, dials again with pauses that grow from 0.1 to 2 seconds).
 *
 * On the wire: the side that dialled sends 16 bytes, "FATE", a version byte (1), three zero bytes, its number and that of the party it
 * wants (4 bytes each); then both sides send frames, each behind its length in 4 bytes; all little-endian. The numbers are a claim
 * that only the session's handshake proves: at most 8 unproved connections for each claimed peer and 64 in all are kept, newer ones
 * taking the place of the least active. Each connection has a link number of its own.
 *
 * The listening socket is made here; fate_transport_free may take a quarter of a second, so that peers can read what was sent last.
 * transport  out; free with fate_transport_free
 * party      in: number of this party
 * listen     in: "host:port", "[v6]:port" or ":port" (every address of this machine); port 0: the system chooses one; NULL: does not
 *            listen, only dials out. A host that is a name is asked from the system's resolver, which may block.
 * Returns FATE_OK; FATE_E_NETWORK when the address is malformed, unknown or in use (the sentence says which); FATE_E_ARGUMENT;
 * FATE_E_MEMORY. */
FATE_API int32_t fate_tcp_new(fate_context *context, fate_transport **transport, uint32_t party, const char *listen);
/* Adds a peer: before the drive, or between two.
 * transport  one of fate_tcp_new
 * peer       in: its number in the job
 * name       in: for sentences
 * address    in: where to dial it, "host:port" or "[v6]:port"; NULL: it dials us. Numbers are preferable to names: a name is asked from
 *            the system's resolver in each round of dialling, and that call may block the drive.
 * Returns FATE_OK; FATE_E_NETWORK when the address is malformed; FATE_E_ARGUMENT for another transport, this party itself or a peer
 * added before; FATE_E_MEMORY. */
FATE_API int32_t fate_tcp_add_peer(fate_transport *transport, uint32_t peer, const char *name, const char *address);
/* The port that is listened on (asked for 0: the one given by the system); 0 when not listening, or for another transport. */
FATE_API uint32_t fate_tcp_port(const fate_transport *transport);

/* A TCP transport as a job says: listens on the party's address if a peer is to dial it, dials the others.
 * transport  out; free with fate_transport_free
 * job        in: not kept
 * party      in: number of this party
 * listen     in: where to listen instead of the party's address in the job, which its peers dial; NULL: there
 * Returns as fate_tcp_new and fate_tcp_add_peer; FATE_E_JOB when neither of two parties that exchange messages has an address. */
FATE_API int32_t fate_tcp_for_job(fate_context *context, fate_transport **transport, const fate_job *job, uint32_t party,
                                  const char *listen);

/* count transports within one process, joined to each other; each may be used, and freed, in a thread of its own. The context's
 * allocator must then be usable from several threads. Frames wait in memory, at most about 4 MiB from one party to another.
 * transports  out: an array of count pointers of the caller's; number i is for party i. Freed one by one with fate_transport_free.
 * count       in: 1 to 1024
 * Returns FATE_OK; FATE_E_ARGUMENT; FATE_E_MEMORY; FATE_E_NETWORK when the system has no descriptors left (each transport takes two). */
FATE_API int32_t fate_loopback_new(fate_context *context, fate_transport **transports, uint32_t count);

#ifdef __cplusplus
}
#endif
#endif
