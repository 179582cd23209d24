/* A federated application of your own: the mean of a column that lies with three firms, none of which shows a value.
 *
 * The first makes a key. The second encrypts its sum, the third adds its own to that without being able to read it, and the
 * first decrypts only their total. The protocol is the tables below; each firm runs: own_protocol JOB.json NAME KEY TABLE.csv */
#include <fate/fate.h>
#include <stdio.h>

enum { FIRST, SECOND, THIRD, KEY_TO_SECOND = 0, KEY_TO_THIRD, PARTIAL, TOTAL }; /* roles and messages, by their places in the tables */
enum { SCALE = 20, MOST = 4096 };                                               /* bits behind the point; bytes of two ciphertexts */

struct mean {
    double figures[2]; /* sum and count of the own column */
    fate_secret_key *secret;
    fate_public_key *key;
    fate_ciphertexts *own, *other;
};

static int32_t mean_start(fate_turn *turn, void **state)
{
    const fate_table *table = fate_turn_table(turn, FATE_TABLE_DATA);
    const double *column = fate_table_numbers(table, 0);
    if (column == NULL) return fate_turn_fail(turn, FATE_E_TABLE, "the first column behind the id must hold numbers", NULL);
    struct mean *mean = *state = fate_allocate(fate_turn_context(turn), sizeof *mean);
    if (mean == NULL) return FATE_E_MEMORY;
    mean->figures[1] = (double)fate_table_rows(table);
    for (uint64_t row = 0; row < fate_table_rows(table); row++) mean->figures[0] += column[row];
    return FATE_OK;
}

static void mean_stop(fate_context *context, void *state)
{
    struct mean *mean = state;
    fate_secret_key_free(mean->secret);
    fate_public_key_free(mean->key);
    fate_ciphertexts_free(mean->own);
    fate_ciphertexts_free(mean->other);
    fate_free(context, mean);
}

static int32_t send_key(fate_turn *turn, void *state)
{
    struct mean *mean = state;
    uint8_t seed[32], *bytes;
    uint64_t length;
    int32_t result = fate_turn_seed(turn, "key", 0, seed);
    if (result != FATE_OK ||
        (result = fate_secret_key_generate(fate_turn_context(turn), &mean->secret, "paillier", 2048, seed)) != FATE_OK ||
        (result = fate_secret_key_public(mean->secret, &mean->key)) != FATE_OK ||
        (result = fate_public_key_export(mean->key, &bytes, &length)) != FATE_OK)
        return result;
    result = fate_turn_send_all(turn, KEY_TO_SECOND, bytes, length, 1);
    if (result == FATE_OK) result = fate_turn_send_all(turn, KEY_TO_THIRD, bytes, length, 1);
    fate_free(fate_turn_context(turn), bytes);
    return result;
}

static int32_t take_key(fate_turn *turn, void *state)
{
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, 0, &bytes, &length);
    return result != FATE_OK ? result : fate_public_key_import(fate_turn_context(turn), &((struct mean *)state)->key, bytes, length);
}

static int32_t take_figures(fate_turn *turn, struct mean *mean, uint32_t from)
{
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, from, &bytes, &length);
    if (result == FATE_OK) result = fate_ciphertexts_new(mean->key, &mean->other, 2);
    return result != FATE_OK ? result : fate_ciphertexts_read(mean->other, 0, 2, bytes, length);
}

/* The second sends its figures; the third adds the second's. Freshly encrypted ones are part of each sum, so it tells nothing. */
static int32_t send_figures(fate_turn *turn, void *state)
{
    struct mean *mean = state;
    uint8_t seed[32], bytes[MOST];
    uint64_t length = 2 * (uint64_t)fate_public_key_ciphertext_bytes(mean->key);
    uint32_t message = fate_turn_role(turn, fate_turn_party(turn)) == SECOND ? PARTIAL : TOTAL;
    int32_t result = length <= MOST ? fate_turn_seed(turn, "figures", 0, seed) : FATE_E_LIMIT;
    if (result != FATE_OK || (result = fate_ciphertexts_new(mean->key, &mean->own, 2)) != FATE_OK ||
        (result = fate_public_key_encrypt_numbers(mean->key, mean->own, 0, 2, mean->figures, SCALE, seed)) != FATE_OK ||
        (message == TOTAL && (result = take_figures(turn, mean, 1)) != FATE_OK) ||
        (message == TOTAL && (result = fate_ciphertexts_add(mean->own, mean->other)) != FATE_OK) ||
        (result = fate_ciphertexts_write(mean->own, 0, 2, bytes)) != FATE_OK ||
        (result = fate_turn_send_all(turn, message, bytes, length, 1)) != FATE_OK)
        return result;
    return fate_turn_finish(turn);
}

