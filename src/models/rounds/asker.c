/* The aggregator of a job over rounds; see asker.h. */
#include "src/models/rounds/asker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/context.h"
#include "lib/random.h"
#include "src/models/rounds/protocol.h"

enum { LAYOUT_MOST = 1 << 20 };

static struct asker *asker_of(struct aggregator *aggregator)
{
    return (struct asker *)aggregator;
}

/* ---- who is there ---- */

static bool may_be_asked(const struct asker *asker, const fate_turn *turn, uint32_t party)
{
    return asker->clients[party].known && !asker->clients[party].busy && fate_turn_present(turn, party);
}

static uint32_t count_ready(const struct asker *asker, const fate_turn *turn)
{
    uint32_t count = 0;
    for (uint32_t party = 0; party < asker->aggregator.parties; party++) count += may_be_asked(asker, turn, party);
    return count;
}

/* At first all clients of the job are waited for; later only as many as there must be. */
static bool missing(fate_turn *turn, const struct aggregator *aggregator)
{
    const struct asker *asker = (const struct asker *)aggregator;
    bool first = asker->question == 0;
    for (uint32_t party = 0; party < aggregator->parties; party++) {
        const struct asked *client = &asker->clients[party];
        if (asker->out && client->asked && !aggregator->members.items[party].joined && fate_turn_present(turn, party)) return true;
        if (!asker->out && first && party != aggregator->party && !client->known) return true;
    }
    return !asker->out && !first && count_ready(asker, turn) < aggregator->parameters.least_clients;
}

/* ---- a question goes out ---- */

static int compare_ranks(const void *one, const void *other)
{
    return memcmp(one, other, 12);
}

/* Draws so many of those who are there: the ones with the smallest keyed hashes. */
static int32_t draw(const struct asker *asker, const fate_turn *turn, bool *drawn)
{
    uint32_t parties = asker->aggregator.parties, ready = count_ready(asker, turn), found = 0;
    uint32_t wanted = (uint32_t)ceil(asker->parameters.client_share * (double)ready);
    if (wanted < asker->aggregator.parameters.least_clients) wanted = asker->aggregator.parameters.least_clients;
    uint8_t(*ranks)[12] = memory_zeroed(asker->aggregator.context, parties, sizeof *ranks), key[RANDOM_KEY], hash[RANDOM_KEY];
    if (ranks == NULL) return context_out_of_memory(asker->aggregator.context);
    random_derive(key, asker->parameters.seed, "clients of a question", asker->question);
    for (uint32_t party = 0; party < parties; party++) {
        if (!may_be_asked(asker, turn, party)) continue;
        random_derive(hash, key, "client", party);
        memcpy(ranks[found], hash, 8);
        bytes_store_u32(ranks[found++] + 8, party);
    }
    qsort(ranks, found, sizeof *ranks, compare_ranks);
    for (uint32_t i = 0; i < found && i < wanted; i++) drawn[bytes_load_u32(ranks[i] + 8)] = true;
    memory_free(asker->aggregator.context, ranks);
    return FATE_OK;
}

static int32_t send_question(fate_turn *turn, struct asker *asker, const struct buffer *question)
{
    bool *drawn = memory_zeroed(asker->aggregator.context, asker->aggregator.parties, sizeof *drawn);
    if (drawn == NULL) return context_out_of_memory(asker->aggregator.context);
    int32_t result = draw(asker, turn, drawn);
    for (uint32_t party = 0; party < asker->aggregator.parties; party++) {
        asker->clients[party].asked = drawn[party];
        asker->clients[party].busy = asker->clients[party].busy || drawn[party];
    }
    if (result == FATE_OK)
        result = aggregator_tell(turn, &asker->aggregator, ROUNDS_QUESTION, drawn, NULL, question->bytes, question->length);
    memory_free(asker->aggregator.context, drawn);
    asker->out = true;
    if (result == FATE_OK) result = fate_turn_wake(turn, asker->parameters.work_patience);
    return result == FATE_OK ? fate_turn_checkpoint_first(turn) : result;
}

