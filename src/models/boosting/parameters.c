/* The parameters of vertical boosting: names and meanings are XGBoost's where it has the thing. */
#include "src/models/boosting/parameters.h"

#include <string.h>
#include "lib/context.h"
#include "src/models/boosting/classes.h"
#include "src/models/boosting/exposure.h"
#include "src/models/boosting/folds.h"
#include "src/models/boosting/gain.h"
#include "src/models/boosting/measure.h"
#include "src/models/boosting/objective.h"

/* Fractions and rates are above 0: the least that a job may ask for. */
#define LEAST_FRACTION 1e-6
/* Trees are numbered from 0, and numbers far above are used otherwise. */
#define MOST_TREES 100000000u

static const char PAILLIER[] = "paillier", OKAMOTO_UCHIYAMA[] = "okamoto-uchiyama", LATTICE[] = "lattice";

const fate_protocol_parameter parameters_table[PARAMETERS_COUNT] = {
    {"objective", FATE_PARAMETER_TEXT, "\"logistic\"", 0, 0, "logistic squared absolute huber quantile poisson gamma tweedie softmax",
     "the loss: logistic for labels 0 and 1; squared, absolute, huber and quantile for numbers; poisson and tweedie for numbers that are not "
     "below 0, gamma for numbers above 0; softmax for classes 0, 1, 2, ..."},
    {"classes", FATE_PARAMETER_INTEGER, "0", 0, CLASSES_MOST, NULL,
     "objective softmax: how many classes there are, at least 2; else 0. "
     "Learned: by the guest sums for each class, by hosts a tree's groups of rows for each class"},
    {"multi_strategy", FATE_PARAMETER_TEXT, "\"one_output_per_tree\"", 0, 0, "one_output_per_tree multi_output_tree",
     "objective softmax: a tree for each class, or trees whose leaves have a weight for every class, with the classes' gradients side by side in "
     "one ciphertext, or in as few as hold them, for up to 256 classes; these split categories one from all others, and a class whose sum of hessians in a leaf is below min_child_weight gets weight 0 there. "
     "Learned: with multi_output_tree hosts see one tree's groups of rows a round, and the guest sums for all classes at each of its nodes"},
    {"trees", FATE_PARAMETER_INTEGER, "10", 1, 100000, NULL,
     "how many trees are grown; objective softmax with one_output_per_tree: how many rounds, each with a tree for every class. Learned: "
     "with each tree the guest gets further exact sums of each bin, and hosts see further groups of rows"},
    {"depth", FATE_PARAMETER_INTEGER, "3", 1, 16, NULL,
     "most splits between the root and a leaf. Learned: with each level the guest gets sums at up to twice as many nodes, of fewer rows each, and "
     "hosts see smaller groups of rows"},
    {"learning_rate", FATE_PARAMETER_NUMBER, "0.3", LEAST_FRACTION, 1, NULL, "factor of every leaf's weight"},
    {"bins", FATE_PARAMETER_INTEGER, "32", 2, 65535, NULL,
     "most bins of a column; each costs 24 bytes a node in memory and an encrypted sum a node on the wire. "
     "Learned: with more bins the guest sees more closely how rows and their gradients lie in a column"},
    {"lambda", FATE_PARAMETER_NUMBER, "1", 0, 1e30, NULL, "L2 regularisation of leaf weights"},
    {"alpha", FATE_PARAMETER_NUMBER, "0", 0, 1e30, NULL, "L1 regularisation of leaf weights"},
    {"gamma", FATE_PARAMETER_NUMBER, "0", 0, 1e30, NULL, "gain that a split must exceed"},
    {"min_child_weight", FATE_PARAMETER_NUMBER, "1", 0, 1e30, NULL, "least sum of hessians on each side of a split"},
    {"subsample", FATE_PARAMETER_NUMBER, "1", LEAST_FRACTION, 1, NULL,
     "fraction of the rows that each tree is grown on. Learned: by hosts which rows these are; the guest's sums are of fewer rows each"},
    {"colsample_bytree", FATE_PARAMETER_NUMBER, "1", LEAST_FRACTION, 1, NULL,
     "fraction of each party's columns that each tree may use. Learned: by the guest, over many trees, which number stands at which place of a "
     "host's table"},
    {"colsample_bylevel", FATE_PARAMETER_NUMBER, "1", LEAST_FRACTION, 1, NULL,
     "fraction of the tree's columns of each party that each level may use; below 1, sums are taken for both children of a split, not for the "
     "smaller alone. Learned: as with colsample_bytree"},
    {"early_stopping_rounds", FATE_PARAMETER_INTEGER, "0", 0, 100000, NULL,
     "stop when the validation measure has not improved for so many trees and keep the best; 0: never; needs validation tables. Learned: "
     "with those the guest sees the outcomes of hosts' conditions for their rows; hosts see how many trees are kept"},
    {"base_score", FATE_PARAMETER_NUMBER, "0.5", -1e30, 1e30, NULL,
     "the score before the first tree: a probability for logistic, above 0 for poisson, gamma and tweedie, else any number; softmax: the margin of every class"},
    {"min_bin_rows", FATE_PARAMETER_INTEGER, "5", 1, 4294967295.0, NULL,
     "bins with fewer rows are merged before anything is sent; 1: none. Learned: less by the guest, whose sums are of more rows"},
    {"guest_trees", FATE_PARAMETER_INTEGER, "0", 0, 100000, NULL,
     "how many of the first trees use the guest's columns alone. Learned: of these trees by hosts the shape alone, by the guest nothing"},
    {"folds", FATE_PARAMETER_INTEGER, "0", 0, FOLDS_MOST, NULL,
     "cross-validation: the rows are dealt into so many folds, from 2 on, each is scored by trees grown on the others, and no model is kept; 0: none. "
     "Learned: by hosts which rows are in which fold; with each fold the guest gets further sums, as with further trees"},
    {"cipher", FATE_PARAMETER_TEXT, "\"paillier\"", 0, 0, "paillier okamoto-uchiyama lattice",
     "how gradients are encrypted; okamoto-uchiyama is faster and half as long, and only for parties that follow the protocol; lattice is EXPERIMENTAL, "
     "reviewed by nobody outside the project, and much faster after a hint that each host sends once. Learned: with okamoto-uchiyama the same; a "
     "host that cheats makes the guest give its key up and end the job. With lattice a host learns less: neither samples nor which rows are together, "
     "but the rows of the nodes that its own columns split; the guest the same sums, but no numbers of rows where it does not need them"},
    {"key_bits", FATE_PARAMETER_INTEGER, "2048", 2048, 3072, NULL,
     "length of the guest's encryption key, which the cipher lattice has not: 2048 or 3072. Learned: the same; the longer key stands longer against attacks on what was recorded"},
    {"lattice_profile", FATE_PARAMETER_TEXT, "\"B\"", 0, 0, "B C A",
     "cipher lattice: how large it is; C is for longer sums and more security, and takes half as much again; A takes half of B. Learned: the same, but "
     "for what the replies tell the guest beyond the sums: with B at most 2^-38 over a training, with C less; with A up to a quarter of a bit of which rows "
     "are in a bin of mean size, more of larger bins, and what hides the rest is less well understood"},
    {"lattice_vectors", FATE_PARAMETER_INTEGER, "0", 0, 4294967295.0, NULL,
     "cipher lattice: keep the hint in the stores of all parties, and use it again in further trainings of the same parties on the same rows and bins, until so many "
     "vectors were encrypted under it; 0: the hint is for this training alone. Learned: that a host's table and bins are the same as before, and with them "
     "its columns' numbers, by the guest; the bound on what replies tell beyond the sums then holds for all these trainings together, and so do the sums: those of every "
     "further training say more about which rows are in a bin"},
    {"seed", FATE_PARAMETER_INTEGER, "0", 0, 9007199254740991.0, NULL, "of the sampling of rows and columns, never of cryptography"},
    {"min_samples", FATE_PARAMETER_INTEGER, "1", 1, 4294967295.0, NULL, "least number of the tree's rows on each side of a split"},
    {"max_leaves", FATE_PARAMETER_INTEGER, "0", 0, 65536, NULL,
     "most leaves of a tree; 0: as many as the depth allows. Learned: less with fewer"},
    {"grow", FATE_PARAMETER_TEXT, "\"depth-wise\"", 0, 0, "depth-wise leaf-wise",
     "which splits a tree with max_leaves makes: depth-wise level by level, of the last level those with the greatest gains; leaf-wise always "
     "the one with the greatest gain of all leaves. Learned: leaf-wise some more splits are tried, and hosts see those too"},
    {"category_splits", FATE_PARAMETER_TEXT, "\"sorted\"", 0, 0, "sorted one-vs-rest",
     "how categories are split: into two groups by their sorted mean gradients, or one from all others"},
    {"goss_top", FATE_PARAMETER_NUMBER, "0", 0, 1, NULL,
     "gradient-based sampling: the fraction of the rows with the greatest gradients, which each tree keeps; 0: none. Learned: by hosts which rows "
     "are kept: tree after tree those whose labels the model misses"},
    {"goss_other", FATE_PARAMETER_NUMBER, "0", 0, 1, NULL,
     "gradient-based sampling: the fraction of the rows that is drawn from the others, and counts for all of them"},
    {"scale_pos_weight", FATE_PARAMETER_NUMBER, "1", LEAST_FRACTION, 1e6, NULL,
     "objective logistic: factor of the weight of rows with label 1 in training, not in measures"},
    {"huber_delta", FATE_PARAMETER_NUMBER, "1", LEAST_FRACTION, 1e30, NULL,
     "objective or metric huber: errors beyond it count as absolute, smaller ones as squared"},
    {"quantile_alpha", FATE_PARAMETER_NUMBER, "0.5", LEAST_FRACTION, 1 - LEAST_FRACTION, NULL,
     "objective quantile or metric pinball: the share of labels that shall lie below the score"},
    {"tweedie_power", FATE_PARAMETER_NUMBER, "1.5", 1 + LEAST_FRACTION, 2 - LEAST_FRACTION, NULL,
     "objective tweedie or metric tweedie_deviance: variance grows with the mean to this power; near 1 as poisson, near 2 as gamma"},
    {"metric", FATE_PARAMETER_TEXT, "\"auto\"", 0, 0,
     "auto log_loss rmse mae huber pinball poisson_deviance gamma_deviance tweedie_deviance auc ks accuracy precision recall f1 macro_f1 r2",
     "the measure that is reported and that early stopping watches; auto: that of the objective's own loss"},
};

