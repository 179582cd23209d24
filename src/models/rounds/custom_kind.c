/* An application's own training step as a kind of model; see custom_kind.h. */
#include "src/models/rounds/custom_kind.h"

#include <string.h>

#include "lib/context.h"
#include <fate/model.h>

#include "src/models/horizontal/model.h"

struct custom {
    fate_context *context;
    uint64_t weights;
    bool zeros;
    uint32_t rounds;
    const fate_model *earlier;
};

static int32_t start(fate_turn *turn, void **made)
{
    fate_context *context = fate_turn_context(turn);
    struct custom *custom = memory_zeroed(context, 1, sizeof *custom);
    const char *from = "";
    int64_t weights = 0, rounds = 0;
    if (custom == NULL) return context_out_of_memory(context);
    *made = custom;
    custom->context = context;
    custom->earlier = fate_turn_model(turn);
    int32_t result = fate_job_integer(fate_turn_job(turn), "weights", &weights);
    if (result == FATE_OK) result = fate_job_integer(fate_turn_job(turn), "rounds", &rounds);
    if (result == FATE_OK) result = fate_job_text(fate_turn_job(turn), "first", &from);
    custom->weights = (uint64_t)weights;
    custom->rounds = (uint32_t)rounds;
    custom->zeros = strcmp(from, "zeros") == 0;
    return result;
}

static void stop(fate_context *context, void *made)
{
    memory_free(context, made);
}

/* The job says how many weights there are, and all have the same job. */
static int32_t layout(const void *made, struct buffer *out)
{
    (void)made;
    buffer_text(out, "weights");
    return FATE_OK;
}

static int32_t settle(fate_turn *turn, void *made, const uint8_t *bytes, uint64_t length, struct kind_size *size)
{
    const struct custom *custom = made;
    (void)turn;
    if (length != strlen("weights") || memcmp(bytes, "weights", length) != 0) return FATE_E_FORMAT;
    *size = (struct kind_size){custom->weights, custom->weights, "accuracy"};
    return FATE_OK;
}

static int32_t take_earlier(const struct custom *custom, float *weights)
{
    struct horizontal_model model;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_model_body(custom->earlier, &bytes, &length);
    if (result == FATE_OK) result = horizontal_model_read(&model, custom->context, bytes, length);
    if (result != FATE_OK) return result;
    bool same = model.network.loss == 0 && model.count == custom->weights;
    if (same) memcpy(weights, model.parameters, model.count * sizeof *weights);
    horizontal_model_free(&model);
    return same ? FATE_OK : context_fail(custom->context, FATE_E_MODEL, "the earlier model has another number of weights than the job");
}

static int32_t first(fate_turn *turn, void *made, const uint8_t *seed, float *weights)
{
    const struct custom *custom = made;
    fate_task task = {.struct_size = sizeof task, .kind = FATE_TASK_FIRST, .rounds = custom->rounds, .count = custom->weights};
    const fate_task_result *done;
    if (custom->earlier != NULL) return take_earlier(custom, weights);
    if (custom->zeros) return FATE_OK;
    memcpy(task.seed, seed, sizeof task.seed);
    int32_t result = fate_turn_task(turn, &task, &done);
    if (result == FATE_OK) memcpy(weights, done->values, custom->weights * sizeof(float));
    return result;
}

static int32_t work(fate_turn *turn, void *made, const struct kind_round *round, bool begins, struct kind_update *update)
{
    const struct custom *custom = made;
    fate_task task = {.struct_size = sizeof task,
                      .kind = round->measure ? FATE_TASK_MEASURE : FATE_TASK_TRAIN,
                      .round = round->round,
                      .rounds = round->rounds,
                      .count = custom->weights,
                      .weights = round->broadcast};
    const fate_task_result *done;
    (void)begins; /* steps rest while the application works: there is no other round meanwhile */
    memcpy(task.seed, round->seed, sizeof task.seed);
    int32_t result = fate_turn_task(turn, &task, &done);
    if (result != FATE_OK) return result;
    if (!round->measure) memcpy(update->change, done->values, custom->weights * sizeof(float));
    update->examples = done->examples;
    update->measured = done->measured;
    update->loss = done->loss;
    update->right = done->right;
    return FATE_OK;
}

static int32_t model(fate_turn *turn, const void *made, const float *weights, struct buffer *out)
{
    const struct custom *custom = made;
    struct horizontal_model model;
    (void)turn;
    int32_t result = horizontal_model_init(&model, custom->context, NULL, custom->weights);
    if (result != FATE_OK) return context_out_of_memory(custom->context);
    memcpy(model.parameters, weights, model.count * sizeof *weights);
    result = horizontal_model_write(&model, out);
    horizontal_model_free(&model);
    return result == FATE_E_MEMORY ? context_out_of_memory(custom->context) : result;
}

int32_t custom_kind_check(fate_context *context, const fate_job *job)
{
    const char *method = "";
    int32_t result = fate_job_text(job, "method", &method);
    if (result == FATE_OK && strcmp(method, "scaffold") == 0)
        return context_fail(context, FATE_E_JOB, "parameters: \"method\": \"scaffold\" is for models that the library trains");
    return result;
}

const struct kind custom_kind = {start, stop, layout, settle, NULL, NULL, NULL, first, work, model};
