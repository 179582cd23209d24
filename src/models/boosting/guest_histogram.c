/* The guest's sums by bin: of its own columns, and of the hosts' columns as they come in and are decrypted. */
#include <string.h>
#include "src/models/boosting/guest.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

enum { PIECE_CIPHERTEXTS = 32 };

struct bin_sum *guest_sums(const struct guest *guest, const struct guest_party *party, uint32_t node, uint32_t column)
{
    return party->sums + ((node - guest->growth.first) * party->total_bins + party->offsets[column]) * guest->parameters.tree_outputs;
}

static int32_t begin_party(struct guest *guest, struct guest_party *party)
{
    bool takes_part = party->own || guest->shared;
    memory_free(guest->context, party->parent_sums);
    party->parent_sums = party->sums;
    party->sums = NULL;
    bool draws = guest->growth.level == 0 || columns_by_level(&guest->parameters);
    if (draws || !takes_part) {
        memory_free(guest->context, party->parent_sums);
        party->parent_sums = NULL;
    }
    party->column = party->slot = party->bin = 0;
    party->cells = party->cells_done = 0;
    if (!takes_part) {
        return FATE_OK;
    }
    if (draws && !party->own && party->count > 0) {
        memset(party->sampled, 0, party->count);
    }
    int32_t result = FATE_OK;
    if (draws && party->own) {
        result =
            columns_draw(guest->context, party->sampled, &guest->parameters, guest->tree, guest->growth.level, party->party, party->count);
    }
    if (result != FATE_OK) {
        return result;
    }
    party->sums = memory_zeroed(guest->context, (guest->growth.end - guest->growth.first) * party->total_bins,
                                guest->parameters.tree_outputs * sizeof *party->sums);
    return party->sums == NULL ? context_out_of_memory(guest->context) : FATE_OK;
}

int32_t guest_begin_level(fate_turn *turn, struct guest *guest)
{
    guest->position = 0;
    guest->tie_count = 0;
    for (uint32_t i = 0; i < guest->party_count; i++) {
        int32_t result = begin_party(guest, &guest->parties[i]);
        if (result != FATE_OK) {
            return result;
        }
    }
    return guest_progress(turn, guest);
}

int32_t guest_sum(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    struct guest_party *own = &guest->parties[guest->own];
    const struct growth *growth = &guest->growth;
    while (guest->position < own->count && own->sampled[guest->position] == 0) {
        guest->position++;
    }
    if (guest->position < own->count) {
        uint32_t column = (uint32_t)guest->position++;
        for (uint32_t i = 0; i < growth->summed_count; i++) {
            uint64_t count;
            const uint32_t *rows = tree_rows_of(&growth->rows, growth->summed[i], &count);
            histogram_add(guest_sums(guest, own, growth->summed[i], column), guest->columns.data[column], guest->pairs,
                          guest->parameters.tree_outputs, growth->sampled, rows, count);
        }
        return FATE_AGAIN;
    }
    guest->position = 0;
    if (guest->shared && guest->lattice != NULL) {
        return fate_turn_go_to(turn, GUEST_PADS);
    }
    return guest->shared ? FATE_OK : fate_turn_go_to(turn, GUEST_CHOOSE);
}

/* Checks that a part is the next one of its host. */
static const char *part_wrong(const struct guest *guest, const struct guest_party *host, const struct histogram_part *part)
{
    if (part->tree != guest->tree || part->level != guest->growth.level) {
        return "histograms of another tree or level";
    }
    if (part->first != host->cells_done || part->cells > host->cells - part->first) {
        return "sums of a histogram that do not follow, or too many of them";
    }
    uint64_t ciphertexts = packing_ciphertexts(&guest->packing, part->cells);
    if (part->ciphertext_length != ciphertexts * fate_public_key_ciphertext_bytes(guest->public_key)) {
        return "a part of a histogram of a wrong length";
    }
    return NULL;
}

static int32_t open_part(fate_turn *turn, struct guest *guest, struct guest_party *host, const struct histogram_part *part)
{
    const char *wrong = part_wrong(guest, host, part);
    if (wrong != NULL) {
        return peer_violation(turn, host->party, wrong);
    }
    uint64_t count = packing_ciphertexts(&guest->packing, part->cells);
    int32_t result = fate_ciphertexts_new(guest->public_key, &guest->part, count);
    if (result == FATE_OK) {
        result = peer_checked(turn, host->party, fate_ciphertexts_read(guest->part, 0, count, part->ciphertexts, part->ciphertext_length));
    }
    guest->part_done = 0;
    return result;
}

