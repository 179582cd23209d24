/* Several classes: softmax. */
#include "src/models/boosting/classes.h"

#include <stdio.h>
#include "lib/mathematics.h"

void classes_probabilities(const double *margins, double *probabilities, uint32_t classes)
{
    double greatest = margins[0], sum = 0;
    for (uint32_t k = 1; k < classes; k++) {
        greatest = margins[k] > greatest ? margins[k] : greatest;
    }
    for (uint32_t k = 0; k < classes; k++) {
        probabilities[k] = mathematics_exp(margins[k] - greatest);
        sum += probabilities[k];
    }
    for (uint32_t k = 0; k < classes; k++) {
        probabilities[k] /= sum;
    }
}

const char *classes_score_name(char name[CLASSES_NAME], uint32_t outputs, uint32_t output)
{
    if (outputs == 1) {
        snprintf(name, CLASSES_NAME, "score");
    } else {
        snprintf(name, CLASSES_NAME, "score_%u", (unsigned)output);
    }
    return name;
}

const char *classes_leaf_name(char name[CLASSES_NAME], uint32_t tree)
{
    snprintf(name, CLASSES_NAME, "leaf_%u", (unsigned)tree + 1);
    return name;
}