/* Collects the first failure of a getter. */
struct parameter_reader {
    const fate_job *job;
    int32_t result;
};

static int64_t read_integer(struct parameter_reader *reader, const char *name)
{
    int64_t value = 0;
    int32_t result = fate_job_integer(reader->job, name, &value);
    if (reader->result == FATE_OK) {
        reader->result = result;
    }
    return value;
}

static double read_number(struct parameter_reader *reader, const char *name)
{
    double value = 0;
    int32_t result = fate_job_number(reader->job, name, &value);
    if (reader->result == FATE_OK) {
        reader->result = result;
    }
    return value;
}

/* The parameter that was given but belongs to another objective, and to another one's measure; NULL: none. */
static const char *unused_by_objective(const struct boosting_parameters *parameters)
{
    const struct {
        const char *name;
        bool given;
        int32_t objective, measure;
    } owned[] = {
        {"scale_pos_weight", parameters->scale_pos_weight != 1, OBJECTIVE_LOGISTIC, MEASURE_END},
        {"huber_delta", parameters->huber_delta != 1, OBJECTIVE_HUBER, MEASURE_HUBER},
        {"quantile_alpha", parameters->quantile_alpha != 0.5, OBJECTIVE_QUANTILE, MEASURE_PINBALL},
        {"tweedie_power", parameters->tweedie_power != 1.5, OBJECTIVE_TWEEDIE, MEASURE_TWEEDIE_DEVIANCE},
    };
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
        if (owned[i].given && parameters->objective != owned[i].objective && parameters->measure != owned[i].measure) {
            return owned[i].name;
        }
    }
    return NULL;
}

