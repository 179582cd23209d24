/* How much each column brought: sums over the splits that use it. */
#include "src/models/boosting/importance.h"

/* Columns are numbered from 1 without gaps: ends[party] is where the party's items end. */
static uint32_t count_columns(const struct boosting_model *guest, uint32_t guest_party, uint32_t *ends)
{
    ends[guest_party] = guest->column_count;
    for (uint32_t tree = 0; tree < guest->tree_count; tree++) {
        for (uint32_t i = 0; i < guest->trees[tree].count; i++) {
            const struct boosting_node *node = &guest->trees[tree].nodes[i];
            if (node->kind == BOOSTING_OTHER && node->column > ends[node->party]) {
                ends[node->party] = node->column;
            }
        }
    }
    for (uint32_t party = 1; party < guest->party_count; party++) {
        ends[party] += ends[party - 1];
    }
    return ends[guest->party_count - 1];
}

static void add_splits(const struct boosting_model *guest, uint32_t guest_party, const uint32_t *ends, struct importance *items)
{
    for (uint32_t tree = 0; tree < guest->tree_count; tree++) {
        for (uint32_t i = 0; i < guest->trees[tree].count; i++) {
            const struct boosting_node *node = &guest->trees[tree].nodes[i];
            if (node->kind == BOOSTING_LEAF) {
                continue;
            }
            uint32_t party = node->kind == BOOSTING_OWN ? guest_party : node->party;
            struct importance *item = &items[(party == 0 ? 0 : ends[party - 1]) + node->column - 1];
            item->party = party;
            item->column = node->column;
            item->splits++;
            item->gain += node->gain;
            item->cover += node->cover;
        }
    }
}

/* Stable, so that equal gains keep the order of parties and columns. */
static void sort_by_gain(struct importance *items, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct importance item = items[i];
        uint32_t place = i;
        for (; place > 0 && items[place - 1].gain < item.gain; place--) {
            items[place] = items[place - 1];
        }
        items[place] = item;
    }
}

int32_t importance_make(const struct boosting_model *guest, uint32_t guest_party, struct importance **items, uint32_t *count)
{
    uint32_t *ends = memory_zeroed(guest->context, guest->party_count, sizeof *ends);
    *items = NULL;
    *count = 0;
    if (ends == NULL) {
        return context_out_of_memory(guest->context);
    }
    uint32_t columns = count_columns(guest, guest_party, ends);
    *items = memory_zeroed(guest->context, columns, sizeof **items);
    if (*items != NULL) {
        add_splits(guest, guest_party, ends, *items);
        sort_by_gain(*items, columns);
        *count = columns;
    }
    memory_free(guest->context, ends);
    return *items != NULL ? FATE_OK : context_out_of_memory(guest->context);
}
