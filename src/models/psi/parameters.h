/* What a job says about private set intersection. */
#ifndef SRC_MODELS_PSI_PARAMETERS_H
#define SRC_MODELS_PSI_PARAMETERS_H

#include <fate/protocol.h>
#include <stdbool.h>

enum psi_learn { PSI_LEARN_BOTH, PSI_LEARN_GUEST, PSI_LEARN_COUNT };

/* Whose masked set is stored by the other party, and used again. */
enum psi_stored { PSI_STORED_NONE, PSI_STORED_GUEST, PSI_STORED_HOST };

enum { PSI_PARAMETERS = 10, PSI_HOSTS_MOST = 9 };

struct psi_parameters {
    bool x25519; /* the protocol is ecdh-x25519 */
    int32_t learn;
    bool left;
    uint64_t minimum_intersection, minimum_set;
    double maximum_ratio;
    double memory; /* MiB */
    int32_t stored;
    uint64_t stored_queries, stored_days;
};

extern const fate_protocol_parameter psi_parameters_table[PSI_PARAMETERS];

/* FATE_E_JOB when they do not fit together; FATE_E_ARGUMENT when the job has none of them. */
int32_t psi_parameters_read(fate_context *context, struct psi_parameters *parameters, const fate_job *job);
/* The protocol's check. */
int32_t psi_parameters_check(fate_context *context, const fate_job *job);

/* The protocol's sends: whether the job's parameters let that message be sent. */
int32_t psi_parameters_sends(const fate_job *job, uint32_t message);
/* The protocol's outlook: how far the job's limits go, and what a stored set means. */
int32_t psi_parameters_outlook(fate_context *context, const fate_job *job, char **text);

/* Whether two sets of these sizes may be compared: FATE_OK, or FATE_E_LIMIT with a sentence that tells no more than the sizes. */
int32_t psi_parameters_check_sizes(fate_context *context, const struct psi_parameters *parameters, uint64_t own, uint64_t theirs);
/* Whether an intersection of this size may become known. FATE_E_LIMIT. */
int32_t psi_parameters_check_intersection(fate_context *context, const struct psi_parameters *parameters, uint64_t size);

#endif
