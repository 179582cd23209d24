/* The guest takes the hosts' counts of rows by bin: they say which columns take part in the level, and whose bins' sums are to come. */
#include "src/models/boosting/guest.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

uint32_t *guest_fullest(const struct guest *guest, const struct guest_party *host, uint32_t column, uint32_t slot)
{
    return &host->fullest[(uint64_t)column * guest->growth.summed_count + slot];
}

/* Takes a column's counts. false: they do not add up to their nodes' rows. */
static bool take_column(const struct guest *guest, struct guest_party *host, const struct count_column *column, uint32_t *counts)
{
    const struct growth *growth = &guest->growth;
    uint32_t bins = host->bins[column->column], outputs = guest->packing.outputs;
    for (uint32_t slot = 0; slot < growth->summed_count; slot++) {
        struct bin_sum *sums = guest_sums(guest, host, growth->summed[slot], column->column);
        uint64_t total = 0;
        for (uint32_t bin = 0; bin < bins; bin++) {
            counts[bin] = bytes_load_u32(column->counts + 4 * ((uint64_t)slot * bins + bin));
            total += counts[bin];
            for (uint32_t i = 0; i < outputs; i++) {
                sums[(uint64_t)bin * outputs + i].count = counts[bin];
            }
        }
        if (total != guest_total(guest, growth->summed[slot])->count) {
            return false;
        }
        *guest_fullest(guest, host, column->column, slot) = joint_bins_fullest(counts, bins);
    }
    host->cells += (uint64_t)growth->summed_count * (bins - 1);
    return true;
}

static const char *take_columns(const struct guest *guest, struct guest_party *host, const uint8_t *bytes, uint64_t length,
                                uint32_t *counts)
{
    const struct growth *growth = &guest->growth;
    const struct message_level level = {.tree = guest->tree, .level = growth->level, .bins = host->bins, .column_count = host->count};
    uint64_t expected = growth->summed_count == 0 ? 0 : columns_drawn(&guest->parameters, host->count), seen = 0;
    struct reader reader;
    if (!count_message_open(&reader, bytes, length, &level)) {
        return "counts of rows of another tree or level";
    }
    for (uint32_t least = 0; seen < expected; seen++) {
        struct count_column column;
        if (!count_message_next(&reader, &column, least, growth->summed_count, &level)) {
            return "counts of rows of too few columns, or of one that does not follow";
        }
        if (growth->level > 0 && growth->differences && host->sampled[column.column] == 0) {
            return "counts of rows of a column that had none at the root";
        }
        if (!take_column(guest, host, &column, counts)) {
            return "counts of rows that do not add up to those of their node";
        }
        host->sampled[column.column] = 1;
        least = column.column + 1;
    }
    return reader_finished(&reader) ? NULL : "counts of rows of too many columns";
}

static int32_t take_counts(fate_turn *turn, struct guest *guest, struct guest_party *host)
{
    const uint8_t *bytes;
    uint64_t length;
    uint32_t most = 1;
    int32_t result = fate_turn_received(turn, host->party, &bytes, &length);
    if (result != FATE_OK) {
        return result;
    }
    for (uint32_t column = 0; column < host->count; column++) {
        most = host->bins[column] > most ? host->bins[column] : most;
    }
    memory_free(guest->context, host->fullest);
    host->fullest = memory_zeroed(guest->context, (uint64_t)host->count * guest->growth.summed_count, sizeof *host->fullest);
    uint32_t *counts = memory_allocate(guest->context, most, sizeof *counts);
    if (host->fullest == NULL || counts == NULL) {
        memory_free(guest->context, counts);
        return context_out_of_memory(guest->context);
    }
    const char *wrong = take_columns(guest, host, bytes, length, counts);
    memory_free(guest->context, counts);
    return wrong == NULL ? FATE_OK : peer_violation(turn, host->party, wrong);
}

int32_t guest_count(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    for (uint32_t i = 0; i < guest->party_count; i++) {
        if (!guest->parties[i].own) {
            int32_t result = take_counts(turn, guest, &guest->parties[i]);
            if (result != FATE_OK) {
                return result;
            }
        }
    }
    return FATE_OK;
}
