/* The guest before the first tree: tables it cannot use, and hosts whose columns or rows are not what they should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/boosting/peer.h"
#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {.hosts = 1, .rows = 30, .columns = 3, .parameters = "\"trees\": 1", .seed = 5};

static struct replacement instead_of_bin(fate_step_function run)
{
    return (struct replacement){FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_BIN, run};
}

static message_columns honest;
static uint8_t digest[MESSAGE_DIGEST];
static message_column column, *columns[1] = {&column};

/* One numeric column and the right rows: to be changed and sent. */
static int32_t prepare(fate_turn *turn, struct host *host)
{
    boosting_message__columns__init(&honest);
    boosting_message__column_summary__init(&column);
    honest.rows = fate_table_rows(host->table);
    honest.id_digest = (ProtobufCBinaryData){.len = sizeof digest, .data = digest};
    honest.n_columns = 1;
    honest.columns = columns;
    column.kind = FATE_COLUMN_NUMBER;
    column.bins = column.value_bins = 4;
    return peer_id_digest(turn, host->table, "ids", digest);
}

static int32_t send_honest(fate_turn *turn, const struct host *host)
{
    return peer_send_message(turn, MESSAGE_COLUMNS, host->guest, &honest.base);
}

static int32_t garbage(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_COLUMNS, 0, "\xff\xff\xff", 3);
}

static int32_t short_digest(fate_turn *turn, void *state)
{
    int32_t result = prepare(turn, state);
    honest.id_digest.len = 31;
    return result == FATE_OK ? send_honest(turn, state) : result;
}

static int32_t too_many_bins(fate_turn *turn, void *state)
{
    int32_t result = prepare(turn, state);
    column.bins = column.value_bins = 33;
    return result == FATE_OK ? send_honest(turn, state) : result;
}

static int32_t other_ids(fate_turn *turn, void *state)
{
    int32_t result = prepare(turn, state);
    digest[5] ^= 1;
    return result == FATE_OK ? send_honest(turn, state) : result;
}

static int32_t other_rows(fate_turn *turn, void *state)
{
    int32_t result = prepare(turn, state);
    honest.rows++;
    return result == FATE_OK ? send_honest(turn, state) : result;
}

static int32_t validation_too(fate_turn *turn, void *state)
{
    int32_t result = prepare(turn, state);
    honest.has_validation = 1;
    honest.validation_digest = honest.id_digest;
    return result == FATE_OK ? send_honest(turn, state) : result;
}

static void columns_are_checked(void **state)
{
    (void)state;
    hostile_expect(&usual, instead_of_bin(garbage), FATE_E_PROTOCOL, 0, "party1 sent what the protocol does not allow");
    hostile_expect(&usual, instead_of_bin(short_digest), FATE_E_PROTOCOL, 0, "digest");
    hostile_expect(&usual, instead_of_bin(too_many_bins), FATE_E_PROTOCOL, 0, "bins that no table gives");
}

static void rows_are_compared(void **state)
{
    (void)state;
    hostile_expect(&usual, instead_of_bin(other_ids), FATE_E_ROWS_DIFFER, 0, "not the same ids");
    hostile_expect(&usual, instead_of_bin(other_rows), FATE_E_ROWS_DIFFER, 0, "30 rows and that of party1 has 31");
    hostile_expect(&usual, instead_of_bin(validation_too), FATE_E_ROWS_DIFFER, 0, "validation table");
}

/* The guest refuses before it speaks to anybody. */
static void refused_alone(fate_table *table, const char *parameters, int32_t expected)
{
    struct hostile_run run;
    struct boosting_case from = usual;
    from.parameters = parameters;
    hostile_begin(&run, hostile_context((struct replacement){.run = NULL}), &from);
    fate_session *session = fate_simulator_session(run.simulator, 0);
    assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, table), FATE_OK);
    assert_int_equal(fate_session_run(session, 0, 0), expected);
    hostile_end(&run);
}

static void tables_are_checked_before_anything_is_sent(void **state)
{
    (void)state;
    fate_context *context;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    struct boosting_case numbers = usual;
    numbers.squared = true;
    fate_table *no_labels = boosting_table(context, &usual, 0, false, FATE_TABLE_DATA);
    fate_table *no_classes = boosting_table(context, &numbers, 0, true, FATE_TABLE_DATA);
    fate_table *good = boosting_table(context, &usual, 0, true, FATE_TABLE_DATA);
    refused_alone(NULL, "\"trees\": 1", FATE_E_TABLE);
    refused_alone(no_labels, "\"trees\": 1", FATE_E_TABLE);
    refused_alone(no_classes, "\"trees\": 1", FATE_E_TABLE);
    refused_alone(good, "\"early_stopping_rounds\": 1", FATE_E_JOB);
    fate_table_free(no_labels);
    fate_table_free(no_classes);
    fate_table_free(good);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_checked),
        cmocka_unit_test(rows_are_compared),
        cmocka_unit_test(tables_are_checked_before_anything_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
