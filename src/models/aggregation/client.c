/* A client of secure aggregation; see client.h. */
#include "src/models/aggregation/client.h"

#include <sodium.h>
#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/neighbours.h"
#include "src/models/aggregation/protocol.h"

/* Half of the least window: see fate_turn_window. */
enum { PART = 32768 };

int32_t client_broken(fate_turn *turn, const char *what)
{
    char sentence[300];
    snprintf(sentence, sizeof sentence, "the aggregator %s", what);
    return fate_turn_fail(turn, FATE_E_PROTOCOL, sentence, sentence);
}

/* ---- made and freed ---- */

void client_init(fate_turn *turn, struct client *client)
{
    client->context = fate_turn_context(turn);
    struct buffer *const buffers[] = {&client->neighbours, &client->roster, &client->letters, &client->survivors};
    for (int i = 0; i < 4; i++) buffer_init(buffers[i], client->context);
    client->letters.secret = true;
    client->party = fate_turn_party(turn);
    client->parties = fate_job_party_count(fate_turn_job(turn));
}

void client_free(struct client *client)
{
    buffer_free(&client->neighbours);
    buffer_free(&client->roster);
    buffer_free(&client->letters);
    buffer_free(&client->survivors);
    client_give(client, NULL, 0);
    sodium_memzero(&client->secrets, sizeof client->secrets);
}

void client_give(struct client *client, uint8_t *values, uint64_t count)
{
    memory_free_secret(client->context, client->values, client->values == NULL ? 0 : client->count * client->parameters.width);
    client->values = values;
    client->count = count;
}

/* ---- stored state: the stage and what came; secrets follow from the round ---- */

static void make_secrets(fate_turn *turn, struct client *client)
{
    uint8_t seed[32];
    fate_turn_seed(turn, "aggregation round", client->round, seed);
    round_keys_make(&client->secrets, &client->keys, seed);
    sodium_memzero(seed, sizeof seed);
}

void client_save(const struct client *client, struct buffer *out)
{
    const struct buffer *const buffers[] = {&client->neighbours, &client->roster, &client->letters, &client->survivors};
    buffer_u32(out, (uint32_t)client->stage);
    buffer_u64(out, client->round);
    buffer_u32(out, client->threshold);
    for (int i = 0; i < 4; i++) {
        buffer_u64(out, buffers[i]->length);
        buffer_append(out, buffers[i]->bytes, buffers[i]->length);
    }
}

int32_t client_load(fate_turn *turn, struct client *client, struct reader *in)
{
    struct buffer *const buffers[] = {&client->neighbours, &client->roster, &client->letters, &client->survivors};
    client->stage = (int32_t)reader_u32(in);
    client->round = reader_u64(in);
    client->threshold = reader_u32(in);
    for (int i = 0; i < 4; i++) {
        uint64_t size = reader_u64(in);
        const uint8_t *from = reader_bytes(in, size);
        if (from != NULL) buffer_append(buffers[i], from, size);
        if (buffers[i]->failed) return FATE_E_MEMORY;
    }
    if (in->failed || client->stage < CLIENT_IDLE || client->stage > CLIENT_REVEALED) return FATE_E_FORMAT;
    if (client->round > 0) make_secrets(turn, client);
    return FATE_OK;
}

int32_t client_loaded(const struct client *client, int32_t result)
{
    if (result == FATE_E_MEMORY) return context_out_of_memory(client->context);
    if (result == FATE_E_FORMAT) return context_fail(client->context, FATE_E_STORE, "the stored state of the client is damaged");
    return result;
}

/* A list that could not be kept: for want of memory, or because it is wrong. */
static int32_t refuse(fate_turn *turn, const struct client *client, const struct buffer *kept, const char *what)
{
    return kept->failed ? context_out_of_memory(client->context) : client_broken(turn, what);
}

/* Keeps a message of this round; the list then lies in the buffer. */
static bool keep_list(const struct client *client, struct buffer *into, struct list *list, const uint8_t *bytes, uint64_t length,
                      uint32_t size)
{
    uint64_t round;
    buffer_clear(into);
    buffer_append(into, bytes, length);
    return !into->failed && list_read(list, &round, into->bytes, into->length, size, client->parties) && round == client->round;
}

