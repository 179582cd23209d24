/* One screen for one party before its job starts: the peers, what leaves, what comes, what each party learns. */
#include <sodium.h>
#include <string.h>

#include "src/session/describe.h"
#include "src/session/registry.h"
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

/* An item of a list: head and text run together, wrapped beside a hyphen. */
static void add_item(struct buffer *page, const char *head, const char *text)
{
    struct buffer item;
    buffer_init(&item, page->context);
    buffer_text(&item, head);
    buffer_text(&item, text);
    buffer_u8(&item, 0);
    if (item.failed) {
        page->failed = true;
    } else {
        page_paragraph(page, 2, "-", 4, (const char *)item.bytes);
    }
    buffer_free(&item);
}

static bool can_be_sent(const fate_job *job, const fate_protocol *protocol, uint32_t message)
{
    return protocol->sends == NULL || protocol->sends(job, message) != 0;
}

/* The messages that leave this party's role and for which there is a receiver. */
static void describe_sent(struct buffer *page, const fate_job *job, uint32_t party, const fate_protocol *protocol)
{
    const int32_t role = job_role(job, protocol, party);
    uint32_t shown = 0;
    page_title(page, 0, "What will leave this party");
    for (uint32_t i = 0; i < protocol->message_count; i++) {
        const fate_protocol_message *message = &protocol->messages[i];
        char peers[LINE], head[2 * LINE];
        const char *receiver = protocol->roles[message->receiver].name;
        if (!can_be_sent(job, protocol, i)) continue;
        if ((int32_t)message->sender != role || peers_of_role(peers, sizeof peers, job, receiver, party) == 0) continue;
        snprintf(head, sizeof head, "%s to %s: ", message->name, peers);
        add_item(page, head, message->carries);
        shown++;
    }
    if (shown == 0) page_paragraph(page, 0, "", 2, "Nothing.");
}

/* The names of the messages that come from one role. */
static bool describe_received_from(struct buffer *page, const fate_job *job, const fate_protocol *protocol, int32_t role, uint32_t sender,
                                   const char *peers)
{
    struct buffer names;
    buffer_init(&names, page->context);
    for (uint32_t i = 0; i < protocol->message_count; i++) {
        const fate_protocol_message *message = &protocol->messages[i];
        if ((int32_t)message->receiver != role || message->sender != sender || !can_be_sent(job, protocol, i)) continue;
        buffer_text(&names, names.length == 0 ? "" : ", ");
        buffer_text(&names, message->name);
    }
    const bool any = names.length > 0;
    buffer_format(&names, " from %s", peers);
    buffer_u8(&names, 0);
    if (names.failed) page->failed = true;
    if (any && !names.failed) add_item(page, (const char *)names.bytes, "");
    buffer_free(&names);
    return any;
}

static void describe_received(struct buffer *page, const fate_job *job, uint32_t party, const fate_protocol *protocol)
{
    bool any = false;
    page_title(page, 0, "What this party will receive");
    for (uint32_t i = 0; i < protocol->role_count; i++) {
        char peers[LINE];
        if (peers_of_role(peers, sizeof peers, job, protocol->roles[i].name, party) == 0) continue;
        any = describe_received_from(page, job, protocol, job_role(job, protocol, party), i, peers) || any;
    }
    if (!any) page_paragraph(page, 0, "", 2, "Nothing.");
}

static void describe_learning(struct buffer *page, const fate_job *job, uint32_t party, const fate_protocol *protocol)
{
    page_title(page, 0, "What each party learns");
    for (uint32_t i = 0; i < protocol->role_count; i++) {
        char names[LINE], head[2 * LINE];
        const fate_protocol_role *role = &protocol->roles[i];
        if (peers_of_role(names, sizeof names, job, role->name, UINT32_MAX) == 0) continue;
        const bool own = strcmp(job->parties[party].role, role->name) == 0;
        snprintf(head, sizeof head, "%s (%s%s): ", names, role->name, own ? ", as this party is" : "");
        add_item(page, head, role->learns);
    }
    page_title(page, 0, "What this does not protect against");
    page_paragraph(page, 0, "", 2, protocol->limits);
}

/* What the protocol says of this job's own numbers. */
static int32_t describe_outlook(struct buffer *page, const fate_job *job, const fate_protocol *protocol)
{
    char *text = NULL;
    if (protocol->outlook == NULL) return FATE_OK;
    const int32_t result = protocol->outlook(job->context, job, &text);
    if (result != FATE_OK) return result;
    page_title(page, 0, "How far this job goes");
    page_paragraph(page, 0, "", 2, text);
    fate_free(job->context, text);
    return FATE_OK;
}

static void describe_more(struct buffer *page, const fate_job *job)
{
    char line[LINE];
    snprintf(line, sizeof line, "Why each message is allowed: fate describe %s", job->algorithm);
    buffer_u8(page, '\n');
    page_paragraph(page, 0, "", 0, line);
}

int32_t fate_job_describe(const fate_job *job, uint32_t party, int32_t purpose, char **text)
{
    if (text != NULL) *text = NULL;
    if (job == NULL) return FATE_E_ARGUMENT;
    if (party >= job->party_count || text == NULL)
        return context_bad_argument(job->context, "fate_job_describe: there is no such party, or text is NULL");
    const fate_protocol *protocol = purpose == 0 ? NULL : job_protocol(job, purpose);
    if (protocol == NULL)
        return context_fail(job->context, FATE_E_UNSUPPORTED, "%s has no protocol for the purpose %s", job->algorithm,
                            registry_purpose((uint32_t)purpose));
    struct buffer page;
    buffer_init(&page, job->context);
    describe_head(&page, job, party, protocol);
    describe_peers(&page, job, party);
    describe_sent(&page, job, party, protocol);
    describe_received(&page, job, party, protocol);
    describe_learning(&page, job, party, protocol);
    const int32_t result = describe_outlook(&page, job, protocol);
    describe_more(&page, job);
    if (result == FATE_OK) return describe_finish(&page, text);
    buffer_free(&page);
    return result;
}
