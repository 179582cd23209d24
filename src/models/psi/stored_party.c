/* What owner and holder of a stored set do alike; see stored_party.h. */
#include "src/models/psi/stored_party.h"

#include <sodium.h>
#include <string.h>

#include "lib/memory.h"

static int32_t check_store(fate_turn *turn, const struct psi_party *party)
{
    if (fate_turn_keeps(turn) == 0)
        return context_fail(party->context, FATE_E_ARGUMENT,
                            "a job with parameters.stored_set keeps the set in a store, and there is none: give one (fate align --sets)");
    if (party->parameters.stored_days > 0 && fate_turn_date(turn) == 0)
        return context_fail(party->context, FATE_E_ARGUMENT,
                            "a stored set grows old, and the date is not known: set the session's option \"date\" or the store's date, or "
                            "parameters.stored_days to 0");
    return FATE_OK;
}

int32_t stored_start(fate_turn *turn, struct psi_party *party)
{
    int32_t result = check_store(turn, party);
    if (result != FATE_OK) return result;
    struct stored *stored = memory_zeroed(party->context, 1, sizeof *stored);
    if (stored == NULL) return context_out_of_memory(party->context);
    party->stored = stored;
    stored->owner = (party->parameters.stored == PSI_STORED_GUEST) == (party->role == PSI_GUEST);
    stored_name(stored->name, fate_turn_job(turn), party->peers[0].party, stored->owner,
                fate_turn_purpose(turn) == FATE_PURPOSE_ALIGN_VALIDATION);
    buffer_init(&stored->waiting, party->context);
    return FATE_OK;
}

void stored_free(struct psi_party *party)
{
    struct stored *stored = party->stored;
    if (stored == NULL) return;
    buffer_free(&stored->waiting);
    memory_free(party->context, stored->items);
    memory_free(party->context, stored->order);
    memory_free(party->context, stored->found);
    memory_free(party->context, stored->places);
    memory_free_secret(party->context, stored, sizeof *stored);
    party->stored = NULL;
}

int32_t stored_begin(fate_turn *turn, const struct psi_party *party)
{
    if (party->role == PSI_GUEST) return fate_turn_go_to(turn, party->stored->owner ? GUEST_OWNS : GUEST_HOLDS);
    return fate_turn_go_to(turn, party->stored->owner ? HOST_OWNS : HOST_HOLDS);
}

int32_t stored_save(fate_turn *turn, const struct psi_party *party)
{
    const struct stored *stored = party->stored;
    struct buffer out;
    buffer_init(&out, party->context);
    out.secret = true;
    buffer_u64(&out, party->peers[0].count);
    buffer_u8(&out, stored->fresh);
    stored_said_write(&stored->said, &out);
    if (stored->owner)
        stored_owned_write(&stored->owned, &out);
    else
        stored_held_write(&stored->held, &out);
    int32_t result = out.failed ? context_out_of_memory(party->context) : fate_turn_save(turn, out.bytes, out.length);
    buffer_free(&out);
    return result;
}

static bool read_state(struct psi_party *party, const uint8_t *bytes, uint64_t length)
{
    struct stored *stored = party->stored;
    struct reader in;
    reader_init(&in, bytes, length);
    party->peers[0].count = reader_u64(&in);
    stored->fresh = reader_u8(&in) == 1;
    const uint8_t *said = reader_bytes(&in, STORED_SAID), *kept = reader_bytes(&in, stored->owner ? STORED_OWNED : STORED_HELD);
    if (!reader_finished(&in) || !stored_said_read(&stored->said, said, STORED_SAID)) return false;
    return stored->owner ? stored_owned_read(&stored->owned, kept, STORED_OWNED) : stored_held_read(&stored->held, kept, STORED_HELD);
}

int32_t stored_load(fate_turn *turn, struct psi_party *party, const uint8_t *bytes, uint64_t length)
{
    struct stored *stored = party->stored;
    uint8_t seed[EXCHANGE_KEY];
    if (!read_state(party, bytes, length))
        return context_fail(party->context, FATE_E_STORE, "the stored state is not one of this protocol");
    party->alignment.own = party->set.count;
    party->alignment.peer = party->peers[0].count;
    int32_t result = fate_turn_seed(turn, "psi scalar", 0, seed);
    if (result == FATE_OK)
        exchange_init(&party->exchange, false, stored->owner ? stored->owned.key : seed,
                      stored->owner ? stored->owned.domain : stored->held.domain);
    sodium_memzero(seed, sizeof seed);
    return result;
}

int32_t stored_set_common(fate_turn *turn, struct psi_party *party, uint64_t count)
{
    party->peers[0].match_count = count;
    party->alignment.intersection = count;
    return party_refuse(turn, party, psi_parameters_check_intersection(party->context, &party->parameters, count));
}

int32_t stored_read_part(fate_turn *turn, uint32_t from, struct psi_part *part, uint64_t taken, uint64_t total, uint32_t size,
                         uint8_t *last, const char *what)
{
    int32_t result = party_read_part(turn, from, part, taken, total, size);
    if (result != FATE_OK) return result;
    if (!psi_part_ascends(part, size, taken > 0 ? last : NULL)) return party_violation(turn, from, what);
    if (part->count > 0) memcpy(last, part->items + (part->count - 1) * size, size);
    return FATE_OK;
}
