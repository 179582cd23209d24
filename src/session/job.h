/* The inside of a job. */
#ifndef SRC_SESSION_JOB_H
#define SRC_SESSION_JOB_H

#include <fate/job.h>
#include <fate/protocol.h>
#include "lib/memory.h"
#include "src/session/difference.h"
#include "src/session/identity.h"
#include "src/session/parameter.h"

enum { JOB_IDS = 16, JOB_PARTIES = 16385, JOB_NAME = 64, JOB_TEXT = 1024, JOB_CATEGORICAL = 16384, JOB_FILE = 16777216, JOB_DIGEST = 32 };

struct job_party {
    char *name, *role, *key;
    char *address; /* NULL when it has none */
    struct public_identity identity;
};

/* A column of the id. */
struct job_id {
    char *column;
    uint32_t normalise; /* enum normalise */
};

struct job_parameter {
    const fate_protocol_parameter *declared; /* in the registry */
    struct parameter_value value;
};

struct fate_job {
    fate_context *context;
    char *algorithm;
    char *align; /* name of the protocol of the purpose align; NULL when not given */
    char *id;    /* the id's name in results: that of its column, or of its columns with "|" between them */
    struct job_id *ids;
    uint32_t id_count;
    int32_t duplicates;   /* enum schema_duplicates */
    char *label, *weight; /* NULL when not given */
    char **categorical;   /* sorted, each once */
    uint32_t categorical_count;
    struct job_party *parties;
    uint32_t party_count;
    struct job_parameter *parameters; /* sorted by name */
    uint32_t parameter_count;
    fate_schema *schemas[2][3]; /* of parties without and with the label; for scoring, training and aligning */
    char *canonical;
    uint8_t digest[JOB_DIGEST];
};

/* The protocol of the job's algorithm; purpose 0: any, training first. */
const fate_protocol *job_protocol(const fate_job *job, int32_t purpose);

/* The role of a party as a protocol of the job numbers it; -1 when that protocol has no such role. */
int32_t job_role(const fate_job *job, const fate_protocol *protocol, uint32_t party);

#endif
