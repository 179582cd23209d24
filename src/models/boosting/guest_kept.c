/* Experimental: the guest decides whether a kept hint serves again, and removes one that does not. */
#include "src/models/boosting/guest_lattice.h"

#include <stdio.h>
#include <string.h>

#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

enum { SENTENCE = 400 };

/* The rows, and how many columns and bins each host has: its record says which they are. */
static int32_t bind(fate_turn *turn, const struct guest *guest, uint8_t *binding)
{
    crypto_generichash_state state;
    int32_t result = lattice_kept_bind(turn, &state, &guest->lattice->terms, guest->table);
    if (result != FATE_OK) return result;
    for (uint32_t p = 0; p < guest->party_count; p++) {
        const struct guest_party *party = &guest->parties[p];
        const uint32_t columns = party->own ? 0 : party->count;
        uint8_t number[4];
        bytes_store_u32(number, columns);
        crypto_generichash_update(&state, number, sizeof number);
        for (uint32_t column = 0; column < columns; column++) {
            bytes_store_u32(number, party->bins[column]);
            crypto_generichash_update(&state, number, sizeof number);
        }
    }
    crypto_generichash_final(&state, binding, LATTICE_SEED);
    return FATE_OK;
}

int32_t guest_kept_record(fate_turn *turn, struct guest *guest)
{
    struct guest_lattice *lattice = guest->lattice;
    struct lattice_record *record = &lattice->kept.record;
    *record = (struct lattice_record){.guest = true, .used = lattice->terms.vectors};
    int32_t result = bind(turn, guest, record->binding);
    if (result != FATE_OK) return result;
    memcpy(record->seed, lattice->toss.seed, LATTICE_SEED);
    memcpy(record->run, lattice->kept.run, LATTICE_SEED);
    memcpy(record->made, lattice->kept.run, LATTICE_SEED);
    buffer_clear(&lattice->kept.rest);
    guest_lattice_save_hints(guest, &lattice->kept.rest);
    return lattice->kept.rest.failed ? context_out_of_memory(guest->context) : lattice_kept_put(turn, &lattice->kept);
}

/* Whether all hosts with columns keep the guest's hint, and have counted as many vectors. *other: a host that does not. */
static int32_t compare(fate_turn *turn, const struct guest *guest, const struct lattice_said *own, bool *same, uint32_t *other)
{
    *same = true;
    for (uint32_t p = 0; p < guest->party_count; p++) {
        struct lattice_said said;
        const uint8_t *bytes;
        uint64_t length;
        if (guest->parties[p].own) continue;
        int32_t result = fate_turn_received(turn, p, &bytes, &length);
        if (result == FATE_OK && !lattice_said_read(&said, bytes, length))
            result = peer_violation(turn, p, "a message about its kept hint that cannot be read");
        if (result != FATE_OK) return result;
        if (guest->parties[p].count == 0 || !*same) continue;
        *same = said.holds && memcmp(said.seed, own->seed, LATTICE_SEED) == 0 && said.used == own->used;
        *other = p;
    }
    return FATE_OK;
}

/* Says why a kept hint does not serve. */
static int32_t say_why(fate_turn *turn, const struct guest *guest, const struct lattice_said *own, bool same, uint32_t other)
{
    const struct lattice_terms *terms = &guest->lattice->terms;
    char sentence[SENTENCE];
    if (!own->holds)
        snprintf(sentence, sizeof sentence,
                 "all hosts send new hints: the one that is kept is of other rows, columns or bins, or is incomplete");
    else if (!same)
        snprintf(
            sentence, sizeof sentence,
            "all hosts send new hints: %s keeps none of these rows and bins, or has counted other vectors under it than this party, as "
            "after a store was restored or when a training ended for one of them alone",
            fate_job_party_name(fate_turn_job(turn), other));
    else
        snprintf(sentence, sizeof sentence,
                 "all hosts send new hints: under the kept one %llu vectors were encrypted, this training may encrypt %llu, and "
                 "parameters.lattice_vectors allows %llu in all",
                 (unsigned long long)own->used, (unsigned long long)terms->vectors, (unsigned long long)terms->most);
    return fate_turn_warn(turn, sentence);
}

