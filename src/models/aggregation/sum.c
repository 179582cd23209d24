/* Secure sums and means of tables; see sum.h. */
#include "src/models/aggregation/sum.h"

#include <stdio.h>
#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/outcome.h"
#include "src/models/aggregation/protocol.h"

/* ---- the aggregator, between the messages of the sum ---- */

static int32_t take_join(fate_turn *turn, struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length)
{
    struct sum_aggregator *sum = (struct sum_aggregator *)aggregator;
    struct member *member = &aggregator->members.items[from];
    if (length != 8 + LAYOUT_DIGEST || bytes_load_u64(bytes) == 0) return fate_turn_expel(turn, from, "sent a malformed message");
    if (!sum->laid_out) {
        sum->count = bytes_load_u64(bytes);
        memcpy(sum->layout, bytes + 8, LAYOUT_DIGEST);
        sum->laid_out = true;
    }
    if (bytes_load_u64(bytes) != sum->count || memcmp(bytes + 8, sum->layout, LAYOUT_DIGEST) != 0)
        return fate_turn_expel(turn, from, "has other rows or columns than those that are summed");
    member->joined = true;
    member->in = false; /* it begins anew: this round is over for it */
    return FATE_OK;
}

/* Whether anybody of the job may still come. */
static bool missing(fate_turn *turn, const struct aggregator *aggregator)
{
    (void)turn;
    for (uint32_t party = 0; party < aggregator->parties; party++)
        if (party != aggregator->party && !aggregator->members.items[party].joined) return true;
    return false;
}

static int32_t gathered(fate_turn *turn, struct aggregator *aggregator)
{
    const struct sum_aggregator *sum = (const struct sum_aggregator *)aggregator;
    bool *wanted = memory_zeroed(aggregator->context, aggregator->parties, sizeof *wanted);
    if (wanted == NULL) return context_out_of_memory(aggregator->context);
    for (uint32_t party = 0; party < aggregator->parties; party++) wanted[party] = fate_turn_present(turn, party) != 0;
    int32_t result = aggregator_begin(turn, aggregator, wanted, sum->count);
    memory_free(aggregator->context, wanted);
    return result;
}

static int32_t send_result(fate_turn *turn, const struct aggregator *aggregator, uint32_t clients)
{
    struct buffer head;
    bool *to = memory_zeroed(aggregator->context, aggregator->parties, sizeof *to);
    if (to == NULL) return context_out_of_memory(aggregator->context);
    for (uint32_t party = 0; party < aggregator->parties; party++) to[party] = aggregator->members.items[party].joined;
    buffer_init(&head, aggregator->context);
    buffer_u32(&head, clients);
    int32_t result = head.failed ? context_out_of_memory(aggregator->context)
                                 : aggregator_tell(turn, aggregator, MESSAGE_RESULT, to, &head, aggregator->sum,
                                                   aggregator->count * aggregator->parameters.width);
    buffer_free(&head);
    memory_free(aggregator->context, to);
    return result;
}

/* Who is not in the sum is named. */
static int32_t warn_of_lost(fate_turn *turn, const struct aggregator *aggregator, uint32_t clients)
{
    char sentence[600];
    uint32_t lost = 0;
    int at = snprintf(sentence, sizeof sentence, "the sum is of %u of %u clients; not among them:", (unsigned)clients,
                      (unsigned)aggregator->parameters.clients);
    for (uint32_t party = 0; party < aggregator->parties; party++) {
        if (party == aggregator->party || aggregator->members.items[party].masked) continue;
        if (lost++ < 5)
            at += snprintf(sentence + at, sizeof sentence - (size_t)at, "%s %s", lost == 1 ? "" : ",",
                           fate_job_party_name(fate_turn_job(turn), party));
    }
    if (lost > 5) snprintf(sentence + at, sizeof sentence - (size_t)at, " and %u more", (unsigned)(lost - 5));
    return lost == 0 ? FATE_OK : fate_turn_warn(turn, sentence);
}

static int32_t summed(fate_turn *turn, struct aggregator *aggregator, uint32_t clients)
{
    const struct sum_aggregator *sum = (const struct sum_aggregator *)aggregator;
    int32_t result = warn_of_lost(turn, aggregator, clients);
    if (result == FATE_OK) result = outcome_deliver(turn, &aggregator->parameters, sum->table, clients, aggregator->sum, aggregator->count);
    if (result == FATE_OK && aggregator->parameters.tells_result) result = send_result(turn, aggregator, clients);
    return result == FATE_OK ? fate_turn_finish(turn) : result;
}

static const struct aggregator_use one_sum = {take_join, missing, gathered, summed, aggregator_give_up};

/* ---- the aggregator's state ---- */

int32_t sum_aggregator_start(fate_turn *turn, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct sum_aggregator *sum = memory_zeroed(context, 1, sizeof *sum);
    if (sum == NULL) return context_out_of_memory(context);
    *state = sum;
    sum->aggregator.context = context;
    sum->aggregator.use = &one_sum;
    sum->table = fate_turn_table(turn, FATE_TABLE_DATA);
    int32_t result = aggregation_parameters_read(context, &sum->aggregator.parameters, fate_turn_job(turn));
    if (result == FATE_OK) result = aggregator_init(turn, &sum->aggregator);
    if (result != FATE_OK || sum->table == NULL) return result;
    contribution_layout(sum->layout, sum->table);
    sum->count = contribution_count(&sum->aggregator.parameters, sum->table);
    sum->laid_out = true;
    return FATE_OK;
}