/* The bin that the next sum is of. */
static struct bin_sum *next_bin(const struct guest *guest, struct guest_party *host)
{
    for (;;) {
        uint32_t bin = host->bin++;
        if (host->sampled[host->column] == 0 || host->slot == guest->growth.summed_count) {
            host->column++;
            host->slot = host->bin = 0;
        } else if (bin == host->bins[host->column]) {
            host->slot++;
            host->bin = 0;
        } else if (bin != *guest_fullest(guest, host, host->column, host->slot)) {
            return guest_sums(guest, host, guest->growth.summed[host->slot], host->column) + (uint64_t)bin * guest->packing.outputs;
        }
    }
}

/* Reads the sums of cells from decrypted plaintexts. There are as many bins to come, at least. */
static bool take_cells(const struct guest *guest, struct guest_party *host, uint32_t cells, const uint64_t *words, struct bin_sum **bins,
                       uint32_t *counts, struct bin_sum *read)
{
    uint32_t outputs = guest->packing.outputs;
    for (uint32_t i = 0; i < cells; i++) {
        bins[i] = next_bin(guest, host);
        counts[i] = (uint32_t)bins[i]->count;
    }
    if (!packing_read(&guest->packing, words, cells, counts, read)) {
        return false;
    }
    for (uint32_t i = 0; i < cells; i++) {
        memcpy(bins[i], &read[(uint64_t)i * outputs], outputs * sizeof *read);
    }
    return true;
}

/* Decrypts and takes some ciphertexts of the part: whole cells. */
static int32_t decrypt_piece(fate_turn *turn, struct guest *guest, struct guest_party *host, const struct histogram_part *part)
{
    const struct packing *packing = &guest->packing;
    uint32_t step = packing->row_ciphertexts, most = step > PIECE_CIPHERTEXTS ? step : PIECE_CIPHERTEXTS / step * step;
    uint64_t left = fate_ciphertexts_count(guest->part) - guest->part_done;
    uint32_t count = left < most ? (uint32_t)left : most;
    uint64_t words_bytes = (uint64_t)most * packing->plaintext_words * sizeof(uint64_t);
    uint64_t *words = memory_allocate(guest->context, words_bytes, 1);
    uint32_t *counts = memory_allocate(guest->context, packing->pairs, sizeof *counts);
    struct bin_sum *read = memory_allocate(guest->context, packing->pairs, packing->outputs * sizeof *read);
    struct bin_sum **bins = memory_allocate(guest->context, packing->pairs, sizeof *bins);
    int32_t result = words == NULL || counts == NULL || read == NULL || bins == NULL ? context_out_of_memory(guest->context) : FATE_OK;
    if (result == FATE_OK) {
        result = peer_checked(turn, host->party,
                              fate_secret_key_decrypt(guest->key, guest->part, guest->part_done, count, words, packing->plaintext_words));
    }
    for (uint32_t i = 0; i < count && result == FATE_OK; i += step) {
        uint32_t first = (uint32_t)((guest->part_done + i) / step) * packing->pairs;
        uint32_t cells = part->cells - first < packing->pairs ? part->cells - first : packing->pairs;
        if (!take_cells(guest, host, cells, words + (uint64_t)i * packing->plaintext_words, bins, counts, read)) {
            result = peer_violation(turn, host->party, "sums that no rows can give");
        }
    }
    guest->part_done += count;
    memory_free_secret(guest->context, words, words_bytes);
    memory_free(guest->context, counts);
    memory_free(guest->context, bins);
    memory_free_secret(guest->context, read, (uint64_t)packing->pairs * packing->outputs * sizeof *read);
    return result;
}

/* After a host's last part: all sums have come. */
static int32_t check_complete(fate_turn *turn, const struct guest_party *host)
{
    return host->cells_done == host->cells ? FATE_OK : peer_violation(turn, host->party, "histograms of too few columns");
}

int32_t guest_collect(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    struct guest_party *host = &guest->parties[fate_turn_from(turn)];
    struct histogram_part part;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, host->party, &bytes, &length);
    if (result != FATE_OK) {
        return result;
    }
    if (length > 0) {
        if (!histogram_part_read(&part, bytes, length)) {
            return peer_violation(turn, host->party, "a part of a histogram that is too short");
        }
        if (guest->part == NULL) {
            result = open_part(turn, guest, host, &part);
        }
        if (result == FATE_OK) {
            result = decrypt_piece(turn, guest, host, &part);
        }
        if (result != FATE_OK) {
            return result;
        }
        if (guest->part_done < fate_ciphertexts_count(guest->part)) {
            return FATE_AGAIN;
        }
        fate_ciphertexts_free(guest->part);
        guest->part = NULL;
        host->cells_done += part.cells;
    }
    return fate_turn_last(turn) != 0 ? check_complete(turn, host) : FATE_OK;
}
