/* The parameters of private set intersection, and the limits that they set. */
#include "src/models/psi/parameters.h"

#include <string.h>

#include "lib/bytes.h"
#include "lib/context.h"
#include "lib/number.h"
#include "src/models/psi/party.h"
#include "src/session/job.h"

const fate_protocol_parameter psi_parameters_table[PSI_PARAMETERS] = {
    {"protocol", FATE_PARAMETER_TEXT, "\"ecdh\"", 0, 0, "ecdh ecdh-x25519",
     "The exchange: Diffie-Hellman on ristretto255 with this run as domain, or on X25519 with SHA-256 of the id, for interconnection with "
     "other platforms (weaker: see limits)."},
    {"learn", FATE_PARAMETER_TEXT, "\"both\"", 0, 0, "both guest count",
     "Who learns which of its ids are common: all parties (which training needs), the guest alone, or nobody, only how many (of "
     "several hosts: with each of them, not how many are common to all)."},
    {"join", FATE_PARAMETER_TEXT, "\"inner\"", 0, 0, "inner left",
     "Which rows the aligned tables have: those common to all parties, or all of the guest's, hosts' values missing where they have none."},
    {"minimum_intersection", FATE_PARAMETER_INTEGER, "0", 0, 4294967294.0, NULL,
     "A smaller intersection ends the job before anybody learns which ids it holds; every party checks it."},
    {"minimum_set", FATE_PARAMETER_INTEGER, "0", 0, 4294967294.0, NULL,
     "A party with fewer different ids ends the job before any id is compared; every party checks it."},
    {"maximum_ratio", FATE_PARAMETER_NUMBER, "10000", 1, 1e18, NULL,
     "If one set is more than so many times as large as the other the job ends before any id is compared; every party checks it."},
    {"memory", FATE_PARAMETER_NUMBER, "512", 0.0001, 1e9, NULL,
     "MiB that masked ids may take at each party, where it has a store (--state); what takes more goes through the store. Beside that a party holds "
     "its table's ids and the alignment. Not for stored sets."},
    {"stored_set", FATE_PARAMETER_TEXT, "\"none\"", 0, 0, "none guest host",
     "Whose ids are masked once, kept by the other party and used again, so that later alignments cost what the other party's ids cost: for a "
     "set that is much larger than the other's. With one host, the protocol \"ecdh\" and learn \"both\" or \"guest\"; every party needs a store."},
    {"stored_queries", FATE_PARAMETER_INTEGER, "100", 1, 1e9, NULL,
     "After so many alignments with a stored set its owner masks its ids anew, under a new key; the owner counts them in its store."},
    {"stored_days", FATE_PARAMETER_INTEGER, "30", 0, 36500, NULL,
     "After so many days a stored set is masked anew, under a new key; either party asks for it. 0: however old it is."},
};

static int32_t read_texts(struct psi_parameters *parameters, const fate_job *job)
{
    const char *protocol = NULL, *learn = NULL, *join = NULL, *stored = NULL;
    int32_t result = fate_job_text(job, "protocol", &protocol);
    if (result == FATE_OK) result = fate_job_text(job, "learn", &learn);
    if (result == FATE_OK) result = fate_job_text(job, "join", &join);
    if (result == FATE_OK) result = fate_job_text(job, "stored_set", &stored);
    if (result != FATE_OK) return result;
    parameters->x25519 = strcmp(protocol, "ecdh-x25519") == 0;
    parameters->learn = strcmp(learn, "both") == 0 ? PSI_LEARN_BOTH : strcmp(learn, "guest") == 0 ? PSI_LEARN_GUEST : PSI_LEARN_COUNT;
    parameters->left = strcmp(join, "left") == 0;
    parameters->stored = strcmp(stored, "guest") == 0 ? PSI_STORED_GUEST : strcmp(stored, "host") == 0 ? PSI_STORED_HOST : PSI_STORED_NONE;
    return FATE_OK;
}

