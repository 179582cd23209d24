/* The parameters of jobs over rounds; see parameters.h. */
#include "src/models/rounds/parameters.h"

#include <string.h>

#include "lib/bytes.h"

int32_t rounds_parameters_read(struct rounds_parameters *parameters, const fate_job *job)
{
    int64_t attempts = 0, seed = 0;
    double patience = 0;
    memset(parameters, 0, sizeof *parameters);
    int32_t result = fate_job_number(job, "work_patience", &patience);
    if (result == FATE_OK) result = fate_job_integer(job, "attempts", &attempts);
    if (result == FATE_OK) result = fate_job_number(job, "client_share", &parameters->client_share);
    if (result == FATE_OK) result = fate_job_number(job, "examples_bound", &parameters->examples_bound);
    if (result == FATE_OK) result = fate_job_integer(job, "seed", &seed);
    parameters->work_patience = (uint64_t)(patience * 1000);
    parameters->attempts = (uint32_t)attempts;
    bytes_store_u64(parameters->seed, (uint64_t)seed);
    return result;
}