static int32_t decrypt(fate_turn *turn, void *state)
{
    struct mean *mean = state;
    double total[2];
    int32_t result = take_figures(turn, mean, 2);
    if (result == FATE_OK) result = fate_secret_key_decrypt_numbers(mean->secret, mean->other, 0, 2, total, SCALE);
    if (result != FATE_OK) return result;
    total[0] = (total[0] + mean->figures[0]) / (total[1] + mean->figures[1]);
    result = fate_turn_set_result(turn, "mean", total, 1);
    return result != FATE_OK ? result : fate_turn_finish(turn);
}

/* clang-format off */
static const fate_protocol_message messages[] = {
    {"key to second", FIRST, SECOND, 0, "the first's public key", "it encrypts with it"},
    {"key to third", FIRST, THIRD, 0, "the first's public key", "it encrypts with it"},
    {"partial", SECOND, THIRD, 0, "the second's sum and count, encrypted", "it has no key and cannot read them"},
    {"total", THIRD, FIRST, 0, "sum and count of second and third together, encrypted", "the first learns their total only"}};
static const fate_protocol_step
    first[] = {{"send key", FATE_WAIT_NOTHING, 0, send_key}, {"decrypt", FATE_WAIT_ALL, TOTAL, decrypt}},
    second[] = {{"take key", FATE_WAIT_ALL, KEY_TO_SECOND, take_key}, {"send", FATE_WAIT_NOTHING, 0, send_figures}},
    third[] = {{"take key", FATE_WAIT_ALL, KEY_TO_THIRD, take_key}, {"send", FATE_WAIT_ALL, PARTIAL, send_figures}};
static const fate_protocol_role roles[] = {
    {"first", 1, 1, "the mean, and the total of the two others", first, sizeof *first, 2, mean_start, NULL, NULL, mean_stop, 0},
    {"second", 1, 1, "nothing", second, sizeof *second, 2, mean_start, NULL, NULL, mean_stop, 0},
    {"third", 1, 1, "nothing", third, sizeof *third, 2, mean_start, NULL, NULL, mean_stop, 0}};
static const fate_protocol protocol = {sizeof protocol, FATE_ABI_VERSION, "mean", FATE_PURPOSE_TRAIN, "The mean of a column.",
    "The third could add a wrong sum.", NULL, roles, sizeof *roles, 3, messages, sizeof *messages, 4, NULL, 0, 0, NULL, NULL, NULL, NULL};
/* clang-format on */
int main(int argc, char **argv)
{
    fate_context *context;
    fate_job *job;
    fate_identity *identity;
    fate_table *table;
    fate_transport *transport;
    fate_session *session;
    uint32_t party;
    const double *mean;
    uint64_t count;
    if (argc != 5 || fate_context_new(&context, NULL) != FATE_OK) return puts("usage: own_protocol JOB.json NAME KEY TABLE.csv"), 2;
    if (fate_protocol_register(context, &protocol) != FATE_OK || fate_job_read(context, &job, argv[1]) != FATE_OK ||
        fate_job_find_party(job, argv[2], &party) != FATE_OK || fate_identity_read(context, &identity, argv[3]) != FATE_OK ||
        fate_table_read_csv(context, &table, argv[4], fate_job_schema(job, party, FATE_PURPOSE_TRAIN)) != FATE_OK ||
        fate_tcp_for_job(context, &transport, job, party, NULL) != FATE_OK ||
        fate_session_new(context, &session, job, argv[2], identity, FATE_PURPOSE_TRAIN) != FATE_OK ||
        fate_session_set_table(session, FATE_TABLE_DATA, table) != FATE_OK)
        return fprintf(stderr, "%s\n", fate_context_error(context)), 1;
    if (fate_drive(session, transport, NULL, NULL) != FATE_OK) return fprintf(stderr, "%s\n", fate_session_error(session)), 1;
    if (fate_session_result(session, "mean", &mean, &count) == FATE_OK) printf("the mean of all rows is %.3f\n", mean[0]);
    fate_session_free(session);
    fate_transport_free(transport);
    fate_table_free(table);
    fate_identity_free(identity);
    fate_job_free(job);
    fate_context_free(context);
    return 0;
}
