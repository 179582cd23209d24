/* fate evaluate: brings scores and labels together by id and prints how good the scores are. */
#include "tools/columns.h"
#include "tools/commands.h"
#include "tools/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"scores", "FILE",
     "The scores that fate predict wrote: the id column and a column \"score\", or \"score_0\", \"score_1\", ... of several classes.", 0},
    {"labels", "FILE", "A table with the true labels; columns other than id, label and weight are not looked at.", 0},
    {"id", "COLUMN", "The name of the id column in both files.", 0},
    {"label", "COLUMN", "The name of the label column.", 0},
    {"weight", "COLUMN", "The name of a weight column in the table of labels.", 0},
    {"task", "TASK",
     "Of a single column: binary, regression, or auto: binary when labels are 0 and 1 and scores lie from 0 to 1 (the default).", 0},
    {"json", NULL, "Prints JSON instead of text.", 0},
};

/* Negative, zero or positive as the id of a row of one table stands before, at or after that of the other. */
static int compare_ids(const fate_table *first, uint64_t first_row, const fate_table *second, uint64_t second_row)
{
    uint64_t first_length, second_length;
    const uint8_t *one = fate_table_row_id(first, first_row, &first_length);
    const uint8_t *other = fate_table_row_id(second, second_row, &second_length);
    int order = memcmp(one, other, (size_t)(first_length < second_length ? first_length : second_length));
    return order ? order : first_length < second_length ? -1 : first_length > second_length;
}

/* The labels of the rows that are scored. */
struct labelled {
    uint64_t rows;
    double *labels, *weights; /* weights NULL: none */
};

static int missing_label(const fate_table *scores, uint64_t row, const struct arguments *arguments)
{
    uint64_t length;
    const uint8_t *id = fate_table_row_id(scores, row, &length);
    message_error("the id \"%.*s\" is in %s but not in %s: every score needs a label.", length < 100 ? (int)length : 100, (const char *)id,
                  options_text(arguments, "scores"), options_text(arguments, "labels"));
    return EXIT_INPUT;
}

/* Both tables stand in bytewise order of their ids. Labels without a score are left out: where tables were aligned, the rows that the parties do not
 * share have none. */
static int match_labels(const fate_table *scores, const fate_table *labels, const struct arguments *arguments, struct labelled *matched)
{
    const double *label = fate_table_label(labels), *weight = fate_table_weight(labels);
    uint64_t score_rows = fate_table_rows(scores), label_rows = fate_table_rows(labels);
    matched->labels = calloc((size_t)score_rows + 1, sizeof *matched->labels);
    matched->weights = weight ? calloc((size_t)score_rows + 1, sizeof *matched->weights) : NULL;
    if (!matched->labels || (weight && !matched->weights)) return message_failed(FATE_E_MEMORY, NULL);
    for (uint64_t row = 0, at = 0; row < score_rows; row++, at++) {
        while (at < label_rows && compare_ids(scores, row, labels, at) > 0) at++;
        if (at == label_rows || compare_ids(scores, row, labels, at) != 0) return missing_label(scores, row, arguments);
        matched->labels[row] = label[at];
        if (weight) matched->weights[row] = weight[at];
    }
    matched->rows = score_rows;
    if (label_rows > score_rows)
        message_note("%llu of the %llu rows of %s have no score and are left out.", (unsigned long long)(label_rows - score_rows),
                     (unsigned long long)label_rows, options_text(arguments, "labels"));
    return 0;
}

/* What the scores file holds: one column of scores, or one for each class. */
struct scored {
    uint32_t classes; /* 0: the column "score" */
    double *values;   /* row after row */
};

static const double *find_column(const fate_table *table, const char *name)
{
    for (uint32_t i = 0; i < fate_table_columns(table); i++)
        if (strcmp(fate_table_column_name(table, i), name) == 0) return fate_table_numbers(table, i);
    return NULL;
}

/* The column "score", or, when there is none, that of a class. */
static const double *find_class(const fate_table *table, uint32_t class)
{
    char name[24];
    snprintf(name, sizeof name, "score_%u", (unsigned)class);
    return find_column(table, name);
}

static int missing_score(const fate_table *table, const char *path, uint64_t row)
{
    uint64_t length;
    const uint8_t *id = fate_table_row_id(table, row, &length);
    message_error("%s has no score for the id \"%.*s\".", path, length < 100 ? (int)length : 100, (const char *)id);
    return EXIT_INPUT;
}

