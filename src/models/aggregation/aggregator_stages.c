/* From one stage of a round to the next: who has not answered is told so, the others get what the next stage needs. What is sent depends on
 * when things came, and so is stored before it goes out. */
#include <stdio.h>
#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/aggregator.h"
#include "src/models/aggregation/protocol.h"

static int32_t stage_begins(fate_turn *turn, struct aggregator *aggregator, int32_t stage)
{
    aggregator->stage = stage;
    aggregator->advanced = false;
    int32_t result = fate_turn_wake(turn, aggregator->parameters.patience);
    return result == FATE_OK ? fate_turn_checkpoint_first(turn) : result;
}

int32_t aggregator_reset(fate_turn *turn, struct aggregator *aggregator)
{
    aggregator->stage = STAGE_JOIN;
    for (uint32_t party = 0; party < aggregator->parties; party++) {
        struct member *member = &aggregator->members.items[party];
        member->in = member->joined = false;
        buffer_free(&member->upload);
        buffer_init(&member->upload, aggregator->context);
    }
    return aggregator_let_upload(turn, aggregator);
}

int32_t aggregator_give_up(fate_turn *turn, struct aggregator *aggregator, int32_t code, const char *sentence)
{
    (void)aggregator;
    return fate_turn_fail(turn, code, sentence, sentence);
}

static int32_t too_few(fate_turn *turn, struct aggregator *aggregator, const char *what)
{
    char sentence[200];
    snprintf(sentence, sizeof sentence,
             "round %llu: too few clients %s in time; run the job again, or let it wait longer (parameter patience)",
             (unsigned long long)aggregator->round, what);
    return aggregator->use->failed(turn, aggregator, FATE_E_TIMEOUT, sentence);
}

static uint32_t count_in(const struct aggregator *aggregator)
{
    uint32_t count = 0;
    for (uint32_t party = 0; party < aggregator->parties; party++) count += aggregator->members.items[party].in;
    return count;
}

/* To every member of the round that is in: what a function writes. */
typedef void (*writer)(const struct aggregator *aggregator, uint32_t to, struct buffer *out);

static int32_t send_each(fate_turn *turn, const struct aggregator *aggregator, uint32_t message, writer write)
{
    struct buffer out;
    int32_t result = FATE_OK;
    buffer_init(&out, aggregator->context);
    for (uint32_t party = 0; party < aggregator->parties && result == FATE_OK; party++) {
        if (!aggregator->members.items[party].in) continue;
        buffer_clear(&out);
        write(aggregator, party, &out);
        result = out.failed ? context_out_of_memory(aggregator->context) : fate_turn_send(turn, message, party, out.bytes, out.length, 1);
    }
    buffer_free(&out);
    return result;
}

static int32_t send_late(fate_turn *turn, const struct aggregator *aggregator, const bool *out)
{
    uint8_t round[ROUND_HEAD];
    int32_t result = FATE_OK;
    bytes_store_u64(round, aggregator->round);
    for (uint32_t party = 0; party < aggregator->parties && result == FATE_OK; party++)
        if (out[party]) result = fate_turn_send(turn, MESSAGE_LATE, party, round, sizeof round, 1);
    return result;
}

/* ---- a round begins ---- */

static void write_begin(const struct aggregator *aggregator, uint32_t to, struct buffer *out)
{
    uint32_t neighbours[NEIGHBOURS_ROOM], count = 0; /* none are named where clients choose them */
    if (!aggregator->members.chosen) count = members_neighbours(&aggregator->members, to, neighbours);
    buffer_u32(out, aggregator->members.count);
    list_begin(out, aggregator->round);
    for (uint32_t i = 0; i < count; i++) list_add(out, neighbours[i], NULL, ITEM_NOTHING);
}

int32_t aggregator_begin(fate_turn *turn, struct aggregator *aggregator, const bool *wanted, uint64_t count)
{
    const struct aggregation_parameters *parameters = &aggregator->parameters;
    uint8_t seed[NEIGHBOURS_SEED];
    uint32_t there = 0;
    for (uint32_t party = 0; party < aggregator->parties; party++) there += wanted[party] && aggregator->members.items[party].joined;
    if (there < parameters->least_clients) return too_few(turn, aggregator, "came");
    aggregator->round++;
    fate_turn_seed(turn, "aggregation circle", aggregator->round, seed);
    bool begins =
        parameters->chosen > 0
            ? members_begin_chosen(&aggregator->members, wanted, parameters->chosen, parameters->chosen_threshold)
            : members_begin(&aggregator->members, wanted, parameters->corrupt, parameters->dropout, parameters->least_share, seed);
    if (!begins) return too_few(turn, aggregator, "came");
    memory_free(aggregator->context, aggregator->sum);
    aggregator->count = count;
    aggregator->sum = memory_zeroed(aggregator->context, count * parameters->width + 1, 1);
    if (aggregator->sum == NULL) return context_out_of_memory(aggregator->context);
    int32_t result = send_each(turn, aggregator, MESSAGE_BEGIN, write_begin);
    return result == FATE_OK ? stage_begins(turn, aggregator, STAGE_KEYS) : result;
}

