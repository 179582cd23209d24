/* One party of a boosting job for bench/boosting/run: what `fate train` does, with a kernel by name and tables that can be drawn, and a report
 * of time, memory, bytes and operations on ciphertexts. The linker puts the functions named __wrap_ before those of the library. */
#include <fate/encryption.h>
#include <fate/fate.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { TREES_MOST = 1000, ID_LENGTH = 9, PAUSES_MOST = 1 << 18 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- operations ---- */

enum operation { ENCRYPT, ADD, PACK, RERANDOMISE, DECRYPT, WRITE, READ, GENERATE, OPERATIONS };

static const char *const operation_names[OPERATIONS] = {"encrypt", "add", "pack", "rerandomise", "decrypt", "write", "read", "generate"};
static struct {
    uint64_t calls, items;
    double seconds;
} spent[OPERATIONS];
static uint32_t pack_bits, pack_slots;

static int32_t note(enum operation operation, uint64_t items, double began, int32_t result)
{
    spent[operation].calls++;
    spent[operation].items += items;
    spent[operation].seconds += seconds() - began;
    return result;
}

int32_t __real_fate_secret_key_encrypt(const fate_secret_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                       const uint64_t *values, uint32_t words, const uint8_t *seed);
int32_t __wrap_fate_secret_key_encrypt(const fate_secret_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                       const uint64_t *values, uint32_t words, const uint8_t *seed)
{
    double began = seconds();
    return note(ENCRYPT, count, began, __real_fate_secret_key_encrypt(key, vector, first, count, values, words, seed));
}

int32_t __real_fate_ciphertexts_gather_add_rows(fate_ciphertexts *bins, const fate_ciphertexts *values, const uint32_t *rows,
                                                const uint32_t *index, uint64_t count);
int32_t __wrap_fate_ciphertexts_gather_add_rows(fate_ciphertexts *bins, const fate_ciphertexts *values, const uint32_t *rows,
                                                const uint32_t *index, uint64_t count)
{
    double began = seconds();
    uint64_t added = 0;
    for (uint64_t i = 0; i < count; i++) added += index[i] != UINT32_MAX;
    return note(ADD, added, began, __real_fate_ciphertexts_gather_add_rows(bins, values, rows, index, count));
}

int32_t __real_fate_ciphertexts_add(fate_ciphertexts *vector, const fate_ciphertexts *other);
int32_t __wrap_fate_ciphertexts_add(fate_ciphertexts *vector, const fate_ciphertexts *other)
{
    double began = seconds();
    return note(ADD, fate_ciphertexts_count(vector), began, __real_fate_ciphertexts_add(vector, other));
}

int32_t __real_fate_ciphertexts_pack(const fate_ciphertexts *vector, fate_ciphertexts **packed, uint32_t slot_bits, uint32_t slots);
int32_t __wrap_fate_ciphertexts_pack(const fate_ciphertexts *vector, fate_ciphertexts **packed, uint32_t slot_bits, uint32_t slots)
{
    double began = seconds();
    pack_bits = slot_bits;
    pack_slots = slots;
    return note(PACK, fate_ciphertexts_count(vector), began, __real_fate_ciphertexts_pack(vector, packed, slot_bits, slots));
}

int32_t __real_fate_ciphertexts_rerandomise(fate_ciphertexts *vector, const uint8_t *seed);
int32_t __wrap_fate_ciphertexts_rerandomise(fate_ciphertexts *vector, const uint8_t *seed)
{
    double began = seconds();
    return note(RERANDOMISE, fate_ciphertexts_count(vector), began, __real_fate_ciphertexts_rerandomise(vector, seed));
}

int32_t __real_fate_secret_key_decrypt(const fate_secret_key *key, const fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                       uint64_t *values, uint32_t words);
int32_t __wrap_fate_secret_key_decrypt(const fate_secret_key *key, const fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                       uint64_t *values, uint32_t words)
{
    double began = seconds();
    return note(DECRYPT, count, began, __real_fate_secret_key_decrypt(key, vector, first, count, values, words));
}

