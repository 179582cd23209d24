/* Counts of rows by bin that no honest host sends: each is refused, and the host is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/boosting/messages.h"
#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {.hosts = 2, .rows = 40, .columns = 3, .parameters = "\"trees\": 2, \"depth\": 2", .seed = 3};
static const struct boosting_case sampled = {
    .hosts = 1, .rows = 40, .columns = 4, .parameters = "\"trees\": 2, \"depth\": 2, \"colsample_bytree\": 0.5", .seed = 4};

static void refused(const struct boosting_case *from, fate_step_function run, const char *part)
{
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_COUNT, run};
    hostile_expect(from, replacement, FATE_E_PROTOCOL, 0, part);
    hostile_expect(from, replacement, FATE_E_PROTOCOL, 0, "party1 sent what the protocol does not allow");
}

/* Sends a message of this head and some columns' counts: all rows of the root, and so many more, in the first bin. */
static int32_t send_counts(fate_turn *turn, struct host *host, uint32_t tree, uint32_t level, uint32_t from, uint32_t count, uint32_t more)
{
    struct buffer bytes;
    uint32_t counts[1024] = {0};
    buffer_init(&bytes, host->context);
    count_message_head(&bytes, tree, level);
    for (uint32_t i = 0; i < count; i++) {
        counts[0] = (uint32_t)host->growth.sample_count + more;
        count_message_column(&bytes, from + i, counts, host->growth.summed_count * host->bins[(from + i) % host->columns.count]);
    }
    int32_t result = hostile_send(turn, MESSAGE_COUNTS, 0, bytes.bytes, bytes.length);
    buffer_free(&bytes);
    return result;
}

static int32_t other_tree(fate_turn *turn, void *state)
{
    struct host *host = state;
    return send_counts(turn, host, host->tree + 1, host->growth.level, 0, 3, 0);
}

static int32_t other_level(fate_turn *turn, void *state)
{
    struct host *host = state;
    return send_counts(turn, host, host->tree, host->growth.level + 1, 0, 3, 0);
}

static int32_t column_beyond(fate_turn *turn, void *state)
{
    struct host *host = state;
    return send_counts(turn, host, host->tree, host->growth.level, 1, 3, 0);
}

static int32_t too_few(fate_turn *turn, void *state)
{
    struct host *host = state;
    return send_counts(turn, host, host->tree, host->growth.level, 0, 2, 0);
}

static int32_t too_many(fate_turn *turn, void *state)
{
    struct host *host = state;
    return send_counts(turn, host, host->tree, host->growth.level, 0, 4, 0);
}

static int32_t too_short(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_COUNTS, 0, "short", 5);
}

static int32_t nothing(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_COUNTS, 0, NULL, 0);
}

static int32_t one_row_more(fate_turn *turn, void *state)
{
    struct host *host = state;
    return send_counts(turn, host, host->tree, host->growth.level, 0, 3, 1);
}

/* Below the root, a column that is not in the tree's sample instead of the first that is. */
static int32_t other_column_below(fate_turn *turn, void *state)
{
    struct host *host = state;
    for (uint32_t number = 0; number < host->drawn[1] && host->growth.level > 0 && host->position == 0; number++) {
        if (number != host->drawn[0]) {
            host->drawn[0] = number;
            host->level_columns[0].bins = host->bins[number];
        }
    }
    return host_count(turn, state);
}

static void counts_are_checked(void **state)
{
    (void)state;
    refused(&usual, other_tree, "another tree or level");
    refused(&usual, other_level, "another tree or level");
    refused(&usual, too_short, "another tree or level");
    refused(&usual, nothing, "another tree or level");
    refused(&usual, column_beyond, "of too few columns, or of one that does not follow");
    refused(&usual, too_few, "of too few columns");
    refused(&usual, too_many, "of too many columns");
    refused(&usual, one_row_more, "do not add up");
    refused(&sampled, other_column_below, "had none at the root");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_are_checked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
