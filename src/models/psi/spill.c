/* What is spilled and where, and what a party keeps of it; see spill.h. */
#include "src/models/psi/spill.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/memory.h"

/* In memory an own id takes up to 48 bytes while it is sorted, one of a peer 36 and its match 4. The same number for both, so that both parties
 * of two decide alike. */
enum { VERSION = 1, NEED = 44, MIB = 1 << 20 };

/* ---- the plan ---- */

void spill_plan_write(const struct spill_plan *plan, struct buffer *out)
{
    buffer_u8(out, VERSION);
    buffer_u64(out, plan->memory);
    buffer_u64(out, plan->own);
    buffer_u32(out, plan->peers);
    for (uint32_t i = 0; i < plan->peers; i++) buffer_u64(out, plan->counts[i]);
}

static bool read_plan(struct spill_plan *plan, struct reader *in)
{
    memset(plan, 0, sizeof *plan);
    uint8_t version = reader_u8(in);
    plan->memory = reader_u64(in);
    plan->own = reader_u64(in);
    plan->peers = reader_u32(in);
    bool fits = !in->failed && version == VERSION && plan->own <= table_most_rows && plan->peers >= 1 && plan->peers <= PSI_HOSTS_MOST;
    for (uint32_t i = 0; fits && i < plan->peers; i++) {
        plan->counts[i] = reader_u64(in);
        fits = !in->failed && plan->counts[i] <= table_most_rows;
    }
    return fits;
}

bool spill_plan_read(struct spill_plan *plan, const uint8_t *bytes, uint64_t length)
{
    struct reader in;
    reader_init(&in, bytes, length);
    return read_plan(plan, &in) && reader_finished(&in);
}

uint32_t spill_plan_sets(const struct spill_plan *plan)
{
    return 1 + 2 * plan->peers;
}

int32_t spill_plan_set(const struct spill_plan *plan, uint32_t set, struct buckets *buckets, fate_context *context, const char *name)
{
    char full[BUCKETS_NAME];
    if (set == 0) {
        snprintf(full, sizeof full, "%s-own", name);
        return buckets_init(buckets, context, full, SPILL_OWN, plan->memory, plan->own);
    }
    uint32_t peer = (set - 1) / 2;
    bool tags = set % 2 == 1;
    uint64_t theirs = plan->counts[peer], least = theirs < plan->own ? theirs : plan->own;
    snprintf(full, sizeof full, "%s-%s%u", name, tags ? "peer" : "match", (unsigned)peer);
    return buckets_init(buckets, context, full, tags ? SPILL_TAG : SPILL_MATCH, plan->memory, tags ? theirs : least);
}

/* ---- beginning and end ---- */

uint64_t spill_need(const struct psi_party *party)
{
    uint64_t ids = party->set.count;
    for (uint32_t i = 0; i < party->peer_count; i++) ids += party->peers[i].count;
    return ids * NEED;
}

/* A job and a party have names of their own in the store. */
static int32_t choose_name(fate_turn *turn, struct spill *spill)
{
    uint8_t bytes[32 + 4], digest[crypto_generichash_BYTES_MIN];
    char hex[17];
    int32_t result = fate_job_digest(fate_turn_job(turn), bytes);
    bytes_store_u32(bytes + 32, fate_turn_party(turn));
    crypto_generichash(digest, sizeof digest, bytes, sizeof bytes, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, digest, 8);
    snprintf(spill->name, sizeof spill->name, "spill-%s", hex);
    return result;
}

static int32_t make_sets(struct psi_party *party)
{
    struct spill *spill = party->spill;
    int32_t result = FATE_OK;
    for (uint32_t set = 0; set < spill_plan_sets(&spill->plan) && result == FATE_OK; set++)
        result = spill_plan_set(&spill->plan, set, &spill->sets[set], party->context, spill->name);
    return result;
}

static int32_t make_spill(fate_turn *turn, struct psi_party *party)
{
    party->spill = memory_zeroed(party->context, 1, sizeof *party->spill);
    return party->spill == NULL ? context_out_of_memory(party->context) : choose_name(turn, party->spill);
}