static struct list kept_list(const struct client *client, const struct buffer *buffer, uint32_t size)
{
    struct list list = {NULL, 0, size};
    uint64_t round;
    if (!list_read(&list, &round, buffer->bytes, buffer->length, size, client->parties)) list.count = 0;
    return list;
}

/* Every party of a list stands in another one, and is not this party itself. */
static bool within(const struct client *client, const struct list *list, const struct list *other)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list_party(list, i) == client->party || list_find(other, list_party(list, i)) == NULL) return false;
    return true;
}

/* Where this client chooses its neighbours itself, these hold shares of its secrets; those who have chosen it are neighbours too. */
static bool chooses(const struct client *client)
{
    return client->parameters.chosen > 0;
}

/* How many of a list, which this party is not in, hold shares of its secrets, with itself. */
static uint32_t count_holders(const struct client *client, const struct list *list)
{
    struct list holders = kept_list(client, &client->neighbours, ITEM_NOTHING);
    uint32_t count = 1;
    for (uint32_t i = 0; i < list->count; i++) count += list_find(&holders, list_party(list, i)) != NULL;
    return count;
}

/* ---- a round: keys ---- */

/* Draws this party's holders from all clients of the job. */
static int32_t choose(fate_turn *turn, struct client *client)
{
    uint32_t drawn[CHOICE_MOST], own = 0, number = 0, found = 0;
    uint8_t seed[CHOICE_SEED];
    for (uint32_t party = 0; party < client->party; party++) own += fate_turn_role(turn, party) == ROLE_CLIENT;
    fate_turn_seed(turn, "aggregation choice", client->round, seed);
    choice_draw(drawn, client->parameters.chosen, client->parameters.clients, own, seed);
    sodium_memzero(seed, sizeof seed);
    buffer_clear(&client->neighbours);
    list_begin(&client->neighbours, client->round);
    for (uint32_t party = 0; party < client->parties && found < client->parameters.chosen; party++) {
        if (fate_turn_role(turn, party) != ROLE_CLIENT || drawn[found] != number++) continue;
        list_add(&client->neighbours, party, NULL, ITEM_NOTHING);
        found++;
    }
    client->threshold = client->parameters.chosen_threshold;
    return client->neighbours.failed ? context_out_of_memory(client->context) : FATE_OK;
}

/* The neighbours that the aggregator names. */
static int32_t be_given(fate_turn *turn, struct client *client, uint32_t count, const uint8_t *bytes, uint64_t length)
{
    struct list neighbours;
    uint32_t planned = 0;
    if (!keep_list(client, &client->neighbours, &neighbours, bytes, length, ITEM_NOTHING) ||
        !neighbours_plan(count, client->parameters.corrupt, client->parameters.dropout, client->parameters.least_share, &planned,
                         &client->threshold) ||
        neighbours.count != planned || list_find(&neighbours, client->party) != NULL)
        return refuse(turn, client, &client->neighbours, "began a round in which this party has not the neighbours that the job asks for");
    return FATE_OK;
}

static int32_t send_keys(fate_turn *turn, const struct client *client)
{
    uint8_t keys[ITEM_KEYS], text[SIGNED_KEYS];
    struct list neighbours = kept_list(client, &client->neighbours, ITEM_NOTHING);
    struct buffer out;
    keys_write(keys, &client->keys);
    keys_text(text, client->round, keys);
    int32_t result = fate_turn_sign(turn, AGGREGATION_SIGNS_KEYS, text, sizeof text, keys + 3 * ROUND_KEY);
    buffer_init(&out, client->context);
    list_begin(&out, client->round);
    buffer_append(&out, keys, sizeof keys);
    for (uint32_t i = 0; chooses(client) && i < neighbours.count; i++) buffer_u32(&out, list_party(&neighbours, i));
    if (result == FATE_OK && out.failed) result = context_out_of_memory(client->context);
    if (result == FATE_OK) result = fate_turn_send(turn, MESSAGE_KEYS, fate_turn_from(turn), out.bytes, out.length, 1);
    buffer_free(&out);
    return result;
}

