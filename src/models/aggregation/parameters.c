/* The parameters of secure aggregation; see parameters.h. */
#include "src/models/aggregation/parameters.h"

#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/neighbours.h"
#include "src/models/aggregation/ring.h"

const fate_protocol_parameter aggregation_parameters_table[AGGREGATION_PARAMETERS] = {
    {"bound", FATE_PARAMETER_NUMBER, NULL, 1e-9, 1e15, NULL,
     "the largest absolute value that any client may give; with the number of clients it fixes the precision, and a larger value is an error"},
    {"weight", FATE_PARAMETER_TEXT, "\"\"", 0, 0, NULL,
     "secure-mean: the column of each client's table that weights its rows, 0 or more; without: all count alike"},
    {"weight_bound", FATE_PARAMETER_NUMBER, "1", 1e-9, 1e15, NULL, "secure-mean: the largest weight of a row"},
    AGGREGATION_COMMON,
    {"result", FATE_PARAMETER_TEXT, "\"all\"", 0, 0, "all aggregator", "who learns the result"},
};

static int32_t wrong(fate_context *context, const char *sentence)
{
    return context_fail(context, FATE_E_JOB, "parameters: %s", sentence);
}

static uint32_t count_clients(const fate_job *job)
{
    uint32_t count = 0;
    for (uint32_t party = 0; party < fate_job_party_count(job); party++) count += strcmp(fate_job_party_role(job, party), "client") == 0;
    return count;
}

static int32_t read_trust(fate_context *context, struct aggregation_parameters *parameters, const fate_job *job)
{
    const char *trust = NULL;
    double threshold = 0;
    int32_t result = fate_job_text(job, "trust", &trust);
    if (result == FATE_OK) result = fate_job_number(job, "threshold", &threshold);
    if (result != FATE_OK) return result;
    parameters->trust = strcmp(trust, "honest") == 0 ? TRUST_HONEST : strcmp(trust, "lying") == 0 ? TRUST_LYING : TRUST_COLLUDING;
    double least = parameters->trust == TRUST_COLLUDING ? 2.0 / 3.0 : 0.5;
    if (threshold != 0 && threshold < least)
        return wrong(context, "threshold must be 0, or at least a half, with \"trust\": \"colluding\" two thirds");
    parameters->least_share = threshold == 0 ? least : threshold;
    if (parameters->trust != TRUST_HONEST && parameters->clients > NEIGHBOURS_ALL) {
        if (choice_plan(parameters->clients, parameters->corrupt, parameters->dropout, parameters->least_share, &parameters->chosen,
                        &parameters->chosen_threshold))
            return FATE_OK;
        return wrong(context, "corrupt and dropout are too large together: no number of neighbours up to 254 is safe");
    }
    uint32_t neighbours, least_holders;
    if (!neighbours_plan(parameters->clients, parameters->corrupt, parameters->dropout, parameters->least_share, &neighbours,
                         &least_holders))
        return wrong(context, "corrupt and dropout are too large together: no number of neighbours up to 254 is safe");
    return FATE_OK;
}

int32_t aggregation_common_read(fate_context *context, struct aggregation_parameters *parameters, const fate_job *job)
{
    int64_t bits = 0, least = 0;
    double patience = 0;
    memset(parameters, 0, sizeof *parameters);
    int32_t result = fate_job_integer(job, "ring_bits", &bits);
    if (result == FATE_OK) result = fate_job_number(job, "corrupt", &parameters->corrupt);
    if (result == FATE_OK) result = fate_job_number(job, "dropout", &parameters->dropout);
    if (result == FATE_OK) result = fate_job_integer(job, "least_clients", &least);
    if (result == FATE_OK) result = fate_job_number(job, "patience", &patience);
    if (result != FATE_OK) return result;
    if (bits != 32 && bits != 64) return wrong(context, "ring_bits is 32 or 64");
    parameters->clients = count_clients(job);
    parameters->width = (uint32_t)bits / 8;
    parameters->least_clients = (uint32_t)least;
    if (parameters->least_clients > parameters->clients) return wrong(context, "least_clients is more than the job has clients");
    parameters->patience = (uint64_t)(patience * 1000);
    return read_trust(context, parameters, job);
}

int32_t aggregation_parameters_read(fate_context *context, struct aggregation_parameters *parameters, const fate_job *job)
{
    const char *result_of = NULL;
    int32_t result = aggregation_common_read(context, parameters, job);
    if (result == FATE_OK) result = fate_job_number(job, "bound", &parameters->bound);
    if (result == FATE_OK) result = fate_job_text(job, "weight", &parameters->weight);
    if (result == FATE_OK) result = fate_job_number(job, "weight_bound", &parameters->weight_bound);
    if (result == FATE_OK) result = fate_job_text(job, "result", &result_of);
    if (result != FATE_OK) return result;
    parameters->mean = strcmp(fate_job_algorithm(job), "secure-mean") == 0;
    parameters->tells_result = strcmp(result_of, "all") == 0;
    if (!parameters->mean && (parameters->weight_bound != 1.0 || parameters->weight[0] != 0))
        return wrong(context, "weight and weight_bound are for secure-mean");
    int32_t fraction = ring_fraction(parameters->bound * parameters->weight_bound, parameters->clients, parameters->width, 0);
    int32_t weight_fraction = ring_fraction(parameters->weight_bound, parameters->clients, parameters->width, 0);
    if (fraction < 0 || weight_fraction < 0) return wrong(context, "sums of so many clients do not fit: ring_bits 64, or a lower bound");
    parameters->fraction = (uint32_t)fraction;
    parameters->weight_fraction = (uint32_t)weight_fraction;
    return FATE_OK;
}

int32_t aggregation_parameters_check(fate_context *context, const fate_job *job)
{
    struct aggregation_parameters parameters;
    return aggregation_parameters_read(context, &parameters, job);
}
