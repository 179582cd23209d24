/* How far exact sums go in a job. A bin's members are unknown bits, one for each row; each sum over the bin, of numbers that the guest knows, is an
 * equation about them. */
#ifndef SRC_MODELS_BOOSTING_EXPOSURE_H
#define SRC_MODELS_BOOSTING_EXPOSURE_H

#include <fate/protocol.h>
#include "src/models/boosting/parameters.h"

/* The most sums of one bin that the guest gets: of gradients and of hessians, in each tree that all parties grow, at the root and below it at one
 * child of every split that is tried, with columns of each level at both. Those of the other child follow and say nothing new. With the cipher lattice
 * also of rows: as many vectors are encrypted. */
uint64_t exposure_sums(const struct boosting_parameters *parameters);

/* Up to how many rows the sums can determine a bin's members in principle: each tells at most OBJECTIVE_BITS bits of a row's worth, and the
 * members of a bin that holds one row in `bins` are worth H(1/bins) bits a row (Shannon's entropy). With as many sums as rows linear algebra does it. */
uint64_t exposure_rows(const struct boosting_parameters *parameters);

/* Warns where the sums can determine the bins of so many rows, in principle or by linear algebra. whose: "this party's columns", "hosts' columns".
 * Returns as fate_turn_warn. */
int32_t exposure_warn(fate_turn *turn, const struct boosting_parameters *parameters, uint64_t rows, const char *whose);

/* The protocol's outlook: the same for a job whose rows are not known yet, and the guards that it has. FATE_E_JOB, FATE_E_MEMORY. */
int32_t exposure_outlook(fate_context *context, const fate_job *job, char **text);

#endif
