/* A page about an algorithm, written from the tables that run: roles, messages, rounds, what is learned, limits, parameters. */
#include "src/session/describe.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "lib/number.h"
#include "src/session/canonical.h"
#include "src/session/nearest.h"
#include "src/session/page.h"
#include "src/session/registry.h"

enum { DESCRIBE_LINE = 512 };
/* Bounds beyond these are none. */
static const double no_bound = DBL_MAX / 2;

const char *describe_purpose(int32_t purpose)
{
    static const char *const names[] = {"Scoring",   "Training",           "Scoring",
                                        "Alignment", "Scoring row by row", "Alignment of validation tables"};
    return names[purpose > 0 && purpose <= FATE_PURPOSE_ALIGN_VALIDATION ? purpose : 0];
}

int32_t describe_finish(struct buffer *page, char **text)
{
    fate_context *context = page->context;
    uint64_t length = 0;
    *text = (char *)buffer_take(page, &length);
    buffer_free(page);
    return *text == NULL ? context_out_of_memory(context) : FATE_OK;
}

static void describe_roles(struct buffer *page, const fate_protocol *protocol)
{
    for (uint32_t i = 0; i < protocol->role_count; i++) {
        const fate_protocol_role *role = &protocol->roles[i];
        char line[DESCRIBE_LINE];
        const char *label = protocol->label_role != NULL && strcmp(protocol->label_role, role->name) == 0 ? ", holds the label" : "";
        if (role->minimum == role->maximum) {
            snprintf(line, sizeof line, "%u %s%s", (unsigned)role->minimum, role->minimum == 1 ? "party" : "parties", label);
        } else {
            snprintf(line, sizeof line, "%u to %u parties%s", (unsigned)role->minimum, (unsigned)role->maximum, label);
        }
        page_paragraph(page, 4, role->name, 16, line);
    }
}

static void describe_messages(struct buffer *page, const fate_protocol *protocol)
{
    page_title(page, 2, "What is sent");
    if (protocol->message_count == 0) page_paragraph(page, 0, "", 4, "Nothing.");
    for (uint32_t i = 0; i < protocol->message_count; i++) {
        const fate_protocol_message *message = &protocol->messages[i];
        char line[DESCRIBE_LINE];
        snprintf(line, sizeof line, "%s  (%s -> %s)", message->name, protocol->roles[message->sender].name,
                 protocol->roles[message->receiver].name);
        page_paragraph(page, 0, "", 4, line);
        page_paragraph(page, 6, "carries", 16, message->carries);
        page_paragraph(page, 6, "allowed", 16, message->reason);
    }
}

static void describe_step(struct buffer *page, const fate_protocol *protocol, const fate_protocol_step *step, uint32_t number)
{
    char name[DESCRIBE_LINE], line[DESCRIBE_LINE];
    snprintf(name, sizeof name, "%3u. %s", (unsigned)number, step->name);
    if (step->wait == FATE_WAIT_NOTHING) {
        snprintf(line, sizeof line, "at once");
    } else if (step->wait == FATE_WAIT_ANY) {
        snprintf(line, sizeof line, "as anything comes, and when a time is over");
    } else {
        const fate_protocol_message *message = &protocol->messages[step->message];
        const fate_protocol_role *sender = &protocol->roles[message->sender];
        const char *each = sender->maximum == 1 ? "the " : step->wait == FATE_WAIT_ALL ? "every " : "each ";
        snprintf(line, sizeof line, "%s \"%s\" from %s%s%s", step->wait == FATE_WAIT_ALL ? "when it has" : "as it receives", message->name,
                 each, sender->name, step->wait == FATE_WAIT_PART ? ", part by part" : "");
    }
    page_paragraph(page, 5, name, 42, line);
}

static void describe_steps(struct buffer *page, const fate_protocol *protocol)
{
    for (uint32_t i = 0; i < protocol->role_count; i++) {
        const fate_protocol_role *role = &protocol->roles[i];
        char heading[DESCRIBE_LINE];
        snprintf(heading, sizeof heading, "Rounds of the %s (steps may repeat)", role->name);
        page_title(page, 2, heading);
        for (uint32_t s = 0; s < role->step_count; s++) describe_step(page, protocol, &role->steps[s], s + 1);
    }
}