static int32_t choose(fate_turn *turn, struct guest *guest)
{
    struct guest_lattice *lattice = guest->lattice;
    const struct lattice_terms *terms = &lattice->terms;
    struct lattice_record *record = &lattice->kept.record;
    uint8_t binding[LATTICE_SEED];
    bool same = false;
    uint32_t other = 0;
    int32_t result = lattice_kept_find(turn, &lattice->kept, true);
    if (result == FATE_OK) result = bind(turn, guest, binding);
    if (result != FATE_OK) return result;
    const struct lattice_said own = lattice_kept_holds(&lattice->kept, binding);
    struct reader rest;
    reader_init(&rest, lattice->kept.rest.bytes, lattice->kept.rest.length);
    result = compare(turn, guest, &own, &same, &other);
    if (result != FATE_OK) return result;
    bool fits = own.used <= terms->most && terms->vectors <= terms->most - own.used;
    if (own.holds && same && fits && guest_lattice_load_hints(guest, &rest) && reader_finished(&rest)) {
        lattice->choice = CHOICE_KEPT;
        record->base = own.used;
        record->used = own.used + terms->vectors;
        memcpy(record->run, lattice->kept.run, LATTICE_SEED);
        return FATE_OK;
    }
    lattice->choice = lattice->kept.there ? CHOICE_NEW : CHOICE_EMPTY;
    if (!lattice->kept.there) return FATE_OK;
    reader_init(&rest, lattice->kept.rest.bytes, lattice->kept.rest.length);
    record->spent = true;
    guest_lattice_load_parts(guest, &rest);
    return say_why(turn, guest, &own, same, other);
}

/* Removes the old hint: a record without all its parts is marked first. */
static int32_t remove_old(fate_turn *turn, struct guest *guest)
{
    struct guest_lattice *lattice = guest->lattice;
    int32_t result = FATE_OK;
    if (lattice->choice == CHOICE_NEW) {
        result = lattice_kept_put(turn, &lattice->kept);
        if (result != FATE_OK) return result;
        lattice->choice = CHOICE_SPENT;
    }
    if (lattice->choice == CHOICE_SPENT) {
        result = guest_lattice_forget(turn, guest);
        if (result == FATE_OK) result = fate_turn_delete(turn, lattice->kept.name);
        if (result != FATE_OK && result != FATE_EMPTY) return result;
        lattice->choice = CHOICE_EMPTY;
    }
    return FATE_OK;
}

static int32_t send_choice(fate_turn *turn, const struct guest *guest)
{
    struct lattice_choice choice = {.kept = guest->lattice->choice == CHOICE_KEPT};
    struct buffer bytes;
    buffer_init(&bytes, guest->context);
    if (choice.kept) memcpy(choice.seed, guest->lattice->kept.record.seed, LATTICE_SEED);
    lattice_choice_write(&bytes, &choice);
    int32_t result =
        bytes.failed ? context_out_of_memory(guest->context) : fate_turn_send_all(turn, MESSAGE_CHOICE, bytes.bytes, bytes.length, 1);
    buffer_free(&bytes);
    return result;
}

/* What the hint carries in this training is stored before anything is encrypted under it. */
int32_t guest_held(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    struct guest_lattice *lattice = guest->lattice;
    int32_t result = lattice->choice == CHOICE_NONE ? choose(turn, guest) : FATE_OK;
    if (result != FATE_OK) return result;
    const bool again = lattice->choice == CHOICE_KEPT;
    result = again ? lattice_kept_put(turn, &lattice->kept) : remove_old(turn, guest);
    if (result == FATE_OK) result = send_choice(turn, guest);
    if (result != FATE_OK || !again) return result == FATE_OK ? fate_turn_go_to(turn, GUEST_COMMITMENTS) : result;
    memcpy(lattice->toss.seed, lattice->kept.record.seed, LATTICE_SEED);
    lattice->used = lattice->kept.record.base;
    result = lattice_public_make(guest->context, &lattice->public_part, &lattice->plan, lattice->toss.seed, NULL);
    return result == FATE_OK ? guest_begin_trees(turn, guest) : result;
}
