/* Law 3: an argument error has its sentence on the context, and a constructor's sentence names the function. Older sentences never stand
 * for a newer error. */
#include "tests/support/unit.h"

#include <fate/fate.h>
#include "src/models/scores.h"
#include "src/session/model.h"
#include <string.h>

enum { BYTES = 8 };

static fate_context *context;
static fate_secret_key *secret;
static fate_public_key *public_key;
static fate_ciphertexts *vector;
static fate_identity *identity;
static fate_simulator *simulator;
static fate_schema *schema;
static fate_table *table;
static fate_metrics *metrics;
static fate_scores *scores;
static fate_model *model;
static fate_transport *transport;
static const uint8_t bytes[32] = {0};
static const double number = 1;
static uint64_t length;

static void refused(int32_t result, const char *function)
{
    assert_int_equal(result, FATE_E_ARGUMENT);
    if (strstr(fate_context_error(context), function) == NULL)
        fail_msg("the sentence of %s does not name it: \"%s\"", function, fate_context_error(context));
    fate_context_fail(context, FATE_E_APPLICATION, "an older sentence");
}

/* Calls a function that takes the context or an object made from it, and wants its name in the sentence. */
#define REFUSED(function, ...) refused(function(__VA_ARGS__), #function)

static int start(void **state)
{
    (void)state;
    static const char job_text[] = "{\"algorithm\": \"vertical-boosting\", \"id\": \"id\", \"label\": \"y\", \"parties\": ["
                                   "{\"name\": \"bank\", \"role\": \"guest\"}, {\"name\": \"shop\", \"role\": \"host\"}]}";
    static const uint64_t offsets[] = {0, 1};
    if (fate_context_new(&context, NULL) != FATE_OK) return 1;
    if (fate_secret_key_generate(context, &secret, "paillier", 2048, bytes) != FATE_OK) return 1;
    if (fate_secret_key_public(secret, &public_key) != FATE_OK || fate_ciphertexts_new(public_key, &vector, 1) != FATE_OK) return 1;
    if (fate_identity_generate(context, &identity) != FATE_OK || fate_schema_new(context, &schema) != FATE_OK) return 1;
    if (fate_table_new(context, &table, 1) != FATE_OK || fate_table_set_ids(table, bytes, offsets) != FATE_OK) return 1;
    if (fate_table_finish(table) != FATE_OK || scores_new(context, &scores, "id", 1) != FATE_OK) return 1;
    if (fate_metrics_new(context, &metrics, "regression", &number, &number, NULL, 1) != FATE_OK) return 1;
    if (fate_tcp_new(context, &transport, 0, NULL) != FATE_OK) return 1;
    if (model_new(context, &model, "vertical-boosting", "bank", "guest", bytes, bytes, sizeof bytes) != FATE_OK) return 1;
    return fate_simulator_new(context, &simulator, job_text, FATE_PURPOSE_TRAIN, 1) != FATE_OK;
}

static int stop(void **state)
{
    (void)state;
    fate_simulator_free(simulator);
    fate_model_free(model);
    fate_transport_free(transport);
    fate_metrics_free(metrics);
    fate_scores_free(scores);
    fate_table_free(table);
    fate_schema_free(schema);
    fate_identity_free(identity);
    fate_ciphertexts_free(vector);
    fate_public_key_free(public_key);
    fate_secret_key_free(secret);
    fate_context_free(context);
    return 0;
}

