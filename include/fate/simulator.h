/* A simulator: all parties of a job in one process, one thread, from one seed, over a network that delays, reorders, repeats
 * and loses frames. For tests of applications and of protocols; never for real data: identities and randomness follow from the seed.
 */
#ifndef FATE_SIMULATOR_H
#define FATE_SIMULATOR_H

#include <fate/session.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_simulator fate_simulator;

/* Makes a simulator for a job, and a session for each of its parties.
 * simulator  out: NULL after an error; free with fate_simulator_free, which frees its sessions too
 * job_text   in: JSON as fate_job_parse reads; parties' "key" may be missing and is then filled in from the seed
 * purpose    in: enum fate_purpose
 * seed       in: everything random follows from it: keys, messages, and what goes wrong on the network
 * Returns as fate_job_parse and fate_session_new; the sentence is on the context. */
FATE_API int32_t fate_simulator_new(fate_context *context, fate_simulator **simulator, const char *job_text, int32_t purpose,
                                    uint64_t seed);
/* NULL is accepted. */
FATE_API void fate_simulator_free(fate_simulator *simulator);

/* The job with its keys; borrowed. The session of a party; borrowed until that party is restarted; set tables, models and options on it
 * before run. NULL for NULL and out of range. */
FATE_API const fate_job *fate_simulator_job(const fate_simulator *simulator);
FATE_API fate_session *fate_simulator_session(fate_simulator *simulator, uint32_t party);

/* The network and what goes wrong, by name, before or during the run; FATE_E_ARGUMENT for an unknown name or a value out of range.
 * Chances are in millionths. All are 0 but the delays, which are 1.
 *   "delay_least", "delay_most"  ticks (milliseconds) a frame travels. Frames overtake each other when these differ.
 *   "loss", "repeat"             chance that a frame is lost, or arrives twice
 *   "reconnect"                  chance per tick and pair that a connection is cut and made anew: frames under way are lost
 *   "partition"                  chance per tick and pair that nothing passes between the two for up to 5000 ticks
 *   "crash"                      chance per tick and party that it is killed and started again within 3000 ticks; for sessions with the
 *                                option "durable"
 *   "store_delay_most"           ticks until a put is durable: a party killed before has lost it
 *   "store_failure"              chance that a put fails with FATE_E_FILE
 *   "clock"                      1: every party's clock runs at a rate of its own (a fifth to five times) and jumps now and then,
 *                                forwards and back
 *   "faults_until"               the tick after which nothing goes wrong any more; 0: never */
FATE_API int32_t fate_simulator_set(fate_simulator *simulator, const char *name, uint64_t value);

/* Ends a party as if its process had been killed, and makes it anew with what its store has kept (option "durable"). Frames under way
 * to it are lost. Tables, model and options are those of the session before; fate_simulator_session returns the new one.
 * Returns FATE_OK; FATE_E_ARGUMENT; what fate_session_new returns. */
FATE_API int32_t fate_simulator_restart(fate_simulator *simulator, uint32_t party);

/* Ends a party as if its process had been killed, for good or until fate_simulator_restart. Its connections are cut. Before the first run: a
 * party that never came. FATE_OK; FATE_E_ARGUMENT. */
FATE_API int32_t fate_simulator_stop(fate_simulator *simulator, uint32_t party);

/* Who does the tasks that parties have for the application (fate/task.h): called once for each, in run; returns as the observer's task, FATE_AGAIN: called
 * again in the next tick. NULL: nobody, and a task ends its party with FATE_E_UNSUPPORTED. FATE_OK; FATE_E_ARGUMENT. */
typedef int32_t fate_simulator_task(void *context, uint32_t party, const fate_task *task, fate_task_result *done);
FATE_API int32_t fate_simulator_set_task(fate_simulator *simulator, void *context, fate_simulator_task *task);

/* Runs until every party is finished (FATE_FINISHED), any ended with an error (that error, with its sentence on the context), or ticks are
 * over (FATE_AGAIN). Not waited for are parties that were stopped, and errors of those whose role may vanish: see fate_simulator_outcome. FATE_E_ARGUMENT; FATE_E_MEMORY; FATE_E_INTERNAL when all wait for each other for ever. */
FATE_API int32_t fate_simulator_run(fate_simulator *simulator, uint64_t ticks);
/* How a party stands: FATE_OK or FATE_AGAIN while it runs, FATE_FINISHED, or the error that ended it (fate_session_error of its session has
 * the sentence). After an error: fate_simulator_restart, and run goes on. FATE_E_ARGUMENT when there is no such party. */
FATE_API int32_t fate_simulator_outcome(const fate_simulator *simulator, uint32_t party);

/* The evidence log of a party whose session keeps evidence (fate_session_set_evidence with an empty log); borrowed until the simulator runs
 * on. A party that is killed may lose the end of what its "store_delay_most" has not made durable yet. NULL when there is none. */
FATE_API const uint8_t *fate_simulator_evidence(const fate_simulator *simulator, uint32_t party, uint64_t *length);

/* Time in ticks so far; how many frames were delivered. */
FATE_API uint64_t fate_simulator_now(const fate_simulator *simulator);
FATE_API uint64_t fate_simulator_frames(const fate_simulator *simulator);

#ifdef __cplusplus
}
#endif
#endif
