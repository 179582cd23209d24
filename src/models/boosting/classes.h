/* Several classes: softmax. A row's margins are one number for each class; its scores are their shares of the sum of exponentials. */
#ifndef SRC_MODELS_BOOSTING_CLASSES_H
#define SRC_MODELS_BOOSTING_CLASSES_H

#include <stdint.h>

/* Most classes of a job or model. */
enum { CLASSES_MOST = 1000 };

/* Room for the name of a column of scores. */
enum { CLASSES_NAME = 24 };

/* probabilities[k] = exp(margins[k]) / sum over all classes. The greatest margin is taken off first, so that nothing overflows; margins that
 * are not finite give NaN. The arrays may be one. */
void classes_probabilities(const double *margins, double *probabilities, uint32_t classes);

/* The column of scores of one class: "score_0", ...; "score" where there is one output alone. Returns name. */
const char *classes_score_name(char name[CLASSES_NAME], uint32_t outputs, uint32_t output);

/* The column of a tree's leaves: "leaf_1" for tree 0. Returns name. */
const char *classes_leaf_name(char name[CLASSES_NAME], uint32_t tree);

#endif