int32_t spill_begin(fate_turn *turn, struct psi_party *party)
{
    uint64_t need = spill_need(party), memory = (uint64_t)(party->parameters.memory * MIB);
    if (need <= memory) return FATE_OK;
    if (fate_turn_keeps(turn) == 0) {
        char sentence[256];
        snprintf(sentence, sizeof sentence,
                 "these sets take about %llu MiB, more than parameters.memory: without a store (fate align --state) all of it is kept in "
                 "memory",
                 (unsigned long long)(need / MIB));
        return fate_turn_warn(turn, sentence);
    }
    int32_t result = make_spill(turn, party);
    if (result != FATE_OK) return result;
    struct spill_plan *plan = &party->spill->plan;
    *plan = (struct spill_plan){.memory = memory / party->peer_count, .own = party->set.count, .peers = party->peer_count};
    for (uint32_t i = 0; i < plan->peers; i++) plan->counts[i] = party->peers[i].count;
    result = make_sets(party);
    return result == FATE_OK ? fate_turn_go_to(turn, party->role == PSI_GUEST ? GUEST_SPILLS : HOST_SPILLS) : result;
}

void spill_free(struct psi_party *party)
{
    if (party->spill == NULL) return;
    for (uint32_t set = 0; set < SPILL_SETS; set++) buckets_free(&party->spill->sets[set]);
    memory_free(party->context, party->spill);
    party->spill = NULL;
}

int32_t spill_finish(fate_turn *turn, const struct psi_party *party)
{
    int32_t result = fate_turn_checkpoint(turn);
    return result == FATE_OK ? fate_turn_go_to(turn, party->role == PSI_GUEST ? GUEST_REMOVES : HOST_REMOVES) : result;
}

/* Deletes what a plan names, then the plan itself. */
static int32_t remove_all(fate_turn *turn, const struct psi_party *party, const struct spill_plan *plan)
{
    struct spill *spill = party->spill;
    char name[BUCKETS_NAME + 24];
    int32_t result = FATE_OK;
    for (; spill->set < spill_plan_sets(plan) && result == FATE_OK; spill->set += result == FATE_OK) {
        struct buckets set;
        result = spill_plan_set(plan, spill->set, &set, party->context, spill->name);
        while (result == FATE_OK && spill->run < set.most_runs) {
            buckets_piece_name(name, sizeof name, set.name, spill->run, spill->which);
            result = fate_turn_delete(turn, name);
            if (result == FATE_OK && ++spill->which == set.count) {
                spill->which = 0;
                spill->run++;
            }
        }
        if (result == FATE_OK) spill->run = 0;
        buckets_free(&set);
    }
    return result == FATE_OK ? fate_turn_delete(turn, spill->name) : result;
}

/* What an earlier run of the job has left in the store. */
static int32_t remove_old(fate_turn *turn, const struct psi_party *party)
{
    struct spill *spill = party->spill;
    const uint8_t *bytes;
    uint64_t length;
    if (!spill->removing) {
        int32_t result = fate_turn_get(turn, spill->name, &bytes, &length);
        if (result == FATE_EMPTY) return FATE_OK;
        if (result != FATE_OK) return result;
        if (!spill_plan_read(&spill->old, bytes, length))
            return context_fail(party->context, FATE_E_STORE, "the value \"kept-%s\" in the store is damaged: delete it", spill->name);
        spill->removing = true;
    }
    return remove_all(turn, party, &spill->old);
}

/* The plan stands in the store before anything else does. */
int32_t spill_clear(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct spill *spill = party->spill;
    struct buffer plan;
    int32_t result = spill->stored ? FATE_OK : remove_old(turn, party);
    if (result != FATE_OK) return result;
    spill->stored = true;
    spill->set = 0;
    buffer_init(&plan, party->context);
    spill_plan_write(&spill->plan, &plan);
    result = plan.failed ? context_out_of_memory(party->context) : fate_turn_put(turn, spill->name, plan.bytes, plan.length);
    buffer_free(&plan);
    return result == FATE_OK ? fate_turn_checkpoint(turn) : result;
}

