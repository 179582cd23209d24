/* The intersection of tables in one process: what a run of several processes must find. */
#ifndef SRC_MODELS_PSI_PLAIN_H
#define SRC_MODELS_PSI_PLAIN_H

#include "src/models/psi/alignment.h"
#include "src/models/psi/parameters.h"

/* alignments  out: count of them; free each, also after an error
 * guest       which of the tables is the guest's
 * The rows of a left join stand in the order of the guest's table. FATE_E_LIMIT, FATE_E_MEMORY. */
int32_t plain_align(fate_context *context, struct alignment *alignments, const struct psi_parameters *parameters,
                    const fate_table *const *tables, uint32_t count, uint32_t guest);

#endif
