/* A client of a job over rounds; see answerer.h. */
#include "src/models/rounds/answerer.h"

#include <string.h>

#include "lib/context.h"
#include "src/models/rounds/protocol.h"

/* Half of the least window: see fate_turn_window. */
enum { PART = 32768 };

/* A question with more numbers than this is refused; vectors of half a gigabyte and more need other means. */
static const uint64_t COUNT_MOST = UINT64_C(1) << 28, INCOMING_MOST = UINT64_C(1) << 32;

int32_t answerer_start(fate_turn *turn, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct answerer *answerer = memory_zeroed(context, 1, sizeof *answerer);
    if (answerer == NULL) return context_out_of_memory(context);
    *state = answerer;
    client_init(turn, &answerer->client);
    buffer_init(&answerer->incoming, context);
    answerer->inquiry = inquiry_find(fate_job_algorithm(fate_turn_job(turn)))->answerer;
    int32_t result = aggregation_common_read(context, &answerer->client.parameters, fate_turn_job(turn));
    return result == FATE_OK ? answerer->inquiry->start(turn, &answerer->client.parameters, &answerer->state) : result;
}

static void forget_values(struct answerer *answerer)
{
    memory_free_secret(answerer->client.context, answerer->values,
                       answerer->values == NULL ? 0 : answerer->count * answerer->client.parameters.width);
    answerer->values = NULL;
    answerer->count = 0;
}

void answerer_stop(fate_context *context, void *state)
{
    struct answerer *answerer = state;
    if (answerer == NULL) return;
    if (answerer->inquiry != NULL && answerer->state != NULL) answerer->inquiry->stop(context, answerer->state);
    forget_values(answerer);
    buffer_free(&answerer->incoming);
    client_free(&answerer->client);
    memory_free(context, answerer);
}

int32_t answerer_join(fate_turn *turn, void *state)
{
    struct answerer *answerer = state;
    struct buffer layout;
    buffer_init(&layout, answerer->client.context);
    int32_t result = answerer->inquiry->layout(answerer->state, &layout);
    if (result == FATE_OK && layout.failed) result = context_out_of_memory(answerer->client.context);
    for (uint64_t at = 0; at < layout.length && result == FATE_OK; at += PART) {
        uint64_t left = layout.length - at, part = left < PART ? left : PART;
        result = fate_turn_send_all(turn, MESSAGE_JOIN, layout.bytes + at, part, part == left);
    }
    buffer_free(&layout);
    return result;
}

/* ---- questions ---- */

static int32_t hear(fate_turn *turn, struct answerer *answerer)
{
    const struct buffer *incoming = &answerer->incoming;
    uint64_t count = 0;
    if (incoming->length < 8 || bytes_load_u64(incoming->bytes) <= answerer->question)
        return client_broken(turn, "asked a question that has been");
    int32_t result = answerer->inquiry->hear(turn, answerer->state, incoming->bytes + 8, incoming->length - 8, &count);
    if (result == FATE_E_FORMAT || (result == FATE_OK && (count == 0 || count > COUNT_MOST)))
        return client_broken(turn, "asked a malformed question");
    if (result != FATE_OK) return result;
    answerer->question = bytes_load_u64(incoming->bytes);
    answerer->client.stage = CLIENT_IDLE; /* a sum under way has been given up */
    client_give(&answerer->client, NULL, 0);
    forget_values(answerer);
    answerer->values = memory_zeroed(answerer->client.context, count + 1, answerer->client.parameters.width);
    if (answerer->values == NULL) return context_out_of_memory(answerer->client.context);
    answerer->count = count;
    return fate_turn_go_to(turn, ANSWERER_WORK);
}

/* The answer is stored before anybody hears of it. */
int32_t answerer_work(fate_turn *turn, void *state)
{
    struct answerer *answerer = state;
    uint8_t ready[8];
    int32_t result = answerer->inquiry->answer(turn, answerer->state, answerer->values);
    if (result != FATE_OK) return result;
    client_give(&answerer->client, answerer->values, answerer->count);
    answerer->values = NULL;
    answerer->count = 0;
    bytes_store_u64(ready, answerer->question);
    result = fate_turn_send_all(turn, ROUNDS_READY, ready, sizeof ready, 1);
    if (result == FATE_OK) result = fate_turn_checkpoint_first(turn);
    return result == FATE_OK ? fate_turn_go_to(turn, ANSWERER_LISTEN) : result;
}