int32_t spill_remove(fate_turn *turn, void *state)
{
    const struct psi_party *party = state;
    int32_t result = remove_all(turn, party, &party->spill->plan);
    return result == FATE_OK ? fate_turn_finish(turn) : result;
}

/* ---- stored state ---- */

static void write_peer(const struct psi_party *party, uint32_t i, struct buffer *out)
{
    const struct psi_peer *peer = &party->peers[i];
    buffer_u64(out, peer->taken);
    buffer_append(out, peer->last, EXCHANGE_ELEMENT);
    buffer_u64(out, peer->returned);
    buffer_append(out, peer->last_tag, EXCHANGE_TAG);
    buffer_u32(out, party->spill->bucket[i]);
    buffer_u64(out, peer->cursor);
    buffer_u64(out, peer->match_count);
}

static bool read_peer(struct psi_party *party, uint32_t i, struct reader *in)
{
    struct psi_peer *peer = &party->peers[i];
    uint32_t *bucket = &party->spill->bucket[i];
    peer->count = party->spill->plan.counts[i];
    peer->taken = reader_u64(in);
    const uint8_t *last = reader_bytes(in, EXCHANGE_ELEMENT);
    if (last != NULL) memcpy(peer->last, last, EXCHANGE_ELEMENT);
    peer->returned = reader_u64(in);
    last = reader_bytes(in, EXCHANGE_TAG);
    if (last != NULL) memcpy(peer->last_tag, last, EXCHANGE_TAG);
    *bucket = reader_u32(in);
    peer->cursor = reader_u64(in);
    peer->match_count = reader_u64(in);
    return !in->failed && peer->taken <= peer->count && peer->returned <= party->set.count && peer->cursor <= peer->count &&
           *bucket <= party->spill->sets[1 + 2 * i].count && peer->match_count <= peer->count && peer->match_count <= party->set.count;
}

int32_t spill_save(fate_turn *turn, const struct psi_party *party)
{
    const struct spill *spill = party->spill;
    struct buffer out;
    buffer_init(&out, party->context);
    spill_plan_write(&spill->plan, &out);
    buffer_u64(&out, party->position);
    buffer_u32(&out, party->at);
    for (uint32_t i = 0; i < party->peer_count; i++) write_peer(party, i, &out);
    for (uint32_t set = 0; set < spill_plan_sets(&spill->plan); set++) buckets_write(&spill->sets[set], &out);
    int32_t result = out.failed ? context_out_of_memory(party->context) : fate_turn_save(turn, out.bytes, out.length);
    buffer_free(&out);
    return result;
}

static int32_t damaged(const struct psi_party *party)
{
    return context_fail(party->context, FATE_E_STORE,
                        "the stored state of the alignment is damaged: begin anew, with the option \"restart\"");
}

int32_t spill_load(fate_turn *turn, struct psi_party *party, const uint8_t *bytes, uint64_t length)
{
    struct reader in;
    int32_t result = make_spill(turn, party);
    if (result != FATE_OK) return result;
    struct spill *spill = party->spill;
    reader_init(&in, bytes, length);
    if (!read_plan(&spill->plan, &in) || spill->plan.own != party->set.count || spill->plan.peers != party->peer_count)
        return damaged(party);
    result = make_sets(party);
    if (result != FATE_OK) return result;
    party->position = reader_u64(&in);
    party->at = reader_u32(&in);
    bool fits = !in.failed && party->at <= party->peer_count;
    for (uint32_t i = 0; fits && i < party->peer_count; i++) fits = read_peer(party, i, &in);
    for (uint32_t set = 0; fits && result == FATE_OK && set < spill_plan_sets(&spill->plan); set++)
        result = buckets_read(&spill->sets[set], &in);
    if (result == FATE_E_MEMORY) return context_out_of_memory(party->context);
    if (result != FATE_OK || !fits || !reader_finished(&in)) return damaged(party);
    party->alignment.own = party->set.count;
    party->alignment.peer = party->peer_count == 1 ? party->peers[0].count : 0;
    return FATE_OK;
}
