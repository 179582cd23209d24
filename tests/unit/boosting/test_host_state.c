/* A host's stored state: it says everything that the next tree needs, and damaged ones are refused without harm. */
#include "tests/support/boosting_states.h"

int main(void)
{
    const struct stateful_role host = {ROLE_HOST, 1, host_start, host_save, host_load, host_stop};
    return boosting_states_test(&host);
}