/* What must fit the objective. */
static int32_t check_objective(fate_context *context, const struct boosting_parameters *parameters)
{
    if ((parameters->objective == OBJECTIVE_SOFTMAX) != (parameters->outputs > 1) || parameters->outputs == 0) {
        return context_fail(context, FATE_E_JOB,
                            "parameters.classes must be at least 2 with the objective \"softmax\", and left out with others");
    }
    if (parameters->tree_outputs > GAIN_OUTPUTS_MOST) {
        return context_fail(context, FATE_E_JOB, "parameters.multi_strategy must be \"one_output_per_tree\" with more than %d classes",
                            (int)GAIN_OUTPUTS_MOST);
    }
    const char *unused = unused_by_objective(parameters);
    if (unused != NULL) {
        return context_fail(context, FATE_E_JOB, "parameters.%s does nothing with the objective \"%s\": leave it out", unused,
                            objective_name(parameters->objective));
    }
    if (!measure_fits(parameters->measure, parameters->objective)) {
        return context_fail(context, FATE_E_JOB, "parameters.metric is \"%s\", which does not fit the objective \"%s\"",
                            measure_name(parameters->measure), objective_name(parameters->objective));
    }
    return FATE_OK;
}

static int32_t check_trees(fate_context *context, const struct boosting_parameters *parameters)
{
    if (parameters->max_leaves == 1) {
        return context_fail(context, FATE_E_JOB, "parameters.max_leaves is 1: choose 2 or more, or 0 for as many as the depth allows");
    }
    if (parameters->leaf_wise && parameters->max_leaves == 0) {
        return context_fail(context, FATE_E_JOB,
                            "parameters.grow is \"leaf-wise\", which needs max_leaves: without it both ways grow the same tree");
    }
    if ((parameters->goss_top > 0) != (parameters->goss_other > 0) || parameters->goss_top + parameters->goss_other > 1) {
        return context_fail(context, FATE_E_JOB,
                            "parameters.goss_top and goss_other must both be above 0 and at most 1 together, or both be 0");
    }
    if (parameters->goss_top > 0 && parameters->subsample < 1) {
        return context_fail(context, FATE_E_JOB, "parameters.subsample must be 1 where goss_top is given: both choose the rows of a tree");
    }
    return FATE_OK;
}

