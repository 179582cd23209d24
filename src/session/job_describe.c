/* One screen for one party before its job starts: the peers, what leaves, what comes, what each party learns. */
#include <sodium.h>
#include <string.h>

#include "src/session/describe.h"
#include "src/session/job.h"
#include "src/session/page.h"

enum { SHOWN_PARTIES = 4, LINE = 512, KEY_HEAD = 16, KEY_TAIL = 6, DIGEST_SHOWN = 8 };

static void short_key(char *shown, size_t size, const char *key)
{
    const size_t length = strlen(key);
    if (length <= KEY_HEAD + KEY_TAIL) {
        snprintf(shown, size, "%s", key);
    } else {
        snprintf(shown, size, "%.*s...%s", (int)KEY_HEAD, key, key + length - KEY_TAIL);
    }
}

/* Names of the parties of a role except one: "telecom, shop and 3 more"; returns how many there are. */
static uint32_t peers_of_role(char *line, size_t size, const fate_job *job, const char *role, uint32_t except)
{
    uint32_t count = 0;
    size_t used = 0;
    line[0] = '\0';
    for (uint32_t i = 0; i < job->party_count; i++) {
        if (i == except || strcmp(job->parties[i].role, role) != 0) continue;
        if (count++ >= SHOWN_PARTIES) continue;
        const int written = snprintf(line + used, size - used, "%s%s", used == 0 ? "" : ", ", job->parties[i].name);
        used += written < 0 ? 0 : (size_t)written;
    }
    if (count > SHOWN_PARTIES) snprintf(line + used, size - used, " and %u more", (unsigned)(count - SHOWN_PARTIES));
    return count;
}

static void describe_head(struct buffer *page, const fate_job *job, uint32_t party, const fate_protocol *protocol)
{
    char line[LINE], key[64], digest[2 * DIGEST_SHOWN + 1];
    const struct job_party *own = &job->parties[party];
    short_key(key, sizeof key, own->key);
    sodium_bin2hex(digest, sizeof digest, job->digest, DIGEST_SHOWN);
    snprintf(line, sizeof line, "%s with %s", describe_purpose(protocol->purpose), job->algorithm);
    page_title(page, 0, line);
    page_paragraph(page, 0, "", 2, protocol->summary);
    buffer_u8(page, '\n');
    snprintf(line, sizeof line, "%s, %s, key %s", own->name, own->role, key);
    page_paragraph(page, 2, "this party", 14, line);
    snprintf(line, sizeof line, "%s... (all parties must have the same)", digest);
    page_paragraph(page, 2, "job digest", 14, line);
}

static void describe_peers(struct buffer *page, const fate_job *job, uint32_t party)
{
    uint32_t shown = 0;
    page_title(page, 0, "Peers");
    for (uint32_t i = 0; i < job->party_count; i++) {
        char line[LINE], key[64];
        const struct job_party *peer = &job->parties[i];
        if (fate_job_parties_talk(job, party, i) == 0) continue;
        const char *address = peer->address == NULL ? "no address" : peer->address;
        short_key(key, sizeof key, peer->key);
        snprintf(line, sizeof line, "%s, key %s, %.200s; %s", peer->role, key, address,
                 fate_job_party_dials(job, party, i) != 0 ? "this party dials" : "this party waits for it");
        page_paragraph(page, 2, peer->name, 14, line);
        shown++;
    }
    if (shown == 0) page_paragraph(page, 0, "", 2, "None: this party exchanges messages with nobody.");
}

/* The messages that leave this party's role, or come to it, for which there is a peer. */
static void describe_flow(struct buffer *page, const fate_job *job, uint32_t party, const fate_protocol *protocol, bool outgoing)
{
    const int32_t role = job_role(job, protocol, party);
    uint32_t shown = 0;
    page_title(page, 0, outgoing ? "What will leave this party" : "What this party will receive");
    for (uint32_t i = 0; i < protocol->message_count; i++) {
        const fate_protocol_message *message = &protocol->messages[i];
        char peers[LINE], line[2 * LINE];
        const int32_t here = (int32_t)(outgoing ? message->sender : message->receiver);
        const uint32_t there = outgoing ? message->receiver : message->sender;
        if (here != role || peers_of_role(peers, sizeof peers, job, protocol->roles[there].name, party) == 0) continue;
        snprintf(line, sizeof line, "%s %s %s", message->name, outgoing ? "to" : "from", peers);
        page_paragraph(page, 2, line, 4, message->carries);
        if (outgoing) page_paragraph(page, 4, "allowed:", 13, message->reason);
        shown++;
    }
    if (shown == 0) page_paragraph(page, 0, "", 2, "Nothing.");
}

static void describe_learning(struct buffer *page, const fate_job *job, uint32_t party, const fate_protocol *protocol)
{
    page_title(page, 0, "What each party learns");
    for (uint32_t i = 0; i < protocol->role_count; i++) {
        char names[LINE], line[2 * LINE];
        const fate_protocol_role *role = &protocol->roles[i];
        if (peers_of_role(names, sizeof names, job, role->name, UINT32_MAX) == 0) continue;
        const bool own = strcmp(job->parties[party].role, role->name) == 0;
        snprintf(line, sizeof line, "%s (%s%s)", names, role->name, own ? ", as this party is" : "");
        page_paragraph(page, 2, line, 4, role->learns);
    }
    page_title(page, 0, "What this does not protect against");
    page_paragraph(page, 0, "", 2, protocol->limits);
}

int32_t fate_job_describe(const fate_job *job, uint32_t party, int32_t purpose, char **text)
{
    if (text != NULL) *text = NULL;
    if (job == NULL) return FATE_E_ARGUMENT;
    if (party >= job->party_count || text == NULL)
        return context_fail(job->context, FATE_E_ARGUMENT, "fate_job_describe: no such party, or text is NULL");
    const fate_protocol *protocol = purpose == 0 ? NULL : job_protocol(job, purpose);
    if (protocol == NULL) return context_fail(job->context, FATE_E_UNSUPPORTED, "%s has no protocol for this purpose", job->algorithm);
    struct buffer page;
    buffer_init(&page, job->context);
    describe_head(&page, job, party, protocol);
    describe_peers(&page, job, party);
    describe_flow(&page, job, party, protocol, true);
    describe_flow(&page, job, party, protocol, false);
    describe_learning(&page, job, party, protocol);
    return describe_finish(&page, text);
}
