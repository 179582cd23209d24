/* Which columns are added up together: the cheapest grouping of neighbours, by dynamic programming. */
#include "src/models/boosting/joint_bins.h"

/* An addition into joint cells costs more than one into few bins, whose sums stay in registers for several rows: 1.04 to 1.35 times as much was
 * measured, for both ciphers with AVX2 and AVX-512. */
static const double joint_price = 1.25;

/* The best way to end before some column: its cost, and how many columns the last group has. */
struct choice {
    double cost;
    uint32_t last;
};

/* Additions of one group as if into few bins, or -1 when its joint cells are too many to pay. */
static double group_cost(const struct joint_column *columns, uint32_t count, double rows, double nodes)
{
    double cells = nodes, left_out = rows;
    for (uint32_t i = 0; i < count; i++) {
        cells *= columns[i].bins;
        left_out *= rows > 0 ? (double)columns[i].fullest / rows : 0;
    }
    if (count == 1) {
        return rows - left_out;
    }
    return cells < rows ? joint_price * (rows - left_out) + count * cells : -1;
}

static void choose(struct choice *choices, uint32_t end, const struct joint_column *columns, uint64_t rows, uint64_t nodes)
{
    choices[end].last = 0;
    for (uint32_t count = 1; count <= JOINT_MOST && count <= end; count++) {
        double cost = group_cost(columns + end - count, count, (double)rows, (double)nodes);
        double total = choices[end - count].cost + cost;
        if (cost >= 0 && (choices[end].last == 0 || total < choices[end].cost)) {
            choices[end] = (struct choice){.cost = total, .last = count};
        }
    }
}

int32_t joint_bins_plan(fate_context *context, struct joint_group *groups, uint32_t *made, const struct joint_column *columns,
                        uint32_t count, uint64_t rows, uint64_t nodes)
{
    struct choice *choices = memory_zeroed(context, (uint64_t)count + 1, sizeof *choices);
    *made = 0;
    if (choices == NULL) {
        return context_out_of_memory(context);
    }
    for (uint32_t end = 1; end <= count; end++) {
        choose(choices, end, columns, rows, nodes);
    }
    for (uint32_t end = count; end > 0; end -= choices[end].last) {
        ++*made;
    }
    uint32_t group = *made;
    for (uint32_t end = count; end > 0; end -= choices[end].last) {
        struct joint_group *last = &groups[--group];
        *last = (struct joint_group){.first = end - choices[end].last, .count = choices[end].last, .cells = 1};
        for (uint32_t i = 0; i < last->count; i++) {
            last->cells *= columns[last->first + i].bins;
        }
    }
    memory_free(context, choices);
    return FATE_OK;
}

uint32_t joint_bins_fullest(const uint32_t *counts, uint32_t bins)
{
    uint32_t fullest = 0;
    for (uint32_t bin = 1; bin < bins; bin++) {
        if (counts[bin] > counts[fullest]) {
            fullest = bin;
        }
    }
    return fullest;
}