static int32_t send_result(fate_turn *turn, const struct asker *asker, const struct buffer *bytes)
{
    bool *to = memory_zeroed(asker->aggregator.context, asker->aggregator.parties, sizeof *to);
    if (to == NULL) return context_out_of_memory(asker->aggregator.context);
    for (uint32_t party = 0; party < asker->aggregator.parties; party++) to[party] = asker->clients[party].known;
    int32_t result = aggregator_tell(turn, &asker->aggregator, MESSAGE_RESULT, to, NULL, bytes->bytes, bytes->length);
    memory_free(asker->aggregator.context, to);
    return result;
}

static int32_t end(fate_turn *turn, struct asker *asker)
{
    struct buffer result_bytes;
    buffer_init(&result_bytes, asker->aggregator.context);
    buffer_u8(&result_bytes, 0); /* so that no result is empty */
    int32_t result = asker->inquiry->end(turn, asker->state, &result_bytes);
    if (result == FATE_OK && result_bytes.failed) result = context_out_of_memory(asker->aggregator.context);
    if (result == FATE_OK) result = send_result(turn, asker, &result_bytes);
    buffer_free(&result_bytes);
    return result == FATE_OK ? fate_turn_finish(turn) : result;
}

/* The step "ask": makes the next question, or ends. */
int32_t asker_ask(fate_turn *turn, void *state)
{
    struct asker *asker = state;
    struct buffer question;
    buffer_init(&question, asker->aggregator.context);
    buffer_u64(&question, asker->question + 1);
    int32_t result = asker->inquiry->ask(turn, asker->state, &question, &asker->count);
    if (result == FATE_OK && question.failed) result = context_out_of_memory(asker->aggregator.context);
    if (result == FATE_OK) {
        asker->question++;
        result = send_question(turn, asker, &question);
    } else if (result == FATE_FINISHED) {
        result = end(turn, asker);
    }
    buffer_free(&question);
    return result == FATE_OK ? fate_turn_go_to(turn, ASKER_LISTEN) : result;
}

/* ---- what secure aggregation asks for ---- */

static int32_t try_again(fate_turn *turn, struct aggregator *aggregator, int32_t code, const char *sentence)
{
    struct asker *asker = asker_of(aggregator);
    char text[400];
    if (++asker->failures >= asker->parameters.attempts) return aggregator_give_up(turn, aggregator, code, sentence);
    snprintf(text, sizeof text, "%s; the question is asked again", sentence);
    asker->out = false;
    int32_t result = aggregator_reset(turn, aggregator);
    if (result == FATE_OK) result = fate_turn_warn(turn, text);
    if (result == FATE_OK) result = fate_turn_wake(turn, aggregator->parameters.patience);
    return result == FATE_OK ? fate_turn_checkpoint_first(turn) : result;
}

/* Nobody is missing, or time is over: those who are there are asked, or the answers of those who are ready are summed. */
static int32_t gathered(fate_turn *turn, struct aggregator *aggregator)
{
    struct asker *asker = asker_of(aggregator);
    if (asker->out) {
        bool *wanted = memory_zeroed(aggregator->context, aggregator->parties, sizeof *wanted);
        if (wanted == NULL) return context_out_of_memory(aggregator->context);
        for (uint32_t party = 0; party < aggregator->parties; party++)
            wanted[party] = asker->clients[party].asked && fate_turn_present(turn, party);
        int32_t result = aggregator_begin(turn, aggregator, wanted, asker->count);
        memory_free(aggregator->context, wanted);
        return result;
    }
    const uint32_t ready = count_ready(asker, turn), least = aggregator->parameters.least_clients;
    if (ready >= least) return fate_turn_go_to(turn, ASKER_ASK);
    char sentence[200];
    snprintf(sentence, sizeof sentence,
             "clients that are there for question %llu of the job: %u, but least_clients asks for %u; start more of them",
             (unsigned long long)asker->question + 1, (unsigned)ready, (unsigned)least);
    return try_again(turn, aggregator, FATE_E_TIMEOUT, sentence);
}