/* ---- keys, letters ---- */

static void write_roster(const struct aggregator *aggregator, uint32_t to, struct buffer *out)
{
    uint32_t neighbours[NEIGHBOURS_ROOM], count = members_neighbours(&aggregator->members, to, neighbours);
    list_begin(out, aggregator->round);
    for (uint32_t i = 0; i < count; i++) {
        const struct member *member = &aggregator->members.items[neighbours[i]];
        if (member->in) list_add(out, neighbours[i], member->keys, ITEM_KEYS);
    }
}

static void write_letters(const struct aggregator *aggregator, uint32_t to, struct buffer *out)
{
    uint32_t neighbours[NEIGHBOURS_ROOM], count = members_neighbours(&aggregator->members, to, neighbours);
    list_begin(out, aggregator->round);
    for (uint32_t i = 0; i < count; i++) {
        const struct member *member = &aggregator->members.items[neighbours[i]];
        struct list letters;
        uint64_t round;
        if (!member->in || !list_read(&letters, &round, member->letters.bytes, member->letters.length, ROUND_SEALED, aggregator->parties))
            continue;
        const uint8_t *letter = list_find(&letters, to);
        if (letter != NULL) list_add(out, neighbours[i], letter, ROUND_SEALED);
    }
}

static int32_t go_on(fate_turn *turn, struct aggregator *aggregator, bool *out, bool letters)
{
    if (!letters && aggregator->members.chosen && members_link(&aggregator->members) != FATE_OK)
        return context_out_of_memory(aggregator->context);
    members_thin(&aggregator->members, letters, out);
    /* Who was thinned out has shared, but its letters go to nobody: it does not count as one who did. */
    for (uint32_t party = 0; party < aggregator->parties; party++)
        if (out[party]) aggregator->members.items[party].shared = false;
    if (count_in(aggregator) < aggregator->parameters.least_clients)
        return too_few(turn, aggregator, letters ? "sent their letters" : "sent their keys");
    int32_t result = send_late(turn, aggregator, out);
    if (result == FATE_OK)
        result = send_each(turn, aggregator, letters ? MESSAGE_LETTERS : MESSAGE_ROSTER, letters ? write_letters : write_roster);
    if (result == FATE_OK && letters) {
        aggregator->stage = STAGE_UPLOAD;
        result = aggregator_let_upload(turn, aggregator);
    }
    return result == FATE_OK ? stage_begins(turn, aggregator, letters ? STAGE_UPLOAD : STAGE_LETTERS) : result;
}

/* ---- vectors ---- */

int32_t aggregator_let_upload(fate_turn *turn, struct aggregator *aggregator)
{
    uint32_t busy = 0;
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < aggregator->parties && result == FATE_OK; party++) {
        const struct member *member = &aggregator->members.items[party];
        if (party == aggregator->party) continue;
        bool waits = aggregator->stage == STAGE_UPLOAD && member->in && !member->masked && fate_turn_present(turn, party);
        bool held = waits && busy >= UPLOADS;
        busy += waits && !held;
        result = fate_turn_hold(turn, party, held);
    }
    return result;
}

/* What one party has to say to another; NULL: nothing. */
static const uint8_t *note_of(const struct aggregator *aggregator, const struct buffer *notes, uint32_t to)
{
    struct list list;
    uint64_t round;
    return list_read(&list, &round, notes->bytes, notes->length, ITEM_NOTE, aggregator->parties) ? list_find(&list, to) : NULL;
}

/* Each who stays with its note; this party itself with none. */
static void write_noted_survivors(const struct aggregator *aggregator, uint32_t to, struct buffer *out)
{
    static const uint8_t none[ITEM_NOTE];
    uint32_t neighbours[NEIGHBOURS_ROOM], count = members_neighbours(&aggregator->members, to, neighbours);
    bool told = false;
    list_begin(out, aggregator->round);
    for (uint32_t i = 0; i <= count; i++) {
        uint32_t of = i < count ? neighbours[i] : UINT32_MAX;
        if (!told && of > to) {
            list_add(out, to, none, ITEM_NOTE);
            told = true;
        }
        if (of == UINT32_MAX || !aggregator->members.items[of].masked) continue;
        const uint8_t *note = note_of(aggregator, &aggregator->members.items[of].masked_notes, to);
        list_add(out, of, note == NULL ? none : note, ITEM_NOTE);
    }
}

