/* How far exact sums go in a job. */
#include "src/models/boosting/exposure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "lib/context.h"
#include "lib/mathematics.h"
#include "src/models/boosting/columns.h"
#include "src/models/boosting/objective.h"

enum { SENTENCE = 1000 };

/* Splits whose children are examined, most of one tree. Depth is at most 16. */
static uint64_t splits_followed(const struct boosting_parameters *parameters)
{
    uint64_t most = parameters->max_leaves == 0 ? UINT64_MAX : parameters->max_leaves - 1, splits = 0;
    for (uint32_t level = 0; level + 1 < parameters->depth; level++) {
        uint64_t nodes = UINT64_C(1) << level;
        splits += nodes < most ? nodes : most; /* leaf-wise, as many are tried on every level */
    }
    return parameters->leaf_wise || splits < most ? splits : most;
}

uint64_t exposure_sums(const struct boosting_parameters *parameters)
{
    uint64_t trees = parameters->trees - (uint64_t)parameters->guest_trees * (parameters->folds > 0 ? parameters->folds : 1);
    uint64_t nodes = 1 + splits_followed(parameters) * (columns_by_level(parameters) ? 2 : 1);
    uint64_t vectors = 2 * (uint64_t)parameters->tree_outputs + (parameters->lattice != NULL ? 1 : 0);
    return vectors * trees * nodes; /* below 2^11 * 2^32 * 2^17 */
}

uint64_t exposure_rows(const struct boosting_parameters *parameters)
{
    double share = 1.0 / parameters->bins, rest = 1 - share;
    double bits = -(share * mathematics_log(share) + rest * mathematics_log(rest)) / mathematics_log(2);
    double rows = (double)exposure_sums(parameters) * OBJECTIVE_BITS / bits;
    return rows < 1e18 ? (uint64_t)rows : UINT64_C(1000000000000000000);
}

int32_t exposure_warn(fate_turn *turn, const struct boosting_parameters *parameters, uint64_t rows, const char *whose)
{
    char sentence[SENTENCE];
    uint64_t sums = exposure_sums(parameters);
    if (sums == 0 || rows > exposure_rows(parameters)) {
        return FATE_OK;
    }
    snprintf(
        sentence, sizeof sentence,
        "this job may give the guest up to %" PRIu64 " exact sums of each bin over %" PRIu64
        " rows of numbers that it knows: %s to work out which rows are in which bin of %s; larger min_bin_rows or guest_trees, fewer trees "
        "or less depth lessen it",
        sums, rows, rows <= sums ? "enough for linear algebra" : "in principle enough", whose);
    return fate_turn_warn(turn, sentence);
}

static const char *lattice_warning(const struct boosting_parameters *parameters)
{
    if (parameters->lattice == NULL) return "";
    if (!parameters->lattice->declared) return " The cipher \"lattice\" is EXPERIMENTAL: nobody outside the project has reviewed it.";
    return " The cipher \"lattice\" is EXPERIMENTAL: nobody outside the project has reviewed it. Its profile A has DECLARED LEAKAGE: besides the "
           "sums, replies tell the guest up to a quarter of a bit of which rows are in a bin of mean size, more of larger bins.";
}

int32_t exposure_outlook(fate_context *context, const fate_job *job, char **text)
{
    struct boosting_parameters parameters;
    int32_t result = parameters_read(context, &parameters, job);
    *text = result == FATE_OK ? fate_allocate(context, SENTENCE) : NULL;
    if (result != FATE_OK || *text == NULL) {
        return result == FATE_OK ? context_out_of_memory(context) : result;
    }
    uint64_t sums = exposure_sums(&parameters);
    if (fate_job_party_count(job) == 1 || sums == 0) {
        snprintf(*text, SENTENCE, "No sums of a host's columns are sent in this job.");
        return FATE_OK;
    }
    snprintf(
        *text, SENTENCE,
        "Of each bin of a host's columns the guest gets up to %" PRIu64
        " exact sums of numbers that it knows. In tables of up to so many rows, linear algebra tells which rows are in the bin; in tables of "
        "up to about %" PRIu64
        " rows the sums determine it in principle, though it may be too much to compute. The job's guards: min_bin_rows %" PRIu64
        ", guest_trees %u. Fewer trees, less depth and fewer leaves lessen it too.%s",
        sums, exposure_rows(&parameters), parameters.min_bin_rows, (unsigned)parameters.guest_trees, lattice_warning(&parameters));
    return FATE_OK;
}