/* Who was asked and is not in the sum is named. */
static int32_t warn_of_lost(fate_turn *turn, const struct asker *asker, uint32_t clients)
{
    char sentence[600];
    uint32_t lost = 0;
    int at = snprintf(sentence, sizeof sentence, "question %llu: the sum is of %u clients, without", (unsigned long long)asker->question,
                      (unsigned)clients);
    for (uint32_t party = 0; party < asker->aggregator.parties; party++) {
        if (!asker->clients[party].asked || asker->aggregator.members.items[party].masked || lost++ >= 5) continue;
        at += snprintf(sentence + at, sizeof sentence - (size_t)at, "%s %s", lost == 1 ? "" : ",",
                       fate_job_party_name(fate_turn_job(turn), party));
    }
    if (lost > 5) snprintf(sentence + at, sizeof sentence - (size_t)at, " and %u more", (unsigned)(lost - 5));
    return lost == 0 ? FATE_OK : fate_turn_warn(turn, sentence);
}

static int32_t summed(fate_turn *turn, struct aggregator *aggregator, uint32_t clients)
{
    struct asker *asker = asker_of(aggregator);
    int32_t result = asker->inquiry->take(turn, asker->state, aggregator->sum, (double)clients / (double)aggregator->parameters.clients);
    if (result == FATE_OK) result = warn_of_lost(turn, asker, clients);
    if (result == FATE_OK) result = aggregator_reset(turn, aggregator);
    asker->out = false;
    asker->failures = 0;
    if (result == FATE_OK) result = fate_turn_wake(turn, aggregator->parameters.patience);
    if (result == FATE_OK) result = fate_turn_checkpoint(turn);
    if (result != FATE_OK || missing(turn, aggregator)) return result;
    return fate_turn_go_to(turn, ASKER_ASK);
}

/* ---- what clients say ---- */

/* The columns of those who came before are the ones that count. */
static int32_t refuse_columns(fate_turn *turn, const struct asker *asker, uint32_t from)
{
    char sentence[300];
    uint32_t other = 0;
    while (other + 1 < asker->aggregator.parties && !asker->clients[other].known) other++;
    snprintf(sentence, sizeof sentence,
             "has other columns than those that came before, of whom one is %.80s: compare the tables' first lines and their labels",
             asker->clients[other].known ? fate_job_party_name(fate_turn_job(turn), other) : "no longer there");
    return fate_turn_expel(turn, from, sentence);
}

/* Who comes when questions have been asked is named. */
static int32_t welcome(fate_turn *turn, struct asker *asker, uint32_t from)
{
    char sentence[300];
    bool before = asker->clients[from].came;
    asker->clients[from].came = true;
    if (asker->question == 0) return FATE_OK;
    snprintf(sentence, sizeof sentence, "%s %s: it takes part from the next question on", fate_job_party_name(fate_turn_job(turn), from),
             before ? "is back" : "has come");
    return fate_turn_warn(turn, sentence);
}

static int32_t settle(fate_turn *turn, struct asker *asker, uint32_t from)
{
    struct buffer *layout = &asker->clients[from].layout;
    if (asker->layout.length == 0) {
        int32_t result = asker->inquiry->settle(turn, asker->state, layout->bytes, layout->length);
        if (result == FATE_E_FORMAT)
            return fate_turn_expel(turn, from, "sent a description of its table that is malformed, or not that of the job's columns");
        if (result != FATE_OK) return result;
        buffer_append(&asker->layout, layout->bytes, layout->length);
        if (asker->layout.failed) return context_out_of_memory(asker->aggregator.context);
    }
    bool same = layout->length == asker->layout.length && memcmp(layout->bytes, asker->layout.bytes, layout->length) == 0;
    buffer_clear(layout);
    if (!same) return refuse_columns(turn, asker, from);
    asker->clients[from].known = true;
    return welcome(turn, asker, from);
}

