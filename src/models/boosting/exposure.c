/* How far exact sums go in a job. */
#include "src/models/boosting/exposure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "lib/context.h"
#include "lib/mathematics.h"
#include "src/crypto/kernel.h"
#include "src/models/boosting/columns.h"
#include "src/models/boosting/objective.h"

enum { SENTENCE = 2400, SPEED = 900, KEPT = 256 };

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

/* What a row of a tree costs: bytes on the way to each host, and microseconds of two processors with AVX2 as make bench-boosting measures them. */
struct cost {
    double bytes, time;
};

/* Up to which speed of the link, in Mbit/s, the cipher with fewer bytes is faster though it takes longer; 0: the other one has no more bytes. */
static double crossing(struct cost lattice, struct cost other)
{
    return lattice.bytes <= other.bytes ? 0 : 8 * (lattice.bytes - other.bytes) / (other.time - lattice.time);
}

static double vectors_of_tree(const struct boosting_parameters *parameters)
{
    return 2 * (double)(1 + splits_followed(parameters) * (columns_by_level(parameters) ? 2 : 1)) + 1;
}

static uint64_t whole(double number)
{
    return (uint64_t)(number + 0.5);
}

/* Microseconds a row with this machine's kernel, on two processors of the machine on which they were measured (`make bench-boosting`). */
static void kernel_times(const char *kernel, struct cost *paillier, struct cost *okamoto, struct cost *lattice, double vectors)
{
    const bool wide = strcmp(kernel, "avx512") == 0, lanes = wide || strcmp(kernel, "avx2") == 0;
    paillier->time = wide ? 14 : lanes ? 32 : 190;
    okamoto->time = wide ? 6.3 : lanes ? 14 : 84;
    lattice->time = (lanes ? 0.1 : 0.3) * vectors;
}

/* Computing and sending overlap: the slower of the two, in tenths of a microsecond a row. */
static uint64_t tenths(const fate_context *context, struct cost cost)
{
    const double computed = cost.time * context->link.slowness * 2 / context->threads, sent = 8 * cost.bytes / context->link.megabits;
    return whole(10 * (computed > sent ? computed : sent));
}

/* For this machine and a link that is known. */
static void describe_link(const fate_context *context, const struct boosting_parameters *parameters, char *text, uint64_t size,
                          struct cost *paillier, struct cost *okamoto, struct cost *lattice)
{
    const struct lattice_profile *profile = parameters->lattice != NULL ? parameters->lattice : lattice_profile_find("B");
    const struct context_link *link = &context->link;
    const char *kernel = kernel_of(context)->name;
    kernel_times(kernel, paillier, okamoto, lattice, vectors_of_tree(parameters));
    const uint64_t times[] = {tenths(context, *paillier), tenths(context, *okamoto), tenths(context, *lattice)};
    const uint64_t hint = whole(10 * 8 * (double)profile->degree * profile->bytes / link->megabits / 1000);
    const char *best = times[2] < times[1] && times[2] < times[0] ? "lattice" : times[1] < times[0] ? "okamoto-uchiyama" : "paillier";
    snprintf(text, size,
             "With a link of %" PRIu64 " Mbit/s and this machine (kernel %s, threads: %u) a row of a tree takes about %" PRIu64 ".%" PRIu64
             " us with paillier, %" PRIu64 ".%" PRIu64 " with okamoto-uchiyama and %" PRIu64 ".%" PRIu64
             " with lattice, whose hint takes %" PRIu64 ".%" PRIu64 " ms a bin on the link; round trips add %" PRIu64
             " ms to a tree with any of them. Of trees %s would be the fastest.",
             whole(link->megabits), kernel, (unsigned)context->threads, times[0] / 10, times[0] % 10, times[1] / 10, times[1] % 10,
             times[2] / 10, times[2] % 10, hint / 10, hint % 10, whole(4 * parameters->depth * link->milliseconds), best);
}

/* Which cipher would be faster, where there are figures for it: microseconds a row on two processors with AVX2, of `make bench-boosting`. Of the
 * others encryption alone, which is most of a tree of few columns; of the lattice cipher whole trees of a million rows. */
static void describe_speed(const fate_context *context, const struct boosting_parameters *parameters, char *text, uint64_t size)
{
    const struct lattice_profile *profile = parameters->lattice != NULL ? parameters->lattice : lattice_profile_find("B");
    const double vectors = vectors_of_tree(parameters);
    struct cost paillier = {512, 33}, okamoto = {256, 14}, lattice = {vectors * profile->bytes, 0.1 * vectors};
    text[0] = 0;
    if (parameters->tree_outputs > 1 || parameters->key_bits != 2048) {
        if (context->link.megabits > 0) snprintf(text, size, " Speed: there are figures for one output and keys of 2048 bits alone.");
        return;
    }
    if (lattice.time >= okamoto.time && context->link.megabits == 0) return;
    const double first = crossing(lattice, paillier), second = crossing(lattice, okamoto);
    int used = snprintf(
        text, size,
        " Speed: for each row of a tree the guest sends each host 512 bytes with the cipher paillier, 256 with okamoto-uchiyama, and about "
        "%" PRIu64 " with lattice (EXPERIMENTAL; profile %s), whose hosts send a hint of %" PRIu64
        " KB for each bin before the first tree. ",
        whole(lattice.bytes), profile->name, whole((double)profile->degree * profile->bytes / 1000));
    if (context->link.megabits > 0)
        describe_link(context, parameters, text + used, size - (uint64_t)used, &paillier, &okamoto, &lattice);
    else if (second == 0)
        snprintf(text + used, size - (uint64_t)used, "After the hint lattice is the fastest on any link.");
    else if (first == 0)
        snprintf(text + used, size - (uint64_t)used,
                 "After the hint lattice is faster than paillier on any link, and than okamoto-uchiyama above about %" PRIu64 " Mbit/s.",
                 whole(second));
    else
        snprintf(text + used, size - (uint64_t)used,
                 "After the hint lattice is faster than paillier on links above about %" PRIu64
                 " Mbit/s, and than okamoto-uchiyama above %" PRIu64 ".",
                 whole(first), whole(second));
}

/* With a hint that is kept. */
static void describe_kept(const struct boosting_parameters *parameters, char *text, uint64_t size)
{
    text[0] = 0;
    if (parameters->lattice_vectors == 0) return;
    snprintf(
        text, size,
        " Hints are kept for further trainings on the same rows and bins (lattice_vectors): under one hint the guest gets up to %" PRIu64
        " such sums of each bin, and can tell a host's columns again.",
        parameters->lattice_vectors);
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
    char speed[SPEED], kept[KEPT];
    describe_kept(&parameters, kept, sizeof kept);
    describe_speed(context, &parameters, speed, sizeof speed);
    snprintf(
        *text, SENTENCE,
        "Of each bin of a host's columns the guest gets up to %" PRIu64
        " exact sums of numbers that it knows. In tables of up to so many rows, linear algebra tells which rows are in the bin; in tables of "
        "up to about %" PRIu64
        " rows the sums determine it in principle, though it may be too much to compute. The job's guards: min_bin_rows %" PRIu64
        ", guest_trees %u. Fewer trees, less depth and fewer leaves lessen it too.%s%s%s",
        sums, exposure_rows(&parameters), parameters.min_bin_rows, (unsigned)parameters.guest_trees, kept, lattice_warning(&parameters),
        speed);
    return FATE_OK;
}