static int32_t check_folds(fate_context *context, const struct boosting_parameters *parameters)
{
    if (parameters->folds == 1) {
        return context_fail(context, FATE_E_JOB, "parameters.folds is 1: choose 2 or more, or 0 to train a model");
    }
    if (parameters->folds > 0 && (parameters->early_stopping_rounds > 0 || parameters->goss_top > 0)) {
        return context_fail(context, FATE_E_JOB, "parameters.%s cannot be given together with folds",
                            parameters->goss_top > 0 ? "goss_top" : "early_stopping_rounds");
    }
    if (parameters->trees / (parameters->folds > 0 ? parameters->folds : 1) != parameters->fold_trees || parameters->trees > MOST_TREES) {
        return context_fail(context, FATE_E_JOB, "parameters.trees, classes and folds give more than %u trees together", MOST_TREES);
    }
    return FATE_OK;
}

static int32_t check_values(fate_context *context, const struct boosting_parameters *parameters)
{
    if (!objective_base_fits(parameters->objective, parameters->base_score)) {
        return context_fail(context, FATE_E_JOB, "parameters.base_score must %s with the objective \"%s\"",
                            parameters->objective == OBJECTIVE_LOGISTIC ? "lie between 0 and 1, both excluded," : "be above 0",
                            objective_name(parameters->objective));
    }
    int32_t result = check_objective(context, parameters);
    if (result == FATE_OK) {
        result = check_trees(context, parameters);
    }
    if (result != FATE_OK) {
        return result;
    }
    if (parameters->key_bits != 2048 && parameters->key_bits != 3072) {
        return context_fail(context, FATE_E_JOB, "parameters.key_bits is %u: choose 2048 or 3072", (unsigned)parameters->key_bits);
    }
    if (parameters->lattice != NULL && parameters->key_bits != 2048) {
        return context_fail(
            context, FATE_E_JOB,
            "parameters.key_bits does nothing with the cipher \"lattice\": leave it out (lattice_profile \"C\" has more security)");
    }
    result = check_folds(context, parameters);
    if (result != FATE_OK) {
        return result;
    }
    if (parameters->guest_trees > parameters->fold_trees) {
        return context_fail(context, FATE_E_JOB, "parameters.guest_trees is %u but there are only %u trees: choose at most that many",
                            (unsigned)(parameters->guest_trees / parameters->round_trees),
                            (unsigned)(parameters->fold_trees / parameters->round_trees));
    }
    return FATE_OK;
}