static int32_t take_join(fate_turn *turn, struct asker *asker, uint32_t from, const uint8_t *bytes, uint64_t length)
{
    struct asked *client = &asker->clients[from];
    struct member *member = &asker->aggregator.members.items[from];
    if (fate_turn_first(turn)) { /* it begins anew: what was under way is over for it */
        buffer_clear(&client->layout);
        client->known = client->asked = client->busy = false;
        member->in = member->joined = false;
    }
    if (client->known || length == 0 || length > LAYOUT_MOST - client->layout.length)
        return fate_turn_expel(turn, from, "sent a malformed message");
    buffer_append(&client->layout, bytes, length);
    if (client->layout.failed) return context_out_of_memory(asker->aggregator.context);
    return fate_turn_last(turn) ? settle(turn, asker, from) : FATE_OK;
}

static int32_t take_ready(fate_turn *turn, struct asker *asker, uint32_t from, const uint8_t *bytes, uint64_t length)
{
    struct asked *client = &asker->clients[from];
    if (length != 8 || !fate_turn_first(turn) || !fate_turn_last(turn)) return fate_turn_expel(turn, from, "sent a malformed message");
    client->busy = false;
    bool now = asker->out && client->asked && asker->aggregator.stage == STAGE_JOIN && bytes_load_u64(bytes) == asker->question;
    if (now) asker->aggregator.members.items[from].joined = true;
    if (now) return FATE_OK;
    /* Who is late depends on when things came: after a crash nobody may be told otherwise. */
    int32_t result = fate_turn_send(turn, MESSAGE_LATE, from, bytes, length, 1);
    return result == FATE_OK ? fate_turn_checkpoint_first(turn) : result;
}

static int32_t take(fate_turn *turn, struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length)
{
    struct asker *asker = asker_of(aggregator);
    return fate_turn_message(turn) == MESSAGE_JOIN ? take_join(turn, asker, from, bytes, length)
                                                   : take_ready(turn, asker, from, bytes, length);
}

static const struct aggregator_use many_sums = {take, missing, gathered, summed, try_again};

int32_t asker_listen(fate_turn *turn, void *state)
{
    return aggregator_listen(turn, state);
}

/* ---- the state ---- */

/* A table that nobody reads would look as if its rows took part. */
static int32_t check_tables(fate_turn *turn)
{
    if (fate_turn_table(turn, FATE_TABLE_DATA) == NULL && fate_turn_table(turn, FATE_TABLE_VALIDATION) == NULL) return FATE_OK;
    return context_fail(fate_turn_context(turn), FATE_E_TABLE,
                        "an aggregator has no table: who aggregates and has rows too is two parties of the job, an aggregator and a client "
                        "with a key of its own, and runs both");
}

int32_t asker_start(fate_turn *turn, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct asker *asker = memory_zeroed(context, 1, sizeof *asker);
    if (asker == NULL) return context_out_of_memory(context);
    *state = asker;
    struct aggregator *aggregator = &asker->aggregator;
    aggregator->context = context;
    aggregator->use = &many_sums;
    buffer_init(&asker->layout, context);
    asker->inquiry = inquiry_find(fate_job_algorithm(fate_turn_job(turn)))->asker;
    int32_t result = check_tables(turn);
    if (result == FATE_OK) result = aggregation_common_read(context, &aggregator->parameters, fate_turn_job(turn));
    if (result == FATE_OK) result = rounds_parameters_read(&asker->parameters, fate_turn_job(turn));
    if (result == FATE_OK) result = aggregator_init(turn, aggregator);
    if (result != FATE_OK) return result;
    asker->clients = memory_zeroed(context, aggregator->parties, sizeof *asker->clients);
    if (asker->clients == NULL) return context_out_of_memory(context);
    for (uint32_t party = 0; party < aggregator->parties; party++) buffer_init(&asker->clients[party].layout, context);
    return asker->inquiry->start(turn, &aggregator->parameters, &asker->state);
}