void aggregator_write_survivors(const struct aggregator *aggregator, uint32_t to, struct buffer *out)
{
    uint32_t neighbours[NEIGHBOURS_ROOM], count = members_neighbours(&aggregator->members, to, neighbours);
    bool told = false;
    if (aggregator->members.chosen) {
        write_noted_survivors(aggregator, to, out);
        return;
    }
    list_begin(out, aggregator->round);
    for (uint32_t i = 0; i < count; i++) {
        if (!told && neighbours[i] > to) {
            list_add(out, to, NULL, ITEM_NOTHING);
            told = true;
        }
        if (aggregator->members.items[neighbours[i]].masked) list_add(out, neighbours[i], NULL, ITEM_NOTHING);
    }
    if (!told) list_add(out, to, NULL, ITEM_NOTHING);
}

/* Everybody who stays must have as many holders who stay as the threshold asks for. */
static bool enough_stay(const struct aggregator *aggregator)
{
    for (uint32_t party = 0; party < aggregator->parties; party++) {
        uint32_t holders[NEIGHBOURS_ROOM], there = 1;
        if (!aggregator->members.items[party].masked) continue;
        uint32_t count = members_holders(&aggregator->members, party, holders);
        for (uint32_t i = 0; i < count; i++) there += aggregator->members.items[holders[i]].masked;
        if (there < aggregator->members.threshold) return false;
    }
    return true;
}

static int32_t end_uploads(fate_turn *turn, struct aggregator *aggregator, bool *out)
{
    uint32_t stay = 0;
    for (uint32_t party = 0; party < aggregator->parties; party++) {
        struct member *member = &aggregator->members.items[party];
        stay += member->masked;
        if (!member->in || member->masked) continue;
        member->in = false;
        out[party] = true;
        buffer_clear(&member->upload);
    }
    if (stay < aggregator->parameters.least_clients || !enough_stay(aggregator)) return too_few(turn, aggregator, "sent their vectors");
    aggregator->stage = STAGE_AGREE;
    int32_t result = aggregator_let_upload(turn, aggregator);
    if (result == FATE_OK) result = send_late(turn, aggregator, out);
    if (result == FATE_OK) result = send_each(turn, aggregator, MESSAGE_SURVIVORS, aggregator_write_survivors);
    int32_t next = aggregator->parameters.trust == TRUST_HONEST ? STAGE_REVEAL : STAGE_AGREE;
    return result == FATE_OK ? stage_begins(turn, aggregator, next) : result;
}

/* ---- agreement, and the end ---- */

static void write_agreements(const struct aggregator *aggregator, uint32_t to, struct buffer *out)
{
    (void)to; /* without a sparse graph all have the same survivors */
    list_begin(out, aggregator->round);
    for (uint32_t party = 0; party < aggregator->parties; party++) {
        const struct member *member = &aggregator->members.items[party];
        if (member->agreed) list_add(out, party, member->agreement, SIGNATURE);
    }
}

/* What a party's holders say of it. */
static void write_told_notes(const struct aggregator *aggregator, uint32_t to, struct buffer *out)
{
    uint32_t holders[NEIGHBOURS_ROOM], count = members_holders(&aggregator->members, to, holders);
    list_begin(out, aggregator->round);
    for (uint32_t i = 0; i < count; i++) {
        const struct member *holder = &aggregator->members.items[holders[i]];
        const uint8_t *note = holder->agreed ? note_of(aggregator, &holder->told_notes, to) : NULL;
        if (note != NULL) list_add(out, holders[i], note, ITEM_NOTE);
    }
}

/* Whether enough of a party's holders have said that they know of it, so that it may go on. */
static bool is_confirmed(const struct aggregator *aggregator, uint32_t party)
{
    uint32_t holders[NEIGHBOURS_ROOM], there = 1;
    if (!aggregator->members.items[party].agreed) return false;
    uint32_t count = members_holders(&aggregator->members, party, holders);
    for (uint32_t i = 0; i < count; i++) {
        const struct member *holder = &aggregator->members.items[holders[i]];
        there += holder->agreed && note_of(aggregator, &holder->told_notes, party) != NULL;
    }
    return there >= aggregator->members.threshold;
}