static void read_cipher(struct boosting_parameters *parameters, const char *cipher, const char *lattice)
{
    bool by_lattice = strcmp(cipher, LATTICE) == 0;
    parameters->cipher = by_lattice ? LATTICE : strcmp(cipher, OKAMOTO_UCHIYAMA) == 0 ? OKAMOTO_UCHIYAMA : PAILLIER;
    parameters->lattice = by_lattice ? lattice_profile_find(lattice) : NULL;
}

int32_t parameters_read(fate_context *context, struct boosting_parameters *parameters, const fate_job *job)
{
    struct parameter_reader reader = {.job = job, .result = FATE_OK};
    const char *objective = NULL, *metric = NULL, *cipher = NULL, *categories = NULL, *strategy = NULL, *grow = NULL, *lattice = NULL;
    int32_t result = fate_job_text(job, "objective", &objective);
    if (result == FATE_OK) {
        result = fate_job_text(job, "metric", &metric);
    }
    if (result == FATE_OK) {
        result = fate_job_text(job, "cipher", &cipher);
    }
    if (result == FATE_OK) {
        result = fate_job_text(job, "lattice_profile", &lattice);
    }
    if (result == FATE_OK) {
        result = fate_job_text(job, "category_splits", &categories);
    }
    if (result == FATE_OK) {
        result = fate_job_text(job, "multi_strategy", &strategy);
    }
    if (result == FATE_OK) {
        result = fate_job_text(job, "grow", &grow);
    }
    if (result != FATE_OK) {
        return result;
    }
    parameters->objective = objective_find(objective);
    parameters->measure = measure_find(metric, parameters->objective);
    bool together = strcmp(strategy, "multi_output_tree") == 0;
    if (together && parameters->objective != OBJECTIVE_SOFTMAX) {
        return context_fail(context, FATE_E_JOB, "parameters.multi_strategy does nothing with the objective \"%s\": leave it out",
                            objective);
    }
    if (parameters->objective == 0 || parameters->measure == 0) {
        return context_fail(context, FATE_E_JOB, "parameters.objective or parameters.metric is none that this version knows");
    }
    read_cipher(parameters, cipher, lattice);
    if (parameters->lattice == NULL && strcmp(lattice, "B") != 0) {
        return context_fail(context, FATE_E_JOB, "parameters.lattice_profile does nothing with the cipher \"%s\": leave it out", cipher);
    }
    parameters->lattice_vectors = (uint64_t)read_integer(&reader, "lattice_vectors");
    if (parameters->lattice == NULL && parameters->lattice_vectors > 0) {
        return context_fail(context, FATE_E_JOB, "parameters.lattice_vectors does nothing with the cipher \"%s\": leave it out", cipher);
    }
    uint32_t classes = (uint32_t)read_integer(&reader, "classes");
    parameters->outputs = classes == 0 ? 1 : classes == 1 ? 0 : classes; /* 0 is refused below */
    parameters->round_trees = together ? 1 : parameters->outputs;
    parameters->tree_outputs = together ? parameters->outputs : 1;
    parameters->trees = (uint32_t)read_integer(&reader, "trees") * parameters->round_trees;
    parameters->folds = (uint32_t)read_integer(&reader, "folds");
    parameters->fold_trees = parameters->trees;
    parameters->trees *= parameters->folds > 0 ? parameters->folds : 1;
    parameters->depth = (uint32_t)read_integer(&reader, "depth");
    parameters->learning_rate = read_number(&reader, "learning_rate");
    parameters->bins = (uint32_t)read_integer(&reader, "bins");
    parameters->lambda = read_number(&reader, "lambda");
    parameters->alpha = read_number(&reader, "alpha");
    parameters->gamma = read_number(&reader, "gamma");
    parameters->min_child_weight = read_number(&reader, "min_child_weight");
    parameters->subsample = read_number(&reader, "subsample");
    parameters->colsample_bytree = read_number(&reader, "colsample_bytree");
    parameters->colsample_bylevel = read_number(&reader, "colsample_bylevel");
    parameters->early_stopping_rounds = (uint32_t)read_integer(&reader, "early_stopping_rounds") * parameters->round_trees;
    parameters->base_score = read_number(&reader, "base_score");
    parameters->min_bin_rows = (uint64_t)read_integer(&reader, "min_bin_rows");
    parameters->guest_trees = (uint32_t)read_integer(&reader, "guest_trees") * parameters->round_trees;
    parameters->key_bits = (uint32_t)read_integer(&reader, "key_bits");
    parameters->seed = (uint64_t)read_integer(&reader, "seed");
    parameters->one_vs_rest = together || strcmp(categories, "one-vs-rest") == 0;
    parameters->leaf_wise = strcmp(grow, "leaf-wise") == 0;
    parameters->min_samples = (uint64_t)read_integer(&reader, "min_samples");
    parameters->max_leaves = (uint32_t)read_integer(&reader, "max_leaves");
    parameters->goss_top = read_number(&reader, "goss_top");
    parameters->goss_other = read_number(&reader, "goss_other");
    parameters->scale_pos_weight = read_number(&reader, "scale_pos_weight");
    parameters->huber_delta = read_number(&reader, "huber_delta");
    parameters->quantile_alpha = read_number(&reader, "quantile_alpha");
    parameters->tweedie_power = read_number(&reader, "tweedie_power");
    return reader.result == FATE_OK ? check_values(context, parameters) : reader.result;
}

int32_t parameters_check(fate_context *context, const fate_job *job)
{
    struct boosting_parameters parameters;
    int32_t result = parameters_read(context, &parameters, job);
    if (result == FATE_OK && parameters.lattice_vectors > 0 && parameters.lattice_vectors < exposure_sums(&parameters)) {
        return context_fail(
            context, FATE_E_JOB,
            "parameters.lattice_vectors is %llu, but this training alone may encrypt %llu vectors: raise it, or leave it out",
            (unsigned long long)parameters.lattice_vectors, (unsigned long long)exposure_sums(&parameters));
    }
    return result;
}

int32_t parameters_check_validation(fate_context *context, const struct boosting_parameters *parameters, bool has_validation)
{
    if (parameters->folds > 0 && has_validation) {
        return context_fail(context, FATE_E_JOB, "parameters.folds is %u: a cross-validation takes no validation table",
                            (unsigned)parameters->folds);
    }
    if (parameters->early_stopping_rounds > 0 && !has_validation) {
        return context_fail(context, FATE_E_JOB,
                            "parameters.early_stopping_rounds is %u but there is no validation table: give one, or set it to 0",
                            (unsigned)(parameters->early_stopping_rounds / parameters->round_trees));
    }
    return FATE_OK;
}
