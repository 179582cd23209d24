/* Measures as JSON, and as text for readers. */
#include "lib/bytes.h"
#include "lib/number.h"
#include "src/data/metrics.h"
#include <math.h>
#include <string.h>

static void json_number(struct buffer *out, double value)
{
    char text[NUMBER_TEXT] = "null";
    if (isfinite(value)) number_write(text, value);
    buffer_text(out, text);
}

/* "first": ..., up to and without end. */
static void json_measures(struct buffer *out, const fate_metrics *metrics, int32_t first, int32_t end)
{
    for (int32_t i = first; i < end; i++) {
        buffer_format(out, "%s\"%s\": ", i > first ? ", " : "", metrics_name(i));
        json_number(out, metrics->values[i]);
    }
}

static void json_tenths(struct buffer *out, const char *name, const double *values)
{
    buffer_format(out, ", \"%s\": [", name);
    for (uint32_t i = 0; i < METRICS_TENTHS; i++) {
        buffer_text(out, i ? ", " : "");
        json_number(out, values[i]);
    }
    buffer_text(out, "]");
}

/* An array for each label, of the weights by predicted class. */
static void json_confusion(struct buffer *out, const fate_metrics *metrics)
{
    buffer_text(out, ", \"confusion_matrix\": [");
    for (uint32_t label = 0; label < metrics->classes; label++) {
        buffer_text(out, label ? ", [" : "[");
        for (uint32_t predicted = 0; predicted < metrics->classes; predicted++) {
            buffer_text(out, predicted ? ", " : "");
            json_number(out, metrics->confusion[(uint64_t)label * metrics->classes + predicted]);
        }
        buffer_text(out, "]");
    }
    buffer_text(out, "]");
}

static void write_json(struct buffer *out, const fate_metrics *metrics)
{
    buffer_text(out, "{");
    if (metrics->classes > 0) {
        json_measures(out, metrics, METRICS_ACCURACY, METRICS_ACCURACY + 1);
        buffer_text(out, ", ");
        json_measures(out, metrics, METRICS_MACRO_F1, METRICS_MACRO_F1 + 1);
        buffer_text(out, ", ");
        json_measures(out, metrics, METRICS_LOG_LOSS, METRICS_LOG_LOSS + 1);
        json_confusion(out, metrics);
    } else if (metrics->binary) {
        json_measures(out, metrics, METRICS_AUC, METRICS_LOG_LOSS + 1);
        json_tenths(out, "lift", metrics->lift);
        json_tenths(out, "gain", metrics->gain);
        buffer_text(out, ", \"confusion_matrix\": {");
        json_measures(out, metrics, METRICS_TRUE_POSITIVE, METRICS_FALSE_NEGATIVE + 1);
        buffer_text(out, "}");
    } else {
        json_measures(out, metrics, METRICS_RMSE, METRICS_R2 + 1);
    }
    buffer_text(out, "}\n");
}

/* A number with decimals digits after the point, at the right end of width characters; a point in every locale. */
static void text_number(struct buffer *out, double value, int32_t width, uint32_t decimals)
{
    char text[2 * NUMBER_TEXT] = "-";
    if (isfinite(value) && fabs(value) >= 1e12) {
        number_write(text, value);
    } else if (isfinite(value)) {
        uint64_t scale = 1;
        for (uint32_t i = 0; i < decimals; i++) scale *= 10;
        uint64_t scaled = (uint64_t)(fabs(value) * (double)scale + 0.5);
        char whole[NUMBER_TEXT], *at = text;
        number_write(whole, (double)(scaled / scale));
        if (value < 0 && scaled > 0) *at++ = '-';
        memcpy(at, whole, strlen(whole));
        at += strlen(whole);
        *at = decimals ? '.' : 0;
        for (uint32_t i = decimals; i > 0; i--, scaled /= 10) at[i] = (char)('0' + scaled % 10);
        at[decimals + (decimals > 0)] = 0;
    }
    buffer_format(out, "%*s", (int)width, text);
}

