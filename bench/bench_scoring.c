/* How long one row's score takes: a guest asks over TCP on this machine, a host answers from its table in a thread of its own. Prints median, 99th
 * percentile and rows a second and writes build/bench/scoring.json. */
#include <fate/fate.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { ROWS = 10000, COLUMNS = 10, QUESTIONS = 4000, WARM = 100 };

struct party {
    fate_context *context;
    fate_job *job;
    fate_identity *identity;
    fate_table *table;
    fate_model *model;
    fate_transport *transport;
    fate_session *session;
    uint32_t number;
    int32_t result;
};

static void stop_if(int32_t result, const fate_context *context)
{
    if (result == FATE_OK) return;
    fprintf(stderr, "bench_scoring: %s: %s\n", fate_result_name(result), fate_context_error(context));
    exit(1);
}

/* Rows first .. first+count of an endless table. */
static fate_table *make_table(const struct party *party, uint32_t first, uint32_t count)
{
    fate_table *table = NULL;
    uint8_t *ids = calloc(count, 8);
    uint64_t *offsets = calloc(count + 1, sizeof *offsets);
    double *values = calloc(count, sizeof *values);
    if (ids == NULL || offsets == NULL || values == NULL) exit(1);
    for (uint32_t row = 0; row < count; row++) {
        char id[16];
        snprintf(id, sizeof id, "r%07u", first + row);
        memcpy(ids + 8 * row, id, 8);
        offsets[row + 1] = 8 * (row + 1);
    }
    stop_if(fate_table_new(party->context, &table, count), party->context);
    stop_if(fate_table_set_ids(table, ids, offsets), party->context);
    for (uint32_t column = 0; column < COLUMNS; column++) {
        char name[16];
        snprintf(name, sizeof name, "x%u", column);
        for (uint32_t row = 0; row < count; row++) values[row] = fmod((first + row) * (0.37 + 0.11 * column + 0.53 * party->number), 1.0);
        stop_if(fate_table_add_numbers(table, name, values), party->context);
    }
    for (uint32_t row = 0; row < count; row++) values[row] = fmod((first + row) * 0.37, 1.0) + fmod((first + row) * 0.9, 1.0) > 1;
    if (party->number == 0) stop_if(fate_table_set_label(table, values), party->context);
    stop_if(fate_table_finish(table), party->context);
    free(ids);
    free(offsets);
    free(values);
    return table;
}

static void make_job(struct party *parties, char *text, size_t size)
{
    for (uint32_t i = 0; i < 2; i++) {
        parties[i].number = i;
        stop_if(fate_context_new(&parties[i].context, NULL), NULL);
        stop_if(fate_identity_generate(parties[i].context, &parties[i].identity), parties[i].context);
        parties[i].table = make_table(&parties[i], 0, ROWS);
    }
    snprintf(
        text, size,
        "{\"algorithm\": \"vertical-boosting\", \"id\": \"id\", \"label\": \"y\", \"parties\": [{\"name\": \"bank\", \"role\": \"guest\", "
        "\"key\": \"%s\", \"address\": \"127.0.0.1:9\"}, {\"name\": \"partner\", \"role\": \"host\", \"key\": \"%s\"}], \"parameters\": {\"trees\": "
        "100, \"depth\": 4}}",
        fate_identity_public(parties[0].identity), fate_identity_public(parties[1].identity));
    for (uint32_t i = 0; i < 2; i++)
        stop_if(fate_job_parse(parties[i].context, &parties[i].job, "job", (const uint8_t *)text, strlen(text)), parties[i].context);
}

static void train(struct party *parties)
{
    const fate_table *tables[2] = {parties[0].table, parties[1].table};
    fate_model *models[2] = {NULL, NULL};
    stop_if(fate_train_pooled(parties[0].context, models, parties[0].job, tables, NULL, NULL), parties[0].context);
    for (uint32_t i = 0; i < 2; i++) parties[i].model = models[i];
}