static int32_t begin_round(fate_turn *turn, struct client *client, const uint8_t *bytes, uint64_t length)
{
    if (length < 12) return client_broken(turn, "began a round with a malformed message");
    uint64_t round = bytes_load_u64(bytes + 4);
    uint32_t count = bytes_load_u32(bytes);
    if (round <= client->round) return client_broken(turn, "began a round that has been");
    client->round = round;
    if (count < client->parameters.least_clients || count > client->parameters.clients)
        return client_broken(turn, "began a round of fewer clients than the job allows, or more than there are");
    int32_t result = chooses(client) ? choose(turn, client) : be_given(turn, client, count, bytes + 4, length - 4);
    if (result != FATE_OK) return result;
    make_secrets(turn, client);
    client->stage = CLIENT_KEYS;
    return send_keys(turn, client);
}

/* ---- letters ---- */

/* The place of a holder among those who hold shares of this party's secrets: neighbours and itself, in order. */
static uint32_t place_of(const struct client *client, const struct list *neighbours, uint32_t holder)
{
    uint32_t place = 0;
    for (uint32_t i = 0; i < neighbours->count; i++) place += list_party(neighbours, i) < holder;
    return place + (client->party < holder ? 1 : 0);
}

struct shares {
    uint8_t own[SHARING_MOST * SHARING_SECRET], mask[SHARING_MOST * SHARING_SECRET];
};

/* All shares of this party's two secrets, for all its holders. */
static void split(fate_turn *turn, const struct client *client, uint32_t holders, struct shares *shares)
{
    uint8_t seed[32];
    fate_turn_seed(turn, "aggregation shares of the own mask", client->round, seed);
    sharing_split(shares->own, client->secrets.own, holders, client->threshold, seed);
    fate_turn_seed(turn, "aggregation shares of the mask key", client->round, seed);
    sharing_split(shares->mask, client->secrets.mask, holders, client->threshold, seed);
    sodium_memzero(seed, sizeof seed);
}

static int32_t check_roster(fate_turn *turn, const struct client *client, const struct list *roster)
{
    uint8_t text[SIGNED_KEYS];
    for (uint32_t i = 0; i < roster->count; i++) {
        const uint8_t *item = list_item(roster, i);
        keys_text(text, client->round, item);
        if (fate_turn_verify(turn, list_party(roster, i), AGGREGATION_SIGNS_KEYS, text, sizeof text, item + 3 * ROUND_KEY) != FATE_OK)
            return client_broken(turn, "sent keys of another client that this client has not signed for this round");
        for (uint32_t j = 0; j < i; j++)
            if (memcmp(list_item(roster, j), item, 2 * ROUND_KEY) == 0) return client_broken(turn, "sent the same keys for two clients");
    }
    return FATE_OK;
}

static int32_t seal_letters(fate_turn *turn, const struct client *client, const struct list *roster, struct buffer *out)
{
    struct list neighbours = kept_list(client, &client->neighbours, ITEM_NOTHING);
    struct shares *shares = memory_zeroed(client->context, 1, sizeof *shares);
    uint8_t letter[ROUND_LETTER], sealed[ROUND_SEALED];
    if (shares == NULL) return context_out_of_memory(client->context);
    split(turn, client, neighbours.count + 1, shares);
    list_begin(out, client->round);
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < roster->count && result == FATE_OK; i++) {
        uint32_t to = list_party(roster, i), place = place_of(client, &neighbours, to);
        bool holds = list_find(&neighbours, to) != NULL;
        memset(letter, 0, sizeof letter); /* to one who has chosen this party: that it is there, and nothing else */
        if (holds) memcpy(letter, shares->own + (uint64_t)place * SHARING_SECRET, SHARING_SECRET);
        if (holds) memcpy(letter + SHARING_SECRET, shares->mask + (uint64_t)place * SHARING_SECRET, SHARING_SECRET);
        if (!round_seal(sealed, letter, client->secrets.letter, list_item(roster, i), client->round, client->party, to))
            result = client_broken(turn, "sent a key of another client that is none");
        list_add(out, to, sealed, ROUND_SEALED);
    }
    sodium_memzero(letter, sizeof letter);
    memory_free_secret(client->context, shares, sizeof *shares);
    return result == FATE_OK && out->failed ? context_out_of_memory(client->context) : result;
}

