/* The guest of a job with the lattice cipher, before its trees: the coin toss, the hosts' hints, and what of both is stored. */
#include "src/models/boosting/guest_lattice.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "src/crypto/lattice_wire.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

enum { PART_NAME = 64, PARTS_MOST = 1 << 28 };

static void free_host(fate_context *context, struct guest_lattice_host *host)
{
    lattice_hint_free(context, &host->hint);
    memory_free(context, host->fullest);
    memory_free(context, host->bins);
    memory_free_secret(context, host->pads, host->padded * host->bin_count * sizeof *host->pads);
}

void guest_lattice_free_level(struct guest *guest)
{
    struct guest_lattice *lattice = guest->lattice;
    for (uint64_t i = 0; i < lattice->vectors && lattice->secrets != NULL; i++) lattice_secret_free(guest->context, &lattice->secrets[i]);
    memory_free(guest->context, lattice->secrets);
    memory_free_secret(guest->context, lattice->values, lattice->terms.rows * sizeof *lattice->values);
    memory_free(guest->context, lattice->bytes);
    lattice->secrets = NULL;
    lattice->values = NULL;
    lattice->bytes = NULL;
    lattice->vectors = lattice->vector = lattice->item = 0;
    lattice->begun = false;
    for (uint32_t p = 0; p < guest->party_count; p++) {
        struct guest_lattice_host *host = &lattice->hosts[p];
        memory_free(guest->context, host->bins);
        memory_free_secret(guest->context, host->pads, host->padded * host->bin_count * sizeof *host->pads);
        host->bins = NULL;
        host->pads = NULL;
        host->begun = false;
        host->bin_count = host->padded = host->vector = host->item = 0;
    }
}

void guest_lattice_free(struct guest *guest)
{
    struct guest_lattice *lattice = guest->lattice;
    if (lattice == NULL) return;
    if (lattice->hosts != NULL) guest_lattice_free_level(guest);
    for (uint32_t p = 0; p < guest->party_count && lattice->hosts != NULL; p++) free_host(guest->context, &lattice->hosts[p]);
    memory_free(guest->context, lattice->hosts);
    lattice_public_free(guest->context, &lattice->public_part);
    lattice_toss_free(&lattice->toss);
    lattice_kept_free(&lattice->kept);
    memory_free(guest->context, lattice);
    guest->lattice = NULL;
}

int32_t guest_lattice_make(struct guest *guest)
{
    struct guest_lattice *lattice = memory_zeroed(guest->context, 1, sizeof *lattice);
    if (lattice == NULL) return context_out_of_memory(guest->context);
    guest->lattice = lattice;
    lattice->hosts = memory_zeroed(guest->context, guest->party_count, sizeof *lattice->hosts);
    if (lattice->hosts == NULL) return context_out_of_memory(guest->context);
    lattice_terms_make(guest->context, &lattice->terms, &guest->parameters, fate_table_rows(guest->table));
    int32_t result = lattice_terms_plan(guest->context, &lattice->terms, 1, 1, &lattice->plan);
    for (uint32_t p = 0; p < guest->party_count && result == FATE_OK; p++) {
        const struct guest_party *party = &guest->parties[p];
        struct guest_lattice_host *host = &lattice->hosts[p];
        if (party->own || party->count == 0) continue;
        result = lattice_terms_plan(guest->context, &lattice->terms, party->count, party->total_bins, &host->plan);
        host->fullest = memory_zeroed(guest->context, party->count, sizeof *host->fullest);
        if (result == FATE_OK) result = host->fullest == NULL ? context_out_of_memory(guest->context) : FATE_OK;
    }
    return result;
}

/* ---- the coin toss ---- */

