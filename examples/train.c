/* One party of a training job, in blocking calls: train JOB.json PARTY KEY TABLE.csv MODEL
 *
 * Every party runs it with its own key and table; each gets its own half of the model. Where an application has a message bus, a
 * database or an event loop of its own, see fate/transport.h, fate/store.h and fate/session.h instead. */
#include <fate/fate.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    fate_context *context = NULL;
    fate_job *job = NULL;
    fate_identity *identity = NULL;
    fate_table *table = NULL;
    fate_transport *transport = NULL;
    fate_model *model = NULL;
    uint32_t party = 0;
    if (argc != 6) return fprintf(stderr, "usage: train JOB.json PARTY KEY TABLE.csv MODEL\n"), 2;
    const char *name = argv[2];

    int32_t result = fate_context_new(&context, NULL);
    if (result == FATE_OK) result = fate_job_read(context, &job, argv[1]);
    if (result == FATE_OK) result = fate_job_find_party(job, name, &party);
    if (result == FATE_OK) result = fate_identity_read(context, &identity, argv[3]);
    if (result == FATE_OK) result = fate_table_read_csv(context, &table, argv[4], fate_job_schema(job, party, FATE_PURPOSE_TRAIN));
    if (result == FATE_OK) result = fate_tcp_for_job(context, &transport, job, party, NULL);
    if (result == FATE_OK) result = fate_train(context, &model, job, name, identity, table, NULL, transport, NULL, NULL);
    if (result == FATE_OK) result = fate_model_write(model, argv[5]);
    if (result != FATE_OK) fprintf(stderr, "%s: %s\n", fate_result_name(result), fate_context_error(context));

    fate_model_free(model);
    fate_transport_free(transport);
    fate_table_free(table);
    fate_identity_free(identity);
    fate_job_free(job);
    fate_context_free(context);
    return result == FATE_OK ? 0 : 1;
}