/* The host listens where the system says, and the guest dials it. */
static void connect_parties(struct party *parties)
{
    char address[32];
    stop_if(fate_tcp_new(parties[0].context, &parties[0].transport, 0, "127.0.0.1:0"), parties[0].context);
    snprintf(address, sizeof address, "127.0.0.1:%u", fate_tcp_port(parties[0].transport));
    stop_if(fate_tcp_add_peer(parties[0].transport, 1, "partner", NULL), parties[0].context);
    stop_if(fate_tcp_new(parties[1].context, &parties[1].transport, 1, NULL), parties[1].context);
    stop_if(fate_tcp_add_peer(parties[1].transport, 0, "bank", address), parties[1].context);
    for (uint32_t i = 0; i < 2; i++) {
        struct party *party = &parties[i];
        const char *name = fate_job_party_name(party->job, i);
        stop_if(fate_session_new(party->context, &party->session, party->job, name, party->identity, FATE_PURPOSE_SERVE), party->context);
        stop_if(fate_session_set_model(party->session, party->model), party->context);
    }
    stop_if(fate_session_set_table(parties[1].session, FATE_TABLE_DATA, parties[1].table), parties[1].context);
}

static void *answer(void *argument)
{
    struct party *host = argument;
    host->result = fate_drive(host->session, host->transport, NULL, NULL);
    return NULL;
}

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

static void ask(const struct party *guest, double *times)
{
    const double *values;
    uint64_t count;
    for (uint32_t i = 0; i < WARM + QUESTIONS; i++) {
        fate_table *row = make_table(guest, i * 7 % ROWS, 1);
        double begin = microseconds();
        int32_t result = fate_ask(guest->session, guest->transport, NULL, row, &values, &count);
        if (i >= WARM) times[i - WARM] = microseconds() - begin;
        fate_table_free(row);
        if (result != FATE_OK || count != 1) {
            fprintf(stderr, "bench_scoring: %s: %s\n", fate_result_name(result), fate_session_error(guest->session));
            exit(1);
        }
    }
    stop_if(fate_ask(guest->session, guest->transport, NULL, NULL, &values, &count), guest->context);
}

static int report(double *times)
{
    double total = 0;
    for (uint32_t i = 0; i < QUESTIONS; i++) total += times[i];
    qsort(times, QUESTIONS, sizeof *times, compare);
    double median = times[QUESTIONS / 2], late = times[QUESTIONS - QUESTIONS / 100], rate = QUESTIONS / total * 1e6;
    printf("%-32s %10.1f us\n%-32s %10.1f us\n%-32s %10.0f rows/s\n", "single-row-latency", median, "single-row-latency 99 %", late,
           "single-row-rate", rate);
    mkdir("build", 0777);
    mkdir("build/bench", 0777);
    FILE *file = fopen("build/bench/scoring.json", "w");
    if (file == NULL) {
        fprintf(stderr, "bench_scoring: build/bench/scoring.json cannot be written\n");
        return 1;
    }
    fprintf(
        file,
        "[{\"name\": \"scoring/single-row-latency\", \"value\": %.1f, \"unit\": \"us\"},\n {\"name\": \"scoring/single-row-latency-99\", \"value\": "
        "%.1f, \"unit\": \"us\"},\n {\"name\": \"scoring/single-row-rate\", \"value\": %.0f, \"unit\": \"rows/s\"}]\n",
        median, late, rate);
    return fclose(file) == 0 ? 0 : 1;
}

int main(void)
{
    static struct party parties[2];
    static double times[QUESTIONS];
    char text[2048];
    pthread_t thread;
    make_job(parties, text, sizeof text);
    train(parties);
    connect_parties(parties);
    if (pthread_create(&thread, NULL, answer, &parties[1]) != 0) return 1;
    ask(&parties[0], times);
    pthread_join(thread, NULL);
    stop_if(parties[1].result, parties[1].context);
    for (uint32_t i = 0; i < 2; i++) {
        fate_session_free(parties[i].session);
        fate_transport_free(parties[i].transport);
        fate_model_free(parties[i].model);
        fate_table_free(parties[i].table);
        fate_identity_free(parties[i].identity);
        fate_job_free(parties[i].job);
    }
    for (uint32_t i = 2; i-- > 0;) fate_context_free(parties[i].context);
    return report(times);
}