/* Takes from each host what it has sent, LATTICE_SEED bytes. */
static int32_t take_from_hosts(fate_turn *turn, struct guest *guest, uint8_t *(*place)(const struct lattice_toss *toss, uint32_t party))
{
    for (uint32_t p = 0; p < guest->party_count; p++) {
        const uint8_t *bytes;
        uint64_t length;
        if (guest->parties[p].own) continue;
        int32_t result = fate_turn_received(turn, p, &bytes, &length);
        if (result == FATE_OK && length != LATTICE_SEED) result = peer_violation(turn, p, "a commitment or nonce of a wrong length");
        if (result != FATE_OK) return result;
        memcpy(place(&guest->lattice->toss, p), bytes, LATTICE_SEED);
    }
    return FATE_OK;
}

int32_t guest_commitments(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    struct lattice_toss *toss = &guest->lattice->toss;
    int32_t result = lattice_toss_begin(turn, toss, &guest->lattice->terms, guest->table);
    if (result == FATE_OK) result = take_from_hosts(turn, guest, lattice_toss_commitment);
    if (result != FATE_OK) return result;
    return fate_turn_send_all(turn, MESSAGE_COMMITMENTS, toss->commitments, (uint64_t)toss->parties * LATTICE_SEED, 1);
}

int32_t guest_nonces(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    struct lattice_toss *toss = &guest->lattice->toss;
    int32_t result = take_from_hosts(turn, guest, lattice_toss_nonce);
    for (uint32_t p = 0; p < toss->parties && result == FATE_OK; p++) {
        if (!guest->parties[p].own)
            result = peer_checked(
                turn, p,
                lattice_coin_check(guest->context, lattice_toss_commitment(toss, p), lattice_toss_nonce(toss, p), toss->subject, p));
    }
    if (result == FATE_OK) result = lattice_toss_end(toss);
    if (result == FATE_OK) result = fate_turn_send_all(turn, MESSAGE_NONCES, toss->nonces, (uint64_t)toss->parties * LATTICE_SEED, 1);
    return result == FATE_OK ? lattice_public_make(guest->context, &guest->lattice->public_part, &guest->lattice->plan, toss->seed, NULL)
                             : result;
}

/* ---- hints ---- */

/* The first part: which bin of each column is the fullest. */
static bool take_fullest(const struct guest_party *party, struct guest_lattice_host *host, const uint8_t *bytes, uint64_t length)
{
    bool right = length == 4 * (uint64_t)party->count;
    for (uint32_t column = 0; column < party->count && right; column++) {
        host->fullest[column] = bytes_load_u32(bytes + 4 * (uint64_t)column);
        right = host->fullest[column] < party->bins[column];
    }
    return right;
}

static int32_t take_bins(struct guest *guest, struct guest_lattice_host *host, const uint8_t *bytes, uint64_t length)
{
    struct lattice_head head;
    const uint8_t *body;
    int32_t result = lattice_head_read(guest->context, &host->plan, LATTICE_HINT, &head, bytes, length, &body);
    if (result == FATE_OK && head.first != host->hint_bins)
        result = context_fail(guest->context, FATE_E_PROTOCOL, "a part of a hint does not follow");
    if (result == FATE_OK && host->hint.planes == NULL) result = lattice_hint_new(guest->context, &host->hint, &host->plan);
    if (result == FATE_OK) result = lattice_hint_take(guest->context, &host->hint, &host->plan, head.first, head.count, body);
    if (result == FATE_OK) host->hint_bins += head.count;
    return result;
}

/* Parts of a hint that is kept have the name of its record before theirs. */
static void part_name(const fate_turn *turn, const struct guest *guest, char *name, uint32_t party, uint64_t part)
{
    char record[KEPT_NAME] = "lattice-hint";
    if (guest->parameters.lattice_vectors > 0) lattice_kept_name(record, turn, true);
    snprintf(name, PART_NAME, "%s-%u.%llu", record, (unsigned)party, (unsigned long long)part);
}

/* Stores a part as it came, behind the public seed, which no other hint has. */
static int32_t store_part(fate_turn *turn, const struct guest *guest, uint32_t party, const uint8_t *bytes, uint64_t length)
{
    char name[PART_NAME];
    struct buffer value;
    buffer_init(&value, guest->context);
    buffer_append(&value, guest->lattice->toss.seed, LATTICE_SEED);
    buffer_append(&value, bytes, length);
    part_name(turn, guest, name, party, guest->lattice->hosts[party].parts);
    int32_t result = value.failed ? context_out_of_memory(guest->context) : fate_turn_put(turn, name, value.bytes, value.length);
    buffer_free(&value);
    return result;
}