/* Those whose keys may come: neighbours; where they are chosen also other clients, who have chosen this one. */
static bool may_be_neighbours(fate_turn *turn, const struct client *client, const struct list *roster)
{
    struct list neighbours = kept_list(client, &client->neighbours, ITEM_NOTHING);
    if (!chooses(client)) return within(client, roster, &neighbours);
    for (uint32_t i = 0; i < roster->count; i++)
        if (list_party(roster, i) == client->party || fate_turn_role(turn, list_party(roster, i)) != ROLE_CLIENT) return false;
    return roster->count <= CHOICE_ROOM;
}

static int32_t share_secrets(fate_turn *turn, struct client *client, const uint8_t *bytes, uint64_t length)
{
    struct list roster;
    struct buffer out;
    if (!keep_list(client, &client->roster, &roster, bytes, length, ITEM_KEYS) || !may_be_neighbours(turn, client, &roster))
        return refuse(turn, client, &client->roster, "sent a malformed list of keys");
    if (count_holders(client, &roster) < client->threshold) return client_broken(turn, "went on with fewer clients than the threshold");
    int32_t result = check_roster(turn, client, &roster);
    buffer_init(&out, client->context);
    if (result == FATE_OK) result = seal_letters(turn, client, &roster, &out);
    if (result == FATE_OK) result = fate_turn_send(turn, MESSAGE_SHARES, fate_turn_from(turn), out.bytes, out.length, 1);
    buffer_free(&out);
    client->stage = CLIENT_SHARED;
    return result;
}

/* ---- the masked vector ---- */

/* The letters are opened at once, and kept open: a false one ends the round before anything is sent. */
static int32_t open_letters(fate_turn *turn, struct client *client, const uint8_t *bytes, uint64_t length)
{
    struct list sealed, roster = kept_list(client, &client->roster, ITEM_KEYS);
    uint64_t round;
    uint8_t letter[ROUND_LETTER];
    if (!list_read(&sealed, &round, bytes, length, ROUND_SEALED, client->parties) || round != client->round ||
        !within(client, &sealed, &roster))
        return client_broken(turn, "sent a malformed list of letters");
    if (count_holders(client, &sealed) < client->threshold) return client_broken(turn, "went on with fewer clients than the threshold");
    buffer_clear(&client->letters);
    list_begin(&client->letters, client->round);
    for (uint32_t i = 0; i < sealed.count; i++) {
        uint32_t from = list_party(&sealed, i);
        if (!round_open(letter, list_item(&sealed, i), client->secrets.letter, list_find(&roster, from), client->round, from,
                        client->party))
            return client_broken(turn, "sent a letter that its sender did not seal");
        list_add(&client->letters, from, letter, ROUND_LETTER);
    }
    sodium_memzero(letter, sizeof letter);
    return client->letters.failed ? context_out_of_memory(client->context) : FATE_OK;
}

static int32_t mask_values(fate_turn *turn, const struct client *client, uint8_t *masked)
{
    struct list letters = kept_list(client, &client->letters, ROUND_LETTER), roster = kept_list(client, &client->roster, ITEM_KEYS);
    struct mask *masks = memory_zeroed(client->context, (uint64_t)letters.count + 1, sizeof *masks);
    if (masks == NULL) return context_out_of_memory(client->context);
    int32_t result = FATE_OK;
    round_own_mask(&masks[letters.count], client->secrets.own, client->round, false);
    for (uint32_t i = 0; i < letters.count && result == FATE_OK; i++) {
        uint32_t other = list_party(&letters, i);
        if (!round_pair_mask(&masks[i], client->secrets.mask, list_find(&roster, other) + ROUND_KEY, client->round, client->party, other))
            result = client_broken(turn, "sent a key of another client that is none");
    }
    if (result == FATE_OK)
        result = masking_apply(client->context, masked, client->count, client->parameters.width, masks, letters.count + 1);
    memory_free_secret(client->context, masks, ((uint64_t)letters.count + 1) * sizeof *masks);
    return result;
}

/* A note for each party of a list but this one itself. */
static int32_t write_notes(fate_turn *turn, const struct client *client, enum round_note what, const struct list *to, struct buffer *out)
{
    struct list roster = kept_list(client, &client->roster, ITEM_KEYS);
    uint8_t note[ROUND_NOTE];
    for (uint32_t i = 0; i < to->count; i++) {
        uint32_t party = list_party(to, i);
        if (party == client->party) continue;
        if (!round_note(note, what, client->secrets.letter, list_find(&roster, party), client->round, client->party, party))
            return client_broken(turn, "sent a key of another client that is none");
        list_add(out, party, note, sizeof note);
    }
    return out->failed ? context_out_of_memory(client->context) : FATE_OK;
}

