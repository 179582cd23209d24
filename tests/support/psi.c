/* Random sets and jobs of private set intersection; see psi.h. */
#include "tests/support/psi.h"

#include <stdio.h>
#include <string.h>

#include "lib/bytes.h"

static uint64_t mix(uint64_t z)
{
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The sizes[party] ids of the smallest hashes are the party's. */
static bool has(const struct psi_case *from, uint32_t party, uint32_t id)
{
    uint64_t own = mix(from->seed * 1000003 + party * 1009 + mix(id));
    uint32_t before = 0;
    for (uint32_t other = 0; other < from->universe; other++)
        before += other != id && mix(from->seed * 1000003 + party * 1009 + mix(other)) < own;
    return before < from->sizes[party];
}

uint32_t psi_test_rows(const struct psi_case *from, uint32_t party, uint32_t id)
{
    if (!has(from, party, id)) return 0;
    bool first = from->duplicates != NULL && strcmp(from->duplicates, "first") == 0;
    bool many = from->duplicates != NULL && strcmp(from->duplicates, "many") == 0;
    return from->repeated && (first || (many && party == 0)) ? 1 + (uint32_t)(mix(from->seed + 7 * id + party) % 3) : 1;
}

void psi_test_id(char *text, uint32_t id)
{
    static const char *const tails[] = {"", "x", ",", "\"q\"", " long, and \xc3\xa4 with everything that a field may hold"};
    sprintf(text, "%u%s", (unsigned)(id * 7919 % 1000), tails[id % 5]);
}

uint64_t psi_test_common(const struct psi_case *from, uint32_t party)
{
    uint64_t count = 0;
    for (uint32_t id = 0; id < from->universe; id++) {
        bool all = has(from, 0, id);
        for (uint32_t other = 1; other <= from->hosts; other++)
            if (party == 0 || party == other) all = all && has(from, other, id);
        count += all;
    }
    return count;
}

static void write_row(struct buffer *csv, uint32_t id, uint32_t copy)
{
    char text[128];
    psi_test_id(text, id);
    buffer_format(csv, "t%u%c,\"", (unsigned)id, (char)('a' + copy));
    for (const char *at = text; *at; at++) {
        if (*at == '"') buffer_u8(csv, '"');
        buffer_u8(csv, (uint8_t)*at);
    }
    buffer_text(csv, "\"\n");
}

char *psi_test_csv(fate_context *context, const struct psi_case *from, uint32_t party)
{
    struct buffer csv;
    uint64_t length;
    buffer_init(&csv, context);
    buffer_text(&csv, "x,id\n");
    for (uint32_t copy = 0; copy < 3; copy++)
        for (uint32_t i = 0; i < from->universe; i++) {
            uint32_t id = (i * 5 + party * 3) % from->universe; /* universes are no multiples of 5 */
            if (psi_test_rows(from, party, id) > copy) write_row(&csv, id, copy);
        }
    char *text = (char *)buffer_take(&csv, &length);
    buffer_free(&csv);
    return text;
}

void psi_test_job(char *text, const struct psi_case *from)
{
    int at = snprintf(
        text, PSI_TEST_TEXT,
        "{\"algorithm\": \"psi\", \"id\": \"id\", \"duplicates\": \"%s\", \"parties\": [{\"name\": \"guest\", \"role\": \"guest\"}",
        from->duplicates == NULL ? "error" : from->duplicates);
    for (uint32_t i = 1; i <= from->hosts; i++)
        at += snprintf(text + at, (size_t)(PSI_TEST_TEXT - at), ", {\"name\": \"host%u\", \"role\": \"host\"}", (unsigned)i);
    snprintf(text + at, (size_t)(PSI_TEST_TEXT - at), "], \"parameters\": {%s}}", from->parameters == NULL ? "" : from->parameters);
}