static int32_t take_part(fate_turn *turn, struct guest *guest, uint32_t p, const uint8_t *bytes, uint64_t length)
{
    const struct guest_party *party = &guest->parties[p];
    struct guest_lattice_host *host = &guest->lattice->hosts[p];
    if (!host->begun) {
        host->begun = true;
        return take_fullest(party, host, bytes, length) ? FATE_OK : peer_violation(turn, p, "a hint of other columns");
    }
    if (party->count == 0) return peer_violation(turn, p, "a hint without columns");
    if (fate_turn_keeps(turn) != 0) {
        int32_t result = store_part(turn, guest, p, bytes, length);
        if (result != FATE_OK) return result;
        host->parts++;
    }
    return peer_checked(turn, p, take_bins(guest, host, bytes, length));
}

static bool hints_complete(const struct guest *guest)
{
    bool complete = true;
    for (uint32_t p = 0; p < guest->party_count; p++) complete = complete && (guest->parties[p].own || guest->lattice->hosts[p].hinted);
    return complete;
}

/* Takes what has come. FATE_AGAIN also when a part is not stored yet. */
static int32_t take_hints(fate_turn *turn, struct guest *guest)
{
    const uint32_t p = fate_turn_from(turn);
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, p, &bytes, &length);
    if (result == FATE_OK) result = take_part(turn, guest, p, bytes, length);
    if (result != FATE_OK || fate_turn_last(turn) == 0) return result;
    if (guest->lattice->hosts[p].hint_bins != guest->parties[p].total_bins) return peer_violation(turn, p, "a hint of too few bins");
    guest->lattice->hosts[p].hinted = true;
    return FATE_OK;
}

int32_t guest_hints(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    struct guest_lattice *lattice = guest->lattice;
    int32_t result = lattice->recorded ? FATE_OK : take_hints(turn, guest);
    if (result != FATE_OK || !hints_complete(guest)) return result;
    lattice->recorded = true;
    if (guest->parameters.lattice_vectors > 0) result = guest_kept_record(turn, guest);
    if (result != FATE_OK) return result;
    lattice->hints_there = true;
    /* Hosts can forget what they sent. With earlier trees the checkpoint is where their leaves are in. */
    result = guest->earlier.trees == 0 ? fate_turn_checkpoint(turn) : FATE_OK;
    return result == FATE_OK ? guest_begin_trees(turn, guest) : result;
}

/* Reads a part of a host's hint from the store. */
static int32_t fetch_part(fate_turn *turn, struct guest *guest, uint32_t party)
{
    struct guest_lattice_host *host = &guest->lattice->hosts[party];
    char name[PART_NAME];
    const uint8_t *bytes;
    uint64_t length;
    part_name(turn, guest, name, party, host->fetched);
    int32_t result = fate_turn_get(turn, name, &bytes, &length);
    if (result != FATE_OK && result != FATE_EMPTY) return result;
    bool own = result == FATE_OK && length > LATTICE_SEED && sodium_memcmp(bytes, guest->lattice->toss.seed, LATTICE_SEED) == 0;
    result = own ? take_bins(guest, host, bytes + LATTICE_SEED, length - LATTICE_SEED) : FATE_E_PROTOCOL;
    host->fetched++;
    if (result != FATE_E_PROTOCOL) return result;
    if (guest->parameters.lattice_vectors > 0)
        return context_fail(
            guest->context, FATE_E_STORE,
            "a part of a host's kept hint is missing in the store: delete the value \"kept-%s\" there, and begin anew with the "
            "option \"restart\" at all parties: then a new hint is made",
            name);
    return context_fail(
        guest->context, FATE_E_STORE,
        "a part of a host's hint is missing in the store, or is of another training: begin anew with the option \"restart\"");
}