void sum_aggregator_stop(fate_context *context, void *state)
{
    struct sum_aggregator *sum = state;
    if (sum == NULL) return;
    aggregator_free(&sum->aggregator);
    memory_free(context, sum);
}

int32_t sum_aggregator_save(fate_turn *turn, const void *state)
{
    const struct sum_aggregator *sum = state;
    struct buffer out;
    buffer_init(&out, sum->aggregator.context);
    buffer_u8(&out, sum->laid_out);
    buffer_append(&out, sum->layout, LAYOUT_DIGEST);
    buffer_u64(&out, sum->count);
    aggregator_save(&sum->aggregator, &out);
    int32_t result = out.failed ? context_out_of_memory(sum->aggregator.context) : fate_turn_save(turn, out.bytes, out.length);
    buffer_free(&out);
    return result;
}

int32_t sum_aggregator_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    struct sum_aggregator *sum = state;
    struct reader in;
    reader_init(&in, bytes, length);
    sum->laid_out = reader_u8(&in) == 1;
    const uint8_t *layout = reader_bytes(&in, LAYOUT_DIGEST);
    sum->count = reader_u64(&in);
    int32_t result = layout == NULL ? FATE_E_FORMAT : FATE_OK;
    if (result == FATE_OK) {
        memcpy(sum->layout, layout, LAYOUT_DIGEST);
        result = aggregator_load(turn, &sum->aggregator, &in);
    }
    if (result == FATE_OK && !reader_finished(&in)) result = FATE_E_FORMAT;
    return aggregation_loaded(&sum->aggregator, result);
}

/* ---- a client ---- */

int32_t sum_client_start(fate_turn *turn, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct sum_client *sum = memory_zeroed(context, 1, sizeof *sum);
    if (sum == NULL) return context_out_of_memory(context);
    *state = sum;
    struct client *client = &sum->client;
    client_init(turn, client);
    buffer_init(&sum->outcome, context);
    sum->table = fate_turn_table(turn, FATE_TABLE_DATA);
    if (sum->table == NULL) return context_fail(context, FATE_E_TABLE, "a client needs a table of numbers");
    int32_t result = aggregation_parameters_read(context, &client->parameters, fate_turn_job(turn));
    if (result != FATE_OK) return result;
    uint64_t count = contribution_count(&client->parameters, sum->table);
    uint8_t *values = memory_zeroed(context, count + 1, client->parameters.width);
    if (values == NULL) return context_out_of_memory(context);
    client_give(client, values, count);
    return contribution_make(context, values, &client->parameters, sum->table);
}

void sum_client_stop(fate_context *context, void *state)
{
    struct sum_client *sum = state;
    if (sum == NULL) return;
    client_free(&sum->client);
    buffer_free(&sum->outcome);
    memory_free(context, sum);
}

int32_t sum_client_join(fate_turn *turn, void *state)
{
    const struct sum_client *sum = state;
    uint8_t bytes[8 + LAYOUT_DIGEST];
    bytes_store_u64(bytes, sum->client.count);
    contribution_layout(bytes + 8, sum->table);
    return fate_turn_send_all(turn, MESSAGE_JOIN, bytes, sizeof bytes, 1);
}

int32_t sum_client_save(fate_turn *turn, const void *state)
{
    const struct sum_client *sum = state;
    struct buffer out;
    buffer_init(&out, sum->client.context);
    out.secret = true;
    client_save(&sum->client, &out);
    int32_t result = out.failed ? context_out_of_memory(sum->client.context) : fate_turn_save(turn, out.bytes, out.length);
    buffer_free(&out);
    return result;
}

int32_t sum_client_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    struct sum_client *sum = state;
    struct reader in;
    reader_init(&in, bytes, length);
    int32_t result = client_load(turn, &sum->client, &in);
    if (result == FATE_OK && !reader_finished(&in)) result = FATE_E_FORMAT;
    return client_loaded(&sum->client, result);
}

/* The only message in parts. */
static int32_t take_result(fate_turn *turn, struct sum_client *sum, const uint8_t *bytes, uint64_t length)
{
    const struct client *client = &sum->client;
    uint64_t whole = OUTCOME_HEAD + client->count * client->parameters.width;
    if (fate_turn_first(turn)) buffer_clear(&sum->outcome);
    if (length > whole - sum->outcome.length || (fate_turn_last(turn) && sum->outcome.length + length != whole))
        return client_broken(turn, "sent a result of another size");
    buffer_append(&sum->outcome, bytes, length);
    if (sum->outcome.failed) return context_out_of_memory(client->context);
    if (!fate_turn_last(turn)) return FATE_OK;
    int32_t result = outcome_deliver(turn, &client->parameters, sum->table, bytes_load_u32(sum->outcome.bytes),
                                     sum->outcome.bytes + OUTCOME_HEAD, client->count);
    return result == FATE_OK ? fate_turn_finish(turn) : result;
}

int32_t sum_client_listen(fate_turn *turn, void *state)
{
    struct sum_client *sum = state;
    const uint8_t *bytes;
    uint64_t length;
    if (fate_turn_from(turn) == UINT32_MAX) return FATE_OK;
    int32_t result = fate_turn_received(turn, fate_turn_from(turn), &bytes, &length);
    if (result != FATE_OK) return result;
    if (fate_turn_message(turn) == MESSAGE_RESULT) return take_result(turn, sum, bytes, length);
    return client_take(turn, &sum->client, bytes, length);
}