static void text_measures(struct buffer *out, const fate_metrics *metrics, int32_t first, int32_t end)
{
    for (int32_t i = first; i < end; i++) {
        buffer_format(out, "%-10s", metrics_name(i));
        text_number(out, metrics->values[i], 12, 6);
        buffer_text(out, "\n");
    }
}

static void text_row(struct buffer *out, const char *label, double one, double zero)
{
    bool whole = one == floor(one) && zero == floor(zero);
    buffer_format(out, "%-10s", label);
    text_number(out, one, 16, whole ? 0 : 4);
    text_number(out, zero, 16, whole ? 0 : 4);
    buffer_text(out, "\n");
}

static void text_classes(struct buffer *out, const fate_metrics *metrics)
{
    bool whole = true;
    text_measures(out, metrics, METRICS_ACCURACY, METRICS_ACCURACY + 1);
    text_measures(out, metrics, METRICS_MACRO_F1, METRICS_MACRO_F1 + 1);
    text_measures(out, metrics, METRICS_LOG_LOSS, METRICS_LOG_LOSS + 1);
    buffer_format(out, "\n%-10s%s\n%-10s", "", "predicted", "label");
    for (uint32_t i = 0; i < metrics->classes; i++) buffer_format(out, "%10u", (unsigned)i);
    for (uint64_t i = 0; i < (uint64_t)metrics->classes * metrics->classes; i++)
        whole = whole && metrics->confusion[i] == floor(metrics->confusion[i]);
    for (uint32_t label = 0; label < metrics->classes; label++) {
        buffer_format(out, "\n%-10u", (unsigned)label);
        for (uint32_t i = 0; i < metrics->classes; i++)
            text_number(out, metrics->confusion[(uint64_t)label * metrics->classes + i], 10, whole ? 0 : 3);
    }
    buffer_text(out, "\n");
}

static void write_text(struct buffer *out, const fate_metrics *metrics)
{
    if (metrics->classes > 0) {
        text_classes(out, metrics);
        return;
    }
    if (!metrics->binary) {
        text_measures(out, metrics, METRICS_RMSE, METRICS_R2 + 1);
        return;
    }
    text_measures(out, metrics, METRICS_AUC, METRICS_LOG_LOSS + 1);
    buffer_format(out, "\n%-10s%16s%16s\n", "", "predicted 1", "predicted 0");
    text_row(out, "label 1", metrics->values[METRICS_TRUE_POSITIVE], metrics->values[METRICS_FALSE_NEGATIVE]);
    text_row(out, "label 0", metrics->values[METRICS_FALSE_POSITIVE], metrics->values[METRICS_TRUE_NEGATIVE]);
    buffer_format(out, "\n%-10s%16s%16s\n", "best rows", "lift", "gain");
    for (uint32_t i = 0; i < METRICS_TENTHS; i++) {
        buffer_format(out, "%8u %%", 10 * (i + 1));
        text_number(out, metrics->lift[i], 16, 4);
        text_number(out, metrics->gain[i], 16, 4);
        buffer_text(out, "\n");
    }
}

FATE_API int32_t fate_metrics_dump(const fate_metrics *metrics, const char *format, char **text)
{
    struct buffer out;
    uint64_t length;
    if (text) *text = NULL;
    if (!metrics) return FATE_E_ARGUMENT;
    if (!format || !text || (strcmp(format, "json") != 0 && strcmp(format, "text") != 0))
        return context_bad_argument(metrics->context, "fate_metrics_dump: text is NULL, or format is neither \"json\" nor \"text\"");
    buffer_init(&out, metrics->context);
    if (strcmp(format, "json") == 0)
        write_json(&out, metrics);
    else
        write_text(&out, metrics);
    *text = (char *)buffer_take(&out, &length);
    buffer_free(&out);
    return *text ? FATE_OK : context_out_of_memory(metrics->context);
}
