/* When to stop: the best tree so far by the validation measure. */
#include "src/models/boosting/early_stopping.h"

void early_stopping_init(struct early_stopping *stopping, uint32_t rounds)
{
    stopping->rounds = rounds;
    stopping->best_trees = 0;
    stopping->best = 0;
}

bool early_stopping_update(struct early_stopping *stopping, uint32_t trees, double value)
{
    bool is_number = value == value;
    if (is_number && (stopping->best_trees == 0 || value < stopping->best)) {
        stopping->best = value;
        stopping->best_trees = trees;
    }
    return stopping->rounds > 0 && trees - stopping->best_trees >= stopping->rounds;
}

uint32_t early_stopping_keep(const struct early_stopping *stopping, uint32_t trees)
{
    return stopping->rounds > 0 && stopping->best_trees > 0 ? stopping->best_trees : trees;
}
