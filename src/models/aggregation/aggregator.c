/* The aggregator's state and what it takes from clients; see aggregator.h. */
#include "src/models/aggregation/aggregator.h"

#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/protocol.h"

/* Each of a thousand clients may have so much under way. */
enum { WINDOW = 262144, PART = 250000 };

int32_t aggregator_init(fate_turn *turn, struct aggregator *aggregator)
{
    aggregator->context = fate_turn_context(turn);
    aggregator->party = fate_turn_party(turn);
    aggregator->parties = fate_job_party_count(fate_turn_job(turn));
    int32_t result = members_init(&aggregator->members, aggregator->context, aggregator->parties);
    if (result == FATE_OK) result = fate_turn_window(turn, WINDOW);
    return result == FATE_OK ? fate_turn_wake(turn, aggregator->parameters.patience) : result;
}

void aggregator_free(struct aggregator *aggregator)
{
    members_free(&aggregator->members);
    memory_free(aggregator->context, aggregator->sum);
}

void aggregator_save(const struct aggregator *aggregator, struct buffer *out)
{
    buffer_u8(out, (uint8_t)aggregator->stage);
    buffer_u64(out, aggregator->round);
    buffer_u64(out, aggregator->count);
    members_save(&aggregator->members, out);
    buffer_u8(out, aggregator->sum != NULL);
    if (aggregator->sum != NULL) buffer_append(out, aggregator->sum, aggregator->count * aggregator->parameters.width);
}

static int32_t load_sum(struct aggregator *aggregator, struct reader *in)
{
    if (reader_u8(in) != 1) return FATE_OK;
    if (aggregator->count > reader_left(in) / aggregator->parameters.width) return FATE_E_FORMAT;
    uint64_t bytes = aggregator->count * aggregator->parameters.width;
    aggregator->sum = memory_allocate(aggregator->context, bytes + 1, 1);
    if (aggregator->sum == NULL) return FATE_E_MEMORY;
    memcpy(aggregator->sum, reader_bytes(in, bytes), bytes);
    return FATE_OK;
}

int32_t aggregator_load(fate_turn *turn, struct aggregator *aggregator, struct reader *in)
{
    aggregator->stage = reader_u8(in);
    aggregator->round = reader_u64(in);
    aggregator->count = reader_u64(in);
    if (in->failed || aggregator->stage > STAGE_REVEAL) return FATE_E_FORMAT;
    int32_t result = members_load(&aggregator->members, in);
    if (result == FATE_OK) result = load_sum(aggregator, in);
    if (result == FATE_OK && in->failed) result = FATE_E_FORMAT;
    if (result == FATE_OK && aggregator->stage == STAGE_UPLOAD) result = aggregator_let_upload(turn, aggregator);
    return result == FATE_OK ? fate_turn_wake(turn, aggregator->parameters.patience) : result;
}

int32_t aggregation_loaded(const struct aggregator *aggregator, int32_t result)
{
    if (result == FATE_E_MEMORY) return context_out_of_memory(aggregator->context);
    if (result == FATE_E_FORMAT) return context_fail(aggregator->context, FATE_E_STORE, "the stored state of the aggregator is damaged");
    return result;
}

/* ---- what many are told ---- */

static int32_t tell_part(fate_turn *turn, const struct aggregator *aggregator, uint32_t message, const bool *to, const uint8_t *bytes,
                         uint64_t length, bool last)
{
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < aggregator->parties && result == FATE_OK; party++)
        if (to[party]) result = fate_turn_send(turn, message, party, bytes, length, last);
    return result;
}

int32_t aggregator_tell(fate_turn *turn, const struct aggregator *aggregator, uint32_t message, const bool *to, const struct buffer *head,
                        const uint8_t *bytes, uint64_t length)
{
    int32_t result = FATE_OK;
    if (head != NULL) result = tell_part(turn, aggregator, message, to, head->bytes, head->length, length == 0);
    for (uint64_t at = 0; at < length && result == FATE_OK; at += PART) {
        uint64_t left = length - at, part = left < PART ? left : PART;
        result = tell_part(turn, aggregator, message, to, bytes + at, part, part == left);
    }
    return result;
}

/* ---- what clients send ---- */

/* Where clients choose their neighbours, these follow the keys. */
static int32_t take_keys(fate_turn *turn, struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length)
{
    struct members *members = &aggregator->members;
    struct member *member = &members->items[from];
    const uint64_t keys = ROUND_HEAD + ITEM_KEYS;
    if (length < keys || (!members->chosen && length != keys)) return fate_turn_expel(turn, from, "sent malformed keys");
    uint8_t text[SIGNED_KEYS];
    keys_text(text, aggregator->round, bytes + ROUND_HEAD);
    if (fate_turn_verify(turn, from, AGGREGATION_SIGNS_KEYS, text, sizeof text, bytes + ROUND_HEAD + 3 * ROUND_KEY) != FATE_OK)
        return fate_turn_expel(turn, from, "sent keys that it has not signed for this round");
    int32_t result = members->chosen ? members_choose(members, from, bytes + keys, length - keys) : FATE_OK;
    if (result == FATE_E_FORMAT) return fate_turn_expel(turn, from, "chose other neighbours than the job allows");
    if (result != FATE_OK) return context_out_of_memory(aggregator->context);
    memcpy(member->keys, bytes + ROUND_HEAD, ITEM_KEYS);
    member->keyed = true;
    return FATE_OK;
}