int32_t __real_fate_ciphertexts_write(const fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes);
int32_t __wrap_fate_ciphertexts_write(const fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes)
{
    double began = seconds();
    return note(WRITE, count, began, __real_fate_ciphertexts_write(vector, first, count, bytes));
}

int32_t __real_fate_ciphertexts_read(fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes, uint64_t length);
int32_t __wrap_fate_ciphertexts_read(fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes, uint64_t length)
{
    double began = seconds();
    return note(READ, count, began, __real_fate_ciphertexts_read(vector, first, count, bytes, length));
}

int32_t __real_fate_secret_key_generate(fate_context *context, fate_secret_key **key, const char *scheme, uint32_t bits,
                                        const uint8_t *seed);
int32_t __wrap_fate_secret_key_generate(fate_context *context, fate_secret_key **key, const char *scheme, uint32_t bits,
                                        const uint8_t *seed)
{
    double began = seconds();
    return note(GENERATE, 1, began, __real_fate_secret_key_generate(context, key, scheme, bits, seed));
}

/* ---- pauses ---- */

/* When the party waited for its peer: the clock is the machine's, so that the parties' times can be laid side by side. */
static struct {
    double began, ended;
} pauses[PAUSES_MOST];
static uint32_t pause_count;

int __real_poll(struct pollfd *polled, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *polled, nfds_t count, int timeout)
{
    double began = seconds();
    int ready = __real_poll(polled, count, timeout);
    if (timeout != 0 && pause_count < PAUSES_MOST) {
        pauses[pause_count].began = began;
        pauses[pause_count++].ended = seconds();
    }
    return ready;
}

/* ---- the party ---- */

struct party {
    fate_context *context;
    fate_job *job;
    fate_identity *identity;
    fate_table *table;
    fate_session *session;
    fate_transport *transport;
    const char *name, *kernel, *key, *rows, *listen, *model, *report;
    double began, begun[TREES_MOST + 1], done; /* when each tree began, by its number from 1 */
    uint32_t trees;
    uint64_t memory_before, memory_table; /* resident bytes before the table was read, and with it */
};

static void check(const struct party *party, int32_t result, const char *what)
{
    if (result == FATE_OK) return;
    fprintf(stderr, "%s: %s: %s\n", party->name, what,
            party->session ? fate_session_error(party->session) : fate_context_error(party->context));
    exit(result == FATE_E_UNSUPPORTED ? 3 : 1);
}

