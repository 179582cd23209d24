/* When to stop: the best round so far by the validation measure. */
#include "src/models/early_stopping.h"

void early_stopping_init(struct early_stopping *stopping, uint32_t rounds)
{
    stopping->rounds = rounds;
    stopping->best_round = 0;
    stopping->best = 0;
}

bool early_stopping_update(struct early_stopping *stopping, uint32_t done, double value)
{
    bool is_number = value == value;
    if (is_number && (stopping->best_round == 0 || value < stopping->best)) {
        stopping->best = value;
        stopping->best_round = done;
    }
    return stopping->rounds > 0 && done - stopping->best_round >= stopping->rounds;
}

uint32_t early_stopping_keep(const struct early_stopping *stopping, uint32_t done)
{
    return stopping->rounds > 0 && stopping->best_round > 0 ? stopping->best_round : done;
}