static int find_scores(const fate_table *table, const char *path, struct scored *scored)
{
    const double *single = find_column(table, "score");
    while (!single && find_class(table, scored->classes)) scored->classes++;
    if (!single && scored->classes < 2) {
        message_error("%s has no column \"score\", nor \"score_0\" and \"score_1\": it is not a file that fate predict wrote.", path);
        return EXIT_INPUT;
    }
    uint32_t width = single ? 1 : scored->classes;
    uint64_t rows = fate_table_rows(table);
    scored->values = calloc((size_t)(rows * width) + 1, sizeof *scored->values);
    if (!scored->values) return message_failed(FATE_E_MEMORY, NULL);
    for (uint32_t i = 0; i < width; i++) {
        const double *column = single ? single : find_class(table, i);
        for (uint64_t row = 0; row < rows; row++) {
            if (!(column[row] - column[row] == 0)) return missing_score(table, path, row); /* NaN: a missing value */
            scored->values[row * width + i] = column[row];
        }
    }
    return 0;
}

static int print_metrics(fate_context *context, const struct arguments *arguments, const struct scored *scored,
                         const struct labelled *labelled)
{
    const char *task = options_text(arguments, "task");
    fate_metrics *metrics = NULL;
    char *text = NULL;
    const double *label = labelled->labels, *weight = labelled->weights;
    uint64_t rows = labelled->rows;
    int32_t result = scored->classes > 0 ? fate_metrics_new_classes(context, &metrics, scored->classes, scored->values, label, weight, rows)
                                         : fate_metrics_new(context, &metrics, task ? task : "auto", scored->values, label, weight, rows);
    if (result == FATE_OK) result = fate_metrics_dump(metrics, options_given(arguments, "json") ? "json" : "text", &text);
    int code = 0;
    if (result == FATE_OK) {
        size_t length = strlen(text);
        printf("%s%s", text, length && text[length - 1] == '\n' ? "" : "\n");
    } else {
        code = message_context(context, result);
        if (result == FATE_E_ARGUMENT) /* labels or scores that do not fit the task */
            code = EXIT_INPUT;
    }
    fate_free(context, text);
    fate_metrics_free(metrics);
    return code;
}

static int check_task(const struct arguments *arguments)
{
    const char *task = options_text(arguments, "task");
    if (!task || strcmp(task, "auto") == 0 || strcmp(task, "binary") == 0 || strcmp(task, "regression") == 0) return 0;
    return message_usage("--task must be auto, binary or regression, not \"%s\".", task);
}

static int evaluate_files(fate_context *context, const struct arguments *arguments)
{
    fate_table *scores = NULL, *labels = NULL;
    struct scored scored = {0, NULL};
    struct labelled labelled = {0, NULL, NULL};
    const char *id = options_text(arguments, "id");
    int code = columns_read(context, &scores, options_text(arguments, "scores"), id, "score", NULL, NULL);
    if (!code) code = find_scores(scores, options_text(arguments, "scores"), &scored);
    if (!code)
        code = columns_read(context, &labels, options_text(arguments, "labels"), id, NULL, options_text(arguments, "label"),
                            options_text(arguments, "weight"));
    if (!code) code = match_labels(scores, labels, arguments, &labelled);
    if (!code && labelled.rows == 0) {
        message_error("%s holds no rows: there is nothing to evaluate.", options_text(arguments, "scores"));
        code = EXIT_INPUT;
    }
    if (!code) code = print_metrics(context, arguments, &scored, &labelled);
    free(labelled.labels);
    free(labelled.weights);
    free(scored.values);
    fate_table_free(labels);
    fate_table_free(scores);
    return code;
}

static int evaluate_run(const struct arguments *arguments)
{
    static const char *const required[] = {"scores", "labels", "id", "label", NULL};
    int code = options_require(arguments, required);
    if (!code) code = check_task(arguments);
    if (code) return code;
    fate_context *context = NULL;
    int32_t result = fate_context_new(&context, NULL);
    code = result == FATE_OK ? evaluate_files(context, arguments) : message_context(context, result);
    fate_context_free(context);
    return code;
}

const struct command command_evaluate = {
    "evaluate",
    "compares scores with labels: AUC, KS and others",
    "fate evaluate --scores FILE --labels FILE --id COLUMN --label COLUMN [--weight COLUMN]\n"
    "                     [--task binary|regression|auto] [--json]",
    options,
    sizeof options / sizeof options[0],
    0,
    "Rows are brought together by id. A score without a label is an error; labels without a score are left out,\n"
    "as after an alignment, and it says how many.\n",
    evaluate_run,
};
