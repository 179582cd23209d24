/* Writes the canonical form of a job. */
#include "src/session/canonical.h"

#include <stdio.h>
#include <string.h>

#include "src/data/normalise.h"
#include "src/data/schema.h"
#include "src/session/job.h"

void canonical_text(struct buffer *buffer, const char *text)
{
    buffer_u8(buffer, '"');
    for (const char *at = text; *at != '\0'; at++) {
        const uint8_t byte = (uint8_t)*at;
        if (byte == '"' || byte == '\\') {
            buffer_u8(buffer, '\\');
            buffer_u8(buffer, byte);
        } else if (byte < 0x20 || byte == 0x7f) {
            buffer_format(buffer, "\\u%04x", (unsigned)byte);
        } else {
            buffer_u8(buffer, byte);
        }
    }
    buffer_u8(buffer, '"');
}

static bool is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

void canonical_show(char *shown, size_t size, const char *text)
{
    size_t whole = 0, used = 0;
    for (const char *at = text; *at != '\0' && whole < size; at++) whole += is_printable(*at) ? 1 : 4;
    const size_t room = whole < size ? size - 1 : size - sizeof "...";
    for (const char *at = text; *at != '\0' && used + (is_printable(*at) ? 1 : 4) <= room; at++) {
        if (is_printable(*at)) {
            shown[used++] = *at;
        } else {
            snprintf(shown + used, size - used, "\\x%02x", (unsigned)(uint8_t)*at);
            used += 4;
        }
    }
    snprintf(shown + used, size - used, "%s", whole < size ? "" : "...");
}

static void write_categorical(struct buffer *buffer, const fate_job *job)
{
    buffer_text(buffer, "\"categorical\":[");
    for (uint32_t i = 0; i < job->categorical_count; i++) {
        if (i > 0) buffer_u8(buffer, ',');
        canonical_text(buffer, job->categorical[i]);
    }
    buffer_text(buffer, "]");
}

static void write_parameters(struct buffer *buffer, const fate_job *job)
{
    buffer_text(buffer, ",\"parameters\":{");
    for (uint32_t i = 0; i < job->parameter_count; i++) {
        const struct job_parameter *parameter = &job->parameters[i];
        if (i > 0) buffer_u8(buffer, ',');
        canonical_text(buffer, parameter->declared->name);
        buffer_u8(buffer, ':');
        parameter_write(buffer, parameter->declared, &parameter->value);
    }
    buffer_text(buffer, "}");
}

static void write_parties(struct buffer *buffer, const fate_job *job)
{
    buffer_text(buffer, ",\"parties\":[");
    for (uint32_t i = 0; i < job->party_count; i++) {
        const struct job_party *party = &job->parties[i];
        buffer_text(buffer, i > 0 ? ",{\"key\":" : "{\"key\":");
        canonical_text(buffer, party->key);
        buffer_text(buffer, ",\"name\":");
        canonical_text(buffer, party->name);
        buffer_text(buffer, ",\"role\":");
        canonical_text(buffer, party->role);
        buffer_text(buffer, "}");
    }
    buffer_text(buffer, "]");
}

static void write_optional(struct buffer *buffer, const char *key, const char *text)
{
    if (text == NULL) return;
    buffer_text(buffer, key);
    canonical_text(buffer, text);
}

/* One column is a text, several are a list; normalisers and the rule for duplicates stand only where there are any. */
static void write_ids(struct buffer *buffer, const fate_job *job)
{
    bool normalised = false;
    for (uint32_t i = 0; i < job->id_count; i++) normalised = normalised || job->ids[i].normalise != 0;
    if (job->duplicates != DUPLICATES_ERROR)
        buffer_text(buffer, job->duplicates == DUPLICATES_FIRST ? ",\"duplicates\":\"first\"" : ",\"duplicates\":\"many\"");
    buffer_text(buffer, job->id_count > 1 ? ",\"id\":[" : ",\"id\":");
    for (uint32_t i = 0; i < job->id_count; i++) {
        if (i > 0) buffer_u8(buffer, ',');
        canonical_text(buffer, job->ids[i].column);
    }
    if (job->id_count > 1) buffer_u8(buffer, ']');
    for (uint32_t i = 0; normalised && i < job->id_count; i++) {
        char normalisers[NORMALISE_TEXT];
        normalise_write(normalisers, job->ids[i].normalise);
        buffer_text(buffer, i == 0 ? ",\"normalise\":[" : ",");
        canonical_text(buffer, normalisers);
    }
    if (normalised) buffer_u8(buffer, ']');
}

void canonical_write(struct buffer *buffer, const fate_job *job)
{
    buffer_text(buffer, "{\"algorithm\":");
    canonical_text(buffer, job->algorithm);
    write_optional(buffer, ",\"align\":", job->align);
    buffer_u8(buffer, ',');
    write_categorical(buffer, job);
    write_ids(buffer, job);
    write_optional(buffer, ",\"label\":", job->label);
    write_parameters(buffer, job);
    write_parties(buffer, job);
    write_optional(buffer, ",\"weight\":", job->weight);
    buffer_u8(buffer, '}');
}
