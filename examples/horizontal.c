/* Horizontal training in one program: an aggregator and its clients, a thread for each, joined by loopback; then a client's model scores new
 * rows. An organisation that is aggregator and client at once runs two of these parties, with two keys, over fate_tcp_for_job each.
 *
 *   cc -pthread horizontal.c $(pkg-config --cflags --libs fate) -o horizontal
 *   horizontal JOB.json NEW.csv SCORES.csv KEY KEY TABLE.csv KEY TABLE.csv ...      the aggregator's key, then each client's; see horizontal.sh */
#include <fate/fate.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARTIES_MOST = 16 };

struct party {
    fate_context *context; /* one of its own: objects of a context belong to one thread at a time */
    fate_job *job;
    const char *key, *table; /* files; table NULL: the aggregator has no rows */
    fate_transport *transport;
    fate_model *model;
    uint32_t number;
    pthread_t thread;
};

static void check(int32_t result, const fate_context *context)
{
    if (result != FATE_OK) fprintf(stderr, "%s\n", context == NULL ? fate_result_text(result) : fate_context_error(context)), exit(1);
}

static void *train(void *given)
{
    struct party *own = given;
    fate_identity *identity;
    fate_table *table = NULL;
    check(fate_identity_read(own->context, &identity, own->key), own->context);
    if (own->table != NULL)
        check(fate_table_read_csv(own->context, &table, own->table, fate_job_schema(own->job, own->number, FATE_PURPOSE_TRAIN)),
              own->context);
    check(fate_train(own->context, &own->model, own->job, fate_job_party_name(own->job, own->number), identity, table, NULL, own->transport,
                     NULL, NULL),
          own->context);
    fate_table_free(table);
    fate_identity_free(identity);
    return NULL;
}

/* Any party's model is whole: it scores alone. */
static void predict(const struct party *own, const char *from, const char *into)
{
    fate_table *table;
    fate_scores *scores;
    check(fate_table_read_csv(own->context, &table, from, fate_job_schema(own->job, own->number, FATE_PURPOSE_PREDICT)), own->context);
    check(fate_predict_alone(own->context, &scores, own->job, own->model, table), own->context);
    check(fate_scores_write_csv(scores, table, into), own->context);
    fate_scores_free(scores);
    fate_table_free(table);
}

int main(int argc, char **argv)
{
    struct party parties[PARTIES_MOST];
    fate_transport *transports[PARTIES_MOST];
    fate_context *context;
    uint32_t count = argc < 9 ? 0 : (uint32_t)(argc - 3) / 2; /* an aggregator and two clients at least */
    if (count == 0 || count > PARTIES_MOST || argc % 2 == 0)
        return fprintf(stderr, "usage: horizontal JOB.json NEW.csv SCORES.csv KEY KEY TABLE.csv KEY TABLE.csv ...\n"), 2;
    check(fate_context_new(&context, NULL), NULL);
    check(fate_loopback_new(context, transports, count), context);
    for (uint32_t i = 0; i < count; i++) {
        struct party *own = &parties[i];
        *own = (struct party){
            .number = i, .transport = transports[i], .key = argv[i == 0 ? 4 : 3 + 2 * i], .table = i == 0 ? NULL : argv[4 + 2 * i]};
        check(fate_context_new(&own->context, NULL), NULL);
        check(fate_job_read(own->context, &own->job, argv[1]), own->context);
        if (fate_job_party_count(own->job) != count) return fprintf(stderr, "%s has another number of parties\n", argv[1]), 2;
    }
    for (uint32_t i = 0; i < count; i++)
        if (pthread_create(&parties[i].thread, NULL, train, &parties[i]) != 0) return fprintf(stderr, "no thread\n"), 1;
    for (uint32_t i = 0; i < count; i++) (void)pthread_join(parties[i].thread, NULL);
    predict(&parties[count - 1], argv[2], argv[3]);
    for (uint32_t i = 0; i < count; i++) {
        fate_model_free(parties[i].model);
        fate_job_free(parties[i].job);
        fate_transport_free(transports[i]);
        fate_context_free(parties[i].context);
    }
    fate_context_free(context);
    return 0;
}
