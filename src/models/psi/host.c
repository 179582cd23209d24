/* A host's part of private set intersection after the comparison; see host.h. */
#include "src/models/psi/host.h"

#include <string.h>

#include "src/data/schema.h"
#include "src/session/job.h"

enum { PLACE = 4, PLACED = 8 };

int32_t host_hear_common(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    int32_t result = party_hear_common(turn, party);
    return result == FATE_OK && party->parameters.learn == PSI_LEARN_COUNT ? party_finish(turn, party) : result;
}

int32_t host_tell_matches(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    const struct psi_peer *guest = &party->peers[0];
    struct buffer bytes;
    buffer_init(&bytes, party->context);
    buffer_u64(&bytes, party->position);
    for (uint64_t i = 0; i < psi_part_items(PLACE) && party->position < guest->match_count; i++)
        buffer_u32(&bytes, guest->matches[party->position++]);
    int32_t last = party->position == guest->match_count;
    int32_t result = bytes.failed ? context_out_of_memory(party->context)
                                  : fate_turn_send(turn, MESSAGE_MATCHES, guest->party, bytes.bytes, bytes.length, last);
    buffer_free(&bytes);
    if (result != FATE_OK || last == 0) return result == FATE_OK ? FATE_AGAIN : result;
    return party->parameters.learn == PSI_LEARN_GUEST ? party_finish(turn, party) : FATE_OK;
}

int32_t host_hear_result(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct psi_peer *guest = &party->peers[0];
    struct psi_result counts;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, guest->party, &bytes, &length);
    if (result != FATE_OK) return result;
    if (!psi_result_read(bytes, length, &counts) || (!party->parameters.left && counts.pairs != counts.rows))
        return party_violation(turn, guest->party, "numbers of rows that cannot be read or do not fit each other");
    guest->pairs = counts.pairs;
    party->alignment.left = party->parameters.left;
    if (party->alignment.left) result = fate_turn_common_seed(turn, "psi order", party->alignment.tag);
    if (result == FATE_OK) result = alignment_reserve(&party->alignment, counts.rows);
    if (result == FATE_OK) memset(party->alignment.rows, 0xff, (size_t)counts.rows * sizeof *party->alignment.rows);
    return result;
}

/* One row of the common order. party->position is the least place that it may have. NULL, or what is wrong. */
static const char *take_row(struct psi_party *party, const uint8_t *item)
{
    struct alignment *alignment = &party->alignment;
    uint64_t place = alignment->left ? bytes_load_u32(item) : party->position;
    uint32_t partner = bytes_load_u32(alignment->left ? item + PLACE : item);
    if (partner >= party->set.count) return "a row that is none of the host's";
    if (place >= alignment->count || place < party->position) return "rows whose places do not ascend";
    alignment->rows[place] = psi_set_row(&party->set, party->order[partner]);
    party->position = place + 1;
    return NULL;
}

/* Without a left join the common order is that of the ids, which the host knows too; one id stands there more than once only where the job
 * lets the guest have several rows of it. */
static const char *check_order(const struct psi_party *party, bool many, uint64_t *different)
{
    const struct alignment *alignment = &party->alignment;
    uint8_t *seen = memory_zeroed(party->context, fate_table_rows(party->set.table), 1);
    const char *wrong = seen == NULL ? "" : NULL;
    *different = 0;
    for (uint64_t i = 0; i < alignment->count && wrong == NULL; i++) {
        uint32_t row = alignment->rows[i];
        if (row == TABLE_NO_ROW) continue;
        if (!alignment->left && i > 0 && row < alignment->rows[i - 1]) wrong = "rows that are not in the order of their ids";
        if (seen[row] && !many) wrong = "one row at two places";
        *different += !seen[row];
        seen[row] = 1;
    }
    memory_free(party->context, seen);
    return wrong;
}

static int32_t finish(fate_turn *turn, struct psi_party *party)
{
    const struct psi_peer *guest = &party->peers[0];
    uint64_t different;
    const char *wrong = check_order(party, fate_turn_job(turn)->duplicates == DUPLICATES_MANY, &different);
    if (wrong != NULL && *wrong == 0) return context_out_of_memory(party->context);
    if (wrong == NULL && different > guest->match_count) wrong = "more common rows than there are common ids";
    if (wrong != NULL) return party_violation(turn, guest->party, wrong);
    int32_t result = party_refuse(turn, party, psi_parameters_check_intersection(party->context, &party->parameters, different));
    party->alignment.intersection = different;
    return result == FATE_OK ? party_finish(turn, party) : result;
}

int32_t host_take_rows(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct psi_peer *guest = &party->peers[0];
    struct psi_part part;
    const uint8_t *bytes, *items;
    uint64_t length;
    uint32_t size = party->parameters.left ? PLACED : PLACE;
    int32_t result = fate_turn_received(turn, guest->party, &bytes, &length);
    if (result != FATE_OK) return result;
    if (guest->returned_rows == 0) party->position = 0;
    if (!psi_part_read(&part, bytes, length, guest->returned_rows, guest->pairs, size) ||
        (fate_turn_last(turn) != 0 && guest->returned_rows + part.count != guest->pairs))
        return party_violation(turn, guest->party, "another number of rows than was announced");
    items = part.items;
    for (uint64_t i = 0; i < part.count; i++) {
        const char *wrong = take_row(party, items + i * size);
        if (wrong != NULL) return party_violation(turn, guest->party, wrong);
    }
    guest->returned_rows += part.count;
    return fate_turn_last(turn) != 0 ? finish(turn, party) : FATE_OK;
}
