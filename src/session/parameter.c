/* Values of parameters: kind, range and choices. */
#include "src/session/parameter.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lib/number.h"
#include "src/session/canonical.h"
#include "src/session/nearest.h"

enum { PARAMETER_CHOICES = 32, PARAMETER_CHOICE = 64 };
/* Every integer of at most this size is a double. */
static const double exact_integer = 9007199254740992.0;

static bool minimum_holds(const fate_context *context, const fate_protocol_parameter *parameter)
{
#ifdef FATE_TEST_BUILD
    return !(context->accepts_small_keys && strcmp(parameter->name, "key_bits") == 0);
#else
    (void)context;
    (void)parameter;
    return true;
#endif
}

static int32_t check_range(fate_context *context, const fate_protocol_parameter *parameter, double number, int32_t code, const char *where)
{
    if (number >= parameter->minimum && number <= parameter->maximum) return FATE_OK;
    if (number < parameter->minimum && !minimum_holds(context, parameter)) return FATE_OK;
    char shown[NUMBER_TEXT], bound[NUMBER_TEXT];
    number_write(shown, number);
    const bool low = number < parameter->minimum;
    number_write(bound, low ? parameter->minimum : parameter->maximum);
    return context_fail(context, code, "%s%s is %s, but must be at %s %s", where, parameter->name, shown, low ? "least" : "most", bound);
}

static const char *kind_text(uint32_t kind)
{
    switch (kind) {
    case FATE_PARAMETER_INTEGER: return "a whole number";
    case FATE_PARAMETER_NUMBER: return "a number";
    default: return "a text in quotes";
    }
}

static int32_t wrong_kind(fate_context *context, const fate_protocol_parameter *parameter, int32_t code, const char *where)
{
    return context_fail(context, code, "%s%s must be %s", where, parameter->name, kind_text(parameter->kind));
}

static int32_t read_integer(fate_context *context, struct parameter_value *value, const fate_protocol_parameter *parameter,
                            const json_t *given, int32_t code, const char *where)
{
    if (json_is_integer(given)) {
        value->integer = json_integer_value(given);
    } else if (json_is_real(given)) {
        const double real = json_real_value(given);
        if (!(fabs(real) <= exact_integer) || real != floor(real)) return wrong_kind(context, parameter, code, where);
        value->integer = (int64_t)real;
    } else {
        return wrong_kind(context, parameter, code, where);
    }
    return check_range(context, parameter, (double)value->integer, code, where);
}

static int32_t read_number(fate_context *context, struct parameter_value *value, const fate_protocol_parameter *parameter,
                           const json_t *given, int32_t code, const char *where)
{
    if (!json_is_number(given)) return wrong_kind(context, parameter, code, where);
    value->number = json_number_value(given);
    if (value->number == 0) value->number = 0; /* one zero, without a sign */
    return check_range(context, parameter, value->number, code, where);
}

/* Splits choices at blanks into names; at most PARAMETER_CHOICES of them, each cut to fit. */
static uint32_t split_choices(char names[][PARAMETER_CHOICE], const char *choices)
{
    uint32_t count = 0;
    for (const char *at = choices; *at != '\0' && count < PARAMETER_CHOICES;) {
        const size_t length = strcspn(at, " ");
        if (length > 0 && length < PARAMETER_CHOICE) {
            memcpy(names[count], at, length);
            names[count++][length] = '\0';
        }
        at += length + (at[length] == ' ' ? 1 : 0);
    }
    return count;
}

static int32_t check_choice(fate_context *context, const fate_protocol_parameter *parameter, const char *text, int32_t code,
                            const char *where)
{
    char names[PARAMETER_CHOICES][PARAMETER_CHOICE];
    const char *known[PARAMETER_CHOICES];
    char shown[256], nearest[256];
    const uint32_t count = split_choices(names, parameter->choices);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(names[i], text) == 0) return FATE_OK;
        known[i] = names[i];
    }
    nearest_names(nearest, sizeof nearest, text, known, count);
    canonical_show(shown, sizeof shown, text);
    return context_fail(context, code, "%s%s is \"%s\", which is not one of: %s; nearest is %s", where, parameter->name, shown,
                        parameter->choices, nearest);
}

static int32_t read_text(fate_context *context, struct parameter_value *value, const fate_protocol_parameter *parameter,
                         const json_t *given, int32_t code, const char *where)
{
    if (!json_is_string(given)) return wrong_kind(context, parameter, code, where);
    const char *text = json_string_value(given);
    if (parameter->choices != NULL) {
        const int32_t result = check_choice(context, parameter, text, code, where);
        if (result != FATE_OK) return result;
    }
    value->text = memory_text(context, text);
    return value->text == NULL ? context_out_of_memory(context) : FATE_OK;
}

int32_t parameter_read(fate_context *context, struct parameter_value *value, const fate_protocol_parameter *parameter, const json_t *given,
                       int32_t code, const char *where)
{
    memset(value, 0, sizeof *value);
    switch (parameter->kind) {
    case FATE_PARAMETER_INTEGER: return read_integer(context, value, parameter, given, code, where);
    case FATE_PARAMETER_NUMBER: return read_number(context, value, parameter, given, code, where);
    default: return read_text(context, value, parameter, given, code, where);
    }
}

int32_t parameter_read_preset(fate_context *context, struct parameter_value *value, const fate_protocol_parameter *parameter, int32_t code,
                              const char *where)
{
    json_error_t error;
    json_t *given = json_loads(parameter->preset, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (given == NULL) {
        if (json_error_code(&error) == json_error_out_of_memory) return context_out_of_memory(context);
        return context_fail(context, code, "%s%s has a default that is no JSON value: %s", where, parameter->name, error.text);
    }
    const int32_t result = parameter_read(context, value, parameter, given, code, where);
    json_decref(given);
    return result;
}

void parameter_free(fate_context *context, struct parameter_value *value)
{
    memory_free(context, value->text);
    value->text = NULL;
}

void parameter_write(struct buffer *buffer, const fate_protocol_parameter *parameter, const struct parameter_value *value)
{
    char number[NUMBER_TEXT];
    switch (parameter->kind) {
    case FATE_PARAMETER_INTEGER: buffer_format(buffer, "%" PRId64, value->integer); break;
    case FATE_PARAMETER_NUMBER:
        number_write(number, value->number);
        buffer_text(buffer, number);
        break;
    default: canonical_text(buffer, value->text); break;
    }
}