static int32_t check_stored(fate_context *context, const struct psi_parameters *parameters, const fate_job *job)
{
    if (parameters->stored == PSI_STORED_NONE) return FATE_OK;
    if (parameters->x25519)
        return context_fail(
            context, FATE_E_JOB,
            "parameters.stored_set goes with the protocol \"ecdh\" alone: ecdh-x25519 has no domain of its own for a stored set");
    if (parameters->learn == PSI_LEARN_COUNT)
        return context_fail(
            context, FATE_E_JOB,
            "parameters.stored_set does not go with learn \"count\": counts that are repeated with one key tell which ids are "
            "common; leave stored_set out");
    if (fate_job_party_count(job) > 2)
        return context_fail(
            context, FATE_E_JOB,
            "parameters.stored_set takes one guest and one host: align with each host in a job of its own, or leave it out");
    return FATE_OK;
}

int32_t psi_parameters_read(fate_context *context, struct psi_parameters *parameters, const fate_job *job)
{
    int64_t intersection = 0, set = 0, queries = 0, days = 0;
    memset(parameters, 0, sizeof *parameters);
    int32_t result = read_texts(parameters, job);
    if (result == FATE_OK) result = fate_job_integer(job, "minimum_intersection", &intersection);
    if (result == FATE_OK) result = fate_job_integer(job, "minimum_set", &set);
    if (result == FATE_OK) result = fate_job_number(job, "maximum_ratio", &parameters->maximum_ratio);
    if (result == FATE_OK) result = fate_job_number(job, "memory", &parameters->memory);
    if (result == FATE_OK) result = fate_job_integer(job, "stored_queries", &queries);
    if (result == FATE_OK) result = fate_job_integer(job, "stored_days", &days);
    if (result != FATE_OK) return result;
    parameters->minimum_intersection = (uint64_t)intersection;
    parameters->minimum_set = (uint64_t)set;
    parameters->stored_queries = (uint64_t)queries;
    parameters->stored_days = (uint64_t)days;
    if (parameters->learn != PSI_LEARN_BOTH && job->align != NULL)
        return context_fail(context, FATE_E_JOB, "parameters.learn must be \"both\" in a job that trains: hosts must know their rows");
    if (parameters->left && parameters->learn != PSI_LEARN_BOTH)
        return context_fail(context, FATE_E_JOB, "parameters.join can be \"left\" only with learn \"both\"");
    return check_stored(context, parameters, job);
}

int32_t psi_parameters_check(fate_context *context, const fate_job *job)
{
    struct psi_parameters parameters;
    return psi_parameters_read(context, &parameters, job);
}

/* With a stored set its owner sends the set and returns the other's ids; the holder sends its ids and the count. Those beside are the rest of the
 * ways in which it can be done, of which a job takes one. */
static bool sent_in_way(const struct psi_parameters *parameters, uint32_t message)
{
    const bool guest_stores = parameters->stored == PSI_STORED_GUEST, host_stores = parameters->stored == PSI_STORED_HOST;
    switch (message) {
    case MESSAGE_MASKED:
    case MESSAGE_COMMON: return !guest_stores;
    case MESSAGE_MASKED + 1:
    case MESSAGE_COMMON + 1: return !host_stores;
    case MESSAGE_RETURNED:
    case MESSAGE_RETURNED + 1:
    case MESSAGE_MATCHES: return parameters->stored == PSI_STORED_NONE;
    case MESSAGE_SAID + 1:
    case MESSAGE_OFFER:
    case MESSAGE_STORED:
    case MESSAGE_MASKED_TWICE:
    case MESSAGE_PAIRS: return guest_stores;
    case MESSAGE_SAID:
    case MESSAGE_OFFER + 1:
    case MESSAGE_STORED + 1:
    case MESSAGE_MASKED_TWICE + 1:
    case MESSAGE_PLACES: return host_stores;
    default: return true;
    }
}

int32_t psi_parameters_sends(const fate_job *job, uint32_t message)
{
    struct psi_parameters parameters;
    if (psi_parameters_read(job->context, &parameters, job) != FATE_OK) return 1;
    if (message == MESSAGE_MATCHES && parameters.learn == PSI_LEARN_COUNT) return 0;
    if ((message == MESSAGE_RESULT || message == MESSAGE_ROWS) && parameters.learn != PSI_LEARN_BOTH) return 0;
    return sent_in_way(&parameters, message);
}

