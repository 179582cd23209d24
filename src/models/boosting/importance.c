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

/* Greatest gain first; equal gains in the order of parties and columns, so that no two items are equal. */
static bool stands_before(const struct importance *a, const struct importance *b)
{
    if (a->gain != b->gain) {
        return a->gain > b->gain;
    }
    return a->party != b->party ? a->party < b->party : a->column < b->column;
}

static void sift_down(struct importance *items, uint64_t root, uint64_t count)
{
    for (uint64_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && stands_before(&items[child], &items[child + 1])) {
            child++;
        }
        if (!stands_before(&items[root], &items[child])) {
            return;
        }
        struct importance swapped = items[root];
        items[root] = items[child];
        items[child] = swapped;
        root = child;
    }
}

/* Heap sort: a model file from elsewhere may have very many columns. */
static void sort_by_gain(struct importance *items, uint64_t count)
{
    for (uint64_t root = count / 2; root-- > 0;) {
        sift_down(items, root, count);
    }
    for (uint64_t last = count; last-- > 1;) {
        struct importance swapped = items[0];
        items[0] = items[last];
        items[last] = swapped;
        sift_down(items, 0, last);
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