static bool is_noted(const struct client *client, enum round_note what, uint32_t from, const uint8_t *note)
{
    struct list roster = kept_list(client, &client->roster, ITEM_KEYS);
    const uint8_t *keys = list_find(&roster, from);
    uint8_t right[ROUND_NOTE];
    return keys != NULL && round_note(right, what, client->secrets.letter, keys, client->round, from, client->party) &&
           sodium_memcmp(right, note, sizeof right) == 0;
}

/* The first part holds what this party has to say to its neighbours: that its vector has the masks between them. */
static int32_t send_parts(fate_turn *turn, const struct client *client, const uint8_t *masked, uint64_t bytes)
{
    struct list letters = kept_list(client, &client->letters, ROUND_LETTER);
    struct buffer head;
    buffer_init(&head, client->context);
    list_begin(&head, client->round);
    int32_t result = chooses(client) ? write_notes(turn, client, NOTE_MASKED, &letters, &head) : FATE_OK;
    if (result == FATE_OK && head.failed) result = context_out_of_memory(client->context);
    if (result == FATE_OK) result = fate_turn_send(turn, MESSAGE_MASKED, fate_turn_from(turn), head.bytes, head.length, bytes == 0);
    buffer_free(&head);
    for (uint64_t at = 0; at < bytes && result == FATE_OK; at += PART) {
        uint64_t left = bytes - at, part = left < PART ? left : PART;
        result = fate_turn_send(turn, MESSAGE_MASKED, fate_turn_from(turn), masked + at, part, part == left);
    }
    return result;
}

static int32_t upload(fate_turn *turn, struct client *client, const uint8_t *bytes, uint64_t length)
{
    uint64_t size = client->count * client->parameters.width;
    int32_t result = open_letters(turn, client, bytes, length);
    if (result != FATE_OK) return result;
    uint8_t *masked = memory_allocate(client->context, size + 1, 1);
    if (masked == NULL) return context_out_of_memory(client->context);
    memcpy(masked, client->values, size);
    result = mask_values(turn, client, masked);
    if (result == FATE_OK) result = send_parts(turn, client, masked, size);
    memory_free_secret(client->context, masked, size + 1);
    client->stage = CLIENT_UPLOADED;
    return result == FATE_OK ? fate_turn_checkpoint_first(turn) : result;
}

/* ---- taking the masks away ---- */

/* Which share of a letter's sender is told: 0 none, REVEAL_OWN of one who stays, REVEAL_MASK of one who has gone; never both. None of one who has
 * chosen this party to no purpose but masks, or of whom this party was not told by itself that its vector has the mask between them. */
static uint8_t which_share(const struct client *client, const struct list *survivors, uint32_t of, const uint8_t *letter)
{
    const uint8_t *stays = list_find(survivors, of);
    if (!chooses(client)) return stays != NULL ? REVEAL_OWN : REVEAL_MASK;
    if (sodium_is_zero(letter, ROUND_LETTER)) return 0;
    return stays == NULL ? REVEAL_MASK : sodium_is_zero(stays, ITEM_NOTE) ? 0 : REVEAL_OWN;
}

static uint32_t survivor_size(const struct client *client)
{
    return chooses(client) ? ITEM_NOTE : ITEM_NOTHING;
}

static void write_shares(const struct client *client, const struct shares *shares, struct buffer *out)
{
    struct list letters = kept_list(client, &client->letters, ROUND_LETTER),
                neighbours = kept_list(client, &client->neighbours, ITEM_NOTHING);
    struct list survivors = kept_list(client, &client->survivors, survivor_size(client));
    uint8_t item[ITEM_SHARE];
    bool told = false;
    for (uint32_t i = 0; i <= letters.count; i++) {
        uint32_t of = i < letters.count ? list_party(&letters, i) : UINT32_MAX;
        if (!told && of > client->party) { /* itself, at its place in the order */
            item[0] = REVEAL_OWN;
            memcpy(item + 1, shares->own + (uint64_t)place_of(client, &neighbours, client->party) * SHARING_SECRET, SHARING_SECRET);
            list_add(out, client->party, item, sizeof item);
            told = true;
        }
        if (of == UINT32_MAX) continue;
        item[0] = which_share(client, &survivors, of, list_item(&letters, i));
        if (item[0] == 0) continue;
        memcpy(item + 1, list_item(&letters, i) + (item[0] == REVEAL_OWN ? 0 : SHARING_SECRET), SHARING_SECRET);
        list_add(out, of, item, sizeof item);
    }
    sodium_memzero(item, sizeof item);
}