static void describe_learns(struct buffer *page, const fate_protocol *protocol)
{
    page_title(page, 2, "What each party learns");
    for (uint32_t i = 0; i < protocol->role_count; i++) page_paragraph(page, 4, protocol->roles[i].name, 16, protocol->roles[i].learns);
    page_title(page, 2, "What it does not protect against");
    page_paragraph(page, 0, "", 4, protocol->limits);
}

static void describe_one(struct buffer *page, const fate_protocol *protocol)
{
    page_title(page, 0, describe_purpose(protocol->purpose));
    page_paragraph(page, 0, "", 2, protocol->summary);
    page_title(page, 2, "Parties");
    describe_roles(page, protocol);
    describe_messages(page, protocol);
    describe_steps(page, protocol);
    describe_learns(page, protocol);
}

static void describe_range(char *line, size_t size, const fate_protocol_parameter *parameter)
{
    char least[NUMBER_TEXT], most[NUMBER_TEXT];
    const char *kind = parameter->kind == FATE_PARAMETER_INTEGER ? "whole number" : "number";
    number_write(least, parameter->minimum);
    number_write(most, parameter->maximum);
    if (parameter->kind == FATE_PARAMETER_TEXT) {
        snprintf(line, size, "text%s%s",
                 parameter->choices == NULL ? "" : ", one of: ", parameter->choices == NULL ? "" : parameter->choices);
    } else if (parameter->maximum >= no_bound && parameter->minimum <= -no_bound) {
        snprintf(line, size, "%s", kind);
    } else if (parameter->maximum >= no_bound) {
        snprintf(line, size, "%s, at least %s", kind, least);
    } else {
        snprintf(line, size, "%s, %s to %s", kind, least, most);
    }
}

static void describe_parameter(struct buffer *page, const fate_protocol_parameter *parameter)
{
    char range[DESCRIBE_LINE], line[2 * DESCRIBE_LINE];
    describe_range(range, sizeof range, parameter);
    snprintf(line, sizeof line, "%s; %s%s", range, parameter->preset == NULL ? "must be given" : "default ",
             parameter->preset == NULL ? "" : parameter->preset);
    page_paragraph(page, 2, parameter->name, 28, line);
    page_paragraph(page, 0, "", 28, parameter->help);
}

static int32_t unknown_algorithm(fate_context *context, const char *algorithm)
{
    const char *known[64];
    char shown[100], nearest[300];
    uint32_t count = 0;
    for (; count < 64; count++) {
        known[count] = fate_protocol_name(context, count);
        if (known[count] == NULL) break;
    }
    canonical_show(shown, sizeof shown, algorithm);
    nearest_names(nearest, sizeof nearest, algorithm, known, count);
    return context_fail(context, FATE_E_UNSUPPORTED, "algorithm \"%s\" is unknown; %s%s", shown,
                        count == 0 ? "no protocol is registered" : "the nearest known: ", nearest);
}

int32_t fate_describe(fate_context *context, const char *algorithm, char **text)
{
    if (text != NULL) *text = NULL;
    if (context == NULL || algorithm == NULL || text == NULL)
        return context_bad_argument(context, "fate_describe: algorithm or text is NULL");
    const fate_protocol *main_one = registry_find(context, algorithm, 0);
    if (main_one == NULL) return unknown_algorithm(context, algorithm);
    struct buffer page;
    buffer_init(&page, context);
    buffer_text(&page, main_one->name);
    buffer_u8(&page, '\n');
    for (int32_t purpose = FATE_PURPOSE_TRAIN; purpose <= FATE_PURPOSE_SERVE; purpose++) {
        const fate_protocol *protocol = registry_find(context, algorithm, purpose);
        if (protocol != NULL) describe_one(&page, protocol);
    }
    if (main_one->parameter_count > 0) page_title(&page, 0, "Parameters");
    for (uint32_t i = 0; i < main_one->parameter_count; i++) describe_parameter(&page, &main_one->parameters[i]);
    return describe_finish(&page, text);
}