void asker_stop(fate_context *context, void *state)
{
    struct asker *asker = state;
    if (asker == NULL) return;
    if (asker->inquiry != NULL && asker->state != NULL) asker->inquiry->stop(context, asker->state);
    for (uint32_t party = 0; asker->clients != NULL && party < asker->aggregator.parties; party++)
        buffer_free(&asker->clients[party].layout);
    memory_free(context, asker->clients);
    buffer_free(&asker->layout);
    aggregator_free(&asker->aggregator);
    memory_free(context, asker);
}

int32_t asker_save(fate_turn *turn, const void *state)
{
    const struct asker *asker = state;
    struct buffer out;
    buffer_init(&out, asker->aggregator.context);
    aggregator_save(&asker->aggregator, &out);
    buffer_u8(&out, asker->out);
    buffer_u64(&out, asker->question);
    buffer_u64(&out, asker->count);
    buffer_u32(&out, asker->failures);
    for (uint32_t party = 0; party < asker->aggregator.parties; party++) {
        const struct asked *client = &asker->clients[party];
        buffer_u8(&out, (uint8_t)(client->known | client->asked << 1 | client->busy << 2 | client->came << 3));
        buffer_u64(&out, client->layout.length);
        buffer_append(&out, client->layout.bytes, client->layout.length);
    }
    buffer_u64(&out, asker->layout.length);
    buffer_append(&out, asker->layout.bytes, asker->layout.length);
    asker->inquiry->save(asker->state, &out);
    int32_t result = out.failed ? context_out_of_memory(asker->aggregator.context) : fate_turn_save(turn, out.bytes, out.length);
    buffer_free(&out);
    return result;
}

static int32_t load_bytes(struct reader *in, struct buffer *to)
{
    uint64_t length = reader_u64(in);
    const uint8_t *bytes = reader_bytes(in, length);
    if (bytes == NULL) return FATE_E_FORMAT;
    buffer_append(to, bytes, length);
    return to->failed ? FATE_E_MEMORY : FATE_OK;
}

static int32_t load(fate_turn *turn, struct asker *asker, struct reader *in)
{
    int32_t result = aggregator_load(turn, &asker->aggregator, in);
    asker->out = reader_u8(in) == 1;
    asker->question = reader_u64(in);
    asker->count = reader_u64(in);
    asker->failures = reader_u32(in);
    for (uint32_t party = 0; party < asker->aggregator.parties && result == FATE_OK; party++) {
        struct asked *client = &asker->clients[party];
        uint8_t flags = reader_u8(in);
        client->known = (flags & 1) != 0;
        client->asked = (flags & 2) != 0;
        client->busy = (flags & 4) != 0;
        client->came = (flags & 8) != 0;
        result = load_bytes(in, &client->layout);
    }
    if (result == FATE_OK) result = load_bytes(in, &asker->layout);
    if (result == FATE_OK && asker->layout.length > 0)
        result = asker->inquiry->settle(turn, asker->state, asker->layout.bytes, asker->layout.length);
    if (result == FATE_OK) result = asker->inquiry->load(turn, asker->state, in);
    if (result == FATE_OK && !reader_finished(in)) result = FATE_E_FORMAT;
    if (result == FATE_OK && asker->out) result = fate_turn_wake(turn, asker->parameters.work_patience);
    return result;
}

int32_t asker_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    struct asker *asker = state;
    struct reader in;
    reader_init(&in, bytes, length);
    return aggregation_loaded(&asker->aggregator, load(turn, asker, &in));
}
