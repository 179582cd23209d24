/* The measures of each fold of a cross-validation, their mean and their standard deviation. */
#ifndef TOOLS_FOLDS_H
#define TOOLS_FOLDS_H

#include <fate/fate.h>

/* Prints them on standard output. scores: of a cross-validation, with the column "fold"; labels: the table whose rows they are of. Returns 0,
 * or an exit code after the error was printed. */
int folds_print(fate_context *context, const fate_job *job, const fate_scores *scores, const fate_table *labels, int json);

#endif