static uint64_t resident_bytes(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL) return 0;
    if (fscanf(file, "%*s %llu", &pages) != 1) pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t mix(uint64_t state)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    state = (state ^ (state >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    state = (state ^ (state >> 27)) * UINT64_C(0x94d049bb133111eb);
    return state ^ (state >> 31);
}

/* From -1 to 1. */
static double draw(uint64_t stream, uint64_t row)
{
    return (double)(mix(mix(stream) ^ row) >> 11) / 4503599627370496.0 - 1;
}

/* Dense columns that all know a little of the same hidden number, and labels that follow from it. */
static void draw_columns(struct party *party, uint64_t rows, uint32_t columns, uint64_t stream, int labelled)
{
    double *values = calloc(rows + 1, sizeof *values);
    if (values == NULL) exit(1);
    for (uint32_t column = 0; column < columns; column++) {
        char name[16];
        snprintf(name, sizeof name, "x%" PRIu32, column);
        for (uint64_t row = 0; row < rows; row++) values[row] = draw(0, row) + 3 * draw(stream * 100000 + column + 1, row);
        check(party, fate_table_add_numbers(party->table, name, values), "column");
    }
    for (uint64_t row = 0; row < rows; row++) values[row] = draw(0, row) + draw(99, row) > 0;
    if (labelled) check(party, fate_table_set_label(party->table, values), "label");
    free(values);
}

static void draw_table(struct party *party, uint64_t rows, uint32_t columns, uint64_t stream, int labelled)
{
    uint8_t *ids = malloc(rows * ID_LENGTH + 1);
    uint64_t *offsets = malloc((rows + 1) * sizeof *offsets);
    if (ids == NULL || offsets == NULL) exit(1);
    for (uint64_t row = 0; row <= rows; row++) {
        offsets[row] = row * ID_LENGTH;
        for (uint64_t i = 0, rest = row; i < ID_LENGTH && row < rows; i++, rest /= 10)
            ids[row * ID_LENGTH + ID_LENGTH - 1 - i] = (uint8_t)('0' + rest % 10);
    }
    check(party, fate_table_new(party->context, &party->table, rows), "table");
    check(party, fate_table_set_ids(party->table, ids, offsets), "ids");
    free(ids);
    free(offsets);
    draw_columns(party, rows, columns, stream, labelled);
    check(party, fate_table_finish(party->table), "table");
}

/* A CSV file, or drawn:ROWS:COLUMNS:STREAM, STREAM being 0 for the party with the labels. */
static void read_table(struct party *party, uint32_t number)
{
    uint64_t rows, stream;
    uint32_t columns;
    party->memory_before = resident_bytes();
    if (sscanf(party->rows, "drawn:%" SCNu64 ":%" SCNu32 ":%" SCNu64, &rows, &columns, &stream) == 3)
        draw_table(party, rows, columns, stream, stream == 0);
    else
        check(party,
              fate_table_read_csv(party->context, &party->table, party->rows, fate_job_schema(party->job, number, FATE_PURPOSE_TRAIN)),
              "table");
    party->memory_table = resident_bytes();
}

static int32_t on_progress(void *context, const fate_progress *progress)
{
    struct party *party = context;
    if (progress->round <= TREES_MOST && party->begun[progress->round] == 0) party->begun[progress->round] = seconds();
    if (progress->round <= TREES_MOST && progress->round > party->trees) party->trees = progress->round;
    if (progress->fraction >= 1) party->done = seconds();
    return FATE_OK;
}

static void train(struct party *party, const char *job)
{
    fate_observer observer = {sizeof observer, FATE_ABI_VERSION, party, on_progress, NULL, NULL, NULL, NULL, NULL, NULL};
    fate_model *model = NULL;
    uint32_t number = 0;
    check(party, fate_context_new(&party->context, NULL), "context");
    check(party, fate_context_set_threads(party->context, 0), "threads");
    if (strcmp(party->kernel, "best") != 0) check(party, fate_context_set_kernel(party->context, party->kernel), "kernel");
    check(party, fate_job_read(party->context, &party->job, job), "job");
    check(party, fate_job_find_party(party->job, party->name, &number), "party");
    check(party, fate_identity_read(party->context, &party->identity, party->key), "key");
    read_table(party, number);
    check(party, fate_tcp_for_job(party->context, &party->transport, party->job, number, party->listen), "transport");
    check(party, fate_session_new(party->context, &party->session, party->job, party->name, party->identity, FATE_PURPOSE_TRAIN),
          "session");
    check(party, fate_session_set_table(party->session, FATE_TABLE_DATA, party->table), "table");
    check(party, fate_drive(party->session, party->transport, NULL, &observer), "job");
    check(party, fate_session_model(party->session, &model), "model");
    check(party, fate_model_write(model, party->model), "model");
    fate_model_free(model);
}

static void write_operations(FILE *file)
{
    fprintf(file, "  \"operations\": {");
    for (int i = 0; i < OPERATIONS; i++)
        fprintf(file, "%s\n    \"%s\": {\"calls\": %" PRIu64 ", \"items\": %" PRIu64 ", \"seconds\": %.6f}", i > 0 ? "," : "",
                operation_names[i], spent[i].calls, spent[i].items, spent[i].seconds);
    fprintf(file, "\n  },\n");
}

static void write_messages(FILE *file, const struct party *party)
{
    const char *message;
    uint32_t peer;
    int32_t outgoing;
    uint64_t messages, bytes;
    fprintf(file, "  \"sent\": {");
    for (uint32_t i = 0, written = 0; fate_session_traffic(party->session, i, &message, &peer, &outgoing, &messages, &bytes) == FATE_OK;
         i++)
        if (outgoing) fprintf(file, "%s\"%s\": %" PRIu64, written++ > 0 ? ", " : "", message, bytes);
    fprintf(file, "},\n");
}

/* The trees' time on the machine's clock, and the pauses within it. */
static void write_pauses(FILE *file, const struct party *party)
{
    const char *before = "";
    fprintf(file, "  \"trees_from\": %.6f, \"trees_to\": %.6f,\n  \"pauses\": [", party->begun[1], party->done);
    for (uint32_t i = 0; i < pause_count; i++) {
        if (pauses[i].ended < party->begun[1] || pauses[i].began > party->done) continue;
        fprintf(file, "%s[%.6f, %.6f]", before, pauses[i].began, pauses[i].ended);
        before = ", ";
    }
    fprintf(file, "],\n");
}

static double cpu_seconds(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) + (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static int write_report(const struct party *party)
{
    struct rusage usage;
    uint64_t bytes_sent = 0;
    FILE *file = fopen(party->report, "w");
    if (file == NULL) return 1;
    getrusage(RUSAGE_SELF, &usage);
    fate_session_counter(party->session, "bytes_sent", &bytes_sent);
    fprintf(file, "{\n  \"rows\": %" PRIu64 ", \"trees\": %" PRIu32 ", \"bytes_sent\": %" PRIu64 ",\n", fate_table_rows(party->table),
            party->trees, bytes_sent);
    fprintf(file, "  \"peak_bytes\": %llu, \"base_bytes\": %" PRIu64 ", \"table_bytes\": %" PRIu64 ",\n",
            (unsigned long long)usage.ru_maxrss * 1024, party->memory_before, party->memory_table - party->memory_before);
    fprintf(file, "  \"pack_bits\": %" PRIu32 ", \"pack_slots\": %" PRIu32 ", \"cpu_seconds\": %.3f,\n", pack_bits, pack_slots,
            cpu_seconds(&usage));
    fprintf(file, "  \"to_first_tree\": %.3f, \"trees_seconds\": %.3f, \"after_trees\": %.3f,\n", party->begun[1] - party->began,
            party->done - party->begun[1], seconds() - party->done);
    write_operations(file);
    write_messages(file, party);
    write_pauses(file, party);
    fprintf(file, "  \"tree_seconds\": [");
    for (uint32_t tree = 1; tree <= party->trees; tree++)
        fprintf(file, "%s%.4f", tree > 1 ? ", " : "", (tree < party->trees ? party->begun[tree + 1] : party->done) - party->begun[tree]);
    fprintf(file, "]\n}\n");
    return fclose(file) != 0;
}

int main(int count, char **words)
{
    static struct party party;
    party.began = seconds();
    if (count != 9) {
        fprintf(stderr, "usage: party JOB NAME KEY TABLE MODEL REPORT KERNEL LISTEN\n");
        return 2;
    }
    party.name = words[2];
    party.key = words[3];
    party.rows = words[4];
    party.model = words[5];
    party.report = words[6];
    party.kernel = words[7];
    party.listen = strcmp(words[8], "-") == 0 ? NULL : words[8];
    train(&party, words[1]);
    int failed = write_report(&party);
    fate_session_free(party.session);
    fate_transport_free(party.transport);
    fate_table_free(party.table);
    fate_identity_free(party.identity);
    fate_job_free(party.job);
    fate_context_free(party.context);
    return failed;
}
