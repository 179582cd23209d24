/* A TCP transport for one party of a job: whom it dials, whom it waits for, and where it listens. */
#include "src/session/connect.h"

#include "src/session/job.h"

/* Whether some peer is to dial this party; and FATE_E_JOB when a dialler has no address to dial. */
static int32_t check_ways(fate_context *context, const fate_job *job, uint32_t party, const char *listen, bool *listens)
{
    *listens = false;
    for (uint32_t other = 0; other < fate_job_party_count(job); other++) {
        if (!fate_job_parties_talk(job, party, other)) continue;
        bool dials = fate_job_party_dials(job, party, other) != 0;
        const char *address = fate_job_party_address(job, dials ? other : party);
        if (!dials) *listens = true;
        if (address != NULL || (!dials && listen != NULL)) continue;
        return context_fail(context, FATE_E_JOB,
                            "neither %s nor %s has an address: give one of them an \"address\" in the job, so that the other can dial it",
                            fate_job_party_name(job, party), fate_job_party_name(job, other));
    }
    return FATE_OK;
}

static int32_t add_peers(fate_transport *transport, const fate_job *job, uint32_t party)
{
    int32_t result = FATE_OK;
    for (uint32_t other = 0; other < fate_job_party_count(job) && result == FATE_OK; other++) {
        if (!fate_job_parties_talk(job, party, other)) continue;
        const char *address = fate_job_party_dials(job, party, other) ? fate_job_party_address(job, other) : NULL;
        result = fate_tcp_add_peer(transport, other, fate_job_party_name(job, other), address);
    }
    return result;
}

int32_t fate_tcp_for_job(fate_context *context, fate_transport **transport, const fate_job *job, uint32_t party, const char *listen)
{
    bool listens;
    if (transport != NULL) *transport = NULL;
    if (context == NULL || transport == NULL || job == NULL || party >= fate_job_party_count(job))
        return context_bad_argument(context, "fate_tcp_for_job: transport or job is NULL, or the job has no such party");
    int32_t result = check_ways(context, job, party, listen, &listens);
    if (result != FATE_OK) return result;
    const char *where = listen != NULL ? listen : fate_job_party_address(job, party);
    result = fate_tcp_new(context, transport, party, listens ? where : NULL);
    if (result == FATE_OK) result = add_peers(*transport, job, party);
    if (result != FATE_OK) {
        fate_transport_free(*transport);
        *transport = NULL;
    }
    return result;
}
