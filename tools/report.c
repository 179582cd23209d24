/* The report of a finished job for programs. */
#include "tools/report.h"
#include "tools/message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void write_text(FILE *file, const char *text)
{
    fputc('"', file);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\')
            fprintf(file, "\\%c", *at);
        else if (*at < 0x20)
            fprintf(file, "\\u%04x", *at);
        else
            fputc(*at, file);
    }
    fputc('"', file);
}

static void write_counters(FILE *file, const fate_session *session)
{
    static const char *const names[] = {"bytes_sent",      "bytes_received",  "frames_sent",    "frames_received",
                                        "frames_rejected", "frames_repeated", "records_resent", "handshakes"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint64_t value;
        if (fate_session_counter(session, names[i], &value) == FATE_OK) fprintf(file, "  \"%s\": %" PRIu64 ",\n", names[i], value);
    }
}

static void write_traffic(FILE *file, const fate_job *job, const fate_session *session)
{
    const char *message;
    uint32_t peer;
    int32_t outgoing;
    uint64_t messages, bytes;
    fprintf(file, "  \"messages\": [");
    for (uint32_t i = 0; fate_session_traffic(session, i, &message, &peer, &outgoing, &messages, &bytes) == FATE_OK; i++) {
        const char *name = fate_job_party_name(job, peer);
        fprintf(file, "%s\n    {\"message\": ", i ? "," : "");
        write_text(file, message);
        fprintf(file, ", \"peer\": ");
        write_text(file, name ? name : "");
        fprintf(file, ", \"direction\": \"%s\", \"count\": %" PRIu64 ", \"bytes\": %" PRIu64 "}", outgoing ? "sent" : "received", messages,
                bytes);
    }
    fprintf(file, "\n  ]\n");
}

int report_write(const char *path, const fate_job *job, const fate_session *session, uint64_t milliseconds)
{
    FILE *file = fopen(path, "w");
    int failed = !file;
    if (file) {
        fprintf(file, "{\n");
        write_counters(file, session);
        fprintf(file, "  \"seconds\": %" PRIu64 ".%03u,\n", milliseconds / 1000, (unsigned)(milliseconds % 1000));
        write_traffic(file, job, session);
        fprintf(file, "}\n");
        failed = ferror(file);
        failed = fclose(file) != 0 || failed;
    }
    if (!failed) return 0;
    message_error("the report %s cannot be written: %s.", path, strerror(errno));
    return EXIT_INPUT;
}