static int32_t take_letters(fate_turn *turn, struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length)
{
    struct member *member = &aggregator->members.items[from];
    struct list list;
    uint64_t round;
    if (!list_read(&list, &round, bytes, length, ROUND_SEALED, aggregator->parties))
        return fate_turn_expel(turn, from, "sent malformed letters");
    uint32_t neighbours[NEIGHBOURS_ROOM], count = members_neighbours(&aggregator->members, from, neighbours);
    for (uint32_t i = 0; i < count; i++)
        if (aggregator->members.items[neighbours[i]].keyed && aggregator->members.items[neighbours[i]].in &&
            list_find(&list, neighbours[i]) == NULL)
            return fate_turn_expel(turn, from, "sent no letter to one of its neighbours");
    buffer_append(&member->letters, bytes, length);
    if (member->letters.failed) return context_out_of_memory(aggregator->context);
    member->shared = true;
    return FATE_OK;
}

/* What a client has to say to each of its neighbours: a list of notes. */
static int32_t take_notes(fate_turn *turn, const struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length,
                          struct buffer *notes)
{
    struct list list;
    uint64_t round;
    if (!list_read(&list, &round, bytes, length, ITEM_NOTE, aggregator->parties))
        return fate_turn_expel(turn, from, "sent a malformed list of notes");
    buffer_clear(notes);
    buffer_append(notes, bytes, length);
    return notes->failed ? context_out_of_memory(aggregator->context) : FATE_OK;
}

/* The first part: without numbers, but where neighbours were chosen with a note for each. */
static int32_t begin_upload(fate_turn *turn, struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length)
{
    if (!aggregator->members.chosen && length != ROUND_HEAD) return fate_turn_expel(turn, from, "sent a vector of another length");
    int32_t result = aggregator_let_upload(turn, aggregator); /* others may have come back */
    if (result != FATE_OK || !aggregator->members.chosen) return result;
    return take_notes(turn, aggregator, from, bytes, length, &aggregator->members.items[from].masked_notes);
}

static int32_t take_upload(fate_turn *turn, struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length)
{
    struct member *member = &aggregator->members.items[from];
    uint64_t whole = aggregator->count * aggregator->parameters.width;
    aggregator->advanced = true;
    if (fate_turn_first(turn)) {
        buffer_clear(&member->upload);
        if (!fate_turn_last(turn)) return begin_upload(turn, aggregator, from, bytes, length);
        bytes += ROUND_HEAD;
        length -= ROUND_HEAD;
    }
    if (length > whole - member->upload.length || (fate_turn_last(turn) && member->upload.length + length != whole))
        return fate_turn_expel(turn, from, "sent a vector of another length");
    buffer_append(&member->upload, bytes, length);
    if (member->upload.failed) return context_out_of_memory(aggregator->context);
    if (!fate_turn_last(turn)) return FATE_OK;
    masking_add(aggregator->sum, member->upload.bytes, aggregator->count, aggregator->parameters.width);
    buffer_free(&member->upload);
    buffer_init(&member->upload, aggregator->context);
    member->masked = true;
    return aggregator_let_upload(turn, aggregator);
}

/* Whether this is a client's signature over the survivors that it was told. */
static int32_t check_agreement(fate_turn *turn, const struct aggregator *aggregator, uint32_t from, const uint8_t *signature, bool *signs)
{
    struct buffer survivors;
    buffer_init(&survivors, aggregator->context);
    aggregator_write_survivors(aggregator, from, &survivors);
    *signs = !survivors.failed &&
             fate_turn_verify(turn, from, AGGREGATION_SIGNS_SURVIVORS, survivors.bytes, survivors.length, signature) == FATE_OK;
    int32_t result = survivors.failed ? context_out_of_memory(aggregator->context) : FATE_OK;
    buffer_free(&survivors);
    return result;
}

