/* Evidence logs: whatever the bytes, reading and verifying ends with an answer, and a log that is cut off in the middle does not hold.
 * The heads are made anew where entries are otherwise well formed, so that what lies behind the chain is reached. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/context.h"
#include "src/session/evidence.h"

enum { LARGEST = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static void look(const fate_evidence *log)
{
    fate_evidence_entry entry = {.struct_size = sizeof entry};
    fate_verdict *verdict;
    for (uint64_t place = 0; place < fate_evidence_count(log); place++) {
        require(fate_evidence_entry_at(log, place, &entry) == FATE_OK);
        require(entry.message == NULL || strlen(entry.message) > 0);
    }
    require(fate_evidence_verify(log, &verdict, log, NULL) == FATE_OK);
    require(!fate_verdict_good(verdict)); /* a log is not its own peer's */
    fate_verdict_free(verdict);
    require(fate_evidence_verify(log, &verdict, NULL, NULL) == FATE_OK);
    for (uint32_t party = 0; party < fate_evidence_party_count(log); party++)
        require(fate_verdict_sealed(verdict, party) <= fate_evidence_count(log));
    fate_verdict_free(verdict);
}

static void try_log(fate_context *context, const uint8_t *data, size_t size)
{
    fate_evidence *log;
    int32_t result = fate_evidence_parse(context, &log, NULL, data, size);
    require((result == FATE_OK) == (log != NULL));
    if (result == FATE_OK) look(log);
    fate_evidence_free(log);
}

/* The same records with the heads that belong to them. */
static void try_mended(fate_context *context, const uint8_t *data, size_t size)
{
    struct evidence_entry entry;
    struct buffer log;
    uint8_t head[EVIDENCE_DIGEST] = {0};
    buffer_init(&log, context);
    buffer_append(&log, data, size);
    for (uint64_t offset = 0; evidence_entry_next(&entry, log.bytes, size, offset) == FATE_OK; offset += entry.length) {
        if (!entry.whole) continue;
        evidence_chain(head, entry.record, entry.record_length);
        memcpy(log.bytes + entry.offset + entry.length - EVIDENCE_DIGEST, head, EVIDENCE_DIGEST);
    }
    try_log(context, log.bytes, size);
    buffer_clear(&log);
    if (evidence_fill(&log, data, size) && log.length < LARGEST) { /* filled up, it is one entry */
        struct buffer filled;
        buffer_init(&filled, context);
        buffer_append(&filled, data, size);
        buffer_append(&filled, log.bytes, log.length);
        require(evidence_entry_next(&entry, filled.bytes, filled.length, 0) == FATE_OK && entry.length == filled.length);
        buffer_free(&filled);
    }
    buffer_free(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context = NULL;
    if (size == 0 || size > LARGEST) return 0;
    require(context_new(&context, NULL) == FATE_OK);
    try_log(context, data, size);
    try_mended(context, data, size);
    fate_context_free(context);
    return 0;
}