/* ---- what comes ---- */

static int32_t end(fate_turn *turn, struct answerer *answerer)
{
    int32_t result = answerer->inquiry->end(turn, answerer->state, answerer->incoming.bytes + 1, answerer->incoming.length - 1);
    if (result == FATE_E_FORMAT) return client_broken(turn, "sent a malformed result");
    return result == FATE_OK ? fate_turn_finish(turn) : result;
}

static int32_t collect(fate_turn *turn, struct answerer *answerer, const uint8_t *bytes, uint64_t length)
{
    struct buffer *incoming = &answerer->incoming;
    if (fate_turn_first(turn)) buffer_clear(incoming);
    if (length == 0 || length > INCOMING_MOST - incoming->length) return client_broken(turn, "sent a malformed message");
    buffer_append(incoming, bytes, length);
    if (incoming->failed) return context_out_of_memory(answerer->client.context);
    if (!fate_turn_last(turn)) return FATE_OK;
    int32_t result = fate_turn_message(turn) == ROUNDS_QUESTION ? hear(turn, answerer) : end(turn, answerer);
    buffer_free(incoming);
    buffer_init(incoming, answerer->client.context);
    return result;
}

int32_t answerer_listen(fate_turn *turn, void *state)
{
    struct answerer *answerer = state;
    const uint8_t *bytes;
    uint64_t length;
    if (fate_turn_from(turn) == UINT32_MAX) return FATE_OK;
    int32_t result = fate_turn_received(turn, fate_turn_from(turn), &bytes, &length);
    if (result != FATE_OK) return result;
    uint32_t message = fate_turn_message(turn);
    if (message == ROUNDS_QUESTION || message == MESSAGE_RESULT) return collect(turn, answerer, bytes, length);
    result = client_take(turn, &answerer->client, bytes, length);
    if (result != FATE_OK) return result;
    /* One answer, one sum. */
    bool counted = message != MESSAGE_LATE && answerer->client.stage == CLIENT_REVEALED;
    if (counted) answerer->inquiry->counted(answerer->state);
    if (counted || message == MESSAGE_LATE) client_give(&answerer->client, NULL, 0);
    return FATE_OK;
}

/* ---- stored state ---- */

int32_t answerer_save(fate_turn *turn, const void *state)
{
    const struct answerer *answerer = state;
    const struct client *client = &answerer->client;
    struct buffer out;
    buffer_init(&out, client->context);
    out.secret = true;
    client_save(client, &out);
    buffer_u64(&out, answerer->question);
    buffer_u64(&out, client->values == NULL ? 0 : client->count);
    if (client->values != NULL) buffer_append(&out, client->values, client->count * client->parameters.width);
    answerer->inquiry->save(answerer->state, &out);
    int32_t result = out.failed ? context_out_of_memory(client->context) : fate_turn_save(turn, out.bytes, out.length);
    buffer_free(&out);
    return result;
}

static int32_t load_values(struct client *client, struct reader *in)
{
    uint64_t count = reader_u64(in);
    if (in->failed || count > reader_left(in) / client->parameters.width) return FATE_E_FORMAT;
    if (count == 0) return FATE_OK;
    uint8_t *values = memory_zeroed(client->context, count + 1, client->parameters.width);
    if (values == NULL) return FATE_E_MEMORY;
    memcpy(values, reader_bytes(in, count * client->parameters.width), count * client->parameters.width);
    client_give(client, values, count);
    return FATE_OK;
}

int32_t answerer_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    struct answerer *answerer = state;
    struct reader in;
    reader_init(&in, bytes, length);
    int32_t result = client_load(turn, &answerer->client, &in);
    answerer->question = reader_u64(&in);
    if (result == FATE_OK) result = load_values(&answerer->client, &in);
    if (result == FATE_OK) result = answerer->inquiry->load(turn, answerer->state, &in);
    if (result == FATE_OK && !reader_finished(&in)) result = FATE_E_FORMAT;
    return client_loaded(&answerer->client, result);
}