int32_t guest_lattice_fetch(fate_turn *turn, struct guest *guest)
{
    for (uint32_t p = 0; p < guest->party_count && !guest->lattice->hints_there; p++)
        while (!guest->parties[p].own && guest->lattice->hosts[p].hint_bins < guest->parties[p].total_bins) {
            int32_t result = fetch_part(turn, guest, p);
            if (result != FATE_OK) return result;
        }
    guest->lattice->hints_there = true;
    return FATE_OK;
}

int32_t guest_lattice_forget(fate_turn *turn, struct guest *guest)
{
    for (uint32_t p = 0; p < guest->party_count && fate_turn_keeps(turn) != 0; p++)
        while (guest->lattice->hosts[p].parts > 0) {
            char name[PART_NAME];
            part_name(turn, guest, name, p, guest->lattice->hosts[p].parts - 1);
            int32_t result = fate_turn_delete(turn, name);
            if (result != FATE_OK && result != FATE_EMPTY) return result;
            guest->lattice->hosts[p].parts--;
        }
    return FATE_OK;
}

int32_t guest_lattice_end(fate_turn *turn, struct guest *guest)
{
    struct guest_lattice *lattice = guest->lattice;
    if (guest->parameters.lattice_vectors == 0) return guest_lattice_forget(turn, guest);
    return lattice_kept_settle(turn, &lattice->kept, true, lattice->toss.seed, lattice->used);
}

/* ---- the stored state ---- */

void guest_lattice_save_hints(const struct guest *guest, struct buffer *bytes)
{
    const struct guest_lattice *lattice = guest->lattice;
    for (uint32_t p = 0; p < guest->party_count; p++) buffer_u64(bytes, lattice->hosts[p].parts);
    for (uint32_t p = 0; p < guest->party_count; p++)
        for (uint32_t column = 0; column < guest->parties[p].count && !guest->parties[p].own; column++)
            buffer_u32(bytes, lattice->hosts[p].fullest[column]);
}

bool guest_lattice_load_parts(struct guest *guest, struct reader *reader)
{
    bool right = true;
    for (uint32_t p = 0; p < guest->party_count; p++) {
        const uint64_t parts = reader_u64(reader);
        right = right && parts <= PARTS_MOST;
        guest->lattice->hosts[p].parts = right ? parts : 0;
    }
    return right && !reader->failed;
}

bool guest_lattice_load_hints(struct guest *guest, struct reader *reader)
{
    bool right = guest_lattice_load_parts(guest, reader);
    for (uint32_t p = 0; p < guest->party_count && right; p++) {
        const struct guest_party *party = &guest->parties[p];
        struct guest_lattice_host *host = &guest->lattice->hosts[p];
        right = party->own ? host->parts == 0 : host->parts <= party->total_bins;
        for (uint32_t column = 0; column < party->count && !party->own && right; column++) {
            host->fullest[column] = reader_u32(reader);
            right = host->fullest[column] < party->bins[column];
        }
    }
    return right && !reader->failed;
}

void guest_lattice_save(const struct guest *guest, struct buffer *bytes)
{
    buffer_append(bytes, guest->lattice->toss.seed, LATTICE_SEED);
    buffer_u64(bytes, guest->lattice->used);
    guest_lattice_save_hints(guest, bytes);
}

int32_t guest_lattice_load(struct guest *guest, struct reader *reader)
{
    int32_t result = guest_lattice_make(guest);
    if (result != FATE_OK) return result;
    struct guest_lattice *lattice = guest->lattice;
    const uint8_t *seed = reader_bytes(reader, LATTICE_SEED);
    lattice->used = reader_u64(reader);
    bool right = seed != NULL && lattice->used <= lattice->plan.shape.vectors;
    if (!right || !guest_lattice_load_hints(guest, reader))
        return context_fail(guest->context, FATE_E_STORE,
                            "the stored state of the training is damaged: begin anew with the option \"restart\"");
    memcpy(lattice->toss.seed, seed, LATTICE_SEED);
    return lattice_public_make(guest->context, &lattice->public_part, &lattice->plan, seed, NULL);
}
