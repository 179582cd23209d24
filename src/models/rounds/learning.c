/* What both sides of training over rounds share; see learning.h. */
#include "src/models/rounds/learning.h"

#include <math.h>
#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/ring.h"

static int32_t read_server(struct server_options *server, const fate_job *job)
{
    const char *method = "";
    int32_t result = fate_job_text(job, "method", &method);
    if (result == FATE_OK) result = fate_job_number(job, "server_rate", &server->learning_rate);
    if (result == FATE_OK) result = fate_job_number(job, "server_momentum", &server->momentum);
    if (result == FATE_OK) result = fate_job_number(job, "server_beta1", &server->beta1);
    if (result == FATE_OK) result = fate_job_number(job, "server_beta2", &server->beta2);
    if (result == FATE_OK) result = fate_job_number(job, "server_adaptivity", &server->adaptivity);
    server->method = strcmp(method, "average") == 0 ? SERVER_AVERAGE : strcmp(method, "adam") == 0 ? SERVER_ADAM : SERVER_SCAFFOLD;
    return result;
}

int32_t learning_parameters_read(fate_context *context, struct learning_parameters *parameters, const struct aggregation_parameters *common,
                                 const fate_job *job, const struct kind *kind)
{
    enum { LEAST = -60 };
    int64_t rounds = 0, early = 0;
    const char *standardise = "no";
    memset(parameters, 0, sizeof *parameters);
    int32_t result = rounds_parameters_read(&parameters->rounds_parameters, job);
    if (result == FATE_OK) result = fate_job_integer(job, "rounds", &rounds);
    if (result == FATE_OK) result = fate_job_integer(job, "early_stopping_rounds", &early);
    if (result == FATE_OK) result = fate_job_number(job, "bound", &parameters->bound);
    if (result == FATE_OK) result = read_server(&parameters->server, job);
    if (result == FATE_OK && kind->columns != NULL) result = fate_job_text(job, "standardise", &standardise);
    if (result != FATE_OK) return result;
    double examples = parameters->rounds_parameters.examples_bound;
    parameters->rounds = (uint32_t)rounds;
    parameters->early_stopping_rounds = (uint32_t)early;
    parameters->standardise = strcmp(standardise, "yes") == 0;
    parameters->change_bits = ring_fraction(parameters->bound * examples, common->clients, common->width, LEAST);
    parameters->examples_bits = ring_fraction(examples, common->clients, common->width, 0);
    parameters->loss_bits = ring_fraction(LOSS_BOUND * examples, common->clients, common->width, LEAST);
    if (parameters->change_bits < LEAST || parameters->examples_bits < 0 || parameters->loss_bits < LEAST)
        return context_fail(context, FATE_E_JOB,
                            "parameters: sums of so many clients do not fit: ring_bits 64, or a lower examples_bound or bound");
    return FATE_OK;
}

int32_t scaling_init(struct scaling *scaling, fate_context *context, uint32_t count)
{
    scaling_free(scaling);
    scaling->context = context;
    scaling->means = memory_zeroed(context, (uint64_t)count + 1, sizeof *scaling->means);
    scaling->factors = memory_zeroed(context, (uint64_t)count + 1, sizeof *scaling->factors);
    if (scaling->means == NULL || scaling->factors == NULL) {
        scaling_free(scaling);
        return FATE_E_MEMORY;
    }
    scaling->count = count;
    return FATE_OK;
}

void scaling_free(struct scaling *scaling)
{
    if (scaling->context == NULL) return;
    memory_free(scaling->context, scaling->means);
    memory_free(scaling->context, scaling->factors);
    scaling->means = scaling->factors = NULL;
    scaling->count = 0;
}

void scaling_write(const struct scaling *scaling, struct buffer *out)
{
    buffer_u32(out, scaling->count);
    for (uint32_t i = 0; i < scaling->count; i++) {
        buffer_double(out, scaling->means[i]);
        buffer_double(out, scaling->factors[i]);
    }
}

int32_t scaling_read(struct scaling *scaling, struct reader *in, uint32_t expected)
{
    uint32_t count = reader_u32(in);
    if (in->failed || (count != 0 && count != expected) || reader_left(in) / 16 < count) return FATE_E_FORMAT;
    if (scaling_init(scaling, scaling->context, count) != FATE_OK) return FATE_E_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        scaling->means[i] = reader_double(in);
        scaling->factors[i] = reader_double(in);
        if (!isfinite(scaling->means[i]) || !isfinite(scaling->factors[i])) return FATE_E_FORMAT;
    }
    return FATE_OK;
}
