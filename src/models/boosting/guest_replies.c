/* The guest opens the hosts' replies to its vectors, and what it knows of rows in bins that nobody has counted. */
#include "src/models/boosting/guest_lattice.h"

#include <string.h>

#include "src/crypto/lattice_wire.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

/* ---- rows in bins ---- */

static uint64_t has_rows(const struct bin_sum *sums, uint32_t outputs)
{
    for (uint32_t k = 0; k < outputs; k++)
        if (sums[k].hessian > 0) return 1;
    return 0;
}

static void set_count(struct bin_sum *sums, uint32_t outputs, uint64_t count)
{
    for (uint32_t k = 0; k < outputs; k++) sums[k].count = count;
}

bool guest_lattice_count_difference(const struct guest *guest, struct bin_sum *sums, uint32_t bins)
{
    const uint32_t outputs = guest->parameters.tree_outputs;
    if (guest->lattice->counted) return true;
    for (uint32_t bin = 0; bin < bins; bin++) {
        struct bin_sum *own = &sums[(uint64_t)bin * outputs];
        set_count(own, outputs, has_rows(own, outputs));
    }
    return true;
}

bool guest_lattice_count(const struct guest *guest, struct bin_sum *sums, uint32_t bins, uint32_t fullest, const struct bin_sum *total)
{
    const uint32_t outputs = guest->parameters.tree_outputs;
    uint64_t left = total->count;
    if (!guest->lattice->counted) return guest_lattice_count_difference(guest, sums, bins);
    for (uint32_t bin = 0; bin < bins; bin++) {
        uint64_t count = bin == fullest ? 0 : sums[(uint64_t)bin * outputs].count;
        if (count > left) return false;
        left -= count;
    }
    set_count(&sums[(uint64_t)fullest * outputs], outputs, left);
    return true;
}

const struct bin_sum *guest_lattice_node(const struct guest *guest, const struct bin_sum *sums, uint32_t bins, const struct bin_sum *total,
                                         struct bin_sum *scratch)
{
    const uint32_t outputs = guest->parameters.tree_outputs;
    uint64_t count = 0;
    if (guest->lattice->counted) return total;
    for (uint32_t bin = 0; bin < bins; bin++) count += sums[(uint64_t)bin * outputs].count;
    memcpy(scratch, total, outputs * sizeof *scratch);
    set_count(scratch, outputs, count);
    return scratch;
}

/* ---- pads ---- */

/* Lists the answered bins of a host: those of its sampled columns, but each one's fullest. And of each column and node the fullest. */
static int32_t list_bins(struct guest *guest, struct guest_party *party, struct guest_lattice_host *host)
{
    const uint32_t summed = guest->growth.summed_count;
    memory_free(guest->context, party->fullest);
    party->fullest = memory_zeroed(guest->context, (uint64_t)party->count * summed, sizeof *party->fullest);
    host->bins = memory_allocate(guest->context, party->total_bins, sizeof *host->bins);
    if (party->fullest == NULL || host->bins == NULL) return context_out_of_memory(guest->context);
    host->bin_count = 0;
    for (uint32_t column = 0; column < party->count; column++) {
        for (uint32_t slot = 0; slot < summed; slot++) *guest_fullest(guest, party, column, slot) = host->fullest[column];
        for (uint32_t bin = 0; bin < party->bins[column] && party->sampled[column] != 0; bin++)
            if (bin != host->fullest[column]) host->bins[host->bin_count++] = party->offsets[column] + bin;
    }
    host->pads = memory_allocate(guest->context, guest->lattice->vectors * host->bin_count, sizeof *host->pads);
    return host->pads == NULL ? context_out_of_memory(guest->context) : FATE_OK;
}

/* Makes pads of some vectors. FATE_AGAIN until all have theirs. */
static int32_t pad_some(const struct guest *guest, struct guest_lattice_host *host)
{
    const struct guest_lattice *lattice = guest->lattice;
    const uint64_t left = lattice->vectors - host->padded, count = left < LATTICE_MOST_VECTORS ? left : LATTICE_MOST_VECTORS;
    if (left == 0) return FATE_OK;
    int32_t result = lattice_pads(guest->context, &lattice->public_part, &host->hint, lattice->secrets + host->padded, (uint32_t)count,
                                  host->bins, host->bin_count, host->pads + host->padded * host->bin_count);
    if (result != FATE_OK) return result;
    host->padded += count;
    return host->padded < lattice->vectors ? FATE_AGAIN : FATE_OK;
}

/* Whether it is known before the replies come which columns of hosts they are of; then they are marked. */
static bool columns_known(const struct guest *guest, struct guest_party *party)
{
    if (columns_drawn(&guest->parameters, party->count) == party->count) {
        memset(party->sampled, 1, party->count);
        return true;
    }
    return guest->growth.level > 0 && guest->growth.differences;
}