static int32_t end_agreement(fate_turn *turn, struct aggregator *aggregator, bool *out)
{
    uint32_t agreed = 0;
    bool chosen = aggregator->members.chosen;
    for (uint32_t party = 0; party < aggregator->parties; party++) {
        struct member *member = &aggregator->members.items[party];
        bool goes_on = chosen ? is_confirmed(aggregator, party) : member->agreed;
        agreed += goes_on;
        out[party] = member->in && !goes_on;
        member->in = member->in && goes_on;
    }
    if (agreed < aggregator->members.threshold) return too_few(turn, aggregator, "signed who stays");
    int32_t result = send_late(turn, aggregator, out);
    if (result == FATE_OK) result = send_each(turn, aggregator, MESSAGE_AGREEMENTS, chosen ? write_told_notes : write_agreements);
    return result == FATE_OK ? stage_begins(turn, aggregator, STAGE_REVEAL) : result;
}

/* Those who are to blame for false shares take no part any more. */
static int32_t settle_disputes(fate_turn *turn, struct disputes *disputes)
{
    uint32_t party, other;
    bool even;
    char sentence[300];
    int32_t result = FATE_OK;
    const fate_job *job = fate_turn_job(turn);
    while (result == FATE_OK && disputes_settle(disputes, &party, &other, &even) == FATE_OK) {
        if (!even) {
            snprintf(sentence, sizeof sentence, "sent false shares of secrets, one of them between it and %.80s",
                     fate_job_party_name(job, other));
            result = fate_turn_expel(turn, party, sentence);
            continue;
        }
        for (int both = 0; both < 2 && result == FATE_OK; both++) {
            snprintf(sentence, sizeof sentence,
                     "and %.80s gave a false share of a secret: one of the two has sealed or revealed it, and nobody else can say which",
                     fate_job_party_name(job, both == 0 ? other : party));
            result = fate_turn_expel(turn, both == 0 ? party : other, sentence);
        }
    }
    return result;
}

static int32_t false_shares(fate_turn *turn, struct aggregator *aggregator, uint32_t owner)
{
    char sentence[300];
    snprintf(
        sentence, sizeof sentence,
        "the shares of %s's secret do not fit what it had published: clients have sent false ones, and too few others came to say which",
        fate_job_party_name(fate_turn_job(turn), owner));
    return aggregator->use->failed(turn, aggregator, FATE_E_PROTOCOL, sentence);
}

/* Whoever stayed may join the next sum when it says so. */
static int32_t end_round(fate_turn *turn, struct aggregator *aggregator)
{
    uint32_t clients = 0, owner = 0;
    struct disputes disputes;
    for (uint32_t party = 0; party < aggregator->parties; party++) clients += aggregator->members.items[party].masked;
    if (!aggregator_can_unmask(aggregator)) return too_few(turn, aggregator, "revealed what takes the masks away");
    disputes_init(&disputes, aggregator->context);
    int32_t result = aggregator_unmask(aggregator, &disputes, &owner);
    if (result == FATE_OK) result = settle_disputes(turn, &disputes);
    disputes_free(&disputes);
    if (result == FATE_EMPTY) return false_shares(turn, aggregator, owner);
    return result == FATE_OK ? aggregator->use->summed(turn, aggregator, clients) : result;
}

int32_t aggregator_advance(fate_turn *turn, struct aggregator *aggregator)
{
    /* Who is slow, but sends, is waited for. */
    if (aggregator->stage == STAGE_UPLOAD && aggregator->advanced && fate_turn_time_over(turn)) {
        aggregator->advanced = false;
        return fate_turn_wake(turn, aggregator->parameters.patience);
    }
    bool *out = memory_zeroed(aggregator->context, aggregator->parties, sizeof *out);
    if (out == NULL) return context_out_of_memory(aggregator->context);
    int32_t result = FATE_OK;
    switch (aggregator->stage) {
    case STAGE_JOIN: result = aggregator->use->gathered(turn, aggregator); break;
    case STAGE_KEYS: result = go_on(turn, aggregator, out, false); break;
    case STAGE_LETTERS: result = go_on(turn, aggregator, out, true); break;
    case STAGE_UPLOAD: result = end_uploads(turn, aggregator, out); break;
    case STAGE_AGREE: result = end_agreement(turn, aggregator, out); break;
    default: result = end_round(turn, aggregator); break;
    }
    memory_free(aggregator->context, out);
    return result;
}
