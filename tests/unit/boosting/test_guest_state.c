/* The guest's stored state: it says everything that the next tree needs, and damaged ones are refused without harm. */
#include "tests/support/boosting_states.h"

int main(void)
{
    const struct stateful_role guest = {ROLE_GUEST, 0, guest_start, guest_save, guest_load, guest_stop};
    return boosting_states_test(&guest);
}
