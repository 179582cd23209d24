/* Parameters of jobs as structs, and what they mean together. */
#include "src/models/horizontal/parameters.h"

#include <string.h>

#include "lib/context.h"

/* Collects the first failure of a getter. */
struct values {
    const fate_job *job;
    int32_t result;
};

static int64_t integer(struct values *values, const char *name)
{
    int64_t value = 0;
    int32_t result = fate_job_integer(values->job, name, &value);
    if (values->result == FATE_OK) values->result = result;
    return value;
}

static double number(struct values *values, const char *name)
{
    double value = 0;
    int32_t result = fate_job_number(values->job, name, &value);
    if (values->result == FATE_OK) values->result = result;
    return value;
}

static const char *text(struct values *values, const char *name)
{
    const char *value = "";
    int32_t result = fate_job_text(values->job, name, &value);
    if (values->result == FATE_OK) values->result = result;
    return result == FATE_OK ? value : "";
}

static bool says(struct values *values, const char *name, const char *word)
{
    return strcmp(text(values, name), word) == 0;
}

/* Sizes between blanks or commas. */
static int32_t read_hidden(fate_context *context, struct network *network, const char *sizes)
{
    static const char between[] = " ,";
    for (const char *at = sizes + strspn(sizes, between); *at != 0; at += strspn(at, between)) {
        uint32_t size = 0;
        size_t digits = strspn(at, "0123456789");
        if (digits == 0 || digits > 5 || network->hidden_count == NETWORK_HIDDEN_MOST)
            return context_fail(context, FATE_E_JOB, "parameters.hidden must be the sizes of at most %d layers, such as \"64 32\"",
                                (int)NETWORK_HIDDEN_MOST);
        for (size_t i = 0; i < digits; i++) size = 10 * size + (uint32_t)(at[i] - '0');
        network->hidden[network->hidden_count++] = size;
        at += digits;
    }
    if (network->hidden_count == 0)
        return context_fail(context, FATE_E_JOB, "parameters.hidden names no layer: without one the algorithm is horizontal-linear");
    return FATE_OK;
}

static int32_t read_network(fate_context *context, struct network *network, struct values *values)
{
    uint32_t classes = (uint32_t)integer(values, "classes");
    network->loss = network_loss_find(text(values, "objective"));
    network->outputs = network->loss == NETWORK_SOFTMAX ? classes : 1;
    network->huber_delta = number(values, "huber_delta");
    if (values->result != FATE_OK) return values->result;
    if (network->loss == NETWORK_SOFTMAX ? classes < 2 : classes != 0)
        return context_fail(context, FATE_E_JOB,
                            "parameters.classes must be at least 2 with the objective \"softmax\", and left out with others");
    if (network->loss != NETWORK_HUBER && network->huber_delta != 1)
        return context_fail(context, FATE_E_JOB, "parameters.huber_delta does nothing with the objective \"%s\": leave it out",
                            text(values, "objective"));
    if (strcmp(fate_job_algorithm(values->job), "horizontal-neural") != 0) return FATE_OK;
    network->activation = network_activation_find(text(values, "activation"));
    network->layer_norm = says(values, "layer_norm", "yes");
    network->dropout = number(values, "hidden_dropout");
    int32_t result = read_hidden(context, network, text(values, "hidden"));
    if (result != FATE_OK) return result;
    /* With one column at least: what the job alone can say to be too large. */
    struct network least = *network;
    least.inputs = 1;
    return network_check(context, &least, FATE_E_JOB);
}

static void read_training(struct training_options *options, struct values *values)
{
    options->optimiser.kind = says(values, "optimiser", "adam") ? OPTIMISER_ADAM : OPTIMISER_SGD;
    options->optimiser.momentum = number(values, "momentum");
    options->optimiser.beta1 = number(values, "beta1");
    options->optimiser.beta2 = number(values, "beta2");
    options->optimiser.epsilon = number(values, "epsilon");
    options->batch = (uint32_t)integer(values, "batch");
    options->epochs = (uint32_t)integer(values, "local_epochs");
    options->steps = (uint32_t)integer(values, "local_steps");
    options->proximal = number(values, "proximal");
    options->l1 = number(values, "l1");
    options->l2 = number(values, "l2");
    options->scaffold = says(values, "method", "scaffold");
}

static void read_schedule(struct schedule *schedule, struct values *values)
{
    uint32_t rounds = (uint32_t)integer(values, "rounds");
    schedule->kind = schedule_find(text(values, "schedule"));
    schedule->rate = number(values, "learning_rate");
    schedule->rounds = (uint32_t)integer(values, "schedule_rounds");
    schedule->factor = number(values, "schedule_factor");
    if (schedule->kind == SCHEDULE_COSINE && schedule->rounds == 0) schedule->rounds = rounds;
}

static int32_t check(fate_context *context, const struct horizontal_parameters *parameters, uint32_t schedule_rounds)
{
    const struct training_options *options = &parameters->training;
    const struct optimiser_options *optimiser = &options->optimiser;
    if ((options->epochs == 0) == (options->steps == 0))
        return context_fail(context, FATE_E_JOB, "parameters.local_epochs or local_steps must be above 0, and the other one 0");
    if ((parameters->schedule.kind == SCHEDULE_STEP) != (schedule_rounds > 0))
        return context_fail(context, FATE_E_JOB,
                            "parameters.schedule_rounds must be above 0 with the schedule \"step\", and left out with others");
    if (optimiser->kind == OPTIMISER_ADAM && optimiser->momentum > 0)
        return context_fail(context, FATE_E_JOB, "parameters.momentum does nothing with the optimiser \"adam\": leave it out");
    if (optimiser->kind != OPTIMISER_ADAM && (optimiser->beta1 != 0.9 || optimiser->beta2 != 0.999 || optimiser->epsilon != 1e-8))
        return context_fail(context, FATE_E_JOB, "parameters.%s does nothing with the optimiser \"sgd\": leave it out",
                            optimiser->beta1 != 0.9     ? "beta1"
                            : optimiser->beta2 != 0.999 ? "beta2"
                                                        : "epsilon");
    if (parameters->schedule.kind == SCHEDULE_CONSTANT && parameters->schedule.factor != 0.1)
        return context_fail(context, FATE_E_JOB, "parameters.schedule_factor does nothing with the schedule \"constant\": leave it out");
    if (options->scaffold && (optimiser->kind != OPTIMISER_SGD || optimiser->momentum > 0))
        return context_fail(
            context, FATE_E_JOB,
            "parameters.method \"scaffold\" needs the optimiser \"sgd\" without momentum: its control variates are mean slopes");
    return FATE_OK;
}

int32_t horizontal_parameters_read(fate_context *context, struct horizontal_parameters *parameters, const fate_job *job)
{
    struct values values = {.job = job, .result = FATE_OK};
    memset(parameters, 0, sizeof *parameters);
    int32_t result = read_network(context, &parameters->network, &values);
    if (result != FATE_OK) return result;
    read_training(&parameters->training, &values);
    read_schedule(&parameters->schedule, &values);
    parameters->standardise = says(&values, "standardise", "yes");
    uint32_t schedule_rounds = (uint32_t)integer(&values, "schedule_rounds");
    return values.result == FATE_OK ? check(context, parameters, schedule_rounds) : values.result;
}
