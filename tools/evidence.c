/* fate evidence: shows an evidence log, or checks it, alone or against the log of another party. */
#include "tools/commands.h"
#include "tools/message.h"

#include <stdio.h>
#include <string.h>

static const struct option options[] = {
    {"job", "FILE", "verify: the job that the log must be of, with the keys of its parties.", 0},
    {"json", NULL, "show: prints JSON instead of text.", 0},
};

static const char *party_name(const fate_evidence *log, uint32_t party)
{
    const char *name = fate_evidence_party_name(log, party);
    return name ? name : "?";
}

static const char *kind_name(int32_t kind)
{
    static const char *const names[] = {"damaged",   "opened", "sent",    "received", "signed",
                                        "witnessed", "sealed", "resumed", "outcome",  "torn"};
    return kind >= 0 && (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

static void print_digest(const uint8_t *digest, int count)
{
    for (int i = 0; i < count; i++) printf("%02x", digest[i]);
}

/* ---- show ---- */

static void print_text_entry(const fate_evidence *log, const fate_evidence_entry *entry)
{
    const char *peer = party_name(log, entry->peer);
    unsigned long long bytes = entry->bytes, parts = entry->parts, count = entry->count;
    printf("%6llu  %-9s  ", (unsigned long long)entry->number, kind_name(entry->kind));
    switch (entry->kind) {
    case FATE_EVIDENCE_SENT:
    case FATE_EVIDENCE_RECEIVED:
        printf("%s %s %s, %llu bytes in %llu part%s, ", entry->message, entry->kind == FATE_EVIDENCE_SENT ? "to" : "from", peer, bytes,
               parts, parts == 1 ? "" : "s");
        print_digest(entry->digest, 8);
        break;
    case FATE_EVIDENCE_SIGNED: printf("the first %llu records, by %s", count, peer); break;
    case FATE_EVIDENCE_WITNESSED: printf("the first %llu records of %s's own log, by %s", count, peer, peer); break;
    case FATE_EVIDENCE_SEALED: printf("the first %llu records, by %s", count, peer); break;
    case FATE_EVIDENCE_RESUMED: printf("started again from the checkpoint after %llu records", count); break;
    case FATE_EVIDENCE_OUTCOME: printf("%s", fate_result_name(entry->result)); break;
    case FATE_EVIDENCE_OPENED: printf("by libfate %s", fate_evidence_fact(log, "library")); break;
    default: break;
    }
    putchar('\n');
}

static void print_text(const fate_evidence *log)
{
    fate_evidence_entry entry = {.struct_size = sizeof entry};
    printf("log of %s: %s, %s\nrun %s\njob %s\n", party_name(log, fate_evidence_party(log)), fate_evidence_fact(log, "algorithm"),
           fate_evidence_fact(log, "purpose"), fate_evidence_fact(log, "run"), fate_evidence_fact(log, "job_digest"));
    for (uint32_t i = 0; i < fate_evidence_party_count(log); i++)
        printf("party %s (%s) %s\n", party_name(log, i), fate_evidence_party_role(log, i), fate_evidence_party_key(log, i));
    for (uint64_t i = 0; fate_evidence_entry_at(log, i, &entry) == FATE_OK; i++) print_text_entry(log, &entry);
}

/* Names in a log hold nothing that JSON would have to escape: it is damaged otherwise. */
static void print_json_entry(const fate_evidence *log, const fate_evidence_entry *entry)
{
    printf("{\"record\": %llu, \"kind\": \"%s\"", (unsigned long long)entry->number, kind_name(entry->kind));
    if (fate_evidence_party_name(log, entry->peer)) printf(", \"peer\": \"%s\"", party_name(log, entry->peer));
    if (entry->message)
        printf(", \"message\": \"%s\", \"first\": %llu, \"parts\": %llu, \"bytes\": %llu", entry->message, (unsigned long long)entry->first,
               (unsigned long long)entry->parts, (unsigned long long)entry->bytes);
    if (entry->count) printf(", \"count\": %llu", (unsigned long long)entry->count);
    if (entry->kind == FATE_EVIDENCE_OUTCOME) printf(", \"result\": \"%s\"", fate_result_name(entry->result));
    if (entry->digest) {
        printf(", \"digest\": \"");
        print_digest(entry->digest, 32);
        putchar('"');
    }
    putchar('}');
}

static void print_json(const fate_evidence *log)
{
    static const char *const facts[] = {"library", "algorithm", "purpose", "run", "job_digest"};
    fate_evidence_entry entry = {.struct_size = sizeof entry};
    printf("{\"party\": \"%s\"", party_name(log, fate_evidence_party(log)));
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) printf(", \"%s\": \"%s\"", facts[i], fate_evidence_fact(log, facts[i]));
    printf(",\n \"parties\": [");
    for (uint32_t i = 0; i < fate_evidence_party_count(log); i++)
        printf("%s{\"name\": \"%s\", \"role\": \"%s\", \"key\": \"%s\"}", i ? ", " : "", party_name(log, i),
               fate_evidence_party_role(log, i), fate_evidence_party_key(log, i));
    printf("],\n \"records\": [");
    for (uint64_t i = 0; fate_evidence_entry_at(log, i, &entry) == FATE_OK; i++) {
        printf(i ? ",\n  " : "\n  ");
        print_json_entry(log, &entry);
    }
    printf("]}\n");
}

/* ---- verify ---- */

static void print_verdict(const fate_evidence *log, const fate_verdict *verdict, const char *path)
{
    int32_t wrong = 0;
    const char *sentence;
    printf("%s: the log of %s, run %s, %llu records\n", path, party_name(log, fate_evidence_party(log)), fate_evidence_fact(log, "run"),
           (unsigned long long)fate_evidence_count(log));
    for (uint32_t party = 0; party < fate_evidence_party_count(log); party++) {
        unsigned long long sealed = fate_verdict_sealed(verdict, party);
        const char *verb = party == fate_evidence_party(log) ? "signed" : "sealed";
        if (sealed) printf("%s %s the first %llu records\n", party_name(log, party), verb, sealed);
    }
    for (uint32_t i = 0; (sentence = fate_verdict_finding(verdict, i, &wrong)) != NULL; i++)
        printf("%s: %s\n", wrong ? "WRONG" : "note", sentence);
}

struct logs {
    fate_context *context;
    fate_evidence *log, *peer;
    fate_job *job;
};

static int verify(struct logs *logs, const struct arguments *arguments)
{
    const char *job = options_text(arguments, "job");
    fate_verdict *verdict = NULL;
    int32_t result = FATE_OK;
    if (arguments->operand_count == 3) result = fate_evidence_read(logs->context, &logs->peer, arguments->operands[2]);
    if (result == FATE_OK && job) result = fate_job_read(logs->context, &logs->job, job);
    if (result == FATE_OK) result = fate_evidence_verify(logs->log, &verdict, logs->peer, logs->job);
    if (result != FATE_OK) return message_context(logs->context, result);
    print_verdict(logs->log, verdict, arguments->operands[1]);
    int good = fate_verdict_good(verdict);
    fate_verdict_free(verdict);
    printf(good ? "the evidence holds%s.\n" : "the evidence does not hold%s.\n",
           logs->job ? "" : ", as far as the keys are those that the log names (--job compares them)");
    return good ? EXIT_DONE : EXIT_INPUT;
}

static int run_on(struct logs *logs, const struct arguments *arguments, int checks)
{
    int32_t result = fate_context_new(&logs->context, NULL);
    if (result == FATE_OK) result = fate_evidence_read(logs->context, &logs->log, arguments->operands[1]);
    if (result != FATE_OK) return message_context(logs->context, result);
    if (checks) return verify(logs, arguments);
    if (options_given(arguments, "json"))
        print_json(logs->log);
    else
        print_text(logs->log);
    return EXIT_DONE;
}

static int evidence_run(const struct arguments *arguments)
{
    static const char *const for_show[] = {"json", NULL}, *const for_verify[] = {"job", NULL};
    const char *verb = arguments->operand_count > 0 ? arguments->operands[0] : "";
    int checks = strcmp(verb, "verify") == 0, shows = strcmp(verb, "show") == 0;
    if (!checks && !shows) return message_usage("say what is to be done: verify or show.");
    if (arguments->operand_count < 2) return message_usage("say which evidence log is meant.");
    if (shows && arguments->operand_count > 2) return message_usage("show takes one log.");
    int code = checks ? options_forbid(arguments, for_show, "with verify") : options_forbid(arguments, for_verify, "with show");
    if (code) return code;
    struct logs logs = {0};
    code = run_on(&logs, arguments, checks);
    fate_evidence_free(logs.log);
    fate_evidence_free(logs.peer);
    fate_job_free(logs.job);
    fate_context_free(logs.context);
    return code;
}

const struct command command_evidence = {
    "evidence",
    "checks or shows a log of what was sent and received",
    "fate evidence verify LOG [PEER-LOG] [--job FILE]\n"
    "       fate evidence show LOG [--json]",
    options,
    sizeof options / sizeof options[0],
    3,
    "fate train, fate align and fate predict write such a log with --evidence. verify finds records that\n"
    "were changed, removed, reordered or cut off, and says which part who has signed; with another\n"
    "party's log of the same run it also holds every message against it. It ends with 3 when the log does\n"
    "not hold.\n",
    evidence_run,
};