static void write_limits(struct buffer *out, const struct psi_parameters *parameters)
{
    char ratio[NUMBER_TEXT];
    number_write(ratio, parameters->maximum_ratio);
    buffer_text(out, "Sets ");
    if (parameters->minimum_set > 0)
        buffer_format(out, "of fewer than %llu different ids, or ", (unsigned long long)parameters->minimum_set);
    buffer_format(out, "of which one is more than %s times as large as the other, are not compared; which ids are common is ", ratio);
    if (parameters->learn == PSI_LEARN_COUNT)
        buffer_text(out, "told to nobody");
    else if (parameters->minimum_intersection > 0)
        buffer_format(out, "told when there are at least %llu of them", (unsigned long long)parameters->minimum_intersection);
    else
        buffer_text(out, "told however few there are");
    buffer_text(out, ".");
}

static void write_stored(struct buffer *out, const struct psi_parameters *parameters)
{
    const char *owner = parameters->stored == PSI_STORED_GUEST ? "guest" : "host";
    const char *holder = parameters->stored == PSI_STORED_GUEST ? "host" : "guest";
    buffer_format(out, " The %s's ids are masked once and kept by the %s, for up to %llu alignments", owner, holder,
                  (unsigned long long)parameters->stored_queries);
    if (parameters->stored_days > 0) buffer_format(out, " and %llu days", (unsigned long long)parameters->stored_days);
    buffer_format(
        out,
        " under one key; the %s counts them. In that time the %s can link its alignments: it sees which places of the kept set were common "
        "in which of them, and, when its ids differ by one between two of them, whether that id is common, also where learn is \"guest\" "
        "and below minimum_intersection. The %s learns how many ids are common as the %s tells it, and cannot check that number.",
        owner, holder, owner, holder);
}

int32_t psi_parameters_outlook(fate_context *context, const fate_job *job, char **text)
{
    struct psi_parameters parameters;
    struct buffer out;
    uint64_t length;
    *text = NULL;
    int32_t result = psi_parameters_read(context, &parameters, job);
    if (result != FATE_OK) return result;
    buffer_init(&out, context);
    write_limits(&out, &parameters);
    if (parameters.learn == PSI_LEARN_COUNT && fate_job_party_count(job) > 2)
        buffer_text(&out, " Counts are of the guest with each host; how many ids are common to all is not found.");
    if (parameters.stored != PSI_STORED_NONE) write_stored(&out, &parameters);
    *text = (char *)buffer_take(&out, &length);
    buffer_free(&out);
    return *text == NULL ? context_out_of_memory(context) : FATE_OK;
}

int32_t psi_parameters_check_sizes(fate_context *context, const struct psi_parameters *parameters, uint64_t own, uint64_t theirs)
{
    uint64_t least = own < theirs ? own : theirs, most = own < theirs ? theirs : own;
    if (least < parameters->minimum_set)
        return context_fail(
            context, FATE_E_LIMIT,
            "a set of %llu different ids is smaller than parameters.minimum_set, %llu: no id was compared; the sets have %llu "
            "and %llu",
            (unsigned long long)least, (unsigned long long)parameters->minimum_set, (unsigned long long)own, (unsigned long long)theirs);
    /* An empty set counts as one of a single id. */
    if ((double)most > parameters->maximum_ratio * (double)(least == 0 ? 1 : least))
        return context_fail(context, FATE_E_LIMIT,
                            "sets of %llu and %llu different ids differ by more than parameters.maximum_ratio: no id was compared",
                            (unsigned long long)own, (unsigned long long)theirs);
    return FATE_OK;
}

int32_t psi_parameters_check_intersection(fate_context *context, const struct psi_parameters *parameters, uint64_t size)
{
    if (size >= parameters->minimum_intersection) return FATE_OK;
    return context_fail(context, FATE_E_LIMIT,
                        "%llu ids are common, fewer than parameters.minimum_intersection, %llu: which ones was told to nobody",
                        (unsigned long long)size, (unsigned long long)parameters->minimum_intersection);
}