/* The stage goes on, and is stored, before anything is sent. */
static int32_t reveal(fate_turn *turn, struct client *client)
{
    struct list neighbours = kept_list(client, &client->neighbours, ITEM_NOTHING);
    struct shares *shares = memory_zeroed(client->context, 1, sizeof *shares);
    struct buffer out;
    if (shares == NULL) return context_out_of_memory(client->context);
    split(turn, client, neighbours.count + 1, shares);
    buffer_init(&out, client->context);
    out.secret = true;
    list_begin(&out, client->round);
    write_shares(client, shares, &out);
    memory_free_secret(client->context, shares, sizeof *shares);
    int32_t result = out.failed ? context_out_of_memory(client->context)
                                : fate_turn_send(turn, MESSAGE_REVEAL, fate_turn_from(turn), out.bytes, out.length, 1);
    buffer_free(&out);
    client->stage = CLIENT_REVEALED;
    return result == FATE_OK ? fate_turn_checkpoint_first(turn) : result;
}

/* Signs the whole list: all others must have been told the same. */
static int32_t sign_survivors(fate_turn *turn, struct client *client)
{
    uint8_t message[ROUND_HEAD + SIGNATURE];
    bytes_store_u64(message, client->round);
    int32_t result =
        fate_turn_sign(turn, AGGREGATION_SIGNS_SURVIVORS, client->survivors.bytes, client->survivors.length, message + ROUND_HEAD);
    return result == FATE_OK ? fate_turn_send(turn, MESSAGE_AGREED, fate_turn_from(turn), message, sizeof message, 1) : result;
}

/* Tells each who stays that this party knows it; who has sent no true note does not count, and nothing of it is revealed. */
static int32_t note_survivors(fate_turn *turn, struct client *client, const struct list *survivors)
{
    struct buffer out;
    uint32_t holders = 1;
    struct list neighbours = kept_list(client, &client->neighbours, ITEM_NOTHING);
    buffer_init(&out, client->context);
    list_begin(&out, client->round);
    for (uint32_t i = 0; i < survivors->count; i++) {
        uint32_t party = list_party(survivors, i);
        uint64_t at = (uint64_t)(list_item(survivors, i) - client->survivors.bytes);
        if (party == client->party) continue;
        if (is_noted(client, NOTE_MASKED, party, list_item(survivors, i)))
            holders += list_find(&neighbours, party) != NULL;
        else
            memset(client->survivors.bytes + at, 0, ITEM_NOTE);
    }
    int32_t result = holders < client->threshold ? client_broken(turn, "went on with fewer clients than the threshold")
                                                 : write_notes(turn, client, NOTE_TOLD, survivors, &out);
    if (result == FATE_OK) result = fate_turn_send(turn, MESSAGE_AGREED, fate_turn_from(turn), out.bytes, out.length, 1);
    buffer_free(&out);
    return result;
}

/* This party stays; the others are among those whose letters it has, and enough. */
static int32_t hear_survivors(fate_turn *turn, struct client *client, const uint8_t *bytes, uint64_t length)
{
    struct list survivors, letters = kept_list(client, &client->letters, ROUND_LETTER);
    bool all = client->parameters.clients <= NEIGHBOURS_ALL; /* then the list is of all clients */
    if (!keep_list(client, &client->survivors, &survivors, bytes, length, survivor_size(client)))
        return refuse(turn, client, &client->survivors, "sent a malformed list of survivors");
    if (list_find(&survivors, client->party) == NULL || (!chooses(client) && survivors.count < client->threshold) ||
        (all && survivors.count < client->parameters.least_clients))
        return client_broken(turn, "went on with fewer clients than the threshold");
    for (uint32_t i = 0; i < survivors.count; i++)
        if (list_party(&survivors, i) != client->party && list_find(&letters, list_party(&survivors, i)) == NULL)
            return client_broken(turn, "names a survivor that took no part in the round");
    if (client->parameters.trust == TRUST_HONEST) return reveal(turn, client);
    client->stage = CLIENT_AGREED;
    int32_t result = chooses(client) ? note_survivors(turn, client, &survivors) : sign_survivors(turn, client);
    return result == FATE_OK ? fate_turn_checkpoint_first(turn) : result;
}