/* While the hosts add. */
int32_t guest_pads(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    (void)turn;
    for (uint32_t p = 0; p < guest->party_count && guest->lattice->vectors > 0; p++) {
        struct guest_party *party = &guest->parties[p];
        struct guest_lattice_host *host = &guest->lattice->hosts[p];
        if (party->own || party->count == 0 || !columns_known(guest, party)) continue;
        int32_t result = host->bins == NULL ? list_bins(guest, party, host) : FATE_OK;
        bool waits = host->padded < guest->lattice->vectors;
        if (result == FATE_OK && waits) result = pad_some(guest, host);
        if (result != FATE_OK || waits) return result == FATE_OK ? FATE_AGAIN : result;
    }
    return FATE_OK;
}

/* ---- replies ---- */

/* The first part says whose columns' bins follow. */
static int32_t take_head(fate_turn *turn, struct guest *guest, struct guest_party *party, const uint8_t *bytes, uint64_t length)
{
    struct guest_lattice_host *host = &guest->lattice->hosts[party->party];
    const struct message_level level = {.tree = guest->tree, .level = guest->growth.level, .column_count = party->count};
    struct replies_head head;
    if (!replies_head_read(&head, bytes, length, &level))
        return peer_violation(turn, party->party, "replies of another tree or level, or of other columns");
    uint64_t expected = guest->lattice->vectors == 0 ? 0 : columns_drawn(&guest->parameters, party->count), drawn = 0;
    for (uint32_t column = 0; column < party->count; column++) {
        uint8_t sampled = message_bit(head.columns, column);
        drawn += sampled;
        if (host->bins != NULL && sampled != party->sampled[column])
            return peer_violation(turn, party->party, "replies of other columns than at the root");
        if (host->bins == NULL && expected > 0) party->sampled[column] = sampled;
    }
    if (drawn != expected) return peer_violation(turn, party->party, "replies of too few or too many columns");
    host->begun = true;
    return host->bins == NULL && expected > 0 ? list_bins(guest, party, host) : FATE_OK;
}

/* Puts the sums of one vector into their bins. false: no rows can give such a number of rows. */
static bool put_sums(struct guest *guest, struct guest_party *party, const struct guest_lattice_host *host, const int64_t *sums,
                     uint64_t count)
{
    const uint32_t outputs = guest->parameters.tree_outputs, node_vectors = guest_lattice_node_vectors(guest);
    const uint32_t kind = (uint32_t)(host->vector % node_vectors), node = guest->growth.summed[host->vector / node_vectors];
    struct bin_sum *base = guest_sums(guest, party, node, 0);
    const int64_t rows = (int64_t)guest_total(guest, node)->count;
    for (uint64_t i = 0; i < count; i++) {
        struct bin_sum *bin = base + host->bins[host->item + i] * outputs;
        if (kind == 2 * outputs && (sums[i] < 0 || sums[i] > rows)) return false;
        if (kind == 2 * outputs)
            set_count(bin, outputs, (uint64_t)sums[i]);
        else if (kind % 2 == 0)
            bin[kind / 2].gradient = sums[i];
        else
            bin[kind / 2].hessian = sums[i];
    }
    return true;
}

/* Opens one part: replies to a vector. */
static int32_t open_part(fate_turn *turn, struct guest *guest, struct guest_party *party, const uint8_t *bytes, uint64_t length)
{
    struct guest_lattice_host *host = &guest->lattice->hosts[party->party];
    struct lattice_head head;
    const uint8_t *body;
    int32_t result =
        peer_checked(turn, party->party, lattice_head_read(guest->context, &host->plan, LATTICE_REPLY, &head, bytes, length, &body));
    if (result != FATE_OK) return result;
    if (host->vector == guest->lattice->vectors || head.number != guest->lattice->first + host->vector || head.attempt != 0 ||
        head.first != host->item || head.count > host->bin_count - host->item)
        return peer_violation(turn, party->party, "replies that do not follow, or too many of them");
    int64_t *sums = memory_allocate(guest->context, head.count, sizeof *sums);
    if (sums == NULL) return context_out_of_memory(guest->context);
    result = peer_checked(
        turn, party->party,
        lattice_open(guest->context, &host->plan, host->pads + host->vector * host->bin_count + host->item, body, head.count, sums));
    if (result == FATE_OK && !put_sums(guest, party, host, sums, head.count))
        result = peer_violation(turn, party->party, "sums that no rows can give");
    memory_free_secret(guest->context, sums, head.count * sizeof *sums);
    host->item += head.count;
    if (host->item == host->bin_count) {
        host->item = 0;
        host->vector++;
    }
    return result;
}

int32_t guest_replies(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    struct guest_party *party = &guest->parties[fate_turn_from(turn)];
    struct guest_lattice_host *host = &guest->lattice->hosts[party->party];
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, party->party, &bytes, &length);
    if (result != FATE_OK) return result;
    if (!host->begun) {
        result = take_head(turn, guest, party, bytes, length);
    } else if (party->count == 0 || host->bins == NULL) {
        result = peer_violation(turn, party->party, "replies that were not asked for");
    } else {
        result = pad_some(guest, host);
        if (result == FATE_OK) result = open_part(turn, guest, party, bytes, length);
    }
    if (result != FATE_OK || fate_turn_last(turn) == 0) return result;
    bool complete = host->bin_count == 0 || host->vector == guest->lattice->vectors;
    return complete ? fate_turn_go_to(turn, GUEST_CHOOSE) : peer_violation(turn, party->party, "replies to too few vectors");
}
