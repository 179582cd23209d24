/* Federates a training step of one's own (algorithm "horizontal-custom"): here a line through points, y = a x + b, by gradient descent in plain C. The
 * library carries the two weights to the clients and the sum of their changes back, so that nobody sees a client's own; what they mean
 * is known to train() alone. PyTorch, or anything else that computes, is federated in the same way.
 *
 *   cc -pthread own_model.c $(pkg-config --cflags --libs fate) -o own_model
 *   own_model JOB.json NAME KEY [TABLE.csv]      at every party; the aggregator has no table. See own_model.sh */
#include <fate/fate.h>
#include <stdio.h>

enum { WEIGHTS = 2, STEPS = 50 };

struct own {
    const fate_table *table; /* columns x and y, in bytewise order of their names */
    float values[WEIGHTS];   /* what the last task came to */
};

static double miss(const struct own *own, uint64_t row, const double *weights)
{
    return weights[0] * fate_table_numbers(own->table, 0)[row] + weights[1] - fate_table_numbers(own->table, 1)[row];
}

/* Some steps down the mean squared error of this client's points. */
static void train(struct own *own, const float *begin, fate_task_result *done)
{
    uint64_t rows = fate_table_rows(own->table);
    double weights[WEIGHTS] = {begin[0], begin[1]};
    for (uint64_t row = 0; row < rows; row++) done->loss += miss(own, row, weights) * miss(own, row, weights);
    for (int step = 0; step < STEPS; step++) {
        double slopes[WEIGHTS] = {0, 0};
        for (uint64_t row = 0; row < rows; row++) {
            slopes[0] += miss(own, row, weights) * fate_table_numbers(own->table, 0)[row];
            slopes[1] += miss(own, row, weights);
        }
        for (int i = 0; i < WEIGHTS; i++) weights[i] -= 0.1 * slopes[i] / (double)rows;
    }
    for (int i = 0; i < WEIGHTS; i++) own->values[i] = (float)weights[i] - begin[i];
    done->measured = (double)rows;
}

static int32_t work(void *context, const fate_task *task, fate_task_result *done)
{
    struct own *own = context;
    if (task->kind != FATE_TASK_FIRST && own->table == NULL) return FATE_E_UNSUPPORTED;
    if (task->kind == FATE_TASK_FIRST)
        own->values[0] = own->values[1] = 0;
    else
        train(own, task->weights, done);
    if (task->kind == FATE_TASK_MEASURE) return FATE_OK;
    done->values = own->values;
    done->count = WEIGHTS;
    done->examples = done->measured;
    return FATE_OK;
}

static int32_t show(void *context, const char *name, uint32_t round, double value)
{
    (void)context;
    if (round % 5 == 0) printf("round %u: %s %.4f\n", (unsigned)round, name, value);
    return FATE_OK;
}

int main(int argc, char **argv)
{
    fate_context *context;
    fate_job *job;
    fate_identity *identity;
    fate_table *table = NULL;
    fate_transport *transport;
    fate_session *session;
    uint32_t party;
    const double *weights;
    uint64_t count;
    struct own own = {NULL, {0, 0}};
    fate_observer observer = {
        .struct_size = sizeof observer, .abi_version = FATE_ABI_VERSION, .context = &own, .metric = show, .task = work};
    if (argc < 4 || fate_context_new(&context, NULL) != FATE_OK) return puts("usage: own_model JOB.json NAME KEY [TABLE.csv]"), 2;
    if (fate_job_read(context, &job, argv[1]) != FATE_OK || fate_job_find_party(job, argv[2], &party) != FATE_OK ||
        fate_identity_read(context, &identity, argv[3]) != FATE_OK ||
        (argc > 4 && fate_table_read_csv(context, &table, argv[4], fate_job_schema(job, party, FATE_PURPOSE_TRAIN)) != FATE_OK) ||
        fate_tcp_for_job(context, &transport, job, party, NULL) != FATE_OK ||
        fate_session_new(context, &session, job, argv[2], identity, FATE_PURPOSE_TRAIN) != FATE_OK)
        return fprintf(stderr, "%s\n", fate_context_error(context)), 1;
    own.table = table;
    if (fate_drive(session, transport, NULL, &observer) != FATE_OK) return fprintf(stderr, "%s\n", fate_session_error(session)), 1;
    if (fate_session_result(session, "weights", &weights, &count) == FATE_OK) printf("y = %.2f x + %.2f\n", weights[0], weights[1]);
    fate_session_free(session);
    fate_transport_free(transport);
    fate_table_free(table);
    fate_identity_free(identity);
    fate_job_free(job);
    fate_context_free(context);
    return 0;
}