/* As many as the threshold were told the same survivors. */
static int32_t hear_signatures(fate_turn *turn, struct client *client, const uint8_t *bytes, uint64_t length)
{
    struct list agreements, survivors = kept_list(client, &client->survivors, ITEM_NOTHING);
    uint64_t round;
    if (!list_read(&agreements, &round, bytes, length, ITEM_SIGNATURE, client->parties) || round != client->round)
        return client_broken(turn, "sent a malformed list of signatures");
    uint32_t good = 0;
    for (uint32_t i = 0; i < agreements.count; i++) {
        uint32_t party = list_party(&agreements, i);
        if (list_find(&survivors, party) == NULL || fate_turn_verify(turn, party, AGGREGATION_SIGNS_SURVIVORS, client->survivors.bytes,
                                                                     client->survivors.length, list_item(&agreements, i)) != FATE_OK)
            return client_broken(turn, "told clients different survivors: one has not signed this party's list");
        good++;
    }
    return good < client->threshold ? client_broken(turn, "sent fewer signatures than the threshold") : reveal(turn, client);
}

/* As many of this party's holders as the threshold say that they reveal nothing of it but its own mask: then nobody gets its mask key. */
static int32_t hear_notes(fate_turn *turn, struct client *client, const uint8_t *bytes, uint64_t length)
{
    struct list notes, holders = kept_list(client, &client->neighbours, ITEM_NOTHING);
    uint64_t round;
    uint32_t good = 1; /* itself */
    if (!list_read(&notes, &round, bytes, length, ITEM_NOTE, client->parties) || round != client->round)
        return client_broken(turn, "sent a malformed list of notes");
    for (uint32_t i = 0; i < notes.count; i++) {
        uint32_t party = list_party(&notes, i);
        good += list_find(&holders, party) != NULL && is_noted(client, NOTE_TOLD, party, list_item(&notes, i));
    }
    if (good < client->threshold)
        return client_broken(turn,
                             "told clients different survivors: too few of those who hold shares of this party's secrets were told of it");
    return reveal(turn, client);
}

/* ---- messages as they come ---- */

int32_t client_take(fate_turn *turn, struct client *client, const uint8_t *bytes, uint64_t length)
{
    static const int32_t stages[AGGREGATION_MESSAGES] = {[MESSAGE_ROSTER] = CLIENT_KEYS,
                                                         [MESSAGE_LETTERS] = CLIENT_SHARED,
                                                         [MESSAGE_SURVIVORS] = CLIENT_UPLOADED,
                                                         [MESSAGE_AGREEMENTS] = CLIENT_AGREED};
    uint32_t message = fate_turn_message(turn);
    if (!fate_turn_first(turn) || !fate_turn_last(turn)) return client_broken(turn, "sent in parts what comes in one");
    if (message == MESSAGE_LATE) {
        client->stage = CLIENT_IDLE;
        return fate_turn_warn(turn, "this party answered too late: the round goes on without it, and the next one with it");
    }
    if (message == MESSAGE_BEGIN) {
        if ((client->stage != CLIENT_IDLE && client->stage != CLIENT_REVEALED) || client->values == NULL)
            return client_broken(turn, "began a round in the middle of another");
        return begin_round(turn, client, bytes, length);
    }
    if (message >= AGGREGATION_MESSAGES || client->stage != stages[message])
        return client_broken(turn, "sent a message that does not come now");
    switch (message) {
    case MESSAGE_ROSTER: return share_secrets(turn, client, bytes, length);
    case MESSAGE_LETTERS: return upload(turn, client, bytes, length);
    case MESSAGE_SURVIVORS: return hear_survivors(turn, client, bytes, length);
    default: return chooses(client) ? hear_notes(turn, client, bytes, length) : hear_signatures(turn, client, bytes, length);
    }
}