static int32_t take_agreement(fate_turn *turn, struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length)
{
    struct member *member = &aggregator->members.items[from];
    bool signs = true;
    int32_t result = FATE_OK;
    if (!aggregator->members.chosen) {
        if (length != ROUND_HEAD + SIGNATURE) return fate_turn_expel(turn, from, "sent a malformed signature");
        result = check_agreement(turn, aggregator, from, bytes + ROUND_HEAD, &signs);
        if (result == FATE_OK && !signs) return fate_turn_expel(turn, from, "has not signed who stays");
        if (result == FATE_OK) memcpy(member->agreement, bytes + ROUND_HEAD, SIGNATURE);
    } else {
        result = take_notes(turn, aggregator, from, bytes, length, &member->told_notes);
        signs = member->told_notes.length > 0; /* who sent a malformed list is expelled */
    }
    member->agreed = result == FATE_OK && signs;
    return result;
}

static int32_t take_reveal(fate_turn *turn, struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length)
{
    struct members *members = &aggregator->members;
    struct list list;
    uint64_t round;
    bool failed = false;
    if (!list_read(&list, &round, bytes, length, ITEM_SHARE, aggregator->parties))
        return fate_turn_expel(turn, from, "sent malformed shares");
    for (uint32_t i = 0; i < list.count; i++) {
        const struct member *owner = &members->items[list_party(&list, i)];
        bool fits = owner->shared && list_item(&list, i)[0] == (owner->masked ? REVEAL_OWN : REVEAL_MASK);
        if (!fits || members_place(members, list_party(&list, i), from) == UINT32_MAX)
            return fate_turn_expel(turn, from, "revealed a share that nobody asked for");
    }
    for (uint32_t i = 0; i < list.count && !failed; i++)
        members_keep_share(members, list_party(&list, i), from, list_item(&list, i) + 1, &failed);
    if (failed) return context_out_of_memory(aggregator->context);
    members->items[from].revealed = true;
    return FATE_OK;
}

/* ---- the step ---- */

struct expected {
    int32_t stage;
    int32_t (*take)(fate_turn *turn, struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length);
};

static const struct expected expected[AGGREGATION_MESSAGES] = {[MESSAGE_KEYS] = {STAGE_KEYS, take_keys},
                                                               [MESSAGE_SHARES] = {STAGE_LETTERS, take_letters},
                                                               [MESSAGE_MASKED] = {STAGE_UPLOAD, take_upload},
                                                               [MESSAGE_AGREED] = {STAGE_AGREE, take_agreement},
                                                               [MESSAGE_REVEAL] = {STAGE_REVEAL, take_reveal}};

static bool has_answered(const struct member *member, int32_t stage)
{
    const bool answers[] = {member->joined, member->keyed, member->shared, member->masked, member->agreed, member->revealed};
    return answers[stage];
}

static int32_t take(fate_turn *turn, struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length)
{
    const struct member *member = &aggregator->members.items[from];
    uint32_t message = fate_turn_message(turn);
    if (message == MESSAGE_JOIN || message >= AGGREGATION_MESSAGES) return aggregator->use->take(turn, aggregator, from, bytes, length);
    if (fate_turn_first(turn) && length < ROUND_HEAD) return fate_turn_expel(turn, from, "sent a malformed message");
    if (!member->in || (fate_turn_first(turn) && bytes_load_u64(bytes) != aggregator->round)) return FATE_OK; /* late: it was told */
    if (message != MESSAGE_MASKED && !(fate_turn_first(turn) && fate_turn_last(turn)))
        return fate_turn_expel(turn, from, "sent in parts what comes in one");
    if (expected[message].stage != aggregator->stage || has_answered(member, aggregator->stage))
        return fate_turn_expel(turn, from, "sent a message that does not come now");
    return expected[message].take(turn, aggregator, from, bytes, length);
}

/* Whether anybody who is there is still expected to answer. */
static bool missing(fate_turn *turn, const struct aggregator *aggregator)
{
    if (aggregator->stage == STAGE_JOIN) return aggregator->use->missing(turn, aggregator);
    for (uint32_t party = 0; party < aggregator->parties; party++) {
        const struct member *member = &aggregator->members.items[party];
        if (party == aggregator->party || has_answered(member, aggregator->stage)) continue;
        if (member->in && fate_turn_present(turn, party)) return true;
    }
    return false;
}

int32_t aggregator_listen(fate_turn *turn, void *state)
{
    struct aggregator *aggregator = state;
    uint32_t from = fate_turn_from(turn);
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = FATE_OK;
    if (from != UINT32_MAX) {
        result = fate_turn_received(turn, from, &bytes, &length);
        if (result == FATE_OK) result = take(turn, aggregator, from, bytes, length);
        if (result != FATE_OK || !fate_turn_last(turn)) return result;
        return missing(turn, aggregator) ? FATE_OK : aggregator_advance(turn, aggregator);
    }
    if (!missing(turn, aggregator) || fate_turn_time_over(turn)) return aggregator_advance(turn, aggregator);
    /* A party has gone: others may have its place. */
    return aggregator->stage == STAGE_UPLOAD ? aggregator_let_upload(turn, aggregator) : FATE_OK;
}