static void constructors_of_keys(void **state)
{
    (void)state;
    fate_secret_key *own = secret;
    REFUSED(fate_secret_key_generate, context, NULL, "paillier", 2048, NULL);
    REFUSED(fate_secret_key_generate, context, &own, NULL, 2048, NULL);
    assert_null(own);
    fate_public_key *other = public_key;
    REFUSED(fate_secret_key_import, context, NULL, bytes, sizeof bytes);
    REFUSED(fate_secret_key_import, context, &own, NULL, 1);
    REFUSED(fate_public_key_import, context, NULL, bytes, sizeof bytes);
    REFUSED(fate_public_key_import, context, &other, NULL, 1);
    assert_null(other);
    REFUSED(fate_secret_key_public, secret, NULL);
    REFUSED(fate_secret_key_export, secret, NULL, &length);
    REFUSED(fate_public_key_export, public_key, NULL, &length);
    REFUSED(fate_ciphertexts_new, public_key, NULL, 1);
    REFUSED(fate_public_key_encrypt, public_key, NULL, 0, 1, NULL, 1, NULL);
    REFUSED(fate_secret_key_encrypt, secret, NULL, 0, 1, NULL, 1, NULL);
    REFUSED(fate_public_key_encrypt_numbers, public_key, NULL, 0, 1, NULL, 1, NULL);
    REFUSED(fate_secret_key_encrypt_numbers, secret, NULL, 0, 1, NULL, 1, NULL);
    REFUSED(fate_secret_key_decrypt, secret, NULL, 0, 1, NULL, 1);
    REFUSED(fate_secret_key_decrypt_numbers, secret, NULL, 0, 1, NULL, 1);
    REFUSED(fate_ciphertexts_add, vector, NULL);
    REFUSED(fate_ciphertexts_subtract, vector, NULL);
    REFUSED(fate_ciphertexts_multiply, vector, NULL);
    REFUSED(fate_ciphertexts_gather_add, vector, NULL, 0, 1, NULL);
    REFUSED(fate_ciphertexts_pack, vector, NULL, 1, 1);
    REFUSED(fate_ciphertexts_sum, vector, NULL);
    REFUSED(fate_ciphertexts_rerandomise, vector, NULL);
    REFUSED(fate_ciphertexts_write, vector, 0, 1, NULL);
    REFUSED(fate_ciphertexts_read, vector, 0, 1, NULL, 512);
}

static void constructors_of_data(void **state)
{
    (void)state;
    fate_table *own = table;
    fate_metrics *measured = metrics;
    char *text = NULL;
    double value;
    struct ArrowSchema arrow;
    struct ArrowArray batch;
    REFUSED(fate_schema_new, context, NULL);
    REFUSED(fate_schema_set_id, schema, NULL);
    REFUSED(fate_schema_add_categorical, schema, NULL);
    REFUSED(fate_table_new, context, NULL, 3);
    REFUSED(fate_table_read_csv, context, NULL, "x.csv", schema);
    REFUSED(fate_table_read_csv, context, &own, NULL, schema);
    assert_null(own);
    REFUSED(fate_table_read_csv, context, &own, "x.csv", NULL);
    REFUSED(fate_table_parse_csv, context, &own, NULL, bytes, BYTES, schema);
    REFUSED(fate_table_parse_csv, context, &own, "x", NULL, BYTES, schema);
    REFUSED(fate_table_read_rows, context, &own, NULL, 1, NULL, schema);
    REFUSED(fate_table_import_arrow, context, &own, NULL, NULL, 1, schema);
    REFUSED(fate_table_digest, table, NULL);
    REFUSED(fate_table_id_digest, table, NULL, bytes);
    REFUSED(fate_metrics_new, context, NULL, "auto", &number, &number, NULL, 1);
    REFUSED(fate_metrics_new, context, &measured, "auto", NULL, &number, NULL, 1);
    assert_null(measured);
    REFUSED(fate_metrics_new_classes, context, NULL, 2, &number, &number, NULL, 1);
    REFUSED(fate_metrics_new_classes, context, &measured, 1, &number, &number, NULL, 1);
    REFUSED(fate_metrics_value, metrics, NULL, &value);
    REFUSED(fate_metrics_value, metrics, "rmsd", &value);
    REFUSED(fate_metrics_lift, metrics, 11, &value, &value);
    REFUSED(fate_metrics_dump, metrics, "yaml", &text);
    REFUSED(fate_scores_write_csv, scores, table, NULL);
    REFUSED(fate_scores_export_arrow, scores, NULL, &arrow, &batch);
}

static void constructors_around_a_job(void **state)
{
    (void)state;
    fate_job *own = NULL;
    fate_identity *drawn = identity;
    fate_evidence *log = NULL;
    const fate_job *job = fate_simulator_job(simulator);
    int64_t integer;
    double value;
    const char *text;
    char *page = NULL;
    uint8_t *exported = NULL;
    REFUSED(fate_identity_generate, context, NULL);
    REFUSED(fate_identity_read, context, &drawn, NULL);
    assert_null(drawn);
    REFUSED(fate_identity_import, context, &drawn, NULL, 1);
    REFUSED(fate_identity_export, identity, &exported, NULL);
    REFUSED(fate_identity_write, identity, NULL);
    REFUSED(fate_job_read, context, &own, NULL);
    REFUSED(fate_job_read, context, NULL, "job.json");
    REFUSED(fate_job_parse, context, &own, NULL, NULL, 1);
    REFUSED(fate_job_find_party, job, NULL, NULL);
    REFUSED(fate_job_check_identity, job, 0, NULL);
    REFUSED(fate_job_integer, job, NULL, &integer);
    REFUSED(fate_job_number, job, NULL, &value);
    REFUSED(fate_job_text, job, NULL, &text);
    REFUSED(fate_job_digest, job, NULL);
    REFUSED(fate_job_describe, job, 2, FATE_PURPOSE_TRAIN, &page);
    REFUSED(fate_protocol_register, context, NULL);
    REFUSED(fate_describe, context, NULL, &page);
    REFUSED(fate_evidence_read, context, &log, NULL);
    REFUSED(fate_evidence_parse, context, &log, NULL, NULL, 1);
}

static void constructors_of_runs(void **state)
{
    (void)state;
    const fate_job *job = fate_simulator_job(simulator);
    fate_simulator *own = NULL;
    fate_store *store = NULL;
    fate_recorder *recorder = NULL;
    fate_model *trained = NULL;
    fate_scores *scored = scores;
    char *text = NULL;
    uint8_t *exported = NULL;
    REFUSED(fate_model_read, context, &trained, NULL);
    REFUSED(fate_model_import, context, &trained, NULL, 1);
    REFUSED(fate_model_write, model, NULL);
    REFUSED(fate_model_export, model, &exported, NULL);
    REFUSED(fate_model_body, model, NULL, NULL);
    REFUSED(fate_model_job_digest, model, NULL);
    REFUSED(fate_model_check, model, NULL, 0);
    REFUSED(fate_model_dump, context, NULL, 1, "text", &text);
    REFUSED(fate_simulator_new, context, &own, NULL, FATE_PURPOSE_TRAIN, 1);
    REFUSED(fate_simulator_set, simulator, "lost", 1);
    REFUSED(fate_simulator_set, simulator, "loss", 1000001);
    REFUSED(fate_simulator_restart, simulator, 2);
    REFUSED(fate_simulator_outcome, simulator, 2);
    REFUSED(fate_memory_store_new, context, NULL);
    REFUSED(fate_directory_store_new, context, &store, "");
    REFUSED(fate_file_recorder_new, context, &recorder, NULL);
    REFUSED(fate_tcp_new, context, NULL, 0, NULL);
    REFUSED(fate_tcp_add_peer, transport, 1, NULL, NULL);
    REFUSED(fate_tcp_for_job, context, NULL, job, 0, NULL);
    REFUSED(fate_loopback_new, context, NULL, 2);
    REFUSED(fate_train, context, &trained, job, "bank", identity, NULL, NULL, transport, NULL, NULL);
    REFUSED(fate_train_from, context, &trained, job, "bank", identity, table, NULL, NULL, transport, NULL, NULL);
    REFUSED(fate_align, context, NULL, job, "bank", identity, table, transport, NULL, NULL);
    REFUSED(fate_predict, context, &scored, job, "bank", identity, NULL, table, transport, NULL, NULL);
    REFUSED(fate_predict_leaves, context, &scored, job, "bank", identity, NULL, table, transport, NULL, NULL);
    REFUSED(fate_cross_validate, context, &scored, job, "bank", identity, NULL, transport, NULL, NULL);
    REFUSED(fate_cross_validate_pooled, context, &scored, job, NULL, NULL);
    REFUSED(fate_predict_pooled_leaves, context, &scored, job, NULL, NULL);
    assert_null(scored);
    REFUSED(fate_train_pooled, context, NULL, job, NULL, NULL, NULL);
    REFUSED(fate_predict_pooled, context, &scored, job, NULL, NULL);
    fate_session *party = fate_simulator_session(simulator, 0);
    assert_int_equal(fate_session_set_evidence(party, NULL, 1), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_session_error(party), "fate_session_set_evidence"));
    assert_int_equal(fate_session_scores(party, NULL), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_session_error(party), "fate_session_scores"));
}

/* Without a context there is nobody to tell, and nothing happens. */
static void no_context(void **state)
{
    (void)state;
    fate_table *own = NULL;
    fate_job *job = NULL;
    fate_simulator *other = NULL;
    assert_int_equal(fate_table_new(NULL, &own, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_parse(NULL, &job, NULL, bytes, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_simulator_new(NULL, &other, "{}", FATE_PURPOSE_TRAIN, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_train(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), FATE_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constructors_of_keys), cmocka_unit_test(constructors_of_data), cmocka_unit_test(constructors_around_a_job),
        cmocka_unit_test(constructors_of_runs), cmocka_unit_test(no_context),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
